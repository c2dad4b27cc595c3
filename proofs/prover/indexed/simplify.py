"""Summands made simpler: deltas out, guards decided, quotients cancelled, until nothing more applies.

Each strategy looks at one summand and says what it equals, or that it has nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final

from ...kernel.terms import ONE, ZERO, Literal, Term, mul, neg, postorder, rat, sub, unary
from ...kernel.theorems import Theorem
from ..recorder import digest
from . import deltas
from .context import UNPROVED, Context
from .equations import HOLE
from .forms import Monomial, canonical, coefficient, guard, indicator, polynomial, replaced, sides
from .inequalities import inverse, prove
from .integers import floor_of_quotient
from .sums import Spread, Summand, spread, total

Strategy = Callable[[Summand, Context, str], Spread | None]
"""``paired`` is the head of the entries whose indices had better be summed over: ``g``, or ``d`` for tangents."""


def normal(t: Term, ctx: Context, paired: str = "") -> Spread:
    """``t`` as the total of summands that no strategy makes simpler."""
    items, th = spread(t, ctx)
    return _onward(th, items, ctx, paired)


def simplified(item: Summand, ctx: Context, paired: str) -> Spread:
    """A summand as the total of others that no strategy makes simpler."""
    for strategy in STRATEGIES:
        found = strategy(item, ctx, paired)
        if found is not None:
            return found
    return [item], ctx.recorder.ring(item.term, total([item]))


def _onward(th: Theorem, items: list[Summand], ctx: Context, paired: str) -> Spread:
    """From ``a = total of items``: the items simplified."""
    made = [simplified(item, ctx, paired) for item in items]
    out = [new for found, _ in made for new in found]
    step = ctx.recorder.ring(total(items), total(out), *((1, each) for _, each in made))
    return out, ctx.recorder.joined(th, step)


def _spread_again(th: Theorem, ctx: Context, paired: str) -> Spread:
    """From ``a = b``: ``b`` spread and simplified."""
    items, step = spread(sides(th)[1], ctx)
    return _onward(ctx.recorder.joined(th, step), items, ctx, paired)


def _with_body(item: Summand, new: Term, given: list[tuple[Term, Theorem]], ctx: Context, paired: str) -> Spread:
    """The summand with another body, equal to its own by these equations with their cofactors."""
    R, body = ctx.recorder, canonical(new)
    th = R.each(item.binders, R.ring(item.body, body, *given))
    items, step = simplified(Summand(item.binders, body), ctx, paired)
    return items, R.joined(th, step)


def _atoms(item: Summand, *operations: str) -> Iterator[tuple[Monomial, Term, int]]:
    """The monomial with each of its atoms that is one of these operations, and its power."""
    m = Monomial.of(item.body)
    for a, k in m.powers:
        if a.op in operations:
            yield m, a, k


def nothing(item: Summand, ctx: Context, paired: str) -> Spread | None:
    """A sum of 0."""
    if polynomial(item.body):
        return None
    R = ctx.recorder
    th = R.each(item.binders, R.ring(item.body, ZERO))
    for j in range(len(item.binders) - 1, -1, -1):
        th = R.joined(th, R.each(item.binders[:j], R.sum_zero(*item.binders[j])))
    return [], R.joined(th, R.ring(ZERO, ZERO))


def once(item: Summand, ctx: Context, paired: str) -> Spread | None:
    """``[l]^2 = [l]``."""
    R = ctx.recorder
    for m, a, k in _atoms(item, "cond"):
        if k > 1:
            one, zero = (R.taken(a, R.assume(case)) for case in (guard(a), guard(a).negation))
            square = mul(a, a)
            idempotent = R.rule("cases", guard(a), R.ring(square, a, (a, one)), R.ring(square, a, (sub(a, ONE), zero)))
            return _with_body(item, m.without(a), [(m.without(a, a), idempotent)], ctx, paired)
    return None


def decided(item: Summand, ctx: Context, paired: str) -> Spread | None:
    """A guard that holds, or does not, for all values of the bound variables."""
    inner = ctx.under(item.binders)
    for m, a, _ in _atoms(item, "cond"):
        rest = m.without(a)
        for case in (guard(a), guard(a).negation):
            try:
                known = prove(case, inner)
            except UNPROVED:
                continue
            new = rest if case == guard(a) else ZERO
            return _with_body(item, new, [(rest, ctx.recorder.taken(a, known))], ctx, paired)
    return None


def inverse_of_multiple(item: Summand, ctx: Context, paired: str) -> Spread | None:
    """``inv(q v) = inv(v) / q``."""
    R, inner = ctx.recorder, ctx.under(item.binders)
    for m, a, _ in _atoms(item, "inv"):
        u = a.terms[0]
        if u.op == "mul" and u.terms[0].op == "rat":
            q, v = polynomial(u.terms[0])[()], u.terms[1]
            simple = mul(rat(1 / Fraction(q)), unary("inv", v))
            # inv(u) = inv(u) v inv(v) = u inv(u) inv(v) / q
            step = R.ring(a, simple, (neg(a), inverse(v, inner)), (simple, inverse(u, inner)))
            rest = m.without(a)
            return _with_body(item, mul(rest, simple), [(rest, step)], ctx, paired)
    return None


def cancelled(item: Summand, ctx: Context, paired: str) -> Spread | None:
    """``u inv(u) = 1``."""
    for m, a, _ in _atoms(item, "inv"):
        u = a.terms[0]
        if u in dict(m.powers):
            rest = m.without(a, u)
            return _with_body(item, rest, [(rest, inverse(u, ctx.under(item.binders)))], ctx, paired)
    return None


def root_squared(item: Summand, ctx: Context, paired: str) -> Spread | None:
    """``sqrt(u)^2 = u``."""
    R, inner = ctx.recorder, ctx.under(item.binders)
    for m, a, k in _atoms(item, "sqrt"):
        if k >= 2:
            u, rest = a.terms[0], m.without(a, a)
            square = R.fact("sqrt_square", u, premises=[prove(Literal(">=", u), inner)])
            th = R.each(item.binders, R.ring(item.body, mul(rest, u), (rest, square)))
            return _spread_again(th, ctx, paired)
    return None


def _quotients(item: Summand) -> list[Term]:
    """The floors of quotients in the indices."""
    found = {
        f
        for _, a, _ in _atoms(item, "var", "d")
        for f in postorder(*a.terms)
        if f.op == "floor" and any(s.op == "inv" for s in postorder(f))
    }
    return sorted(found, key=digest)


def divided(item: Summand, ctx: Context, paired: str) -> Spread | None:
    """``floor((i n + j) / n) = i`` in the indices."""
    R, inner = ctx.recorder, ctx.under(item.binders)
    for f in _quotients(item):
        try:
            value = floor_of_quotient(f.terms[0], inner)
        except UNPROVED:
            continue
        th = R.inside(replaced(item.body, {f: HOLE}), value)
        return _spread_again(R.each(item.binders, th), ctx, paired)
    return None


def two_ranges(item: Summand, ctx: Context, paired: str) -> Spread | None:
    """A sum over ``m n`` of something in the quotient of its index by ``n``: two sums."""
    for f in _quotients(item):
        divisors = [s.terms[0] for s in postorder(f) if s.op == "inv"]
        for i, (k, n) in enumerate(item.binders):
            if not k.free.isdisjoint(f.free) and n.op == "mul" and n.terms[1] in divisors:
                return _delta_of(deltas.as_two(item, i, ctx), ctx, paired)
    return None


def summed_delta(item: Summand, ctx: Context, paired: str) -> Spread | None:
    """``sum_k [k = u] a = a[k := u]``, an index of what is paired before any other."""
    for m, a, _ in _atoms(item, "cond"):
        if a.args[0] != "=":
            continue
        heads = [x for x, _ in m.powers if x.op in ("var", "d") and paired in (x.op, x.args[0])]
        found = [i for i, (k, _) in enumerate(item.binders) if coefficient(a.terms[0], k)]
        found.sort(key=lambda i: not any(item.binders[i][0] in x.terms for x in heads))
        if found:
            return _spread_again(deltas.without_delta(item, found[0], a, ctx), ctx, paired)
    return None


def single(item: Summand, ctx: Context, paired: str) -> Spread | None:
    """``sum_(k < 1) a = a[k := 0]``: as a delta."""
    R, inner = ctx.recorder, ctx.under(item.binders)
    for i, (k, n) in enumerate(item.binders):
        if n is ONE:
            delta = indicator(Literal("=", k))
            known = R.taken(delta, prove(guard(delta), inner))
            made = Summand(item.binders, canonical(mul(item.body, delta)))
            th = R.each(item.binders, R.ring(item.body, made.body, (neg(item.body), known)))
            return _delta_of((made, i, delta, th), ctx, paired)
    return None


def shorter_range(item: Summand, ctx: Context, paired: str) -> Spread | None:
    """``sum_(k < n) [k >= b] a``: a sum over the rest of the range."""
    for _, a, _ in _atoms(item, "cond"):
        if a.args[0] not in (">", ">="):
            continue
        for i, (k, _) in enumerate(item.binders):
            if coefficient(a.terms[0], k):
                try:
                    return _delta_of(deltas.within_range(item, i, a, ctx), ctx, paired)
                except UNPROVED:
                    continue
    return None


def _delta_of(found: tuple[Summand, int, Term, Theorem], ctx: Context, paired: str) -> Spread:
    item, i, delta, th = found
    step = deltas.without_delta(item, i, delta, ctx)
    return _spread_again(ctx.recorder.joined(th, step), ctx, paired)


def counted(item: Summand, ctx: Context, paired: str) -> Spread | None:
    """``sum_(k < n) a = n a``."""
    for i, (k, _) in enumerate(item.binders):
        if k.free.isdisjoint(item.body.free) and all(k.free.isdisjoint(n.free) for _, n in item.binders):
            try:
                return _spread_again(deltas.without_index(item, i, ctx), ctx, paired)
            except UNPROVED:
                continue
    return None


STRATEGIES: Final[tuple[Strategy, ...]] = (
    nothing,
    once,
    decided,
    inverse_of_multiple,
    cancelled,
    root_squared,
    divided,
    two_ranges,
    summed_delta,
    single,
    shorter_range,
    counted,
)
