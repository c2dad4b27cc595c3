"""Whether what a theorem says is true, by numbers at points that satisfy its hypotheses, exact or of 60 digits.

What is about tensors is compared at small sizes, where the points are chosen so that indices stand in their ranges.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import singledispatch
from typing import Any

from hasderiv.proofs.agreement import plain
from hasderiv.proofs.kernel.conclusions import (
    Conclusion,
    Defined,
    HasDeriv,
    Holds,
    Local,
    Map,
    NotDifferentiable,
    NthDerivative,
    Side,
    Somewhere,
    Undefined,
    Vary,
    Within,
)
from hasderiv.proofs.kernel.terms import Literal, Term, neg, postorder
from hasderiv.proofs.kernel.theorems import Theorem

from .reals import At, Family, NoValueError, holds, real
from .test_ledgers import CONTEXT
from .test_properties import CLOSE

VALUES = ("-2.5", "-2", "-1", "-0.5", "-0.3", "0", "0.25", "0.7", "1", "1.5", "2", "3")
COUNTS = tuple(map(Fraction, (0, 1, 1, 2, 2, 3, 4)))
TRIES, ENOUGH = 600, 8
MORE_TRIES = 6000
"""How often a point is drawn where none is found that satisfies the hypotheses."""
AGAIN = 8
"""How often a value for one symbol is drawn before all are drawn anew."""
STEP = Fraction(1, 10**12)
Point = dict[str, Any]


def said(th: Theorem) -> str:
    """A theorem as text."""
    return repr(plain((th.hyps, th.conclusion, th.cites)))


def contradictory(th: Theorem) -> bool:
    """Whether two hypotheses, about a term and it or its negative, cannot hold together."""
    signs = {">": {1}, ">=": {0, 1}, "=": {0}, "!=": {-1, 1}}
    possible: dict[Term, set[int]] = {}
    for relation, t in th.hyps:
        flipped = t.op == "mul" and neg(t.terms[1]) is t
        allowed = {-s for s in signs[relation]} if flipped else signs[relation]
        key = t.terms[1] if flipped else t
        possible[key] = possible.get(key, {-1, 0, 1}) & allowed
    return not all(possible.values())


def confirmed(th: Theorem) -> int:
    """At how many points a theorem was compared with numbers; raises ``AssertionError`` if one is off."""
    conclusion, hyps = th.conclusion, th.hyps
    if type(conclusion) is Map:
        hyps |= frozenset(conclusion.assume)
        conclusion = Map(conclusion.vary, conclusion.term, (), conclusion.pieces)
    drawn = Drawn(hyps, conclusion)
    points = 0
    for k in range(0 if contradictory(th) else MORE_TRIES):
        point = drawn.point()
        points += point is not None and compared(conclusion, point)
        if points == ENOUGH or (points and k >= TRIES):
            break
    return points


class Drawn:
    """Points that satisfy hypotheses: one symbol after the other, anew where what is known by then is not satisfied."""

    def __init__(self, hyps: frozenset[Literal], conclusion: Conclusion) -> None:
        names = {n.removeprefix("d ") for n in _names((hyps, conclusion))}
        terms = [t for t in postorder(*_terms((hyps, conclusion)))]
        places = [i for t in terms for i in _places(t)]
        self.whole = {t.symbol for t in postorder(*places) if t.op == "var"}
        self.order = sorted(names, key=lambda n: ("/" in n, n))
        self.tangents = [*self.order] if any(t.moves for t in terms) or hasattr(conclusion, "vary") else []
        self.hyps: dict[str, list[Literal]] = {n: [] for n in self.order}
        self.closed = [h for h in hyps if not h.term.free]
        for h in hyps:
            if h.term.free:
                self.hyps[max(h.term.free, key=self.order.index)].append(h)
        self.numbers = [Fraction(v) for v in (*VALUES, *sorted(_numbers(hyps)))]
        self.rng = random.Random(hashlib.sha256(repr(plain((hyps, conclusion))).encode()).digest())

    def value(self, name: str) -> Any:
        """A number for a symbol, or a family that takes a few values, 0 among them."""
        if "/" in name:
            values = (
                COUNTS
                if name in self.whole
                else (Fraction(0), *self.rng.sample(self.numbers, self.rng.choice((1, 3, 9))))
            )
            return Family(self.rng, values)
        return self.rng.choice(COUNTS if name in self.whole and self.rng.random() < 0.8 else self.numbers)

    def point(self) -> Point | None:
        """A point, or None where none was found."""
        point: Point = {}
        if not all(_clearly(h, point) for h in self.closed):
            return None
        for name in self.order:
            for _ in range(AGAIN):
                point[name] = self.value(name)
                if all(_clearly(h, point) for h in self.hyps[name]):
                    break
            else:
                return None
        for name in self.tangents:
            point[f"d {name}"] = self.value(name) if "/" in name else self.rng.choice(self.numbers)
        return point


def _clearly(h: Literal, point: Point) -> bool:
    """Whether a hypothesis holds, and not by a rounding error alone."""
    v = At(point)(h.term)
    return holds(h.relation, v) and (v == 0 or abs(real(v)) > CLOSE)


@singledispatch
def compared(c: object, point: Point) -> bool:
    """Whether numbers at a point say something of a conclusion; raises ``AssertionError`` if it is not so."""
    return c is None


@compared.register
def _(c: Holds, point: Point) -> bool:
    v = At(point)(c.literal.term)
    saturated = v == 0 and any(s.op == "erf" for s in postorder(c.literal.term))
    assert holds(c.literal.relation, v) or 0 < abs(real(v)) < CLOSE or saturated
    return True


@compared.register
def _(c: Defined, point: Point) -> bool:
    assert has_value(c.term, point)
    return True


@compared.register
def _(c: Undefined, point: Point) -> bool:
    assert not has_value(c.term, point)
    return True


@compared.register(Local)
@compared.register(HasDeriv)
def _(c: Local | HasDeriv, point: Point) -> bool:
    near = [moved(point, c.vary, sign * STEP) for sign in (1, -1)]
    assert all(has_value(c.term, p) for p in (point, *near))
    if c.derivative is None:
        middle = real(At(point)(c.term))
        assert all(abs(real(At(p)(c.term)) - middle) < CONTEXT.mpf(10) ** -5 * (1 + abs(middle)) for p in near)
        return True
    assert type(c) is Local or has_value(c.derivative, point)
    slope = real(At(point)(c.derivative))
    assert all(_close(quotient(c.term, point, c.vary, sign), slope) for sign in (1, -1))
    return True


@compared.register
def _(c: Side, point: Point) -> bool:
    along, vary = point | {f"d {c.x}": Fraction(1)}, frozenset({c.x})
    q = quotient(c.term, along, vary, c.sign)
    if isinstance(c.slope, str):
        assert unbounded(c.term, along, vary, c.sign) and (q > 0) == (c.slope == "+oo")
    else:
        assert _close(q, real(At(point)(c.slope)))
    return True


@compared.register
def _(c: NthDerivative, point: Point) -> bool:
    numeric = CONTEXT.diff(lambda u: real(At(point | {c.x: u})(c.term)), real(point[c.x]), c.order)
    assert has_value(c.derivative, point)
    assert abs(numeric - real(At(point)(c.derivative))) < CONTEXT.mpf(10) ** -6 * (1 + abs(numeric)) ** 2
    return True


@compared.register
def _(c: NotDifferentiable, point: Point) -> bool:
    if c.reason == "boundary":
        return False
    directions = [{f"d {x}": direction(x, k) for x in c.vary} for k in range(4)]
    sides = [[quotient(c.term, point | along, c.vary, sign) for sign in (1, -1)] for along in directions]
    assert any(abs(right - left) > CONTEXT.mpf(10) ** -6 for right, left in sides)
    steep = any(unbounded(c.term, point | along, c.vary, sign) for along in directions for sign in (1, -1))
    assert c.reason == "corner" or steep
    return True


@compared.register
def _(c: Within, point: Point) -> bool:
    at = At(point)
    assert any(all(at.holds(k) for k in piece) for piece in c.pieces)
    return True


@compared.register
def _(c: Somewhere, point: Point) -> bool:
    return all(_clearly(k, point) for k in c.piece)


@compared.register
def _(c: Map, point: Point) -> bool:
    at = At(point)
    holding = [verdict for piece, verdict in c.pieces if all(at.holds(k) for k in (*c.assume, *piece))]
    assert len(holding) == 1, "exactly one piece holds"
    return compared(holding[0], point)


def has_value(t: Term, point: Point) -> bool:
    """Whether no operation that counts is applied outside its domain."""
    try:
        At(point, strict=True)(t)
    except NoValueError:
        return False
    return True


def moved(point: Point, vary: Vary, by: Fraction) -> Point:
    """The point, moved along the tangents of the symbols that vary."""
    there = dict(point)
    for s in vary:
        f, df = point[s], point[f"d {s}"]
        there[s] = (lambda *i, f=f, df=df: f(*i) + by * df(*i)) if "/" in s else f + by * df
    return there


def quotient(t: Term, point: Point, vary: Vary, sign: int, step: Fraction = STEP) -> Any:
    """The difference quotient along the tangents, on one side of the point."""
    return (real(At(moved(point, vary, sign * step))(t)) - real(At(point)(t))) / real(sign * step)


def unbounded(t: Term, point: Point, vary: Vary, sign: int) -> bool:
    """Whether the difference quotient grows as the step falls; that of ``x^0.7`` at 0 is not yet large at 1e-12."""
    q, nearer = (abs(quotient(t, point, vary, sign, step)) for step in (STEP, STEP**2))
    return bool(nearer > 10 and nearer > 1.5 * q)


def direction(x: str, k: int) -> Any:
    """A tangent other than 0 for a symbol, and for a family, whose entries differ; another one for each ``k``.

    At first it is 1 for every symbol, along the diagonal, which is where the corner of a maximum lies.
    """
    if "/" in x:
        return lambda *i: Fraction(random.Random(f"{x} {k} {i}").randint(-99, 99))
    return Fraction(random.Random(f"{x} {k}").randint(1, 99)) if k else Fraction(1)


def _close(q: Any, slope: Any) -> bool:
    return bool(abs(q - slope) < CONTEXT.mpf(10) ** -8 * (1 + abs(slope)) ** 2)


def _places(t: Term) -> tuple[Term, ...]:
    """Where whole numbers stand: indices, ranges, and what is equal to its floor."""
    if t.op in ("var", "d", "floor"):
        return t.terms
    return t.terms[:1] if t.op in ("sum", "max") else ()


def _numbers(hyps: frozenset[Literal]) -> set[str]:
    """Numbers near which hypotheses may change: those that stand in them, and a little beside them."""
    found = {t.args[0] for h in hyps for t in postorder(h.term) if t.op == "rat"}
    steps = (Fraction(0), Fraction(1, 10), Fraction(-1, 10))
    return {str(s * q + d) for q in found if type(q) is Fraction for s in (1, -1) for d in steps}


def _parts(thing: object) -> tuple[object, ...]:
    if is_dataclass(thing):
        return tuple(getattr(thing, f.name) for f in fields(thing))
    return tuple(thing) if isinstance(thing, tuple | frozenset) else ()


def _names(thing: object) -> set[str]:
    """The symbols in a statement, and those that vary."""
    if type(thing) is Term:
        return set(thing.free)
    varying = {*getattr(thing, "vary", ()), *([thing.x] if isinstance(thing, Side | NthDerivative) else [])}
    return varying.union(*map(_names, _parts(thing)))


def _terms(thing: object) -> list[Term]:
    return [thing] if type(thing) is Term else [t for part in _parts(thing) for t in _terms(part)]
