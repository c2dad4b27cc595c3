"""Sums of arrays in a fixed order.

The order depends on the shape and the axes alone, never on the strides or the CPU: the reduced axes are
brought last in memory and summed pairwise (NumPy's order for a contiguous axis), or, when they are
leading axes, by a tree of halves.  float16 and bfloat16 are summed in float32.  On CUDA, CuPy's order is
used for the contiguous case; it is fixed for a shape, and not the same bits as NumPy's.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..devices import array_module, is_cupy, is_half, is_numpy
from ..errors import ShapeError


def normalize_axes(axis: Any, ndim: int, name: str) -> tuple[int, ...]:
    """Return axes as sorted non-negative integers; raise :class:`ShapeError` when out of range or repeated.

    >>> normalize_axes(-1, 3, "sum"), normalize_axes(None, 2, "sum")
    ((2,), (0, 1))
    """
    if axis is None:
        return tuple(range(ndim))
    axes = []
    for a in axis if isinstance(axis, tuple | list) else (axis,):
        if isinstance(a, bool) or not hasattr(a, "__index__"):
            raise ShapeError(f"{name}: an axis is an integer, not {a!r}")
        a = a.__index__()
        if not -ndim <= a < ndim:
            raise ShapeError(f"{name}: axis {a} is out of range for {ndim} axes")
        axes.append(a % ndim)
    if len(set(axes)) < len(axes):
        raise ShapeError(f"{name}: an axis is named twice in {axis!r}")
    return tuple(sorted(axes))


def sum_array(x: Any, axes: tuple[int, ...]) -> Any:
    """Sum an array over axes in the fixed order; the axes disappear."""
    ndim = len(x.shape)
    if not axes:
        return x
    if is_half(x.dtype):
        return sum_array(x.astype("float32"), axes).astype(x.dtype)
    if len(axes) == ndim:
        if is_numpy(x):
            return np.add.reduce(x if ndim == 1 and x.flags.c_contiguous else np.ascontiguousarray(x).reshape(-1))
        return x.sum()
    kept = tuple([i for i in range(ndim) if i not in axes])
    if axes == tuple(range(len(axes))) and math.prod(x.shape[len(axes) :]) > 1:
        return _tree(x.reshape(math.prod(x.shape[: len(axes)]), *x.shape[len(axes) :]))
    xp = array_module(x)
    shape = tuple([x.shape[i] for i in kept])
    length = math.prod([x.shape[i] for i in axes])
    rows = xp.ascontiguousarray(x.transpose(kept + axes)).reshape(math.prod(shape), length)
    return rows.sum(axis=1, dtype=x.dtype).reshape(shape)


def _tree(x: Any) -> Any:
    n = x.shape[0]
    if n == 0:
        return array_module(x).zeros(x.shape[1:], x.dtype)
    while n > 1:
        half = n // 2
        folded = x[:half] + x[half : 2 * half]
        if n % 2:
            folded[0] += x[n - 1]
        x, n = folded, half
    return x[0]


def sum_by_place(places: Any, values: Any) -> tuple[Any, Any]:
    """The places that occur, each once, and the sum of the values (along the first axis) that go there.

    Values of one place are added by a tree of halves over their order: equal neighbours of the sorted places in pairs,
    until none are left.  No addition is atomic, so the bits are the same in every run and on every device.

    >>> places, sums = sum_by_place(np.array([2, 0, 2, 2]), np.array([1.0, 10.0, 100.0, 1000.0]))
    >>> places.tolist(), sums.tolist()
    ([0, 2], [10.0, 1101.0])
    """
    xp = array_module(values)
    order = xp.argsort(places, kind="stable")
    places, values = places[order], values[order]
    while len(places) > 1:
        first = xp.ones(len(places), bool)
        first[1:] = places[1:] != places[:-1]
        if first.all():
            break
        rank = xp.arange(len(places)) - xp.flatnonzero(first)[xp.cumsum(first) - 1]
        odd, even = xp.flatnonzero(rank % 2 == 1), xp.flatnonzero(rank % 2 == 0)
        values[odd - 1] += values[odd]
        places, values = places[even], values[even]
    return places, values


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum a cotangent (array or tensor) back to the shape of the operand that was broadcast."""
    have = g.shape
    if have == shape:
        return g
    extra = len(have) - len(shape)
    axes = tuple(range(extra)) + tuple([i + extra for i, n in enumerate(shape) if n == 1 and have[i + extra] != 1])
    g = sum_array(g, axes) if is_numpy(g) or is_cupy(g) else g.sum(axes)
    return g.reshape(shape)
