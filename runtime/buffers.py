"""Arrays to be filled: where they are large, on NumPy, in memory that was used before.

The pages of fresh memory cost more to fault in than most of the operations here cost to run.
"""

from __future__ import annotations

import math
from typing import Any

from .compiled import memory, threads
from .devices import array_module, is_numpy


def empty(like: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """An array on the device of ``like``, filled with anything.

    >>> import numpy as np
    >>> empty(np.zeros(1), (2, 3), np.dtype("float32")).shape
    (2, 3)
    """
    if is_numpy(like) and dtype.kind in "fiub" and math.prod(shape) >= threads.FRESH:
        return memory.empty(shape, dtype)
    return array_module(like).empty(shape, dtype)


def zeros(like: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """An array of zeros on the device of ``like``.

    >>> import numpy as np
    >>> zeros(np.zeros(1), (2,), np.dtype("float64"))
    array([0., 0.])
    """
    out = empty(like, shape, dtype)
    out[...] = 0
    return out
