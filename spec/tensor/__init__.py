"""What each op over axes and shapes means, as index formulas.  Importing it declares every op into ``TENSOR_OPS``."""

from .declare import TENSOR_OPS, TensorSpec, tensor_op  # isort: skip
from . import reductions, softmax, products, losses, layout, gathering, convolution, pooling  # isort: skip
from . import normalization, attention  # isort: skip

__all__ = [
    "TENSOR_OPS",
    "TensorSpec",
    "attention",
    "convolution",
    "gathering",
    "layout",
    "losses",
    "normalization",
    "pooling",
    "products",
    "reductions",
    "softmax",
    "tensor_op",
]
