"""Elementwise instructions in LLVM's language: what they do to one element, with the bits of their eager kernels.

Arithmetic is one IEEE instruction; an op of the catalogue and its derivatives are calls of its generated routines.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np

from ..abstract import Abstract
from ..compiled import library
from ..elementwise import Times, Value
from ..kernels import OpKernels, arguments
from ..primitive import NOTHING_TIMES_INFINITY, Primitive
from ..tensor_ops.arithmetic import ADD, DIV, MUL, NEG, PREDICATES, SUB
from ..tensor_ops.select import SELECT
from ..tensor_ops.shapes import SPREAD
from .ssa import Graph, Instruction

TYPES: Final = {"float32": "float", "float64": "double"}
_ARITHMETIC: Final = {ADD: "fadd", SUB: "fsub", MUL: "fmul", DIV: "fdiv"}
_COMPARE: Final = {"equal": "oeq", "not_equal": "une", "less": "olt", "less_equal": "ole", "greater": "ogt"} | {
    "greater_equal": "oge"
}
_LOGIC: Final = {"logical_and": "and", "logical_or": "or", "logical_xor": "xor"}
_COMPARISONS: Final = {PREDICATES[name]: code for name, code in _COMPARE.items()}
_CONNECTIVES: Final = {PREDICATES[name]: code for name, code in _LOGIC.items()}
_NOT: Final = PREDICATES["logical_not"]
_TESTS: Final = {PREDICATES["isnan"]: "uno"}


class Kind(NamedTuple):
    """What all instructions of a kernel have in common: the shape of the results and the float dtype."""

    shape: tuple[int, ...]
    dtype: str


def kind_of(graph: Graph, instruction: Instruction, kinds: dict[int, Kind | None]) -> Kind | None:
    """The kind of kernel that can contain an instruction; ``None`` for none.  ``kinds`` are those of its operands."""
    result, primitive, operands, static = instruction
    out = graph.types[result]
    if not isinstance(out, Abstract):
        return None
    if primitive in _CONNECTIVES or primitive is _NOT:
        if any(graph.types[v] is None or graph.types[v].dtype != bool for v in operands):
            return None
        near = {kinds[v] for v in operands if kinds.get(v) is not None and graph.types[v].shape == out.shape}
        return near.pop() if len(near) == 1 else None
    known = primitive in _ARITHMETIC or primitive in (NEG, SELECT, SPREAD, NOTHING_TIMES_INFINITY)
    known = known or primitive in _COMPARISONS or primitive in _TESTS
    if not known and not (isinstance(primitive, Value | Times) and _is_printed(primitive, static)):
        return None
    floats = {graph.types[v].dtype.name for v in operands if graph.types[v] is not None} - {"bool"}
    return Kind(out.shape, floats.pop()) if len(floats) == 1 and floats <= TYPES.keys() else None


def _is_printed(primitive: Value | Times, static: Any) -> bool:
    numbers = all(type(x) in (int, float) for x in static.values.values())
    return numbers and not static.tensors and isinstance(primitive.factor.kernels, OpKernels)


def numbers(primitive: Primitive, static: Any) -> list[Any]:
    """The parameters of an op, which follow its operands."""
    if not isinstance(primitive, Value | Times):
        return []
    kernels = primitive.factor.kernels
    return arguments(kernels.name, kernels.params, static.values)


def cost(instruction: Instruction, dtype: str) -> int:
    """The number of LLVM's instructions that it takes."""
    _, primitive, _, _ = instruction
    if not isinstance(primitive, Value | Times):
        return 1
    kernels, key = _routine(primitive)
    return _length(kernels, kernels.symbols(key)[tuple(library.SUFFIXES).index(dtype)])


def is_derivative(instruction: Instruction) -> bool:
    """Whether it computes the derivative of an op alone, which shares much with the value that it stands next to."""
    return isinstance(instruction.primitive, Value) and bool(instruction.primitive.factor.order)


@lru_cache(maxsize=4096)
def _length(kernels: OpKernels, symbol: str) -> int:
    return library.parts((symbol,), kernels.llvm()).count("\n")


