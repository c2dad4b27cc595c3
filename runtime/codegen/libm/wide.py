"""Elementary functions of float32 numbers in plain float64 arithmetic, for routines that round to float32 at their end.

What they compute with are float32 numbers, or results of a few operations on such; what is wanted of them is about
2^-45, so that the one rounding to float32 remains the only error that counts.  So there are no pairs here and
polynomials are shorter than in the cores of float64, and numbers that are not normal as float64 need not be thought of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from . import coefficients_wide as constants
from .arctangent import with_sign_of
from .formats import DOUBLE
from .logarithm import OFFSET, at_the_edges, split
from .oplist import Value
from .reduction import window_96
from .twofloat import horner

FAR: Final = 709.0
"""Beyond, e^x counts as 0 or infinite."""
FAR_BITS: Final = 1000.0
ROOT_2_LESS_1: Final = 0.41421356237309503


def _reduced(x: Value) -> tuple[Value, Value]:
    """``x = r + n ln 2``: r and the bits of the sum of n and the rounder."""
    moved = x * constants.LOG2_E + DOUBLE.rounder
    return x - (moved - DOUBLE.rounder) * constants.LN2, moved.bits()


def _power_of_two(biased: Value) -> Value:
    return ((biased - (DOUBLE.rounder_bits - DOUBLE.bias)) << DOUBLE.mantissa).as_float()


def _exp_less_one(r: Value) -> Value:
    """e^r - 1 for a reduced r, to about 2^-53."""
    return r + r * r * horner(r, constants.EXP)


def exp(x: Value) -> Value:
    """e^x."""
    r, n = _reduced(x)
    result = (_exp_less_one(r) + 1.0) * _power_of_two(n)
    return (x < -FAR).select(0.0, (x > FAR).select(float("inf"), result))


def _expm1(x: Value) -> Value:
    """e^x - 1, which has no rounding error of a 1 next to 0, but for the sign of a zero."""
    r, n = _reduced(x)
    power = _power_of_two(n)
    result = (power - 1.0) + power * _exp_less_one(r)
    return (x < -FAR).select(-1.0, (x > FAR).select(float("inf"), result))


def expm1(x: Value) -> Value:
    """e^x - 1."""
    return x.equals(0.0).select(x, _expm1(x))


def exp2(x: Value) -> Value:
    """2^x."""
    moved = x + DOUBLE.rounder
    r = (x - (moved - DOUBLE.rounder)) * constants.LN2
    result = (_exp_less_one(r) + 1.0) * _power_of_two(moved.bits())
    return (x < -FAR_BITS).select(0.0, (x > FAR_BITS).select(float("inf"), result))


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


def softplus(x: Value) -> Value:
    """max(x, 0) + log(1 + z) with z = e^(-abs x)."""
    z = exp(-abs(x))
    large = z > ROOT_2_LESS_1
    near = _log_near_one(large.select((z - 1.0) * 0.5, z))
    return (near + large.select(x.like(constants.LN2), 0.0)) + (x > 0.0).select(x, 0.0)


def sigmoid(x: Value) -> Value:
    """1/(1 + z) or z/(1 + z) with z = e^(-abs x)."""
    z = exp(-abs(x))
    return (x >= 0.0).select(1.0, z) / (z + 1.0)


def tanh(x: Value) -> Value:
    """-t/(2 + t) with t = e^(-2 abs x) - 1."""
    t = _expm1(abs(x) * -2.0)
    return with_sign_of(x, abs(t / (t + 2.0)))


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


WIDE: Final[dict[str, Callable[[Value], Value]]] = {
    "exp": exp,
    "exp2": exp2,
    "expm1": expm1,
    "log": log,
    "sigmoid": sigmoid,
    "softplus": softplus,
    "tan": tan,
    "tanh": tanh,
}
"""By the core that each stands for."""
