"""The derivative of a maximum over a window where one entry is larger than all others: that of this winner.

Where the winner is, and that it is one, are hypotheses: ``x[w] > max (x[w] - 1 if the place is w, else x[place])``.
Both sides are continuous, so it stays the winner nearby.
"""

from __future__ import annotations

from ...kernel.conclusions import Vary
from ...kernel.terms import MINUS_ONE, ONE, ZERO, Literal, Term, neg, postorder, sub
from ...kernel.theorems import Theorem, held
from .context import Context
from .derivative import defined, local, rate
from .forms import Stuck, guard
from .inequalities import by_cases
from .windows import Known, Window


def derivative(vary: Vary, t: Term, wanted: Term, ctx: Context) -> Theorem:
    """``t has the derivative wanted``, where a fact of the context says which entry wins."""
    for th in ctx.facts:
        relation, u = held(th)
        if relation == ">" and u.op == "add" and u.terms[0].op == "var" and any(s.op == "max" for s in postorder(u)):
            return _Winner(t, u.terms[0], ctx).derivative(vary, wanted)
    raise Stuck("no fact says which entry is larger than all others")


class _Winner(Window):
    """A window whose winner is the only one."""

    @property
    def unique(self) -> Literal:
        """That the winner is larger than all others."""
        return Literal(">", sub(self.best, self.maximum(self.other)))

    def derivative(self, vary: Vary, wanted: Term) -> Theorem:
        """``max has the derivative wanted``."""
        R, ctx = self.R, self.ctx
        top, there = self.attained(self.entry)
        above = R.arith(Literal(">=", sub(self.greatest, self.best)), [(1, [top], [])],
                        [(ONE, self.is_best(there, self.at_winner()))])  # fmt: skip
        below = R.arith(Literal(">=", neg(sub(self.greatest, self.best))), [(1, [self.bounded(self._not_more)], [])])
        support = [R.assume(self.unique), local(vary, self.unique.term, ctx)]
        same, exists = R.between(above, below), defined(self.greatest, ctx)
        return self._in_bounds(R.rule("replace", local(vary, self.best, ctx), same, exists, support), wanted)

    def _not_more(self, known: Known) -> Theorem:
        """``best - entry >= 0``."""
        R, goal = self.R, Literal(">=", sub(self.best, self.entry))
        if self.all_hit(known):
            return R.arith(goal, [(1, [], [ZERO])], [(MINUS_ONE, self.is_best(self.entry, known))])
        facts = [R.assume(self.unique), self.reached(self.other)]
        return R.arith(goal, [(1, [th], []) for th in facts], [(ONE, self.value(self.other, known))])

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
