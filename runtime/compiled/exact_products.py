"""Where the processor multiplies and adds in one step, what an exact product rounds off takes one instruction, not 16.

The op lists take it apart by T. J. Dekker's method (``two_product`` in :mod:`..codegen.libm.twofloat`), which gives
``a b - rounded(a b)`` exactly; a fused multiply-add rounds that same number, which is a float, and so changes nothing.
The two differ only where a part overflows or underflows.  Hence this is done in the elementary functions of one float32
alone, for which all 2^32 inputs were tried both ways: ``python -m hasderiv.sweeping.fused`` does it again and writes
``proofs/evidence/exact_products.json``, which is bound to their op lists.
"""

from __future__ import annotations

import re
import struct
from typing import Final

DECLARATION: Final = "declare float @llvm.fma.f32(float, float, float)\n"
_CORE: Final = re.compile(r"^define internal float @(hd_\w+f)\(float %x\) alwaysinline \{\n.*?^\}\n", re.M | re.S)
_STEP: Final = re.compile(r"^  (%\S+) = (fmul|fadd|fsub) float (\S+), (\S+)$", re.M)
_SPLITTER: Final = "0x40B0010000000000"  # 2^12 + 1

Steps = dict[str, tuple[str, str, str]]


def fused(text: str) -> str:
    """The module with a fused multiply-add in the place of each such rounding error."""
    changed = _CORE.sub(lambda core: _in_function(core[0]), text)
    return changed if changed == text else DECLARATION + changed


def _in_function(text: str) -> str:
    steps = {name: (op, a, b) for name, op, a, b in _STEP.findall(text)}

    def line(found: re.Match[str]) -> str:
        name = found[1]
        product = _is_error(steps, name)
        if product is None:
            return found[0]
        _, a, b = steps[product]
        return (
            f"  {name}.less = fneg float {product}\n"
            f"  {name} = call float @llvm.fma.f32(float {a}, float {b}, float {name}.less)"
        )

    return _STEP.sub(line, text)


def _is_error(steps: Steps, name: str) -> str | None:
    """The product ``p = a b`` of which this value is the rounding error, as Dekker computes it; None of any other.

    That is ``((a1 b1 - p) + a1 b2 + a2 b1) + a2 b2`` for the halves of both.
    """
    try:
        third, low = _operands(steps, name, "fadd")
        second, right = _operands(steps, third, "fadd")
        first, left = _operands(steps, second, "fadd")
        high, product = _operands(steps, first, "fsub")
        (a1, b1), (a2, b2) = _operands(steps, high, "fmul"), _operands(steps, low, "fmul")
        a, b = _operands(steps, product, "fmul")
        if _operands(steps, left, "fmul") != (a1, b2) or _operands(steps, right, "fmul") != (a2, b1):
            return None
        return product if _are_halves(steps, a, a1, a2) and _are_halves(steps, b, b1, b2) else None
    except KeyError:
        return None


def _operands(steps: Steps, name: str, op: str) -> tuple[str, str]:
    """Those of a value that this operation gives; raises KeyError where another does."""
    found, a, b = steps[name]
    if found != op:
        raise KeyError(name)
    return a, b


def _are_halves(steps: Steps, a: str, upper: str, lower: str) -> bool:
    """Whether these are the halves of ``a`` (G. W. Veltkamp): ``s - (s - a)`` with ``s = 4097 a``, and the rest."""
    if a.startswith("0x"):
        return all(half.startswith("0x") for half in (upper, lower)) and _number(upper) + _number(lower) == _number(a)
    scaled, rest = _operands(steps, upper, "fsub")
    return (
        _operands(steps, lower, "fsub") == (a, upper)
        and _operands(steps, rest, "fsub") == (scaled, a)
        and _operands(steps, scaled, "fmul") == (a, _SPLITTER)
    )


def _number(constant: str) -> float:
    found: float = struct.unpack(">d", int(constant, 16).to_bytes(8, "big"))[0]
    return found
