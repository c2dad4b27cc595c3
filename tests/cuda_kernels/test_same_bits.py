"""Every kernel in NumPy, in C and on the compiled path: the same bits for special values and random bit patterns.

The C is the body of the CUDA file, compiled by a C compiler of the machine.  All three are printed from one op list of
operations that are exact or correctly rounded.  Of a NaN neither sign nor payload count.
"""

from __future__ import annotations

import ctypes
import itertools
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime import kernels

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


def differing(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Where the bits of two arrays differ and not both are NaN."""
    word = f"u{a.dtype.itemsize}"
    return (a.view(word) != b.view(word)) & ~(np.isnan(a) & np.isnan(b))


@pytest.mark.parametrize("name", kernels.names())
def test_numpy_c_and_the_compiled_path_agree(library: ctypes.CDLL, name: str) -> None:
    op = kernels.load(name)
    for key in c_library.printed(op):
        for dtype in ("float32", "float64"):
            arrays = points(op, key, dtype)
            ours = np.empty_like(arrays[0])
            with np.errstate(all="raise"):
                kernels.run(name, op._routines[key], arrays, len(arrays), ours)
            others = {"C": c_library.call(library, op, key, arrays)}
            ufunc = op.ufunc(key, len(arrays))
            if ufunc is not None:
                with np.errstate(all="raise"):
                    others["LLVM"] = ufunc(*arrays)
            for language, theirs in others.items():
                wrong = differing(ours, theirs)
                at = int(np.argmax(wrong))
                assert not wrong.any(), (
                    f"{name} {key} {dtype} at {[a[at] for a in arrays]}: NumPy {ours[at]!r}, {language} {theirs[at]!r}"
                )
