"""Sums and means over axes, in the fixed order of :mod:`.sums`, and what is built on them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..devices import array_module, is_float, is_half
from ..errors import DTypeError, ShapeError
from ..primitive import Primitive, apply, evaluate, masked_zero
from ..tensor import Tensor, as_tensor
from .sums import normalize_axes, sum_array


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
        spread = (shape, g.shape)
        return (apply(shapes.SPREAD, (g,), spread) if isinstance(g, Tensor) else shapes.SPREAD.forward(spread, g),)

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


def reduce_sum(x: Any, axis: Any, keepdims: bool = False) -> Tensor:
    """:func:`sum` over one axis (or several), which is named.

    >>> reduce_sum([[1.0, 2.0], [3.0, 4.0]], 1)
    tensor([3., 7.])
    """
    return sum(x, normalize_axes(axis, as_tensor(x).ndim, "reduce_sum"), keepdims)


def reduce_mean(x: Any, axis: Any, keepdims: bool = False) -> Tensor:
    """:func:`mean` over one axis (or several), which is named.

    >>> reduce_mean([[1.0, 2.0], [3.0, 4.0]], 0)
    tensor([2., 3.])
    """
    return mean(x, normalize_axes(axis, as_tensor(x).ndim, "reduce_mean"), keepdims)


class Alive(Primitive):
    """Where a cotangent is not all zero along the axes, the static part, which stay with length 1."""

    __slots__ = ()

    def forward(self, axes: tuple[int, ...], g: Any) -> Any:
        return (g != 0).any(axis=axes, keepdims=True)


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

    def masked_vjp(self, g: Any, saved: Any, axis: int, parents: tuple[Any, ...]) -> Any:
        return (masked_zero(self.vjp(g, saved, axis, parents)[0], evaluate(ALIVE, g, static=(axis,))),)

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

    masked_vjp = Softmax.masked_vjp

    def jvp(self, primals: list[Any], tangents: list[Any], axis: int, out: Tensor) -> Any:
        dx = tangents[0]
        return dx - sum(softmax(primals[0], axis) * dx, axis, keepdims=True)


class LogSumExp(Primitive):
    """Static: the axis, which stays with length 1.  The derivative is the softmax."""

    __slots__ = ()

    def forward(self, axis: int, x: Any) -> Any:
        if is_half(x.dtype):
            return self.forward(axis, x.astype("float32")).astype(x.dtype)
        xp = array_module(x)
        if not x.shape[axis]:
            return xp.full(tuple([1 if i == axis else n for i, n in enumerate(x.shape)]), -math.inf, x.dtype)
        top = x.max(axis=axis, keepdims=True) if x.size else _sum_keep(x, axis)
        top = xp.where(xp.isfinite(top), top, x.dtype.type(0))
        with np.errstate(over="ignore", divide="ignore"):
            return xp.log(_sum_keep(xp.exp(x - top), axis)) + top

    def vjp(self, g: Any, saved: Any, axis: int, parents: tuple[Any, ...]) -> Any:
        x = saved[0]
        return (g * (softmax(x, axis) if isinstance(x, Tensor) else SOFTMAX.forward(axis, x)),)

    def masked_vjp(self, g: Any, saved: Any, axis: int, parents: tuple[Any, ...]) -> Any:
        return (masked_zero(self.vjp(g, saved, axis, parents)[0], g),)

    def jvp(self, primals: list[Any], tangents: list[Any], axis: int, out: Tensor) -> Any:
        return sum(softmax(primals[0], axis) * tangents[0], axis, keepdims=True)


ALIVE = Alive("alive")
SOFTMAX = Softmax("softmax")
LOG_SOFTMAX = LogSoftmax("log_softmax")
LOGSUMEXP = LogSumExp("logsumexp")


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


def logsumexp(x: Any, axis: Any = -1, keepdims: bool = False) -> Tensor:
    """``log(sum(exp(x)))`` over ``axis`` (an integer, a tuple, or ``None`` for all), so that nothing overflows.

    Infinite elements give the limit, a sum over nothing gives -inf.  The gradient is the softmax over these axes.

    >>> logsumexp([1000.0, 1000.0])
    tensor(1000.69314718)
    """
    x = as_tensor(x)
    if not is_float(x.dtype):
        raise DTypeError(f"logsumexp of a {x.dtype.name} tensor; convert it with .astype('float64') first")
    axes = normalize_axes(axis, x.ndim, "logsumexp") if x.ndim or axis not in (-1, 0) else ()
    kept = tuple([i for i in range(x.ndim) if i not in axes])
    rows = x
    if len(axes) != 1:  # one axis instead of several, or of none
        rows = shapes.transpose(x, kept + axes).reshape(
            (*[x.shape[i] for i in kept], math.prod([x.shape[i] for i in axes]))
        )
    out = apply(LOGSUMEXP, (rows,), axes[0] if len(axes) == 1 else len(kept))
    return out.reshape(tuple([1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes]))


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
