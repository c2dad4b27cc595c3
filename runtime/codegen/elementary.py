"""The one table of elementary functions: how each is spelled in NumPy, C, CUDA and LLVM.

Every printer asks this table and nothing else.  There are two sorts.  *Exact* functions are the same everywhere:
``floor``, ``ceil``, ``rint``, ``trunc``, ``abs``, ``copysign``, ``fmod``, ``max``, ``min``, ``sign`` (``sqrt`` is an
op of its own).  The others are *cores*, op lists of our own (:mod:`.libm`), so that all printers give the same bits.
:data:`OP_LISTS` holds functions that are written out in terms of those.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F
from typing import Final, NamedTuple

from .libm.catalogue import CORES, arity
from .ssa import OpList


class Elementary(NamedTuple):
    """One function: its name in NumPy code, and the expressions in C and CUDA and in LLVM's language.

    In them ``{0}`` and ``{1}`` are the operands and ``{f}`` the suffix: ``f`` in float, nothing in double; in LLVM's
    ``{t}`` is the type and ``{s}`` the ending of an intrinsic.
    """

    arity: int
    numpy: str
    c: str
    llvm: str

    @property
    def is_core(self) -> bool:
        """Whether this is an op list of ours, not an exact function."""
        return self.numpy.startswith("cores.")


def _rounding(name: str) -> Elementary:
    return Elementary(1, f"np.{name}", f"{name}{{f}}({{0}})", f"call {{t}} @llvm.{name}.{{s}}({{t}} {{0}})")


def _helper(name: str, count: int) -> str:
    """The call of a function that :mod:`.llvm_printer` defines, or of a core."""
    operands = ", ".join(f"{{t}} {{{i}}}" for i in range(count))
    return f"call {{t}} @hd_{name}{{f}}({operands})"


def _core(name: str) -> Elementary:
    count = arity(name)
    operands = ", ".join(f"{{{i}}}" for i in range(count))
    return Elementary(count, f"cores.{name}", f"hd_{name}{{f}}({operands})", _helper(name, count))


def _vendor(name: str, numpy: str) -> Elementary:
    return Elementary(
        2, f"np.{numpy}", f"{name}{{f}}({{0}}, {{1}})", f"call {{t}} @{name}{{f}}({{t}} {{0}}, {{t}} {{1}})"
    )


TABLE: Final[dict[str, Elementary]] = {
    "pow": _vendor("pow", "power"),
    "hypot": _vendor("hypot", "hypot"),
    "atan2": _vendor("atan2", "arctan2"),
    **{name: _core(name) for name in CORES},
    **{name: _rounding(name) for name in ("floor", "ceil", "rint", "trunc")},
    "abs": Elementary(1, "np.absolute", "fabs{f}({0})", "call {t} @llvm.fabs.{s}({t} {0})"),
    "copysign": Elementary(2, "np.copysign", "copysign{f}({0}, {1})", "call {t} @llvm.copysign.{s}({t} {0}, {t} {1})"),
    "fmod": Elementary(2, "np.fmod", "fmod{f}({0}, {1})", "frem {t} {0}, {1}"),
    # fmax and fmin swallow NaN; these hand it on, as np.maximum and np.minimum do
    "max": Elementary(2, "np.maximum", "(({0} > {1} || {0} != {0}) ? {0} : {1})", _helper("max", 2)),
    "min": Elementary(2, "np.minimum", "(({0} < {1} || {0} != {0}) ? {0} : {1})", _helper("min", 2)),
    "sign": Elementary(
        1, "np.sign", "({0} > 0 ? 1.0{f} : {0} < 0 ? -1.0{f} : {0} == 0 ? 0.0{f} : {0})", _helper("sign", 1)
    ),
}


# --------------------------------------------------------------------------------------------------
# W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969) 631-637;
# the coefficients are those of his CALERF (SPECFUN, 1990).  Lowest terms of the rational functions last.
_A = (
    "1.85777706184603153e-1 3.16112374387056560e00 1.13864154151050156e02 3.77485237685302021e02 3.20937758913846947e03"
)
_B = "1 2.36012909523441209e01 2.44024637934444173e02 1.28261652607737228e03 2.84423683343917062e03"
_C = (
    "2.15311535474403846e-8 5.64188496988670089e-1 8.88314979438837594e0 6.61191906371416295e01 2.98635138197400131e02"
    " 8.81952221241769090e02 1.71204761263407058e03 2.05107837782607147e03 1.23033935479799725e03"
)
_D = (
    "1 1.57449261107098347e01 1.17693950891312499e02 5.37181101862009858e02 1.62138957456669019e03"
    " 3.29079923573345963e03 4.36261909014324716e03 3.43936767414372164e03 1.23033935480374942e03"
)
_P = (
    "1.63153871373020978e-2 3.05326634961232344e-1 3.60344899949804439e-1 1.25781726111229246e-1"
    " 1.60837851487422766e-2 6.58749161529837803e-4"
)
_Q = (
    "1 2.56852019228982242e00 1.87295284992346725e00 5.27905102951428412e-1"
    " 6.05183413124413191e-2 2.33520497626869185e-3"
)
_ONE_OVER_ROOT_PI = F("0.56418958354775628694807945156077258584405")


def _numbers(text: str) -> list[F]:
    return [F(word) for word in text.split()]


def _ratio(k: OpList, x: int, above: str, below: str) -> int:
    return k.div(k.polynomial(x, _numbers(above)), k.polynomial(x, _numbers(below)))


def exp_minus_square(k: OpList, x: int, scale: F = F(1)) -> int:
    """``exp(-scale x**2)`` for ``scale`` a power of two, without the error that rounding ``x**2`` would bring.

    ``x**2 = s**2 + (x-s)(x+s)`` with ``s`` a multiple of 1/16 whose square is exact (Cody).  ``abs(x) <= 64``
    is assumed by clamping: beyond, the value is 0 in either dtype for ``scale >= 1/4``.
    """
    y = k.call("min", k.call("abs", x), k.const(64))
    s = k.mul(k.call("trunc", k.mul(y, k.const(16))), k.const(F(1, 16)))
    rest = k.mul(k.sub(y, s), k.add(y, s))
    head = k.call("exp", k.mul(k.mul(s, s), k.const(-scale)))
    return k.mul(head, k.call("exp", k.mul(rest, k.const(-scale))))


def _erf_centre(k: OpList, x: int, y: int) -> int:
    small = k.call("min", y, k.const(F(15, 32)))
    return k.mul(x, _ratio(k, k.mul(small, small), _A, _B))


def _erfc_right(k: OpList, y: int, exponential: int | None = None) -> int:
    """erfc(y) for y >= 15/32; 0 from 30 on.  ``exponential`` is exp(-y^2) where the caller has it more exactly."""
    exponential = exp_minus_square(k, y) if exponential is None else exponential
    y = k.call("min", y, k.const(30))
    middle = _ratio(k, k.call("min", y, k.const(4)), _C, _D)
    z = k.call("max", y, k.const(4))
    w = k.div(k.const(1), k.mul(z, z))
    far = k.div(k.sub(k.const(_ONE_OVER_ROOT_PI), k.mul(w, _ratio(k, w, _P, _Q))), z)
    return k.mul(k.select(k.compare("gt", y, k.const(4)), far, middle), exponential)


def _erfc(k: OpList, x: int, exponential: int | None = None) -> int:
    y = k.call("abs", x)
    right = _erfc_right(k, y, exponential)
    outside = k.select(k.compare("gt", x, k.const(0)), right, k.sub(k.const(2), right))
    return k.select(k.compare("gt", y, k.const(F(15, 32))), outside, k.sub(k.const(1), _erf_centre(k, x, y)))


ONE_OVER_ROOT_2: Final = F("0.70710678118654752440084436210484903928483593768847")


def _erfc_over_root_2(k: OpList, x: int) -> int:
    """erfc(x/sqrt(2)) with exp(-x^2/2) from x itself: rounding x/sqrt(2) would cost x^2 ULP in the tail."""
    return _erfc(k, k.mul(x, k.const(ONE_OVER_ROOT_2)), exp_minus_square(k, x, F(1, 2)))


def _softplus(k: OpList, x: int) -> int:
    """log(1+e^x) = max(x, 0) + log1p(e^-abs x)."""
    return k.add(k.call("max", x, k.const(0)), k.call("log1p", k.call("exp", k.neg(k.call("abs", x)))))


def _sech_squared(k: OpList, x: int) -> int:
    """1 - tanh(x)^2 = 4 z/(1+z)^2 with z = e^(-2 abs x): right in the tails, where the difference is 0."""
    z = k.call("exp", k.mul(k.call("abs", x), k.const(-2)))
    d = k.add(k.const(1), z)
    return k.div(k.mul(z, k.const(4)), k.mul(d, d))


def _logaddexp(k: OpList, x: int, y: int) -> int:
    """max + log1p(e^-abs(x-y)); where x = y the difference is taken as 0, for infinities too."""
    gap = k.select(k.compare("eq", x, y), k.const(0), k.call("abs", k.sub(x, y)))
    return k.add(k.call("max", x, y), k.call("log1p", k.call("exp", k.neg(gap))))


def _remainder(k: OpList, x: int, y: int) -> int:
    """Python's: the sign of y, 0 <= abs r < abs y."""
    r = k.call("fmod", x, y)
    zero = k.const(0)
    differ = k.either(
        k.both(k.compare("gt", zero, r), k.compare("gt", y, zero)),
        k.both(k.compare("gt", r, zero), k.compare("gt", zero, y)),
    )
    return k.select(differ, k.add(r, y), r)


