"""Inputs at which a kernel of one or two inputs is tried: a numbered sequence of random ones, and hard ones.

The sequence (``inputs.c``) is the same everywhere, so that it can be cut into stretches and remade.  Of hard inputs
there are two sorts: special values with their neighbours, and *borders*, where the result goes from one class to
another (positive, negative, zero, subnormal, infinite, NaN), which bisection finds: roots, overflow, underflow, the
ends of the domain.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

Array = np.ndarray[Any, Any]
Run = Callable[..., Array]
STEPS: Final = (0, 1, 2, 3, 10, 100, 1 << 10, 1 << 14, 1 << 18)
"""How many numbers from a border the kernel is tried, on both sides."""
CUTS: Final = {1: 4096, 2: 128}
"""Into how many intervals the numbers are cut for the search of borders, by the number of inputs."""


def ordered(x: Array) -> Array:
    """The place of each float in the order of all floats; its own inverse on words of that size."""
    i = x.view(f"i{x.dtype.itemsize}").astype(np.int64)
    return np.where(i >= 0, i, np.iinfo(f"i{x.dtype.itemsize}").min - i)


def numbered(place: Array, dtype: str) -> Array:
    """The floats at these places, at most the infinities."""
    kind = f"i{np.dtype(dtype).itemsize}"
    end = int(np.array(np.inf, dtype).view(kind))
    place = np.clip(place, -end, end)
    return np.where(place >= 0, place, np.iinfo(kind).min - place).astype(kind).view(dtype)


def moved(x: Array, steps: Array) -> Array:
    """The number so many steps further; NaN stays."""
    return np.where(np.isnan(x), x, numbered(ordered(x) + steps, x.dtype.name))


@cache
def _compiled(dtype: str) -> Callable[..., None]:
    """``sequence`` of ``inputs.c``."""
    from hasderiv.runtime.codegen.libm.sweep import FLAGS, files, shared_object

    kind, bits = {"float32": ("float", 32), "float64": ("double", 64)}[dtype]
    macros = f"#define T {kind}\n#define U uint{bits}_t\n#define I int{bits}_t\n"
    text = "\n".join([files("mix.c"), macros, Path(__file__).with_name("inputs.c").read_text(encoding="utf-8")])
    found = shared_object(text, *FLAGS).sequence
    found.argtypes = (ctypes.c_int, ctypes.c_uint64, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    found.restype = None
    return cast(Callable[..., None], found)


def sequence(arity: int, dtype: str, first: int, count: int) -> tuple[Array, ...]:
    """The inputs from number ``first`` on, an array for each argument."""
    columns = np.empty((arity, count), dtype)
    _compiled(dtype)(arity, first, count, columns[0].ctypes.data, columns[-1].ctypes.data)
    return tuple(columns)


def special(arity: int, dtype: str) -> tuple[Array, ...]:
    """Zeros, the ends of the range, integers and halves, infinity and NaN, and the numbers beside them; all pairs."""
    info = np.finfo(dtype)
    marks = [0, info.smallest_subnormal, info.tiny, info.max, np.inf, 1, 2, 3, 4, 6, 10, 0.5, 0.25, 0.125, 1.25, 2.5]
    big = [88.72, 709.78, 2.0**23, 2.0**24, 2.0**52, 2.0**53, 2.0**60, 2.0**-60, float(info.max) ** 0.5]
    x = np.array([*marks, *(big if arity == 1 else big[2:])], dtype)
    off = np.array([0, 1, -1]) if arity == 2 else np.arange(-20, 21)
    x = np.unique(moved(np.repeat(x, off.size), np.tile(off, x.size)))
    x = np.concatenate([x, -x, [np.array(np.nan, dtype)]])
    return (x,) if arity == 1 else (np.repeat(x, x.size), np.tile(x, x.size))


def _class(y: Array) -> Array:
    size = np.abs(y)
    tiny = np.finfo(y.dtype).tiny
    return np.where(np.isnan(y), 9, np.sign(y) * ((size > 0) + 1 * (size >= tiny) + 1 * (size == np.inf)))


def borders(run: Run, arity: int, dtype: str, count: int) -> tuple[Array, ...]:
    """Inputs on both sides of places where the result changes its class.

    Of two inputs one is held at ``count`` numbers of the sequence, each in its turn.
    """
    end = int(ordered(np.array([np.inf], dtype))[0])
    half = CUTS[arity] // 2
    everywhere = np.append(np.arange(-half, half + 1) * (end // half), [-end, end])
    moderate = ordered(np.linspace(-30, 30, 2 * half + 1).astype(dtype))
    grid = np.unique(np.concatenate([everywhere, moderate]))
    columns: list[tuple[Array, ...]] = []
    for turn in range(arity):
        held = sequence(2, dtype, 0, count)[turn] if arity == 2 else np.zeros(1, dtype)

        def at(place: Array, other: Array, turn: int = turn) -> tuple[Array, ...]:
            x = numbered(place, dtype)
            return (x,) if arity == 1 else (other, x) if turn == 0 else (x, other)

        other = np.repeat(held, grid.size)
        low = np.tile(grid, held.size)
        kind = _class(run(*at(low, other)))
        change = (kind[:-1] != kind[1:]) & (low[:-1] < low[1:])
        other, high, low, kind = other[1:][change], low[1:][change], low[:-1][change], kind[:-1][change]
        for _ in range(64 if dtype == "float64" else 32):
            middle = (low & high) + ((low ^ high) >> 1)
            same = _class(run(*at(middle, other))) == kind
            low, high = np.where(same, middle, low), np.where(same, high, middle)
        for step in STEPS:
            columns += [at(low - step, other), at(low + 1 + step, other)]
    return tuple(np.concatenate(c) for c in zip(*columns, strict=True))
