"""A core of two arguments at random pairs: ``python -m hasderiv.runtime.codegen.libm.pairs pow`` writes its evidence.

All pairs of float32 numbers are too many: 10^8 are drawn, of float64 10^7, in classes that ``pairs.c`` names, and there
are hard ones.  The reference of float32 is the C library's function of double, compared with Arb in
:mod:`.reference`; that of float64 is libquadmath, which gcc brings.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np

from .catalogue import BINARY, core
from .formats import FORMATS
from .print_c import TYPES, print_library, symbol
from .sweep import EVIDENCE, FLAGS, digest, files, shared_object

COUNT: Final = {"float32": 100_000_000, "float64": 10_000_000}
SHORT: Final = 20_000  # what tests rerun
STRETCHES: Final = 100
SEED: Final = 20
LIMITS: Final = {"float32": (128, -126, -149, -150), "float64": (1024, -1022, -1074, -1075)}  # of log2 of a result
Array = np.ndarray[Any, Any]


class Result(ctypes.Structure):
    """The struct of ``pairs.c``."""

    _fields_ = (
        ("worst", ctypes.c_double),
        ("failures", ctypes.c_uint64),
        ("hash", ctypes.c_uint64),
        ("worst_at", ctypes.c_double * 2),
        ("failed_at", ctypes.c_double * 2),
    )


class Found(NamedTuple):
    """The sum of what stretches found."""

    worst: float = 0.0
    worst_at: tuple[float, ...] = ()
    failures: int = 0
    failed_at: tuple[float, ...] = ()
    hash: int = 0

    def plus(self, other: Result) -> Found:
        """Together with one more stretch."""
        worse = other.worst > self.worst
        return Found(
            other.worst if worse else self.worst,
            tuple(other.worst_at) if worse else self.worst_at,
            self.failures + other.failures,
            tuple(other.failed_at) if other.failures else self.failed_at,
            (self.hash + other.hash) % (1 << 64),
        )


def special(dtype: str) -> Array:
    """Numbers of which every pair is tried: zeros, the ends of the range, integers and halves, infinity and NaN."""
    info = np.finfo(dtype)
    odd = 2.0 ** (FORMATS[dtype].mantissa + 1)
    marks = [1, 2, 3, 4, 5, 7, 10, 31, 64, 127, 1000, 0.5, 1.5, 2.5, 0.25, 1 / 3, 0.1, odd - 1, odd, odd / 2 - 1]
    marks += [odd / 2 + 1, odd / 2 - 0.5, odd / 4 - 0.5, 2.0**31, 2.0**60, 2.0**-60, 2.0**120, 2.0**-120]
    x = np.array([0, info.smallest_subnormal, info.tiny, info.max, np.inf, np.nan, *marks], dtype)
    one = np.array([1, 2, 0.5], dtype)
    x = np.concatenate([x, *(np.nextafter(one, np.array(end, dtype)) for end in (0, 9))])
    return np.concatenate([x, -x])


def hard_inputs(dtype: str) -> tuple[Array, Array]:
    """Pairs at which a core changes its ways, a result leaves the range, or is exact or half way between numbers."""
    rng = np.random.default_rng(SEED)
    mantissa, bias = FORMATS[dtype].mantissa, FORMATS[dtype].bias
    every = special(dtype)
    pairs = [(np.repeat(every, every.size), np.tile(every, every.size))]

    def numbers(count: int, low: float, high: float) -> Array:
        return 2.0 ** rng.uniform(low, high, count) * rng.choice([-1, 1], count)

    def steps(x: Array) -> Array:
        """Moved by a few units in the last place."""
        word = f"i{np.dtype(dtype).itemsize}"
        return (x.astype(dtype).view(word) + rng.integers(-20, 21, x.size).astype(word)).view(dtype)

    for limit in LIMITS[dtype]:  # x^y next to overflow and underflow
        x = np.abs(np.concatenate([numbers(5000, -bias, bias), 1 + numbers(5000, 3 - mantissa, -1)]))
        pairs.append((x, steps(limit / np.log2(x.astype(dtype).astype(float)))))
    small = [a.ravel() for a in np.meshgrid(np.arange(1.0, 300), np.arange(-40.0, 41))]
    roots = [a.ravel() for a in np.meshgrid(np.arange(1.0, 2000), np.array([0.5, 0.25, 1.5, -0.5, 0.75, 0.125]))]
    half = 2.0 ** (mantissa // 2 + 1)  # squares of numbers a little larger have one bit too many
    between = half + 2 * np.arange(2000) + 1
    pairs += [(small[0], small[1]), (-small[0], small[1]), (roots[0] ** 4, roots[1]), (between, np.full(2000, 2.0))]
    m, n = (a.ravel() for a in np.meshgrid(np.arange(1.0, 80), np.arange(1.0, 80)))  # Pythagorean triples
    pairs += [((m * m - n * n) * scale, 2 * m * n * scale) for scale in (1.0, 2.0 ** (bias - 14), 2.0 ** (-bias - 8))]
    for low, high in ((bias - 3, bias), (-bias - mantissa, 3 - bias), (-41, -39), (59, 61), (-401, -399), (499, 501)):
        if -bias - mantissa <= low and high <= bias:  # the ends of the range, and where hypot and atan2 scale
            pairs.append((numbers(20000, low, high), numbers(20000, low, high)))
    for ratio in (2.0**0.5 - 1, 2.0**0.5 + 1, 1, 2.0**-14, 2.0**-29, 2.0**-13, 2.0 ** -(mantissa / 2 + 1)):
        x = numbers(5000, -20, 20)
        pairs += [(x, steps(x * ratio)), (steps(x * -ratio), x)]
    for where in (-bias - mantissa, 1 - bias):  # y/x subnormal, or nearly so
        x = numbers(5000, 0, bias - 30)
        pairs.append((steps(x * numbers(5000, where, where + mantissa)), x))
    with np.errstate(over="ignore"):
        xs, ys = ([part.astype(dtype) for part in column] for column in zip(*pairs, strict=True))
    return np.concatenate(xs), np.concatenate(ys)


def source(name: str, dtype: str) -> str:
    """The C file that is compiled for a core."""
    function = core(name, dtype)
    form = function.format
    wide = dtype == "float64"
    macros = {
        "CORE": symbol(function),
        "REFERENCE": f"{name}q" if wide else name,
        "T": TYPES[form.kind],
        "U": f"uint{form.width}_t",
        "R": "__float128" if wide else "double",
        "FREXP": "frexpq" if wide else "frexp",
        "MANTISSA": form.mantissa,
        "BIAS": form.bias,
        "BEYOND": f"0x1p{form.bias + 1}{'Q' if wide else ''}",
    }
    lines = "".join(f"#define {key} {value}\n" for key, value in macros.items())
    text = files("mix.c", "pairs.c")
    return f"{print_library([function])}\n{'#include <quadmath.h>' if wide else ''}\n{lines}{text}"


@cache
def shared_library(name: str, dtype: str) -> ctypes.CDLL:
    """The compiled core, its reference and the comparison."""
    found = shared_object(source(name, dtype), *FLAGS, "-Wall", *(("-lquadmath",) if dtype == "float64" else ()))
    found.at_random.argtypes = (ctypes.c_uint64, ctypes.c_uint64, ctypes.POINTER(Result))
    found.at_inputs.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(Result))
    found.inputs.argtypes = (ctypes.c_uint64, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    return found


def at_random(name: str, dtype: str, count: int, first: int = 0) -> Result:
    """A stretch of the random pairs."""
    found = Result()
    shared_library(name, dtype).at_random(first, count, ctypes.byref(found))
    return found


def at_inputs(name: str, x: Array, y: Array) -> Result:
    """Given pairs."""
    found = Result()
    x, y = np.ascontiguousarray(x), np.ascontiguousarray(y, x.dtype)
    shared_library(name, x.dtype.name).at_inputs(x.ctypes.data, y.ctypes.data, x.size, ctypes.byref(found))
    return found


def inputs(name: str, dtype: str, count: int, first: int = 0) -> tuple[Array, Array]:
    """The random pairs themselves, the same for every core."""
    x, y = np.empty(count, dtype), np.empty(count, dtype)
    shared_library(name, dtype).inputs(first, count, x.ctypes.data, y.ctypes.data)
    return x, y


def everywhere(name: str, dtype: str, workers: int = 1) -> Found:
    """All random pairs and the hard ones."""
    shared_library(name, dtype)
    size = COUNT[dtype] // STRETCHES
    found = Found().plus(at_inputs(name, *hard_inputs(dtype)))
    with ThreadPoolExecutor(workers) as executor:  # the C code runs without the interpreter's lock
        for part in executor.map(lambda i: at_random(name, dtype, size, i * size), range(STRETCHES)):
            found = found.plus(part)
    return found


def record(name: str, dtype: str, workers: int = 1) -> dict[str, Any]:
    """The evidence as it is checked in."""
    start = time.perf_counter()
    found, short = everywhere(name, dtype, workers), at_random(name, dtype, SHORT)
    return {
        "function": name,
        "dtype": dtype,
        "core": digest(name, dtype),
        "operations": core(name, dtype).length,
        "random_pairs": COUNT[dtype],
        "hard_pairs": hard_inputs(dtype)[0].size,
        "largest_error_ulp": round(found.worst, 6),
        "at": [float.hex(v) for v in found.worst_at],
        "failures": found.failures,
        "output_hash": f"{found.hash:016x}",
        "sample": {"pairs": SHORT, "output_hash": f"{short.hash:016x}"},
        "reference": "libquadmath" if dtype == "float64" else "the C library's function of double",
        "seconds": round(time.perf_counter() - start),
    }


def main(arguments: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="pairs", description="Measure cores of two arguments at pairs.")
    parser.add_argument("name", nargs="*", help="all by default")
    parser.add_argument("--dtype", choices=FORMATS, action="append", help="both by default")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args(arguments)
    if unknown := set(options.name) - set(BINARY):
        parser.error(f"no such core: {', '.join(sorted(unknown))}")
    EVIDENCE.mkdir(parents=True, exist_ok=True)
    for name in options.name or BINARY:
        for dtype in options.dtype or FORMATS:
            found = record(name, dtype, options.workers)
            print(
                f"{name} {dtype}: {found['largest_error_ulp']} ULP at {found['at']}, {found['failures']} failures,"
                f" {found['seconds']} s",
                flush=True,
            )
            (EVIDENCE / f"{name}.{dtype}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
