"""Update rules as machine code: one call updates all parameters, and each array is read and written once.

Threads share the parameters in pieces of :data:`PIECE` elements.

The text in LLVM's language is printed from the op list of the rule, with IEEE operations and nothing contracted, so
the bits are those of :class:`~.program.Blocks`.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np

from ..compiled import machine, sharing
from .program import Op, Program, Row

PIECE: Final = 1 << 14
_TYPES: Final = {"float32": "float", "float64": "double"}
_INSTRUCTIONS: Final = {"add": "fadd", "subtract": "fsub", "multiply": "fmul", "divide": "fdiv"}
_TEXT: Final = """
declare {kind} @llvm.sqrt.{suffix}({kind})
define internal void @row({parameters}) {{
  %some = icmp sgt i64 %n, 0
  br i1 %some, label %loop, label %done
loop:
  %i = phi i64 [0, %0], [%next, %loop]
{body}
  %next = add nuw nsw i64 %i, 1
  %more = icmp ult i64 %next, %n
  br i1 %more, label %loop, label %done, !llvm.loop !1
done:
  ret void
}}
define internal void @units.step(ptr %work, i64 %first, i64 %end) {{
  %table = load ptr, ptr %work
  %pieces.at = getelementptr i64, ptr %work, i64 1
  %pieces = load ptr, ptr %pieces.at
  br label %loop
loop:
  %u = phi i64 [%first, %0], [%next, %loop]
  %third = mul i64 %u, 3
  %r.at = getelementptr i64, ptr %pieces, i64 %third
  %r = load i64, ptr %r.at
  %begin.at = getelementptr i64, ptr %r.at, i64 1
  %begin = load i64, ptr %begin.at
  %n.at = getelementptr i64, ptr %r.at, i64 2
  %n = load i64, ptr %n.at
  %offset = mul i64 %r, {width}
  %row = getelementptr i8, ptr %table, i64 %offset
{loads}
  call void @row({arguments})
  %next = add nuw nsw i64 %u, 1
  %more = icmp ult i64 %next, %end
  br i1 %more, label %loop, label %done
done:
  ret void
}}
!0 = distinct !{{}}
!1 = distinct !{{!1, !2}}
!2 = !{{!"llvm.loop.parallel_accesses", !0}}
"""


def text(program: Program, dtype: str) -> str:
    """The kernel ``step``, which is handed a table and the :func:`_pieces` that are its units.

    A row of the table holds, in 8 bytes each, the address of the parameter's new value, the addresses of its arrays,
    and its numbers as doubles.
    """
    kind, group = _TYPES[dtype], "!llvm.access.group !0"
    arrays, numbers = len(program.arrays), len(program.numbers)
    body = []
    for k in range(arrays):
        body.append(f"  %q{k} = getelementptr inbounds {kind}, ptr %a{k}, i64 %i")
        body.append(f"  %v{k} = load {kind}, ptr %q{k}, {group}")
    for op in program.ops:
        body.extend(_lines(op, kind, "f32" if kind == "float" else "f64"))
    body.append(f"  %target = getelementptr inbounds {kind}, ptr %out, i64 %i")
    for name, place in program.outputs.items():
        where = "%target" if name == "p" else f"%q{program.arrays.index(name)}"
        body.append(f"  store {kind} %v{place}, ptr {where}, {group}")
    words = ["out", *(f"a{k}" for k in range(arrays))]
    scalars = [f"v{arrays + k}" for k in range(numbers)]
    loads = []
    for k, name in enumerate([*words, *scalars]):
        loads.append(f"  %w{name} = getelementptr i8, ptr %row, i64 {8 * k}")
        if name in words:
            loads.append(f"  %whole.{name} = load ptr, ptr %w{name}")
            loads.append(f"  %{name} = getelementptr {kind}, ptr %whole.{name}, i64 %begin")
        elif kind == "double":
            loads.append(f"  %{name} = load double, ptr %w{name}")
        else:
            loads.append(f"  %d{name} = load double, ptr %w{name}\n  %{name} = fptrunc double %d{name} to float")
    given = ", ".join([f"ptr %{name}" for name in words] + ["i64 %n"] + [f"{kind} %{name}" for name in scalars])
    return _TEXT.format(
        kind=kind,
        suffix="f32" if kind == "float" else "f64",
        parameters=given,
        arguments=given,
        body="\n".join(body),
        loads="\n".join(loads),
        width=8 * (len(words) + numbers),
    )


def _lines(op: Op, kind: str, suffix: str) -> list[str]:
    """One operation in LLVM's language."""
    operands, result = [f"%v{k}" for k in op.operands], f"%v{op.result}"
    if op.name == "sqrt":
        return [f"  {result} = call {kind} @llvm.sqrt.{suffix}({kind} {operands[0]})"]
    if op.name == "quotient":
        plain = f"%plain{op.result}"
        return [
            f"  {plain} = fdiv {kind} {', '.join(operands)}",
            f"  %zero{op.result} = fcmp oeq {kind} {operands[1]}, 0.0",
            f"  {result} = select i1 %zero{op.result}, {kind} 0.0, {kind} {plain}",
        ]
    return [f"  {result} = {_INSTRUCTIONS[op.name]} {kind} {', '.join(operands)}"]


@cache
def _function(program_text: str) -> sharing.Kernel:
    return sharing.kernels(program_text, ("step",))["step"]


@lru_cache(maxsize=64)
def _pieces(sizes: tuple[int, ...]) -> Any:
    """Arrays of these sizes in pieces: the number of the array, the first element, and how many there are."""
    found = [(i, k, min(PIECE, size - k)) for i, size in enumerate(sizes) for k in range(0, size, PIECE)]
    return np.array(found, np.int64).reshape(-1, 3)


def compiled(program: Program, dtype: Any) -> Callable[[list[Row]], None] | None:
    """As :meth:`.program.Blocks.run`, in machine code; None where there is none on this machine."""
    if machine.missing() is not None or dtype.name not in _TYPES:
        return None
    step = _function(text(program, dtype.name))
    words, numbers = len(program.arrays) + 1, len(program.numbers)
    gradient = program.arrays.index("g") + 1
    table = np.empty((0, words + numbers), np.int64)
    known: list[list[Any]] = []  # of each row, the arrays that it had in the last step, as weak references

    def run(rows: list[Row]) -> None:
        nonlocal table
        if len(table) < len(rows):
            table = np.empty((len(rows), words + numbers), np.int64)
            known[:] = [[_gone] * words for _ in rows]
        fresh = []
        for r, (row, seen) in enumerate(zip(rows, known, strict=False)):
            for k, array in enumerate((row.out, *row.arrays)):
                if k == gradient:
                    fresh.append(array.ctypes.data)
                elif seen[k]() is not array:
                    seen[k], table[r, k] = weakref.ref(array), array.ctypes.data
        table[: len(rows), gradient] = fresh
        table[: len(rows), words:].view(np.float64)[...] = [row.numbers for row in rows]
        sizes = tuple([row.out.size for row in rows])
        pieces = _pieces(sizes)
        if len(pieces):
            step([table.ctypes.data, pieces.ctypes.data], len(pieces), sum(sizes))

    return run


def _gone() -> None:
    """What a weak reference to an array says that is no more."""
