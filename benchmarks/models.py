"""The models whose training steps are timed, written once for all libraries.

A model is a loss of its parameters, inputs and targets, in terms of what a library calls its layers: one of
:func:`hasderiv`, :func:`torch` and :func:`jax`.  Arithmetic, ``@``, ``reshape``, ``sum`` and ``mean`` they all share.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

SIZES, ROWS = (784, 256, 256, 10), 128
IMAGES, PIXELS, CHANNELS = 32, 28, (1, 16, 32)
BATCH, TOKENS, WIDTH, HEADS = 8, 128, 256, 8


class Model(NamedTuple):
    """``loss(layers, parameters, x, y)``, and what it is given."""

    loss: Callable[[Any, list[Any], Any, Any], Any]
    parameters: list[np.ndarray]
    x: np.ndarray
    y: np.ndarray


def hasderiv() -> SimpleNamespace:
    """The layers of this library."""
    import hasderiv as hd

    return SimpleNamespace(
        relu=hd.relu,
        gelu=hd.gelu,
        log_softmax=hd.log_softmax,
        layer_norm=hd.layer_norm,
        conv=lambda x, w, b: hd.conv2d(x, w, b, padding=1),
        pool=lambda x: hd.max_pool2d(x, 2),
        attention=lambda x, *weights: hd.multi_head_attention(x, *weights, heads=HEADS),
    )


def torch() -> SimpleNamespace:
    """PyTorch's layers."""
    import torch
    import torch.nn.functional as F

    def attention(x: Any, q: Any, k: Any, v: Any, out: Any) -> Any:
        parts = [(x @ w).reshape(*x.shape[:2], HEADS, -1).transpose(1, 2) for w in (q, k, v)]
        return F.scaled_dot_product_attention(*parts).transpose(1, 2).reshape(x.shape) @ out

    return SimpleNamespace(
        relu=torch.relu,
        gelu=lambda x: F.gelu(x, approximate="tanh"),
        log_softmax=lambda x: F.log_softmax(x, -1),
        layer_norm=lambda x, gamma, beta: F.layer_norm(x, x.shape[-1:], gamma, beta, 1e-6),
        conv=lambda x, w, b: F.conv2d(x, w, b, padding=1),
        pool=lambda x: F.max_pool2d(x, 2),
        attention=attention,
    )


def jax() -> SimpleNamespace:
    """JAX's layers."""
    import jax
    import jax.numpy as jnp
    from jax import lax

    def layer_norm(x: Any, gamma: Any, beta: Any) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        return centred * lax.rsqrt((centred * centred).mean(-1, keepdims=True) + 1e-6) * gamma + beta

    def attention(x: Any, q: Any, k: Any, v: Any, out: Any) -> Any:
        parts = [(x @ w).reshape(*x.shape[:2], HEADS, -1) for w in (q, k, v)]
        return jax.nn.dot_product_attention(*parts).reshape(x.shape) @ out

    def pool(x: Any) -> Any:
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")

    return SimpleNamespace(
        relu=jax.nn.relu,
        gelu=jax.nn.gelu,
        log_softmax=jax.nn.log_softmax,
        layer_norm=layer_norm,
        conv=lambda x, w, b: lax.conv(x, w, (1, 1), "SAME") + b[:, None, None],
        pool=pool,
        attention=attention,
    )


def cross_entropy(layers: Any, scores: Any, y: Any) -> Any:
    """The mean of ``-log softmax`` at the targets, which are one-hot."""
    return -(layers.log_softmax(scores) * y).sum() / len(y)


def mlp(sizes: tuple[int, ...] = SIZES, rows: int = ROWS) -> Model:
    """784-256-256-10 on 128 rows, unless it is to be smaller."""

    def loss(layers: Any, p: list[Any], x: Any, y: Any) -> Any:
        for i in range(0, len(p), 2):
            x = x @ p[i] + p[i + 1]
            if i + 2 < len(p):
                x = layers.relu(x)
        return cross_entropy(layers, x, y)

    p: list[np.ndarray] = []
    for n, m in itertools.pairwise(sizes):
        p += [_random((n, m), n), np.zeros(m, "float32")]
    return Model(loss, p, _random((rows, sizes[0]), 1), _one_hot(rows))


def cnn(channels: tuple[int, ...]) -> Model:
    """3x3 convolutions through so many channels on 32 images of 28x28, a 2x2 max pool, and a linear layer."""

    def loss(layers: Any, p: list[Any], x: Any, y: Any) -> Any:
        for i in range(0, len(p) - 2, 2):
            x = layers.relu(layers.conv(x, p[i], p[i + 1]))
        return cross_entropy(layers, layers.pool(x).reshape(IMAGES, -1) @ p[-2] + p[-1], y)

    p: list[np.ndarray] = []
    for n, m in itertools.pairwise(channels):
        p += [_random((m, n, 3, 3), 9 * n), np.zeros(m, "float32")]
    features = channels[-1] * (PIXELS // 2) ** 2
    p += [_random((features, 10), features), np.zeros(10, "float32")]
    return Model(loss, p, _random((IMAGES, channels[0], PIXELS, PIXELS), 1), _one_hot(IMAGES))


def transformer() -> Model:
    """A block of width 256 with 8 heads on 8 times 128 tokens, normalised first, gelu between 256 and 1024."""

    def loss(layers: Any, p: list[Any], x: Any, y: Any) -> Any:
        x = x + layers.attention(layers.layer_norm(x, p[0], p[1]), *p[2:6])
        hidden = layers.gelu(layers.layer_norm(x, p[6], p[7]) @ p[8] + p[9])
        error = x + hidden @ p[10] + p[11] - y
        return (error * error).mean()

    square = (WIDTH, WIDTH)
    ones, zeros = np.ones(WIDTH, "float32"), np.zeros(WIDTH, "float32")
    p = [ones, zeros, *(_random(square, WIDTH) for _ in range(4)), ones, zeros]
    p += [_random((WIDTH, 4 * WIDTH), WIDTH), np.zeros(4 * WIDTH, "float32")]
    p += [_random((4 * WIDTH, WIDTH), 4 * WIDTH), zeros]
    shape = (BATCH, TOKENS, WIDTH)
    return Model(loss, p, _random(shape, 1), _random(shape, 1))


MODELS: dict[str, Callable[[], Model]] = {
    "MLP": mlp,
    "CNN": lambda: cnn(CHANNELS[1:]),
    "CNN of two layers": lambda: cnn(CHANNELS),
    "transformer block": transformer,
}

_rng = np.random.default_rng(0)


def _random(shape: tuple[int, ...], terms: int) -> np.ndarray:
    """Normal numbers whose sum over so many terms has variance 1."""
    return (_rng.standard_normal(shape) / terms**0.5).astype("float32")


def _one_hot(rows: int) -> np.ndarray:
    return np.eye(10, dtype="float32")[_rng.integers(0, 10, rows)]
