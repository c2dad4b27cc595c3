"""Generated kernels on whole arrays: blocks, strides, broadcasting, dtypes, ``out=``, and silence."""

from __future__ import annotations

import threading
import warnings
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime import blocks, kernels
from hasderiv.runtime.errors import DTypeError, ShapeError

REQUIRED = {"c": 2.5, "lo": -0.5, "hi": 1.25, "eps": 0.125}
NAMES = kernels.names()


def given(op: kernels.OpKernels) -> dict[str, float]:
    return {n: REQUIRED[n] for n, v in op.params.items() if v is None}


def sample(op: kernels.OpKernels, shape: tuple[int, ...], dtype: Any = np.float32) -> list[np.ndarray[Any, Any]]:
    rng = np.random.default_rng(3)
    return [rng.normal(size=shape).astype(dtype) for _ in op.inputs]


@pytest.mark.parametrize("name", NAMES)
def test_blocks_strides_and_small_arrays_give_the_same_bits(name: str) -> None:
    op = kernels.load(name)
    size = blocks.BLOCK + 1003
    arrays = sample(op, (size,))
    for key in ("forward", f"partial_{op.inputs[0]}"):
        routine = op.routine(key)
        whole = routine(*arrays, **given(op))
        assert whole.shape == (size,) and whole.dtype == np.float32
        pieces = np.concatenate([routine(*(a[i : i + 700] for a in arrays), **given(op)) for i in range(0, size, 700)])
        strided = routine(*(np.repeat(a, 2)[::2] for a in arrays), **given(op))
        np.testing.assert_array_equal(whole, strided)
        # NumPy's own elementary functions may treat the last few numbers of an array differently
        np.testing.assert_allclose(whole, pieces, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_zero_size_and_zero_dimensions(name: str) -> None:
    op = kernels.load(name)
    for key in ("forward", f"partial_{op.inputs[0]}"):
        routine = op.routine(key)
        assert routine(*sample(op, (0, 3)), **given(op)).shape == (0, 3)
        single = routine(*(a[()] for a in sample(op, ())), **given(op))
        assert np.shape(single) == () and single.dtype == np.float32
        assert isinstance(routine(*(0.5 for _ in op.inputs), **given(op)), np.float64)


@pytest.mark.parametrize("name", NAMES)
def test_half_precision_is_computed_in_float32(name: str) -> None:
    op = kernels.load(name)
    halves = sample(op, (3000,), np.float16)
    routine = op.routine(f"partial_{op.inputs[0]}")
    got = routine(*halves, **given(op))
    with np.errstate(over="ignore"):
        wanted = routine(*(a.astype(np.float32) for a in halves), **given(op)).astype(np.float16)
    assert got.dtype == np.float16
    np.testing.assert_array_equal(got, wanted)


def test_bfloat16() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = np.linspace(-3, 3, 50).astype(ml_dtypes.bfloat16)
    got = kernels.load("tanh").forward(x)
    assert got.dtype == x.dtype
    np.testing.assert_array_equal(got, np.tanh(x.astype(np.float32)).astype(ml_dtypes.bfloat16))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_reported_and_nothing_raised(name: str) -> None:
    """Overflow, invalid operations and divisions inside a kernel are its own business."""
    op = kernels.load(name)
    odd = np.array([0, -0.0, 1, -1, 1e30, -1e30, np.inf, -np.inf, np.nan, 1e-45, 3, -3, 6, 0.5], np.float32)
    grid = np.meshgrid(*[odd] * len(op.inputs))
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        for key in ("forward", *(f"partial_{n}" for n in (*op.inputs, *op.params))):
            op.routine(key)(*grid, **given(op))
        for n in op.inputs:
            op.vjp(n)(np.full_like(grid[0], 3e38), *grid, **given(op))
        assert np.geterr()["over"] == "raise"


def test_broadcasting_of_inputs_and_parameters() -> None:
    hypot, elu = kernels.load("hypot"), kernels.load("elu")
    a, b = np.ones((3, 1), np.float32), np.arange(4, dtype=np.float32)
    np.testing.assert_allclose(hypot.forward(a, b), np.hypot(a, b), rtol=1e-6)
    np.testing.assert_allclose(hypot.forward(a, 2.0), np.hypot(a, np.float32(2)), rtol=1e-6)
    alphas = np.array([0.5, 1.0, 2.0, 4.0], np.float32)
    x = np.full((2, 4), -1, np.float32)
    np.testing.assert_allclose(elu.forward(x, alpha=alphas), np.expm1(x) * alphas, rtol=1e-6)
    np.testing.assert_allclose(elu.param_partial("alpha")(x, alpha=alphas), np.expm1(x), rtol=1e-6)
    assert elu.forward(x, alpha=np.float64(2)).dtype == np.float32
    with pytest.raises(ShapeError, match="broadcast"):
        hypot.forward(np.ones(3), np.ones(4))


def test_dtypes_are_checked() -> None:
    tanh, hypot, elu = (kernels.load(n) for n in ("tanh", "hypot", "elu"))
    for bad in (np.arange(3), np.array([True]), [1.0, 2.0], "x", True):
        with pytest.raises(DTypeError):
            tanh.forward(bad)
    with pytest.raises(DTypeError, match="complex"):
        tanh.forward(np.array([1j]))
    with pytest.raises(DTypeError, match="nothing is cast in silence"):
        hypot.forward(np.ones(2, np.float32), np.ones(2))
    with pytest.raises(DTypeError, match="alpha"):
        elu.forward(np.ones(2), alpha="1")
    with pytest.raises(DTypeError):
        elu.forward(np.ones(2, np.float32), alpha=np.ones(2, int))
    with pytest.raises(TypeError, match="no parameter beta; it has alpha"):
        elu.forward(np.ones(2), beta=1)
    with pytest.raises(TypeError, match="needs the parameter c"):
        kernels.load("scale").forward(np.ones(2))
    with pytest.raises(TypeError, match="takes 2 arrays"):
        hypot.forward(np.ones(2))


@pytest.mark.parametrize("size", [5, blocks.BLOCK + 77])
def test_out_may_be_an_operand_or_overlap_one(size: int) -> None:
    silu = kernels.load("silu")
    x = np.random.default_rng(0).normal(size=size + 1).astype(np.float32)
    wanted = silu.partial(0)(x)
    same = x.copy()
    assert silu.partial(0)(same, out=same) is same
    np.testing.assert_array_equal(same, wanted)
    shifted = x.copy()
    silu.partial(0)(shifted[:-1], out=shifted[1:])
    np.testing.assert_allclose(shifted[1:], wanted[:-1], rtol=1e-6)
    backwards = x.copy()
    silu.partial(0)(backwards[::-1], out=backwards)
    np.testing.assert_allclose(backwards, wanted[::-1], rtol=1e-6)
    columns = np.zeros((x.size, 2), np.float32)
    silu.partial(0)(x, out=columns[:, 1])
    np.testing.assert_array_equal(columns, np.stack([np.zeros_like(x), wanted], 1))


def test_out_is_checked() -> None:
    tanh = kernels.load("tanh")
    with pytest.raises(ShapeError, match=r"out= has shape \(3,\)"):
        tanh.forward(np.ones(2), out=np.empty(3))
    with pytest.raises(DTypeError, match="out= has dtype float32"):
        tanh.forward(np.ones(2), out=np.empty(2, np.float32))
    with pytest.raises(DTypeError, match="out= must be an array"):
        tanh.forward(np.ones(2), out=[0, 0])


def test_inputs_are_left_alone() -> None:
    for name in NAMES:
        op = kernels.load(name)
        arrays = sample(op, (blocks.SMALL + 5,))
        for a in arrays:
            a.flags.writeable = False
        op.routine(f"second_{op.inputs[0]}_{op.inputs[0]}")(*arrays, **given(op))


def test_threads_have_buffers_of_their_own() -> None:
    gelu = kernels.load("gelu")
    x = np.random.default_rng(0).normal(size=3 * blocks.BLOCK).astype(np.float32)
    wanted = gelu.partial(0)(x)
    results: list[Any] = [None] * 4

    def work(i: int) -> None:
        results[i] = [gelu.partial(0)(x) for _ in range(3)]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for got in results:
        for g in got:
            np.testing.assert_array_equal(g, wanted)
