"""The short way to a compiled routine, for arrays that are plainly fine.

On 16 elements the checks of :func:`.blocks.run` cost more than the arithmetic.  Here arrays of one dtype, float32 or
float64, go straight to the ufunc; anything else takes the long way, which decides what is an error.  Both run the same
ufunc, so the bits are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .assumptions import Assumption
from .compiled import threads
from .compiled.threads import LARGE

_F32 = np.dtype(np.float32)
_F64 = np.dtype(np.float64)


def unary(ufunc: np.ufunc, long_way: Callable[..., Any]) -> Callable[..., Any]:
    """``f(x)`` for a routine of one input and no parameters."""

    def call(x: Any) -> Any:
        if type(x) is np.ndarray and (x.dtype is _F32 or x.dtype is _F64):
            return ufunc(x) if x.size < LARGE else threads.call(ufunc, (x,))
        return long_way(x)

    return call


def several(ufunc: np.ufunc, long_way: Callable[..., Any]) -> Callable[..., Any]:
    """``f(x, y, ...)`` or ``f(g, x, ...)`` for a routine without parameters, on arrays of one shape."""

    def call(*arrays: Any) -> Any:
        dtype, shape = arrays[0].dtype, arrays[0].shape
        if dtype is _F32 or dtype is _F64:
            for a in arrays:
                if type(a) is not np.ndarray or a.dtype is not dtype or a.shape != shape:
                    break
            else:
                return ufunc(*arrays) if arrays[0].size < LARGE else threads.call(ufunc, arrays)
        return long_way(*arrays)

    return call


def with_parameters(
    ufunc: np.ufunc, long_way: Callable[..., Any], defaults: dict[str, Any], assume: tuple[Assumption, ...]
) -> Callable[..., Any]:
    """As :func:`several` for an op with parameters; those given as Python numbers go the short way too."""
    conditions = tuple([assumption.holds for assumption in assume])

    def call(*arrays: Any, **params: Any) -> Any:
        dtype, shape = arrays[0].dtype, arrays[0].shape
        if (dtype is not _F64 and dtype is not _F32) or not params.keys() <= defaults.keys():
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
        for a in arrays:
            if type(a) is not np.ndarray or a.dtype is not dtype or a.shape != shape:
                return long_way(*arrays, **params)
        return threads.call(ufunc, (*arrays, *numbers))

    return call


def shorten(kernels: Any, long_way: Callable[..., Any]) -> Callable[..., Any]:
    """The short way to a routine of the kernels where it is compiled, else the long way itself."""
    ufunc: np.ufunc | None = getattr(long_way, "ufunc", None)
    if ufunc is None:
        return long_way
    if kernels.params:
        return with_parameters(ufunc, long_way, kernels.params, kernels.assume)
    return unary(ufunc, long_way) if ufunc.nin == 1 else several(ufunc, long_way)
