"""Functions that SymPy lacks, or evaluates before we can look at them.

``Abs(x)`` of a positive symbol becomes ``x``, ``Max`` reorders its arguments, ``log1p`` does not exist.
These stay as they are written.  The name in the language is the class name without the final ``_``.
"""

from __future__ import annotations

import sympy


class Unevaluated(sympy.Function):
    """A function of fixed arity that SymPy never rewrites."""

    @classmethod
    def eval(cls, *args: sympy.Expr) -> None:
        """Leave the call alone."""
        return None


class abs_(Unevaluated):
    """``|x|``."""

    nargs = 1


class sign_(Unevaluated):
    """-1, 0 or 1."""

    nargs = 1


class max_(Unevaluated):
    """The larger of two."""

    nargs = 2


class min_(Unevaluated):
    """The smaller of two."""

    nargs = 2


class floor_(Unevaluated):
    """The largest integer that is not above x."""

    nargs = 1


class ceil_(Unevaluated):
    """The smallest integer that is not below x."""

    nargs = 1


class round_(Unevaluated):
    """The nearest integer, ties to the even one."""

    nargs = 1


class trunc_(Unevaluated):
    """x rounded towards 0."""

    nargs = 1


class fmod_(Unevaluated):
    """C's remainder, with the sign of x."""

    nargs = 2


class remainder_(Unevaluated):
    """Python's remainder, with the sign of y."""

    nargs = 2


class copysign_(Unevaluated):
    """``|x|`` with the sign of y; 0 counts as positive."""

    nargs = 2


class log1p(Unevaluated):
    """``log(1 + x)``."""

    nargs = 1


class expm1(Unevaluated):
    """``exp(x) - 1``."""

    nargs = 1


class exp2(Unevaluated):
    """``2**x``."""

    nargs = 1


class log2(Unevaluated):
    """``log(x)/log(2)``."""

    nargs = 1


class log10(Unevaluated):
    """``log(x)/log(10)``."""

    nargs = 1


class rsqrt(Unevaluated):
    """``1/sqrt(x)``."""

    nargs = 1


class cbrt_(Unevaluated):
    """The real cube root, odd."""

    nargs = 1


class pow_(Unevaluated):
    """``x**y`` over the reals (OPERATORS: x > 0; x < 0 with an integer y; x = 0 with y >= 0)."""

    nargs = 2


class sigmoid(Unevaluated):
    """``1/(1 + exp(-x))``."""

    nargs = 1


class softplus(Unevaluated):
    """``log(1 + exp(x))``."""

    nargs = 1


class logaddexp(Unevaluated):
    """``log(exp(x) + exp(y))``."""

    nargs = 2


class hypot(Unevaluated):
    """``sqrt(x**2 + y**2)``."""

    nargs = 2


class xlogy(Unevaluated):
    """``x*log(y)``, 0 where x = 0."""

    nargs = 2


class xlog1py(Unevaluated):
    """``x*log1p(y)``, 0 where x = 0."""

    nargs = 2


class xdivy(Unevaluated):
    """``x/y``, 0 where x = 0."""

    nargs = 2


class atan2_(Unevaluated):
    """The angle of the point (x, y), called as ``atan2(y, x)``."""

    nargs = 2


class exp_(Unevaluated):
    """``exp(x)``, kept apart: SymPy turns ``exp(x)*exp(y)`` into ``exp(x + y)``."""

    nargs = 1


class sqrt_(Unevaluated):
    """``sqrt(x)``, kept whole: SymPy splits ``sqrt(2/pi)``."""

    nargs = 1


class erfc_(Unevaluated):
    """``1 - erf(x)``; SymPy rewrites ``erfc(-x)``."""

    nargs = 1


class sinh_(Unevaluated):
    """``(exp(x) - exp(-x))/2``."""

    nargs = 1


class cosh_(Unevaluated):
    """``(exp(x) + exp(-x))/2``."""

    nargs = 1


class tanh_(Unevaluated):
    """The hyperbolic tangent."""

    nargs = 1


class group(Unevaluated):
    """Brackets: ``group(u)`` is ``u``, and SymPy may not merge it with its neighbours.

    In a stable form the order of evaluation matters: ``group(e*x)*x`` stays finite where ``e*x**2`` does not.
    """

    nargs = 1


CLASSES = {cls.__name__.rstrip("_"): cls for cls in Unevaluated.__subclasses__()}
