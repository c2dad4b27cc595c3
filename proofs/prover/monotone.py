"""Which of two terms of one shape is greater: from the inside to the outside, each function by its monotony."""

from __future__ import annotations

from fractions import Fraction

from ..kernel.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    KernelError,
    Literal,
    Term,
    add,
    mul,
    neg,
    pi,
    power,
    rat,
    sub,
    unary,
    var,
)
from ..kernel.theorems import Theorem
from .constants import sign_of_constant
from .context import Context
from .lemmas import strict
from .normal import HOLE, TooLarge, equation
from .polynomial import UNIT, poly
from .sampling import value

Order = tuple[int, Theorem]
"""1 and ``a - b > 0``; -1 and ``b - a > 0``; 0 and ``a - b = 0``."""


def compare(ctx: Context, a: Term, b: Term) -> Order | None:
    """Which of the two is greater under the hypotheses, where that can be shown."""
    known: dict[tuple[Term, Term], Order | None] = ctx.__dict__.setdefault("compared", {})
    if (a, b) not in known:
        known[a, b] = None
        known[a, b] = _compare(ctx, a, b)
    return known[a, b]


def _compare(ctx: Context, a: Term, b: Term) -> Order | None:
    R, p, q = ctx.R, poly(a), poly(b)
    if p == q:
        return 0, R.arith(equation(a, b))
    if set(p) | set(q) <= {UNIT} or {m: c for m, c in p.items() if m != UNIT} == {
        m: c for m, c in q.items() if m != UNIT
    }:
        c = Fraction(p.get(UNIT, 0)) - Fraction(q.get(UNIT, 0))
        big, small = (a, b) if c > 0 else (b, a)
        return (1 if c > 0 else -1), R.arith(Literal(">", sub(big, small)), [(abs(c), [], [])])
    rule = _RULES.get(a.op) if a.op == b.op else None
    found = None
    if rule is not None:
        try:
            found = rule(ctx, a, b)
        except (TooLarge, KernelError):
            found = None
    return found or _directly(ctx, a, b)


def _guess(ctx: Context, a: Term, b: Term) -> int:
    """The sign of ``a - b`` at the sample points; 2 where they disagree or say nothing."""
    signs = {
        (v > 0) - (v < 0) for point in ctx.samples for v in (value(sub(a, b), point),) if v == v and abs(v) > 1e-12
    }
    return signs.pop() if len(signs) == 1 else 2


def _directly(ctx: Context, a: Term, b: Term) -> Order | None:
    for sign in (1, -1):
        t = sub(a, b) if sign > 0 else sub(b, a)
        th = ctx.prove(">", t) if t.free else sign_of_constant(ctx.R, ">", t)
        if th is not None:
            return sign, th
    same = ctx.prove_equal(a, b)
    return None if same is None else (0, same)


def _flip(found: Order) -> Order:
    return -found[0], found[1]


def _gap(a: Term, b: Term, sign: int) -> Term:
    """The difference that is positive where ``a`` is the greater one (``sign`` 1) or the lesser."""
    return sub(a, b) if sign > 0 else sub(b, a)


def _add(ctx: Context, a: Term, b: Term) -> Order | None:
    for pairs in (tuple(zip(a.terms, b.terms, strict=True)), tuple(zip(a.terms, reversed(b.terms), strict=True))):
        if _guess(ctx, *pairs[0]) * _guess(ctx, *pairs[1]) == -1:
            continue
        parts = []
        for u, v in pairs:
            parts.append(compare(ctx, u, v))
            if parts[-1] is None:
                break
        signs = {p[0] for p in parts if p is not None} - {0}
        if None in parts or len(signs) > 1:
            continue
        sign = signs.pop() if signs else 0
        found = [p for p in parts if p is not None]
        if sign == 0:
            return 0, ctx.R.arith(equation(a, b), (), [(ONE, th) for _, th in found])
        rows = [(1, [th], []) for s, th in found if s]
        equations = [(rat(sign), th) for s, th in found if not s]
        return sign, ctx.R.arith(Literal(">", _gap(a, b, sign)), rows, equations)
    return None


def _sign(ctx: Context, t: Term) -> Order | None:
    """1 and ``t > 0``, -1 and ``-t > 0``, or 2 and -2 with ``>=``."""
    guess = [value(t, point) for point in ctx.samples]
    for sign in (1, -1):
        if t.free and any(v * sign < -1e-12 for v in guess):
            continue
        s = t if sign > 0 else neg(t)
        for relation, strength in ((">", 1), (">=", 2)):
            th = ctx.prove(relation, s)
            if th is not None:
                return sign * strength, th
    return None


