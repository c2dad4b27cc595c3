"""One op under examination: every piece of every map, and every higher derivative, at points of its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

from mpmath import mp

from .. import catalogue
from ..kernel.conclusions import Map, NthDerivative
from ..kernel.terms import Literal, Term
from ..kernel.theorems import Theorem
from ..language.definitions import unfold
from ..language.from_sympy import surface
from ..numeric.evaluate import Field, Undefined, Unsure, evaluate
from ..pieces import DerivativeMap, Piece, from_theorem
from . import quotients
from .points import Coordinate, Point, by_piece, pieces_at, satisfied, satisfying
from .references import REFERENCES, Reference

EXACT = 150  # decimal digits at which the stated terms are evaluated: next to seams most of them cancel


@dataclass(frozen=True)
class Finding:
    """A point at which the statement and the reference differ."""

    what: str
    where: str
    point: str
    message: str

    def __str__(self) -> str:
        return f"{self.what} where {self.where}, at {self.point}: {self.message}"


@dataclass
class Examined:
    """What came of one op: how much was compared, the fewest digits that agreed, and where it differs.

    Of an op over axes a point is an entry of the result at some input.  ``left_out`` counts the pieces that nothing was
    proved about, and those at the border of the assumptions.
    """

    op: str
    maps: int = 0
    pieces: int = 0
    points: int = 0
    digits: int | None = None
    left_out: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether something was compared and nothing differs."""
        return self.points > 0 and not self.findings

    def json(self) -> dict[str, Any]:
        """For ``--format json``."""
        return {
            "op": self.op,
            "verdict": "agrees" if self.good else "differs",
            "maps": self.maps,
            "pieces": self.pieces,
            "points": self.points,
            "digits": self.digits,
            "left_out": self.left_out,
            "findings": [vars(f) for f in self.findings],
        }


def examine(name: str, points: int = 6, seed: int = 0, reference: Reference | None = None) -> Examined:
    """Examine an op of the catalogue; its certificate is checked first.

    Raises what :func:`..catalogue.check` raises, and ``LookupError`` for an op without a reference.
    """
    spec = catalogue.spec_of(name)
    claims = (*catalogue.check(name), *catalogue.check_orders(name))
    return examine_claims(spec, claims, points, seed, reference)


def examine_claims(
    spec: Any, claims: Iterable[Theorem], points: int = 6, seed: int = 0, reference: Reference | None = None
) -> Examined:
    """Examine the maps and the higher derivatives among the theorems, as theorems about the op that ``spec`` names."""
    reference = reference or REFERENCES.get(spec.name)
    if reference is None:
        raise LookupError(f"{spec.name} has no reference; proofs/examine/references.py wants one")
    examiner = Examiner(spec, reference, points, seed)
    for theorem in claims:
        if type(theorem.conclusion) is Map:
            examiner.map(from_theorem(spec.name, theorem.conclusion, (*spec.inputs, *spec.params)))
        elif type(theorem.conclusion) is NthDerivative:
            examiner.order(theorem.conclusion, tuple(theorem.hyps))
    return examiner.found


