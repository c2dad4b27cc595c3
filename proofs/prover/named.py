"""Questions about ``F(s)`` asked about ``F(y)``: a subterm through which every path to the symbol passes gets a name.

The name has the range of the subterm, and the hypotheses that are about the subterm alone.  What is shown for all such
``y`` holds at ``y = s``.
"""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ..kernel.terms import KernelError, Literal, Term, rat, sub, var
from ..kernel.theorems import Theorem, held
from .limits_values import fresh, replaced
from .normal import TooLarge
from .recorder import Recorder
from .sampling import value

if TYPE_CHECKING:
    from .context import Context

MOST_TRIED = 2
"""How many subterms are given a name for one goal."""


class Named:
    """``y`` for ``s`` under the hypotheses of ``ctx``."""

    def __init__(self, ctx: Context, s: Term) -> None:
        self.R, self.s, self.ranges = ctx.R, s, dict[Literal, Theorem]()
        self.name = fresh("y", *(var(n) for n in ctx.names))
        self.y = var(self.name)
        kept = [Literal(h.relation, replaced(h.term, s, self.y)) for h in ctx.hyps]
        kept = [h for h in kept if h.term.free.isdisjoint(s.free)]
        for sense in (1, -1):
            end = ctx.ranges.end(s, sense) or self._searched(ctx, sense)
            if end is not None:
                relation, difference = held(end, "named")
                literal = Literal(relation, replaced(difference, s, self.y))
                if literal not in kept:
                    self.ranges[literal] = end
        shared = _named.setdefault(ctx.R, {})
        hyps = (*kept, *self.ranges)
        if hyps not in shared:
            shared[hyps] = type(ctx)(ctx.R, hyps, {self.name}, ctx.depth + 1)
        self.inner = shared[hyps]

    def _searched(self, ctx: Context, sense: int) -> Theorem | None:
        """A whole number that bounds a product whose factors do not: small at every sample point, then proved."""
        values = [value(self.s, p) for p in ctx.samples] if self.s.op == "mul" and not ctx.R.naming else []
        least = min((sense * v for v in values), default=-math.inf)
        if not -1 < least < 1:
            return None
        end = rat(-sense)
        return ctx.prove(">", sub(self.s, end) if sense == 1 else sub(end, self.s))

    def back(self, th: Theorem) -> Theorem:
        """What was shown about ``y``, about ``s``."""
        th = self.R.rule("instantiate", th, {self.name: self.s})
        for literal, end in self.ranges.items():
            meant = Literal(literal.relation, replaced(literal.term, self.y, self.s))
            if meant in th.hyps:
                th = self.R.rule("cut", end, th)
        return th


_named: WeakKeyDictionary[Recorder, dict[tuple[Literal, ...], Context]] = WeakKeyDictionary()


def by_name(ctx: Context, goal: Literal) -> Theorem | None:
    """The goal for all values that a subterm can take: the outermost ones that allow it are tried."""
    from .chains import links

    R = ctx.R
    if goal.relation not in (">", ">=") or len(ctx.names) != 1 or len(ctx._busy) > 1 or R.naming:
        return None
    (x,) = ctx.names
    R.naming += 1
    try:
        tried = 0
        for s in reversed(links(goal.term, x)):
            named = Named(ctx, s)
            about = Literal(goal.relation, replaced(goal.term, s, named.y))
            if x in about.term.free or not named.inner.plausible(about):
                continue
            tried += 1
            with suppress(TooLarge, KernelError):
                th = named.inner.prove(*about)
                if th is not None:
                    return named.back(th)
            if tried == MOST_TRIED:
                break
        return None
    finally:
        R.naming -= 1
