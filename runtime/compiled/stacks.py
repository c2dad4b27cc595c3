"""Products of matrices and of stacks of them, shared by threads piece by piece.

BLAS has its threads wait for one another in each product, which takes longer than the product of two small matrices,
and very much longer where other programs want the processor too.  Here whoever is free takes the next piece of the
result: some rows and, of the right factor, a panel of a few vectors' width, which is packed once; a tile of the piece
stays in registers while the panel runs past it.  Each element is summed in the order of the inner axis by fused
multiply-adds, so its bits depend on neither the tile nor the threads nor the processor.
"""

from __future__ import annotations

import math
import platform
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np

from . import machine, memory, pool, sharing, threads

DEEPEST: Final = 1 << 10
"""The longest inner axis of one pass: a panel lies on the stack."""
LEAST: Final = 1 << 21
"""The multiplications from which threads are worth while; with fewer, BLAS is quicker."""
_BLOCK: Final = 256
"""The rows of a piece."""
_TYPES: Final = {"float32": ("float", "f32", 4), "float64": ("double", "f64", 8)}

_DTYPES: Final = {np.dtype(name) for name in _TYPES}

_TEXT: Final = """
declare {vector} @llvm.fma.v{lanes}{suffix}({vector}, {vector}, {vector})
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
define internal i64 @less(i64 %a, i64 %b) alwaysinline {{
  %is = icmp ult i64 %a, %b
  %c = select i1 %is, i64 %a, i64 %b
  ret i64 %c
}}

; depth rows of a panel: the columns of b from here on, with zeros beyond the last
define internal void @pack(ptr %panel, ptr %b, i64 %row, i64 %column, i64 %depth, i64 %columns) {{
  %whole = icmp eq i64 %columns, {width}
  br i1 %whole, label %begin, label %clear
clear:
  %bytes = mul i64 %depth, {bytes}
  call void @llvm.memset.p0.i64(ptr align 64 %panel, i8 0, i64 %bytes, i1 false)
  br label %begin
begin:
  %dense = icmp eq i64 %column, 1
  br i1 %dense, label %rows, label %columns.first
rows:
  %k = phi i64 [0, %begin], [%k.next, %rows.end]
  %k.away = mul i64 %k, %row
  %k.from = getelementptr {kind}, ptr %b, i64 %k.away
  %k.place = mul i64 %k, {width}
  %k.to = getelementptr {kind}, ptr %panel, i64 %k.place
  br label %copy
copy:
  %j = phi i64 [0, %rows], [%j.next, %copy]
  %j.from = getelementptr {kind}, ptr %k.from, i64 %j
  %j.x = load {kind}, ptr %j.from, !llvm.access.group !0
  %j.to = getelementptr {kind}, ptr %k.to, i64 %j
  store {kind} %j.x, ptr %j.to, !llvm.access.group !0
  %j.next = add nuw nsw i64 %j, 1
  %j.more = icmp ult i64 %j.next, %columns
  br i1 %j.more, label %copy, label %rows.end, !llvm.loop !1
rows.end:
  %k.next = add nuw nsw i64 %k, 1
  %k.more = icmp ult i64 %k.next, %depth
  br i1 %k.more, label %rows, label %done
columns.first:
  %c = phi i64 [0, %begin], [%c.next, %columns.end]
  %c.away = mul i64 %c, %column
  %c.from = getelementptr {kind}, ptr %b, i64 %c.away
  %c.to = getelementptr {kind}, ptr %panel, i64 %c
  br label %turn
turn:
  %d = phi i64 [0, %columns.first], [%d.next, %turn]
  %d.away = mul i64 %d, %row
  %d.from = getelementptr {kind}, ptr %c.from, i64 %d.away
  %d.x = load {kind}, ptr %d.from
  %d.place = mul i64 %d, {width}
  %d.to = getelementptr {kind}, ptr %c.to, i64 %d.place
  store {kind} %d.x, ptr %d.to
  %d.next = add nuw nsw i64 %d, 1
  %d.more = icmp ult i64 %d.next, %depth
  br i1 %d.more, label %turn, label %columns.end
columns.end:
  %c.next = add nuw nsw i64 %c, 1
  %c.more = icmp ult i64 %c.next, %columns
  br i1 %c.more, label %columns.first, label %done
done:
  ret void
}}

; a tile of the result: rows of a times a panel; what is left of a larger tile goes through the spare one
define internal void @tile(ptr %a, i64 %row, i64 %column, i64 %rows, ptr %panel, ptr %c, i64 %wide, i64 %columns, i64 %depth, ptr %spare) {{
  %last = sub i64 %rows, 1
{begin}
  br label %loop
loop:
  %k = phi i64 [0, %0], [%k.next, %loop]
{sums}
  %k.away = mul i64 %k, %column
  %k.place = mul i64 %k, {width}
  %k.panel = getelementptr {kind}, ptr %panel, i64 %k.place
{step}
  %k.next = add nuw nsw i64 %k, 1
  %k.more = icmp ult i64 %k.next, %depth
  br i1 %k.more, label %loop, label %store
store:
  %tall = icmp uge i64 %rows, {height}
  %broad = icmp eq i64 %columns, {width}
  %whole = and i1 %tall, %broad
  %to = select i1 %whole, ptr %c, ptr %spare
  %apart = select i1 %whole, i64 %wide, i64 {width}
{store}
  br i1 %whole, label %done, label %rest
rest:
  %m = call i64 @less(i64 %rows, i64 {height})
  br label %lines
lines:
  %i = phi i64 [0, %rest], [%i.next, %lines.end]
  %i.place = mul i64 %i, {width}
  %i.from = getelementptr {kind}, ptr %spare, i64 %i.place
  %i.away = mul i64 %i, %wide
  %i.to = getelementptr {kind}, ptr %c, i64 %i.away
  br label %move
move:
  %j = phi i64 [0, %lines], [%j.next, %move]
  %j.from = getelementptr {kind}, ptr %i.from, i64 %j
  %j.x = load {kind}, ptr %j.from
  %j.to = getelementptr {kind}, ptr %i.to, i64 %j
  store {kind} %j.x, ptr %j.to
  %j.next = add nuw nsw i64 %j, 1
  %j.more = icmp ult i64 %j.next, %columns
  br i1 %j.more, label %move, label %lines.end
lines.end:
  %i.next = add nuw nsw i64 %i, 1
  %i.more = icmp ult i64 %i.next, %m
  br i1 %i.more, label %lines, label %done
done:
  ret void
}}

define internal void @units.product(ptr %work, i64 %first, i64 %end) {{
  %panel = alloca [{most} x {kind}], align 64
  %spare = alloca [{tile} x {kind}], align 64
{arguments}
  %a = inttoptr i64 %w0 to ptr
  %b = inttoptr i64 %w1 to ptr
  %c = inttoptr i64 %w2 to ptr
  %places = inttoptr i64 %w3 to ptr
  %m.up = add i64 %w4, {block_last}
  %blocks = udiv i64 %m.up, {block}
  %n.up = add i64 %w5, {width_last}
  %panels = udiv i64 %n.up, {width}
  br label %unit
unit:
  %u = phi i64 [%first, %0], [%u.next, %unit.end]
  %n.number = urem i64 %u, %panels
  %u.rest = udiv i64 %u, %panels
  %m.number = urem i64 %u.rest, %blocks
  %u.matrix = udiv i64 %u.rest, %blocks
  %u.row = mul i64 %u.matrix, 3
  %u.a.at = getelementptr i64, ptr %places, i64 %u.row
  %u.a = load i64, ptr %u.a.at
  %u.b.at = getelementptr i64, ptr %u.a.at, i64 1
  %u.b = load i64, ptr %u.b.at
  %u.c.at = getelementptr i64, ptr %u.a.at, i64 2
  %u.c = load i64, ptr %u.c.at
  %a.unit = getelementptr {kind}, ptr %a, i64 %u.a
  %b.unit = getelementptr {kind}, ptr %b, i64 %u.b
  %c.unit = getelementptr {kind}, ptr %c, i64 %u.c
  %n = mul i64 %n.number, {width}
  %n.left = sub i64 %w5, %n
  %columns = call i64 @less(i64 %n.left, i64 {width})
  %n.away = mul i64 %n, %w10
  %b.panel = getelementptr {kind}, ptr %b.unit, i64 %n.away
  call void @pack(ptr %panel, ptr %b.panel, i64 %w9, i64 %w10, i64 %w6, i64 %columns)
  %c.panel = getelementptr {kind}, ptr %c.unit, i64 %n
  %m.first = mul i64 %m.number, {block}
  %m.far = add i64 %m.first, {block}
  %m.end = call i64 @less(i64 %m.far, i64 %w4)
  br label %tiles
tiles:
  %m = phi i64 [%m.first, %unit], [%m.next, %tiles]
  %m.left = sub i64 %m.end, %m
  %m.away = mul i64 %m, %w7
  %a.tile = getelementptr {kind}, ptr %a.unit, i64 %m.away
  %m.place = mul i64 %m, %w5
  %c.tile = getelementptr {kind}, ptr %c.panel, i64 %m.place
  call void @tile(ptr %a.tile, i64 %w7, i64 %w8, i64 %m.left, ptr %panel, ptr %c.tile, i64 %w5, i64 %columns, i64 %w6, ptr %spare)
  %m.next = add i64 %m, {height}
  %m.more = icmp ult i64 %m.next, %m.end
  br i1 %m.more, label %tiles, label %unit.end
unit.end:
  %u.next = add i64 %u, 1
  %u.more = icmp ult i64 %u.next, %end
  br i1 %u.more, label %unit, label %done
done:
  ret void
}}
!0 = distinct !{{}}
!1 = distinct !{{!1, !2}}
!2 = !{{!"llvm.loop.parallel_accesses", !0}}
"""  # noqa: E501


