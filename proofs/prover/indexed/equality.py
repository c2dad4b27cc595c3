"""Equality of indexed terms: both sides as totals of simple summands, then the summands matched.

Not complete: where a delta may be summed out over one index or another, the two sides may end up in different forms.
For adjointness, what is paired decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, permutations, product

from ...kernel.terms import Term, mul, rat, substitute, var
from ...kernel.theorems import Theorem
from ..recorder import digest
from .abstraction import abstractly
from .context import Context
from .equations import HOLE
from .forms import Monomial, Stuck, canonical_below, replaced
from .simplify import normal
from .sums import Summand, monomials, reordered

MAX_ORDERS = 5040
"""The most orders of binders that are tried for two summands."""
_THIS = var("this")


def equal_terms(a: Term, b: Term, ctx: Context, first: str = "", second: str = "") -> Theorem:
    """``a = b``; ``first`` and ``second`` say what is paired on the two sides (see :mod:`.simplify`)."""
    return abstractly(a, b, ctx, first, lambda x, y, inner: _matched(x, y, inner, first, second))


def _matched(a: Term, b: Term, ctx: Context, first: str, second: str) -> Theorem:
    """``a = b`` by the summands of both sides."""
    R = ctx.recorder
    left, a_spread = normal(a, ctx, first)
    right, b_spread = normal(b, ctx, second)
    classes, given = list[_Class](), list[tuple[Fraction, Theorem]]()
    for item, sign in [*((x, Fraction(1)) for x in left), *((y, Fraction(-1)) for y in right)]:
        for known in classes:
            found = _multiple(known.item, item, ctx)
            if found is not None:
                q, th = found
                known.count += sign * q
                given.append((sign, th))
                break
        else:
            classes.append(_Class(item, sign))
    if any(known.count for known in classes):
        raise Stuck("the two sides differ in some summands")
    return R.ring(a, b, (1, a_spread), (-1, b_spread), *given)


@dataclass
class _Class:
    """Summands that are multiples of one, and how often that one is there in all, those of the right side negative."""

    item: Summand
    count: Fraction


def _multiple(x: Summand, y: Summand, ctx: Context) -> tuple[Fraction, Theorem] | None:
    """``q`` and ``y = q x``, up to the names and the order of the binders."""
    R = ctx.recorder
    if len(x.binders) != len(y.binders) or _shape(x) != _shape(y):
        return None
    goal = Monomial.of(x.body)
    for order in _orders(x, y):
        wanted = [y.binders[i] for i in order]
        table = {k2.symbol: k1 for (k1, _), (k2, _) in zip(x.binders, wanted, strict=True)}
        if any(n1 is not substitute(n2, table) for (_, n1), (_, n2) in zip(x.binders, wanted, strict=True)):
            continue
        body = substitute(y.body, table)
        items, th = monomials(body, ctx)
        found = Monomial.of(items[0].body)
        if found.powers != goal.powers:
            continue
        _, swap = reordered(y, order, R)
        q = Fraction(found.coefficient) / Fraction(goal.coefficient)
        if q == 1:
            same = None if body is x.body else R.each(x.binders, R.ring(body, x.body, (1, th)))
            return q, R.joined(swap, same) if swap or same else R.ring(y.term, x.term)
        multiple = R.distributed(rat(q), x.binders, x.body, R.ring(mul(rat(q), x.body), body, (-1, th)))
        return q, R.joined(swap, R.turned(multiple))
    return None


def _shape(item: Summand) -> list[tuple[str, int]]:
    """What renaming and reordering binders cannot change: the heads of the atoms with their powers."""
    return sorted((a.symbol if a.op in ("var", "d") else a.op, k) for a, k in Monomial.of(item.body).powers)


def _orders(x: Summand, y: Summand) -> Iterator[tuple[int, ...]]:
    """The orders of the binders of ``y`` in which each may be the one of ``x``, by the places where it stands."""
    wanted, marks = _marks(x), _marks(y)
    if sorted(marks) != sorted(wanted):
        return
    groups: dict[bytes, list[int]] = {}
    for i, mark in enumerate(marks):
        groups.setdefault(mark, []).append(i)
    for choice in islice(product(*(permutations(group) for group in groups.values())), MAX_ORDERS):
        left = {mark: iter(group) for mark, group in zip(groups, choice, strict=True)}
        yield tuple(next(left[mark]) for mark in wanted)


def _marks(item: Summand) -> list[bytes]:
    """For each binder where it stands, all others being alike: the same after renaming and reordering."""
    marks, body = [], Monomial.of(item.body).unit
    for this, n in item.binders:
        names = {k: _THIS if k is this else HOLE for k, _ in item.binders}
        marks.append(b"".join(digest(canonical_below(replaced(t, names))) for t in (n, body)))
    return marks
