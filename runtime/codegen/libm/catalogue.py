"""The cores by name, and the goal for each format: the largest error, in units in the last place."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

from . import (
    activations,
    arcsine,
    arctangent,
    error_function,
    exponential,
    hyperbolic,
    hypotenuse,
    inverse_hyperbolic,
    logarithm,
    power,
    root,
    trigonometric,
    wide,
    wide_activations,
)
from .formats import DOUBLE, FORMATS
from .oplist import Function, OpList, Value, finish

GOAL: Final = {"float32": 1.5, "float64": 2.5}  # over all float32 numbers; over samples of float64
GOAL_OF_DERIVATIVES: Final = 2.5
CORES: Final[dict[str, Callable[[Value], Value]]] = {
    "exp": exponential.exp,
    "exp_minus_square": exponential.exp_minus_square,
    "exp_minus_half_square": exponential.exp_minus_half_square,
    "exp2": exponential.exp2,
    "expm1": exponential.expm1,
    "log": logarithm.log,
    "log2": logarithm.log2,
    "log10": logarithm.log10,
    "log1p": logarithm.log1p,
    "sin": trigonometric.sin,
    "cos": trigonometric.cos,
    "tan": trigonometric.tan,
    "sinpi": trigonometric.sinpi,
    "cospi": trigonometric.cospi,
    "atan": arctangent.atan,
    "asin": arcsine.asin,
    "acos": arcsine.acos,
    "tanh": hyperbolic.tanh,
    "less_tanh": hyperbolic.less_tanh,
    "sech_squared": hyperbolic.sech_squared,
    "sigmoid": hyperbolic.sigmoid,
    "softplus": hyperbolic.softplus,
    "sinh": hyperbolic.sinh,
    "cosh": hyperbolic.cosh,
    "asinh": inverse_hyperbolic.asinh,
    "acosh": inverse_hyperbolic.acosh,
    "atanh": inverse_hyperbolic.atanh,
    "erf": error_function.erf,
    "erfc": error_function.erfc,
    "erfc_over_root_2": error_function.erfc_over_root_2,
    "cbrt": root.cbrt,
    "silu": activations.silu,
    "silu_derivative": activations.silu_derivative,
    "gelu": activations.gelu,
    "gelu_derivative": activations.gelu_derivative,
    "gelu_erf": activations.gelu_erf,
    "gelu_erf_derivative": activations.gelu_erf_derivative,
    "mish": activations.mish,
    "mish_derivative": activations.mish_derivative,
}
BINARY: Final[dict[str, Callable[[Value, Value], Value]]] = {
    "pow": power.pow,
    "hypot": hypotenuse.hypot,
    "atan2": arctangent.atan2,
}


ALL: Final = (*CORES, *BINARY)
_WIDE: Final = (
    *(wide.exp, wide.expm1, wide.log, wide.pow, wide.sigmoid, wide.softplus, wide.tan),
    *(wide_activations.tanh, wide_activations.erfc),
    *(wide_activations.silu, wide_activations.silu_derivative, wide_activations.gelu, wide_activations.gelu_derivative),
    *(wide_activations.gelu_erf, wide_activations.gelu_erf_derivative),
    *(wide_activations.mish, wide_activations.mish_derivative),
)
WIDE_CORES: Final[dict[str, Callable[..., Value]]] = {f"wide_{function.__name__}": function for function in _WIDE}
WIDE: Final = {name.removeprefix("wide_"): name for name in WIDE_CORES}
"""What stands for a core where float32 is computed in float64 (see :mod:`.wide`), by the name of the core."""


def goal(name: str, dtype: str) -> float:
    """The largest error allowed."""
    return GOAL_OF_DERIVATIVES if name.endswith("_derivative") else GOAL[dtype]


def arity(name: str) -> int:
    """The number of arguments of a core."""
    return 2 if name.removeprefix("wide_") in BINARY else 1


@cache
def core(name: str, dtype: str = "float32") -> Function:
    """The op list of a core, or in float64 of what stands for one in :data:`WIDE`."""
    code, form = OpList(), FORMATS[dtype]
    function: Callable[..., Value] = {**CORES, **BINARY, **(WIDE_CORES if form is DOUBLE else {})}[name]
    return finish(name, function(*(code.argument(form, i) for i in range(arity(name)))))
