"""Operations that move entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from ....proofs.graph.places import broadcast, dims_of, outputs, reshaped, shifted, transposed, wrapped
from ....proofs.kernel.terms import ZERO, Term, rat, var
from ...tensor_ops.gathering import GATHER, SCATTER_ADD
from ...tensor_ops.gathering import SCATTER as PUT_ROWS
from ...tensor_ops.indexing import GETITEM, SCATTER, Key, Slot
from ...tensor_ops.shapes import ASTYPE, BROADCAST_TO, CONCATENATE, IDENTITY, MOVE, RESHAPE, SPREAD, TRANSPOSE
from ..ssa import Instruction
from .lowering import Lowering


def same(low: Lowering, node: Instruction) -> None:
    """The operand: over the real numbers a conversion between floats changes nothing."""
    low.names[node.result] = low.operand(node.operands[0])


def reshape(low: Lowering, node: Instruction) -> None:
    x = low.operand(node.operands[0])
    dims = dims_of(low.shape(node.result))
    low.take(node, x, dims, reshaped(low.wiring.dims[x], dims), last=True)


def transpose(low: Lowering, node: Instruction) -> None:
    if node.static:
        dims = dims_of(low.shape(node.result))
        low.take(node, low.operand(node.operands[0]), dims, transposed(node.static), last=True)
    else:
        same(low, node)


def spread(low: Lowering, node: Instruction) -> None:
    x = low.operand(node.operands[0])
    dims = dims_of(low.shape(node.result))
    low.take(node, x, dims, broadcast(low.wiring.dims[x], dims), last=True)


def concatenate(low: Lowering, node: Instruction) -> None:
    """One operand after the other, those without entries left out; then the sizes as numbers."""
    axis = node.static[0]
    parts = [v for v in node.operands if low.shape(v)[axis]] or node.operands[:1]
    joined = low.operand(parts[0])
    for v in parts[1:]:
        joined = low.step(node, ("appended", len(low.shape(v)), axis), [joined, low.operand(v)], {}, last=False)
    dims = dims_of(low.shape(node.result))
    low.take(node, joined, dims, outputs(len(dims)), last=True, anew=len(parts) > 1)


# ---- indexing


def getitem(low: Lowering, node: Instruction) -> None:
    x, *indices = node.operands
    dims = dims_of(low.shape(node.result))
    places = _places(low, node, indices)
    low.take(node, low.operand(x), dims, places, last=True)


def scatter(low: Lowering, node: Instruction) -> None:
    g, *indices = node.operands
    _put(low, node, low.operand(g), _places(low, node, indices), dims_of(node.static.shape))


def _put(low: Lowering, node: Instruction, x: str, places: list[Term], dims: Sequence[int], last: bool = True) -> str:
    """Entries of ``x`` added in at places."""
    rank = len(low.wiring.dims[x])
    values = {f"at{a}": low.closed(p, rank) for a, p in enumerate(places)}
    sizes = {f"n{a}": rat(n) for a, n in enumerate(dims)}
    return low.step(node, ("put", rank, len(dims)), [x], values | sizes, last=last)


def _places(low: Lowering, node: Instruction, indices: Sequence[int]) -> list[Term]:
    """The place along each axis of the tensor that is indexed, by the indices of the result."""
    static: Key = node.static
    result = low.shape(node.result) if node.primitive is GETITEM else low.shape(node.operands[0])
    parts = _parts(low, static, indices)
    arrays = [p for p in parts if isinstance(p, _Array)]
    block = np.broadcast_shapes(*[p.shape for p in arrays]) if arrays else ()
    # beside an array an integer counts as one, and arrays that are apart put their block first
    where = [k for k, p in enumerate(parts) if arrays and isinstance(p, _Array | int)]
    together = not where or where == list(range(where[0], where[-1] + 1))
    axes = iter(outputs(len(result)))
    at_block = None if together else [next(axes) for _ in block]
    places: list[Term] = []
    for p in parts:
        if arrays and isinstance(p, _Array | int) and at_block is None:
            at_block = [next(axes) for _ in block]
        if isinstance(p, _Array):
            assert at_block is not None
            places.append(p.place(at_block))
        elif p is None:
            next(axes)
        elif isinstance(p, range):
            places.append(shifted(p.start, p.step, next(axes)))
        else:
            places.append(rat(p))
    return places or [ZERO]


class _Array:
    """An integer array in a key: an operand, of one of whose entries the place is."""

    def __init__(self, name: str, shape: tuple[int, ...], size: int | None) -> None:
        self.name, self.shape, self.size = name, shape, size

    def place(self, block: Sequence[Term]) -> Term:
        """Its entry at the indices of the block that all arrays of the key make together."""
        mine = list(block)[len(block) - len(self.shape) :]
        entry = var(self.name, *([ZERO if n == 1 else k for n, k in zip(self.shape, mine, strict=True)] or [ZERO]))
        return entry if self.size is None else wrapped(entry, self.size)


def _parts(low: Lowering, static: Key, indices: Sequence[int]) -> list[Any]:
    """The key with a part for each axis: an integer, a range, an array, or ``None`` for a new axis."""
    key = static.key if type(static.key) is tuple else (static.key,)  # a Slot is a tuple too
    taken = sum(_axes_of(low, k, indices) for k in key)
    whole = [slice(None)] * (len(static.shape) - taken)
    if any(k is Ellipsis for k in key):
        here = next(i for i, k in enumerate(key) if k is Ellipsis)
        key = (*key[:here], *whole, *key[here + 1 :])
    else:
        key = (*key, *whole)
    parts: list[Any] = []
    axis = 0
    for k in key:
        if k is None:
            parts.append(None)
        elif isinstance(k, slice):
            parts.append(range(*k.indices(static.shape[axis])))
            axis += 1
        elif isinstance(k, Slot):
            found = _arrays(low, indices[k.number], static.shape[axis])
            parts += found
            axis += len(found)
        else:
            parts.append(int(k) % max(static.shape[axis], 1))
            axis += 1
    return parts


def _axes_of(low: Lowering, k: Any, indices: Sequence[int]) -> int:
    """How many axes a part of a key is for."""
    if k is None or k is Ellipsis:
        return 0
    if isinstance(k, Slot) and low.graph.types[indices[k.number]].dtype == bool:
        return len(low.shape(indices[k.number]))
    return 1


def _arrays(low: Lowering, v: int, size: int) -> list[_Array]:
    """An index array; of a mask the places where it is true, along each of its axes."""
    if low.graph.types[v].dtype != bool:
        return [_Array(f"v{v}", low.shape(v), size)]
    rank = len(low.shape(v))
    places = np.nonzero(low.graph.constants[v])
    found = []
    for a in range(rank):
        name = f"v{v}_at{a}"
        low.computed[f"{name}/1"] = lambda _, chosen=places[a]: chosen
        found.append(_Array(name, (len(places[a]),), None))
    return found


# ---- gathering by rows


def gather(low: Lowering, node: Instruction) -> None:
    x, index = node.operands
    places = _rows(low, low.shape(x), index, node.static.rest, low.shape(node.result))
    low.take(node, low.operand(x), dims_of(low.shape(node.result)), places, last=True)


def put_rows(low: Lowering, node: Instruction) -> None:
    values, index = node.operands
    rest, shape = node.static
    _put(low, node, low.operand(values), _rows(low, shape, index, rest, low.shape(values)), shape)


def scatter_add(low: Lowering, node: Instruction) -> None:
    x, values, index = node.operands
    shape = low.shape(x)
    places = _rows(low, shape, index, node.static.rest, low.shape(values))
    added = _put(low, node, low.operand(values), places, shape, last=False)
    low.step(node, "add", [low.operand(x), added], {})


def _rows(low: Lowering, shape: Sequence[int], index: int, rest: int, values: Sequence[int]) -> list[Term]:
    """The place in ``(*batch, n, *rest)`` of each entry of ``(*batch, k, *rest)``; leading axes broadcast."""
    o = outputs(len(values))
    rows, tail = o[: len(o) - rest], o[len(o) - rest :]
    mine = low.shape(index)
    here = [ZERO if n == 1 else k for n, k in zip(mine[:-1], rows[len(rows) - len(mine) : -1], strict=True)]
    at = var(f"v{index}", *here, rows[-1])
    batch = shape[: len(shape) - rest - 1]
    lead = [ZERO if n == 1 else k for n, k in zip(batch, rows[len(rows) - 1 - len(batch) : -1], strict=True)]
    return [*lead, at, *tail]


RULES: Final = {
    ASTYPE: same,
    IDENTITY: same,
    MOVE: same,
    RESHAPE: reshape,
    TRANSPOSE: transpose,
    BROADCAST_TO: spread,
    SPREAD: spread,
    CONCATENATE: concatenate,
    GETITEM: getitem,
    SCATTER: scatter,
    GATHER: gather,
    PUT_ROWS: put_rows,
    SCATTER_ADD: scatter_add,
}
