"""The living definition of an op list: a slow interpreter over NumPy arrays, one operation after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

import numpy as np

from .elementary import TABLE
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
ROUNDED: Final = frozenset({"add", "sub", "mul", "div", "sqrt"})


def interpret(
    routine: Routine,
    arguments: Mapping[str, Any],
    dtype: str = "float64",
    disturb: Callable[[Any, int], Any] | None = None,
) -> Any:
    """The result on arrays (or scalars) of ``dtype`` that broadcast together; no warnings.

    ``disturb(value, ulps)`` is applied to every rounded result, with 4 for a function that is not correctly rounded
    and 1 for the basic operations: what comes out then shows how much such errors matter.
    """
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
                function = TABLE[str(op.data)]
                result = getattr(np, function.numpy)(*operands)
                values.append(result if disturb is None or function.exact else disturb(result, 4))
            else:
                result = _UFUNCS[op.name](*operands)
                values.append(disturb(result, 1) if disturb is not None and op.name in ROUNDED else result)
        shape = np.broadcast_shapes(*(a.shape for a in given.values()))
        return np.broadcast_to(np.asarray(values[routine.result], dtype), shape)
