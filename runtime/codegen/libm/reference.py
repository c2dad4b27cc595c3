"""The reference of the sweeps against Arb: ``python -m hasderiv.runtime.codegen.libm.reference`` (needs python-flint).

A sweep believes the C library's functions of double.  Here they are compared with balls of 300 bits at random inputs of
all exponents, and at the input where the sweep found the largest error; the largest deviations are checked in.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import math
import sys
from typing import Any, Final

import numpy as np

from .catalogue import CORES
from .sweep import EVIDENCE, library

PRECISION: Final = 300  # bits: 128 for the largest argument of sin, and plenty behind
SAMPLES: Final = 1_000_000
ARB: Final = {"sigmoid": lambda x: 1 / (1 + (-x).exp()), "exp2": lambda x: (x * _flint().arb(2).log()).exp()}
BASES: Final = {"log2": 2, "log10": 10}


def _flint() -> Any:
    import flint

    return flint


def exact(name: str, x: float) -> Any:
    """The function at a float as a ball."""
    flint = _flint()
    flint.ctx.prec = PRECISION
    if name in ARB:
        return ARB[name](flint.arb(x))
    if name == "cbrt":
        return flint.arb(abs(x)).root(3) * (1 if x > 0 else -1)
    if name in BASES:
        return flint.arb(x).log() / flint.arb(BASES[name]).log()
    return getattr(flint.arb(x), name)()


def reference(name: str, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """What the sweep takes for the truth at float32 inputs."""
    return _call(name, "reference", x, np.float64)


def compute(name: str, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The core, compiled."""
    return _call(name, "compute", x, np.float32)


def _call(name: str, function: str, x: np.ndarray[Any, Any], dtype: Any) -> np.ndarray[Any, Any]:
    x = np.ascontiguousarray(x, np.float32)
    out = np.empty(x.shape, dtype)
    library(name)[function](ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(out.ctypes.data), ctypes.c_int(x.size))
    return out


def unit(x: float) -> float:
    """The unit in the last place of float32 at a number: 2^(e-23), for subnormals 2^-149."""
    exponent = max(math.frexp(x)[1] - 1, -126) if x else -126
    return 2.0 ** (exponent - 23)


def deviation(name: str, x: float, value: float) -> float:
    """How far ``value`` is from the function at ``x``, in float32 units."""
    return float(abs(exact(name, x) - value).upper()) / unit(value)


def largest_deviation(name: str, samples: int, seed: int = 0) -> tuple[float, int]:
    """The largest deviation of the reference at random inputs where it is within float32's range, and their number."""
    x = np.random.default_rng(seed).integers(0, 1 << 32, samples, np.uint32).view(np.float32)
    r = reference(name, x)
    with np.errstate(invalid="ignore"):
        kept = (np.abs(r) < 2.0**128) & (np.abs(r) > 2.0**-150)
    found = [deviation(name, float(a), float(b)) for a, b in zip(x[kept], r[kept], strict=True)]
    return max(found), len(found)


def main(arguments: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="reference", description="Compare the reference of the sweeps with Arb.")
    parser.add_argument("name", nargs="*", help="all by default")
    parser.add_argument("--samples", type=int, default=SAMPLES)
    options = parser.parse_args(arguments)
    target = EVIDENCE / "reference.json"
    found = json.loads(target.read_text(encoding="utf-8")) if target.exists() else {}
    for name in options.name or CORES:
        worst, count = largest_deviation(name, options.samples)
        at = float.fromhex(json.loads((EVIDENCE / f"{name}.float32.json").read_text(encoding="utf-8"))["at"])
        there = deviation(name, at, float(compute(name, np.array([at], np.float32))[0]))
        found[name] = {"samples": count, "largest_deviation_ulp": worst, "core_at_its_worst_ulp": round(there, 6)}
        print(f"{name}: {found[name]}", flush=True)
        ordered = {known: found[known] for known in CORES if known in found}
        target.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
