"""Operations that move elements and compute nothing: reshape, transpose, broadcast_to, concatenate, ...

Each is linear, so its JVP is itself, and its VJP is its adjoint: reshape and transpose go back,
broadcasting is summed, concatenation is cut.  All of them take tensors of any dtype.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..devices import array_module, as_dtype, device_of, is_float, move
from ..errors import ShapeError
from ..primitive import Primitive, apply, check_operands, evaluate
from ..tensor import Tensor, as_tensor
from .sums import normalize_axes, unbroadcast


class Linear(Primitive):
    """A linear operation of one operand.  The adjoint is found from ``static`` alone."""

    __slots__ = ()

    def save(self, x: Any) -> Any:
        return ()

    def jvp(self, primals: list[Any], tangents: list[Any], static: Any, out: Tensor) -> Any:
        return apply(self, (tangents[0],), static)


class Reshape(Linear):
    """Static: the new shape and the old one."""

    __slots__ = ()

    def forward(self, static: Any, x: Any) -> Any:
        return x.reshape(static[0])

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        return (g.reshape(static[1]),)


class Transpose(Linear):
    """Static: the permutation of the axes."""

    __slots__ = ()

    def forward(self, axes: Any, x: Any) -> Any:
        return x.transpose(axes)

    def vjp(self, g: Any, saved: Any, axes: Any, parents: tuple[Any, ...]) -> Any:
        return (g.transpose(tuple([axes.index(i) for i in range(len(axes))])),)


class BroadcastTo(Linear):
    """Static: the new shape and the old one."""

    __slots__ = ()

    def forward(self, static: Any, x: Any) -> Any:
        return array_module(x).broadcast_to(x, static[0])

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        return (unbroadcast(g, static[1]),)


class Spread(BroadcastTo):
    """As broadcasting, but written out: no view with strides 0, so that what follows runs on a contiguous array."""

    __slots__ = ()

    def forward(self, static: Any, x: Any) -> Any:
        out = array_module(x).empty(static[0], x.dtype)
        out[...] = x
        return out


class AsType(Linear):
    """Static: the new dtype and the old one."""

    __slots__ = ()

    def forward(self, static: Any, x: Any) -> Any:
        return x.astype(static[0])

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        return (g.astype(static[1]),)


class Cast(Primitive):
    """A conversion from or to integers and bools, which has no derivative.  Static: the new dtype."""

    __slots__ = ()

    def forward(self, dtype: Any, x: Any) -> Any:
        return x.astype(dtype)


class Move(Linear):
    """Static: the new device and the old one."""

    __slots__ = ()

    def forward(self, static: Any, x: Any) -> Any:
        return move(x, static[0])

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        return (to_device(g, static[1]) if isinstance(g, Tensor) else move(g, static[1]),)


class Identity(Linear):
    """The operand itself, as a new node: a place in the graph where a walk can stop."""

    __slots__ = ()

    def forward(self, static: Any, x: Any) -> Any:
        return x

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        return (g,)


class Concatenate(Primitive):
    """Static: the axis, and where each operand ends along it."""

    __slots__ = ()

    def forward(self, static: Any, *arrays: Any) -> Any:
        return array_module(arrays[0]).concatenate(arrays, axis=static[0])

    def save(self, *operands: Any) -> Any:
        return ()

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        axis, ends = static
        before = (slice(None),) * axis
        return [g[(*before, slice(i, j))] for i, j in zip((0, *ends), ends, strict=False)]

    def jvp(self, primals: list[Any], tangents: list[Any], static: Any, out: Tensor) -> Any:
        parts = [zeros_like(p) if t is None else t for p, t in zip(primals, tangents, strict=True)]
        return apply(self, tuple(parts), static)


RESHAPE = Reshape("reshape")
TRANSPOSE = Transpose("transpose")
BROADCAST_TO = BroadcastTo("broadcast_to")
SPREAD = Spread("spread")
ASTYPE = AsType("astype")
CAST = Cast("cast")
MOVE = Move("to")
IDENTITY = Identity("identity")
CONCATENATE = Concatenate("concatenate")


def zeros_like(x: Tensor) -> Tensor:
    """A constant tensor of zeros with the shape, dtype and device of ``x``."""
    return Tensor(array_module(x._data).zeros(x.shape, x.dtype))


def reshape(x: Any, shape: Any) -> Tensor:
    """The elements in row-major order, in a new shape; one entry may be -1.

    Raises :class:`ShapeError` when the number of elements differs.

    >>> reshape([1.0, 2.0, 3.0, 4.0], (2, -1))
    tensor([[1., 2.],
            [3., 4.]])
    """
    t: Tensor = as_tensor(x)
    old = t._data.shape
    new = shape if type(shape) is tuple else tuple(shape) if isinstance(shape, list) else (shape,)
    return t if new == old else apply(RESHAPE, (t,), (new, old))


def transpose(x: Any, axes: Any = None) -> Tensor:
    """The axes in another order; without ``axes``, reversed.  Raises :class:`ShapeError` for no permutation.

    >>> transpose([[1.0, 2.0]]).shape
    (2, 1)
    """
    x = as_tensor(x)
    if axes is None:
        order = tuple(range(x.ndim))[::-1]
    else:
        order = tuple([a + x.ndim if a < 0 else a for a in axes])
        if sorted(order) != list(range(x.ndim)):
            raise ShapeError(f"transpose: {axes!r} is no permutation of {x.ndim} axes")
    return apply(TRANSPOSE, (x,), order)


def swapaxes(x: Any, a: int, b: int) -> Tensor:
    """Exchange two axes.

    >>> import hasderiv as hd
    >>> swapaxes(hd.tensor([[[1.0, 2.0]]]), 0, -1).shape
    (2, 1, 1)
    """
    x = as_tensor(x)
    (a,), (b,) = normalize_axes(a, x.ndim, "swapaxes"), normalize_axes(b, x.ndim, "swapaxes")
    order = list(range(x.ndim))
    order[a], order[b] = b, a
    return transpose(x, order)


def moveaxis(x: Any, source: int, destination: int) -> Tensor:
    """Move one axis to another place; the others keep their order.

    >>> moveaxis([[[1.0, 2.0]]], -1, 0).shape
    (2, 1, 1)
    """
    x = as_tensor(x)
    (a,), (b,) = normalize_axes(source, x.ndim, "moveaxis"), normalize_axes(destination, x.ndim, "moveaxis")
    order = [i for i in range(x.ndim) if i != a]
    order.insert(b, a)
    return transpose(x, order)


def broadcast_to(x: Any, shape: Any) -> Tensor:
    """Repeat along axes of length 1 and along new leading axes.  The gradient is summed back.

    >>> broadcast_to([1.0, 2.0], (2, 2))
    tensor([[1., 2.],
            [1., 2.]])
    """
    x = as_tensor(x)
    old = x._data.shape
    new = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    return x if new == old else apply(BROADCAST_TO, (x,), (new, old))


def expand_dims(x: Any, axis: Any) -> Tensor:
    """Insert axes of length 1 at the places that ``axis`` (an integer or a tuple) names in the result.

    >>> expand_dims([1.0, 2.0], 0).shape
    (1, 2)
    """
    x = as_tensor(x)
    count = len(axis) if isinstance(axis, tuple | list) else 1
    places = normalize_axes(axis, x.ndim + count, "expand_dims")
    rest = iter(x.shape)
    return reshape(x, tuple([1 if i in places else next(rest) for i in range(x.ndim + count)]))


def squeeze(x: Any, axis: Any = None) -> Tensor:
    """Drop axes of length 1: all of them, or those named.  Raises :class:`ShapeError` for one that is longer.

    >>> squeeze([[[1.0, 2.0]]]).shape
    (2,)
    """
    x = as_tensor(x)
    ones = tuple([i for i, n in enumerate(x.shape) if n == 1])
    places = ones if axis is None else normalize_axes(axis, x.ndim, "squeeze")
    for i in places:
        if i not in ones:
            raise ShapeError(f"squeeze: axis {i} of shape {x.shape} has length {x.shape[i]}, not 1")
    return reshape(x, tuple([n for i, n in enumerate(x.shape) if i not in places]))


def concatenate(tensors: Sequence[Any], axis: int = 0) -> Tensor:
    """Join tensors along an existing axis.  The other axes must agree, and the dtypes.

    Raises :class:`ShapeError` for none at all, for a scalar, or where the shapes differ elsewhere.

    >>> concatenate([[1.0], [2.0, 3.0]])
    tensor([1., 2., 3.])
    """
    parts = tuple([as_tensor(t) for t in tensors])
    if not parts:
        raise ShapeError("concatenate: needs at least one tensor")
    if any(p.ndim != parts[0].ndim or p.ndim == 0 for p in parts):
        raise ShapeError(f"concatenate: shapes {', '.join(str(p.shape) for p in parts)} do not fit together")
    check_operands("concatenate", parts)
    (axis,) = normalize_axes(axis, parts[0].ndim, "concatenate")
    ends = tuple(np.cumsum([p.shape[axis] for p in parts]).tolist())
    return apply(CONCATENATE, parts, (axis, ends))


def stack(tensors: Sequence[Any], axis: int = 0) -> Tensor:
    """Join tensors of one shape along a new axis.

    >>> stack([[1.0, 2.0], [3.0, 4.0]], axis=1)
    tensor([[1., 3.],
            [2., 4.]])
    """
    return concatenate([expand_dims(t, axis) for t in tensors], axis)


def astype(x: Any, dtype: Any) -> Tensor:
    """Convert to another dtype.  Between floats the conversion is recorded; from float to integer it is not.

    >>> astype([1.5, 2.5], "int64")
    tensor([1, 2])
    """
    t, new = as_tensor(x), as_dtype(dtype)
    if new == t.dtype:
        return t
    if is_float(new) and is_float(t.dtype):
        return apply(ASTYPE, (t,), (new, t.dtype))
    values = evaluate(CAST, t, static=new)
    return values if isinstance(values, Tensor) else Tensor(values)


def to_device(x: Any, device: str) -> Tensor:
    """Copy to another device; recorded, and the gradient is brought back."""
    x = as_tensor(x)
    return apply(MOVE, (x,), (device, device_of(x._data)))


def flatten(x: Any) -> Tensor:
    """All elements along one axis, in row-major order.

    >>> flatten([[1.0, 2.0], [3.0, 4.0]])
    tensor([1., 2., 3., 4.])
    """
    return reshape(x, (math.prod(as_tensor(x).shape),))


__all__ = [
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
    "to_device",
    "transpose",
    "zeros_like",
]
