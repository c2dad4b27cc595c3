"""The value of a surface Term at a point, to many digits (mpmath), and its limit at an infinity.

Used at build time for constants such as ``sqrt(2/pi)`` and for what a kernel must return at +-infinity,
and by tests as the truth that kernels are compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any, Final

import mpmath
from hasderiv.proofs.kernel.terms import Term, app, substitute

DIGITS: Final = 60
NAN: Final = mpmath.mpf("nan")


def _cbrt(x: Any) -> Any:
    return mpmath.sign(x) * mpmath.cbrt(abs(x))


HUGE: Final = mpmath.mpf(10) ** 15


def _exp(x: Any) -> Any:
    """The exponential; beyond ``exp(10**15)`` infinity or 0, since the exponent itself would fill the memory."""
    return mpmath.exp(x) if abs(x) < HUGE else (mpmath.mpf("inf") if x > 0 else mpmath.mpf(0))


def _periodic(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """``f`` of a moderate argument; NaN where reducing the argument would take for ever."""
    return lambda x: f(x) if abs(x) < HUGE**20 else NAN


def _saturating(f: Callable[[Any], Any], right: int) -> Callable[[Any], Any]:
    """``f`` of a moderate argument, its limit (``right``, and -1 or 2 on the left) of one beyond a million."""
    return lambda x: f(x) if abs(x) < 10**6 else mpmath.mpf(right if x > 0 else (2 if right == 0 else -1))


def _log(x: Any) -> Any:
    return mpmath.log(x) if x > 0 else (mpmath.mpf("-inf") if x == 0 else NAN)


def _sqrt(x: Any) -> Any:
    return mpmath.sqrt(x) if x >= 0 else NAN


def _inside(f: Callable[[Any], Any], low: float, high: float) -> Callable[[Any], Any]:
    return lambda x: f(x) if low <= x <= high else NAN


def _pow(x: Any, y: Any) -> Any:
    if x > 0:
        return _exp(y * mpmath.log(x))
    if x == 0:
        return mpmath.mpf(0) if y > 0 else (mpmath.mpf(1) if y == 0 else NAN)
    return mpmath.power(x, int(y)) if y == mpmath.floor(y) else NAN


def _inv(x: Any) -> Any:
    return 1 / x if x != 0 else NAN


def _floor(x: Any) -> Any:
    """The floor; a value within rounding of an integer counts as that integer, since ``x * (1/y)`` is rounded."""
    if abs(x) > HUGE**4:
        return x
    near = mpmath.nint(x)
    return near if abs(x - near) <= mpmath.eps * 1024 * abs(x) else mpmath.floor(x)


def _trunc(x: Any) -> Any:
    return _floor(x) if x >= 0 else -_floor(-x)


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    **{name: getattr(mpmath, name) for name in ("atan", "asinh", "sign", "hypot")},
    **{name: _periodic(getattr(mpmath, name)) for name in ("sin", "cos", "tan")},
    **{name: _saturating(getattr(mpmath, name), 0 if name == "erfc" else 1) for name in ("tanh", "erf", "erfc")},
    "exp": _exp,
    "expm1": lambda x: mpmath.expm1(x) if abs(x) < 1 else _exp(x) - 1,
    "sinh": lambda x: mpmath.sinh(x) if abs(x) < 1 else (_exp(x) - _exp(-x)) / 2,
    "cosh": lambda x: (_exp(x) + _exp(-x)) / 2,
    "ceil": lambda x: -_floor(-x),
    "inv": _inv,
    "log": _log,
    "sqrt": _sqrt,
    "log1p": lambda x: mpmath.log1p(x) if x > -1 else NAN,
    "log2": lambda x: _log(x) / mpmath.log(2),
    "log10": lambda x: _log(x) / mpmath.log(10),
    "exp2": lambda x: _exp(x * mpmath.log(2)),
    "asin": _inside(mpmath.asin, -1, 1),
    "acos": _inside(mpmath.acos, -1, 1),
    "atanh": _inside(mpmath.atanh, -1, 1),
    "acosh": _inside(mpmath.acosh, 1, float("inf")),
    "abs": abs,
    "floor": _floor,
    "trunc": _trunc,
    "round": lambda x: mpmath.nint(x) if abs(x) < HUGE**4 else x,
    "max": lambda x, y: max(x, y),
    "min": lambda x, y: min(x, y),
    "cbrt": _cbrt,
    "rsqrt": lambda x: 1 / mpmath.sqrt(x) if x > 0 else NAN,
    "pow": _pow,
    "atan2": lambda y, x: mpmath.atan2(y, x),
    "sigmoid": lambda x: 1 / (1 + _exp(-x)),
    "softplus": lambda x: mpmath.log1p(_exp(-abs(x))) + max(x, 0),
    "logaddexp": lambda x, y: max(x, y) + mpmath.log1p(_exp(-abs(x - y))),
    "copysign": lambda x, y: abs(x) if y >= 0 else -abs(x),
    "fmod": lambda x, y: x - y * _trunc(x / y) if y != 0 else NAN,
    "remainder": lambda x, y: x - y * _floor(x / y) if y != 0 else NAN,
}


@cache
def _body(name: str) -> tuple[tuple[str, ...], Term]:
    from hasderiv.proofs.language.definitions import body

    return body(name)


def expand(t: Term) -> Term:
    """One defined function at the root replaced by its definition."""
    name = str(t.args[0])
    try:
        names, body = _body(name)
    except KeyError:
        raise ValueError(
            f"no kernel can be made of {name}: only facts about it are known, not how to compute it"
        ) from None
    return substitute(body, dict(zip(names, t.terms, strict=True)))


def _holds(relation: str, value: Any) -> bool:
    return bool({">": value > 0, ">=": value >= 0, "=": value == 0, "!=": value != 0}[relation])


def _lazy(t: Term, values: Mapping[str, Any]) -> Any:
    """Depth first with an explicit stack, so that the arm of a conditional that is not taken is not evaluated."""
    done: dict[Term, Any] = {}
    stack = [t]
    while stack:
        s = stack[-1]
        if s in done:
            stack.pop()
            continue
        if s.op == "cond":
            test = s.terms[0]
            if test not in done:
                stack.append(test)
                continue
            arm = s.terms[1 if _holds(str(s.args[0]), done[test]) else 2]
            needed: tuple[Term, ...] = (arm,) if done[test] == done[test] else ()
        else:
            needed = s.terms
        missing = [a for a in needed if a not in done]
        if missing:
            stack.extend(missing)
            continue
        done[s] = done[needed[0]] if s.op == "cond" and needed else _node(s, [done[a] for a in needed], values)
        stack.pop()
    return done[t]


def _node(s: Term, below: list[Any], values: Mapping[str, Any]) -> Any:
    if any(v != v for v in below) or s.op == "cond":
        return NAN
    if s.op == "rat":
        value = s.args[0]
        return mpmath.mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else NAN
    if s.op == "var":
        return values[str(s.args[0])]
    if s.op == "pi":
        return +mpmath.pi
    if s.op == "add":
        return below[0] + below[1]
    if s.op == "mul":
        return below[0] * below[1]
    if s.op == "pow":
        return below[0] ** s.args[1]
    name = str(s.args[0]) if s.op == "app" else s.op
    if name in FUNCTIONS:
        return FUNCTIONS[name](*below)
    names = tuple(f"a{i}" for i in range(len(below)))
    from hasderiv.proofs.kernel.terms import var

    return _lazy(expand(app(name, *(var(n) for n in names))), dict(zip(names, below, strict=True)))


def evaluate(t: Term, values: Mapping[str, float | Fraction | int], digits: int = DIGITS) -> Any:
    """The value as an mpmath number, NaN outside the domain.  Floats count as the exact numbers they are."""
    with mpmath.workdps(digits):
        exact = {
            n: mpmath.mpf(v.numerator) / v.denominator if isinstance(v, Fraction) else mpmath.mpf(v)
            for n, v in values.items()
        }
        try:
            return _lazy(t, exact)
        except (ZeroDivisionError, OverflowError, ValueError):
            return NAN


@cache
def constant(t: Term) -> Fraction | None:
    """The value of a term without symbols, exact or to 60 digits; None where it has none."""
    value = evaluate(t, {})
    if not mpmath.isfinite(value):
        return None
    sign, mantissa, exponent, _ = value._mpf_
    number = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    nice = number.limit_denominator(10**12)
    # a value within 1e-50 of a simple fraction is that fraction: 60 digits of 1/10 are 1/10
    number = nice if abs(nice - abs(number)) < Fraction(1, 10**50) * max(1, abs(number)) else number
    return -abs(number) if sign else abs(number)


def limit_at(f: Callable[[Any], Any], sign: int) -> float | None:
    """The limit of ``f(x)`` for x to ``sign * infinity`` if numbers show one: 0, another constant or an infinity."""
    with mpmath.workdps(DIGITS):
        try:
            values = [f(sign * mpmath.mpf(10) ** k) for k in (3, 4, 6, 8, 10)]
            near = [f(sign * mpmath.mpf(10) ** 8 * (1 + mpmath.mpf(k) / 7)) for k in range(1, 6)]
        except (ZeroDivisionError, OverflowError, ValueError):
            return None
        if any(v != v for v in values + near):
            return None
        last = values[-1]
        if all(mpmath.isinf(v) for v in (last, *near)):
            return float(last) if len({float(v) for v in (last, *near)}) == 1 else None
        if any(mpmath.isinf(v) for v in values + near):
            return None
        if (
            all(abs(b) > abs(a) * 1.05 and abs(b) > 10 for a, b in pairwise(values))
            and len({mpmath.sign(v) for v in values + near}) == 1
        ):
            return float("inf") * float(mpmath.sign(last))
        gaps = [abs(v - last) for v in values[:-1]]
        if max(abs(v - last) for v in near) > abs(values[1] - last) + mpmath.mpf(10) ** -40:
            return None
        if gaps[-1] > 1e-3 or (gaps[0] > 1e-12 and not gaps[2] < gaps[0]):
            return None
        return _simple(last, float(gaps[-1]))


def _simple(value: Any, error: float) -> float:
    """The nearest of a few simple numbers (multiples of 1/12, of pi/12) within ``error``, else the float itself."""
    for unit in (mpmath.mpf(1) / 12, mpmath.pi / 12):
        n = mpmath.nint(value / unit)
        if abs(n) <= 48 and abs(value - n * unit) <= max(10 * error, 1e-15):
            return float(n * unit)
    return float(value)
