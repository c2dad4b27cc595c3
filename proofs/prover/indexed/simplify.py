"""Summands made simpler: deltas out, guards decided, quotients cancelled, until nothing more applies.

Each strategy looks at one summand, or at its body alone, and says what it equals, or that it has nothing to say.  What
changes below some binders is worked out there as far as it goes, and then summed over once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Final

from ...kernel.terms import ONE, ZERO, Literal, Term, mul, neg, postorder, rat, sub, unary
from ...kernel.theorems import Theorem
from ..recorder import digest
from . import deltas
from .context import UNPROVED, Context
from .deltas import Below
from .equations import HOLE, Equations
from .forms import Binder, Monomial, canonical, coefficient, guard, indicator, polynomial, replaced, sides
from .inequalities import inverse, prove
from .integers import floor_of_quotient
from .sums import Spread, Summand, spread, sum_of_sums, total

Rewritten = tuple[Term, list[tuple[Term, Theorem]]]
"""A monomial, not canonical, and the equations with their cofactors by which another one is equal to it."""


def normal(t: Term, ctx: Context, paired: str = "") -> Spread:
    """``t`` as the total of summands that no strategy makes simpler.

    ``paired`` is the head of the entries whose indices had better be summed over: ``g``, or ``d`` for tangents.
    """
    items, th = spread(t, ctx)
    return _each_simplified(th, items, ctx, paired)


def simplified(item: Summand, ctx: Context, paired: str) -> Spread:
    """A summand as the total of others that no strategy makes simpler: first its body, then its binders."""
    R, body, step = ctx.recorder, item.body, None
    while (found := _rewritten(item.binders, body, ctx)) is not None:
        new, given = found
        step = R.joined(step, R.ring(body, canonical(new), *given))
        body = canonical(new)
    first = step and R.each(item.binders, step)
    if not polynomial(body):
        return [], R.joined(first, _nothing(item.binders, R), R.ring(ZERO, ZERO))
    now = Summand(item.binders, body)
    for strategy in STRATEGIES:
        below = strategy(now, ctx, paired)
        if below is not None:
            return _onward(
                below._replace(first=R.joined(first, below.first) if first or below.first else None), ctx, paired
            )
    return [now], R.joined(first, R.ring(now.term, total([now])))


def _onward(below: Below, ctx: Context, paired: str) -> Spread:
    """What came of the binders that were taken out, spread below the others, and each of its summands simplified."""
    R = ctx.recorder
    items, spreading = spread(sides(below.step)[1], ctx.under(below.outer))
    items, th = sum_of_sums(below.outer, items, R.joined(below.step, spreading), R)
    return _each_simplified(R.joined(below.first, th), items, ctx, paired)


def _each_simplified(th: Theorem, items: list[Summand], ctx: Context, paired: str) -> Spread:
    """From ``a = total of items``: the items simplified."""
    made = [simplified(item, ctx, paired) for item in items]
    out = [new for found, _ in made for new in found]
    step = ctx.recorder.ring(total(items), total(out), *((1, each) for _, each in made))
    return out, ctx.recorder.joined(th, step)


def _nothing(binders: Sequence[Binder], R: Equations) -> Theorem | None:
    """A sum of 0."""
    th: Theorem | None = None
    for k, n in reversed(binders):
        th = R.joined(th and R.each([(k, n)], th), R.sum_zero(k, n))
    return th


def _rewritten(binders: tuple[Binder, ...], body: Term, ctx: Context) -> Rewritten | None:
    """What a strategy makes of the body, if any does."""
    inner, m = ctx.under(binders), Monomial.of(body) if polynomial(body) else None
    found = (strategy(m, inner) for strategy in REWRITING) if m else ()
    return next((new for new in found if new is not None), None)


def _atoms(m: Monomial, *operations: str) -> Iterator[tuple[Term, int]]:
    """The atoms of a monomial that are one of these operations, with their powers."""
    return ((a, k) for a, k in m.powers if a.op in operations)


def once(m: Monomial, ctx: Context) -> Rewritten | None:
    """``[l]^2 = [l]``."""
    R = ctx.recorder
    for a, k in _atoms(m, "cond"):
        if k > 1:
            one, zero = (R.taken(a, R.assume(case)) for case in (guard(a), guard(a).negation))
            square = mul(a, a)
            idempotent = R.rule("cases", guard(a), R.ring(square, a, (a, one)), R.ring(square, a, (sub(a, ONE), zero)))
            return m.without(a), [(m.without(a, a), idempotent)]
    return None


def decided(m: Monomial, ctx: Context) -> Rewritten | None:
    """A guard that holds, or does not, for all values of the bound variables."""
    for a, _ in _atoms(m, "cond"):
        rest = m.without(a)
        for case in (guard(a), guard(a).negation):
            try:
                known = prove(case, ctx)
            except UNPROVED:
                continue
            return rest if case == guard(a) else ZERO, [(rest, ctx.recorder.taken(a, known))]
    return None


def inverse_of_multiple(m: Monomial, ctx: Context) -> Rewritten | None:
    """``inv(q v) = inv(v) / q``."""
    R = ctx.recorder
    for a, _ in _atoms(m, "inv"):
        u = a.terms[0]
        if u.op == "mul" and u.terms[0].op == "rat":
            q, v = polynomial(u.terms[0])[()], u.terms[1]
            simple = mul(rat(1 / Fraction(q)), unary("inv", v))
            # inv(u) = inv(u) v inv(v) = u inv(u) inv(v) / q
            step = R.ring(a, simple, (neg(a), inverse(v, ctx)), (simple, inverse(u, ctx)))
            rest = m.without(a)
            return mul(rest, simple), [(rest, step)]
    return None


def cancelled(m: Monomial, ctx: Context) -> Rewritten | None:
    """``u inv(u) = 1``."""
    for a, _ in _atoms(m, "inv"):
        u = a.terms[0]
        if u in dict(m.powers):
            rest = m.without(a, u)
            return rest, [(rest, inverse(u, ctx))]
    return None


def root_squared(item: Summand, ctx: Context, paired: str) -> Below | None:
    """``sqrt(u)^2 = u``."""
    R, inner, m = ctx.recorder, ctx.under(item.binders), Monomial.of(item.body)
    for a, k in _atoms(m, "sqrt"):
        if k >= 2:
            u, rest = a.terms[0], m.without(a, a)
            square = R.fact("sqrt_square", u, premises=[prove(Literal(">=", u), inner)])
            return Below(None, item.binders, R.ring(item.body, mul(rest, u), (rest, square)))
    return None


def _quotients(item: Summand) -> list[Term]:
    """The floors of quotients in the indices."""
    found = {
        f
        for a, _ in _atoms(Monomial.of(item.body), "var", "d")
        for f in postorder(*a.terms)
        if f.op == "floor" and any(s.op == "inv" for s in postorder(f))
    }
    return sorted(found, key=digest)


def divided(item: Summand, ctx: Context, paired: str) -> Below | None:
    """``floor((i n + j) / n) = i`` in the indices."""
    R, inner = ctx.recorder, ctx.under(item.binders)
    for f in _quotients(item):
        try:
            value = floor_of_quotient(f.terms[0], inner)
        except UNPROVED:
            continue
        return Below(None, item.binders, R.inside(replaced(item.body, {f: HOLE}), value))
    return None


def two_ranges(item: Summand, ctx: Context, paired: str) -> Below | None:
    """A sum over ``m n`` of something in the quotient of its index by ``n``: two sums."""
    for f in _quotients(item):
        divisors = [s.terms[0] for s in postorder(f) if s.op == "inv"]
        for i, (k, n) in enumerate(item.binders):
            if not k.free.isdisjoint(f.free) and n.op == "mul" and n.terms[1] in divisors:
                return _delta_of(deltas.as_two(item, i, ctx), ctx)
    return None


def summed_delta(item: Summand, ctx: Context, paired: str) -> Below | None:
    """``sum_k [k = u] a = a[k := u]``, an index of what is paired before any other."""
    m = Monomial.of(item.body)
    for a, _ in _atoms(m, "cond"):
        if a.args[0] != "=":
            continue
        heads = [x for x, _ in m.powers if x.op in ("var", "d") and paired in (x.op, x.args[0])]
        found = [i for i, (k, _) in enumerate(item.binders) if coefficient(a.terms[0], k)]
        found.sort(key=lambda i: not any(item.binders[i][0] in x.terms for x in heads))
        if found:
            return deltas.without_delta(item, found[0], a, ctx)
    return None


def single(item: Summand, ctx: Context, paired: str) -> Below | None:
    """``sum_(k < 1) a = a[k := 0]``: as a delta."""
    R, inner = ctx.recorder, ctx.under(item.binders)
    for i, (k, n) in enumerate(item.binders):
        if n is ONE:
            delta = indicator(Literal("=", k))
            known = R.taken(delta, prove(guard(delta), inner))
            made = Summand(item.binders, canonical(mul(item.body, delta)))
            th = R.each(item.binders, R.ring(item.body, made.body, (neg(item.body), known)))
            return _delta_of((made, i, delta, th), ctx)
    return None


def shorter_range(item: Summand, ctx: Context, paired: str) -> Below | None:
    """``sum_(k < n) [k >= b] a``: a sum over the rest of the range."""
    for a, _ in _atoms(Monomial.of(item.body), "cond"):
        if a.args[0] not in (">", ">="):
            continue
        for i, (k, _) in enumerate(item.binders):
            if coefficient(a.terms[0], k):
                try:
                    return _delta_of(deltas.within_range(item, i, a, ctx), ctx)
                except UNPROVED:
                    continue
    return None


def _delta_of(found: tuple[Summand, int, Term, Theorem], ctx: Context) -> Below:
    item, i, delta, th = found
    below = deltas.without_delta(item, i, delta, ctx)
    return below._replace(first=ctx.recorder.joined(th, below.first))


def counted(item: Summand, ctx: Context, paired: str) -> Below | None:
    """``sum_(k < n) a = n a``."""
    for i, (k, _) in enumerate(item.binders):
        if k.free.isdisjoint(item.body.free) and all(k.free.isdisjoint(n.free) for _, n in item.binders):
            try:
                return deltas.without_index(item, i, ctx)
            except UNPROVED:
                continue
    return None


REWRITING: Final[tuple[Callable[[Monomial, Context], Rewritten | None], ...]] = (
    once,
    decided,
    inverse_of_multiple,
    cancelled,
)
STRATEGIES: Final[tuple[Callable[[Summand, Context, str], Below | None], ...]] = (
    root_squared,
    divided,
    two_ranges,
    summed_delta,
    single,
    shorter_range,
    counted,
)
