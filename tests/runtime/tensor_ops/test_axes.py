"""The operations over axes and shapes agree with their index formulas: value, JVP, VJP, second derivatives, devices."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime.tensor_ops import attention, convolution

import hasderiv as hd

from .. import fake_cupy
from .axes_cases import CASES, Case
from .formulas import jacobian

EVERY_CASE = pytest.mark.parametrize("case", CASES, ids=repr)


def _same(case: Case, ours: Any, theirs: Any) -> None:
    ours = np.asarray(ours)
    assert ours.shape == theirs.shape and ours.dtype == np.float64
    if case.exact:
        np.testing.assert_array_equal(ours, theirs)
    else:
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def _around(case: Case, seed: int = 0) -> tuple[list[Any], Any]:
    """Random tangents and a random cotangent, small integers as well."""
    rng = np.random.default_rng(seed)
    shape = case.fast(*case.operands).shape
    return [rng.integers(-4, 5, a.shape).astype(float) for a in case.operands], rng.integers(-4, 5, shape).astype(float)


@EVERY_CASE
def test_value_jvp_and_vjp_are_those_of_the_formula(case: Case) -> None:
    """All operands at once, and one at a time."""
    values, slopes = jacobian(case.formula, case.operands)
    tangents, g = _around(case)
    operands = [hd.tensor(a) for a in case.operands]
    _same(case, case.fast(*operands), values)
    y, back = hd.vjp(case.fast, tuple(operands))
    cotangents = back(hd.tensor(g))
    _same(case, y, values)
    wanted = []
    for i, (a, slope) in enumerate(zip(case.operands, slopes, strict=True)):
        wanted.append((slope @ tangents[i].ravel()).reshape(values.shape))
        _same(case, cotangents[i], (slope.T @ g.ravel()).reshape(a.shape))
        alone = hd.vjp(lambda x, i=i: case.fast(*operands[:i], x, *operands[i + 1 :]), operands[i])[1]
        _same(case, alone(hd.tensor(g)), (slope.T @ g.ravel()).reshape(a.shape))
        one = [None] * i + [tangents[i]] + [None] * (len(operands) - i - 1)
        _same(case, hd.jvp(case.fast, tuple(operands), tuple(one))[1], wanted[-1])
    _same(case, hd.jvp(case.fast, tuple(operands), tuple(tangents))[1], sum(wanted))


@pytest.mark.parametrize("bound", [1, 150])
@pytest.mark.parametrize("case", [c for c in CASES if "conv" in c.name or "attention" in c.name], ids=repr)
def test_work_in_small_parts_gives_the_same(case: Case, bound: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sample at a time or two, and the weights of attention computed again instead of saved."""
    monkeypatch.setattr(convolution, "_COLUMNS_CPU", bound)
    monkeypatch.setattr(attention, "_SCORES_CPU", bound)
    monkeypatch.setattr(attention, "_SAVED", 0)
    test_value_jvp_and_vjp_are_those_of_the_formula(case)


@EVERY_CASE
def test_compiled_runs_have_the_same_bits(case: Case) -> None:
    tangents, g = _around(case)
    xs, dxs = tuple(hd.tensor(a) for a in case.operands), tuple(hd.tensor(t) for t in tangents)
    compiled = hd.compile(case.fast, *case.operands)
    y, back = hd.vjp(case.fast, xs)
    value, cotangents = compiled.vjp(xs, hd.tensor(g))
    pairs = [(y, compiled.forward(xs)), (y, value), *zip(back(hd.tensor(g)), cotangents, strict=True)]
    pairs.append((hd.jvp(case.fast, xs, dxs)[1], compiled.jvp(xs, dxs)[1]))
    for eager, ours in pairs:
        assert np.asarray(eager).tobytes() == np.asarray(ours).tobytes()


@EVERY_CASE
def test_adjointness(case: Case) -> None:
    rng = np.random.default_rng(1)
    tangents = [rng.standard_normal(a.shape) for a in case.operands]
    operands = tuple(hd.tensor(a) for a in case.operands)
    y, slope = hd.jvp(case.fast, operands, tuple(tangents))
    g = rng.standard_normal(y.shape)
    cotangents = hd.vjp(case.fast, operands)[1](hd.tensor(g))
    forward = float(np.sum(g * np.asarray(slope)))
    reverse = float(sum(np.sum(dx * np.asarray(gx)) for dx, gx in zip(tangents, cotangents, strict=True)))
    assert forward == pytest.approx(reverse, rel=1e-11, abs=1e-11)


