"""All cores in one C library without vector instructions: what a plain compiler makes of the printed text."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np
from hasderiv.runtime.codegen.libm.catalogue import ALL, WIDE, core
from hasderiv.runtime.codegen.libm.formats import FORMATS
from hasderiv.runtime.codegen.libm.oplist import Function
from hasderiv.runtime.codegen.libm.print_c import TYPES, print_library, symbol
from hasderiv.runtime.codegen.libm.sweep import shared_object

FLAGS = ("-O2", "-ffp-contract=off", "-fno-fast-math", "-std=c11", "-Wall", "-Werror", "-shared", "-fPIC")


def source() -> str:
    """Every core and a loop over it."""
    functions = [core(name, dtype) for name in ALL for dtype in FORMATS]
    functions += [core(name, "float64") for name in WIDE.values()]
    return print_library(functions) + "\n".join(map(_loop, functions))


def _loop(function: Function) -> str:
    name, kind, given = symbol(function), TYPES[function.format.kind], function.arguments
    head = f"void {name}_loop({''.join(f'const {kind} *{a}, ' for a in given)}{kind} *out, int n)"
    return f"{head} {{ for (int i = 0; i < n; i++) out[i] = {name}({', '.join(f'{a}[i]' for a in given)}); }}"


@cache
def shared_library() -> ctypes.CDLL:
    """The compiled library."""
    return shared_object(source(), *FLAGS)


def compute(name: str, *arrays: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The core at every element, or at every pair."""
    out = np.empty_like(arrays[0])
    loop = shared_library()[f"{symbol(core(name, out.dtype.name))}_loop"]
    loop(*(ctypes.c_void_p(a.ctypes.data) for a in (*arrays, out)), ctypes.c_int(out.size))
    return out
