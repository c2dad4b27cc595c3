"""The walk back: accumulation, seeds, freeing, threads, depth."""

from __future__ import annotations

import contextvars
import gc
import threading

import numpy as np
import pytest
from hasderiv.runtime.tensor_ops.arithmetic import Product
from hypothesis import given, settings
from hypothesis import strategies as st

import hasderiv as hd


def test_a_value_used_often_gathers_all_its_cotangents() -> None:
    t = hd.tensor([2.0, 3.0], requires_grad=True)
    a = t * t
    b = a + t
    c = a * b * a
    c.backward([1.0, 10.0])
    x = np.array([2.0, 3.0])  # c = x^6 + x^5
    np.testing.assert_allclose(t.grad, [1.0, 10.0] * (6 * x**5 + 5 * x**4))


def test_gradients_add_up_over_several_backward_calls() -> None:
    t = hd.tensor([2.0], requires_grad=True)
    for _ in range(3):
        (t * t).backward()
    assert t.grad.tolist() == [12.0]
    t.grad = None
    assert t.grad is None


def test_none_and_zero_gradient_are_different() -> None:
    t, u, v = (hd.tensor([1.0], requires_grad=True) for _ in range(3))
    (t * 0.0 + u.detach() + hd.floor(v)).backward()
    assert t.grad.tolist() == [0.0] and u.grad is None and v.grad.tolist() == [0.0]


def test_seeds() -> None:
    t = hd.tensor([1.0, 2.0], requires_grad=True)
    y = t * 2.0
    with pytest.raises(hd.ShapeError, match="needs a gradient"):
        y.backward()
    with pytest.raises(hd.ShapeError, match=r"shape \(3,\)"):
        y.backward(np.ones(3))
    with pytest.raises(hd.DTypeError, match="float32"):
        y.backward(np.ones(2, "float32"))
    with pytest.raises(hd.GradientError, match="does not depend"):
        t.detach().sum().backward()
    (t[:1] * 3).backward()
    assert t.grad.tolist() == [3.0, 0.0]


def test_saved_arrays_are_freed_once_used() -> None:
    t = hd.tensor([1.0], requires_grad=True)
    for make in (lambda: t * t, lambda: hd.exp(t), lambda: t + t, lambda: (t * 2).sum()):
        y = make()
        y.backward(retain_graph=True)
        y.backward()
        with pytest.raises(hd.GradientError, match="freed by an earlier backward"):
            y.backward()


def test_a_failed_backward_changes_no_gradient() -> None:
    t, u = hd.tensor([1.0], requires_grad=True), hd.tensor([1.0], requires_grad=True)
    y = hd.exp(t)
    y.backward()
    before = t.grad.tolist()
    with pytest.raises(hd.GradientError):
        (u * 2 + y * u).backward()
    assert u.grad is None and t.grad.tolist() == before


def test_create_graph_and_third_derivative() -> None:
    t = hd.tensor([0.7], requires_grad=True)
    y = hd.sin(t)
    found = []
    for _ in range(3):
        t.grad = None
        y.backward(create_graph=True)
        y = t.grad
        found.append(y.item())
    np.testing.assert_allclose(found, [np.cos(0.7), -np.sin(0.7), -np.cos(0.7)], rtol=1e-14)
    with pytest.raises(hd.GradientError, match="order 4"):
        y.backward()


def test_no_grad_and_detach() -> None:
    t = hd.tensor([1.0], requires_grad=True)
    with hd.no_grad():
        assert not (t * 2).requires_grad and not hd.exp(t).requires_grad and not t.sum().requires_grad
        with hd.enable_grad():
            assert (t * 2).requires_grad
    assert (t * 2).requires_grad and not t.detach().requires_grad
    with pytest.raises(ZeroDivisionError), hd.no_grad():
        raise ZeroDivisionError
    assert (t * 2).requires_grad


def test_no_grad_belongs_to_the_context() -> None:
    t = hd.tensor([1.0], requires_grad=True)
    seen = []
    with hd.no_grad():
        thread = threading.Thread(target=lambda: seen.append((t * 2).requires_grad))
        thread.start()
        thread.join()
        contextvars.Context().run(lambda: seen.append((t * 2).requires_grad))
    assert seen == [True, True]


