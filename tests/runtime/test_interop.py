"""NumPy functions on tensors: recorded, or refused by name, never silently off the tape."""

from __future__ import annotations

import numpy as np
import pytest
from hasderiv.runtime import interop

import hasderiv as hd


@pytest.mark.parametrize("name", sorted(interop._UFUNCS))
def test_ufuncs_run_on_the_tape(name: str) -> None:
    ufunc = getattr(np, name)
    x = np.array([1.2, 1.7]) if name == "arccosh" else np.array([0.3, 0.8])
    t = hd.tensor(x, requires_grad=True)
    y = ufunc(t) if ufunc.nin == 1 else ufunc(t, np.array([0.7, 0.4]))
    expected = ufunc(x) if ufunc.nin == 1 else ufunc(x, np.array([0.7, 0.4]))
    assert isinstance(y, hd.Tensor) and y.requires_grad
    np.testing.assert_allclose(y, expected, rtol=1e-14)
    if ufunc.nin == 2:
        np.testing.assert_allclose(ufunc(np.array([0.7, 0.4]), t), ufunc(np.array([0.7, 0.4]), x), rtol=1e-14)


def test_arrays_and_numpy_scalars_on_the_left() -> None:
    t = hd.tensor([1.0, 2.0], requires_grad=True)
    a = np.array([3.0, 4.0])
    for y, expected in [
        (a + t, [4.0, 6.0]), (a - t, [2.0, 2.0]), (a * t, [3.0, 8.0]), (a / t, [3.0, 2.0]), (a @ t, 11.0),
        (a**t, [3.0, 16.0]),
        (np.float64(2.0) * t, [2.0, 4.0]), (np.add(a, t), [4.0, 6.0]), (a % t, [0.0, 0.0]), (-t, [-1.0, -2.0]),
        (np.negative(t), [-1.0, -2.0]), (np.positive(t), [1.0, 2.0]), (np.matmul(a, t), 11.0),
    ]:  # fmt: skip
        assert isinstance(y, hd.Tensor) and y.requires_grad
        np.testing.assert_allclose(y, expected)
    (a * t).backward(np.ones(2))
    assert t.grad.tolist() == [3.0, 4.0]


def test_functions_run_on_the_tape() -> None:
    x = np.arange(6.0).reshape(2, 3)
    t = hd.tensor(x, requires_grad=True)
    for f in (
        np.sum, np.mean, lambda v: np.sum(v, axis=0), lambda v: np.mean(v, axis=1, keepdims=True), np.transpose,
        np.ravel,
        lambda v: np.reshape(v, (3, 2)), lambda v: np.swapaxes(v, 0, 1), lambda v: np.moveaxis(v, 0, 1),
        lambda v: np.expand_dims(v, 0), lambda v: np.squeeze(v[:1]), lambda v: np.concatenate([v, v]),
        lambda v: np.stack([v, v]), lambda v: np.broadcast_to(v, (2, 2, 3)), lambda v: np.where(x > 1, v, 0.0),
        lambda v: np.clip(v, 1.0, 3.0), lambda v: np.take(v, [0, 0, 1], axis=1), lambda v: np.take(v, [5, 0]),
        lambda v: np.add.reduce(v),
    ):  # fmt: skip
        y = f(t)
        assert isinstance(y, hd.Tensor) and y.requires_grad
        np.testing.assert_allclose(y, f(x))


def test_what_needs_no_gradient_gives_plain_values() -> None:
    t = hd.tensor([1.0, np.nan, 3.0], requires_grad=True)
    assert np.isnan(t).tolist() == [False, True, False] and np.shape(t) == (3,) and np.ndim(t) == 1 and np.size(t) == 3
    assert np.argmax(hd.tensor([1.0, 5.0])) == 1 and np.allclose(t, t, equal_nan=True) and np.array_equal(t[:1], [1.0])
    assert (np.greater(np.array([2.0, 2.0, 2.0]), t)).tolist() == [True, False, False]
    assert type(np.asarray(t)) is np.ndarray and type(np.zeros_like(t)) is np.ndarray


@pytest.mark.parametrize("call", [
    lambda t: np.arctan2.outer(t, t), lambda t: np.multiply.reduce(t), lambda t: np.heaviside(t, 0.0), np.modf,
    lambda t: np.linalg.norm(t), lambda t: np.fft.fft(t), np.cumsum, np.prod, lambda t: np.exp(t, where=[True]),
    lambda t: np.exp(t, dtype="float32"), lambda t: np.einsum("i->", t), lambda t: np.add(t, [1.0]),
])  # fmt: skip
def test_what_is_not_covered_is_refused_by_name(call) -> None:
    with pytest.raises(hd.DTypeError, match=r"np\.\w+"):
        call(hd.tensor([1.0], requires_grad=True))


def test_out_is_refused() -> None:
    with pytest.raises(hd.InPlaceError, match="out="):
        np.exp(hd.tensor([1.0]), out=np.empty(1))
