"""A term that is 0 at ``r`` and grows is positive beyond ``r`` and negative before it (rule ``increases``)."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

from ..kernel.algebra import slope
from ..kernel.terms import ONE, KernelError, Literal, Term, neg, rat, sub, substitute, var
from ..kernel.theorems import Local, Theorem
from .context import Context
from .derive import NotShown, local
from .limits_values import fresh
from .normal import TooLarge
from .polynomial import poly

MOVING = "t"


def beyond(ctx: Context, outer: Term, y: Term, r: Term, above: bool, rising: bool, zero: Theorem) -> Theorem | None:
    """The sign of ``outer`` where ``y > r`` (``above``) or ``y < r``, from ``zero``: ``outer[y := r] = 0``.

    The theorem is ``outer > 0`` or ``-outer > 0``, under the hypotheses of ``ctx`` about ``y`` and ``y - r > 0`` or
    ``r - y > 0``.
    """
    R, name = ctx.R, str(y.args[0])
    moving = fresh(MOVING, *(var(n) for n in ctx.names))
    t = var(moving)
    e = substitute(outer if rising else neg(outer), {name: t})
    low, high = (r, y) if above else (y, r)
    rooms = sub(t, low), sub(high, t)
    nearby: dict[Literal, tuple[Theorem, Theorem]] = {}
    for h in ctx.hyps:
        both = _between(ctx, h, name, t, r, rooms, above)
        if both is not None:
            nearby[Literal(h.relation, substitute(h.term, {name: t}))] = both
    inside = Context(R, nearby, {moving})
    with suppress(NotShown, TooLarge, KernelError):
        moved = local(inside, frozenset({moving}), e)
        c = moved.conclusion
        if not isinstance(c, Local) or c.derivative is None:
            return None
        near = Literal(">", sub(t, r) if above else sub(r, t))
        rate = inside.with_(near).prove(">", slope(c.derivative, moving))
        if rate is None:
            return None
        for literal, (weakly, strictly) in nearby.items():
            moved = R.rule("cut", weakly, moved) if literal in moved.hyps else moved
            rate = R.rule("cut", strictly, rate) if literal in rate.hyps else rate
        found = R.rule("increases", moving, [low, high], moved, rate)
        sign = 1 if rising == above else -1
        # e(high) - e(low) > 0, and e is 0 at r.
        goal = Literal(">", outer if sign == 1 else neg(outer))
        return R.arith(goal, [(1, [found], [])], [(rat(sign), zero)])
    return None


def _between(
    ctx: Context, h: Literal, name: str, t: Term, r: Term, rooms: tuple[Term, Term], above: bool
) -> tuple[Theorem, Theorem] | None:
    """A hypothesis linear in ``y``, for ``t`` between ``r`` and ``y``: in the closed interval and in the open one."""
    R, p, y = ctx.R, poly(h.term), var(name)
    if name not in h.term.free:
        return R.assume(h), R.assume(h)
    factor = p.get(((y, 1),))
    if h.relation not in (">", ">=") or factor is None or any(a.free for m in p if m != ((y, 1),) for a, _ in m):
        return None
    # It holds at the end towards which it becomes false: at y, where it is assumed, or at r, where it is shown.
    if (factor < 0) == above:
        end: Theorem | None = R.assume(h)
    else:
        end = Context(R).prove(h.relation, substitute(h.term, {name: r}))
    if end is None:
        return None
    goal, room = Literal(h.relation, substitute(h.term, {name: t})), rooms[0] if factor > 0 else rooms[1]
    steps = [R.assume(Literal(relation, room)) for relation in (">=", ">")]
    weakly, strictly = (R.arith(goal, [(1, [end], []), (abs(Fraction(factor)), [step], [])]) for step in steps)
    return weakly, strictly


def at_root(ctx: Context, outer: Term, name: str, r: Term, zero: Theorem) -> Theorem:
    """``outer = 0`` under ``y - r = 0``, from ``outer[y := r] = 0``."""
    step = ctx.R.rule("congruence", outer, name, ctx.R.assume(Literal("=", sub(var(name), r))))
    return ctx.R.arith(Literal("=", outer), (), [(ONE, step), (ONE, zero)])


def conditioned(ctx: Context, th: Theorem, wanted: Literal) -> Theorem:
    """The theorem with its condition on the distance of ``y`` from ``r`` written as ``wanted``."""
    for h in th.hyps - {wanted, *ctx.hyps}:
        if h.relation == wanted.relation and poly(h.term) == poly(wanted.term):
            assumed = ctx.R.assume(wanted)
            meant = ctx.R.arith(h, (), [(ONE, assumed)]) if h.relation == "=" else ctx.R.arith(h, [(1, [assumed], [])])
            th = ctx.R.rule("cut", meant, th)
    return th
