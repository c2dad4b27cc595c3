"""asin and acos: a polynomial up to 1/2, and beyond ``asin x = pi/2 - 2 asin(sqrt((1 - x)/2))`` with a pair as root."""

from __future__ import annotations

from typing import NamedTuple

from .arctangent import with_sign_of
from .oplist import Value
from .twofloat import Pair, fast_two_sum, horner, square_root


class _Half(NamedTuple):
    """asin of ``abs x``, or of the root if that is beyond 1/2, as an unnormalised pair; NaN from 1 on."""

    beyond: Value
    angle: Pair


def _half(x: Value) -> _Half:
    size = abs(x)
    beyond = size > 0.5
    square = beyond.select((1.0 - size) * 0.5, size * size)
    root = square_root(Pair(square, x.like(0.0)))
    t = Pair(beyond.select(root.high, size), beyond.select(root.low, 0.0))
    return _Half(beyond, Pair(t.high, t.low + t.high * square * horner(square, x.format.constants.ASIN)))


def _from(constant: tuple[float, float], angle: Pair) -> Value:
    """The constant less the angle."""
    head = fast_two_sum(angle.high.like(constant[0]), -angle.high)
    return head.high + (head.low + (constant[1] - angle.low))


def asin(x: Value) -> Value:
    """The arcsine; NaN outside [-1, 1]."""
    beyond, angle = _half(x)
    return with_sign_of(x, beyond.select(_from(x.format.constants.HALF_PI, angle.scaled(2.0)), angle.rounded()))


def acos(x: Value) -> Value:
    """The arccosine; NaN outside [-1, 1]."""
    beyond, angle = _half(x)
    negative = x < 0.0
    signed = Pair(with_sign_of(x, angle.high), negative.select(-angle.low, angle.low))
    twice = angle.scaled(2.0)
    half = x.format.constants.HALF_PI
    whole = (2 * half[0], 2 * half[1])
    return beyond.select(negative.select(_from(whole, twice), twice.rounded()), _from(half, signed))
