"""hasderiv: derivatives with proofs, and the kernels and tape that run them.

Importing this package imports nothing else: each public name is fetched when it is first used, so
that a program which only runs the tape never loads SymPy, and ``hasderiv check`` never loads CuPy.
Every op of the catalogue is a function here by its own name: ``hd.gelu(x)`` is ``hd.ops["gelu"](x)``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# module -> the public names that it defines.  No module of this folder may bear one of these names, or
# importing the module would put it in the name's place.
_PUBLIC = {
    "hasderiv.runtime.errors": (
        "CertificateError",
        "CheckpointError",
        "ClaimError",
        "DTypeError",
        "DeviceError",
        "DomainError",
        "Error",
        "GradientError",
        "InPlaceError",
        "ShapeError",
        "TraceError",
    ),
    "hasderiv.runtime.tensor": ("Tensor", "tensor"),
    "hasderiv.runtime.backend": ("backend_info",),
    "hasderiv.runtime.tape": ("enable_grad", "no_grad"),
    "hasderiv.runtime.conventions": ("ConventionUse", "conventions_used"),
    "hasderiv.runtime.transforms": ("grad", "jvp", "value_and_grad", "vjp"),
    "hasderiv.runtime.ops": ("Op", "custom_op", "ops"),
    "hasderiv.runtime.tensor_ops.select": ("select",),
    "hasderiv.runtime.tensor_ops.reductions": (
        "log_softmax",
        "logsumexp",
        "mean",
        "mse_loss",
        "reduce_mean",
        "reduce_sum",
        "softmax",
        "sum",
    ),
    "hasderiv.runtime.tensor_ops.products": ("bmm", "linear", "matmul"),
    "hasderiv.runtime.tensor_ops.shapes": (
        "astype",
        "broadcast_to",
        "concatenate",
        "expand_dims",
        "flatten",
        "moveaxis",
        "reshape",
        "squeeze",
        "stack",
        "swapaxes",
        "transpose",
    ),
    "hasderiv.runtime.tensor_ops.convolution": ("conv", "conv2d", "conv_transpose", "conv_transpose2d"),
    "hasderiv.runtime.tensor_ops.pooling": (
        "avg_pool",
        "avg_pool2d",
        "global_avg_pool",
        "max_pool",
        "max_pool2d",
        "smooth_max_pool",
        "smooth_max_pool2d",
    ),
    "hasderiv.runtime.tensor_ops.gathering": (
        "gather_row",
        "gather_row_nat",
        "gather_rows",
        "gather_rows_nat",
        "gather_scalar",
        "gather_scalar_nat",
        "gather_vec",
        "gather_vec_nat",
        "scatter_add_row",
        "scatter_add_row_nat",
        "scatter_add_vec",
        "scatter_add_vec_nat",
    ),
    "hasderiv.runtime.training.checkpoint": ("load_checkpoint", "save_checkpoint"),
    "hasderiv.runtime.gradients": ("Gradients", "gradients"),
    "hasderiv.runtime.tensor_ops.normalization": ("batch_norm", "batchnorm_channel_first", "layer_norm"),
    "hasderiv.runtime.tensor_ops.attention": ("multi_head_attention",),
    "hasderiv.runtime.tensor_ops.layout": (
        "concat_dim0",
        "concat_vectors",
        "const",
        "detach",
        "slice_range0",
        "swap_adjacent_at_depth",
        "transpose2d",
        "transpose3d_first_to_last",
        "transpose3d_last_to_first",
        "transpose3d_last_two",
    ),
    "hasderiv.runtime.pytree": ("tree_map",),
    "hasderiv.runtime.training.session": ("Session",),
    "hasderiv.runtime.training.trainer": ("ScalarTrainer",),
    "hasderiv.runtime.graph.compiled": ("Compiled", "compile"),
    "hasderiv.runtime.graph.arguments": ("tensor_spec",),
    "hasderiv.runtime.random": ("bernoulli_mask", "dropout", "rand_uniform"),
    "hasderiv.asking": ("check", "where"),
    "hasderiv.user_ops": ("define",),
}
_MODULE_OF = {name: module for module, names in _PUBLIC.items() for name in names}
_MODULES = {"optim": "hasderiv.runtime.optim", "random": "hasderiv.runtime.random"}

__all__ = ["__version__", *sorted({*_MODULE_OF, *_MODULES})]


def __getattr__(name: str) -> Any:
    """Fetch a public name, or an op of the catalogue, and keep it for the next time."""
    if name in _MODULE_OF:
        value: Any = getattr(import_module(_MODULE_OF[name]), name)
    elif name in _MODULES:
        value = import_module(_MODULES[name])
    elif name.startswith("_"):
        raise AttributeError(f"module 'hasderiv' has no attribute {name!r}")
    else:
        from hasderiv.runtime.ops import ops

        if name not in ops:
            raise AttributeError(f"module 'hasderiv' has no attribute {name!r}, and the catalogue no op of that name")
        return ops[name]  # kept there already; a user may define an op of that name anew
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    from hasderiv.runtime.ops import ops

    return sorted({*__all__, *ops})
