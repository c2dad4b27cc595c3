"""The bits of the ops on a GPU: `python benchmarks/gpu_op_bits.py [--write] [OP ...]` (needs CuPy and a GPU).

Value and derivative of every op of one input run on the GPU over all 2^32 float32 numbers, and the hash of what comes
out is compared with the one that `hasderiv sweep` left in `proofs/evidence/kernels`.  Copying results back and hashing
them takes most of the time: about 17 GB a routine.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from machine import describe
from report import save

from hasderiv.sweeping import engine, evidence
from hasderiv.sweeping.measure import TOTAL

SIZE = TOTAL // engine.STRETCHES
QUIET_NAN = np.uint32(0x7FC00000)


def digest(cupy: Any, routine: Any, given: dict[str, float], first: int) -> str:
    """The sha256 of the results on one stretch, all NaN alike; as :func:`hasderiv.sweeping.measure.measure` has it."""
    x = (cupy.arange(SIZE, dtype=np.uint32) + np.uint32(first)).view(np.float32)
    y = routine(x, **given)
    bits = cupy.where(cupy.isnan(y), QUIET_NAN, y.view(np.uint32))
    return hashlib.sha256(cupy.asnumpy(bits)).hexdigest()


def hash_on_gpu(cupy: Any, name: str, what: str) -> str:
    """The hash of all results of a routine."""
    from hasderiv.cuda_kernels import load

    op, given = load(name), evidence.parameters(name)
    routine = op.routine(evidence.keys(name)[what])
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda first: digest(cupy, routine, given, first), range(0, TOTAL, SIZE))
        return engine.combined(list(found))


def main() -> int:
    """Print a line for each routine; the exit status is 1 where a bit differs."""
    import cupy

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ops", nargs="*", metavar="OP")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    rows, different = [], 0
    for name in args.ops or evidence.unary():
        known = evidence.read(name)
        if known is None or evidence.stale(name):
            raise SystemExit(f"{name}: the evidence is stale; run `hasderiv sweep {name} --write`")
        for what, r in known["routines"].items():
            if r["stride"] != 1:
                raise SystemExit(f"{name}: the evidence is not of all inputs; run `hasderiv sweep {name} --write`")
            start = time.perf_counter()
            same = hash_on_gpu(cupy, name, what) == r["bits"]
            different += not same
            rows.append([name, what, "the same" if same else "DIFFERENT", f"{time.perf_counter() - start:.1f} s"])
            print(*rows[-1], flush=True)
    gpu = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)["name"].decode()
    data = {"machine": describe(), "notes": [gpu], "rows": rows}
    save(
        "gpu_op_bits",
        "Bits of all 2^32 results, GPU and CPU",
        data,
        ["op", "routine", "bits", "time"],
        rows,
        args.write,
    )
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
