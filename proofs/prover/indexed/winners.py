"""The derivative of a maximum over a window where one entry is larger than all others: that of this winner.

The window has several axes, with one maximum inside the other.  Where the winner is, and that it is one, are
hypotheses: ``x[w] > max (x[w] - 1 if the place is w, else x[place])``.  Both sides are continuous, so it stays the
winner nearby.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from ...kernel.conclusions import Vary
from ...kernel.sums import counts
from ...kernel.terms import MINUS_ONE, ONE, ZERO, Literal, Term, bind, cond, equal, neg, postorder, sub, substitute
from ...kernel.theorems import Theorem
from .context import Context
from .derivative import defined, local, rate
from .equations import HOLE
from .forms import Binder, Stuck, canonical, entry_of, guard, with_operand
from .inequalities import by_cases, linear
from .integers import whole


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


def derivative(vary: Vary, t: Term, wanted: Term, ctx: Context) -> Theorem:
    """``t has the derivative wanted``, where a fact of the context says which entry wins."""
    return _Window(t, ctx).derivative(vary, wanted)


class _Window:
    """A maximum, and the fact that its winner is the only one."""

    def __init__(self, t: Term, ctx: Context) -> None:
        self.greatest, self.ctx, self.R = t, ctx, ctx.recorder
        binders: list[Binder] = []
        while t.op == "max":
            binders.append((self.R.fresh(), t.terms[0]))
            t = entry_of(t, binders[-1][0])
        self.entry = t
        self.unique = self._uniqueness()
        self.best = self.unique.term.terms[0]
        self.axes = [self._axis(binder) for binder in binders]
        self.other = reduce(
            lambda inner, axis: _if(axis.hit, inner, self.entry), reversed(self.axes), sub(self.best, ONE)
        )
        if self.unique != Literal(">", sub(self.best, self.maximum(self.other))):
            raise Stuck("no fact says in the known form that the winner is the only one")

    def _uniqueness(self) -> Literal:
        """The fact that compares an entry with a maximum."""
        for th in self.ctx.facts:
            literal: Literal = th.conclusion.literal  # type: ignore[union-attr]
            difference = literal.relation == ">" and literal.term.op == "add" and literal.term.terms[0].op == "var"
            if difference and any(s.op == "max" for s in postorder(literal.term)):
                return literal
        raise Stuck("no fact says which entry is the largest")

    def _axis(self, offset: Binder) -> Axis:
        operands = self.entry.terms
        (i,) = (i for i, a in enumerate(operands) if not offset[0].free.isdisjoint(a.free))
        return Axis(offset, i, operands[i], self.best.terms[i])

    def maximum(self, t: Term, first: int = 0) -> Term:
        """The maximum of ``t`` over the axes from number ``first`` on."""
        return reduce(
            lambda body, axis: bind("max", axis.offset[0], axis.offset[1], body), reversed(self.axes[first:]), t
        )

    def derivative(self, vary: Vary, wanted: Term) -> Theorem:
        R, ctx = self.R, self.ctx
        same = R.between(self.above(), self.below())
        moving = local(vary, self.unique.term, ctx)
        support = [R.assume(self.unique), moving]
        th = R.rule("replace", local(vary, self.best, ctx), same, defined(self.greatest, ctx), support)
        return self._in_bounds(th, wanted)

    def below(self) -> Theorem:
        """``best - max >= 0``: every entry is the winner or less."""
        R, th = self.R, self._not_more(self.other, 0, [], [])
        for axis in reversed(self.axes):
            k, n = axis.offset
            some = linear(Literal(">", n), self.ctx)
            th = R.rule("cut", some, R.rule("generalize", "max", k, n, th, []))
        return R.arith(Literal(">=", neg(sub(self.greatest, self.best))), [(1, [th], [])])

    def _not_more(self, t: Term, i: int, values: list[Theorem], hits: list[Theorem]) -> Theorem:
        """``best - entry >= 0``, by cases on each axis; ``values`` show that the term of uniqueness is now ``t``."""
        R, goal = self.R, Literal(">=", sub(self.best, self.entry))
        if i == len(self.axes):
            return R.arith(goal, [(1, [], [ZERO])], [(MINUS_ONE, th) for th in self._moved(self.entry, hits)])
        hit = self.axes[i].hit
        yes, no = R.assume(hit), R.assume(hit.negation)
        one = self._not_more(t.terms[1], i + 1, [*values, R.taken(t, yes)], [*hits, yes])
        uppers = [self._upper(self.other, j, k.offset[0]) for j, k in enumerate(self.axes)]
        facts = [R.assume(self.unique), *uppers]
        equations = [(ONE, th) for th in [*values, R.taken(t, no)]]
        return R.rule("cases", hit, one, R.arith(goal, [(1, [th], []) for th in facts], equations))

    def _upper(self, t: Term, j: int, at: Term) -> Theorem:
        """The maximum from axis ``j`` on is not less than that from the next one on, at an offset that counts."""
        k, n = self.axes[j].offset
        premises = [self.R.assume(literal) for literal in counts(at, n)]
        return self.R.fact("max_upper", k, n, at, self.maximum(t, j + 1), premises=premises)

    def _moved(self, entry: Term, equations: Sequence[Theorem]) -> list[Theorem]:
        """``entry = ... = best``, one operand after the other, each by its equation."""
        steps = []
        for axis, th in zip(self.axes, equations, strict=True):
            steps.append(self.R.inside(with_operand(entry, axis.operand, HOLE), th))
            entry = with_operand(entry, axis.operand, axis.winner)
        return steps

    def above(self) -> Theorem:
        """``max - best >= 0``: the winner is one of the entries."""
        R, ctx, steps = self.R, self.ctx, list[Theorem]()
        values, entry = dict[str, Term](), self.entry
        for j, axis in enumerate(self.axes):
            k, n = axis.offset
            low, high = Literal(">=", axis.at), Literal(">", sub(n, axis.at))
            premises = [linear(low, ctx), linear(high, ctx), whole(axis.at, ctx)]
            body = substitute(self.maximum(self.entry, j + 1), values)
            steps.append(R.fact("max_upper", k, n, axis.at, body, premises=premises))
            values[k.symbol] = axis.at
            entry = substitute(entry, {k.symbol: axis.at})
        there = [R.ring(substitute(axis.place, values), axis.winner) for axis in self.axes]
        equations = [(ONE, th) for th in self._moved(entry, there)]
        return R.arith(Literal(">=", sub(self.greatest, self.best)), [(1, [th], []) for th in steps], equations)

    def _in_bounds(self, th: Theorem, wanted: Term) -> Theorem:
        """The derivative of the winner, written with guards that say that it lies within the tensor."""
        R, t, facts, equations = self.R, wanted, list[Theorem](), list[tuple[Term, Theorem]]()
        ranges = [s for axis in self.axes for s in postorder(axis.place, axis.offset[1]) if s.op == "cond"]
        while t.op == "cond":
            facts.append(by_cases(guard(t), list(dict.fromkeys(ranges)), self.ctx))
            equations.append((MINUS_ONE, R.taken(t, facts[-1])))
            t = t.terms[1]
        th = R.rule("rewrite", th, R.ring(rate(th), wanted, *equations))
        return R.rule("has_deriv", th, defined(wanted, self.ctx.with_facts(facts)))


def _if(literal: Literal, a: Term, b: Term) -> Term:
    return cond(literal.relation, literal.term, a, b)
