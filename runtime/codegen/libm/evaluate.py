"""The cores on NumPy arrays: the printed text, executed, block by block."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import inf, nan
from typing import Any, Final

import numpy as np

from .catalogue import core
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


def evaluate(name: str, x: Array) -> Array:
    """The core at every element of an array of float32 or float64; no warnings."""
    if x.dtype.name not in FORMATS:
        raise TypeError(f"{name}: an array of {x.dtype}; the cores take float32 and float64")
    function, printed = compiled(name, x.dtype.name)
    flat = np.ascontiguousarray(x).reshape(-1)
    out = np.empty_like(flat)
    size = min(BLOCK, flat.size)
    single = np.empty((printed.single, size), np.float32)
    double = np.empty((printed.double, size), np.float64)
    truth = np.empty((printed.truth, size), np.bool_)
    with np.errstate(all="ignore"):
        for start in range(0, flat.size, BLOCK):
            block = flat[start : start + BLOCK]
            f, d, m = (buffer[:, : block.size] for buffer in (single, double, truth))
            function(block, out[start : start + block.size], f, f.view(np.uint32), d, d.view(np.uint64), m)
    return out.reshape(x.shape)
