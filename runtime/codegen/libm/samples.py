"""A float64 core at random inputs: ``python -m hasderiv.runtime.codegen.libm.samples exp`` writes its evidence.

The reference is libquadmath, with 113 bits; so gcc is needed.  Beside the random inputs there are hard ones: powers of
two and their neighbours, the ends of the intervals, overflow and underflow.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import sys
import time
from functools import cache
from typing import Any, Final

import numpy as np

from . import coefficients64
from .catalogue import CORES, core
from .print_c import print_library, symbol
from .sweep import EVIDENCE, FLAGS, digest, files, reference, shared_object

COUNT: Final = 10_000_000
SHORT: Final = 20_000  # what tests rerun
MARKS: Final = (0.25, 0.34657359, 0.41421356, 0.5, 0.70710678, 1.0, 1.41421356, 2.41421356, 2.0**30, 2.0**60)
LIMITS: Final = (19.06, 22.0, 44.36, 64.0, 708.396418, 709.782713, 710.475860, 745.133219, 1022.0, 1023.99999, 1075.0)


class Result(ctypes.Structure):
    """The struct of ``samples.c``."""

    _fields_ = (
        ("worst", ctypes.c_double),
        ("failures", ctypes.c_uint64),
        ("hash", ctypes.c_uint64),
        ("worst_at", ctypes.c_double),
        ("failed_at", ctypes.c_double),
    )


def hard_inputs(name: str = "") -> np.ndarray[Any, Any]:
    """Where a core changes its ways or its result leaves the range, and for a derivative numbers beside its root.

    The nearest of those are left out: the reference cancels there, more than the core does; tests try them with more
    digits.
    """
    powers = np.array([(e << 52) + d for e in range(1, 2047) for d in (-1, 0, 1)], np.int64)
    words = np.array([*MARKS, *LIMITS]).view(np.int64)
    near = (words[:, None] + np.arange(-500, 501)).reshape(-1)
    wide = (words[:, None] + np.arange(-500, 501) * (1 << 24)).reshape(-1)
    edges = np.array([0, 1, 2, (1 << 52) - 1, 0x7FEFFFFFFFFFFFFF, 0x7FF0000000000000, 0x7FF8000000000000], np.int64)
    parts = [edges, powers, near, wide]
    if name.endswith("_derivative"):
        root = np.array(getattr(coefficients64, f"{name.removesuffix('_derivative').upper()}_ROOT")[0]).view(np.int64)
        parts += [root + np.arange(1, 501) * (1 << 24), root - np.arange(1, 501) * (1 << 24)]
    x = np.concatenate(parts).view(np.float64)
    return np.concatenate([x, -x])


def source(name: str) -> str:
    """The C file that is compiled for a core."""
    function = core(name, "float64")
    macros = f"#define CORE {symbol(function)}\n#define REFERENCE {reference(name)}q\n"
    return "\n".join([print_library([function]), macros, files("quad.c", "mix.c", "samples.c")])


@cache
def shared_library(name: str) -> ctypes.CDLL:
    """The compiled core, its reference and the comparison; raises where gcc or libquadmath is missing."""
    found = shared_object(source(name), *FLAGS, "-Wall", "-lquadmath")
    found.at_random.argtypes = (ctypes.c_uint64, ctypes.c_uint64, ctypes.POINTER(Result))
    found.at_inputs.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(Result))
    return found


def at_random(name: str, count: int, first: int = 0) -> Result:
    """A stretch of the random inputs."""
    found = Result()
    shared_library(name).at_random(first, count, ctypes.byref(found))
    return found


def at_inputs(name: str, x: np.ndarray[Any, Any]) -> Result:
    """Given inputs."""
    found = Result()
    x = np.ascontiguousarray(x, np.float64)
    shared_library(name).at_inputs(x.ctypes.data, x.size, ctypes.byref(found))
    return found


def record(name: str) -> dict[str, Any]:
    """The evidence as it is checked in."""
    start = time.perf_counter()
    anywhere, hard, short = (at_random(name, COUNT), at_inputs(name, hard_inputs(name)), at_random(name, SHORT))
    worst = max(anywhere, hard, key=lambda found: found.worst)
    return {
        "function": name,
        "dtype": "float64",
        "core": digest(name, "float64"),
        "operations": core(name, "float64").length,
        "random_inputs": COUNT,
        "hard_inputs": hard_inputs(name).size,
        "largest_error_ulp": round(worst.worst, 6),
        "at": float.hex(worst.worst_at),
        "failures": anywhere.failures + hard.failures,
        "output_hash": f"{(anywhere.hash + hard.hash) % (1 << 64):016x}",
        "sample": {"inputs": SHORT, "output_hash": f"{short.hash:016x}"},
        "reference": "libquadmath",
        "seconds": round(time.perf_counter() - start),
    }


def main(arguments: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="samples", description="Measure float64 cores at samples.")
    parser.add_argument("name", nargs="*", help="all by default")
    names = parser.parse_args(arguments).name or CORES
    if unknown := set(names) - set(CORES):
        parser.error(f"no such core: {', '.join(sorted(unknown))}")
    for name in names:
        found = record(name)
        print(
            f"{name}: {found['largest_error_ulp']} ULP, {found['failures']} failures, {found['seconds']} s", flush=True
        )
        EVIDENCE.mkdir(parents=True, exist_ok=True)
        (EVIDENCE / f"{name}.float64.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
