"""Eagerly and compiled, a function gives the same bits: value, JVP and VJP, on the first call and on later ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hasderiv as hd

from .comparing import assert_same, check, numbers

MASK = np.arange(12).reshape(3, 4) % 3 == 0


def mlp(p: Any, x: Any) -> Any:
    h = hd.relu(hd.linear(x, p["w1"], p["b1"]))
    h = hd.gelu(hd.linear(h, p["w2"], p["b2"]))
    return -hd.log_softmax(h)[:, 1].mean()


FUNCTIONS: dict[str, Any] = {
    "chain": lambda x, y: hd.tanh(x * 2 + y) / (1.5 + hd.exp(-x)),
    "one op": lambda x, y: hd.sigmoid(x),
    "the argument": lambda x, y: x,
    "views": lambda x, y: (x.T.reshape(2, 6)[1:, ::2], hd.broadcast_to(y[0], (2, 4))),
    "a constant": lambda x, y: (hd.tensor([1.0, 2.0]), x + y),
    "kinks": lambda x, y: hd.relu(x) - abs(y) + hd.max(x, y) * hd.clamp(x, lo=-0.5, hi=0.5) + hd.sign(y),
    "parameters": lambda x, y: hd.elu(x, alpha=0.7) * hd.leaky_relu(y, alpha=0.1) + hd.celu(x, alpha=2),
    "traced parameter": lambda x, y: hd.elu(x, alpha=hd.exp(y).mean()),
    "broadcasting": lambda x, y: (x * y[0] + y[:, :1]) / (2.0 + x.sum(axis=0, keepdims=True) ** 2),
    "powers": lambda x, y: x**2 + x**3 + (abs(y) + 1) ** -0.5 + (abs(x) + 1) ** y,
    "reductions": lambda x, y: x.sum() * y.mean(axis=1) + hd.softmax(x).sum(axis=0).mean(),
    "softmax": lambda x, y: hd.softmax(x * y, axis=0) + hd.log_softmax(x, axis=1),
    "matmul": lambda x, y: (x @ y.T) @ x + (x.T @ y)[:3],
    "transposed chain": lambda x, y: (x.T * 2 + 1) @ y,
    "vectors": lambda x, y: (x[0] @ y[1]) * (x @ y[2]) + (y.T @ x[:, 0]).sum(),
    "stacks": lambda x, y: hd.concatenate([x, y], axis=1)[:, 2:5] @ hd.stack([x[:, 0], y[:, 1]], axis=1),
    "repeated rows": lambda x, y: x[[0, 0, 2]] * y[np.array([1, 1, 0])] + x[:, [3, 2, 1, 0]],
    "a fixed mask": lambda x, y: x[MASK] * y[MASK],
    "select": lambda x, y: hd.select(x > y, x * x, hd.exp(y)),
    "select on a fixed mask": lambda x, y: hd.select(MASK, x / y, 1.0),
    "guarded log": lambda x, y: hd.select(x > 0, hd.log(x) * y, 0.0),
    "guarded root": lambda x, y: hd.select((x > 0) & ~(y == 0), hd.sqrt(x) / y, y),
    "guarded product": lambda x, y: hd.select(x == 1, (x / y) @ hd.log(y).T @ y, 2.0),
    "select of numbers": lambda x, y: hd.select(x > 0, 1.0, -1.0) * x if x.dtype == np.float64 else x,
    "a mask used twice": lambda x, y: hd.select(x > y, x, y).sum() + hd.select(x > y, hd.exp(x), x @ x.T @ y),
    "np functions": lambda x, y: np.where(np.isnan(x) | (x <= 0), np.exp(y), np.maximum(x, y)),
    "losses": lambda x, y: hd.mse_loss(x, y) + hd.bce_with_logits(x, hd.sigmoid(y)).mean(),
    "second order": lambda x, y: hd.grad(lambda t: (hd.sin(t) * y).sum())(x),
    "third order": lambda x, y: hd.grad(lambda t: hd.grad(lambda s: (hd.tanh(s) ** 3 * y).sum())(t).sum())(x),
    "jvp inside": lambda x, y: hd.jvp(lambda t: hd.softmax(t) * hd.sin(t), x, y)[1],
    "vjp of softmax inside": lambda x, y: hd.vjp(lambda t: hd.log_softmax(t), x)[1](y),
    "casts": lambda x, y: (x.astype("float64") * 2).astype("float32") + y.astype("float32"),
    "detach": lambda x, y: x * y.detach() + x.detach(),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str) -> None:
    check(FUNCTIONS[name], numbers(1, (3, 4)), numbers(2, (3, 4)))


BOXES: dict[str, Any] = {
    "conv": (lambda x, k: hd.relu(hd.conv2d(x, k, stride=2, padding=1)), (2, 3, 6, 5), (4, 3, 3, 3)),
    "conv_transpose": (lambda x, k: hd.conv_transpose2d(x, k), (2, 3, 3, 3), (3, 2, 2, 2)),
    "max_pool": (lambda x, y: hd.max_pool2d(x, 2) * y, (2, 3, 6, 4), (3, 3, 2)),
    "avg_pool": (lambda x, y: hd.avg_pool2d(x * y, 2, 1), (2, 3, 4, 4), (3, 4, 4)),
    "smooth_max_pool": (lambda x, y: hd.smooth_max_pool2d(x, 2, 1.5) + y, (3, 4, 4), (3, 2, 2)),
    "layer_norm": (lambda x, y: hd.layer_norm(x, y[0], y[1]), (3, 4), (2, 4)),
    "batch_norm": (lambda x, y: hd.batchnorm_channel_first(x, y[0], y[1]), (3, 4, 5), (2, 3)),
    "logsumexp": (lambda x, y: hd.logsumexp(x * y) + hd.bmm(x, x).sum(), (2, 3, 3), (3, 3)),
    "attention": (
        lambda x, w: hd.multi_head_attention(x, w[0], w[1], w[2], w[3], 2, np.tri(5, dtype=bool)),
        (2, 5, 4),
        (4, 4, 4),
    ),
    "gather": (lambda x, y: hd.gather_rows(x, [0, 2, 2]) * y, (4, 3), (3, 3)),
    "scatter": (lambda x, y: hd.scatter_add_vec(x, [0, 2, 2], y), (4,), (3,)),
}


@pytest.mark.parametrize("name", BOXES)
def test_operations_that_are_one_instruction(name: str) -> None:
    f, left, right = BOXES[name]
    check(f, numbers(1, left), numbers(2, right), runs=2)
    check(lambda x, y: hd.grad(lambda t: (f(t, y) ** 2).sum())(x), numbers(1, left), numbers(2, right), runs=2)


def test_below_a_select_they_keep_their_zeros() -> None:
    def f(x: Any, y: Any) -> Any:
        z = hd.layer_norm(hd.log(x)) @ hd.softmax(y / x)
        return hd.select(x > 0.5, z, 0.0)

    check(f, numbers(1, (4, 4)), numbers(2, (4, 4)))


@pytest.mark.parametrize("name", ["chain", "kinks", "select", "second order", "casts"])
def test_float64(name: str) -> None:
    check(FUNCTIONS[name], numbers(1, (3, 4), "float64"), numbers(2, (3, 4), "float64"))


@pytest.mark.parametrize("dtype", ["float16", "int64"])
def test_other_dtypes(dtype: str) -> None:
    x = np.arange(12).reshape(3, 4).astype(dtype)
    check(lambda a, b: (a * 2 + b, (a * b).sum(axis=0), hd.select(a > b, a, b)), x, x[:, ::-1].copy())


@np.errstate(all="ignore")
def test_where_functions_end() -> None:
    def f(x: Any, y: Any) -> Any:
        return hd.atan2(x, y) + hd.logaddexp(x, y) * hd.rsqrt(y), hd.tanh(x) / y + hd.hypot(x, y), hd.mish(x * 2)

    ends = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 1e38, -1e-45, 1.0], "float32")
    x, y = np.repeat(ends, 8), np.tile(ends, 8)
    compiled, tensors = hd.compile(f, x, y), (hd.tensor(x), hd.tensor(y))
    value, back = hd.vjp(f, tensors)
    seeds = tuple(numbers(i, (64,)) for i in range(3))
    for _ in range(2):
        assert_same(compiled.vjp((x, y), seeds), (value, back(seeds)))
        assert_same(compiled.jvp((x, y), (y, x)), hd.jvp(f, tensors, (y, x)))


def test_large_arrays() -> None:
    check(lambda x, y: hd.tanh(x * y + 1) * hd.exp(-x).mean(), numbers(1, (300, 400)), numbers(2, (400,)), runs=2)


def test_layouts_of_the_inputs() -> None:
    f = lambda x, y: (x * 2 + y) @ hd.tanh(x.T) + x.sum(axis=0)  # noqa: E731
    x, y = numbers(1, (6, 6)), numbers(2, (6, 6))
    compiled = hd.compile(f, x, y)
    for a in (x, np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2], x[::-1]):
        for _ in range(2):
            assert_same(compiled.forward((a, y)), f(hd.tensor(a), hd.tensor(y)))
            assert_same(compiled.forward((hd.tensor(a), y.T)), f(hd.tensor(a), hd.tensor(y.T)))


def test_a_perceptron() -> None:
    p = {"w1": numbers(1, (16, 12)), "b1": numbers(2, (16,)), "w2": numbers(3, (5, 16)), "b2": numbers(4, (5,))}
    compiled = check(mlp, p, numbers(5, (8, 12)))
    assert_same(
        compiled.backward((p, numbers(5, (8, 12))))[0], mlp(hd.tree_map(hd.tensor, p), hd.tensor(numbers(5, (8, 12))))
    )
