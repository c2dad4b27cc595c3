"""Sums over a Kronecker delta, a guarded range, a product of two ranges, and of what does not depend on the index."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from ...kernel.sums import counts
from ...kernel.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Literal,
    Term,
    add,
    bind,
    cond,
    equal,
    mul,
    neg,
    rat,
    sub,
    substitute,
    unary,
)
from ...kernel.theorems import Theorem
from .context import Context
from .forms import Binder, Monomial, Stuck, canonical, coefficient, guard, indicator, sides
from .inequalities import inverse, prove
from .integers import whole
from .sums import Summand, last, monomials


def sum_of_delta(binder: Binder, t: Term, rest: Term, ctx: Context, body: Term | None = None) -> Theorem:
    """``sum_k rest [t = 0] = rest(u) ([u >= 0] [n - u > 0])``, where ``t`` is ``k - u`` or ``u - k``.

    ``body`` is how ``rest [t = 0]`` is written.
    """
    R, (k, n), c = ctx.recorder, binder, coefficient(t, binder[0])
    u = canonical(sub(k, t) if c == 1 else add(k, t))
    value, delta, d = substitute(rest, {k.symbol: u}), Literal("=", t), sub(k, u)
    low, high = Literal(">=", u), Literal(">", sub(n, u))
    at_least, below = indicator(low), indicator(high)
    body = body or mul(rest, indicator(delta))
    left = bind("sum", k, n, body)
    right = mul(value, mul(at_least, below))
    picked = cond("=", d, rest, ZERO)
    cases = []
    for case in (delta, delta.negation):
        known = R.assume(case)
        here = R.arith(Literal("=", d), (), [(rat(c), known)]) if case is delta else R.arith(
            Literal("!=", d), [(Fraction(c), [known], [])])  # fmt: skip
        cases.append(R.ring(body, picked,
                            (rest, R.indicated(delta, known)), (-1, R.taken(picked, here))))  # fmt: skip
    same = R.each([binder], R.rule("cases", delta, *cases))
    a, b = R.assume(low), R.assume(high)
    hit = R.fact("sum_delta", k, n, u, rest, premises=[a, b, whole(u, ctx)])
    inside = R.ring(left, right, (1, same), (1, hit),
                    (neg(mul(value, below)), R.indicated(low, a)), (neg(value), R.indicated(high, b)))  # fmt: skip

    def outside(literal: Literal, other: Term) -> Theorem:
        """Where ``u`` is out of range every summand is 0."""
        miss, at = R.assume(literal.negation), R.assume(Literal("=", d))
        bound = R.assume(counts(k, n)[0 if literal is low else 1])
        factor = MINUS_ONE if literal is low else ONE
        clash = R.arith(Literal(">", ZERO), [(1, [miss], []), (1, [bound], [])], [(factor, at)])
        apart = R.rule("cases", Literal("=", d), clash, R.assume(Literal("!=", d)))
        nothing = R.joined(R.each([binder], R.taken(picked, apart)), R.sum_zero(k, n))
        return R.ring(left, right, (1, same), (1, nothing), (neg(mul(value, other)), R.indicated(literal, miss)))

    return R.rule("cases", low, R.rule("cases", high, inside, outside(high, at_least)), outside(low, below))


class Below(NamedTuple):
    """``a = sum_outer b`` (``None`` where that is how ``a`` is written), and ``b = c`` under the outer binders."""

    first: Theorem | None
    outer: tuple[Binder, ...]
    step: Theorem


def without_delta(item: Summand, i: int, delta: Term, ctx: Context) -> Below:
    """The binder ``i`` out, by an indicator ``[t = 0]`` among the factors."""
    moved, first = last(item, i, ctx.recorder)
    outer, binder = moved.binders[:-1], moved.binders[-1]
    rest = Monomial.of(item.body).without(delta)
    return Below(first, outer, sum_of_delta(binder, delta.terms[0], rest, ctx.under(outer), item.body))


def within_range(item: Summand, i: int, a: Term, ctx: Context) -> tuple[Summand, int, Term, Theorem]:
    """A guard ``[k >= b]`` or ``[k < b]`` on the binder ``i``, with ``0 <= b <= n``, as a delta of a shorter sum.

    ``a(k) [guard] = sum_j a(k) [j + low = k]``; returns the new summand, the place of ``k`` in it, and the delta.
    """
    R = ctx.recorder
    moved, first = last(item, i, R)
    outer, (k, n) = moved.binders[:-1], moved.binders[-1]
    upward = coefficient(a.terms[0], k) > 0
    if a.args[0] != (">=" if upward else ">"):
        raise Stuck("a guard of the other kind")
    b = canonical(sub(k, a.terms[0]) if upward else add(k, a.terms[0]))
    rest = canonical(sub(n, b))
    if ZERO in (b, rest):
        raise Stuck("nothing to split")
    for need in (b, rest):
        prove(Literal(">=", need), ctx.under(outer))
    low, size, j = (b, rest, R.fresh()) if upward else (ZERO, b, R.fresh())
    value, t, under = Monomial.of(item.body).without(a), canonical(sub(add(j, low), k)), ctx.under(moved.binders)
    step = sum_of_delta((j, size), t, value, under)
    back = _guarded_as(step, item.body, under)
    delta = indicator(Literal("=", t))
    made = Summand((*moved.binders, (j, size)), canonical(mul(value, delta)))
    shape = R.each([(j, size)], R.ring(mul(value, delta), made.body))
    intro = R.each(moved.binders, R.joined(R.turned(back), shape))
    return made, len(outer), delta, R.joined(first, intro)


def _guarded_as(step: Theorem, body: Term, ctx: Context) -> Theorem:
    """``sum = body`` from ``sum = value ([u >= 0] [n - u > 0])``: one guard is the body's, the other always holds."""
    R, items, th = ctx.recorder, *monomials(sides(step)[1], ctx)
    (item,) = items
    if item.body is body:
        return R.joined(step, th, R.ring(sides(th)[1], body))
    for a, _ in Monomial.of(item.body).powers:
        if a.op == "cond" and a not in dict(Monomial.of(body).powers):
            known = R.indicated(guard(a), prove(guard(a), ctx))
            return R.joined(step, th, R.ring(sides(th)[1], body, (Monomial.of(item.body).without(a), known)))
    raise Stuck("the guard does not come back")


