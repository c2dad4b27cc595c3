"""sin, cos and tan over all numbers: the argument reduced to a quarter turn, then polynomials."""

from __future__ import annotations

from .oplist import Value
from .reduction import reduce
from .twofloat import Pair, divide, fast_two_sum, horner


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
