"""Windows: where the kernel of a convolution or of a pool meets its input.

Along each spatial axis, output place ``i`` and kernel offset ``k`` meet input place ``s i + k - p`` for stride
``s`` and padding ``p``; places outside the input are padding.  For a fixed offset these places are a slice of
the output and a strided slice of the input, so a loop over the offsets with whole slices does all the work,
on NumPy and on CuPy alike, and in an order that depends on the shapes alone.
"""

from __future__ import annotations

import itertools
import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..compiled.runs import Runs
from ..errors import ShapeError
from .checks import extents


class Windows(NamedTuple):
    """The extents along each spatial axis of the kernel, the input and the output, with stride and padding."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    size: tuple[int, ...]
    out: tuple[int, ...]

    @property
    def offsets(self) -> int:
        """The number of elements of one window."""
        return math.prod(self.kernel)


def windows(name: str, kernel: Any, stride: Any, padding: Any, size: tuple[int, ...]) -> Windows:
    """Check the parameters and find the extent of the output, ``floor((size + 2 p - k) / s) + 1``.

    Raises :class:`ShapeError` for a stride or kernel below 1, a negative padding, and a window larger than its input.

    >>> windows("max_pool", (2, 3), 2, 0, (6, 7)).out
    (3, 3)
    """
    count = len(size)
    kernel = extents(name, "kernel", kernel, count, 1)
    stride = extents(name, "stride", stride, count, 1)
    padding = extents(name, "padding", padding, count, 0)
    for n, k, p in zip(size, kernel, padding, strict=True):
        if n + 2 * p < k:
            raise ShapeError(f"{name}: a window {kernel} does not fit into {size} with padding {padding}")
    out = tuple([(n + 2 * p - k) // s + 1 for n, k, s, p in zip(size, kernel, stride, padding, strict=True)])
    return Windows(kernel, stride, padding, size, out)


def along(kernel: int, stride: int, padding: int, size: int, out: int) -> list[tuple[int, slice, slice]]:
    """For one axis: each offset that meets the input, with its places in the output and in the input.

    >>> along(2, 2, 1, 3, 2)
    [(0, slice(1, 2, None), slice(1, 2, 2)), (1, slice(0, 2, None), slice(0, 3, 2))]
    """
    found = []
    for k in range(kernel):
        first = max(0, -((k - padding) // stride))
        last = min(out, (size - 1 + padding - k) // stride + 1)
        if first < last:
            start = stride * first + k - padding
            stop = stride * (last - 1) + k - padding + 1
            found.append((k, slice(first, last), slice(start, stop, stride)))
    return found


@lru_cache(maxsize=256)
def meetings(w: Windows) -> list[tuple[int, tuple[Any, ...], tuple[Any, ...]]]:
    """Each offset of the kernel, numbered in row-major order, with its slices of the output and of the input.

    >>> meetings(Windows((1, 2), (1, 1), (0, 0), (1, 3), (1, 2)))[1]
    (1, (Ellipsis, slice(0, 1, None), slice(0, 2, None)), (Ellipsis, slice(0, 1, 1), slice(1, 3, 1)))
    """
    found = []
    for offsets in itertools.product(*(along(*axis) for axis in zip(*w, strict=True))):
        number = 0
        for (k, _, _), extent in zip(offsets, w.kernel, strict=True):
            number = number * extent + k
        found.append((number, (..., *[o for _, o, _ in offsets]), (..., *[i for _, _, i in offsets])))
    return found


@lru_cache(maxsize=64)
def columns_met(w: Windows, samples: int, channels: int) -> Runs:
    """The rows of ``(samples, channels, *size)`` that meet ``(channels, offsets, samples, *out)``, their windows.

    A plane is a channel of a sample, and its rows come in the order of :func:`meetings`.

    >>> columns_met(Windows((1, 2), (1, 1), (0, 0), (1, 3), (1, 2)), samples=1, channels=1).runs.tolist()
    [[0, 0, 2, 0], [1, 2, 2, 1]]
    """
    sample, channel = np.divmod(np.arange(samples * channels), max(1, channels))
    return _met(w, sample * channels + channel, channel * w.offsets * samples + sample, samples)


@lru_cache(maxsize=64)
def places_met(w: Windows, planes: int) -> Runs:
    """The rows of ``(planes, *size)`` that meet the places ``(planes, *out)`` of their windows.

    >>> places_met(Windows((1, 2), (1, 1), (0, 0), (1, 3), (1, 2)), planes=1).runs.tolist()
    [[0, 0, 2, 0], [1, 0, 2, 1]]
    """
    return _met(w, np.arange(planes), np.arange(planes), 0)


def _met(w: Windows, inputs: Any, results: Any, apart: int) -> Runs:
    """For planes of input and result by their numbers, offset k of a window ``k apart`` planes further on."""
    size, out = math.prod(w.size), math.prod(w.out)
    rows = [np.empty((0, 4), np.int64)]
    for k, here, there in meetings(w):
        first = _first_of_rows(there[1:], w.size), k * apart * out + _first_of_rows(here[1:], w.out)
        length, number = (np.full(len(first[0]), n) for n in (here[-1].stop - here[-1].start, k))
        rows.append(np.stack([*first, length, number], 1))
    return Runs(np.stack([inputs * size, results * out], 1), np.concatenate(rows), w.stride[-1])


def _first_of_rows(slices: tuple[slice, ...], shape: tuple[int, ...]) -> Any:
    """The places in an array of a shape where the rows of a part of it begin, in row-major order."""
    whole = np.arange(math.prod(shape[:-1])).reshape(shape[:-1]) * shape[-1]
    return whole[slices[:-1]].reshape(-1) + slices[-1].start