def _mul(ctx: Context, a: Term, b: Term) -> Order | None:
    (a0, a1), (b0, b1) = a.terms, b.terms
    if a0 is b1 or a1 is b0:
        b0, b1 = b1, b0
    first, second = compare(ctx, a0, b0), compare(ctx, a1, b1)
    if first is None or second is None:
        return None
    # a0 a1 - b0 b1 = u (a1 - b1) + (a0 - b0) v  for  u, v = a0, b1  or  b0, a1
    for u, v in ((a0, b1), (b0, a1)):
        rows: list[tuple[int, list[Theorem], list[Term]]] = []
        equations: list[tuple[Term, Theorem]] = []
        signs, sure = set[int](), False
        for factor, (s, th) in ((u, second), (v, first)):
            if s == 0:
                equations.append((factor, th))
                continue
            side = _sign(ctx, factor)
            if side is None:
                break
            signs.add(s if side[0] > 0 else -s)
            sure = sure or abs(side[0]) == 1
            rows.append((1, [th, side[1]], []))
        else:
            if not rows:
                return 0, ctx.R.arith(equation(a, b), (), equations)
            if len(signs) == 1 and sure:
                sign = signs.pop()
                scaled = [(mul(rat(sign), c), th) for c, th in equations]
                return sign, ctx.R.arith(Literal(">", _gap(a, b, sign)), rows, scaled)
    return None


def _pow(ctx: Context, a: Term, b: Term) -> Order | None:
    n, (u,), (v,) = a.args[1], a.terms, b.terms
    if n != b.args[1] or type(n) is not int:
        return None
    inner = compare(ctx, u, v)
    if inner is None:
        return None
    s, th = inner
    if s == 0:
        return 0, ctx.R.rule("congruence", power(var(HOLE), n), HOLE, th)
    if n == 3:
        # u^3 - v^3 = (u - v) (3 (u + v)^2 + (u - v)^2) / 4
        rows3 = [(Fraction(3, 4), [th], [add(u, v)]), (Fraction(1, 4), [th] * 3, [])]
        return s, ctx.R.arith(Literal(">", _gap(a, b, s)), rows3)
    one, other = _sign(ctx, u), _sign(ctx, v)
    if one is None or other is None or one[0] * other[0] < 0:
        return None
    # u^n - v^n = (u - v) sum u^(n-1-k) v^k, and of n - 1 negative factors the product is positive for odd n
    sign = s if one[0] > 0 or n % 2 else -s
    rows = [(1, [th, *[one[1]] * (n - 1 - k), *[other[1]] * k], []) for k in range(n)]
    return sign, ctx.R.arith(Literal(">", _gap(a, b, sign)), rows)


def _inv(ctx: Context, a: Term, b: Term) -> Order | None:
    (u,), (v,) = a.terms, b.terms
    inner = compare(ctx, u, v)
    if inner is None:
        return None
    s, th = inner
    if s == 0:
        return 0, ctx.R.rule("congruence", unary("inv", var(HOLE)), HOLE, th)
    one, other = _sign(ctx, a), _sign(ctx, b)
    if one is None or other is None or (one[0], other[0]) not in ((1, 1), (-1, -1)):
        return None
    # 1/u - 1/v = (v - u) / (u v)
    equations = [(mul(rat(-s), c), e) for c, e in ((neg(a), ctx.inverse_fact(v)), (b, ctx.inverse_fact(u)))]
    return -s, ctx.R.arith(Literal(">", _gap(a, b, -s)), [(1, [th, one[1], other[1]], [])], equations)


def _rising(ctx: Context, a: Term, b: Term) -> Order | None:
    """``f(u)`` and ``f(v)`` for a function that rises where it is defined."""
    (u,), (v,) = a.terms, b.terms
    inner = compare(ctx, u, v)
    if inner is None:
        return None
    s, th = inner
    if s == 0:
        return 0, ctx.R.rule("congruence", unary(a.op, var(HOLE)), HOLE, th)
    more, less = (u, v) if s > 0 else (v, u)
    found = {"exp": exp_rises, "log": log_rises, "sqrt": sqrt_rises, "atan": atan_rises, "floor": floor_rises}[a.op](
        ctx, more, less, th
    )
    return None if found is None else (s, found)


def exp_rises(ctx: Context, a: Term, b: Term, more: Theorem) -> Theorem:
    """``exp(a) - exp(b) > 0`` from ``a - b > 0``: ``exp(a - b) >= 1 + a - b``."""
    R, step = ctx.R, sub(a, b)
    positive, taylor = R.fact("exp_pos", b), R.fact("exp_taylor", step, order=1)
    equations = [(ONE, _exp_sum(ctx, step, b, a))]
    goal = Literal(">", sub(unary("exp", a), unary("exp", b)))
    return R.arith(goal, [(1, [positive, taylor], []), (1, [positive, more], [])], equations)


def _exp_sum(ctx: Context, u: Term, v: Term, whole: Term) -> Theorem:
    """``exp(whole) - exp(u) exp(v) = 0`` where ``u + v == whole``."""
    R = ctx.R
    same = R.arith(equation(add(u, v), whole))
    step = R.rule("congruence", unary("exp", var(HOLE)), HOLE, same)
    goal = equation(unary("exp", whole), mul(unary("exp", u), unary("exp", v)))
    return R.arith(goal, (), [(ONE, R.fact("exp_add", u, v)), (MINUS_ONE, step)])


