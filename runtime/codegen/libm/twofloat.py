"""Compensated arithmetic: a number as an unevaluated sum ``high + low`` of two floats.

T. J. Dekker, "A floating-point technique for extending the available precision", Numer. Math. 18 (1971) 224-242;
D. E. Knuth, TAOCP 2, 4.2.2.  No fused multiply-add is used, so products are split (Veltkamp).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .oplist import Value


class Pair(NamedTuple):
    """``high + low``; normalised, ``low`` is at most half a unit in the last place of ``high``."""

    high: Value
    low: Value

    def __neg__(self) -> Pair:
        return Pair(-self.high, -self.low)

    def rounded(self) -> Value:
        """The float nearest to the sum."""
        return self.high + self.low

    def normalised(self) -> Pair:
        """The same sum with the lower part small, where it may be as large as a part of the upper one."""
        return fast_two_sum(self.high, self.low)

    def scaled(self, power_of_two: Value | float) -> Pair:
        """Both parts times a power of two, which is exact."""
        return Pair(self.high * power_of_two, self.low * power_of_two)


def two_sum(a: Value, b: Value | float) -> Pair:
    """``a + b`` exactly, whatever their sizes."""
    total = a + b
    part = total - a
    return Pair(total, (a - (total - part)) + (b - part))


def fast_two_sum(a: Value | float, b: Value) -> Pair:
    """``a + b`` exactly, for ``a`` zero or not smaller in size than ``b``."""
    total = a + b
    return Pair(total, b - (total - a))


def _halves(a: Value) -> tuple[Value, Value]:
    op = a.code.ops[a.index]
    if op.name == "const":  # split here and now
        number = np.dtype(a.format.dtype).type(op.data)
        scaled = number * number.dtype.type(a.format.splitter)
        high = scaled - (scaled - number)
        return a.like(float(high)), a.like(float(number - high))
    scaled = a * a.format.splitter
    high = scaled - (scaled - a)
    return high, a - high


def two_product(a: Value, b: Value) -> Pair:
    """``a * b`` exactly, short of overflow (of 4097 times an operand) and of underflow of the lower part."""
    product = a * b
    a1, a2 = _halves(a)
    b1, b2 = _halves(b)
    return Pair(product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2)


def constant(like: Value, pair: tuple[float, float]) -> Pair:
    """A constant of twice the bits."""
    return Pair(like.like(pair[0]), like.like(pair[1]))


def multiply(a: Pair, b: Pair) -> Pair:
    """The product, to about 2^-44 of it in float32, 2^-102 in float64."""
    head = two_product(a.high, b.high)
    return fast_two_sum(head.high, head.low + (a.high * b.low + a.low * b.high))


def times(a: Pair, b: Value) -> Pair:
    """The product with one float, to about 2^-44 of it in float32, 2^-102 in float64."""
    head = two_product(a.high, b)
    return fast_two_sum(head.high, head.low + a.low * b)


def divide(a: Pair, b: Pair) -> Pair:
    """The quotient, to about 2^-44 of it in float32, 2^-102 in float64."""
    head = a.high / b.high
    back = two_product(head, b.high)
    rest = ((a.high - back.high) - back.low) + (a.low - head * b.low)
    return fast_two_sum(head, rest / b.high)


def add(a: Pair, b: Pair) -> Pair:
    """The sum, to about 2^-44 of the larger operand."""
    head = two_sum(a.high, b.high)
    return fast_two_sum(head.high, head.low + (a.low + b.low))


def plus_one(a: Pair) -> Pair:
    """1 + a, not normalised."""
    head = two_sum(a.high.like(1.0), a.high)
    return Pair(head.high, head.low + a.low)


def _cut(a: Pair | Value) -> tuple[Value, Value, Value]:
    """``a`` rounded, the upper half of its bits, and the rest of all.

    That takes two operations instead of the four of Veltkamp's halves; ``a`` must be finite.
    """
    high, low = a if isinstance(a, Pair) else (a, None)
    kept = (1 << high.format.width) - (1 << (high.format.mantissa + 2) // 2)
    op = high.code.ops[high.index]
    if op.name == "const":  # cut here and now
        number = np.dtype(high.format.dtype).type(op.data)
        word = number.view(f"u{number.itemsize}")
        half = (word & word.dtype.type(kept)).view(number.dtype)
        below = 0.0 if low is None else float(low.code.ops[low.index].data or 0.0)
        return high, high.like(float(half)), high.like(float(number - half + number.dtype.type(below)))
    upper = (high.bits() & kept).as_float()
    return high, upper, (high - upper if low is None else (high - upper) + low)


def product(a: Pair | Value, b: Pair | Value) -> Pair:
    """The product of finite numbers, to about 2^-34 in float32 and 2^-76 in float64; half of :func:`multiply`."""
    (_, a1, a2), (b, b1, b2) = _cut(a), _cut(b)
    return fast_two_sum(a1 * b1, a1 * b2 + a2 * b)


def quotient(a: Pair, b: Pair, inverse: Value) -> Value:
    """The quotient to about a unit, given ``1/b`` to some percent: what the lower parts are worth is that small."""
    head = a.high / b.high
    return head + (a.low - head * b.low) * inverse


def square_root(a: Pair) -> Pair:
    """The square root of a pair that is not infinite, to about 2^-44 of it in float32, 2^-102 in float64."""
    head = a.high.sqrt()
    back = two_product(head, head)
    rest = ((a.high - back.high) - back.low) + a.low
    return fast_two_sum(head, head.equals(0.0).select(head, rest / (head + head)))


def horner(x: Value, coefficients: tuple[float, ...]) -> Value:
    """The polynomial with the given coefficients, the lowest first, evaluated from the highest down."""
    total = x.like(coefficients[-1])
    for c in coefficients[-2::-1]:
        total = total * x + c
    return total
