"""Every constant of the cores, made anew: ``python -m hasderiv.runtime.codegen.libm.fits`` writes them.

Each polynomial approximates what is left of a function when its exact leading terms are taken off, on the interval to
which the argument is reduced.  The weight makes the error the one that the finished result feels.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import mpmath

from .minimax import DIGITS, SINGLE, Fit, Quotient, fit, fit_quotient, nearest

HALF: Final = mpmath.mpf(1) / 2
FOLDER: Final = Path(__file__).parent
FILES: Final = {"coefficients.py": SINGLE, "coefficients64.py": 53}  # and the bits of their numbers
WIDE_FILE: Final = "coefficients_wide.py"


def _in_square(function: Any) -> Any:
    """The function of x as one of s = x^2."""
    return lambda s: function(mpmath.sqrt(s))


def _flat_erfc(x: Any) -> Any:
    return (1 + 2 * x) * mpmath.exp(x * x) * mpmath.erfc(x)


def _flat_erfc_half(x: Any) -> Any:
    return (1 + x) * mpmath.exp(x * x / 2) * mpmath.erfc(x / mpmath.sqrt(2))


def _flat_normal(s: Any) -> Any:
    return mpmath.exp(s * s / 2) * mpmath.erfc(s / mpmath.sqrt(2)) / 2


def _flat_gelu_erf(s: Any) -> Any:
    return _gelu_erf_less(s) * mpmath.exp(s * s / 2) / (s - root("GELU_ERF"))


def _from_v(v: Any) -> Any:
    """The x with v = (x - 1/2)/(x + 2)."""
    return (2 * v + HALF) / (1 - v)


def _from_w(w: Any) -> Any:
    """The x with w = (x - 3)/(x + 4)."""
    return (4 * w + 3) / (1 - w)


def _up_to(end: str) -> Any:
    """Sizes from 0 up to an end, most of them small."""
    last = mpmath.mpf(end) / (mpmath.mpf(end) + 4)
    return lambda part: 4 * part * last / (1 - part * last)


def _log2_rest(s: Any) -> Any:
    return (2 * mpmath.atanh(s) / s - 2 - 2 * s**2 / 3) / (s**4 * mpmath.log(2))


def _less_tanh_rest(x: Any) -> Any:
    return ((x - mpmath.tanh(x)) / x**3 - mpmath.mpf(1) / 3) / x**2


def _silu_less(s: Any) -> Any:
    z = mpmath.exp(-s)
    return z * (1 + z - s) / (1 + z) ** 2


def _gelu_less(s: Any) -> Any:
    a = 2 * mpmath.sqrt(2 / +mpmath.pi)
    cubic = mpmath.mpf(44715) / 1000000 * s**2
    z = mpmath.exp(-a * s * (1 + cubic))
    return z * (1 + z - a * s * (1 + 3 * cubic)) / (1 + z) ** 2


def _gelu_erf_less(s: Any) -> Any:
    return (mpmath.erfc(s / mpmath.sqrt(2)) - s * mpmath.exp(-(s**2) / 2) * mpmath.sqrt(2 / +mpmath.pi)) / 2


def _mish_less(s: Any) -> Any:
    e = mpmath.exp(-s)
    return e * (4 * (1 - s) + (6 - 4 * s) * e + 4 * e**2 + e**3) / (2 + 2 * e + e**2) ** 2


# derivatives at -s, and where about they have a root
ROOTS: Final[dict[str, tuple[Any, str]]] = {
    "SILU": (_silu_less, "1.278"),
    "GELU": (_gelu_less, "0.752"),
    "GELU_ERF": (_gelu_erf_less, "0.752"),
    "MISH": (_mish_less, "1.192"),
}


@cache
def root(name: str) -> Any:
    """The root of a function of :data:`ROOTS`."""
    with mpmath.workdps(3 * DIGITS):
        function, start = ROOTS[name]
        return mpmath.findroot(function, mpmath.mpf(start))


@cache
def slope(name: str) -> Any:
    """The derivative of a function of :data:`ROOTS` at its root."""
    with mpmath.workdps(3 * DIGITS):
        return mpmath.diff(ROOTS[name][0], root(name))


def _beside(name: str) -> Any:
    """p with ``f = d (slope + d p(d))`` for a function f of :data:`ROOTS` at a distance d from its root."""
    return lambda d: (ROOTS[name][0](root(name) + d) / d - slope(name)) / d


FITS: Final[dict[str, Fit]] = {
    # e^r = 1 + r + r^2 p(r), |r| <= ln(2)/2 and a little
    "EXP": Fit(lambda r: (mpmath.expm1(r) - r) / r**2, "-0.3467", "0.3467", 5, lambda r: r, 10),
    # log(1+f) = f - f^2/2 + f^3 p(f), sqrt(1/2) <= 1+f <= sqrt(2)
    "LOG": Fit(lambda f: (mpmath.log1p(f) - f + f**2 / 2) / f**3, "-0.29290", "0.41422", 8, lambda f: f**2, 20),
    # log2((1+s)/(1-s)) = s (c + s^2 (d + s^2 p(s^2))), abs(s) <= (sqrt(2)-1)/(sqrt(2)+1), c = 2/ln 2, d = c/3
    "LOG2": Fit(_in_square(_log2_rest), "0", "0.029438", 3, lambda q: q**2 / 3, 7),
    # sin(r) = r + r^3 p(r^2), cos(r) = 1 - r^2/2 + r^4 p(r^2), |r| <= pi/4 and a little
    "SIN": Fit(_in_square(lambda r: (mpmath.sin(r) - r) / r**3), "0", "0.61687", 3, lambda s: s, 6),
    "COS": Fit(_in_square(lambda r: (mpmath.cos(r) - 1 + r**2 / 2) / r**4), "0", "0.61687", 3, lambda s: s**2, 6),
    # atan(t) = t + t^3 p(t^2), |t| <= tan(pi/8)
    "ATAN": Fit(_in_square(lambda t: (mpmath.atan(t) - t) / t**3), "0", "0.17158", 5, lambda s: s, 12),
    # asin(t) = t + t^3 p(t^2), |t| <= 1/2
    "ASIN": Fit(_in_square(lambda t: (mpmath.asin(t) - t) / t**3), "0", "0.25001", 5, lambda s: s, 14),
    # erf(x) = x + x p(x^2), |x| <= 1; erfc(x) = p(x - 5/2), 1 <= x <= 4
    "ERF": Fit(_in_square(lambda x: mpmath.erf(x) / x - 1), "0", "1.0001", 6, lambda s: 1, 13),
    "ERFC_MIDDLE": Fit(lambda t: mpmath.erfc(t + mpmath.mpf(5) / 2), "-1.5", "1.5", 14, lambda t: 1),
    # (1 + 2 x) e^(x^2) erfc(x) = c + v p(v), v = (x - 1/2)/(x + 2), 1/2 <= x <= 10.1 (27.3), c its value at 1/2
    "ERFC_FAR": Fit(
        lambda v: (_flat_erfc(_from_v(v)) - _flat_erfc(HALF)) / v, "0", "0.79339", 9, lambda v: v, 23, "0.91454"
    ),
    # erf(x/sqrt(2)) = x + x p(x^2), abs(x) <= 1
    "ERF_HALF": Fit(_in_square(lambda x: mpmath.erf(x / mpmath.sqrt(2)) / x - 1), "0", "1.0001", 5, lambda s: 1, 11),
    # (1 + x) e^(x^2/2) erfc(x/sqrt(2)) = c + w p(w), w = (x - 3)/(x + 4), 1/2 <= x <= 14.7 (38.8), c its value at 3
    "ERFC_HALF_FAR": Fit(
        lambda w: (_flat_erfc_half(_from_w(w)) - _flat_erfc_half(3)) / w,
        "-0.55556",
        "0.62667",
        9,
        lambda w: w,
        23,
        "0.83674",
    ),
    # x - tanh x = x^3 (1/3 + x^2 p(x^2)), abs(x) <= 1
    "LESS_TANH": Fit(_in_square(_less_tanh_rest), "0", "1", 7, lambda s: s, 16),
    # f'(-s) = d (slope + d p(d)) with d = s - root, for silu 1 <= s <= 25/16, for gelu 1/2 <= s <= 1, with erf
    # 0 <= s <= 5/4, for mish 15/16 <= s <= 23/16
    "SILU_BESIDE": Fit(_beside("SILU"), "-0.27847", "0.28404", 5, lambda d: 4 * d, 12),
    "GELU_BESIDE": Fit(_beside("GELU"), "-0.25247", "0.24754", 6, lambda d: 2 * d, 14),
    "GELU_ERF_BESIDE": Fit(_beside("GELU_ERF"), "-0.75180", "0.49822", 10, lambda d: 2 * d, 20),
    "MISH_BESIDE": Fit(_beside("MISH"), "-0.25496", "0.24506", 6, lambda d: 3 * d, 14),
}


# of float64 numbers, to 2^-43 and better, a short one to 2^-32: for :mod:`.wide` and :mod:`.wide_activations`
WIDE: Final[dict[str, Fit]] = {
    # e^r = 1 + r + r^2 p(r)
    "EXP": FITS["EXP"]._replace(double=9),
    # 2^r = 1 + r p(r), abs(r) <= 1/2 and a little
    "EXP2_SHORT": Fit(lambda r: mpmath.expm1(r * mpmath.log(2)) / r, "-0.5001", "0.5001", 0, lambda r: 1, 6),
    # log((1+s)/(1-s)) = 2 s + s^3 p(s^2), abs(s) <= (sqrt(2)-1)/(sqrt(2)+1)
    "LOG": Fit(_in_square(lambda s: (2 * mpmath.atanh(s) / s - 2) / s**2), "0", "0.029438", 0, lambda q: q / 2, 5),
    # log(1 + z) = s p(s^2) with s = z/(z + 2), 0 <= z <= 1
    "LOG_ONE": Fit(_in_square(lambda s: 2 * mpmath.atanh(s) / s), "0", "0.111112", 0, lambda q: 0.5, 9),
    # sin(r) = r + r^3 p(r^2), cos(r) = 1 + r^2 p(r^2), |r| <= pi/4 and a little
    "SIN": FITS["SIN"]._replace(double=4),
    "COS": Fit(_in_square(lambda r: (mpmath.cos(r) - 1) / r**2), "0", "0.61687", 0, lambda s: s, 4),
}

# the same, of sizes s up to 15, 15 and 10.5
QUOTIENTS: Final[dict[str, Quotient]] = {
    # Phi(-s) = e^(-s^2/2) p(s)/q(s)
    "NORMAL": Quotient(_flat_normal, _up_to("15"), 4, 5),
    # the derivative of x Phi(x) at -s is e^(-s^2/2) (s - root) p(s)/q(s)
    "GELU_ERF_LEFT": Quotient(_flat_gelu_erf, _up_to("15"), 4, 4),
    # erfc(s) = e^(-s^2) p(s)/q(s)
    "ERFC": Quotient(lambda s: mpmath.exp(s * s) * mpmath.erfc(s), _up_to("10.5"), 4, 5),
}


def _pair(x: Any, bits: int, first: int | None = None) -> tuple[float, float]:
    """``x`` as a float of ``first`` bits, or all, and another that holds the rest."""
    high = nearest(x, first or bits)
    return high, nearest(x - high, bits)


def constants(bits: int) -> dict[str, Any]:
    """The constants that are no polynomials, as numbers of so many bits."""
    with mpmath.workdps(2 * DIGITS):
        ln2, pi = mpmath.log(2), +mpmath.pi
        exponent = 8 if bits == SINGLE else 11
        found = {
            "LOG2_E": nearest(1 / ln2, bits),
            "LN2": _pair(ln2, bits, bits - exponent),  # so that a product with an exponent is exact
            "LN2_FULL": _pair(ln2, bits),
            "INVERSE_LN2": _pair(1 / ln2, bits),
            "INVERSE_LN10": _pair(1 / mpmath.log(10), bits),
            "TWO_OVER_LN2": _pair(2 / ln2, bits),
            "TWO_THIRDS_OVER_LN2": _pair(2 / (3 * ln2), bits),
            "HALF_PI": _pair(pi / 2, bits),
            "QUARTER_PI": _pair(pi / 4, bits),
            "THREE_QUARTER_PI": _pair(3 * pi / 4, bits),
            "ERFC_START": _pair(_flat_erfc(HALF), bits),
            "ERFC_HALF_START": _pair(_flat_erfc_half(mpmath.mpf(3)), bits),
            "PI": _pair(pi, bits),
            "ONE_THIRD": _pair(mpmath.mpf(1) / 3, bits),
            "ROOT_TWO_OVER_PI": _pair(mpmath.sqrt(2 / pi), bits),
            "GELU_LINEAR": _pair(2 * mpmath.sqrt(2 / pi), bits),
            "GELU_CUBIC": _pair(2 * mpmath.sqrt(2 / pi) * mpmath.mpf(44715) / 1000000, bits),
            **{f"{name}_ROOT": _pair(root(name), bits) for name in ROOTS},
            **{f"{name}_SLOPE": _pair(slope(name), bits) for name in ROOTS},
        }
        found["TWO_OVER_PI"] = _words_of_two_over_pi(*((32, 7) if bits == SINGLE else (64, 19)))
        return found


def _words_of_two_over_pi(width: int, count: int) -> tuple[int, ...]:
    """The bits behind the point, as many as the largest number of a format asks for, in words."""
    with mpmath.workdps(width * count):
        number = int(mpmath.floor(mpmath.ldexp(2 / +mpmath.pi, width * count)))
    return tuple((number >> (width * i)) & ((1 << width) - 1) for i in range(count - 1, -1, -1))


def wide_constants() -> dict[str, Any]:
    """The constants of :mod:`.wide` and :mod:`.wide_activations` that are no polynomials."""
    with mpmath.workdps(2 * DIGITS):
        ln2, pi = mpmath.log(2), +mpmath.pi
        found = {"LOG2_E": 1 / ln2, "LN2": ln2, "QUARTER_PI": pi / 4, "HALF_PI": pi / 2}
        found["GELU_LINEAR"] = 2 * mpmath.sqrt(2 / pi)
        found["GELU_CUBIC"] = found["GELU_LINEAR"] * mpmath.mpf(44715) / 1000000
        found["SILU_ROOT"], found["SILU_FALL"] = root("SILU"), mpmath.exp(-root("SILU"))
        found["GELU_ERF_ROOT"] = root("GELU_ERF")
        return {name: nearest(value, 53) for name, value in found.items()}


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        words = [_text(v) for v in value]
        return f"({', '.join(words)})" if len(words) == 2 else "".join(["(\n", *(f"    {w},\n" for w in words), ")"])
    return f"0x{value:X}" if isinstance(value, int) else repr(value)


def heading(bits: int, found: dict[str, Any] | None = None) -> str:
    """The text of a file of coefficients as far as the polynomials; the constants are :func:`constants` by default."""
    lines = ['"""Constants of the cores.  Generated by ``fits.py``; do not edit.', ""]
    lines += [f"Polynomials begin with the lowest coefficient; all floats have {bits} bits.", '"""', ""]
    lines += [f"{name} = {_text(value)}" for name, value in (found or constants(bits)).items()]
    return "\n".join(lines) + "\n"


