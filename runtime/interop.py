"""NumPy's protocols: ``np.exp(t)``, ``array + t``, ``np.sum(t)`` run on the tape; what is not covered raises."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import DTypeError, InPlaceError
from .primitive import evaluate
from .tensor import Tensor
from .tensor_ops import arithmetic, indexing, products, reductions, shapes
from .tensor_ops.select import select

# ufuncs with an op of another name
_RENAMED = {
    "absolute": "abs",
    "fabs": "abs",
    "maximum": "max",
    "minimum": "min",
    "power": "pow",
    "float_power": "pow",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "rint": "round",
    "remainder": "remainder",
}
_SAME = (
    *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "square", "cbrt", "reciprocal"),
    *("sin", "cos", "tan", "sinh", "cosh", "tanh", "sign", "floor", "ceil"),
    *("hypot", "logaddexp", "fmod", "copysign"),
)
_UFUNCS = {**{name: name for name in _SAME}, **_RENAMED}
_OPERATORS = {"add": arithmetic.ADD, "subtract": arithmetic.SUB, "multiply": arithmetic.MUL, "divide": arithmetic.DIV}
_COMPARE = frozenset({"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"})
# on masks, NumPy's bitwise operators are the logical ones
_BITWISE = {
    "bitwise_and": "logical_and",
    "bitwise_or": "logical_or",
    "bitwise_xor": "logical_xor",
    "invert": "logical_not",
}


def array_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a NumPy ufunc does when one of its operands is a tensor."""
    name = ufunc.__name__
    if kwargs.get("out") is not None:
        raise InPlaceError(f"np.{name}(..., out=...) with a tensor: a tensor's result is a new tensor")
    kwargs = {k: v for k, v in kwargs.items() if v is not None and k != "out"}
    if method == "reduce" and name == "add" and inputs:
        kwargs.setdefault("axis", 0)
        return reductions.sum(inputs[0], **kwargs)
    if method != "__call__":
        raise DTypeError(f"np.{name}.{method} is not recorded on tensors; use t.numpy() for the plain values")
    if kwargs:
        raise DTypeError(f"np.{name} on a tensor takes no {', '.join(kwargs)}=")
    if name in _OPERATORS:
        return _done(name, arithmetic.binary(_OPERATORS[name], *inputs))
    if name in _COMPARE:
        return _done(name, arithmetic.compare(name, *inputs))
    if name in _UFUNCS:
        return _done(name, arithmetic.named(_UFUNCS[name], *inputs))
    if name == "negative":
        return -inputs[0]
    if name == "positive":
        return inputs[0]
    if name == "matmul":
        return products.matmul(*inputs)
    if name in arithmetic.PREDICATES:
        return evaluate(arithmetic.PREDICATES[name], *inputs)
    if name in _BITWISE and all(x.dtype == bool for x in inputs):
        return evaluate(arithmetic.PREDICATES[_BITWISE[name]], *inputs)
    raise DTypeError(
        f"np.{name} has no derivative here; use an op of hd.ops, hd.custom_op, or t.numpy() for the plain values"
    )


def _done(name: str, result: Any) -> Any:
    if result is NotImplemented:
        raise DTypeError(f"np.{name}: an operand is neither a tensor, an array nor a number")
    return result


def _where(condition: Any, *branches: Any) -> Any:
    if len(branches) != 2:
        return np.where(np.asarray(condition))
    return select(condition, *branches)


def _clip(x: Any, a_min: Any = None, a_max: Any = None) -> Any:
    from .ops import ops

    if a_min is None or a_max is None:
        raise DTypeError("np.clip on a tensor needs both bounds; use hd.max or hd.min for one")
    return ops["clamp"](x, lo=a_min, hi=a_max)


_RECORDED: dict[Any, Any] = {
    np.sum: reductions.sum,
    np.mean: reductions.mean,
    np.reshape: shapes.reshape,
    np.ravel: shapes.flatten,
    np.transpose: shapes.transpose,
    np.swapaxes: shapes.swapaxes,
    np.moveaxis: shapes.moveaxis,
    np.broadcast_to: shapes.broadcast_to,
    np.expand_dims: shapes.expand_dims,
    np.squeeze: shapes.squeeze,
    np.concatenate: shapes.concatenate,
    np.stack: shapes.stack,
    np.where: _where,
    np.clip: _clip,
    np.take: lambda a, indices, axis=None: indexing.getitem(
        shapes.flatten(a) if axis is None else a, (slice(None),) * ((axis or 0) % a.ndim) + (indices,)
    ),
}
_VALUES_ONLY = frozenset(
    {
        np.shape, np.ndim, np.size, np.allclose, np.isclose, np.array_equal, np.array_equiv, np.argmax, np.argmin,
        np.argsort, np.array_repr, np.array_str, np.array2string, np.result_type, np.can_cast, np.shares_memory,
        np.may_share_memory, np.count_nonzero, np.nonzero, np.any, np.all, np.iscomplexobj, np.isrealobj,
        np.unique, np.searchsorted, np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.save, np.isin,
    }
)  # fmt: skip


def array_function(func: Any, args: Any, kwargs: Any) -> Any:
    """What one of NumPy's other functions does when an argument is a tensor."""
    if func in _RECORDED:
        missing = np._NoValue  # type: ignore[attr-defined,unused-ignore]
        return _RECORDED[func](*args, **{k: v for k, v in kwargs.items() if v is not missing})
    if func in _VALUES_ONLY:
        return func(*_values(args), **{k: _values(v) for k, v in kwargs.items()})
    name = getattr(func, "__name__", str(func))
    raise DTypeError(f"np.{name} is not recorded on tensors; use hd's functions, or t.numpy() for the plain values")


def _values(x: Any) -> Any:
    if isinstance(x, Tensor):
        return x.data
    if isinstance(x, tuple | list):
        return type(x)(_values(v) for v in x)
    return x


__all__ = ["array_function", "array_ufunc"]
