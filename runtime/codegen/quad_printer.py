"""Op lists as C functions of ``__float128``: the same formula with 113 bits, which a kernel is measured against.

What such a function and the kernel have in common is the formula; where that is wrong, both are, so that its values
are held against Arb as well.  Cores become functions of libquadmath and of ``libm/quad.c``.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final

from .c_printer import INFIX, argument
from .elementary import TABLE
from .libm.sweep import reference
from .ssa import Op, Routine

BITS: Final = 113
_EXACT: Final = {name: f"{name}q({{0}})" for name in ("floor", "ceil", "rint", "trunc")} | {
    "abs": "fabsq({0})",
    "copysign": "copysignq({0}, {1})",
    "fmod": "fmodq({0}, {1})",
}
_SPECIAL: Final = {"nan": '(__float128)__builtin_nan("")', "inf": "HUGE_VALQ", "-inf": "(-HUGE_VALQ)"}


def prelude() -> str:
    """What the functions call."""
    return (Path(__file__).parent / "libm" / "quad.c").read_text(encoding="utf-8")


def literal(value: Fraction) -> str:
    """The number of 113 bits nearest to ``value``, exactly."""
    exponent = value.numerator.bit_length() - value.denominator.bit_length() - BITS
    scaled = round(value / Fraction(2) ** exponent)
    shift = max(scaled.bit_length() - BITS, 0)
    return f"({hex(scaled >> shift)}p{exponent + shift}Q)" if value else "0.0Q"


def _call(name: str) -> str:
    if name in _EXACT:
        return _EXACT[name]
    entry = TABLE[name]
    if not entry.is_core:
        return entry.c.replace("{f}", "Q")
    operands = ", ".join(f"{{{i}}}" for i in range(entry.arity))
    return f"{reference(name)}q({operands})"


def _leaf(op: Op) -> str | None:
    if op.name == "const" and isinstance(op.data, Fraction):
        return literal(op.data)
    if op.name == "special":
        return _SPECIAL[str(op.data)]
    if op.name == "truth":
        return "1" if op.data == "true" else "0"
    return argument(str(op.data)) if op.name == "input" else None


def print_function(name: str, routine: Routine) -> str:
    """The routine as the C function ``name``."""
    text: list[str] = []
    lines: list[str] = []
    for i, op in enumerate(routine.ops):
        leaf = _leaf(op)
        if leaf is None:
            form = _call(str(op.data)) if op.name == "call" else "sqrtq({0})" if op.name == "sqrt" else INFIX[op.name]
            kind = "int" if op.is_truth else "__float128"
            lines.append(f"    const {kind} t{i} = {form.format(*(text[a] for a in op.args))};\n")
            leaf = f"t{i}"
        text.append(leaf)
    arguments = ", ".join(f"__float128 {argument(a)}" for a in routine.arguments)
    return f"static __float128 {name}({arguments}) {{\n{''.join(lines)}    return {text[routine.result]};\n}}\n"
