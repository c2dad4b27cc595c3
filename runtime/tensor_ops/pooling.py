"""Pooling over windows of the last axes: the maximum, the mean, and a smooth maximum.

Leading axes are batch and channels alike.  The padding of a mean counts as zeros; a maximum skips it, smooth or
not.  A NaN in a window gives NaN, as in PyTorch, and is its winner.  Where two elements of a window tie for the
maximum there is no derivative: the whole cotangent goes to the first of them in row-major order, and
:func:`~.conventions.conventions_used` lists the place.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..buffers import empty, zeros
from ..compiled import runs
from ..devices import array_module, is_half, is_numpy
from ..errors import DomainError, ShapeError
from ..primitive import Primitive, apply, evaluate, masked_zero
from ..tensor import Tensor
from .checks import axes_of, floats, number
from .windows import Windows, along, meetings, places_met, windows


class MaxPool(Primitive):
    """Static: the windows.  What is saved ends with the winners, as offsets into the windows."""

    __slots__ = ()

    def forward(self, w: Windows, x: Any) -> Any:
        return _contest(x, w)[0]

    def keep(self, w: Windows, x: Any) -> tuple[Any, Any]:
        best, winners = _contest(x, w)
        return best, (x, winners)

    def vjp(self, g: Any, saved: Any, w: Windows, parents: tuple[Any, ...]) -> Any:
        if isinstance(g, Tensor):
            return (apply(MAX_SPREAD, (g, saved[0]), w),)
        return (_spread(g, saved[1], w),)

    def jvp(self, primals: list[Any], tangents: list[Any], w: Windows, out: Tensor) -> Any:
        return apply(MAX_PICK, (tangents[0], primals[0]), w)

    def unsettled(self, saved: Any, w: Windows) -> Any:
        x = saved[0]
        best = self.forward(w, x)
        equal = array_module(x).zeros(best.shape, "int64")
        for _, here, there in meetings(w):
            equal[here] += x[there] == best[here]
        record = {
            "where": "two elements of the window are its maximum",
            "reason": "tie",
            "returned": "the whole cotangent to the first of them",
        }
        return equal > 1, record, {"x": best}


class MaxPick(Primitive):
    """The tangent of a max pool: elements of v at the winners of x.  Linear in v; x says where."""

    __slots__ = ()

    def forward(self, w: Windows, v: Any, x: Any) -> Any:
        winners = _contest(x, w)[1]
        out = array_module(v).zeros(winners.shape, v.dtype)
        for k, here, there in meetings(w):
            array_module(v).copyto(out[here], v[there], where=winners[here] == k)
        return out

    def vjp(self, g: Any, saved: Any, w: Windows, parents: tuple[Any, ...]) -> Any:
        return _either(MAX_SPREAD, g, saved[1], w), None

    def jvp(self, primals: list[Any], tangents: list[Any], w: Windows, out: Tensor) -> Any:
        return None if tangents[0] is None else apply(self, (tangents[0], primals[1]), w)


class MaxSpread(Primitive):
    """The cotangent of a max pool: v added in at the winners of x.  The adjoint of :class:`MaxPick`."""

    __slots__ = ()

    def forward(self, w: Windows, v: Any, x: Any) -> Any:
        return _spread(v, _contest(x, w)[1], w)

    def vjp(self, g: Any, saved: Any, w: Windows, parents: tuple[Any, ...]) -> Any:
        return _either(MAX_PICK, g, saved[1], w), None

    def jvp(self, primals: list[Any], tangents: list[Any], w: Windows, out: Tensor) -> Any:
        return None if tangents[0] is None else apply(self, (tangents[0], primals[1]), w)


class Linear(Primitive):
    """A linear map of one operand between an input and its windows; ``adjoint`` is set to the other way round."""

    __slots__ = ("adjoint",)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.adjoint: Linear = self

    def save(self, x: Any) -> Any:
        return ()

    def vjp(self, g: Any, saved: Any, w: Windows, parents: tuple[Any, ...]) -> Any:
        return (apply(self.adjoint, (g,), w) if isinstance(g, Tensor) else self.adjoint.forward(w, g),)

    def jvp(self, primals: list[Any], tangents: list[Any], w: Windows, out: Tensor) -> Any:
        return apply(self, (tangents[0],), w)


class AvgPool(Linear):
    """The mean of each window, one axis after the other."""

    __slots__ = ()

    def forward(self, w: Windows, x: Any) -> Any:
        total = x.astype("float32") if is_half(x.dtype) else x
        for axis, sizes in enumerate(zip(*w, strict=True)):
            before = (slice(None),) * (x.ndim - len(w.size) + axis)
            source = total
            shape = (*source.shape[: len(before)], sizes[-1], *source.shape[len(before) + 1 :])
            total = zeros(x, shape, source.dtype)
            for _, here, there in along(*sizes):
                total[(*before, here)] += source[(*before, there)]
        total /= w.offsets
        with np.errstate(over="ignore"):
            return total.astype(x.dtype, copy=False)


class AvgSpread(Linear):
    """The adjoint of :class:`AvgPool`: ``g / offsets`` to each element of the window."""

    __slots__ = ()

    def forward(self, w: Windows, g: Any) -> Any:
        total = (g.astype("float32") if is_half(g.dtype) else g) / w.offsets
        for axis, sizes in reversed(list(enumerate(zip(*w, strict=True)))):
            before = (slice(None),) * (g.ndim - len(w.size) + axis)
            source = total
            shape = (*source.shape[: len(before)], sizes[-2], *source.shape[len(before) + 1 :])
            total = zeros(g, shape, source.dtype)
            for _, here, there in along(*sizes):
                total[(*before, there)] += source[(*before, here)]
        return total.astype(g.dtype, copy=False)


class Unfold(Linear):
    """The windows themselves, their elements along a new last axis; 0 in the padding."""

    __slots__ = ()

    def forward(self, w: Windows, x: Any) -> Any:
        out = array_module(x).zeros((*x.shape[: -len(w.size)], *w.out, w.offsets), x.dtype)
        for k, here, there in meetings(w):
            out[..., k][here] = x[there]
        return out


class Fold(Linear):
    """The adjoint of :class:`Unfold`: each element of a window is added in where it came from."""

    __slots__ = ()

    def forward(self, w: Windows, g: Any) -> Any:
        x = array_module(g).zeros((*g.shape[: -len(w.size) - 1], *w.size), g.dtype)
        for k, here, there in meetings(w):
            x[there] += g[..., k][here]
        return x


class Shift(Primitive):
    """What a smooth maximum subtracts: the maximum of each window, the minimum for beta < 0, and 0 if not finite."""

    __slots__ = ()

    def forward(self, static: Any, x: Any) -> Any:
        w, beta = static
        shift = MAX_POOL.forward(w, x) if beta > 0 else -MAX_POOL.forward(w, -x)
        return array_module(x).where(array_module(x).isfinite(shift), shift, x.dtype.type(0))


class SmoothMaxPool(Primitive):
    """Static: the windows and beta.  The derivative is the softmax of ``beta x`` over each window.

    What is saved ends with the shift p and the sum of ``exp(beta (x - p))``, so that the weights lose no digits.
    """

    __slots__ = ()

    def forward(self, static: Any, x: Any) -> Any:
        return self.keep(static, x)[0]

    def keep(self, static: Any, x: Any) -> tuple[Any, Any]:
        w, beta = static
        if is_half(x.dtype):
            out, saved = self.keep(static, x.astype("float32"))
            with np.errstate(over="ignore"):
                return out.astype(x.dtype), (x, *saved[1:])
        xp = array_module(x)
        shift = SHIFT.forward(static, x)
        total = xp.zeros(shift.shape, x.dtype)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            for _, here, there in meetings(w):
                total[here] += xp.exp(beta * (x[there] - shift[here]))
            return shift + xp.log(total) / beta, (x, shift, total)

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...], mask: bool = False) -> Any:
        w, beta = static
        x = saved[0]
        if isinstance(g, Tensor):
            seed = g.reshape((*g.shape, 1))
            weights = _weights(x, static)
            seed = seed.astype(weights.dtype)
            shares = weights * seed
            out = apply(FOLD, (masked_zero(shares, seed) if mask else shares,), w)
            return (out.astype(x.dtype),)
        xp = array_module(x)
        shift, total = saved[1:]
        out = zeros(x, x.shape, total.dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = g / total
            for _, here, there in meetings(w):
                share = scaled[here] * xp.exp(beta * (x[there] - shift[here]))
                out[there] += masked_zero(share, g[here]) if mask else share
        return (out.astype(x.dtype, copy=False),)

    def masked_vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        return self.vjp(g, saved, static, parents, True)

    def jvp(self, primals: list[Any], tangents: list[Any], static: Any, out: Tensor) -> Any:
        weights = _weights(primals[0], static)
        along = apply(UNFOLD, (tangents[0].astype(weights.dtype),), static[0])
        return reductions.sum(weights * along, -1).astype(out.dtype)


def _weights(x: Tensor, static: Any) -> Tensor:
    """The softmax, in float32 or wider; the shift is a constant, on which it does not depend."""
    w, beta = static
    x = x.astype("float32") if is_half(x.dtype) else x
    shift = evaluate(SHIFT, x, static=static)
    shift = shift.reshape((*shift.shape, 1))
    inside = array_module(x._data).zeros((*w.out, w.offsets), bool)
    for k, here, _ in meetings(w):
        inside[..., k][here] = True
    with np.errstate(over="ignore", invalid="ignore"):
        weights: Tensor = reductions.softmax(select(inside, (apply(UNFOLD, (x,), w) - shift) * beta, -math.inf))
    return weights


MAX_POOL = MaxPool("max_pool")
MAX_PICK = MaxPick("max_pool'")
MAX_SPREAD = MaxSpread("max_pool adjoint")
AVG_POOL = AvgPool("avg_pool")
AVG_SPREAD = AvgSpread("avg_pool adjoint")
AVG_POOL.adjoint, AVG_SPREAD.adjoint = AVG_SPREAD, AVG_POOL
UNFOLD = Unfold("unfold")
FOLD = Fold("fold")
UNFOLD.adjoint, FOLD.adjoint = FOLD, UNFOLD
SHIFT = Shift("smooth_max_pool shift")
SMOOTH_MAX_POOL = SmoothMaxPool("smooth_max_pool")


def _contest(x: Any, w: Windows) -> tuple[Any, Any]:
    """The maximum of each window, and the offset of its first winner in row-major order; NaN wins."""
    xp, shape = array_module(x), (*x.shape[: -len(w.size)], *w.out)
    best = empty(x, shape, x.dtype)
    best[...] = -math.inf
    nobody, kind = (runs.NOBODY, np.dtype("uint8")) if w.offsets < runs.NOBODY else (w.offsets, np.dtype("int32"))
    winners = xp.full(shape, nobody, kind)
    if _compiled(x, w):
        runs.contest(np.ascontiguousarray(x), best, winners, places_met(w, math.prod(shape[: -len(w.size)])))
        return best, winners
    for k, here, there in meetings(w):
        a, b = x[there], best[here]
        takes = ~(a <= b) & (b == b) | (winners[here] == nobody)
        xp.copyto(best[here], a, where=takes)
        xp.copyto(winners[here], kind.type(k), where=takes)
    return best, winners


def _spread(g: Any, winners: Any, w: Windows) -> Any:
    xp = array_module(g)
    x = zeros(g, (*g.shape[: -len(w.size)], *w.size), g.dtype)
    if _compiled(g, w):
        planes = math.prod(g.shape[: -len(w.size)])
        runs.spread(x, np.ascontiguousarray(g), winners, places_met(w, planes))
        return x
    zero = g.dtype.type(0)
    for k, here, there in meetings(w):
        x[there] += xp.where(winners[here] == k, g[here], zero)
    return x


def _compiled(x: Any, w: Windows) -> bool:
    return w.offsets < runs.NOBODY and is_numpy(x) and runs.possible(x.dtype)


def _either(primitive: Primitive, g: Any, x: Any, w: Windows) -> Any:
    """As ``apply``, also on arrays."""
    if isinstance(g, Tensor) or isinstance(x, Tensor):
        return apply(primitive, (g, x), w)
    return primitive.forward(w, g, x)


def max_pool(x: Any, kernel: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """The maximum of each window of the last ``len(kernel)`` axes of x ``(..., *spatial)``.

    ``stride`` is by default the kernel.  Padding is skipped, and is smaller than the kernel.  At a tie the first
    winner in row-major order gets the whole cotangent, a convention; NaN gives NaN.  Raises :class:`ShapeError` and
    :class:`DTypeError` before any work.

    >>> max_pool([[1.0, 3.0, 2.0, 4.0, 0.0]], (2,))
    tensor([[3., 4.]])
    """
    return _max_pool("max_pool", None, x, kernel, stride, padding)


def max_pool2d(x: Any, kernel: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """:func:`max_pool` over the last two axes of x ``(..., C, H, W)``; the parameters are integers or pairs.

    >>> max_pool2d([[[1.0, 2.0], [4.0, 3.0]]], 2)
    tensor([[[4.]]])
    """
    return _max_pool("max_pool2d", 2, x, kernel, stride, padding)


def avg_pool(x: Any, kernel: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """The mean of each window of the last ``len(kernel)`` axes of x ``(..., *spatial)``; padding counts as zeros.

    ``stride`` is by default the kernel.  Raises :class:`ShapeError` and :class:`DTypeError` before any work.

    >>> avg_pool([[1.0, 3.0, 2.0, 4.0]], (2,), padding=1)
    tensor([[0.5, 2.5, 2. ]])
    """
    x, w = _pooled("avg_pool", None, x, kernel, stride, padding)
    return apply(AVG_POOL, (x,), w)


def avg_pool2d(x: Any, kernel: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """:func:`avg_pool` over the last two axes of x ``(..., C, H, W)``; the parameters are integers or pairs.

    >>> avg_pool2d([[[1.0, 2.0], [4.0, 3.0]]], 2)
    tensor([[[2.5]]])
    """
    x, w = _pooled("avg_pool2d", 2, x, kernel, stride, padding)
    return apply(AVG_POOL, (x,), w)


def smooth_max_pool(x: Any, kernel: Any, beta: float, stride: Any = None, padding: Any = 0) -> Tensor:
    """``log(sum exp(beta x)) / beta`` over each window, shifted so that nothing overflows; padding is skipped.

    For beta > 0 a smooth maximum, for beta < 0 a smooth minimum.  The cotangent is shared out by the softmax of
    ``beta x``.  Raises :class:`DomainError` for beta = 0 or out of the range of x, and otherwise as :func:`max_pool`.

    >>> smooth_max_pool([[1.0, 1.0, 500.0, 1000.0]], (2,), beta=1.0)
    tensor([[   1.69314718, 1000.        ]])
    """
    return _smooth("smooth_max_pool", None, x, kernel, beta, stride, padding)


def smooth_max_pool2d(x: Any, kernel: Any, beta: float, stride: Any = None, padding: Any = 0) -> Tensor:
    """:func:`smooth_max_pool` over the last two axes of x ``(..., C, H, W)``.

    >>> smooth_max_pool2d([[[1.0, 2.0], [4.0, 3.0]]], 2, beta=-1000.0)
    tensor([[[1.]]])
    """
    return _smooth("smooth_max_pool2d", 2, x, kernel, beta, stride, padding)


def global_avg_pool(x: Any) -> Tensor:
    """The mean of each channel over its last two axes: ``(..., C, H, W)`` to ``(..., C)``.

    >>> global_avg_pool([[[1.0, 2.0], [3.0, 6.0]]])
    tensor([3.])
    """
    (x,) = floats("global_avg_pool", x=x)
    axes_of("global_avg_pool", x, 3, "(..., C, H, W)")
    if not x.shape[-1] * x.shape[-2]:
        raise ShapeError(f"global_avg_pool: the mean over nothing, x has shape {x.shape}")
    return reductions.mean(x, (-2, -1))


def _max_pool(name: str, count: int | None, x: Any, kernel: Any, stride: Any, padding: Any) -> Tensor:
    x, w = _pooled(name, count, x, kernel, stride, padding)
    _no_empty_window(name, w)
    return apply(MAX_POOL, (x,), w)


def _smooth(name: str, count: int | None, x: Any, kernel: Any, beta: Any, stride: Any, padding: Any) -> Tensor:
    beta = number(name, "beta", beta, "other than 0", lambda v: v != 0)
    x, w = _pooled(name, count, x, kernel, stride, padding)
    kind = np.dtype("float64" if x.dtype == "float64" else "float32")  # what 16-bit floats are computed in
    with np.errstate(over="ignore", under="ignore"):
        rounded = abs(kind.type(beta))
    if not 0 < rounded < math.inf:
        raise DomainError(f"{name}: beta is a number in the range of {kind.name}, and not {beta!r}")
    _no_empty_window(name, w)
    return apply(SMOOTH_MAX_POOL, (x,), (w, beta))


def _pooled(name: str, count: int | None, x: Any, kernel: Any, stride: Any, padding: Any) -> tuple[Tensor, Windows]:
    (x,) = floats(name, x=x)
    if count is None:
        if not isinstance(kernel, tuple | list) or not kernel:
            raise ShapeError(f"{name}: kernel is a tuple with one extent for each spatial axis, not {kernel!r}")
        count = len(kernel)
    axes_of(name, x, count, f"(..., {count} spatial)")
    return x, windows(name, kernel, kernel if stride is None else stride, padding, x.shape[x.ndim - count :])


def _no_empty_window(name: str, w: Windows) -> None:
    if any(p >= k for p, k in zip(w.padding, w.kernel, strict=True)) or 0 in w.size:
        raise ShapeError(
            f"{name}: a window {w.kernel} over {w.size} with padding {w.padding} may hold padding alone, "
            "which has no maximum"
        )


from . import reductions  # noqa: E402
from .select import select  # noqa: E402