@EVERY_CASE
def test_second_derivatives(case: Case) -> None:
    """Forward over reverse, reverse over forward and reverse over reverse agree, and with a difference quotient."""
    tangents, g = _around(case, 2)
    operands = tuple(hd.tensor(a) for a in case.operands)
    dxs = tuple(hd.tensor(t) for t in tangents)
    seed = hd.tensor(g)

    def pulled(*xs: Any) -> tuple[Any, ...]:
        return hd.vjp(case.fast, xs)[1](seed)

    def pushed(*xs: Any) -> Any:
        return hd.jvp(case.fast, xs, dxs)[1]

    def paired(*xs: Any) -> Any:
        return sum((gx * dx).sum() for gx, dx in zip(pulled(*xs), dxs, strict=True))

    every = tuple(range(len(operands)))
    first = hd.jvp(pulled, operands, dxs)[1]
    second = hd.vjp(pushed, operands)[1](seed)
    third = hd.grad(paired, every)(*operands)
    h = 1e-5
    ahead = pulled(*[hd.tensor(a + h * t) for a, t in zip(case.operands, tangents, strict=True)])
    behind = pulled(*[hd.tensor(a - h * t) for a, t in zip(case.operands, tangents, strict=True)])
    for a, p, q, r, up, down in zip(case.operands, first, second, third, ahead, behind, strict=True):
        rough = (np.asarray(up) - np.asarray(down)) / (2 * h)
        size = max(1.0, np.abs(rough).max(initial=0))
        for found in (p, q, r):
            exact = np.zeros(a.shape) if found is None else np.asarray(found)
            np.testing.assert_allclose(exact, rough, rtol=0, atol=1e-6 * size)
            if p is not None:
                np.testing.assert_allclose(exact, np.asarray(p), rtol=1e-10, atol=1e-10 * size)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@EVERY_CASE
def test_narrow_types_are_near_and_keep_their_dtype(case: Case, dtype: str) -> None:
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    tolerance = {"float32": 1e-5, "float16": 2e-2, "bfloat16": 1e-1}[dtype]
    tangents, g = _around(case)
    narrow = [hd.tensor(a, dtype=dtype) for a in case.operands]
    wide = tuple(t.astype("float64") for t in narrow)
    if "batch_norm" in case.name:
        return  # its running statistics are float64 here; they have a test of their own
    y, back = hd.vjp(case.fast, tuple(narrow))
    value, pull = hd.vjp(case.fast, wide)
    slope = hd.jvp(case.fast, tuple(narrow), tuple(hd.tensor(t, dtype=dtype) for t in tangents))[1]
    wanted = hd.jvp(case.fast, wide, tuple(hd.tensor(t) for t in tangents))[1]
    pairs = [(y, value), (slope, wanted)]
    pairs += list(zip(back(hd.tensor(g, dtype=dtype)), pull(hd.tensor(g)), strict=True))
    for ours, theirs in pairs:
        assert ours.dtype.name == dtype
        size = max(1.0, np.abs(np.asarray(theirs)).max(initial=0))
        np.testing.assert_allclose(
            np.asarray(ours.astype("float64")), np.asarray(theirs), rtol=0, atol=tolerance * size
        )


@EVERY_CASE
def test_device_arrays(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for CuPy: the same code, nothing moved or mixed in silence."""
    monkeypatch.setitem(sys.modules, "cupy", fake_cupy.module())
    import hasderiv.cuda_kernels
    from hasderiv.runtime import kernels

    monkeypatch.setattr(hasderiv.cuda_kernels, "load", lambda name: fake_cupy.Kernels(kernels.load(name)))
    monkeypatch.setattr(hd.ops, "_loaded", {})
    if "batch_norm" in case.name:
        return  # its running statistics are on the CPU here; they have a test of their own
    tangents, g = _around(case)
    there = tuple(hd.tensor(a, device="cuda") for a in case.operands)
    here = tuple(hd.tensor(a) for a in case.operands)
    y, back = hd.vjp(case.fast, there)
    value, pull = hd.vjp(case.fast, here)
    slope = hd.jvp(case.fast, there, tuple(hd.tensor(t, device="cuda") for t in tangents))[1]
    wanted = hd.jvp(case.fast, here, tuple(hd.tensor(t) for t in tangents))[1]
    pairs = [(y, value), (slope, wanted), *zip(back(hd.tensor(g, device="cuda")), pull(hd.tensor(g)), strict=True)]
    for ours, theirs in pairs:
        assert ours.device == "cuda"
        np.testing.assert_allclose(np.asarray(ours.cpu()), np.asarray(theirs), rtol=1e-14, atol=1e-14)
