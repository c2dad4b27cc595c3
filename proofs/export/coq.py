"""An op as a Coq file: plain definitions, theorems in Coquelicot's words, and the certificate that proves them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..catalogue import orders_path, path_of
from ..kernel.conclusions import Map, Slope
from ..kernel.terms import Term
from .coq_certificate import Data, listed
from .statements import Export, Order, Silent, Statement
from .text import COQ, Printer

TAKEN: Final = frozenset(
    {
        "abs", "acos", "add", "asin", "atan", "cos", "cosh", "div", "exp", "inv", "log", "max",
        "maximum", "min", "mul", "pow", "scale", "sign", "sin", "sinh", "sqrt", "square", "sub", "sum", "tan", "tanh",
    }
)  # fmt: skip
"""Names that Coq's libraries give to something else: these ops are called ``NAME_op``."""


def function_name(op: str) -> str:
    """The name of the op's function in Coq."""
    return f"{op}_op" if op in TAKEN else op


def definition(export: Export) -> str:
    """``Definition softplus (x : R) : R := ln (1 + exp x).``"""
    head = f"Definition {function_name(export.name)} ({' '.join(export.symbols)} : R) : R"
    return f"{head} :=\n  {Printer(COQ).expression(export.term)}."


def _function(export: Export, variables: Sequence[str]) -> str:
    name = function_name(export.name)
    if tuple(variables) == export.symbols:
        return name
    return f"(fun {' '.join(variables)} => {name} {' '.join(export.symbols)})"


def conclusion(export: Export, s: Statement) -> str:
    """What a theorem says under its hypotheses."""
    function = _function(export, s.variables)
    match s.kind:
        case "derive":
            return f"is_derive {function} {s.variables[0]} {Printer(COQ).expression(_term(s.derivative[0]), True)}"
        case "no_derivative" | "steep":
            return f"~ ex_derive {function} {s.variables[0]}"
        case "joint":
            values = " ".join(Printer(COQ).expression(_term(d), True) for d in s.derivative)
            return f"differentiable_pt_lim {function} {' '.join(s.variables)} {values}"
        case "no_joint":
            return f"~ exists p q, differentiable_pt_lim {function} {' '.join(s.variables)} p q"
    name, (x,) = function_name(export.name), s.variables
    here = " ".join((name, *export.symbols))
    moved = " ".join((name, *(f"({v} + h)" if v == x else v for v in export.symbols)))
    quotient = f"(fun h => ({moved} - {here}) / h)"
    return f"filterlim {quotient} (at_{s.kind} 0) {_limit(s.derivative[0])}"


def _limit(slope: Slope) -> str:
    if isinstance(slope, str):
        return f"(Rbar_locally {'p' if slope == '+oo' else 'm'}_infty)"
    return f"(locally {Printer(COQ).expression(slope, True)})"


def _term(slope: Slope) -> Term:
    assert isinstance(slope, Term)
    return slope


def theorem(export: Export, s: Statement | Order, said: str, proof: str) -> str:
    """A theorem with its proof."""
    premises = "".join(f"{Printer(COQ).proposition(h)} ->\n  " for h in s.hyps)
    head = f"Theorem {s.name} ({' '.join(export.symbols)} : R) :\n  {premises}{said}."
    return f"{head}\nProof.\n  {proof}\nQed."


UNKNOWN: Final = {"derive": 2, "no_derivative": 4, "steep": 4, "left": 4, "right": 4, "joint": 2, "no_joint": 4}
"""What the lemma of each kind infers by itself."""

LEMMAS: Final = {
    "derive": "Exported.piece_derive",
    "no_derivative": "Exported.piece_no_derive",
    "steep": "Elementwise.piece_steep",
    "left": "Exported.piece_left",
    "right": "Exported.piece_right",
    "joint": "Exported.piece_differentiable",
    "no_joint": "Exported.piece_not_differentiable",
}


def proof(export: Export, s: Statement, data: Data) -> str:
    """``exact`` of the lemma of the library for this kind of statement, applied to the map that was checked."""
    numbers = " ".join(f"{data.symbol(v)}%positive" for v in s.variables)
    unknown = " ".join("_" * UNKNOWN[s.kind])
    return (
        f"exact ({LEMMAS[s.kind]} {numbers} _ _ _ {s.row} {unknown} Certificate.hyps_{s.name}\n"
        f"    {_values(export, data)} Certificate.map_{s.claim} eq_refl eq_refl)."
    )


def _values(export: Export, data: Data) -> str:
    return f"(Readable.symbols [{'; '.join(f'({data.symbol(v)}%positive, {v})' for v in export.symbols)}])"


