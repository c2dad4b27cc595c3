"""``select(condition, a, b)``: the op that others call where, with nothing leaking from the branch not taken."""

from __future__ import annotations

from typing import Any

import numpy as np

from .devices import array_module, is_cupy, is_numpy
from .errors import DTypeError, Error, ShapeError
from .primitive import Primitive, apply, check_operands, coerce
from .sums import unbroadcast
from .tensor import Tensor


class Select(Primitive):
    """Static: the condition.  The cotangent goes to the branch taken; the other gets an exact zero."""

    __slots__ = ()
    masks = True

    def forward(self, condition: Any, a: Any, b: Any) -> Any:
        return array_module(condition).where(condition, a, b)

    def save(self, a: Any, b: Any) -> Any:
        return getattr(a, "shape", None), getattr(b, "shape", None)

    def rebuild(self, saved: Any, parents: tuple[Any, ...]) -> Any:
        return saved

    def vjp(self, g: Any, saved: Any, condition: Any, parents: tuple[Any, ...]) -> Any:
        ga = gb = None
        if parents[0] is not None:
            ga = unbroadcast(_where(condition, g, 0.0), saved[0])
        if parents[1] is not None:
            gb = unbroadcast(_where(condition, 0.0, g), saved[1])
        return ga, gb

    def jvp(self, primals: list[Any], tangents: list[Any], condition: Any, out: Tensor) -> Any:
        da, db = tangents
        return shapes.broadcast_to(select(condition, 0.0 if da is None else da, 0.0 if db is None else db), out.shape)


SELECT = Select("select")


def _where(condition: Any, a: Any, b: Any) -> Any:
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        return apply(SELECT, (a, b), condition)
    like = a if hasattr(a, "dtype") else b
    zero = like.dtype.type(0)  # typed, so that NumPy cannot promote
    return array_module(condition).where(condition, a if a is like else zero, b if b is like else zero)


def select(condition: Any, a: Any, b: Any) -> Any:
    """Take ``a`` where ``condition`` holds, else ``b``; shapes broadcast.

    Safe: the branch not taken contributes nothing, forwards or backwards, not even NaN.  Its cotangent is
    an exact zero, and stays one through the operations below even where their derivative is infinite or
    NaN, so ``select(t > 0, hd.log(t), 0)`` has the gradient 0 at t = 0.  The condition is a boolean array
    (or tensor, or bool) and gets no gradient.  With plain arrays it returns a plain array.

    Raises :class:`DTypeError` when the condition is not boolean or the branches differ in dtype,
    :class:`ShapeError` when the shapes do not broadcast.

    >>> import numpy as np
    >>> import hasderiv as hd
    >>> t = hd.tensor([0.0, 4.0], requires_grad=True)
    >>> select(np.array([False, True]), t * t, 7.0)
    tensor([ 7., 16.], requires_grad=True)
    """
    mask = condition._data if isinstance(condition, Tensor) else condition
    if is_cupy(mask):
        mask = mask.copy()
    elif not isinstance(condition, Tensor):
        mask = np.array(mask)
    if mask.dtype != bool:
        raise DTypeError(f"select: the condition is a boolean array, not {mask.dtype.name}")
    plain = not isinstance(a, Tensor) and not isinstance(b, Tensor)
    x, y = (_operand(v) for v in (a, b))
    tensors = [v for v in (x, y) if isinstance(v, Tensor)]
    if not tensors:
        return array_module(mask).where(mask, x, y)
    check_operands("select", tuple(tensors))
    like = tensors[0]
    if is_numpy(mask) and is_cupy(like._data):
        if mask.ndim == 0:
            mask = array_module(like._data).asarray(mask)
        else:
            from .errors import DeviceError

            raise DeviceError("select: the condition is on cpu and the branches on cuda; move one")
    # a Python scalar adapts to the other branch
    x, y = (v if isinstance(v, Tensor) else like.dtype.type(v) for v in (x, y))
    try:
        out = apply(SELECT, (x, y), mask)
    except ValueError as error:
        if isinstance(error, Error):
            shapes_ = (mask.shape, *(getattr(v, "shape", ()) for v in (x, y)))
            raise ShapeError(f"select: shapes {', '.join(map(str, shapes_))} do not broadcast together") from None
        raise
    return out._data if plain else out


def _operand(v: Any) -> Any:
    value = coerce(v)
    if value is None:
        if isinstance(v, list | tuple):
            return coerce(np.array(v))
        raise DTypeError(f"select: {type(v).__name__} is neither a tensor, an array nor a number")
    return value


from . import shapes  # noqa: E402
