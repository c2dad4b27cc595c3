"""The bodies of all .cu files compiled as C into one shared library, to run on a CPU what a GPU would run."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hasderiv.runtime import kernels
from hasderiv.runtime.codegen.c_printer import argument, symbol
from hasderiv.runtime.codegen.functions import COTANGENT, tangent_name

CUDA = Path(__file__).resolve().parents[2] / "cuda_kernels"
FLAGS = (
    "-O2",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-shared",
    "-fPIC",
    "-std=c11",
    "-Wall",
    "-Werror",
)
TYPES = {"float32": "float", "float64": "double"}


def arguments(op: kernels.OpKernels, key: str) -> tuple[str, ...]:
    """The names of the arguments of a routine, in order."""
    symbols = (*op.inputs, *op.params)
    if key == "jvp":
        return (*(tangent_name(n) for n in op.inputs), *symbols)
    return (COTANGENT, *symbols) if key.startswith("vjp_") else symbols


def printed(op: kernels.OpKernels) -> list[str]:
    """The keys of the routines that are printed: those equal to an earlier one are not."""
    return list(dict.fromkeys(entry[0].__name__ for entry in op._routines.values()))


def _loops(op: kernels.OpKernels) -> str:
    parts = [f'#include "generated/{op.name}.cu"\n']
    for key in printed(op):
        names = [argument(a) for a in arguments(op, key)]
        for dtype, kind in TYPES.items():
            arrays = ", ".join(f"const {kind} *{n}" for n in names)
            body = f"{symbol(op.name, key, dtype)}({', '.join(f'{n}[i]' for n in names)})"
            parts.append(f"void {symbol(op.name, key, dtype)}_loop(long long n, {arrays}, {kind} *out)")
            parts.append(f"{{ for (long long i = 0; i < n; i++) out[i] = {body}; }}\n")
    return "\n".join(parts)


def build(folder: Path) -> ctypes.CDLL:
    """Compile every op with gcc and load the library."""
    source = folder / "kernels.c"
    source.write_text("\n".join(_loops(kernels.load(name)) for name in kernels.names()), encoding="utf-8")
    target = folder / "kernels.so"
    done = subprocess.run(
        [str(compiler()), *FLAGS, "-I", str(CUDA), str(source), "-o", str(target), "-lm"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[:4000]
    return ctypes.CDLL(str(target))


@cache
def compiler() -> str | None:
    """A C compiler, None where there is none."""
    return shutil.which("gcc") or shutil.which("clang")


def call(
    library: ctypes.CDLL, op: kernels.OpKernels, key: str, arrays: list[np.ndarray[Any, Any]]
) -> np.ndarray[Any, Any]:
    """Run a routine of the library on arrays of one shape and dtype."""
    out = np.empty_like(arrays[0])
    function = library[f"{symbol(op.name, key, out.dtype.name)}_loop"]
    function.argtypes = [ctypes.c_longlong, *[ctypes.c_void_p] * (len(arrays) + 1)]
    function.restype = None
    function(out.size, *(a.ctypes.data for a in arrays), out.ctypes.data)
    return out
