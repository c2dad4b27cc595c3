"""The symbols of the catalogue and the words its formulas are written in.

The symbols carry no assumptions: ``positive=True`` would make SymPy rewrite formulas before they are
read.  Every assumption is a printed condition of the op.
"""

# fmt: off
# ruff: noqa: I001
from __future__ import annotations

import sympy
from sympy import (
    And, Eq, Ge, Gt, Le, Lt, Ne, Or, Piecewise, Rational, acos, acosh, asin, asinh, atan, atanh, cos, erf, log,
    pi, sin, sqrt, tan,
)

from .functions import (
    abs_, atan2_, cbrt_, ceil_, copysign_, cosh_, erfc_, exp2, exp_, expm1, floor_, fmod_, group, hypot, log10,
    log1p, log2, logaddexp, max_, min_, pow_, remainder_, round_, rsqrt, sigmoid, sign_, sinh_, softplus, sqrt_, tanh_,
    trunc_, xdivy, xlog1py, xlogy,
)

__all__ = [  # noqa: RUF022
    "cases", "exp", "half",
    "And", "Eq", "Ge", "Gt", "Le", "Lt", "Ne", "Or", "Piecewise", "Rational", "acos", "acosh", "asin", "asinh",
    "atan", "atanh", "cos", "erf", "log", "pi", "sin", "sqrt", "tan",
    "abs_", "atan2_", "cbrt_", "ceil_", "copysign_", "cosh_", "erfc_", "exp2", "exp_", "expm1", "floor_",
    "fmod_", "group", "hypot", "log10", "log1p", "log2", "logaddexp", "max_", "min_", "pow_", "remainder_",
    "round_", "rsqrt", "sigmoid", "sign_", "sinh_", "softplus", "sqrt_", "tanh_", "trunc_", "xdivy", "xlog1py", "xlogy",
    "a", "alpha", "b", "beta", "c", "delta", "eps", "hi", "lambd", "lo", "t", "x", "y",
]

x, y, t, a, b, c = sympy.symbols("x y t a b c")
alpha, beta, delta, eps, lo, hi, lambd = sympy.symbols("alpha beta delta eps lo hi lambd")
exp = exp_
half = Rational(1, 2)


def cases(*pairs: object) -> sympy.Expr:
    """``Piecewise`` as written: ``cases((1, x > 0), 0)``; the last entry is what holds otherwise."""
    *given, otherwise = pairs
    return Piecewise(*given, (otherwise, True), evaluate=False)
