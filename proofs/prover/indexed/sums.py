"""Any term as a total of summands: every sum outside, every factor inside, conditionals as indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

from ...kernel.terms import ONE, ZERO, Term, add, mul, neg
from ...kernel.theorems import Theorem
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
    return reduce(lambda rest, item: add(item.term, rest), reversed(summands), ZERO)


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
        (a, first), (b, second) = spread(t.terms[0], ctx), spread(t.terms[1], ctx)
        made = [_product(x, y, R) for x in a for y in b]
        items = [item for item, _ in made]
        given = [(t.terms[1], first), (total(a), second), *((ONE, th) for _, th in made)]
        return items, R.ring(t, total(items), *given)
    if t.op == "cond":
        both = _two_indicators(t, R)
        items, th = spread(sides(both)[1], ctx)
        return items, R.joined(both, th)
    if t.op == "sum":
        k, n = R.fresh(), t.terms[0]
        items, th = spread(entry_of(t, k), ctx.under([(k, n)]))
        return _sum_of_each(t, (k, n), items, th, R)
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


def _sum_of_each(t: Term, binder: Binder, items: Sequence[Summand], th: Theorem, R: Equations) -> Spread:
    """From ``body = total of items``: ``sum_k body = total of sum_k item``, by linearity."""
    given = [(1, R.each([binder], th)), (1, R.sum_zero(*binder))]
    for i, item in enumerate(items):
        rest = total(items[i + 1 :])
        shape = R.ring(add(item.term, rest), add(mul(ONE, item.term), rest))
        given += [(1, R.each([binder], shape)), (1, R.fact("sum_linear", *binder, ONE, item.term, rest))]
    out = [Summand((binder, *item.binders), item.body) for item in items]
    return out, R.ring(t, total(out), *given)


def _product(x: Summand, y: Summand, R: Equations) -> tuple[Summand, Theorem]:
    """``x y`` as one summand."""
    body = mul(x.body, y.body)
    made = Summand((*y.binders, *x.binders), canonical(body))
    outer = R.distributed(x.term, y.binders, y.body)
    inner = R.joined(R.ring(mul(x.term, y.body), mul(y.body, x.term)), R.distributed(y.body, x.binders, x.body))
    each = R.joined(inner, R.each(x.binders, R.ring(mul(y.body, x.body), made.body)))
    return made, R.joined(outer, R.each(y.binders, each))


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


def reordered(item: Summand, order: Sequence[int], R: Equations) -> tuple[Summand, Theorem]:
    """The same sum with its binders in the order of these positions, by exchanging neighbours."""
    binders, wanted = list(item.binders), [item.binders[i] for i in order]
    steps: list[Theorem] = []
    for place, binder in enumerate(wanted):
        for at in range(binders.index(binder), place, -1):
            (j, m), (k, n) = binders[at - 1], binders[at]
            swap = R.fact("sum_swap", j, m, k, n, summed(tuple(binders[at + 1 :]), item.body))
            steps.append(R.each(binders[: at - 1], swap))
            binders[at - 1], binders[at] = binders[at], binders[at - 1]
    return Summand(tuple(wanted), item.body), R.joined(*steps) if steps else R.ring(item.term, item.term)


def last(item: Summand, i: int, R: Equations) -> tuple[Summand, Theorem]:
    """The same sum with the binder number ``i`` innermost."""
    order = [*(j for j in range(len(item.binders)) if j != i), i]
    return reordered(item, order, R)
