"""Forms that several ops share, written so that no step overflows where the result is a normal number.

``e`` is always ``exp(-|x|)``, which lies in (0, 1].
"""

from __future__ import annotations

import sympy

from .symbols import abs_, cases, exp, log1p, max_, sigmoid


def decay(x: sympy.Expr) -> sympy.Expr:
    """``exp(-|x|)``."""
    return exp(-abs_(x))


def rise(x: sympy.Expr) -> sympy.Expr:
    """``exp(min(x, 0))``: 1 to the right of 0, where :func:`decay` is to the left; computed without a choice."""
    return cases((1, x >= 0), decay(x))


def logistic(x: sympy.Expr, plain: bool = False) -> sympy.Expr:
    """``1/(1 + exp(-x))`` without overflow; ``plain`` writes the mathematics instead."""
    return sigmoid(x) if plain else rise(x) / (1 + decay(x))


def logistic_slope(x: sympy.Expr) -> sympy.Expr:
    """The derivative of :func:`logistic`, with full relative accuracy in both tails."""
    return decay(x) / (1 + decay(x)) ** 2


def softplus_stable(x: sympy.Expr) -> sympy.Expr:
    """``log(1 + exp(x))`` without overflow."""
    return max_(x, 0) + log1p(decay(x))
