"""What each op means, written by hand a second time: mpmath functions that know nothing of ``spec/``.

Each follows the words of the op (and of the library it comes from), where it can by another formula than the spec's.
A function takes the inputs by position and the parameters by name, all mpmath numbers, and returns a number, or
``None`` where the op has no real value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from mpmath import mp

Reference = Callable[..., Any]


def _vanishes(value: Any) -> bool:
    """Whether a computed number is 0 up to the rounding of the working precision."""
    return bool(abs(value) < mp.mpf(10) ** (30 - mp.dps))


def _sign(x: Any) -> int:
    return 1 if x > 0 else -1 if x < 0 else 0


def _between(x: Any, low: Any, high: Any) -> Any:
    return low if x < low else high if x > high else x


def _trunc(x: Any) -> Any:
    return mp.floor(x) if x >= 0 else mp.ceil(x)


def _round(x: Any) -> Any:
    """Half to even."""
    below = mp.floor(x)
    rest = x - below
    up = rest > 0.5 or (rest == 0.5 and mp.floor(below / 2) * 2 != below)
    return below + 1 if up else below


def _sigmoid(x: Any) -> Any:
    return (1 + mp.tanh(x / 2)) / 2


def _softplus(x: Any) -> Any:
    """The integral of the sigmoid: ``x/2 + log(2 cosh(x/2))``."""
    return x / 2 + mp.log(2 * mp.cosh(x / 2))


def _tan(x: Any) -> Any:
    c = mp.cos(x)
    return None if _vanishes(c) else mp.sin(x) / c


def _logarithm(x: Any, base: Any = None) -> Any:
    if x <= 0:
        return None
    return mp.log(x) if base is None else mp.log(x) / mp.log(base)


def _selu(x: Any) -> Any:
    alpha, scale = mp.mpf("1.6732632423543772848"), mp.mpf("1.0507009873554804934")
    return scale * (x if x > 0 else alpha * mp.expm1(x))


def _gelu(x: Any) -> Any:
    inner = mp.sqrt(2 / mp.pi) * (x + mp.mpf(44715) / 10**6 * x**3)
    return x / (1 + mp.exp(-2 * inner))


def _mish(x: Any) -> Any:
    """``tanh(log(u)) = (u**2 - 1)/(u**2 + 1)`` with ``u = 1 + e**x``."""
    u = 1 + mp.exp(x)
    return x * (u * u - 1) / (u * u + 1)


def _hardswish(x: Any) -> Any:
    return 0 * x if x <= -3 else x if x >= 3 else x * (x + 3) / 6


def _softshrink(x: Any, lambd: Any) -> Any:
    return _sign(x) * max(abs(x) - lambd, 0)


def _power(x: Any, y: Any) -> Any:
    whole = mp.floor(y) == y
    if x > 0:
        return mp.exp(y * mp.log(x))
    if x < 0:
        return (-1) ** int(y) * mp.exp(y * mp.log(-x)) if whole else None
    return None if y < 0 else mp.mpf(0 if y > 0 else 1)


def _angle(y: Any, x: Any) -> Any:
    """The angle of the point (x, y) in (-pi, pi]; 0 at the origin, as NumPy has it."""
    return mp.mpf(0) if x == 0 and y == 0 else mp.arg(mp.mpc(x, y))


def _fmod(x: Any, y: Any) -> Any:
    return None if y == 0 else x - y * _trunc(x / y)


def _remainder(x: Any, y: Any) -> Any:
    return None if y == 0 else x - y * mp.floor(x / y)


def _zero_at_zero(x: Any, y: Any, value: Reference) -> Any:
    if x == 0:
        return mp.mpf(0)
    factor = value(y)
    return None if factor is None else x * factor


def _huber(x: Any, t: Any, delta: Any) -> Any:
    gap = abs(x - t)
    return gap**2 / 2 if gap <= delta else delta * gap - delta**2 / 2


def _smooth_l1(x: Any, t: Any, beta: Any) -> Any:
    gap = abs(x - t)
    return gap**2 / (2 * beta) if gap < beta else gap - beta / 2


def _cross_entropy(x: Any, t: Any) -> Any:
    return -t * mp.log(_sigmoid(x)) - (1 - t) * mp.log(_sigmoid(-x))


def _logit(x: Any) -> Any:
    return mp.log(x) - mp.log(1 - x) if 0 < x < 1 else None


def _reciprocal(x: Any) -> Any:
    return None if x == 0 else 1 / x


def _cbrt(x: Any) -> Any:
    return mp.cbrt(x) if x >= 0 else -mp.cbrt(-x)


REFERENCES: Final[dict[str, Reference]] = {
    # arithmetic
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "scale": lambda x, c: c * x,
    "div": lambda x, y: None if y == 0 else x / y,
    "square": lambda x: x * x,
    "cube": lambda x: x * x * x,
    "inv": _reciprocal,
    "reciprocal": _reciprocal,
    "abs": abs,
    "sqrt": lambda x: mp.sqrt(x) if x >= 0 else None,
    "sqrt_clamp": lambda x: mp.sqrt(max(x, 0)),
    "rsqrt": lambda x: 1 / mp.sqrt(x) if x > 0 else None,
    "cbrt": _cbrt,
    "smooth_abs": lambda x, eps: mp.hypot(x, mp.sqrt(eps)),
    "safe_log": lambda x, eps: mp.log(_softplus(x) + eps),
    "hypot": lambda x, y: abs(mp.mpc(x, y)),
    "pow": _power,
    "select": lambda c, a, b: a if c != 0 else b,
    # exponentials and logarithms
    "exp": mp.exp,
    "exp2": lambda x: mp.power(2, x),
    "expm1": mp.expm1,
    "log": _logarithm,
    "log1p": lambda x: _logarithm(1 + x),
    "log2": lambda x: _logarithm(x, 2),
    "log10": lambda x: _logarithm(x, 10),
    "logaddexp": lambda x, y: (x + y) / 2 + mp.log(2 * mp.cosh((x - y) / 2)),
    "logit": _logit,
    "logit_clamp": lambda x, eps: _logit(_between(x, eps, 1 - eps)),
    "xlogy": lambda x, y: _zero_at_zero(x, y, _logarithm),
    "xlog1py": lambda x, y: _zero_at_zero(x, y, lambda v: _logarithm(1 + v)),
    "xdivy": lambda x, y: _zero_at_zero(x, y, _reciprocal),
    # kinks and jumps
    "max": lambda x, y: x if x >= y else y,
    "min": lambda x, y: x if x <= y else y,
    "clamp": lambda x, lo, hi: _between(x, lo, hi),
    "hardtanh": lambda x, lo, hi: _between(x, lo, hi),
    "relu6": lambda x: _between(x, 0, 6),
    "sign": lambda x: mp.mpf(_sign(x)),
    "floor": mp.floor,
    "ceil": mp.ceil,
    "round": _round,
    "fmod": _fmod,
    "remainder": _remainder,
    "copysign": lambda x, y: abs(x) if y >= 0 else -abs(x),
    "hardsigmoid": lambda x: _between(x / 6 + mp.mpf(1) / 2, 0, 1),
    "hardswish": _hardswish,
    "squared_relu": lambda x: x * x if x > 0 else 0 * x,
    "softsign": lambda x: x / (1 + abs(x)),
    # circular and hyperbolic
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": _tan,
    "asin": lambda x: mp.asin(x) if abs(x) <= 1 else None,
    "acos": lambda x: mp.acos(x) if abs(x) <= 1 else None,
    "atan": mp.atan,
    "atan2": _angle,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "asinh": mp.asinh,
    "acosh": lambda x: mp.acosh(x) if x >= 1 else None,
    "atanh": lambda x: mp.atanh(x) if abs(x) < 1 else None,
    "erf": mp.erf,
    "erfc": mp.erfc,
    "sinc": mp.sincpi,
    # activations
    "relu": lambda x: (x + abs(x)) / 2,
    "leaky_relu": lambda x, alpha: x if x > 0 else alpha * x,
    "elu": lambda x, alpha: x if x > 0 else alpha * mp.expm1(x),
    "selu": _selu,
    "celu": lambda x, alpha: max(x, 0) + min(0, alpha * mp.expm1(x / alpha)),
    "softshrink": _softshrink,
    "hardshrink": lambda x, lambd: x if abs(x) > lambd else 0 * x,
    "sigmoid": _sigmoid,
    "logistic": _sigmoid,
    "softplus": _softplus,
    "log_sigmoid": lambda x: mp.log(_sigmoid(x)),
    "silu": lambda x: x * _sigmoid(x),
    "tanhshrink": lambda x: x - mp.tanh(x),
    "gelu": _gelu,
    "gelu_erf": lambda x: x * mp.ncdf(x),
    "mish": _mish,
    # losses
    "huber": _huber,
    "smooth_l1": _smooth_l1,
    "bce_with_logits": _cross_entropy,
}
