"""Multi-head self-attention, with masks that exclude exactly.

The core is one primitive, ``softmax(scale q k^T) v`` over the entries that the mask allows.  Its scores are computed
for a few matrices at a time, so that they stay in a CPU's cache.  An entry that is masked takes no part at all: its
weight is 0, and that 0 times an infinite or NaN value is 0; a weight that the mask allows and that underflows
to 0 is a number as any other.  16-bit floats are computed in float32.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..buffers import empty
from ..compiled import rows, softmax, stacks
from ..devices import array_module, is_cupy, is_half, is_numpy
from ..errors import DeviceError, DomainError, DTypeError, ShapeError
from ..primitive import Predicate, Primitive, apply, evaluate, is_symbolic
from ..tensor import Tensor, as_tensor
from .annihilation import annihilate
from .checks import axes_of, floats, integer
from .sums import sum_array

# elements of the scores made at a time, and the largest number of weights that is saved rather than computed again
_SCORES_CPU, _SCORES_GPU, _SAVED = 1 << 20, 1 << 26, 1 << 24


class Attend(Primitive):
    """Operands: q, k, v ``(*batch, n, d)``, and a mask that broadcasts to ``(*batch, n, n)``, or ``True``.

    Static: the scale.  What is saved ends with the weights, unless they are many.
    """

    __slots__ = ()

    def forward(self, scale: float, q: Any, k: Any, v: Any, mask: Any) -> Any:
        return self._compute(scale, q, k, v, mask, False)[0]

    def keep(self, scale: float, q: Any, k: Any, v: Any, mask: Any) -> tuple[Any, Any]:
        few = math.prod(q.shape[:-1]) * k.shape[-2] <= _SAVED
        out, weights = self._compute(scale, q, k, v, mask, few)
        return out, (q, k, v, mask, weights)

    def _compute(self, scale: float, q: Any, k: Any, v: Any, mask: Any, wanted: bool) -> tuple[Any, Any]:
        dtype = q.dtype
        q, k, v = (_wide(x) for x in (q, k, v))
        out = empty(q, (*q.shape[:-1], v.shape[-1]), q.dtype)
        weights = empty(q, (*q.shape[:-1], k.shape[-2]), q.dtype) if wanted else None
        with np.errstate(over="ignore", invalid="ignore"):
            for part in _parts(q, k):
                allowed = _part(mask, part, q.ndim)
                p = _weights(q[part], k[part], allowed, scale, None if weights is None else weights[part])
                out[part] = _product(p, v[part], allowed)
        return out.astype(dtype, copy=False), weights

    def vjp(self, g: Any, saved: Any, scale: float, parents: tuple[Any, ...], below: bool = False) -> Any:
        q, k, v, mask = saved[:4]
        if isinstance(g, Tensor):
            dtype = g.dtype
            g, q, k, v = (_wide(x) for x in (g, q, k, v))
            p, _ = _recorded(q, k, mask, scale)
            mask = _left(mask)
            p = _only(mask, p)
            ds = _only(mask, _push(_only(mask, g @ _swap(v)), p) * scale)
            turned = _turn(mask)
            found = [_product(ds, k, mask), _product(_swap(ds), q, turned), _product(_swap(p), g, turned)]
            return *[_narrow(x, dtype) for x in found], None
        dtype = g.dtype
        g, q, k, v = (_wide(x) for x in (g, q, k, v))
        xp = array_module(q)
        found = [empty(x, x.shape, x.dtype) for x in (q, k, v)]
        weights = saved[4]
        with np.errstate(over="ignore", invalid="ignore"):
            for part in _parts(q, k):
                allowed = _part(mask, part, q.ndim)
                p = _weights(q[part], k[part], allowed, scale) if weights is None else weights[part]
                if below:  # rows that were left out
                    p = xp.where((g[part] != 0).any(axis=-1, keepdims=True), p, q.dtype.type(0))
                turned = _swap(v[part])
                ds = annihilate(_matmul, g[part], turned) if below else _matmul(g[part], turned)
                allowed = _left(allowed)
                if allowed is not True:  # a row that is NaN leaks no more than any other
                    p = xp.where(allowed, p, q.dtype.type(0))
                    xp.copyto(ds, 0, where=~allowed)
                _push_into(ds, p, scale)
                if allowed is not True:  # where the sum was not finite
                    xp.copyto(ds, 0, where=~allowed)
                kept = None if below else allowed
                turned = _turn(kept)
                found[0][part] = _product(ds, k[part], kept)
                found[1][part] = _product(_swap(ds), q[part], turned)
                found[2][part] = _product(_swap(p), g[part], turned)
        return *[x.astype(dtype, copy=False) for x in found], None

    def masked_vjp(self, g: Any, saved: Any, scale: float, parents: tuple[Any, ...]) -> Any:
        return self.vjp(g, saved, scale, parents, True)

    def jvp(self, primals: list[Any], tangents: list[Any], scale: float, out: Tensor) -> Any:
        (q, k, v, mask), (dq, dk, dv, _) = primals, tangents
        q, k, v, dq, dk, dv = (x if x is None else _wide(x) for x in (q, k, v, dq, dk, dv))
        p, turned = _recorded(q, k, mask, scale)
        mask = _left(mask)
        p = _only(mask, p)
        total: Any = None
        if dq is not None or dk is not None:
            ds = None if dq is None else dq @ turned
            if dk is not None:
                other = q @ _swap(dk)
                ds = other if ds is None else ds + other
            total = _product(_only(mask, _push(_only(mask, ds * scale), p)), v, mask)
        if dv is not None:
            along = _product(p, dv, mask)
            total = along if total is None else total + along
        return _narrow(total, out.dtype)


ATTEND = Attend("attention")
LEFT = Predicate("left", lambda mask: mask | ~mask.any(axis=-1, keepdims=True))


def _wide(x: Any) -> Any:
    return x.astype("float32") if is_half(x.dtype) else x


def _narrow(x: Any, dtype: Any) -> Any:
    return x if x.dtype == dtype else x.astype(dtype)


def _swap(x: Any) -> Any:
    last = len(x.shape) - 1
    return x.transpose((*range(last - 1), last, last - 1))


def _sum(x: Any) -> Any:
    last = len(x.shape) - 1
    if isinstance(x, Tensor):
        return reductions.sum(x, last, keepdims=True)
    return sum_array(x, (last,)).reshape((*x.shape[:-1], 1))


def _push(v: Any, p: Any) -> Any:
    """The derivative of a softmax, which is its own adjoint."""
    return p * (v - _sum(p * v))


def _parts(q: Any, k: Any) -> Iterator[slice]:
    """Slices of the first axis whose scores stay within the bound."""
    bound = _SCORES_CPU if is_numpy(q) else _SCORES_GPU
    step = max(1, bound // max(1, math.prod(q.shape[1:-1]) * k.shape[-2]))
    for start in range(0, q.shape[0], step):
        yield slice(start, start + step)


def _part(mask: Any, part: slice, ndim: int) -> Any:
    if mask is True:
        return True
    return mask[part] if mask.ndim == ndim and mask.shape[0] > 1 else mask


def _left(mask: Any) -> Any:
    """The mask outside of which a derivative is 0; all of a row that allows nothing, which is NaN."""
    return True if mask is True else evaluate(LEFT, mask)


def _turn(mask: Any) -> Any:
    return mask if mask is True or mask is None else _swap(mask)


def _product(a: Any, b: Any, kept: Any) -> Any:
    """``a @ b`` of arrays or of tensors; the zeros of a outside of ``kept`` annihilate, all of them for ``None``."""
    return _matmul(a, b) if kept is True else annihilate(_matmul, a, b, kept)


def _matmul(a: Any, b: Any, out: Any = None) -> Any:
    """``a @ b`` of arrays or of tensors; in ``out``, where one is given, which is contiguous."""
    if is_numpy(a) and is_numpy(b):
        return stacks.product(a, b, out)
    if out is None:
        return a @ b
    out[...] = a @ b
    return out


def _weights(q: Any, k: Any, allowed: Any, scale: float, out: Any = None) -> Any:
    xp = array_module(q)
    s = _matmul(q, _swap(k), out)
    if _fused(s):
        if allowed is not True:
            np.copyto(s, -math.inf, where=~allowed)
        softmax.softmax(s, scale)
        return s
    s *= scale
    if allowed is not True:
        xp.copyto(s, -math.inf, where=~allowed)
    s -= s.max(axis=-1, keepdims=True)
    xp.exp(s, out=s)
    s /= _sum(s)
    return s


def _push_into(v: Any, p: Any, scale: float) -> None:
    """:func:`_push` in place, times the scale."""
    if _fused(v):
        softmax.push(v, np.ascontiguousarray(p), scale)
        return
    v -= _sum(v * p)
    v *= p
    v *= scale


def _fused(x: Any) -> bool:
    """Whether the rows of an array are worked on in one pass."""
    return is_numpy(x) and rows.possible(x.dtype) and x.flags.c_contiguous


def _recorded(q: Tensor, k: Tensor, mask: Any, scale: float) -> tuple[Any, Any]:
    """The weights, and k transposed, as tensors."""
    turned = _swap(k)
    s = (q @ turned) * scale
    return reductions.softmax(s if mask is True else select(mask, s, -math.inf)), turned


def _only(mask: Any, x: Any) -> Any:
    return x if mask is True else select(mask, x, 0.0)


def multi_head_attention(x: Any, wq: Any, wk: Any, wv: Any, wo: Any, heads: int, mask: Any = None) -> Tensor:
    """Self-attention of x ``(..., n, model)`` with wq, wk, wv ``(model, heads d)`` and wo ``(heads d, model)``.

    Each head takes its d columns of ``Q = x wq``, ``K = x wk``, ``V = x wv``, computes ``softmax(Q K^T / sqrt(d)) V``,
    and the heads side by side are multiplied by wo.  The mask is boolean, ``(n, n)`` or with leading axes that
    broadcast with those of x: entry i, j is true where position i may attend to position j.  What is masked is
    excluded exactly, whatever it holds.

    Raises :class:`ShapeError` and :class:`DTypeError` before any work, and :class:`DomainError` where a row of the mask
    allows nothing (in a compiled graph, a mask that is an input gives NaN there).

    >>> import numpy as np
    >>> one = np.eye(2)
    >>> multi_head_attention([[1.0, 2.0], [3.0, 4.0]], one, one, one, one, heads=1, mask=np.eye(2, dtype=bool))
    tensor([[1., 2.],
            [3., 4.]])
    """
    name = "multi_head_attention"
    x, wq, wk, wv, wo = floats(name, x=x, wq=wq, wk=wk, wv=wv, wo=wo)
    heads = integer(name, "heads", heads, 1)
    axes_of(name, x, 2, "(..., n, model)")
    (n, model), lead = x.shape[-2:], x.shape[:-2]
    if not n:
        raise ShapeError(f"{name}: x {x.shape} has no positions")
    if wq.ndim != 2 or wq.shape[0] != model or wq.shape[1] % heads or not wq.shape[1]:
        raise ShapeError(f"{name}: wq has shape ({model}, heads d) with {heads} heads for x {x.shape}, not {wq.shape}")
    width = wq.shape[1]
    for argument, w, shape in (("wk", wk, wq.shape), ("wv", wv, wq.shape), ("wo", wo, (width, model))):
        if w.shape != shape:
            raise ShapeError(f"{name}: {argument} has shape {shape} beside wq {wq.shape}, not {w.shape}")
    allowed = True if mask is None else _mask(name, mask, x)
    flat = x.reshape((math.prod(lead) * n, model))

    def split(w: Tensor) -> Tensor:
        return shapes.swapaxes((flat @ w).reshape((*lead, n, heads, width // heads)), -2, -3)

    out = apply(ATTEND, (split(wq), split(wk), split(wv), allowed), 1 / math.sqrt(width // heads))
    return (shapes.swapaxes(out, -2, -3).reshape((flat.shape[0], width)) @ wo).reshape(x.shape)


def _mask(name: str, mask: Any, x: Tensor) -> Tensor:
    t = as_tensor(mask)
    if t.dtype != bool:
        raise DTypeError(f"{name}: the mask is boolean, not {t.dtype.name}")
    wanted = (*x.shape[:-1], x.shape[-2])
    try:
        fits = t.ndim >= 2 and t.shape[-2:] == wanted[-2:] and np.broadcast_shapes(t.shape, wanted) == wanted
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(f"{name}: the mask broadcasts to {wanted} for x {x.shape}, and has shape {t.shape}")
    if is_cupy(x._data) and not is_cupy(t._data):
        if isinstance(mask, Tensor):
            raise DeviceError(f"{name}: x is on {x.device} and the mask on cpu; move one with .to(...)")
        t = t.to(x.device)
    if not is_symbolic(t):  # what is not known yet gives NaN
        alive = t._data.any(axis=-1)
        if not alive.all():
            row = tuple(map(int, np.argwhere(~(alive.get() if is_cupy(alive) else alive))[0]))
            raise DomainError(f"{name}: row {row} of the mask {t.shape} allows no position to attend to")
    return t.detach().reshape((*t.shape[:-2], 1, *t.shape[-2:]))


from . import reductions, shapes  # noqa: E402
from .select import select  # noqa: E402
