"""Running a graph on arrays.

The first call for inputs of a memory layout runs the instructions one by one and watches the layouts of the results,
on which the bits of a BLAS call may depend; the plan that is made then writes to memory only what was contiguous there,
so that every later call does the same arithmetic on arrays of the same layouts.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from operator import itemgetter
from typing import Any, Final

import numpy as np

from ..compiled import machine, memory, stacks, threads
from ..elementwise import Times, Value
from ..errors import Error
from ..primitive import explain
from ..tensor import Tensor
from ..tensor_ops.arithmetic import ADD, DIV, MUL, NEG, SUB
from ..tensor_ops.indexing import IndexShapeError
from ..tensor_ops.products import MATMUL
from ..tensor_ops.select import SELECT
from ..tensor_ops.shapes import SPREAD
from .fuse import Unit, units
from .kernel import Kernel, compiled, kernel
from .plan import Places, place
from .remember import remembered
from .ssa import Graph, Instruction


def _choose(condition: Any, a: Any, b: Any, out: Any) -> None:
    np.copyto(out, b)
    np.copyto(out, a, where=condition)


_INTO: Final[dict[Any, Callable[..., Any]]] = {
    **{ADD: np.add, SUB: np.subtract, MUL: np.multiply, DIV: np.divide, NEG: np.negative, MATMUL: stacks.product},
    **{SPREAD: lambda x, out: np.copyto(out, x), SELECT: _choose},
}
"""Primitives that can write to a buffer, with the function that does it."""


def _into(instruction: Instruction) -> Callable[..., Any] | None:
    """``f(*operands, out)`` with the bits of the instruction; ``None`` where there is none."""
    _, primitive, _, static = instruction
    if not isinstance(primitive, Value | Times) or static.tensors:
        return _INTO.get(primitive)
    factor, params = primitive.factor, static.values
    if isinstance(primitive, Times) and len(factor.order) > 1:
        return None
    function = factor.value if isinstance(primitive, Value) else factor.times
    return lambda *arrays: function(*arrays[:-1], out=arrays[-1], **params)


MOST: Final = 32
"""The most kernels that are compiled for one graph, each of which takes some tenths of a second."""


class Program:
    """A graph that can be run; ``run`` may be called from several threads at once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._plans: dict[Any, Plan] = {}
        self._lock = threading.Lock()

    def run(self, arrays: list[Any]) -> list[Any]:
        """The outputs, as tensors that share no memory with the inputs or with those of another call."""
        layout = tuple([None if a.flags.c_contiguous else a.strides for a in arrays])
        plan = self._plans.get(layout)
        if plan is not None:
            return plan.run(arrays)
        found, contiguous = _watch(self.graph, arrays)
        with self._lock:
            if layout not in self._plans:
                self._plans[layout] = Plan(self.graph, contiguous)
        return found


class Plan:
    """The steps of a run.  Each run works in an arena of its own, which is kept for later runs."""

    def __init__(self, graph: Graph, contiguous: set[int]) -> None:
        if machine.missing() is None:
            graph, derivatives = remembered(graph)
            contiguous = contiguous | {d for value, d in derivatives.items() if value in contiguous}
        self.graph = graph
        found = _possible(graph, units(graph, machine.missing() is None), contiguous)
        self.units, kernels = _worthwhile(found, [None if u.kind is None else kernel(graph, u, u.kind) for u in found])
        buffered = {v for unit in self.units if unit.kind or _writes(graph, unit, contiguous) for v in unit.results}
        self.places: Places = place(graph, self.units, buffered)
        self._template: list[Any] = [None] * len(graph.types)
        for v, x in graph.constants.items():
            self._template[v] = x
        self.steps = [
            self._step(unit, made, unit.results[0] in buffered) for unit, made in zip(self.units, kernels, strict=True)
        ]
        self._arenas: list[list[Any]] = []

    def run(self, arrays: list[Any]) -> list[Any]:
        """The outputs; the arrays have the layout that the plan was made for."""
        graph = self.graph
        try:
            values = self._arenas.pop()
        except IndexError:  # all are taken by other threads; asking first would be a race
            values = self._arena()
        for v, a in zip(graph.inputs, arrays, strict=True):
            values[v] = a
        n = 0
        try:
            for n, (step, dead) in enumerate(zip(self.steps, self.places.dead, strict=True)):  # noqa: B007
                step(values)
                for v in dead:
                    values[v] = None
        except (ValueError, TypeError, IndexError) as error:
            raise explained(self.units[n].members[0], error) from error
        found = [None if v is None else self._output(v, values[v], arrays) for v in graph.outputs]
        for v in self.places.kept:
            values[v] = None
        self._arenas.append(values)
        return found

    def _output(self, v: int, x: Any, arrays: list[Any]) -> Tensor:
        foreign = v in self.places.foreign and isinstance(x, np.ndarray)
        return Tensor(x.copy() if foreign and (x.base is not None or any(x is a for a in arrays)) else x)

    def _arena(self) -> list[Any]:
        values = list(self._template)
        places = self.places
        block = np.empty(places.size + 64, np.uint8)
        start = -block.ctypes.data % 64
        for v, offset in places.starts.items():
            kind = self.graph.types[v]
            values[v] = np.ndarray(kind.shape, kind.dtype, block, start + offset)
        return values

    # ---- steps

    def _step(self, unit: Unit, made: Kernel | None, writes: bool) -> Callable[[list[Any]], None]:
        instruction = unit.members[0]
        into = _into(instruction)
        if made is not None:
            operands = [v if type(v) is int else self._slot(v) for v in made.operands]
            return self._writing(compiled(made.code), [*operands, *unit.results], unit.results)
        if into is not None and writes:
            return self._writing(into, [*instruction.operands, instruction.result], unit.results)
        return _calling(instruction)

    def _slot(self, number: Any) -> int:
        """A place for a number that is no value of the graph."""
        self._template.append(number)
        return len(self._template) - 1

    def _writing(self, function: Any, arguments: list[int], results: list[int]) -> Callable[[list[Any]], None]:
        """Call a function that writes to its last arguments; results that are returned get memory of their own."""
        get = itemgetter(*arguments)
        made = [(v, self.graph.types[v]) for v in results if v not in self.places.starts]
        if any(kind.size >= threads.LARGE for kind in (self.graph.types[v] for v in results)):
            threads.start()
        if not made:
            return lambda values: function(*get(values))

        def step(values: list[Any]) -> None:
            for v, kind in made:
                values[v] = _empty(kind)
            function(*get(values))

        return step


