"""In which precision the kernels for float32 compute.

An op list in float32 is used where its error, over all float32 numbers, stays within the goal: 1.5 ULP for values of
an elementary function, 2 for that of another op, 2.5 for a derivative, and no false zero, infinity or NaN.  Elsewhere,
next to a root of a derivative above all, the op list is computed in float64 and rounded once.  The table says
which routines need that; the errors themselves are in ``proofs/evidence/kernels``.  What was swept are values and first
derivatives of ops of one input; ops of two inputs and higher orders were not.  An op that a user declares was never
swept, so accuracy goes before speed and all its routines are wide.
"""

from __future__ import annotations

from typing import Final

from .elementary import TABLE
from .ssa import Routine

ROUNDED: Final = frozenset({"add", "sub", "mul", "div", "sqrt"})
VALUES: Final = frozenset({"hardsigmoid", "hardswish", "logit_clamp", "safe_log", "selu", "sinc"})
"""The ops whose value is computed in float64."""
DERIVATIVES: Final = frozenset(
    {
        *(
            "acosh",
            "atan",
            "cbrt",
            "erf",
            "erfc",
            "exp2",
            "hardswish",
            "log_sigmoid",
            "logistic",
            "safe_log",
            "sigmoid",
        ),
        *("sinc", "smooth_abs", "softsign", "tan", "tanh", "tanhshrink"),
    }
)
"""The ops whose first derivative is computed in float64."""
HIGHER: Final = DERIVATIVES | {"gelu", "gelu_erf", "mish", "silu"}
"""The ops whose derivatives of order 2 and 3 are."""


def is_wide(op: str, key: str) -> bool:
    """Whether a routine of the catalogue computes float32 in float64."""
    order = {"forward": VALUES, "second": HIGHER, "third": HIGHER}.get(key.split("_")[0], DERIVATIVES)
    return op in order


def roundings(routine: Routine) -> int:
    """How often the routine rounds; a single correct rounding cannot be bettered."""
    return sum(2 if op.name == "call" and TABLE[str(op.data)].is_core else op.name in ROUNDED for op in routine.ops)
