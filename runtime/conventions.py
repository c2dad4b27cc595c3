"""``conventions_used``: where a computation met a point with no derivative, and what was returned there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .devices import is_numpy
from .elementwise import Times, Value
from .errors import GradientError
from .tape import freed, reachable
from .tensor import Dual, Tensor


@dataclass(frozen=True)
class ConventionUse:
    """One op at which some coordinates have no derivative.

    ``op`` is its name, ``coordinates`` the indices into its result (a list of tuples), ``where`` the
    condition that holds there, ``reason`` why there is no derivative, ``returned`` the convention, ``left``
    and ``right`` the one-sided derivatives (``None`` where there is none), ``by`` the input differentiated
    by, and ``inputs`` the values of the inputs at those coordinates, by name.
    """

    op: str
    coordinates: list[tuple[int, ...]]
    where: Any
    reason: Any
    returned: Any
    left: Any
    right: Any
    by: str | None
    inputs: dict[str, list[float]]

    def __str__(self) -> str:
        shown = ", ".join(str(c[0] if len(c) == 1 else c) for c in self.coordinates[:8])
        if len(self.coordinates) > 8:
            shown += f", ... ({len(self.coordinates)} in all)"
        sides = "" if self.left is None and self.right is None else f" (left {self.left}, right {self.right})"
        why = f"no derivative where {self.where}: {self.reason}{sides}"
        return f"{self.op} at [{shown}]: {why}; returned {self.returned}"


def conventions_used(loss: Tensor) -> list[ConventionUse]:
    """List each op below ``loss`` that met a point where it has no derivative, in the order of computation.

    It is computed here, from the inputs that the graph saved: ask before ``backward`` frees them, or call
    that one with ``retain_graph=True``.  An empty list means that every op on the way had a derivative at its
    inputs; a listed one means that the gradient rests on a convention, not that it is
    wrong.  Custom ops are not covered and never listed; ask their authors.

    Raises :class:`GradientError` when the saved inputs are gone or nothing was recorded.

    >>> import hasderiv as hd
    >>> t = hd.tensor([-1.0, 0.0, 2.0], requires_grad=True)
    >>> [use] = conventions_used(hd.relu(t).sum())
    >>> use.op, use.coordinates, float(use.returned), float(use.left), float(use.right)
    ('relu', [(1,)], 0.0, 0.0, 1.0)
    """
    if not isinstance(loss, Tensor) or loss._node is None:
        raise GradientError("conventions_used: this value does not depend on any tensor with requires_grad=True")
    uses: list[ConventionUse] = []
    nodes, _ = reachable([loss._node])
    for node in nodes:
        op = getattr(node, "op", None)
        if op is None:
            continue
        if node.saved is None:
            raise freed(node)
        if isinstance(op, Value | Times):
            uses.extend(_of_node(op, node))
        else:
            uses.extend(_of_primitive(op, node))
    uses.reverse()
    return uses


def _of_primitive(op: Any, node: Any) -> list[ConventionUse]:
    found = op.unsettled([_plain(x) for x in node.saved], node.static)
    if found is None:
        return []
    mask, record, inputs = found
    mask = _host(mask)
    where = [tuple(map(int, index)) for index in np.argwhere(mask)]
    values = {name: _host(x)[mask].tolist() for name, x in inputs.items()}
    stated = {"left": None, "right": None, "by": None, **record}
    return [ConventionUse(op=op.name, coordinates=where, inputs=values, **stated)] if where else []


def _of_node(op: Any, node: Any) -> list[ConventionUse]:
    kernels = op.factor.kernels
    saved = [_plain(x) for x in node.saved]
    live = [p is not None for p in node.parents]
    if isinstance(op, Times):
        saved, live = saved[1:], live[1:]
    arrays, params = node.static.split(tuple(saved), len(op.inputs))
    shape = np.broadcast_shapes(*(np.shape(a) for a in (*arrays, *params.values())))
    found = []
    for mask, record in kernels.conventions(*arrays, **params):
        by = record.get("argument") if isinstance(record, Mapping) else None
        if by is not None and by in kernels.inputs and not live[kernels.inputs.index(by)]:
            continue
        mask = np.broadcast_to(_host(mask), shape)
        where = [tuple(map(int, index)) for index in np.argwhere(mask)]
        if where:
            pairs = zip(kernels.inputs, arrays, strict=True)
            values = {name: np.broadcast_to(_host(a), shape)[mask].tolist() for name, a in pairs}
            stated = {k: record.get(k) for k in ("where", "reason", "returned", "left", "right")}
            found.append(ConventionUse(op=op.name, coordinates=where, by=by, inputs=values, **stated))
    return found


def _plain(x: Any) -> Any:
    while type(x) is Dual:
        x = x._primal
    return x._data if isinstance(x, Tensor) else x


def _host(x: Any) -> Any:
    return np.asarray(x) if is_numpy(x) or isinstance(x, int | float | bool) else x.get()
