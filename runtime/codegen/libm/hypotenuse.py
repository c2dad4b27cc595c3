"""hypot: both numbers times a power of two, the sum of their squares as a pair, and its square root."""

from __future__ import annotations

from typing import Final, NamedTuple

from .oplist import Value
from .twofloat import add, square_root, two_product

# (below this, a factor), (above this, a factor): squares of the products, and what rounding leaves of them, are normal
SCALES: Final = {
    "float32": ((2.0**-40, 2.0**100), (2.0**60, 2.0**-80)),
    "float64": ((2.0**-400, 2.0**700), (2.0**500, 2.0**-600)),
}


class Scaled(NamedTuple):
    """Two numbers times a power of two, and one over that."""

    larger: Value
    smaller: Value
    back: Value


def scaled(larger: Value, smaller: Value) -> Scaled:
    """Finite numbers made fit for products, exactly where the smaller one counts."""
    (low, up), (high, down) = SCALES[larger.format.dtype]
    small, large = larger < low, larger > high
    one = larger.like(1.0)
    factor = small.select(up, large.select(down, one))
    return Scaled(larger * factor, smaller * factor, small.select(1 / up, large.select(1 / down, one)))


def hypot(x: Value, y: Value) -> Value:
    """sqrt(x^2 + y^2); infinite where one of them is, even beside a NaN."""
    a, b = abs(x), abs(y)
    swapped = b > a
    parts = scaled(swapped.select(b, a), swapped.select(a, b))
    total = add(two_product(parts.larger, parts.larger), two_product(parts.smaller, parts.smaller))
    result = square_root(total).rounded() * parts.back
    infinity = float("inf")
    return (a.equals(infinity) | b.equals(infinity)).select(infinity, result)
