"""The living definition of an op list: a slow interpreter over NumPy arrays, one operation after the other."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

import numpy as np

from .elementary import TABLE
from .libm.evaluate import evaluate
from .ssa import Routine, nearest

_UFUNCS: Final[dict[str, Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "neg": np.negative,
    "sqrt": np.sqrt,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
    "select": np.where,
}


def _call(name: str, operands: list[Any]) -> Any:
    module, _, function = TABLE[name].numpy.partition(".")
    if name == "single":
        return np.asarray(*operands, np.float32).astype(np.float64)
    return getattr(np, function)(*operands) if module == "np" else evaluate(name, *map(np.asarray, operands))


def interpret(
    routine: Routine,
    arguments: Mapping[str, Any],
    dtype: str = "float64",
) -> Any:
    """The result on arrays (or scalars) of ``dtype`` that broadcast together; no warnings."""
    kind = np.dtype(dtype).type
    given = {name: np.asarray(a, dtype) for name, a in arguments.items()}
    values: list[Any] = []
    with np.errstate(all="ignore"):
        for op in routine.ops:
            operands = [values[a] for a in op.args]
            if op.name == "input":
                values.append(given[str(op.data)])
            elif op.name == "const" and isinstance(op.data, Fraction):
                values.append(kind(nearest(op.data, dtype)))
            elif op.name == "special":
                values.append(kind(float(str(op.data))))
            elif op.name == "truth":
                values.append(np.bool_(op.data == "true"))
            elif op.name == "call":
                values.append(_call(str(op.data), operands))
            else:
                values.append(_UFUNCS[op.name](*operands))
        shape = np.broadcast_shapes(*(a.shape for a in given.values()))
        return np.broadcast_to(np.asarray(values[routine.result], dtype), shape)
