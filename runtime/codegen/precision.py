"""In which precision the kernels for float32 compute.

An op list in float32 is used where its error, over all float32 numbers, stays within the goal: 1.5 ULP for values of
an elementary function, 2 for that of another op, 2.5 for a derivative, and no false zero, infinity or NaN.  Elsewhere,
next to a root of a derivative above all, the op list is computed in float64 and rounded once.  So it is where float32
reaches the goal only by pairs of numbers, if these take longer than float64: on a CPU its operations cost twice as
much, as they do on an H100 or H200, and the value of gelu_erf, say, takes 2.6 times as long in pairs.  (On GPUs for
graphics they cost 64 times as much.)  The table says which routines these are; the errors themselves are in
``proofs/evidence/kernels`` (values and first derivatives of ops of one input, at every float32) and
``proofs/evidence/samples`` (the others).  For derivatives of order 2 and 3 accuracy goes before speed: they are wide,
all of them.  So is every routine of an op that a user declares, which nobody swept.

Values and first derivatives of the catalogue that are wide call elementary functions that are as good as float32 asks
for (:mod:`.libm.wide`, :mod:`.libm.wide_activations`), not those of float64 with their pairs, and are shorter where
nothing leaves the range (:mod:`.written_wide`).  What is rounded to float32 is the same but for a few percent of the
bits at most, and it takes a third of the time.
"""

from __future__ import annotations

from typing import Final

from .elementary import TABLE
from .ssa import Routine

ROUNDED: Final = frozenset({"add", "sub", "mul", "div", "sqrt"})
VALUES: Final = frozenset(
    {
        *("bce_with_logits", "cube", "hardswish", "logaddexp", "logit_clamp", "safe_log", "selu", "sinc"),
        # pairs of float32 numbers take longer
        *("erfc", "gelu", "gelu_erf", "logit", "mish", "pow", "silu", "softplus"),
    }
)
"""The ops whose value is computed in float64."""
DERIVATIVES: Final = frozenset(
    {
        *("acosh", "atan", "atan2", "bce_with_logits", "cbrt", "erf", "erfc", "hardswish", "pow", "safe_log"),
        *("sinc", "smooth_abs", "softsign", "tan", "tanhshrink"),
        # pairs of float32 numbers take longer
        *("gelu", "gelu_erf", "hypot", "mish", "silu", "softplus"),
    }
)
"""The ops whose first derivative is computed in float64."""
PARAMETERS: Final = {"celu": ("alpha",), "logit_clamp": ("eps",)}
"""The parameters in which the first derivative is."""


def is_wide(op: str, key: str) -> bool:
    """Whether a routine of the catalogue computes float32 in float64."""
    order, _, symbol = key.partition("_")
    if order in ("second", "third") or symbol in PARAMETERS.get(op, ()):
        return True
    return op in (VALUES if order == "forward" else DERIVATIVES)


def roundings(routine: Routine) -> int:
    """How often the routine rounds; a single correct rounding cannot be bettered."""
    return sum(2 if op.name == "call" and TABLE[str(op.data)].is_core else op.name in ROUNDED for op in routine.ops)
