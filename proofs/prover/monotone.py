"""Which of two terms of one shape is greater: from the inside to the outside, each function by its monotony."""

from __future__ import annotations

from fractions import Fraction

from ..kernel.local import slope
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
    substitute,
    unary,
    var,
)
from ..kernel.theorems import Local, Theorem
from .congruence import with_node
from .constants import sign_of_constant
from .context import Context
from .derive import NotShown, local
from .lemmas import inverse_nonzero, strict
from .limits_values import fresh
from .linear_search import MAX_SEARCHES
from .normal import HOLE, TooLarge, canonical_term, equation
from .onesided import simplified
from .polynomial import UNIT, poly, term
from .sampling import value

SEARCHES = 40
"""How many linear searches the sign of a derivative may take: there is often another way."""

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
    return found or by_mean_value(ctx, a, b) or _directly(ctx, a, b)


def _guess(ctx: Context, a: Term, b: Term) -> int:
    """The sign of ``a - b`` at the sample points; 2 where they disagree or say nothing."""
    signs = {
        (v > 0) - (v < 0) for point in ctx.samples for v in (value(sub(a, b), point),) if v == v and abs(v) > 1e-12
    }
    return signs.pop() if len(signs) == 1 else 2


def _directly(ctx: Context, a: Term, b: Term) -> Order | None:
    for sign in (1, -1):
        t = sub(a, b) if sign > 0 else sub(b, a)
        th = ctx.prove(">", t) if t.free else _closed(ctx, t)
        if th is not None:
            return sign, th
    same = ctx.prove_equal(a, b)
    return None if same is None else (0, same)


def _closed(ctx: Context, t: Term) -> Theorem | None:
    """``t > 0`` for a number, as it is written or in canonical form."""
    th = sign_of_constant(ctx.R, ">", t)
    if th is not None or value(t, {}) < 0:
        return th
    try:
        short = canonical_term(ctx.frac(t))
        same = ctx.prove_equal(t, short)
    except TooLarge:
        return None
    th = None if same is None else sign_of_constant(ctx.R, ">", short)
    return None if th is None or same is None else ctx.R.arith(Literal(">", t), [(1, [th], [])], [(ONE, same)])


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
    known = positive(ctx, t)
    if known is not None:
        return 1, known
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
    if all(_opposed(ctx, u, v, (a0, b0), (a1, b1)) for u, v in ((a0, b1), (b0, a1))):
        return None
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


def _opposed(ctx: Context, u: Term, v: Term, first: tuple[Term, Term], second: tuple[Term, Term]) -> bool:
    """Whether ``u (a1 - b1)`` and ``(a0 - b0) v`` have opposite signs at the sample points."""
    one, other = _guess(ctx, u, ZERO) * _guess(ctx, *second), _guess(ctx, *first) * _guess(ctx, v, ZERO)
    return one * other == -1


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


def positive(ctx: Context, t: Term) -> Theorem | None:
    """``t > 0`` where every part of ``t`` says so for its form."""
    R, goal = ctx.R, Literal(">", t)
    match t.op:
        case "exp":
            return R.fact("exp_pos", t.terms[0])
        case "rat" if Fraction(str(t.args[0])) > 0:
            return R.arith(goal, [(Fraction(str(t.args[0])), [], [])])
        case "add" | "mul":
            parts = [positive(ctx, s) for s in t.terms]
            if parts[0] is None or parts[1] is None:
                return None
            return R.arith(
                goal, [(1, [p], []) for p in parts if p] if t.op == "add" else [(1, [p for p in parts if p], [])]
            )
        case "inv":
            inner = positive(ctx, t.terms[0])
            return None if inner is None else _inverse_positive(ctx, t, inner)
        case "log":
            above = positive(ctx, term(poly(sub(t.terms[0], ONE))))
            return None if above is None else _log_positive(ctx, t, above)
    return None


def _inverse_positive(ctx: Context, t: Term, inner: Theorem) -> Theorem:
    (u,), R = t.terms, ctx.R
    inverse = R.fact("inv", u, premises=[R.arith(Literal("!=", u), [(1, [inner], [])])])
    apart = inverse_nonzero(ctx, u, inverse)
    return R.arith(Literal(">", t), [(1, [inner, apart], [])], [(neg(t), inverse)])


def _log_positive(ctx: Context, t: Term, above: Theorem) -> Theorem:
    """``log(u) > 0`` from ``u - 1 > 0``: else ``1 = u exp(-log(u)) >= u``."""
    (u,), R, claim = t.terms, ctx.R, Literal(">", t)
    low = R.arith(Literal(">", u), [(1, [above], []), (1, [], [])])
    value_ = R.fact("exp_log", u, premises=[low])
    zero = _exp_sum(ctx, t, neg(t), ZERO)
    rows = [(1, [low, R.fact("exp_taylor", neg(t), order=1)], []), (1, [low, R.assume(claim.negation)], [])]
    # u exp(-p) = exp(p) exp(-p) = exp(0) = 1
    equations = [(unary("exp", neg(t)), value_), (ONE, zero), (MINUS_ONE, R.fact("exp_zero"))]
    clash = R.arith(Literal(">", ZERO), [*rows, (1, [above], [])], equations)
    return R.rule("cases", claim, R.assume(claim), clash)


