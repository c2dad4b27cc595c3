"""Torch's own kernels with ``out=``: what a careful user writes who wants no allocation and no tape.

Each op has a forward and a backward expression.  Names: the inputs ``x``, ``y``, ``z``; the cotangent ``g``; what
torch's tape would have saved, the result ``r`` or ``s``; the arrays ``o`` and ``p`` to write to and the mask ``m``; a
zero ``n`` of no dimension.  ``A`` holds the kernels that autograd runs (``torch.ops.aten``).  Where autograd has one
kernel for the backward pass, it stands here, else its formula, step by step in place.  An empty text: torch has no
such op.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from peers import Row


class Kernels(NamedTuple):
    """The forward and the backward kernel of an op, and what else the tape would have saved."""

    forward: str
    backward: str
    saved: str = ""


ELU = "A.elu_backward.grad_input(g, {}, {}, 1, False, x, grad_input=o)"
SELU = "1.6732632423543772, 1.0507009873554805"
KERNELS: dict[str, Kernels] = {
    # arithmetic
    "add": Kernels("T.add(x, y, out=o)", "o.copy_(g), p.copy_(g)"),
    "sub": Kernels("T.sub(x, y, out=o)", "o.copy_(g), T.neg(g, out=p)"),
    "mul": Kernels("T.mul(x, y, out=o)", "T.mul(g, y, out=o), T.mul(g, x, out=p)"),
    "div": Kernels("T.div(x, y, out=o)", "T.div(g, y, out=o), T.mul(o, r, out=p).neg_()"),
    "scale": Kernels("T.mul(x, 3.0, out=o)", "T.mul(g, 3.0, out=o)"),
    "square": Kernels("T.square(x, out=o)", "T.mul(x, 2.0, out=o).mul_(g)"),
    "cube": Kernels("T.pow(x, 3, out=o)", "T.mul(x, x, out=o).mul_(3.0).mul_(g)"),
    "abs": Kernels("T.abs(x, out=o)", "T.sgn(x, out=o).mul_(g)"),
    "sqrt": Kernels("T.sqrt(x, out=o)", "T.div(g, T.mul(r, 2.0, out=o), out=o)"),
    "sqrt_clamp": Kernels(
        "T.clamp_min(x, 0.0, out=o).sqrt_()",
        "T.div(g, T.mul(r, 2.0, out=o), out=o), A.threshold_backward.grad_input(o, x, 0.0, grad_input=o)",
    ),
    "rsqrt": Kernels("T.rsqrt(x, out=o)", "T.pow(r, 3, out=o).mul_(-0.5).mul_(g)"),
    "cbrt": Kernels("", ""),
    "inv": Kernels("T.reciprocal(x, out=o)", "T.mul(r, r, out=o).mul_(g).neg_()"),
    "reciprocal": Kernels("T.reciprocal(x, out=o)", "T.mul(r, r, out=o).mul_(g).neg_()"),
    "pow": Kernels(
        "T.pow(x, y, out=o)",
        "T.pow(x, T.sub(y, 1.0, out=o), out=o).mul_(y).mul_(g), T.log(x, out=p).mul_(r).mul_(g)",
    ),
    "max": Kernels(
        "T.maximum(x, y, out=o)", "T.where(T.ge(x, y, out=m), g, n, out=o), T.where(T.lt(x, y, out=m), g, n, out=p)"
    ),
    "min": Kernels(
        "T.minimum(x, y, out=o)", "T.where(T.le(x, y, out=m), g, n, out=o), T.where(T.gt(x, y, out=m), g, n, out=p)"
    ),
    "clamp": Kernels("T.clamp(x, -1.0, 1.0, out=o)", "A.hardtanh_backward.grad_input(g, x, -1.0, 1.0, grad_input=o)"),
    "select": Kernels("T.where(s, y, z, out=o)", "T.where(s, g, n, out=o), T.where(s, n, g, out=p)", "x != 0"),
    "sign": Kernels("T.sign(x, out=o)", "o.zero_()"),
    "floor": Kernels("T.floor(x, out=o)", "o.zero_()"),
    "ceil": Kernels("T.ceil(x, out=o)", "o.zero_()"),
    "round": Kernels("T.round(x, out=o)", "o.zero_()"),
    "fmod": Kernels("T.fmod(x, y, out=o)", "o.copy_(g), T.div(x, y, rounding_mode='trunc', out=p).mul_(g).neg_()"),
    "remainder": Kernels(
        "T.remainder(x, y, out=o)", "o.copy_(g), T.div(x, y, rounding_mode='floor', out=p).mul_(g).neg_()"
    ),
    "copysign": Kernels(
        "T.copysign(x, y, out=o)", "T.div(r, x, out=o).masked_fill_(T.eq(x, 0.0, out=m), 0.0).mul_(g), p.zero_()"
    ),
    "hypot": Kernels("T.hypot(x, y, out=o)", "T.div(x, r, out=o).mul_(g), T.div(y, r, out=p).mul_(g)"),
    "atan2": Kernels(
        "T.atan2(x, y, out=o)",
        "T.div(g, T.mul(x, x, out=p).addcmul_(y, y), out=p), T.mul(p, y, out=o), p.mul_(x).neg_()",
    ),
    # exponentials and logarithms
    "exp": Kernels("T.exp(x, out=o)", "T.mul(g, r, out=o)"),
    "exp2": Kernels("T.exp2(x, out=o)", "T.mul(g, r, out=o).mul_(0.6931471805599453)"),
    "expm1": Kernels("T.expm1(x, out=o)", "T.add(r, 1.0, out=o).mul_(g)"),
    "log": Kernels("T.log(x, out=o)", "T.div(g, x, out=o)"),
    "log2": Kernels("T.log2(x, out=o)", "T.div(g, T.mul(x, 0.6931471805599453, out=o), out=o)"),
    "log10": Kernels("T.log10(x, out=o)", "T.div(g, T.mul(x, 2.302585092994046, out=o), out=o)"),
    "log1p": Kernels("T.log1p(x, out=o)", "T.div(g, T.add(x, 1.0, out=o), out=o)"),
    "logaddexp": Kernels(
        "T.logaddexp(x, y, out=o)",
        "T.div(g, T.sub(y, x, out=o).exp_().add_(1.0), out=o), T.div(g, T.sub(x, y, out=p).exp_().add_(1.0), out=p)",
    ),
    "xlogy": Kernels("T.xlogy(x, y, out=o)", "T.log(y, out=o).mul_(g), T.div(x, y, out=p).mul_(g)"),
    "xlog1py": Kernels(
        "T.special.xlog1py(x, y, out=o)", "T.log1p(y, out=o).mul_(g), T.div(x, T.add(y, 1.0, out=p), out=p).mul_(g)"
    ),
    "xdivy": Kernels("T.div(x, y, out=o)", "T.div(g, y, out=o), T.mul(o, r, out=p).neg_()"),
    "logit": Kernels("T.logit(x, out=o)", "A.logit_backward.grad_input(g, x, None, grad_input=o)"),
    "logit_clamp": Kernels("T.logit(x, 1e-6, out=o)", "A.logit_backward.grad_input(g, x, 1e-6, grad_input=o)"),
    "safe_log": Kernels(
        "A.softplus.out(x, 1, 20, out=o).add_(1e-6).log_()",
        "A.softplus_backward.grad_input(T.div(g, s, out=o), x, 1, 20, grad_input=o)",
        "F.softplus(x) + 1e-6",
    ),
    # circular and hyperbolic
    "sin": Kernels("T.sin(x, out=o)", "T.cos(x, out=o).mul_(g)"),
    "cos": Kernels("T.cos(x, out=o)", "T.sin(x, out=o).neg_().mul_(g)"),
    "tan": Kernels("T.tan(x, out=o)", "T.mul(r, r, out=o).add_(1.0).mul_(g)"),
    "asin": Kernels("T.asin(x, out=o)", "T.mul(x, x, out=o).neg_().add_(1.0).rsqrt_().mul_(g)"),
    "acos": Kernels("T.acos(x, out=o)", "T.mul(x, x, out=o).neg_().add_(1.0).rsqrt_().neg_().mul_(g)"),
    "atan": Kernels("T.atan(x, out=o)", "T.div(g, T.mul(x, x, out=o).add_(1.0), out=o)"),
    "sinh": Kernels("T.sinh(x, out=o)", "T.cosh(x, out=o).mul_(g)"),
    "cosh": Kernels("T.cosh(x, out=o)", "T.sinh(x, out=o).mul_(g)"),
    "tanh": Kernels("T.tanh(x, out=o)", "A.tanh_backward.grad_input(g, r, grad_input=o)"),
    "asinh": Kernels("T.asinh(x, out=o)", "T.mul(x, x, out=o).add_(1.0).rsqrt_().mul_(g)"),
    "acosh": Kernels("T.acosh(x, out=o)", "T.mul(x, x, out=o).sub_(1.0).rsqrt_().mul_(g)"),
    "atanh": Kernels("T.atanh(x, out=o)", "T.div(g, T.mul(x, x, out=o).neg_().add_(1.0), out=o)"),
    "sinc": Kernels(
        "T.sinc(x, out=o)",
        "T.mul(x, 3.141592653589793, out=o), T.cos(o, out=p).mul_(o).sub_(o.sin_()), "
        "p.div_(T.mul(x, x, out=o).mul_(3.141592653589793)).mul_(g).masked_fill_(T.eq(o, 0.0, out=m), 0.0)",
    ),
    "erf": Kernels("T.erf(x, out=o)", "T.mul(x, x, out=o).neg_().exp_().mul_(1.1283791670955126).mul_(g)"),
    "erfc": Kernels("T.erfc(x, out=o)", "T.mul(x, x, out=o).neg_().exp_().mul_(-1.1283791670955126).mul_(g)"),
    # activations
    "relu": Kernels("A.relu.out(x, out=o)", "A.threshold_backward.grad_input(g, r, 0.0, grad_input=o)"),
    "relu6": Kernels(
        "A.hardtanh.out(x, 0.0, 6.0, out=o)", "A.hardtanh_backward.grad_input(g, x, 0.0, 6.0, grad_input=o)"
    ),
    "squared_relu": Kernels("A.relu.out(x, out=o).square_()", "A.relu.out(x, out=o).mul_(2.0).mul_(g)"),
    "leaky_relu": Kernels(
        "A.leaky_relu.out(x, 0.01, out=o)", "A.leaky_relu_backward.grad_input(g, x, 0.01, False, grad_input=o)"
    ),
    "elu": Kernels("A.elu.out(x, out=o)", ELU.format("1", "1")),
    "selu": Kernels(f"A.elu.out(x, {SELU}, out=o)", ELU.format(*SELU.split(", "))),
    "celu": Kernels("A.elu.out(x, out=o)", ELU.format("1", "1")),
    "sigmoid": Kernels("T.sigmoid(x, out=o)", "A.sigmoid_backward.grad_input(g, r, grad_input=o)"),
    "logistic": Kernels("T.sigmoid(x, out=o)", "A.sigmoid_backward.grad_input(g, r, grad_input=o)"),
    "log_sigmoid": Kernels(
        "A.log_sigmoid_forward.output(x, output=o, buffer=p)",
        "A.log_sigmoid_backward.grad_input(g, x, s, grad_input=o)",
        "A.log_sigmoid_forward(x)[1]",
    ),
    "softplus": Kernels("A.softplus.out(x, 1, 20, out=o)", "A.softplus_backward.grad_input(g, x, 1, 20, grad_input=o)"),
    "silu": Kernels("A.silu.out(x, out=o)", "A.silu_backward.grad_input(g, x, grad_input=o)"),
    "mish": Kernels("A.mish.out(x, out=o)", "o.copy_(A.mish_backward(g, x))"),  # no kernel with out=
    "gelu": Kernels(
        "A.gelu.out(x, approximate='tanh', out=o)",
        "A.gelu_backward.grad_input(g, x, approximate='tanh', grad_input=o)",
    ),
    "gelu_erf": Kernels("A.gelu.out(x, out=o)", "A.gelu_backward.grad_input(g, x, grad_input=o)"),
    "hardtanh": Kernels(
        "A.hardtanh.out(x, -1.0, 1.0, out=o)", "A.hardtanh_backward.grad_input(g, x, -1.0, 1.0, grad_input=o)"
    ),
    "hardsigmoid": Kernels("A.hardsigmoid.out(x, out=o)", "A.hardsigmoid_backward.grad_input(g, x, grad_input=o)"),
    "hardswish": Kernels("A.hardswish.out(x, out=o)", "A.hardswish_backward.out(g, x, out=o)"),
    "softsign": Kernels(
        "T.div(x, T.abs(x, out=o).add_(1.0), out=o)", "T.div(g, T.abs(x, out=o).add_(1.0).square_(), out=o)"
    ),
    "tanhshrink": Kernels(
        "T.sub(x, T.tanh(x, out=o), out=o)",
        "T.sub(g, A.tanh_backward.grad_input(g, s, grad_input=o), out=o)",
        "T.tanh(x)",
    ),
    "softshrink": Kernels(
        "A.softshrink.out(x, 0.5, out=o)", "A.softshrink_backward.grad_input(g, x, 0.5, grad_input=o)"
    ),
    "hardshrink": Kernels(
        "A.hardshrink.out(x, 0.5, out=o)", "A.hardshrink_backward.grad_input(g, x, 0.5, grad_input=o)"
    ),
    "smooth_abs": Kernels("T.mul(x, x, out=o).add_(1e-6).sqrt_()", "T.div(x, r, out=o).mul_(g)"),
    # losses, elementwise
    "huber": Kernels(
        "A.huber_loss.out(x, y, 0, 1.0, out=o)",
        "A.huber_loss_backward.out(g, x, y, 0, 1.0, grad_input=o), T.neg(o, out=p)",
    ),
    "smooth_l1": Kernels(
        "A.smooth_l1_loss.out(x, y, 0, 1.0, out=o)",
        "A.smooth_l1_loss_backward.grad_input(g, x, y, 0, 1.0, grad_input=o), T.neg(o, out=p)",
    ),
    "bce_with_logits": Kernels(
        "T.clamp_min(x, 0.0, out=o).addcmul_(x, y, value=-1), o.add_(T.abs(x, out=p).neg_().exp_().log1p_())",
        "T.sigmoid(x, out=o).sub_(y).mul_(g), T.mul(x, g, out=p).neg_()",
    ),
}


def compile_kernels(name: str, row: Row, inputs: list[np.ndarray], seed: np.ndarray) -> tuple[Any, Any] | None:
    """The forward and the backward kernel of an op as functions of nothing, their arrays made beforehand."""
    texts = KERNELS[name]
    if not texts.forward:
        return None
    import torch

    tensors = dict(zip("xyz", map(torch.from_numpy, inputs), strict=False))
    known = {
        "T": torch,
        "F": torch.nn.functional,
        "A": torch.ops.aten,
        **tensors,
        "g": torch.from_numpy(seed),
        "o": torch.empty(seed.shape),
        "p": torch.empty(seed.shape),
        "m": torch.empty(seed.shape, dtype=torch.bool),
        "n": torch.zeros(()),
    }
    known["r"] = eval(f"{row.torch}", known)  # the tables are ours, and this is a benchmark
    if texts.saved:
        known["s"] = eval(texts.saved, known)
    return eval(f"lambda: ({texts.forward})", known), eval(f"lambda: ({texts.backward})", known)
