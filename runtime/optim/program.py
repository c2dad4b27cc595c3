"""An update rule as an op list, and the list run over arrays in place, a block at a time.

Tracing a rule on symbols gives a :class:`Program`: elementwise IEEE operations and nothing else.  :class:`Blocks`
runs it with NumPy's functions into buffers that are kept, so that a step makes no array; :mod:`.machine_code` prints
the same list for LLVM and :mod:`.device_code` for CUDA.  All give the same bits as the rule run on whole arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np

from .rules import ARRAYS, NUMBERS, RULES

BLOCK: Final = 1 << 14
"""Elements of a block: all arrays of a rule and its buffers stay in the second-level cache."""


class Value:
    """A symbol in a rule that is being traced: place ``index`` among the program's values."""

    __slots__ = ("index", "trace")

    def __init__(self, trace: Trace, index: int) -> None:
        self.trace = trace
        self.index = index

    def __add__(self, other: Value) -> Value:
        return self.trace.op("add", self, other)

    def __sub__(self, other: Value) -> Value:
        return self.trace.op("subtract", self, other)

    def __mul__(self, other: Value) -> Value:
        return self.trace.op("multiply", self, other)

    def __truediv__(self, other: Value) -> Value:
        return self.trace.op("divide", self, other)

    def root(self) -> Value:
        return self.trace.op("sqrt", self)

    def quotient(self, numerator: Value) -> Value:
        return self.trace.op("quotient", numerator, self)


class Trace:
    """The operations met so far, whose results stand after ``inputs`` values that are given."""

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.ops: list[Op] = []

    def op(self, name: str, *operands: Value) -> Value:
        result = self.inputs + len(self.ops)
        self.ops.append(Op(name, tuple([v.index for v in operands]), result))
        return Value(self, result)


class Op(NamedTuple):
    """One operation: its name, the places of its operands, the place of its result."""

    name: str
    operands: tuple[int, ...]
    result: int


class Program(NamedTuple):
    """The values of a rule in order: its arrays, its numbers, the results of its operations.

    ``outputs`` says at which place the new value of each array stands.
    """

    rule: str
    arrays: tuple[str, ...]
    numbers: tuple[str, ...]
    ops: tuple[Op, ...]
    outputs: dict[str, int]


@cache
def program(rule: str, clipped: bool) -> Program:
    """The rule as an op list; with ``clipped`` the gradient is first multiplied by the number ``scale``."""
    arrays = ("p", "g", *ARRAYS[rule])
    numbers = (("scale",) if clipped else ()) + NUMBERS[rule]
    trace = Trace(len(arrays) + len(numbers))
    given = {name: Value(trace, index) for index, name in enumerate((*arrays, *numbers))}
    if clipped:
        given["g"] = given["scale"] * given["g"]
    new = RULES[rule](*[given[name] for name in arrays], **{name: given[name] for name in NUMBERS[rule]})
    outputs = {name: value.index for name, value in new.items()}
    return Program(rule, arrays, numbers, tuple(trace.ops), outputs)


class Row(NamedTuple):
    """What one parameter brings to a step: where its new value goes, its arrays and its numbers, in program order."""

    out: Any
    arrays: tuple[Any, ...]
    numbers: tuple[float, ...]


class Blocks:
    """A program ready to run on arrays of one dtype; see :meth:`run`."""

    def __init__(self, program: Program, dtype: Any) -> None:
        self.dtype = dtype
        plan, self._wanted = _places(program)
        self._steps: list[tuple[Any, tuple[int, ...], tuple[str, int]]] = [
            (self._quotient if op.name == "quotient" else getattr(np, op.name), op.operands, place)
            for op, place in zip(program.ops, plan, strict=True)
        ]
        self._buffers: list[Any] = []
        self._zero: Any = None

    def run(self, rows: Sequence[Row]) -> None:
        """Update all arrays of all rows in place; ``out`` may be the parameter's own array."""
        largest = max((row.out.size for row in rows), default=0)
        block = min(BLOCK, largest)
        if self._zero is None or self._zero.size < block:
            self._buffers = [np.empty(block, self.dtype) for _ in range(self._wanted)]
            self._zero = np.empty(block, bool)
        with np.errstate(all="ignore"):  # a value that overflows is seen in the parameter, and not once for each block
            for out, arrays, numbers in rows:
                flat = [a.reshape(-1) for a in (*arrays, out)]
                scalars = [self.dtype.type(x) for x in numbers]
                for start in range(0, out.size, block):
                    here = [a[start : start + block] for a in flat] if out.size > block else flat
                    count = here[0].size
                    buffers = self._buffers if count == block else [b[:count] for b in self._buffers]
                    self._block(here, scalars, buffers)

    def _block(self, arrays: list[Any], scalars: list[Any], buffers: list[Any]) -> None:
        *given, out = arrays
        values: list[Any] = [*given, *scalars]
        for function, operands, (kind, number) in self._steps:
            target = out if kind == "out" else arrays[number] if kind == "array" else buffers[number]
            values.append(function(*[values[k] for k in operands], out=target))

    def _quotient(self, x: Any, y: Any, out: Any) -> Any:
        zero = np.equal(y, 0, out=self._zero[: y.size])
        np.divide(x, y, out=out)
        if zero.any():
            out[zero] = 0
        return out


def _places(program: Program) -> tuple[list[tuple[str, int]], int]:
    """Where each result goes: over an array that nobody reads any more, or into a buffer; and the number of buffers."""
    last = {k: i for i, op in enumerate(program.ops) for k in op.operands}
    final = {place: name for name, place in program.outputs.items()}
    plan: list[tuple[str, int]] = []
    held: dict[int, int] = {}  # place of a value -> its buffer
    free: list[int] = []
    wanted = 0
    for i, op in enumerate(program.ops):
        for k in {*op.operands} & {*held}:
            if last[k] == i:
                free.append(held.pop(k))
        name = final.get(op.result)
        if name is not None and last[program.arrays.index(name)] <= i:
            plan.append(("out", 0) if name == "p" else ("array", program.arrays.index(name)))
            continue
        assert name is None, "a rule reads no array after its new value is known"
        if not free:
            free.append(wanted)
            wanted += 1
        held[op.result] = free.pop()
        plan.append(("buffer", held[op.result]))
    return plan, wanted
