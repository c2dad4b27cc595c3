"""Products of matrices, convolutions and attention."""

from __future__ import annotations

import math
from typing import Final

from ....proofs.graph.places import broadcast, dims_of, reshaped
from ....proofs.kernel.terms import ONE, rat, substitute, var
from ...tensor_ops.attention import ATTEND
from ...tensor_ops.convolution import CONV, CONV_TRANSPOSE
from ...tensor_ops.products import MATMUL
from ...tensor_ops.windows import Windows
from ..ssa import Instruction
from .lowering import Lowering


def matmul(low: Lowering, node: Instruction) -> None:
    """A vector is a row on the left and a column on the right; leading axes broadcast, and are read as one."""
    left, right = (low.shape(v) for v in node.operands)
    a = left if len(left) > 1 else (1, *left)
    b = right if len(right) > 1 else (*right, 1)
    batch = tuple(max(pair) for pair in _pairs(a[:-2], b[:-2]))
    operands = [low.shaped(node, low.operand(v), shape) for v, shape in zip(node.operands, (a, b), strict=True)]
    if not batch:
        low.most(node, "matmul", operands, {}, (a[-2], b[-1]))
    else:
        count = math.prod(batch)
        spread = [
            low.shaped(node, low.spread(node, x, (*batch, *shape[-2:])), (count, *shape[-2:]))
            for x, shape in zip(operands, (a, b), strict=True)
        ]
        low.most(node, "bmm", spread, {}, (count, a[-2], b[-1]))


def _pairs(a: tuple[int, ...], b: tuple[int, ...]) -> list[tuple[int, int]]:
    rank = max(len(a), len(b))
    return list(zip((1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b, strict=True))


AXES: Final = {1: ("w",), 2: ("h", "w"), 3: ("d", "h", "w")}
"""The names of the axes along which windows move, as the catalogue has them."""


def window_values(low: Lowering, node: Instruction, w: Windows) -> dict[str, object]:
    """Kernel, stride, padding and number of windows along each axis."""
    if len(w.size) not in AXES:
        raise low.unsupported(node, f"windows along {len(w.size)} axes; the catalogue has one to three")
    found: dict[str, object] = {}
    for name, k, s, p, out in zip(AXES[len(w.size)], w.kernel, w.stride, w.padding, w.out, strict=True):
        found |= {f"k_{name}": rat(k), f"s_{name}": rat(s), f"p_{name}": rat(p), f"m_{name}": rat(out)}
    return found


def convolution(low: Lowering, node: Instruction) -> None:
    """A convolution or its transpose; without a bias that is a tensor of zeros."""
    w: Windows = node.static
    x, kernel, *rest = node.operands
    values = window_values(low, node, w)
    forward = node.primitive is CONV
    if not forward:  # the windows are those of the convolution whose adjoint it is
        values |= {f"m_{a}": rat(n) for a, n in zip(AXES[len(w.size)], w.size, strict=True)}
    for name in AXES[len(w.size)]:
        del values[f"k_{name}"]
    channels = low.shape(kernel)[0 if forward else 1]
    bias = low.operand(rest[0]) if rest else low.filled(node, low.mover_of(node), 0, (channels,))
    op = f"{'conv' if forward else 'conv_transpose'}{len(w.size)}d"
    low.step(node, op, [low.operand(x), low.operand(kernel), bias], values)


def attend(low: Lowering, node: Instruction) -> None:
    """Attention of matrices, their leading axes read as one."""
    q, k, v, mask = node.operands
    flat = []
    for x in (q, k, v):
        shape = low.shape(x)
        flat.append(low.shaped(node, low.operand(x), (math.prod(shape[:-2]), *shape[-2:])))
    lead = low.shape(q)[:-2]
    scores = (math.prod(lead), low.shape(q)[-2], low.shape(k)[-2])
    allowed = ONE
    if low.scalar(mask) is None:
        places = broadcast(dims_of(low.shape(mask)), (*lead, *scores[1:]))
        whole = reshaped((*lead, *scores[1:]), scores)
        at = {f"o{a}": t for a, t in enumerate(whole)}
        allowed = low.closed(var(f"v{mask}", *[substitute(t, at) for t in places]), len(scores))
    dims = (*scores[:2], low.shape(v)[-1])
    low.most(node, "attention", flat, {"scale": low.number(node, node.static), "mask": allowed}, dims)


RULES: Final = {MATMUL: matmul, CONV: convolution, CONV_TRANSPOSE: convolution, ATTEND: attend}
