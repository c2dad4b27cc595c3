"""What stands in a tensor where the array would be while a function is traced: a shape and a dtype, no values.

Whoever reaches for values here would bake those of one run into the graph, so every way to them raises
:class:`TraceError`, which names the line of the user's function.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from .errors import TraceError


class Abstract:
    """The shape and dtype of an array that is not there yet.

    >>> Abstract((2, 3), np.dtype("float32"))
    float32[2,3]
    """

    __slots__ = ("dtype", "shape")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.shape = shape
        self.dtype = dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """The number of bytes of such an array."""
        return self.size * self.dtype.itemsize

    def __repr__(self) -> str:
        return f"{self.dtype.name}[{','.join(map(str, self.shape))}]"


def _refuse(name: str) -> Any:
    def refused(self: Abstract, *args: Any, **kwargs: Any) -> Any:
        raise no_values("an operation on plain arrays")

    refused.__name__ = name
    return refused


_VALUES = (
    *("__array__", "__array_ufunc__", "__array_function__", "__bool__", "__float__", "__int__", "__index__"),
    *("__len__", "__iter__", "__getitem__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__"),
    *(f"__{side}{name}__" for side in ("", "r") for name in ("add", "sub", "mul", "truediv", "matmul", "pow", "mod")),
    *(f"__{side}{name}__" for side in ("", "r") for name in ("and", "or", "xor")),
    *("__neg__", "__pos__", "__abs__", "__invert__"),
)
for _name in _VALUES:
    setattr(Abstract, _name, _refuse(_name))


def _no_attribute(self: Abstract, name: str) -> Any:
    if name.startswith("__"):  # NumPy and copy look for protocols
        raise AttributeError(name)
    raise no_values(f"an array's .{name}")


Abstract.__getattr__ = _no_attribute  # type: ignore[attr-defined]


def no_values(what: str) -> TraceError:
    """The error for code that needs values which a trace does not have; ``what`` is what it tried."""
    return TraceError(
        f"{user_line()}: {what} needs values, and while hd.compile traces a function there are none; "
        "compute with tensors alone (hd.select for a choice that depends on values)"
    )


def user_line() -> str:
    """The file and line of the innermost call that comes from outside hasderiv and NumPy."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        module = frame.f_globals.get("__name__", "")
        if module.partition(".")[0] not in ("hasderiv", "numpy", "functools"):
            break
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
