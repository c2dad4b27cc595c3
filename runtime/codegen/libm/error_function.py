"""erf and erfc: polynomials where they are of the size of 1, ``exp(-x^2)`` times a flat function in the tail."""

from __future__ import annotations

from typing import Final, NamedTuple

from .arctangent import with_sign_of
from .exponential import Integer, gauss_pair, scale
from .formats import SINGLE
from .oplist import Value
from .twofloat import Pair, add, divide, fast_two_sum, horner, multiply, times, two_sum


class Scaling(NamedTuple):
    """Of the argument: erfc(x), or erfc(x/sqrt(2)) from x itself, of which the normal distribution is made."""

    factor: float  # of the square of x in the exponential
    zero: dict[str, float]  # from here on erfc is 0; with 1/2 also x e^(-x^2/2)
    near: str  # the constants
    start: str
    far: str


PLAIN: Final = Scaling(1.0, {"float32": 10.125, "float64": 27.25}, "ERF", "ERFC_START", "ERFC_FAR")
HALVED: Final = Scaling(0.5, {"float32": 14.75, "float64": 38.875}, "ERF_HALF", "ERFC_HALF_START", "ERFC_HALF_FAR")


def _near(x: Value, scaling: Scaling = PLAIN) -> Value:
    """erf(x) - x, or erf(x/sqrt(2)) - x, for abs(x) <= 1."""
    return x * horner(x * x, getattr(x.format.constants, scaling.near))


def _middle(size: Value) -> Value:
    """erfc for 1 <= size <= 4 in float32, to about 2^-25 of 1; the difference is exact."""
    return horner(size - 2.5, size.format.constants.ERFC_MIDDLE)


def tail_pair(x: Value, scaling: Scaling = PLAIN, less: Pair | None = None) -> tuple[Pair, Integer]:
    """erfc from 1/2 on, as a pair times 2^n; ``less`` times ``x exp(-x^2/2)`` is taken off, for a derivative.

    It is ``exp(-x^2) (c + v p(v))/(1 + 2x)`` with ``v = (x - 1/2)/(x + 2)``, all in pairs; and erfc(x/sqrt(2)) is
    ``exp(-x^2/2) (c + v p(v))/(1 + x)`` with ``v = (x - 3)/(x + 4)``, where v is smaller, and so is the rounding of p.
    """
    start, far = (getattr(x.format.constants, name) for name in (scaling.start, scaling.far))
    limit = scaling.zero[x.format.dtype]
    inside = (x < 0.5).select(0.5, x)
    inside = (inside > limit).select(limit, inside)
    power, n = gauss_pair(inside, scaling.factor)
    if scaling is PLAIN:
        line, v = inside + inside, divide(Pair(inside - 0.5, x.like(0.0)), two_sum(inside, 2.0))
    else:
        line, v = inside, divide(two_sum(inside, -3.0), two_sum(inside, 4.0))
    slope = horner(v.high, far)
    flat = two_sum(x.like(start[0]), v.high * slope)
    flat = fast_two_sum(flat.high, flat.low + (v.low * slope + start[1]))
    below = two_sum(line, 1.0)
    if less is not None:
        flat = add(flat, -multiply(times(less, inside), below))
    return divide(multiply(power.normalised(), flat), below), n


def _tail(x: Value, scaling: Scaling = PLAIN) -> Value:
    """erfc from 1/2 on."""
    tail, n = tail_pair(x, scaling)
    return scale(tail.rounded(), n)


def centre_pair(x: Value, scaling: Scaling = PLAIN) -> Pair:
    """erfc for -1 <= x <= 1/2."""
    small = (abs(x) <= 1.0).select(x, 1.0)
    rest = two_sum(x.like(1.0), -small)
    return Pair(rest.high, rest.low - _near(small, scaling))


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
    result = (x < -1.0).select(left, (x < 0.5).select(centre_pair(x).rounded(), right))
    return x.is_nan().select(x, result)


def erfc_over_root_2(x: Value) -> Value:
    """erfc(x/sqrt(2)): in the tail the rounding of that quotient would cost x^2 units."""
    tail = _tail((x < -1.0).select(-x, x), HALVED)
    result = (x < -1.0).select(2.0 - tail, (x < 0.5).select(centre_pair(x, HALVED).rounded(), tail))
    return x.is_nan().select(x, result)