def polynomial(name: str, bits: int, fits: dict[str, Fit] = FITS) -> str:
    """The text of one polynomial."""
    coefficients, error = fit(fits[name], bits)
    return f"\n# largest weighted error 2^{float(mpmath.log(error, 2)):.1f}\n{name} = {_text(coefficients)}\n"


def quotient(name: str) -> str:
    """The text of the two polynomials of a quotient."""
    above, below, error = fit_quotient(QUOTIENTS[name])
    size = float(mpmath.log(error, 2))
    return f"\n# largest relative error 2^{size:.1f}\n{name}_ABOVE = {_text(above)}\n{name}_BELOW = {_text(below)}\n"


def render(bits: int) -> str:
    """The text of a file of coefficients."""
    names = [name for name, task in FITS.items() if bits == SINGLE or task.double is not None]
    return heading(bits) + "".join(polynomial(name, bits) for name in names)


def render_wide() -> str:
    """The text of the file of coefficients of :mod:`.wide` and :mod:`.wide_activations`."""
    return heading(53, wide_constants()) + "".join(
        [*(polynomial(name, 53, WIDE) for name in WIDE), *(quotient(name) for name in QUOTIENTS)]
    )


if __name__ == "__main__":
    for file, width in FILES.items():
        (FOLDER / file).write_text(render(width), encoding="utf-8")
    (FOLDER / WIDE_FILE).write_text(render_wide(), encoding="utf-8")
