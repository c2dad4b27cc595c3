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

from .blocks import SMALL

_F32 = np.dtype(np.float32)
_F64 = np.dtype(np.float64)


class _Quiet(threading.local):
    """One context a thread in which NumPy is silent; ``run`` calls a function in it."""

    def __init__(self) -> None:
        context = contextvars.copy_context()
        context.run(lambda: np.seterr(all="ignore"))
        self.run = context.run


_quiet = _Quiet()


def unary(routine: tuple[Any, int, int], long_way: Callable[..., Any]) -> Callable[..., Any]:
    """``f(x)`` for a generated function of one input and no parameters."""
    function, floats, truths = routine
    m, none, empty_like, empty = (None,) * truths, (None,) * floats, np.empty_like, np.empty

    def call(x: Any) -> Any:
        dtype = x.dtype
        if type(x) is not np.ndarray:
            x = np.asarray(x)
        if (dtype is _F64 or dtype is _F32) and x.size <= SMALL and x.flags.c_contiguous:
            out = empty_like(x)
            b = empty((floats, *x.shape), dtype) if floats and x.shape else none
            _quiet.run(function, b, m, dtype.type, x, out)
            return out
        return long_way(x)

    return call


def several(routine: tuple[Any, int, int], long_way: Callable[..., Any]) -> Callable[..., Any]:
    """``f(x, y, ...)`` or ``f(g, x, ...)`` for a generated function without parameters."""
    function, floats, truths = routine
    m, none, empty_like, empty = (None,) * truths, (None,) * floats, np.empty_like, np.empty

    def call(*arrays: Any) -> Any:
        x = arrays[0]
        dtype, shape = x.dtype, x.shape
        if (dtype is _F64 or dtype is _F32) and x.size <= SMALL:
            if not shape:
                arrays = tuple([np.asarray(a) for a in arrays])
            for a in arrays:
                if type(a) is not np.ndarray or a.dtype is not dtype or a.shape != shape or not a.flags.c_contiguous:
                    break
            else:
                out = empty_like(x)
                b = empty((floats, *shape), dtype) if floats and shape else none
                _quiet.run(function, *(b, m, dtype.type, *arrays, out))
                return out
        return long_way(*arrays)

    return call


def with_parameters(
    routine: tuple[Any, int, int], long_way: Callable[..., Any], defaults: dict[str, Any]
) -> Callable[..., Any]:
    """As :func:`several` for an op with parameters; those given as Python numbers go the short way too."""
    function, floats, truths = routine
    m, none, empty_like, empty = (None,) * truths, (None,) * floats, np.empty_like, np.empty

    def call(*arrays: Any, **params: Any) -> Any:
        x = arrays[0]
        dtype, shape = x.dtype, x.shape
        if (dtype is not _F64 and dtype is not _F32) or x.size > SMALL or not params.keys() <= defaults.keys():
            return long_way(*arrays, **params)
        numbers = []
        for name, default in defaults.items():
            value = params.get(name, default)
            if type(value) is not float and type(value) is not int:
                return long_way(*arrays, **params)
            numbers.append(dtype.type(value))
        if not shape:
            arrays = tuple([np.asarray(a) for a in arrays])
        for a in arrays:
            if type(a) is not np.ndarray or a.dtype is not dtype or a.shape != shape or not a.flags.c_contiguous:
                return long_way(*arrays, **params)
        out = empty_like(arrays[0])
        b = empty((floats, *shape), dtype) if floats and shape else none
        _quiet.run(function, *(b, m, dtype.type, *arrays, *numbers, out))
        return out

    return call


def shorten(kernels: Any, key: str, long_way: Callable[..., Any]) -> Callable[..., Any]:
    """The short way to the routine ``key`` where there is one, else the long way itself."""
    from .kernels import OpKernels

    if type(kernels) is not OpKernels or key not in kernels._routines:
        return long_way
    routine = kernels._routines[key]
    if kernels.params:
        return with_parameters(routine, long_way, kernels.params)
    return unary(routine, long_way) if key == "forward" and len(kernels.inputs) == 1 else several(routine, long_way)