class Examiner:
    """Holds stated maps and higher derivatives against one reference; what differs is gathered in ``found``."""

    def __init__(self, spec: Any, reference: Reference, points: int, seed: int) -> None:
        self.spec, self.reference, self.count, self.seed = spec, reference, points, seed
        self.field = Field(EXACT)
        self.found = Examined(spec.name)

    def map(self, found: DerivativeMap) -> None:
        """Every piece of a map."""
        self.found.maps += 1
        what = f"the map in {', '.join(found.variables)}"
        for k, points in by_piece(found, self.count, self.seed).items():
            piece = found.pieces[k]
            if piece.status == "not_covered":
                self.found.left_out += 1
                continue
            points, border = self._inside(found, points)
            if border and not points:
                self.found.left_out += 1
                continue
            self.found.pieces += 1
            self._each(what, piece.where, points, partial(self._point, what, found, piece))

    def _each(self, what: str, where: str, points: list[Point], look: Callable[[Point], None]) -> None:
        """Look at every point of a piece; there has to be one at which the digits suffice."""
        seen = 0
        with mp.workdps(quotients.WORKING):
            for point in points:
                try:
                    look(point)
                except Unsure:  # exp(x/alpha) for an alpha of 2**-90
                    continue
                seen += 1
        self.found.points += seen
        if not seen:
            self._report(what, where, None, "no point of this piece was found")

    def _inside(self, found: DerivativeMap, points: list[Point]) -> tuple[list[Point], bool]:
        """The points next to which the assumptions hold as well, and whether there are others.

        What a formula does for ``eps < 0`` where ``eps >= 0`` is assumed means nothing, and the derivative in ``eps``
        at 0 rests on it.
        """
        parameters = [v for v in found.variables if v in self.spec.params]
        near = [Coordinate(Fraction(s, 2**300)) for s in (1, -1)]
        kept = [
            point
            for point in points
            if all(satisfied(found.assume, {**point, v: point[v].plus(d)}) for v in parameters for d in near)
        ]
        return kept, len(kept) < len(points)

    def order(self, stated: NthDerivative, hyps: Sequence[Literal]) -> None:
        """A derivative of order 2 or 3."""
        found = DerivativeMap(self.spec.name, (stated.x,), stated.term, (), ())
        where = Piece(tuple(hyps), "differentiable").where
        what = f"the derivative of order {stated.order} in {stated.x}"
        self.found.pieces += 1

        def look(point: Point) -> None:
            value = self._value(stated.derivative, point)
            if value is None:
                return self._report(what, where, point, "the stated derivative has no value")
            line = self._line(point, (stated.x,), (mp.mpf(1),))
            return self._agreed(what, where, point, *quotients.higher(line, stated.order, value))

        self._each(what, where, satisfying(tuple(hyps), found, self.count, self.seed), look)

    def _point(self, what: str, found: DerivativeMap, piece: Piece, point: Point) -> None:
        holding = len(pieces_at(found, point))
        if holding != 1:
            return self._report(what, piece.where, point, f"{holding} pieces hold at one point")
        here = self._line(point, found.variables, (mp.mpf(0),) * len(found.variables))(mp.mpf(0))
        stated = self._value(found.term, point)
        if (here is None) != (stated is None):
            has, lacks = ("the stated function", "the op") if here is None else ("the op", "the stated function")
            return self._report(what, piece.where, point, f"{has} has a value, {lacks} has none")
        if here is not None and quotients.digits(stated, here) < quotients.AGREED:
            return self._report(
                what, piece.where, point, f"the stated function is {mp.nstr(stated, 20)}, the op {mp.nstr(here, 20)}"
            )
        if piece.status == "outside_domain":
            if here is not None:
                self._report(what, piece.where, point, f"stated to be outside the domain, but the op is {here}")
        elif piece.status == "differentiable":
            self._differentiable(what, found, piece, point)
        else:
            self._not_differentiable(what, found, piece, point)
        return None

    def _differentiable(self, what: str, found: DerivativeMap, piece: Piece, point: Point) -> None:
        assert piece.derivative is not None
        stated = [self._value(d, point) for d in piece.derivative]
        if None in stated:
            return self._report(what, piece.where, point, "the stated derivative has no value")
        if len(found.variables) == 1:
            claimed = surface(self.spec, ("derivative", found.variables[0]))
            if claimed is not None and self._value(unfold(claimed), point) is None:
                return self._report(what, piece.where, point, "the derivative that the spec claims has no value")
        for direction in self._directions(found):
            expected = sum((a * b for a, b in zip(stated, direction, strict=True)), mp.mpf(0))
            wrong, agreed = quotients.derivative(self._line(point, found.variables, direction), expected)
            self._agreed(what, piece.where, point, wrong, agreed)
        return None

    def _not_differentiable(self, what: str, found: DerivativeMap, piece: Piece, point: Point) -> None:
        reason = str(piece.reason)
        if len(found.variables) > 1:
            wrong = quotients.not_linear(
                lambda d: self._line(point, found.variables, d), reason, self._directions(found, both_ways=True)
            )
        else:
            left, right = (self._slope(s, point) for s in (piece.left, piece.right))
            line = self._line(point, found.variables, (mp.mpf(1),))
            wrong = quotients.no_derivative(line, reason, left, right)
        self._agreed(what, piece.where, point, wrong, None)

    # what is needed of a point

    def _line(self, point: Point, variables: Sequence[str], direction: Sequence[Any]) -> quotients.Line:
        """The reference along a line through the point."""
        numbers = {name: c.number(mp) for name, c in point.items()}
        for name in (*self.spec.inputs, *self.spec.params):
            numbers.setdefault(name, mp.mpf(1))

        def g(s: Any) -> Any:
            moved = dict(numbers)
            for name, d in zip(variables, direction, strict=True):
                moved[name] = moved[name] + s * d
            inputs = [moved[name] for name in self.spec.inputs]
            return self.reference(*inputs, **{name: moved[name] for name in self.spec.params})

        return g

    def _directions(self, found: DerivativeMap, both_ways: bool = False) -> list[tuple[Any, ...]]:
        """The axes, then (for several variables) the diagonals and others; ``both_ways``: with their opposites."""
        n = len(found.variables)
        axes = [tuple(mp.mpf(int(i == j)) for j in range(n)) for i in range(n)]
        if n == 1:
            return axes
        rng = random.Random(f"{self.seed} {found.name}")
        others = [tuple(mp.mpf(rng.choice((-1, 1))) for _ in range(n)) for _ in range(4)]
        others += [tuple(mp.mpf(rng.randint(-64, 64)) / 32 for _ in range(n)) for _ in range(4)]
        return axes + others + ([tuple(-v for v in d) for d in axes + others] if both_ways else [])

    def _value(self, term: Term, point: Point) -> Any:
        """The value of a term in mpmath's numbers, ``None`` where it has none."""
        try:
            at = {name: self.field.exactly(c.exact()) for name, c in point.items()}
            return mp.make_mpf(evaluate(self.field, term, at).value.mid._mpf_)
        except Undefined:
            return None

    def _slope(self, slope: Term | str | None, point: Point) -> Any:
        if isinstance(slope, str):
            return mp.inf if slope == "+oo" else -mp.inf
        return None if slope is None else self._value(slope, point)

    def _agreed(self, what: str, where: str, point: Point, wrong: str | None, agreed: int | None) -> None:
        if wrong is not None:
            self._report(what, where, point, wrong)
        elif agreed is not None:
            self.found.digits = agreed if self.found.digits is None else min(self.found.digits, agreed)

    def _report(self, what: str, where: str, point: Point | None, message: str) -> None:
        shown = "no point" if point is None else ", ".join(f"{n} = {c}" for n, c in sorted(point.items()))
        self.found.findings.append(Finding(what, where, shown, message))
