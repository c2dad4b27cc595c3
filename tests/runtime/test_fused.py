"""Value and derivative in one pass: the bits of the two routines, with and without ``out=``, on the tape too."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime import kernels
from hasderiv.runtime.compiled import library, machine, products
from hasderiv.runtime.elementwise import Remembered
from hasderiv.runtime.ops import REMEMBERED

import hasderiv as hd

OPS = (
    *("gelu", "silu", "softplus", "tanh", "mish"),
    *("exp", "log", "relu", "celu", "clamp", "erf", "sinc", "sqrt", "logit_clamp"),
)
DTYPES = (np.float32, np.float64)
compiled = pytest.mark.skipif(machine.missing() is not None, reason=f"no compiled path: {machine.missing()}")


def given(op: Any) -> dict[str, Any]:
    """Values for parameters that have no default."""
    missing = [name for name, default in op.params.items() if default is None]
    return {name: (i + 1) / 4 for i, name in enumerate(missing)}


def numbers(size: int, dtype: Any) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(size)
    x = (rng.normal(size=size) * 10 ** rng.uniform(-4, 4, size)).astype(dtype)
    largest = np.finfo(dtype).max
    special = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 1.0, -1.0, largest, -largest, 1e-38], dtype)
    x[: len(special)] = special[:size]
    return x


def same(a: Any, b: Any) -> bool:
    """Whether two arrays have the same bits, payloads of NaN apart."""
    bits = f"u{a.dtype.itemsize}"
    return a.shape == b.shape and bool(((a.view(bits) == b.view(bits)) | (np.isnan(a) & np.isnan(b))).all())


@pytest.mark.parametrize("name", OPS)
def test_the_bits_are_those_of_the_two_routines(name: str) -> None:
    op = hd.ops[name]
    params = given(op)
    for dtype in DTYPES:
        for x in (numbers(1003, dtype), numbers(1003, dtype)[::2]):
            value, derivative = op.value_and_derivative(x, **params)
            assert same(value, op(x, **params)) and same(derivative, op.derivative(x, **params))
            out = np.empty_like(x), np.empty_like(x)
            op.value_and_derivative(x, out=out, **params)
            assert same(out[0], value) and same(out[1], derivative)


def test_half_precision_scalars_lists_and_tensors() -> None:
    gelu = hd.ops["gelu"]
    half = numbers(100, np.float16)
    value, derivative = gelu.value_and_derivative(half)
    assert same(value, gelu(half)) and same(derivative, gelu.derivative(half)) and value.dtype == np.float16
    assert gelu.value_and_derivative(0.5) == (gelu(0.5), gelu.derivative(0.5))
    assert np.array_equal(gelu.value_and_derivative([0.5, 1.0])[1], gelu.derivative([0.5, 1.0]))
    t = hd.tensor([0.5, 1.0], requires_grad=True)
    value, derivative = gelu.value_and_derivative(t)
    (value + derivative).sum().backward()
    wanted = gelu.derivative(t.numpy()) + gelu.derivative(t.numpy(), order=2)
    assert np.array_equal(t.grad.numpy(), wanted)


def test_what_is_refused() -> None:
    gelu, x = hd.ops["gelu"], np.ones(3, np.float32)
    with pytest.raises(TypeError, match="partials"):
        hd.ops["mul"].value_and_derivative(x)
    with pytest.raises(TypeError, match="pair of arrays"):
        gelu.value_and_derivative(x, out=x)
    with pytest.raises(hd.ShapeError):
        gelu.value_and_derivative(x, out=(x, np.ones(4, np.float32)))
    with pytest.raises(hd.DTypeError):
        gelu.value_and_derivative(x, out=(x, np.ones(3)))
    with pytest.raises(hd.DTypeError, match="masked"):
        gelu.value_and_derivative(np.ma.masked_array(x, x > 0))
    with pytest.raises(TypeError, match="out="):
        gelu.value_and_derivative(hd.tensor(x), out=(x, x))
    with pytest.raises(hd.DomainError):
        hd.ops["celu"].value_and_derivative(x, alpha=-1.0)


def test_a_result_may_be_written_over_the_operand() -> None:
    gelu, x = hd.ops["gelu"], numbers(50_000, np.float32)
    wanted, other = gelu.value_and_derivative(x.copy()), np.empty_like(x)
    gelu.value_and_derivative(x, out=(x, other))
    assert same(x, wanted[0]) and same(other, wanted[1])


@compiled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["gelu", "sin", "exp", "softplus", "tanh"])
def test_the_tape_gives_the_same_gradient_whatever_the_size(name: str, dtype: Any) -> None:
    op, x = hd.ops[name], numbers(REMEMBERED + 5, dtype)
    g = np.random.default_rng(0).normal(size=x.size).astype(dtype)
    g[::3], g[1::50], g[2::51] = 0, np.nan, np.inf
    t = hd.tensor(x, requires_grad=True)
    y = op(t)
    assert (type(y._node.saved) is Remembered) == op.kernels.remembers(dtype)
    y.backward(g, retain_graph=True)
    vjp = op.kernels.vjp(0)
    parts = [vjp(g[i : i + 999], x[i : i + 999]) for i in range(0, x.size, 999)]
    assert same(t.grad.numpy(), np.concatenate(parts)) and same(y.numpy(), op(x))


@compiled
def test_what_is_remembered_serves_second_derivatives_conventions_and_select() -> None:
    x = hd.tensor(np.linspace(-3, 3, REMEMBERED, dtype=np.float32), requires_grad=True)
    y = hd.gelu(x)
    assert type(y._node.saved) is Remembered and hd.conventions_used(y) == []
    first = hd.grad(lambda t: hd.gelu(t).sum())
    second = hd.grad(lambda t: first(t).sum())(x)
    assert np.array_equal(second.numpy(), hd.ops["gelu"].derivative(x.numpy(), order=2))
    kept = hd.select(x.numpy() > 0, hd.gelu(x), 0.0)
    kept.sum().backward()
    wanted = np.where(x.numpy() > 0, hd.ops["gelu"].derivative(x.numpy()), 0)
    assert np.array_equal(x.grad.numpy(), wanted)
    y.backward(np.ones(REMEMBERED, np.float32))
    with pytest.raises(hd.GradientError, match="freed"):
        y.backward(np.ones(REMEMBERED, np.float32))


def functions(name: str) -> tuple[str, str]:
    known = library.functions((kernels.GENERATED / f"{name}.ll").read_text(encoding="utf-8"))
    return known[f"hd_{name}_vjp_x_d"], known[f"hd_{name}_partial_x_d"]


def test_a_product_is_recognised_and_nothing_else_is() -> None:
    vjp, partial = functions("sin")
    assert products.is_product(vjp, partial, "v_g_")
    assert not products.is_product(*functions("log"), "v_g_"), "it divides the cotangent by x"
    for old, new in (("fmul", "fadd"), ("fcmp oeq", "fcmp une"), ("hd_cos", "hd_sin"), ("and i1", "or i1")):
        changed = vjp.replace(old, new)
        assert changed != vjp and not products.is_product(changed, partial, "v_g_")
    cotangent = re.sub(r"(fmul double %t\d+), %v_g_", r"\1, %v_x", vjp)
    assert cotangent != vjp and not products.is_product(cotangent, partial, "v_g_")


def test_where_float64_stands_in_it_is_the_rounded_derivative_that_is_multiplied() -> None:
    known = library.functions((kernels.GENERATED / "gelu.ll").read_text(encoding="utf-8"))
    vjp, partial = known["hd_gelu_vjp_x_wide_d"], known["hd_gelu_partial_x_wide_d"]
    assert products.is_product(vjp, partial, "v_g_", rounded=True)
    assert not products.is_product(vjp, partial, "v_g_"), "the product of what is not rounded has other bits"
    unrounded = re.sub(r"call double @hd_single\(double (%t\d+)\)", r"fadd double \1, \1", vjp)
    assert unrounded != vjp and not products.is_product(unrounded, partial, "v_g_", rounded=True)


def test_a_pair_of_results_does_not_share_memory() -> None:
    both = np.zeros(6)
    op = hd.ops["gelu"]
    for pair in ((both[:4], both[:4]), (both[:4], both[2:])):
        with pytest.raises(ValueError, match="share memory"):
            op.value_and_derivative(np.linspace(0, 1, 4), out=pair)
    assert not both.any()
    op.value_and_derivative(np.linspace(0, 1, 3), out=(both[::2], both[1::2]))
    assert both[1] == 0.5
