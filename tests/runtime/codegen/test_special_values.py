"""NaN in every lane, the limits at infinity, kinks and their neighbours, and nothing out of the branch not taken."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime import kernels
from hasderiv.runtime.codegen.evaluate import evaluate, limit_at
from hasderiv.runtime.codegen.functions import Assembly, samples
from hasderiv.runtime.codegen.sources import from_spec
from hasderiv.spec import OPS

INF, NAN = math.inf, math.nan
UNARY = [n for n, op in OPS.items() if len(op.inputs) == 1]
REQUIRED = {"c": 2.5, "lo": -0.5, "hi": 1.25, "eps": 0.125}


def given(name: str) -> dict[str, float]:
    return {n: REQUIRED[n] for n, v in kernels.load(name).params.items() if v is None}


@pytest.mark.parametrize("name", [n for n in OPS if n != "select"])
def test_nan_in_nan_out_in_every_lane(name: str) -> None:
    """A NaN at each place of an array that fills vector registers and leaves a tail, in each input."""
    op = kernels.load(name)
    size = 37
    keys = [k for k in op._routines if not k.startswith(("vjp", "jvp"))]
    for dtype in (np.float32, np.float64):
        for i in range(len(op.inputs)):
            arrays = [np.full((size, size), 1.5 if name == "acosh" else 0.75, dtype) for _ in op.inputs]
            np.fill_diagonal(arrays[i], NAN)
            for key in keys:
                nan = np.isnan(op.routine(key)(*arrays, **given(name)))
                assert np.array_equal(nan, np.eye(size, dtype=bool)), (key, op.inputs[i], dtype)
            for n in op.inputs:
                got = op.vjp(n)(np.ones_like(arrays[0]), *arrays, **given(name))
                assert np.array_equal(np.isnan(got), np.eye(size, dtype=bool)), ("vjp", n)


# op -> (f(-oo), f'(-oo), f(oo), f'(oo)) as the limits are, by hand
LIMITS = {
    "relu": (0, 0, INF, 1), "silu": (0, 0, INF, 1), "gelu": (0, 0, INF, 1), "gelu_erf": (0, 0, INF, 1), "mish": (0,
    0, INF, 1),
    "sigmoid": (0, 0, 1, 0), "tanh": (-1, 0, 1, 0), "softplus": (0, 0, INF, 1), "log_sigmoid": (-INF, 1, 0, 0),
    "softsign": (-1, 0, 1, 0), "smooth_abs": (INF, -1, INF, 1), "hardswish": (0, 0, INF, 1), "erf": (-1, 0, 1, 0),
    "erfc": (2, 0, 0, 0), "atan": (-math.pi / 2, 0, math.pi / 2, 0), "asinh": (-INF, 0, INF, 0), "exp": (0, 0, INF,
    INF),
    "expm1": (-1, 0, INF, INF), "tanhshrink": (-INF, 1, INF, 1), "elu": (-1, 0, INF, 1), "celu": (-1, 0, INF, 1),
    "sinh": (-INF, INF, INF, INF), "cosh": (INF, -INF, INF, INF), "sinc": (0, 0, 0, 0), "square": (INF, -INF, INF, INF),
    "cbrt": (-INF, 0, INF, 0), "reciprocal": (0, 0, 0, 0), "relu6": (0, 0, 6, 0), "hardsigmoid": (0, 0, 1, 0),
    "softshrink": (-INF, 1, INF, 1), "abs": (INF, -1, INF, 1), "squared_relu": (0, 0, INF, INF), "log": (NAN, NAN,
    INF, 0),
    "sqrt": (NAN, NAN, INF, 0), "rsqrt": (NAN, NAN, 0, 0), "log1p": (NAN, NAN, INF, 0), "acosh": (NAN, NAN, INF, 0),
    "asin": (NAN, NAN, NAN, NAN), "sin": (NAN, NAN, NAN, NAN), "exp2": (0, 0, INF, INF),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(LIMITS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_limits_at_infinity(name: str, dtype: Any) -> None:
    op = kernels.load(name)
    ends = np.array([-INF, INF], dtype)
    f, slope = op.forward(ends), op.partial(0)(ends)
    got = [f[0], slope[0], f[1], slope[1]]
    np.testing.assert_allclose(got, np.array(LIMITS[name], dtype), rtol=1e-6)


@pytest.mark.parametrize("name", [n for n in UNARY if not OPS[n].params])
def test_limits_that_numbers_show_are_returned(name: str) -> None:
    """The same for every op and for the higher orders, the limit found with 60 digits."""
    source = from_spec(OPS[name])
    claimed = Assembly(source).claimed
    op = kernels.load(name)
    for key, term in (("forward", source.formula), ("partial_x", claimed["x"])):
        for sign in (-1, 1):
            limit = limit_at(lambda v, t=term: evaluate(t, {"x": v}), sign)  # type: ignore[misc]
            inside = not math.isnan(op.forward(np.float64(sign * 1e6)))
            if limit is not None and inside:
                assert op.routine(key)(np.float64(sign * INF)) == pytest.approx(limit, rel=1e-12), (key, sign)
    assert samples(source)


@pytest.mark.parametrize("name", UNARY)
def test_no_nan_or_infinity_at_large_finite_numbers(name: str) -> None:
    """Where the true derivative is a moderate number, so is the kernel's: ``x**3`` overflows in gelu', say."""
    op = kernels.load(name)
    source = from_spec(OPS[name])
    params = {**{n: float(v) for n, v in op.params.items() if v is not None}, **given(name)}
    claimed = Assembly(source).claimed["x"]
    for dtype in (np.float32, np.float64):
        top = np.finfo(dtype).max
        points = np.array(
            [s * v for s in (1, -1) for v in (50, 1e3, 1e10, 1e19, 3e30, float(top) / 3, float(top))], dtype
        )
        for key, term in (("forward", source.formula), ("partial_x", claimed)):
            with np.errstate(all="ignore"):
                got = op.routine(key)(points, **given(name))
            for p, g in zip(points, got, strict=True):
                true = evaluate(term, {"x": float(p), **{n: float(dtype(v)) for n, v in params.items()}}, 400)
                if true == true and abs(true) < float(top) / 8 and not math.isnan(op.forward(p, **given(name))):
                    assert np.isfinite(g), (key, p, g, true)


# op -> points with the derivative that the conventions of the catalogue give there
KINKS = {
    "relu": {0.0: 0}, "abs": {0.0: 0}, "relu6": {0.0: 0, 6.0: 0}, "hardtanh": {-1.0: 0, 1.0: 0},
    "hardsigmoid": {-3.0: 0, 3.0: 0},
    "hardswish": {-3.0: 0, 3.0: 1}, "softsign": {0.0: 1}, "softshrink": {0.5: 0, -0.5: 0}, "hardshrink": {0.5: 0,
    -0.5: 0},
    "squared_relu": {0.0: 0}, "sqrt": {0.0: INF}, "cbrt": {0.0: INF}, "sign": {0.0: 0}, "floor": {1.0: 0},
    "round": {0.5: 0},
    "asin": {1.0: INF, -1.0: INF}, "acos": {1.0: -INF, -1.0: -INF}, "acosh": {1.0: INF}, "sqrt_clamp": {0.0: 0},
    "sinc": {0.0: 0},
    "selu": {0.0: 1.7580993408473768}, "elu": {0.0: 1}, "celu": {0.0: 1},
    "leaky_relu": {0.0: 0.01},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(KINKS))
def test_kinks_and_both_neighbours(name: str) -> None:
    op = kernels.load(name)
    claimed = Assembly(from_spec(OPS[name])).claimed["x"]
    params = {n: float(v) for n, v in op.params.items() if v is not None}
    for dtype in (np.float32, np.float64):
        for point, wanted in KINKS[name].items():
            at = dtype(point)
            assert op.partial(0)(at) == dtype(wanted), point
            if point == 0:
                assert op.partial(0)(dtype(-0.0)) == dtype(wanted)
            for side in (-INF, INF):
                beside = np.nextafter(at, dtype(side))
                true = evaluate(claimed, {"x": float(beside), **{n: float(dtype(v)) for n, v in params.items()}})
                if np.isnan(op.forward(beside)):
                    assert np.isnan(op.partial(0)(beside))
                elif abs(true) < float(np.finfo(dtype).max):
                    assert op.partial(0)(beside) == pytest.approx(
                        float(true), rel=1e-5 if dtype is np.float32 else 1e-12
                    )


def test_derivatives_outside_the_domain_are_nan() -> None:
    outside = {
        "log": -1.0, "log1p": -2.0, "sqrt": -1.0, "rsqrt": -1.0, "asin": 2.0, "acos": -2.0, "atanh": 2.0,
        "acosh": 0.5, "logit": 1.5,
        "log2": -1.0, "log10": -1.0,
    }  # fmt: skip
    for name, point in outside.items():
        op = kernels.load(name)
        for key in ("forward", "partial_x", "second_x_x", "third"):
            assert math.isnan(op.routine(key)(point)), (name, key)
        assert math.isnan(op.vjp(0)(1.0, point)), name


def test_a_cotangent_of_zero_meets_infinity() -> None:
    """``where`` hands zeros to the op that was not taken; nothing may come back."""
    for name in ("sqrt", "log", "cbrt", "reciprocal", "tanh"):
        op = kernels.load(name)
        x = np.array([0.0, -1.0, NAN, INF], np.float32)
        got = op.vjp(0)(np.zeros(4, np.float32), x)
        assert np.array_equal(got, np.zeros(4)), name
        assert np.array_equal(op.jvp((x,), (np.zeros(4, np.float32),)), np.zeros(4)), name


def test_a_branch_of_zero_meets_infinity() -> None:
    relu = kernels.load("relu")
    x = np.array([-1.0, 2.0], np.float32)
    assert list(relu.vjp(0)(np.array([INF, INF], np.float32), x)) == [0.0, INF]
    assert list(relu.vjp(0)(np.array([NAN, 1.0], np.float32), x)) == [0.0, 1.0]


def test_select_drops_the_branch_not_taken() -> None:
    select = kernels.load("select")
    c = np.array([1.0, 0.0])
    assert list(select.forward(c, np.array([1.0, NAN]), np.array([INF, 2.0]))) == [1.0, 2.0]
    g = np.array([INF, NAN])
    assert select.vjp("b")(g, c, np.array([1.0, NAN]), np.array([NAN, 2.0]))[0] == 0.0
    assert select.vjp("a")(g, c, np.array([1.0, NAN]), np.array([NAN, 2.0]))[1] == 0.0


def test_quotients_do_not_overflow_on_the_way() -> None:
    div = kernels.load("div")
    a, b = np.float32(1e-20), np.float32(1e-23)
    assert div.vjp("y")(np.float32(1e-12), a, b) == pytest.approx(-1e14, rel=1e-5)
    assert div.partial("y")(a, b) == pytest.approx(-1e26, rel=1e-5)
    hypot = kernels.load("hypot")
    assert hypot.partial(0)(np.float32(3e30), np.float32(4e30)) == pytest.approx(0.6, rel=1e-6)
