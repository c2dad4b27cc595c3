"""Elementwise ops on tensors: the theorems of a scalar op carried over to entries, for tensors of any rank and size.

The map of the op gives a derivative on each of its differentiable pieces.  The JVP takes that of the piece in which the
entry lies, and elsewhere what the spec claims, its convention.  It is certified where the entry lies in such a piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, reduce
from typing import Any

from ..kernel.conclusions import HasDeriv, Map
from ..kernel.terms import (
    ONE,
    ZERO,
    Literal,
    Term,
    add,
    closed,
    cond,
    equal,
    mul,
    neg,
    sub,
    substitute,
    tangent,
    unary,
    var,
)
from ..kernel.theorems import Theorem, held
from ..language.definitions import unfold
from ..language.from_sympy import surface
from ..language.indexed import COTANGENT
from ..pieces import partials
from .statement import Binder, Pullback, Statement

Rates = tuple[Term, ...]
"""The partial derivatives, one for each input."""


@dataclass(frozen=True)
class Smooth:
    """The differentiable pieces of a map in all inputs of an op, with the partial derivatives on each."""

    name: str
    inputs: tuple[str, ...]
    map: Map
    pieces: tuple[tuple[tuple[Literal, ...], Rates], ...]
    elsewhere: Rates

    def rates(self) -> Rates:
        """The partial derivatives at any point: those of the piece in which it lies."""
        every = [{rates[i] for _, rates in self.pieces} for i in range(len(self.inputs))]
        nested = [self.nested([rates[i] for _, rates in self.pieces], self.elsewhere[i]) for i in range(len(every))]
        return tuple(next(iter(same)) if len(same) == 1 else t for same, t in zip(every, nested, strict=True))

    def nested(self, values: Sequence[Term], otherwise: Term) -> Term:
        """The value that belongs to the piece in which a point lies."""
        for (literals, _), value in zip(reversed(self.pieces), reversed(values), strict=True):
            rest, otherwise = otherwise, value
            for h in reversed(literals):
                otherwise = cond(h.relation, h.term, otherwise, rest)
        return otherwise

    def conditions(self) -> tuple[Literal, ...]:
        """That a point lies in one of the pieces."""
        if len(self.pieces) == 1:
            return self.pieces[0][0]
        return (Literal(">", self.nested([ONE] * len(self.pieces), ZERO)),)


@dataclass(frozen=True, eq=False)
class Proof:
    """An elementwise op: what was declared, and its certificate."""

    spec: Any
    data: bytes


@cache
def of_catalogue(name: str) -> Proof:
    """An op of the catalogue; raises ``KeyError`` where there is none of that name."""
    from hasderiv.spec import OPS

    from ..catalogue import path_of

    return Proof(OPS[name], path_of(name).read_bytes())


def smooth(spec: Any, claims: Sequence[Theorem]) -> Smooth:
    """The differentiable pieces of an op, by the theorems of its certificate.

    Raises:
        LookupError: there is no map in all inputs together.
    """
    for th in claims:
        c = th.conclusion
        if type(c) is Map and c.vary == set(spec.inputs):
            pieces = [
                (literals, partials(v.derivative, spec.inputs)) for literals, v in c.pieces if type(v) is HasDeriv
            ]
            claimed = [surface(spec, ("derivative", x)) for x in spec.inputs]
            elsewhere = tuple(ZERO if t is None else unfold(t) for t in claimed)
            return Smooth(spec.name, spec.inputs, c, tuple(pieces), elsewhere)
    raise LookupError(f"{spec.name} has no map in all its inputs together")


def of_entries(found: Smooth, rank: int) -> Statement:
    """The statement about tensors of some rank; parameters are numbers, the same for all entries."""
    index: tuple[Binder, ...] = tuple((var(f"i{a}"), var(f"n{a}")) for a in range(1, rank + 1))
    ks = [k for k, _ in index]
    entries = {x: var(x, *ks) for x in found.inputs}
    rates = [substitute(p, entries) for p in found.rates()]
    given = [Literal(h.relation, substitute(h.term, entries)) for h in (*found.map.assume, *found.conditions())]
    of_one = [h for h in given if any(k.symbol in h.term.free for k in ks)]
    sizes = [h for _, n in index for h in (Literal(">=", sub(n, ONE)), equal(unary("floor", n), n))]
    return Statement(
        found.name,
        index,
        substitute(found.map.term, entries),
        *_rules(found.inputs, index, rates),
        (*sizes, *(h for h in given if h not in of_one)),
        tuple(of_one),
    )


def _rules(
    inputs: Sequence[str], index: tuple[Binder, ...], rates: Sequence[Term]
) -> tuple[Term, tuple[Pullback, ...]]:
    """The JVP and the VJP with these partial derivatives."""
    ks = [k for k, _ in index]
    jvp = reduce(add, [mul(p, tangent(x, *ks)) for p, x in zip(rates, inputs, strict=True)])
    g = var(COTANGENT, *ks)
    return jvp, tuple(Pullback(x, index, mul(p, g)) for p, x in zip(rates, inputs, strict=True))


def certify(op: Proof, rank: int) -> tuple[Statement, bytes]:
    """The statement of an op about tensors of some rank, and its certificate.

    Raises:
        LookupError: there is no map in all inputs together.
        Stuck, KernelError: the proof could not be carried over.
    """
    from ..prover.indexed.equations import Equations
    from ..prover.reading import read
    from ..prover.shrink import shrink

    recorder = Equations()
    claims = read(recorder, op.data)
    found = smooth(op.spec, claims)
    (map_,) = (th for th in claims if th.conclusion == found.map)
    claimed = of_entries(found, rank)
    theorems = [_Carrier(recorder, found, claimed, map_).derivative(), _adjoint(claimed, recorder)]
    return claimed, recorder.write(shrink(recorder, theorems), claimed.value)


def _adjoint(claimed: Statement, recorder: Any) -> Theorem:
    """The pairing, shown for any partial derivatives: families in their place."""
    from ..prover.indexed.context import Context
    from ..prover.indexed.equality import equal_terms

    ks = [k for k, _ in claimed.out]
    rates = [var(f"rate{i}", *ks) for i in range(len(claimed.vjps))]
    jvp, vjps = _rules([v.name for v in claimed.vjps], claimed.out, rates)
    left, right = replace(claimed, jvp=jvp, vjps=vjps).pairing
    th = equal_terms(left, right, Context(recorder), COTANGENT, "d")
    values = {p.symbol: closed(v.value.terms[0], ks) for p, v in zip(rates, claimed.vjps, strict=True)}
    made: Theorem = recorder.rule("instantiate", th, values)
    return made


class _Carrier:
    """The theorems on the pieces of a map, carried over to entries and joined into one."""

    def __init__(self, recorder: Any, found: Smooth, claimed: Statement, map_: Theorem) -> None:
        from ..prover.indexed.entries import Entries, halves

        self.R, self.found, self.claimed = recorder, found, claimed
        self.entries = Entries(recorder, found.inputs, [k for k, _ in claimed.out])
        verdicts = recorder.how(map_)[1][4]
        shown = [th for th in verdicts if th is not None and type(th.conclusion) is HasDeriv]
        self.halves = [halves(recorder, th) for th in shown]
        self.pieces = [tuple(map(self.entries.literal, literals)) for literals, _ in found.pieces]
        self.rates = [v.value.terms[0] for v in claimed.vjps]
        self.tangents = list(self.entries.tangents.values())

    def derivative(self) -> Theorem:
        """That the JVP is the derivative of an entry that lies in one of the pieces."""
        if len(self.pieces) == 1:
            local, defined = self.leaf(0, [[] for _ in self.rates], [])
        else:
            (inside,) = self.found.conditions()
            terms = [*self.rates, self.entries.literal(inside).term]
            local, defined = self.decided(0, list(self.pieces[0]), terms, [[] for _ in terms], [])
        th: Theorem = self.R.rule("has_deriv", local, defined)
        return th

    def decided(
        self, k: int, literals: list[Literal], terms: list[Term], steps: list[list[Theorem]], known: list[Theorem]
    ) -> tuple[Theorem, Theorem]:
        """From piece ``k`` on, of which ``literals`` are open: by cases.  The steps lead to what ``terms`` are now."""
        R = self.R
        if not literals:
            return self.leaf(k, steps[:-1], known)
        first, *rest = literals
        parts = []
        settled = [case for case in (first, first.negation) if any(held(th) == case for th in known)]
        for case in settled or (first, first.negation):
            fact, place = R.assume(case), 1 if case is first else 2
            moved = [t.terms[place] if self.varied(i) else t for i, t in enumerate(terms)]
            further = [
                [*old, R.taken(t, fact)] if self.varied(i) else old
                for i, (old, t) in enumerate(zip(steps, terms, strict=True))
            ]
            if place == 1:
                parts.append(self.decided(k, rest, moved, further, [*known, fact]))
            elif k + 1 < len(self.pieces):
                parts.append(self.decided(k + 1, list(self.pieces[k + 1]), moved, further, [*known, fact]))
            else:
                parts.append(self.nowhere(further[-1]))
        if settled:
            return parts[0]
        (a, c), (b, d) = parts
        return R.rule("cases", first, a, b), R.rule("cases", first, c, d)

    def varied(self, i: int) -> bool:
        """Whether rate number ``i`` differs between pieces; the last number is that of the condition."""
        return i == len(self.rates) or len({rates[i] for _, rates in self.found.pieces}) > 1

    def leaf(self, k: int, steps: list[list[Theorem]], known: list[Theorem]) -> tuple[Theorem, Theorem]:
        """On piece ``k``: the JVP is the derivative that its theorem states."""
        from ..prover.indexed.derivative import rate

        R, claimed = self.R, self.claimed
        local, defined = self.halves[k]
        th = self.entries.carried(local)
        old = rate(th)
        if old is not claimed.jvp:
            given = [(neg(dx), step) for dx, chain in zip(self.tangents, steps, strict=True) for step in chain]
            th = R.rule("rewrite", th, R.ring(old, claimed.jvp, *given))
        return th, self.entries.defined(defined, claimed.jvp, known)

    def nowhere(self, steps: list[Theorem]) -> tuple[Theorem, Theorem]:
        """In no piece: the condition fails."""
        inside = self.R.assume(self.entries.literal(self.found.conditions()[0]))
        clash = self.R.arith(Literal(">", ZERO), [(1, [inside], [])], [(neg(ONE), th) for th in steps])
        return clash, clash
