"""Primitives: the operations that the tape knows, each with a backward and a forward rule.

A rule is written once.  It is handed arrays on the plain path, and tensors when the derivative is
itself to be differentiated, and uses only what both offer: operators, methods, and the functions of
:mod:`.shapes`.  Rules save operands, never results, so second derivatives come out right by themselves.

Forward mode puts a :class:`~.tensor.Dual` in place of a tensor: a primal, a tangent and a level.  A
nested ``jvp`` has a higher level, and each step peels off the highest, which keeps perturbations
apart.  A dual has a node of its own whose saved operands are duals, so ``jvp`` of ``grad`` works as
``grad`` of ``jvp`` does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .devices import device_of, is_cupy, is_float, is_numpy
from .errors import DeviceError, DTypeError, GradientError, ShapeError
from .tape import Node, recording


class Primitive:
    """One operation.  Subclasses give ``forward``, ``vjp`` and ``jvp``; instances hold no state.

    ``masks`` is true for an operation that cuts lanes off (``select``): below it, an exact zero
    cotangent stays zero even where the local derivative is infinite or NaN.
    """

    __slots__ = ("name",)
    masks = False

    def __init__(self, name: str) -> None:
        self.name = name

    def forward(self, static: Any, *arrays: Any) -> Any:
        """Compute the value from arrays (or Python scalars)."""
        raise NotImplementedError

    def save(self, *operands: Any) -> Any:
        """Say what the backward rule needs of the operands.  The default is all of them."""
        return operands

    def keep(self, static: Any, *arrays: Any) -> tuple[Any, Any]:
        """Compute the value and what is saved, for a recorded call.

        An operation may append intermediate results to its operands here (the winners of a max pool, the mean of a
        layer norm), for the plain backward rule; a rule that is handed tensors must not use them.
        """
        return self.forward(static, *arrays), self.save(*arrays)

    def rebuild(self, saved: Any, parents: tuple[Any, ...]) -> Any:
        """Turn saved arrays back into the tensors they came from, tied to their place in the graph."""
        return tuple(
            [
                Tensor(x, parents[i] if i < len(parents) else None) if is_numpy(x) or is_cupy(x) else x
                for i, x in enumerate(saved)
            ]
        )

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        """Return the cotangent of each operand; anything may stand where the parent is ``None``."""
        raise NotImplementedError

    def masked_vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        """As :meth:`vjp`, but 0 times infinity or NaN is 0 where the cotangent is an exact zero."""
        return self.vjp(g, saved, static, parents)

    def jvp(self, primals: list[Any], tangents: list[Any], static: Any, out: Tensor) -> Any:
        """Return the tangent of the result.  A tangent of ``None`` stands for a constant operand."""
        raise NotImplementedError

    def unsettled(self, saved: Any, static: Any) -> tuple[Any, dict[str, Any], dict[str, Any]] | None:
        """Say where a convention was used: a mask over the result, its record, the inputs there by name."""
        return None


class Predicate(Primitive):
    """A function of arrays that has no derivative: a comparison, a test, logic.  See :func:`evaluate`."""

    __slots__ = ("compute",)

    def __init__(self, name: str, compute: Any) -> None:
        super().__init__(name)
        self.compute = compute

    def forward(self, static: Any, *arrays: Any) -> Any:
        return self.compute(*arrays)


def apply(primitive: Primitive, operands: tuple[Any, ...], static: Any = None) -> Tensor:
    """Run a primitive on tensors (and Python scalars), and record it where a gradient is wanted."""
    arrays = []
    parents = []
    live = special = False
    for x in operands:
        if isinstance(x, Tensor):
            arrays.append(x._data)
            node = x._node
            parents.append(node)
            if node is not None:
                live = True
            if type(x) is not Tensor:
                special = True
        else:
            arrays.append(x)
            parents.append(None)
    if special:
        above = tuple(parents) if live and recording.get() else None
        if any(type(x) is Dual for x in operands):
            return _apply_dual(primitive, operands, static, above)
        return trace_of(operands).apply(primitive, operands, static, above)  # type: ignore[no-any-return]
    try:
        if live and recording.get():
            data, saved = primitive.keep(static, *arrays)
            return Tensor(data, Node(primitive, tuple(parents), saved, static))
        return Tensor(primitive.forward(static, *arrays))
    except (ValueError, TypeError) as error:
        raise explain(primitive.name, error, operands) from error


def _apply_dual(primitive: Primitive, operands: tuple[Any, ...], static: Any, parents: Any) -> Tensor:
    level = max(x._level for x in operands if type(x) is Dual)
    primals, tangents = [], []
    for x in operands:
        if type(x) is Dual and x._level == level:
            primals.append(x._primal)
            tangents.append(x._tangent)
        else:
            primals.append(x)
            tangents.append(None)
    out = apply(primitive, tuple(primals), static)
    tangent = primitive.jvp(primals, tangents, static, out)
    node = None if parents is None else Node(primitive, parents, primitive.save(*operands), static)
    return out if tangent is None and node is None else Dual(out, tangent, level, node)


def evaluate(primitive: Primitive, *operands: Any, static: Any = None) -> Any:
    """The value of an operation that has no derivative, as an array; a tensor while a function is traced."""
    if is_symbolic(*operands):
        return apply(primitive, tuple([x.detach() if isinstance(x, Tensor) else coerce(x) for x in operands]), static)
    return primitive.forward(static, *[x._data if isinstance(x, Tensor) else x for x in operands])


def is_symbolic(*operands: Any) -> bool:
    """Whether one of them is a tensor without values, because a function is traced."""
    return any(isinstance(x, Tensor) and x._symbolic for x in operands)


def trace_of(operands: Any) -> Any:
    """The trace that a tensor without values among the operands belongs to."""
    found: Any = next(x for x in operands if isinstance(x, Tensor) and x._symbolic)
    while type(found) is Dual:
        found = found._primal
    return found._trace


def explain(name: str, error: Exception, operands: tuple[Any, ...]) -> Exception:
    """Find the plain reason for an array library's error: devices, dtypes or shapes that do not fit."""
    from .errors import Error

    if isinstance(error, Error):
        return error
    tensors = [x for x in operands if isinstance(x, Tensor)]
    devices = sorted({device_of(x._data) for x in tensors})
    if len(devices) > 1:
        return DeviceError(f"{name}: operands on {' and '.join(devices)}; move one with .to(...)")
    shapes = " and ".join(str(x.shape) for x in tensors)
    if isinstance(error, ValueError):
        return ShapeError(f"{name}: shapes {shapes} do not fit together ({error})")
    return DTypeError(f"{name}: {error}")


