"""The operations over axes against PyTorch and JAX, at random shapes in float64; skipped where they are missing.

``DIFFERENCES`` lists what is different on purpose, each shown on both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hasderiv as hd

torch = pytest.importorskip("torch")
F = torch.nn.functional
DRAWS = 6


def _agree(ours: Any, theirs: Any) -> None:
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


def _geometry(rng: Any, d: int) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Size, kernel, stride and padding, with padding of at most half the kernel, as PyTorch's pools want it."""
    kernel = rng.integers(1, 4, d)
    size, stride, padding = kernel + rng.integers(0, 4, d), rng.integers(1, 4, d), rng.integers(0, kernel // 2 + 1)
    return tuple(tuple(map(int, v)) for v in (size, kernel, stride, padding))  # type: ignore[return-value]


def _lead(rng: Any) -> tuple[int, ...]:
    return () if rng.random() < 0.3 else (int(rng.integers(1, 4)),)


def _arrays(rng: Any, *shapes: tuple[int, ...]) -> list[Any]:
    return [rng.standard_normal(s) for s in shapes]


Draw = tuple[Callable[..., Any], Callable[..., Any], list[Any]]


def conv(rng: Any) -> Draw:
    d = int(rng.integers(1, 4))
    size, kernel, stride, padding = _geometry(rng, d)
    c, o = rng.integers(1, 4, 2)
    theirs = (F.conv1d, F.conv2d, F.conv3d)[d - 1]
    args = _arrays(rng, (*_lead(rng), c, *size), (o, c, *kernel), (o,))
    return lambda x, w, b: hd.conv(x, w, b, stride, padding), lambda x, w, b: theirs(x, w, b, stride, padding), args


def conv_transpose(rng: Any) -> Draw:
    d = int(rng.integers(1, 4))
    size, kernel, stride, padding = _geometry(rng, d)
    c, o = rng.integers(1, 4, 2)
    theirs = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[d - 1]
    args = _arrays(rng, (*_lead(rng), c, *size), (c, o, *kernel), (o,))
    return (
        lambda x, w, b: hd.conv_transpose(x, w, b, stride, padding),
        lambda x, w, b: theirs(x, w, b, stride, padding),
        args,
    )


def _pool(rng: Any, name: str) -> Draw:
    d = int(rng.integers(1, 4))
    kernel: Any
    size, kernel, stride, padding = _geometry(rng, d)
    theirs = getattr(F, f"{name}{d}d")
    args = _arrays(rng, (*_lead(rng), 2, *size))
    return lambda x: getattr(hd, name)(x, kernel, stride, padding), lambda x: theirs(x, kernel, stride, padding), args


def max_pool(rng: Any) -> Draw:
    return _pool(rng, "max_pool")


def avg_pool(rng: Any) -> Draw:
    return _pool(rng, "avg_pool")


def smooth_max_pool2d(rng: Any) -> Draw:
    size, kernel, stride, _ = _geometry(rng, 2)
    beta = float(rng.uniform(-3, 3))

    def theirs(x: Any) -> Any:
        windows = x.unfold(-2, kernel[0], stride[0]).unfold(-2, kernel[1], stride[1])
        return torch.logsumexp(beta * windows, (-2, -1)) / beta

    return lambda x: hd.smooth_max_pool2d(x, kernel, beta, stride), theirs, _arrays(rng, (*_lead(rng), 2, *size))


def global_avg_pool(rng: Any) -> Draw:
    theirs = lambda x: F.adaptive_avg_pool2d(x, 1)[..., 0, 0]  # noqa: E731
    return hd.global_avg_pool, theirs, _arrays(rng, (*_lead(rng), 2, *rng.integers(1, 5, 2)))


def layer_norm(rng: Any) -> Draw:
    d = int(rng.integers(1, 3))
    tail = tuple(map(int, rng.integers(2, 5, d)))
    eps = float(rng.choice([1e-6, 1e-5, 0.1]))
    ours = lambda x, g, b: hd.layer_norm(x, g, b, eps)  # noqa: E731
    return ours, lambda x, g, b: F.layer_norm(x, tail, g, b, eps), _arrays(rng, (*_lead(rng), 3, *tail), tail, tail)


def batchnorm_channel_first(rng: Any) -> Draw:
    c, h, w = map(int, rng.integers(2, 4, 3))
    ours = lambda x, g, b: hd.batchnorm_channel_first(x, g, b)  # noqa: E731
    theirs = lambda x, g, b: F.instance_norm(x, weight=g, bias=b, eps=1e-6)  # noqa: E731
    return ours, theirs, _arrays(rng, (2, c, h, w), (c,), (c,))


def batch_norm(rng: Any) -> Draw:
    c, training = int(rng.integers(1, 4)), bool(rng.integers(2))
    mean, var = rng.standard_normal(c), rng.uniform(0.5, 2, c)
    shape = (3, c, *map(int, rng.integers(1, 4, rng.integers(0, 3))))

    def ours(x: Any, g: Any, b: Any) -> Any:
        return hd.batch_norm(x, mean, var, g, b, training)[0]

    def theirs(x: Any, g: Any, b: Any) -> Any:
        m, v = torch.tensor(mean), torch.tensor(var)
        return F.batch_norm(x, m, v, g, b, training)

    return ours, theirs, _arrays(rng, shape, (c,), (c,))


def multi_head_attention(rng: Any) -> Draw:
    heads, d, model, n = map(int, rng.integers(1, 4, 4))
    lead = _lead(rng)
    mask = (rng.random((n, n)) < 0.5) | np.eye(n, dtype=bool) if rng.random() < 0.7 else None

    def theirs(x: Any, wq: Any, wk: Any, wv: Any, wo: Any) -> Any:
        q, k, v = ((x @ w).reshape(*lead, n, heads, d).transpose(-2, -3) for w in (wq, wk, wv))
        scores = q @ k.transpose(-1, -2) / d**0.5
        if mask is not None:
            scores = scores.masked_fill(~torch.tensor(mask), -torch.inf)
        return (scores.softmax(-1) @ v).transpose(-2, -3).reshape(*lead, n, heads * d) @ wo

    shapes = ((*lead, n, model), *[(model, heads * d)] * 3, (heads * d, model))
    return lambda *a: hd.multi_head_attention(*a, heads, mask), theirs, _arrays(rng, *shapes)


def embedding(rng: Any) -> Draw:
    index = rng.integers(0, 5, (2, 6))
    args = _arrays(rng, (5, 3))
    return lambda x: hd.gather_rows(x, index), lambda x: F.embedding(torch.tensor(index), x), args


def gather_vec(rng: Any) -> Draw:
    index = rng.integers(0, 5, (3, 7))
    return lambda x: hd.gather_vec(x, index), lambda x: torch.gather(x, -1, torch.tensor(index)), _arrays(rng, (3, 5))


def scatter_add_row(rng: Any) -> Draw:
    index = rng.integers(0, 4, 9)
    theirs = lambda x, v: x.index_add(0, torch.tensor(index), v)  # noqa: E731
    return lambda x, v: hd.scatter_add_row(x, index, v), theirs, _arrays(rng, (4, 2), (9, 2))


def logsumexp(rng: Any) -> Draw:
    axes = tuple(map(int, rng.permutation(3)[: rng.integers(1, 4)]))
    return lambda x: hd.logsumexp(x, axes), lambda x: torch.logsumexp(x, axes), _arrays(rng, (2, 3, 4))


def softmax(rng: Any) -> Draw:
    return lambda x: hd.softmax(x), lambda x: x.softmax(-1), _arrays(rng, (*_lead(rng), 4))


def log_softmax(rng: Any) -> Draw:
    return lambda x: hd.log_softmax(x), lambda x: x.log_softmax(-1), _arrays(rng, (*_lead(rng), 4))


def reduce_mean(rng: Any) -> Draw:
    axis = int(rng.integers(0, 3))
    return lambda x: hd.reduce_mean(x, axis), lambda x: x.mean(axis), _arrays(rng, (2, 3, 4))


def mse_loss(rng: Any) -> Draw:
    return hd.mse_loss, F.mse_loss, _arrays(rng, (2, 3), (2, 3))


def linear(rng: Any) -> Draw:
    return hd.linear, F.linear, _arrays(rng, (*_lead(rng), 2, 3), (4, 3), (4,))


def bmm(rng: Any) -> Draw:
    b, m, k, n = map(int, rng.integers(1, 5, 4))
    return hd.bmm, torch.bmm, _arrays(rng, (b, m, k), (b, k, n))


FAMILIES = (
    *(
        conv,
        conv_transpose,
        max_pool,
        avg_pool,
        smooth_max_pool2d,
        global_avg_pool,
        layer_norm,
        batchnorm_channel_first,
    ),
    *(batch_norm, multi_head_attention, embedding, gather_vec, scatter_add_row, logsumexp, softmax, log_softmax),
    *(reduce_mean, mse_loss, linear, bmm),
)


@pytest.mark.parametrize("seed", range(DRAWS))
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_pytorch_agrees(family: Callable[[Any], Draw], seed: int) -> None:
    rng = np.random.default_rng([seed, FAMILIES.index(family)])
    ours, theirs, arrays = family(rng)
    mine, peers = tuple(hd.tensor(a) for a in arrays), tuple(torch.tensor(a, requires_grad=True) for a in arrays)
    y, back = hd.vjp(ours, mine)
    z = theirs(*peers)
    _agree(y, z.detach())
    g, dxs = rng.standard_normal(y.shape), _arrays(rng, *[a.shape for a in arrays])
    slope = hd.jvp(ours, mine, tuple(dxs))[1]
    pulled = torch.autograd.grad(z, peers, torch.tensor(g), create_graph=True)
    for a, b in zip(back(hd.tensor(g)), pulled, strict=True):
        _agree(a, b.detach())
    cotangent = torch.tensor(g, requires_grad=True)  # the JVP as the derivative of the VJP by its cotangent
    pulled = torch.autograd.grad(z, peers, cotangent, create_graph=True)
    paired = sum((p * torch.tensor(dx)).sum() for p, dx in zip(pulled, dxs, strict=True))
    _agree(slope, torch.autograd.grad(paired, cotangent, retain_graph=True)[0])
    if family is not max_pool:
        second = torch.autograd.grad(paired, peers, allow_unused=True)
        seed_ = hd.tensor(g)
        again = hd.jvp(lambda *xs: hd.vjp(ours, xs)[1](seed_), mine, tuple(dxs))[1]
        for x, a, b in zip(arrays, again, second, strict=True):
            nothing = np.zeros(x.shape)
            _agree(nothing if a is None else a, nothing if b is None else b)


# ---- JAX, whose formulas are its own for pooling and convolution


def test_jax_agrees() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    lax, jnp = jax.lax, jax.numpy
    rng = np.random.default_rng(8)
    pads = ((0, 0), (0, 0), (1, 1), (1, 1))
    mask = np.tril(np.ones((4, 4), bool))
    zero = np.zeros(3)

    def attention(x: Any, wq: Any, wk: Any, wv: Any, wo: Any) -> Any:
        q, k, v = ((x @ w).reshape(2, 4, 2, 3) for w in (wq, wk, wv))
        weights = jax.nn.softmax(jnp.einsum("bihd,bjhd->bhij", q, k) / 3**0.5, where=mask)
        return jnp.einsum("bhij,bjhd->bihd", weights, v).reshape(2, 4, 6) @ wo

    index = rng.integers(0, 5, 8)
    pairs: list[Draw] = [
        (
            lambda x, w: hd.conv2d(x, w, stride=2, padding=1),
            lambda x, w: lax.conv_general_dilated(x, w, (2, 2), ((1, 1), (1, 1))),
            _arrays(rng, (2, 3, 5, 6), (4, 3, 3, 2)),
        ),
        (
            lambda x: hd.max_pool2d(x, 3, 2, 1),
            lambda x: lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 3, 3), (1, 1, 2, 2), pads),
            _arrays(rng, (2, 3, 5, 6)),
        ),
        (
            lambda x: hd.avg_pool2d(x, 3, 2, 1),
            lambda x: lax.reduce_window(x, 0.0, lax.add, (1, 1, 3, 3), (1, 1, 2, 2), pads) / 9,
            _arrays(rng, (2, 3, 5, 6)),
        ),
        (lambda x: hd.layer_norm(x, eps=1e-5), lambda x: jax.nn.standardize(x, epsilon=1e-5), _arrays(rng, (2, 3, 4))),
        (hd.softmax, jax.nn.softmax, _arrays(rng, (3, 4))),
        (hd.log_softmax, jax.nn.log_softmax, _arrays(rng, (3, 4))),
        (lambda x: hd.logsumexp(x, (0, 2)), lambda x: jax.nn.logsumexp(x, (0, 2)), _arrays(rng, (2, 3, 4))),
        (
            lambda *a: hd.multi_head_attention(*a, 2, mask),
            attention,
            _arrays(rng, (2, 4, 5), (5, 6), (5, 6), (5, 6), (6, 5)),
        ),
        (lambda x: hd.gather_rows(x, index), lambda x: x[index], _arrays(rng, (5, 3))),
        (
            lambda v: hd.scatter_add_row(np.zeros((5, 3)), index, v),
            lambda v: jax.ops.segment_sum(v, index, 5),
            _arrays(rng, (8, 3)),
        ),
        (
            lambda x, g, b: hd.batch_norm(x, zero, zero, g, b, training=True)[0],
            lambda x, g, b: jax.nn.standardize(x, axis=0, epsilon=1e-5) * g + b,
            _arrays(rng, (4, 3), (3,), (3,)),
        ),
    ]
    for ours, theirs, arrays in pairs:
        mine, dxs = tuple(hd.tensor(a) for a in arrays), tuple(_arrays(rng, *[a.shape for a in arrays]))
        y, back = hd.vjp(ours, mine)
        z, pull = jax.vjp(theirs, *arrays)
        g = rng.standard_normal(z.shape)
        _agree(y, z)
        _agree(hd.jvp(ours, mine, dxs)[1], jax.jvp(theirs, tuple(arrays), dxs)[1])
        for a, b in zip(back(hd.tensor(g)), pull(jnp.asarray(g)), strict=True):
            _agree(a, b)


