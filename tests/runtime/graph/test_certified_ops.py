"""Every op of the catalogue, and random functions, are in a graph what its certificate says."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hasderiv.proofs.tensor import catalogue
from hasderiv.spec import OPS

import hasderiv as hd

from .stepwise import assert_tied

X = np.array([[0.31, 0.62], [0.9, 0.17]])
ABOVE_ONE = {"acosh"}


@pytest.mark.parametrize("name", list(OPS))
def test_elementwise_ops(name: str) -> None:
    op, spec = hd.ops[name], OPS[name]
    given = {p: 0.3 + 0.3 * i for i, p in enumerate(spec.params) if hd.ops[name].kernels.params[p] is None}
    operands = [
        X + (1.0 if name in ABOVE_ONE else 0.0),
        *[X[::-1, i : i + 1].copy() for i in range(len(spec.inputs) - 1)],
    ]
    compiled = assert_tied(lambda *xs: op(*xs, **given), *operands)
    assert compiled.certificate().program.steps


IMAGE, ROWS, WEIGHTS = (2, 3, 6, 4), (3, 4), (4, 4)
MASK = np.tri(3, dtype=bool)
OF_AXES: dict[str, tuple[Callable[..., Any], tuple[tuple[int, ...], ...]]] = {
    "avg_pool": (lambda x: hd.avg_pool2d(x, 2, padding=1), (IMAGE,)),
    "batch_norm": (lambda x, g, b: hd.batch_norm(x, g, b), (IMAGE, (3,), (3,))),
    "batchnorm_channel_first": (lambda x, g, b: hd.batchnorm_channel_first(x, g, b), ((3, 6, 4), (3,), (3,))),
    "bmm": (hd.bmm, ((2, 3, 4), (2, 4, 2))),
    "broadcast_to": (lambda x: hd.broadcast_to(x, (2, 3, 4)), ((3, 1),)),
    "concat_dim0": (hd.concat_dim0, (ROWS, (2, 4))),
    "concat_vectors": (hd.concat_vectors, ((3,), (2,))),
    "concatenate": (lambda x, y: hd.concatenate([x, y, x], axis=1), (ROWS, (3, 2))),
    "conv": (lambda x, w, b: hd.conv2d(x, w, b, stride=(2, 1), padding=(0, 1)), (IMAGE, (2, 3, 3, 2), (2,))),
    "conv_transpose": (lambda x, w, b: hd.conv_transpose2d(x, w, b, stride=2), (IMAGE, (3, 2, 3, 2), (2,))),
    "dropout": (lambda x: hd.dropout(x, hd.random.key(1), 0.5), (ROWS,)),
    "expand_dims": (lambda x: hd.expand_dims(x, 1), (ROWS,)),
    "flatten": (hd.flatten, (IMAGE,)),
    "gather_row": (lambda x: hd.gather_row(x, 1), (ROWS,)),
    "gather_rows": (lambda x: hd.gather_rows(x, [2, 0, 2]), (ROWS,)),
    "gather_scalar": (lambda x: hd.gather_scalar(x, 1), (ROWS,)),
    "gather_vec": (lambda x: hd.gather_vec(x, [2, 0, 2]), (ROWS,)),
    "global_avg_pool": (hd.global_avg_pool, (IMAGE,)),
    "layer_norm": (hd.layer_norm, (ROWS, (4,), (4,))),
    "linear": (hd.linear, (ROWS, (5, 4), (5,))),
    "log_softmax": (lambda x: hd.log_softmax(x, axis=0), (ROWS,)),
    "logsumexp": (lambda x: hd.logsumexp(x, axis=None), (ROWS,)),
    "matmul": (hd.matmul, (ROWS, (4, 2))),
    "max_pool": (lambda x: hd.max_pool2d(x, (3, 2), stride=(2, 1), padding=1), (IMAGE,)),
    "mean": (lambda x: hd.mean(x, axis=(0, 2)), (IMAGE,)),
    "moveaxis": (lambda x: hd.moveaxis(x, 0, 2), (IMAGE,)),
    "mse_loss": (hd.mse_loss, (ROWS, ROWS)),
    "multi_head_attention": (lambda x, *w: hd.multi_head_attention(x, *w, 2, MASK), (ROWS, *4 * [WEIGHTS])),
    "reduce_mean": (lambda x: hd.reduce_mean(x, 1), (IMAGE,)),
    "reduce_sum": (lambda x: hd.reduce_sum(x, 1), (IMAGE,)),
    "reshape": (lambda x: hd.reshape(x, (4, -1, 9)), (IMAGE,)),
    "scatter_add_row": (lambda x, v: hd.scatter_add_row(x, [2, 0, 2], v), (ROWS, ROWS)),
    "scatter_add_vec": (lambda x, v: hd.scatter_add_vec(x, [2, 0, 2], v), ((4,), (3,))),
    "slice_range0": (lambda x: hd.slice_range0(x, 1, 2), (ROWS,)),
    "smooth_max_pool": (lambda x: hd.smooth_max_pool2d(x, 2, 1.5), (IMAGE,)),
    "softmax": (lambda x: hd.softmax(x, axis=1), (IMAGE,)),
    "squeeze": (hd.squeeze, ((3, 1, 4),)),
    "stack": (lambda x, y: hd.stack([x, y], axis=1), (ROWS, ROWS)),
    "sum": (hd.sum, (IMAGE,)),
    "swap_adjacent_at_depth": (lambda x: hd.swap_adjacent_at_depth(x, 1), (IMAGE,)),
    "swapaxes": (lambda x: hd.swapaxes(x, 0, 3), (IMAGE,)),
    "transpose2d": (hd.transpose2d, (ROWS,)),
    "transpose3d_first_to_last": (hd.transpose3d_first_to_last, ((2, 3, 4),)),
    "transpose3d_last_to_first": (hd.transpose3d_last_to_first, ((2, 3, 4),)),
    "transpose3d_last_two": (hd.transpose3d_last_two, ((2, 3, 4),)),
}


@pytest.mark.parametrize("name", OF_AXES)
def test_ops_over_axes_and_shapes(name: str) -> None:
    f, shapes = OF_AXES[name]
    rng = np.random.default_rng(5)
    assert_tied(f, *[rng.uniform(0.2, 1.7, shape) for shape in shapes])


def test_no_op_is_left_out() -> None:
    """Those along one, two and three axes, and those that allow indices out of bounds, are one to a name here."""
    known = {*OF_AXES, "attention", "batch_norm_inference"}
    names = {n.removesuffix("_nat").removesuffix("1d").removesuffix("3d") for n in catalogue.names()}
    assert {n.removesuffix("2d") if n != "transpose2d" else n for n in names} <= known


OPERATIONS: list[Callable[[Any, Any], Any]] = [
    lambda a, c: a + c,
    lambda a, c: a * c,
    lambda a, c: a / (c * c + 1),
    lambda a, c: -a * 0.5,
    lambda a, c: hd.tanh(a),
    lambda a, c: hd.relu(a - 0.3),
    lambda a, c: hd.max(a, c),
    lambda a, c: hd.elu(a, alpha=0.5),
    lambda a, c: hd.select((a > c) & (c < 1), c, a),
    lambda a, c: a.sum(),
    lambda a, c: a.sum(axis=0) if a.ndim else a,
    lambda a, c: a.T,
    lambda a, c: a[::-1] if a.ndim else a,
    lambda a, c: a[[0, 0, -1]] if a.ndim else a,
    lambda a, c: a.reshape(-1),
    lambda a, c: a @ c.T * 0.1 if a.ndim == c.ndim == 2 else a,
    lambda a, c: hd.softmax(a),
    lambda a, c: hd.layer_norm(a) if a.ndim else a,
    lambda a, c: hd.concatenate([a, c]) if a.ndim and a.ndim == c.ndim else a,
]


def random_function(seed: int) -> Callable[..., Any]:
    """Some operations on what came before."""
    rng = random.Random(seed)
    lines = [(rng.choice(OPERATIONS), rng.random(), rng.random()) for _ in range(rng.randint(4, 16))]

    def f(*given: Any) -> list[Any]:
        values = list(given)
        for operation, i, j in lines:
            a, c = (values[int(k * len(values))] for k in (i, j))
            try:
                made = operation(a, c)
            except hd.ShapeError:
                continue
            if made.size <= 128:
                values.append(made)
        return values[-2:]

    return f


@pytest.mark.parametrize("seed", range(12))
def test_random_functions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert_tied(random_function(seed), rng.uniform(0.1, 1.5, (3, 4)), rng.uniform(0.1, 1.5, (3, 4)))
