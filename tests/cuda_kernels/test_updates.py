"""Optimizers on a GPU: the kernels compile as they should, and run thread by thread on a CPU they give its bits."""

from __future__ import annotations

import contextlib
import ctypes
import re
import shutil
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hasderiv.cuda_kernels import compile as cuda
from hasderiv.runtime.optim import device_code
from hasderiv.runtime.optim.program import Blocks, Row, program
from hasderiv.runtime.optim.rules import ARRAYS, NUMBERS, RULES

SHIM = """
#include <math.h>
#include <string.h>
#define __global__
struct Index { unsigned x, y; };
static Index blockIdx, threadIdx, blockDim, gridDim;
static double __longlong_as_double(long long i) { double f; memcpy(&f, &i, 8); return f; }
"""
DRIVER = """
extern "C" void drive(unsigned wide, unsigned high, unsigned threads, const long long *table, long long rows) {
  gridDim.x = wide; gridDim.y = high; blockDim.x = threads;
  for (blockIdx.y = 0; blockIdx.y < high; blockIdx.y++)
    for (blockIdx.x = 0; blockIdx.x < wide; blockIdx.x++)
      for (threadIdx.x = 0; threadIdx.x < threads; threadIdx.x++) hd_step(table, rows);
}
"""


class Array:
    """As much of a CuPy array as a launch looks at, around memory of the CPU."""

    def __init__(self, values: np.ndarray[Any, Any]) -> None:
        self.device: Any = contextlib.nullcontext()
        self.device.id, self.device.compute_capability = 0, "80"
        self.device.attributes = {"MultiProcessorCount": 1}
        self.values, self.size = values, values.size
        self.data = types.SimpleNamespace(ptr=values.ctypes.data)


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A C++ compiler in the place of NVRTC, and a loop over blocks and threads in the place of a launch."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("needs a C++ compiler")

    def compile_source(source: str, architecture: str, name: str) -> bytes:
        assert architecture == "sm_80"
        (tmp_path / "step.cpp").write_text(SHIM + source + DRIVER)
        command = [compiler, "-std=c++17", "-O1", "-ffp-contract=off", "-shared", "-fPIC", str(tmp_path / "step.cpp")]
        subprocess.run([*command, "-o", str(tmp_path / "step.so")], check=True)
        return (tmp_path / "step.so").read_bytes()

    class RawModule:
        def __init__(self, path: str) -> None:
            self.loaded = ctypes.CDLL(path)

        def get_function(self, name: str) -> Any:
            assert name == "hd_step"

            def launch(grid: tuple[int, int], block: tuple[int], given: tuple[Any, Any]) -> None:
                table, rows = given
                self.loaded.drive(*grid, *block, ctypes.c_void_p(table.values.ctypes.data), ctypes.c_int64(int(rows)))

            return launch

    fake = types.SimpleNamespace(RawModule=RawModule, asarray=Array)
    monkeypatch.setitem(sys.modules, "cupy", fake)  # type: ignore[arg-type]
    monkeypatch.setattr(cuda, "compile_source", compile_source)
    device_code._function.cache_clear()
    yield
    device_code._function.cache_clear()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_launch_gives_the_bits_of_the_cpu(rule: str, dtype: str) -> None:
    update = program(rule, True)
    rng = np.random.default_rng(0)
    numbers = tuple(rng.uniform(0.01, 0.99, len(NUMBERS[rule]) + 1))
    ours, theirs = [], []
    for size in (1, 0, 7, 255, 256, 257, 20_000):
        arrays = [np.abs(rng.normal(size=size)).astype(dtype) for _ in range(2 + len(ARRAYS[rule]))]
        arrays[1][::5] *= 1e-30
        copies = [a.copy() for a in arrays]
        out = np.empty_like(arrays[0]) if size % 2 else copies[0]
        ours.append(Row(np.empty_like(arrays[0]), tuple(arrays), numbers))
        theirs.append(Row(Array(out), tuple(map(Array, copies)), numbers))
    Blocks(update, np.dtype(dtype)).run(ours)
    device_code.compiled(update, np.dtype(dtype))(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(other.out.values, mine.out, strict=True)
        for a, b in zip(mine.arrays[1:], other.arrays[1:], strict=True):
            np.testing.assert_array_equal(b.values, a, strict=True)


@pytest.mark.skipif(not cuda.available(), reason="needs NVRTC (pip install nvidia-cuda-nvrtc) or nvcc")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", sorted(RULES))
def test_compiles_to_ieee_operations(rule: str, dtype: str) -> None:
    ptx = cuda.compile_source(device_code.text(program(rule, True), dtype), "compute_80").decode(errors="replace")
    assert ".entry hd_step" in ptx and not re.search(r"\bfma\.|\.ftz|\.approx|\bmin\.f|\bmax\.f", ptx)
