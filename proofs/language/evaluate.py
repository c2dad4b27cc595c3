"""Reference evaluation of terms with mpmath: partial, lazy in the branches, for tests, hints and refutation.

A value is a ``Fraction`` as long as it is rational, and an ``mpf`` at the precision asked for from then on.
Comparisons of rationals are exact.  A comparison of other numbers that are equal to within the precision
counts as equal.  Nothing here is trusted by a proof.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

import mpmath

from ..kernel.terms import Term, postorder
from . import definitions

Number = Any  # Fraction or mpmath.mpf
MAX_BITS: Final = 20_000


class TooLarge(ArithmeticError):
    """A number too large to be computed with, as in a tower of exponentials; it is not undefined."""


class Undefined(Exception):
    """The term has no value at the point."""


def _mp(value: Number) -> Any:
    return mpmath.mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else value


def _real(value: Any) -> Any:
    if isinstance(value, mpmath.mpc):
        if value.imag != 0:
            raise Undefined
        value = value.real
    if not mpmath.isfinite(value):
        raise Undefined
    return value


def _log(x: Number) -> Number:
    if x <= 0:
        raise Undefined
    return Fraction(0) if x == 1 else mpmath.log(_mp(x))


def _sqrt(x: Number) -> Number:
    if x < 0:
        raise Undefined
    if isinstance(x, Fraction):
        from math import isqrt

        p, q = isqrt(x.numerator), isqrt(x.denominator)
        if p * p == x.numerator and q * q == x.denominator:
            return Fraction(p, q)
    return mpmath.sqrt(_mp(x))


def _inv(x: Number) -> Number:
    if x == 0:
        raise Undefined
    return 1 / x


def _floor(x: Number) -> Number:
    if isinstance(x, Fraction):
        return Fraction(x.numerator // x.denominator)
    nearest = mpmath.nint(x)
    if abs(x - nearest) <= abs(nearest) * mpmath.mpf(2) ** (-mpmath.mp.prec + 20):
        return Fraction(int(nearest))
    return Fraction(int(mpmath.floor(x)))


def _exp(x: Number) -> Number:
    if x == 0:
        return Fraction(1)
    if mpmath.mag(_mp(x)) > MAX_BITS:
        raise TooLarge("evaluate: an exponential is too large for any precision")
    return mpmath.exp(_mp(x))


_AT_ZERO: Final = {"sin": Fraction(0), "cos": Fraction(1), "atan": Fraction(0), "erf": Fraction(0)}
_UNARY: Final[dict[str, Callable[[Number], Number]]] = {
    "log": _log,
    "sqrt": _sqrt,
    "inv": _inv,
    "floor": _floor,
    "exp": _exp,
}

CITED_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "gamma": mpmath.gamma, "loggamma": mpmath.loggamma, "digamma": mpmath.digamma, "polygamma": mpmath.psi,
    "beta": mpmath.beta, "zeta": mpmath.zeta, "lowergamma": lambda a, x: mpmath.gammainc(a, 0, x),
    "uppergamma": lambda a, x: mpmath.gammainc(a, x), "besselj": mpmath.besselj, "bessely": mpmath.bessely,
    "besseli": mpmath.besseli, "besselk": mpmath.besselk, "erfinv": mpmath.erfinv,
    "erfcinv": lambda x: mpmath.erfinv(1 - x), "erfi": mpmath.erfi, "LambertW": mpmath.lambertw, "Si": mpmath.si,
    "Ci": mpmath.ci, "Shi": mpmath.shi, "Chi": mpmath.chi, "Ei": mpmath.ei, "li": mpmath.li, "expint": mpmath.expint,
    "fresnels": mpmath.fresnels, "fresnelc": mpmath.fresnelc, "airyai": mpmath.airyai, "airybi": mpmath.airybi,
    "airyaiprime": lambda x: mpmath.airyai(x, derivative=1), "airybiprime": lambda x: mpmath.airybi(x, derivative=1),
    "dawsn": lambda x: mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(-x * x) * mpmath.erfi(x),
    "erfcx": lambda x: mpmath.exp(x * x) * mpmath.erfc(x),
}  # fmt: skip
# where each cited function of one argument has a real value; others are undefined where mpmath is not real
_CITED_DOMAIN: Final[dict[str, Callable[..., bool]]] = {
    "loggamma": lambda x: x > 0, "erfinv": lambda x: -1 < x < 1, "erfcinv": lambda x: 0 < x < 2,
    "Ci": lambda x: x > 0, "Chi": lambda x: x > 0, "li": lambda x: x > 0 and x != 1, "Ei": lambda x: x != 0,
    "bessely": lambda n, x: x > 0, "besselk": lambda n, x: x > 0, "lowergamma": lambda a, x: a > 0 and x >= 0,
    "uppergamma": lambda a, x: x > 0 or (x == 0 and a > 0), "zeta": lambda s, x: s != 1 and x > 0, "beta": lambda a,
    b: a > 0 and b > 0, "LambertW": lambda x: x * mpmath.e >= -1,
}  # fmt: skip


def _cited(name: str, args: list[Number]) -> Number:
    if name not in CITED_FUNCTIONS or (name in _CITED_DOMAIN and not _CITED_DOMAIN[name](*args)):
        raise Undefined
    values = [int(a) if isinstance(a, Fraction) and a.denominator == 1 else _mp(a) for a in args]
    try:
        return _real(CITED_FUNCTIONS[name](*values))
    except (ValueError, ZeroDivisionError, ArithmeticError, mpmath.libmp.libhyper.NoConvergence):
        raise Undefined from None


def _small(value: Number) -> Number:
    """``value`` without the exact digits that nobody needs."""
    return _mp(value) if isinstance(value, Fraction) and _bits(value) > MAX_BITS else value


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _node(t: Term, v: list[Number], cancel: bool) -> Number:
    op = t.op
    if op == "rat":
        return t.args[0]
    if op == "pi":
        return +mpmath.pi
    if op == "add":
        a, b = v
        return a + b if isinstance(a, Fraction) and isinstance(b, Fraction) else _sum(_mp(a), _mp(b), cancel)
    if op == "mul":
        if any(isinstance(a, Fraction) and a == 0 for a in v):
            return Fraction(0)
        a, b = v
        return a * b if isinstance(a, Fraction) and isinstance(b, Fraction) else _mp(a) * _mp(b)
    if op == "pow":
        n = int(t.args[1])  # type: ignore[call-overload]
        a = v[0]
        return (
            a**n
            if isinstance(a, Fraction) and max(a.numerator.bit_length(), a.denominator.bit_length()) * n < MAX_BITS
            else _mp(a) ** n
        )
    if op == "app":
        return _cited(str(t.args[0]), v)
    if op in _UNARY:
        return _UNARY[op](v[0])
    if op in _AT_ZERO:
        return _AT_ZERO[op] if v[0] == 0 else getattr(mpmath, op)(_mp(v[0]))
    raise ValueError(f"evaluate: a term with {op} has no value")


class _Cancelled(Exception):
    """A sum lost all its digits."""


def _sum(a: Any, b: Any, cancel: bool) -> Any:
    """``a + b``; where all digits cancel, an exact 0 if ``cancel`` says so."""
    result = a + b
    if abs(result) > max(abs(a), abs(b)) * mpmath.mpf(2) ** (-mpmath.mp.prec // 2):
        return result
    if not cancel and (a or b):
        raise _Cancelled
    return Fraction(0) if abs(result) <= max(abs(a), abs(b)) * mpmath.mpf(2) ** (-mpmath.mp.prec + 20) else result


def holds(relation: str, value: Number) -> bool:
    """Whether ``value relation 0``."""
    return bool({">": value > 0, ">=": value >= 0, "=": value == 0, "!=": value != 0}[relation])


def evaluate_exact(term: Term, point: Mapping[str, Number], digits: int = 50) -> Number | None:
    """The value at a point: a ``Fraction`` if only rational operations were met, else an ``mpf``; None where undefined.

    Coordinates are ints, Fractions or mpf; a branch that is not taken is not looked at.  A sum whose
    digits all cancel is tried again with more digits, at eight times as many it counts as 0.
    Raises :class:`TooLarge`.
    """
    base = definitions.unfold(term)
    coordinates = {k: Fraction(v) if isinstance(v, int | Fraction) else mpmath.mpf(v) for k, v in point.items()}
    for factor in (1, 2, 8):
        with mpmath.workdps(digits * factor):
            try:
                return _walk(base, {}, coordinates, cancel=factor == 8)
            except _Cancelled:
                continue
            except Undefined:
                return None
    return None


def evaluate(term: Term, point: Mapping[str, Number], digits: int = 50) -> Any:
    """The value at a point as an ``mpf`` of about so many digits, or None where the term is undefined."""
    value = evaluate_exact(term, point, digits)
    with mpmath.workdps(digits):
        return None if value is None else _mp(value)


def _walk(root: Term, values: dict[Term, Number], point: Mapping[str, Number], cancel: bool) -> Number:
    stack = [root]
    while stack:
        t = stack[-1]
        if t in values:
            stack.pop()
            continue
        if t.op == "cond":
            relation, test, a, b = t.args
            if test not in values:
                stack.append(test)  # type: ignore[arg-type]
                continue
            chosen: Term = a if holds(str(relation), values[test]) else b  # type: ignore[assignment]
            if chosen not in values:
                stack.append(chosen)
                continue
            values[t] = values[chosen]
        elif t.op == "var":
            if t.args[0] not in point:
                raise ValueError(f"evaluate: the point has no {t.args[0]}")
            values[t] = point[str(t.args[0])]
        else:
            missing = [a for a in t.terms if a not in values]
            if missing:
                stack.extend(reversed(missing))
                continue
            values[t] = _small(_node(t, [values[a] for a in t.terms], cancel))
        stack.pop()
    return values[root]


def defined(term: Term, point: Mapping[str, Number]) -> bool:
    """Whether the term has a value at the point."""
    return evaluate(term, point, 30) is not None


def satisfies(literals: list[Any], point: Mapping[str, Number], digits: int = 50) -> bool:
    """Whether every literal holds at the point; one without a value does not."""
    for relation, term in literals:
        value = evaluate_exact(term, point, digits)
        if value is None or not holds(relation, value):
            return False
    return True


def size(term: Term) -> int:
    """The number of distinct subterms."""
    return len(postorder(term))
