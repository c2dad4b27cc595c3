"""What each op over axes and shapes means, as index formulas.  Importing it declares every op into ``TENSOR_OPS``."""

from .declare import TENSOR_OPS, TensorSpec, tensor_op  # isort: skip
from . import softmax, products  # isort: skip

__all__ = ["TENSOR_OPS", "TensorSpec", "products", "softmax", "tensor_op"]
