"""Work in numbered units that threads share: planes of a convolution, matrices of a stack, rows of a softmax.

A kernel is a function ``@units.NAME(ptr work, i64 first, i64 end)`` in LLVM's language, which does the units from
``first`` to before ``end``; ``work`` is an array of integers of 8 bytes, addresses and extents.  Each unit writes to a
place of its own, so the bits do not depend on who does it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any, Final

from . import machine, pool, threads

SHARED: Final = 1 << 15
"""Threads share work on so many numbers or more."""
_SHIFT: Final = 11
"""The pool hands out no less than ``2**11`` elements, and a unit counts as so many."""

_TEXT: Final = """
; the units whose first element is among the n from args[1] on
define internal void @stretch.{name}(ptr %args, ptr %steps, i64 %n, i64 %streams) {{
  %work = load ptr, ptr %args
  %from.at = getelementptr i64, ptr %args, i64 1
  %from = load i64, ptr %from.at
  %to = add i64 %from, %n
  %from.up = add i64 %from, {last}
  %to.up = add i64 %to, {last}
  %first = lshr i64 %from.up, {shift}
  %end = lshr i64 %to.up, {shift}
  %some = icmp ult i64 %first, %end
  br i1 %some, label %go, label %done
go:
  call void @units.{name}(ptr %work, i64 %first, i64 %end)
  br label %done
done:
  ret void
}}
define void @{name}(ptr %work, i64 %units, ptr %pool) {{
  %args = alloca [2 x i64]
  %steps = alloca [2 x i64]
  %n = shl i64 %units, {shift}
  store ptr %work, ptr %args
  %index = getelementptr i64, ptr %args, i64 1
  store i64 0, ptr %index
  store i64 0, ptr %steps
  %one = getelementptr i64, ptr %steps, i64 1
  store i64 1, ptr %one
  %given = icmp ne ptr %pool, null
  br i1 %given, label %together, label %alone
together:
  %run = load ptr, ptr %pool
  call void %run(ptr %pool, ptr @stretch.{name}, ptr %args, ptr %steps, i64 %n, i64 0, i64 1, i64 2, i64 1)
  ret void
alone:
  call void @stretch.{name}(ptr %args, ptr %steps, i64 %n, i64 0)
  ret void
}}
"""

Kernel = Callable[[Sequence[int], int, int], None]
"""``kernel(work, units, size)``: do all units, which are work on so many numbers together."""


def kernels(text: str, names: Sequence[str]) -> dict[str, Kernel]:
    """The kernels ``@units.NAME`` of a module in LLVM's language, compiled."""
    whole = text + "".join(_TEXT.format(name=name, shift=_SHIFT, last=(1 << _SHIFT) - 1) for name in names)
    kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)
    return {
        name: _kernel(kind(address))
        for name, address in zip(names, machine.addresses(whole, tuple(names)), strict=True)
    }


def _kernel(function: Any) -> Kernel:
    def run(work: Sequence[int], units: int, size: int) -> None:
        shared = None
        if size >= SHARED:
            threads.start()
            shared = pool.data()
        function((ctypes.c_int64 * len(work))(*work), units, shared)

    return run
