"""exp, exp2 and expm1: the argument less a multiple of ln 2, a polynomial, and a power of two put back by its bits.

P. T. P. Tang, "Table-driven implementation of the exponential function", ACM TOMS 15 (1989) 144-157, without tables:
the reduced argument and the result stay pairs of floats until the last rounding.
"""

from __future__ import annotations

from typing import NamedTuple

from .oplist import Value
from .twofloat import Pair, constant, fast_two_sum, horner, multiply, two_product, two_sum

# beyond these, results of exp, exp2 and expm1 are 0 (or -1) and infinity
EXP_RANGE = {"float32": (-104.0, 89.0), "float64": (-746.0, 710.0)}
EXP2_RANGE = {"float32": (-151.0, 129.0), "float64": (-1076.0, 1025.0)}
EXPM1_RANGE = {"float32": (-24.0, 89.0), "float64": (-48.0, 710.0)}
# and from these sizes on e^(-x^2) and e^(-x^2/2) are 0
GAUSS_IS_ZERO = {1.0: {"float32": 10.25, "float64": 27.375}, 0.5: {"float32": 14.5, "float64": 38.75}}


class Integer(NamedTuple):
    """A small integer, as a float and as a word that is the bits of the rounder too large."""

    number: Value
    biased: Value


def to_integer(x: Value) -> Integer:
    """The integer nearest to ``x``, for sizes up to 2^22."""
    moved = x + x.format.rounder
    return Integer(moved - x.format.rounder, moved.bits())


def power_of_two(biased: Value) -> Value:
    """2^n as a normal float, for ``biased`` the sum of n and the bias."""
    return (biased << biased.format.mantissa).as_float()


def clamp(x: Value, ranges: dict[str, tuple[float, float]]) -> Value:
    """``x`` moved into the range of its format; NaN stays."""
    low, high = ranges[x.format.dtype]
    x = (x > high).select(high, x)
    return (x < low).select(low, x)


def reduce(x: Value) -> tuple[Pair, Integer]:
    """``x = r + n ln 2`` with ``r`` in about ``[-ln(2)/2, ln(2)/2]``, for results up to twice the range."""
    high, low = x.format.constants.LN2
    n = to_integer(x * x.format.constants.LOG2_E)
    return fast_two_sum(x - n.number * high, -(n.number * low)), n


def exp_less_one(r: Pair) -> Pair:
    """e^r - 1 for a reduced ``r``, as a sum of ``r`` and the rest, to a sixteenth of a unit of 1."""
    return Pair(r.high, r.low + r.high * r.high * horner(r.high, r.high.format.constants.EXP))


def exp_pair(r: Pair) -> Pair:
    """e^r for a reduced ``r``, to about a sixteenth of a unit."""
    beyond = exp_less_one(r)
    head = fast_two_sum(1.0, beyond.high)
    return Pair(head.high, head.low + beyond.low)


def scale(x: Value, n: Integer) -> Value:
    """``x 2^n`` in two steps, each by a power that is a normal float: subnormal results are rounded in the second."""
    shifted = n.biased - (x.format.rounder_bits - 2 * x.format.bias)  # n and twice the bias, positive
    half = shifted >> 1
    return x * power_of_two(half) * power_of_two(shifted - half)


def exp(x: Value) -> Value:
    """e^x."""
    r, n = reduce(clamp(x, EXP_RANGE))
    return scale(exp_pair(r).rounded(), n)


def exp2(x: Value) -> Value:
    """2^x: the fraction of x is exact, and ln 2 times it a pair."""
    x = clamp(x, EXP2_RANGE)
    high, low = x.format.constants.LN2_FULL
    n = to_integer(x)
    fraction = x - n.number
    head = two_product(fraction, x.like(high))
    r = fast_two_sum(head.high, head.low + fraction * low)
    return scale(exp_pair(r).rounded(), n)


def exp2_pair(t: Pair) -> tuple[Pair, Integer]:
    """``2^t = e 2^n`` for a pair in the range of :data:`EXP2_RANGE`: e as :func:`exp_pair` gives it, and n.

    What is left of the upper part is a fraction that may be smaller than the lower one.
    """
    n = to_integer(t.high)
    fraction = two_sum(t.high - n.number, t.low)
    return exp_pair(multiply(fraction, constant(t.high, t.high.format.constants.LN2_FULL))), n


class Falling(NamedTuple):
    """``e^-v = mantissa first second``: the last two are powers of two, normal also where their product is not."""

    mantissa: Pair
    first: Value
    second: Value

    @property
    def value(self) -> Pair:
        """As a pair that may underflow."""
        return self.mantissa.scaled(self.first).scaled(self.second)

    def put_on(self, x: Value) -> Value:
        """``x`` times the power of two."""
        return x * self.first * self.second


def falling(v: Value, low: Value | None = None) -> Falling:
    """e^-v for v >= 0, which may be a pair, up to twice the range: the mantissa to about a quarter of a unit."""
    form = v.format
    high, rest = form.constants.LN2
    moved = v * form.constants.LOG2_E + form.rounder
    n = moved - form.rounder
    r = fast_two_sum(n * high - v, n * rest if low is None else n * rest - low)
    beyond = r.high + (r.high * r.high * horner(r.high, form.constants.EXP) + r.low)
    biased = moved.bits().like(form.rounder_bits + 2 * form.bias) - moved.bits()
    half = biased >> 1
    return Falling(fast_two_sum(1.0, beyond), power_of_two(half), power_of_two(biased - half))


def expm1_pair(r: Pair, power: Value, one: Value | float = 1.0) -> Pair:
    """``(power - one) + power (e^r - 1)`` for a reduced ``r`` and a power of two: to about an eighth of a unit."""
    whole = two_sum(power, -one)
    beyond = exp_less_one(r).normalised().scaled(power)
    total = two_sum(whole.high, beyond.high)
    return Pair(total.high, total.low + (whole.low + beyond.low))


def expm1(x: Value) -> Value:
    """e^x - 1.  From n = 65 on the -1 is left out and 2^64 is put back last."""
    r, n = reduce(clamp(x, EXPM1_RANGE))
    large = n.number > 64.0
    power = power_of_two((n.biased - large.select(n.biased.like(64), 0)) - (x.format.rounder_bits - x.format.bias))
    result = expm1_pair(r, power, large.select(x.like(0.0), 1.0)).rounded()
    return x.equals(0.0).select(x, result * large.select(x.like(2.0**64), 1.0))


def gauss_pair(size: Value, factor: float) -> tuple[Pair, Integer]:
    """``e^(-factor size^2) = e 2^n``: e as :func:`exp_pair` gives it, and n.  The square is exact, as a pair."""
    square = two_product(size, size)
    if factor != 1.0:
        square = square.scaled(factor)
    r, n = reduce(-square.high)
    return exp_pair(two_sum(r.high, r.low - square.low)), n


def _gauss(x: Value, factor: float) -> Value:
    size, limit = abs(x), GAUSS_IS_ZERO[factor][x.format.dtype]
    power, n = gauss_pair((size > limit).select(limit, size), factor)
    return scale(power.rounded(), n)


def exp_minus_square(x: Value) -> Value:
    """e^(-x^2)."""
    return _gauss(x, 1.0)


def exp_minus_half_square(x: Value) -> Value:
    """e^(-x^2/2)."""
    return _gauss(x, 0.5)
