"""Elementary functions of float32 numbers in plain float64 arithmetic, for routines that round to float32 at their end.

What they compute with are float32 numbers, or results of a few operations on such.  What is wanted of most is about
2^-45, so that the one rounding to float32 remains the only error that counts; what nothing is taken off later may be
off by 2^-26, an eighth of a unit of float32.  So there are no pairs here and polynomials are shorter than in the cores
of float64, and numbers that are not normal as float64 need not be thought of.
"""

from __future__ import annotations

from typing import Final

from . import coefficients_wide as constants
from .formats import DOUBLE
from .logarithm import OFFSET, at_the_edges, split
from .oplist import Value
from .power import signed
from .reduction import window_96
from .twofloat import horner

ROUNDER: Final = DOUBLE.rounder + DOUBLE.bias
"""Added to a number up to 2^50 in size it leaves the nearest integer n in the lowest bits of the sum, as n + bias."""
FAR: Final = 709.0
"""Beyond, e^x counts as 0 or infinite."""


def _reduced(x: Value) -> tuple[Value, Value]:
    """``x = r + n ln 2``: r, and 2^n."""
    moved = x * constants.LOG2_E + ROUNDER
    return x - (moved - ROUNDER) * constants.LN2, _power_of_two(moved)


def _power_of_two(moved: Value) -> Value:
    """2^n from the sum of n and :data:`ROUNDER`, whose lowest bits are those of the biased exponent."""
    return (moved.bits() << DOUBLE.mantissa).as_float()


def _less_one(r: Value) -> Value:
    """e^r - 1 for a reduced r, to about 2^-53."""
    return r + r * r * horner(r, constants.EXP)


def exp_inside(x: Value) -> Value:
    """e^x for sizes of x up to :data:`FAR`."""
    r, power = _reduced(x)
    return (_less_one(r) + 1.0) * power


def exp2_short(x: Value) -> tuple[Value, Value]:
    """2^x and 2^x - 1 for sizes of x up to 1000, to about 2^-32, which is enough where nothing cancels."""
    moved = x + ROUNDER
    r, power = x - (moved - ROUNDER), _power_of_two(moved)
    less = r * horner(r, constants.EXP2_SHORT)
    return (less + 1.0) * power, (power - 1.0) + power * less


def exp(x: Value) -> Value:
    """e^x."""
    return (x < -FAR).select(0.0, (x > FAR).select(float("inf"), exp_inside(x)))


def expm1(x: Value) -> Value:
    """e^x - 1, a zero with the sign of x."""
    r, power = _reduced(x)
    result = (power - 1.0) + power * _less_one(r)
    result = (x < -FAR).select(-1.0, (x > FAR).select(float("inf"), result))
    return x.equals(0.0).select(x, result)


def _log_near_one(f: Value) -> Value:
    """log(1 + f) for 1 + f between sqrt(1/2) and sqrt(2)."""
    s = f / (f + 2.0)
    square = s * s
    return s + (s + s * square * horner(square, constants.LOG))


def log(x: Value) -> Value:
    """The natural logarithm."""
    parts = split(x)
    exponent = (parts.exponent | DOUBLE.integer_bits).as_float() - (DOUBLE.integer + OFFSET["float64"])
    return at_the_edges(x, 0.0, _log_near_one(parts.mantissa - 1.0) + exponent * constants.LN2)


def pow(x: Value, y: Value) -> Value:
    """x^y; the logarithm of 1 is 0, also times an infinite exponent."""
    logarithm = log(abs(x))
    return signed(x, y, exp(logarithm.equals(0.0).select(0.0, logarithm * y)))


def softplus(x: Value) -> Value:
    """max(x, 0) + log(1 + z) with z = e^(-abs x)."""
    z = exp(-abs(x))
    s = z / (z + 2.0)
    return s * horner(s * s, constants.LOG_ONE) + (x > 0.0).select(x, 0.0)


def sigmoid(x: Value) -> Value:
    """Its derivative, 1/(1 + z) or z/(1 + z)."""
    z = exp(-abs(x))
    return (x >= 0.0).select(1.0, z) / (z + 1.0)


def tan(x: Value) -> Value:
    """The tangent: the argument is reduced as in float32 (see :mod:`.reduction`), by integers."""
    size = abs(x)
    turned = size > constants.QUARTER_PI
    bits = turned.select(size, 1.0).bits() >> (DOUBLE.mantissa - 23)
    mantissa = (bits & 0x7FFFFF) | (1 << 23)
    head, tail = window_96((bits >> 23) - (DOUBLE.bias + 23 - 30))
    position = mantissa * head + ((mantissa * tail) >> 32)  # x 2/pi modulo 4, in units of 2^-62
    quadrant = (position + (1 << 61)) >> 62
    rest = position - (quadrant << 62)
    below = (rest >> 63).differs(0)
    rest = below.select(rest.like(0) - rest, rest)
    upper = ((rest >> 10) | DOUBLE.integer_bits).as_float() - DOUBLE.integer
    lower = ((rest & 0x3FF) | DOUBLE.integer_bits).as_float() - DOUBLE.integer
    angle = turned.select((upper * 2.0**-52 + lower * 2.0**-62) * constants.HALF_PI, size)
    square = angle * angle
    sine, cosine = angle + angle * square * horner(square, constants.SIN), square * horner(square, constants.COS) + 1.0
    swapped = turned.select(quadrant & 1, 0).differs(0)
    result = swapped.select(cosine, sine) / swapped.select(sine, cosine)
    turns = turned.select(quadrant, 0) ^ turned.select(below.select(rest.like(1), 0), 0) ^ (x.bits() >> 63)
    result = (result.bits() ^ (turns << 63)).as_float()
    return (size < float("inf")).select(result, float("nan"))
