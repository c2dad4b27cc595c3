"""Bounds of sines and cosines of angles that move: the angle is turned by half turns to where its sign is known.

With ``w = u - k pi`` for the integer ``k`` that brings the angle nearest to 0 (to ``pi/2`` for a sine), ``sin(u)`` is
``(-1)^k sin(w)`` and ``cos(u)`` is ``(-1)^k cos(w)``; there the ledger says which sign it has.  An angle that is known
to a short interval is bounded by the addition theorems, as one without symbols is.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from ..kernel.facts import HALF_PI
from ..kernel.terms import ONE, KernelError, Term, add, mul, neg, pi, power, rat, sub, unary
from ..kernel.theorems import Theorem, held
from .atom_signs import cosine_between
from .bounds import Bound, Equation, Undecided
from .constants import angle as narrow_angle
from .linear_search import unit_bounds
from .recorder import Recorder

if TYPE_CHECKING:
    from .ranges import Ranges

MOST_TURNS: Final = 20
"""Angles farther out, in half turns, are left alone."""
_NARROW: Final = Fraction(1, 10)
_HALF: Final = Fraction(1, 2)


def angle(at: Ranges, t: Term, u: Term, sense: int) -> Bound:
    """The best of what is known where the angle is, where it is after ``k`` half turns, and on a short interval."""
    found = plain_angle(at, t, u, sense)
    low, high = at.maybe(u, 1), at.maybe(u, -1)
    if low is not None and high is not None:
        middle, width = (low.value + high.value) / 2, high.value - low.value
        for way in (_turned, _narrowed):
            try:
                found += way(at, t, u, sense, middle, width)
            except (Undecided, KernelError):
                continue
    return max(found, key=lambda b: (sense * b.value, held(b.theorem, "ranges").relation == ">"))


def plain_angle(at: Ranges, t: Term, u: Term, sense: int) -> list[Bound]:
    """Positive where the angle lies in the middle, ``sin u <= u``, between -1 and 1, and by Taylor near 0."""
    found: list[Bound] = [at.settle(t, sense, [(1, [unit_bounds(at.ctx, u, t)[0 if sense == -1 else 1]], [])])]
    if t.op == "sin":
        found += _sine(at, t, u, sense)
    else:
        low, high = at.shows(">", add(u, HALF_PI)), at.shows(">", sub(HALF_PI, u))
        if sense == 1 and low is not None and high is not None:
            found.append(at.settle(t, 1, [(1, [cosine_between(at.ctx, u, low, high)], [])]))
        if sense == 1:
            taylor, square = at.r.fact("cos_taylor", u, order=2), at.maybe(power(u, 2), -1)
            if square is not None and square.value < 2:
                found.append(at.settle(t, 1, [(1, [taylor], []), (_HALF, [square.theorem], [])]))
    return found


def _sine(at: Ranges, t: Term, u: Term, sense: int) -> list[Bound]:
    found: list[Bound] = []
    for side, v in ((1, u), (-1, neg(u))):
        # sin(v) for v >= 0, and its mirror image.
        odd: list[Equation] = [] if side == 1 else [(rat(-sense), at.r.fact("sin_odd", u))]
        room = at.shows(">", sub(pi(), v))
        positive = at.shows(">", v)
        if sense == side and positive is not None and room is not None:
            above = at.r.fact("sin_pos", v, premises=[positive, room])
            found.append(at.settle(t, sense, [(1, [above], [])], odd))
        nonneg = at.shows(">=", v)
        top = at.maybe(u, sense)
        if sense == -side and nonneg is not None and top is not None and abs(top.value) < 1:
            taylor = at.r.fact("sin_taylor", v, order=1, premises=[nonneg])
            found.append(at.settle(t, sense, [(1, [taylor], []), (1, [top.theorem], [])], odd))
    return found


def _turned(at: Ranges, t: Term, u: Term, sense: int, middle: Fraction, width: Fraction) -> list[Bound]:
    """Through ``w = u - k pi``, where that has another range than ``u``."""
    turns = float(middle) / math.pi
    k = round(turns - 0.5 if t.op == "sin" else turns)
    if k == 0 or abs(k) > MOST_TURNS or width >= 4:
        return []
    shift = mul(rat(k), pi())
    w = sub(u, shift)
    s, c = unary("sin", w), unary("cos", w)
    sine, cosine = half_turns(at.r, k)
    # f(u) = f(w + k pi) = (-1)^k f(w)
    equations: list[Equation] = [(rat(-1), th) for _, th in at.same(t.op, add(w, shift), u)] + [
        (ONE, at.r.fact(f"{t.op}_add", w, shift))
    ]
    equations += [(s, cosine), (c, sine)] if t.op == "sin" else [(c, cosine), (neg(s), sine)]
    scaled = [(mul(rat(sense), factor), th) for factor, th in equations]
    inner = plain_angle(at, unary(t.op, w), w, sense * (-1) ** k)
    return [at.settle(t, sense, [(1, [b.theorem], [])], scaled) for b in inner]


def _narrowed(at: Ranges, t: Term, u: Term, sense: int, middle: Fraction, width: Fraction) -> list[Bound]:
    """By the addition theorems, from the lower end of a short interval."""
    return [narrow_angle(at, t, u, sense)] if u.free and width <= _NARROW and abs(middle) <= MOST_TURNS else []


_half_turns: WeakKeyDictionary[Recorder, dict[int, tuple[Theorem, Theorem]]] = WeakKeyDictionary()


def half_turns(r: Recorder, k: int) -> tuple[Theorem, Theorem]:
    """``sin(k pi) = 0`` and ``cos(k pi) - (-1)^k = 0`` for ``k != 0``."""
    from .context import Context

    known = _half_turns.setdefault(r, {})
    if k not in known:
        shift, closed = mul(rat(k), pi()), Context(r)
        sine = closed.zero_by_fraction(unary("sin", shift))
        cosine = closed.zero_by_fraction(sub(unary("cos", shift), rat((-1) ** k)))
        assert sine is not None and cosine is not None
        known[k] = sine, cosine
    return known[k]
