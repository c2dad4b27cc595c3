"""What a generated NumPy function needs beside ufuncs: scratch buffers, and a selection that writes in place."""

from __future__ import annotations

import threading
from typing import Any, Final

import numpy as np

BLOCK: Final = 1 << 16

Array = np.ndarray[Any, Any]


class Scratch(threading.local):
    """The buffers of one thread, by dtype; they grow to the largest number that a function has asked for."""

    def __init__(self, block: int) -> None:
        self.block = block
        self.buffers: dict[str, list[Array]] = {}

    def take(self, dtype: Any, count: int, size: int) -> list[Array]:
        kept = self.buffers.setdefault(np.dtype(dtype).str, [])
        while len(kept) < count:
            kept.append(np.empty(self.block, dtype))
        return kept[:count] if size == self.block else [a[:size] for a in kept[:count]]


scratch = Scratch(BLOCK)


def single(a: Any, out: Any) -> Any:
    """Float64 rounded to float32, as float64; without ``out`` in a new array."""
    with np.errstate(over="ignore", under="ignore"):
        return np.positive(np.asarray(a, np.float32), out, dtype=np.float64)


def choose(condition: Any, a: Any, b: Any, out: Any) -> Any:
    """``a`` where the condition holds, else ``b``; ``out`` may be where ``b`` lives, but not where ``a`` does.

    Without ``out`` the result is a new array.
    """
    if out is None:
        return np.where(condition, a, b)
    if b is not out:
        np.copyto(out, b)
    np.copyto(out, a, where=condition)
    return out
