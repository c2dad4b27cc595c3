"""Pools over windows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ....proofs.graph.places import outputs
from ....proofs.kernel.terms import var
from ...tensor_ops.pooling import AVG_POOL, MAX_POOL, SMOOTH_MAX_POOL
from ...tensor_ops.windows import Windows
from ..ssa import Instruction
from .lowering import Lowering
from .products import AXES, window_values


def average(low: Lowering, node: Instruction) -> None:
    _pooled(low, node, node.static, {})


def smooth(low: Lowering, node: Instruction) -> None:
    w, beta = node.static
    _pooled(low, node, w, {"beta": low.number(node, beta)})


def largest(low: Lowering, node: Instruction) -> None:
    """The certificate is about any winners, under the condition that they are: those that the runtime finds."""
    w: Windows = node.static
    x = node.operands[0]
    planes = math.prod(low.shape(x)[: -len(w.size)])
    dims = (planes, *w.out)
    winners = {}
    for axis, name in enumerate(AXES.get(len(w.size), ())):
        family = f"v{node.result}_winner_{name}"
        low.computed[f"{family}/{len(dims)}"] = _winner(node, axis, dims)
        winners[f"winner_{name}"] = low.closed(var(family, *outputs(len(dims))), len(dims))
    _pooled(low, node, w, winners)


def _winner(node: Instruction, axis: int, dims: tuple[int, ...]) -> Any:
    """The place along one axis of the winner of each window."""
    w: Windows = node.static

    def places(values: Mapping[int, Any]) -> Any:
        offsets = node.primitive.keep(w, values[node.operands[0]])[1][-1].reshape(dims).astype(np.int64)
        within = np.unravel_index(np.minimum(offsets, w.offsets - 1), w.kernel)[axis]
        first = np.arange(w.out[axis]) * w.stride[axis] - w.padding[axis]
        return within + first.reshape([-1 if a == axis + 1 else 1 for a in range(len(dims))])

    return places


def _pooled(low: Lowering, node: Instruction, w: Windows, values: Mapping[str, Any]) -> None:
    """A pool over the last axes, those before them read as one."""
    given = window_values(low, node, w) | dict(values)
    x = node.operands[0]
    planes = math.prod(low.shape(x)[: -len(w.size)])
    flat = low.shaped(node, low.operand(x), (planes, *w.size))
    low.most(node, f"{node.primitive.name}{len(w.size)}d", [flat], given, (planes, *w.out))


RULES: Final = {AVG_POOL: average, MAX_POOL: largest, SMOOTH_MAX_POOL: smooth}
