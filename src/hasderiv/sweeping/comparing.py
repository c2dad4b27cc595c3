"""The comparison of a block of results with the truth, compiled: NumPy would take longer for it than the kernels."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np

from hasderiv.runtime.compiled import machine

WRONG: Final = -1.0
"""Stands for an error where a result is wrong in kind and not in size."""

# Bits of a float64: of 2^-126, the smallest normal float32, of the smallest number that rounds to infinity (the middle
# between the largest float32 and what would come after it), of infinity.  Those of a magnitude order as it does.
_NORMAL, _OVERFLOWS, _INFINITY = (int(np.float64(v).view(np.uint64)) for v in (2.0**-126, 2.0**128 - 2.0**103, np.inf))
_QUIET_NAN: Final = 0x7FC00000
# The unit at a number of biased exponent e is 2^(max(e, 897) - 1023 - 23); its inverse has this less max(e, 897).
_INVERSE: Final = 1023 + 23 + 1023

_TEXT: Final = f"""
declare i64 @llvm.umax.i64(i64, i64)
declare double @llvm.fabs.f64(double)
define void @compare(ptr noalias %results, ptr noalias %truths, ptr noalias %errors, i64 %count) {{
  br label %loop
loop:
  %i = phi i64 [0, %0], [%next, %loop]
  %at_y = getelementptr inbounds float, ptr %results, i64 %i
  %y = load float, ptr %at_y
  %at_t = getelementptr inbounds double, ptr %truths, i64 %i
  %t = load double, ptr %at_t
  %y_nan = fcmp uno float %y, 0.0
  %y_bits = bitcast float %y to i32
  %kept = select i1 %y_nan, i32 {_QUIET_NAN}, i32 %y_bits
  store i32 %kept, ptr %at_y
  %wide = fpext float %y to double
  %w_bits = bitcast double %wide to i64
  %w_size = and i64 %w_bits, {2**63 - 1}
  %t_bits = bitcast double %t to i64
  %t_size = and i64 %t_bits, {2**63 - 1}
  %t_nan = fcmp uno double %t, 0.0
  %over = icmp uge i64 %t_size, {_OVERFLOWS}
  %t_over = icmp ule i64 %t_size, {_INFINITY}
  %beyond = and i1 %over, %t_over
  %within = icmp ult i64 %t_size, {_OVERFLOWS}
  %not_small = icmp uge i64 %t_size, {_NORMAL}
  %normal = and i1 %within, %not_small
  %y_zero = icmp eq i64 %w_size, 0
  %y_infinite = icmp eq i64 %w_size, {_INFINITY}
  %y_finite = icmp ult i64 %w_size, {_INFINITY}
  %vanished = and i1 %normal, %y_zero
  %false_nan = xor i1 %y_nan, %t_nan
  %false_infinity = and i1 %within, %y_infinite
  %signs = xor i64 %w_bits, %t_bits
  %turned = icmp slt i64 %signs, 0
  %no_infinity = or i1 %y_finite, %turned
  %false_number = and i1 %beyond, %no_infinity
  %wrong.0 = or i1 %vanished, %false_nan
  %wrong.1 = or i1 %false_infinity, %false_number
  %wrong = or i1 %wrong.0, %wrong.1
  %biased = lshr i64 %t_size, 52
  %exponent = call i64 @llvm.umax.i64(i64 %biased, i64 897)
  %inverse = sub i64 {_INVERSE}, %exponent
  %scale_bits = shl i64 %inverse, 52
  %scale = bitcast i64 %scale_bits to double
  %apart = fsub double %wide, %t
  %distance = call double @llvm.fabs.f64(double %apart)
  %scaled = fmul double %distance, %scale
  %both = and i1 %within, %y_finite
  %sized = select i1 %both, double %scaled, double 0.0
  %error = select i1 %wrong, double {WRONG}, double %sized
  %at_e = getelementptr inbounds double, ptr %errors, i64 %i
  store double %error, ptr %at_e
  %next = add nuw nsw i64 %i, 1
  %more = icmp ult i64 %next, %count
  br i1 %more, label %loop, label %done
done:
  ret void
}}
"""


@cache
def _compiled() -> Callable[[int, int, int, int], None]:
    (address,) = machine.addresses(_TEXT, ("compare",))
    pointer = ctypes.c_void_p
    return ctypes.CFUNCTYPE(None, pointer, pointer, pointer, ctypes.c_int64)(address)


def compare(y: Any, true: Any) -> Any:
    """The errors of float32 results ``y`` against float64 ``true``, in ULP of float32; :data:`WRONG` for a failure.

    A failure is a result that is NaN, infinite or 0 where the true value is a normal number, a number where there is
    none, an infinity where the truth is finite, and a finite number or the other infinity where it is beyond float32.
    Both arrays are contiguous.  Every NaN of ``y`` becomes the same NaN, so that its bits can be hashed.
    """
    assert y.dtype == np.float32 and true.dtype == np.float64 and y.shape == true.shape
    assert y.flags.c_contiguous and true.flags.c_contiguous and y.flags.writeable
    errors = np.empty(y.shape)
    _compiled()(y.ctypes.data, true.ctypes.data, errors.ctypes.data, y.size)
    return errors
