"""grad, value_and_grad, jvp and vjp: pytrees, nesting, closures, errors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

import hasderiv as hd


class Pair(NamedTuple):
    a: object
    b: object


def test_pytrees_in_and_out() -> None:
    tree = {"w": [np.array([1.0, 2.0]), (3.0,)], "p": Pair(hd.tensor(4.0), np.float32(5.0))}

    def f(t, k):
        return (t["w"][0] * k).sum() * t["w"][1][0] + t["p"].a * 2

    g = hd.grad(f)(tree, 10.0)
    assert type(g["p"]) is Pair and g["p"].b is None
    assert g["w"][0].tolist() == [30.0, 30.0] and g["w"][1][0].item() == 30.0 and g["p"].a.item() == 2.0


def test_argnums_aux_kwargs_and_value() -> None:
    f = lambda x, y, *, scale=1.0: (x * y * scale, {"note": "kept"})  # noqa: E731
    (value, aux), (gx, gy) = hd.value_and_grad(f, argnums=(0, -1), has_aux=True)(2.0, 3.0, scale=10.0)
    assert (value.item(), aux, gx.item(), gy.item()) == (60.0, {"note": "kept"}, 30.0, 20.0)
    assert not value.requires_grad and not gx.requires_grad
    g, aux = hd.grad(f, has_aux=True)(2.0, 3.0)
    assert g.item() == 3.0 and aux == {"note": "kept"}


def test_grad_does_not_touch_dot_grad_and_ignores_no_grad() -> None:
    w = hd.tensor(3.0, requires_grad=True)
    with hd.no_grad():
        g = hd.grad(lambda x: x * x * w)(w)
    assert g.item() == 18.0 and w.grad is None


def test_a_gradient_can_be_differentiated_by_what_the_function_closes_over() -> None:
    w = hd.tensor(3.0, requires_grad=True)
    g = hd.grad(lambda x: x * x * w)(2.0)
    g.backward()
    assert g.item() == 12.0 and w.grad.item() == 4.0


def test_a_penalty_on_the_gradient_reaches_the_argument() -> None:
    t = hd.tensor([1.0, 2.0], requires_grad=True)
    (hd.grad(lambda x: (x * x * x).sum())(t) ** 2).sum().backward()
    np.testing.assert_allclose(t.grad, 36 * np.array([1.0, 2.0]) ** 3)


@pytest.mark.parametrize("n", range(1, 5))
def test_grad_of_grad_of_a_polynomial(n: int) -> None:
    f = lambda x: x * x * x * x  # noqa: E731
    for _ in range(n):
        f = hd.grad(f)
    assert f(2.0).item() == [32.0, 48.0, 48.0, 24.0][n - 1]


def test_perturbations_are_not_confused() -> None:
    # d/dx (x d/dy (x + y)) at y = 1 is 1, and a tangent of x must not enter the inner derivative
    assert hd.jvp(lambda x: x * hd.jvp(lambda y: x + y, 1.0, 1.0)[1], 1.0, 1.0)[1].item() == 1.0
    assert hd.grad(lambda x: x * hd.grad(lambda y: x * y)(2.0))(3.0).item() == 6.0
    assert hd.grad(lambda x: x * hd.jvp(lambda y: x * y, 2.0, 1.0)[1])(3.0).item() == 6.0
    assert hd.jvp(lambda x: x * hd.grad(lambda y: x * y)(2.0), 3.0, 1.0)[1].item() == 6.0
    assert hd.jvp(lambda x: hd.jvp(lambda y: y * y * y, x, 1.0)[1], 2.0, 1.0)[1].item() == 12.0


@pytest.mark.parametrize("f", [
    lambda x: hd.tanh(x * x).sum(),
    lambda x: (hd.softmax(x) * hd.log_softmax(x)).sum(),
    lambda x: (hd.hypot(x, x[::-1] + 2.0) / (1.0 + x * x)).sum(),
    lambda x: (x.reshape(2, 2) @ x.reshape(2, 2).T).sum() + (x**3).mean(),
    lambda x: hd.select(x.numpy() > 0.0, hd.sin(x), x * x).sum(),
    lambda x: hd.gelu(hd.exp(-x) + hd.sigmoid(x)).sum(),
])  # fmt: skip
def test_all_four_ways_to_a_hessian_vector_product_agree(f) -> None:
    x, v = np.array([0.3, -0.7, 1.1, 0.6]), np.array([1.0, -2.0, 0.5, 3.0])
    found = [
        hd.jvp(hd.grad(f), x, v)[1],
        hd.grad(lambda z: (hd.grad(f)(z) * v).sum())(x),
        hd.grad(lambda z: hd.jvp(f, z, v)[1])(x),
        hd.vjp(hd.grad(f), x)[1](v),
    ]
    h = 1e-5
    expected = (np.asarray(hd.grad(f)(x + h * v)) - np.asarray(hd.grad(f)(x - h * v))) / (2 * h)
    for hvp in found:
        np.testing.assert_allclose(hvp, found[0], rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(hvp, expected, rtol=1e-6, atol=1e-8)
    twice = hd.jvp(lambda z: hd.jvp(f, z, v)[1], x, v)[1]
    np.testing.assert_allclose(twice, (np.asarray(found[0]) * v).sum(), rtol=1e-10)


def test_third_order_in_mixed_modes() -> None:
    x = 0.4
    expected = -np.cos(x)
    g = hd.grad
    for f in (g(g(g(hd.sin))), lambda z: hd.jvp(g(g(hd.sin)), z, 1.0)[1], g(lambda z: hd.jvp(g(hd.sin), z, 1.0)[1])):
        np.testing.assert_allclose(f(x), expected, rtol=1e-14)


def test_vjp_may_be_called_often_and_with_trees() -> None:
    out, back = hd.vjp(lambda p: {"s": p[0] * p[1], "d": p[0] - p[1]}, [3.0, 5.0])
    assert out["s"].item() == 15.0
    for k in (1.0, 2.0):
        a, b = back({"s": k, "d": 10.0})
        assert (a.item(), b.item()) == (5 * k + 10, 3 * k - 10)
    with pytest.raises(hd.ShapeError, match="cotangent"):
        back([1.0, 1.0])


def test_vjp_can_be_differentiated_by_its_cotangent() -> None:
    _, back = hd.vjp(hd.sin, 0.5)
    g = hd.tensor(2.0, requires_grad=True)
    back(g).backward()
    np.testing.assert_allclose(g.grad, np.cos(0.5))


def test_no_dependence_is_none() -> None:
    assert hd.grad(lambda x, y: y * 1.0)(1.0, 2.0) is None
    assert hd.grad(lambda x: 3.0)(1.0) is None
    assert hd.grad(lambda x: x.detach() * 2)(1.0) is None
    assert hd.grad(lambda x: x * 0.0)(1.0).item() == 0.0
    assert hd.jvp(lambda x: hd.tensor(1.0), 1.0, 1.0)[1] is None
    assert hd.jvp(lambda x, y: (x * y, y), (2.0, 3.0), (1.0, None))[1][1] is None


def test_detach_stops_both_modes() -> None:
    f = lambda x: x * x.detach()  # noqa: E731
    assert hd.grad(f)(3.0).item() == 3.0 and hd.jvp(f, 3.0, 1.0)[1].item() == 3.0


def test_errors() -> None:
    with pytest.raises(hd.ShapeError, match="scalar"):
        hd.grad(lambda x: x)(np.ones(2))
    with pytest.raises(hd.DTypeError, match="pass floats"):
        hd.grad(lambda x: x * x)(3)
    with pytest.raises(hd.DTypeError):
        hd.grad(lambda x: x)(None)
    with pytest.raises(hd.GradientError, match="argnums"):
        hd.grad(lambda x: x, argnums=1)(1.0)
    with pytest.raises(hd.ShapeError, match="pair"):
        hd.grad(lambda x: x, has_aux=True)(1.0)
    with pytest.raises(hd.ShapeError, match="jvp: tangent"):
        hd.jvp(lambda x: x, np.ones(2), np.ones(3))
    with pytest.raises(hd.ShapeError, match="as many tangents"):
        hd.jvp(lambda x, y: x, (1.0, 2.0), (1.0,))
    with pytest.raises(hd.DTypeError, match="jvp"):
        hd.jvp(lambda x: x, np.ones(2), np.ones(2, "float32"))


def test_pytree_tools() -> None:
    from hasderiv.runtime.pytree import flatten, tree_map, unflatten

    tree = {"b": [1, (2,)], "a": None, "p": Pair(3, {"z": 4})}
    leaves, structure = flatten(tree)
    assert leaves == [1, 2, None, 3, 4] and unflatten(structure, leaves) == tree
    assert tree_map(lambda x, y: (x, y), [1, 2], [3, 4]) == [(1, 3), (2, 4)]
    with pytest.raises(hd.ShapeError, match="differ in structure"):
        tree_map(lambda x, y: x, [1, 2], [1])
    for wrong in ([1], [1, 2, 3, 4, 5, 6]):
        with pytest.raises(hd.ShapeError):
            unflatten(structure, wrong)
