"""What is written out by hand where float32 is computed in float64.

There sums are exact enough and nothing leaves the range, so that fewer operations do than in :mod:`.written_out`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from .ssa import OpList
from .written_out_one import lower_half


def _bce_x(k: OpList, x: int, t: int) -> int:
    """``sigmoid(x) - t`` as in :mod:`.written_out`, by one quotient with ``1 + exp(-abs(x))`` below the line."""
    zero, one, half = k.const(0), k.const(1), k.const(Fraction(1, 2))
    falling = k.neg(k.call("abs", x))
    z = k.call("exp", falling)
    above, below = k.compare("gt", t, k.const(Fraction(3, 4))), k.compare("gt", k.const(Fraction(1, 4)), t)
    share = k.select(k.compare("ge", k.select(above, k.neg(x), x), zero), one, z)
    odd = k.mul(k.call("copysign", k.call("expm1", falling), x), half)
    outside = k.either(above, below)
    share = k.div(k.select(outside, share, odd), k.add(one, z))
    middle = k.add(share, k.sub(half, t))
    outer = k.select(above, k.sub(k.sub(one, t), share), k.sub(share, t))
    return k.select(outside, outer, middle)


def _hypot_x(k: OpList, x: int, y: int) -> int:
    """``x/sqrt(x**2 + y**2)``, 0 at the origin."""
    zero = k.const(0)
    squares = k.add(k.mul(x, x), k.mul(y, y))
    return k.select(k.compare("eq", squares, zero), zero, k.div(x, k.sqrt(squares)))


def _logaddexp(k: OpList, x: int, y: int) -> int:
    """``max(x, y) + softplus(-abs(x - y))``."""
    return k.add(k.call("max", x, y), k.call("softplus", k.neg(k.call("abs", k.sub(x, y)))))


def _logit_clamp(k: OpList, x: int, eps: int) -> int:
    """``log(c/(1 - c))`` for the clamped input c: next to 1/2 the quotient is off by 2^-53, c - 1/2 at least 2^-26."""
    right, c = lower_half(k, x, eps)
    value = k.call("log", k.div(c, k.sub(k.const(1), c)))
    return k.select(right, k.neg(value), value)


def _logit(k: OpList, x: int) -> int:
    """``log(x/(1 - x))``, as in :func:`_logit_clamp`."""
    return k.call("log", k.div(x, k.sub(k.const(1), x)))


def _pow_x(k: OpList, x: int, y: int) -> int:
    """``y exp((y - 1) log(abs(x)))`` with the sign of ``x**(y - 1)``."""
    zero, one, nan = k.const(0), k.const(1), k.special("nan")
    size = k.call("abs", x)
    less = k.sub(y, one)
    power = k.select(k.compare("eq", size, one), one, k.call("exp", k.mul(less, k.call("log", size))))
    half = k.mul(y, k.const(Fraction(1, 2)))
    negative = k.compare("gt", zero, x)
    even = k.compare("eq", half, k.call("rint", half))
    vanished = k.both(k.compare("eq", power, zero), k.compare("eq", k.call("abs", y), k.special("inf")))
    power = k.select(k.both(negative, even), k.neg(power), power)
    broken = k.both(negative, k.compare("ne", y, k.call("rint", y)))
    broken = k.both(broken, k.compare("gt", x, k.special("-inf")))
    result = k.select(broken, nan, k.select(vanished, zero, k.mul(y, power)))
    flat = k.either(k.compare("gt", y, one), k.compare("eq", y, zero))
    there = k.select(k.compare("eq", y, one), one, k.select(flat, zero, nan))
    result = k.select(k.compare("ne", x, zero), result, there)
    result = k.select(k.compare("eq", y, one), k.select(k.is_nan(x), x, one), result)
    return k.select(k.compare("eq", y, zero), zero, result)


def _pow_y(k: OpList, x: int, y: int) -> int:
    """``log(x) exp(y log(x))``."""
    zero = k.const(0)
    log = k.call("log", x)
    level = k.either(k.compare("eq", log, zero), k.compare("eq", y, zero))
    power = k.select(level, k.const(1), k.call("exp", k.mul(y, log)))
    ends = k.both(k.compare("eq", power, zero), k.compare("eq", x, k.special("inf")))
    result = k.mul(k.select(ends, zero, log), power)
    there = k.select(k.compare("eq", x, zero), zero, k.special("nan"))
    return k.select(k.compare("gt", x, zero), result, there)


def _safe_log(k: OpList, x: int, eps: int) -> int:
    return k.call("log", k.add(k.call("softplus", x), eps))


def _safe_log_x(k: OpList, x: int, eps: int) -> int:
    """``z/((1 + z) (softplus(x) + eps))`` with ``z = exp(-abs(x))``, or 1 above the line to the right of 0."""
    one = k.const(1)
    z = k.call("exp", k.neg(k.call("abs", x)))
    above = k.select(k.compare("ge", x, k.const(0)), one, z)
    return k.div(above, k.mul(k.add(one, z), k.add(k.call("softplus", x), eps)))


def _smooth_abs_x(k: OpList, x: int, eps: int) -> int:
    return k.div(x, k.sqrt(k.add(k.mul(x, x), eps)))


WRITTEN_WIDE: Final[dict[str, dict[str, Callable[..., int]]]] = {
    "bce_with_logits": {"x": _bce_x},
    "hypot": {"x": _hypot_x, "y": lambda k, x, y: _hypot_x(k, y, x)},
    "logaddexp": {"": _logaddexp},
    "logit": {"": _logit},
    "logit_clamp": {"": _logit_clamp},
    "pow": {"x": _pow_x, "y": _pow_y},
    "safe_log": {"": _safe_log, "x": _safe_log_x},
    "smooth_abs": {"x": _smooth_abs_x},
}
"""By op and input, as in :data:`.written_out.WRITTEN_OUT`."""
