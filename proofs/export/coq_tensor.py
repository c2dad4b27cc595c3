"""A tensor op as a Coq file: plain definitions for all sizes, and theorems about curves, adjoints and ties."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from textwrap import wrap
from typing import Final

from ..kernel.terms import Literal, Term, opened, postorder, var
from ..language.indexed import COTANGENT
from ..tensor.statement import Binder
from .coq import function_name
from .coq_certificate import Data, listed
from .tensor import Corner, TensorExport, bound_names, is_integer
from .tensor_text import Abbreviation, Kinds, TensorPrinter, identifier, plain

TIMES: Final = ("t", "s", "u", "v", "time", "moment")
"""Names for the parameter of a curve: the first two that mean nothing else."""
WIDTH: Final = 112


class TensorDocument:
    """The Coq file of one op.  ``definitions`` come as they are needed, each after those that it uses."""

    def __init__(self, export: TensorExport) -> None:
        self.export, self.claimed, spec = export, export.claimed, export.spec
        self.indices = tuple(k.symbol for k, _ in self.claimed.out)
        self.inputs = [f"{name}/{len(axes)}" for name, axes in spec.inputs.items()]
        self.given = [f"{x}/{r}" for x, r in export.families.items() if f"{x}/{r}" not in self.inputs]
        self.tangents = [f"d {s}" for s in self.inputs]
        self.cotangent = f"{COTANGENT}/{len(self.indices)}"
        families = [*self.inputs, *self.given, *self.tangents, self.cotangent]
        self.symbols = [*export.integers, *spec.params, *families]
        self.data = Data(export.certificate, self.symbols, export.claims, [export.corner.step] if export.corner else [])
        names = {plain(s) for s in self.symbols} | {*self.indices}
        self.time, self.moment = [name for name in TIMES if name not in names][:2]
        self.definitions: dict[str, str] = {}

    # ---- definitions

    def _definition_of(self, name: str, params: tuple[str, ...], body: Term, formula: str) -> Abbreviation:
        name = function_name(self.export.name) if not name else f"{self.export.name}_{name.rstrip('_')}"
        return Abbreviation(name, tuple(s for s in self.symbols if s in body.free), params, body, formula)

    @cached_property
    def value(self) -> Abbreviation:
        """The result."""
        known = self.export.abbreviations().values()
        formula = next((text for _, body, text in known if body is self.claimed.value), self.export.spec.value)
        return self._definition_of("", self.indices, self.claimed.value, formula)

    @cached_property
    def jvp(self) -> Abbreviation:
        """The JVP."""
        return self._definition_of("jvp", self.indices, self.claimed.jvp, self.export.spec.jvp)

    @cached_property
    def vjps(self) -> list[Abbreviation]:
        """The VJP, by the inputs."""
        pulls, texts = self.claimed.vjps, self.export.spec.vjp.values()
        return [
            self._definition_of(f"vjp_{v.name}", tuple(k.symbol for k, _ in v.index), v.value, text)
            for v, text in zip(pulls, texts, strict=True)
        ]

    @cached_property
    def known(self) -> list[Abbreviation]:
        """The result and the abbreviations of the spec, those that use others first.

        An integer without a case distinction is not worth a name.
        """
        made = []
        for name, (params, body, formula) in self.export.abbreviations().items():
            simple = self.kinds(params).integral(body) and not any(t.op == "cond" for t in postorder(body))
            if body is self.value.body and params == self.indices:
                made.append(self.value)
            elif not simple:
                made.append(self._definition_of(name, params, body, formula))
        return [*([] if self.value in made else [self.value]), *reversed(made)]

    def kinds(self, indices: Iterable[str] = ()) -> Kinds:
        """What is of integers: indices are."""
        return Kinds(frozenset([*self.export.integers, *indices]), self.export.tables)

    def printer(
        self, indices: Iterable[str] = (), names: Iterable[str] = (), heads: Mapping[str, str] | None = None
    ) -> TensorPrinter:
        """A printer that uses the abbreviations."""
        taken = frozenset([*map(identifier, indices), *map(plain, self.symbols)])
        return TensorPrinter(self.kinds(indices), self.known, self._define, heads or {}, iter(names), taken)

    def _define(self, a: Abbreviation) -> None:
        if a.name in self.definitions:
            return
        printer = self.printer(a.params, bound_names(a.formula))
        if a in self.known:  # not by itself
            printer.abbreviations = self.known[self.known.index(a) + 1 :]
        whole = self.kinds(a.params).integral(a.body)
        body = f"({printer.integer(a.body)[0]})%Z" if whole else printer.expression(a.body)
        arguments = [*self.binders(a.symbols), *([_indices(a.params)] if a.params else [])]
        head = f"Definition {a.name} {' '.join(arguments)} : {'Z' if whole else 'R'} :="
        self.definitions[a.name] = f"{_wrapped(head)}\n  {_wrapped(body)}."

    def binders(self, symbols: Sequence[str], curves: bool = False) -> list[str]:
        """``(n : Z) (x : Z -> Z -> R)``, the inputs as curves if asked for."""
        groups: list[tuple[str, list[str]]] = []
        for s in symbols:
            path = "R -> " if curves and s in self.inputs else ""
            integer = s in self.export.integers or s in self.export.tables
            kind = f"{path}{'Z -> ' * int(s.partition('/')[2] or 0)}{'Z' if integer else 'R'}"
            if not groups or groups[-1][0] != kind:
                groups.append((kind, []))
            groups[-1][1].append(plain(s))
        return [_whole(f"({' '.join(names)} : {kind})") for kind, names in groups]

    # ---- hypotheses

    def premises(self, conditions: Sequence[Literal], heads: Mapping[str, str]) -> list[str]:
        """Of an entry: the sizes, its indices, the conditions."""
        printer = self.printer(self.indices, heads=heads)
        ranges = [f"(0 <= {identifier(k.symbol)} < {printer.integer(n)[0]})%Z" for k, n in self.claimed.out]
        return [*self._sizes(printer), *ranges, *map(printer.proposition, conditions)]

    def _sizes(self, printer: TensorPrinter) -> list[str]:
        return [printer.proposition(h) for h in self.claimed.hypotheses if not is_integer(h)]

    def _given(self, conditions: Sequence[Literal] | None) -> str:
        """The same as data; without conditions of the sizes alone."""
        out = [f"Reading.Literal {self.data.literal(h)}" for h in self.claimed.hypotheses if not is_integer(h)]
        if conditions is not None:
            out += [f"Reading.InRange {self.data.term(k)} {self.data.term(n)}" for k, n in self.claimed.out]
            out += [f"Reading.Literal {self.data.literal(h)}" for h in conditions]
        return listed(out)

    # ---- theorems

    def derive(self) -> str:
        """That an entry has the JVP as its derivative along every curve."""
        here, there = ({s: f"{plain(s)} {when}" for s in self.inputs} for when in (self.time, self.moment))
        moves = []
        for s in self.inputs:
            at = " ".join(f"i{k}" for k in range(1, _rank(s) + 1))
            entry = f"is_derive (fun {self.moment} => {plain(s)} {self.moment} {at}) {self.time} (d{plain(s)} {at})"
            moves.append(f"(forall {at} : Z, {entry})")
        left, right = self.entry(self.value, there), self.entry(self.jvp, here)
        conclusion = f"is_derive (fun {self.moment} => {left}) {self.time} ({right})"
        curves = listed(_whole(f"Curves.Build_curve {self._named(s)} d{plain(s)}") for s in self.inputs)
        symbols = self.binders(self._without(self.cotangent), curves=True)
        arguments = [*symbols, f"({self.time} : R)", _indices(self.indices)]
        premises = [*self.premises(self.claimed.conditions, here), *moves]
        proof = f"derive value_has_jvp {self.setting(self.given, (), self.indices)} {curves} {self.time}"
        return self.theorem("derive", arguments, premises, conclusion, proof)

    def line(self) -> str:
        """The same along the line from one point in one direction."""
        moved = {}
        for s in self.inputs:
            at = " ".join(f"i{k}" for k in range(1, _rank(s) + 1))
            moved[s] = f"fun {at} => {plain(s)} {at} + {self.moment} * d{plain(s)} {at}"
        left, right = self.entry(self.value, moved), self.entry(self.jvp, {})
        lines = listed(_whole(f"Curves.Build_straight {self._named(s)} d{plain(s)}") for s in self.inputs)
        arguments = [*self.binders(self._without(self.cotangent)), _indices(self.indices)]
        conclusion = f"is_derive (fun {self.moment} => {left}) 0 ({right})"
        proof = f"derive_line value_has_jvp {self.setting(self.given, (), self.indices)} {lines}"
        return self.theorem("line", arguments, self.premises(self.claimed.conditions, {}), conclusion, proof)

    def adjoint(self) -> str:
        """That the VJP is the adjoint of the JVP."""
        cotangent = " ".join([plain(self.cotangent), *map(identifier, self.indices)])
        left = self.summed(self.claimed.out, f"{cotangent} * {self.entry(self.jvp, {})}")
        right = "\n    + ".join(
            self.summed(v.index, f"{self.entry(a, {})} * d{identifier(v.name)} {' '.join(map(identifier, a.params))}")
            for v, a in zip(self.claimed.vjps, self.vjps, strict=True)
        )
        setting = self.setting([*self.inputs, *self.given, self.cotangent], self.tangents, ())
        sizes, symbols = self._sizes(self.printer()), self.binders(self.symbols)
        return self.theorem("adjoint", symbols, sizes, f"{left}\n  = {right}", f"equal adjoint {setting}")

    def corner(self, corner: Corner) -> str:
        """That there is no derivative at a tie, along the line on which the winner moves alone."""
        at = [f"j{k}" for k in range(1, _rank(corner.symbol) + 1)]
        step = self.printer((*self.indices, *at)).expression(
            opened(corner.direction, [var(k) for k in at], iter(range(1000))), operand=True
        )
        moved = f"fun {' '.join(at)} => {plain(corner.symbol)} {' '.join(at)} + {step} * h"
        symbols = [s for s in self.symbols if s not in (*self.tangents, self.cotangent)]
        return self.theorem(
            "corner",
            [*self.binders(symbols), _indices(self.indices)],
            self.premises(self.claimed.tie, {}),
            f"~ ex_derive (fun h => {self.entry(self.value, {corner.symbol: moved})}) 0",
            f"corner tie {self.setting([*self.inputs, *self.given], (), self.indices)}",
        )

    def entry(self, a: Abbreviation, heads: Mapping[str, str]) -> str:
        """``softmax n x r i``: the entry at the indices that are its parameters."""
        return self.printer(a.params, heads=heads).call(a, list(map(identifier, a.params)))

    def summed(self, index: Sequence[Binder], body: str) -> str:
        """The sum over indices."""
        for k, n in reversed(index):
            body = f"sum {self.printer().index(n)} (fun {identifier(k.symbol)} => {body})"
        return body

    def theorem(self, what: str, arguments: Sequence[str], premises: Sequence[str], conclusion: str, proof: str) -> str:
        """A theorem, and its proof: a theorem of ``Tensors.v`` about the certificate, the settings and the curves."""
        head = _wrapped(f"Theorem {self.export.name}_{what} {' '.join(arguments)} :")
        lemma, claim, *rest = proof.split(" ", 2)
        exact = f"exact (Tensors.{lemma} Certificate.{claim} {' '.join(rest)} eq_refl)."
        lines = [head, *(f"  {_wrapped(premise)} ->" for premise in premises)]
        lines += ["\n".join(_wrapped(line) for line in f"  {conclusion}.".splitlines())]
        return "\n".join([*lines, "Proof.", f"  {_wrapped(exact)}", "Qed."])

    def _without(self, symbol: str) -> list[str]:
        return [s for s in self.symbols if s != symbol and s not in self.tangents] + self.tangents

    # ---- settings

    def setting(self, families: Sequence[str], tangents: Sequence[str], indices: Sequence[str]) -> str:
        """The values of all symbols, by their numbers."""
        integers = [*self.export.integers, *indices]
        parts = [
            listed(f"({self._number(s)},\0{identifier(s)})" for s in integers),
            listed(f"({self._number(s)},\0{identifier(s)})" for s in self.export.spec.params),
            listed(_whole(f"Reading.Build_family Z {self._named(s)}") for s in self.given if s in self.export.tables),
            listed(_whole(f"Reading.Build_family R {self._named(s)}") for s in families if s not in self.export.tables),
            listed(_whole(f"Reading.Build_family R {self._named(s)}") for s in tangents),
        ]
        return f"(Reading.Build_setting {' '.join(parts)})"

    def _number(self, s: str) -> str:
        return f"{self.data.symbol(s)}%positive"

    def _named(self, s: str) -> str:
        """A family by its number, its rank and its function; a tangent has the number of what moves."""
        return f"{self._number(s.removeprefix('d '))} {_rank(s)} {plain(s)}"

    # ---- the certificate

    def certificate(self) -> str:
        """The certificate as data, what it has to prove, and that it does."""
        data, claimed = self.data, self.claimed
        integers = [data.symbol(s) for s in (*self.export.integers, *self.indices)]
        tables = map(data.symbol, sorted(self.export.tables))
        vary = listed(map(data.symbol, sorted(claimed.vary)))
        left, right = map(data.term, claimed.pairing)
        wanted = {
            "value_has_jvp": (
                self._given(claimed.conditions),
                f"Tensors.Derivative {vary} {data.term(claimed.value)} {data.term(claimed.jvp)}",
            ),
            "adjoint": (self._given(None), f"Tensors.Equal {left} {right}"),
        }
        if corner := self.export.corner:
            moved = f"Tensors.Corner {data.symbol('h')} {data.term(corner.moved)}"
            wanted["tie"] = self._given(claimed.tie), moved
        lines = [
            *data.terms,
            *data.steps_text(),
            f"Definition kinds := Reading.Build_kinds {listed(integers)} {listed(tables)}.",
        ]
        for name, (given, said) in wanted.items():
            lines.append(f"Definition {name}_says := {said}.")
            lines.append(f"Definition {name}_given : list Reading.given := {given}.")
        pairs = listed(f"({name}_given, {name}_says)" for name in wanted)
        lines += [
            f"Lemma proved : Tensors.proves kinds steps {listed(data.claims)} {pairs} = true.",
            "Proof. vm_cast_no_check (eq_refl true). Qed.",
        ]
        for k, name in enumerate(wanted):
            lines.append(f"Definition {name} := Tensors.claimed _ _ _ _ {k} _ _ proved eq_refl.")
        return "\n".join([MODULE, *lines, "End Certificate."])

    def text(self) -> str:
        """The whole file."""
        corner = self.export.corner
        proofs = [self.derive(), self.line(), self.adjoint(), *([self.corner(corner)] if corner else [])]
        parts = [HEAD.format(self.export.name), *self.definitions.values(), self.certificate(), *proofs]
        return "\n\n".join(parts) + "\n"


HEAD: Final = """(** {0}: for all sizes its derivative along every curve of its inputs, and the adjoint of that.

    Sizes and indices are integers, tensors functions of all integers (0 beyond their sizes, say); [sum n f] is
    [f 0 + ... + f (n - 1)] and [maximum n f] the largest of these, from Hasderiv.exports.Finite.  The certificate below
    is checked by Coq itself, with the checker of hasderiv's Coq library, which is proved sound.  In hasderiv's source
    tree [make -C proofs/coq proofs] compiles that library; then [coqc -R proofs/coq Hasderiv FILE.v], with the path of
    that folder, compiles this file.  Written by hasderiv export coq {0}. *)

