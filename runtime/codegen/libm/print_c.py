"""A core as a function of C and CUDA: one declaration an operation, so that nothing is left to the compiler.

To be compiled without contraction and without value-changing optimisation (``-ffp-contract=off``; NVRTC ``--fmad=false
--ftz=false``).  ``PRELUDE`` holds the two casts of bits, which C and CUDA spell differently.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from .formats import OF_TYPE, SINGLE
from .oplist import ARGUMENTS, DOUBLE, FLOAT, FLOATS, LONG, TRUTH, WORD, Function, Op

TYPES: Final = {FLOAT: "float", DOUBLE: "double", WORD: "unsigned int", LONG: "unsigned long long", TRUTH: "bool"}
FORMS: Final = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "div": "{0} / {1}",
    "neg": "-{0}",
    "abs": "fabs{f}({0})",
    "sqrt": "sqrt{f}({0})",
    "gt": "{0} > {1}",
    "ge": "{0} >= {1}",
    "eq": "{0} == {1}",
    "ne": "{0} != {1}",
    "and": "{0} & {1}",
    "or": "{0} | {1}",
    "xor": "{0} ^ {1}",
    "shl": "{0} << {1}",
    "shr": "{0} >> {1}",
    "select": "{0} ? {1} : {2}",
    "bits": "hd_bits{w}({0})",
    "float": "hd_float{w}({0})",
    "widen": "(unsigned long long){0}",
    "narrow": "(unsigned int){0}",
}
PRELUDE: Final = """\
#ifndef HASDERIV_LIBM
#define HASDERIV_LIBM
#ifdef __CUDACC__
#define HD_LIBM static __device__ __forceinline__
#define hd_bits(x) __float_as_uint(x)
#define hd_float(u) __uint_as_float(u)
#define hd_bits64(x) ((unsigned long long)__double_as_longlong(x))
#define hd_float64(u) __longlong_as_double((long long)(u))
#else
#include <math.h>
#include <stdbool.h>
#define HD_LIBM static inline
HD_LIBM unsigned int hd_bits(float x) { unsigned int u; __builtin_memcpy(&u, &x, 4); return u; }
HD_LIBM float hd_float(unsigned int u) { float x; __builtin_memcpy(&x, &u, 4); return x; }
HD_LIBM unsigned long long hd_bits64(double x) { unsigned long long u; __builtin_memcpy(&u, &x, 8); return u; }
HD_LIBM double hd_float64(unsigned long long u) { double x; __builtin_memcpy(&x, &u, 8); return x; }
#endif
#endif
"""


def symbol(function: Function) -> str:
    """The name of the C function of a core: as in the C library, with the suffix ``f`` for float."""
    return f"hd_{function.name}{'f' if function.format is SINGLE else ''}"


def _constant(op: Op) -> str:
    if op.type not in FLOATS:
        return f"0x{op.data:x}{'u' if op.type == WORD else 'ull'}"
    number = float("nan" if op.data is None else op.data)
    if not math.isfinite(number):
        high = 0x7FC00000 if math.isnan(number) else 0x7F800000 if number > 0 else 0xFF800000
        if op.type == FLOAT:
            return f"hd_float(0x{high:x}u)"
        high = 0x7FF80000 if math.isnan(number) else 0x7FF00000 if number > 0 else 0xFFF00000
        return f"hd_float64(0x{high:x}00000000ull)"
    text = number.hex() + ("f" if op.type == FLOAT else "")
    return f"({text})" if math.copysign(1, number) < 0 else text


def print_function(function: Function) -> str:
    """The core as an inline function."""
    text: list[str] = []
    lines: list[str] = []
    for i, op in enumerate(function.ops):
        if op.name == "input":
            text.append(ARGUMENTS[int(op.data or 0)])
        elif op.name == "const":
            text.append(_constant(op))
        else:
            text.append(f"t{i}")
            single = OF_TYPE[op.type] is SINGLE if op.type != TRUTH else True
            form = FORMS[op.name].format(*(text[a] for a in op.args), f="f" * single, w="" if single else "64")
            lines.append(f"    const {TYPES[op.type]} t{i} = {form};\n")
    kind = TYPES[function.format.kind]
    head = ", ".join(f"{kind} {name}" for name in function.arguments)
    return f"HD_LIBM {kind} {symbol(function)}({head}) {{\n{''.join(lines)}    return {text[-1]};\n}}\n"


def print_library(functions: Iterable[Function]) -> str:
    """Everything that a C or CUDA file needs to call the cores."""
    return "\n".join([PRELUDE, *(print_function(f) for f in functions)])