def by_mean_value(ctx: Context, a: Term, b: Term) -> Order | None:
    """By the sign of the derivative of ``e``, where ``a = e(p)`` and ``b = e(q)`` for ``p - q = 1``."""
    parts = _difference(a, b)
    if parts is None:
        return None
    p, q = parts
    order = compare(ctx, p, q)
    if order is None or order[0] == 0:
        return None
    if order[0] < 0:
        other = by_mean_value(ctx, b, a)
        return None if other is None else (-other[0], other[1])
    s, R = fresh("s", a, b), ctx.R
    e = with_node(a, p, var(s))
    if substitute(e, {s: q}) is not b or any(not e.free.isdisjoint(h.term.free) for h in ctx.hyps):
        return None
    room = {h: k for h in ctx.hyps if (k := _room(h, p, q, var(s))) is not None}
    weak = Context(R, room.values(), [s])
    try:
        moving = simplified(weak, local(weak, frozenset({s}), e), s)
    except NotShown:
        return None
    c = moving.conclusion
    if not isinstance(c, Local) or c.derivative is None:
        return None
    rate = slope(c.derivative, s)
    inside = Context(R, [Literal(">", k.term) for k in room.values()], [s])
    for sign in (1, -1):
        if any(value(rate, point) * sign < 0 for point in inside.samples):
            continue
        if sign < 0:
            moving = local(weak, frozenset({s}), neg(e))
            assert isinstance(moving.conclusion, Local) and moving.conclusion.derivative is not None
            rate = slope(moving.conclusion.derivative, s)
        R.searches = max(R.searches, MAX_SEARCHES - SEARCHES)
        rising = inside.prove(">", rate)
        if rising is None:
            return None
        for relation in (">=", ">"):
            ends = R.assume(Literal(relation, sub(var(s), q))), R.assume(Literal(relation, sub(p, var(s))))
            for h, k in room.items():
                goal = Literal(relation, k.term)
                lemma = R.arith(goal, [(1, [R.assume(h)], []), (1, [ends[0 if _below(h, p) else 1]], [])])
                moving = R.rule("cut", lemma, moving) if goal in moving.hyps else moving
                rising = R.rule("cut", lemma, rising) if goal in rising.hyps else rising
        th = R.rule("increases", s, [q, p], moving, rising)
        th = R.rule("cut", order[1], th)
        return sign, R.arith(Literal(">", _gap(a, b, sign)), [(1, [th], [])])
    return None


def _difference(a: Term, b: Term) -> tuple[Term, Term] | None:
    """The one pair of parts in which the two terms differ."""
    found: dict[tuple[Term, Term], None] = {}
    stack, seen = [(a, b)], set[tuple[Term, Term]]()
    while stack:
        u, v = stack.pop()
        if u is v or (u, v) in seen:
            continue
        seen.add((u, v))
        same = u.op == v.op and len(u.terms) == len(v.terms) and u.op not in ("floor", "rat", "var")
        if same and [k for k in u.args if type(k) is not Term] == [k for k in v.args if type(k) is not Term]:
            stack += zip(u.terms, v.terms, strict=True)
        else:
            found[u, v] = None
    return next(iter(found)) if len(found) == 1 else None


def _below(h: Literal, p: Term) -> bool:
    """Whether the bound ``h`` is one from below, ``p - k >= 0``."""
    return poly(h.term).get(((p, 1),)) == 1


def _room(h: Literal, p: Term, q: Term, s: Term) -> Literal | None:
    """What the bound ``h`` of ``p`` says about ``s`` between ``q = p - 1`` and ``p``."""
    f = poly(h.term)
    if h.relation != ">=" or set(f) - {((p, 1),), UNIT} or poly(sub(p, q)) != {UNIT: 1}:
        return None
    k = Fraction(f.get(UNIT, 0))
    if f.get(((p, 1),)) == 1:
        return Literal(">=", add(s, rat(k + 1)))
    return Literal(">=", sub(rat(k), s)) if f.get(((p, 1),)) == -1 else None


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
    above, taylor = R.fact("exp_pos", b), R.fact("exp_taylor", step, order=1)
    equations = [(ONE, _exp_sum(ctx, step, b, a))]
    goal = Literal(">", sub(unary("exp", a), unary("exp", b)))
    return R.arith(goal, [(1, [above, taylor], []), (1, [above, more], [])], equations)


def _exp_sum(ctx: Context, u: Term, v: Term, whole: Term) -> Theorem:
    """``exp(whole) - exp(u) exp(v) = 0`` where ``u + v == whole``."""
    R = ctx.R
    same = R.arith(equation(add(u, v), whole))
    step = R.rule("congruence", unary("exp", var(HOLE)), HOLE, same)
    goal = equation(unary("exp", whole), mul(unary("exp", u), unary("exp", v)))
    return R.arith(goal, (), [(ONE, R.fact("exp_add", u, v)), (MINUS_ONE, step)])


def log_rises(ctx: Context, a: Term, b: Term, more: Theorem) -> Theorem | None:
    """``log(a) - log(b) > 0`` from ``a - b > 0`` and ``b > 0``: else ``exp(log(b)) >= exp(log(a))``."""
    R, low = ctx.R, positive(ctx, b) or ctx.prove(">", b)
    if low is None:
        return None
    high = R.arith(Literal(">", a), [(1, [more], []), (1, [low], [])])
    p, q = unary("log", a), unary("log", b)
    claim, step, above = Literal(">", sub(p, q)), sub(q, p), R.fact("exp_pos", p)
    rows = [(1, [above, R.fact("exp_taylor", step, order=1)], []), (1, [above, R.assume(claim.negation)], [])]
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
