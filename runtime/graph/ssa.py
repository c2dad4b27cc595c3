"""Typed graphs in static single assignment: values by number, and instructions that make each of them once.

A value is an input, a constant (an array, or a Python scalar, which adapts to the arrays that it meets) or the result
of an instruction.  Everything that depends on the inputs is an operand; ``static`` holds what is known at trace time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ..abstract import Abstract
from ..elementwise import Times, Value
from ..primitive import NOTHING_TIMES_INFINITY, Primitive
from ..tensor_ops.arithmetic import PREDICATES, Binary, Negation
from ..tensor_ops.select import Select

Type = Any  # an Abstract, a tuple of types, or None


class Instruction(NamedTuple):
    """``result = primitive(operands; static)``."""

    result: int
    primitive: Primitive
    operands: tuple[int, ...]
    static: Any


@dataclass
class Graph:
    """A function as instructions in an order in which they can run.

    ``types`` holds the type of each value: a tuple for several arrays, ``None`` for a Python scalar.  ``outputs`` are
    the values that are returned, ``None`` where there is none (the gradient of what nothing depends on).
    """

    name: str
    types: list[Type] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    constants: dict[int, Any] = field(default_factory=dict)
    instructions: list[Instruction] = field(default_factory=list)
    outputs: list[int | None] = field(default_factory=list)

    def pruned(self) -> Graph:
        """The same graph without what no output depends on: instructions, constants, and what nobody needs saved."""
        wanted = {v for v in self.outputs if v is not None}
        keeping = {i.result: i for i in self.instructions if i.primitive is KEEP}
        kept = []
        for instruction in reversed(self.instructions):
            if instruction.result not in wanted:
                continue
            whole = keeping.get(instruction.operands[0]) if instruction.primitive is PART else None
            if whole is not None and whole.result not in wanted:  # no backward rule, which would come later
                primitive, static = whole.static
                instruction = Instruction(instruction.result, primitive, whole.operands, static)
            kept.append(instruction)
            wanted.update(instruction.operands)
        constants = {v: x for v, x in self.constants.items() if v in wanted}
        return Graph(self.name, self.types, self.inputs, constants, kept[::-1], self.outputs)

    def __str__(self) -> str:
        """One line for each input and instruction, the outputs last."""
        shown = {v: repr(x) if self.types[v] is None else f"%{v}" for v, x in self.constants.items()}
        lines = [f"%{v} = input : {self.types[v]}" for v in self.inputs]
        lines += [f"%{v} = constant : {self.types[v]}" for v in self.constants if self.types[v] is not None]
        for result, primitive, operands, _ in self.instructions:
            names = ", ".join(shown.get(v, f"%{v}") for v in operands)
            lines.append(f"%{result} = {primitive.name}({names}) : {self.types[result]}")
        lines.append("return " + ", ".join("none" if v is None else shown.get(v, f"%{v}") for v in self.outputs))
        return "\n".join(lines)


_POINTWISE = (Binary, Negation, Value, Times, Select)
_TESTS = frozenset([*PREDICATES.values(), NOTHING_TIMES_INFINITY])


def is_pointwise(primitive: Primitive) -> bool:
    """Whether it broadcasts its operands and each element of the result depends on one element of each of them."""
    return isinstance(primitive, _POINTWISE) or primitive in _TESTS


class Keep(Primitive):
    """The value of a primitive and what it saves for its plain backward rule.  Static: the primitive, its static."""

    __slots__ = ()

    def forward(self, static: Any, *arrays: Any) -> Any:
        primitive, inner = static
        return primitive.keep(inner, *arrays)


class Part(Primitive):
    """One of several results.  Static: its number."""

    __slots__ = ()

    def forward(self, number: int, results: Any) -> Any:
        return results[number]


class Pull(Primitive):
    """The plain backward rule of a primitive, on the cotangent and the operands (or what :class:`Keep` gave).

    Static: the primitive, its static, which operands need a cotangent, and whether the rule is the masked one.
    """

    __slots__ = ()

    def forward(self, static: Any, g: Any, *source: Any) -> Any:
        primitive, inner, needed, masked = static
        saved = primitive.save(*source) if type(primitive).keep is Primitive.keep else source[0][1]
        rule = primitive.masked_vjp if masked else primitive.vjp
        found = rule(g, saved, inner, tuple([True if wanted else None for wanted in needed]))
        return tuple([x if wanted else None for x, wanted in zip(found, needed, strict=True)])


class Detach(Primitive):
    """The operand, cut off from the tape; written only where a certificate has to know."""

    __slots__ = ()

    def forward(self, static: Any, x: Any) -> Any:
        return x


KEEP, PART, PULL, DETACH = Keep("keep"), Part("part"), Pull("pull"), Detach("detach")


def is_pure(primitive: Primitive, static: Any) -> bool:
    """Whether the result depends on the operands alone; of a user's function nobody knows."""
    inner = static[0] if primitive is KEEP or primitive is PULL else primitive
    return getattr(inner, "covered", True)


