"""Bounds of products far out, where one factor grows without end and the other dies away (``x exp(x)``, ``x < -3``).

The ranges of the factors say nothing there.  That the product only rises or falls beyond a place does (rule
``increases``): it stays on its side of the value that it has there.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from ..kernel.terms import Literal, Term, postorder, rat, sub, var
from ..kernel.theorems import Theorem
from .bounds import Bound
from .mean_value import by_growth
from .recorder import Recorder
from .sampling import value

if TYPE_CHECKING:
    from .ranges import Ranges

PLACE: Final = 3
"""Beyond this, on both sides of 0, the products in use have passed their last turning point."""
_DIGITS: Final = 1000

_found: WeakKeyDictionary[Recorder, dict[tuple[Term, int, int], Theorem | None]] = WeakKeyDictionary()


def tail_bound(at: Ranges, t: Term, sense: int) -> Bound | None:
    """The bound of ``t`` where its one symbol is bounded on one side, beyond the place."""
    if len(t.free) != 1 or any(s.op in ("sin", "cos") for s in postorder(t)):
        return None
    x = var(min(t.free))
    for side in (1, -1):
        end = at.maybe(x, side)
        if end is None or side * end.value <= PLACE or at.maybe(x, -side) is not None:
            continue
        known = _found.setdefault(at.r, {})
        key = t, sense, side
        if key not in known:
            known[key] = None
            known[key] = _beyond(at, x, *key)
        th = known[key]
        if th is not None:
            inside = at.prove(_room(x, side), [(1, [end.theorem], [])])
            return at.settle(t, sense, [(1, [at.r.rule("cut", inside, th)], [])])
    return None


def _room(x: Term, side: int) -> Literal:
    """``x`` lies beyond the place."""
    place = rat(side * PLACE)
    return Literal(">", sub(x, place) if side == 1 else sub(place, x))


def _beyond(at: Ranges, x: Term, t: Term, sense: int, side: int) -> Theorem | None:
    """``sense (t - k) > 0`` beyond the place, for a short ``k`` next to the value of ``t`` there."""
    start = value(t, {x: float(side * PLACE)})
    if not math.isfinite(start):
        return None
    k = rat(sense * Fraction(math.floor(sense * start * _DIGITS) - 1, _DIGITS))
    outside = type(at.ctx)(at.r, [_room(x, side)], t.free)
    return by_growth(outside, Literal(">", sub(t, k) if sense == 1 else sub(k, t)))
