"""The operations over axes at many shapes, strides, paddings and edge sizes, each beside its index formula."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import hasderiv as hd

from . import formulas as f


class Case(NamedTuple):
    """An operation as a function of tensors, its formula as a function of object arrays, and the operands.

    ``exact`` says that on these operands, small integers, no rounding happens at all.
    """

    name: str
    fast: Callable[..., Any]
    formula: Callable[..., Any]
    operands: list[Any]
    exact: bool = False

    def __repr__(self) -> str:
        return self.name


def _integers(rng: Any, *shapes: tuple[int, ...]) -> list[Any]:
    return [rng.integers(-4, 5, shape).astype(float) for shape in shapes]


def _reals(rng: Any, *shapes: tuple[int, ...]) -> list[Any]:
    return [rng.uniform(-1.5, 1.5, shape) for shape in shapes]


def _distinct(rng: Any, shape: tuple[int, ...]) -> Any:
    """Integers, no two of them equal: no window ties."""
    return rng.permutation(np.prod(shape, dtype=int)).reshape(shape).astype(float)


# spatial size, kernel, stride, padding
GEOMETRIES = [
    ((5,), (3,), (1,), (0,)),
    ((6,), (3,), (2,), (1,)),
    ((7,), (2,), (3,), (1,)),
    ((1,), (1,), (1,), (0,)),
    ((3,), (1,), (2,), (1,)),
    ((2,), (4,), (1,), (3,)),
    ((5,), (2,), (4,), (0,)),
    ((4, 5), (1, 1), (1, 1), (0, 0)),
    ((4, 5), (1, 1), (2, 1), (1, 0)),
    ((4, 3), (2, 3), (1, 1), (0, 1)),
    ((5, 4), (3, 2), (2, 1), (1, 0)),
    ((3, 3), (3, 3), (1, 1), (0, 0)),
    ((3, 6), (2, 2), (2, 3), (1, 1)),
    ((2, 3, 2), (2, 1, 2), (1, 2, 1), (1, 0, 0)),
    ((3, 2, 3), (2, 2, 2), (2, 1, 1), (0, 1, 1)),
]
LEADS: list[tuple[int, ...]] = [(), (2,), (2, 1), (0,)]


def convolutions() -> Iterator[Case]:
    """Each geometry, with leading axes and channels in turn; a large kernel over a small input; no channels at all."""
    rng = np.random.default_rng(1)
    for number, (size, kernel, stride, padding) in enumerate(GEOMETRIES):
        lead, c, o = LEADS[number % 4], 1 + number % 3, 1 + number % 2
        label = f"{lead}{size}k{kernel}s{stride}p{padding}"
        shapes = ((*lead, c, *size), (o, c, *kernel), (o,))
        yield Case(
            f"conv {label}",
            lambda x, w, b, s=stride, p=padding: hd.conv(x, w, b, s, p),
            lambda x, w, b, s=stride, p=padding: f.conv(x, w, b, s, p),
            _integers(rng, *shapes),
            True,
        )
        if all((i - 1) * s - 2 * p + k > 0 for i, s, p, k in zip(size, stride, padding, kernel, strict=True)):
            yield Case(
                f"conv_transpose {label}",
                lambda x, w, b, s=stride, p=padding: hd.conv_transpose(x, w, b, s, p),
                lambda x, w, b, s=stride, p=padding: f.conv_transpose(x, w, b, s, p),
                _integers(rng, (*lead, c, *size), (c, o, *kernel), (o,)),
                True,
            )
    none = np.zeros(2)
    yield Case(
        "conv2d without bias",
        lambda x, w: hd.conv2d(x, w, stride=2, padding=1),
        lambda x, w: f.conv(x, w, none, (2, 2), (1, 1)),
        _integers(rng, (3, 2, 4, 3), (2, 2, 3, 3)),
        True,
    )
    yield Case(
        "conv_transpose2d without bias",
        lambda x, w: hd.conv_transpose2d(x, w, stride=(2, 1), padding=(0, 1)),
        lambda x, w: f.conv_transpose(x, w, none, (2, 1), (0, 1)),
        _integers(rng, (2, 3, 2, 3), (3, 2, 2, 3)),
        True,
    )
    yield Case(
        "conv without channels",
        lambda x, w, b: hd.conv(x, w, b),
        lambda x, w, b: f.conv(x, w, b, (1,), (0,)),
        _integers(rng, (2, 0, 4), (2, 0, 2), (2,)),
        True,
    )


def pools() -> Iterator[Case]:
    """Each geometry whose windows never hold padding alone."""
    rng = np.random.default_rng(2)
    for number, (size, kernel, stride, padding) in enumerate(GEOMETRIES):
        shape = (*LEADS[(number + 1) % 4], 2, *size)
        args = (kernel, stride, padding)
        label = f"{shape}k{kernel}s{stride}p{padding}"
        yield Case(
            f"avg_pool {label}",
            lambda x, a=args: hd.avg_pool(x, *a),
            lambda x, a=args: f.avg_pool(x, *a),
            _reals(rng, shape),
        )
        if any(p >= k for p, k in zip(padding, kernel, strict=True)):
            continue
        yield Case(
            f"max_pool {label}",
            lambda x, a=args: hd.max_pool(x, *a),
            lambda x, a=args: f.max_pool(x, *a),
            [_distinct(rng, shape)],
            True,
        )
        beta = (1.5, -2.0)[number % 2]
        yield Case(
            f"smooth_max_pool {label} beta={beta}",
            lambda x, k=kernel, b=beta, s=stride, p=padding: hd.smooth_max_pool(x, k, b, s, p),
            lambda x, k=kernel, b=beta, s=stride, p=padding: f.smooth_max_pool(x, k, b, s, p),
            _reals(rng, shape),
        )
    x = [_distinct(rng, (2, 4, 6))]
    two = ((2, 2), (2, 2), (0, 0))
    yield Case("max_pool2d", lambda x: hd.max_pool2d(x, 2), lambda x: f.max_pool(x, *two), x, True)
    yield Case("avg_pool2d", lambda x: hd.avg_pool2d(x, 2), lambda x: f.avg_pool(x, *two), x, True)
    yield Case(
        "smooth_max_pool2d",
        lambda x: hd.smooth_max_pool2d(x, 2, 0.5),
        lambda x: f.smooth_max_pool(x, (2, 2), 0.5, (2, 2), (0, 0)),
        _reals(rng, (2, 4, 6)),
    )
    large = (20, 15)
    yield Case(
        "max_pool of 300 offsets",
        lambda x: hd.max_pool(x, large),
        lambda x: f.max_pool(x, large, large, (0, 0)),
        [_distinct(rng, (20, 16))],
        True,
    )
    for shape in ((3, 2, 2), (2, 3, 1, 4)):
        yield Case(f"global_avg_pool {shape}", hd.global_avg_pool, f.global_avg_pool, _reals(rng, shape))


def reductions() -> Iterator[Case]:
    """Sums, means, softmax and its relatives."""
    rng = np.random.default_rng(3)
    for shape, axes in (((3,), (0,)), ((2, 3), (1,)), ((2, 3, 4), (0, 2)), ((2, 1, 3), (1,)), ((0, 3), (1,))):
        for name in ("reduce_sum", "reduce_mean", "logsumexp"):
            yield Case(
                f"{name} {shape} {axes}",
                lambda x, name=name, a=axes: getattr(hd, name)(x, a),
                lambda x, name=name, a=axes: getattr(f, name)(x, a),
                _reals(rng, shape),
            )
    keep = lambda x: f.logsumexp(x, (0, 1)).reshape(1, 1)  # noqa: E731
    yield Case("logsumexp of all", lambda x: hd.logsumexp(x, None, keepdims=True), keep, _reals(rng, (2, 3)))
    for shape in ((4,), (2, 3), (2, 1, 2), (0, 2)):
        yield Case(f"softmax {shape}", hd.softmax, f.softmax, _reals(rng, shape))
        yield Case(f"log_softmax {shape}", hd.log_softmax, f.log_softmax, _reals(rng, shape))
    yield Case("mse_loss", hd.mse_loss, f.mse_loss, _reals(rng, (2, 3), (2, 3)))


def products() -> Iterator[Case]:
    """Products of matrices, and attention with masks."""
    rng = np.random.default_rng(4)
    yield Case("bmm", hd.bmm, f.matmul, _integers(rng, (3, 2, 4), (3, 4, 2)), True)
    yield Case("bmm of an empty batch", hd.bmm, f.matmul, _integers(rng, (0, 2, 4), (0, 4, 2)), True)
    yield Case("matmul of a stack", hd.matmul, f.matmul, _integers(rng, (2, 3, 2, 4), (4, 3)), True)
    yield Case("matmul over nothing", hd.matmul, f.matmul, _integers(rng, (2, 2, 0), (0, 3)), True)
    yield Case("linear", hd.linear, f.linear, _integers(rng, (2, 2, 3), (4, 3), (4,)), True)
    causal = np.tril(np.ones((3, 3), bool))
    each = rng.random((2, 3, 3)) < 0.6
    each |= np.eye(3, dtype=bool)
    for lead, heads, d, mask in (((), 1, 2, None), ((2,), 2, 1, causal), ((2,), 1, 2, each), ((1, 2), 2, 2, each)):
        everything = np.ones((3, 3), bool) if mask is None else mask
        yield Case(
            f"multi_head_attention {lead} {heads} heads {'no mask' if mask is None else mask.shape}",
            lambda *a, h=heads, m=mask: hd.multi_head_attention(*a, h, m),
            lambda *a, h=heads, m=everything: f.multi_head_attention(*a, h, m),
            _reals(rng, (*lead, 3, 2), (2, heads * d), (2, heads * d), (2, heads * d), (heads * d, 2)),
        )


def norms() -> Iterator[Case]:
    """Layer norm over one axis and over two, and the batch norms."""
    rng = np.random.default_rng(5)
    shapes = (((4,), 1, 1e-5), ((3, 4), 1, 1e-6), ((2, 2, 3), 1, 0.1), ((2, 2, 3), 2, 1e-5), ((0, 3), 1, 1.0))
    for shape, d, eps in shapes:
        yield Case(
            f"layer_norm {shape} over {d}",
            lambda x, g, b, e=eps: hd.layer_norm(x, g, b, e),
            lambda x, g, b, e=eps: f.layer_norm(x, g, b, e),
            _reals(rng, shape, shape[len(shape) - d :], shape[len(shape) - d :]),
        )
    one, zero = np.ones(4), np.zeros(4)
    plain = lambda x: f.layer_norm(x, one, zero, 1e-6)  # noqa: E731
    yield Case("layer_norm alone", hd.layer_norm, plain, _reals(rng, (2, 4)))
    for shape in ((2, 2, 3), (2, 3, 1, 4)):
        c = shape[-3]
        yield Case(
            f"batchnorm_channel_first {shape}",
            lambda x, g, b: hd.batchnorm_channel_first(x, g, b, eps=1e-3),
            lambda x, g, b: f.batchnorm_channel_first(x, g, b, 1e-3),
            _reals(rng, shape, (c,), (c,)),
        )
    for shape in ((4, 2), (2, 2, 3), (2, 3, 2, 2)):
        c = shape[1]
        mean, var = rng.uniform(-1, 1, c), rng.uniform(0.5, 2, c)
        yield Case(
            f"batch_norm training {shape}",
            lambda x, g, b, m=mean, v=var: hd.batch_norm(x, m, v, g, b, training=True)[0],
            lambda x, g, b: f.batch_norm(x, g, b, 1e-5),
            _reals(rng, shape, (c,), (c,)),
        )
        yield Case(
            f"batch_norm inference {shape}",
            lambda x, g, b, m=mean, v=var: hd.batch_norm(x, m, v, g, b)[0],
            lambda x, g, b, m=mean, v=var: f.batch_norm_inference(x, g, b, m, v, 1e-5),
            _reals(rng, shape, (c,), (c,)),
        )


def moves() -> Iterator[Case]:
    """Permutations, joining and slicing."""
    rng = np.random.default_rng(6)
    for name, order in (("first_to_last", (1, 2, 0)), ("last_to_first", (2, 0, 1)), ("last_two", (0, 2, 1))):
        fast = getattr(hd, f"transpose3d_{name}")
        for lead in ((), (2,)):
            whole = (*range(len(lead)), *[len(lead) + a for a in order])
            operands = _integers(rng, (*lead, 2, 3, 4))
            yield Case(f"transpose3d_{name} {lead}", fast, lambda x, o=whole: f.permute(x, o), operands, True)
    yield Case("transpose2d", hd.transpose2d, lambda x: f.permute(x, (1, 0)), _integers(rng, (2, 3)), True)
    for depth, order in ((0, (1, 0, 2)), (1, (0, 2, 1))):
        yield Case(
            f"swap_adjacent_at_depth {depth}",
            lambda x, d=depth: hd.swap_adjacent_at_depth(x, d),
            lambda x, o=order: f.permute(x, o),
            _integers(rng, (2, 3, 4)),
            True,
        )
    for lead, n, m in (((), 2, 3), ((2,), 1, 2), ((), 0, 2)):
        yield Case(
            f"concat_vectors {lead} {n} {m}",
            hd.concat_vectors,
            lambda a, b: f.concatenate(a, b, a.ndim - 1),
            _integers(rng, (*lead, n), (*lead, m)),
            True,
        )
    yield Case("concat_dim0", hd.concat_dim0, lambda a, b: f.concatenate(a, b, 0), _integers(rng, (1, 3), (2, 3)), True)
    for start, length in ((0, 3), (1, 2), (3, 0)):
        yield Case(
            f"slice_range0 {start} {length}",
            lambda x, a=start, n=length: hd.slice_range0(x, a, n),
            lambda x, a=start, n=length: f.slice_range0(x, a, n),
            _integers(rng, (3, 2)),
            True,
        )


def gathers() -> Iterator[Case]:
    """One table or several, one index or several, repeats, and the places outside."""
    rng = np.random.default_rng(7)
    for rest, (table, index), nat in itertools.product(
        (0, 1),
        (((), (5,)), ((), (2, 3)), ((2,), (4,)), ((2,), (2, 3)), ((2, 1), (3, 4)), ((), (0,)), ((0,), (3,))),
        (False, True),
    ):
        n, tail = 3, (2,) * rest
        places = rng.integers(-2 if nat else 0, n + 2 if nat else n, index)
        name = f"gather_{('vec', 'rows')[rest]}{'_nat' * nat}"
        shape = (*table, n, *tail)
        yield Case(
            f"{name} {shape} at {index}",
            lambda x, name=name, i=places: getattr(hd, name)(x, i),
            lambda x, i=places, r=rest: f.gather(x, i, r),
            _integers(rng, shape),
            True,
        )
        if table == index[:-1] or not table:
            name = f"scatter_add_{('vec', 'row')[rest]}{'_nat' * nat}"
            yield Case(
                f"{name} {shape} at {index}",
                lambda x, v, name=name, i=places: getattr(hd, name)(x, i, v),
                lambda x, v, i=places, r=rest: f.scatter_add(x, v, i, r),
                _integers(rng, shape, (*index, *tail)),
                True,
            )
    for rest, i, nat in itertools.product((0, 1), (0, 2, 5, -1), (False, True)):
        if not nat and not 0 <= i < 3:
            continue
        tail, what = (2,) * rest, ("scalar", "row")[rest]
        for lead in ((), (2,)):
            yield Case(
                f"gather_{what}{'_nat' * nat} {lead} {i}",
                lambda x, i=i, name=f"gather_{what}{'_nat' * nat}": getattr(hd, name)(x, i),
                lambda x, i=i, r=rest: np.squeeze(f.gather(x, np.array([i]), r), -1 - r),
                _integers(rng, (*lead, 3, *tail)),
                True,
            )
        yield Case(
            f"scatter_add_{('vec', 'row')[rest]}{'_nat' * nat} {i}",
            lambda x, v, i=i, name=f"scatter_add_{('vec', 'row')[rest]}{'_nat' * nat}": getattr(hd, name)(x, i, v),
            lambda x, v, i=i, r=rest: f.scatter_add(x, v.reshape((1, *v.shape)), np.array([i]), r),
            _integers(rng, (3, *tail), tail),
            True,
        )


CASES = [case for family in (convolutions, pools, reductions, products, norms, moves, gathers) for case in family()]
