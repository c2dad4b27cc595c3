"""How fast a composition moves: link by link, so that the sign of the whole comes from the sign of each link."""

from __future__ import annotations

from contextlib import suppress

from ..kernel.local import slope
from ..kernel.terms import KernelError, Literal, Term, neg, var
from ..kernel.theorems import Local, Theorem
from .chains import links
from .context import Context
from .derive import NotShown, local
from .named import Named, replaced
from .normal import TooLarge
from .onesided import simplified

Moving = tuple[int, Theorem, Theorem]
"""The sign of the derivative (0: not known), ``Local``, and the proof that the derivative has that sign."""


def moving(ctx: Context, x: str, t: Term) -> Moving | None:
    """``t`` moves with ``x`` strictly to one side, where that can be shown."""
    known: dict[Term, Moving | None] = ctx.__dict__.setdefault("moving", {})
    if t not in known:
        known[t] = None
        for way in (_by_links, _directly):
            with suppress(NotShown, TooLarge, KernelError):
                known[t] = known[t] or way(ctx, x, t)
    return known[t]


def _directly(ctx: Context, x: str, t: Term) -> Moving | None:
    th = simplified(ctx, local(ctx, frozenset({x}), t), x)
    c = th.conclusion
    assert isinstance(c, Local)
    if c.derivative is None:
        return None
    rate = slope(c.derivative, x)
    for sign, r in ((1, rate), (-1, neg(rate))):
        shown = ctx.prove(">", r)
        if shown is not None:
            return sign, th, shown
    return None


def _by_links(ctx: Context, x: str, t: Term) -> Moving | None:
    inside = links(t, x)
    if not inside:
        return None
    s = inside[-1]
    inner = moving(ctx, x, s)
    if inner is None:
        return None
    named = Named(ctx, s)
    outer = _directly(named.inner, named.name, replaced(t, s, var(named.name)))
    if outer is None:
        return None
    R = ctx.R
    th = R.rule("chain", outer[1], [(named.name, inner[1])])
    for literal, end in named.ranges.items():
        meant = Literal(literal.relation, replaced(literal.term, named.y, s))
        th = R.rule("cut", end, th) if meant in th.hyps else th
    c, sign = th.conclusion, inner[0] * outer[0]
    assert isinstance(c, Local) and c.derivative is not None
    rate = slope(c.derivative, x)
    goal = Literal(">", rate if sign > 0 else neg(rate))
    return sign, th, R.arith(goal, [(1, [named.back(outer[2]), inner[2]], [])])


def away(ctx: Context, x: str, u: Term, found: Moving, up: bool) -> tuple[Theorem, Theorem]:
    """``Local`` of ``u``, which is ``w - n`` (``up``) or ``n - w``, and the sign of its derivative, from ``w``'s."""
    sign, th, shown = found
    leaving = ctx.R.rule("local", frozenset({x}), u, [th])
    c = leaving.conclusion
    assert isinstance(c, Local) and c.derivative is not None
    rate, way = slope(c.derivative, x), sign if up else -sign
    goal = Literal(">", rate if way > 0 else neg(rate))
    return leaving, ctx.R.arith(goal, [(1, [shown], [])])
