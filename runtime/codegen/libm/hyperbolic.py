"""tanh, the logistic sigmoid, sinh and cosh: quotients of pairs made of e^x - 1 or e^x."""

from __future__ import annotations

from .arctangent import with_sign_of
from .exponential import Integer, exp_pair, expm1_pair, falling, power_of_two, reduce, scale
from .formats import SINGLE
from .logarithm import log_one_pair
from .oplist import Value
from .twofloat import (
    Pair,
    add,
    divide,
    fast_two_sum,
    horner,
    multiply,
    plus_one,
    product,
    quotient,
    times,
    two_product,
    two_sum,
)

WITHOUT_SMALL_PART = 64.0  # from this exponent on a result of e^x feels neither e^-x nor 1
TANH_IS_ONE = {"float32": 10.0, "float64": 20.0}
SIGMOID_IS_ZERO = {"float32": 104.0, "float64": 746.0}
SINH_IS_INFINITE = {"float32": 90.0, "float64": 711.0}
SECH_IS_ZERO = {"float32": 53.0, "float64": 374.0}
SOFTPLUS_IS_EXP = {"float32": -20.0, "float64": -40.0}
TINY = {"float32": (2.0**-33, 2.0**17), "float64": (2.0**-322, 2.0**40)}  # where a cube underflows, and a factor


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


def _tanh_pair(x: Value) -> Pair:
    """The size of tanh x: -t/(2 + t) with t = e^(-2 abs x) - 1."""
    r, n = reduce(_at_most(x, TANH_IS_ONE) * -2.0)
    t = expm1_pair(r, power_of_two(n.biased - (x.format.rounder_bits - x.format.bias)))
    below = two_sum(x.like(2.0), t.high)
    return divide(-t, Pair(below.high, below.low + t.low))


def tanh(x: Value) -> Value:
    """The hyperbolic tangent."""
    return x.is_nan().select(x, with_sign_of(x, _tanh_pair(x).rounded()))


def less_tanh(x: Value) -> Value:
    """x - tanh x: ``x^3 (1/3 + x^2 p(x^2))`` up to 1, where the cube is a pair, of a scaled x where x is tiny."""
    size = abs(x)
    limit, factor = TINY[x.format.dtype]
    tiny = size < limit
    near = (size < 1.0).select(size, 1.0) * tiny.select(x.like(factor), 1.0)
    square = two_product(near, near)
    slope = fast_two_sum(
        x.format.constants.ONE_THIRD[0], square.high * horner(square.high, x.format.constants.LESS_TANH)
    )
    slope = Pair(slope.high, slope.low + x.format.constants.ONE_THIRD[1])
    cube = multiply(times(square, near), slope).rounded()
    back = tiny.select(x.like(factor**-3), 1.0)
    tanh = _tanh_pair((size < 1.0).select(x.like(1.0), size))
    far = two_sum(size, -tanh.high)
    beyond = far.high + (far.low - tanh.low)
    result = (size < 1.0).select(cube * back, beyond)
    return (size < float("inf")).select(with_sign_of(x, result), x)


def sech_squared(x: Value) -> Value:
    """1 - tanh(x)^2 = 4 z/(1 + z)^2 with z = e^(-2 abs x), whose power of two is put back last, for subnormals."""
    if x.format is SINGLE:
        return _sech_squared_single(x)
    r, n = reduce(_at_most(x, SECH_IS_ZERO) * -2.0)
    exponential = exp_pair(r).normalised()
    below = plus_one(exponential.scaled(scale(x.like(1.0), n)))
    quotient = divide(exponential, multiply(below, below)).rounded() * 4.0
    return x.is_nan().select(x, scale(quotient, n))


def _sech_squared_single(x: Value) -> Value:
    z = falling(_at_most(x, SECH_IS_ZERO) * 2.0)
    below = one_more(z.value)
    inverse = near_inverse(below.high)
    result = z.put_on(quotient(z.mantissa, product(below, below), inverse * inverse) * 4.0)
    return (result > 1.0).select(1.0, result)  # next to 0, where a unit above 1 is two below


def one_more(z: Pair) -> Pair:
    """1 + z for 0 <= z <= 1."""
    head = fast_two_sum(1.0, z.high)
    return Pair(head.high, head.low + z.low)


def near_inverse(b: Value) -> Value:
    """1/b for 1 <= b <= 2, to a sixteenth of it."""
    return b.like(1.40625) - b * 0.46875


def softplus(x: Value) -> Value:
    """log(1 + e^x) = max(x, 0) + log(1 + z) with z = e^(-abs x); on the far left it is e^x."""
    r, n = reduce(-_at_most(x, SIGMOID_IS_ZERO))
    exponential = exp_pair(r).normalised()
    rest = log_one_pair(plus_one(exponential.scaled(scale(x.like(1.0), n)))).normalised()
    total = two_sum((x > 0.0).select(x, 0.0), rest.high)
    result = total.high + (total.low + rest.low)
    alone = x < SOFTPLUS_IS_EXP[x.format.dtype]
    result = alone.select(scale(exponential.high, n), result)
    return (x < float("inf")).select(result, x)


def sigmoid(x: Value) -> Value:
    """1/(1 + e^-x), or e^x/(1 + e^x) to the left of 0, where the power of two is put back last, for subnormals."""
    if x.format is SINGLE:
        return _sigmoid_single(x)
    r, n = reduce(-_at_most(x, SIGMOID_IS_ZERO))
    exponential = exp_pair(r).normalised()
    small = exponential.scaled(scale(x.like(1.0), n))
    below = plus_one(small)
    right = x >= 0.0
    above = Pair(right.select(1.0, exponential.high), right.select(0.0, exponential.low))
    quotient = divide(above, below).rounded()
    return x.is_nan().select(x, right.select(quotient, scale(quotient, n)))


def _sigmoid_single(x: Value) -> Value:
    z = falling(_at_most(x, SIGMOID_IS_ZERO))
    below = one_more(z.value)
    right = x >= 0.0
    above = Pair(right.select(1.0, z.mantissa.high), right.select(0.0, z.mantissa.low))
    result = quotient(above, below, near_inverse(below.high))
    return right.select(result, z.put_on(result))


def sinh(x: Value) -> Value:
    """(t + t/(1 + t))/2 with t = e^(abs x) - 1."""
    r, n = reduce(_at_most(x, SINH_IS_INFINITE))
    power, one, back = _power(n)
    t = expm1_pair(r, power, one)
    quotient = divide(t.scaled(one), plus_one(t))
    result = add(t, quotient).rounded() * 0.5 * back
    return x.is_nan().select(x, with_sign_of(x, result))


def cosh(x: Value) -> Value:
    """(z + 1/z)/2 with z = e^(abs x)."""
    r, n = reduce(_at_most(x, SINH_IS_INFINITE))
    power, one, back = _power(n)
    z = exp_pair(r).normalised().scaled(power)
    result = add(z, divide(Pair(one, x.like(0.0)), z)).rounded() * 0.5 * back
    return x.is_nan().select(x, result)
