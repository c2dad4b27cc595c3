"""The symbols of the catalogue and the words its formulas are written in.

The symbols carry no assumptions: ``positive=True`` would make SymPy rewrite formulas before they are
read.  Every assumption is a printed condition of the op.
"""

from __future__ import annotations

import sympy
from sympy import And, Eq, Ge, Gt, Le, Lt, Ne, Or, Piecewise, Rational, acosh, asin, asinh, atan, atanh, cos, erf, log, pi, sin, sqrt, tan

from .functions import (abs_, atan2_, cbrt_, ceil_, copysign_, cosh_, erfc_, exp2, exp_, expm1, floor_, fmod_, group, hypot, log1p, log2,
                        log10, logaddexp, max_, min_, pow_, remainder_, round_, rsqrt, sigmoid, sign_, sinh_, softplus,
                        tanh_, trunc_, xdivy, xlog1py, xlogy)  # fmt: skip

x, y, t, a, b, c = sympy.symbols("x y t a b c")
alpha, beta, delta, eps, lo, hi, lambd, threshold = sympy.symbols("alpha beta delta eps lo hi lambd threshold")
exp = exp_
half = Rational(1, 2)
acos = sympy.acos


def cases(*pairs: object) -> sympy.Expr:
    """``Piecewise`` as written: ``cases((1, x > 0), 0)``; the last entry is what holds otherwise."""
    *given, otherwise = pairs
    return Piecewise(*given, (otherwise, True), evaluate=False)


__all__ = [name for name in globals() if not name.startswith("_") and name not in ("annotations", "sympy")]
