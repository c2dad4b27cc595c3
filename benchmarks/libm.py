"""Our elementary functions, element by element: as NumPy code, as C, and NumPy's own.

    python benchmarks/libm.py [--write]

One block of 32,768 numbers between 0 and 1 (between 1 and 2 for acosh) that stays in the cache, one thread; variants
take turns and the minimum over rounds counts, in nanoseconds an element.
"""

from __future__ import annotations

import argparse
import ctypes
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from hasderiv.runtime.codegen.libm.catalogue import CORES, core
from hasderiv.runtime.codegen.libm.evaluate import BLOCK, compiled
from hasderiv.runtime.codegen.libm.sweep import shared_library
from machine import describe
from report import save

NUMPY_NAMES = {"atan": "arctan", "asin": "arcsin", "acos": "arccos", "asinh": "arcsinh"}
NUMPY_NAMES |= {"acosh": "arccosh", "atanh": "arctanh"}


def variants(name: str) -> dict[str, Callable[[], Any]]:
    """The three ways, each a call on the same block."""
    x = np.random.default_rng(0).uniform(0.01, 0.99, BLOCK).astype(np.float32) + np.float32(name == "acosh")
    out = np.empty_like(x)
    function, printed = compiled(name)
    single, double = np.empty((printed.single, BLOCK), np.float32), np.empty((printed.double, BLOCK))
    truth = np.empty((printed.truth, BLOCK), np.bool_)
    buffers = (single, single.view(np.uint32), double, double.view(np.uint64), truth)
    compute = shared_library(name).compute
    pointers = ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(out.ctypes.data), ctypes.c_int(BLOCK)
    found = {"op list": lambda: function(x, out, *buffers), "C": lambda: compute(*pointers)}
    own = getattr(np, NUMPY_NAMES.get(name, name), None)
    return found if own is None else {**found, "NumPy": lambda: own(x, out)}


def measure(turns: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Least nanoseconds an element."""
    least = dict.fromkeys(turns, float("inf"))
    for _ in range(rounds):
        for variant, turn in turns.items():
            start = time.perf_counter()
            turn()
            least[variant] = min(least[variant], (time.perf_counter() - start) / BLOCK * 1e9)
    return least


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/libm.{json,md}")
    arguments = parser.parse_args()
    results = {name: measure(variants(name), arguments.rounds) for name in CORES}
    rows = []
    for name, found in results.items():
        own = found.get("NumPy")
        times = [f"{found['op list']:.2f}", f"{found['C']:.2f}", "" if own is None else f"{own:.2f}"]
        rows.append([name, str(core(name).length), *times, "" if own is None else f"{found['op list'] / own:.0f}"])
    head = ("function", "operations", "op list in NumPy", "op list in C", "NumPy's own", "op list / own, in NumPy")
    data = {"machine": describe(), "nanoseconds": results}
    save("libm", "Elementary functions in float32, ns an element", data, head, rows, arguments.write)
    return 0


if __name__ == "__main__":
    sys.exit(main())
