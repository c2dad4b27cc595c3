"""The loops of ``hasderiv.cuh`` run thread by thread on a CPU: vectors, tails, strides, broadcast values.

A few macros stand in for CUDA, and a C++ compiler builds the same .cu file that a GPU runs.  Half precision is left
out: its conversions are instructions of the GPU.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime import kernels

CUDA = Path(__file__).resolve().parents[2] / "cuda_kernels"
SHIM = """
#include <math.h>
#include <string.h>
#define __CUDACC__
#define __device__
#define __global__
#define __forceinline__ inline
#define asm(...)
struct Index { unsigned x; };
static Index blockIdx, threadIdx, blockDim, gridDim;
static float __int_as_float(int i) { float f; memcpy(&f, &i, 4); return f; }
static double __longlong_as_double(long long i) { double f; memcpy(&f, &i, 8); return f; }
static unsigned __float_as_uint(float f) { unsigned i; memcpy(&i, &f, 4); return i; }
static float __uint_as_float(unsigned i) { float f; memcpy(&f, &i, 4); return f; }
static long long __double_as_longlong(double f) { long long i; memcpy(&i, &f, 8); return i; }
#include "generated/hypot.cu"
#define LAUNCH(call) do { gridDim.x = blocks; blockDim.x = threads; \\
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++) \\
        for (threadIdx.x = 0; threadIdx.x < threads; threadIdx.x++) call; } while (0)
#define DRIVE(suffix, T) \\
extern "C" void contiguous_##suffix(unsigned blocks, unsigned threads, const T *x, T xv, const T *y, T yv, T *out, \\
                                    long long n) \\
{ LAUNCH((hd_hypot_forward_##suffix(x, xv, y, yv, out, n))); } \\
extern "C" void strided_##suffix(unsigned blocks, unsigned threads, const T *x, T xv, const T *y, T yv, T *out, \\
                                 long long n, const long long *layout) \\
{ LAUNCH((hd_hypot_forward_strided_##suffix(x, xv, y, yv, out, n, layout))); }
DRIVE(f32, float)
DRIVE(f64, double)
"""
KINDS = {"f32": (np.float32, ctypes.c_float), "f64": (np.float64, ctypes.c_double)}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("needs a C++ compiler")
    folder = tmp_path_factory.mktemp("loops")
    (folder / "loops.cpp").write_text(SHIM)
    command = [compiler, "-std=c++17", "-O1", "-w", "-ffp-contract=off", "-shared", "-fPIC", "-I", str(CUDA)]
    done = subprocess.run(
        [*command, str(folder / "loops.cpp"), "-o", str(folder / "loops.so")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[:3000]
    return ctypes.CDLL(str(folder / "loops.so"))


def aligned(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A copy that begins at a multiple of 16 bytes."""
    room = np.empty(values.nbytes + 16, np.uint8)
    start = -room.ctypes.data % 16
    copy = room[start : start + values.nbytes].view(values.dtype).reshape(values.shape)
    copy[...] = values
    return copy


def pointer(a: np.ndarray[Any, Any] | None) -> ctypes.c_void_p:
    return ctypes.c_void_p(None if a is None else a.ctypes.data)


@pytest.mark.parametrize("suffix", sorted(KINDS))
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 7, 8, 63, 64, 1001])
@pytest.mark.parametrize(("blocks", "threads"), [(1, 1), (1, 32), (3, 7), (40, 32)])
def test_contiguous(library: ctypes.CDLL, suffix: str, n: int, blocks: int, threads: int) -> None:
    dtype, number = KINDS[suffix]
    rng = np.random.default_rng(n)
    x, y = (aligned(rng.normal(size=n).astype(dtype)) for _ in range(2))
    function = library[f"contiguous_{suffix}"]
    for left, right in ((x, y), (x, None), (None, y)):
        out = aligned(np.full(n, np.nan, dtype))
        function(
            blocks,
            threads,
            pointer(left),
            number(2.5),
            pointer(right),
            number(-0.5),
            pointer(out),
            ctypes.c_longlong(n),
        )
        wanted = np.hypot(dtype(2.5) if left is None else left, dtype(-0.5) if right is None else right)
        np.testing.assert_allclose(out, np.broadcast_to(wanted, n), rtol=1e-6)


@pytest.mark.parametrize("suffix", sorted(KINDS))
@pytest.mark.parametrize(("blocks", "threads"), [(1, 1), (2, 16)])
def test_strided(library: ctypes.CDLL, suffix: str, blocks: int, threads: int) -> None:
    dtype, number = KINDS[suffix]
    base = np.random.default_rng(0).normal(size=(6, 8, 10)).astype(dtype)
    cases = [
        (base[::2, ::-1, 1:4], base[1, :, 3:6]),
        (base.T, base.T),
        (base[:, :1, :], base[:1, :, 0:1]),
        (base[2, 3, 4], base),
    ]
    for x, y in cases:
        shape = np.broadcast_shapes(x.shape, y.shape)
        for out in (np.full(shape, np.nan, dtype), np.full(shape[::-1], np.nan, dtype).T):
            wide = [np.broadcast_to(a, shape) for a in (x, y)]
            numbers = [len(shape), *shape, *(s // a.itemsize for a in (*wide, out) for s in a.strides)]
            layout = np.array(numbers, np.int64)
            library[f"strided_{suffix}"](
                blocks, threads, pointer(wide[0]), number(0), pointer(wide[1]), number(0), pointer(out),
                ctypes.c_longlong(out.size), pointer(layout),
            )  # fmt: skip
            np.testing.assert_allclose(
                out, kernels.load("hypot").forward(*(np.ascontiguousarray(w) for w in wide)), rtol=1e-6
            )
