"""Relations between canonical atoms, and reduction modulo them with cofactors."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..kernel.algebra import Monomial, Polynomial
from ..kernel.terms import ONE, Literal, Term, add, app, mul, rat, sub, unary, var
from ..kernel.theorems import Holds, Theorem
from .polynomial import atoms, divide_monomial, monomials, plus, poly, term, times
from .rewriting import exp_multiple

if TYPE_CHECKING:
    from .context import Context

MAX_STEPS = 600


def relations(ctx: Context, p: Polynomial) -> list[tuple[Monomial, Theorem]]:
    """Equations on the atoms of ``p``, each with the monomial that it rewrites."""
    found: list[tuple[Monomial, Theorem]] = []
    seen = atoms(p)
    for a in seen:
        if a.op == "sqrt":
            nonneg = ctx.prove(">=", a.terms[0])
            if nonneg is not None:
                found.append((((a, 2),), ctx.R.fact("sqrt_square", a.terms[0], premises=[nonneg])))
        elif a.op == "sin" and unary("cos", a.terms[0]) in seen:
            found.append((((a, 2),), ctx.R.fact("sin_cos", a.terms[0])))
        elif a.op == "inv":
            nonzero = ctx.prove("!=", a.terms[0])
            if nonzero is not None and len(poly(a.terms[0])) == 1:
                ((m, _),) = poly(a.terms[0]).items()
                found.append(
                    (
                        tuple(sorted((*m, (a, 1)), key=lambda f: f[0].serial)),
                        ctx.R.fact("inv", a.terms[0], premises=[nonzero]),
                    )
                )
        elif a.op == "exp":
            root = _root_of_power(ctx, a)
            if root is not None:
                found.append(root)
    found += _recurrences(ctx, seen)
    for th in ctx.relations:
        c = th.conclusion
        assert isinstance(c, Holds)
        found.append((monomials(poly(c.literal.term))[0][0], th))
    return found


def _root_of_power(ctx: Context, a: Term) -> tuple[Monomial, Theorem] | None:
    """``E^m = v^p`` for ``E = exp(p/m log v)``."""
    p = poly(a.terms[0])
    if len(p) != 1:
        return None
    ((m, c),) = p.items()
    q = Fraction(c)
    if (
        len(m) != 1
        or m[0][1] != 1
        or m[0][0].op != "log"
        or q.denominator == 1
        or max(abs(q.numerator), q.denominator) > 24
    ):
        return None
    v = m[0][0].terms[0]
    positive = ctx.prove(">", v)
    if positive is None or q < 0:
        return None
    value_ = ctx.R.fact("exp_log", v, premises=[positive])
    s, top, one = exp_multiple(ctx, a.terms[0], q.denominator, a, None)
    t, bottom, other = exp_multiple(ctx, m[0][0], q.numerator, v, value_)
    same = ctx.R.arith(Literal("=", sub(s, t)))
    step = ctx.R.rule("congruence", unary("exp", var("hole")), "hole", same)
    goal = Literal("=", sub(top, bottom))
    return ((a, q.denominator),), ctx.R.arith(goal, (), [(ONE, step), (rat(-1), one), (ONE, other)])


def _recurrences(ctx: Context, seen: list[Term]) -> list[tuple[Monomial, Theorem]]:
    """``x C(n-1) +- x C(n+1) - 2 n C(n) = 0`` for Bessel functions whose neighbours occur."""
    found: list[tuple[Monomial, Theorem]] = []
    orders = {
        (str(a.args[0]), a.terms[1], Fraction(str(a.terms[0].args[0]))): a
        for a in seen
        if a.op == "app" and str(a.args[0]).startswith("bessel") and a.terms[0].op == "rat"
    }
    for (name, x, n), top in orders.items():
        if name == "besselk" or not ({(name, x, n - 2), (name, x, n - 1)} & orders.keys()):
            continue
        middle = rat(n - 1)
        apart = ctx.prove("!=", x)
        whole = ctx.prove("=", sub(unary("floor", middle), middle))
        if apart is None or whole is None:
            continue
        step = ctx.R.rule("cite", f"{name}_step", [middle, x], [apart, whole])
        inverse = ctx.R.fact("inv", x, premises=[apart])
        c = step.conclusion
        assert isinstance(c, Holds)
        center = app(name, middle, x)
        sign = 1 if name != "besseli" else -1
        low = app(name, sub(middle, ONE), x), app(name, rat(n - 2), x)
        high = app(name, add(middle, ONE), x), top
        equations = [(x, step), (mul(rat(2 * (n - 1)), center), inverse)]
        for (raw, tidy), factor in ((low, ONE), (high, rat(sign))):
            if raw is not tidy:
                same = ctx.R.rule(
                    "congruence",
                    app(name, var("hole"), x),
                    "hole",
                    ctx.R.arith(Literal("=", sub(tidy.terms[0], raw.terms[0]))),
                )
                equations.append((mul(factor, x), same))
        goal = sub(add(mul(x, low[1]), mul(mul(rat(sign), x), high[1])), mul(rat(2 * (n - 1)), center))
        th = ctx.R.arith(Literal("=", goal), (), equations)
        lead = next((m for m in poly(goal) if any(a is top for a, _ in m)), None)
        if lead is not None:
            found.append((lead, th))
    return found


def reduce(ctx: Context, p: Polynomial) -> list[tuple[Term, Theorem]] | None:
    """Cofactors with which the relations add up to ``p``, or ``None`` where ``p`` does not vanish modulo them."""
    if not p:
        return []
    rules = []
    for lead, th in relations(ctx, p):
        c = th.conclusion
        assert isinstance(c, Holds)
        r = poly(c.literal.term)
        if lead in r:
            rules.append((lead, r[lead], r, th))
    cofactors: dict[Theorem, Polynomial] = {}
    rest = dict(p)
    for _ in range(MAX_STEPS):
        if not rest:
            return [(term(c), th) for th, c in cofactors.items() if c]
        for m, _ in monomials(rest):
            match = next(
                ((s, lc, r, th) for lead, lc, r, th in rules if (s := divide_monomial(m, lead)) is not None), None
            )
            if match is not None:
                break
        else:
            return None
        s, lc, r, th = match
        q = Fraction(rest[m]) / lc
        cofactors[th] = plus(cofactors.get(th, {}), {s: 1}, q)
        rest = plus(rest, times(r, {s: 1}), -q)
    return None
