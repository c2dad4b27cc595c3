"""Arguments of a compiled function: what they have to be, and the arrays in them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..abstract import Abstract, user_line
from ..devices import as_dtype, check_dtype, is_cupy
from ..errors import DeviceError, DTypeError, ShapeError, TraceError
from ..pytree import Structure, describe, flatten, paths
from ..tensor import Tensor, tensor


def tensor_spec(shape: Any, dtype: Any = "float64") -> Abstract:
    """The shape and dtype of an argument of a compiled function.

    >>> tensor_spec((128, 784), "float32")
    float32[128,784]
    """
    return Abstract((shape,) if isinstance(shape, int) else tuple([int(n) for n in shape]), as_dtype(dtype))


class Signature:
    """The structure of arguments, and the type of each leaf."""

    def __init__(self, name: str, examples: Any) -> None:
        self.name = name
        leaves, self.structure = flatten(examples)
        self.types = [_type_of(name, x) for x in leaves]
        self.paths = paths(self.structure)

    def arrays(self, tree: Any, optional: bool = False) -> list[Any]:
        """The arrays at the leaves of a tree of this structure; with ``optional`` a ``None`` stays one.

        Raises :class:`ShapeError`, :class:`DTypeError` or :class:`DeviceError`, naming the first leaf that is wrong.
        """
        leaves = self.leaves(tree)
        rows = zip(leaves, self.types, self.paths, strict=True)
        return [None if optional and x is None else self._array(x, kind, path) for x, kind, path in rows]

    def leaves(self, tree: Any) -> list[Any]:
        """What stands at the places of the leaves; a list there is an array to be."""
        found: list[Any] = []
        if not _collect(self.structure, tree, found):
            given = describe(flatten(tree)[1])
            raise ShapeError(f"{self.name}: {given} for what was compiled as {describe(self.structure)}")
        return found

    def _array(self, x: Any, kind: Abstract, path: str) -> Any:
        if type(x) is Tensor:
            data = x._data
        elif type(x) is np.ndarray:
            data = x if x.flags.c_contiguous and x.flags.aligned else np.array(x)
        elif isinstance(x, float | int | list) and not isinstance(x, np.generic):
            data = np.array(x)
            whole = (
                data.dtype.kind in "iu" and kind.dtype.kind in "iu" and bool((data.astype(kind.dtype) == data).all())
            )
            if whole or np.can_cast(data.dtype, kind.dtype, "same_kind"):
                data = data.astype(kind.dtype)
        elif isinstance(x, Tensor) and x._symbolic:
            raise TraceError(
                f"{user_line()}: a derivative of the compiled {self.name} while tracing; use hd.vjp or hd.jvp"
            )
        else:
            data = tensor(x)._data
        if is_cupy(data):
            raise DeviceError(f"{self.name}: an array on cuda; compiled graphs run on the cpu")
        if data.shape != kind.shape or data.dtype != kind.dtype:
            error = DTypeError if data.shape == kind.shape else ShapeError
            where = f" at {path}" if path else ""
            raise error(f"{self.name}: {Abstract(data.shape, data.dtype)}{where}, where {kind} was compiled")
        return data


def _collect(structure: Structure, tree: Any, found: list[Any]) -> bool:
    """Put what stands at the leaves of the structure into ``found``; whether the tree has this structure."""
    if structure is None:
        found.append(tree)
        return True
    kind, keys, children = structure
    if type(tree) is not kind or len(tree) != len(children):
        return False
    if kind is dict:
        return tree.keys() == set(keys) and all(
            _collect(c, tree[k], found) for k, c in zip(keys, children, strict=True)
        )
    return all(_collect(child, part, found) for child, part in zip(children, tree, strict=True))


def _type_of(name: str, example: Any) -> Abstract:
    if isinstance(example, Abstract):
        return example
    if example is None or isinstance(example, str):
        raise DTypeError(f"{name}: {example!r} is no argument; pass hd.tensor_spec(shape, dtype) or an array like it")
    if isinstance(example, Tensor):
        data = example._data
    else:
        data = np.asarray(example)
        check_dtype(data.dtype)
    if is_cupy(data):
        raise DeviceError(f"{name}: an array on cuda; compiled graphs run on the cpu")
    return Abstract(data.shape, data.dtype)
