"""log, log2, log10 and log1p: ``x = 2^n m`` with m near 1, a polynomial in m - 1, and ``n ln 2`` added as a pair."""

from __future__ import annotations

from typing import NamedTuple

from .oplist import Value
from .twofloat import Pair, add, constant, divide, fast_two_sum, horner, multiply, two_sum

ROOT_HALF_BITS = {"float32": 0x3F3504F3, "float64": 0x3FE6A09E667F3BCD}
OFFSET = {"float32": 192, "float64": 2048}  # keeps the exponent positive while it is a word


class Split(NamedTuple):
    """``x = 2^n mantissa`` with the mantissa in [sqrt(1/2), sqrt(2))."""

    mantissa: Value
    exponent: Value  # as a word, with the offset added


def split(x: Value) -> Split:
    """The parts of a positive normal number."""
    form, root = x.format, ROOT_HALF_BITS[x.format.dtype]
    moved = x.bits() - (root - (OFFSET[form.dtype] << form.mantissa)) % (1 << form.width)
    return Split(((moved & form.mantissa_mask) + root).as_float(), moved >> form.mantissa)


def log_pair(f: Pair, exponent: Value | None) -> Pair:
    """``log(1 + f) + exponent ln 2`` for 1 + f in [sqrt(1/2), sqrt(2)] and an integer: to about a quarter of a unit."""
    high, low = f
    constants = high.format.constants
    square = high * high
    head = fast_two_sum(high, -(square * 0.5))
    tail = head.low + ((low - high * low) + square * high * horner(high, constants.LOG))
    if exponent is None:
        return Pair(head.high, tail)
    whole = fast_two_sum(exponent * constants.LN2[0], head.high)
    return Pair(whole.high, whole.low + (tail + exponent * constants.LN2[1]))


def at_the_edges(x: Value, pole: float, result: Value) -> Value:
    """Minus infinity at the pole, NaN to its left and for NaN, infinity at infinity."""
    inf = float("inf")
    result = x.equals(inf).select(x, result)
    result = x.equals(pole).select(-inf, result)
    return (x >= pole).select(result, float("nan"))


def _parts(x: Value) -> tuple[Pair, Value]:
    """``x = (1 + f) 2^n``: f, which is exact, and n as a float; subnormal numbers are scaled first."""
    form = x.format
    digits, base = form.mantissa + 1, form.integer + OFFSET[form.dtype]
    small = x < form.smallest_normal
    parts = split(small.select(x * 2.0**digits, x))
    raised = small.select(x.like(base + digits), base)
    return Pair(parts.mantissa - 1.0, x.like(0.0)), (parts.exponent | form.integer_bits).as_float() - raised


def log(x: Value) -> Value:
    """The natural logarithm."""
    return at_the_edges(x, 0.0, log_pair(*_parts(x)).rounded())


def log2(x: Value) -> Value:
    """The logarithm to base 2: the exponent plus that of the mantissa."""
    f, exponent = _parts(x)
    part = multiply(log_pair(f, None).normalised(), constant(x, x.format.constants.INVERSE_LN2))
    total = fast_two_sum(exponent, part.high)
    return at_the_edges(x, 0.0, total.high + (total.low + part.low))


def log2_pair(x: Value) -> Pair:
    """log2 of a positive number, normalised, to 2^-35 of it in float32 and 2^-64 in float64, next to 1 too.

    ``log2 m = c atanh s`` with ``s = (m - 1)/(m + 1)`` and ``c = 2/ln 2``.  The first two terms of the series, ``c s``
    and ``c s^3/3``, are pairs; behind them the rest is 2^-5.8 of the second, which is 2^-6.7 of the first.
    """
    constants = x.format.constants
    f, exponent = _parts(x)
    s = divide(f, two_sum(f.high, 2.0))
    square = multiply(s, s)
    slope = fast_two_sum(constants.TWO_THIRDS_OVER_LN2[0], square.high * horner(square.high, constants.LOG2))
    slope = Pair(slope.high, slope.low + constants.TWO_THIRDS_OVER_LN2[1])
    part = multiply(s, add(constant(x, constants.TWO_OVER_LN2), multiply(square, slope)))
    whole = fast_two_sum(exponent, part.high)
    return fast_two_sum(whole.high, whole.low + part.low)


def log10(x: Value) -> Value:
    """The logarithm to base 10."""
    natural = log_pair(*_parts(x)).normalised()
    return at_the_edges(x, 0.0, multiply(natural, constant(x, x.format.constants.INVERSE_LN10)).rounded())


def log_one_pair(total: Pair, more: Value | None = None) -> Pair:
    """``log(total) + more ln 2`` for a pair of at least a unit, to about a quarter of a unit where it is 1 + t too.

    What the lower part is worth is divided by 2^n with the upper one.
    """
    form = total.high.format
    offset = OFFSET[form.dtype]
    parts = split(total.high)
    exponent = (parts.exponent | form.integer_bits).as_float() - (form.integer + offset)
    # far out the lower part does not count, and its scale would leave the range of normal floats
    steps = (total.high > 2.0**form.far).select(parts.exponent.like(offset + form.far), parts.exponent)
    unit = ((parts.exponent.like(offset + form.bias) - steps) << form.mantissa).as_float()
    f = fast_two_sum(parts.mantissa - 1.0, total.low * unit)
    return log_pair(f, exponent if more is None else exponent + more)


def log1p(x: Value) -> Value:
    """log(1 + x), from 1 + x as a pair."""
    result = log_one_pair(two_sum(x.like(1.0), x)).rounded()
    return x.equals(0.0).select(x, at_the_edges(x, -1.0, result))
