"""Op lists as C functions that CUDA compiles as well: the body text that the .cu files and the C test library share.

Each operation becomes one ``const`` declaration.  Literals are hexadecimal, so they are exact, and carry the suffix
of their type.  ``FN`` and the names of the special values are macros of ``cuda_kernels/hasderiv.cuh``.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

from .elementary import TABLE
from .ssa import Op, Routine, nearest

TYPES: Final = {"float64": ("double", ""), "float32": ("float", "f")}
INFIX: Final = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "div": "{0} / {1}",
    "neg": "-{0}",
    "sqrt": "sqrt{f}({0})",
    "gt": "{0} > {1}",
    "ge": "{0} >= {1}",
    "eq": "{0} == {1}",
    "ne": "{0} != {1}",
    "and": "{0} && {1}",
    "or": "{0} || {1}",
    "not": "!{0}",
    "select": "{0} ? {1} : {2}",
}


def literal(value: Fraction, dtype: str) -> str:
    """The exact hexadecimal literal of the nearest number of the dtype."""
    number = nearest(value, dtype)
    suffix = TYPES[dtype][1]
    if math.isinf(number):
        return f"{'-' if number < 0 else ''}HD_INF{suffix.upper()}"
    if number == int(number) and abs(number) < 1000:
        return f"{int(number)}.0{suffix}"
    head, _, exponent = number.hex().partition("p")
    return f"{head.rstrip('0').rstrip('.')}p{int(exponent)}{suffix}"


def symbol(op: str, key: str, dtype: str) -> str:
    """The name of the C function of a routine."""
    return f"hd_{op}_{key}_{'f' if dtype == 'float32' else 'd'}"


def _leaf(op: Op, dtype: str) -> str | None:
    suffix = TYPES[dtype][1].upper()
    if op.name == "const" and isinstance(op.data, Fraction):
        return literal(op.data, dtype)
    if op.name == "special":
        return {"nan": f"HD_NAN{suffix}", "inf": f"HD_INF{suffix}", "-inf": f"(-HD_INF{suffix})"}[str(op.data)]
    if op.name == "truth":
        return str(op.data)
    if op.name == "input":
        return f"v_{str(op.data).lstrip('_') + '_' if str(op.data).startswith('_') else op.data}"
    return None


def argument(name: str) -> str:
    """The C name of an argument: prefixed, so that it collides with nothing."""
    return str(_leaf(Op("input", (), name), "float64"))


def wide_key(key: str, routine: Routine) -> str:
    """What float32 is computed with where that is done in float64."""
    return key if routine.single is None else f"{key}_wide"


def print_function(op: str, key: str, routine: Routine, dtype: str) -> str:
    """The routine as an inline function of C and CUDA; before it, what it calls of its own."""
    if routine.single is not None and dtype == "float32":
        own = print_function(op, wide_key(key, routine), routine.single, "float64")
        return f"{own}\n{_print_function(op, key, routine, dtype)}"
    return _print_function(op, key, routine, dtype)


def _print_function(op: str, key: str, routine: Routine, dtype: str) -> str:
    kind, f = TYPES[dtype]
    arguments = ", ".join(f"{kind} {argument(a)}" for a in routine.arguments)
    head = f"FN {kind} {symbol(op, key, dtype)}({arguments})"
    if routine.wide and dtype == "float32":
        wide = ", ".join(f"(double){argument(a)}" for a in routine.arguments)
        return f"{head} {{\n    return (float){symbol(op, wide_key(key, routine), 'float64')}({wide});\n}}\n"
    text: list[str] = []
    lines: list[str] = []
    for i, o in enumerate(routine.ops):
        leaf = _leaf(o, dtype)
        if leaf is not None:
            text.append(leaf)
            continue
        form = TABLE[str(o.data)].c if o.name == "call" else INFIX[o.name]
        operands = [text[a] if not text[a].startswith("-") else f"({text[a]})" for a in o.args]
        lines.append(f"    const {'bool' if o.is_truth else kind} t{i} = {form.format(*operands, f=f)};")
        text.append(f"t{i}")
    used = {o.data for o in routine.ops if o.name == "input"}
    unused = "".join(f"    (void){argument(a)};\n" for a in routine.arguments if a not in used)
    body = "\n".join(lines) + "\n" if lines else ""
    return f"{head} {{\n{unused}{body}    return {text[routine.result]};\n}}\n"
