"""TorchLean's names for moving elements: transposes and permutations, joining, slicing, and cutting off the tape.

The permutations act on the last axes, so leading batch axes stay where they are.
"""

from __future__ import annotations

from typing import Any

from ..errors import ShapeError
from ..primitive import check_operands
from ..tensor import Tensor, as_tensor, tensor
from .checks import axes_of, integer
from .shapes import concatenate, transpose


def transpose2d(x: Any) -> Tensor:
    """``(..., m, n)`` to ``(..., n, m)``.

    >>> transpose2d([[1.0, 2.0]])
    tensor([[1.],
            [2.]])
    """
    return _permute("transpose2d", x, (1, 0))


def transpose3d_first_to_last(x: Any) -> Tensor:
    """``(..., a, b, c)`` to ``(..., b, c, a)``.

    >>> transpose3d_first_to_last([[[1.0, 2.0]]]).shape
    (1, 2, 1)
    """
    return _permute("transpose3d_first_to_last", x, (1, 2, 0))


def transpose3d_last_to_first(x: Any) -> Tensor:
    """``(..., a, b, c)`` to ``(..., c, a, b)``.

    >>> transpose3d_last_to_first([[[1.0, 2.0]]]).shape
    (2, 1, 1)
    """
    return _permute("transpose3d_last_to_first", x, (2, 0, 1))


def transpose3d_last_two(x: Any) -> Tensor:
    """``(..., a, b, c)`` to ``(..., a, c, b)``.

    >>> transpose3d_last_two([[[1.0, 2.0]]]).shape
    (1, 2, 1)
    """
    return _permute("transpose3d_last_two", x, (0, 2, 1))


def swap_adjacent_at_depth(x: Any, depth: int) -> Tensor:
    """Exchange the axes ``depth`` and ``depth + 1``, counted from 0.

    >>> swap_adjacent_at_depth([[[1.0, 2.0]]], 1).shape
    (1, 2, 1)
    """
    x = as_tensor(x)
    depth = integer("swap_adjacent_at_depth", "depth", depth, 0)
    if depth + 1 >= x.ndim:
        raise ShapeError(f"swap_adjacent_at_depth: no axes {depth} and {depth + 1} in shape {x.shape}")
    order = list(range(x.ndim))
    order[depth], order[depth + 1] = depth + 1, depth
    return transpose(x, order)


def concat_vectors(a: Any, b: Any) -> Tensor:
    """``(..., n)`` and ``(..., m)`` joined to ``(..., n + m)``; the leading axes are equal.

    >>> concat_vectors([1.0], [2.0, 3.0])
    tensor([1., 2., 3.])
    """
    a, b = as_tensor(a), as_tensor(b)
    if not a.ndim or not b.ndim or a.shape[:-1] != b.shape[:-1]:
        raise ShapeError(f"concat_vectors: takes (..., n) and (..., m), not {a.shape} and {b.shape}")
    check_operands("concat_vectors", (a, b))
    return concatenate((a, b), -1)


def concat_dim0(a: Any, b: Any) -> Tensor:
    """``(n, ...)`` and ``(m, ...)`` joined to ``(n + m, ...)``; the other axes are equal.

    >>> concat_dim0([[1.0, 2.0]], [[3.0, 4.0]])
    tensor([[1., 2.],
            [3., 4.]])
    """
    a, b = as_tensor(a), as_tensor(b)
    if not a.ndim or not b.ndim or a.shape[1:] != b.shape[1:]:
        raise ShapeError(f"concat_dim0: takes (n, ...) and (m, ...), not {a.shape} and {b.shape}")
    check_operands("concat_dim0", (a, b))
    return concatenate((a, b), 0)


def slice_range0(x: Any, start: int, length: int) -> Tensor:
    """``x[start : start + length]``; the range lies inside.

    >>> slice_range0([1.0, 2.0, 3.0], 1, 2)
    tensor([2., 3.])
    """
    x = as_tensor(x)
    start = integer("slice_range0", "start", start, 0)
    length = integer("slice_range0", "length", length, 0)
    axes_of("slice_range0", x, 1, "(n, ...)")
    if start + length > x.shape[0]:
        raise ShapeError(f"slice_range0: {start} + {length} is beyond the first axis of shape {x.shape}")
    return x[start : start + length]


def detach(x: Any) -> Tensor:
    """The same values, cut off from the tape: no gradient flows back, which is not a zero gradient.

    >>> import hasderiv as hd
    >>> hd.grad(lambda t: t * detach(t))(3.0)
    tensor(3.)
    """
    return as_tensor(x).detach()


def const(value: Any, dtype: Any = None, device: str | None = None) -> Tensor:
    """A tensor that has no gradient, from an array, a number or another tensor.

    >>> const([1, 2], dtype="float32").requires_grad
    False
    """
    return tensor(value, device=device, dtype=dtype)


def _permute(name: str, x: Any, order: tuple[int, ...]) -> Tensor:
    x, count = as_tensor(x), len(order)
    axes_of(name, x, count, "(..., m, n)" if count == 2 else "(..., a, b, c)")
    first = x.ndim - count
    return transpose(x, (*range(first), *[first + i for i in order]))
