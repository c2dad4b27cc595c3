"""select: nothing leaks from the branch not taken, forwards, backwards, or at second order."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import hasderiv as hd


@pytest.mark.parametrize(("name", "dead"), [
    ("log", 0.0), ("log", -1.0), ("sqrt", 0.0), ("sqrt", -1.0), ("rsqrt", 0.0), ("reciprocal", 0.0), ("acosh", 0.5),
    ("asin", 1.0), ("log1p", -1.0), ("cbrt", 0.0), ("exp", np.inf), ("tanh", np.nan), ("gelu", np.nan),
])  # fmt: skip
def test_the_dead_branch_gives_exact_zero(name: str, dead: float) -> None:
    live = {"asin": 0.5, "acosh": 2.0}.get(name, 1.5)
    x = np.array([dead, live])
    mask = np.array([False, True])

    def f(t):
        return hd.select(mask, hd.ops[name](t), 7.0)

    t = hd.tensor(x, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f(t).sum().backward()
    slope = hd.ops[name].derivative(live)
    assert t.grad.tolist() == [0.0, slope]
    value, tangent = hd.jvp(f, x, [1.0, 1.0])
    assert value.numpy()[0] == 7.0 and tangent.tolist() == [0.0, slope]
    try:
        curve = hd.ops[name].derivative(live, order=2)
    except hd.GradientError:
        return
    for hvp in (
        hd.grad(lambda z: hd.grad(lambda y: f(y).sum())(z).sum())(x),
        hd.jvp(hd.grad(lambda y: f(y).sum()), x, [1.0, 1.0])[1],
        hd.grad(lambda z: hd.jvp(lambda y: f(y).sum(), z, [1.0, 1.0])[1])(x),
    ):
        np.testing.assert_allclose(hvp, [0.0, curve], rtol=1e-14)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("f", [
    lambda t: 1.0 / t,
    lambda t: (t - 1.0) / (t * 0.0 + t),
    lambda t: hd.exp(1.0 / t) * t,
    lambda t: t / abs(t) * hd.sqrt(t),
    lambda t: hd.log(t.reshape(2, 1)).reshape(2) * t,
    lambda t: hd.hypot(hd.log(t), t * np.array([np.inf, 1.0])),
    lambda t: (hd.log(t)[:, None] @ hd.tensor(np.ones((1, 1))))[:, 0],
])  # fmt: skip
def test_nothing_leaks_through_longer_branches(f) -> None:
    t = hd.tensor([0.0, 2.0], requires_grad=True)
    hd.select(np.array([False, True]), f(t), t).sum().backward()
    u = hd.tensor([1.0, 2.0], requires_grad=True)
    f(u).backward([0.0, 1.0])
    np.testing.assert_allclose(t.grad, [1.0, u.grad.numpy()[1]], rtol=1e-14)


def test_a_broadcast_parameter_below_a_select() -> None:
    t = hd.tensor([np.nan, -1.0, 2.0], requires_grad=True)
    alpha = np.array([[1.0], [2.0]])
    hd.select(np.array([False, True, True]), hd.elu(t, alpha=alpha), 0.0).sum().backward()
    np.testing.assert_allclose(t.grad, [0.0, 3 * np.exp(-1), 2.0], rtol=1e-14)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_dead_rows_of_a_matrix_product() -> None:
    x = hd.tensor([[np.inf, 1.0], [2.0, 3.0]], requires_grad=True)
    w = hd.tensor([[1.0, 2.0], [3.0, np.nan]], requires_grad=True)
    hd.select(np.array([[False, False], [True, False]]), x @ w, 0.0).sum().backward()
    assert x.grad.tolist()[0] == [0.0, 0.0] and w.grad.numpy()[:, 0].tolist() == [2.0, 3.0]


def test_a_zero_cotangent_on_a_live_lane_keeps_its_second_derivative() -> None:
    f = lambda x: hd.select(np.array([True]), (x - 1.0) ** 2, 0.0).sum()  # noqa: E731
    assert hd.grad(lambda x: hd.grad(f)(x).sum())(np.array([1.0])).tolist() == [2.0]


def test_a_derivative_that_is_infinite_still_shows_on_a_live_lane() -> None:
    t = hd.tensor([0.0], requires_grad=True)
    hd.select(np.array([True]), hd.sqrt(t), 0.0).sum().backward()
    assert t.grad.tolist() == [np.inf]


def test_broadcasting_conditions_and_both_branches() -> None:
    a, b = hd.tensor([[1.0], [2.0]], requires_grad=True), hd.tensor([3.0, 4.0, 5.0], requires_grad=True)
    c = np.array([True, False, True])
    y = hd.select(c, a, b)
    y.backward(np.arange(1.0, 7.0).reshape(2, 3))
    np.testing.assert_array_equal(y, np.where(c, a.numpy(), b.numpy()))
    assert a.grad.tolist() == [[4.0], [10.0]] and b.grad.tolist() == [0.0, 7.0, 0.0]


def test_kinds_of_condition_and_of_branch() -> None:
    t = hd.tensor([1.0, -2.0], dtype="float32")
    assert hd.select(True, t, 0).tolist() == [1.0, -2.0]
    assert hd.select(hd.tensor([True, False]), t, 0).dtype == np.float32
    plain = hd.select(np.array([True, False]), np.ones(2), np.zeros(2))
    assert type(plain) is np.ndarray and plain.tolist() == [1.0, 0.0]
    assert hd.ops["select"](np.array([1.0, 0.0]), t, -t).tolist() == [1.0, 2.0]
    mask = np.array([True, False])
    u = hd.tensor([1.0, 1.0], requires_grad=True)
    y = hd.select(mask, u, 0.0)
    mask[:] = False
    y.backward([1.0, 1.0])
    assert u.grad.tolist() == [1.0, 0.0]
    with pytest.raises(hd.DTypeError, match="boolean"):
        hd.select(np.array([1, 0]), t, t)
    with pytest.raises(hd.DTypeError, match="float64"):
        hd.select(mask, t, np.zeros(2))
    with pytest.raises(hd.ShapeError):
        hd.select(np.ones(3, bool), t, t)
    with pytest.raises(hd.DTypeError):
        hd.select(mask, t, "x")
