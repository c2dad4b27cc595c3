"""Facts about the atoms of a polynomial, and the search for a combination of them that proves a goal."""

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
    add,
    mul,
    neg,
    rat,
    sub,
    unary,
    var,
)
from ..kernel.theorems import Holds, Theorem, held
from .lemmas import clash
from .normal import HOLE, TooLarge, denominator_term, equation
from .polynomial import UNIT, atoms, poly, term
from .polynomials import Effort, positive
from .recorder import Recorder, digest

if TYPE_CHECKING:
    from .context import Context

MAX_SEARCHES = 250
DEEP, QUICK = 2_500_000, 400_000
"""What a linear search may cost for a goal itself, and for a step on the way to one."""


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
                if h.relation != "=" and set(f.numerator) <= {UNIT}:
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
            if any(len(m) > 1 and any(x is a for x, _ in m) for m in n):
                found.append(mirrored_taylor(R, u))
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


def mirrored_taylor(R: Recorder, u: Term) -> Theorem:
    """``1 - exp(u) + u exp(u) >= 0``: ``exp(u)`` times ``exp(-u) >= 1 - u``."""
    a, b, minus = unary("exp", u), unary("exp", neg(u)), neg(u)
    same = R.arith(equation(add(u, minus), ZERO))
    product = [
        (ONE, R.fact("exp_add", u, minus)),
        (MINUS_ONE, R.rule("congruence", unary("exp", var(HOLE)), HOLE, same)),
    ]
    one = R.arith(equation(ONE, mul(a, b)), (), [*product, (MINUS_ONE, R.fact("exp_zero"))])
    goal = Literal(">=", add(sub(ONE, a), mul(u, a)))
    return R.arith(goal, [(1, [R.fact("exp_pos", u), R.fact("exp_taylor", minus, order=1)], [])], [(ONE, one)])


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
    effort = Effort(DEEP if len(ctx._busy) < 2 else QUICK)
    found = positive(ctx.R, goal, relevant(n, facts_about(ctx, n)), effort)
    if found is None or held(found, "linear") == goal:
        return found
    return ctx.R.rule("cases", goal, ctx.R.assume(goal), found)  # the facts contradict each other


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
