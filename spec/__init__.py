"""What each op means, in SymPy: the catalogue.  Importing it declares every op into ``OPS``, in order."""

from .declare import OPS, REQUIRED, OpSpec, make, op  # isort: skip
from . import arithmetic, extrema, exponential, trigonometric, activations, losses  # isort: skip

__all__ = [
    "OPS",
    "REQUIRED",
    "OpSpec",
    "activations",
    "arithmetic",
    "exponential",
    "extrema",
    "losses",
    "make",
    "op",
    "trigonometric",
]
