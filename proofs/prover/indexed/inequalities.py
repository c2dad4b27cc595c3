"""Literals: by their form, by linear arithmetic over the integers and the reals, and by cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from fractions import Fraction

from ...kernel.algebra import Algebra, Monomial
from ...kernel.sums import counts
from ...kernel.terms import MINUS_ONE, ONE, ZERO, Literal, Term, neg, power, rat, sub, unary
from ...kernel.theorems import Theorem, held
from ..simplex import combine
from . import integers
from .context import UNPROVED, Context, Row
from .forms import Stuck, entry_of, exponent, guard, matched, polynomial


def prove(goal: Literal, ctx: Context) -> Theorem:
    """A literal, from what is known in the context."""
    return ctx.remembered(goal, lambda: _prove(goal, ctx))


def _prove(goal: Literal, ctx: Context) -> Theorem:
    R, (relation, t) = ctx.recorder, goal
    known = ctx.fact(goal)
    if known is not None:
        return known
    if relation == ">":
        for th in ctx.facts:
            found = _from_minimum(goal, th, ctx)
            if found is not None:
                return found
    if relation in (">=", "!="):
        try:
            return R.arith(goal, [(1, [prove(Literal(">", t), ctx)], [])])
        except UNPROVED:
            pass
    if relation in (">", ">=") and not _integral(t):
        try:
            return by_form(relation, t, ctx)
        except UNPROVED:
            pass
    return linear(goal, ctx)


def _from_minimum(goal: Literal, minimum: Theorem, ctx: Context) -> Theorem | None:
    """``f(u) > 0`` from ``-max_k(-f(k)) > 0``, if the fact is one of that form and the goal an instance of it."""
    R, (relation, t) = ctx.recorder, held(minimum)
    if relation != ">" or t.op != "mul" or t.terms[1].op != "max" or neg(t.terms[1]) is not t:
        return None
    n, k = t.terms[1].terms[0], R.fresh()
    below = entry_of(t.terms[1], k)
    u = matched(neg(goal.term), below, k)
    if u is None:
        return None
    premises = [prove(literal, ctx) if literal.relation != "=" else integers.whole(u, ctx) for literal in counts(u, n)]
    upper = R.fact("max_upper", k, n, u, below, premises=premises)
    return R.arith(goal, [(1, [minimum], []), (1, [upper], [])])


def _integral(t: Term) -> bool:
    """Whether ``t`` is a polynomial in symbols and floors: only arithmetic can then say anything of its sign."""
    return all(a.op == "floor" or (a.op == "var" and not a.terms) for m in polynomial(t) for a, _ in m)


def inverse(u: Term, ctx: Context) -> Theorem:
    """``u inv(u) = 1``."""
    return ctx.recorder.fact("inv", u, premises=[prove(Literal("!=", u), ctx)])


# --- the form of a term -------------------------------------------------------------------------------


def by_form(relation: str, t: Term, ctx: Context) -> Theorem:
    """``t > 0`` or ``t >= 0`` from the operation that ``t`` is."""
    R, goal, strict = ctx.recorder, Literal(relation, t), relation == ">"
    match t.op:
        case "exp":
            return _weaker(goal, R.fact("exp_pos", t.terms[0]), ctx)
        case "sqrt":
            return _positive_root(t, ctx) if strict else R.fact("sqrt_nonneg", t.terms[0])
        case "inv":
            return _weaker(goal, _positive_inverse(t, ctx), ctx)
        case "sum":
            return _positive_sum(goal, ctx)
        case "pow" if not strict and exponent(t) % 2 == 0:
            root = t.terms[0] if exponent(t) == 2 else power(t.terms[0], exponent(t) // 2)
            return R.arith(goal, [(1, [], [root])])
        case "mul" if t.terms[0] is t.terms[1] and not strict:
            return R.arith(goal, [(1, [], [t.terms[0]])])
        case "mul":
            return R.arith(goal, [(1, [prove(Literal(relation, a), ctx) for a in t.terms], [])])
        case "cond":
            return by_cases(goal, [t], ctx)
        case "add":
            a, b = t.terms
            for p, q in dict.fromkeys([(relation, ">="), (">=", relation)]):
                try:
                    parts = [prove(Literal(p, a), ctx), prove(Literal(q, b), ctx)]
                    return R.arith(goal, [(1, [th], []) for th in parts])
                except UNPROVED:
                    continue
    raise Stuck(f"the sign of a {t.op}")


def _weaker(goal: Literal, th: Theorem, ctx: Context) -> Theorem:
    """The goal from ``t > 0``, which may be it."""
    return th if held(th) == goal else ctx.recorder.arith(goal, [(1, [th], [])])


def _positive_sum(goal: Literal, ctx: Context) -> Theorem:
    R, n = ctx.recorder, goal.term.terms[0]
    k = R.fresh()
    entry = prove(Literal(goal.relation, entry_of(goal.term, k)), ctx.under([(k, n)]))
    th = R.rule("generalize", "sum", k, n, entry, [])
    return R.rule("cut", prove(Literal(">", n), ctx), th) if goal.relation == ">" else th


def _positive_root(t: Term, ctx: Context) -> Theorem:
    """``sqrt(u) > 0`` where ``u > 0``: it is not negative, and not 0, for its square is positive."""
    R, u = ctx.recorder, t.terms[0]
    inner = prove(Literal(">", u), ctx)
    square = R.fact("sqrt_square", u, premises=[R.arith(Literal(">=", u), [(1, [inner], [])])])
    zero = R.assume(Literal("=", t))
    clash = R.arith(Literal(">", ZERO), [(1, [inner], [])], [(ONE, square), (neg(t), zero)])
    apart = R.rule("cases", Literal("=", t), clash, R.assume(Literal("!=", t)))
    low = R.assume(Literal(">=", neg(t)))
    clash = R.arith(Literal(">", ZERO), [(1, [apart], []), (1, [R.fact("sqrt_nonneg", u), low], [])])
    return R.rule("cases", Literal(">", t), R.assume(Literal(">", t)), clash)


def _positive_inverse(t: Term, ctx: Context) -> Theorem:
    """``inv(u) > 0`` where ``u > 0``: it is ``u inv(u)^2``, and not 0."""
    R, u = ctx.recorder, t.terms[0]
    positive, one, zero = prove(Literal(">", u), ctx), inverse(u, ctx), R.assume(Literal("=", t))
    clash = R.arith(Literal(">", ZERO), [(1, [], [])], [(ONE, one), (neg(u), zero)])
    apart = R.rule("cases", Literal("=", t), clash, R.assume(Literal("!=", t)))
    return R.arith(Literal(">", t), [(1, [positive, apart], [])], [(neg(t), one)])


def by_cases(goal: Literal, conditionals: Sequence[Term], ctx: Context) -> Theorem:
    """A literal, by cases on the guards of these conditionals."""
    if not conditionals:
        return linear(goal, ctx)
    R, (first, *rest) = ctx.recorder, conditionals
    parts = []
    for literal in (guard(first), guard(first).negation):
        case = ctx.with_facts([R.assume(literal), R.taken(first, R.assume(literal))])
        parts.append(by_cases(goal, rest, case))
    return R.rule("cases", guard(first), *parts)


# --- linear arithmetic --------------------------------------------------------------------------------


def linear(goal: Literal, ctx: Context, extra: Iterable[Theorem] = ()) -> Theorem:
    """A literal by linear arithmetic from the facts, and if it is not linear from products of two of them."""
    R, (relation, t), extra = ctx.recorder, goal, tuple(extra)
    if relation == "=":
        lower, upper = (linear(Literal(">=", s), ctx, extra) for s in (t, neg(t)))
        return R.between(lower, upper)
    if relation == "!=":
        for s, sign in ((t, 1), (neg(t), -1)):
            try:
                return R.arith(goal, [(sign, [linear(Literal(">", s), ctx, extra)], [])])
            except Stuck:
                continue
        raise Stuck("neither positive nor negative")
    rows = [*_known_rows(ctx), *_rows(extra)]
    found = _combined(goal, rows, ctx)
    curved = {m for m in polynomial(t) if sum(k for _, k in m) > 1}
    if found is None and curved:
        found = _combined(goal, [*rows, *_products(rows, curved)], ctx)
    if found is None:
        raise Stuck("no linear combination")
    return found


def _known_rows(ctx: Context) -> list[Row]:
    """The facts of the context, once for all questions."""
    if ctx.rows is None:
        ctx.rows = _rows(tighter(ctx))
    return ctx.rows


def _rows(facts: Sequence[Theorem]) -> list[Row]:
    rows: list[Row] = []
    for th in facts:
        relation, t = held(th)
        p = polynomial(t)
        if relation in (">", ">="):
            rows.append(((th,), 0, p))
        elif relation == "=":
            rows += [((th,), 1, p), ((th,), -1, {m: -c for m, c in p.items()})]
    return rows


def _products(rows: Sequence[Row], curved: Set[Monomial]) -> list[Row]:
    """Products of two short facts that have one of these monomials."""
    ring, short = Algebra(), [r for r in rows if r[1] == 0 and len(r[2]) <= 3]
    atoms = {a for m in curved for a, _ in m}
    some = [r for r in short if any(a in atoms for m in r[2] for a, _ in m)]
    made = [(a[0] + b[0], 0, ring.product(a[2], b[2])) for i, a in enumerate(some) for b in some[i:]]
    return [row for row in made if not curved.isdisjoint(row[2])]


def _combined(goal: Literal, rows: Sequence[Row], ctx: Context) -> Theorem | None:
    """The goal as a combination of the rows and the number 1 with weights that are not negative."""
    weights = combine([*(p for _, _, p in rows), {(): 1}], polynomial(goal.term)).weights
    if weights is None:
        return None
    products: list[tuple[Fraction | int, list[Theorem], list[Term]]] = []
    equations: dict[Theorem, Fraction] = {}
    for q, (facts, sign, _) in zip(weights, rows, strict=False):
        if q and sign:
            equations[facts[0]] = equations.get(facts[0], Fraction(0)) + q * sign
        elif q:
            products.append((q, list(facts), []))
    if weights[-1]:
        products.append((weights[-1], [], []))
    if goal.relation == ">" and not any(all(held(f).relation == ">" for f in facts) for _, facts, _ in products):
        return None
    return ctx.recorder.arith(goal, products, [(rat(c), th) for th, c in equations.items()])


def tighter(ctx: Context) -> list[Theorem]:
    """The facts, and ``t - 1 >= 0`` for each ``t > 0`` where ``t`` is an integer by what was known when it came."""
    if ctx.tightened is None:
        R, known = ctx.recorder, 0 if ctx.parent is None else len(ctx.parent.facts)
        ctx.tightened = [] if ctx.parent is None else list(tighter(ctx.parent))
        for th in ctx.facts[known:]:
            ctx.tightened.append(th)
            relation, t = held(th)
            if relation != ">":
                continue
            try:
                integer = integers.whole(t, ctx)
            except UNPROVED:
                continue
            gap = R.rule("gap", R.arith(Literal(">", unary("floor", t)), [(1, [th], [])], [(ONE, integer)]))
            ctx.tightened.append(R.arith(Literal(">=", sub(t, ONE)), [(1, [gap], [])], [(MINUS_ONE, integer)]))
    return ctx.tightened
