"""NumPy ufuncs from the addresses of compiled loops.

A ufunc brings broadcasting, strides, ``out=``, protection against overlap and the release of the GIL, at a third of a
microsecond a call.  It is made through NumPy's C interface (``PyUFunc_FromFuncAndData``, function 1 of the table
``_UFUNC_API``), whose layout NumPy promises to extensions that were compiled against it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Collection
from typing import Any, Final

import numpy as np
from numpy._core import _multiarray_umath

_KINDS: Final = {np.dtype(np.float32).type: 11, np.dtype(np.float64).type: 12}  # NPY_FLOAT, NPY_DOUBLE
_BOOL: Final = 0  # NPY_BOOL
_NO_IDENTITY: Final = -1
_kept: list[Any] = []  # NumPy keeps the pointers that it was given, so they live as long as the process


def _make() -> Any:
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    table = ctypes.cast(pointer(_multiarray_umath._UFUNC_API, None), ctypes.POINTER(ctypes.c_void_p))
    pointers, number, text = ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_char_p
    signature = (pointers, pointers, text, number, number, number, number, text, text, number)
    return ctypes.PYFUNCTYPE(ctypes.py_object, *signature)(table[1])


_from_functions: Final = _make()


def ufunc(
    name: str,
    loops: dict[Any, int],
    inputs: int,
    results: int = 1,
    pool: int | None = None,
    masks: Collection[int] = (),
) -> np.ufunc:
    """The ufunc of so many operands and results that runs, for each NumPy type, the loop at that address.

    A loop is handed ``pool``, the address of the threads that may share its work.  The operands and results with the
    numbers ``masks`` are bools.
    """
    count = len(loops)
    functions = (ctypes.c_void_p * count)(*loops.values())
    types = bytes(_BOOL if k in masks else _KINDS[kind] for kind in loops for k in range(inputs + results))
    data, label, doc = (ctypes.c_void_p * count)(*[pool] * count), name.encode(), b"a generated kernel"
    _kept.extend([functions, types, data, label, doc])
    made: np.ufunc = _from_functions(functions, data, types, count, inputs, results, _NO_IDENTITY, label, doc, 0)
    return made