def coerce(x: Any) -> Any:
    """Return an operand as a tensor, or a Python scalar as it is; ``None`` for what is neither.

    Arrays are copied: the tape may keep them, and the caller may go on to change them.
    """
    if isinstance(x, Tensor):
        return x
    if type(x) is float or type(x) is int or type(x) is bool:
        return x
    if isinstance(x, np.ndarray | np.generic):
        from .tensor import tensor

        return tensor(x)
    if is_cupy(x):
        return Tensor(x.copy())
    if isinstance(x, complex):
        raise DTypeError("tensors do not hold complex numbers")
    return float(x) if isinstance(x, float) else int(x) if isinstance(x, int) else None


def check_operands(name: str, operands: tuple[Any, ...]) -> None:
    """Raise where tensors of different dtypes or devices meet: nothing is cast or moved in silence."""
    tensors = [x for x in operands if isinstance(x, Tensor)]
    first = tensors[0]
    for other in tensors[1:]:
        if other.dtype != first.dtype and (is_float(first.dtype) or is_float(other.dtype)):
            raise DTypeError(
                f"{name}: {first.dtype.name} and {other.dtype.name} are not mixed in silence; "
                f"write .astype({(first if is_float(first.dtype) else other).dtype.name!r}) on one of them"
            )
        if type(other._data) is not type(first._data):
            here, there = device_of(first._data), device_of(other._data)
            if here != there:
                raise DeviceError(f"{name}: operands on {here} and {there}; move one with .to(...)")


def masked_zero(result: Any, g: Any) -> Any:
    """Put 0 where the result is not finite although the cotangent is exactly 0 (broadcast against it)."""
    from .tensor_ops.select import select

    bad = evaluate(NOTHING_TIMES_INFINITY, result, g)
    return result if not isinstance(bad, Tensor) and not bad.any() else select(bad, 0.0, result)


def _isfinite(data: Any) -> Any:
    # x - x is 0 for finite x and NaN otherwise; unlike np.isfinite it is one expression for NumPy, CuPy, bfloat16
    with np.errstate(invalid="ignore"):
        return (data - data) == 0


NOTHING_TIMES_INFINITY = Predicate("nothing_times_infinity", lambda x, g: ~_isfinite(x) & (g == 0))


def no_rule(name: str, what: str) -> GradientError:
    """The error for a derivative that nobody has given."""
    return GradientError(f"{name}: {what}")


# last, because tensor.py imports the modules that use what is defined above
from .tensor import Dual, Tensor  # noqa: E402
