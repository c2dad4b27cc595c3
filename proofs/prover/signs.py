"""The search for signs: one strategy after the other, each ending in kernel rules or in ``None``."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..kernel.algebra import Polynomial
from ..kernel.facts import HALF_PI
from ..kernel.terms import MINUS_ONE, ONE, ZERO, KernelError, Literal, Term, add, mul, neg, pi, power, rat, sub, unary
from ..kernel.theorems import Holds, Theorem
from .constants import sign_of_constant
from .factors import split_polynomial
from .normal import TooLarge, denominator_term, equation
from .polynomial import UNIT, atoms, content, monomial_term, monomials, poly, term
from .polynomials import Effort, positive
from .recorder import digest
from .sampling import value

if TYPE_CHECKING:
    from .context import Context

MAX_SEARCHES = 250
DEEP, QUICK = 2_500_000, 400_000
"""What a linear search may cost for a goal itself, and for a step on the way to one."""


def prove(ctx: Context, goal: Literal) -> Theorem | None:
    """A theorem for ``goal`` under the hypotheses of ``ctx``, or ``None``."""
    absurd = ctx.absurd()
    if absurd is not None:
        return from_absurd(ctx, goal, absurd)
    if not goal.term.free and set(poly(goal.term)) - {UNIT}:
        return by_constant(ctx, goal)
    for strategy in (trivial, by_hypothesis, by_negated_hypothesis, by_structure):
        found = strategy(ctx, goal)
        if found is not None:
            return found
    if goal.relation == "=":
        return by_equality(ctx, goal) or split(ctx, goal)
    if goal.relation == "!=":
        return nonzero(ctx, goal) or split(ctx, goal)
    found = by_fraction(ctx, goal)
    if found is None and goal.relation == ">=":
        weaker = None
        if all(value(goal.term, p) > 1e-9 for p in ctx.samples):
            weaker = ctx.prove(">", goal.term)
        if weaker is not None:
            found = ctx.R.arith(goal, [(1, [weaker], [])])
    return found or split(ctx, goal)


def by_constant(ctx: Context, goal: Literal) -> Theorem | None:
    """A literal about a number: exactly by its normal form, else by enclosing it between rationals."""
    found = by_equality(ctx, goal) if goal.relation == "=" else None
    return found or sign_of_constant(ctx.R, goal.relation, goal.term)


def from_absurd(ctx: Context, goal: Literal, absurd: Theorem) -> Theorem:
    """Any literal from a contradiction."""
    return ctx.R.rule("cases", goal, ctx.R.assume(goal), absurd)


def trivial(ctx: Context, goal: Literal) -> Theorem | None:
    """Literals about a rational number, and terms of one sign for their form."""
    p = poly(goal.term)
    if p and set(p) != {UNIT}:
        return None
    c = Fraction(p.get(UNIT, 0))
    if goal.relation == "=":
        return ctx.R.arith(goal) if c == 0 else None
    if goal.relation == "!=":
        return ctx.R.arith(goal, [(c, [], [])]) if c else None
    if c > 0:
        return ctx.R.arith(goal, [(c, [], [])])
    return ctx.R.arith(goal) if c == 0 and goal.relation == ">=" else None


def ratio(p: Polynomial, q: Polynomial) -> Fraction | None:
    """``c`` with ``p = c q``."""
    if not p or not q or p.keys() != q.keys():
        return None
    first = next(iter(q))
    c = Fraction(p[first]) / Fraction(q[first])
    return c if all(Fraction(p[m]) == c * Fraction(q[m]) for m in q) else None


def by_hypothesis(ctx: Context, goal: Literal) -> Theorem | None:
    """A multiple of a hypothesis."""
    p = poly(goal.term)
    for h in ctx.hyps:
        c = ratio(p, poly(h.term))
        if c is None:
            continue
        th = ctx.R.assume(h)
        if goal.relation == "=" == h.relation:
            return ctx.R.arith(goal, (), [(rat(c), th)])
        if goal.relation == "!=" and h.relation in (">", "!="):
            return ctx.R.arith(goal, [(c, [th], [])])
        if c > 0 and (goal.relation, h.relation) in ((">", ">"), (">=", ">"), (">=", ">=")):
            return ctx.R.arith(goal, [(c, [th], [])])
        if goal.relation == ">=" and h.relation == "=":
            return ctx.R.arith(goal, [(1, [], [ZERO])], [(rat(c), th)])
    return None


def by_negated_hypothesis(ctx: Context, goal: Literal) -> Theorem | None:
    """``t > 0`` from ``t >= 0`` and ``t != 0`` among the hypotheses."""
    if goal.relation != ">":
        return None
    p = poly(goal.term)
    lower = next(
        (h for h in ctx.hyps if h.relation == ">=" and (c := ratio(p, poly(h.term))) is not None and c > 0), None
    )
    apart = next((h for h in ctx.hyps if h.relation == "!=" and ratio(p, poly(h.term)) is not None), None)
    if lower is None or apart is None:
        return None
    return strict(ctx, goal.term, ctx.prove(">=", goal.term), ctx.prove("!=", goal.term))


def by_structure(ctx: Context, goal: Literal) -> Theorem | None:
    """The sign of a sum of terms of one sign, of a product, a power or an inverse, as it is written."""
    t, R, relation = goal.term, ctx.R, goal.relation
    if relation not in (">", ">=") or t.op not in ("add", "mul", "pow", "inv"):
        return None
    if t.op == "add":
        a, b = t.terms
        for first, second in ((a, b), (b, a)):
            weak = ctx.prove(">=", second) if _looks(ctx, ">=", second) and _looks(ctx, relation, first) else None
            strong = ctx.prove(relation, first) if weak is not None else None
            if weak is not None and strong is not None:
                return R.arith(goal, [(1, [strong], []), (1, [weak], [])])
        return None
    if t.op == "pow":
        n, (u,) = t.args[1], t.terms
        assert type(n) is int
        if n % 2 == 0 and relation == ">=":
            return R.arith(goal, [(1, [], [u if n == 2 else power(u, n // 2)])])
        th = ctx.prove("!=" if n % 2 == 0 else relation, u)
        return None if th is None else R.arith(goal, [(1, [th] * (n // 2 if n % 2 == 0 else n), [])])
    if t.op == "inv":
        (u,) = t.terms
        th = ctx.prove(">", u)
        if th is None:
            return None
        inverse = R.fact("inv", u, premises=[R.arith(Literal("!=", u), [(1, [th], [])])])
        apart = inverse_nonzero(ctx, u, inverse)
        return R.arith(goal, [(1, [th, apart], [])], [(neg(t), inverse)])
    u, v = t.terms
    if u.op == "rat":
        q = Fraction(str(u.args[0]))
        if q == 0:
            return None
        th = ctx.prove(relation, v if q > 0 else neg(v)) if v.op != "rat" else None
        return None if th is None else R.arith(goal, [(abs(q), [th], [])])
    for a, b, sign in ((u, v, 1), (neg(u), neg(v), 1)):
        if _looks(ctx, relation, a) and _looks(ctx, relation, b):
            one = ctx.prove(relation, a)
            other = ctx.prove(relation, b) if one is not None else None
            if one is not None and other is not None:
                return R.arith(goal, [(sign, [one, other], [])])
    return None


def _looks(ctx: Context, relation: str, t: Term) -> bool:
    return ctx.plausible(Literal(relation, t))


def strict(ctx: Context, t: Term, nonneg: Theorem | None, apart: Theorem | None) -> Theorem | None:
    """``t > 0`` from ``t >= 0`` and ``t != 0``."""
    if nonneg is None or apart is None:
        return None
    goal = Literal(">", t)
    below = ctx.R.assume(goal.negation)
    upper = ctx.R.arith(Literal(">=", neg(t)), [(1, [below], [])])
    zero = ctx.R.rule("between", nonneg, upper)
    clash = ctx.R.arith(Literal("!=", ZERO), [(1, [apart], [])], [(MINUS_ONE, zero)])
    return ctx.R.rule("cases", goal, ctx.R.assume(goal), clash)


def by_equality(ctx: Context, goal: Literal) -> Theorem | None:
    """``t = 0`` by its normal form, or as a sum of cases."""
    return ctx.zero_by_fraction(goal.term)


def nonzero(ctx: Context, goal: Literal) -> Theorem | None:
    """``t != 0`` from its sign, or from its factors."""
    found = by_integers(ctx, goal)
    if found is not None:
        return found
    values = [value(goal.term, p) for p in ctx.samples]
    maybe = {True: not any(v < 0 for v in values), False: not any(v > 0 for v in values)}
    order = [up for up in (True, False) if maybe[up]]
    for up in order:
        t = goal.term if up else neg(goal.term)
        th = ctx.prove(">", t)
        if th is not None:
            return ctx.R.arith(goal, [(1 if up else -1, [th], [])])
    f = ctx.frac(goal.term)
    if not f.numerator:
        return None
    scale, shared, rest = content(f.numerator)
    factors = [(a, k) for a, k in shared] + ([(p, 1) for p in split_polynomial(rest)] if rest != {UNIT: 1} else [])
    if len(factors) == 1 and factors[0][1] == 1 and poly(factors[0][0]) == poly(goal.term):
        return by_nonzero_atom(ctx, goal)
    proofs: list[Theorem] = []
    for factor, k in factors:
        th = ctx.prove("!=", factor)
        if th is None:
            return None
        proofs += [th] * k
    n = term(f.numerator)
    try:
        top = ctx.R.arith(Literal("!=", n), [(scale, proofs, [])])
    except KernelError:
        return None
    return nonzero_of_numerator(ctx, goal.term, f.link, denominator_term(f.denominator), n, top)


def by_nonzero_atom(ctx: Context, goal: Literal) -> Theorem | None:
    """``u - v != 0`` is left to the cases ``u > v`` and ``u < v`` where a hypothesis says ``!=``."""
    if ctx.depth > 2:
        return None
    for h in ctx.hyps:
        if h.relation == "!=" and not h.term.free.isdisjoint(goal.term.free):
            one, other = ctx.with_(Literal(">", h.term)), ctx.with_(Literal(">", neg(h.term)))
            a, b = one.prove(*goal), None
            if a is not None:
                b = other.prove(*goal)
            if a is not None and b is not None:
                return join_strict(ctx, h, a, b)
    return None


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


def join_strict(ctx: Context, h: Literal, a: Theorem, b: Theorem) -> Theorem:
    """From ``t > 0 |- C`` and ``-t > 0 |- C`` with ``t != 0`` among the hypotheses: ``C``."""
    up, down = Literal(">", h.term), Literal(">", neg(h.term))
    apart, below = ctx.R.assume(h), ctx.R.assume(up.negation)
    strictly = strict(
        ctx,
        neg(h.term),
        ctx.R.arith(Literal(">=", neg(h.term)), [(1, [below], [])]),
        ctx.R.arith(Literal("!=", neg(h.term)), [(-1, [apart], [])]),
    )
    assert strictly is not None
    second = ctx.R.rule("cut", strictly, b) if down in b.hyps else b
    return ctx.R.rule("cases", up, a, second)


def nonzero_of_numerator(ctx: Context, t: Term, link: Theorem | None, whole: Term, n: Term, top: Theorem) -> Theorem:
    """``t != 0`` from ``t D = N`` and ``N != 0``: else ``N = 0``."""
    zero = Literal("=", t)
    equations = [(neg(whole), ctx.R.assume(zero))] + ([(ONE, link)] if link is not None else [])
    clash = ctx.R.arith(Literal("!=", ZERO), [(1, [top], [])], equations)
    return ctx.R.rule("cases", zero, clash, ctx.R.assume(zero.negation))


def by_fraction(ctx: Context, goal: Literal) -> Theorem | None:
    """The sign of ``t = N / D`` from those of ``N`` and of the factors of ``D``."""
    f = ctx.frac(goal.term)
    whole = denominator_term(f.denominator)
    if not f.denominator:
        n = f.numerator
        th = sign_of_polynomial(ctx, goal.relation, n, poly(goal.term) == n and f.link is None)
        if th is None:
            return None
        link = [(ONE, f.link)] if f.link is not None else []
        return ctx.R.arith(goal, [(1, [th], [])], link)
    sign, proofs = 1, []
    for factor, k in sorted(f.denominator.items(), key=lambda item: digest(item[0])):
        up = ctx.prove(">", factor)
        if up is None and k % 2 == 0:
            apart = ctx.must_be_nonzero(factor)
            proofs += [ctx.R.arith(Literal(">", power(factor, 2)), [(1, [apart], [])])] * (k // 2)
            continue
        if up is None:
            up = ctx.prove(">", neg(factor))
            sign *= (-1) ** (k % 2)
        if up is None:
            return None
        proofs += [up] * k
    n = f.numerator if sign > 0 else {m: -c for m, c in f.numerator.items()}
    top = sign_of_polynomial(ctx, goal.relation, n, False)
    if top is None:
        return None
    assert f.link is not None
    inverse = ctx.inverse_fact(whole)
    i = unary("inv", whole)
    apart = inverse_nonzero(ctx, whole, inverse)
    t = goal.term
    equations = [(mul(whole, power(i, 2)), f.link), (neg(mul(t, add(mul(whole, i), ONE))), inverse)]
    return ctx.R.arith(goal, [(1, [top, *proofs, apart], [])], equations)


def inverse_nonzero(ctx: Context, d: Term, inverse: Theorem) -> Theorem:
    """``inv(d) != 0`` from ``d inv(d) = 1``."""
    i = unary("inv", d)
    zero = Literal("=", i)
    absurd = ctx.R.arith(Literal("!=", ZERO), [(1, [], [])], [(ONE, inverse), (neg(d), ctx.R.assume(zero))])
    return ctx.R.rule("cases", zero, absurd, ctx.R.assume(zero.negation))


# --- polynomials in canonical atoms ----------------------------------------------------------------------------


def sign_of_polynomial(ctx: Context, relation: str, n: Polynomial, same: bool) -> Theorem | None:
    """``n relation 0`` for ``>`` and ``>=``, about the term :func:`term` makes of ``n``.

    ``same`` says that the caller asks about this very polynomial, so that asking again would not end.
    """
    t = term(n)
    goal = Literal(relation, t)
    simple = trivial(ctx, goal) or by_hypothesis(ctx, goal)
    if simple is not None:
        return simple
    if not ctx.plausible(goal):
        return None
    if not same and len(ctx._busy) < 30:
        return ctx.prove(relation, t)
    if set(n) <= {UNIT}:
        return None
    scale, shared, rest = content(n)
    pieces: list[tuple[Term, int]] = list(shared)
    if rest != {UNIT: 1}:
        pieces += [(p, 1) for p in split_polynomial(rest)]
    if len(pieces) > 1 or pieces[0][1] > 1 or abs(scale) != 1:
        return sign_of_product(ctx, relation, t, scale, pieces)
    if len(n) == 1 and scale == 1:
        return sign_of_atom(ctx, relation, pieces[0][0])
    for strategy in (all_positive, compare_two, root_against, logarithms, linear):
        found = strategy(ctx, goal, n)
        if found is not None:
            return found
    return None


def sign_of_product(
    ctx: Context, relation: str, t: Term, scale: Fraction, pieces: list[tuple[Term, int]]
) -> Theorem | None:
    """The sign of ``scale * prod piece^k`` from the signs of the pieces."""
    sign, proofs, squares = 1 if scale > 0 else -1, [], []
    merged: dict[Term, int] = {}
    for p, k in pieces:
        merged[p] = merged.get(p, 0) + k
    for base, k in sorted(merged.items(), key=lambda item: digest(item[0])):
        if k % 2 == 0:
            if relation == ">=":
                squares += [power(base, k // 2) if k > 2 else base]
                continue
            apart = ctx.prove("!=", base)
            if apart is None:
                return None
            proofs += [apart] * (k // 2)
            continue
        found = ctx.prove(">", base)
        if found is None:
            found = ctx.prove(">", neg(base))
            flip = found is not None
            if found is None and relation == ">=":
                found = ctx.prove(">=", base)
                if found is None:
                    found = ctx.prove(">=", neg(base))
                    flip = found is not None
            if flip:
                sign = -sign
        if found is None:
            return None
        proofs.append(found)
        if k > 1:
            if relation == ">=":
                squares.append(base if k == 3 else power(base, k // 2))
            else:
                proofs += [found] * (k - 1)
                if k % 2 == 0:
                    return None
    if sign < 0:
        return None
    try:
        return ctx.R.arith(Literal(relation, t), [(abs(scale), proofs, squares)])
    except KernelError:
        return None


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
    same = R.rule("congruence", unary("sin", _hole()), "hole", R.arith(equation(a, ZERO), (), [(ONE, R.assume(zero))]))
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


def _hole() -> Term:
    from ..kernel.terms import var

    return var("hole")


def sine_at_zero(ctx: Context) -> Theorem:
    """``sin(0) - 0 = 0``."""
    from .normal import _at_zero

    found = _at_zero(ctx, unary("sin", ZERO))
    assert found is not None
    return found[1]


def positive_cos(ctx: Context, a: Term) -> Theorem | None:
    """``cos(u) > 0`` for ``-pi/2 < u < pi/2``, as ``sin(pi/2 - u)``; ``cos(atan(u)) > 0``."""
    R, u = ctx.R, a.terms[0]
    if u.op == "atan":
        return R.fact("atan_cos", u.terms[0])
    low, high = ctx.prove(">", add(u, HALF_PI)), ctx.prove(">", sub(HALF_PI, u))
    if low is None or high is None:
        return None
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
    return R.arith(Literal(">", a), [(1, [sine], [])], equations)


def positive_cited(ctx: Context, a: Term) -> Theorem | None:
    """``gamma`` and ``beta`` are positive for positive operands."""
    name = str(a.args[0])
    if name not in ("gamma", "beta"):
        return None
    premises = [ctx.prove(">", u) for u in a.terms]
    if any(p is None for p in premises):
        return None
    return ctx.R.rule("cite", name + "_pos", list(a.terms), premises)


def all_positive(ctx: Context, goal: Literal, n: Polynomial) -> Theorem | None:
    """A sum of products each known to be nonnegative, one of them positive."""
    products: list[tuple[Fraction, list[Theorem], list[Term]]] = []
    positive = False
    for m, c in monomials(n):
        q = Fraction(c)
        if m == UNIT:
            if q < 0:
                return None
            products.append((q, [], []))
            positive = True
            continue
        factors, squares, sign, strictly = [], [], 1 if q > 0 else -1, True
        for a, k in m:
            up = ctx.prove(">", a)
            if up is not None:
                factors += [up] * k
                continue
            if k % 2 == 0:
                apart = ctx.prove("!=", a)
                if apart is not None:
                    factors += [apart] * (k // 2)
                else:
                    squares.append(a if k == 2 else power(a, k // 2))
                    strictly = False
                continue
            down = ctx.prove(">", neg(a))
            if down is None:
                weak = ctx.prove(">=", a)
                if weak is None:
                    weak = ctx.prove(">=", neg(a))
                    if weak is None:
                        return None
                    sign *= -1
                strictly = False
                factors += [weak] * k
                continue
            sign *= (-1) ** k
            factors += [down] * k
        if sign < 0:
            return None
        positive = positive or strictly
        products.append((abs(q), factors, squares))
    if goal.relation == ">" and not positive:
        return None
    try:
        return ctx.R.arith(goal, products)
    except KernelError:
        return None


def compare_two(ctx: Context, goal: Literal, n: Polynomial) -> Theorem | None:
    """``A - B`` for positive monomials with exponentials or roots, by their logarithms: ``A = B exp(d)``, ``exp(d) >= 1 + d``."""
    if len(n) != 2 or not any(a.op in ("exp", "sqrt") for a in atoms(n)):
        return None
    (m, c), (k, e) = monomials(n)
    if Fraction(c) < 0:
        (m, c), (k, e) = (k, e), (m, c)
    if Fraction(c) < 0 or Fraction(e) > 0:
        return None
    a, b = monomial_term(m, c), monomial_term(k, -e)
    a_pos, b_pos = ctx.prove(">", a), ctx.prove(">", b)
    if a_pos is None or b_pos is None:
        return None
    d = sub(unary("log", a), unary("log", b))
    f = ctx.frac(d)
    from .normal import same_as_canonical

    exponent, _ = same_as_canonical(ctx, d, f)
    gap = ctx.prove(goal.relation, exponent)
    same = ctx.prove_equal(mul(b, unary("exp", exponent)), a)
    if gap is None or same is None:
        return None
    taylor = ctx.R.fact("exp_taylor", exponent, order=1)
    return ctx.R.arith(goal, [(1, [b_pos, taylor], []), (1, [b_pos, gap], [])], [(MINUS_ONE, same)])


def root_against(ctx: Context, goal: Literal, n: Polynomial) -> Theorem | None:
    """``a sqrt(u) + b > 0`` for ``a > 0`` from ``a^2 u > b^2``."""
    for s in atoms(n):
        if s.op != "sqrt" or goal.relation != ">" or any(k > 1 for m in n for x, k in m if x is s):
            continue
        a = {tuple(f for f in m if f[0] is not s): c for m, c in n.items() if any(x is s for x, _ in m)}
        b = {m: c for m, c in n.items() if all(x is not s for x, _ in m)}
        u, top, rest = s.terms[0], term(a), term(b)
        nonneg, above = ctx.prove(">=", u), ctx.prove(">", top)
        gap = ctx.prove(">", sub(mul(power(top, 2), u), power(rest, 2)))
        if nonneg is None or above is None or gap is None:
            continue
        R, N = ctx.R, goal.term
        square, root = R.fact("sqrt_square", u, premises=[nonneg]), R.fact("sqrt_nonneg", u)
        no = R.assume(goal.negation)
        # Were N = a s + b <= 0: a^2 u - b^2 = N (a s - b) = 2 a s N - N^2 <= 0.
        rows = [(1, [gap], []), (2, [above, root, no], []), (1, [], [N])]
        clash_ = R.arith(Literal(">", ZERO), rows, [(power(top, 2), square)])
        return R.rule("cases", goal, R.assume(goal), clash_)
    return None


def logarithms(ctx: Context, goal: Literal, n: Polynomial) -> Theorem | None:
    """``sum c_i log(v_i) + q R 0`` for integers ``c_i``: with ``P = prod v_i^c_i e^q`` it is at least ``1 - 1/P``."""
    if not any(a.op == "log" for a in atoms(n)):
        return None
    denominators = 1
    for c in n.values():
        denominators = denominators * Fraction(c).denominator // _gcd(denominators, Fraction(c).denominator)
    product: Term = ONE
    for m, c in monomials(n):
        k = Fraction(c) * denominators
        if m == UNIT:
            product = mul(product, unary("exp", rat(k)))
            continue
        if len(m) != 1 or m[0][1] != 1 or m[0][0].op != "log" or abs(k) > 24:
            return None
        v = m[0][0].terms[0]
        base = v if k > 0 else unary("inv", v)
        product = mul(product, base if abs(k) == 1 else power(base, int(abs(k))))
    L = mul(rat(denominators), term(n))
    above = ctx.prove(goal.relation, sub(product, ONE))
    if above is None:
        return None
    positive = ctx.prove(">", product)
    same = ctx.prove_equal(unary("exp", neg(L)), unary("inv", product))
    if positive is None or same is None:
        return None
    R = ctx.R
    inverse = R.fact("inv", product, premises=[R.arith(Literal("!=", product), [(1, [positive], [])])])
    i = unary("inv", product)
    i_apart = inverse_nonzero(ctx, product, inverse)
    i_positive = R.arith(Literal(">", i), [(1, [positive, i_apart], [])], [(neg(i), inverse)])
    # L >= 1 - exp(-L) = 1 - 1/P = (P - 1)/P
    taylor = R.fact("exp_taylor", neg(L), order=1)
    goal_L = R.arith(
        Literal(goal.relation, L),
        [(1, [taylor], []), (1, [above, i_positive], [])],
        [(MINUS_ONE, same), (MINUS_ONE, inverse)],
    )
    return R.arith(goal, [(Fraction(1, denominators), [goal_L], [])])


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def facts_about(ctx: Context, n: Polynomial) -> list[Theorem]:
    """Hypotheses and facts about the atoms of ``n`` from which a linear argument may be built."""
    R = ctx.R
    if ctx._facts is None:
        ctx._facts = []
        for h in ctx.hyps:
            try:
                f = ctx.frac(h.term)
            except TooLarge:
                continue
            th = R.assume(h)
            if f.link is None or not f.denominator:
                link = [(MINUS_ONE, f.link)] if f.link is not None else []
                t = term(f.numerator)
                if not f.numerator or set(f.numerator) == {UNIT}:
                    if h.relation in (">", ">=", "!=") and set(f.numerator) <= {UNIT}:
                        continue
                goal = Literal(h.relation, t)
                products = [] if h.relation == "=" else [(1, [th], [])]
                ctx._facts.append(R.arith(goal, products, link if h.relation != "=" else [(ONE, th), *link]))
            elif h.relation in (">", ">="):
                whole = denominator_term(f.denominator)
                positive = ctx.prove(">", whole) if len(ctx._busy) < 8 else None
                if positive is not None:
                    ctx._facts.append(
                        R.arith(
                            Literal(h.relation, term(f.numerator)), [(1, [th, positive], [])], [(MINUS_ONE, f.link)]
                        )
                    )
    found = list(ctx._facts)
    pool = set(atoms(n))
    for th in found:
        c = th.conclusion
        assert isinstance(c, Holds)
        pool |= set(atoms(poly(c.literal.term)))
    for a in sorted(pool, key=digest):
        u = a.terms[0] if a.terms else None
        if a.op == "exp":
            assert u is not None
            found += [R.fact("exp_pos", u), R.fact("exp_taylor", u, order=1)]
        elif a.op == "pi":
            found += [R.fact("pi_low"), R.fact("pi_high")]
        elif a.op == "sqrt":
            assert u is not None
            found.append(R.fact("sqrt_nonneg", u))
            nonneg = ctx.prove(">=", u)
            if nonneg is not None:
                found.append(R.fact("sqrt_square", u, premises=[nonneg]))
        elif a.op in ("sin", "cos"):
            assert u is not None
            found += unit_bounds(ctx, u, a)
        elif a.op == "atan":
            assert u is not None
            found += [R.fact("atan_low", u), R.fact("atan_high", u)]
        elif a.op == "erf":
            assert u is not None
            found += [R.fact("erf_high", u), erf_low(ctx, u)]
        elif a.op == "floor":
            assert u is not None
            found += [R.fact("floor_low", u), R.fact("floor_high", u)]
        elif a.op == "cond":
            for h in (a, neg(a)):
                sign = ctx.prove(">=", h) if len(ctx._busy) < 6 else None
                if sign is not None:
                    found.append(sign)
        elif a.op == "log":
            assert u is not None
            positive = ctx.prove(">", u)
            if positive is not None:
                taylor = R.fact("exp_taylor", a, order=1)
                value_ = R.fact("exp_log", u, premises=[positive])
                found.append(R.arith(Literal(">=", sub(sub(u, ONE), a)), [(1, [taylor], [])], [(MINUS_ONE, value_)]))
    return list(dict.fromkeys(found))


def erf_low(ctx: Context, u: Term) -> Theorem:
    """``erf(u) + 1 > 0``."""
    high = ctx.R.fact("erf_high", neg(u))
    odd = ctx.R.fact("erf_odd", u)
    return ctx.R.arith(Literal(">", add(unary("erf", u), ONE)), [(1, [high], [])], [(ONE, odd)])


def unit_bounds(ctx: Context, u: Term, a: Term) -> list[Theorem]:
    """``1 - a >= 0`` and ``1 + a >= 0`` for a sine or cosine: ``(1 - a)^2 + b^2 = 2 (1 - a)``."""
    square = ctx.R.fact("sin_cos", u)
    b = unary("cos" if a.op == "sin" else "sin", u)
    result = []
    for c in (neg(a), a):
        half = Fraction(1, 2)
        # (1 + c)^2 + b^2 = 1 + 2 c + c^2 + b^2 = 2 (1 + c) + (c^2 + b^2 - 1)
        result.append(
            ctx.R.arith(
                Literal(">=", add(ONE, c)), [(half, [], [add(ONE, c)]), (half, [], [b])], [(rat(-half), square)]
            )
        )
    return result


def linear(ctx: Context, goal: Literal, n: Polynomial) -> Theorem | None:
    """A nonnegative combination of facts and their products."""
    ctx.R.searches += 1
    if ctx.R.searches > MAX_SEARCHES:
        raise TooLarge("the search for a sign took too many attempts")
    return positive(ctx.R, goal, relevant(n, facts_about(ctx, n)), Effort(DEEP if len(ctx._busy) < 2 else QUICK))


def relevant(n: Polynomial, facts: list[Theorem]) -> list[Theorem]:
    """The facts that share symbols with ``n``, directly or through each other."""
    names = {s for m in n for a, _ in m for s in a.free}
    chosen: list[Theorem] = []
    rest = [(th, th.conclusion.literal.term.free) for th in facts if isinstance(th.conclusion, Holds)]
    if not n or not names:
        return facts
    while True:
        close = [th for th, free in rest if not free or not names.isdisjoint(free)]
        if not close:
            return [th for th in facts if th in set(chosen)]
        rest = [(th, free) for th, free in rest if free and names.isdisjoint(free)]
        chosen += close
        names |= {s for th in close if isinstance(th.conclusion, Holds) for s in th.conclusion.literal.term.free}


def contradiction(ctx: Context) -> Theorem | None:
    """A proof of ``0 > 0`` or the like from the hypotheses."""
    R = ctx.R
    for h in ctx.hyps:
        p = poly(h.term)
        if set(p) <= {UNIT}:
            c = Fraction(p.get(UNIT, 0))
            if not {">": c > 0, ">=": c >= 0, "=": c == 0, "!=": c != 0}[h.relation]:
                return R.assume(h)
    busy = ctx._busy
    if len(busy) > 12:
        return None
    ctx._absurd_tried = True
    for h in ctx.hyps:
        # Does the rest of the hypotheses prove the opposite of this one?
        opposite = h.negation
        rest = type(ctx)(R, tuple(k for k in ctx.hyps if k != h), ctx.names, ctx.depth + 2)
        if ctx.depth > 6 or not rest.samples:
            continue
        th = rest.prove(*opposite)
        if th is not None:
            return clash(ctx, R.assume(h), th)
    goal = Literal(">", rat(-1))
    return linear(ctx, goal, {UNIT: -1})


def clash(ctx: Context, one: Theorem, other: Theorem) -> Theorem:
    """A false literal about a number from a literal and its negation."""
    a, b = one.conclusion, other.conclusion
    assert isinstance(a, Holds) and isinstance(b, Holds)
    if a.literal.relation in ("=", "!="):
        zero, apart = (one, other) if a.literal.relation == "=" else (other, one)
        return ctx.R.arith(Literal("!=", ZERO), [(1, [apart], [])], [(MINUS_ONE, zero)])
    return ctx.R.arith(Literal(">", ZERO), [(1, [one], []), (1, [other], [])])


def split(ctx: Context, goal: Literal) -> Theorem | None:
    """Cases on the guard of a conditional that nothing decides, or on the sign of a hypothesis ``!=``."""
    if ctx.depth >= 5:
        return None
    guard = undecided(ctx, goal.term)
    if guard is None:
        return None
    proofs = []
    for literal in (guard, guard.negation):
        th = ctx.with_(literal).prove(*goal)
        if th is None:
            return None
        proofs.append(th)
    return ctx.R.rule("cases", guard, *proofs)


def undecided(ctx: Context, t: Term) -> Literal | None:
    """The innermost guard in ``t`` that is neither shown nor refuted."""
    from ..kernel.terms import postorder

    for s in postorder(t):
        if s.op == "cond":
            guard = Literal(str(s.args[0]), s.terms[0])
            if ctx.prove(*guard) is None and ctx.prove(*guard.negation) is None:
                return guard
    return None
