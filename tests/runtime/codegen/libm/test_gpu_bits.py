"""The kernel that hashes outputs on a GPU, run thread by thread on a CPU, and compiled for a GPU."""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
from hasderiv.cuda_kernels import compile as cuda
from hasderiv.runtime.codegen.libm.sweep import Shard, compiler, run

SCRIPT = Path(__file__).resolve().parents[4] / "benchmarks" / "gpu_bits.py"
SHIM = """
#include <math.h>
#include <string.h>
#define __CUDACC__
#define __device__
#define __global__
#define __forceinline__ inline
struct Index { unsigned x; };
static Index blockIdx, threadIdx, blockDim, gridDim;
static unsigned __float_as_uint(float x) { unsigned u; memcpy(&u, &x, 4); return u; }
static float __uint_as_float(unsigned u) { float x; memcpy(&x, &u, 4); return x; }
static void atomicAdd(unsigned long long *sum, unsigned long long x) { *sum += x; }
"""
DRIVER = """
typedef unsigned long long u64;
extern "C" u64 drive(unsigned blocks, unsigned threads, u64 first, u64 count) {
    u64 sum = 0;
    gridDim.x = blocks;
    blockDim.x = threads;
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++)
        for (threadIdx.x = 0; threadIdx.x < threads; threadIdx.x++) hash_outputs(first, count, &sum);
    return sum;
}
"""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_gpu_bits", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["exp", "sin", "log1p"])
def test_the_hash_is_that_of_the_sweep(script: ModuleType, name: str, tmp_path: Path) -> None:
    cxx = shutil.which("g++") or shutil.which("clang++")
    if cxx is None or compiler() is None:
        pytest.skip("needs a C and a C++ compiler")
    path = tmp_path / "kernel.cpp"
    path.write_text(SHIM + script.source(name) + DRIVER, encoding="utf-8")
    command = [cxx, "-std=c++17", "-O1", "-w", "-ffp-contract=off", "-shared", "-fPIC", str(path), "-o", f"{path}.so"]
    subprocess.run(command, check=True)
    library = ctypes.CDLL(f"{path}.so")
    library.drive.restype = ctypes.c_uint64
    library.drive.argtypes = (ctypes.c_uint, ctypes.c_uint, ctypes.c_uint64, ctypes.c_uint64)
    for first in (0, 0x3F000000, 0x7F7FFF00, 0xC2000000):
        assert library.drive(3, 32, first, 100_001) == run(name, Shard(first, 100_001)).hash


@pytest.mark.skipif(not cuda.available(), reason="needs NVRTC (pip install nvidia-cuda-nvrtc) or nvcc")
def test_it_compiles_for_a_gpu(script: ModuleType) -> None:
    ptx = cuda.compile_source(script.source("exp"), "compute_80", "exp.cu").decode(errors="replace")
    assert "hash_outputs" in ptx and "fma." not in ptx
