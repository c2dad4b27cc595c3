"""Gathering by index, and its adjoint, adding in at an index.

An index is an operand without a gradient, so it may change from run to run.  Its leading axes and those of x
broadcast, as the stacks of a matrix product do: one index for a batch of tables, one table for a batch of indices (an
embedding), or one index for each table.  Repeated indices accumulate, by a tree of halves over the occurrences in
row-major order: the same bits in every run and on every device, which atomic additions on a GPU would not give.

The strict forms raise for an index outside ``0 <= i < n`` (negative ones too, as in PyTorch); the ``_nat`` forms
give 0 there, or a row of zeros, and their adjoints drop what has no place to go.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..devices import array_module, is_cupy, is_half
from ..errors import DeviceError, DTypeError, ShapeError
from ..primitive import Primitive, apply, check_operands
from ..tensor import Tensor, as_tensor
from .checks import axes_of
from .indexing import IndexShapeError, check_range
from .sums import sum_by_place


class Layout(NamedTuple):
    """The number of axes of a row, 0 or 1, and the name of the function that wants the index in bounds, if one does."""

    rest: int
    strict: str = ""

    def check(self, shape: tuple[int, ...], index: Any) -> None:
        """Raise for an index out of bounds; at every run, since the index may change."""
        if not self.strict or not index.size:
            return
        n = shape[len(shape) - self.rest - 1]
        low, high = int(index.min()), int(index.max())
        if low < 0 or high >= n:
            what = "rows" if self.rest else "elements"
            wrong = low if low < 0 else high
            raise IndexShapeError(f"{self.strict}: index {wrong} is out of bounds for {n} {what} of x {shape}")


class Gather(Primitive):
    """Operands: x ``(*batch, n, *rest)`` and the index ``(*batch, k)``.  Static: the :class:`Layout`."""

    __slots__ = ()

    def forward(self, layout: Layout, x: Any, index: Any) -> Any:
        layout.check(x.shape, index)
        rest = layout.rest
        places, inside, shape = _places(x.shape, index, rest)
        rows = _rows(x, x.shape[x.ndim - rest :])
        if not len(rows):
            return array_module(x).zeros(shape, x.dtype)
        out = rows[places]
        if inside is not None:
            out[~inside] = 0
        return out.reshape(shape)

    def save(self, x: Any, index: Any) -> Any:
        return x.shape, index

    def vjp(self, g: Any, saved: Any, layout: Layout, parents: tuple[Any, ...]) -> Any:
        shape, index = saved
        if isinstance(g, Tensor):
            return apply(SCATTER, (g, _tensor(index)), (layout.rest, shape)), None
        return SCATTER.forward((layout.rest, shape), g, index), None

    def jvp(self, primals: list[Any], tangents: list[Any], layout: Layout, out: Tensor) -> Any:
        return apply(self, (tangents[0], primals[1]), layout)


class Scatter(Primitive):
    """The adjoint of :class:`Gather`.  Operands: the values, the index.  Static: ``rest``, the shape of the result."""

    __slots__ = ()

    def forward(self, static: Any, values: Any, index: Any) -> Any:
        rest, shape = static
        xp = array_module(values)
        return _add_at(xp.zeros(shape, values.dtype), values, index, rest)

    def save(self, values: Any, index: Any) -> Any:
        return (index,)

    def rebuild(self, saved: Any, parents: tuple[Any, ...]) -> Any:
        return saved

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        (index,) = saved
        if isinstance(g, Tensor):
            return apply(GATHER, (g, _tensor(index)), Layout(static[0])), None
        return GATHER.forward(Layout(static[0]), g, index), None

    def jvp(self, primals: list[Any], tangents: list[Any], static: Any, out: Tensor) -> Any:
        return apply(self, (tangents[0], primals[1]), static)


class ScatterAdd(Primitive):
    """Operands: x, the values, the index: a copy of x with the values added in.  Static: the :class:`Layout`."""

    __slots__ = ()

    def forward(self, layout: Layout, x: Any, values: Any, index: Any) -> Any:
        layout.check(x.shape, index)
        return _add_at(x.copy(), values, index, layout.rest)

    def save(self, x: Any, values: Any, index: Any) -> Any:
        return (index,)

    def rebuild(self, saved: Any, parents: tuple[Any, ...]) -> Any:
        return saved

    def vjp(self, g: Any, saved: Any, layout: Layout, parents: tuple[Any, ...]) -> Any:
        (index,) = saved
        if parents[1] is None:
            return g, None, None
        if isinstance(g, Tensor):
            return g, apply(GATHER, (g, _tensor(index)), Layout(layout.rest)), None
        return g, GATHER.forward(Layout(layout.rest), g, index), None

    def jvp(self, primals: list[Any], tangents: list[Any], layout: Layout, out: Tensor) -> Any:
        dx, dv, _ = tangents
        if dv is None:
            return dx
        if dx is None:
            return apply(SCATTER, (dv, primals[2]), (layout.rest, primals[0].shape))
        return apply(self, (dx, dv, primals[2]), layout)


GATHER = Gather("gather")
SCATTER = Scatter("scatter")
SCATTER_ADD = ScatterAdd("scatter_add")


def _tensor(index: Any) -> Tensor:
    return index if isinstance(index, Tensor) else Tensor(index)


def _rows(x: Any, rest: tuple[int, ...]) -> Any:
    return x.reshape((math.prod(x.shape[: x.ndim - len(rest)]), *rest))


def _places(shape: tuple[int, ...], index: Any, rest: int) -> tuple[Any, Any, tuple[int, ...]]:
    """The index into the rows of all tables, flat; where it is inside (``None``: all over); the shape of the values."""
    batch, n = shape[: len(shape) - rest - 1], shape[len(shape) - rest - 1]
    xp = array_module(index)
    inside = (index >= 0) & (index < n)
    if inside.all():
        inside = None
    else:
        index = xp.where(inside, index, 0)
    if batch:
        index = (xp.arange(math.prod(batch)) * n).reshape((*batch, 1)) + index
        if inside is not None:
            inside = xp.broadcast_to(inside, index.shape).reshape(-1)
    elif inside is not None:
        inside = inside.reshape(-1)
    return index.reshape(-1), inside, (*index.shape, *shape[len(shape) - rest :])


def _add_at(out: Any, values: Any, index: Any, rest: int) -> Any:
    """Add values into a fresh array, in place."""
    places, inside, _ = _places(out.shape, index, rest)
    trailing = out.shape[out.ndim - rest :]
    values = _rows(values, trailing)
    if inside is not None:
        places, values = places[inside], values[inside]
    if is_half(out.dtype):
        wide = out.astype("float32")
        places, sums = sum_by_place(places, values.astype("float32"))
        _rows(wide, trailing)[places] += sums
        return wide.astype(out.dtype)
    places, sums = sum_by_place(places, values)
    _rows(out, trailing)[places] += sums
    return out


def gather_scalar(x: Any, index: Any) -> Tensor:
    """``x[..., i]``: one element of each vector.  The index is an integer, or integers that broadcast with ``...``.

    >>> gather_scalar([[1.0, 2.0], [3.0, 4.0]], [1, 0])
    tensor([2., 3.])
    """
    return _gather_one("gather_scalar", x, index, 0, True)


def gather_scalar_nat(x: Any, index: Any) -> Tensor:
    """As :func:`gather_scalar`, and 0 where the index is out of bounds.

    >>> gather_scalar_nat([1.0, 2.0], 2)
    tensor(0.)
    """
    return _gather_one("gather_scalar_nat", x, index, 0, False)


def gather_row(x: Any, index: Any) -> Tensor:
    """``x[..., i, :]``: one row of each matrix.

    >>> gather_row([[1.0, 2.0], [3.0, 4.0]], 1)
    tensor([3., 4.])
    """
    return _gather_one("gather_row", x, index, 1, True)


def gather_row_nat(x: Any, index: Any) -> Tensor:
    """As :func:`gather_row`, and a row of zeros where the index is out of bounds.

    >>> gather_row_nat([[1.0, 2.0], [3.0, 4.0]], 7)
    tensor([0., 0.])
    """
    return _gather_one("gather_row_nat", x, index, 1, False)


def gather_vec(x: Any, index: Any) -> Tensor:
    """``y[..., j] = x[..., index[..., j]]``: k elements of each vector; the leading axes broadcast.

    >>> gather_vec([1.0, 2.0, 3.0], [2, 0, 2, 2])
    tensor([3., 1., 3., 3.])
    """
    return _gather("gather_vec", x, index, 0, True)


def gather_vec_nat(x: Any, index: Any) -> Tensor:
    """As :func:`gather_vec`, and 0 where the index is out of bounds.

    >>> gather_vec_nat([1.0, 2.0, 3.0], [2, 3, -1])
    tensor([3., 0., 0.])
    """
    return _gather("gather_vec_nat", x, index, 0, False)


def gather_rows(x: Any, index: Any) -> Tensor:
    """``y[..., j, :] = x[..., index[..., j], :]``: k rows of each matrix, an embedding; the leading axes broadcast.

    >>> gather_rows([[1.0, 2.0], [3.0, 4.0]], [1, 1])
    tensor([[3., 4.],
            [3., 4.]])
    """
    return _gather("gather_rows", x, index, 1, True)


def gather_rows_nat(x: Any, index: Any) -> Tensor:
    """As :func:`gather_rows`, and a row of zeros where the index is out of bounds.

    >>> gather_rows_nat([[1.0, 2.0]], [0, 1])
    tensor([[1., 2.],
            [0., 0.]])
    """
    return _gather("gather_rows_nat", x, index, 1, False)


def scatter_add_vec(x: Any, index: Any, values: Any) -> Tensor:
    """A copy of x with ``x[..., i] += values``, for one index or k of them; repeated ones accumulate.

    The values have the shape of :func:`gather_scalar` (one index) or :func:`gather_vec` of x (k indices).

    >>> scatter_add_vec([1.0, 2.0], [0, 0], [10.0, 20.0])
    tensor([31.,  2.])
    """
    return _scatter("scatter_add_vec", x, index, values, 0, True)


def scatter_add_vec_nat(x: Any, index: Any, values: Any) -> Tensor:
    """As :func:`scatter_add_vec`, and nothing is added where the index is out of bounds.

    >>> scatter_add_vec_nat([1.0, 2.0], 5, 10.0)
    tensor([1., 2.])
    """
    return _scatter("scatter_add_vec_nat", x, index, values, 0, False)


def scatter_add_row(x: Any, index: Any, values: Any) -> Tensor:
    """A copy of x with ``x[..., i, :] += values``, for one index or k of them; repeated ones accumulate.

    >>> scatter_add_row([[1.0, 2.0], [3.0, 4.0]], 0, [10.0, 20.0])
    tensor([[11., 22.],
            [ 3.,  4.]])
    """
    return _scatter("scatter_add_row", x, index, values, 1, True)


def scatter_add_row_nat(x: Any, index: Any, values: Any) -> Tensor:
    """As :func:`scatter_add_row`, and nothing is added where the index is out of bounds.

    >>> scatter_add_row_nat([[1.0, 2.0]], [1, 0], [[5.0, 5.0], [1.0, 1.0]])
    tensor([[2., 3.]])
    """
    return _scatter("scatter_add_row_nat", x, index, values, 1, False)


def _gather(name: str, x: Any, index: Any, rest: int, strict: bool) -> Tensor:
    x = as_tensor(x)
    axes_of(name, x, rest + 1, "(..., rows, cols)" if rest else "(..., n)")
    index = _index(name, index, x)
    if not index.ndim:
        raise ShapeError(
            f"{name}: the index has at least one axis; gather_{'row' if rest else 'scalar'} takes one integer"
        )
    _batch(name, x, index, rest)
    return apply(GATHER, (x, index), Layout(rest, name if strict else ""))


def _gather_one(name: str, x: Any, index: Any, rest: int, strict: bool) -> Tensor:
    x = as_tensor(x)
    axes_of(name, x, rest + 1, "(..., rows, cols)" if rest else "(..., n)")
    index = _index(name, index, x)
    single = index.reshape((*index.shape, 1))
    batch = _batch(name, x, single, rest)
    return apply(GATHER, (x, single), Layout(rest, name if strict else "")).reshape((*batch, *x.shape[x.ndim - rest :]))


def _scatter(name: str, x: Any, index: Any, values: Any, rest: int, strict: bool) -> Tensor:
    x = as_tensor(x)
    if not isinstance(values, Tensor):
        values = as_tensor(np.asarray(values, x.dtype) if isinstance(values, int | float) else values)
    axes_of(name, x, rest + 1, "(..., rows, cols)" if rest else "(..., n)")
    check_operands(name, (x, values))
    if x.dtype != values.dtype:
        raise DTypeError(f"{name}: x is {x.dtype.name} and the values are {values.dtype.name}")
    index = _index(name, index, x)
    single = not index.ndim
    if single:
        index = index.reshape((1,))
    shape = (*_batch(name, x, index, rest), index.shape[-1], *x.shape[x.ndim - rest :])
    wanted = (*shape[: len(shape) - rest - 1], *shape[len(shape) - rest :]) if single else shape
    if values.shape != wanted:
        raise ShapeError(f"{name}: x {x.shape} and the index {index.shape} take values {wanted}, not {values.shape}")
    return apply(SCATTER_ADD, (x, values.reshape(shape), index), Layout(rest, name if strict else ""))


def _index(name: str, index: Any, x: Tensor) -> Tensor:
    """The index as a tensor of integers on the device of x."""
    if isinstance(index, list) and not index:
        index = np.zeros(0, np.intp)
    t = as_tensor(index)
    if t.dtype.kind not in "iu":
        raise DTypeError(f"{name}: the index holds integers, not {t.dtype.name}")
    if not name.endswith("_nat"):  # those take any index that is out of bounds, and one that wraps stays so
        check_range(name, t)
    t = t.astype("int64")
    if is_cupy(x._data) and not is_cupy(t._data):
        if isinstance(index, Tensor):
            raise DeviceError(f"{name}: x is on {x.device} and the index on cpu; move one with .to(...)")
        t = t.to(x.device)
    return t


def _batch(name: str, x: Tensor, index: Tensor, rest: int) -> tuple[int, ...]:
    lead = x.shape[: x.ndim - rest - 1]
    try:
        return np.broadcast_shapes(lead, index.shape[:-1])
    except ValueError:
        raise ShapeError(
            f"{name}: the leading axes of x {x.shape} and of the index {index.shape} do not broadcast"
        ) from None
