"""atan: the argument brought to [-tan(pi/8), tan(pi/8)] by one division, ``atan x = offset + atan t``."""

from __future__ import annotations

from .oplist import Value
from .twofloat import Pair, divide, fast_two_sum, horner, two_sum

TAN_PI_8 = 0.41421356797218323
TAN_3PI_8 = 2.4142136573791504


def atan_pair(t: Pair) -> Pair:
    """atan(t) for abs(t) <= tan(pi/8), to about a sixteenth of a unit."""
    square = t.high * t.high
    return Pair(t.high, t.low + t.high * square * horner(square, square.format.constants.ATAN))


def with_sign_of(x: Value, size: Value) -> Value:
    """``size`` (not negative) with the sign bit of ``x``."""
    return (size.bits() | (x.bits() & x.format.sign)).as_float()


def atan(x: Value) -> Value:
    """t = x, (x-1)/(x+1) or -1/x; offset 0, pi/4 or pi/2."""
    size = abs(x)
    limit = 2.0**x.format.far  # from here on the result is pi/2
    size = (size > limit).select(limit, size)
    constants = x.format.constants
    middle, far = size > TAN_PI_8, size > TAN_3PI_8
    below_one, above_one = two_sum(size, -1.0), two_sum(size, 1.0)

    def choose(near: Value | float, between: Value, beyond: Value | float) -> Value:
        return far.select(beyond, middle.select(between, near))

    above = Pair(choose(size, below_one.high, -1.0), choose(0.0, below_one.low, 0.0))
    below = Pair(choose(1.0, above_one.high, size), choose(0.0, above_one.low, 0.0))
    angle = atan_pair(divide(above, below))
    offset = [choose(0.0, x.like(q), h) for q, h in zip(constants.QUARTER_PI, constants.HALF_PI, strict=True)]
    total = fast_two_sum(offset[0], angle.high)
    result = total.high + (total.low + (offset[1] + angle.low))
    return x.is_nan().select(x, with_sign_of(x, middle.select(result, angle.rounded())))
