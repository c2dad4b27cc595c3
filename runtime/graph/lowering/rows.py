"""Sums, softmax and its relatives, and normalisation: operations along axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from ....proofs.graph.places import transposed
from ...tensor_ops.normalization import NORMALIZE
from ...tensor_ops.reductions import LOG_SOFTMAX, LOGSUMEXP, SOFTMAX, SUM
from ..ssa import Instruction
from .lowering import Lowering


def total(low: Lowering, node: Instruction) -> None:
    """A sum over some axes, or over all."""
    axes, shape = node.static
    x = low.operand(node.operands[0])
    if len(axes) < len(shape):
        if axes:
            low.step(node, ("summed", len(shape), tuple(sorted(axes))), [x], {})
        else:
            low.names[node.result] = x
        return
    low.step(node, "sum", [low.shaped(node, x, (math.prod(shape),))], {})


def along(low: Lowering, node: Instruction) -> None:
    """softmax and log_softmax, along one axis."""
    x, axis = low.operand(node.operands[0]), node.static
    dims = low.wiring.dims[x]
    flat = _rows(low, node, x, [axis])
    as_it_is = len(dims) == 2 and axis == 1
    made = low.step(node, node.primitive.name, [flat], {}, last=as_it_is)
    _back(low, node, made, dims, [axis])


def log_sum_exp(low: Lowering, node: Instruction) -> None:
    """The axis stays, with length 1."""
    x, axis = low.operand(node.operands[0]), node.static
    flat = _rows(low, node, x, [axis])
    low.most(node, "logsumexp", [flat], {}, low.wiring.dims[flat][:1])


def normalize(low: Lowering, node: Instruction) -> None:
    """Layer norm without gain along the axes, then gain and offset where there are some."""
    axes, eps = node.static
    x = low.operand(node.operands[0])
    shape = low.shape(node.result)
    dims = low.wiring.dims[x]
    flat = _rows(low, node, x, sorted(axes))
    length = (low.wiring.dims[flat][1],)
    one, zero = (low.filled(node, x, c, length) for c in (1, 0))
    made = low.step(node, "layer_norm", [flat, one, zero], {"eps": low.number(node, eps)}, last=False)
    made = _back(low, node, made, dims, sorted(axes))
    for v, op, nothing in zip(node.operands[1:], ("mul", "add"), (1.0, 0.0), strict=True):
        if low.scalar(v) == nothing:
            continue
        made = low.step(node, op, [made, low.spread(node, low.operand(v), shape)], {}, last=False)
    low.names[node.result] = made


def _order(rank: int, axes: Sequence[int]) -> list[int]:
    """The axes with those named last."""
    return [a for a in range(rank) if a not in axes] + list(axes)


def _rows(low: Lowering, node: Instruction, x: str, axes: Sequence[int]) -> str:
    """The axes named as one, last, and all others as one before it."""
    dims = low.wiring.dims[x]
    order = _order(len(dims), axes)
    turned = low.take(node, x, tuple([dims[a] for a in order]), transposed(order))
    n = math.prod([dims[a] for a in axes])
    return low.shaped(node, turned, (math.prod(dims) // max(n, 1), n))


def _back(low: Lowering, node: Instruction, x: str, dims: Sequence[int], axes: Sequence[int]) -> str:
    """What :func:`_rows` took apart, as it was."""
    order = _order(len(dims), axes)
    turned = low.shaped(node, x, tuple([dims[a] for a in order]))
    back = [order.index(a) for a in range(len(dims))]
    return low.take(node, turned, tuple(dims), transposed(back), last=True)


RULES: Final = {
    SUM: total,
    SOFTMAX: along,
    LOG_SOFTMAX: along,
    LOGSUMEXP: log_sum_exp,
    NORMALIZE: normalize,
}
