"""The same op in three other libraries: what a user of each would write.

A row gives the intervals that the inputs are drawn from, the parameters handed to hasderiv, and one
expression a library in the names ``x``, ``y``, ``z``; ``None`` says that the library has no such op and a
user would have to compose one.  Compositions are given where the usual answer is one short line.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Row(NamedTuple):
    """One op: where its inputs lie, its parameters, and its spelling elsewhere."""

    domain: tuple[tuple[float, float], ...]
    torch: str | None
    jax: str | None
    autograd: str | None
    params: dict[str, float] = {}  # noqa: RUF012 (a NamedTuple default is shared and never changed)


LINE = ((-4.0, 4.0),)
POSITIVE = ((0.1, 4.0),)
UNIT = ((-0.9, 0.9),)
PLANE = ((-4.0, 4.0), (-4.0, 4.0))
QUADRANT = ((0.1, 4.0), (0.1, 4.0))
RIGHT = ((-4.0, 4.0), (0.1, 4.0))

ROWS: dict[str, Row] = {
    # arithmetic
    "add": Row(PLANE, "x + y", "x + y", "x + y"),
    "sub": Row(PLANE, "x - y", "x - y", "x - y"),
    "mul": Row(PLANE, "x * y", "x * y", "x * y"),
    "div": Row(RIGHT, "x / y", "x / y", "x / y"),
    "scale": Row(LINE, "x * 3.0", "x * 3.0", "x * 3.0", {"c": 3.0}),
    "square": Row(LINE, "T.square(x)", "J.square(x)", "A.square(x)"),
    "cube": Row(LINE, "x ** 3", "x ** 3", "x ** 3"),
    "abs": Row(LINE, "T.abs(x)", "J.abs(x)", "A.abs(x)"),
    "sqrt": Row(POSITIVE, "T.sqrt(x)", "J.sqrt(x)", "A.sqrt(x)"),
    "sqrt_clamp": Row(POSITIVE, "T.sqrt(T.relu(x))", "J.sqrt(nn.relu(x))", "A.sqrt(A.maximum(x, 0.0))"),
    "rsqrt": Row(POSITIVE, "T.rsqrt(x)", "lax.rsqrt(x)", "1.0 / A.sqrt(x)"),
    "cbrt": Row(POSITIVE, None, "J.cbrt(x)", None),
    "inv": Row(POSITIVE, "T.reciprocal(x)", "J.reciprocal(x)", "A.reciprocal(x)"),
    "reciprocal": Row(POSITIVE, "T.reciprocal(x)", "J.reciprocal(x)", "A.reciprocal(x)"),
    "pow": Row(QUADRANT, "T.pow(x, y)", "J.power(x, y)", "A.power(x, y)"),
    "max": Row(PLANE, "T.maximum(x, y)", "J.maximum(x, y)", "A.maximum(x, y)"),
    "min": Row(PLANE, "T.minimum(x, y)", "J.minimum(x, y)", "A.minimum(x, y)"),
    "clamp": Row(
        LINE, "T.clamp(x, -1.0, 1.0)", "J.clip(x, -1.0, 1.0)", "A.clip(x, -1.0, 1.0)", {"lo": -1.0, "hi": 1.0}
    ),
    "select": Row((*PLANE, (-4.0, 4.0)), "T.where(x != 0, y, z)", "J.where(x != 0, y, z)", "A.where(x != 0, y, z)"),
    "sign": Row(LINE, "T.sign(x)", "J.sign(x)", "A.sign(x)"),
    "floor": Row(LINE, "T.floor(x)", "J.floor(x)", "A.floor(x)"),
    "ceil": Row(LINE, "T.ceil(x)", "J.ceil(x)", "A.ceil(x)"),
    "round": Row(LINE, "T.round(x)", "J.round(x)", "A.round(x)"),
    "fmod": Row(RIGHT, "T.fmod(x, y)", "J.fmod(x, y)", None),
    "remainder": Row(RIGHT, "T.remainder(x, y)", "J.remainder(x, y)", "A.remainder(x, y)"),
    "copysign": Row(PLANE, "T.copysign(x, y)", "J.copysign(x, y)", None),
    "hypot": Row(PLANE, "T.hypot(x, y)", "J.hypot(x, y)", None),
    "atan2": Row(RIGHT, "T.atan2(x, y)", "J.arctan2(x, y)", "A.arctan2(x, y)"),
    # exponentials and logarithms
    "exp": Row(LINE, "T.exp(x)", "J.exp(x)", "A.exp(x)"),
    "exp2": Row(LINE, "T.exp2(x)", "J.exp2(x)", "A.exp2(x)"),
    "expm1": Row(LINE, "T.expm1(x)", "J.expm1(x)", "A.expm1(x)"),
    "log": Row(POSITIVE, "T.log(x)", "J.log(x)", "A.log(x)"),
    "log2": Row(POSITIVE, "T.log2(x)", "J.log2(x)", "A.log2(x)"),
    "log10": Row(POSITIVE, "T.log10(x)", "J.log10(x)", "A.log10(x)"),
    "log1p": Row(POSITIVE, "T.log1p(x)", "J.log1p(x)", "A.log1p(x)"),
    "logaddexp": Row(PLANE, "T.logaddexp(x, y)", "J.logaddexp(x, y)", "A.logaddexp(x, y)"),
    "xlogy": Row(QUADRANT, "T.special.xlogy(x, y)", "jsp.xlogy(x, y)", "x * A.log(y)"),
    "xlog1py": Row(QUADRANT, "T.special.xlog1py(x, y)", "jsp.xlog1py(x, y)", "x * A.log1p(y)"),
    "xdivy": Row(QUADRANT, "x / y", "x / y", "x / y"),
    "logit_clamp": Row(((0.05, 0.95),), "T.logit(x, 1e-6)", None, None, {"eps": 1e-6}),
    "logit": Row(((0.05, 0.95),), "T.logit(x)", "jsp.logit(x)", "A.log(x / (1.0 - x))"),
    "safe_log": Row(
        LINE, "T.log(F.softplus(x) + 1e-6)", "J.log(nn.softplus(x) + 1e-6)", "A.log(A.log1p(A.exp(x)) + 1e-6)", {}
    ),
    # circular and hyperbolic
    "sin": Row(LINE, "T.sin(x)", "J.sin(x)", "A.sin(x)"),
    "cos": Row(LINE, "T.cos(x)", "J.cos(x)", "A.cos(x)"),
    "tan": Row(UNIT, "T.tan(x)", "J.tan(x)", "A.tan(x)"),
    "asin": Row(UNIT, "T.asin(x)", "J.arcsin(x)", "A.arcsin(x)"),
    "acos": Row(UNIT, "T.acos(x)", "J.arccos(x)", "A.arccos(x)"),
    "atan": Row(LINE, "T.atan(x)", "J.arctan(x)", "A.arctan(x)"),
    "sinh": Row(LINE, "T.sinh(x)", "J.sinh(x)", "A.sinh(x)"),
    "cosh": Row(LINE, "T.cosh(x)", "J.cosh(x)", "A.cosh(x)"),
    "tanh": Row(LINE, "T.tanh(x)", "J.tanh(x)", "A.tanh(x)"),
    "asinh": Row(LINE, "T.asinh(x)", "J.arcsinh(x)", "A.arcsinh(x)"),
    "acosh": Row(((1.1, 4.0),), "T.acosh(x)", "J.arccosh(x)", "A.arccosh(x)"),
    "atanh": Row(UNIT, "T.atanh(x)", "J.arctanh(x)", "A.arctanh(x)"),
    "sinc": Row(LINE, "T.sinc(x)", "J.sinc(x)", "A.sinc(x)"),
    "erf": Row(LINE, "T.erf(x)", "jsp.erf(x)", "asp.erf(x)"),
    "erfc": Row(LINE, "T.erfc(x)", "jsp.erfc(x)", "asp.erfc(x)"),
    # activations
    "relu": Row(LINE, "F.relu(x)", "nn.relu(x)", "A.maximum(x, 0.0)"),
    "relu6": Row(LINE, "F.relu6(x)", "nn.relu6(x)", "A.clip(x, 0.0, 6.0)"),
    "squared_relu": Row(LINE, "F.relu(x) ** 2", "nn.relu(x) ** 2", "A.maximum(x, 0.0) ** 2"),
    "leaky_relu": Row(
        LINE, "F.leaky_relu(x, 0.01)", "nn.leaky_relu(x, 0.01)", "A.where(x > 0, x, 0.01 * x)", {"alpha": 0.01}
    ),
    "elu": Row(LINE, "F.elu(x)", "nn.elu(x)", "A.where(x > 0, x, A.expm1(x))", {"alpha": 1.0}),
    "selu": Row(LINE, "F.selu(x)", "nn.selu(x)", None),
    "celu": Row(LINE, "F.celu(x)", "nn.celu(x)", None),
    "sigmoid": Row(LINE, "T.sigmoid(x)", "nn.sigmoid(x)", "asp.expit(x)"),
    "logistic": Row(LINE, "T.sigmoid(x)", "nn.sigmoid(x)", "asp.expit(x)"),
    "log_sigmoid": Row(LINE, "F.logsigmoid(x)", "nn.log_sigmoid(x)", "-A.logaddexp(-x, 0.0)"),
    "softplus": Row(LINE, "F.softplus(x)", "nn.softplus(x)", "A.logaddexp(x, 0.0)"),
    "silu": Row(LINE, "F.silu(x)", "nn.silu(x)", "x * asp.expit(x)"),
    "mish": Row(LINE, "F.mish(x)", "nn.mish(x)", "x * A.tanh(A.logaddexp(x, 0.0))"),
    "gelu": Row(
        LINE,
        "F.gelu(x, approximate='tanh')",
        "nn.gelu(x, approximate=True)",
        "0.5 * x * (1.0 + A.tanh(0.7978845608 * (x + 0.044715 * x * x * x)))",
    ),
    "gelu_erf": Row(LINE, "F.gelu(x)", "nn.gelu(x, approximate=False)", "0.5 * x * (1.0 + asp.erf(x * 0.7071067812))"),
    "hardtanh": Row(LINE, "F.hardtanh(x)", "nn.hard_tanh(x)", "A.clip(x, -1.0, 1.0)"),
    "hardsigmoid": Row(LINE, "F.hardsigmoid(x)", "nn.hard_sigmoid(x)", "A.clip(x / 6.0 + 0.5, 0.0, 1.0)"),
    "hardswish": Row(LINE, "F.hardswish(x)", "nn.hard_swish(x)", "x * A.clip(x / 6.0 + 0.5, 0.0, 1.0)"),
    "softsign": Row(LINE, "F.softsign(x)", "nn.soft_sign(x)", "x / (1.0 + A.abs(x))"),
    "tanhshrink": Row(LINE, "F.tanhshrink(x)", "x - J.tanh(x)", "x - A.tanh(x)"),
    "softshrink": Row(LINE, "F.softshrink(x)", None, "A.sign(x) * A.maximum(A.abs(x) - 0.5, 0.0)"),
    "hardshrink": Row(LINE, "F.hardshrink(x)", None, "A.where(A.abs(x) > 0.5, x, 0.0)"),
    "smooth_abs": Row(LINE, "T.sqrt(x * x + 1e-6)", "J.sqrt(x * x + 1e-6)", "A.sqrt(x * x + 1e-6)"),
    # losses, elementwise
    "huber": Row(PLANE, "F.huber_loss(x, y, reduction='none')", None, None),
    "smooth_l1": Row(PLANE, "F.smooth_l1_loss(x, y, reduction='none')", None, None),
    "bce_with_logits": Row(
        ((-4.0, 4.0), (0.0, 1.0)),
        "F.binary_cross_entropy_with_logits(x, y, reduction='none')",
        None,
        "A.maximum(x, 0.0) - x * y + A.log1p(A.exp(-A.abs(x)))",
    ),
}


def compile_torch(row: Row) -> Any:
    """The row as a function of torch tensors."""
    import torch

    names = {"T": torch, "F": torch.nn.functional}
    return _function(row, row.torch, names)


def compile_jax(row: Row) -> Any:
    """The row as a function of JAX arrays."""
    import jax
    import jax.scipy.special

    return _function(row, row.jax, {"J": jax.numpy, "lax": jax.lax, "nn": jax.nn, "jsp": jax.scipy.special})


def compile_autograd(row: Row) -> Any:
    """The row as a function of HIPS autograd boxes."""
    import autograd.numpy
    import autograd.scipy.special

    return _function(row, row.autograd, {"A": autograd.numpy, "asp": autograd.scipy.special})


def _function(row: Row, text: str | None, names: dict[str, Any]) -> Any:
    if text is None:
        return None
    arguments = ", ".join("xyz"[: len(row.domain)])
    return eval(f"lambda {arguments}: {text}", names)  # the table above is ours, and this is a benchmark
