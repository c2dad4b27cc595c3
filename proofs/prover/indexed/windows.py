"""A maximum over a window of several axes, one maximum inside the other, and one of its entries, the winner's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

from ...kernel.sums import counts
from ...kernel.terms import ONE, Literal, Term, bind, cond, equal, sub, substitute
from ...kernel.theorems import Theorem, held
from .context import Context
from .equations import HOLE
from .forms import Binder, canonical, entry_of, sides, with_operand
from .inequalities import prove
from .integers import whole

Known = Sequence[Theorem]
"""For each axis in turn that the offset is the winner's; the last one may say that it is not."""


@dataclass(frozen=True)
class Axis:
    """An axis of the window: what counts its offsets, which operand of the entry it is, and the winner's place."""

    offset: Binder
    operand: int
    place: Term
    winner: Term

    @property
    def hit(self) -> Literal:
        """That the offset is the winner's."""
        return equal(self.place, self.winner)

    @property
    def at(self) -> Term:
        """The winner's offset."""
        k, _ = self.offset
        return canonical(sub(self.winner, sub(self.place, k)))


class Window:
    """The maximum ``greatest`` of ``entry`` over the offsets of the axes; ``best`` is the winner's entry.

    ``other`` is ``best - 1`` where the offset is the winner's, else the entry: its maximum is what the others reach.
    """

    def __init__(self, t: Term, best: Term, ctx: Context) -> None:
        self.greatest, self.best, self.ctx, self.R = t, best, ctx, ctx.recorder
        binders: list[Binder] = []
        while t.op == "max":
            binders.append((self.R.fresh(), t.terms[0]))
            t = entry_of(t, binders[-1][0])
        self.entry = t
        self.axes = [self._axis(binder) for binder in binders]
        self.other = self.where_hit(sub(best, ONE), self.entry)

    def _axis(self, offset: Binder) -> Axis:
        operands = self.entry.terms
        (i,) = (i for i, a in enumerate(operands) if not offset[0].free.isdisjoint(a.free))
        return Axis(offset, i, operands[i], self.best.terms[i])

    def where_hit(self, a: Term, b: Term) -> Term:
        """``a`` where the offset is the winner's along all axes, else ``b``."""
        hits = [axis.hit for axis in reversed(self.axes)]
        return reduce(lambda inner, hit: cond(hit.relation, hit.term, inner, b), hits, a)

    def maximum(self, t: Term, first: int = 0) -> Term:
        """The maximum of ``t`` over the axes from number ``first`` on."""
        axes = reversed(self.axes[first:])
        return reduce(lambda body, axis: bind("max", axis.offset[0], axis.offset[1], body), axes, t)

    def bounded(self, show: Callable[[Known], Theorem]) -> Theorem:
        """``b - max t >= 0``, where ``b - t >= 0`` is shown for any offset: the winner's, or another one."""
        R, th = self.R, self._by_cases(show, [])
        for axis in reversed(self.axes):
            k, n = axis.offset
            some = prove(Literal(">", n), self.ctx)
            th = R.rule("cut", some, R.rule("generalize", "max", k, n, th, []))
        return th

    def _by_cases(self, show: Callable[[Known], Theorem], known: Known) -> Theorem:
        if len(known) == len(self.axes):
            return show(known)
        R, hit = self.R, self.axes[len(known)].hit
        yes, no = R.assume(hit), R.assume(hit.negation)
        return R.rule("cases", hit, self._by_cases(show, [*known, yes]), show([*known, no]))

    def all_hit(self, known: Known) -> bool:
        """Whether the offset is the winner's."""
        return len(known) == len(self.axes) and all(held(th).relation == "=" for th in known)

    def value(self, t: Term, known: Known) -> Theorem:
        """What :meth:`where_hit` is at an offset."""
        steps: list[Theorem] = []
        for th in known:
            steps.append(self.R.taken(t, th))
            t = sides(steps[-1])[1]
        return self.R.joined(*steps)

    def reached(self, t: Term) -> Theorem:
        """``max t - t >= 0`` at any offset."""
        R = self.R
        steps = [self._upper(t, j, axis.offset[0], None) for j, axis in enumerate(self.axes)]
        return R.arith(Literal(">=", sub(self.maximum(t), t)), [(1, [th], []) for th in steps])

    def attained(self, t: Term) -> tuple[Theorem, Term]:
        """``max t - t >= 0`` at the winner's offset, and ``t`` there."""
        R, steps, values = self.R, list[Theorem](), dict[str, Term]()
        for j, axis in enumerate(self.axes):
            steps.append(self._upper(t, j, axis.at, values))
            values[axis.offset[0].symbol] = axis.at
        there = substitute(t, values)
        return R.arith(Literal(">=", sub(self.maximum(t), there)), [(1, [th], []) for th in steps]), there

    def _upper(self, t: Term, j: int, at: Term, values: dict[str, Term] | None) -> Theorem:
        """The maximum from axis ``j`` on is not less than that from the next one on, at one offset."""
        (k, n), R, ctx = self.axes[j].offset, self.R, self.ctx
        low, high, integer = counts(at, n)
        if values is None:
            premises = [R.assume(literal) for literal in (low, high, integer)]
        else:
            premises = [prove(low, ctx), prove(high, ctx), whole(at, ctx)]
        body = substitute(self.maximum(t, j + 1), values or {})
        return R.fact("max_upper", k, n, at, body, premises=premises)

    def at_winner(self) -> list[Theorem]:
        """For each axis that the winner's offset is one."""
        values = {axis.offset[0].symbol: axis.at for axis in self.axes}
        return [self.R.ring(substitute(axis.place, values), axis.winner) for axis in self.axes]

    def is_best(self, entry: Term, known: Known) -> Theorem:
        """``entry = best``, one operand after the other, each by its equation."""
        steps: list[Theorem] = []
        for axis, th in zip(self.axes, known, strict=True):
            steps.append(self.R.inside(with_operand(entry, axis.operand, HOLE), th))
            entry = with_operand(entry, axis.operand, axis.winner)
        return self.R.joined(*steps)
