"""The elementary functions of our own in NumPy: what generated kernels call where no compiled path is to be had.

``cores.exp(x, out)`` runs the generated text of the op list (``generated/_cores_float32.py`` and
``_cores_float64.py``, see :mod:`.codegen.libm`) on cache-sized blocks; the bits are those of the compiled path and of
CUDA.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from .integrity import check_body
from .lanes import Scratch

BLOCK: Final = 1 << 15
GENERATED: Final = Path(__file__).parent / "generated"
_scratch: Final = Scratch(BLOCK)  # of their own: a kernel holds buffers while it calls


@cache
def _module(dtype: str) -> Any:
    """The functions of a dtype; their file is refused when it was edited."""
    path = GENERATED / f"_cores_{dtype}.py"
    check_body(path.stem, path.read_text(encoding="utf-8"))
    return importlib.import_module(f"{__package__}.generated._cores_{dtype}")


@cache
def __getattr__(name: str) -> Callable[..., Any]:
    """``f(*arrays)`` or ``f(*arrays, out)`` for arrays of one dtype that broadcast together."""
    if name.startswith("__") or name not in _module("float64").BUFFERS:
        raise AttributeError(f"there is no core {name}")

    count = _module("float64").BUFFERS[name][0]

    def call(*operands: Any) -> Any:
        arrays = [np.asarray(a) for a in operands[:count]]
        dtype, shape = arrays[0].dtype, np.broadcast_shapes(*(a.shape for a in arrays))
        out = operands[count] if len(operands) > count else None
        if out is None:
            out = np.empty(shape, dtype)
        _, single, double, truth = _module(dtype.name).BUFFERS[name]
        function = getattr(_module(dtype.name), name)
        flat = [np.ascontiguousarray(np.broadcast_to(a, shape)).reshape(-1) for a in arrays]
        target = out.reshape(-1)
        for start in range(0, target.size, BLOCK):
            size = min(BLOCK, target.size - start)
            floats, doubles = _scratch.take(np.float32, single, size), _scratch.take(np.float64, double, size)
            words, longs = [a.view(np.uint32) for a in floats], [a.view(np.uint64) for a in doubles]
            truths = _scratch.take(np.bool_, truth, size)
            function(*(a[start : start + size] for a in (*flat, target)), floats, words, doubles, longs, truths)
        return out

    return call