def without_index(item: Summand, i: int, ctx: Context) -> Below:
    """``sum_k a = n a`` without ``k`` in ``a``."""
    R = ctx.recorder
    moved, first = last(item, i, R)
    outer, (k, n) = moved.binders[:-1], moved.binders[-1]
    inner, a = ctx.under(outer), item.body
    counted = R.fact("sum_count", k, n, premises=[prove(Literal(">=", n), inner), whole(n, inner)])
    ones = R.distributed(a, ((k, n),), ONE, R.ring(mul(a, ONE), a))
    return Below(first, outer, R.ring(bind("sum", k, n, a), mul(a, n), (-1, ones), (a, counted)))


def as_two(item: Summand, i: int, ctx: Context) -> tuple[Summand, int, Term, Theorem]:
    """A sum over ``m n`` as two: ``a(k) = sum_i sum_j a(k) [i n + j = k]``; as :func:`within_range`."""
    R = ctx.recorder
    moved, first = last(item, i, R)
    outer, (k, size) = moved.binders[:-1], moved.binders[-1]
    m, n = size.terms
    row, column, a = R.fresh(), R.fresh(), item.body
    t = canonical(sub(add(mul(row, n), column), k))
    under = ctx.under([*moved.binders, (row, m)])
    floor = unary("floor", mul(k, unary("inv", n)))
    hit = indicator(equal(row, floor))
    step = sum_of_delta((column, n), t, a, under)
    low, high = (guard(g) for g in sides(step)[1].terms[1].terms)
    same = _is_quotient(low, high, equal(row, floor), k, n, under)
    picked = cond("=", guard(hit).term, a, ZERO)
    target = []
    for case in (guard(hit), guard(hit).negation):
        known = R.assume(case)
        target.append(R.ring(mul(a, hit), picked, (a, R.taken(hit, known)), (-1, R.taken(picked, known))))
    each = R.joined(step, R.ring(sides(step)[1], mul(a, hit), (a, same)), R.rule("cases", guard(hit), *target))
    pick = R.fact("sum_delta", row, m, floor, a, premises=_quotient_counts(floor, k, m, n, under))
    delta = indicator(Literal("=", t))
    made = Summand((*moved.binders, (row, m), (column, n)), canonical(mul(a, delta)))
    shape = R.each(made.binders[-2:], R.ring(mul(a, delta), made.body))
    back = R.turned(R.joined(R.each([(row, m)], each), pick))
    return made, len(outer), delta, R.joined(first, R.each(moved.binders, R.joined(back, shape)))


