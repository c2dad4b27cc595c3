"""Bounds of ``sin(u)/u``, which those of its two factors do not give next to 0.

It is at most 1, at least ``1 - u^2/6``, and at least ``-1/3``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..kernel.terms import MINUS_ONE, ONE, Literal, Term, add, mul, neg, pi, postorder, power, rat, sub, unary
from ..kernel.theorems import Theorem
from .bounds import Bound, Equation, Row
from .lemmas import ratio
from .linear_search import unit_bounds
from .polynomial import poly

if TYPE_CHECKING:
    from .ranges import Ranges


def sine_quotient(at: Ranges, t: Term, sense: int) -> Bound | None:
    """The bound of ``t = c sin(u) / w`` for ``u = k w``; ``None`` for other terms."""
    p = poly(t)
    if len(p) != 1:
        return None
    ((m, c),) = p.items()
    sines = [a for a, k in m if a.op == "sin" and k == 1]
    inverses = [a for a, k in m if a.op == "inv" and k == 1]
    if len(sines) != 1 or len(inverses) + 1 != len(m) or not inverses:
        return None
    u, whole = sines[0].terms[0], _product([i.terms[0] for i in inverses])
    k = ratio(poly(u), poly(whole))
    if k is None:
        return None
    side = next((s for s in (1, -1) if at.shows(">", u if s == 1 else neg(u)) is not None), None)
    if side is None:
        moving = [a for n in poly(u) for a, _ in n if a.free]
        return at.by_sign(t, sense, moving[0] if len(moving) == 1 else u)
    v = u if side == 1 else neg(u)
    quotient = _Quotient(at, t, sense, Fraction(c) * k, v, rat(side / k), inverses)
    if sense * c * k < 0:
        return quotient.below_one()
    square = at.maybe(power(v, 2), -1)
    return quotient.above_third() if square is None or square.value > 8 else quotient.above_parabola(square)


class _Quotient:
    """``t = size sin(v)/v`` for ``v > 0``; ``scale`` times the product of the ``inverses`` is ``1/v``."""

    def __init__(
        self, at: Ranges, t: Term, sense: int, size: Fraction, v: Term, scale: Term, inverses: list[Term]
    ) -> None:
        self.at, self.t, self.sense, self.size, self.v, self.inverses = at, t, sense, size, v, inverses
        self.inverse = mul(scale, _product(inverses))
        self.positive, self.above = at.sign(Literal(">", self.inverse)), at.sign(Literal(">", v))

    def below_one(self) -> Bound:
        """From ``v - sin(v) >= 0``."""
        taylor = self.at.r.fact("sin_taylor", self.v, order=1, premises=[self._nonneg()])
        return self._settled([(abs(self.size), [taylor, self.positive], [])], [ONE])

    def above_parabola(self, square: Bound) -> Bound:
        """From ``sin(v) - v + v^3/6 >= 0``, and how large ``v^2`` is."""
        taylor = self.at.r.fact("sin_taylor", self.v, order=2, premises=[self._nonneg()])
        weight = abs(self.size)
        rows: list[Row] = [(weight, [taylor, self.positive], []), (weight / 6, [square.theorem], [])]
        return self._settled(rows, [ONE, mul(rat(Fraction(-1, 6)), power(self.v, 2))])

    def above_third(self) -> Bound:
        """From ``sin(v) + v/3 > 0``: up to pi both are positive, and beyond ``v/3 > 1``."""
        at, r, v = self.at, self.at.r, self.v
        room = Literal(">", sub(pi(), v))
        goal = Literal(">", add(unary("sin", v), mul(rat(Fraction(1, 3)), v)))
        third = Fraction(1, 3)
        near = r.arith(
            goal, [(1, [r.fact("sin_pos", v, premises=[self.above, r.assume(room)])], []), (third, [self.above], [])]
        )
        low = unit_bounds(at.ctx, v, unary("sin", v))[1]
        rows: list[Row] = [(1, [low], []), (third, [r.assume(room.negation)], []), (third, [r.fact("pi_low")], [])]
        both = r.rule("cases", room, near, at.prove(goal, rows))
        return self._settled([(abs(self.size), [both, self.positive], [])], [rat(-third)])

    def _nonneg(self) -> Theorem:
        return self.at.prove(Literal(">=", self.v), [(1, [self.above], [])])

    def _settled(self, rows: list[Row], multiples: list[Term]) -> Bound:
        """The bound that the rows give, where ``v/v`` stands with each of the ``multiples`` of ``size``."""
        factor = rat(self.sense * self.size)
        equations = [e for m in multiples for e in _cancelled(self.at, self.inverses, mul(factor, m))]
        u = self.v.terms[1] if self.v.op == "mul" and self.v.terms[0] is MINUS_ONE else None
        if u is not None and unary("sin", u) in postorder(self.t):
            equations.append((mul(neg(factor), self.inverse), self.at.r.fact("sin_odd", u)))
        return self.at.settle(self.t, self.sense, rows, equations)


def _cancelled(at: Ranges, inverses: list[Term], factor: Term) -> list[Equation]:
    """``factor`` times ``w_1 inv(w_1) ... w_n inv(w_n) - 1``, as multiples of ``w_i inv(w_i) - 1``."""
    found: list[Equation] = []
    before = factor
    for i in inverses:
        w = i.terms[0]
        found.append((before, at.r.fact("inv", w, premises=[_apart(at, w)])))
        before = mul(before, mul(w, i))
    return found


def _apart(at: Ranges, w: Term) -> Theorem:
    return at.sign(Literal("!=", w))


def _product(factors: list[Term]) -> Term:
    whole = ONE
    for f in factors:
        whole = f if whole is ONE else mul(whole, f)
    return whole
