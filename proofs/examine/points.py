"""Points at which a map is examined: at random, on its seams, and next to them.

A coordinate is ``a + b pi`` with binary fractions ``a`` and ``b``, so that seams such as ``x = hi`` and ``cos(x) = 0``
are hit exactly, in the exact arithmetic that decides the piece and in the binary arithmetic of the references.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from ..kernel import terms as T
from ..kernel.terms import Literal
from ..numeric import exact as ex
from ..numeric.evaluate import Field, Unsure, holds, relation_holds
from ..pieces import DerivativeMap, Piece, affine, tidy

PLAIN = tuple(Fraction(n, 2) for n in (0, 0, 0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 12, -12, 20, -20))
TINY = tuple(s * Fraction(1, 2**k) for k in (10, 40, 90) for s in (1, -1))
LARGE = tuple(Fraction(s * n) for n in (40, 200) for s in (1, -1))
CIRCULAR = frozenset({"sin", "cos"})
PATIENCE = 150


class Coordinate(NamedTuple):
    """``rational + times_pi * pi``."""

    rational: Fraction
    times_pi: Fraction = Fraction(0)

    def exact(self) -> ex.Exact:
        """The number for exact arithmetic."""
        return ex.add(ex.of(self.rational), {k: c * self.times_pi for k, c in ex.PI.items() if self.times_pi})

    def number(self, mp: Any) -> Any:
        """The number for mpmath at its working precision."""
        value = mp.mpf(self.rational.numerator) / self.rational.denominator
        return value + mp.pi * self.times_pi.numerator / self.times_pi.denominator if self.times_pi else value

    def plus(self, other: Coordinate) -> Coordinate:
        """The sum."""
        return Coordinate(self.rational + other.rational, self.times_pi + other.times_pi)

    def __str__(self) -> str:
        parts = [] if self.times_pi and not self.rational else [_short(self.rational)]
        return " + ".join([*parts, f"{self.times_pi}*pi"] if self.times_pi else parts)


Point = Mapping[str, Coordinate]


def _short(value: Fraction) -> str:
    text = str(value)
    return text if len(text) <= 24 else f"{float(value)!r}"


def draw(found: DerivativeMap, rng: random.Random) -> Iterator[Point]:
    """Points without end: each symbol from a mixture, then one of them moved onto a seam or next to one."""
    literals = tuple({*found.assume, *(c for piece in found.pieces for c in piece.conditions)})
    symbols = sorted(found.term.free.union(*(c.term.free for c in literals)))
    circular = any(t.op in CIRCULAR for t in T.postorder(found.term))
    while True:
        point: dict[str, Coordinate] = {}
        for symbol in symbols:
            point[symbol] = _coordinate(rng, point, circular)
        if literals and rng.random() < 0.6:
            _move_to_seam(rng, point, rng.choice(literals))
        yield point


def _coordinate(rng: random.Random, before: Point, circular: bool) -> Coordinate:
    kind = rng.random()
    if kind < 0.4:
        return Coordinate(rng.choice(PLAIN))
    if kind < 0.75:
        return Coordinate(Fraction(rng.randint(-(2**32), 2**32), 2**30))
    if kind < 0.8 and before:
        return rng.choice(list(before.values()))
    if kind < 0.85 and circular:
        return Coordinate(rng.choice([Fraction(0), *TINY]), Fraction(rng.randint(-7, 7), 2))
    return Coordinate(rng.choice(TINY if kind < 0.95 else LARGE))


def _move_to_seam(rng: random.Random, point: dict[str, Coordinate], literal: Literal) -> None:
    """Solve the literal's equation for one of its symbols, where the symbol stands in it linearly."""
    names = sorted(literal.term.free)
    name = rng.choice(names)
    others = {n: T.rat(point[n].rational) for n in names if n != name and not point[n].times_pi}
    form = affine(tidy(T.substitute(literal.term, others)), name)
    if form is None or form[0] == 0 or form[1].op != "rat":
        return
    root = -Fraction(str(form[1].args[0])) / form[0]
    if root.denominator & (root.denominator - 1) == 0:  # a binary fraction, as all coordinates are
        point[name] = Coordinate(root + rng.choice([Fraction(0), Fraction(0), *TINY]))


