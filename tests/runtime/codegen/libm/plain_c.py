"""All cores in one C library without vector instructions: what a plain compiler makes of the printed text."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np
from hasderiv.runtime.codegen.libm.catalogue import CORES, core
from hasderiv.runtime.codegen.libm.formats import FORMATS
from hasderiv.runtime.codegen.libm.oplist import Function
from hasderiv.runtime.codegen.libm.print_c import TYPES, print_library, symbol
from hasderiv.runtime.codegen.libm.sweep import shared_object

FLAGS = ("-O2", "-ffp-contract=off", "-fno-fast-math", "-std=c11", "-Wall", "-Werror", "-shared", "-fPIC")


def source() -> str:
    """Every core and a loop over it."""
    functions = [core(name, dtype) for name in CORES for dtype in FORMATS]
    return print_library(functions) + "\n".join(map(_loop, functions))


def _loop(function: Function) -> str:
    name, kind = symbol(function), TYPES[function.format.kind]
    head = f"void {name}_loop(const {kind} *x, {kind} *y, int n)"
    return f"{head} {{ for (int i = 0; i < n; i++) y[i] = {name}(x[i]); }}"


@cache
def library() -> ctypes.CDLL:
    """The compiled library."""
    return shared_object(source(), *FLAGS)


def compute(name: str, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The core at every element."""
    out = np.empty_like(x)
    loop = library()[f"{symbol(core(name, x.dtype.name))}_loop"]
    loop(ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(out.ctypes.data), ctypes.c_int(x.size))
    return out
