"""Sums and means over axes, in the fixed order of :mod:`.sums`, and what is built on them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .devices import array_module, is_float, is_half
from .errors import DTypeError, ShapeError
from .primitive import Primitive, apply
from .sums import normalize_axes, sum_array
from .tensor import Tensor, as_tensor


class Sum(Primitive):
    """Static: the axes, and the shape of the operand.  The cotangent is broadcast back."""

    __slots__ = ()

    def forward(self, static: Any, x: Any) -> Any:
        return sum_array(x, static[0])

    def save(self, x: Any) -> Any:
        return ()

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        axes, shape = static
        if len(axes) != len(shape):
            g = g.reshape(tuple([1 if i in axes else n for i, n in enumerate(shape)]))
        if isinstance(g, Tensor):
            return (shapes.broadcast_to(g, shape),)
        # written out, not a view with strides 0: the kernels above take contiguous arrays fastest
        out = array_module(g).empty(shape, g.dtype)
        out[...] = g
        return (out,)

    def jvp(self, primals: list[Any], tangents: list[Any], static: Any, out: Tensor) -> Any:
        return apply(self, (tangents[0],), static)


SUM = Sum("sum")


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Sum over ``axis`` (an integer, a tuple, or all), in an order that depends on the shape alone.

    The result keeps the dtype, also for float16 (summed in float32).  The gradient is broadcast back.
    Raises :class:`ShapeError` for an axis out of range, :class:`DTypeError` for bools.

    >>> sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
    tensor([4., 6.])
    """
    x = as_tensor(x)
    if x.dtype == bool:
        raise DTypeError("sum of a bool tensor; convert it with .astype('int64') first")
    shape = x._data.shape
    axes = tuple(range(len(shape))) if axis is None else normalize_axes(axis, len(shape), "sum")
    out = apply(SUM, (x,), (axes, shape))
    return out.reshape(tuple([1 if i in axes else n for i, n in enumerate(shape)])) if keepdims else out


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The sum over ``axis`` divided by the number of elements.  Floating dtypes only; empty axes give NaN.

    >>> mean([1.0, 2.0, 6.0])
    tensor(3.)
    """
    x = as_tensor(x)
    if not is_float(x.dtype):
        raise DTypeError(f"mean of a {x.dtype.name} tensor; convert it with .astype('float64') first")
    axes = normalize_axes(axis, x.ndim, "mean")
    n = math.prod([x.shape[i] for i in axes])
    if is_half(x.dtype):  # the sum may overflow where the mean does not
        return mean(x.astype("float32"), axes, keepdims).astype(x.dtype)
    total = sum(x, axes, keepdims)
    result: Tensor = total / n if n else total * math.nan
    return result


class Softmax(Primitive):
    """Static: the axis.  VJP and JVP are ``y (v - <v, y>)``; its Jacobian is symmetric."""

    __slots__ = ()

    def forward(self, axis: int, x: Any) -> Any:
        if is_half(x.dtype):
            return self.forward(axis, x.astype("float32")).astype(x.dtype)
        e = _shifted_exp(x, axis)
        return e / _sum_keep(e, axis)

    def vjp(self, g: Any, saved: Any, axis: int, parents: tuple[Any, ...]) -> Any:
        return (self._push(g, saved[0], axis),)

    def _push(self, v: Any, x: Any, axis: int) -> Any:
        if isinstance(x, Tensor):
            y = softmax(x, axis)
            return y * (v - sum(v * y, axis, keepdims=True))
        y = self.forward(axis, x)
        return y * (v - _sum_keep(v * y, axis))

    def jvp(self, primals: list[Any], tangents: list[Any], axis: int, out: Tensor) -> Any:
        return self._push(tangents[0], primals[0], axis)


class LogSoftmax(Primitive):
    """Static: the axis.  The VJP is ``g - e^y sum(g)``, the JVP ``dx - sum(e^y dx)``: not the same map."""

    __slots__ = ()

    def forward(self, axis: int, x: Any) -> Any:
        if is_half(x.dtype):
            return self.forward(axis, x.astype("float32")).astype(x.dtype)
        xp = array_module(x)
        if x.size == 0:
            return x
        with np.errstate(invalid="ignore"):
            z = x - x.max(axis=axis, keepdims=True)
        return z - xp.log(_sum_keep(xp.exp(z), axis))

    def vjp(self, g: Any, saved: Any, axis: int, parents: tuple[Any, ...]) -> Any:
        x = saved[0]
        if isinstance(x, Tensor):
            return (g - softmax(x, axis) * sum(g, axis, keepdims=True),)
        return (g - SOFTMAX.forward(axis, x) * _sum_keep(g, axis),)

    def jvp(self, primals: list[Any], tangents: list[Any], axis: int, out: Tensor) -> Any:
        dx = tangents[0]
        return dx - sum(softmax(primals[0], axis) * dx, axis, keepdims=True)


SOFTMAX = Softmax("softmax")
LOG_SOFTMAX = LogSoftmax("log_softmax")


def _shifted_exp(x: Any, axis: int) -> Any:
    xp = array_module(x)
    if x.size == 0:
        return x
    with np.errstate(invalid="ignore"):
        return xp.exp(x - x.max(axis=axis, keepdims=True))


def _sum_keep(x: Any, axis: int) -> Any:
    shape = list(x.shape)
    shape[axis] = 1
    return sum_array(x, (axis,)).reshape(shape)


def _along(x: Any, axis: int, name: str) -> tuple[Tensor, int]:
    x = as_tensor(x)
    if not is_float(x.dtype):
        raise DTypeError(f"{name} of a {x.dtype.name} tensor; convert it with .astype('float64') first")
    if x.ndim == 0:
        raise ShapeError(f"{name} needs at least one axis")
    return x, normalize_axes(axis, x.ndim, name)[0]


def softmax(x: Any, axis: int = -1) -> Tensor:
    """``exp(x) / sum(exp(x))`` along ``axis``, shifted by the maximum so that nothing overflows.

    A scalar gives 1.  Raises :class:`DTypeError` for integers, :class:`ShapeError` for a wrong axis.

    >>> softmax([0.0, 0.0])
    tensor([0.5, 0.5])
    """
    x = as_tensor(x)
    if x.ndim == 0:
        return softmax(x.reshape(1), 0).reshape(())
    return apply(SOFTMAX, (x,), _along(x, axis, "softmax")[1])


def log_softmax(x: Any, axis: int = -1) -> Tensor:
    """``x - log(sum(exp(x)))`` along ``axis``, shifted by the maximum.  A scalar gives 0.

    >>> log_softmax([0.0, 1000.0])
    tensor([-1000.,     0.])
    """
    x = as_tensor(x)
    if x.ndim == 0:
        return log_softmax(x.reshape(1), 0).reshape(())
    return apply(LOG_SOFTMAX, (x,), _along(x, axis, "log_softmax")[1])


def mse_loss(a: Any, target: Any) -> Tensor:
    """The mean of ``(a - target)^2`` over all elements; shapes must be equal.

    >>> mse_loss([1.0, 2.0], [1.0, 4.0])
    tensor(2.)
    """
    a, target = as_tensor(a), as_tensor(target)
    if a.shape != target.shape:
        raise ShapeError(f"mse_loss: shapes {a.shape} and {target.shape} differ")
    d = a - target
    return mean(d * d)


from . import shapes  # noqa: E402
