"""Any term as a total of summands: every sum outside, every factor inside, conditionals as indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import product

from ...kernel.terms import ONE, Term, add, mul, neg
from ...kernel.theorems import Theorem
from . import lemmas
from .context import Context
from .equations import HOLE, Equations
from .forms import (
    RING,
    Binder,
    Stuck,
    atoms,
    canonical,
    entry_of,
    exponent,
    guard,
    indicator,
    is_indicator,
    polynomial,
    replaced,
    sides,
    summed,
    with_operand,
    written,
)


@dataclass(frozen=True)
class Summand:
    """``sum_binders body``, where the body is a monomial."""

    binders: tuple[Binder, ...]
    body: Term

    @cached_property
    def term(self) -> Term:
        """The sum."""
        return summed(self.binders, self.body)


Spread = tuple[list[Summand], Theorem]
"""Summands, and that a term is their total."""


def total(summands: Sequence[Summand]) -> Term:
    """``a + (b + (... + 0))``."""
    return lemmas.total([item.term for item in summands])


def spread(t: Term, ctx: Context) -> Spread:
    """``t = total of summands``."""
    R = ctx.recorder
    if not _has_sum(t):
        return monomials(t, ctx)
    if t.op == "add":
        (a, first), (b, second) = spread(t.terms[0], ctx), spread(t.terms[1], ctx)
        return a + b, R.ring(t, total(a + b), (1, first), (1, second))
    if t.op == "pow":
        items, th = spread(reduce(mul, [t.terms[0]] * exponent(t)), ctx)
        return items, R.ring(t, total(items), (1, th))
    if t.op == "mul":
        return _multiplied(t, ctx)
    if t.op == "cond":
        both = _two_indicators(t, R)
        items, th = spread(sides(both)[1], ctx)
        return items, R.joined(both, th)
    if t.op == "sum":
        binders = list[Binder]()
        while t.op == "sum":
            binders.append((R.fresh(), t.terms[0]))
            t = entry_of(t, binders[-1][0])
        return sum_of_sums(tuple(binders), *spread(t, ctx.under(binders)), R)
    raise Stuck(f"a sum below a {t.op}")


def _has_sum(t: Term) -> bool:
    """Whether a sum, or a conditional that is no indicator, is reached through sums, products and powers."""
    stack, seen = [t], set[Term]()
    while stack:
        s = stack.pop()
        if s.op == "sum" or (s.op == "cond" and not is_indicator(s)):
            return True
        if s.op in RING and s not in seen:
            seen.add(s)
            stack += s.terms
    return False


def _two_indicators(t: Term, R: Equations) -> Theorem:
    """``(a if l else b) = a [l] + b [not l]``."""
    literal, (_, a, b) = guard(t), t.terms
    yes, no = indicator(literal), indicator(literal.negation)
    goal, parts = add(mul(a, yes), mul(b, no)), list[Theorem]()
    for case in (literal, literal.negation):
        known = R.assume(case)
        back = known if case is not literal or case.relation in ("=", "!=") else R.arith(
            literal.negation.negation, [(1, [known], [])])  # fmt: skip
        given = [(ONE, R.taken(t, known)), (neg(a), R.taken(yes, known)), (neg(b), R.taken(no, back))]
        parts.append(R.ring(t, goal, *given))
    return R.rule("cases", literal, *parts)


def sum_of_sums(binders: tuple[Binder, ...], items: Sequence[Summand], th: Theorem, R: Equations) -> Spread:
    """From ``a = total of items``: ``sum_ks a = total of sum_ks item``."""
    out = [Summand((*binders, *item.binders), item.body) for item in items]
    if len(items) == 1:
        (item,) = items
        each = R.each(binders, R.ring(sides(th)[0], item.term, (1, th)))
        return out, R.ring(sides(each)[0], total(out), (1, each))
    return out, R.joined(R.each(binders, th), lemmas.split(binders, [item.term for item in items], R))


def _multiplied(t: Term, ctx: Context) -> Spread:
    """A product, by all its factors at once; those without a sum count as one."""
    R, factors = ctx.recorder, _factors(t)
    plain = [f for f in factors if not _has_sum(f)]
    factors = [*([reduce(mul, plain)] if plain else []), *(f for f in factors if _has_sum(f))]
    spreads = [spread(f, ctx) for f in factors]
    made = [_product(parts, R) for parts in product(*(items for items, _ in spreads))]
    given = [(ONE, th) for _, th in made]
    for i, (_, th) in enumerate(spreads):  # a b - A B = (a - A) b + A (b - B)
        given.append((reduce(mul, [*(total(items) for items, _ in spreads[:i]), *factors[i + 1 :]], ONE), th))
    items = [item for item, _ in made]
    return items, R.ring(t, total(items), *given)


def _factors(t: Term) -> list[Term]:
    return [f for s in t.terms for f in _factors(s)] if t.op == "mul" else [t]


def _product(parts: Sequence[Summand], R: Equations) -> tuple[Summand, Theorem]:
    """A product of summands as one."""
    c = reduce(mul, (x.body for x in parts if not x.binders), ONE)
    sums = [(x.binders, x.body) for x in parts if x.binders]
    body = reduce(mul, (body for _, body in sums), c)
    made = Summand(tuple(k for binders, _ in sums for k in binders), body)
    given = [(ONE, lemmas.multiplied(c, sums, R))] if sums else []
    return made, R.ring(reduce(mul, (x.term for x in parts)), made.term, *given)


def monomials(t: Term, ctx: Context) -> Spread:
    """A polynomial without sums: one summand for each monomial, the indices and guards of atoms canonical."""
    R, table = ctx.recorder, dict[Term, Theorem]()
    for a in atoms(polynomial(t)):
        step = _canonical_atom(a, R)
        if step is not None:
            table[a] = step
    form, th = canonical(t), R.canonically(t)
    for a, step in table.items():
        th = R.joined(th, R.inside(replaced(form, {a: HOLE}, RING), step))
        form = sides(th)[1]
    items = [Summand((), written({m: c})) for m, c in polynomial(form).items()]
    return items, R.ring(t, total(items), (1, th))


def _canonical_atom(t: Term, R: Equations) -> Theorem | None:
    """``t = t'`` with the indices of an entry or the guard of an indicator in canonical form, if that changes it."""
    if t.op not in ("var", "d") and not is_indicator(t):
        return None
    th: Theorem | None = None
    for i, a in enumerate(t.terms[:1] if t.op == "cond" else t.terms):
        form = canonical(a)
        if form is not a:
            here = t if th is None else sides(th)[1]
            th = R.joined(th, R.inside(with_operand(here, i, HOLE), R.ring(a, form)))
    return th


def reordered(item: Summand, order: Sequence[int], R: Equations) -> tuple[Summand, Theorem | None]:
    """The same sum with its binders in the order of these positions; no theorem where it is theirs already."""
    made = Summand(tuple(item.binders[i] for i in order), item.body)
    return made, lemmas.reordered(item.binders, item.body, order, R)


def last(item: Summand, i: int, R: Equations) -> tuple[Summand, Theorem | None]:
    """The same sum with the binder number ``i`` innermost."""
    order = [*(j for j in range(len(item.binders)) if j != i), i]
    return reordered(item, order, R)
