"""erf and erfc: polynomials where they are of the size of 1, ``exp(-x^2)`` times a flat function in the tail."""

from __future__ import annotations

from .arctangent import with_sign_of
from .exponential import exp_pair, reduce, scale
from .formats import SINGLE
from .oplist import Value
from .twofloat import Pair, divide, fast_two_sum, horner, multiply, two_product, two_sum

ERFC_IS_ZERO = {"float32": 10.125, "float64": 27.25}


def _near(x: Value) -> Value:
    """erf(x) - x for abs(x) <= 1."""
    return x * horner(x * x, x.format.constants.ERF)


def _middle(size: Value) -> Value:
    """erfc for 1 <= size <= 4 in float32, to about 2^-25 of 1; the difference is exact."""
    return horner(size - 2.5, size.format.constants.ERFC_MIDDLE)


def _tail(x: Value) -> Value:
    """erfc from 1/2 on, to the last digit.

    It is ``exp(-x^2) (c + v p(v))/(1 + 2x)`` with ``v = (x - 1/2)/(x + 2)``, all in pairs.
    """
    start, far = x.format.constants.ERFC_START, x.format.constants.ERFC_FAR
    limit = ERFC_IS_ZERO[x.format.dtype]
    inside = (x < 0.5).select(0.5, x)
    inside = (inside > limit).select(limit, inside)
    square = two_product(inside, inside)
    r, n = reduce(-square.high)
    power = exp_pair(two_sum(r.high, r.low - square.low))
    v = divide(Pair(inside - 0.5, x.like(0.0)), two_sum(inside, 2.0))
    slope = horner(v.high, far)
    flat = two_sum(x.like(start[0]), v.high * slope)
    flat = fast_two_sum(flat.high, flat.low + (v.low * slope + start[1]))
    return scale(divide(multiply(power.normalised(), flat), two_sum(inside + inside, 1.0)).rounded(), n)


def erf(x: Value) -> Value:
    """The error function; in float32 it is 1 from 4 on."""
    size = abs(x)
    small = size <= 1.0
    middle = small.select(1.0, size)
    beyond = _middle((size > 4.0).select(x.like(4.0), middle)) if x.format is SINGLE else _tail(size)
    result = small.select(size + _near(small.select(size, 1.0)), 1.0 - beyond)
    return x.is_nan().select(x, with_sign_of(x, result))


def erfc(x: Value) -> Value:
    """1 - erf(x), with all its digits in the right tail too."""
    if x.format is SINGLE:
        right = _tail(x)
        size = (x < -4.0).select(4.0, -x)
        left = 2.0 - _middle((size < 1.0).select(1.0, size))
    else:
        right = _tail((x < -1.0).select(-x, x))
        left = 2.0 - right
    small = (abs(x) <= 1.0).select(x, 1.0)
    rest = two_sum(x.like(1.0), -small)
    centre = rest.high + (rest.low - _near(small))
    result = (x < -1.0).select(left, (x < 0.5).select(centre, right))
    return x.is_nan().select(x, result)
