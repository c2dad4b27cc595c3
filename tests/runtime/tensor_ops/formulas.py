"""Index formulas of the operations over axes: each result entry as a nested sum, and nothing about speed.

The formulas are generic in the numbers: floats, exact fractions, or :class:`Dual` numbers that carry the derivative
by every input entry at once.  Evaluated on dual numbers a formula gives its whole Jacobian, whose product with a
tangent is the JVP and whose transpose applied to a cotangent is the VJP.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

Array = Any  # an object array of numbers


class Dual:
    """A number and its derivative by each of the inputs."""

    def __init__(self, value: Any, slope: Any) -> None:
        self.value, self.slope = value, slope

    def __add__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            return Dual(self.value + other.value, self.slope + other.slope)
        return Dual(self.value + other, self.slope)

    __radd__ = __add__

    def __mul__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            return Dual(self.value * other.value, self.slope * other.value + other.slope * self.value)
        return Dual(self.value * other, self.slope * other)

    __rmul__ = __mul__

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slope)

    def __sub__(self, other: Any) -> Dual:
        return self + -other

    def __rsub__(self, other: Any) -> Dual:
        return -self + other

    def __truediv__(self, other: Any) -> Dual:
        return self * (other**-1 if isinstance(other, Dual) else 1 / other)

    def __rtruediv__(self, other: Any) -> Dual:
        return self**-1 * other

    def __pow__(self, n: Any) -> Dual:
        return Dual(self.value**n, self.slope * (n * self.value ** (n - 1)))

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > value(other))


def value(x: Any) -> Any:
    """The number without its derivative."""
    return x.value if isinstance(x, Dual) else x


def exp(x: Any) -> Any:
    """The exponential."""
    return Dual(math.exp(x.value), x.slope * math.exp(x.value)) if isinstance(x, Dual) else math.exp(x)


def log(x: Any) -> Any:
    """The logarithm."""
    return Dual(math.log(x.value), x.slope * (1 / x.value)) if isinstance(x, Dual) else math.log(x)


def jacobian(formula: Callable[..., Array], operands: Sequence[Array]) -> tuple[Array, list[Array]]:
    """The values of a formula, and for each operand the matrix of derivatives (result entries, operand entries)."""
    sizes = [a.size for a in operands]
    unit = np.eye(sum(sizes))
    count = itertools.count()
    duals = [build(a.shape, lambda *i, a=a: Dual(a[i].item(), unit[next(count)])) for a in operands]
    out = formula(*duals)
    values = np.array([value(y) for y in out.ravel()], dtype=float).reshape(out.shape)
    zero = np.zeros(sum(sizes))
    slopes = np.array([y.slope if isinstance(y, Dual) else zero for y in out.ravel()]).reshape(out.size, sum(sizes))
    ends = np.cumsum(sizes)
    return values, [slopes[:, end - size : end] for size, end in zip(sizes, ends, strict=True)]


# ---- notation


def build(shape: Sequence[int], entry: Callable[..., Any]) -> Array:
    """The array with these entries."""
    out = np.empty(tuple(shape), dtype=object)
    for index in np.ndindex(*out.shape):
        out[index] = entry(*index)
    return out


def total(terms: Iterable[Any]) -> Any:
    """The sum, 0 for none."""
    return sum(terms, start=0)


def at(x: Array, index: Sequence[int], axes: int) -> Any:
    """An entry, 0 where one of the last ``axes`` indices is outside."""
    return x[tuple(index)] if inside(x.shape[x.ndim - axes :], index[len(index) - axes :]) else 0


def inside(shape: Sequence[int], index: Sequence[int]) -> bool:
    """Whether an index is within a shape."""
    return all(0 <= i < n for i, n in zip(index, shape, strict=True))


def places(i: Sequence[int], k: Sequence[int], stride: Sequence[int], padding: Sequence[int]) -> list[int]:
    """Where offset k of window i lies in the input."""
    return [s * a + b - p for a, b, s, p in zip(i, k, stride, padding, strict=True)]


def count(size: Sequence[int], kernel: Sequence[int], stride: Sequence[int], padding: Sequence[int]) -> list[int]:
    """The number of windows along each axis."""
    return [(n + 2 * p - k) // s + 1 for n, k, s, p in zip(size, kernel, stride, padding, strict=True)]


# ---- convolution and pooling


def conv(x: Array, w: Array, b: Array, stride: Sequence[int], padding: Sequence[int]) -> Array:
    """``y[n, o, i] = b[o] + sum_{c, k} x[n, c, s i + k - p] w[o, c, k]``."""
    d = w.ndim - 2
    lead, kernel = x.shape[: -d - 1], w.shape[2:]

    def entry(*index: int) -> Any:
        n, o, i = index[: len(lead)], index[len(lead)], index[len(lead) + 1 :]
        return b[o] + total(
            at(x, (*n, c, *places(i, k, stride, padding)), d) * w[(o, c, *k)]
            for c in range(w.shape[1])
            for k in np.ndindex(*kernel)
        )

    return build((*lead, w.shape[0], *count(x.shape[-d:], kernel, stride, padding)), entry)


def conv_transpose(x: Array, w: Array, b: Array, stride: Sequence[int], padding: Sequence[int]) -> Array:
    """``y[n, o, j] = b[o] + sum_{c, i, k: s i + k - p = j} x[n, c, i] w[c, o, k]``."""
    d = w.ndim - 2
    lead, kernel, size = x.shape[: -d - 1], w.shape[2:], x.shape[-d:]

    def entry(*index: int) -> Any:
        n, o, j = index[: len(lead)], index[len(lead)], list(index[len(lead) + 1 :])
        return b[o] + total(
            x[(*n, c, *i)] * w[(c, o, *k)]
            for i in np.ndindex(*size)
            for k in np.ndindex(*kernel)
            if places(i, k, stride, padding) == j
            for c in range(w.shape[0])
        )

    shape = [(i - 1) * s - 2 * p + k for i, s, p, k in zip(size, stride, padding, kernel, strict=True)]
    return build((*lead, w.shape[1], *shape), entry)


def window(x: Array, index: Sequence[int], kernel: Any, stride: Any, padding: Any) -> list[Any]:
    """The entries of a window that are not padding, in row-major order."""
    d = len(kernel)
    n, i = tuple(index[: len(index) - d]), index[len(index) - d :]
    met = [places(i, k, stride, padding) for k in np.ndindex(*kernel)]
    return [x[(*n, *j)] for j in met if inside(x.shape[x.ndim - d :], j)]


def _pool(x: Array, kernel: Any, stride: Any, padding: Any, of: Callable[[list[Any]], Any]) -> Array:
    d = len(kernel)
    shape = (*x.shape[: x.ndim - d], *count(x.shape[x.ndim - d :], kernel, stride, padding))
    return build(shape, lambda *index: of(window(x, index, kernel, stride, padding)))


def max_pool(x: Array, kernel: Any, stride: Any, padding: Any) -> Array:
    """The largest entry of each window, the first of them at a tie."""
    return _pool(x, kernel, stride, padding, largest)


def largest(entries: list[Any]) -> Any:
    """The first of the largest."""
    best = entries[0]
    for entry in entries[1:]:
        best = entry if entry > best else best
    return best


def avg_pool(x: Array, kernel: Any, stride: Any, padding: Any) -> Array:
    """The sum over each window, divided by its size with padding."""
    return _pool(x, kernel, stride, padding, lambda entries: total(entries) * (1 / math.prod(kernel)))


def smooth_max_pool(x: Array, kernel: Any, beta: float, stride: Any, padding: Any) -> Array:
    """``log(sum exp(beta x)) / beta`` over each window."""
    return _pool(x, kernel, stride, padding, lambda xs: log(total(exp(x * beta) for x in xs)) * (1 / beta))


def global_avg_pool(x: Array) -> Array:
    """The mean over the last two axes."""
    h, w = x.shape[-2:]
    return build(x.shape[:-2], lambda *n: total(x[(*n, *i)] for i in np.ndindex(h, w)) * (1 / (h * w)))


# ---- sums over axes


def over(x: Array, axes: Sequence[int], of: Callable[[list[Any]], Any]) -> Array:
    """A function of the entries along some axes, which disappear."""
    kept = [a for a in range(x.ndim) if a not in axes]

    def entry(*index: int) -> Any:
        def place(i: Sequence[int]) -> tuple[int, ...]:
            spots = dict(zip((*kept, *axes), (*index, *i), strict=True))
            return tuple(spots[a] for a in range(x.ndim))

        return of([x[place(i)] for i in np.ndindex(*[x.shape[a] for a in axes])])

    return build([x.shape[a] for a in kept], entry)


def reduce_sum(x: Array, axes: Sequence[int]) -> Array:
    """The sum along the axes."""
    return over(x, axes, total)


def reduce_mean(x: Array, axes: Sequence[int]) -> Array:
    """The sum along the axes, divided by the number of terms."""
    return over(x, axes, lambda xs: total(xs) / len(xs))


def logsumexp(x: Array, axes: Sequence[int]) -> Array:
    """``log(sum(exp(x)))`` along the axes."""
    return over(x, axes, lambda xs: log(total(exp(v) for v in xs)))


def softmax(x: Array) -> Array:
    """``exp(x[n, i]) / sum_j exp(x[n, j])``."""
    below = over(x, [x.ndim - 1], lambda xs: total(exp(v) for v in xs))
    return build(x.shape, lambda *i: exp(x[i]) / below[i[:-1]])


def log_softmax(x: Array) -> Array:
    """``x[n, i] - log(sum_j exp(x[n, j]))``."""
    below = logsumexp(x, [x.ndim - 1])
    return build(x.shape, lambda *i: x[i] - below[i[:-1]])


def mse_loss(a: Array, t: Array) -> Array:
    """The mean of ``(a - t)^2``."""
    return build((), lambda: total((a[i] - t[i]) ** 2 for i in np.ndindex(*a.shape)) / a.size)


# ---- products


def matmul(x: Array, y: Array) -> Array:
    """``z[..., i, j] = sum_k x[..., i, k] y[..., k, j]``, or y without leading axes."""

    def entry(*index: int) -> Any:
        n, i, j = index[:-2], index[-2], index[-1]
        m = n if y.ndim > 2 else ()
        return total(x[(*n, i, k)] * y[(*m, k, j)] for k in range(x.shape[-1]))

    return build((*x.shape[:-1], y.shape[-1]), entry)


def linear(x: Array, w: Array, b: Array) -> Array:
    """``y[n, o] = b[o] + sum_c x[n, c] w[o, c]``."""
    return build(
        (*x.shape[:-1], w.shape[0]),
        lambda *i: b[i[-1]] + total(x[(*i[:-1], c)] * w[i[-1], c] for c in range(w.shape[1])),
    )


def multi_head_attention(x: Array, wq: Array, wk: Array, wv: Array, wo: Array, heads: int, mask: Any) -> Array:
    """``sum_h softmax_j(Q_h K_h^T / sqrt d over the allowed j) V_h Wo_h``; the mask is boolean, (..., n, n)."""
    q, k, v = matmul(x, wq), matmul(x, wk), matmul(x, wv)
    n, d = x.shape[-2], wq.shape[1] // heads
    allowed = np.broadcast_to(mask, (*x.shape[:-1], n))
    scale = 1 / math.sqrt(d)

    def head(*index: int) -> Any:
        m, i, column = index[:-2], index[-2], index[-1]
        first = column // d * d
        weight = {
            j: exp(total(q[(*m, i, c)] * k[(*m, j, c)] for c in range(first, first + d)) * scale)
            for j in range(n)
            if allowed[(*m, i, j)]
        }
        return total(w * v[(*m, j, column)] for j, w in weight.items()) / total(weight.values())

    return matmul(build(q.shape, head), wo)


# ---- normalisation


def _normalize(x: Array, axes: Sequence[int], eps: float, gamma: Callable[..., Any], beta: Callable[..., Any]) -> Array:
    mean = reduce_mean(x, axes)
    kept = [a for a in range(x.ndim) if a not in axes]

    def row(i: Sequence[int]) -> tuple[int, ...]:
        return tuple(i[a] for a in kept)

    var = reduce_mean(build(x.shape, lambda *i: (x[i] - mean[row(i)]) ** 2), axes)
    return build(x.shape, lambda *i: (x[i] - mean[row(i)]) * (var[row(i)] + eps) ** -0.5 * gamma(*i) + beta(*i))


def layer_norm(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """Over the axes that gamma has."""
    d = gamma.ndim
    return _normalize(x, range(x.ndim - d, x.ndim), eps, lambda *i: gamma[i[-d:]], lambda *i: beta[i[-d:]])


def batchnorm_channel_first(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """Over H and W of each image."""
    return _normalize(x, (x.ndim - 2, x.ndim - 1), eps, lambda *i: gamma[i[-3]], lambda *i: beta[i[-3]])


def batch_norm(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """In training: over the batch and all places."""
    return _normalize(x, (0, *range(2, x.ndim)), eps, lambda *i: gamma[i[1]], lambda *i: beta[i[1]])


def batch_norm_inference(x: Array, gamma: Array, beta: Array, mean: Any, var: Any, eps: float) -> Array:
    """With given statistics."""
    return build(x.shape, lambda *i: (x[i] - mean[i[1]]) * (var[i[1]] + eps) ** -0.5 * gamma[i[1]] + beta[i[1]])


# ---- moving and indexing


def permute(x: Array, order: Sequence[int]) -> Array:
    """Axis a of the result is axis ``order[a]`` of x."""
    return build([x.shape[a] for a in order], lambda *i: x[tuple(i[list(order).index(a)] for a in range(x.ndim))])


def concatenate(a: Array, b: Array, axis: int) -> Array:
    """b after a."""
    n = a.shape[axis]
    shape = list(a.shape)
    shape[axis] += b.shape[axis]

    def entry(*i: int) -> Any:
        if i[axis] < n:
            return a[i]
        j = list(i)
        j[axis] -= n
        return b[tuple(j)]

    return build(shape, entry)


def slice_range0(x: Array, start: int, length: int) -> Array:
    """``x[start + i, ...]``."""
    return build((length, *x.shape[1:]), lambda i, *rest: x[(start + i, *rest)])


def gather(x: Array, index: Any, rest: int) -> Array:
    """``y[n, j, r] = x[n, index[n, j], r]``, 0 out of bounds; n broadcasts."""
    lead = np.broadcast_shapes(x.shape[: x.ndim - rest - 1], index.shape[:-1])
    tables = np.broadcast_to(x, (*lead, *x.shape[x.ndim - rest - 1 :]))
    index = np.broadcast_to(index, (*lead, index.shape[-1]))

    def entry(*place: int) -> Any:
        n, j, r = place[: len(lead)], place[len(lead)], place[len(lead) + 1 :]
        return at(tables, (*n, int(index[(*n, j)]), *r), rest + 1)

    return build((*lead, index.shape[-1], *x.shape[x.ndim - rest :]), entry)


def scatter_add(x: Array, values: Array, index: Any, rest: int) -> Array:
    """``y[n, i, r] = x[n, i, r] + sum_{j: index[n, j] = i} values[n, j, r]``, for equal leading axes or none in x."""
    one = x.ndim == rest + 1

    def entry(*place: int) -> Any:
        n, i, r = place[: x.ndim - rest - 1], place[x.ndim - rest - 1], place[x.ndim - rest :]
        spots = [m for m in np.ndindex(*index.shape) if index[m] == i and (one or m[:-1] == n)]
        return x[place] + total(values[(*m, *r)] for m in spots)

    return build(x.shape, entry)
