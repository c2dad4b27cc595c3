"""The search for signs: one strategy after the other, each ending in kernel rules or in ``None``."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..kernel.terms import (
    ONE,
    ZERO,
    KernelError,
    Literal,
    Term,
    add,
    mul,
    neg,
    power,
    unary,
)
from ..kernel.theorems import Theorem
from .atom_signs import sign_of_atom
from .constants import sign_of_constant
from .factors import split_polynomial
from .integers import by_integers
from .lemmas import by_hypothesis, from_absurd, inverse_nonzero, join_strict, ratio, strict, trivial
from .mean_value import by_growth
from .named import by_name
from .normal import denominator_term
from .polynomial import UNIT, content, poly, quotient, term
from .polynomial_signs import sign_of_polynomial
from .recorder import digest
from .reductions import by_reduction
from .remembered import recalled
from .sampling import value

if TYPE_CHECKING:
    from .context import Context


def prove(ctx: Context, goal: Literal) -> Theorem | None:
    """A theorem for ``goal`` under the hypotheses of ``ctx``, or ``None``."""
    absurd = ctx.absurd()
    if absurd is not None:
        return from_absurd(ctx, goal, absurd)
    if not goal.term.free and set(poly(goal.term)) - {UNIT}:
        return by_constant(ctx, goal)
    at_hand = (trivial, by_hypothesis, recalled, by_negated_hypothesis)
    for strategy in (*at_hand, by_range, by_reduction, by_structure, by_name):
        found = strategy(ctx, goal)
        if found is not None:
            return found
    if goal.relation == "=":
        return by_equality(ctx, goal) or split(ctx, goal)
    if goal.relation == "!=":
        return nonzero(ctx, goal) or split(ctx, goal)
    found = by_fraction(ctx, goal)
    if found is None and goal.relation == ">=":
        weaker = None
        if all(value(goal.term, p) > 1e-9 for p in ctx.samples):
            weaker = ctx.prove(">", goal.term)
        if weaker is not None:
            found = ctx.R.arith(goal, [(1, [weaker], [])])
    return found or split(ctx, goal) or by_growth(ctx, goal) or short_of_one(ctx, goal)


def by_constant(ctx: Context, goal: Literal) -> Theorem | None:
    """A literal about a number: exactly by its normal form, else by enclosing it between rationals."""
    found = by_equality(ctx, goal) if goal.relation == "=" else None
    found = found or sign_of_constant(ctx.R, goal.relation, goal.term) or by_range(ctx, goal)
    if found is None and goal.relation == ">=" and abs(value(goal.term, {})) <= 1e-9:
        zero = ctx.prove("=", goal.term)
        found = None if zero is None else ctx.R.arith(goal, [(1, [], [ZERO])], [(ONE, zero)])
    return found


def by_range(ctx: Context, goal: Literal) -> Theorem | None:
    """The goal from the range of its term."""
    return ctx.ranges.shows(*goal)


def short_of_one(ctx: Context, goal: Literal) -> Theorem | None:
    """``1 - cos(u) > 0`` because it is not 0, as ``sin(u) != 0`` shows; so for the sine, and for the sum."""
    p = dict(poly(goal.term))
    c = p.pop(UNIT, 0)
    atom = next(iter(p), ())
    if goal.relation != ">" or len(p) != 1 or len(atom) != 1 or abs(p[atom]) != c:
        return None
    ((a, k),) = atom
    weak = ctx.ranges.shows(">=", goal.term) if k == 1 and a.op in ("sin", "cos") else None
    return None if weak is None else strict(ctx, goal.term, weak, ctx.prove("!=", goal.term))


def by_negated_hypothesis(ctx: Context, goal: Literal) -> Theorem | None:
    """``t > 0`` from ``t >= 0`` and ``t != 0`` among the hypotheses."""
    if goal.relation != ">":
        return None
    p = poly(goal.term)
    lower = next(
        (h for h in ctx.hyps if h.relation == ">=" and (c := ratio(p, poly(h.term))) is not None and c > 0), None
    )
    apart = next((h for h in ctx.hyps if h.relation == "!=" and ratio(p, poly(h.term)) is not None), None)
    if lower is None or apart is None:
        return None
    return strict(ctx, goal.term, ctx.prove(">=", goal.term), ctx.prove("!=", goal.term))


def by_structure(ctx: Context, goal: Literal) -> Theorem | None:
    """The sign of a sum of terms of one sign, of a product, a power or an inverse, as it is written."""
    t, R, relation = goal.term, ctx.R, goal.relation
    if relation == ">" and t.op == "sqrt":
        return sign_of_atom(ctx, relation, t)
    if relation not in (">", ">=") or t.op not in ("add", "mul", "pow", "inv"):
        return None
    if t.op == "add":
        a, b = t.terms
        for first, second in ((a, b), (b, a)):
            weak = ctx.prove(">=", second) if _looks(ctx, ">=", second) and _looks(ctx, relation, first) else None
            strong = ctx.prove(relation, first) if weak is not None else None
            if weak is not None and strong is not None:
                return R.arith(goal, [(1, [strong], []), (1, [weak], [])])
        return None
    if t.op == "pow":
        n, (u,) = t.args[1], t.terms
        assert type(n) is int
        if n % 2 == 0 and relation == ">=":
            return R.arith(goal, [(1, [], [u if n == 2 else power(u, n // 2)])])
        th = ctx.prove("!=" if n % 2 == 0 else relation, u)
        return None if th is None else R.arith(goal, [(1, [th] * (n // 2 if n % 2 == 0 else n), [])])
    if t.op == "inv":
        (u,) = t.terms
        th = ctx.prove(">", u)
        if th is None:
            return None
        inverse = R.fact("inv", u, premises=[R.arith(Literal("!=", u), [(1, [th], [])])])
        apart = inverse_nonzero(ctx, u, inverse)
        return R.arith(goal, [(1, [th, apart], [])], [(neg(t), inverse)])
    u, v = t.terms
    if u.op == "rat":
        q = Fraction(str(u.args[0]))
        if q == 0:
            return None
        th = ctx.prove(relation, v if q > 0 else neg(v)) if v.op != "rat" else None
        return None if th is None else R.arith(goal, [(abs(q), [th], [])])
    for a, b, sign in ((u, v, 1), (neg(u), neg(v), 1)):
        if _looks(ctx, relation, a) and _looks(ctx, relation, b):
            one = ctx.prove(relation, a)
            other = ctx.prove(relation, b) if one is not None else None
            if one is not None and other is not None:
                return R.arith(goal, [(sign, [one, other], [])])
    return None


def _looks(ctx: Context, relation: str, t: Term) -> bool:
    return ctx.plausible(Literal(relation, t))


def by_equality(ctx: Context, goal: Literal) -> Theorem | None:
    """``t = 0`` by its normal form, or as a sum of cases."""
    return ctx.zero_by_fraction(goal.term)


def nonzero(ctx: Context, goal: Literal) -> Theorem | None:
    """``t != 0`` from its sign, or from its factors."""
    found = by_integers(ctx, goal)
    if found is not None:
        return found
    values = [value(goal.term, p) for p in ctx.samples]
    maybe = {True: not any(v < 0 for v in values), False: not any(v > 0 for v in values)}
    order = [up for up in (True, False) if maybe[up]]
    for up in order:
        t = goal.term if up else neg(goal.term)
        th = ctx.prove(">", t)
        if th is not None:
            return ctx.R.arith(goal, [(1 if up else -1, [th], [])])
    f = ctx.frac(goal.term)
    if not f.numerator:
        return None
    found = divides_hypothesis(ctx, goal)
    if found is not None:
        return found
    scale, shared, rest = content(f.numerator)
    factors = [(a, k) for a, k in shared] + ([(p, 1) for p in split_polynomial(rest)] if rest != {UNIT: 1} else [])
    if len(factors) == 1 and factors[0][1] == 1 and poly(factors[0][0]) == poly(goal.term):
        return by_nonzero_atom(ctx, goal)
    proofs: list[Theorem] = []
    for factor, k in factors:
        th = ctx.prove("!=", factor)
        if th is None:
            return None
        proofs += [th] * k
    n = term(f.numerator)
    try:
        top = ctx.R.arith(Literal("!=", n), [(scale, proofs, [])])
    except KernelError:
        return None
    return nonzero_of_numerator(ctx, goal.term, f.link, denominator_term(f.denominator), n, top)


def divides_hypothesis(ctx: Context, goal: Literal) -> Theorem | None:
    """A factor of a numerator that a hypothesis says is not 0."""
    p = poly(goal.term)
    for h in ctx.hyps:
        if h.relation not in (">", "!=") or goal.term.free.isdisjoint(h.term.free):
            continue
        f = ctx.frac(h.term)
        if len(f.numerator) < 1 or quotient(f.numerator, p) is None:
            continue
        th = ctx.R.assume(h)
        apart = th if h.relation == "!=" else ctx.R.arith(Literal("!=", h.term), [(1, [th], [])])
        ctx.remember_nonzero(goal.term, term(f.numerator), ctx.numerator_nonzero(h.term, f, apart))
        return ctx.nonzero[goal.term]
    return None


def by_nonzero_atom(ctx: Context, goal: Literal) -> Theorem | None:
    """``u - v != 0`` is left to the cases ``u > v`` and ``u < v`` where a hypothesis says ``!=``."""
    if ctx.depth > 2:
        return None
    for h in ctx.hyps:
        if h.relation == "!=" and not h.term.free.isdisjoint(goal.term.free):
            one, other = ctx.with_(Literal(">", h.term)), ctx.with_(Literal(">", neg(h.term)))
            a, b = one.prove(*goal), None
            if a is not None:
                b = other.prove(*goal)
            if a is not None and b is not None:
                return join_strict(ctx, h, a, b)
    zero = Literal("=", goal.term)
    gone = ctx.with_(zero).absurd()
    return None if gone is None else ctx.R.rule("cases", zero, gone, ctx.R.assume(goal))


def nonzero_of_numerator(ctx: Context, t: Term, link: Theorem | None, whole: Term, n: Term, top: Theorem) -> Theorem:
    """``t != 0`` from ``t D = N`` and ``N != 0``: else ``N = 0``."""
    zero = Literal("=", t)
    equations = [(neg(whole), ctx.R.assume(zero))] + ([(ONE, link)] if link is not None else [])
    clash = ctx.R.arith(Literal("!=", ZERO), [(1, [top], [])], equations)
    return ctx.R.rule("cases", zero, clash, ctx.R.assume(zero.negation))


def by_fraction(ctx: Context, goal: Literal) -> Theorem | None:
    """The sign of ``t = N / D`` from those of ``N`` and of the factors of ``D``."""
    f = ctx.frac(goal.term)
    whole = denominator_term(f.denominator)
    if not f.denominator:
        n = f.numerator
        th = sign_of_polynomial(ctx, goal.relation, n, poly(goal.term) == n and f.link is None)
        if th is None:
            return None
        link = [(ONE, f.link)] if f.link is not None else []
        return ctx.R.arith(goal, [(1, [th], [])], link)
    sign, proofs = 1, []
    for factor, k in sorted(f.denominator.items(), key=lambda item: digest(item[0])):
        up = ctx.prove(">", factor)
        if up is None and k % 2 == 0:
            apart = ctx.must_be_nonzero(factor)
            proofs += [ctx.R.arith(Literal(">", power(factor, 2)), [(1, [apart], [])])] * (k // 2)
            continue
        if up is None:
            up = ctx.prove(">", neg(factor))
            sign *= (-1) ** (k % 2)
        if up is None:
            return None
        proofs += [up] * k
    n = f.numerator if sign > 0 else {m: -c for m, c in f.numerator.items()}
    top = sign_of_polynomial(ctx, goal.relation, n, False)
    if top is None:
        return None
    assert f.link is not None
    inverse = ctx.inverse_fact(whole)
    i = unary("inv", whole)
    apart = inverse_nonzero(ctx, whole, inverse)
    t = goal.term
    equations = [(mul(whole, power(i, 2)), f.link), (neg(mul(t, add(mul(whole, i), ONE))), inverse)]
    return ctx.R.arith(goal, [(1, [top, *proofs, apart], [])], equations)


def split(ctx: Context, goal: Literal) -> Theorem | None:
    """Cases on the guard of a conditional that nothing decides, or on the sign of a hypothesis ``!=``."""
    if ctx.depth >= 5:
        return None
    guard = undecided(ctx, goal.term)
    if guard is None:
        return None
    proofs = []
    for literal in (guard, guard.negation):
        th = ctx.with_(literal).prove(*goal)
        if th is None:
            return None
        proofs.append(th)
    return ctx.R.rule("cases", guard, *proofs)


def undecided(ctx: Context, t: Term) -> Literal | None:
    """The innermost guard in ``t`` that is neither shown nor refuted."""
    from ..kernel.terms import postorder

    for s in postorder(t):
        if s.op == "cond":
            guard = Literal(str(s.args[0]), s.terms[0])
            if ctx.prove(*guard) is None and ctx.prove(*guard.negation) is None:
                return guard
    return None
