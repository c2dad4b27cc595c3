"""The sign of one canonical atom."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..kernel.facts import HALF_PI
from ..kernel.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Literal,
    Term,
    add,
    neg,
    pi,
    sub,
    unary,
    var,
)
from ..kernel.theorems import Holds, Theorem
from .integers import positive_floor
from .lemmas import strict
from .linear_search import linear
from .normal import equation
from .polynomial import UNIT, poly
from .rewriting import at_zero
from .sum_signs import logarithms

if TYPE_CHECKING:
    from .context import Context


def sign_of_mirrored(ctx: Context, relation: str, a: Term) -> Theorem | None:
    """The sign of ``-a`` for an odd function ``a = f(u)``: that of ``f(-u)``."""
    u = a.terms[0]
    mirrored = unary(a.op, neg(u))
    found = sign_of_atom(ctx, relation, mirrored) if ctx.prove(relation, neg(u)) is not None else None
    odd = None if found is None else ctx.prove("=", add(mirrored, a))
    if found is None or odd is None:
        return None
    return ctx.R.arith(Literal(relation, neg(a)), [(1, [found], [])], [(MINUS_ONE, odd)])


def sign_of_atom(ctx: Context, relation: str, a: Term) -> Theorem | None:
    """The sign of one canonical atom."""
    R, goal = ctx.R, Literal(relation, a)
    u = a.terms[0] if a.terms else None
    found: Theorem | None = None
    if a.op == "exp":
        assert u is not None
        found = R.fact("exp_pos", u)
    elif a.op == "pi":
        found = positive_pi(ctx)
    elif a.op == "sqrt":
        assert u is not None
        nonneg = R.fact("sqrt_nonneg", u)
        if relation == ">=":
            return nonneg
        inside = ctx.prove(">", u)
        if inside is None:
            return None
        square = R.fact("sqrt_square", u, premises=[R.arith(Literal(">=", u), [(1, [inside], [])])])
        zero = Literal("=", a)
        clash = R.arith(Literal(">", ZERO), [(1, [inside], [])], [(ONE, square), (neg(a), R.assume(zero))])
        apart = R.rule("cases", zero, clash, R.assume(zero.negation))
        found = strict(ctx, a, nonneg, apart)
    elif a.op == "log":
        found = logarithms(ctx, goal, {((a, 1),): 1})
    elif a.op == "erf":
        assert u is not None
        inside = ctx.prove(">", u)
        found = R.fact("erf_pos", u, premises=[inside]) if inside is not None else None
    elif a.op == "atan":
        found = positive_atan(ctx, a)
    elif a.op == "sin":
        assert u is not None
        low, high = ctx.prove(">", u), ctx.prove(">", sub(pi(), u))
        found = R.fact("sin_pos", u, premises=[low, high]) if low is not None and high is not None else None
    elif a.op == "cos":
        found = positive_cos(ctx, a)
    elif a.op == "app":
        found = positive_cited(ctx, a)
    elif a.op == "floor":
        found = positive_floor(ctx, goal)
    if found is None:
        return linear(ctx, goal, {((a, 1),): 1})
    return found if relation == ">" else R.arith(goal, [(1, [found], [])])


def positive_pi(ctx: Context) -> Theorem:
    """``pi > 0``."""
    low = ctx.R.fact("pi_low")
    c = low.conclusion
    assert isinstance(c, Holds)
    bound = Fraction(-Fraction(poly(c.literal.term)[UNIT]))
    return ctx.R.arith(Literal(">", pi()), [(1, [low], []), (bound, [], [])])


def positive_atan(ctx: Context, a: Term) -> Theorem | None:
    """``atan(u) > 0`` for ``u > 0``: else its sine would be positive and negative at once."""
    R, u = ctx.R, a.terms[0]
    inside = ctx.prove(">", u)
    if inside is None:
        return None
    sine = R.arith(
        Literal(">", unary("sin", a)), [(1, [inside, R.fact("atan_cos", u)], [])], [(ONE, R.fact("atan_tan", u))]
    )
    goal = Literal(">", a)
    below = R.assume(goal.negation)
    zero = Literal("=", a)
    # a = 0: sin(a) = sin(0) = 0.
    sine_zero = sine_at_zero(ctx)
    same = R.rule(
        "congruence", unary("sin", var("hole")), "hole", R.arith(equation(a, ZERO), (), [(ONE, R.assume(zero))])
    )
    clash = R.arith(Literal(">", ZERO), [(1, [sine], [])], [(MINUS_ONE, same), (MINUS_ONE, sine_zero)])
    apart = R.assume(zero.negation)
    # -a > 0 and -a < pi: sin(-a) > 0, and sin(-a) = -sin(a).
    minus = neg(a)
    up = strict(
        ctx,
        minus,
        R.arith(Literal(">=", minus), [(1, [below], [])]),
        R.arith(Literal("!=", minus), [(-1, [apart], [])]),
    )
    assert up is not None
    room = R.arith(
        Literal(">", sub(pi(), minus)), [(1, [R.fact("atan_low", u)], []), (Fraction(1, 2), [positive_pi(ctx)], [])]
    )
    negative = R.fact("sin_pos", minus, premises=[up, room])
    other = R.arith(Literal(">", ZERO), [(1, [sine], []), (1, [negative], [])], [(MINUS_ONE, R.fact("sin_odd", a))])
    return R.rule("cases", goal, R.assume(goal), R.rule("cases", zero, clash, other))


def sine_at_zero(ctx: Context) -> Theorem:
    """``sin(0) - 0 = 0``."""
    found = at_zero(ctx, unary("sin", ZERO))
    assert found is not None
    return found[1]


def positive_cos(ctx: Context, a: Term) -> Theorem | None:
    """``cos(u) > 0`` for ``-pi/2 < u < pi/2``, as ``sin(pi/2 - u)``; ``cos(atan(u)) > 0``."""
    R, u = ctx.R, a.terms[0]
    if u.op == "atan":
        return R.fact("atan_cos", u.terms[0])
    low, high = ctx.prove(">", add(u, HALF_PI)), ctx.prove(">", sub(HALF_PI, u))
    return None if low is None or high is None else cosine_between(ctx, u, low, high)


def cosine_between(ctx: Context, u: Term, low: Theorem, high: Theorem) -> Theorem:
    """``cos(u) > 0`` from ``u + pi/2 > 0`` and ``pi/2 - u > 0``."""
    R = ctx.R
    v = add(HALF_PI, neg(u))
    first = R.arith(Literal(">", v), [(1, [high], [])])
    room = R.arith(Literal(">", sub(pi(), v)), [(1, [low], [])])
    sine = R.fact("sin_pos", v, premises=[first, room])
    added = R.fact("sin_add", HALF_PI, neg(u))
    s, c = ctx.quarter(1)
    even = R.fact("cos_even", u)
    minus = neg(u)
    # sin(v) = sin(pi/2) cos(-u) + cos(pi/2) sin(-u) = cos(u)
    equations = [
        (MINUS_ONE, added),
        (neg(unary("cos", minus)), s),
        (neg(unary("sin", minus)), c),
        (MINUS_ONE, even),
    ]
    return R.arith(Literal(">", unary("cos", u)), [(1, [sine], [])], equations)


def positive_cited(ctx: Context, a: Term) -> Theorem | None:
    """``gamma`` and ``beta`` are positive for positive operands."""
    name = str(a.args[0])
    if name not in ("gamma", "beta"):
        return None
    premises = [ctx.prove(">", u) for u in a.terms]
    if any(p is None for p in premises):
        return None
    return ctx.R.rule("cite", name + "_pos", list(a.terms), premises)
