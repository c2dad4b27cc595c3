"""The body of every CUDA kernel, compiled as C, against the NumPy kernel: special values and random bit patterns.

Both print the same op list, so a routine of basic operations gives the same bits.  Elementary functions are the C
library's here and NumPy's there, and differ by up to 4 ULP each.  What that may do to the result is found by disturbing
each of them by as much, and every rounding by 1 ULP, in the interpreter, eight times at random; the results may differ
by twice the largest effect seen.
"""

from __future__ import annotations

import ctypes
import itertools
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime import kernels
from hasderiv.runtime.codegen import functions
from hasderiv.runtime.codegen.elementary import TABLE
from hasderiv.runtime.codegen.interpret import interpret
from hasderiv.runtime.codegen.sources import from_spec
from hasderiv.runtime.codegen.ssa import Routine
from hasderiv.spec import OPS

from . import c_library

pytestmark = pytest.mark.skipif(c_library.compiler() is None, reason="needs a C compiler")
PARAMETERS = {"c": 2.5, "lo": -0.5, "hi": 1.25, "eps": 0.125}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return c_library.build(tmp_path_factory.mktemp("kernels"))


def special(dtype: str) -> np.ndarray[Any, Any]:
    info = np.finfo(dtype)
    tiny = [info.smallest_subnormal, info.tiny, info.max, np.inf]
    kinks = [0.0, 0.5, 1.0, 3.0, 6.0, 1.25]
    near = [np.nextafter(np.asarray(k, dtype), np.asarray(e, dtype)) for k in kinks for e in (-np.inf, np.inf)]
    positive = np.array([*kinks, *near, *tiny, 0.1, 2.0, 10.0, 90.0, 1e10], dtype)
    return np.concatenate([positive, -positive, np.array([np.nan], dtype)])


def points(op: kernels.OpKernels, key: str, dtype: str) -> list[np.ndarray[Any, Any]]:
    """Arrays for each argument: every pair of special values, random bit patterns, moderate numbers."""
    count = len(c_library.arguments(op, key)) - len(op.params)
    rng = np.random.default_rng(1)
    values = special(dtype)
    if count == 1:
        grid = [values]
    else:
        pairs = np.array(list(itertools.product(values, repeat=2)), dtype)
        grid = [pairs[:, 0], pairs[:, 1]] + [
            np.ascontiguousarray(rng.permutation(pairs[:, 0])) for _ in range(count - 2)
        ]
    bits = np.dtype(dtype).itemsize
    columns = []
    for i in range(count):
        patterns = rng.integers(0, 2 ** (8 * bits), 2000, dtype=f"u{bits}").view(dtype)
        columns.append(np.concatenate([grid[i], patterns, (rng.normal(size=2000) * 3).astype(dtype)]))
    fixed = [np.full(columns[0].shape, PARAMETERS.get(n, 1.5 if v is None else v), dtype) for n, v in op.params.items()]
    return [np.ascontiguousarray(c) for c in columns] + fixed


def distance(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Distance in ULP; NaN matches NaN only, and an infinity counts as the number after the largest."""
    kind = np.dtype(f"i{a.dtype.itemsize}")
    lowest = np.iinfo(kind).min
    steps = []
    for v in (a, b):
        bits = v.view(kind)
        steps.append(np.where(bits < 0, lowest - bits, bits).astype(float if a.dtype == np.float32 else np.longdouble))
    gap = np.abs(steps[0] - steps[1])
    nan = np.isnan(a) | np.isnan(b)
    return np.where(nan, np.where(np.isnan(a) & np.isnan(b), 0, np.inf), gap)


def effect(routine: Routine, arrays: list[np.ndarray[Any, Any]], dtype: str) -> np.ndarray[Any, Any]:
    """How far the result moves when every elementary function is off by 4 ULP; 0 where no such function is called."""
    given = dict(zip(routine.arguments, arrays, strict=True))
    if all(op.name != "call" or TABLE[str(op.data)].exact for op in routine.ops):
        return np.zeros(arrays[0].shape)
    rng = np.random.default_rng(2)
    eps = np.finfo(dtype).eps

    def disturb(v: Any, ulps: int) -> Any:
        signs = rng.choice(np.array([-ulps, ulps], dtype), size=np.shape(v))
        return v + signs * np.maximum(np.abs(v) * eps, np.finfo(dtype).smallest_subnormal)

    base = interpret(routine, given, dtype)
    with np.errstate(all="ignore"):
        moved = [np.abs(interpret(routine, given, dtype, disturb).astype(float) - base.astype(float)) for _ in range(8)]
        largest = np.max(np.where(np.isnan(moved), np.inf, moved), axis=0)
        return 2 * largest + 4 * np.spacing(np.abs(base)).astype(float)


@pytest.mark.parametrize("name", kernels.names())
def test_c_agrees_with_numpy(library: ctypes.CDLL, name: str) -> None:
    op = kernels.load(name)
    routines = functions.routines(from_spec(OPS[name]))
    for key in c_library.printed(op):
        for dtype in ("float32", "float64"):
            arrays = points(op, key, dtype)
            ours = np.empty_like(arrays[0])
            with np.errstate(all="raise"):
                kernels.run(name, op._routines[key], arrays, len(arrays), ours)
            theirs = c_library.call(library, op, key, arrays)
            gap = distance(ours, theirs)
            allowed = effect(routines[key], arrays, dtype)
            with np.errstate(all="ignore"):
                difference = np.abs(ours.astype(float) - theirs.astype(float))
            wrong = (gap > (4 if allowed.any() else 0)) & ~(difference <= allowed) & ~np.isinf(allowed)
            worst = int(np.argmax(np.where(wrong, gap, -1)))
            at = [a[worst] for a in arrays]
            assert not wrong.any(), (
                f"{name} {key} {dtype}: {gap[worst]} ULP at {at}: NumPy {ours[worst]}, C {theirs[worst]}"
            )
