"""Tracing: a function is run once on tensors without values, and each primitive that it applies is written down.

:class:`Traced` takes the place of a tensor as :class:`~..tensor.Dual` does in forward mode, so derivatives are traced
by the rules that compute them eagerly.  An instruction that stands in the graph already is not written twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..abstract import Abstract, no_values, user_line
from ..devices import is_float
from ..elementwise import Times, Value
from ..errors import DTypeError, TraceError
from ..primitive import Primitive, coerce, evaluate, explain
from ..tape import Leaf, Node, no_grad, pull_back, recording
from ..tensor import Tensor, as_tensor, seed_for
from ..tensor_ops.arithmetic import PREDICATES, Binary, Negation
from ..tensor_ops.indexing import GetItem, Scatter
from ..tensor_ops.products import MatMul
from ..tensor_ops.reductions import Sum
from ..tensor_ops.select import Select
from ..tensor_ops.shapes import Concatenate, Linear
from .ssa import DETACH, KEEP, PART, PULL, Graph, Instruction, freeze, infer, is_pure


class Traced(Tensor):
    """A tensor of a function that is being traced: a value of the graph.  Users never make one."""

    __slots__ = ("_trace", "_value")
    _symbolic = True

    def __init__(self, trace: Trace, value: int, node: Any = None) -> None:
        super().__init__(trace.graph.types[value], node)
        self._trace = trace
        self._value = value

    def detach(self) -> Tensor:
        return self._trace.detached(self._value)

    def _at(self, node: Any) -> Tensor:
        return Traced(self._trace, self._value, node)

    def _again(self, requires_grad: bool, dtype: Any) -> Tensor:
        """What :func:`~..tensor.tensor` makes of it."""
        result = self.detach() if dtype is None else self.detach().astype(dtype).detach()
        result.requires_grad = requires_grad
        return result

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient flows through this tensor; where that is taken back, the tape is cut."""
        return self._node is not None

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        recorded = self.requires_grad
        Tensor.requires_grad.fset(self, wanted)  # type: ignore[attr-defined]
        if recorded and not wanted:
            self._value = self._trace.detached(self._value)._value

    def __copy__(self) -> Tensor:
        return self._trace.detached(self._value)._at(None if self._node is None else Leaf())

    def backward(self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False) -> None:
        if create_graph or self._node is None:
            return super().backward(gradient, retain_graph, True)
        with no_grad():
            seed = self._trace.lift(seed_for(self, gradient))
            for leaf, g in pull_back([(self._node, seed)], recorded=True, retain=bool(retain_graph)).items():
                leaf.grad = g if leaf.grad is None else leaf.grad + g
        return None

    # masks, which are plain arrays in an eager run

    def __and__(self, other: Any) -> Any:
        return _logic("logical_and", self, other)

    def __or__(self, other: Any) -> Any:
        return _logic("logical_or", self, other)

    def __xor__(self, other: Any) -> Any:
        return _logic("logical_xor", self, other)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __invert__(self) -> Any:
        return _logic("logical_not", self)

    # what needs values

    @property
    def data(self) -> Any:
        raise no_values(".data")

    def numpy(self) -> Any:
        raise no_values(".numpy()")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise no_values("a conversion to a NumPy array")

    def item(self) -> Any:
        raise no_values(".item()")

    def tolist(self) -> Any:
        raise no_values(".tolist()")

    def __float__(self) -> float:
        raise no_values("float()")

    def __int__(self) -> int:
        raise no_values("int()")

    def __index__(self) -> int:
        raise no_values("a tensor as a Python index")

    def __bool__(self) -> bool:
        raise no_values("the truth of a tensor (if, while, and, or, not, in)")

    def __reduce__(self) -> Any:
        raise no_values("pickling or copying a tensor")

    def __deepcopy__(self, memo: Any) -> Any:
        raise no_values("copying a tensor")

    def __repr__(self) -> str:
        return f"traced({self._data!r})"

    def __format__(self, spec: str) -> str:
        if spec:
            raise no_values("formatting a number")
        return repr(self)


def _logic(name: str, *masks: Any) -> Any:
    if any(np.dtype(getattr(m, "dtype", type(m))) != bool for m in masks):
        raise DTypeError(f"{name} is for masks (bool tensors), which comparisons give")
    return evaluate(PREDICATES[name], *masks)


