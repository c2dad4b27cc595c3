"""The one table of elementary functions: how each is spelled in NumPy, C, CUDA and LLVM.

Every printer asks this table and nothing else.  There are two sorts.  *Exact* functions are the same everywhere:
``floor``, ``ceil``, ``rint``, ``trunc``, ``abs``, ``copysign``, ``fmod``, ``max``, ``min``, ``sign`` (``sqrt`` is an
op of its own), and ``single``, which rounds to float32 where float64 stands in for it.  The others are *cores*, op
lists of our own (:mod:`.libm`), so that all printers give the same bits.  :data:`OP_LISTS` holds functions that are
written out in terms of those.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F
from typing import Final, NamedTuple

from .libm.catalogue import ALL, WIDE, arity
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


TABLE: Final[dict[str, Elementary]] = {
    **{name: _core(name) for name in (*ALL, *WIDE.values())},
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
    "single": Elementary(1, "lanes.single", "(double)(float){0}", _helper("single", 1)),
}


ONE_OVER_ROOT_2: Final = F("0.70710678118654752440084436210484903928483593768847")
PI: Final = F("3.14159265358979323846264338327950288419716939937510582097494")


def exp_minus_square(k: OpList, x: int, scale: F) -> int:
    """``exp(-scale x**2)`` for ``scale`` a power of two: ``x`` is scaled by a power of two, which is exact."""
    exponent = scale.numerator.bit_length() - scale.denominator.bit_length()
    name, half = ("exp_minus_square", exponent) if exponent % 2 == 0 else ("exp_minus_half_square", exponent + 1)
    return k.call(name, k.mul(x, k.const(F(2) ** (half // 2))))


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


OP_LISTS: Final[dict[str, Callable[..., int]]] = {"logaddexp": _logaddexp, "remainder": _remainder}


WHOLE: Final[dict[str, dict[str, str]]] = {
    "sigmoid": {"": "sigmoid"},
    "logistic": {"": "sigmoid"},
    "softplus": {"": "softplus", "x": "sigmoid"},
    **{name: {"": name, "x": f"{name}_derivative"} for name in ("silu", "gelu", "gelu_erf", "mish")},
}
"""Ops of the catalogue whose value, or derivative in an input, is one core."""


def apply(k: OpList, name: str, *args: int) -> int:
    """The function ``name`` of :data:`TABLE` or :data:`OP_LISTS`."""
    if name in OP_LISTS:
        return OP_LISTS[name](k, *args)
    if name == "sqrt":
        return k.sqrt(*args)
    if len(args) != TABLE[name].arity:
        raise ValueError(f"{name} takes {TABLE[name].arity} arguments, not {len(args)}")
    return k.call(name, *args)
