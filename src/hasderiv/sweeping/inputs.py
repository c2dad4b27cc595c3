"""Inputs at which a kernel of one or two inputs is tried: a numbered sequence of random ones, and hard ones.

The sequence is the same everywhere, so that it can be cut into stretches and remade.  Of hard inputs there are two
sorts: special values with their neighbours, and *borders*, where the result goes from one class to another (positive,
negative, zero, subnormal, infinite, NaN), which bisection finds: roots, overflow, underflow, the ends of the domain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

Array = np.ndarray[Any, Any]
Run = Callable[..., Array]
STEPS: Final = (0, 1, 2, 3, 10, 100, 1 << 10, 1 << 14, 1 << 18)
"""How many numbers from a border the kernel is tried, on both sides."""
CUTS: Final = {1: 4096, 2: 128}
"""Into how many intervals the numbers are cut for the search of borders, by the number of inputs."""


def words(first: int, count: int, which: int) -> Array:
    """Random words of 64 bits: splitmix64 at the numbers from ``first`` on; ``which`` tells sequences apart."""
    with np.errstate(over="ignore"):
        z = np.arange(first, first + count, dtype=np.uint64) * np.uint64(16) + np.uint64(which)
        z = (z + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def uniform(word: Array, low: float, high: float) -> Array:
    """Spread evenly over an interval."""
    return low + (high - low) * ((word >> np.uint64(11)) * 2.0**-53)


def sized(word: Array, low: int, high: int) -> Array:
    """Exponents spread evenly from ``low`` to ``high - 1``."""
    exponent = ((word >> np.uint64(2)) % np.uint64(high - low)).astype(np.int64) + low
    return np.ldexp(uniform(word, 1, 2), exponent)


def _signed(size: Array, word: Array) -> Array:
    return np.where(word & np.uint64(1), size, -size)


def any_bits(word: Array, dtype: str) -> Array:
    """Every pattern of bits."""
    kind = f"u{np.dtype(dtype).itemsize}"
    return word.astype(kind).view(dtype)


def usual(word: Array, dtype: str) -> Array:
    """Sizes from 2^-30 to 2^8."""
    return _signed(sized(word, -30, 8), word).astype(dtype)


def moderate(word: Array, dtype: str) -> Array:
    """From -30 to 30."""
    return uniform(word, -30, 30).astype(dtype)


def small(word: Array, dtype: str) -> Array:
    """From -2 to 2."""
    return uniform(word, -2, 2).astype(dtype)


def exponents(word: Array, dtype: str) -> Array:
    """Where exp goes from 0 to infinity."""
    end = 110 if dtype == "float32" else 760
    return uniform(word, -end, end).astype(dtype)


def halves(word: Array, dtype: str) -> Array:
    """Multiples of 1/2, a few units in the last place off in one case of two."""
    x = ((word & np.uint64(511)).astype(float) - 256) / 2
    off = (word >> np.uint64(20)) % np.uint64(9)
    return moved(x.astype(dtype), np.where(word >> np.uint64(63), off.astype(np.int64) - 4, 0))


def beside(x: Array, word: Array) -> Array:
    """Numbers next to those of ``x``: from one unit in the last place off to a change of most bits."""
    bits = 8 * x.dtype.itemsize - 10
    off = (word >> np.uint64(8)) >> (np.uint64(64 - bits) + word % np.uint64(bits - 8))
    return moved(x, _signed(off.astype(np.int64), word >> np.uint64(7)))


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


_FAMILIES: Final = (any_bits, usual, moderate, small, exponents, halves)


def _one(first: int, count: int, dtype: str) -> tuple[Array, ...]:
    word = words(first, count, 0)
    x = np.empty(count, dtype)
    place = np.arange(first, first + count) % 8
    for k, family in enumerate((*_FAMILIES, any_bits)):
        x[place == k] = family(word[place == k], dtype)
    near = place == 7
    marks = np.array([1, -1, 0.5, -0.5, 2, 3, -3, 4], dtype)
    x[near] = beside(marks[(word[near] % np.uint64(8)).astype(int)], words(first, count, 1)[near])
    return (x,)


def _two(first: int, count: int, dtype: str) -> tuple[Array, ...]:
    """Pairs; of sixteen: eight independent, four nearly equal or opposite, two a step of 1 apart, two far apart."""
    w, v, u = (words(first, count, which) for which in (2, 3, 4))
    place = np.arange(first, first + count) % 16
    x, y = np.empty(count, dtype), np.empty(count, dtype)
    pairs = [(f, f) for f in _FAMILIES] + [(moderate, small), (usual, exponents)]
    for k, (a, b) in enumerate(pairs):
        x[place == k], y[place == k] = a(w[place == k], dtype), b(v[place == k], dtype)
    for k in range(8, 16):
        at = place == k
        x[at] = _FAMILIES[k % 5](w[at], dtype)
        if k < 12:
            y[at] = beside(_signed(x[at], v[at]).astype(dtype), u[at])
        elif k < 14:
            step = _signed(np.ones_like(x[at]), u[at]).astype(dtype)
            y[at] = beside(_signed(x[at], v[at]).astype(dtype) + step, u[at])
        else:
            y[at] = (x[at].astype(float) * _signed(sized(u[at], -60, 60), v[at])).astype(dtype)
    swap = (w >> np.uint64(40)) & np.uint64(1) == 1
    return np.where(swap, y, x), np.where(swap, x, y)


def sequence(arity: int, dtype: str, first: int, count: int) -> tuple[Array, ...]:
    """The inputs from number ``first`` on, an array for each argument."""
    with np.errstate(all="ignore"):
        return (_one if arity == 1 else _two)(first, count, dtype)


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
    word = words(0, CUTS[arity] * (count if arity == 2 else 1), 5)
    grids = [np.sort(np.append(ordered(f(word[: CUTS[arity]], dtype)), [-end, 0, end])) for f in (any_bits, moderate)]
    grid = np.unique(np.clip(np.concatenate(grids), -end, end))
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
