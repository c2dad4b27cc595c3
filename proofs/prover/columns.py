"""What may enter a combination that proves a sign: products of facts, squares, multiples of equations."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, combinations_with_replacement
from typing import NamedTuple

from ..kernel.algebra import Monomial, Polynomial, accumulate
from ..kernel.terms import Term
from ..kernel.theorems import Theorem
from .polynomial import UNIT, atoms, divide_monomial, times
from .recorder import digest


class Column(NamedTuple):
    """A product that is known to be nonnegative, or (``equation``) a polynomial that is known to be 0."""

    value: Polynomial
    factors: tuple[Theorem, ...] = ()
    squares: tuple[Polynomial, ...] = ()
    strict: bool = False
    equation: Theorem | None = None
    cofactor: Monomial = UNIT


class Fact(NamedTuple):
    """A theorem about a literal, with the polynomial of its term."""

    value: Polynomial
    relation: str
    theorem: Theorem


def relevant(p: Polynomial, facts: Sequence[Fact], equations: Sequence[Fact]) -> list[Fact]:
    """Facts whose atoms are linked to those of ``p``, the shortest first and not too many."""
    pool, grown = set(atoms(p)), True
    while grown:
        size = len(pool)
        for f in (*facts, *equations):
            if not pool.isdisjoint(atoms(f.value)):
                pool |= set(atoms(f.value))
        grown = len(pool) > size
    near = [f for f in facts if not pool or not pool.isdisjoint(atoms(f.value))]
    seen: dict[tuple[object, ...], Fact] = {}
    for f in sorted(near, key=lambda f: (len(f.value), degree_of(f.value), f.relation != ">")):
        seen.setdefault((f.relation == "!=", frozenset(f.value.items())), f)
    return list(seen.values())[:24]


def degree_of(p: Polynomial) -> int:
    return max((sum(k for _, k in m) for m in p), default=0)


def products(facts: Sequence[Fact], degree: int) -> list[Column]:
    """1, and the products of up to ``degree`` facts; a fact ``!= 0`` enters squared, alone."""
    columns = [Column({UNIT: 1}, strict=True)]
    signed = [f for f in facts if f.relation != "!="]
    for count in range(1, degree + 1):
        for chosen in combinations_with_replacement(signed, count):
            value: Polynomial = {UNIT: 1}
            for f in chosen:
                value = times(value, f.value)
            strict = all(f.relation == ">" for f in chosen)
            columns.append(Column(value, tuple(f.theorem for f in chosen), strict=strict))
    for f in facts:
        if f.relation == "!=":
            columns.append(Column(times(f.value, f.value), (f.theorem,), strict=True))
    return columns


def square_of(root: Polynomial, fact: Fact | None = None) -> Column:
    value = times(root, root)
    if fact is None:
        return Column(value, (), (root,))
    return Column(times(value, fact.value), (fact.theorem,), (root,))


def roots_for(p: Polynomial, alone: bool) -> list[Monomial]:
    """Monomials whose squares may occur in a sum of squares that is ``p``, or in one that facts help to ``p``."""
    degrees = [sum(k for _, k in m) for m in p]
    top, low = max(degrees, default=0), min(degrees, default=0)
    top, low = (top // 2, (low + 1) // 2) if alone else ((top + 1) // 2, 0)
    names = atoms(p)
    found: list[Monomial] = []
    for degree in range(low, top + 1):
        for chosen in combinations_with_replacement(names, degree):
            powers = {a: chosen.count(a) for a in chosen}
            if all(k <= (max(dict(m).get(a, 0) for m in p) + 1) // 2 for a, k in powers.items()):
                found.append(tuple(sorted(powers.items(), key=lambda f: f[0].serial)))
        if len(found) > 16:
            break
    return found[:16]


def likely_squares(roots: Sequence[Monomial], facts: Sequence[Fact]) -> list[Column]:
    """Squares of monomials, of sums and differences of two, and these times a fact."""
    single: list[Polynomial] = [{m: 1} for m in roots if m]
    double: list[Polynomial] = [{a: 1, b: c} for a, b in combinations(roots, 2) for c in (1, -1)]
    linear = [f for f in facts if f.relation != "!="][:4]
    return [square_of(s) for s in single + double[:40]] + [
        square_of(s, f) for f in linear for s in single[:4] + double[:12]
    ]


def completed_squares(p: Polynomial) -> list[Polynomial]:
    """``2 A v + B`` for the atoms ``v`` in which ``p`` is a quadratic ``A v^2 + B v + C``.

    Of a polynomial in one atom, also the square root of its leading half.
    """
    found: list[Polynomial] = []
    for v in atoms(p):
        degree = max(dict(m).get(v, 0) for m in p)
        if degree == 2:
            root: Polynomial = {}
            for m, c in p.items():
                step = divide_monomial(m, ((v, 1),))
                if step is not None:
                    accumulate(root, {step: 1}, dict(m)[v] * c)
            if len(root) > 1:
                found.append(root)
        elif degree % 2 == 0 and len(atoms(p)) == 1:
            found.append(_leading_root(p, v, degree))
    return found


def _leading_root(p: Polynomial, v: Term, degree: int) -> Polynomial:
    """The monic ``q`` for which ``p - c q^2`` has less than half the degree of ``p``, ``c`` its leading coefficient."""

    def at(k: int) -> Monomial:
        return ((v, k),) if k else UNIT

    half, lead = degree // 2, Fraction(p[at(degree)])
    q: Polynomial = {at(half): 1}
    for k in range(half - 1, -1, -1):
        accumulate(q, {at(k): 1}, (Fraction(p.get(at(half + k), 0)) / lead - times(q, q).get(at(half + k), 0)) / 2)
    return q


def multiples(equations: Sequence[Fact], values: Sequence[Polynomial], degree: int) -> list[Column]:
    """Equations times the monomials that let them cancel a monomial of ``values``."""
    targets = {m for value in values for m in value}
    found: dict[tuple[Theorem, Monomial], Column] = {}
    for _ in range(degree):
        fresh: set[Monomial] = set()
        for f in equations:
            steps = {s for m in targets for part in f.value if part and (s := divide_monomial(m, part)) is not None}
            for step in sorted(steps, key=lambda m: (sum(k for _, k in m), sorted((digest(a), k) for a, k in m))):
                if (f.theorem, step) not in found and len(found) < 80:
                    value = times(f.value, {step: 1})
                    found[f.theorem, step] = Column(value, equation=f.theorem, cofactor=step)
                    fresh |= value.keys() - targets
        targets |= fresh
    return list(found.values())
