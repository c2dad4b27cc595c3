"""Indexing: slices, integers, ``None``, ``...``, boolean masks and integer arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from .devices import array_module, is_cupy
from .errors import DTypeError, ShapeError
from .primitive import Primitive, apply
from .tensor import Tensor


class GetItem(Primitive):
    """Static: the key, the operand's shape, and whether the key may name an element twice.

    The adjoint is :class:`Scatter`: zeros with the cotangent added in at the key.
    """

    __slots__ = ()

    def forward(self, static: Any, x: Any) -> Any:
        return x[static[0]]

    def save(self, x: Any) -> Any:
        return ()

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        return (apply(SCATTER, (g,), static) if isinstance(g, Tensor) else SCATTER.forward(static, g),)

    def jvp(self, primals: list[Any], tangents: list[Any], static: Any, out: Tensor) -> Any:
        return apply(self, (tangents[0],), static)


class Scatter(Primitive):
    """The adjoint of :class:`GetItem`; elements named several times accumulate in row-major order of the key."""

    __slots__ = ()

    def forward(self, static: Any, g: Any) -> Any:
        key, shape, repeats = static
        xp = array_module(g)
        out = xp.zeros(shape, g.dtype)
        if not repeats:
            out[key] = g
        elif xp is np:
            np.add.at(out, key, g)
        else:
            xp.add.at(out, key, g)
        return out

    def save(self, g: Any) -> Any:
        return ()

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        return (apply(GETITEM, (g,), static) if isinstance(g, Tensor) else g[static[0]],)

    def jvp(self, primals: list[Any], tangents: list[Any], static: Any, out: Tensor) -> Any:
        return apply(self, (tangents[0],), static)


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
    if type(key) is tuple:
        parts = [_part(k, xp) for k in key]
        repeats = any(_is_integer_array(k) for k in parts)
        key = tuple(parts)
    elif type(key) is not int and type(key) is not slice:
        key = _part(key, xp)
        repeats = _is_integer_array(key)
    try:
        return apply(GETITEM, (x,), (key, x._data.shape, repeats))
    except IndexError as error:
        # IndexError ends an old-style iteration; keep being one
        raise _IndexShapeError(f"index {key!r} into a tensor of shape {x.shape}: {error}") from None


class _IndexShapeError(ShapeError, IndexError):
    pass


def _part(k: Any, xp: Any) -> Any:
    """One entry of a key; index arrays are copied, to the device of the operand."""
    if isinstance(k, Tensor):
        k = k._data
    if k is None or k is Ellipsis or isinstance(k, int | slice | np.integer):
        return k
    if is_cupy(k):
        return k.copy()
    if isinstance(k, list | np.ndarray | np.bool_):
        k = np.array(k, dtype=np.intp) if isinstance(k, list) and not k else np.array(k)
        if k.dtype.kind in "iub":
            return xp.asarray(k)
        raise DTypeError(f"an index array holds integers or booleans, not {k.dtype.name}")
    if hasattr(k, "__index__"):
        return k.__index__()
    raise DTypeError(f"{type(k).__name__} is not an index")


def _is_integer_array(k: Any) -> bool:
    return hasattr(k, "dtype") and hasattr(k, "shape") and k.dtype.kind in "iu" and len(k.shape) > 0
