"""Convolution and its transpose in any number of dimensions: three bilinear maps, closed under differentiation.

All three come from one form in an input x, a kernel w and an output y,

    sum over n, o, c, i, k of  y[n, o, i] w[o, c, k] x[n, c, s i + k - p],

each by leaving one of them open: the convolution finds y from x and w, the transposed convolution x from y and w,
and the third map w from x and y.  The derivative of each by an operand is another of them, so every order follows.
The windows of a few samples at a time are copied into the columns of one matrix, and what is left is a product of
matrices; where BLAS computes it, its bits may differ between machines, the order of everything else is fixed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..buffers import empty, zeros
from ..compiled import runs, stacks
from ..devices import array_module, is_half, is_numpy
from ..errors import ShapeError
from ..primitive import Primitive, apply
from ..tensor import Tensor
from .annihilation import annihilate
from .checks import axes_of, extents, floats
from .sums import sum_array
from .windows import Windows, columns_met, meetings, windows

# elements of the columns made at a time: small enough for a CPU's cache, large enough to fill a GPU
_COLUMNS_CPU, _COLUMNS_GPU = 1 << 19, 1 << 26
# and how many columns at most, on a CPU, whose BLAS sums over few rather than many at a time
_MOST_CPU = 1 << 12


class Bilinear(Primitive):
    """One of the three maps, with an optional bias for each channel of the result as the third operand.

    ``compute`` takes the two operands and the :class:`Windows`, the static part.  ``by`` holds for each operand
    the map that finds its cotangent, and whether that map takes the result's cotangent first.
    """

    __slots__ = ("by", "compute")

    def __init__(self, name: str, compute: Callable[[Any, Any, Windows], Any]) -> None:
        super().__init__(name)
        self.compute = compute
        self.by: tuple[tuple[Bilinear, bool], ...] = ()

    def forward(self, w: Windows, a: Any, b: Any, bias: Any = None) -> Any:
        if is_half(a.dtype):
            wide = [v if v is None else v.astype("float32") for v in (a, b, bias)]
            with np.errstate(over="ignore"):
                return self.forward(w, *wide).astype(a.dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            out = self.compute(a, b, w)
            if bias is not None:
                out += bias.reshape((-1,) + (1,) * len(w.out))
        return out

    def vjp(self, g: Any, saved: Any, w: Windows, parents: tuple[Any, ...], mask: bool = False) -> Any:
        found: list[Any] = [None] * len(parents)
        for i in range(2):
            if parents[i] is None:
                continue
            back, first = self.by[i]

            def pull(g: Any, other: Any, back: Bilinear = back, first: bool = first) -> Any:
                return _run(back, (g, other) if first else (other, g), w)

            other = saved[1 - i]
            found[i] = annihilate(pull, g, other) if mask else pull(g, other)
        if len(parents) == 3 and parents[2] is not None:
            axes = (0, *range(2, len(g.shape)))
            found[2] = g.sum(axes) if isinstance(g, Tensor) else sum_array(g, axes)
        return found

    def masked_vjp(self, g: Any, saved: Any, w: Windows, parents: tuple[Any, ...]) -> Any:
        return self.vjp(g, saved, w, parents, True)

    def jvp(self, primals: list[Any], tangents: list[Any], w: Windows, out: Tensor) -> Any:
        (a, b), (da, db) = primals[:2], tangents[:2]
        bias = tuple(t for t in tangents[2:] if t is not None)
        parts = []
        if da is not None:
            parts.append(apply(self, (da, b, *bias), w))
            bias = ()
        if db is not None:
            parts.append(apply(self, (a, db, *bias), w))
        if not parts:
            return shapes.broadcast_to(bias[0].reshape((-1,) + (1,) * len(w.out)), out.shape)
        return parts[0] if len(parts) == 1 else parts[0] + parts[1]


def _run(primitive: Bilinear, operands: tuple[Any, ...], w: Windows) -> Any:
    """As ``apply``, also on arrays."""
    if any(isinstance(x, Tensor) for x in operands):
        return apply(primitive, operands, w)
    return primitive.forward(w, *operands)


def _parts(samples: int, width: int, w: Windows, like: Any) -> list[slice]:
    """The samples in slices of nearly equal lengths, each with few enough columns of so many elements."""
    places = max(1, math.prod(w.out))
    most = _COLUMNS_GPU // max(1, width * places)
    if is_numpy(like):
        most = min(_COLUMNS_CPU // max(1, width * places), _MOST_CPU // places)
    most = max(1, most)
    step = -(-samples // max(1, -(-samples // most)))
    return [slice(start, min(start + step, samples)) for start in range(0, samples, max(1, step))]


def _unfold(x: Any, w: Windows, columns: Any) -> None:
    """Copy the windows of x, ``(samples, channels, *size)``, to columns ``(channels, offsets, samples, *out)``."""
    if is_numpy(x) and runs.possible(x.dtype):
        runs.copy(np.ascontiguousarray(x), columns, columns_met(w, *x.shape[:2]))
        return
    for k, here, there in meetings(w):
        columns[:, k][here] = x.swapaxes(0, 1)[there]


def _fold(x: Any, w: Windows, columns: Any) -> None:
    """Add columns back to where :func:`_unfold` took them from."""
    if is_numpy(x) and runs.possible(x.dtype):
        runs.add(x, columns, columns_met(w, *x.shape[:2]))
        return
    for k, here, there in meetings(w):
        x.swapaxes(0, 1)[there] += columns[:, k][here]


def _columns(x: Any, w: Windows) -> Iterator[tuple[slice, Any]]:
    """Some samples at a time, their windows as columns: a matrix (channels * offsets, samples * places)."""
    n, c = x.shape[:2]
    width, made = c * w.offsets, None
    for part in _parts(n, width, w, x):
        shape = (c, w.offsets, part.stop - part.start, *w.out)
        if made is None or made.shape != shape:  # what no offset meets is padding, and stays 0
            made = zeros(x, shape, x.dtype)
        _unfold(x[part], w, made)
        yield part, made.reshape(width, math.prod(shape[2:]))


def _rows(y: Any, part: slice) -> Any:
    """Some samples of y, ``(samples, channels, *places)``, as a matrix (channels, samples * places)."""
    some = empty(y, (y.shape[1], part.stop - part.start, *y.shape[2:]), y.dtype)
    some[...] = y[part].swapaxes(0, 1)
    return some.reshape(y.shape[1], math.prod(some.shape[1:]))


def _matrix(kernel: Any) -> Any:
    """A kernel ``(out, in, *offsets)`` as a matrix (out, in * offsets)."""
    return kernel.reshape(kernel.shape[0], math.prod(kernel.shape[1:]))


def _product(a: Any, b: Any) -> Any:
    return stacks.product(a, b) if is_numpy(a) else a @ b


def _output(x: Any, kernel: Any, w: Windows) -> Any:
    n, o = x.shape[0], kernel.shape[0]
    y = empty(x, (n, o, *w.out), x.dtype)
    rows = _matrix(kernel)
    for part, columns in _columns(x, w):
        y[part] = _product(rows, columns).reshape(o, part.stop - part.start, *w.out).swapaxes(0, 1)
    return y


def _input(y: Any, kernel: Any, w: Windows) -> Any:
    n, c = y.shape[0], kernel.shape[1]
    x = zeros(y, (n, c, *w.size), y.dtype)
    rows = _matrix(kernel).T
    for part in _parts(n, c * w.offsets, w, y):
        columns = _product(rows, _rows(y, part))
        _fold(x[part], w, columns.reshape(c, w.offsets, part.stop - part.start, *w.out))
    return x


def _kernel(x: Any, y: Any, w: Windows) -> Any:
    o, c = y.shape[1], x.shape[1]
    total = zeros(x, (c * w.offsets, o), x.dtype)
    for part, columns in _columns(x, w):
        rows = _rows(y, part)  # the taller of both on the left is quicker
        total += _product(columns, rows.T) if len(total) >= o else _product(rows, columns.T).T
    return array_module(x).ascontiguousarray(total.T).reshape(o, c, *w.kernel)


CONV = Bilinear("conv", _output)
CONV_TRANSPOSE = Bilinear("conv_transpose", _input)
CONV_KERNEL = Bilinear("conv_kernel", _kernel)
CONV.by = ((CONV_TRANSPOSE, True), (CONV_KERNEL, False))  # x from (g, kernel); kernel from (x, g)
CONV_TRANSPOSE.by = ((CONV, True), (CONV_KERNEL, True))  # y from (g, kernel); kernel from (g, y)
CONV_KERNEL.by = ((CONV_TRANSPOSE, False), (CONV, False))  # x from (y, g); y from (x, g)


def conv(x: Any, kernel: Any, bias: Any = None, stride: Any = 1, padding: Any = 0) -> Tensor:
    """Cross-correlation, channels first, in any number of dimensions.

    x ``(..., in, *spatial)`` with any leading axes, kernel ``(out, in, *offsets)``, bias ``(out,)``; the result is
    ``(..., out, *places)`` with ``floor((spatial + 2 padding - offsets) / stride) + 1`` places along each axis:

        y[o, i] = bias[o] + sum over c, k of x[c, stride i + k - padding] kernel[o, c, k],   0 outside x.

    ``stride`` and ``padding`` are integers, or one for each spatial axis.  Raises :class:`ShapeError` and
    :class:`DTypeError` before any work.

    >>> conv([[1.0, 2.0, 3.0, 4.0]], [[[1.0, -1.0]]])
    tensor([[-1., -1., -1.]])
    """
    return _conv("conv", None, x, kernel, bias, stride, padding)


def conv2d(x: Any, kernel: Any, bias: Any = None, stride: Any = 1, padding: Any = 0) -> Tensor:
    """:func:`conv` with two spatial axes: x ``(..., in, H, W)``, kernel ``(out, in, kH, kW)``, bias ``(out,)``.

    >>> import numpy as np
    >>> conv2d(np.ones((1, 3, 3)), np.ones((1, 1, 2, 2)), [0.5], stride=2, padding=1).tolist()
    [[[1.5, 2.5], [2.5, 4.5]]]
    """
    return _conv("conv2d", 2, x, kernel, bias, stride, padding)


def conv_transpose(x: Any, kernel: Any, bias: Any = None, stride: Any = 1, padding: Any = 0) -> Tensor:
    """The transposed convolution: the adjoint of :func:`conv` by its input, as a layer of its own.

    x ``(..., in, *spatial)``, kernel ``(in, out, *offsets)``, bias ``(out,)``; the result is ``(..., out, *places)``
    with ``(spatial - 1) stride - 2 padding + offsets`` places along each axis:

        y[o, j] = bias[o] + sum over c, i, k with stride i + k - padding = j of x[c, i] kernel[c, o, k].

    Raises :class:`ShapeError` and :class:`DTypeError` before any work.

    >>> conv_transpose([[1.0, 2.0]], [[[1.0, 10.0]]], stride=2)
    tensor([[ 1., 10.,  2., 20.]])
    """
    return _conv_transpose("conv_transpose", None, x, kernel, bias, stride, padding)


def conv_transpose2d(x: Any, kernel: Any, bias: Any = None, stride: Any = 1, padding: Any = 0) -> Tensor:
    """:func:`conv_transpose` with two spatial axes: x ``(..., in, H, W)``, kernel ``(in, out, kH, kW)``.

    >>> conv_transpose2d([[[1.0]]], [[[[1.0, 2.0], [3.0, 4.0]]]])
    tensor([[[1., 2.],
             [3., 4.]]])
    """
    return _conv_transpose("conv_transpose2d", 2, x, kernel, bias, stride, padding)


def _conv(name: str, count: int | None, x: Any, kernel: Any, bias: Any, stride: Any, padding: Any) -> Tensor:
    x, kernel, *rest = floats(name, x=x, kernel=kernel, bias=bias)
    spatial = _spatial(name, count, x, kernel, rest, channels=1, results=0)
    w = windows(name, kernel.shape[2:], stride, padding, x.shape[-spatial:])
    return _batched(CONV, x, kernel, rest, spatial, w, (kernel.shape[0], *w.out))


def _conv_transpose(name: str, count: int | None, x: Any, kernel: Any, bias: Any, stride: Any, padding: Any) -> Tensor:
    x, kernel, *rest = floats(name, x=x, kernel=kernel, bias=bias)
    spatial = _spatial(name, count, x, kernel, rest, channels=0, results=1)
    offsets, places = kernel.shape[2:], x.shape[-spatial:]
    stride = extents(name, "stride", stride, spatial, 1)
    padding = extents(name, "padding", padding, spatial, 0)
    extents(name, "kernel", offsets, spatial, 1)
    size = tuple([(n - 1) * s - 2 * p + k for n, s, p, k in zip(places, stride, padding, offsets, strict=True)])
    if min(size) < 1:
        raise ShapeError(
            f"{name}: x {x.shape} with kernel {kernel.shape}, stride {stride} and padding {padding} leaves no places"
        )
    w = Windows(offsets, stride, padding, size, places)
    return _batched(CONV_TRANSPOSE, x, kernel, rest, spatial, w, (kernel.shape[1], *size))


def _spatial(
    name: str, count: int | None, x: Tensor, kernel: Tensor, rest: list[Tensor], channels: int, results: int
) -> int:
    """The number of spatial axes, once the shapes fit; ``channels`` and ``results`` are axes of the kernel."""
    spatial = kernel.ndim - 2
    layout = "(out, in, *offsets)" if channels else "(in, out, *offsets)"
    if spatial < 1 or (count is not None and spatial != count):
        wanted = "at least one spatial axis" if count is None else f"{count} spatial axes"
        raise ShapeError(f"{name}: the kernel has the axes {layout} with {wanted}, and not shape {kernel.shape}")
    axes_of(name, x, spatial + 1, f"(..., in, {spatial} spatial)")
    if x.shape[-spatial - 1] != kernel.shape[channels]:
        raise ShapeError(
            f"{name}: x {x.shape} has {x.shape[-spatial - 1]} channels, "
            f"and the kernel {layout} = {kernel.shape} takes {kernel.shape[channels]}"
        )
    if rest and rest[0].shape != (kernel.shape[results],):
        raise ShapeError(f"{name}: the bias has shape ({kernel.shape[results]},), not {rest[0].shape}")
    return spatial


def _batched(
    primitive: Bilinear, x: Tensor, kernel: Tensor, rest: list[Tensor], spatial: int, w: Windows, out: tuple[int, ...]
) -> Tensor:
    """Run a primitive with all leading axes of x as one, and put them back."""
    lead = x.shape[: -spatial - 1]
    flat = x.reshape((math.prod(lead), *x.shape[-spatial - 1 :]))
    return apply(primitive, (flat, kernel, *rest), w).reshape((*lead, *out))


from . import shapes  # noqa: E402
