"""A ufunc over a large array on several threads: each takes a stretch, and NumPy runs them without the GIL."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from typing import Any, Final

import numpy as np

from . import memory

LARGE: Final = 1 << 17
"""The number of elements from which handing out work costs less than it saves."""


@cache
def workers() -> int:
    """How many threads share a large array: ``$HASDERIV_NUM_THREADS``, else the processors that are ours to use."""
    given = os.environ.get("HASDERIV_NUM_THREADS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers() - 1, "hasderiv")


if hasattr(os, "register_at_fork"):  # a child has none of its parent's threads
    os.register_at_fork(after_in_child=_pool.cache_clear)


def call(ufunc: np.ufunc, arrays: Any, out: Any = None) -> Any:
    """``ufunc(*arrays, out=out)``; on all threads, and in memory used before, where arrays of one shape are large."""
    shape = arrays[0].shape
    size = arrays[0].size
    if size < LARGE:
        return ufunc(*arrays, out=out)
    if out is None and all(a.ndim == 0 or a.shape == shape for a in arrays):
        out = memory.empty(shape, arrays[0].dtype)
    if workers() == 1 or out is None or not out.flags.c_contiguous or not all(_splits(a, out) for a in arrays):
        return ufunc(*arrays, out=out)
    flat = [a if a.ndim == 0 else a.reshape(-1) for a in arrays]
    target = out.reshape(-1)
    ends = [size * k // workers() for k in range(workers() + 1)]

    def stretch(k: int) -> None:
        part = slice(ends[k], ends[k + 1])
        ufunc(*(a if a.ndim == 0 else a[part] for a in flat), out=target[part])

    others, mine = list[Future[None]](), [0]
    for k in range(1, workers()):
        try:
            others.append(_pool().submit(stretch, k))
        except RuntimeError:  # the interpreter is shutting down and takes no more work
            mine.append(k)
    try:
        for k in mine:
            stretch(k)
    finally:  # nobody writes into the result after this has returned or raised
        wait(others)
    for other in others:
        other.result()
    return out


def _splits(a: Any, out: Any) -> bool:
    """Whether a stretch of the result needs nothing but the same stretch of the operand."""
    if a.ndim == 0:
        return True
    same = a.shape == out.shape and a.flags.c_contiguous
    return same and (a.ctypes.data == out.ctypes.data or not np.may_share_memory(a, out))
