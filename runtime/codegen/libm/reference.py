"""The reference of the sweeps against Arb: ``python -m hasderiv.runtime.codegen.libm.reference`` (needs python-flint).

A sweep believes the C library's functions of double.  Here they are compared with balls of 300 bits at random inputs of
all exponents, and at the input where the sweep found the largest error; the largest deviations are checked in.
Likewise for the functions of two arguments, at the random pairs of :mod:`.pairs`.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import math
import sys
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from . import pairs
from .catalogue import ALL, BINARY
from .sweep import EVIDENCE, shared_library

PRECISION: Final = 300  # bits: 128 for the largest argument of sin, and plenty behind
SAMPLES: Final = 1_000_000
Array = np.ndarray[Any, Any]
ARB: Final[dict[str, Callable[..., Any]]] = {
    "exp2": lambda x: (x * _flint().arb(2).log()).exp(),
    "exp_minus_square": lambda x: (-x * x).exp(),
    "exp_minus_half_square": lambda x: (-x * x / 2).exp(),
    "sinpi": lambda x: x.sin_pi(),
    "cospi": lambda x: x.cos_pi(),
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "softplus": lambda x: x.exp().log1p(),
    "sech_squared": lambda x: 1 / x.cosh() ** 2,
    "less_tanh": lambda x: x - x.tanh(),
    "erfc_over_root_2": lambda x: _half_erfc(x),
    "silu": lambda x: x / (1 + (-x).exp()),
    "silu_derivative": lambda x: _gate_derivative(x, 1, 0),
    "gelu": lambda x: x / (1 + (-(_gelu_linear() * x * (1 + _cubic() * x * x))).exp()),
    "gelu_derivative": lambda x: _gate_derivative(x, _gelu_linear(), _cubic()),
    "gelu_erf": lambda x: x / 2 * _half_erfc(-x),
    "gelu_erf_derivative": lambda x: _half_erfc(-x) / 2 + x * (-x * x / 2).exp() / (2 * _flint().arb.pi()).sqrt(),
    "mish": lambda x: x * x.exp().log1p().tanh(),
    "mish_derivative": lambda x: _mish_derivative(x),
    "pow": lambda x, y: abs(x) ** y * (-1 if x < 0 and y.fmpz() % 2 else 1),
    "hypot": lambda x, y: (x * x + y * y).sqrt(),
    "atan2": lambda y, x: _flint().arb.atan2(y, x),
}
BASES: Final = {"log2": 2, "log10": 10}


def _flint() -> Any:
    import flint

    return flint


def _half_erfc(x: Any) -> Any:
    return (x / _flint().arb(2).sqrt()).erfc()


def _gelu_linear() -> Any:
    return 2 * (2 / _flint().arb.pi()).sqrt()


def _cubic() -> Any:
    return _flint().arb(44715) / 1000000


def _gate_derivative(x: Any, linear: Any, cubic: Any) -> Any:
    """Of x s(v) with the logistic function s and v = linear x (1 + cubic x^2): s(v) + x v' s(v) s(-v)."""
    z = (-(linear * x * (1 + cubic * x * x))).exp()
    return 1 / (1 + z) + linear * x * (1 + 3 * cubic * x * x) * z / (1 + z) ** 2


def _mish_derivative(x: Any) -> Any:
    """Of x t with t = tanh(log(1 + e^x)): t + x (1 - t^2) s(x)."""
    t = x.exp().log1p().tanh()
    return t + x * (1 - t * t) / (1 + (-x).exp())


def exact(name: str, *arguments: float) -> Any:
    """The function at a float, or at two, as a ball."""
    flint = _flint()
    flint.ctx.prec = PRECISION
    if name in ARB:
        return ARB[name](*map(flint.arb, arguments))
    (x,) = arguments
    if name == "cbrt":
        return flint.arb(abs(x)).root(3) * (1 if x > 0 else -1)
    if name in BASES:
        return flint.arb(x).log() / flint.arb(BASES[name]).log()
    return getattr(flint.arb(x), name)()


def reference(name: str, *arrays: Array) -> Array:
    """What the sweep takes for the truth at float32 inputs."""
    return _call(name, "reference", arrays, np.float64)


def compute(name: str, *arrays: Array) -> Array:
    """The core, compiled."""
    return _call(name, "compute", arrays, np.float32)


def _call(name: str, function: str, arrays: tuple[Array, ...], dtype: Any) -> Array:
    arrays = tuple(np.ascontiguousarray(a, np.float32) for a in arrays)
    out = np.empty(arrays[0].shape, dtype)
    pointers = (ctypes.c_void_p(a.ctypes.data) for a in (*arrays, out))
    compiled = pairs.shared_library(name, "float32") if name in BINARY else shared_library(name)
    compiled[function](*pointers, ctypes.c_int(out.size))
    return out


def unit(x: float) -> float:
    """The unit in the last place of float32 at a number: 2^(e-23), for subnormals 2^-149."""
    exponent = max(math.frexp(x)[1] - 1, -126) if x else -126
    return 2.0 ** (exponent - 23)


def deviation(name: str, value: float, *arguments: float) -> float:
    """How far ``value`` is from the function at the arguments, in float32 units."""
    return float(abs(exact(name, *arguments) - value).upper()) / unit(value)


def largest_deviation(name: str, samples: int, seed: int = 0) -> tuple[float, int]:
    """The largest deviation of the reference at random inputs where it is within float32's range, and their number."""
    arrays: tuple[Array, ...]
    if name in BINARY:
        arrays = pairs.inputs(name, "float32", samples, seed)
    else:
        arrays = (np.random.default_rng(seed).integers(0, 1 << 32, samples, np.uint32).view(np.float32),)
    r = reference(name, *arrays)
    with np.errstate(invalid="ignore"):
        kept = (np.abs(r) < 2.0**128) & (np.abs(r) > 2.0**-150)
        kept &= np.logical_and.reduce([np.isfinite(a) for a in arrays])
    rows = zip(r[kept], *(a[kept] for a in arrays), strict=True)
    found = [deviation(name, *map(float, row)) for row in rows]
    return max(found), len(found)


def main(arguments: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="reference", description="Compare the reference of the sweeps with Arb.")
    parser.add_argument("name", nargs="*", help="all by default")
    parser.add_argument("--samples", type=int, default=SAMPLES)
    options = parser.parse_args(arguments)
    target = EVIDENCE / "reference.json"
    found = json.loads(target.read_text(encoding="utf-8")) if target.exists() else {}
    for name in options.name or ALL:
        worst, count = largest_deviation(name, options.samples)
        at = json.loads((EVIDENCE / f"{name}.float32.json").read_text(encoding="utf-8"))["at"]
        worst_at = [float.fromhex(v) for v in ([at] if isinstance(at, str) else at)]
        value = compute(name, *(np.array([v], np.float32) for v in worst_at))[0]
        there = deviation(name, float(value), *worst_at)
        found[name] = {"samples": count, "largest_deviation_ulp": worst, "core_at_its_worst_ulp": round(there, 6)}
        print(f"{name}: {found[name]}", flush=True)
        ordered = {known: found[known] for known in ALL if known in found}
        target.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
