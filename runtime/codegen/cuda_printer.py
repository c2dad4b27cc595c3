"""CUDA files: the shared body of :mod:`.c_printer`, and for each routine six entry points.

``hd_OP_ROUTINE_f32``, ``_f64``, ``_f16`` take aligned contiguous arrays (16-byte loads, then a scalar tail);
``_strided`` takes any strides.  Each operand is a pointer and a value: a null pointer means that the value is meant
everywhere.  half is computed in float.  The loops are templates of ``cuda_kernels/hasderiv.cuh``.
"""

from __future__ import annotations

from typing import Final

from .c_printer import TYPES, argument, print_function, symbol
from .ssa import Routine, canonical

# suffix -> (stored type, type computed in, dtype of the body)
STORED: Final = {
    "f32": ("float", "float", "float32"),
    "f64": ("double", "double", "float64"),
    "f16": ("hd_half", "float", "float32"),
}


def entry(op: str, key: str, suffix: str, strided: bool = False) -> str:
    """The name of an entry point."""
    return f"hd_{op}_{key}_{'strided_' if strided else ''}{suffix}"


def _kernel(op: str, key: str, routine: Routine, suffix: str, strided: bool) -> str:
    stored, kind, dtype = STORED[suffix]
    names = [argument(a) for a in routine.arguments]
    count = len(names)
    arguments = ", ".join(f"const {stored} *{a}, {kind} {a}_value" for a in names)
    body = f"{symbol(op, key, dtype)}({', '.join(f'a[{i}]' for i in range(count))})"
    loop, extra = ("hd_strided", ", const long long *layout") if strided else ("hd_contiguous", "")
    return (
        f'extern "C" __global__ void {entry(op, key, suffix, strided)}('
        f"{arguments}, {stored} *out, long long n{extra}) {{\n"
        f"    const {stored} *const in[{count}] = {{{', '.join(names)}}};\n"
        f"    const {kind} value[{count}] = {{{', '.join(a + '_value' for a in names)}}};\n"
        f"    {loop}<{stored}, {kind}, {count}>([](const {kind} (&a)[{count}]) {{ return {body}; }}, in, value, out, n"
        f"{', layout' if strided else ''});\n}}\n"
    )


def print_body(op: str, routines: dict[str, Routine]) -> str:
    """Everything below the header of the .cu file of an op.

    A routine that equals an earlier one is not printed again.  ``HD_ONLY`` picks one routine to compile.
    """
    distinct = [key for key, first in canonical(routines).items() if key == first]
    parts = ['#include "hasderiv.cuh"\n']
    for key in distinct:
        parts.extend(print_function(op, key, routines[key], dtype) for dtype in TYPES)
    parts.append("#ifdef __CUDACC__\n")
    for number, key in enumerate(distinct):
        parts.append(f"#if HD_WANTED({number})  // {key}\n")
        for suffix in STORED:
            parts.extend(_kernel(op, key, routines[key], suffix, strided) for strided in (False, True))
        parts.append("#endif\n")
    parts.append("#endif\n")
    return "\n".join(parts)
