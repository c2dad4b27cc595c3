"""Small steps that every search for a sign makes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..kernel.algebra import Polynomial
from ..kernel.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Literal,
    Term,
    neg,
    rat,
    unary,
)
from ..kernel.theorems import Holds, Theorem
from .polynomial import UNIT, poly
from .recorder import digest

if TYPE_CHECKING:
    from .context import Context


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


def under(ctx: Context, th: Theorem) -> Theorem | None:
    """``th`` without the hypotheses that the context shows, or ``None`` where it does not show one."""
    for h in sorted(th.hyps - set(ctx.hyps), key=lambda k: (k.relation, digest(k.term))):
        lemma = ctx.prove(*h)
        if lemma is None:
            return None
        th = ctx.R.rule("cut", lemma, th)
    return th


def strict(ctx: Context, t: Term, nonneg: Theorem | None, apart: Theorem | None) -> Theorem | None:
    """``t > 0`` from ``t >= 0`` and ``t != 0``."""
    if nonneg is None or apart is None:
        return None
    goal = Literal(">", t)
    below = ctx.R.assume(goal.negation)
    upper = ctx.R.arith(Literal(">=", neg(t)), [(1, [below], [])])
    zero = ctx.R.between(nonneg, upper)
    clash = ctx.R.arith(Literal("!=", ZERO), [(1, [apart], [])], [(MINUS_ONE, zero)])
    return ctx.R.rule("cases", goal, ctx.R.assume(goal), clash)


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


def inverse_nonzero(ctx: Context, d: Term, inverse: Theorem) -> Theorem:
    """``inv(d) != 0`` from ``d inv(d) = 1``."""
    i = unary("inv", d)
    zero = Literal("=", i)
    absurd = ctx.R.arith(Literal("!=", ZERO), [(1, [], [])], [(ONE, inverse), (neg(d), ctx.R.assume(zero))])
    return ctx.R.rule("cases", zero, absurd, ctx.R.assume(zero.negation))


def clash(ctx: Context, one: Theorem, other: Theorem) -> Theorem:
    """A false literal about a number from a literal and its negation."""
    a, b = one.conclusion, other.conclusion
    assert isinstance(a, Holds) and isinstance(b, Holds)
    if a.literal.relation in ("=", "!="):
        zero, apart = (one, other) if a.literal.relation == "=" else (other, one)
        return ctx.R.arith(Literal("!=", ZERO), [(1, [apart], [])], [(MINUS_ONE, zero)])
    return ctx.R.arith(Literal(">", ZERO), [(1, [one], []), (1, [other], [])])
