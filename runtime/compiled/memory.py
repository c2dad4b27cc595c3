"""Memory of large results, used again: a fresh array of many megabytes costs a page fault every 4 KiB when it is
filled.

A result points to a :class:`_Lease`, and so does every view of it; when the last of them is gone, the memory goes back.
"""

from __future__ import annotations

import os
import threading
from typing import Any, Final

import numpy as np

LIMIT: Final = 1 << 29
"""The most bytes that are kept for later."""

_free: dict[int, list[Any]] = {}
_lock = threading.RLock()  # a lease may end while this thread takes memory
_held = 0


class _Lease:
    """The owner of an array's memory."""

    __slots__ = ("__array_interface__", "memory")

    def __init__(self, memory: Any, shape: tuple[int, ...], dtype: Any) -> None:
        self.memory = memory
        address, read_only = memory.ctypes.data, False
        self.__array_interface__ = {"version": 3, "shape": shape, "typestr": dtype.str, "data": (address, read_only)}

    def __del__(self) -> None:
        global _held
        size = self.memory.nbytes
        with _lock:
            if _held + size <= LIMIT:
                _held += size
                _free.setdefault(size, []).append(self.memory)


def empty(shape: tuple[int, ...], dtype: Any) -> Any:
    """As ``np.empty``, in memory that was used before where there is some of this size."""
    global _held
    size = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
    with _lock:
        kept = _free.get(size)
        memory = kept.pop() if kept else None
        if memory is not None:
            _held -= size
    return np.asarray(_Lease(np.empty(size, np.uint8) if memory is None else memory, shape, dtype))


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
