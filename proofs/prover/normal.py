"""Fractions: every term as ``N / D`` over a few canonical atoms, with a proof of ``term * D = N``.

Canonical atoms are symbols, pi, ``exp`` of one monomial, ``log`` of something that does not factor, square roots of
square-free things, and other functions of canonical operands.  Two terms are equal when their cross products are
the same polynomial modulo the relations of the atoms (:mod:`.relations`).
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import gcd
from typing import TYPE_CHECKING, NamedTuple

from ..kernel.algebra import Polynomial
from ..kernel.terms import MINUS_ONE, ONE, ZERO, Literal, Term, add, app, mul, neg, rat, sub, unary, var
from ..kernel.theorems import Holds, Theorem
from .factors import tidy
from .polynomial import (
    UNIT,
    content,
    divide_monomial,
    plus,
    poly,
    power_of,
    product_term,
    quotient,
    term,
    times,
)
from .recorder import digest

if TYPE_CHECKING:
    from .context import Context

MAX_MONOMIALS = 400
HOLE = "hole"


class TooLarge(Exception):
    """A formula outgrew the budget of the prover; the message says which."""


class UnitsChanged(Exception):
    """A new exponent needs a finer unit than those in use: everything is normalised again."""


class Fraction_(NamedTuple):
    """``t = N / D``: ``link`` proves ``t * D - N = 0`` (``None`` where that is the polynomial identity ``t = N``)."""

    numerator: Polynomial
    denominator: Counter[Term]
    link: Theorem | None


def denominator_term(d: Counter[Term]) -> Term:
    """The product of the factors of a denominator."""
    return product_term([(f, k) for f, k in d.items() if k])


def equation(a: Term, b: Term) -> Literal:
    """``a - b = 0``."""
    return Literal("=", sub(a, b))


def fraction(ctx: Context, t: Term) -> Fraction_:
    """``t`` as a fraction of polynomials in canonical atoms."""
    known = ctx.fractions.get(t)
    if known is not None:
        return known
    stack = [t]
    while stack:
        s = stack[-1]
        if s in ctx.fractions:
            stack.pop()
            continue
        if s.op in ("add", "mul", "pow"):
            waiting = [a for a in s.terms if a not in ctx.fractions]
            if waiting:
                stack += waiting
                continue
        found = _combine(ctx, s) if s.op in ("add", "mul", "pow") else _atom(ctx, s)
        if len(found.numerator) > ctx.most_monomials:
            raise TooLarge(f"a normal form with more than {ctx.most_monomials} terms")
        ctx.fractions[s] = found
    return ctx.fractions[t]


def _linked(ctx: Context, t: Term, n: Polynomial, d: Counter[Term], equations: list[tuple[Term, Theorem]]) -> Fraction_:
    """The fraction ``n / d`` of ``t``, with common factors cancelled; ``equations`` add up to ``t d - n``."""
    n, d, equations = _squares_of_roots(ctx, t, n, d, equations)
    if not d and poly(t) == n:
        return Fraction_(n, d, None)
    link = ctx.R.arith(equation(mul(t, denominator_term(d)), term(n)), (), equations)
    for f in sorted(d, key=digest):
        while d[f] and n:
            smaller = quotient(n, poly(f))
            if smaller is None:
                break
            rest = Counter(d)
            rest[f] -= 1
            rest += Counter()
            n, d, link = smaller, rest, _cancel(ctx, t, f, smaller, rest, link)
    if not n and d:
        goal = equation(mul(t, ONE), ZERO)
        whole = denominator_term(d)
        i = unary("inv", whole)
        inverse = ctx.inverse_fact(whole)
        link = ctx.R.arith(goal, (), [(i, link), (neg(t), inverse)])
        d = Counter()
    return Fraction_(n, d, link)


def _squares_of_roots(
    ctx: Context, t: Term, n: Polynomial, d: Counter[Term], equations: list[tuple[Term, Theorem]]
) -> tuple[Polynomial, Counter[Term], list[tuple[Term, Theorem]]]:
    """``sqrt(u)^2`` replaced by ``u`` above and below, ``sin(u)^2`` by ``1 - cos(u)^2`` above."""
    for s in sorted({a for m in n for a, k in m if a.op == "sin" and k > 1}, key=digest):
        n, equations = _reduced_square(n, equations, s, ctx.R.fact("sin_cos", s.terms[0]))
    roots = {a for m in n for a, k in m if a.op == "sqrt" and k > 1} | {
        a for a, k in d.items() if a.op == "sqrt" and k > 1
    }
    for s in sorted(roots, key=digest):
        u = s.terms[0]
        nonneg = ctx.prove(">=", u)
        if nonneg is None:
            continue
        square = ctx.R.fact("sqrt_square", u, premises=[nonneg])
        n, equations = _reduced_square(n, equations, s, square)
        while d[s] > 1:
            rest_d = Counter(d)
            rest_d[s] -= 2
            rest_d = +rest_d
            scale = poly(u)
            equations = [*equations, (neg(mul(t, denominator_term(rest_d))), square)]
            if set(scale) == {UNIT}:
                q = 1 / Fraction(scale[UNIT])
                n = {m: tidy(Fraction(c) * q) for m, c in n.items()}
                equations = [(mul(rat(q), c), th) for c, th in equations]
            else:
                ctx.nonzero.setdefault(u, _root_nonzero(ctx, s, u, square))
                rest_d[u] += 1
            d = rest_d
    return n, d, equations


def _reduced_square(
    n: Polynomial, equations: list[tuple[Term, Theorem]], s: Term, square: Theorem
) -> tuple[Polynomial, list[tuple[Term, Theorem]]]:
    """``n`` with ``s^2`` replaced by what ``square``, an equation ``s^2 + ... = 0``, says it is."""
    c = square.conclusion
    assert isinstance(c, Holds)
    relation = poly(c.literal.term)
    while any(a is s and k > 1 for m in n for a, k in m):
        cofactor: Polynomial = {}
        for m, q in n.items():
            rest = divide_monomial(m, ((s, 2),))
            if rest is not None:
                cofactor[rest] = q
        n = plus(n, times(cofactor, relation), -1)
        equations = [*equations, (term(cofactor), square)]
    return n, equations


def _root_nonzero(ctx: Context, s: Term, u: Term, square: Theorem) -> Theorem:
    """``u != 0`` from ``sqrt(u) != 0``."""
    apart = ctx.must_be_nonzero(s)
    return ctx.R.arith(Literal("!=", u), [(1, [apart, apart], [])], [(MINUS_ONE, square)])


def _cancel(ctx: Context, t: Term, f: Term, n: Polynomial, d: Counter[Term], link: Theorem) -> Theorem:
    """From ``t f d = f n`` to ``t d = n``."""
    goal = equation(mul(t, denominator_term(d)), term(n))
    return ctx.R.arith(goal, (), [(unary("inv", f), link), (neg(goal.term), ctx.inverse_fact(f))])


def _combine(ctx: Context, t: Term) -> Fraction_:
    parts = [ctx.fractions[a] for a in t.terms]
    a = parts[0]
    if t.op == "pow":
        n = t.args[1]
        assert type(n) is int
        if a.link is None:
            return _linked(ctx, t, power_of(a.numerator, n), Counter(), [])
        if n > 24:
            raise TooLarge("a high power of a fraction")
        s, whole, top = t.terms[0], denominator_term(a.denominator), term(a.numerator)
        scaled = mul(s, whole)
        cofactor = ZERO
        for i in range(n):
            cofactor = add(cofactor, product_term([(x, k) for x, k in ((scaled, i), (top, n - 1 - i)) if k]))
        d = Counter({f: k * n for f, k in a.denominator.items()})
        return _linked(ctx, t, power_of(a.numerator, n), d, [(cofactor, a.link)])
    b = parts[1]
    if t.op == "mul":
        d = a.denominator + b.denominator
        equations = []
        if a.link is not None:
            equations.append((mul(t.terms[1], denominator_term(b.denominator)), a.link))
        if b.link is not None:
            equations.append((term(a.numerator), b.link))
        return _linked(ctx, t, times(a.numerator, b.numerator), d, equations)
    d = a.denominator | b.denominator
    up_a, up_b = denominator_term(d - a.denominator), denominator_term(d - b.denominator)
    n = plus(times(a.numerator, poly(up_a)), times(b.numerator, poly(up_b)))
    return _linked(ctx, t, n, d, [(up, p.link) for up, p in ((up_a, a), (up_b, b)) if p.link is not None])


def _atom(ctx: Context, t: Term) -> Fraction_:
    if t in ctx.solved:
        return _through(ctx, t, *ctx.solved[t])
    if t.op == "inv":
        return _inverse(ctx, t)
    if t.op == "cond":
        decided = ctx.decide(t)
        return _through(ctx, t, *decided) if decided else Fraction_({((t, 1),): 1}, Counter(), None)
    if t.op not in ("exp", "log", "sqrt", "sin", "cos", "atan", "erf", "floor", "app"):
        return Fraction_(poly(t), Counter(), None)
    canonical, same = _operands(ctx, t)
    simpler = ctx.simpler(canonical)
    if simpler is not None:
        target, theorem = simpler
        if same is not None:
            theorem = ctx.R.arith(equation(t, target), (), [(ONE, same), (ONE, theorem)])
        return _through(ctx, t, target, theorem)
    if same is None:
        return Fraction_({((t, 1),): 1}, Counter(), None)
    return _through(ctx, t, canonical, same)


def _through(ctx: Context, t: Term, target: Term, theorem: Theorem) -> Fraction_:
    """The fraction of ``t`` from ``theorem``: ``t - target = 0``."""
    f = fraction(ctx, target)
    whole = denominator_term(f.denominator)
    equations = [(whole, theorem)] + ([(ONE, f.link)] if f.link is not None else [])
    goal = equation(mul(t, whole), term(f.numerator))
    return Fraction_(f.numerator, f.denominator, ctx.R.arith(goal, (), equations))


def canonical_term(f: Fraction_) -> Term:
    """The term of a fraction."""
    if not f.denominator:
        return term(f.numerator)
    inverse = unary("inv", denominator_term(f.denominator))
    return inverse if f.numerator == {UNIT: 1} else mul(term(f.numerator), inverse)


def same_as_canonical(ctx: Context, u: Term, f: Fraction_) -> tuple[Term, Theorem | None]:
    """``u'`` and a proof of ``u - u' = 0``, ``None`` where they are one term."""
    target = canonical_term(f)
    if target is u:
        return u, None
    goal = equation(u, target)
    if not f.denominator:
        return target, ctx.R.arith(goal, (), [(ONE, f.link)] if f.link is not None else [])
    whole = denominator_term(f.denominator)
    i = unary("inv", whole)
    assert f.link is not None
    return target, ctx.R.arith(goal, (), [(i, f.link), (neg(u), ctx.inverse_fact(whole))])


def _operands(ctx: Context, t: Term) -> tuple[Term, Theorem | None]:
    """``t`` with canonical operands, and a proof that it is the same (``None`` where nothing changed)."""
    current, proof = t, None
    for place, u in enumerate(t.terms):
        target, same = same_as_canonical(ctx, u, fraction(ctx, u))
        if same is None:
            continue
        operands = list(current.terms)
        hole = var(HOLE)
        template = rebuild_at(current, place, hole)
        step = ctx.R.rule("congruence", template, HOLE, same)
        operands[place] = target
        following = rebuild_at(current, place, target)
        proof = step if proof is None else ctx.R.arith(equation(t, following), (), [(ONE, proof), (ONE, step)])
        current = following
    return current, proof


def rebuild_at(t: Term, place: int, replacement: Term) -> Term:
    """``t`` with its operand number ``place`` replaced."""
    operands = list(t.terms)
    operands[place] = replacement
    return app(str(t.args[0]), *operands) if t.op == "app" else unary(t.op, *operands)


def _inverse(ctx: Context, t: Term) -> Fraction_:
    u = t.terms[0]
    f = fraction(ctx, u)
    nonzero = ctx.prove("!=", u) if f.numerator else None
    if nonzero is None:
        target, same = same_as_canonical(ctx, u, f)
        atom = unary("inv", target)
        if same is None:
            return Fraction_({((t, 1),): 1}, Counter(), None)
        return Fraction_({((atom, 1),): 1}, Counter(), ctx.R.rule("congruence", unary("inv", var(HOLE)), HOLE, same))
    scale, shared, rest = content(f.numerator)
    d: Counter[Term] = Counter(dict(shared))
    if rest != {UNIT: 1}:
        d[term(rest)] += 1
    whole = denominator_term(f.denominator)
    n = {m: Fraction(c) / scale for m, c in poly(whole).items()}
    inverse = ctx.inverse_fact(u)
    equations: list[tuple[Term, Theorem]] = [(mul(rat(1 / scale), whole), inverse)]
    if f.link is not None:
        equations.append((mul(rat(-1 / scale), t), f.link))
    top_nonzero = ctx.numerator_nonzero(u, f, nonzero)
    for factor in d:
        ctx.remember_nonzero(factor, term(f.numerator), top_nonzero)
    return _linked(ctx, t, {m: tidy(c) for m, c in n.items()}, d, equations)


def unit_of(a: Fraction, b: Fraction) -> Fraction:
    """The largest rational of which both are integer multiples."""
    return Fraction(gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator)
