"""Errors of routines at samples: ops of two inputs, all of float64, derivatives of order 2 and 3, and in parameters.

The truth is the routine's own op list in ``__float128``: 60 bits more than float64, so that nothing that cancels there
is lost.  Errors of float32 are taken from the float64 kernel where that one is *sure* (``compare.c``): where it gives a
finite number that is not 0, which hardly changes when the inputs are nudged, and says that the goal is met by far.  At
the hard inputs and in the first stretch ``__float128`` is asked at all inputs, and says how far off that was.  The
formula itself, which kernel and reference share, is held against Arb at random inputs and where the errors are largest.
Needs gcc and libquadmath.
"""

from __future__ import annotations

import ctypes
import hashlib
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import cache
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any, Final

import numpy as np

from . import evidence, inputs
from .journal import begun
from .measure import widened
from .samples_arb import against_arb

BLOCK: Final = 1 << 13
"""How many inputs are compared at once; few enough for a core's own cache."""
STRETCH: Final = 1 << 20
HELD: Final = 300
"""At how many numbers one of two inputs is held while borders are sought along the other."""
COUNTS: Final = {
    ("float32", 1): 100_000_000,
    ("float64", 1): 10_000_000,
    ("float32", 2): 1 << 18,
    ("float64", 2): 1 << 18,
}
"""How many inputs are asked for, by dtype and order (0 and 1 count as 1, 2 and 3 as 2)."""
ELEMENTARY_OPS: Final = frozenset({"atan2", "hypot", "pow"})
"""The elementary functions of two inputs."""
MOST: Final = 4
SLACK: Final = 2.0**-8
"""How far the float64 kernel may be off where it is sure, in ULP of float32."""
NUDGE: Final = 2.0**-24
STEADY: Final = 2.0**17
"""It is sure where its value changes by no more than ``STEADY``, in ULP of float32, when an input changes by ``NUDGE``
of itself: rounding, which is 2^-53 where that is 2^-24, then makes about 2^-12 ULP of it."""
_C: Final = {"float32": ("float", "uint32_t", 23, 127, "f"), "float64": ("double", "uint64_t", 52, 1023, "")}


class Result(ctypes.Structure):
    """The struct of ``compare.c``."""

    _fields_ = (
        ("worst", ctypes.c_double),
        ("worst_at", ctypes.c_double * MOST),
        ("failures", ctypes.c_uint64),
        ("failed_at", ctypes.c_double * MOST),
        ("beyond", ctypes.c_uint64),
        ("moved", ctypes.c_double),
        ("moved_at", ctypes.c_double * MOST),
        ("decided", ctypes.c_uint64),
        ("deviation", ctypes.c_double),
        ("hash", ctypes.c_uint64),
    )


def keys(name: str, dtype: str) -> list[str]:
    """The routines that are measured at samples: all but those that are swept over every float32 number."""
    from hasderiv.runtime import kernels

    op = kernels.load(name)
    symbols = (*op.inputs, *op.params)
    found = ["forward", *(f"partial_{n}" for n in symbols)]
    found += [f"second_{a}_{b}" for a, b in combinations_with_replacement(symbols, 2)]
    found += ["third"] * (len(op.inputs) == 1)
    swept = set(evidence.keys(name).values()) if dtype == "float32" and len(op.inputs) == 1 else set()
    return [key for key in found if key not in swept]


def names() -> list[str]:
    """The ops that can be sampled: those of one or two inputs."""
    from hasderiv.runtime import kernels

    return [name for name in kernels.names() if len(kernels.load(name).inputs) <= 2]


def order(key: str) -> int:
    """0 for a value, and 1, 2 or 3."""
    return {"forward": 0, "partial": 1, "second": 2, "third": 3}[key.split("_")[0]]


def count(key: str, dtype: str, asked: int | None = None) -> int:
    """How many random inputs a routine is measured at."""
    most = COUNTS[dtype, 1 + (order(key) > 1)]
    return most if asked is None else min(asked, most)


def goal(name: str, key: str, dtype: str) -> float:
    """The largest error allowed, in ULP; of orders 2 and 3, what counts as large.  Values in float32 have less."""
    if key != "forward" or dtype == "float64":
        return evidence.GOALS["derivative"]
    return evidence.ELEMENTARY if name in ELEMENTARY_OPS else evidence.goal(name, "forward")


