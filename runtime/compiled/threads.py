"""A ufunc over a large array: threads share it, and its result is written to memory that was used before."""

from __future__ import annotations

import os
from functools import cache
from typing import Any, Final

import numpy as np

from ..errors import DomainError
from . import memory
from .pool import pool

LARGE: Final = 1 << 13
"""The number of elements from which a result may be shared; how many are worth it depends on the routine."""
FRESH: Final = 1 << 18
"""The number of elements from which memory is used again; with fewer, the system's own allocator is quicker."""

MOST: Final = 256
"""More threads than this are never started."""


@cache
def workers() -> int:
    """How many threads share a large array: ``$HASDERIV_NUM_THREADS``, else the processors that are ours to use.

    Raises :class:`DomainError` where the variable is no positive integer; above ``MOST`` it counts as that.
    """
    if pool() is None:
        return 1
    given = os.environ.get("HASDERIV_NUM_THREADS", "")
    if given:
        if not (given.isascii() and given.isdecimal() and given.strip("0")):
            raise DomainError(f"HASDERIV_NUM_THREADS is an integer from 1, and not {given!r}")
        return int(given) if len(given) < 4 and int(given) < MOST else MOST
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def start() -> None:
    """Have the threads wait for work."""
    here = pool()
    if here is not None and workers() > 1:
        here.start(workers() - 1)


if hasattr(os, "register_at_fork"):  # a child has none of its parent's threads
    os.register_at_fork(after_in_child=start.cache_clear)


def call(ufunc: np.ufunc, arrays: Any, out: Any = None) -> Any:
    """``ufunc(*arrays, out=out)``; on all threads, and in memory used before, where arrays of one shape are large."""
    first = arrays[0]
    if first.size >= LARGE:
        start()
        if out is None and first.size >= FRESH and all(a.ndim == 0 or a.shape == first.shape for a in arrays):
            made = [memory.empty(first.shape, first.dtype) for _ in range(ufunc.nout)]
            out = made[0] if ufunc.nout == 1 else tuple(made)
    return ufunc(*arrays) if out is None else ufunc(*arrays, out=out)