def _is_quotient(low: Literal, high: Literal, hit: Literal, k: Term, n: Term, ctx: Context) -> Theorem:
    """``[u >= 0] [n - u > 0] = [i = floor(k / n)]`` for ``u = k - i n``."""
    R, row, floor = ctx.recorder, hit.term.terms[0], hit.term.terms[1].terms[1]
    q, over_n = floor.terms[0], prove(Literal(">", unary("inv", n)), ctx)
    one, positive, integer = inverse(n, ctx), prove(Literal(">", n), ctx), whole(row, ctx)
    floor_low, floor_high = R.fact("floor_low", q), R.fact("floor_high", q)
    at_least, below, on = indicator(low), indicator(high), indicator(hit)
    left, a, b = mul(at_least, below), R.assume(low), R.assume(high)
    # q - i = u inv(n) and 1 - (q - i) = (n - u) inv(n): within the range -1 < floor(q) - i < 1
    d = sub(floor, unary("floor", row))
    above = R.arith(Literal(">", sub(ONE, d)), [(1, [floor_low], []), (1, [b, over_n], [])],
                    [(neg(add(row, ONE)), one), (ONE, integer)])  # fmt: skip
    under = R.arith(Literal(">", add(ONE, d)), [(1, [floor_high], []), (1, [a, over_n], [])],
                    [(row, one), (MINUS_ONE, integer)])  # fmt: skip
    met = R.arith(hit, (), [(MINUS_ONE, R.vanishing(d, above, under)), (MINUS_ONE, integer)])
    inside = R.ring(left, on, (below, R.taken(at_least, a)), (1, R.taken(below, b)), (-1, R.taken(on, met)))
    # and i = floor(q) puts u into the range
    at = R.assume(hit)
    shown_low = R.arith(low, [(1, [floor_low, positive], [])], [(neg(k), one), (neg(n), at)])
    shown_high = R.arith(high, [(1, [floor_high, positive], [])], [(k, one), (n, at)])

    def outside(literal: Literal, other: Term, shown: Theorem) -> Theorem:
        miss = R.assume(literal.negation)
        clash = R.arith(Literal(">", ZERO), [(1, [shown], []), (1, [miss], [])])
        apart = R.rule("cases", hit, clash, R.assume(hit.negation))
        return R.ring(left, on, (other, R.indicated(literal, miss)), (-1, R.taken(on, apart)))

    return R.rule("cases", low, R.rule("cases", high, inside, outside(high, at_least, shown_high)),
                  outside(low, below, shown_low))  # fmt: skip


def _quotient_counts(floor: Term, k: Term, m: Term, n: Term, ctx: Context) -> list[Theorem]:
    """``floor(k / n)`` is a natural number less than ``m``, for a natural ``k`` less than ``m n``."""
    R, q = ctx.recorder, floor.terms[0]
    over_n, one = prove(Literal(">", unary("inv", n)), ctx), inverse(n, ctx)
    low, high = R.fact("floor_low", q), R.fact("floor_high", q)
    positive = R.arith(Literal(">", add(floor, ONE)),
                       [(1, [high], []), (1, [prove(Literal(">=", k), ctx), over_n], [])])  # fmt: skip
    below = R.assume(counts(k, mul(m, n))[1])
    return [
        R.arith(Literal(">=", floor), [(1, [R.rule("gap", positive)], [])]),
        R.arith(Literal(">", sub(m, floor)), [(1, [low], []), (1, [below, over_n], [])], [(neg(m), one)]),
        R.floor_of_floor(floor),
    ]
