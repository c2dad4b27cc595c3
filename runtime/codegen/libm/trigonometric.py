"""sin, cos, tan, sin(pi x) and cos(pi x) over all numbers: the argument reduced to a quarter turn, then polynomials."""

from __future__ import annotations

from typing import Final, NamedTuple

from .exponential import to_integer
from .oplist import Value
from .reduction import reduce
from .twofloat import Pair, constant, divide, fast_two_sum, horner, times


def sin_pair(r: Pair) -> Pair:
    """sin(r) for 0 <= r <= pi/4: to about a sixteenth of a unit."""
    square = r.high * r.high
    rest = r.high * square * horner(square, square.format.constants.SIN)
    return Pair(r.high, (r.low - r.low * (square * 0.5)) + rest)


def cos_pair(r: Pair) -> Pair:
    """cos(r) for 0 <= r <= pi/4: to about a quarter of a unit."""
    square = r.high * r.high
    head = fast_two_sum(1.0, -(square * 0.5))
    return Pair(head.high, head.low + (square * square * horner(square, square.format.constants.COS) - r.high * r.low))


def _signed(size: Value, sign: Value, x: Value) -> Value:
    """``size`` with its sign turned where the lowest bit of ``sign`` is set; NaN where x is not finite."""
    result = (size.bits() ^ (sign << (x.format.width - 1))).as_float()
    return (abs(x) < float("inf")).select(result, float("nan"))


def _sign(x: Value) -> Value:
    return x.bits() >> (x.format.width - 1)


def sin(x: Value) -> Value:
    """The sine."""
    r = reduce(x)
    swapped = (r.quadrant & 1).differs(0)
    size = swapped.select(cos_pair(r.angle).rounded(), sin_pair(r.angle).rounded())
    turned = swapped.select(r.quadrant.like(0), r.negative)
    return _signed(size, (r.quadrant >> 1) ^ turned ^ _sign(x), x)


def cos(x: Value) -> Value:
    """The cosine."""
    r = reduce(x)
    swapped = (r.quadrant & 1).differs(0)
    size = swapped.select(sin_pair(r.angle).rounded(), cos_pair(r.angle).rounded())
    turned = swapped.select(r.negative, 0)
    return _signed(size, ((r.quadrant + 1) >> 1) ^ turned, x)


def tan(x: Value) -> Value:
    """The tangent, as the quotient of two pairs."""
    r = reduce(x)
    swapped = (r.quadrant & 1).differs(0)
    s, c = sin_pair(r.angle).normalised(), cos_pair(r.angle).normalised()
    above = Pair(swapped.select(c.high, s.high), swapped.select(c.low, s.low))
    below = Pair(swapped.select(s.high, c.high), swapped.select(s.low, c.low))
    return _signed(divide(above, below).rounded(), r.quadrant ^ r.negative ^ _sign(x), x)


# below the first the sine is its angle, also times the second, which keeps the lower part of the angle normal
TINY: Final = {"float32": (2.0**-64, 2.0**48), "float64": (2.0**-136, 2.0**106)}


class _Turns(NamedTuple):
    angle: Pair  # in [0, pi/4] and a little, times ``back``
    quadrant: Value
    negative: Value  # 1 where the angle is to be taken off
    back: Value


def _reduce_turns(x: Value) -> _Turns:
    """``pi abs x`` less a multiple of pi/2: what is left of x is exact.  Small numbers are scaled up."""
    form = x.format
    size = abs(x)
    size = (size >= 2 * form.integer).select(0.0, size)  # these are even
    half = size * 0.5
    part = size - 2.0 * ((half + form.integer) - form.integer)  # in [-1, 1]
    n = to_integer(part + part)
    part = part - n.number * 0.5
    limit, factor = TINY[form.dtype]
    tiny = size < limit
    part, back = part * tiny.select(x.like(factor), 1.0), tiny.select(x.like(1 / factor), 1.0)
    angle = times(constant(x, form.constants.PI), abs(part))
    return _Turns(angle, n.biased & 3, part.bits() >> (form.width - 1), back)


def sinpi(x: Value) -> Value:
    """sin(pi x); a zero with the sign of x at integers."""
    r = _reduce_turns(x)
    swapped = (r.quadrant & 1).differs(0)
    size = swapped.select(cos_pair(r.angle).rounded(), sin_pair(r.angle).rounded() * r.back)
    turned = swapped.select(r.quadrant.like(0), r.negative) ^ (r.quadrant >> 1)
    return _signed(size, size.equals(0.0).select(r.quadrant.like(0), turned) ^ _sign(x), x)


def cospi(x: Value) -> Value:
    """cos(pi x); a positive zero half way between integers."""
    r = _reduce_turns(x)
    swapped = (r.quadrant & 1).differs(0)
    size = swapped.select(sin_pair(r.angle).rounded(), cos_pair(r.angle).rounded())
    turned = swapped.select(r.negative, 0) ^ ((r.quadrant + 1) >> 1)
    return _signed(size, size.equals(0.0).select(r.quadrant.like(0), turned), x)
