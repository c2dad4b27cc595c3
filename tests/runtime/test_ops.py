"""Every op of the catalogue on the tape: numbers against finite differences, forward against reverse, second order."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import hasderiv as hd

from . import points


def difference(f, arrays, i, h=1e-6):
    """The central difference of ``f`` in its input ``i``."""
    up, down = [a.copy() for a in arrays], [a.copy() for a in arrays]
    step = h * np.maximum(1.0, np.abs(arrays[i]))
    up[i] = up[i] + step
    down[i] = down[i] - step
    return (f(*up) - f(*down)) / (up[i] - down[i])


@pytest.mark.parametrize("name", points.OPS)
def test_backward_agrees_with_finite_differences_for_a_seed_that_is_not_one(name: str) -> None:
    op, arrays, params = hd.ops[name], points.inputs(name), points.params(name)
    seed = np.linspace(-1.5, 2.5, arrays[0].size)
    tensors = [hd.tensor(a, requires_grad=True) for a in arrays]
    op(*tensors, **params).backward(seed)
    for i, t in enumerate(tensors):
        expected = seed * difference(lambda *a: op(*a, **params), arrays, i)
        np.testing.assert_allclose(t.grad, expected, rtol=2e-6, atol=2e-8, err_msg=f"input {op.inputs[i]}")


@pytest.mark.parametrize("name", points.OPS)
def test_jvp_is_the_transpose_of_vjp(name: str) -> None:
    op, arrays, params = hd.ops[name], points.inputs(name), points.params(name)
    rng = np.random.default_rng(3)
    tangents = [rng.normal(size=a.shape) for a in arrays]
    g = rng.normal(size=arrays[0].shape)
    xs = tuple(hd.tensor(a) for a in arrays)
    y, dy = hd.jvp(lambda *a: op(*a, **params), xs, tuple(tangents))
    value, back = hd.vjp(lambda *a: op(*a, **params), xs)
    left = np.sum(g * np.asarray(dy))
    right = sum(np.sum(np.asarray(h) * d) for h, d in zip(back(g), tangents, strict=True))
    np.testing.assert_allclose(left, right, rtol=1e-12)
    np.testing.assert_array_equal(y, value)
    np.testing.assert_array_equal(value, op(*arrays, **params))


@pytest.mark.parametrize("name", points.OPS)
def test_methods_agree_with_the_tape(name: str) -> None:
    op, arrays, params = hd.ops[name], points.inputs(name), points.params(name)
    g = np.linspace(0.5, 2.0, arrays[0].size)
    tensors = [hd.tensor(a, requires_grad=True) for a in arrays]
    op(*tensors, **params).backward(g)
    for i, (t, h, d) in enumerate(
        zip(tensors, op.vjp(g, *arrays, **params), op.partials(*arrays, **params), strict=True)
    ):
        np.testing.assert_array_equal(h, t.grad, err_msg=op.inputs[i])
        np.testing.assert_allclose(g * d, h, rtol=1e-13)
    value, tangent = op.jvp(arrays, [g] * len(arrays), **params)
    np.testing.assert_array_equal(value, op(*arrays, **params))
    np.testing.assert_allclose(tangent, sum(np.asarray(t.grad) for t in tensors), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", points.UNARY)
def test_second_and_third_derivatives_where_they_are_generated(name: str) -> None:
    op, (x,), params = hd.ops[name], points.inputs(name), points.params(name)
    for order in (2, 3):
        try:
            value = op.derivative(x, order=order, **params)
        except hd.GradientError as error:
            assert f"order {order}" in str(error)
            continue
        expected = difference(lambda a, n=order: op.derivative(a, order=n - 1, **params), (x,), 0)
        np.testing.assert_allclose(value, expected, rtol=5e-6, atol=5e-8)
        t = hd.tensor(x, requires_grad=True)
        op.derivative(t, order=order - 1, **params).sum().backward()
        np.testing.assert_array_equal(t.grad, value)
    with pytest.raises(hd.GradientError, match="order 4"):
        op.derivative(x, order=4, **params)


@pytest.mark.parametrize("name", points.OPS)
def test_create_graph_gives_the_same_gradient_and_then_the_second_derivative(name: str) -> None:
    op, arrays, params = hd.ops[name], points.inputs(name), points.params(name)

    def loss(*a):
        y = op(*a, **params)
        return (y * y).sum()

    plain = hd.grad(loss, argnums=range(len(arrays)))(*arrays)
    tensors = [hd.tensor(a, requires_grad=True) for a in arrays]
    loss(*tensors).backward(create_graph=True)
    weights = np.linspace(1.0, 2.0, arrays[0].size)
    for t, g in zip(tensors, plain, strict=True):
        np.testing.assert_array_equal(t.grad, g)
    first = [t.grad for t in tensors]
    total = sum((g * weights).sum() for g in first)
    for t in tensors:
        t.grad = None
    try:
        total.backward()
    except hd.GradientError as error:
        assert "order 2" in str(error)
        return

    def slope(*a):
        return sum(np.asarray(g) * weights for g in hd.grad(loss, argnums=range(len(arrays)))(*a))

    for i, t in enumerate(tensors):
        expected = difference(slope, arrays, i)
        np.testing.assert_allclose(t.grad, expected, rtol=2e-5, atol=2e-7, err_msg=op.inputs[i])


@pytest.mark.parametrize("name", points.BINARY)
def test_inputs_broadcast_and_their_gradients_have_their_shapes(name: str) -> None:
    op, (x, y) = hd.ops[name], points.inputs(name)
    column, row = hd.tensor(x[:3, None], requires_grad=True), hd.tensor(y[:2], requires_grad=True)
    g = np.arange(1.0, 7.0).reshape(3, 2)
    op(column, row).backward(g)
    dx, dy = op.partials(*np.broadcast_arrays(x[:3, None], y[:2]))
    np.testing.assert_allclose(column.grad, (g * dx).sum(axis=1, keepdims=True), rtol=1e-12)
    np.testing.assert_allclose(row.grad, (g * dy).sum(axis=0), rtol=1e-12)


@pytest.mark.parametrize("name", points.OPS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtypes_are_kept_and_strides_make_no_difference(name: str, dtype: str) -> None:
    op, params = hd.ops[name], points.params(name)
    arrays = [a.astype(dtype) for a in points.inputs(name)]
    spread = [np.repeat(a, 2)[::2] for a in arrays]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = op(*arrays, **params)
        np.testing.assert_array_equal(op(*spread, **params), y)
        assert y.dtype == dtype
        a, b = ([hd.tensor(v, requires_grad=True) for v in vs] for vs in (arrays, spread))
        op(*a, **params).sum().backward()
        (op(*(hd.stack([t, t])[0] for t in b), **params)).sum().backward()
    for t, u in zip(a, b, strict=True):
        assert t.grad.dtype == dtype
        np.testing.assert_array_equal(t.grad, u.grad)


@pytest.mark.parametrize("name", points.OPS)
def test_empty_and_scalar_tensors(name: str) -> None:
    op, params = hd.ops[name], points.params(name)
    for shape in ((0,), (2, 0, 3)):
        tensors = [hd.tensor(np.ones(shape), requires_grad=True) for _ in op.inputs]
        y = op(*tensors, **params)
        assert y.shape == shape
        y.sum().backward()
        assert all(t.grad.shape == shape for t in tensors)
    numbers = [float(a[1]) for a in points.inputs(name)]
    value = op(*(hd.tensor(v) for v in numbers), **params)
    assert value.shape == () and float(value) == float(op(*numbers, **params))


def test_a_parameter_that_is_a_tensor_gets_its_gradient() -> None:
    x = np.array([-1.5, -0.3, 0.8, 2.0])
    alpha = hd.tensor(1.3, requires_grad=True)
    t = hd.tensor(x, requires_grad=True)
    hd.elu(t, alpha=alpha).sum().backward()
    np.testing.assert_allclose(alpha.grad, np.expm1(x[x < 0]).sum(), rtol=1e-14)
    np.testing.assert_allclose(t.grad, np.where(x > 0, 1.0, 1.3 * np.exp(x)), rtol=1e-14)
    column = hd.tensor(np.array([[1.0], [2.0]]), requires_grad=True)
    y = hd.elu(t, alpha=column)
    assert y.shape == (2, 4)
    y.sum().backward()
    np.testing.assert_allclose(column.grad, np.full((2, 1), np.expm1(x[x < 0]).sum()), rtol=1e-14)


def test_second_derivatives_by_a_parameter() -> None:
    x, alpha = np.array([-1.5, -0.3, 0.8]), np.array(1.3)

    def loss(x, alpha):
        return (hd.elu(x, alpha=alpha) ** 2).sum()

    both = hd.grad(loss, argnums=(0, 1))
    _, (hx, ha) = hd.jvp(both, (x, alpha), (np.ones(3), np.array(2.0)))
    h = 1e-6
    up, down = both(x + h, alpha + 2 * h), both(x - h, alpha - 2 * h)
    for found, above, below in zip((hx, ha), up, down, strict=True):
        np.testing.assert_allclose(found, (np.asarray(above) - np.asarray(below)) / (2 * h), rtol=1e-7)


def test_a_parameter_alone_may_require_the_gradient() -> None:
    alpha = hd.tensor(0.7, requires_grad=True)
    hd.elu(np.array([-1.0, 1.0]), alpha=alpha).sum().backward()
    np.testing.assert_allclose(alpha.grad, np.expm1(-1.0), rtol=1e-15)


def test_parameters_may_follow_the_inputs() -> None:
    x = np.array([-1.0, 2.0])
    np.testing.assert_array_equal(hd.elu(x, 1.3), hd.elu(x, alpha=1.3))
    with pytest.raises(TypeError, match="twice"):
        hd.elu(x, 1.3, alpha=1.3)
    with pytest.raises(TypeError, match="no parameter beta"):
        hd.elu(x, beta=1.0)
    with pytest.raises(TypeError, match="takes x"):
        hd.tanh(x, x)


def test_out_is_for_arrays() -> None:
    x, out = np.array([0.5, -0.5]), np.empty(2)
    assert hd.tanh(x, out=out) is out
    np.testing.assert_array_equal(out, hd.tanh(x))
    with pytest.raises(TypeError, match="out="):
        hd.tanh(hd.tensor(x), out=out)


@pytest.mark.parametrize("bad", [np.arange(3), np.array([True, False]), np.array([1j])])
def test_dtypes_that_no_op_takes(bad: np.ndarray) -> None:
    with pytest.raises(hd.DTypeError):
        hd.tanh(bad)
    if bad.dtype.kind != "c":
        with pytest.raises(hd.DTypeError):
            hd.tanh(hd.tensor(bad))


def test_dtypes_are_not_mixed() -> None:
    a, b = np.ones(2, "float32"), np.ones(2)
    for x, y in ((a, b), (hd.tensor(a), b), (hd.tensor(a), hd.tensor(b))):
        with pytest.raises(hd.DTypeError, match="float32"):
            hd.hypot(x, y)
    assert hd.hypot(hd.tensor(a), 2.0).dtype == np.float32


def test_small_arrays_take_a_short_way_to_the_same_bits() -> None:
    for name in points.UNARY:
        op, (x,), params = hd.ops[name], points.inputs(name), points.params(name)
        for dtype in ("float32", "float64"):
            short, long = (f(x.astype(dtype), **params) for f in (op._forward, op.kernels.forward))
            assert short.dtype == long.dtype == dtype and short.tobytes() == long.tobytes()
        t = hd.tensor(x, requires_grad=True)
        op(t, **params).backward(2 * np.ones_like(x))
        np.testing.assert_array_equal(t.grad, op.kernels.vjp(0)(2 * np.ones_like(x), x, **params))


def test_what_an_op_says_of_itself() -> None:
    op = hd.ops["elu"]
    assert (op.name, op.inputs, op.params) == ("elu", ("x",), {"alpha": 1.0})
    assert hd.elu is op and "elu" in hd.ops and "nothing" not in hd.ops and len(hd.ops) == len(list(hd.ops))
    assert str(op.__signature__) == "(x, /, *, alpha=1.0)" and str(hd.clamp.__signature__) == "(x, /, *, lo, hi)"
    with pytest.raises(KeyError, match="no op is called 'nothing'"):
        hd.ops["nothing"]
    with pytest.raises(TypeError, match=r"use \.partials"):
        hd.ops["hypot"].derivative(1.0)
    with pytest.raises(ValueError, match="order"):
        hd.ops["tanh"].derivative(1.0, order=0)


def test_custom_op_records_and_is_marked_not_covered() -> None:
    cube = hd.custom_op(lambda x: x * x * x, lambda g, x: 3 * g * x * x, name="my_cube")
    assert cube.status == "not_covered"
    assert hd.grad(lambda x: cube(x))(2.0).item() == 12.0
    assert hd.grad(hd.grad(lambda x: cube(x)))(2.0).item() == 12.0
    np.testing.assert_array_equal(cube(np.array([2.0])), [8.0])
    with pytest.raises(hd.GradientError, match="no jvp"):
        hd.jvp(cube, 2.0, 1.0)
    forward = hd.custom_op(lambda x: x * x, lambda g, x: 2 * g * x, jvp=lambda x, dx: 2 * x[0] * dx[0])
    assert hd.jvp(forward, 3.0, 1.0)[1].item() == 6.0


def test_custom_op_checks_what_the_vjp_returns() -> None:
    t = hd.tensor([1.0, 2.0], requires_grad=True)
    wrong = hd.custom_op(lambda x: x + x, lambda g, x: (2 * g).sum(), name="wrong")
    with pytest.raises(hd.ShapeError, match=r"wrong: cotangent 0 is \(\)"):
        wrong(t).backward([1.0, 1.0])
    two = hd.custom_op(lambda x: x + x, lambda g, x: (g, g), name="two")
    with pytest.raises(hd.GradientError, match="2 cotangents for 1"):
        two(t).backward([1.0, 1.0])
    none = hd.custom_op(lambda x: x + x, lambda g, x: None, name="none")
    none(t).backward([1.0, 1.0])
    assert t.grad is None


def test_custom_op_cannot_change_what_the_tape_keeps() -> None:
    buffer = np.zeros(2)

    def forward(x):
        np.multiply(x, 2.0, out=buffer)
        return buffer

    def vjp(g, x):
        np.multiply(g, 2.0, out=buffer)
        return buffer

    double = hd.custom_op(forward, vjp)
    t, u = hd.tensor([1.0, 2.0], requires_grad=True), hd.tensor([5.0, 6.0], requires_grad=True)
    y, z = double(t), double(u)
    (y * z).backward([1.0, 1.0])
    assert t.grad.tolist() == [20.0, 24.0] and u.grad.tolist() == [4.0, 8.0]

    def greedy(x):
        x += 1.0
        return x

    with pytest.raises(ValueError, match="read-only"):
        hd.custom_op(greedy, vjp)(t)


def test_strong_zeros_do_not_hide_nan_inputs() -> None:
    t = hd.tensor([np.nan, 1.0], requires_grad=True)
    hd.tanh(t).sum().backward()
    assert np.isnan(t.grad.numpy()[0]) and np.isfinite(t.grad.numpy()[1])
