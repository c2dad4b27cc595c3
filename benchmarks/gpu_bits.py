"""The bits of the elementary functions on a GPU: `python benchmarks/gpu_bits.py` (needs CuPy and a GPU).

Every core runs over all 2^32 float32 inputs on the GPU, compiled as the kernels are (no contraction, no flushing of
subnormals), and the hash of its outputs is compared with the one that the sweep on the CPU left in the evidence.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from hasderiv.cuda_kernels.compile import compile_source
from hasderiv.runtime.codegen.libm.catalogue import CORES, core
from hasderiv.runtime.codegen.libm.print_c import print_library, symbol
from hasderiv.runtime.codegen.libm.sweep import EVIDENCE, INPUTS, digest

THREADS = 256
KERNEL = """
static __device__ __forceinline__ unsigned long long hd_mix(unsigned long long z) {  // splitmix64, as in sweep.c
    z += 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

// adds up the mixed (input, output) words of the inputs with the bits first, first + 1, ...: count of them
extern "C" __global__ void hash_outputs(unsigned long long first, unsigned long long count, unsigned long long *sum) {
    const unsigned long long step = (unsigned long long)gridDim.x * blockDim.x;
    unsigned long long total = 0;
    for (unsigned long long i = (unsigned long long)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
        const unsigned int in = (unsigned int)(first + i);
        const float y = CORE(hd_float(in));
        total += hd_mix((unsigned long long)in << 32 | (y == y ? hd_bits(y) : 0x7fc00000u));
    }
    atomicAdd(sum, total);
}
"""


def source(name: str) -> str:
    """The CUDA file of a core and the loop that hashes its outputs."""
    function = core(name)
    return f"{print_library([function])}\n#define CORE {symbol(function)}\n{KERNEL}"


def hash_on_gpu(cupy: Any, name: str) -> int:
    """The hash of all outputs, computed on the current device."""
    device = cupy.cuda.Device()
    cubin = compile_source(source(name), f"sm_{device.compute_capability}", f"{name}.cu")
    total = cupy.zeros(1, np.uint64)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "core.cubin")
        path.write_bytes(cubin)
        kernel = cupy.RawModule(path=str(path)).get_function("hash_outputs")
        blocks = device.attributes["MultiProcessorCount"] * 32
        kernel((blocks,), (THREADS,), (np.uint64(0), np.uint64(INPUTS), total))
    return int(total.get()[0])


def main() -> int:
    """Print a line for each core; the exit status is 1 where a bit differs."""
    import cupy

    different = 0
    for name in CORES:
        evidence = json.loads((EVIDENCE / f"{name}.float32.json").read_text(encoding="utf-8"))
        if evidence["core"] != digest(name):
            raise SystemExit(
                f"{name}: the evidence is stale; run `python -m hasderiv.runtime.codegen.libm.sweep {name}`"
            )
        start = time.perf_counter()
        found = f"{hash_on_gpu(cupy, name):016x}"
        same = found == evidence["output_hash"]
        different += not same
        verdict = "the same bits" if same else f"DIFFERENT: {found}, on the CPU {evidence['output_hash']}"
        print(f"{name}: {verdict}, {time.perf_counter() - start:.1f} s", flush=True)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
