"""The loop around routines in LLVM's language, as NumPy's ufuncs call it: ``loop(args, count, steps, pool)``.

``stretch`` runs over a part of the arrays.  Where all of them are contiguous they go straight through the vectorised
block.  Otherwise pieces of :data:`PIECE` numbers are packed into buffers on the stack (a scalar once, not for each
piece), the same block runs over them, and the results are unpacked.  Results beyond what a cache holds may be written
past it (streamed): a plain store first reads the memory that it overwrites.  ``loop`` hands a large array to the
threads of the ``pool`` (see :mod:`.pool`), each of which calls ``stretch``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from .remainder import Twin

PIECE: Final = 512


class Tuning(NamedTuple):
    """What changes how fast a loop is and nothing else.

    ``shared``: the elements from which threads share an array; ``streamed``: the bytes from which results are written
    past the caches; ``interleaved``: how many vectors are under way at once, step by step, since one after the other
    a processor looks no further ahead than two of a long routine.
    """

    shared: int
    streamed: int
    interleaved: int


class Kind(NamedTuple):
    """A type of LLVM, its size in bytes, and the vector of it that is stored past the caches."""

    kind: str
    size: int
    vector: str


KINDS: Final = {"float32": Kind("float", 4, "<4 x float>"), "float64": Kind("double", 8, "<2 x double>")}
MASK: Final = Kind("i8", 1, "<16 x i8>")
"""How NumPy keeps a bool; a routine takes and gives an ``i1``."""

_PACKING: Final = """
define internal ptr @pack.{kind}(ptr %buffer, ptr %from, i64 %step, i64 %first, i64 %count) {{
  %start = mul i64 %first, %step
  %here = getelementptr i8, ptr %from, i64 %start
  %direct = icmp eq i64 %step, {size}
  br i1 %direct, label %done, label %indirect
indirect:
  %scalar = icmp eq i64 %step, 0
  %later = icmp ne i64 %first, 0
  %ready = and i1 %scalar, %later
  br i1 %ready, label %packed, label %copy
copy:
  %i = phi i64 [0, %indirect], [%next, %copy]
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
define internal void @unpack.{kind}(ptr %to, i64 %step, i64 %first, ptr %buffer, i64 %count, i1 %streaming) {{
  %start = mul i64 %first, %step
  %here = getelementptr i8, ptr %to, i64 %start
  %parts = udiv i64 %count, {lanes}
  %some = icmp ne i64 %parts, 0
  %past = and i1 %streaming, %some
  br i1 %past, label %stream, label %rest
stream:
  %k = phi i64 [0, %0], [%further, %stream]
  %whole = getelementptr {vector}, ptr %buffer, i64 %k
  %values = load {vector}, ptr %whole, align 16
  %place = getelementptr {vector}, ptr %here, i64 %k
  store {vector} %values, ptr %place, align 16, !nontemporal !3
  %further = add nuw nsw i64 %k, 1
  %again = icmp ult i64 %further, %parts
  br i1 %again, label %stream, label %streamed
streamed:
  %written = mul i64 %parts, {lanes}
  br label %rest
rest:
  %begin = phi i64 [0, %0], [%written, %streamed]
  %left = icmp ult i64 %begin, %count
  br i1 %left, label %copy, label %done
copy:
  %i = phi i64 [%begin, %rest], [%next, %copy]
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
define internal void @{name}({pointers}, i64 %count) {{
  br label %loop
loop:
  %i = phi i64 [0, %0], [%next, %loop]
{loads}
{calls}
  %next = add nuw nsw i64 %i, 1
  %more = icmp ult i64 %next, %count
  br i1 %more, label %loop, label %done, !llvm.loop !1
done:
  ret void
}}
"""
_TWO: Final = """
define internal void @either({pointers}, i64 %count) {{
  %all = call i1 @quick(ptr %p{x}, ptr %p{y}, i64 %count)
  br i1 %all, label %quick, label %whole
quick:
  call void @block.quick({pointers}, i64 %count)
  ret void
whole:
  call void @block({pointers}, i64 %count)
  ret void
}}
"""
_METADATA: Final = """
!0 = distinct !{{}}
!1 = distinct !{{!1, !2, !4}}
!2 = !{{!"llvm.loop.parallel_accesses", !0}}
!3 = !{{i32 1}}
!4 = !{{!"llvm.loop.interleave.count", i32 {interleave}}}
"""
_LOAD: Final = """  %q{k} = getelementptr inbounds {kind}, ptr %p{k}, i64 %i
  %x{k} = load {kind}, ptr %q{k}, !llvm.access.group !0"""
_STORE: Final = """  %y{k} = call {kind} @{routine}({values})
  %q{k} = getelementptr inbounds {kind}, ptr %p{k}, i64 %i
  store {kind} %y{k}, ptr %q{k}, !llvm.access.group !0"""
_STRUCT: Final = """  %all = call {{{types}}} @{routine}({values})"""
_MEMBER: Final = """  %m{k} = extractvalue {{{types}}} %all, {j}
  %y{k} = {cast} {given} %m{k} to {kind}
  %q{k} = getelementptr inbounds {kind}, ptr %p{k}, i64 %i
  store {kind} %y{k}, ptr %q{k}, !llvm.access.group !0"""
_LOAD_MASK: Final = """  %q{k} = getelementptr inbounds i8, ptr %p{k}, i64 %i
  %l{k} = load i8, ptr %q{k}, !llvm.access.group !0
  %x{k} = icmp ne i8 %l{k}, 0"""
_STORE_MASK: Final = """  %z{k} = call i1 @{routine}({values})
  %y{k} = zext i1 %z{k} to i8
  %q{k} = getelementptr inbounds i8, ptr %p{k}, i64 %i
  store i8 %y{k}, ptr %q{k}, !llvm.access.group !0"""
_STRETCH: Final = """
define internal void @stretch(ptr %args, ptr %steps, i64 %n, i64 %streams) {{
{buffers}
  %streaming = icmp ne i64 %streams, 0
  %c = icmp ult i64 %streams, {direct}
{operands}
  br i1 %c{last}, label %whole, label %pieces
whole:
  call void @{block}({whole}, i64 %n)
  ret void
pieces:
  %i = phi i64 [0, %0], [%next, %stored]
  %left = sub i64 %n, %i
  %short = icmp ult i64 %left, {piece}
  %m = select i1 %short, i64 %left, i64 {piece}
{packs}
{places}
  call void @{block}({packed}, i64 %m)
  br label %store{first}
{stores}
store{end}:
  br label %stored
stored:
  %next = add i64 %i, {piece}
  %more = icmp ult i64 %next, %n
  br i1 %more, label %pieces, label %finished
finished:
  br i1 %streaming, label %drain, label %done
drain:
  fence seq_cst
  ret void
done:
  ret void
}}
"""
_OPERAND: Final = """  %args{k} = getelementptr ptr, ptr %args, i64 {k}
  %a{k} = load ptr, ptr %args{k}
  %steps{k} = getelementptr i64, ptr %steps, i64 {k}
  %s{k} = load i64, ptr %steps{k}
  %next{k} = icmp eq i64 %s{k}, {size}
  %c{k} = and i1 %c{before}, %next{k}"""
_PACK: Final = "  %p{k} = call ptr @pack.{kind}(ptr %b{k}, ptr %a{k}, i64 %s{k}, i64 %i, i64 %m)"
_PLACE: Final = """  %low{k} = ptrtoint ptr %a{k} to i64
  %odd{k} = and i64 %low{k}, 15
  %even{k} = icmp eq i64 %odd{k}, 0
  %fits{k} = and i1 %next{k}, %even{k}
  %past{k} = and i1 %fits{k}, %streaming
  %stays{k} = xor i1 %past{k}, true
  %straight{k} = and i1 %next{k}, %stays{k}
  %away{k} = mul i64 %i, {size}
  %there{k} = getelementptr i8, ptr %a{k}, i64 %away{k}
  %p{k} = select i1 %straight{k}, ptr %there{k}, ptr %b{k}"""
_UNPACK: Final = """store{k}:
  br i1 %straight{k}, label %store{after}, label %unpack{k}
unpack{k}:
  call void @unpack.{kind}(ptr %a{k}, i64 %s{k}, i64 %i, ptr %b{k}, i64 %m, i1 %past{k})
  br label %store{after}"""
_LOOP: Final = """
declare i32 @{quiet}(i32)
define void @{name}(ptr %args, ptr %counts, ptr %steps, ptr %pool) {{
  %n = load i64, ptr %counts
  %some = icmp sgt i64 %n, 0
  br i1 %some, label %begin, label %end
begin:
  %bytes = mul i64 %n, {size}
  %huge = icmp uge i64 %bytes, {stream}
  %streams = zext i1 %huge to i64
  %large = icmp uge i64 %n, {large}
  %given = icmp ne ptr %pool, null
  %shared = and i1 %large, %given
  br i1 %shared, label %together, label %alone
together:
  %run = load ptr, ptr %pool
  call void %run(ptr %pool, ptr @stretch, ptr %args, ptr %steps, i64 %n, i64 %streams, i64 {inputs}, i64 {count}, i64 {size})
  br label %quiet
alone:
  call void @stretch(ptr %args, ptr %steps, i64 %n, i64 %streams)
  br label %quiet
quiet:
  %cleared = call i32 @{quiet}(i32 {flags})
  br label %end
end:
  ret void
}}
"""  # noqa: E501


def loop(
    name: str,
    routines: Sequence[str],
    inputs: int,
    dtype: str,
    quiet: str,
    flags: int,
    tuning: Tuning,
    masks: Collection[int] = (),
    twin: Twin | None = None,
    members: int = 0,
) -> str:
    """The text of the loop ``name`` around routines of ``inputs`` operands, to stand beside the routines.

    Each routine has a result of its own, and all are given the same operands: what they have in common is computed
    once.  Floating-point flags that the loop raised are cleared at its end by ``quiet(flags)``: NumPy would make
    warnings of those of lanes that are dropped.  All accesses of a block are independent, also where a result is
    written over an operand, since element ``i`` needs nothing but elements ``i``.  The operands and results with the
    numbers ``masks`` are bools.  With a ``twin`` arrays are cut into pieces, and those that it is for are given to it.
    With ``members`` there is one routine, and it gives a struct of so many results.
    """
    kind, size, _ = KINDS[dtype]
    count = inputs + (members or len(routines))
    every, given, results = range(count), range(inputs), range(inputs, count)
    kinds = [MASK if k in masks else KINDS[dtype] for k in every]
    values = ", ".join(f"{'i1' if k in masks else kind} %x{k}" for k in given)
    pointers = ", ".join(f"ptr %p{k}" for k in every)

    def block(name: str, routines: Sequence[str]) -> str:
        return _BLOCK.format(
            name=name,
            pointers=pointers,
            loads="\n".join((_LOAD_MASK if k in masks else _LOAD).format(k=k, kind=kind) for k in given),
            calls="\n".join(
                _members(routines[0], values, kind, inputs, [k in masks for k in results])
                if members
                else [
                    (_STORE_MASK if k in masks else _STORE).format(k=k, kind=kind, routine=routine, values=values)
                    for k, routine in zip(results, routines, strict=True)
                ]
            ),
        )

    blocks = block("block", routines)
    if twin is not None:
        x, y = twin.operands
        blocks += twin.text + block("block.quick", twin.routines) + _TWO.format(pointers=pointers, x=x, y=y)
    stretch = _STRETCH.format(
        buffers="\n".join(f"  %b{k} = alloca [{PIECE} x {kinds[k].kind}], align 64" for k in every),
        operands="\n".join(_OPERAND.format(k=k, before=k - 1 if k else "", size=kinds[k].size) for k in every),
        last=count - 1,
        whole=", ".join(f"ptr %a{k}" for k in every),
        packs="\n".join(_PACK.format(k=k, kind=kinds[k].kind) for k in given),
        places="\n".join(_PLACE.format(k=k, size=kinds[k].size) for k in results),
        packed=pointers,
        stores="\n".join(_UNPACK.format(k=k, after=k + 1, kind=kinds[k].kind) for k in results),
        first=inputs,
        end=count,
        piece=PIECE,
        block="block" if twin is None else "either",
        direct=1 if twin is None else 0,  # "streams < 1" or never
    )
    main = _LOOP.format(
        name=name,
        inputs=inputs,
        count=count,
        size=size,
        quiet=quiet,
        flags=flags,
        stream=tuning.streamed,
        large=tuning.shared,
    )
    packing = [_PACKING.format(**used._asdict(), lanes=16 // used.size) for used in dict.fromkeys(kinds)]
    metadata = _METADATA.format(interleave=tuning.interleaved)
    return "".join(packing) + blocks + stretch + main + metadata


def _members(routine: str, values: str, kind: str, first: int, masks: list[bool]) -> list[str]:
    """One call, and what stores each member of the struct that it gives."""
    types = ", ".join("i1" if mask else kind for mask in masks)
    lines = [_STRUCT.format(types=types, routine=routine, values=values)]
    for j, mask in enumerate(masks):
        cast, given, kept = ("zext", "i1", "i8") if mask else ("bitcast", kind, kind)
        lines.append(_MEMBER.format(k=first + j, j=j, types=types, cast=cast, given=given, kind=kept))
    return lines