@cache
def _worthwhile() -> bool:
    """Whether there are threads to share the work, and this processor multiplies and adds in one operation."""
    here = machine.machine()
    if here is None or pool.pool() is None:
        return False
    return platform.machine() in ("arm64", "aarch64") or "+fma," in here.label


@cache
def _shape() -> tuple[int, int]:
    """The bytes of a vector and the rows of a tile, of which the registers hold two vectors each."""
    here = machine.machine()
    assert here is not None
    return (64, 8) if here.registers == 32 and "+avx512" in here.label else (32, 6)


def possible(a: Any, b: Any) -> bool:
    """Whether :func:`multiply` takes these factors, and is worth while."""
    if type(a) is not np.ndarray or type(b) is not np.ndarray or a.dtype != b.dtype or a.dtype not in _DTYPES:
        return False
    if not 2 <= a.ndim == b.ndim or a.shape[:-2] != b.shape[:-2] or not _worthwhile():
        return False
    if not 0 < a.shape[-1] == b.shape[-2]:
        return False
    width, height = 2 * _shape()[0] // a.itemsize, _shape()[1]
    if a.shape[-2] < height or 4 * b.shape[-1] < width or a.size * b.shape[-1] < LEAST:  # tiles would be mostly empty
        return False
    whole = not any(step % a.itemsize for step in (*a.strides, *b.strides))
    return whole and a.flags.aligned and b.flags.aligned


