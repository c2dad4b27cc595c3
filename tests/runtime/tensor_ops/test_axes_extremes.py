"""The operations over axes at the ends of the number range: 16-bit floats, overflow, underflow, masked NaN."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hasderiv as hd

ZERO, ONE = [[0.0]], [[1.0]]


# ---- attention


def test_the_derivatives_of_attention_in_float16_are_as_wide_as_its_value() -> None:
    x, w = hd.tensor(np.array([[300.0, 1.0]], "f2")), np.eye(2, dtype="f2")

    def f(t: Any) -> Any:
        return hd.multi_head_attention(t, w, w, w, w, 1)

    assert hd.jvp(f, (x,), (x,))[1].tolist() == [[300.0, 1.0]]
    second = hd.jvp(hd.grad(lambda t: f(t).sum()), (x,), (x,))[1]
    assert second.dtype == np.float16 and second.tolist() == [[0.0, 0.0]]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of the products beside the attention
def test_a_masked_nan_does_not_hide_the_infinity_of_a_row() -> None:
    x, mask = np.array([[1e200], [np.nan]]), np.eye(2, dtype=bool)
    out = hd.multi_head_attention(x, ZERO, ZERO, [[1e200]], ONE, 1, mask=mask)
    np.testing.assert_array_equal(out, [[np.inf], [np.nan]])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("hidden", [0.0, 7.0, 1e308, np.inf, np.nan])
def test_what_is_masked_does_not_matter(hidden: float) -> None:
    x, v = np.array([[1.0, 2.0], [3.0, -1.0], [hidden, hidden]]), np.ones((3, 2))
    w, mask = np.eye(2), np.array([[True, True, False]] * 2 + [[False, False, True]])
    seen = x[:2]

    def f(t: Any, mask: Any = None) -> Any:
        return hd.multi_head_attention(t, w, w, w, w, 1, mask)

    np.testing.assert_array_equal(f(x, mask).numpy()[:2], f(seen))
    tangent = hd.jvp(lambda t: f(t, mask), (hd.tensor(x),), (v,))[1].numpy()[:2]
    np.testing.assert_allclose(tangent, hd.jvp(f, (hd.tensor(seen),), (v[:2],))[1], rtol=1e-14)
    g = np.array([[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]])
    back = hd.vjp(lambda t: f(t, mask), hd.tensor(x))[1](g).numpy()[:2]
    np.testing.assert_allclose(back, hd.vjp(f, hd.tensor(seen))[1](g[:2]), rtol=1e-14, atol=1e-15)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_mask_that_allows_all_is_as_none() -> None:
    x = np.array([[0.0, 1.0], [2000.0, 1e200]])  # a weight underflows to 0, and meets an infinite value
    weights = [[1.0], [1.0]], [[-1.0], [0.0]], [[0.0], [1e200]], np.ones((1, 2))
    plain = hd.multi_head_attention(x, *weights, 1)
    np.testing.assert_array_equal(hd.multi_head_attention(x, *weights, 1, mask=np.ones((2, 2), bool)), plain)


# ---- pooling


@pytest.mark.parametrize(
    ("dtype", "x", "beta"),
    [("f2", [60, 59, 58], 2000.0), ("f4", [1e30, 9e29, 5e29], 1e10), ("f8", [-1e300, 1e300, 0], -1e10)],
)
def test_every_derivative_of_a_smooth_maximum_is_shifted(dtype: str, x: list[float], beta: float) -> None:
    t = hd.tensor(np.array(x, dtype))

    def f(t: Any) -> Any:
        return hd.smooth_max_pool(t, (3,), beta)

    first = hd.grad(lambda t: f(t).sum())
    assert first(t).tolist() == [1.0, 0.0, 0.0]
    assert hd.jvp(f, (t,), (np.array([1, 2, 3], dtype),))[1].tolist() == [1.0]
    second = hd.jvp(first, (t,), (np.array([1, 2, 3], dtype),))
    assert (second[0].tolist(), second[1].tolist()) == ([1.0, 0.0, 0.0], [0.0, 0.0, 0.0])


@pytest.mark.parametrize("beta", [1e39, -1e39, 1e-50])
def test_a_beta_that_the_dtype_does_not_hold_is_refused(beta: float) -> None:
    with pytest.raises(hd.DomainError, match="in the range of float32"):
        hd.smooth_max_pool(np.ones(2, "f4"), (2,), beta)
    assert np.isfinite(hd.smooth_max_pool(np.ones(2), (2,), beta)).all()


# ---- normalisation


@pytest.mark.parametrize(
    ("dtype", "size", "eps"), [("f4", 2e19, 1e-6), ("f4", 1e-30, 0), ("f8", 1e300, 1e-6), ("f8", 1e-300, 0)]
)
def test_squares_neither_overflow_nor_vanish(dtype: str, size: float, eps: float) -> None:
    two = size if size < 1 else 1 / 2.0 ** np.floor(np.log2(1 / size))
    x, lin = np.array([1.0, 3.0, -2.0], dtype), np.array([1.0, 2.0, 5.0], dtype)
    large = x * x.dtype.type(two)
    rows = np.stack([large, x])  # the second is not touched

    def f(t: Any) -> Any:
        return hd.layer_norm(t, eps=eps)

    def relative(t: Any, v: Any) -> Any:
        return hd.jvp(f, (hd.tensor(t),), (v,))[1]

    close = {"rtol": 1e-5 if dtype == "f4" else 1e-13, "atol": 1e-6}
    np.testing.assert_allclose(f(large), hd.layer_norm(x, eps=0.0), **close)
    np.testing.assert_array_equal(f(rows)[1], f(x))
    np.testing.assert_allclose(relative(large, lin * large), relative(x, lin * x), **close)
    backs = [hd.vjp(f, hd.tensor(t))[1](lin).numpy() * t for t in (large, x)]
    np.testing.assert_allclose(*backs, **close)


def test_batch_norm_in_float16_is_computed_in_float32() -> None:
    x = np.array([[6e4], [-6e4]], "f2")
    y = hd.batch_norm(x, np.array([-1e4], "f2"), np.array([6e4], "f2"))[0]
    assert y.dtype == np.float16 and abs(float(y[0, 0].item()) - 285.8) < 0.2
    x = np.array([[500.0], [-500.0], [700.0]], "f2")
    var = hd.batch_norm(x, np.zeros(1, "f2"), np.ones(1, "f2"), training=True)[2]
    assert var is not None and var.dtype == np.float16
    np.testing.assert_allclose(var, [0.9 + 0.1 * x.astype("f8").var(ddof=1)], rtol=1e-3)


@pytest.mark.parametrize("momentum", [np.nan, -1.0, 2.0, True, None, np.ones(1)])
def test_a_momentum_is_a_number_from_0_to_1(momentum: Any) -> None:
    with pytest.raises(hd.DomainError, match="momentum is a finite number, from 0 to 1"):
        hd.batch_norm(np.ones((2, 1)), [0.0], [1.0], training=True, momentum=momentum)


@pytest.mark.parametrize("training", ["no", 1, None])
def test_training_is_a_bool(training: Any) -> None:
    with pytest.raises(hd.DTypeError, match="training is a bool"):
        hd.batch_norm(np.ones((2, 1)), [0.0], [1.0], training=training)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: hd.conv(x, np.full((1, 1, 2), 2, "f2")),
        lambda x: hd.smooth_max_pool(x, (2,), 1e-6),
        lambda x: hd.layer_norm(x, np.full(2, 65504, "f2"), np.full(2, 65504, "f2")),
    ],
)
def test_an_overflow_of_float16_is_silent(f: Callable[[Any], Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isinf(f(np.array([[60000.0, 65504.0]], "f2"))).any()