def orders(export: Export) -> list[str]:
    """The derivatives of higher orders: their certificate, and the theorems."""
    if not export.orders:
        return []
    data = Data(orders_path(export.name).read_bytes(), export.symbols, [o.claim for o in export.orders])
    wanted, theorems = [], []
    for k, o in enumerate(export.orders):
        terms = f"{data.symbol(o.x)}%positive {o.order}%positive Orders.{data.term(export.term)}"
        said = f"is_derive_n {_function(export, [o.x])} {o.order} {o.x} {Printer(COQ).expression(o.derivative, True)}"
        proof = (
            f"exact (Elementwise.derive_n Orders.steps Orders.claims Orders.wanted {k} Orders.hyps_{o.name}\n"
            f"    {terms} Orders.{data.term(o.derivative)}\n"
            f"    {_values(export, data)} Orders.proved eq_refl)."
        )
        wanted.append(
            f"(hyps_{o.name}, ({data.symbol(o.x)}, {o.order}, {data.term(export.term)}, {data.term(o.derivative)}))"
        )
        theorems.append(theorem(export, o, said, proof))
    lines = [
        "Module Orders.",
        *IMPORTS,
        *[f"Definition hyps_{o.name} : list literal := {data.literals(o.hyps)}." for o in export.orders],
        f"Definition claims : list ref := {listed(data.claims)}.",
        f"Definition wanted : list Elementwise.order := {listed(wanted)}.",
        "Lemma proved : Elementwise.proves_orders steps claims wanted = true.",
        "Proof. vm_cast_no_check (eq_refl true). Qed.",
        "End Orders.",
    ]
    at = 1 + len(IMPORTS)
    return ["\n".join([*lines[:at], *data.terms, *data.steps_text(), *lines[at:]]), *theorems]


IMPORTS: Final = (
    "From Coq Require Import ZArith QArith.",
    "From Hasderiv Require Import Term Semantics RulesFact Check.",
    "Open Scope Z_scope. Open Scope Q_scope. Open Scope positive_scope.",
)
"""With what a certificate begins as data."""


def document(export: Export) -> str:
    """The Coq file of an op."""
    data = Data(path_of(export.name).read_bytes(), export.symbols, export.used)
    proofs = [theorem(export, s, conclusion(export, s), proof(export, s, data)) for s in export.statements]
    stated = dict(zip((s.name for s in export.statements), proofs, strict=True))
    parts = [_head(export), definition(export), _certificate(export, data)]
    parts += [stated[i.name] if isinstance(i, Statement) else _silence(i) for i in export.items]
    return "\n\n".join([*parts, *orders(export)]) + "\n"


def theorems(export: Export) -> list[str]:
    """The names of what is stated."""
    return [*(s.name for s in export.statements), *(o.name for o in export.orders)]


def _head(export: Export) -> str:
    count = len(theorems(export))
    return f"""(** {export.name}: its derivatives, {count} theorem{"s" if count != 1 else ""} in Coquelicot's words.

    Written by hasderiv export coq {export.name}.  The certificate below is checked by Coq itself, with the checker of
    hasderiv's Coq library, which is proved sound.  In hasderiv's source tree [make -C proofs/coq proofs] compiles
    that library; then [coqc -R proofs/coq Hasderiv FILE.v], with the path of that folder, compiles this file. *)

From Coq Require Import Reals List.
From Coquelicot Require Import Coquelicot.
From Hasderiv Require Check Readable Exported.
From Hasderiv.exports Require Elementwise.
Import ListNotations.
Open Scope R_scope."""


def _certificate(export: Export, data: Data) -> str:
    claims = export.used
    maps = [(k, c) for k in claims if type(c := export.claims[k].conclusion) is Map]
    stated = [f"Definition proved_{k} : theorem := {{| hyps := []; concl := {data.map(c)} |}}." for k, c in maps]
    stated += [f"Definition hyps_{s.name} : list literal := {data.literals(s.hyps)}." for s in export.statements]
    theorems = listed(f"proved_{k}" for k in claims)
    lines = [
        "Module Certificate.",
        *IMPORTS,
        *data.terms,
        *data.steps_text(),
        *stated,
        f"Lemma checked : check steps {listed(data.claims)} = Accepted {theorems}.",
        f"Proof. vm_cast_no_check (eq_refl (Accepted {theorems})). Qed.",
    ]
    for at, k in enumerate(claims):
        lines.append(f"Lemma map_{k} : valid proved_{k}.")
        lines.append(f"Proof. refine (check_sound _ _ _ checked _ _); cbn; {'right; ' * at}left; reflexivity. Qed.")
    return "\n".join([*lines, "End Certificate."])


def _silence(item: Silent) -> str:
    where = " /\\ ".join(Printer(COQ).proposition(c) for c in item.conditions) or "everywhere"
    return f"(* In {', '.join(item.variables)}, where {where}: {item.why}; nothing is stated. *)"
