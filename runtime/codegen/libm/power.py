"""pow: ``abs(x)^y = 2^(y log2 abs(x))``, with the logarithm and the product as pairs, and the signs put on last.

The product is as large as 2^7 in float32 and 2^10 in float64, and its error times ln 2 is a relative error of the
result: so the logarithm has 11 bits more than a float (:func:`.logarithm.log2_pair`), and a sixteenth of a unit in the
last place, in float64 a quarter, comes from it.  The idea is that of e_pow.c of fdlibm (Sun Microsystems, 1993).

Special values are those of C11, F.10.4.4.
"""

from __future__ import annotations

from typing import Final

from .exponential import EXP2_RANGE, exp2_pair, scale
from .logarithm import log2_pair
from .oplist import Value
from .twofloat import Pair, fast_two_sum, two_product

# no exponent beyond matters: with the base next to 1 the result is 0 or infinite
LARGEST_EXPONENT: Final = {"float32": 2.0**34, "float64": 2.0**66}


def _is_integer(size: Value) -> Value:
    """Whether a number that is not negative has no fraction: adding 2^mantissa rounds to an integer."""
    integer = size.format.integer
    size = (size > integer).select(2.0, size)  # these have none
    return ((size + integer) - integer).equals(size)


def _exponent(x: Value, y: Value) -> Pair:
    """``y log2 abs(x)``, moved into the range where the result is neither 0 nor infinite."""
    low, high = EXP2_RANGE[x.format.dtype]
    base, limit = abs(x), LARGEST_EXPONENT[x.format.dtype]
    logarithm = log2_pair(base)
    y = (y > limit).select(limit, y)
    y = (y < -limit).select(-limit, y)
    # zero and infinity have an infinite logarithm, and only the sign of the exponent counts
    none, endless = base.equals(0.0), base.equals(float("inf"))
    sign = (y > 0.0).select(x.like(1.0), -1.0)
    y = none.select(sign, endless.select(sign, y))
    upper = none.select(-limit, endless.select(limit, logarithm.high))
    head = two_product(y, upper)
    total = fast_two_sum(head.high, head.low + y * logarithm.low)
    above, below = total.high > high, total.high < low
    inside = above.select(high, below.select(low, total.high))
    return Pair(inside, above.select(0.0, below.select(0.0, total.low)))


def pow(x: Value, y: Value) -> Value:
    """x^y; NaN for a negative finite base and an exponent that is no integer."""
    power, n = exp2_pair(_exponent(x, y))
    return signed(x, y, scale(power.rounded(), n))


def signed(x: Value, y: Value, result: Value) -> Value:
    """x^y from ``abs(x)^y``: the sign, NaN where there is no power, and 1 where x is 1 or y is 0."""
    size = abs(y)
    integer, even = _is_integer(size), _is_integer(size * 0.5)  # an infinite exponent counts as even
    negated = (result.bits() | (x.bits() & x.format.sign)).as_float()
    # conditions one in another: of conditions joined by "and" gcc makes branches, and no vector instructions
    no_power = (x < 0.0).select((x > -float("inf")).select(float("nan"), result), result)
    result = integer.select(even.select(result, negated), no_power)
    result = x.is_nan().select(x, y.is_nan().select(y, result))
    return x.equals(1.0).select(1.0, y.equals(0.0).select(1.0, result))
