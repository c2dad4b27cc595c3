"""What kernels that go row by row have in common: sums in a fixed order, and how they are told what to do.

A sum runs over :data:`LANES` partial sums and then over these in order, whatever the processor, so its bits depend on
the row alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from . import machine

LANES: Final = 16


class _Type(NamedTuple):
    kind: str
    suffix: str
    size: int
    round: str


_TYPES: Final = {"float32": _Type("float", "f32", 4, "fptrunc"), "float64": _Type("double", "f64", 8, "bitcast")}
_DECLARED: Final = "declare {kind} @llvm.vector.reduce.fadd.v{lanes}{suffix}({kind}, {vector})"
_SUM: Final = """
define internal {kind} @{name}({rows}, i64 %n) {{
  %most = and i64 %n, -{lanes}
  %some = icmp ne i64 %most, 0
  br i1 %some, label %wide, label %rest
wide:
  %i = phi i64 [0, %0], [%i.next, %wide]
  %so.far = phi {vector} [zeroinitializer, %0], [%now, %wide]
{wide}
  %now = fadd {vector} %so.far, %term
  %i.next = add i64 %i, {lanes}
  %i.more = icmp ult i64 %i.next, %most
  br i1 %i.more, label %wide, label %rest
rest:
  %all = phi {vector} [zeroinitializer, %0], [%now, %wide]
  %first = call {kind} @llvm.vector.reduce.fadd.v{lanes}{suffix}({kind} 0.0, {vector} %all)
  %left = icmp ult i64 %most, %n
  br i1 %left, label %narrow, label %done
narrow:
  %j = phi i64 [%most, %rest], [%j.next, %narrow]
  %before = phi {kind} [%first, %rest], [%after, %narrow]
{narrow}
  %after = fadd {kind} %before, %j.term
  %j.next = add i64 %j, 1
  %j.more = icmp ult i64 %j.next, %n
  br i1 %j.more, label %narrow, label %done
done:
  %result = phi {kind} [%first, %rest], [%after, %narrow]
  ret {kind} %result
}}
"""


_NEXT_UNIT: Final = """unit.end:
  %u.next = add i64 %u, 1
  %u.more = icmp ult i64 %u.next, %end
  br i1 %u.more, label %unit, label %done
done:
  ret void
}"""


def possible(dtype: Any) -> bool:
    """Whether kernels of rows run here, for this dtype."""
    return dtype.name in _TYPES and machine.missing() is None


def bits(number: float) -> int:
    """A number as it is handed to a kernel."""
    return int(np.float64(number).view(np.int64))


def text(dtype: str, template: str, arrays: Sequence[str], numbers: Sequence[str], **more: str) -> str:
    """The text of kernels of a dtype, with ``@sum(row, n)`` and ``@sum.products(x, y, n)`` beside them.

    What a kernel is handed are the addresses of ``arrays``, the length n of a row, and ``numbers``, whose names they
    have where the template says ``{arguments}``.  It is filled in with ``{kind}``, the type; ``{vector}``, of
    ``{lanes}`` of them; ``{suffix}``, as in the names of intrinsics; ``{size}`` in bytes; ``{next_unit}``, the end of
    a kernel that does unit ``%u`` from ``unit`` to ``unit.end``; and what is in ``more``.
    """
    kind, suffix, size, rounding = _TYPES[dtype]
    common = {"kind": kind, "suffix": suffix, "vector": f"<{LANES} x {kind}>", "lanes": str(LANES), "size": str(size)}
    arguments = []
    for i, name in enumerate([*arrays, "n", *numbers]):
        arguments.append(f"  %{name}.at = getelementptr i64, ptr %work, i64 {i}")
        if name in numbers:
            arguments.append(f"  %{name}.wide = load double, ptr %{name}.at")
            arguments.append(f"  %{name} = {rounding} double %{name}.wide to {kind}")
        else:
            arguments.append(f"  %{name} = load {'i64' if name == 'n' else 'ptr'}, ptr %{name}.at")
    sums = [_sum(common, "sum", ("x",)), _sum(common, "sum.products", ("x", "y"))]
    body = template.format(arguments="\n".join(arguments), next_unit=_NEXT_UNIT, **common, **more)
    return "".join([_DECLARED.format(**common), *sums, body])


def _sum(common: dict[str, str], name: str, rows: tuple[str, ...]) -> str:
    """The text of a function that sums a row, or the products of two."""
    kind, vector = common["kind"], common["vector"]
    wide, narrow = [], []
    for r in rows:
        wide.append(f"  %{r}.at = getelementptr {kind}, ptr %{r}, i64 %i")
        wide.append(f"  %{r}.i = load {vector}, ptr %{r}.at, align {common['size']}")
        narrow.append(f"  %{r}.there = getelementptr {kind}, ptr %{r}, i64 %j")
        narrow.append(f"  %{r}.j = load {kind}, ptr %{r}.there")
    if len(rows) > 1:
        wide.append(f"  %term = fmul {vector} %x.i, %y.i")
        narrow.append(f"  %j.term = fmul {kind} %x.j, %y.j")
    else:
        wide.append(f"  %term = bitcast {vector} %x.i to {vector}")
        narrow.append(f"  %j.term = bitcast {kind} %x.j to {kind}")
    parameters = ", ".join(f"ptr %{r}" for r in rows)
    return _SUM.format(name=name, rows=parameters, wide="\n".join(wide), narrow="\n".join(narrow), **common)
