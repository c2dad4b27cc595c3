"""Normalisation: layer norm, batch norm, and a channel norm for each image.

All are ``(x - mean) / sqrt(var + eps) * gamma + beta`` over some axes, with the biased variance.  With x^ the
normalised x, r the factor ``1 / sqrt(var + eps)`` and M the mean over these axes, the derivative of x^ along v is

    P v = r (v - M v - x^ M(x^ v)),

which is its own adjoint, so forward and reverse mode run the same map.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..buffers import empty
from ..compiled import normal as kernels
from ..compiled import rows
from ..devices import array_module, is_half, is_numpy
from ..errors import DTypeError, ShapeError
from ..primitive import Primitive, apply, evaluate, masked_zero
from ..tensor import Tensor
from .checks import axes_of, floats, number
from .sums import sum_array, unbroadcast


class Normalize(Primitive):
    """Operands: x, gamma, beta; the last two broadcast against x, and are 1.0 and 0.0 where there is none.

    Static: the axes, and eps.  What is saved ends with the mean and r.
    """

    __slots__ = ()

    def forward(self, static: Any, x: Any, gamma: Any, beta: Any) -> Any:
        return self.keep(static, x, gamma, beta)[0]

    def keep(self, static: Any, x: Any, gamma: Any, beta: Any) -> tuple[Any, Any]:
        if is_half(x.dtype):
            wide = [v if isinstance(v, float) else v.astype("float32") for v in (x, gamma, beta)]
            out, saved = self.keep(static, *wide)
            with np.errstate(over="ignore"):
                return out.astype(x.dtype), (x, gamma, beta, *saved[3:])
        axes, eps = static
        if _by_rows(x, gamma, beta, axes):
            out, mean, var, r = _rows(x, gamma, beta, axes, eps)
            if _is_fine(var, eps):
                return out, (x, gamma, beta, mean, r)
        with np.errstate(all="ignore"):
            mean, out, var = _spread(x, axes)
            xp = array_module(x)
            if is_numpy(x) and _is_fine(var, eps):  # a GPU would have to wait for the answer
                r = 1.0 / xp.sqrt(var + x.dtype.type(eps))
                out *= r
            else:
                scale = SCALE.forward(static, x)
                mean, out, var = _spread(x * scale, axes)
                r = 1.0 / xp.sqrt(var + x.dtype.type(eps) * scale * scale)
                out *= r
                mean, r = mean / scale, r * scale
            if not isinstance(gamma, float):
                out *= gamma
            if not isinstance(beta, float):
                out += beta
        return out, (x, gamma, beta, mean, r)

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...], mask: bool = False) -> Any:
        x, gamma, beta = saved[:3]
        axes, eps = static
        if is_half(g.dtype):
            wide = [v if isinstance(v, float) else v.astype("float32") for v in (g, *saved)]
            found = self.vjp(wide[0], wide[1:], static, parents, mask)
            return [v if v is None else v.astype(g.dtype) for v in found]
        if isinstance(g, Tensor):
            normal, r = _normal(x, axes, eps)
        elif not mask and _by_rows(x, gamma, beta, axes):
            return _pull_rows(g, saved, axes)
        else:
            mean, r = saved[3:]
            with np.errstate(all="ignore"):
                normal = empty(x, x.shape, x.dtype)
                array_module(x).subtract(x, mean, out=normal)
                normal *= r
        gx = ggamma = gbeta = None
        with np.errstate(all="ignore"):
            if parents[0] is not None:
                gx = _push(g if isinstance(gamma, float) else g * gamma, normal, r, axes)
                if mask:
                    gx = masked_zero(gx, evaluate(reductions.ALIVE, g, static=axes))
            if parents[1] is not None:
                ggamma = g * normal
                ggamma = unbroadcast(masked_zero(ggamma, g) if mask else ggamma, gamma.shape)
            if parents[2] is not None:
                gbeta = unbroadcast(g, beta.shape)
        return gx, ggamma, gbeta

    def masked_vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        return self.vjp(g, saved, static, parents, True)

    def jvp(self, primals: list[Any], tangents: list[Any], static: Any, out: Tensor) -> Any:
        if is_half(out.dtype):
            wide = [
                [v if v is None or isinstance(v, float) else v.astype("float32") for v in vs]
                for vs in (primals, tangents)
            ]
            return self.jvp(wide[0], wide[1], static, out.astype("float32")).astype(out.dtype)
        (x, gamma, _), (dx, dgamma, dbeta) = primals, tangents
        axes, eps = static
        normal, r = _normal(x, axes, eps)
        parts = []
        if dx is not None:
            dx = _push(dx, normal, r, axes)
            parts.append(dx if isinstance(gamma, float) else dx * gamma)
        if dgamma is not None:
            parts.append(normal * dgamma)
        if dbeta is not None:
            parts.append(shapes.broadcast_to(dbeta, out.shape))
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total


class Moments(Primitive):
    """The mean and the biased variance over the axes, the static part, as two rows; of constants only."""

    __slots__ = ()

    def forward(self, axes: tuple[int, ...], x: Any) -> Any:
        with np.errstate(all="ignore"):
            mean, _, var = _spread(x, axes)
            return array_module(x).stack([mean.reshape(-1), var.reshape(-1)])


class Scale(Primitive):
    """A power of two for each mean, by which x is multiplied so that squares neither overflow nor vanish; mostly 1.

    Static: as of :class:`Normalize`.  Beside an eps squares may vanish.
    """

    __slots__ = ()

    def forward(self, static: Any, x: Any) -> Any:
        axes, eps = static
        xp, one, limits = array_module(x), x.dtype.type(1), np.finfo(x.dtype)
        largest = abs(x).max(axis=axes, keepdims=True)
        # room for sums of 2**28 squares, and for the squares of differences in the last digit
        wanted = (largest > 2.0 ** (limits.maxexp // 2 - 16)) & (largest <= limits.max)
        if not eps:
            wanted |= (largest > 0) & (largest < 2.0 ** (limits.minexp // 2 + limits.nmant + 1))
        exponent = xp.frexp(largest)[1].clip(2 - limits.maxexp, limits.maxexp - 2)
        return xp.where(wanted, xp.ldexp(one, -exponent), one)


NORMALIZE = Normalize("normalize")
SCALE = Scale("normalize scale")
MOMENTS = Moments("moments")


def _mean(x: Any, axes: tuple[int, ...]) -> Any:
    """The mean over axes, which stay with length 1; of an array or a tensor."""
    if isinstance(x, Tensor):
        return reductions.mean(x, axes, keepdims=True)
    n = math.prod([x.shape[i] for i in axes])
    shape = tuple([1 if i in axes else m for i, m in enumerate(x.shape)])
    return sum_array(x, axes).reshape(shape) / x.dtype.type(n)


def _spread(x: Any, axes: tuple[int, ...]) -> tuple[Any, Any, Any]:
    """The mean of an array, what is left without it, and the variance."""
    xp = array_module(x)
    mean = _mean(x, axes)
    rest, squares = (empty(x, x.shape, x.dtype) for _ in range(2))
    xp.subtract(x, mean, out=rest)
    xp.multiply(rest, rest, out=squares)
    return mean, rest, _mean(squares, axes)


def _by_rows(x: Any, gamma: Any, beta: Any, axes: tuple[int, ...]) -> bool:
    """Whether one pass does it: the axes are the last ones of a contiguous array, and gamma and beta have these."""
    if not is_numpy(x) or not rows.possible(x.dtype) or not x.size or not x.flags.c_contiguous:
        return False
    if axes != tuple(range(x.ndim - len(axes), x.ndim)):
        return False
    return all(isinstance(v, float) or v.shape == x.shape[x.ndim - len(axes) :] for v in (gamma, beta))


def _row(x: Any, axes: tuple[int, ...], v: Any) -> Any:
    """Gamma or beta as an array as long as a row."""
    n = math.prod([x.shape[i] for i in axes])
    return np.full(n, v, x.dtype) if isinstance(v, float) else np.ascontiguousarray(v).reshape(n)


def _rows(x: Any, gamma: Any, beta: Any, axes: tuple[int, ...], eps: float) -> tuple[Any, Any, Any, Any]:
    """The result, and the means, variances and factors r."""
    out = empty(x, x.shape, x.dtype)
    nothing = -0.0  # which leaves what it is added to as it is, a zero's sign too
    given = _row(x, axes, gamma), _row(x, axes, nothing if isinstance(beta, float) else beta)
    shape = (*x.shape[: x.ndim - len(axes)], *(1 for _ in axes))
    return out, *[v.reshape(shape) for v in kernels.normalize(x, *given, eps, out)]


def _pull_rows(g: Any, saved: Any, axes: tuple[int, ...]) -> tuple[Any, Any, Any]:
    """The cotangents of x, gamma and beta."""
    x, gamma, beta, mean, r = saved
    g = np.ascontiguousarray(g)
    gx = empty(x, x.shape, x.dtype)
    along = kernels.pull(g, x, _row(x, axes, gamma), mean, r, gx)
    ggamma = None if isinstance(gamma, float) else unbroadcast(along, gamma.shape)
    return gx, ggamma, None if isinstance(beta, float) else unbroadcast(g, beta.shape)


def _is_fine(var: Any, eps: float) -> bool:
    """Whether no square overflowed, and, where nothing stands beside it, none vanished."""
    limits = np.finfo(var.dtype)
    return bool((var <= limits.max).all()) and (eps > 0 or bool((var >= limits.tiny / limits.eps).all()))


def _normal(x: Tensor, axes: tuple[int, ...], eps: float) -> tuple[Tensor, Tensor]:
    scale = evaluate(SCALE, x, static=(axes, eps))
    scaled = x * scale
    d = scaled - _mean(scaled, axes)
    r: Tensor = (_mean(d * d, axes) + scale * eps * scale) ** -0.5
    return d * r, r * scale


def _push(v: Any, normal: Any, r: Any, axes: tuple[int, ...]) -> Any:
    if isinstance(v, Tensor):
        return r * (v - _mean(v, axes) - normal * _mean(normal * v, axes))
    xp = array_module(v)
    out, along = (empty(v, v.shape, v.dtype) for _ in range(2))
    xp.subtract(v, _mean(v, axes), out=out)
    xp.multiply(normal, v, out=along)
    xp.multiply(normal, _mean(along, axes), out=along)
    out -= along
    out *= r
    return out


def layer_norm(x: Any, gamma: Any = None, beta: Any = None, eps: float = 1e-6) -> Tensor:
    """``(x - mean) / sqrt(var + eps) * gamma + beta`` over the last axis, or over the axes that gamma has.

    The variance is biased.  gamma and beta have the shape of the last axes of x; either may be left out.  PyTorch's
    default of eps is 1e-5.  Raises :class:`ShapeError`, :class:`DTypeError` and :class:`DomainError` before any work.

    >>> layer_norm([1.0, 3.0], eps=0.0)
    tensor([-1.,  1.])
    """
    x, gamma, beta = _operands("layer_norm", x, gamma, beta)
    given = gamma if gamma is not None else beta
    count = 1 if given is None else given.ndim
    if not count:
        raise ShapeError("layer_norm: gamma and beta have the last axes of x, and not shape ()")
    axes_of("layer_norm", x, count, "(..., features)")
    _fits("layer_norm", x, x.shape[x.ndim - count :], gamma, beta)
    return _normalize("layer_norm", x, gamma, beta, tuple(range(x.ndim - count, x.ndim)), eps)


def batchnorm_channel_first(x: Any, gamma: Any = None, beta: Any = None, eps: float = 1e-6) -> Tensor:
    """Each channel of each image normalised over its own H and W: x ``(..., C, H, W)``, gamma and beta ``(C,)``.

    TorchLean's batch norm of one image; PyTorch calls it instance norm.  For statistics over a batch see
    :func:`batch_norm`.

    >>> batchnorm_channel_first([[[1.0, 3.0]]], [2.0], [5.0], eps=0.0)
    tensor([[[3., 7.]]])
    """
    name = "batchnorm_channel_first"
    x, gamma, beta = _operands(name, x, gamma, beta)
    axes_of(name, x, 3, "(..., C, H, W)")
    _fits(name, x, x.shape[-3:-2], gamma, beta)
    gamma, beta = (v if v is None else v.reshape((-1, 1, 1)) for v in (gamma, beta))
    return _normalize(name, x, gamma, beta, (x.ndim - 2, x.ndim - 1), eps)


def batch_norm(
    x: Any,
    running_mean: Any = None,
    running_var: Any = None,
    gamma: Any = None,
    beta: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Tensor, Tensor | None, Tensor | None]:
    """PyTorch's batch norm of x ``(N, C, *spatial)``: the result, and the running mean and variance ``(C,)``.

    In training each channel is normalised over the batch and all places, and the running statistics returned are
    ``(1 - momentum) running + momentum batch``, with the unbiased variance and no gradient; otherwise they
    normalise, and are returned as they are.  Tensors are values: pass what was returned to the next call.  Where
    there are none (``None``), the batch normalises, which is training.

    Raises :class:`ShapeError` for a single value for each channel in training, which has no variance,
    :class:`DomainError` for a momentum outside of 0 to 1, and :class:`DTypeError` where ``training`` is no bool.

    >>> y, mean, var = batch_norm([[1.0], [3.0]], [0.0], [1.0], training=True, momentum=0.5, eps=0.0)
    >>> y.tolist(), mean.tolist(), var.tolist()
    ([[-1.0], [1.0]], [1.0], [1.5])
    """
    name = "batch_norm"
    if not isinstance(training, bool | np.bool_):
        raise DTypeError(f"{name}: training is a bool, and not {training!r}")
    momentum = number(name, "momentum", momentum, "from 0 to 1", lambda v: 0 <= v <= 1)
    x, gamma, beta = _operands(name, x, gamma, beta)
    axes_of(name, x, 2, "(N, C, *spatial)")
    channels = x.shape[1:2]
    _fits(name, x, channels, gamma, beta)
    if (running_mean is None) != (running_var is None) or (running_mean is None and not training):
        raise ShapeError(f"{name}: takes both running statistics, or in training none")
    given = running_mean is not None
    if given:
        _, mean, var = floats(name, x=x, running_mean=running_mean, running_var=running_var)
        _fits(name, x, channels, mean, var, ("running_mean", "running_var"))
    lined = (-1,) + (1,) * (x.ndim - 2)
    gamma, beta = (v if v is None else v.reshape(lined) for v in (gamma, beta))
    if not training:
        eps = _eps(name, eps)
        wide = [_wide(v) for v in (x, mean, var, gamma, beta)]
        y = (wide[0] - wide[1].reshape(lined)) * (wide[2].reshape(lined) + eps) ** -0.5
        y = y if gamma is None else y * wide[3]
        return (y if beta is None else y + wide[4]).astype(x.dtype), mean, var
    axes = (0, *range(2, x.ndim))
    n = math.prod([x.shape[i] for i in axes])
    if n < 2:
        raise ShapeError(f"{name}: training needs two values or more for each channel; x has shape {x.shape}")
    y = _normalize(name, x, gamma, beta, axes, eps)
    if not given:
        return y, None, None
    now = apply(MOMENTS, (_wide(x.detach()),), axes)
    mean = _wide(mean.detach()) * (1 - momentum) + now[0] * momentum
    var = _wide(var.detach()) * (1 - momentum) + now[1] * (momentum * n / (n - 1))
    return y, mean.astype(x.dtype), var.astype(x.dtype)


def _wide(x: Any) -> Any:
    return x.astype("float32") if x is not None and is_half(x.dtype) else x


def _operands(name: str, x: Any, gamma: Any, beta: Any) -> tuple[Tensor, Tensor | None, Tensor | None]:
    found = iter(floats(name, x=x, gamma=gamma, beta=beta))
    return next(found), None if gamma is None else next(found), None if beta is None else next(found)


def _fits(
    name: str, x: Tensor, shape: tuple[int, ...], a: Any, b: Any, names: tuple[str, str] = ("gamma", "beta")
) -> None:
    for argument, t in zip(names, (a, b), strict=True):
        if t is not None and t.shape != shape:
            raise ShapeError(f"{name}: {argument} has shape {shape} for x {x.shape}, not {t.shape}")


def _eps(name: str, eps: Any) -> float:
    return number(name, "eps", eps, "not negative", lambda v: v >= 0)


def _normalize(name: str, x: Tensor, gamma: Any, beta: Any, axes: tuple[int, ...], eps: float) -> Tensor:
    eps = _eps(name, eps)
    if any(x.shape[i] == 0 for i in axes):
        raise ShapeError(f"{name}: the mean over nothing, x has shape {x.shape}")
    return apply(NORMALIZE, (x, 1.0 if gamma is None else gamma, 0.0 if beta is None else beta), (axes, eps))


from . import reductions, shapes  # noqa: E402
