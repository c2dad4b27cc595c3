"""Where arrays live: NumPy on ``cpu``, CuPy on ``cuda``.

CuPy is imported only when a CUDA device is asked for or a CuPy array is passed in.  There is no
fallback: what is asked for on ``cuda`` runs there or raises :class:`DeviceError`.
"""

from __future__ import annotations

import sys
from typing import Any, cast

import numpy as np

from .abstract import Abstract
from .errors import DeviceError, DomainError, DTypeError

Array = Any  # numpy.ndarray, numpy.generic (results of reductions) or cupy.ndarray

_FLOAT_NAMES = frozenset({"float16", "bfloat16", "float32", "float64"})
_is_float: dict[Any, bool] = {}


def is_float(dtype: Any) -> bool:
    """Say whether ``dtype`` is one of the four floating types of the tape.

    >>> import numpy as np
    >>> is_float(np.dtype("float32")), is_float(np.dtype("int64"))
    (True, False)
    """
    known = _is_float.get(dtype)
    if known is None:
        known = _is_float[dtype] = np.dtype(dtype).name in _FLOAT_NAMES
    return known


_half: dict[Any, bool] = {}


def is_half(dtype: Any) -> bool:
    """Say whether ``dtype`` is float16 or bfloat16, which are summed and evaluated in float32."""
    known = _half.get(dtype)
    if known is None:
        known = _half[dtype] = np.dtype(dtype).name in ("float16", "bfloat16")
    return known


def as_dtype(dtype: Any) -> np.dtype[Any]:
    """Turn a dtype, or its name (``bfloat16`` included), into a NumPy dtype that tensors may have.

    Raises :class:`DTypeError` for complex, object, text and extended types, and for ``bfloat16``
    when the package ml_dtypes is missing.

    >>> as_dtype("float16")
    dtype('float16')
    """
    if isinstance(dtype, str) and dtype == "bfloat16":
        try:
            import ml_dtypes
        except ImportError:
            raise DTypeError("dtype bfloat16 needs the package ml_dtypes: pip install ml_dtypes") from None
        return cast("np.dtype[Any]", np.dtype(ml_dtypes.bfloat16))
    try:
        result: np.dtype[Any] = np.dtype(dtype)
    except TypeError:
        raise DTypeError(f"{dtype!r} is not a dtype") from None
    check_dtype(result)
    return result


def check_dtype(dtype: Any) -> None:
    """Raise :class:`DTypeError` unless tensors may have this dtype: a float, an integer or a bool."""
    if not (is_float(dtype) or dtype.kind in "iub"):
        allowed = "float16, bfloat16, float32, float64, integers and bool"
        raise DTypeError(f"tensors do not hold {dtype.name}; they hold {allowed}")


def converted(data: Array, dtype: np.dtype[Any]) -> Array:
    """The values in another dtype; floats are cut off at the point to make integers.

    Raises :class:`DomainError` for a value that an integer dtype cannot hold, where a cast would make up another.
    """
    if dtype.kind in "iu" and data.dtype != dtype and data.size and (is_float(data.dtype) or data.dtype.kind in "iuO"):
        limits = np.iinfo(dtype)
        for value in (data.min(), data.max()):
            number = float(value) if is_float(data.dtype) else int(value)
            if not limits.min - 1 < number < limits.max + 1:
                raise DomainError(f"{number} does not fit {dtype.name}, from {limits.min} to {limits.max}")
    return data.astype(dtype, copy=False)


def is_numpy(data: Array) -> bool:
    """Say whether ``data`` is a NumPy array or scalar."""
    return isinstance(data, np.ndarray | np.generic)


def is_cupy(data: object) -> bool:
    """Say whether ``data`` is a CuPy array, without importing CuPy."""
    cupy = sys.modules.get("cupy")
    return cupy is not None and isinstance(data, cupy.ndarray)


def array_module(data: Array) -> Any:
    """Return the module, ``numpy`` or ``cupy``, whose functions take ``data``.

    >>> import numpy as np
    >>> array_module(np.zeros(2)) is np
    True
    """
    if isinstance(data, np.ndarray | np.generic):
        return np
    if is_cupy(data):
        return sys.modules["cupy"]
    if isinstance(data, Abstract):  # traced functions run on NumPy
        return np
    raise DTypeError(f"expected a NumPy or CuPy array, got {type(data).__name__}")


def device_of(data: Array) -> str:
    """Name the device of an array: ``cpu``, or ``cuda`` with its index when that is not 0."""
    if isinstance(data, np.ndarray | np.generic | Abstract):
        return "cpu"
    index = int(data.device.id)
    return "cuda" if index == 0 else f"cuda:{index}"


def require_cupy() -> Any:
    """Return CuPy with a usable GPU, or raise :class:`DeviceError` with the one thing to do."""
    try:
        import cupy  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise DeviceError(
            "device 'cuda' needs CuPy: pip install 'hasderiv[cuda13]' (or 'hasderiv[cuda12]' for CUDA 12)"
        ) from None
    if not cupy.cuda.is_available():
        raise DeviceError("device 'cuda' was asked for, CuPy is installed, and it finds no usable GPU")
    return cupy


def split_device(device: str) -> tuple[str, int]:
    """Read ``cpu``, ``cuda`` or ``cuda:1``; raise :class:`DeviceError` for anything else.

    >>> split_device("cuda:1")
    ('cuda', 1)
    """
    kind, _, index = str(device).partition(":")
    if kind == "cpu" and not index:
        return "cpu", 0
    if kind == "cuda" and (not index or index.isdigit()):
        return "cuda", int(index or 0)
    raise DeviceError(f"unknown device {device!r}; write 'cpu', 'cuda' or 'cuda:1'")


def move(data: Array, device: str) -> Array:
    """Return ``data`` on ``device``: the array itself where it is there already, else a copy.

    Raises :class:`DeviceError` when the device does not exist.
    """
    kind, index = split_device(device)
    if kind == "cpu":
        return data if is_numpy(data) else data.get()
    cupy = require_cupy()
    count = cupy.cuda.runtime.getDeviceCount()
    if index >= count:
        raise DeviceError(f"device {device!r} does not exist: {count} found")
    if is_cupy(data) and data.device.id == index:
        return data
    with cupy.cuda.Device(index):
        return cupy.asarray(data)
