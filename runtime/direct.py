"""The short way to a compiled routine, for arrays that are plainly fine.

On 16 elements the checks of :func:`.blocks.run` cost more than the arithmetic, and on 100,000 as much as an addition.
Here arrays of one shape and one dtype, float32 or float64, go straight to the ufunc; anything else takes the long way,
which decides what is an error.  Both run the same ufunc, so the bits are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .assumptions import Assumption
from .compiled import threads
from .compiled.threads import LARGE

_F32 = np.dtype(np.float32)
_F64 = np.dtype(np.float64)
_LIMIT = float(np.finfo(np.float32).max)


def unary(ufunc: np.ufunc, long_way: Callable[..., Any]) -> Callable[..., Any]:
    """``f(x, out=None)`` for a routine of one input and no parameters."""

    def call(x: Any, *rest: Any, out: Any = None, **params: Any) -> Any:
        if type(x) is np.ndarray and not rest and not params:
            dtype = x.dtype
            if dtype is _F32 or dtype is _F64:
                if out is None:
                    return ufunc(x) if x.size < LARGE else threads.call(ufunc, (x,))
                if type(out) is np.ndarray and out.dtype is dtype and out.shape == x.shape:
                    return ufunc(x, out) if x.size < LARGE else threads.call(ufunc, (x,), out)
        return long_way(x, *rest, out=out, **params)

    return call


def several(ufunc: np.ufunc, long_way: Callable[..., Any], count: int) -> Callable[..., Any]:
    """``f(x, y, ..., out=None)`` for a routine of ``count`` arrays, maybe a cotangent first, and no parameters."""
    fits = _fits if ufunc.nout == 1 else _both_fit

    def call(*arrays: Any, out: Any = None, **params: Any) -> Any:
        if len(arrays) == count and not params and _plain(arrays) and (out is None or fits(out, arrays[0])):
            if out is None and arrays[0].size < LARGE:
                return ufunc(*arrays)
            return threads.call(ufunc, arrays, out)
        return long_way(*arrays, out=out, **params)

    return call


def with_parameters(
    ufunc: np.ufunc,
    long_way: Callable[..., Any],
    count: int,
    defaults: Mapping[str, Any],
    assume: tuple[Assumption, ...],
) -> Callable[..., Any]:
    """As :func:`several` for an op with parameters; those given as Python numbers go the short way too."""
    conditions = tuple([assumption.holds for assumption in assume])
    fits = _fits if ufunc.nout == 1 else _both_fit

    def call(*arrays: Any, out: Any = None, **params: Any) -> Any:
        if len(arrays) != count or not params.keys() <= defaults.keys() or not _plain(arrays):
            return long_way(*arrays, out=out, **params)
        number = arrays[0].dtype.type
        numbers = []
        for name, default in defaults.items():
            value = params.get(name, default)
            if (type(value) is not float and type(value) is not int) or not -_LIMIT <= value <= _LIMIT:
                return long_way(*arrays, out=out, **params)
            numbers.append(number(value))
        for holds in conditions:
            if not holds(*numbers):
                return long_way(*arrays, out=out, **params)
        if out is not None and not fits(out, arrays[0]):
            return long_way(*arrays, out=out, **params)
        return threads.call(ufunc, (*arrays, *numbers), out)

    return call


def _plain(arrays: tuple[Any, ...]) -> bool:
    """Whether all are plain arrays of one shape and one dtype, float32 or float64."""
    first = arrays[0]
    if type(first) is not np.ndarray:
        return False
    dtype, shape = first.dtype, first.shape
    if dtype is not _F32 and dtype is not _F64:
        return False
    for a in arrays[1:]:  # noqa: SIM110 (all() over a generator takes twice as long)
        if type(a) is not np.ndarray or a.dtype is not dtype or a.shape != shape:
            return False
    return True


def _fits(out: Any, like: Any) -> bool:
    return type(out) is np.ndarray and out.dtype is like.dtype and out.shape == like.shape


def _both_fit(out: Any, like: Any) -> bool:
    return type(out) is tuple and len(out) == 2 and _fits(out[0], like) and _fits(out[1], like)


def shorten(
    ufunc: np.ufunc,
    long_way: Callable[..., Any],
    defaults: Mapping[str, Any],
    assume: tuple[Assumption, ...],
    count: int,
) -> Callable[..., Any]:
    """The short way to a routine of ``count`` arrays and the parameters ``defaults``, beside the long one."""
    if defaults:
        return with_parameters(ufunc, long_way, count, defaults, assume)
    return unary(ufunc, long_way) if count == ufunc.nout == 1 else several(ufunc, long_way, count)
