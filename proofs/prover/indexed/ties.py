"""No derivative at a tie: where a largest entry is not larger than all others, the maximum has a corner.

When the winner alone moves, by ``h``, the maximum is ``x[w] + h`` for ``h >= 0``, and what the others reach for small
``h <= 0``: the one-sided derivatives are 1 and 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from ...kernel.conclusions import Side, Vary
from ...kernel.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Literal,
    Term,
    add,
    cond,
    entry,
    idx,
    mul,
    neg,
    sub,
    substitute,
    var,
)
from ...kernel.theorems import Theorem, expect, held
from .context import UNPROVED, Context
from .derivative import defined, local
from .forms import Stuck, sides
from .inequalities import linear
from .windows import Known, Window

H = var("h")
VARY: Vary = frozenset({"h"})


def corner(t: Term, ctx: Context) -> Theorem:
    """``t is not differentiable``, where facts say which entry is a largest one, and that it is not the only one."""
    for th in ctx.facts:
        relation, u = held(th)
        if relation == ">=" and u.op == "add" and u.terms[0].op == "var" and sub(u.terms[0], t) is u:
            return _Tie(t, u.terms[0], ctx).corner()
    raise Stuck("no fact says which entry is a largest one")


class _Tie(Window):
    """A window whose winner is not the only one, and what becomes of it when the winner moves."""

    def __init__(self, t: Term, best: Term, ctx: Context) -> None:
        super().__init__(t, best, ctx)
        self.symbol = best.symbol
        rank = len(best.terms)
        self.direction: Term = ONE
        for axis in reversed(self.axes):
            at = sub(idx(rank - 1 - axis.operand), axis.winner)
            self.direction = cond("=", at, self.direction, ZERO)
        moving = {self.symbol: add(entry(self.symbol), mul(self.direction, H))}
        self.moved, self.moved_entry = substitute(t, moving), substitute(self.entry, moving)
        self.others = self.maximum(self.other)
        self.winner = [Literal(">=", sub(best, t)), Literal(">=", sub(self.others, best))]

    def corner(self) -> Theorem:
        R, here = self.R, self.ctx.assuming(Literal("=", H))
        right = self._side(1, add(self.best, H), [Literal(">", H)], self.is_winner, here)
        left = self._side(-1, self.others, [Literal(">", neg(H)), Literal(">", add(ONE, H))], self.is_others, here)
        slopes = [s for s in (expect(Side, th).slope for th in (left, right)) if isinstance(s, Term)]
        apart = R.arith(Literal("!=", sub(*slopes)), [(Fraction(-1), [], [])])
        th = R.rule("no_derivative", [left, right], apart)
        return R.rule("along", {self.symbol: self.direction}, self.greatest, th)

    def _side(
        self, sign: int, inner: Term, near: Sequence[Literal], same: Callable[[Context], Theorem], here: Context
    ) -> Theorem:
        """The one-sided derivative of the moved maximum, which on that side is another term."""
        R, at_zero = self.R, self.R.assume(Literal("=", H))
        support = [at_zero, *(R.arith(Literal(">", one), [(1, [], [])]) for one in (ONE, neg(MINUS_ONE)))]
        for literal in near:
            support.append(local(VARY, literal.term, here))
            try:
                support.append(linear(literal, Context(R, [at_zero])))
            except UNPROVED:
                sign_of_h = ONE if literal.term is H else MINUS_ONE
                support.append(R.arith(Literal("=", literal.term), (), [(sign_of_h, at_zero)]))
        there = self.ctx.assuming(*near)
        value = defined(self.moved, here)
        return R.rule("side_replace", local(VARY, inner, here), "h", sign, self._same(same, near),
                      defined(self.moved, there), self._same(same, [Literal("=", H)]), value, support)  # fmt: skip

    def _same(self, same: Callable[[Context], Theorem], near: Sequence[Literal]) -> Theorem:
        """What the moved maximum equals, from what is known of ``h`` and of the winner."""
        return same(Context(self.R, [self.R.assume(literal) for literal in (*self.winner, *near)]))

    def is_winner(self, ctx: Context) -> Theorem:
        """``max = best + h`` for ``h >= 0``."""
        R, target = self.R, add(self.best, H)
        top, there = self.attained(self.moved_entry)
        low = R.arith(Literal(">=", sub(self.moved, target)), [(1, [top], [])], [(ONE, self._moved_best(there))])

        def not_more(known: Known) -> Theorem:
            facts = [*self._entry_facts(known), self.reached(self.entry)]
            return linear(Literal(">=", sub(target, self.moved_entry)), ctx, facts)

        up = R.arith(Literal(">=", neg(sub(self.moved, target))), [(1, [self.bounded(not_more)], [])])
        return R.between(low, up)

    def is_others(self, ctx: Context) -> Theorem:
        """``max = what the others reach`` for ``-1 < h <= 0``."""
        R = self.R

        def not_more(known: Known) -> Theorem:
            facts = [*self._entry_facts(known), self.value(self.other, known), self.reached(self.other)]
            return linear(Literal(">=", sub(self.others, self.moved_entry)), ctx, facts)

        def not_less(known: Known) -> Theorem:
            facts = [*self._entry_facts(known), self.value(self.other, known), self.reached(self.moved_entry)]
            return linear(Literal(">=", sub(self.moved, self.other)), ctx, facts)

        up = R.arith(Literal(">=", neg(sub(self.moved, self.others))), [(1, [self.bounded(not_more)], [])])
        return R.between(self.bounded(not_less), up)

    def _entry_facts(self, known: Known) -> list[Theorem]:
        """What the direction is at an offset, times ``h``; and at the winner's that the entry is the best one."""
        R, factor = self.R, self.where_hit(ONE, ZERO)
        step = self.value(factor, known)
        value = sides(step)[1]
        facts = [R.ring(mul(factor, H), mul(value, H), (H, step))]
        return [*facts, self.is_best(self.entry, known)] if self.all_hit(known) else facts

    def _moved_best(self, there: Term) -> Theorem:
        """The moved entry at the winner's offset is ``best + h``."""
        R, known, (before, shift) = self.R, self.at_winner(), there.terms
        factor = self.value(shift.terms[0], known)
        return R.ring(there, add(self.best, H), (ONE, self.is_best(before, known)), (H, factor))
