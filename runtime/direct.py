"""The short way to a generated function, for small contiguous arrays.

On 16 elements the checks of :func:`.blocks.run` and ``np.errstate`` cost more than the arithmetic.  Here
an array that is plainly fine (float32 or float64, contiguous, small, all of one shape) goes straight to
the generated function; anything else takes the long way, which decides what is an error.  Both run the
same function, so the bits are the same.

Warnings are kept in by running in a :class:`contextvars.Context` in which NumPy ignores floating-point
errors.  One such context a thread is enough, since kernels call nothing of ours.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from .assumptions import Assumption
from .blocks import SMALL, Entry

_F32 = np.dtype(np.float32)
_F64 = np.dtype(np.float64)


class _Quiet(threading.local):
    """One context a thread in which NumPy is silent; ``run`` calls a function in it."""

    def __init__(self) -> None:
        context = contextvars.copy_context()
        context.run(lambda: np.seterr(all="ignore"))
        self.run = context.run


_quiet = _Quiet()


def unary(routine: Entry, long_way: Callable[..., Any]) -> Callable[..., Any]:
    """``f(x)`` for a generated function of one input and no parameters."""
    function, b, m, wide, single = _unpacked(routine)
    empty_like = np.empty_like

    def call(x: Any) -> Any:
        dtype = x.dtype
        if type(x) is not np.ndarray:
            x = np.asarray(x)
        if (dtype is _F64 or dtype is _F32) and 0 < x.size <= SMALL and x.flags.c_contiguous:
            out = empty_like(x)
            _quiet.run(function, b, m, wide if dtype is _F64 else single, x, out)
            return out
        return long_way(x)

    return call


def binary(routine: Entry, long_way: Callable[..., Any]) -> Callable[..., Any]:
    """``f(x, y)`` or ``f(g, x)``: what :func:`several` does, without a loop."""
    function, b, m, wide, single = _unpacked(routine)
    other, empty_like = several(routine, long_way), np.empty_like

    def call(x: Any, y: Any) -> Any:
        dtype = x.dtype
        if (
            (dtype is _F64 or dtype is _F32)
            and type(x) is type(y) is np.ndarray
            and y.dtype is dtype
            and x.shape == y.shape
            and 0 < x.size <= SMALL
            and x.flags.c_contiguous
            and y.flags.c_contiguous
        ):
            out = empty_like(x)
            _quiet.run(function, b, m, wide if dtype is _F64 else single, x, y, out)
            return out
        return other(x, y)

    return call


def several(routine: Entry, long_way: Callable[..., Any]) -> Callable[..., Any]:
    """``f(x, y, ...)`` or ``f(g, x, ...)`` for a generated function without parameters."""
    function, b, m, wide, single = _unpacked(routine)
    empty_like = np.empty_like

    def call(*arrays: Any) -> Any:
        x = arrays[0]
        dtype, shape = x.dtype, x.shape
        if (dtype is _F64 or dtype is _F32) and 0 < x.size <= SMALL:
            if not shape:
                arrays = tuple([np.asarray(a) for a in arrays])
            for a in arrays:
                if type(a) is not np.ndarray or a.dtype is not dtype or a.shape != shape or not a.flags.c_contiguous:
                    break
            else:
                out = empty_like(x)
                _quiet.run(function, *(b, m, wide if dtype is _F64 else single, *arrays, out))
                return out
        return long_way(*arrays)

    return call


def with_parameters(
    routine: Entry, long_way: Callable[..., Any], defaults: dict[str, Any], assume: tuple[Assumption, ...]
) -> Callable[..., Any]:
    """As :func:`several` for an op with parameters; those given as Python numbers go the short way too."""
    function, b, m, wide, single = _unpacked(routine)
    conditions, empty_like = tuple([assumption.holds for assumption in assume]), np.empty_like

    def call(*arrays: Any, **params: Any) -> Any:
        x = arrays[0]
        dtype, shape = x.dtype, x.shape
        if (dtype is not _F64 and dtype is not _F32) or not 0 < x.size <= SMALL or not params.keys() <= defaults.keys():
            return long_way(*arrays, **params)
        numbers = []
        for name, default in defaults.items():
            value = params.get(name, default)
            if type(value) is not float and type(value) is not int:
                return long_way(*arrays, **params)
            numbers.append(dtype.type(value))
        for holds in conditions:
            if not holds(*numbers):
                return long_way(*arrays, **params)
        if not shape:
            arrays = tuple([np.asarray(a) for a in arrays])
        for a in arrays:
            if type(a) is not np.ndarray or a.dtype is not dtype or a.shape != shape or not a.flags.c_contiguous:
                return long_way(*arrays, **params)
        out = empty_like(arrays[0])
        _quiet.run(function, *(b, m, wide if dtype is _F64 else single, *arrays, *numbers, out))
        return out

    return call


def _unpacked(routine: Entry) -> tuple[Any, ...]:
    """The function, no buffers (NumPy allocates, which is quicker for small arrays), its constants in both dtypes."""
    function, floats, truths, constants = routine
    return function, (None,) * floats, (None,) * truths, constants[np.float64], constants[np.float32]


def shorten(kernels: Any, key: str, long_way: Callable[..., Any]) -> Callable[..., Any]:
    """The short way to the routine ``key`` where there is one, else the long way itself."""
    from .kernels import OpKernels

    if type(kernels) is not OpKernels or key not in kernels._routines:
        return long_way
    routine = kernels._routines[key]
    if kernels.params:
        return with_parameters(routine, long_way, kernels.params, kernels.assume)
    count = len(kernels.inputs) + (key != "forward")
    return unary(routine, long_way) if count == 1 else (binary if count == 2 else several)(routine, long_way)