def _less_tanh(k: OpList, x: int) -> int:
    """x - tanh(x), without a difference below 1.

    Lambert's continued fraction is tanh(x) = x/(1 + c) with c = x^2/(3 + x^2/(5 + ...)), hence x c/(1 + c).
    """
    small = k.call("min", k.call("abs", x), k.const(1))
    square = k.mul(small, small)
    c = k.const(21)
    for odd in range(19, 1, -2):
        c = k.add(k.div(square, c), k.const(odd))
    c = k.div(square, c)
    near = k.mul(x, k.div(c, k.add(k.const(1), c)))
    return k.select(k.compare("gt", k.const(1), k.call("abs", x)), near, k.sub(x, k.call("tanh", x)))


PI: Final = F("3.14159265358979323846264338327950288419716939937510582097494")


def _half_turns(k: OpList, x: int) -> int:
    """x less the nearest even number, exactly: in [-1, 1]."""
    return k.sub(x, k.mul(k.call("rint", k.mul(x, k.const(F(1, 2)))), k.const(2)))


def _sinpi(k: OpList, x: int) -> int:
    """sin(pi x), exactly 0 at integers."""
    r = _half_turns(k, x)
    folded = k.select(
        k.compare("gt", k.call("abs", r), k.const(F(1, 2))), k.sub(k.call("copysign", k.const(1), r), r), r
    )
    return k.call("sin", k.mul(folded, k.const(PI)))


def _cospi(k: OpList, x: int) -> int:
    """cos(pi x) = sin(pi (1/2 - abs r)), exactly 0 at halves of odd numbers."""
    return k.call("sin", k.mul(k.sub(k.const(F(1, 2)), k.call("abs", _half_turns(k, x))), k.const(PI)))


OP_LISTS: Final[dict[str, Callable[..., int]]] = {
    "erfc_over_root_2": _erfc_over_root_2,
    "softplus": _softplus,
    "sech_squared": _sech_squared,
    "logaddexp": _logaddexp,
    "remainder": _remainder,
    "less_tanh": _less_tanh,
    "sinpi": _sinpi,
    "cospi": _cospi,
}


def apply(k: OpList, name: str, *args: int) -> int:
    """The function ``name`` of :data:`TABLE` or :data:`OP_LISTS`."""
    if name in OP_LISTS:
        return OP_LISTS[name](k, *args)
    if name == "sqrt":
        return k.sqrt(*args)
    if len(args) != TABLE[name].arity:
        raise ValueError(f"{name} takes {TABLE[name].arity} arguments, not {len(args)}")
    return k.call(name, *args)