def by_piece(found: DerivativeMap, count: int, seed: int) -> dict[int, list[Point]]:
    """Points of each piece of the map, by the piece's index: those far out that lie in it, and ``count`` others.

    A piece may be a single point, so the search ends when :data:`PATIENCE` draws brought nothing new; a piece without
    any point is searched for longer.
    """
    rng = random.Random(f"{seed} {found.name} {found.variables}")
    points: dict[int, list[Point]] = {k: [] for k in range(len(found.pieces))}
    drawn, seen = draw(found, rng), set[tuple[Coordinate, ...]]()
    for symbol in sorted(found.term.free):
        for far in LARGE[:2]:
            point: Point = {**next(drawn), symbol: Coordinate(far)}
            for k in pieces_at(found, point):
                points[k].append(point)
    enough = {k: len(p) + count for k, p in points.items()}
    fruitless = 0
    while any(len(points[k]) < wanted for k, wanted in enough.items()):
        if fruitless >= PATIENCE * (1 if all(points.values()) else 50):
            break
        fruitless += 1
        point = next(drawn)
        key = tuple(point.values())
        if key in seen:
            continue
        seen.add(key)
        for k in pieces_at(found, point):
            if len(points[k]) < enough[k]:
                points[k].append(point)
                fruitless = 0
    return points


def pieces_at(found: DerivativeMap, point: Point) -> list[int]:
    """The pieces whose conditions hold at the point: one, if the map is right; none where the assumptions fail.

    None also where the digits do not decide.
    """
    known: dict[T.Term, Fraction | None] = {}
    try:
        if not all(_holds(a, point, known) for a in found.assume):
            return []
        return [k for k, piece in enumerate(found.pieces) if all(_holds(c, point, known) for c in piece.conditions)]
    except Unsure:
        return []


def satisfied(literals: Sequence[Literal], point: Point) -> bool:
    """Whether all the literals hold at the point."""
    return all(_holds(literal, point, {}) for literal in literals)


def _holds(literal: Literal, point: Point, known: dict[T.Term, Fraction | None]) -> bool:
    """In the kernel's total semantics, in which conditions are proved; by fractions where they suffice."""
    value = _rational(literal.term, point, known)
    if value is not None:
        return relation_holds(literal.relation, (value > 0) - (value < 0))
    field = Field(60)
    return holds(field, literal, {n: field.exactly(c.exact()) for n, c in point.items()}, total=True)


def _rational(term: T.Term, point: Point, known: dict[T.Term, Fraction | None]) -> Fraction | None:
    """The exact value of a term of rational operations at a rational point; ``None`` where there is anything else."""
    for t in T.postorder(term):
        if t not in known:
            known[t] = _one_rational(t, [known[a] for a in t.terms], point)
    return known[term]


def _one_rational(t: T.Term, below: list[Fraction | None], point: Point) -> Fraction | None:
    if t.op == "rat":
        return Fraction(str(t.args[0]))
    if t.op == "var":
        coordinate = point[str(t.args[0])]
        return None if coordinate.times_pi else coordinate.rational
    values = [v for v in below if v is not None]
    if len(values) < len(below) or not values:
        return None
    a = values[0]
    if t.op == "add":
        return a + values[1]
    if t.op == "mul":
        return a * values[1]
    if t.op == "pow":
        return a ** int(str(t.args[1]))
    if t.op == "inv":
        return 1 / a if a else a
    return Fraction(a.__floor__()) if t.op == "floor" else None


def satisfying(literals: Sequence[Literal], found: DerivativeMap, count: int, seed: int) -> list[Point]:
    """Points at which all the literals hold."""
    only = DerivativeMap(found.name, found.variables, found.term, (), (Piece(tuple(literals), "differentiable"),))
    return by_piece(only, count, seed)[0]