def product(a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """``a @ b``, by :func:`multiply` where that is :func:`possible` and else by BLAS; ``out`` is contiguous."""
    if not possible(a, b):
        return np.matmul(a, b, out=out)
    if out is None:
        shape = (*a.shape[:-1], b.shape[-1])
        out = memory.empty(shape, a.dtype) if math.prod(shape) >= threads.FRESH else np.empty(shape, a.dtype)
    multiply(a, b, out)
    return out


def multiply(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """``out = a @ b`` for factors that are :func:`possible`; ``out`` is contiguous and apart from them.

    An inner axis that is longer than :data:`DEEPEST` is summed in parts of that length.
    """
    _pass(a[..., :DEEPEST], b[..., :DEEPEST, :], out)
    if a.shape[-1] > DEEPEST:
        part = np.empty_like(out)
        for start in range(DEEPEST, a.shape[-1], DEEPEST):
            _pass(a[..., start : start + DEEPEST], b[..., start : start + DEEPEST, :], part)
            with np.errstate(all="ignore"):
                out += part


def _pass(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    assert out.flags.c_contiguous and out.dtype == a.dtype == b.dtype
    stack, (m, k), n, size = a.shape[:-2], a.shape[-2:], b.shape[-1], a.itemsize
    assert b.shape == (*stack, k, n) and out.shape == (*stack, m, n)
    places = _places(stack, a.strides[:-2], b.strides[:-2], m * n, size)
    strides = [step // size for step in (*a.strides[-2:], *b.strides[-2:])]
    work = [a.ctypes.data, b.ctypes.data, out.ctypes.data, places.ctypes.data, m, n, k, *strides]
    pieces = len(places) * -(-m // _BLOCK) * -(-n * size // (2 * _shape()[0]))
    _kernel(a.dtype.name)(work, pieces, len(places) * m * n * k)


@lru_cache(maxsize=256)
def _places(stack: tuple[int, ...], a: tuple[int, ...], b: tuple[int, ...], result: int, size: int) -> Any:
    """Where each matrix of the stacks begins, in elements."""
    if not stack:
        return np.zeros((1, 3), np.int64)
    numbers = np.indices(stack).reshape(len(stack), -1)
    factors = [np.asarray(strides) @ numbers // size for strides in (a, b)]
    return np.stack([*factors, np.arange(math.prod(stack)) * result], 1)


@cache
def _kernel(dtype: str) -> sharing.Kernel:
    kind, suffix, size = _TYPES[dtype]
    nbytes, height = _shape()
    lanes = nbytes // size
    vector, width = f"<{lanes} x {kind}>", 2 * lanes
    tile = [(r, j) for r in range(height) for j in range(2)]
    begin, step = [], []
    for r in range(height):
        begin.append(f"  %r{r} = call i64 @less(i64 {r}, i64 %last)\n  %o{r} = mul i64 %r{r}, %row")
        begin.append(f"  %a{r} = getelementptr {kind}, ptr %a, i64 %o{r}")
    for j in range(2):
        step.append(f"  %b{j}.at = getelementptr {kind}, ptr %k.panel, i64 {j * lanes}")
        step.append(f"  %b{j} = load {vector}, ptr %b{j}.at, align 32")
    for r in range(height):
        step.append(f"  %x{r}.at = getelementptr {kind}, ptr %a{r}, i64 %k.away\n  %x{r} = load {kind}, ptr %x{r}.at")
        step.append(f"  %y{r} = insertelement {vector} poison, {kind} %x{r}, i32 0")
        step.append(f"  %z{r} = shufflevector {vector} %y{r}, {vector} poison, <{lanes} x i32> zeroinitializer")
    for r, j in tile:
        operands = f"{vector} %z{r}, {vector} %b{j}, {vector} %s{r}.{j}"
        step.append(f"  %t{r}.{j} = call {vector} @llvm.fma.v{lanes}{suffix}({operands})")
    sums = [f"  %s{r}.{j} = phi {vector} [zeroinitializer, %0], [%t{r}.{j}, %loop]" for r, j in tile]
    store = []
    for r, j in tile:
        store.append(f"  %p{r}.{j} = mul i64 {r}, %apart\n  %q{r}.{j} = add i64 %p{r}.{j}, {j * lanes}")
        store.append(f"  %g{r}.{j} = getelementptr {kind}, ptr %to, i64 %q{r}.{j}")
        store.append(f"  store {vector} %t{r}.{j}, ptr %g{r}.{j}, align {size}")
    arguments = [f"  %at{i} = getelementptr i64, ptr %work, i64 {i}\n  %w{i} = load i64, ptr %at{i}" for i in range(11)]
    text = _TEXT.format(
        kind=kind,
        suffix=suffix,
        vector=vector,
        lanes=lanes,
        width=width,
        height=height,
        width_last=width - 1,
        block=_BLOCK,
        block_last=_BLOCK - 1,
        bytes=width * size,
        most=DEEPEST * width,
        tile=height * width,
        **{
            name: "\n".join(lines)
            for name, lines in {
                "begin": begin,
                "sums": sums,
                "step": step,
                "store": store,
                "arguments": arguments,
            }.items()
        },
    )
    return sharing.kernels(text, ("product",))["product"]