def log_rises(ctx: Context, a: Term, b: Term, more: Theorem) -> Theorem | None:
    """``log(a) - log(b) > 0`` from ``a - b > 0`` and ``b > 0``: else ``exp(log(b)) >= exp(log(a))``."""
    R, low = ctx.R, ctx.prove(">", b)
    if low is None:
        return None
    high = R.arith(Literal(">", a), [(1, [more], []), (1, [low], [])])
    p, q = unary("log", a), unary("log", b)
    claim, step, positive = Literal(">", sub(p, q)), sub(q, p), R.fact("exp_pos", p)
    rows = [(1, [positive, R.fact("exp_taylor", step, order=1)], []), (1, [positive, R.assume(claim.negation)], [])]
    values = [(MINUS_ONE, R.fact("exp_log", a, premises=[high])), (ONE, R.fact("exp_log", b, premises=[low]))]
    equations = [(MINUS_ONE, _exp_sum(ctx, step, p, q)), *((neg(c), th) for c, th in values)]
    clash = R.arith(Literal(">", ZERO), [*rows, (1, [more], [])], [(neg(c), th) for c, th in equations])
    return R.rule("cases", claim, R.assume(claim), clash)


def sqrt_rises(ctx: Context, a: Term, b: Term, more: Theorem) -> Theorem | None:
    """``sqrt(a) - sqrt(b) > 0`` from ``a - b > 0`` and ``b >= 0``: else their squares are the other way round."""
    R, low = ctx.R, ctx.prove(">=", b)
    if low is None:
        return None
    high = R.arith(Literal(">=", a), [(1, [more], []), (1, [low], [])])
    claim = Literal(">", sub(unary("sqrt", a), unary("sqrt", b)))
    below = R.assume(claim.negation)
    rows = [(1, [below, R.fact("sqrt_nonneg", u)], []) for u in (a, b)]
    squares = [(ONE, R.fact("sqrt_square", a, premises=[high])), (MINUS_ONE, R.fact("sqrt_square", b, premises=[low]))]
    clash = R.arith(Literal(">", ZERO), [*rows, (1, [more], [])], squares)
    return R.rule("cases", claim, R.assume(claim), clash)


def atan_rises(ctx: Context, a: Term, b: Term, more: Theorem) -> Theorem:
    """``atan(a) - atan(b) > 0`` from ``a - b > 0``: ``sin(atan(b) - atan(a)) = (b - a) cos cos < 0``."""
    R, p, q = ctx.R, unary("atan", a), unary("atan", b)
    claim, step = Literal(">", sub(p, q)), sub(q, p)
    cosines = [R.fact("atan_cos", u) for u in (a, b)]
    tangents = (unary("cos", q), R.fact("atan_tan", a)), (neg(unary("cos", p)), R.fact("atan_tan", b))
    # Where atan(b) > atan(a), the sine of the difference is positive, and negative by the addition theorem.
    over = Literal(">", step)
    turn = R.arith(Literal(">", sub(pi(), step)), [(1, [R.fact("atan_low", a)], []), (1, [R.fact("atan_high", b)], [])])
    sine = R.fact("sin_pos", step, premises=[R.assume(over), turn])
    equations = [
        (MINUS_ONE, R.fact("sin_add", q, neg(p))),
        (neg(unary("sin", q)), R.fact("cos_even", p)),
        (neg(unary("cos", q)), R.fact("sin_odd", p)),
        *tangents,
    ]
    absurd = R.arith(Literal(">", ZERO), [(1, [sine], []), (1, [more, *cosines], [])], equations)
    # Where they are equal, so are their tangents.
    zero = Literal("=", sub(p, q))
    same = [R.rule("congruence", unary(op, var(HOLE)), HOLE, R.assume(zero)) for op in ("sin", "cos")]
    products = [(1, [more, cosines[0]], [])]
    equal = [(MINUS_ONE, same[0]), (b, same[1]), (ONE, R.fact("atan_tan", a)), (MINUS_ONE, R.fact("atan_tan", b))]
    clash = R.arith(Literal(">", ZERO), products, equal)
    weak = R.arith(Literal(">=", sub(p, q)), [(1, [R.assume(over.negation)], [])])
    found = strict(ctx, claim.term, weak, R.assume(zero.negation))
    assert found is not None
    return R.rule("cases", over, absurd, R.rule("cases", zero, clash, found))


def floor_rises(ctx: Context, a: Term, b: Term, more: Theorem) -> Theorem | None:
    """``floor(a) - floor(b) > 0`` where ``a >= b + 1``."""
    R, apart = ctx.R, ctx.prove(">=", sub(sub(a, b), ONE))
    if apart is None:
        return None
    rows = [(1, [R.fact("floor_high", a)], []), (1, [apart], []), (1, [R.fact("floor_low", b)], [])]
    return R.arith(Literal(">", sub(unary("floor", a), unary("floor", b))), rows)


_RULES = {
    "add": _add,
    "mul": _mul,
    "pow": _pow,
    "inv": _inv,
    "exp": _rising,
    "log": _rising,
    "sqrt": _rising,
    "atan": _rising,
    "floor": _rising,
}