From Coq Require Import Reals ZArith List Bool.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Check.
From Hasderiv.exports Require Reading Curves Tensors.
From Hasderiv.exports Require Import Finite.
Import ListNotations.
Open Scope bool_scope.
Open Scope R_scope."""

MODULE: Final = """Module Certificate.
From Coq Require Import ZArith QArith.
From Hasderiv Require Import Term Semantics RulesFact RulesSums Check.
Open Scope Z_scope. Open Scope Q_scope. Open Scope positive_scope."""


def _rank(symbol: str) -> int:
    return int(symbol.partition("/")[2])


def _indices(names: Sequence[str]) -> str:
    return _whole(f"({' '.join(map(identifier, names))} : Z)")


def _whole(text: str) -> str:
    """The text, not to be broken into lines."""
    return text.replace(" ", "\0")


def _wrapped(text: str) -> str:
    """The text in lines of limited width; what goes on is indented."""
    text = re.sub(r"\([^()]*\)%Z", lambda found: _whole(found[0]), text)
    indent = re.match(r" *", text)
    assert indent is not None
    lines = wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False, subsequent_indent=indent[0] + "    ")
    return "\n".join(lines).replace("\0", " ")


def document(export: TensorExport) -> str:
    """The Coq file of a tensor op."""
    return TensorDocument(export).text()
