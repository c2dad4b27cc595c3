"""atan, atan2: the argument brought to [-tan(pi/8), tan(pi/8)] by one division, ``atan x = offset + atan t``."""

from __future__ import annotations

from .hypotenuse import scaled
from .oplist import Value
from .twofloat import Pair, divide, fast_two_sum, horner, two_sum

TAN_PI_8 = 0.41421356797218323
TAN_3PI_8 = 2.4142136573791504
TINY = {"float32": 2.0**-14, "float64": 2.0**-29}  # a tangent up to this is its angle


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


def atan2(y: Value, x: Value) -> Value:
    """The angle of the point (x, y), in [-pi, pi]; special values are those of C11, F.10.1.4.

    With a >= b the sizes of the two, t = b/a or (b - a)/(b + a), offset a multiple of pi/4.
    """
    across, along = abs(x), abs(y)
    infinity, one, constants = float("inf"), x.like(1.0), x.format.constants
    swapped, side = along > across, x.bits() & x.format.sign
    left = side.differs(0)
    larger, smaller = swapped.select(along, across), swapped.select(across, along)
    # of infinite numbers and of zeros only the ratio counts
    endless = larger.equals(infinity)
    smaller = endless.select(smaller.equals(infinity).select(one, 0.0), smaller)
    larger = (endless | larger.equals(0.0)).select(one, larger)
    a, b, _ = scaled(larger, smaller)
    middle = b > a * TAN_PI_8
    difference, total = two_sum(b, -a), two_sum(b, a)
    below = Pair(middle.select(total.high, a), middle.select(total.low, 0.0))
    t = divide(Pair(middle.select(difference.high, b), middle.select(difference.low, 0.0)), below)
    angle = atan_pair(t)
    turn = side ^ swapped.select(side.like(x.format.sign), 0)
    angle = Pair(*((part.bits() ^ turn).as_float() for part in angle))
    offset = []
    for i in (0, 1):
        half, quarter, three = (c[i] for c in (constants.HALF_PI, constants.QUARTER_PI, constants.THREE_QUARTER_PI))
        axis = swapped.select(half, left.select(2 * half, x.like(0.0)))
        offset.append(middle.select(left.select(three, x.like(quarter)), axis))
    head = fast_two_sum(offset[0], angle.high)
    result = head.high + (head.low + (offset[1] + angle.low))
    # next to the positive axis the quotient is rounded once, to a subnormal number too
    direct = (b < a * TINY[x.format.dtype]) & (x > along)
    result = with_sign_of(y, direct.select(along / across, result))
    return (x.is_nan() | y.is_nan()).select(x + y, result)
