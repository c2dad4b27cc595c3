"""Rows with mean 0 and variance 1, scaled and shifted, and the cotangents of that, each in one pass over memory."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from . import rows, sharing

_TEXT: Final = """
declare {kind} @llvm.sqrt.{suffix}({kind})
define internal void @units.normalize(ptr %work, i64 %first, i64 %end) {{
{arguments}
  %count = uitofp i64 %n to {kind}
  br label %unit
unit:
  %u = phi i64 [%first, %0], [%u.next, %unit.end]
  %away = mul i64 %u, %n
  %x.row = getelementptr {kind}, ptr %x, i64 %away
  %y.row = getelementptr {kind}, ptr %y, i64 %away
  %sum = call {kind} @sum(ptr %x.row, i64 %n)
  %mean = fdiv {kind} %sum, %count
  br label %rest
rest:
  %i = phi i64 [0, %unit], [%i.next, %rest]
  %i.from = getelementptr inbounds {kind}, ptr %x.row, i64 %i
  %i.x = load {kind}, ptr %i.from, !llvm.access.group !0
  %i.d = fsub {kind} %i.x, %mean
  %i.to = getelementptr inbounds {kind}, ptr %y.row, i64 %i
  store {kind} %i.d, ptr %i.to, !llvm.access.group !0
  %i.next = add nuw nsw i64 %i, 1
  %i.more = icmp ult i64 %i.next, %n
  br i1 %i.more, label %rest, label %factor, !llvm.loop !1
factor:
  %squares = call {kind} @sum.products(ptr %y.row, ptr %y.row, i64 %n)
  %var = fdiv {kind} %squares, %count
  %beside = fadd {kind} %var, %eps
  %root = call {kind} @llvm.sqrt.{suffix}({kind} %beside)
  %r = fdiv {kind} 1.0, %root
  %mean.at = getelementptr {kind}, ptr %means, i64 %u
  store {kind} %mean, ptr %mean.at
  %var.at = getelementptr {kind}, ptr %vars, i64 %u
  store {kind} %var, ptr %var.at
  %r.at = getelementptr {kind}, ptr %factors, i64 %u
  store {kind} %r, ptr %r.at
  br label %scale
scale:
  %j = phi i64 [0, %factor], [%j.next, %scale]
  %j.at = getelementptr inbounds {kind}, ptr %y.row, i64 %j
  %j.d = load {kind}, ptr %j.at, !llvm.access.group !0
  %j.gamma.at = getelementptr inbounds {kind}, ptr %gamma, i64 %j
  %j.gamma = load {kind}, ptr %j.gamma.at, !llvm.access.group !0
  %j.beta.at = getelementptr inbounds {kind}, ptr %beta, i64 %j
  %j.beta = load {kind}, ptr %j.beta.at, !llvm.access.group !0
  %j.normal = fmul {kind} %j.d, %r
  %j.scaled = fmul {kind} %j.normal, %j.gamma
  %j.y = fadd {kind} %j.scaled, %j.beta
  store {kind} %j.y, ptr %j.at, !llvm.access.group !0
  %j.next = add nuw nsw i64 %j, 1
  %j.more = icmp ult i64 %j.next, %n
  br i1 %j.more, label %scale, label %unit.end, !llvm.loop !2
{next_unit}
!0 = distinct !{{}}
!1 = distinct !{{!1, !3}}
!2 = distinct !{{!2, !3}}
!3 = !{{!"llvm.loop.parallel_accesses", !0}}
"""
_BACK: Final = """
define internal void @units.pull(ptr %work, i64 %first, i64 %end) {{
{arguments}
  %count = uitofp i64 %n to {kind}
  br label %unit
unit:
  %u = phi i64 [%first, %0], [%u.next, %unit.end]
  %away = mul i64 %u, %n
  %g.row = getelementptr {kind}, ptr %g, i64 %away
  %x.row = getelementptr {kind}, ptr %x, i64 %away
  %v.row = getelementptr {kind}, ptr %gx, i64 %away
  %w.row = getelementptr {kind}, ptr %along, i64 %away
  %mean.at = getelementptr {kind}, ptr %means, i64 %u
  %mean = load {kind}, ptr %mean.at
  %r.at = getelementptr {kind}, ptr %factors, i64 %u
  %r = load {kind}, ptr %r.at
  br label %begin
begin:
  %i = phi i64 [0, %unit], [%i.next, %begin]
  %i.x.at = getelementptr inbounds {kind}, ptr %x.row, i64 %i
  %i.x = load {kind}, ptr %i.x.at, !llvm.access.group !0
  %i.g.at = getelementptr inbounds {kind}, ptr %g.row, i64 %i
  %i.g = load {kind}, ptr %i.g.at, !llvm.access.group !0
  %i.gamma.at = getelementptr inbounds {kind}, ptr %gamma, i64 %i
  %i.gamma = load {kind}, ptr %i.gamma.at, !llvm.access.group !0
  %i.d = fsub {kind} %i.x, %mean
  %i.normal = fmul {kind} %i.d, %r
  %i.v = fmul {kind} %i.g, %i.gamma
  %i.v.at = getelementptr inbounds {kind}, ptr %v.row, i64 %i
  store {kind} %i.v, ptr %i.v.at, !llvm.access.group !0
  %i.w.at = getelementptr inbounds {kind}, ptr %w.row, i64 %i
  store {kind} %i.normal, ptr %i.w.at, !llvm.access.group !0
  %i.next = add nuw nsw i64 %i, 1
  %i.more = icmp ult i64 %i.next, %n
  br i1 %i.more, label %begin, label %means.of, !llvm.loop !1
means.of:
  %sum = call {kind} @sum(ptr %v.row, i64 %n)
  %m = fdiv {kind} %sum, %count
  %products = call {kind} @sum.products(ptr %w.row, ptr %v.row, i64 %n)
  %c = fdiv {kind} %products, %count
  br label %finish
finish:
  %j = phi i64 [0, %means.of], [%j.next, %finish]
  %j.v.at = getelementptr inbounds {kind}, ptr %v.row, i64 %j
  %j.v = load {kind}, ptr %j.v.at, !llvm.access.group !0
  %j.w.at = getelementptr inbounds {kind}, ptr %w.row, i64 %j
  %j.normal = load {kind}, ptr %j.w.at, !llvm.access.group !0
  %j.g.at = getelementptr inbounds {kind}, ptr %g.row, i64 %j
  %j.g = load {kind}, ptr %j.g.at, !llvm.access.group !0
  %j.a = fsub {kind} %j.v, %m
  %j.b = fmul {kind} %j.normal, %c
  %j.c = fsub {kind} %j.a, %j.b
  %j.x = fmul {kind} %j.c, %r
  store {kind} %j.x, ptr %j.v.at, !llvm.access.group !0
  %j.y = fmul {kind} %j.g, %j.normal
  store {kind} %j.y, ptr %j.w.at, !llvm.access.group !0
  %j.next = add nuw nsw i64 %j, 1
  %j.more = icmp ult i64 %j.next, %n
  br i1 %j.more, label %finish, label %unit.end, !llvm.loop !2
{next_unit}
!0 = distinct !{{}}
!1 = distinct !{{!1, !3}}
!2 = distinct !{{!2, !3}}
!3 = !{{!"llvm.loop.parallel_accesses", !0}}
"""
_FORWARD_ARRAYS: Final = ("x", "gamma", "beta", "y", "means", "vars", "factors")
_BACK_ARRAYS: Final = ("g", "x", "gamma", "means", "factors", "gx", "along")


def normalize(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``y = (x - mean) r gamma + beta`` for each row; the means, the variances and the factors ``r``.

    Gamma and beta have the length of a row, which is not 0, and ``r`` is ``1 / sqrt(var + eps)``.
    """
    means, variances, factors = (np.empty(x.size // gamma.size, x.dtype) for _ in range(3))
    _run("normalize", [x, gamma, beta, y, means, variances, factors], [rows.bits(eps)])
    return means, variances, factors


def pull(
    g: np.ndarray, x: np.ndarray, gamma: np.ndarray, means: np.ndarray, factors: np.ndarray, gx: np.ndarray
) -> np.ndarray:
    """Put the cotangent of x into ``gx``; the result is g times the normalised rows, whose sum is that of gamma."""
    along = np.empty_like(gx)
    _run("pull", [g, x, gamma, means, factors, gx, along], [])
    return along


def _run(name: str, arrays: list[np.ndarray], numbers: list[int]) -> None:
    x, n = arrays[1 if name == "pull" else 0], arrays[2 if name == "pull" else 1].size
    assert all(a.flags.c_contiguous and a.dtype == x.dtype for a in arrays)
    _kernel(name, x.dtype.name)([*(a.ctypes.data for a in arrays), n, *numbers], x.size // n, x.size)


@cache
def _kernel(name: str, dtype: str) -> sharing.Kernel:
    if name == "pull":
        text = rows.text(dtype, _BACK, _BACK_ARRAYS, ())
    else:
        text = rows.text(dtype, _TEXT, _FORWARD_ARRAYS, ("eps",))
    return sharing.kernels(text, (name,))[name]
