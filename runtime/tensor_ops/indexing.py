"""Indexing: slices, integers, ``None``, ``...``, boolean masks and integer arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..abstract import no_values
from ..devices import array_module, is_cupy
from ..errors import DTypeError, ShapeError
from ..primitive import Primitive, apply
from ..tensor import Tensor
from .sums import sum_by_place


class Slot(NamedTuple):
    """The place in a key of an index array, which is an operand."""

    number: int


class Key(NamedTuple):
    """The static part of an indexing: the key, the shape indexed, and whether an element may be named twice."""

    key: Any
    shape: tuple[int, ...]
    repeats: bool

    def fill(self, indices: tuple[Any, ...]) -> Any:
        """The key with its index arrays."""
        if not indices:
            return self.key
        if type(self.key) is Slot:
            return indices[0]
        return tuple([indices[k.number] if type(k) is Slot else k for k in self.key])


class GetItem(Primitive):
    """Operands: the tensor, and the index arrays of the key; static: the rest, a :class:`Key`.

    The adjoint is :class:`Scatter`: zeros with the cotangent added in at the key.
    """

    __slots__ = ()

    def forward(self, static: Key, x: Any, *indices: Any) -> Any:
        return x[static.fill(indices)]

    def save(self, x: Any, *indices: Any) -> Any:
        return indices

    def rebuild(self, saved: Any, parents: tuple[Any, ...]) -> Any:
        return tuple([k if isinstance(k, Tensor) else Tensor(k) for k in saved])

    def vjp(self, g: Any, saved: Any, static: Key, parents: tuple[Any, ...]) -> Any:
        run = apply(SCATTER, (g, *saved), static) if isinstance(g, Tensor) else SCATTER.forward(static, g, *saved)
        return (run, *[None] * len(saved))

    def jvp(self, primals: list[Any], tangents: list[Any], static: Key, out: Tensor) -> Any:
        return apply(self, (tangents[0], *primals[1:]), static)


class Scatter(Primitive):
    """The adjoint of :class:`GetItem`; elements named several times accumulate in row-major order of the key."""

    __slots__ = ()

    def forward(self, static: Key, g: Any, *indices: Any) -> Any:
        key = static.fill(indices)
        xp = array_module(g)
        out = xp.zeros(static.shape, g.dtype)
        if not static.repeats:
            out[key] = g
        elif xp is np:
            np.add.at(out, key, g)
        else:  # the additions of xp.add.at are atomic, in an order that changes from run to run
            number = xp.arange(out.size).reshape(out.shape)[key]
            places, sums = sum_by_place(number.reshape(-1), xp.broadcast_to(g, number.shape).reshape(-1))
            out.reshape(-1)[places] = sums
        return out

    save = GetItem.save
    rebuild = GetItem.rebuild
    jvp = GetItem.jvp

    def vjp(self, g: Any, saved: Any, static: Key, parents: tuple[Any, ...]) -> Any:
        run = apply(GETITEM, (g, *saved), static) if isinstance(g, Tensor) else GETITEM.forward(static, g, *saved)
        return (run, *[None] * len(saved))


GETITEM = GetItem("getitem")
SCATTER = Scatter("scatter")


def getitem(x: Tensor, key: Any) -> Tensor:
    """``x[key]`` as NumPy has it.  The gradient goes back to where the elements came from, repeats add up.

    Raises :class:`ShapeError` for an index out of range, :class:`DTypeError` for a key that is no index.

    >>> import hasderiv as hd
    >>> t = hd.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> t[[0, 0, 2]].sum().backward()
    >>> t.grad
    tensor([2., 0., 1.])
    """
    repeats = False
    xp = array_module(x._data)
    indices: list[Tensor] = []
    if type(key) is tuple:
        parts = [_part(k, xp) for k in key]
        repeats = any(_is_integer_array(k) for k in parts)
        key = tuple([_slot(k, indices) for k in parts])
    elif type(key) is not int and type(key) is not slice:
        part = _part(key, xp)
        repeats = _is_integer_array(part)
        key = _slot(part, indices)
    try:
        return apply(GETITEM, (x, *indices), Key(key, x._data.shape, repeats))
    except IndexError as error:
        # IndexError ends an old-style iteration; keep being one
        raise IndexShapeError(f"index {key!r} into a tensor of shape {x.shape}: {error}") from None


class IndexShapeError(ShapeError, IndexError):
    """An index out of bounds."""


def check_range(name: str, index: Tensor) -> None:
    """Raise for an index of 2^63 or more, which a conversion to int64 would make a negative one."""
    if index.dtype == np.uint64 and index.size and not index._symbolic:
        highest = int(index._data.max())
        if highest >= 1 << 63:
            raise IndexShapeError(f"{name}: index {highest} is out of bounds")


def _part(k: Any, xp: Any) -> Any:
    """One entry of a key; index arrays are copied, to the device of the operand."""
    if isinstance(k, Tensor):
        if k._symbolic:
            return _symbolic_part(k)
        k = k._data
    if k is None or k is Ellipsis or isinstance(k, int | slice | np.integer):
        return k
    if is_cupy(k):
        return k.copy()
    if isinstance(k, list | np.ndarray | np.bool_):
        k = np.array(k, dtype=np.intp) if isinstance(k, list) and not k else np.array(k)
        if k.dtype.kind in "iub":
            check_range("x[...]", Tensor(k))
            return xp.asarray(k)
        raise DTypeError(f"an index array holds integers or booleans, not {k.dtype.name}")
    if hasattr(k, "__index__"):
        return k.__index__()
    raise DTypeError(f"{type(k).__name__} is not an index")


def _symbolic_part(k: Tensor) -> Tensor:
    if k.dtype == bool:
        raise no_values("an index that is a mask, on which the shape of the result depends,")
    if k.dtype.kind not in "iu":
        raise DTypeError(f"an index array holds integers or booleans, not {k.dtype.name}")
    return k.detach()


def _slot(part: Any, indices: list[Tensor]) -> Any:
    """What stands in the static key for this entry; an array goes to the operands."""
    if not isinstance(part, Tensor) and not (hasattr(part, "dtype") and hasattr(part, "shape")):
        return part
    indices.append(part if isinstance(part, Tensor) else Tensor(part))
    return Slot(len(indices) - 1)


def _is_integer_array(k: Any) -> bool:
    return hasattr(k, "dtype") and hasattr(k, "shape") and k.dtype.kind in "iu" and len(k.shape) > 0
