"""Values and first derivatives of ops of one input, written out as in :mod:`.written_out`."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial
from typing import Final

from .ssa import OpList

TWO: Final = Fraction(2)
LN2: Final = Fraction("0.69314718055994530941723212145817656807550013436026")
PI: Final = Fraction("3.14159265358979323846264338327950288419716939937510582097")
SINC_TERMS: Final = 10
SELU_SCALE: Final = Fraction("1.0507009873554804934")
SELU_ALPHA: Final = Fraction("1.6732632423543772848")


def _acosh_x(k: OpList, x: int) -> int:
    """``1/sqrt((x - 1)(x + 1))``; far out ``1/x``, before the product overflows."""
    one = k.const(1)
    root = k.sqrt(k.mul(k.sub(x, one), k.add(x, one)))
    return k.div(one, k.select(k.compare("gt", x, k.const(TWO**60)), x, root))


def _atan_x(k: OpList, x: int) -> int:
    """``1/(1 + x**2)``; far out ``(1/x)/x``, before the square overflows."""
    one = k.const(1)
    far = k.compare("gt", k.call("abs", x), k.const(TWO**60))
    first = k.div(one, k.select(far, x, k.add(one, k.mul(x, x))))
    return k.select(far, k.div(first, x), first)


def _cbrt_x(k: OpList, x: int) -> int:
    """``(cbrt(x)/x)/3``: the root counts once."""
    return k.div(k.div(k.call("cbrt", x), x), k.const(3))


def _exp2_x(k: OpList, x: int) -> int:
    """``exp2(x) log(2)``, also where ``exp2(x)`` itself overflows."""
    large = k.compare("gt", x, k.const(100))
    power = k.call("exp2", k.select(large, k.sub(x, k.const(1)), x))
    return k.mul(power, k.select(large, k.const(2 * LN2), k.const(LN2)))


def _hardsigmoid(k: OpList, x: int) -> int:
    """``min(1, max(0, (x + 3)/6))``: exact next to the root."""
    return k.call("min", k.const(1), k.call("max", k.const(0), k.div(k.add(x, k.const(3)), k.const(6))))


def _hardswish_x(k: OpList, x: int) -> int:
    """``(x + 3/2)/3`` between -3 and 3: exact next to the root."""
    slope = k.div(k.add(x, k.const(Fraction(3, 2))), k.const(3))
    right = k.select(k.compare("ge", x, k.const(3)), k.const(1), slope)
    return k.select(k.compare("ge", k.const(-3), x), k.const(0), right)


def _hardswish(k: OpList, x: int) -> int:
    """``x hardsigmoid(x)``; a product with 1/6 would round once more."""
    zero = k.const(0)
    return k.select(k.compare("ge", k.const(-3), x), zero, k.mul(x, _hardsigmoid(k, x)))


def _logit_clamp(k: OpList, x: int, eps: int) -> int:
    """logit of the clamped input: ``2 atanh(2c - 1)`` next to the root at 1/2."""
    right, c = lower_half(k, x, eps)
    near = k.mul(k.call("atanh", k.sub(k.mul(c, k.const(2)), k.const(1))), k.const(2))
    outer = k.sub(k.call("log", c), k.call("log1p", k.neg(c)))
    value = k.select(k.compare("gt", c, k.const(Fraction(1, 4))), near, outer)
    return k.select(right, k.neg(value), value)


def lower_half(k: OpList, x: int, eps: int) -> tuple[int, int]:
    """Whether x is above 1/2, and x or ``1 - x``, then exact, clamped from below: ``1 - eps`` would be rounded."""
    right = k.compare("gt", x, k.const(Fraction(1, 2)))
    return right, k.call("max", eps, k.select(right, k.sub(k.const(1), x), x))


def _logit_clamp_eps(k: OpList, x: int, eps: int) -> int:
    """``1/(eps(1 - eps))``, its opposite, or 0, between the bounds that the value has."""
    upper = k.sub(k.const(1), eps)
    slope = k.div(k.div(k.const(1), eps), upper)
    high = k.select(k.compare("gt", x, upper), k.neg(slope), k.const(0))
    return k.select(k.compare("gt", eps, x), slope, high)


def _safe_log_x(k: OpList, x: int, eps: int) -> int:
    """``e/((1 + exp(-abs(x))) (softplus(x) + eps))`` with e = exp(min(x, 0)); far down e is as small as numbers are."""
    zero, one = k.const(0), k.const(1)
    far = k.compare("gt", k.const(-600), x)
    small = k.call("exp", k.neg(k.call("abs", x)))
    inner = k.add(k.call("max", x, zero), k.add(eps, k.call("log1p", small)))
    slope = k.div(k.div(k.select(k.compare("ge", x, zero), one, small), k.add(one, small)), inner)
    half = k.call("exp", k.select(far, k.mul(x, k.const(Fraction(1, 2))), zero))
    return k.select(far, k.mul(half, k.div(half, inner)), slope)


def _selu(k: OpList, x: int) -> int:
    """With one constant for the product of both."""
    low = k.mul(k.call("expm1", x), k.const(SELU_SCALE * SELU_ALPHA))
    return k.select(k.compare("gt", x, k.const(0)), k.mul(x, k.const(SELU_SCALE)), low)


def _selu_x(k: OpList, x: int) -> int:
    low = k.mul(k.call("exp", x), k.const(SELU_SCALE * SELU_ALPHA))
    return k.select(k.compare("gt", x, k.const(0)), k.const(SELU_SCALE), low)


def _sech_half_squared(k: OpList, x: int) -> int:
    """``s(1 - s)`` of the logistic function: ``sech(x/2)**2/4``."""
    return k.mul(k.call("sech_squared", k.mul(x, k.const(Fraction(1, 2)))), k.const(Fraction(1, 4)))


def _sinc(k: OpList, x: int) -> int:
    """``sin(pi x)/(pi x)``, by its series next to 0, and 0 far out."""
    size = k.call("abs", x)
    near = k.compare("gt", k.const(Fraction(1, 4)), size)
    z = k.select(near, x, k.const(0))
    series = [(-1) ** n * PI ** (2 * n) / factorial(2 * n + 1) for n in range(SINC_TERMS, -1, -1)]
    value = k.mul(k.div(k.call("sinpi", x), x), k.const(1 / PI))
    far = k.compare("ge", size, k.special("inf"))
    return k.select(far, k.const(0), k.select(near, k.polynomial(k.mul(z, z), series), value))


def _softsign_x(k: OpList, x: int) -> int:
    """``1/(1 + abs(x))**2`` with what is rounded off in the sum."""
    one, size = k.const(1), k.call("abs", x)
    total = k.add(one, size)
    large, small = k.call("max", one, size), k.call("min", one, size)
    rest = k.sub(small, k.sub(total, large))
    first = k.div(one, total)
    slope = k.div(first, total)
    return k.sub(slope, k.mul(k.mul(slope, first), k.mul(rest, k.const(2))))


ONE_INPUT: Final[dict[str, dict[str, Callable[..., int]]]] = {
    "acosh": {"x": _acosh_x},
    "atan": {"x": _atan_x},
    "cbrt": {"x": _cbrt_x},
    "exp2": {"x": _exp2_x},
    "hardsigmoid": {"": _hardsigmoid},
    "hardswish": {"": _hardswish, "x": _hardswish_x},
    "logistic": {"x": _sech_half_squared},
    "log_sigmoid": {"x": lambda k, x: k.call("sigmoid", k.neg(x))},
    "logit_clamp": {"": _logit_clamp, "eps": _logit_clamp_eps},
    "safe_log": {"x": _safe_log_x},
    "selu": {"": _selu, "x": _selu_x},
    "sigmoid": {"x": _sech_half_squared},
    "sinc": {"": _sinc},
    "softsign": {"x": _softsign_x},
    "tanh": {"x": lambda k, x: k.call("sech_squared", x)},
}