def _routine(primitive: Value | Times) -> tuple[OpKernels, str]:
    """The kernels of an op, and the name of the routine of a factor of it, or of its product with a cotangent."""
    kernels, order = primitive.factor.kernels, primitive.factor.order
    if not order:
        return kernels, "forward"
    if len(order) == 1:
        return kernels, f"{'partial' if isinstance(primitive, Value) else 'vjp'}_{order[0]}"
    return kernels, kernels.second_key(*order) if len(order) == 2 else "third"


class Writer:
    """The body of a routine, one line for each instruction in LLVM's language."""

    def __init__(self, dtype: str) -> None:
        self.type = TYPES[dtype]
        self.dtype = dtype
        self.lines: list[str] = []
        self.ops: dict[OpKernels, None] = {}

    def write(self, instruction: Instruction, names: Sequence[str]) -> str:
        """Add what computes the result from the values called ``names``; return the name of the result."""
        _, primitive, _, _ = instruction
        kind = self.type
        if primitive is SPREAD:
            return names[0]
        if primitive in _ARITHMETIC:
            return self._line(f"{_ARITHMETIC[primitive]} {kind} {names[0]}, {names[1]}")
        if primitive is NEG:
            return self._line(f"fneg {kind} {names[0]}")
        if primitive is SELECT:
            return self._line(f"select i1 {names[0]}, {kind} {names[1]}, {kind} {names[2]}")
        if primitive in _COMPARISONS:
            return self._line(f"fcmp {_COMPARISONS[primitive]} {kind} {names[0]}, {names[1]}")
        if primitive in _TESTS:
            return self._line(f"fcmp {_TESTS[primitive]} {kind} {names[0]}, {names[0]}")
        if primitive in _CONNECTIVES:
            return self._line(f"{_CONNECTIVES[primitive]} i1 {names[0]}, {names[1]}")
        if primitive is _NOT:
            return self._line(f"xor i1 {names[0]}, true")
        if primitive is NOTHING_TIMES_INFINITY:
            return self._and_zero(self._is_finite(names[0], "une"), names[1])
        assert isinstance(primitive, Value | Times)
        return self._factor(primitive, names)

    def _factor(self, primitive: Value | Times, names: Sequence[str]) -> str:
        kernels, key = _routine(primitive)
        if isinstance(primitive, Value) or len(primitive.factor.order) == 1:
            return self._call(kernels, key, names)
        # as elementwise._multiply_by: a cotangent of 0 times an infinite factor is 0
        value = self._call(kernels, key, names[1:])
        product = self._line(f"fmul {self.type} {names[0]}, {value}")
        number = self._line(f"fcmp oeq {self.type} {value}, {value}")
        infinite = self._line(f"and i1 {number}, {self._is_finite(value, 'une')}")
        dead = self._and_zero(infinite, names[0])
        return self._line(f"select i1 {dead}, {self.type} 0.0, {self.type} {product}")

    def _is_finite(self, name: str, comparison: str) -> str:
        """``x - x`` compared with 0: it is 0 where x is finite, else NaN."""
        return self._line(f"fcmp {comparison} {self.type} {self._line(f'fsub {self.type} {name}, {name}')}, 0.0")

    def _and_zero(self, condition: str, g: str) -> str:
        return self._line(f"and i1 {condition}, {self._line(f'fcmp oeq {self.type} {g}, 0.0')}")

    def _call(self, kernels: OpKernels, key: str, names: Sequence[str]) -> str:
        self.ops[kernels] = None
        symbol = kernels.symbols(key)[tuple(library.SUFFIXES).index(self.dtype)]
        return self._line(f"call {self.type} @{symbol}({', '.join(f'{self.type} {name}' for name in names)})")

    def _line(self, text: str) -> str:
        name = f"%v{len(self.lines)}"
        self.lines.append(f"  {name} = {text}")
        return name


def scalar(x: Any, dtype: str) -> Any:
    """A Python number as the arrays of this dtype see it."""
    with np.errstate(over="ignore"):
        return np.dtype(dtype).type(x)
