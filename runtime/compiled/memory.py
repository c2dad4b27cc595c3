"""Memory of large results, used again: filling a fresh array of many megabytes costs a page fault every 4 KiB.

A result points to a :class:`_Lease`, and so does every view of it; when the last of them is gone, the memory goes back.
What nobody takes within :data:`AGE` seconds, and what exceeds :data:`LIMIT` bytes in all, oldest first, goes back to
the system.  An array on such memory does not own it: ``resize`` refuses, and made read-only it stays so.  A copy is an
ordinary array.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from math import prod
from typing import Any, Final, NamedTuple

import numpy as np

LIMIT: Final = 1 << 29
"""The most bytes that are kept for later."""
AGE: Final = 60.0
"""How long they are kept, in seconds."""
_ALIGNED: Final = 64


class _Block(NamedTuple):
    """Memory, and where in it an array begins."""

    memory: Any
    address: int
    size: int


_free: dict[int, deque[tuple[float, _Block]]] = {}  # by size: since when, what; the oldest first
_lock = threading.RLock()  # a lease may end while this thread takes memory
_held = 0


class _Lease:
    """The owner of an array's memory."""

    __slots__ = ("__array_interface__", "block")

    def __init__(self, block: _Block, shape: tuple[int, ...], dtype: Any) -> None:
        self.block = block
        read_only = False
        self.__array_interface__ = {
            "version": 3,
            "shape": shape,
            "typestr": dtype.str,
            "data": (block.address, read_only),
        }

    def __del__(self) -> None:
        global _held
        now, size = time.monotonic(), self.block.size
        with _lock:
            _held += size
            kept = _free.get(size)
            if kept is None:
                kept = _free[size] = deque()
            kept.append((now, self.block))
            _evict(now)


def _evict(now: float) -> None:
    """Let go of what is too old or too much; the lock is held."""
    global _held
    while _free:
        size, kept = min(_free.items(), key=lambda item: item[1][0][0])
        if _held <= LIMIT and now - kept[0][0] <= AGE:
            return
        kept.popleft()
        _held -= size
        if not kept:
            del _free[size]


def empty(shape: tuple[int, ...], dtype: Any) -> Any:
    """As ``np.empty``, in memory that was used before where there is some of this size."""
    global _held
    size, block = dtype.itemsize * prod(shape), None
    with _lock:
        kept = _free.get(size)
        if kept:
            block = kept.pop()[1]
            _held -= size
            if not kept:
                del _free[size]
    return np.asarray(_Lease(_new(size) if block is None else block, shape, dtype))


def _new(size: int) -> _Block:
    memory = np.empty(size + _ALIGNED, np.uint8)
    return _Block(memory, -(-memory.ctypes.data // _ALIGNED) * _ALIGNED, size)


def forget() -> None:
    """Give the kept memory back to the system."""
    global _held
    with _lock:
        _free.clear()
        _held = 0


def _after_fork() -> None:
    """In a child no other thread will ever release the lock that it held."""
    global _lock
    _lock = threading.RLock()
    forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
