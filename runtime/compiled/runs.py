"""Short runs of numbers that meet short runs of another array: copied, added or compared, all in one call.

Where the windows of a convolution or a pool meet their input, rows of a few dozen numbers meet, and NumPy takes longer
to begin a row than to run through it.  What meets is the same for each *plane* (the pixels of one channel of one
sample) but for where the plane begins, so two small tables say it all: see :class:`Runs`.  A plane is the work of one
thread, run by run in the order of the table, so the bits depend on nothing else.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np

from . import machine, sharing

_TYPES: Final = {"float32": "float", "float64": "double"}

_TEXT: Final = """
define internal void @units.{name}(ptr %work, i64 %first, i64 %end) {{
  %a = load ptr, ptr %work
  %b.at = getelementptr i64, ptr %work, i64 1
  %b = load ptr, ptr %b.at
  %c.at = getelementptr i64, ptr %work, i64 2
  %c = load ptr, ptr %c.at
  %planes.at = getelementptr i64, ptr %work, i64 3
  %planes = load ptr, ptr %planes.at
  %runs.at = getelementptr i64, ptr %work, i64 4
  %runs = load ptr, ptr %runs.at
  %count.at = getelementptr i64, ptr %work, i64 5
  %count = load i64, ptr %count.at
  %step.at = getelementptr i64, ptr %work, i64 6
  %step = load i64, ptr %step.at
  br label %plane
plane:
  %p = phi i64 [%first, %0], [%p.next, %plane.end]
  %p.twice = shl i64 %p, 1
  %p.a.at = getelementptr i64, ptr %planes, i64 %p.twice
  %p.a = load i64, ptr %p.a.at
  %p.b.at = getelementptr i64, ptr %p.a.at, i64 1
  %p.b = load i64, ptr %p.b.at
  %a.plane = getelementptr {kind}, ptr %a, i64 %p.a
  %b.plane = getelementptr {kind}, ptr %b, i64 %p.b
  %c.plane = getelementptr i8, ptr %c, i64 %p.b
  br label %run
run:
  %r = phi i64 [0, %plane], [%r.next, %run.end]
  %r.row = mul i64 %r, 4
  %r.a.at = getelementptr i64, ptr %runs, i64 %r.row
  %r.a = load i64, ptr %r.a.at
  %r.b.at = getelementptr i64, ptr %r.a.at, i64 1
  %r.b = load i64, ptr %r.b.at
  %r.m.at = getelementptr i64, ptr %r.a.at, i64 2
  %m = load i64, ptr %r.m.at
  %r.k.at = getelementptr i64, ptr %r.a.at, i64 3
  %r.k = load i64, ptr %r.k.at
  %k = trunc i64 %r.k to i8
  %a.run = getelementptr {kind}, ptr %a.plane, i64 %r.a
  %b.run = getelementptr {kind}, ptr %b.plane, i64 %r.b
  %c.run = getelementptr i8, ptr %c.plane, i64 %r.b
  switch i64 %step, label %far [i64 1, label %near i64 2, label %second]
{loops}
run.end:
  %r.next = add nuw nsw i64 %r, 1
  %r.more = icmp ult i64 %r.next, %count
  br i1 %r.more, label %run, label %plane.end
plane.end:
  %p.next = add nuw nsw i64 %p, 1
  %p.more = icmp ult i64 %p.next, %end
  br i1 %p.more, label %plane, label %done
done:
  ret void
}}
"""
_LOOP: Final = """{i}:
  %{i}.j = phi i64 [0, %run], [%{i}.next, %{i}]
  %{i}.away = mul i64 %{i}.j, {step}
  %{i}.a = getelementptr inbounds {kind}, ptr %a.run, i64 %{i}.away
  %{i}.b = getelementptr inbounds {kind}, ptr %b.run, i64 %{i}.j
  %{i}.c = getelementptr inbounds i8, ptr %c.run, i64 %{i}.j
{body}
  %{i}.next = add nuw nsw i64 %{i}.j, 1
  %{i}.more = icmp ult i64 %{i}.next, %m
  br i1 %{i}.more, label %{i}, label %run.end, !llvm.loop !1"""
_STEPS: Final = {"near": "1", "second": "2", "far": "%step"}
_METADATA: Final = """
!0 = distinct !{}
!1 = distinct !{!1, !2}
!2 = !{!"llvm.loop.parallel_accesses", !0}
"""
_COPY: Final = """  %{i}.x = load {kind}, ptr %{i}.a, !llvm.access.group !0
  store {kind} %{i}.x, ptr %{i}.b, !llvm.access.group !0"""
_ADD: Final = """  %{i}.x = load {kind}, ptr %{i}.b, !llvm.access.group !0
  %{i}.y = load {kind}, ptr %{i}.a, !llvm.access.group !0
  %{i}.z = fadd {kind} %{i}.y, %{i}.x
  store {kind} %{i}.z, ptr %{i}.a, !llvm.access.group !0"""
_CONTEST: Final = """  %{i}.x = load {kind}, ptr %{i}.a, !llvm.access.group !0
  %{i}.best = load {kind}, ptr %{i}.b, !llvm.access.group !0
  %{i}.winner = load i8, ptr %{i}.c, !llvm.access.group !0
  %{i}.larger = fcmp ugt {kind} %{i}.x, %{i}.best
  %{i}.number = fcmp ord {kind} %{i}.best, %{i}.best
  %{i}.wins = and i1 %{i}.larger, %{i}.number
  %{i}.first = icmp eq i8 %{i}.winner, {nobody}
  %{i}.takes = or i1 %{i}.wins, %{i}.first
  %{i}.new = select i1 %{i}.takes, {kind} %{i}.x, {kind} %{i}.best
  %{i}.now = select i1 %{i}.takes, i8 %k, i8 %{i}.winner
  store {kind} %{i}.new, ptr %{i}.b, !llvm.access.group !0
  store i8 %{i}.now, ptr %{i}.c, !llvm.access.group !0"""
_SPREAD: Final = """  %{i}.g = load {kind}, ptr %{i}.b, !llvm.access.group !0
  %{i}.winner = load i8, ptr %{i}.c, !llvm.access.group !0
  %{i}.won = icmp eq i8 %{i}.winner, %k
  %{i}.x = select i1 %{i}.won, {kind} %{i}.g, {kind} 0.0
  %{i}.y = load {kind}, ptr %{i}.a, !llvm.access.group !0
  %{i}.z = fadd {kind} %{i}.y, %{i}.x
  store {kind} %{i}.z, ptr %{i}.a, !llvm.access.group !0"""
_BODIES: Final = {"copy": _COPY, "add": _ADD, "contest": _CONTEST, "spread": _SPREAD}
NOBODY: Final = 255
"""Stands among the winners where there is none yet; the numbers of runs are less."""


class Runs(NamedTuple):
    """Which elements of an array a meet which of an array b.

    A row of ``planes`` says where a plane begins in a and in b; a row of ``runs`` where a run begins in them, from the
    plane's beginning on, its length, which is at least 1, and its number k.  A run takes every ``step``-th element
    of a.
    """

    planes: np.ndarray
    runs: np.ndarray
    step: int

    @property
    def size(self) -> int:
        """How many elements meet."""
        return len(self.planes) * int(self.runs[:, 2].sum())


def possible(dtype: Any) -> bool:
    """Whether the functions below run here, for this dtype.  Their arrays are contiguous and apart from one another."""
    return dtype.name in _TYPES and machine.missing() is None


def copy(a: np.ndarray, b: np.ndarray, runs: Runs) -> None:
    """Copy what is in a to b."""
    _run("copy", a, b, None, runs)


def add(a: np.ndarray, b: np.ndarray, runs: Runs) -> None:
    """Add what is in b to a.  No two planes share elements of a."""
    _run("add", a, b, None, runs)


def contest(a: np.ndarray, b: np.ndarray, winners: np.ndarray, runs: Runs) -> None:
    """Put the larger of both into b, and where it comes from a the run's number into ``winners``, bytes beside b.

    NaN is larger than any number; of equals the earlier stays; all are larger than what :data:`NOBODY` has put there.
    """
    _run("contest", a, b, winners, runs)


def spread(a: np.ndarray, b: np.ndarray, winners: np.ndarray, runs: Runs) -> None:
    """Add to a what is in b where the run is the winner, elsewhere 0.  No two planes share elements of a."""
    _run("spread", a, b, winners, runs)


def _run(name: str, a: np.ndarray, b: np.ndarray, c: np.ndarray | None, runs: Runs) -> None:
    if not len(runs.planes) or not len(runs.runs):
        return
    assert a.dtype == b.dtype and all(x.flags.c_contiguous for x in (a, b, c) if x is not None)
    arrays = [0 if x is None else x.ctypes.data for x in (a, b, c, runs.planes, runs.runs)]
    _kernels(a.dtype.name)[name]([*arrays, len(runs.runs), runs.step], len(runs.planes), runs.size)


@cache
def _kernels(dtype: str) -> dict[str, sharing.Kernel]:
    kind, text = _TYPES[dtype], ""
    for name, body in _BODIES.items():
        loops = [
            _LOOP.format(i=i, step=step, kind=kind, body=body.format(i=i, kind=kind, nobody=NOBODY - 256))
            for i, step in _STEPS.items()
        ]
        text += _TEXT.format(name=name, kind=kind, loops="\n".join(loops))
    return sharing.kernels(text + _METADATA, tuple(_BODIES))
