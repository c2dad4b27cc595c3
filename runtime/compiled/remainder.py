"""A quick remainder for float32: LLVM's ``frem`` is a call of the C library for each element, which nothing vectorises.

The remainder is exact, so any way that is exact gives its bits.  Where ``|x / y| < 2^28`` and ``y`` is finite,
float64 gives it in five operations.  Say ``x = A 2^a`` and ``y = B 2^b`` with integers ``A, B < 2^24``, both positive.

* The quotient is not rounded up to an integer ``n`` that it is below: ``n y - x`` is at least ``2^min(a, b)``.  For
  ``b <= a`` that is more than ``2^-52`` of ``n y``, since ``n B < 2^52``.  For ``a < b`` it is more than ``2^-25``:
  either ``x < n y / 2`` or ``n y <= 2 x < 2^25 2^a``.  So the integer part of the quotient is right.
* ``n y`` is exact, having at most 52 bits, and so is ``x - n y``, which is a multiple of ``2^min(a, b)``, less than
  ``y`` and at most ``x``, hence a float32.

A piece of an array that has any other element is left to ``frem``.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_FREM: Final = re.compile(r"frem float %v_x, %v_y$", re.M)
_DEFINED: Final = re.compile(r"^define internal \w+ @([\w.]+)\((.*?)\)", re.M)

_QUICK: Final = """
define internal float @hd_quick_remainder(float %x, float %y) alwaysinline {
  %ax = call float @llvm.fabs.f32(float %x)
  %ay = call float @llvm.fabs.f32(float %y)
  %a = fpext float %ax to double
  %b = fpext float %ay to double
  %q = fdiv double %a, %b
  %n = call double @llvm.trunc.f64(double %q)
  %p = fmul double %n, %b
  %r = fsub double %a, %p
  %single = fptrunc double %r to float
  %bits = bitcast float %single to i32
  %sign.of = bitcast float %x to i32
  %sign = and i32 %sign.of, -2147483648
  %signed = or i32 %bits, %sign
  %result = bitcast i32 %signed to float
  ret float %result
}
define internal i1 @quick(ptr %xs, ptr %ys, i64 %count) {
  br label %loop
loop:
  %i = phi i64 [0, %0], [%next, %loop]
  %so.far = phi i1 [true, %0], [%all, %loop]
  %x.at = getelementptr float, ptr %xs, i64 %i
  %x = load float, ptr %x.at
  %y.at = getelementptr float, ptr %ys, i64 %i
  %y = load float, ptr %y.at
  %ax = call float @llvm.fabs.f32(float %x)
  %ay = call float @llvm.fabs.f32(float %y)
  %scaled = fmul float %ax, 0x3E40000000000000 ; 2^-27 |x|, wrong by half of the least |y| at most
  %near = fcmp olt float %scaled, %ay
  %finite = fcmp olt float %ay, 0x7FF0000000000000
  %both = and i1 %near, %finite
  %all = and i1 %so.far, %both
  %next = add nuw nsw i64 %i, 1
  %more = icmp ult i64 %next, %count
  br i1 %more, label %loop, label %done
done:
  ret i1 %all
}
"""


class Twin(NamedTuple):
    """The routines for pieces that are quick: their names, their text, and which operands decide it."""

    routines: tuple[str, ...]
    text: str
    operands: tuple[int, int]


def twin(names: tuple[str, ...], text: str) -> Twin | None:
    """The quick twin of routines that take the remainder of their inputs in float32; None where they do not.

    ``text`` holds the routines and all that they call.
    """
    if not _FREM.search(text) or len(_FREM.findall(text)) != text.count("frem "):
        return None
    headers = dict(_DEFINED.findall(text))
    operands = [part.split()[1] for part in headers[names[0]].split(", ")]
    changed = _FREM.sub("call float @hd_quick_remainder(float %v_x, float %v_y)", text)
    for name in headers:
        changed = re.sub(rf"@{name}\(", f"@{name}.quick(", changed)
    where = operands.index("%v_x"), operands.index("%v_y")
    return Twin(tuple(f"{name}.quick" for name in names), _QUICK + changed, where)