class Trace:
    """A graph that is being written.  ``apply`` takes the place of :func:`~..primitive.apply`.

    With ``marking`` it says where the tape is cut: by ``detach``, or because nothing is recorded.
    """

    def __init__(self, name: str, marking: bool = False) -> None:
        self.graph = Graph(name)
        self.marking = marking
        self.open = True
        self._known: dict[Any, int] = {}
        self._dtypes: dict[Any, Any] = {}

    def input(self, kind: Abstract) -> Traced:
        """A new input."""
        value = self._new(kind)
        self.graph.inputs.append(value)
        return Traced(self, value)

    def lift(self, x: Any) -> Traced:
        """A tensor, array or number as a value of the graph."""
        if isinstance(x, Traced):
            return self._own(x)
        if isinstance(x, Tensor) and type(x) is not Tensor:
            raise TraceError(f"{user_line()}: a tensor of hd.jvp is used in a function that is compiled inside it")
        number = coerce(x)
        if number is None:
            raise DTypeError(f"{user_line()}: {type(x).__name__} is neither a tensor, an array nor a number")
        return Traced(self, self._constant(as_tensor(number)._data))

    def value_of(self, x: Any) -> int:
        """The number of an operand; a Python scalar stays one."""
        if isinstance(x, Traced):
            return self._own(x)._value
        return self._constant(x._data if isinstance(x, Tensor) else x)

    def apply(self, primitive: Primitive, operands: tuple[Any, ...], static: Any, parents: Any) -> Tensor:
        """Write down a primitive on tensors of which one is traced, and record it where ``parents`` are given."""
        values = tuple([self.value_of(x) for x in operands])
        try:
            if parents is None:
                result = self._write(primitive, values, static)
                cut = any(isinstance(x, Traced) and x._node is not None for x in operands)
                return self.detached(result) if cut else Traced(self, result)
            source = values
            if type(primitive).keep is Primitive.keep:
                result = self._write(primitive, values, static)
            else:
                both = self._write(KEEP, values, (primitive, static))
                result, source = self._write(PART, (both,), 0), (both,)
            saved = primitive.save(*operands), self, source
            return Traced(self, result, Node(Rule(primitive), parents, saved, static))
        except (ValueError, TypeError) as error:
            raise explain(primitive.name, error, operands) from error

    def detached(self, value: int) -> Traced:
        """A value that no gradient flows through."""
        if self.marking and is_float(self.graph.types[value].dtype):
            value = self._write(DETACH, (value,), None)
        return Traced(self, value)

    def pull(
        self, primitive: Primitive, g: Any, source: tuple[int, ...], static: Any, needed: Any, masked: bool
    ) -> Any:
        """Write down the plain backward rule of a primitive: one instruction, and one for the part of each operand."""
        all_parts = self._write(PULL, (self.value_of(g), *source), (primitive, static, needed, masked))
        kinds = self.graph.types[all_parts]
        return [
            None if kind is None else Traced(self, self._write(PART, (all_parts,), i)) for i, kind in enumerate(kinds)
        ]

    def close(self, outputs: list[Any]) -> Graph:
        """The graph of these outputs (tensors, numbers, ``None``); the trace ends."""
        self.graph.outputs = [None if x is None else self.lift(x)._value for x in outputs]
        self.open = False
        return self.graph.pruned()

    # ---- writing

    def _own(self, x: Traced) -> Traced:
        if x._trace is not self or not self.open:
            raise TraceError(f"{user_line()}: a tensor of a trace that has ended, or of another one, is used")
        return x

    def _new(self, kind: Abstract | None) -> int:
        self.graph.types.append(kind)
        return len(self.graph.types) - 1

    def _constant(self, x: Any) -> int:
        array = hasattr(x, "dtype")
        key = (Trace, id(x)) if array and x.ndim else (Trace, freeze(x))
        value = self._known.get(key)
        if value is None:
            value = self._known[key] = self._new(Abstract(x.shape, x.dtype) if array else None)
            self.graph.constants[value] = x
        return value

    def _write(self, primitive: Primitive, values: tuple[int, ...], static: Any) -> int:
        """The value of an instruction, which is written unless the same stands there already."""
        key = (primitive, values, freeze(static))
        value = self._known.get(key)
        if value is None:
            types = [self.graph.types[v] for v in values]
            kind = infer(primitive, static, types, [self.graph.constants.get(v) for v in values], self._dtypes)
            value = self._new(kind)
            if is_pure(primitive, static):
                self._known[key] = value
            self.graph.instructions.append(Instruction(value, primitive, values, static))
        return value


class Rule:
    """What stands in the node of a traced operation in place of its primitive.

    A backward pass that is not itself differentiated runs the plain rule, as an eager one does: as instructions where
    the rule is made of primitives that give the same bits, so that they can be fused, else as one.
    """

    __slots__ = ("masks", "name", "primitive")

    def __init__(self, primitive: Primitive) -> None:
        self.primitive, self.name, self.masks = primitive, primitive.name, primitive.masks

    def rebuild(self, saved: Any, parents: tuple[Any, ...]) -> Any:
        """Only what the rule for tensors takes is rebuilt."""
        inner, trace, source = saved
        return self.primitive.rebuild(inner, parents), trace, source

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        """See :meth:`~..primitive.Primitive.vjp`."""
        inner, trace, source = saved
        if recording.get() or isinstance(self.primitive, _TRANSPARENT):
            return self.primitive.vjp(g, inner, static, parents)
        return trace.pull(self.primitive, g, source, static, tuple([p is not None for p in parents]), False)

    def masked_vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        """See :meth:`~..primitive.Primitive.masked_vjp`."""
        inner, trace, source = saved
        if recording.get() or (isinstance(self.primitive, _TRANSPARENT) and not isinstance(self.primitive, MatMul)):
            return self.primitive.masked_vjp(g, inner, static, parents)
        return trace.pull(self.primitive, g, source, static, tuple([p is not None for p in parents]), True)

    def unsettled(self, saved: Any, static: Any) -> Any:
        """See :meth:`~..primitive.Primitive.unsettled`."""
        raise no_values("conventions_used")


_TRANSPARENT = (Binary, Negation, Value, Times, Select, GetItem, Scatter, Linear, Concatenate, Sum, MatMul)
