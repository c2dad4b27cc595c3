"""Values and derivatives of the special functions that the language leaves as applications, by mpmath.

Each entry says where the function has a value over the reals.  Where that is debatable (``loggamma`` on the
negative axis) the answer is "not decided", so that no verdict hangs on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .ball import Field, Real, Undefined, Unsure

_LARGEST = 500
_PLACES = 2000


def _integer(x: Any) -> bool:
    return bool(x == int(x))


def _pole(x: Any) -> None:
    if x <= 0 and _integer(x):
        raise Undefined("a pole of the gamma family")


def _positive(x: Any) -> None:
    if x <= 0:
        raise Undefined("an argument that is not positive")


def _unsure_unless(condition: bool) -> None:
    if not condition:
        raise Unsure("outside the real domain that is agreed on")


def _gamma(c: Any, x: Any) -> Any:
    _pole(x)
    return c.gamma(x)


def _loggamma(c: Any, x: Any) -> Any:
    _pole(x)
    _unsure_unless(x > 0)
    return c.loggamma(x)


def _polygamma(c: Any, n: Any, x: Any) -> Any:
    _pole(x)
    _unsure_unless(n >= 0 and _integer(n))
    return c.psi(int(n), x)


def _beta(c: Any, a: Any, b: Any) -> Any:
    _unsure_unless(a > 0 and b > 0)
    return c.beta(a, b)


def _lower(c: Any, a: Any, x: Any) -> Any:
    _unsure_unless(a > 0 and x >= 0)
    return c.gammainc(a, 0, x)


def _upper(c: Any, a: Any, x: Any) -> Any:
    _unsure_unless(x > 0 or (x == 0 and a > 0))
    return c.gammainc(a, x)


def _bessel(method: str, only_positive: bool) -> Callable[..., Any]:
    def value(c: Any, n: Any, x: Any) -> Any:
        if only_positive:
            if x == 0:
                raise Undefined("a pole at 0")
            _unsure_unless(x > 0)
        else:
            _unsure_unless(x > 0 or _integer(n))
        return getattr(c, method)(n, x)

    return value


def _erfinv(c: Any, x: Any) -> Any:
    if abs(x) >= 1:
        raise Undefined("erfinv outside (-1, 1)")
    return c.erfinv(x)


def _erfcinv(c: Any, x: Any) -> Any:
    if not 0 < x < 2:
        raise Undefined("erfcinv outside (0, 2)")
    return c.erfinv(1 - x)


def _zeta(c: Any, s: Any, *a: Any) -> Any:
    if s == 1:
        raise Undefined("the pole of zeta at 1")
    _unsure_unless(all(x > 0 for x in a))
    return c.zeta(s, *a)


def _ei(c: Any, x: Any) -> Any:
    if x == 0:
        raise Undefined("Ei at 0")
    return c.ei(x)


def _positive_only(method: str) -> Callable[..., Any]:
    def value(c: Any, x: Any) -> Any:
        _positive(x)
        return getattr(c, method)(x)

    return value


def _li(c: Any, x: Any) -> Any:
    if x in (0, 1):
        raise Undefined("li at 0 or 1")
    _unsure_unless(x > 0)
    return c.li(x)


def _lambertw(c: Any, x: Any) -> Any:
    _unsure_unless(x > -c.exp(-1))
    return c.lambertw(x)


def _unit(method: str) -> Callable[..., Any]:
    def value(c: Any, x: Any) -> Any:
        _unsure_unless(x < 1)
        return getattr(c, method)(x)

    return value


def _expint(c: Any, n: Any, x: Any) -> Any:
    _unsure_unless(x > 0)
    return c.expint(n, x)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "gamma": _gamma, "loggamma": _loggamma, "lgamma": _loggamma,
    "digamma": lambda c, x: _polygamma(c, 0, x), "trigamma": lambda c, x: _polygamma(c, 1, x),
    "polygamma": _polygamma, "beta": _beta, "lowergamma": _lower, "uppergamma": _upper,
    "besselj": _bessel("besselj", False), "bessely": _bessel("bessely", True),
    "besseli": _bessel("besseli", False), "besselk": _bessel("besselk", True),
    "erfinv": _erfinv, "erfcinv": _erfcinv, "erfi": lambda c, x: c.erfi(x),
    "erfc": lambda c, x: c.erfc(x), "zeta": _zeta, "Ei": _ei, "E1": _positive_only("e1"), "expint": _expint,
    "Si": lambda c, x: c.si(x), "Ci": _positive_only("ci"), "Shi": lambda c, x: c.shi(x),
    "Chi": _positive_only("chi"), "li": _li, "LambertW": _lambertw,
    "airyai": lambda c, x: c.airyai(x), "airybi": lambda c, x: c.airybi(x),
    "airyaiprime": lambda c, x: c.airyai(x, derivative=1), "airybiprime": lambda c, x: c.airybi(x, derivative=1),
    "elliptic_k": _unit("ellipk"), "elliptic_e": _unit("ellipe"),
    "dawsn": lambda c, x: c.sqrt(c.pi) / 2 * c.exp(-(x**2)) * c.erfi(x), "erfcx": lambda c, x: c.exp(x**2) * c.erfc(x),
    "fresnels": lambda c, x: c.fresnels(x), "fresnelc": lambda c, x: c.fresnelc(x),
}  # fmt: skip


def _value(field: Field, name: str, mids: Sequence[Any]) -> Any:
    try:
        value = FUNCTIONS[name](field.ctx, *mids)
    except (Undefined, Unsure):
        raise
    except TypeError:
        raise Unsure(f"{name} takes another number of arguments") from None
    except Exception as error:
        raise Unsure(f"mpmath gave up on {name}: {type(error).__name__}") from None
    if isinstance(value, field.ctx.mpc):
        if abs(value.imag) > field.eps * abs(value.real):
            raise Unsure(f"{name} is not real here")
        value = value.real
    return value


def apply(field: Field, name: str, args: Sequence[Real]) -> tuple[Real, list[Callable[[], Real]]]:
    """The value of ``name(*args)``, and for each argument a function that computes the partial derivative.

    Raises:
        Undefined: outside the domain.
        Unsure: where mpmath does not know the function, or the arguments are extreme.
    """
    if name not in FUNCTIONS:
        raise Unsure(f"no numerical method for {name}")
    mids = [a.mid for a in args]
    if any(abs(m) > _LARGEST or (m and abs(m) < 1 / field.ctx.mpf(10) ** _PLACES) for m in mids):
        raise Unsure(f"{name} of a huge or tiny number")
    more = Field(field.digits * 2 + 20)
    finer = [more.ctx.mpf(m) if a.exact is None else more.enclose(a.exact)[0] for a, m in zip(args, mids, strict=True)]
    value = _value(more, name, finer)
    slopes = [_slope(more, name, finer, i) for i in range(len(args))]
    error = abs(value) * field.eps
    for a, slope in zip(args, slopes, strict=True):
        if a.exact is None:  # an exact argument brings no error of its own
            error += 2 * a.rad * abs(slope().mid)
    rounded = field.with_error(field.ctx.mpf(value), field.ctx.mpf(error))

    def partial(slope: Callable[[], Real]) -> Callable[[], Real]:
        def compute() -> Real:
            found = slope()
            return field.with_error(field.ctx.mpf(found.mid), field.ctx.mpf(found.rad))

        return compute

    return rounded, [partial(s) for s in slopes]


def _slope(field: Field, name: str, mids: Sequence[Any], index: int) -> Callable[[], Real]:
    def compute() -> Real:
        if name == "polygamma" and index == 0:
            raise Unsure("polygamma varies with its order")
        ctx = field.ctx

        def quotient(h: Any) -> Any:
            up, down = list(mids), list(mids)
            up[index] += h
            down[index] -= h
            return (_value(field, name, up) - _value(field, name, down)) / (2 * h)

        h = ctx.mpf(10) ** (-field.digits // 4) * min(1, abs(mids[index]) or 1)
        try:
            fine, coarse = quotient(h), quotient(2 * h)
        except Undefined as error:  # the end of a domain: no two-sided quotient there
            raise Unsure(str(error)) from None
        # Richardson: the h^2 term drops out; what is left is charged at the size of what was removed.
        noise = abs(fine) * ctx.mpf(10) ** (-field.digits // 2)
        return field.with_error(fine + (fine - coarse) / 3, abs(fine - coarse) / 3 + noise)

    return compute
