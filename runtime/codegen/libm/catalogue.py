"""The cores by name, and the goal for each format: the largest error, in units in the last place."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

from . import (
    arcsine,
    arctangent,
    error_function,
    exponential,
    hyperbolic,
    inverse_hyperbolic,
    logarithm,
    root,
    trigonometric,
)
from .formats import FORMATS
from .oplist import Function, OpList, Value, finish

GOAL: Final = {"float32": 1.5, "float64": 2.5}  # over all float32 numbers; over samples of float64
CORES: Final[dict[str, Callable[[Value], Value]]] = {
    "exp": exponential.exp,
    "exp2": exponential.exp2,
    "expm1": exponential.expm1,
    "log": logarithm.log,
    "log2": logarithm.log2,
    "log10": logarithm.log10,
    "log1p": logarithm.log1p,
    "sin": trigonometric.sin,
    "cos": trigonometric.cos,
    "tan": trigonometric.tan,
    "atan": arctangent.atan,
    "asin": arcsine.asin,
    "acos": arcsine.acos,
    "tanh": hyperbolic.tanh,
    "sigmoid": hyperbolic.sigmoid,
    "sinh": hyperbolic.sinh,
    "cosh": hyperbolic.cosh,
    "asinh": inverse_hyperbolic.asinh,
    "acosh": inverse_hyperbolic.acosh,
    "atanh": inverse_hyperbolic.atanh,
    "erf": error_function.erf,
    "erfc": error_function.erfc,
    "cbrt": root.cbrt,
}


@cache
def core(name: str, dtype: str = "float32") -> Function:
    """The op list of a core."""
    return finish(name, CORES[name](OpList().argument(FORMATS[dtype])))


def arity(name: str) -> int:
    """How many arguments a core takes."""
    return 1
