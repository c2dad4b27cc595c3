"""asinh, acosh and atanh: logarithms of a pair that is 1 where they vanish."""

from __future__ import annotations

from .arctangent import with_sign_of
from .logarithm import log_one_pair
from .oplist import Value
from .twofloat import Pair, add, divide, fast_two_sum, multiply, plus_one, square_root, two_product, two_sum


def _or_twice(x: Value, large: Value, total: Pair) -> Value:
    """The logarithm of ``total``, or where x is large that of ``2 x``."""
    argument = Pair(large.select(x, total.high), large.select(0.0, total.low))
    return log_one_pair(argument, large.select(x.like(1.0), 0.0)).rounded()


def asinh(x: Value) -> Value:
    """log(1 + t) with t = y + y^2/(1 + sqrt(1 + y^2)) and y = abs x."""
    size = abs(x)
    large = size > 2.0**x.format.far  # from here on the root is y to all digits of a pair
    y = large.select(1.0, size)
    square = two_product(y, y)
    root = square_root(plus_one(square))
    rest = divide(square, plus_one(root))
    t = add(Pair(y, x.like(0.0)), rest)
    result = with_sign_of(x, _or_twice(size, large, plus_one(t)))
    return (size < float("inf")).select(result, x)


def acosh(x: Value) -> Value:
    """log(1 + t) with t = u + sqrt(u (u + 2)) and u = x - 1; NaN to the left of 1."""
    large = x > 2.0**x.format.far
    u = two_sum(large.select(1.0, x), -1.0)
    above = two_sum(u.high, 2.0)
    t = add(u, square_root(multiply(u, Pair(above.high, above.low + u.low))))
    result = _or_twice(x, large, plus_one(t))
    return (x >= 1.0).select((x < float("inf")).select(result, x), float("nan"))


def atanh(x: Value) -> Value:
    """log(1 + t)/2 with t = 2 y/(1 - y) and y = abs x; infinite at 1, NaN beyond."""
    size = abs(x)
    inside = (size < 1.0).select(size, 0.5)
    t = divide(Pair(inside + inside, x.like(0.0)), fast_two_sum(1.0, -inside))
    result = log_one_pair(plus_one(t), x.like(0.0)).rounded() * 0.5
    result = size.equals(1.0).select(float("inf"), with_sign_of(x, result))
    return (size <= 1.0).select(with_sign_of(x, result), float("nan"))
