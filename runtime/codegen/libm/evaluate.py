"""The cores on NumPy arrays: the printed text, executed, block by block."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import inf, nan
from typing import Any, Final

import numpy as np

from .catalogue import arity, core
from .formats import FORMATS
from .print_numpy import Printed, print_function

BLOCK: Final = 1 << 15
Array = np.ndarray[Any, Any]


@cache
def compiled(name: str, dtype: str = "float32") -> tuple[Callable[..., None], Printed]:
    """The Python function of a core, and how many buffers it needs."""
    printed = print_function(core(name, dtype))
    found: dict[str, Any] = {"np": np, "inf": inf, "nan": nan}
    exec(compile(printed.text, f"<core of {name}>", "exec"), found)
    return found[name], printed


def evaluate(name: str, *arrays: Array) -> Array:
    """The core at every element of an array of float32 or float64, or of two, broadcast; no warnings."""
    dtype = arrays[0].dtype
    if dtype.name not in FORMATS or any(a.dtype != dtype for a in arrays):
        given = " and ".join(str(a.dtype) for a in arrays)
        raise TypeError(f"{name}: arrays of {given}; the cores take float32 and float64, one of them")
    function, printed = compiled(name, dtype.name)
    if len(arrays) != arity(name):
        raise TypeError(f"{name} takes {arity(name)} arrays, not {len(arrays)}")
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    flat = [np.ascontiguousarray(np.broadcast_to(a, shape)).reshape(-1) for a in arrays]
    out = np.empty_like(flat[0])
    size = min(BLOCK, out.size)
    single = np.empty((printed.single, size), np.float32)
    double = np.empty((printed.double, size), np.float64)
    truth = np.empty((printed.truth, size), np.bool_)
    with np.errstate(all="ignore"):
        for start in range(0, out.size, BLOCK):
            *blocks, target = (a[start : start + BLOCK] for a in (*flat, out))
            f, d, m = (buffer[:, : target.size] for buffer in (single, double, truth))
            function(*blocks, target, f, f.view(np.uint32), d, d.view(np.uint64), m)
    return out.reshape(shape)
