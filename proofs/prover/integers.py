"""Arguments that rest on integrality: floors, and terms that are no integers."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..kernel.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Literal,
    Term,
    add,
    mul,
    neg,
    rat,
    sub,
    unary,
)
from ..kernel.theorems import Theorem
from .polynomial import UNIT, poly

if TYPE_CHECKING:
    from .context import Context


def floor_gap(t: Term) -> tuple[Term, int] | None:
    """``u`` and 1 for ``u - floor(u)``, ``u`` and -1 for ``floor(u) - u``."""
    for s in (t, neg(t)):
        for m in poly(s):
            if len(m) == 1 and m[0][0].op == "floor" and m[0][1] == 1:
                u = m[0][0].terms[0]
                if poly(s) == poly(sub(u, m[0][0])):
                    return u, 1 if s is t else -1
    return None


def by_integers(ctx: Context, goal: Literal) -> Theorem | None:
    """``v`` is no integer because ``w`` is none, and ``v = +- w + k``."""
    mine = floor_gap(goal.term)
    if mine is None:
        return None
    v, R = mine[0], ctx.R
    for h in ctx.hyps:
        theirs = floor_gap(h.term) if h.relation == "!=" else None
        if theirs is None:
            continue
        w = theirs[0]
        for sign in (1, -1):
            k = _integer_shift(ctx, v, w, sign)
            if k is None:
                continue
            shift, same = k
            zero = Literal("=", goal.term)
            # v = floor(v), so w = sign (floor(v) - k) is an integer.
            n = mul(rat(sign), sub(unary("floor", v), rat(shift)))
            whole = R.assume(zero)
            if mine[1] < 0:
                whole = R.arith(Literal("=", neg(goal.term)), (), [(MINUS_ONE, whole)])
            fit = [(rat(sign), whole), (rat(-sign), same)]
            lower = R.arith(Literal(">=", sub(w, n)), [(1, [], [ZERO])], fit)
            upper = R.arith(Literal(">", sub(add(n, ONE), w)), [(1, [], [])], [(neg(c), th) for c, th in fit])
            value_ = ctx.floor_is(w, n, lower, upper)
            clash_ = R.arith(
                Literal("!=", ZERO),
                [(1, [R.assume(h)], [])],
                [(rat(theirs[1]), value_), *((rat(-theirs[1] * c), th) for c, th in ((sign, whole), (-sign, same)))],
            )
            return R.rule("cases", zero, clash_, R.assume(zero.negation))
    return None


def _integer_shift(ctx: Context, v: Term, w: Term, sign: int) -> tuple[int, Theorem] | None:
    """``k`` and a proof of ``v - sign w - k = 0`` for an integer ``k``."""
    f = ctx.frac(sub(v, mul(rat(sign), w)))
    if f.denominator or not set(f.numerator) <= {UNIT}:
        return None
    k = Fraction(f.numerator.get(UNIT, 0))
    if k.denominator != 1:
        return None
    same = ctx.prove_equal(v, add(mul(rat(sign), w), rat(k)))
    if same is None:
        return None
    goal = Literal("=", sub(sub(v, mul(rat(sign), w)), rat(k)))
    return int(k), ctx.R.arith(goal, (), [(ONE, same)])


def positive_floor(ctx: Context, goal: Literal) -> Theorem | None:
    """``floor(u) >= 0`` for ``u >= 0``; ``floor(u) > 0`` for ``u >= 1``."""
    a = goal.term
    u = a.terms[0]
    if goal.relation == ">":
        inside = ctx.prove(">=", sub(u, ONE))
        if inside is None:
            return None
        high = ctx.R.fact("floor_high", u)
        return ctx.R.arith(goal, [(1, [high], []), (1, [inside], [])])
    inside = ctx.prove(">=", u)
    if inside is None:
        return None
    above = ctx.R.arith(Literal(">", add(a, ONE)), [(1, [ctx.R.fact("floor_high", u)], []), (1, [inside], [])])
    gap = ctx.R.rule("gap", above)
    return ctx.R.arith(goal, [(1, [gap], [])])
