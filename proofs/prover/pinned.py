"""The one point that an equation leaves: ``cosh(x) = 1`` says ``x = 0``, because ``cosh(x) > 1`` on both sides of 0."""

from __future__ import annotations

from fractions import Fraction

from ..kernel.terms import MINUS_ONE, ONE, ZERO, Literal, Term, neg, rat, sub, var
from ..kernel.theorems import Theorem
from .context import Context

NEAR = 1e-3


def pinned(ctx: Context, x: str) -> tuple[Term, Theorem] | None:
    """``x - p`` for a number ``p``, and the proof that it is 0, where the hypotheses leave no other point."""
    values = {p[var(x)] for p in ctx.samples}
    if not values or max(values) - min(values) > NEAR:
        return None
    p = Fraction(min(values, key=abs)).limit_denominator(8)
    if any(abs(v - p) > NEAR for v in values):
        return None
    g = sub(var(x), rat(p))
    found = ctx.prove("=", g) or _cornered(ctx, x, g)
    return None if found is None else (g, found)


def _cornered(ctx: Context, x: str, g: Term) -> Theorem | None:
    """``g = 0``, because an equation fails on each side."""
    R, up, down = ctx.R, Literal(">", g), Literal(">", neg(g))
    clashes = [_fails(ctx, x, side) for side in (up, down)]
    if clashes[0] is None or clashes[1] is None:
        return None
    above = R.arith(Literal(">=", g), [(1, [R.assume(down.negation)], [])])
    zero = R.between(above, R.assume(up.negation))
    return R.rule("cases", up, clashes[0], R.rule("cases", down, clashes[1], zero))


def _fails(ctx: Context, x: str, side: Literal) -> Theorem | None:
    """``0 > 0`` on one side: a term that is 0 by hypothesis is shown to be positive or negative there."""
    there = Context(ctx.R, [side], [x])
    for h in ctx.hyps:
        if h.relation != "=":
            continue
        for sign, t in ((MINUS_ONE, h.term), (ONE, neg(h.term))):
            th = there.prove(">", t)
            if th is not None:
                return ctx.R.arith(Literal(">", ZERO), [(1, [th], [])], [(sign, ctx.R.assume(h))])
    return None
