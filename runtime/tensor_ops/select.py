"""``select(condition, a, b)``: the op that others call where, with nothing leaking from the branch not taken."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..devices import array_module, is_cupy, is_numpy
from ..errors import DTypeError, Error, ShapeError
from ..primitive import Primitive, apply, check_operands, coerce
from ..tensor import Tensor
from .sums import unbroadcast


class Select(Primitive):
    """Operands: the condition, the branches.  The cotangent goes to the branch taken; the other gets an exact zero."""

    __slots__ = ()
    masks = True

    def forward(self, static: Any, condition: Any, a: Any, b: Any) -> Any:
        return array_module(condition).where(condition, a, b)

    def save(self, condition: Any, a: Any, b: Any) -> Any:
        return condition, getattr(a, "shape", None), getattr(b, "shape", None)

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        condition, left, right = saved
        ga = gb = None
        if parents[1] is not None:
            ga = unbroadcast(_where(condition, g, 0.0), left)
        if parents[2] is not None:
            gb = unbroadcast(_where(condition, 0.0, g), right)
        return None, ga, gb

    def jvp(self, primals: list[Any], tangents: list[Any], static: Any, out: Tensor) -> Any:
        condition, (_, da, db) = primals[0], tangents
        return shapes.broadcast_to(select(condition, 0.0 if da is None else da, 0.0 if db is None else db), out.shape)


SELECT = Select("select")


def _where(condition: Any, a: Any, b: Any) -> Any:
    like = a if hasattr(a, "dtype") else b
    zero = like.dtype.type(0)  # typed, so that NumPy cannot promote
    if isinstance(like, Tensor):
        return apply(SELECT, (condition, a if a is like else zero, b if b is like else zero))
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
    mask = _condition(condition)
    if mask.dtype != bool:
        raise DTypeError(f"select: the condition is a boolean array, not {mask.dtype.name}")
    x, y = (_operand(v) for v in (a, b))
    tensors = [v for v in (x, y) if isinstance(v, Tensor)]
    if not tensors and not mask._symbolic:
        return array_module(mask._data).where(mask._data, x, y)
    plain = not isinstance(a, Tensor) and not isinstance(b, Tensor) and not mask._symbolic
    like = tensors[0] if tensors else Tensor(np.where(True, x, y))
    check_operands("select", (like, *tensors))
    if is_numpy(mask._data) and is_cupy(like._data):
        if mask.ndim == 0:
            mask = Tensor(array_module(like._data).asarray(mask._data))
        else:
            from ..errors import DeviceError

            raise DeviceError("select: the condition is on cpu and the branches on cuda; move one")
    # a Python scalar adapts to the other branch
    x, y = (v if isinstance(v, Tensor) else like.dtype.type(v) for v in (x, y))
    try:
        out = apply(SELECT, (mask, x, y))
    except ValueError as error:
        if isinstance(error, Error):
            shapes_ = (mask.shape, *(getattr(v, "shape", ()) for v in (x, y)))
            raise ShapeError(f"select: shapes {', '.join(map(str, shapes_))} do not broadcast together") from None
        raise
    return out._data if plain else out


def _condition(condition: Any) -> Tensor:
    """The condition as a tensor that holds no gradient; arrays are copied."""
    if isinstance(condition, Tensor):
        return condition.detach()
    return Tensor(condition.copy() if is_cupy(condition) else np.array(condition))


def _operand(v: Any) -> Any:
    value = coerce(v)
    if value is None:
        if isinstance(v, list | tuple):
            return coerce(np.array(v))
        raise DTypeError(f"select: {type(v).__name__} is neither a tensor, an array nor a number")
    return value


from . import shapes  # noqa: E402
