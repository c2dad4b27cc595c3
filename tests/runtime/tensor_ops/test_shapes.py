"""Operations on shapes: values as NumPy's, gradients as adjoints, second order, strides, empty arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hasderiv.runtime.tensor_ops.sums import sum_array
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import hasderiv as hd

A = np.arange(24.0).reshape(2, 3, 4) / 7 - 1.5

UNARY = {
    "sum": (lambda x: x.sum(), lambda x: np.sum(x)),
    "sum0": (lambda x: x.sum(0), lambda x: np.sum(x, 0)),
    "sum12": (lambda x: x.sum((1, -1)), lambda x: np.sum(x, (1, 2))),
    "sum02k": (lambda x: x.sum((0, 2), keepdims=True), lambda x: np.sum(x, (0, 2), keepdims=True)),
    "sum()": (lambda x: x.sum(()), lambda x: x),
    "mean": (lambda x: x.mean(), np.mean),
    "mean1": (lambda x: x.mean(1), lambda x: np.mean(x, 1)),
    "reshape": (lambda x: x.reshape(4, -1), lambda x: x.reshape(4, 6)),
    "flatten": (lambda x: x.flatten(), np.ravel),
    "transpose": (lambda x: x.transpose(1, 2, 0), lambda x: x.transpose(1, 2, 0)),
    "T": (lambda x: x.T, lambda x: x.T),
    "swapaxes": (lambda x: x.swapaxes(0, -1), lambda x: x.swapaxes(0, 2)),
    "moveaxis": (lambda x: hd.moveaxis(x, 0, -1), lambda x: np.moveaxis(x, 0, -1)),
    "expand_dims": (lambda x: hd.expand_dims(x, (0, -1)), lambda x: np.expand_dims(x, (0, -1))),
    "squeeze": (lambda x: x[:1].squeeze(0), lambda x: x[0]),
    "broadcast_to": (
        lambda x: hd.broadcast_to(x[:, :1], (5, 2, 3, 4)),
        lambda x: np.broadcast_to(x[:, :1], (5, 2, 3, 4)),
    ),
    "concatenate": (
        lambda x: hd.concatenate([x, x * x, x[:, :1]], 1),
        lambda x: np.concatenate([x, x * x, x[:, :1]], 1),
    ),
    "stack": (lambda x: hd.stack([x, x * x], -1), lambda x: np.stack([x, x * x], -1)),
    "int": (lambda x: x[1], lambda x: x[1]),
    "slices": (lambda x: x[::-1, 1:, ::2], lambda x: x[::-1, 1:, ::2]),
    "ellipsis": (lambda x: x[..., None, -1], lambda x: x[..., None, -1]),
    "list": (lambda x: x[[0, 1, 0]], lambda x: x[[0, 1, 0]]),
    "fancy": (lambda x: x[:, [0, 2, 0], [1, 1, 1]], lambda x: x[:, [0, 2, 0], [1, 1, 1]]),
    "mask": (lambda x: x[A > 0], lambda x: x[A > 0]),
    "softmax": (lambda x: hd.softmax(x, 1), lambda x: np.exp(x) / np.exp(x).sum(1, keepdims=True)),
    "log_softmax": (lambda x: hd.log_softmax(x), lambda x: x - np.log(np.exp(x).sum(-1, keepdims=True))),
    "mse_loss": (lambda x: hd.mse_loss(x, A[::-1]), lambda x: np.mean((x - A[::-1]) ** 2)),
    "iteration": (lambda x: sum(x) / len(x), lambda x: x.mean(0)),
    "scatter": (
        lambda x: hd.grad(lambda z: (z[[0, 1, 0]] * x[[0, 0, 1]]).sum())(x),
        lambda x: np.stack([x[0] + x[1], x[0]]),
    ),
}


@pytest.mark.parametrize("name", UNARY)
def test_values_and_adjoints(name: str) -> None:
    ours, theirs = UNARY[name]
    rng = np.random.default_rng(1)
    for x in (A, np.asfortranarray(A), np.repeat(A, 2, axis=1)[:, ::2]):
        y, dy = hd.jvp(ours, hd.tensor(x), dx := rng.normal(size=x.shape))
        np.testing.assert_allclose(y, theirs(x), rtol=1e-13, atol=1e-14)
        h = 1e-6
        np.testing.assert_allclose(dy, (theirs(x + h * dx) - theirs(x - h * dx)) / (2 * h), rtol=1e-7, atol=1e-8)
        _, back = hd.vjp(ours, hd.tensor(x))
        g = rng.normal(size=y.shape)
        np.testing.assert_allclose(np.sum(np.asarray(back(g)) * dx), np.sum(g * np.asarray(dy)), rtol=1e-11)


@pytest.mark.parametrize("name", UNARY)
def test_second_derivatives_forward_over_reverse_and_reverse_over_reverse(name: str) -> None:
    ours, _ = UNARY[name]

    def f(x):
        y = ours(x)
        return hd.sin(y * 1.1).sum()

    rng = np.random.default_rng(2)
    v = rng.normal(size=A.shape)
    _, forward = hd.jvp(hd.grad(f), hd.tensor(A), v)
    reverse = hd.grad(lambda x: (hd.grad(f)(x) * v).sum())(A)
    both = hd.grad(lambda x: hd.jvp(f, x, v)[1])(hd.tensor(A))
    h = 1e-5
    up, down = hd.grad(f)(A + h * v), hd.grad(f)(A - h * v)
    expected = (np.asarray(up) - np.asarray(down)) / (2 * h)
    for found in (forward, reverse, both):
        np.testing.assert_allclose(found, expected, rtol=2e-6, atol=2e-8)


MATMULS = [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)),
    ((5, 2, 3), (5, 3, 4)), ((1, 2, 3), (5, 3, 4)), ((6, 1, 2, 3), (5, 3, 4)), ((3,), (5, 3, 4)), ((5, 2, 3), (3,)),
    ((0, 3), (3, 2)), ((2, 0), (0, 4)), ((1, 3), (3, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), MATMULS)
def test_matmul_of_all_shapes(left, right) -> None:
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=left), rng.normal(size=right)
    dx, dy = rng.normal(size=left), rng.normal(size=right)
    z, dz = hd.jvp(hd.matmul, (hd.tensor(x), hd.tensor(y)), (dx, dy))
    np.testing.assert_allclose(z, x @ y, rtol=1e-13)
    np.testing.assert_allclose(dz, dx @ y + x @ dy, rtol=1e-12)
    _, back = hd.vjp(hd.matmul, (hd.tensor(x), hd.tensor(y)))
    g = rng.normal(size=z.shape)
    gx, gy = back(g)
    assert gx.shape == left and gy.shape == right
    np.testing.assert_allclose(np.sum(gx * dx) + np.sum(gy * dy), np.sum(g * np.asarray(dz)), rtol=1e-11, atol=1e-12)
    second = hd.grad(lambda a, b: (hd.sin(a @ b)).sum(), argnums=(0, 1))
    _, (hx, hy) = hd.jvp(second, (hd.tensor(x), hd.tensor(y)), (dx, dy))
    h = 1e-6
    ends = [second(x + s * h * dx, y + s * h * dy) for s in (1, -1)]
    np.testing.assert_allclose(hx, (np.asarray(ends[0][0]) - np.asarray(ends[1][0])) / (2 * h), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(hy, (np.asarray(ends[0][1]) - np.asarray(ends[1][1])) / (2 * h), rtol=1e-5, atol=1e-7)


def test_linear() -> None:
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(5, 3)), rng.normal(size=(2, 3)), rng.normal(size=2)
    np.testing.assert_allclose(hd.linear(x, w, b), x @ w.T + b)
    gw, gb = hd.grad(lambda w, b: hd.linear(x, w, b).sum(), argnums=(0, 1))(w, b)
    np.testing.assert_allclose(gw, np.tile(x.sum(0), (2, 1)))
    assert gb.tolist() == [5.0, 5.0]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_broadcasting_gradients_have_the_shapes_of_the_operands(data) -> None:
    shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3, min_side=0))
    name = data.draw(st.sampled_from(["+", "-", "*", "/", "select", "hypot"]))
    op = {
        "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
        "select": lambda a, b: hd.select(np.ones(shapes.result_shape, bool), a, b), "hypot": hd.hypot,
    }[name]  # fmt: skip
    rng = np.random.default_rng(5)
    x, y = (hd.tensor(rng.uniform(0.5, 1.5, s), requires_grad=True) for s in shapes.input_shapes)
    z = op(x, y)
    assert z.shape == shapes.result_shape
    g = rng.normal(size=z.shape)
    z.backward(g)
    wide = [hd.tensor(np.broadcast_to(v, z.shape), requires_grad=True) for v in (x, y)]
    op(*wide).backward(g)
    for narrow, full in zip((x, y), wide, strict=True):
        assert narrow.grad.shape == narrow.shape
        _, back = hd.vjp(lambda v: hd.broadcast_to(v, z.shape), narrow.detach())
        np.testing.assert_allclose(narrow.grad, back(full.grad), rtol=1e-12, atol=1e-12)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_basic_indexing_is_numpys_and_its_gradient_is_the_scatter(data) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    key = data.draw(hnp.basic_indices(shape, allow_newaxis=True))
    x = np.arange(np.prod(shape, dtype=int), dtype=float).reshape(shape)
    t = hd.tensor(x, requires_grad=True)
    y = t[key]
    np.testing.assert_array_equal(y, x[key])
    g = np.arange(1.0, y.size + 1).reshape(y.shape)
    y.backward(g)
    expected = np.zeros(shape)
    expected[key] = g
    np.testing.assert_array_equal(t.grad, expected)


def test_index_arrays_may_change_later_and_repeats_add_up() -> None:
    t, k = hd.tensor(np.arange(4.0), requires_grad=True), np.array([1, 1, 3])
    y = t[k]
    k[:] = 0
    y.backward([1.0, 10.0, 100.0])
    assert t.grad.tolist() == [0.0, 11.0, 0.0, 100.0]
    assert t[hd.tensor([0, 2])].tolist() == [0.0, 2.0] and t[np.int64(2)].item() == 2.0


def test_errors_name_what_is_wrong() -> None:
    t = hd.tensor(A)
    for bad in (lambda: t.sum(3), lambda: t.sum((0, 0)), lambda: t.sum("x"), lambda: t.reshape(5, 5), lambda: t[5],
                lambda: t.transpose(0, 0, 1), lambda: t.squeeze(1), lambda: hd.concatenate([]), lambda: t[0, 0, 0, 0],
                lambda: hd.concatenate([t, t[0]]), lambda: hd.broadcast_to(t, (2, 2)), lambda: hd.matmul(t, 2.0),
                lambda: hd.mse_loss(t, t[0]), lambda: hd.log_softmax(t, 3), lambda: hd.linear(t, A)):  # fmt: skip
        with pytest.raises(hd.ShapeError):
            bad()
    for bad in (
        lambda: t[1.0],
        lambda: t["a"],
        lambda: t[np.ones(2)],
        lambda: hd.softmax([1, 2]),
        lambda: hd.mean([1]),
    ):
        with pytest.raises(hd.DTypeError):
            bad()


def test_empty_reductions() -> None:
    t = hd.tensor(np.ones((0, 3)), requires_grad=True)
    assert t.sum().item() == 0.0 and t.sum(0).tolist() == [0.0] * 3 and t.sum(1).shape == (0,)
    assert np.isnan(t.mean().item())
    t.sum().backward()
    assert t.grad.shape == (0, 3)
    assert hd.softmax(np.ones((2, 0))).shape == (2, 0)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 4), st.integers(1, 700), st.integers(1, 4), st.sampled_from([0, 1, 2, (0, 1), (0, 2), (1, 2), None])
)
def test_sums_have_one_order_for_all_strides(a, n, c, axis) -> None:
    rng = np.random.default_rng(n)
    x = rng.normal(size=(a, n, c)).astype("float32") * np.exp(rng.normal(size=(a, n, c)) * 3).astype("float32")
    views = [x, np.asfortranarray(x), np.repeat(x, 2, 1)[:, ::2], np.ascontiguousarray(x[::-1])[::-1]]
    found = [hd.sum(v, axis).numpy().tobytes() for v in views]
    assert len(set(found)) == 1
    exact = np.sum(x.astype(float), axis)
    scale = np.sum(abs(x.astype(float)), axis)
    assert (abs(hd.sum(x, axis).numpy() - exact) <= 1e-5 * scale + 1e-30).all()


def test_half_precision_is_summed_in_single() -> None:
    x = np.full(5000, 1.0, "float16")
    assert hd.sum(x).item() == 5000.0 and hd.sum(x.reshape(5000, 1)[:, [0, 0]], 0).tolist() == [5000.0, 5000.0]
    big = np.full(4, 60000.0, "float16")
    assert hd.mean(big).item() == 60000.0
    t = hd.tensor(big, requires_grad=True)
    t.mean().backward()
    assert t.grad.dtype == np.float16 and t.grad.tolist() == [0.25] * 4


def test_leading_axes_are_summed_by_a_tree() -> None:
    x = np.array([[1.0, 2], [2.0**-53, 3], [2.0**-53, 4]])
    assert sum_array(x, (0,))[0] == (x[0, 0] + x[1, 0]) + x[2, 0]


def test_softmax_at_the_edges() -> None:
    assert hd.softmax(2.0).item() == 1.0 and hd.log_softmax(2.0).item() == 0.0
    assert hd.softmax([1e4, -1e4]).tolist() == [1.0, 0.0]
    assert hd.log_softmax([0.0, -np.inf]).tolist() == [0.0, -np.inf]
    t = hd.tensor([0.3, -0.2, 1.0], requires_grad=True)
    hd.log_softmax(t).backward([1.0, 0.0, 0.0])
    y = np.exp(t.numpy()) / np.exp(t.numpy()).sum()
    np.testing.assert_allclose(t.grad, np.array([1.0, 0, 0]) - y, rtol=1e-13)


def test_astype_is_recorded_between_floats() -> None:
    t = hd.tensor([1.0, 2.0], dtype="float32", requires_grad=True)
    y = t.astype("float64") * 2.0
    y.backward([1.0, 1.0])
    assert t.grad.dtype == np.float32 and not t.astype("int32").requires_grad
    with pytest.raises(hd.DTypeError):
        t.astype("complex64")
