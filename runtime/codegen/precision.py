"""In which precision the kernels for float32 compute.

An op list in float32 is used where its error, over every float32 number, stays within the goal: 1.5 ULP for the value
of an elementary function, 2 for that of another op, 2.5 for a derivative, and no false zero, infinity or NaN.
Elsewhere, next to a root of a derivative above all, the op list is computed in float64 and its result rounded once.
The table says which routines of the catalogue need that; the errors themselves are in ``proofs/evidence/``.  An op
that a user declares was never swept, so accuracy goes before speed and all its routines are wide.
"""

from __future__ import annotations

from typing import Final

from .elementary import TABLE
from .ssa import Routine

ROUNDED: Final = frozenset({"add", "sub", "mul", "div", "sqrt"})
VALUES: Final = frozenset(
    [
        "gelu",
        "gelu_erf",
        "hardsigmoid",
        "hardswish",
        "logistic",
        "logit_clamp",
        "mish",
        "safe_log",
        "sigmoid",
        "silu",
        "sinc",
        "tanhshrink",
    ]
)
"""The ops whose value is computed in float64."""
DERIVATIVES: Final = frozenset(
    [
        "acosh",
        "atan",
        "cbrt",
        "erf",
        "erfc",
        "exp2",
        "gelu",
        "gelu_erf",
        "hardswish",
        "logistic",
        "mish",
        "safe_log",
        "sigmoid",
        "silu",
        "sinc",
        "softsign",
        "tanh",
    ]
)
"""The ops whose derivatives, of all orders, are computed in float64."""


def is_wide(op: str, key: str) -> bool:
    """Whether a routine of the catalogue computes float32 in float64."""
    return op in (VALUES if key == "forward" else DERIVATIVES)


def roundings(routine: Routine) -> int:
    """How often the routine rounds; a single correct rounding cannot be bettered."""
    return sum(2 if op.name == "call" and TABLE[str(op.data)].is_core else op.name in ROUNDED for op in routine.ops)