@cache
def missing() -> str | None:
    """Why nothing can be compared here; None where it can."""
    from hasderiv.runtime.codegen.libm.sweep import compiler, shared_object

    if compiler() is None:
        return "no C compiler"
    try:
        shared_object("#include <quadmath.h>\n", "-lquadmath")
    except subprocess.CalledProcessError:
        return "the C compiler has no libquadmath (gcc has)"
    return None


@cache
def _made(name: str) -> dict[str, Any]:
    from hasderiv.runtime.codegen.functions import routines
    from hasderiv.runtime.codegen.render import catalogued
    from hasderiv.spec import OPS

    return routines(catalogued(OPS[name]))


@cache
def _comparison(name: str, key: str, dtype: str) -> Any:
    """``compare`` of ``compare.c`` for a routine."""
    from hasderiv.runtime import kernels
    from hasderiv.runtime.codegen import quad_printer
    from hasderiv.runtime.codegen.libm.sweep import FLAGS, files, shared_object

    op = kernels.load(name)
    columns = len(op.inputs) + len(op.params)
    kind, word, mantissa, bias, f = _C[dtype]
    arguments = ", ".join(f"x[{i}]" for i in range(columns))
    macros = {
        "REFERENCE(x)": f"reference({arguments})",
        "T": kind,
        "U": word,
        "nextafter_T": f"nextafter{f}",
        "MANTISSA": mantissa,
        "BIAS": bias,
        "COLUMNS": columns,
        "INPUTS": len(op.inputs),
        "SLACK": SLACK,
        "STEADY": STEADY,
    }
    text = "\n".join(
        [
            quad_printer.prelude(),
            quad_printer.print_function("reference", _made(name)[key]),
            *(f"#define {macro} {value}" for macro, value in macros.items()),
            files("mix.c"),
            Path(__file__).with_name("compare.c").read_text(encoding="utf-8"),
        ]
    )
    found = shared_object(text, *FLAGS, "-lquadmath").compare
    pointer = ctypes.c_void_p
    found.argtypes = (pointer, pointer, pointer, ctypes.c_int, ctypes.c_int, ctypes.c_double, pointer, pointer)
    return found


def results(name: str, key: str, columns: Sequence[Any]) -> Any:
    """What the kernel gives at these inputs and the parameters of the sweep."""
    from hasderiv.runtime import kernels

    with np.errstate(all="ignore"):
        got = kernels.load(name).routine(key)(*columns, **evidence.parameters(name))
    return np.ascontiguousarray(got, columns[0].dtype)


def _pointers(arrays: list[Any]) -> Any:
    """The address of each array, which stays the caller's."""
    return (ctypes.c_void_p * len(arrays))(*(a.ctypes.data for a in arrays))


def judge(name: str, key: str, columns: tuple[Any, ...], got: Any, found: Result, always: bool = True) -> Any:
    """The errors of results in ULP (-1 for a failure), added to ``found``.

    ``always`` asks ``__float128`` at every input, and holds the float64 kernel against it where that one is sure.
    """
    dtype = got.dtype.name
    at = [np.ascontiguousarray(c) for c in columns]
    every = [*at, *(np.array([v], dtype) for v in evidence.parameters(name).values())]
    witness = []
    if dtype == "float32":
        wide = [widened(c) for c in at]
        nudged = [[w * (1 + NUDGE) if w is this else w for w in wide] for this in wide]
        witness = [results(name, key, near) for near in (wide, *nudged)]
    errors = np.empty(got.size)
    _comparison(name, key, dtype)(
        _pointers(every),
        got.ctypes.data,
        _pointers(witness) if witness else None,
        always,
        got.size,
        goal(name, key, dtype),
        errors.ctypes.data,
        ctypes.byref(found),
    )
    return errors


def compare(name: str, key: str, columns: tuple[Any, ...], found: Result, always: bool = True) -> tuple[Any, Any]:
    """The results of the kernel, and their errors as :func:`judge` has them."""
    got = results(name, key, columns)
    return got, judge(name, key, columns, got, found, always)


