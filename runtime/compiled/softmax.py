"""The softmax of rows and its derivative, each in one pass over memory.

A row stays in the cache while it is scaled, shifted by its maximum, exponentiated and divided.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from . import library, rows, sharing

_EXP: Final = {"float32": "hd_expf", "float64": "hd_exp"}

_TEXT: Final = """
declare {kind} @llvm.vector.reduce.fmaximum.v{lanes}{suffix}({vector})
declare {vector} @llvm.maximum.v{lanes}{suffix}({vector}, {vector})
declare {kind} @llvm.maximum.{suffix}({kind}, {kind})

; the largest element of a row times the scale; NaN where there is one
define internal {kind} @largest(ptr %row, i64 %n, {kind} %scale) {{
  %head = insertelement {vector} poison, {kind} %scale, i32 0
  %scales = shufflevector {vector} %head, {vector} poison, <{lanes} x i32> zeroinitializer
  %most = and i64 %n, -{lanes}
  %some = icmp ne i64 %most, 0
  %head.low = insertelement {vector} poison, {kind} 0xFFF0000000000000, i32 0
  %low = shufflevector {vector} %head.low, {vector} poison, <{lanes} x i32> zeroinitializer
  br i1 %some, label %wide, label %rest
wide:
  %i = phi i64 [0, %0], [%i.next, %wide]
  %so.far = phi {vector} [%low, %0], [%now, %wide]
  %at = getelementptr {kind}, ptr %row, i64 %i
  %x = load {vector}, ptr %at, align {size}
  %y = fmul {vector} %x, %scales
  %now = call {vector} @llvm.maximum.v{lanes}{suffix}({vector} %so.far, {vector} %y)
  %i.next = add i64 %i, {lanes}
  %i.more = icmp ult i64 %i.next, %most
  br i1 %i.more, label %wide, label %rest
rest:
  %all = phi {vector} [%low, %0], [%now, %wide]
  %first = call {kind} @llvm.vector.reduce.fmaximum.v{lanes}{suffix}({vector} %all)
  %left = icmp ult i64 %most, %n
  br i1 %left, label %narrow, label %done
narrow:
  %j = phi i64 [%most, %rest], [%j.next, %narrow]
  %before = phi {kind} [%first, %rest], [%after, %narrow]
  %j.at = getelementptr {kind}, ptr %row, i64 %j
  %j.x = load {kind}, ptr %j.at
  %j.y = fmul {kind} %j.x, %scale
  %after = call {kind} @llvm.maximum.{suffix}({kind} %before, {kind} %j.y)
  %j.next = add i64 %j, 1
  %j.more = icmp ult i64 %j.next, %n
  br i1 %j.more, label %narrow, label %done
done:
  %result = phi {kind} [%first, %rest], [%after, %narrow]
  ret {kind} %result
}}

define internal void @units.softmax(ptr %work, i64 %first, i64 %end) {{
{arguments}
  br label %unit
unit:
  %u = phi i64 [%first, %0], [%u.next, %unit.end]
  %away = mul i64 %u, %n
  %row = getelementptr {kind}, ptr %a, i64 %away
  %most = call {kind} @largest(ptr %row, i64 %n, {kind} %scale)
  br label %exp
exp:
  %i = phi i64 [0, %unit], [%i.next, %exp]
  %i.at = getelementptr inbounds {kind}, ptr %row, i64 %i
  %i.x = load {kind}, ptr %i.at, !llvm.access.group !0
  %i.y = fmul {kind} %i.x, %scale
  %i.z = fsub {kind} %i.y, %most
  %i.e = call {kind} @{exp}({kind} %i.z)
  store {kind} %i.e, ptr %i.at, !llvm.access.group !0
  %i.next = add nuw nsw i64 %i, 1
  %i.more = icmp ult i64 %i.next, %n
  br i1 %i.more, label %exp, label %sum, !llvm.loop !1
sum:
  %total = call {kind} @sum(ptr %row, i64 %n)
  br label %divide
divide:
  %j = phi i64 [0, %sum], [%j.next, %divide]
  %j.at = getelementptr inbounds {kind}, ptr %row, i64 %j
  %j.x = load {kind}, ptr %j.at, !llvm.access.group !0
  %j.y = fdiv {kind} %j.x, %total
  store {kind} %j.y, ptr %j.at, !llvm.access.group !0
  %j.next = add nuw nsw i64 %j, 1
  %j.more = icmp ult i64 %j.next, %n
  br i1 %j.more, label %divide, label %unit.end, !llvm.loop !2
{next_unit}
define internal void @units.push(ptr %work, i64 %first, i64 %end) {{
{arguments}
  br label %unit
unit:
  %u = phi i64 [%first, %0], [%u.next, %unit.end]
  %away = mul i64 %u, %n
  %row = getelementptr {kind}, ptr %a, i64 %away
  %p = getelementptr {kind}, ptr %b, i64 %away
  %total = call {kind} @sum.products(ptr %row, ptr %p, i64 %n)
  br label %each
each:
  %i = phi i64 [0, %unit], [%i.next, %each]
  %i.at = getelementptr inbounds {kind}, ptr %row, i64 %i
  %i.x = load {kind}, ptr %i.at, !llvm.access.group !0
  %i.p.at = getelementptr inbounds {kind}, ptr %p, i64 %i
  %i.p = load {kind}, ptr %i.p.at, !llvm.access.group !0
  %i.y = fsub {kind} %i.x, %total
  %i.z = fmul {kind} %i.y, %i.p
  %i.w = fmul {kind} %i.z, %scale
  store {kind} %i.w, ptr %i.at, !llvm.access.group !0
  %i.next = add nuw nsw i64 %i, 1
  %i.more = icmp ult i64 %i.next, %n
  br i1 %i.more, label %each, label %unit.end, !llvm.loop !3
{next_unit}
!0 = distinct !{{}}
!1 = distinct !{{!1, !4}}
!2 = distinct !{{!2, !4}}
!3 = distinct !{{!3, !4}}
!4 = !{{!"llvm.loop.parallel_accesses", !0}}
"""


def softmax(x: np.ndarray, scale: float) -> None:
    """Make of each row of x, contiguous and not empty, the softmax of ``scale`` times it."""
    _run("softmax", x, x, scale)


def push(x: np.ndarray, p: np.ndarray, scale: float) -> None:
    """Make of each row of x what the derivative of :func:`softmax` makes of it, where p is the softmax."""
    _run("push", x, p, scale)


def _run(name: str, a: np.ndarray, b: np.ndarray, scale: float) -> None:
    if not a.size:
        return
    assert a.flags.c_contiguous and b.flags.c_contiguous and a.shape == b.shape and a.dtype == b.dtype
    work = [a.ctypes.data, b.ctypes.data, a.shape[-1], rows.bits(scale)]
    _kernels(a.dtype.name)[name](work, a.size // a.shape[-1], a.size)


@cache
def _kernels(dtype: str) -> dict[str, sharing.Kernel]:
    exp = _EXP[dtype]
    text = rows.text(dtype, _TEXT, ("a", "b"), ("scale",), exp=exp)
    return sharing.kernels(library.with_cores((exp,), text), ("softmax", "push"))