def test_threads_do_not_disturb_each_other() -> None:
    results: dict[int, float] = {}

    def work(k: int) -> None:
        t = hd.tensor(np.full(32, 0.1 * k), requires_grad=True)
        for _ in range(50):
            t.grad = None
            y = t
            for _ in range(10):
                y = hd.sin(y) + t * y
            y.sum().backward()
        results[k] = t.grad.numpy()[0]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    together = dict(results)
    results.clear()
    for k in range(1, 7):
        work(k)
    assert together == results


def test_threads_may_add_to_one_leaf() -> None:
    t = hd.tensor(np.zeros(4), requires_grad=True)

    def work() -> None:
        for _ in range(300):
            (t * 1.0).backward(np.ones(4))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert t.grad.tolist() == [1200.0] * 4


def test_a_chain_of_100000_nodes() -> None:
    t = hd.tensor(np.ones(2), requires_grad=True)
    y = t
    for _ in range(100_000):
        y = y + t
    y.backward([1.0, 1.0])
    assert t.grad.tolist() == [100_001.0, 100_001.0]
    del y
    gc.collect()


def test_a_deep_chain_of_ops_second_order_and_destruction() -> None:
    t = hd.tensor(np.array([0.3]), requires_grad=True)
    y = t
    for _ in range(20_000):
        y = hd.tanh(y * 1.0001)
    y.backward(create_graph=True)
    g = t.grad
    t.grad = None
    g.backward()
    assert np.isfinite(t.grad.item())
    del y, g
    gc.collect()
    z = hd.tensor([1.0], requires_grad=True)
    for _ in range(300_000):
        z = -z
    del z  # all its nodes are let go without recursion


@pytest.mark.parametrize("n", [1000, 2000, 4000])
def test_each_node_is_visited_once(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    visits = 0
    original = Product.vjp

    def counted(self, *args):
        nonlocal visits
        visits += 1
        return original(self, *args)

    monkeypatch.setattr(Product, "vjp", counted)
    t = hd.tensor([1.0], requires_grad=True)
    y = t
    for _ in range(n):
        y = y * t
    y.backward()
    assert visits == n


def test_memory_of_a_chain_is_linear_and_freed() -> None:
    import tracemalloc

    def peak(n: int) -> int:
        t = hd.tensor(np.ones(16), requires_grad=True)
        gc.collect()
        tracemalloc.start()
        y = t
        for _ in range(n):
            y = y * 1.0
        y.sum().backward()
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak(100)
    small, large = peak(2000), peak(8000)
    assert large < 5 * small


def test_the_graph_goes_when_its_outputs_go() -> None:
    import weakref

    t = hd.tensor([1.0], requires_grad=True)
    y = hd.exp(t * 2)
    middle = weakref.ref(y)
    del y
    assert middle() is None


def _programs():
    step = st.tuples(st.sampled_from(["add", "mul", "sub", "tanh", "sin"]), st.integers(0, 50), st.integers(0, 50))
    return st.lists(step, min_size=1, max_size=25)


@settings(max_examples=60, deadline=None)
@given(_programs(), st.integers(0, 2**32 - 1))
def test_reverse_mode_is_the_adjoint_of_forward_mode_on_random_graphs(program, seed) -> None:
    rng = np.random.default_rng(seed)
    xs = tuple(hd.tensor(rng.uniform(-1, 1, 3)) for _ in range(2))
    dxs = tuple(rng.normal(size=3) for _ in range(2))

    def f(a, b):
        values = [a, b]
        for name, i, j in program:
            u, v = values[i % len(values)], values[j % len(values)]
            if name in ("tanh", "sin"):
                values.append(getattr(hd, name)(u))
            else:
                values.append({"add": u + v, "mul": u * hd.tanh(v), "sub": u - v}[name])
        return values[-1] + a * 0.0 + b * 0.0

    y, dy = hd.jvp(f, xs, dxs)
    _, back = hd.vjp(f, xs)
    g = rng.normal(size=3)
    left = float((g * dy).sum())
    right = sum(float((h * d).sum()) for h, d in zip(back(g), dxs, strict=True))
    scale = sum(float(abs(h * d).sum()) for h, d in zip(back(g), dxs, strict=True))
    assert abs(left - right) <= 1e-10 * (1 + scale)
    np.testing.assert_array_equal(y, f(*xs))
