"""Empty pieces of a line, refuted stretch by stretch: on each some hypothesis contradicts the range of its term."""

from __future__ import annotations

from fractions import Fraction

from ..kernel.terms import Literal, rat, sub, var
from ..kernel.theorems import Theorem
from .context import Context
from .remembered import keep

MAX_STRETCHES = 48
_NARROWEST = Fraction(1, 512)
_FARTHEST = 64


def refuted(ctx: Context) -> Theorem | None:
    """A false literal about a number from hypotheses in one symbol that no sample point satisfies, or ``None``."""
    if ctx.samples or len(ctx.names) != 1:
        return None
    return _Search(ctx.names[0]).over(ctx, None, None)


def by_stretches(ctx: Context, goal: Literal) -> Theorem | None:
    """The goal, where its negation is refuted stretch by stretch; it is remembered."""
    inner = ctx.with_(goal.negation)
    gone = refuted(inner)
    if gone is None:
        return None
    th = ctx.R.rule("cases", goal, ctx.R.assume(goal), gone)
    keep(ctx.R, th)
    return th


class _Search:
    """Stretches of the line of ``x``, halved until each is refuted or too many are not."""

    def __init__(self, x: str) -> None:
        self.x, self.left = x, MAX_STRETCHES

    def over(self, ctx: Context, low: Fraction | None, high: Fraction | None) -> Theorem | None:
        """The hypotheses contradict each other between ``low`` and ``high``, which they say ``x`` is."""
        self.left -= 1
        found = ctx.ranges.contradiction()
        if found is not None or self.left <= 0:
            return found
        middle = _middle(low, high)
        if middle is None:
            return ctx.absurd() if low is None or high is None else None
        beyond = Literal(">", sub(var(self.x), rat(middle)))
        above = self.over(ctx.with_(beyond), middle, high)
        below = None if above is None else self.over(ctx.with_(beyond.negation), low, middle)
        return None if above is None or below is None else ctx.R.rule("cases", beyond, above, below)


def _middle(low: Fraction | None, high: Fraction | None) -> Fraction | None:
    """Where to halve a stretch: at 0, then at powers of 4, then in the middle; ``None`` where it is small enough."""
    if low is None and high is None:
        return Fraction(0)
    if low is None or high is None:
        end, sign = (low, 1) if high is None else (high, -1)
        assert end is not None
        step = sign * end
        if step > _FARTHEST:
            return None
        return Fraction(sign) if step <= 0 else sign * step * 4
    return (low + high) / 2 if high - low > _NARROWEST else None