def _empty(kind: Any) -> Any:
    return memory.empty(kind.shape, kind.dtype) if kind.size >= threads.FRESH else np.empty(kind.shape, kind.dtype)


def _calling(instruction: Instruction) -> Callable[[list[Any]], None]:
    result, primitive, operands, static = instruction
    forward = primitive.forward
    if len(operands) == 1:
        (only,) = operands

        def unary(values: list[Any]) -> None:
            values[result] = forward(static, values[only])

        return unary
    get = itemgetter(*operands) if operands else lambda values: ()

    def step(values: list[Any]) -> None:
        values[result] = forward(static, *get(values))

    return step


def _worthwhile(found: list[Unit], made: list[Kernel | None]) -> tuple[list[Unit], list[Kernel | None]]:
    """Compile the kernels that take the place of most instructions, and run those of the others one by one."""
    gains: Counter[Any] = Counter()
    for unit, k in zip(found, made, strict=True):
        if k is not None:
            gains[k.code] += len(unit.members)
    chosen = {code for code, _ in gains.most_common(MOST)}
    kept: list[tuple[Unit, Kernel | None]] = []
    for unit, k in zip(found, made, strict=True):
        if k is None or k.code in chosen:
            kept.append((unit, k))
        else:
            kept.extend((Unit([instruction], [instruction.result], None), None) for instruction in unit.members)
    return [unit for unit, _ in kept], [k for _, k in kept]


def _possible(graph: Graph, found: list[Unit], contiguous: set[int]) -> list[Unit]:
    """Kernels write contiguous results: where an eager run has others, the instructions run one by one.

    So does an instruction that is alone and has a function which writes to a buffer: nothing has to be compiled for it.
    """
    kept = []
    for unit in found:
        fits = contiguous.issuperset(unit.results)
        if fits and len(unit.members) == 1 and _writes(graph, unit, contiguous):
            kept.append(unit._replace(kind=None))
        elif unit.kind is None or fits:
            kept.append(unit)
        else:
            kept.extend(Unit([instruction], [instruction.result], None) for instruction in unit.members)
    return kept


def _writes(graph: Graph, unit: Unit, contiguous: set[int]) -> bool:
    """Whether a single instruction can write its result to a buffer with the bits of its eager run."""
    instruction = unit.members[0]
    kind = graph.types[instruction.result]
    if _into(instruction) is None or instruction.result not in contiguous:
        return False
    types = [graph.types[v] for v in instruction.operands]
    least = 2 if instruction.primitive is MATMUL else 0
    if isinstance(instruction.primitive, Value | Times) and any(t is not None and t.shape != kind.shape for t in types):
        return False  # the function takes the long way, which a kernel does not
    return kind.ndim > 0 and kind.dtype.char in "fd" and all(t is None or t.ndim >= least for t in types)


def _watch(graph: Graph, arrays: list[Any]) -> tuple[list[Any], set[int]]:
    """The outputs, one instruction after another, and the results that are contiguous."""
    values: dict[int, Any] = dict(graph.constants)
    values.update(zip(graph.inputs, arrays, strict=True))
    last = {v: n for n, instruction in enumerate(graph.instructions) for v in instruction.operands}
    last |= {v: len(graph.instructions) for v in graph.outputs if v is not None}
    contiguous = set()
    for n, instruction in enumerate(graph.instructions):
        result, primitive, operands, static = instruction
        try:
            out = values[result] = primitive.forward(static, *[values[v] for v in operands])
        except (ValueError, TypeError, IndexError) as error:
            raise explained(instruction, error) from error
        if isinstance(out, np.generic) or (isinstance(out, np.ndarray) and out.flags.c_contiguous):
            contiguous.add(result)
        for v in operands:
            if last[v] == n:
                values.pop(v, None)
    owned = {id(a) for a in arrays}

    def own(x: Any) -> Any:
        view = isinstance(x, np.ndarray) and (x.base is not None or id(x) in owned)
        return x.copy() if view else x

    return [None if v is None else Tensor(own(values[v])) for v in graph.outputs], contiguous


def explained(instruction: Instruction, error: Exception) -> Exception:
    """The error of an instruction as an eager run raises it."""
    if isinstance(error, Error):
        return error
    if isinstance(error, IndexError):
        return IndexShapeError(f"{instruction.primitive.name}: {error}")
    return explain(instruction.primitive.name, error, ())