def hard(name: str, key: str, dtype: str) -> tuple[Any, ...]:
    """The hard inputs of a routine."""
    from hasderiv.runtime import kernels

    arity = len(kernels.load(name).inputs)

    def run(*columns: Any) -> Any:
        return results(name, key, columns)

    parts = inputs.special(arity, dtype), inputs.borders(run, arity, dtype, HELD)
    return tuple(np.concatenate(c) for c in zip(*parts, strict=True))


def _plain(found: Result, count: int, columns: int) -> dict[str, Any]:
    def place(at: Any) -> list[str]:
        return [float(v).hex() for v in at[:columns]]

    return {
        "inputs": count,
        "worst": found.worst,
        "worst_at": place(found.worst_at),
        "failures": found.failures,
        "failed_at": place(found.failed_at) if found.failures else None,
        "beyond": found.beyond,
        "moved": found.moved,
        "moved_at": place(found.moved_at) if found.beyond else None,
        "decided": found.decided,
        "deviation": found.deviation,
        "hash": found.hash,
    }


def stretch(name: str, key: str, dtype: str, first: int, count: int) -> dict[str, Any]:
    """A stretch of the sequence, or the hard inputs where ``count`` is 0; runs in a worker."""
    from hasderiv.runtime import kernels

    arity = len(kernels.load(name).inputs)
    found = Result()
    if count == 0:
        columns = hard(name, key, dtype)
        compare(name, key, columns, found)
        return _plain(found, columns[0].size, arity)
    for start in range(first, first + count, BLOCK):
        some = inputs.sequence(arity, dtype, start, min(BLOCK, first + count - start))
        compare(name, key, some, found, always=first == 0)
    return _plain(found, count, arity)


def plan(count: int) -> list[tuple[int, int]]:
    """The stretches: first number and count; the hard inputs come first, as a stretch of none."""
    return [(0, 0), *((first, min(STRETCH, count - first)) for first in range(0, count, STRETCH))]


def journal_file(journal: Path, name: str, key: str, dtype: str) -> Path:
    """Where finished stretches of a routine are kept; whoever has kept the result deletes it."""
    return journal / f"{name}.{key}.{dtype}.{evidence.kernel_hash(name, key)[:16]}.jsonl"


def begin(
    name: str, key: str, dtype: str, count: int, pool: Executor, journal: Path, done: Callable[[], None] = lambda: None
) -> Callable[[], dict[str, Any]]:
    """Have a routine measured at the hard inputs and at ``count`` of the sequence; the function returned waits for it.

    What the journal holds is not run again.
    """
    wanted = plan(count)
    completed = begun(
        journal_file(journal, name, key, dtype),
        wanted,
        lambda at: pool.submit(stretch, name, key, dtype, *at),
        lambda at, line: [at, line],
        lambda line: (tuple(line[0]), line[1]),
        done,
    )

    def finish() -> dict[str, Any]:
        found = completed()
        parts = [found[at] for at in wanted]
        total = _sum(parts, count, evidence.kernel_hash(name, key))
        return {**total, "arb": against_arb(name, key, dtype, parts)}

    return finish


def _sum(parts: list[dict[str, Any]], count: int, kernel: str) -> dict[str, Any]:
    worst, moved = (max(parts, key=lambda p, k=k: p[k]) for k in ("worst", "moved"))  # type: ignore[misc]
    failed = [p["failed_at"] for p in parts if p["failures"]]
    decided, off = sum(p["decided"] for p in parts), max(p["deviation"] for p in parts)
    return {
        "kernel": kernel,
        "random_inputs": count,
        "hard_inputs": parts[0]["inputs"],
        "largest_ulp": round(worst["worst"], 6),
        "at": worst["worst_at"],
        "failures": sum(p["failures"] for p in parts),
        "failed_at": failed[0] if failed else None,
        "beyond_goal": sum(p["beyond"] for p in parts),
        "input_ulp": _figure(moved["moved"]),
        "input_ulp_at": moved["moved_at"],
        "bits": hashlib.sha256(" ".join(str(p["hash"]) for p in parts).encode()).hexdigest(),
        **({"float64": {"decided": decided, "off_ulp": _figure(off)}} if decided else {}),
    }


def _figure(x: float) -> float:
    """Three digits; JSON has no infinity."""
    return float(f"{min(x, 1e308):.3g}")
