"""The loop around a routine in LLVM's language, as NumPy's ufuncs call it: ``loop(args, count, steps, data)``.

Contiguous arrays go straight through the vectorised block.  Otherwise blocks of :data:`BLOCK` numbers are packed into
buffers on the stack, the same block runs over them, and the results are unpacked.
"""

from __future__ import annotations

from typing import Final, NamedTuple

BLOCK: Final = 512


class Kind(NamedTuple):
    """A float type of LLVM, its size in bytes."""

    name: str
    size: int


KINDS: Final = {"float32": Kind("float", 4), "float64": Kind("double", 8)}

_PACKING: Final = """
define internal ptr @pack(ptr %buffer, ptr %from, i64 %step, i64 %first, i64 %count) {{
  %start = mul i64 %first, %step
  %here = getelementptr i8, ptr %from, i64 %start
  %direct = icmp eq i64 %step, {size}
  br i1 %direct, label %done, label %copy
copy:
  %i = phi i64 [0, %0], [%next, %copy]
  %away = mul i64 %i, %step
  %source = getelementptr i8, ptr %here, i64 %away
  %value = load {kind}, ptr %source
  %target = getelementptr {kind}, ptr %buffer, i64 %i
  store {kind} %value, ptr %target
  %next = add nuw nsw i64 %i, 1
  %more = icmp ult i64 %next, %count
  br i1 %more, label %copy, label %packed
packed:
  ret ptr %buffer
done:
  ret ptr %here
}}
define internal void @unpack(ptr %to, i64 %step, i64 %first, ptr %buffer, i64 %count) {{
  %start = mul i64 %first, %step
  %here = getelementptr i8, ptr %to, i64 %start
  br label %copy
copy:
  %i = phi i64 [0, %0], [%next, %copy]
  %source = getelementptr {kind}, ptr %buffer, i64 %i
  %value = load {kind}, ptr %source
  %away = mul i64 %i, %step
  %target = getelementptr i8, ptr %here, i64 %away
  store {kind} %value, ptr %target
  %next = add nuw nsw i64 %i, 1
  %more = icmp ult i64 %next, %count
  br i1 %more, label %copy, label %done
done:
  ret void
}}
"""
_BLOCK: Final = """
define internal void @block({pointers}, i64 %count) {{
  br label %loop
loop:
  %i = phi i64 [0, %0], [%next, %loop]
{loads}
  %y = call {kind} @{routine}({values})
  %target = getelementptr inbounds {kind}, ptr %p{inputs}, i64 %i
  store {kind} %y, ptr %target, !llvm.access.group !0
  %next = add nuw nsw i64 %i, 1
  %more = icmp ult i64 %next, %count
  br i1 %more, label %loop, label %done, !llvm.loop !1
done:
  ret void
}}
!0 = distinct !{{}}
!1 = distinct !{{!1, !2}}
!2 = !{{!"llvm.loop.parallel_accesses", !0}}
"""
_LOOP: Final = """
declare i32 @{quiet}(i32)
define void @{name}(ptr %args, ptr %counts, ptr %steps, ptr %data) {{
{buffers}
  %n = load i64, ptr %counts
{operands}
  %some = icmp sgt i64 %n, 0
  br i1 %some, label %begin, label %end
begin:
{contiguous}
  br i1 %plain, label %whole, label %pieces
whole:
  call void @block({whole}, i64 %n)
  br label %quiet
pieces:
  %i = phi i64 [0, %begin], [%next, %stored]
  %left = sub i64 %n, %i
  %short = icmp ult i64 %left, {block}
  %m = select i1 %short, i64 %left, i64 {block}
{packs}
  %straight = icmp eq i64 %s{inputs}, {size}
  %away = mul i64 %i, {size}
  %there = getelementptr i8, ptr %a{inputs}, i64 %away
  %p{inputs} = select i1 %straight, ptr %there, ptr %b{inputs}
  call void @block({packed}, i64 %m)
  br i1 %straight, label %stored, label %store
store:
  call void @unpack(ptr %a{inputs}, i64 %s{inputs}, i64 %i, ptr %b{inputs}, i64 %m)
  br label %stored
stored:
  %next = add i64 %i, {block}
  %more = icmp ult i64 %next, %n
  br i1 %more, label %pieces, label %quiet
quiet:
  %cleared = call i32 @{quiet}(i32 {flags})
  br label %end
end:
  ret void
}}
"""


def loop(name: str, routine: str, inputs: int, dtype: str, quiet: str, flags: int) -> str:
    """The text of the loop ``name`` around a routine of ``inputs`` operands, to stand beside the routine.

    Floating-point flags that the loop raised are cleared at its end by ``quiet(flags)``: NumPy would make warnings of
    those of lanes that are dropped.  All accesses of a block are independent, also where the result is written
    over an operand, since element ``i`` needs nothing but elements ``i``.
    """
    kind, size = KINDS[dtype]
    every = range(inputs + 1)
    given = range(inputs)
    loads = [
        f"  %q{k} = getelementptr inbounds {kind}, ptr %p{k}, i64 %i\n"
        f"  %x{k} = load {kind}, ptr %q{k}, !llvm.access.group !0"
        for k in given
    ]
    block = _BLOCK.format(
        pointers=", ".join(f"ptr %p{k}" for k in every),
        loads="\n".join(loads),
        kind=kind,
        routine=routine,
        values=", ".join(f"{kind} %x{k}" for k in given),
        inputs=inputs,
    )
    operands = [
        f"  %args{k} = getelementptr ptr, ptr %args, i64 {k}\n  %a{k} = load ptr, ptr %args{k}\n"
        f"  %steps{k} = getelementptr i64, ptr %steps, i64 {k}\n  %s{k} = load i64, ptr %steps{k}"
        for k in every
    ]
    contiguous = [f"  %c{k} = icmp eq i64 %s{k}, {size}" for k in every]
    contiguous.extend(
        f"  %{f'c0.{k}' if k < inputs else 'plain'} = and i1 %{'c0' if k == 1 else f'c0.{k - 1}'}, %c{k}"
        for k in range(1, inputs + 1)
    )
    main = _LOOP.format(
        name=name,
        buffers="\n".join(f"  %b{k} = alloca [{BLOCK} x {kind}], align 64" for k in every),
        operands="\n".join(operands),
        contiguous="\n".join(contiguous),
        whole=", ".join(f"ptr %a{k}" for k in every),
        packs="\n".join(f"  %p{k} = call ptr @pack(ptr %b{k}, ptr %a{k}, i64 %s{k}, i64 %i, i64 %m)" for k in given),
        packed=", ".join(f"ptr %p{k}" for k in every),
        inputs=inputs,
        size=size,
        block=BLOCK,
        quiet=quiet,
        flags=flags,
    )
    return _PACKING.format(kind=kind, size=size) + block + main
