"""Windows over nested lists along any number of axes, as the references of convolution and pooling need them.

A window is cut out and laid out flat, its entries in row-major order; no place in it is ever computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from mpmath import mp

Nested = Any
"""Lists of lists of numbers."""


def along(letter: str, of: Mapping[str, Any]) -> tuple[int, ...]:
    """The sizes, strides or paddings of all axes, outermost first: ``s_h, s_w``."""
    return tuple(of[f"{letter}_{axis}"] for axis in "dhw" if f"{letter}_{axis}" in of)


def each(f: Callable[..., Any], depth: int, *nests: Nested) -> Nested:
    """``f`` of what lies ``depth`` lists deep."""
    return f(*nests) if depth == 0 else [each(f, depth - 1, *parts) for parts in zip(*nests, strict=True)]


def filled(value: Any, shape: Sequence[int]) -> Nested:
    """The same value throughout."""
    return [filled(value, shape[1:]) for _ in range(shape[0])] if shape else value


def shape(nest: Nested) -> tuple[int, ...]:
    """The sizes; those below an empty list are not known."""
    return (len(nest), *(shape(nest[0]) if nest else ())) if isinstance(nest, list) else ()


def flat(nest: Nested) -> list[Any]:
    """All entries, row-major."""
    return [v for part in nest for v in flat(part)] if isinstance(nest, list) else [nest]


def padded(x: Nested, paddings: Sequence[int], value: Any) -> Nested:
    """``x`` with a border of a value on both sides of each axis; a negative padding cuts off."""
    if not paddings:
        return x
    p, *rest = paddings
    rows = [padded(row, rest, value) for row in x]
    if p <= 0:
        return rows[-p : len(rows) + p] if len(rows) + 2 * p > 0 else []
    border = filled(value, shape(rows[0]))
    return [border] * p + rows + [border] * p


def windows(x: Nested, kernel: Sequence[int], strides: Sequence[int]) -> Nested:
    """Every window that fits, as the list of its entries."""
    k, *more_k = kernel
    s, *more_s = strides
    starts = range(0, len(x) - k + 1, s)
    if not more_k:
        return [x[o : o + k] for o in starts]
    rows = [windows(row, more_k, more_s) for row in x]
    depth = len(more_k)
    return [each(lambda *parts: [v for part in parts for v in part], depth, *rows[o : o + k]) for o in starts]


def plus(a: Nested, b: Nested) -> Nested:
    """The sum, entry by entry."""
    return [plus(s, t) for s, t in zip(a, b, strict=True)] if isinstance(a, list) else a + b


def dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    """The sum of products."""
    return sum((s * t for s, t in zip(a, b, strict=True)), mp.mpf(0))


def conv(x: Nested, w: Nested, bias: Nested, of: Mapping[str, Any]) -> Nested:
    """Each window of the padded image, times the kernel, summed over the channels."""
    s, p, k = along("s", of), along("p", of), along("k", of)

    def filtered(image: Nested, kernel: Nested, shift: Any) -> Nested:
        seen = [windows(padded(channel, p, mp.mpf(0)), k, s) for channel in image]
        weights = [flat(part) for part in kernel]
        depth = len(k)
        return each(lambda *at: shift + sum(map(dot, weights, at)), depth, *seen)

    return [[filtered(image, *each_out) for each_out in zip(w, bias, strict=True)] for image in x]


def conv_transpose(x: Nested, w: Nested, bias: Nested, of: Mapping[str, Any]) -> Nested:
    """Each entry of the image stamps the kernel on a canvas, at steps of the stride; then the padding is cut off."""
    s, back = along("s", of), [-p for p in along("p", of)]

    def painted(image: Nested, o: int, shift: Any) -> Nested:
        canvas = None
        for channel, kernels in zip(image, w, strict=True):
            layer = stamped(channel, kernels[o], s)
            canvas = layer if canvas is None else plus(canvas, layer)
        return each(lambda v: v + shift, len(s), padded(canvas, back, mp.mpf(0)))

    return [[painted(image, o, shift) for o, shift in enumerate(bias)] for image in x]


def stamped(x: Nested, kernel: Nested, strides: Sequence[int]) -> Nested:
    """The canvas on which each entry of ``x`` has stamped the kernel."""
    if not strides:
        return x * kernel
    s, *rest = strides
    layers = [[stamped(row, part, rest) for part in kernel] for row in x]
    canvas = [filled(mp.mpf(0), shape(layers[0][0])) for _ in range((len(x) - 1) * s + len(kernel))]
    for start, stamp in zip(count(0, s), layers, strict=False):
        for q, row in enumerate(stamp):
            canvas[start + q] = plus(canvas[start + q], row)
    return canvas


def pool(x: Nested, of: Mapping[str, Any], border: Any, reduced: Callable[[list[Any]], Any]) -> Nested:
    """Each window of each image reduced to a number; in the padding stands ``border``."""
    k, s, p = along("k", of), along("s", of), along("p", of)
    return [each(reduced, len(k), windows(padded(image, p, border), k, s)) for image in x]


def present(window: list[Any]) -> list[Any]:
    """The entries of a window that do not lie in the padding."""
    return [v for v in window if v is not None]


def largest(window: list[Any]) -> Any:
    """The largest entry, if there is any."""
    return max(present(window), default=None)


def average(window: list[Any]) -> Any:
    """The mean."""
    return sum(window, mp.mpf(0)) / len(window)


def smooth_largest(beta: Any) -> Callable[[list[Any]], Any]:
    """``top + log(sum(exp(beta (x - top)))) / beta``, if there is any entry."""

    def of_window(window: list[Any]) -> Any:
        entries = present(window)
        if not entries:
            return None
        top = max(entries) if beta > 0 else min(entries)
        return top + mp.log(sum(mp.exp(beta * (v - top)) for v in entries)) / beta

    return of_window


def winners(x: Nested, of: Mapping[str, Any]) -> dict[str, Nested]:
    """Where the first of the largest entries of each window lies, for each axis; -1 for a window in the padding."""
    axes = [axis for axis in "dhw" if f"s_{axis}" in of]
    places = [_placed(image, ()) for image in x]

    def first(window: list[Any]) -> tuple[int, ...]:
        best: Any = None
        for entry in present(window):
            best = entry if best is None or entry[0] > best[0] else best
        return (-1,) * len(axes) if best is None else best[1]

    found = pool(places, of, None, first)
    return {f"winner_{a}": each(lambda place, j=j: place[j], 1 + len(axes), found) for j, a in enumerate(axes)}


def _placed(nest: Nested, at: tuple[int, ...]) -> Nested:
    """Each entry with its place."""
    return [_placed(part, (*at, i)) for i, part in enumerate(nest)] if isinstance(nest, list) else (nest, at)
