"""Matrix products: by machine code of our own, or by BLAS, whose bits may differ between machines."""

from __future__ import annotations

import math
from typing import Any

from ..compiled import stacks
from ..devices import array_module, is_half, is_numpy
from ..errors import DTypeError, ShapeError
from ..primitive import Predicate, Primitive, apply, check_operands, evaluate
from ..tensor import Tensor
from .sums import unbroadcast


class MatMul(Primitive):
    """``x @ y`` for all shapes that NumPy takes: vectors on either side, matrices, stacks that broadcast."""

    __slots__ = ()

    def forward(self, static: Any, x: Any, y: Any) -> Any:
        if is_half(x.dtype):
            return self.forward(static, x.astype("float32"), y.astype("float32")).astype(x.dtype)
        return stacks.product(x, y) if is_numpy(x) else array_module(x).matmul(x, y)

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...], mask: bool = False) -> Any:
        x, y = saved
        # a vector is a row on the left and a column on the right; its axis is put back into g
        a = x.reshape((1, -1)) if len(x.shape) == 1 else x
        b = y.reshape((-1, 1)) if len(y.shape) == 1 else y
        if len(x.shape) == 1:
            g = g.reshape((*g.shape[: len(b.shape) - 2], 1, b.shape[-1]))
        elif len(y.shape) == 1:
            g = g.reshape((*g.shape, 1))
        gx = gy = None
        if parents[0] is not None:
            gx = _left(g, _swap(b), mask)
            gx = unbroadcast(gx, a.shape).reshape(x.shape)
        if parents[1] is not None:
            gy = _right(_swap(a), g, mask)
            gy = unbroadcast(gy, b.shape).reshape(y.shape)
        return gx, gy

    def masked_vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        return self.vjp(g, saved, static, parents, True)

    def jvp(self, primals: list[Any], tangents: list[Any], static: Any, out: Tensor) -> Any:
        (x, y), (dx, dy) = primals, tangents
        if dy is None:
            return matmul(dx, y)
        return matmul(x, dy) if dx is None else matmul(dx, y) + matmul(x, dy)


MATMUL = MatMul("matmul")
DEAD_ROWS = Predicate("dead_rows", lambda g: (g == 0).all(axis=-1, keepdims=True))


def _swap(m: Any) -> Any:
    if len(m.shape) == 2:
        return m.T
    return m.transpose((*range(len(m.shape) - 2), len(m.shape) - 1, len(m.shape) - 2))


def _left(g: Any, m: Any, mask: bool) -> Any:
    """``g @ m`` for a cotangent g; with ``mask``, a row of g that is all zero gives a row of zeros."""
    if mask:
        dead = evaluate(DEAD_ROWS, g)
        if isinstance(dead, Tensor) or dead.any():
            return selection.select(dead, 0.0, _times(g, m))
    return _times(g, m)


def _right(m: Any, g: Any, mask: bool) -> Any:
    """``m @ g`` for a cotangent g; with ``mask``, the columns of m that meet a row of zeros count nothing."""
    if mask:
        dead = evaluate(DEAD_ROWS, g)
        if isinstance(dead, Tensor) or dead.any():
            m = selection.select(_swap(dead), 0.0, m)
    return _times(m, g)


def _times(x: Any, y: Any) -> Any:
    return matmul(x, y) if isinstance(x, Tensor) or isinstance(y, Tensor) else MATMUL.forward(None, x, y)


def matmul(x: Any, y: Any) -> Tensor:
    """The matrix product ``x @ y``, with NumPy's rules for vectors and stacks of matrices.

    Shapes ``(..., n, k) @ (..., k, m)``; the leading axes broadcast; ``(k,)`` is a row on the left and a
    column on the right.  Raises :class:`ShapeError` for scalars and where ``k`` differs,
    :class:`DTypeError` for different dtypes.

    >>> matmul([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0])
    tensor([3., 7.])
    """
    x, y = (v if isinstance(v, Tensor) else tensor(v) for v in (x, y))
    if not x.ndim or not y.ndim:
        raise ShapeError("matmul: an operand without axes; use * to scale")
    check_operands("matmul", (x, y))
    if x.dtype == bool:
        raise DTypeError("matmul of a bool tensor; convert it with .astype first")
    if x.ndim > 2 and y.ndim == 2 and x.shape[-1] == y.shape[0]:  # one product of matrices, and one for each gradient
        rows = math.prod(x.shape[:-1])
        return apply(MATMUL, (x.reshape((rows, x.shape[-1])), y)).reshape((*x.shape[:-1], y.shape[1]))
    return apply(MATMUL, (x, y))


def bmm(x: Any, y: Any) -> Tensor:
    """The products of a batch of matrices, ``(b, m, k)`` and ``(b, k, n)``; nothing broadcasts.

    >>> bmm([[[1.0, 2.0]]], [[[3.0], [4.0]]])
    tensor([[[11.]]])
    """
    x, y = (v if isinstance(v, Tensor) else tensor(v) for v in (x, y))
    if x.ndim != 3 or y.ndim != 3 or x.shape[0] != y.shape[0] or x.shape[2] != y.shape[1]:
        raise ShapeError(f"bmm: takes (b, m, k) and (b, k, n), not {x.shape} and {y.shape}")
    return matmul(x, y)


def linear(x: Any, weight: Any, bias: Any = None) -> Tensor:
    """``x @ weight.T + bias``: x ``(..., in)``, weight ``(out, in)``, bias ``(out,)``.

    >>> linear([1.0, 2.0], [[1.0, 0.0], [0.0, 3.0]], [0.5, 0.5])
    tensor([1.5, 6.5])
    """
    weight = weight if isinstance(weight, Tensor) else tensor(weight)
    if weight.ndim != 2:
        raise ShapeError(f"linear: the weight has two axes (out, in), not shape {weight.shape}")
    out = matmul(x, weight.T)
    return out if bias is None else out + (bias if isinstance(bias, Tensor) else tensor(bias))


from ..tensor import tensor  # noqa: E402
from . import select as selection  # noqa: E402
