"""tanh, the logistic sigmoid, sinh and cosh: quotients of pairs made of e^x - 1 or e^x."""

from __future__ import annotations

from .arctangent import with_sign_of
from .exponential import Integer, exp_pair, expm1_pair, power_of_two, reduce, scale
from .oplist import Value
from .twofloat import Pair, add, divide, two_sum

WITHOUT_SMALL_PART = 64.0  # from this exponent on a result of e^x feels neither e^-x nor 1
TANH_IS_ONE = {"float32": 10.0, "float64": 20.0}
SIGMOID_IS_ZERO = {"float32": 104.0, "float64": 746.0}
SINH_IS_INFINITE = {"float32": 90.0, "float64": 711.0}


def _at_most(x: Value, limits: dict[str, float]) -> Value:
    size, limit = abs(x), limits[x.format.dtype]
    return (size > limit).select(limit, size)


def _power(n: Integer) -> tuple[Value, Value, Value]:
    """2^n, 1 and a factor 1; for a large n: 2^(n-64), 0 instead of the 1, and the factor 2^64 to put back last."""
    large = n.number > WITHOUT_SMALL_PART
    one = n.number.like(1.0)
    form = one.format
    power = power_of_two((n.biased - large.select(n.biased.like(64), 0)) - (form.rounder_bits - form.bias))
    return power, large.select(0.0, one), large.select(2.0**64, one)


def tanh(x: Value) -> Value:
    """-t/(2 + t) with t = e^(-2 abs x) - 1."""
    size = _at_most(x, TANH_IS_ONE)
    r, n = reduce(size * -2.0)
    t = expm1_pair(r, power_of_two(n.biased - (x.format.rounder_bits - x.format.bias)))
    below = two_sum(x.like(2.0), t.high)
    result = divide(-t, Pair(below.high, below.low + t.low)).rounded()
    return x.is_nan().select(x, with_sign_of(x, result))


def sigmoid(x: Value) -> Value:
    """1/(1 + e^-x), or e^x/(1 + e^x) to the left of 0, where the power of two is put back last, for subnormals."""
    r, n = reduce(-_at_most(x, SIGMOID_IS_ZERO))
    exponential = exp_pair(r).normalised()
    small = exponential.scaled(scale(x.like(1.0), n))
    below = two_sum(x.like(1.0), small.high)
    right = x >= 0.0
    above = Pair(right.select(1.0, exponential.high), right.select(0.0, exponential.low))
    quotient = divide(above, Pair(below.high, below.low + small.low)).rounded()
    return x.is_nan().select(x, right.select(quotient, scale(quotient, n)))


def sinh(x: Value) -> Value:
    """(t + t/(1 + t))/2 with t = e^(abs x) - 1."""
    r, n = reduce(_at_most(x, SINH_IS_INFINITE))
    power, one, back = _power(n)
    t = expm1_pair(r, power, one)
    below = two_sum(x.like(1.0), t.high)
    quotient = divide(t.scaled(one), Pair(below.high, below.low + t.low))
    result = add(t, quotient).rounded() * 0.5 * back
    return x.is_nan().select(x, with_sign_of(x, result))


def cosh(x: Value) -> Value:
    """(z + 1/z)/2 with z = e^(abs x)."""
    r, n = reduce(_at_most(x, SINH_IS_INFINITE))
    power, one, back = _power(n)
    z = exp_pair(r).normalised().scaled(power)
    result = add(z, divide(Pair(one, x.like(0.0)), z)).rounded() * 0.5 * back
    return x.is_nan().select(x, result)