def infer(primitive: Primitive, static: Any, types: list[Type], constants: list[Any], known: dict[Any, Any]) -> Type:
    """The type of a result, by running the primitive on its constants and on stand-ins for what is not known.

    Where it works on each element by itself single elements do, and ``known`` keeps the dtypes found with them.
    """
    if primitive is PART:
        return types[0][static]
    if primitive is KEEP:
        inner, settings = static
        found = infer(inner, settings, types, constants, known)
        return found, Saved(inner, settings, tuple(types), tuple(constants))
    if not is_pointwise(primitive):
        return _type_of(primitive.forward(static, *map(_stand_in, types, constants)))
    shapes = {t.shape for t in types if t is not None}
    if isinstance(primitive, Value | Times):
        shapes.update([np.shape(x) for x in static.values.values()])
    shape = shapes.pop() if len(shapes) == 1 else np.broadcast_shapes(*shapes)
    key = (
        primitive,
        freeze(static),
        *[type(x) if t is None else t.dtype for t, x in zip(types, constants, strict=True)],
    )
    dtype = known.get(key)
    if dtype is None:
        elements = [x if t is None else _one(t) for t, x in zip(types, constants, strict=True)]
        unchecked = isinstance(primitive, Value | Times) and static.tensors  # stand-ins may not be what the op assumes
        dtype = known[key] = elements[0].dtype if unchecked else primitive.forward(static, *elements).dtype
    return Abstract(shape, dtype)


class Saved(NamedTuple):
    """The type of what a primitive saves: it is found when needed."""

    primitive: Primitive
    static: Any
    types: tuple[Type, ...]
    constants: tuple[Any, ...]

    def __repr__(self) -> str:
        return f"saved by {self.primitive.name}"


def _type_of(x: Any) -> Type:
    if isinstance(x, tuple | list):
        return tuple([_type_of(part) for part in x])
    return None if x is None else Abstract(x.shape, x.dtype)


def _stand_in(kind: Type, constant: Any = None) -> Any:
    """An array of this type: ones, but zeros of integers and bools, which may be indices."""
    if kind is None or constant is not None:
        return constant
    if isinstance(kind, Saved):
        return kind.primitive.keep(kind.static, *map(_stand_in, kind.types, kind.constants))[1]
    if isinstance(kind, tuple):
        return tuple([_stand_in(part) for part in kind])
    return np.broadcast_to(_one(kind), kind.shape)


def _one(kind: Abstract) -> Any:
    return kind.dtype.type(0 if kind.dtype.kind in "iub" else 1)


def freeze(static: Any) -> Any:
    """A key that is equal for equal static parts; arrays and other objects count as equal only to themselves."""
    kind = type(static)
    if kind is float:
        return float, static.hex()  # 0 and -0 are two numbers
    if isinstance(static, tuple | list):
        return kind, tuple([freeze(x) for x in static])
    if kind is dict:
        return dict, tuple([(k, freeze(x)) for k, x in static.items()])
    if kind is slice:
        return slice, static.start, static.stop, static.step
    if isinstance(static, np.generic):
        return static.dtype.str, static.tobytes()
    try:
        hash(static)
    except TypeError:
        return kind, id(static)
    return kind, static
