"""Two forms of one function: equal on a set, and the second defined there, by cases of the guards in them."""

from __future__ import annotations

from fractions import Fraction

from ..kernel.terms import MINUS_ONE, ONE, Literal, Term, add, mul, postorder, rat, sub
from ..kernel.theorems import Theorem
from .context import Context
from .derive import NotShown, by_cases, defined
from .polynomial import poly
from .signs import undecided

HALF = Fraction(1, 2)


def equal_and_defined(ctx: Context, computed: Term, plain: Term) -> list[Theorem]:
    """``computed - plain = 0`` and ``computed`` is defined, under the hypotheses of ``ctx``.  Raises ``NotShown``."""

    def equal(c: Context) -> Theorem:
        settle_shifts(c, sub(computed, plain))
        open_half = settle_halves(c, sub(computed, plain))
        th = c.prove_equal(computed, plain)
        if th is None:
            guard = undecided(c, sub(computed, plain))
            raise NotShown("two forms are not shown to be equal", computed, open_half if guard is None else guard.term)
        return th

    return [by_cases(ctx, equal), by_cases(ctx, lambda c: defined(c, computed))]


def settle_shifts(ctx: Context, t: Term) -> None:
    """``floor(u + k) = u + k`` for an integer ``k``, where ``u`` is known to be an integer."""
    whole = [(f, value, th) for f, (value, th) in ctx.solved.items() if f.op == "floor"]
    for g in (s for s in postorder(t) if s.op == "floor" and s not in ctx.solved):
        v = g.terms[0]
        for f, u, th in whole:
            k = poly(sub(v, u))
            if set(k) - {()} or f.terms[0] is not u or Fraction(k.get((), 0)).denominator != 1:
                continue
            n = add(f, rat(Fraction(k.get((), 0))))
            lower = ctx.R.arith(Literal(">=", sub(v, n)), [], [(MINUS_ONE, th)])
            upper = ctx.R.arith(Literal(">", sub(add(n, ONE), v)), [(1, [], [])], [(ONE, th)])
            ctx.solved[g] = n, ctx.floor_is(v, n, lower, upper)
            ctx.fractions.clear()
            break


def settle_halves(ctx: Context, t: Term) -> Term | None:
    """Express ``floor(u - 1/2)`` by ``f = floor(u)`` where ``2 u`` is an integer: it is ``f - 1`` or ``f``.

    Returns ``u - f``, whose sign settles it, where that sign is not known.
    """
    floors = [s for s in postorder(t) if s.op == "floor"]
    for f in floors:
        u = f.terms[0]
        for g in floors:
            v = g.terms[0]
            if g in ctx.solved or poly(sub(u, v)) != poly(rat(HALF)):
                continue
            known = _half(ctx, f, v)
            if known is None:
                return sub(u, f)
            ctx.solved[g] = known
            ctx.fractions.clear()
    return None


def _half(ctx: Context, f: Term, v: Term) -> tuple[Term, Theorem] | None:
    """The value of ``floor(v)`` for ``v = u - 1/2``, from ``f = floor(u)``."""
    R, u = ctx.R, f.terms[0]
    zero = ctx.prove("=", sub(u, f))
    if zero is not None:
        n = sub(f, ONE)
        lower = R.arith(Literal(">=", sub(v, n)), [(HALF, [], [])], [(ONE, zero)])
        upper = R.arith(Literal(">", sub(add(n, ONE), v)), [(HALF, [], [])], [(MINUS_ONE, zero)])
        return n, ctx.floor_is(v, n, lower, upper)
    up = ctx.prove(">", sub(u, f))
    if up is None:
        return None
    for whole, (value, equation) in ctx.solved.items():
        if whole.op != "floor" or poly(value) != poly(mul(rat(2), u)):
            continue
        # whole - 2 f is an integer between 0 and 2, so 2 u - 2 f = 1.
        odd = sub(whole, mul(rat(2), f))
        apart = R.rule("gap", R.arith(Literal(">", odd), [(2, [up], [])], [(ONE, equation)]))
        below = R.arith(Literal(">", sub(rat(2), odd)), [(2, [R.fact("floor_high", u)], [])], [(MINUS_ONE, equation)])
        one = R.between(apart, R.rule("gap", below))
        value = mul(rat(HALF), sub(mul(rat(2), u), ONE))
        ctx.solved[f] = value, R.arith(Literal("=", sub(f, value)), [], [(rat(-HALF), one), (rat(HALF), equation)])
        lower = R.arith(Literal(">=", sub(v, f)), [(HALF, [apart], [])], [(rat(-HALF), equation)])
        upper = R.arith(Literal(">", sub(add(f, ONE), v)), [(1, [R.fact("floor_high", u)], []), (HALF, [], [])])
        return f, ctx.floor_is(v, f, lower, upper)
    return None
