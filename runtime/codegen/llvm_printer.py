"""Op lists as functions of LLVM's language, for the path of compiled loops (:mod:`hasderiv.runtime.compiled`).

Each operation is one instruction, a select too: nothing branches, so every loop over a routine can be vectorised.  No
instruction carries a fast-math flag, so LLVM neither contracts nor reorders, and the bits are those of the other
printers.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from .c_printer import argument, symbol, wide_key
from .elementary import TABLE
from .libm.print_llvm import OF_FLOATS, float_constant, suffix
from .ssa import Op, Routine, canonical, nearest

TYPES: Final = {"float32": "float", "float64": "double"}
TRUTHS: Final = {"and": "and i1 {0}, {1}", "or": "or i1 {0}, {1}", "not": "xor i1 {0}, true"}


def helpers() -> str:
    """``max``, ``min`` and ``sign`` in both types, the intrinsics of the exact functions, and ``single``."""
    parts = []
    for t, s in (("float", "f32"), ("double", "f64")):
        f = "f" if t == "float" else ""
        zero, one, minus = (float_constant(v) for v in (0.0, 1.0, -1.0))
        for name in ("floor", "ceil", "rint", "trunc"):
            parts.append(f"declare {t} @llvm.{name}.{s}({t})\n")
        parts.append(f"declare {t} @llvm.copysign.{s}({t}, {t})\n")
        for name, relation in (("max", "ogt"), ("min", "olt")):
            parts.append(
                f"define internal {t} @hd_{name}{f}({t} %a, {t} %b) alwaysinline {{\n"
                f"  %beyond = fcmp {relation} {t} %a, %b\n"
                f"  %nan = fcmp uno {t} %a, %a\n"
                f"  %taken = or i1 %beyond, %nan\n"
                f"  %r = select i1 %taken, {t} %a, {t} %b\n"
                f"  ret {t} %r\n}}\n"
            )
        parts.append(
            f"define internal {t} @hd_sign{f}({t} %x) alwaysinline {{\n"
            f"  %above = fcmp ogt {t} %x, {zero}\n"
            f"  %below = fcmp olt {t} %x, {zero}\n"
            f"  %level = fcmp oeq {t} %x, {zero}\n"
            f"  %r0 = select i1 %level, {t} {zero}, {t} %x\n"
            f"  %r1 = select i1 %below, {t} {minus}, {t} %r0\n"
            f"  %r2 = select i1 %above, {t} {one}, {t} %r1\n"
            f"  ret {t} %r2\n}}\n"
        )
    parts.append(
        "define internal double @hd_single(double %x) alwaysinline {\n"
        "  %rounded = fptrunc double %x to float\n"
        "  %r = fpext float %rounded to double\n"
        "  ret double %r\n}\n"
    )
    return "".join(parts)


def _leaf(op: Op, dtype: str) -> str | None:
    if op.name == "const" and isinstance(op.data, Fraction):
        return float_constant(nearest(op.data, dtype))
    if op.name == "special":
        return float_constant(float(str(op.data)))
    if op.name == "truth":
        return str(op.data)
    return f"%{argument(str(op.data))}" if op.name == "input" else None


def _instruction(op: Op, operands: list[str], kind: str) -> str:
    if op.name == "select":
        return f"select i1 {operands[0]}, {kind} {operands[1]}, {kind} {operands[2]}"
    if op.name in TRUTHS:
        return TRUTHS[op.name].format(*operands)
    form = TABLE[str(op.data)].llvm if op.name == "call" else OF_FLOATS[op.name]
    return form.format(*operands, t=kind, s=suffix(kind), f="f" if kind == "float" else "")


def print_function(op: str, key: str, routine: Routine, dtype: str) -> str:
    """The routine as a function that its loop inlines; before it, what it calls of its own."""
    kind = TYPES[dtype]
    arguments = ", ".join(f"{kind} %{argument(a)}" for a in routine.arguments)
    head = f"define internal {kind} @{symbol(op, key, dtype)}({arguments}) alwaysinline {{\n"
    if routine.wide and dtype == "float32":
        called = wide_key(key, routine)
        text = head + _widened(op, called, [argument(a) for a in routine.arguments])
        own = "" if routine.single is None else f"{print_function(op, called, routine.single, 'float64')}\n"
        return own + text
    values: list[str] = []
    lines: list[str] = []
    for i, o in enumerate(routine.ops):
        leaf = _leaf(o, dtype)
        if leaf is None:
            leaf = f"%t{i}"
            lines.append(f"  %t{i} = {_instruction(o, [values[a] for a in o.args], kind)}\n")
        values.append(leaf)
    return f"{head}{''.join(lines)}  ret {kind} {values[routine.result]}\n}}\n"


def _widened(op: str, key: str, arguments: list[str]) -> str:
    """The body of a routine for float that calls the one for double and rounds its result."""
    lines = [f"  %wide.{a} = fpext float %{a} to double\n" for a in arguments]
    operands = ", ".join(f"double %wide.{a}" for a in arguments)
    lines.append(f"  %wide = call double @{symbol(op, key, 'float64')}({operands})\n")
    return f"{''.join(lines)}  %result = fptrunc double %wide to float\n  ret float %result\n}}\n"


def print_body(op: str, routines: dict[str, Routine]) -> str:
    """Everything below the header of the .ll file of an op: the distinct routines, each in both types."""
    distinct = [key for key, first in canonical(routines).items() if key == first]
    return "\n".join(print_function(op, key, routines[key], dtype) for key in distinct for dtype in TYPES)
