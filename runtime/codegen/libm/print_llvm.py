"""A core as a function of LLVM's language: one instruction an operation.

No instruction carries a fast-math flag, so LLVM neither contracts nor reorders: the bits are those of the other
printers.  A selection is an instruction here, not a branch, so every loop over a core can be vectorised.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping
from typing import Final

from .oplist import ARGUMENTS, DOUBLE, FLOAT, FLOATS, LONG, TRUTH, WORD, Function, Op
from .print_c import symbol

TYPES: Final = {FLOAT: "float", DOUBLE: "double", WORD: "i32", LONG: "i64", TRUTH: "i1"}
OF_FLOATS: Final = {
    "add": "fadd {t} {0}, {1}",
    "sub": "fsub {t} {0}, {1}",
    "mul": "fmul {t} {0}, {1}",
    "div": "fdiv {t} {0}, {1}",
    "neg": "fneg {t} {0}",
    "abs": "call {t} @llvm.fabs.{s}({t} {0})",
    "sqrt": "call {t} @llvm.sqrt.{s}({t} {0})",
    "gt": "fcmp ogt {t} {0}, {1}",
    "ge": "fcmp oge {t} {0}, {1}",
    "eq": "fcmp oeq {t} {0}, {1}",
    "ne": "fcmp une {t} {0}, {1}",
}
OF_WORDS: Final = {
    "add": "add {t} {0}, {1}",
    "sub": "sub {t} {0}, {1}",
    "mul": "mul {t} {0}, {1}",
    "and": "and {t} {0}, {1}",
    "or": "or {t} {0}, {1}",
    "xor": "xor {t} {0}, {1}",
    "shl": "shl {t} {0}, {1}",
    "shr": "lshr {t} {0}, {1}",
    "gt": "icmp ugt {t} {0}, {1}",
    "ge": "icmp uge {t} {0}, {1}",
    "eq": "icmp eq {t} {0}, {1}",
    "ne": "icmp ne {t} {0}, {1}",
}
CASTS: Final = {"bits": "bitcast", "float": "bitcast", "widen": "zext", "narrow": "trunc"}


def float_constant(value: float) -> str:
    """A float or double constant: LLVM writes both by the bits of the double."""
    if math.isnan(value):
        return "0x7FF8000000000000"
    return f"0x{struct.unpack('>Q', struct.pack('>d', value))[0]:016X}"


def suffix(type: str) -> str:
    """How the intrinsics for a float type end."""
    return "f32" if type == "float" else "f64"


def declarations() -> str:
    """The intrinsics that cores call."""
    pairs = [("float", "f32"), ("double", "f64")]
    return "".join(f"declare {t} @llvm.{name}.{s}({t})\n" for name in ("fabs", "sqrt") for t, s in pairs)


def _instruction(op: Op, ops: tuple[Op, ...], operands: list[str]) -> str:
    kind = ops[op.args[-1]].type
    t = TYPES[kind]
    if op.name in CASTS:
        return f"{CASTS[op.name]} {t} {operands[0]} to {TYPES[op.type]}"
    if op.name == "select":
        return f"select i1 {operands[0]}, {t} {operands[1]}, {t} {operands[2]}"
    forms: Mapping[str, str] = OF_FLOATS if kind in FLOATS else OF_WORDS
    return forms[op.name].format(*operands, t=t, s=suffix(t))


def print_function(function: Function) -> str:
    """The core as a function that every caller inlines."""
    text: list[str] = []
    lines: list[str] = []
    for i, op in enumerate(function.ops):
        if op.name == "input":
            text.append(f"%{ARGUMENTS[int(op.data or 0)]}")
        elif op.name == "const":
            text.append(float_constant(float(op.data or 0.0)) if op.type in FLOATS else str(op.data))
        else:
            text.append(f"%t{i}")
            lines.append(f"  %t{i} = {_instruction(op, function.ops, [text[a] for a in op.args])}\n")
    kind = TYPES[function.format.kind]
    arguments = ", ".join(f"{kind} %{name}" for name in function.arguments)
    head = f"define internal {kind} @{symbol(function)}({arguments}) alwaysinline {{\n"
    return f"{head}{''.join(lines)}  ret {kind} {text[-1]}\n}}\n"


def print_library(functions: Iterable[Function]) -> str:
    """A module with the cores, to be linked with the kernels that call them."""
    return "\n".join([declarations(), *(print_function(f) for f in functions)])