# ---- what is different on purpose


def _grad(f: Callable[[Any], Any], x: Any) -> Any:
    t = torch.tensor(x, requires_grad=True)
    f(t).sum().backward()
    return t.grad.tolist()


def _raises(f: Callable[[], Any]) -> str:
    try:
        f()
    except (hd.Error, RuntimeError, IndexError) as error:
        return type(error).__name__
    return "nothing"


NAN = float("nan")
MASKED = np.array([[True, False], [False, False]])
EYE = np.eye(2)
# what is compared: (ours, PyTorch's), and the two values that they must have
DIFFERENCES: dict[str, tuple[Callable[[], Any], Callable[[], Any], Any, Any]] = {
    "of several NaN in a window the first wins, in PyTorch the last": (
        lambda: hd.grad(lambda x: hd.max_pool(x, (2,)).sum())(np.array([[NAN, NAN]])).tolist(),
        lambda: _grad(lambda x: F.max_pool1d(x, 2), [[NAN, NAN]]),
        [[1.0, 0.0]],
        [[0.0, 1.0]],
    ),
    "the padding of a maximum is smaller than the kernel, in PyTorch at most half of it": (
        lambda: hd.max_pool([[1.0, 2.0]], (3,), 1, 2).tolist(),
        lambda: _raises(lambda: F.max_pool1d(torch.ones(1, 2), 3, 1, 2)),
        [[1.0, 2.0, 2.0, 2.0]],
        "RuntimeError",
    ),
    "a row of attention that is masked whole is an error, in PyTorch NaN or 0": (
        lambda: _raises(lambda: hd.multi_head_attention(EYE, EYE, EYE, EYE, EYE, 1, MASKED)),
        lambda: float(
            F.scaled_dot_product_attention(*[torch.eye(2)[None]] * 3, attn_mask=torch.tensor(MASKED))[0, 1]
            .nan_to_num()
            .sum()
        ),
        "DomainError",
        0.0,
    ),
    "a masked entry is left out even if it is NaN, in PyTorch 0 times NaN is NaN": (
        lambda: hd.multi_head_attention(np.array([[1.0], [NAN]]), *[np.eye(1)] * 4, 1, EYE > 0)[0].tolist(),
        lambda: str(
            F.scaled_dot_product_attention(
                *[torch.tensor([[[1.0], [NAN]]])] * 3, attn_mask=torch.tensor([[True, False], [True, True]])
            )[0, 0].tolist()
        ),
        [1.0],
        "[nan]",
    ),
    "an index out of bounds gives 0 in the _nat forms, in PyTorch an error": (
        lambda: hd.gather_vec_nat([1.0, 2.0], [5]).tolist(),
        lambda: _raises(lambda: torch.gather(torch.ones(2), 0, torch.tensor([5]))),
        [0.0],
        "RuntimeError",
    ),
    "layer_norm adds 1e-6 to the variance unless told otherwise, PyTorch 1e-5": (
        lambda: round(float(hd.layer_norm([0.0, 2e-3])[1]), 4),
        lambda: round(float(F.layer_norm(torch.tensor([0.0, 2e-3]), (2,))[1]), 4),
        round(2**-0.5, 4),
        round(11**-0.5, 4),
    ),
}


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_what_is_different_on_purpose(difference: str) -> None:
    ours, theirs, mine, peers = DIFFERENCES[difference]
    assert ours() == mine and theirs() == peers
