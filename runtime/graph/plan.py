"""Memory of the results: which of them live in buffers that are used again, and when each buffer is free.

A result may be a view of an operand, so both count as one thing that lives as long as any of them.  What is returned
never lives in a buffer.
"""

from __future__ import annotations

import bisect
from typing import Final, NamedTuple

from ..tensor_ops.products import MatMul
from ..tensor_ops.reductions import Sum
from ..tensor_ops.shapes import AsType, Cast, Concatenate, Spread
from .fuse import Unit
from .ssa import Graph, Instruction, is_pointwise

_FRESH: Final = (MatMul, Spread, AsType, Cast, Concatenate)

ALIGNED: Final = 64
"""Buffers start at multiples of a cache line."""


def is_fresh(graph: Graph, instruction: Instruction) -> bool:
    """Whether the result is sure to share no memory with an operand."""
    result, primitive, operands, _ = instruction
    if isinstance(primitive, Sum):  # over axes of length 1 it may be a view
        return bool(graph.types[result].size < graph.types[operands[0]].size)
    return is_pointwise(primitive) or isinstance(primitive, _FRESH)


class Lives:
    """Which values may share memory, and the last unit that uses any of those that do."""

    def __init__(self, graph: Graph, units: list[Unit]) -> None:
        self._parent = list(range(len(graph.types)))
        for instruction in graph.instructions:
            if not is_fresh(graph, instruction):
                for v in instruction.operands:
                    self._join(v, instruction.result)
        self.last: dict[int, int] = {}
        for n, unit in enumerate(units):
            for instruction in unit.members:
                for v in (instruction.result, *instruction.operands):
                    self.last[self.root(v)] = n
        for output in graph.outputs:
            if output is not None:
                self.last[self.root(output)] = len(units)

    def root(self, v: int) -> int:
        """One value for all that may share memory."""
        parent = self._parent
        while parent[v] != v:
            parent[v] = v = parent[parent[v]]
        return v

    def _join(self, a: int, b: int) -> None:
        self._parent[self.root(a)] = self.root(b)


class Buffers:
    """Stretches of one block of memory, handed out and taken back."""

    def __init__(self) -> None:
        self.size = 0
        self._free: list[tuple[int, int]] = []  # (bytes, start), sorted

    def take(self, nbytes: int) -> tuple[int, int]:
        """A stretch of at least so many bytes, as (bytes, start): the smallest free one that is not much too large."""
        wanted = -(-max(nbytes, 1) // ALIGNED) * ALIGNED
        place = bisect.bisect_left(self._free, (wanted, 0))
        if place < len(self._free) and self._free[place][0] <= 2 * wanted:
            return self._free.pop(place)
        found = wanted, self.size
        self.size += wanted
        return found

    def give(self, stretch: tuple[int, int]) -> None:
        """Take a stretch back."""
        bisect.insort(self._free, stretch)


class Places(NamedTuple):
    """Where in the block the buffered results start, the size of the block, and what is dead after each unit.

    ``foreign`` are the outputs that may be, or be views of, an input, and ``kept`` is what is let go at the end.
    """

    starts: dict[int, int]
    size: int
    dead: list[list[int]]
    foreign: set[int]
    kept: list[int]


def place(graph: Graph, units: list[Unit], buffered: set[int]) -> Places:
    """Give each of the results ``buffered`` a place in one block of memory, unless it is returned."""
    lives, buffers = Lives(graph, units), Buffers()
    starts: dict[int, int] = {}
    held: dict[int, list[tuple[int, int]]] = {}
    dying: list[list[int]] = [[] for _ in range(len(units) + 1)]
    for root, n in lives.last.items():
        dying[n].append(root)
    dead: list[list[int]] = [[] for _ in units]
    for unit in units:
        for result in unit.results:
            n = lives.last[lives.root(result)]
            if n < len(units) and result not in buffered:
                dead[n].append(result)
    for n, unit in enumerate(units):
        reused = [v for v in _reused(graph, unit, lives, n) if v in starts and len(held[lives.root(v)]) == 1]
        for result in unit.results:
            if result not in buffered or lives.last[lives.root(result)] == len(units):
                continue
            kind = graph.types[result]
            same = next((v for v in reused if graph.types[v].nbytes == kind.nbytes), None)
            if same is None:
                stretch = buffers.take(kind.nbytes)
            else:  # an elementwise kernel may write over an operand that nobody needs any more
                reused.remove(same)
                (stretch,) = held.pop(lives.root(same))
            starts[result] = stretch[1]
            held.setdefault(lives.root(result), []).append(stretch)
        for root in dying[n]:
            for stretch in held.pop(root, ()):
                buffers.give(stretch)
    inputs = {lives.root(v) for v in graph.inputs}
    foreign = {v for v in graph.outputs if v is not None and lives.root(v) in inputs}
    kept = [v for unit in units for v in unit.results if lives.last[lives.root(v)] == len(units)]
    return Places(starts, buffers.size, dead, foreign, [*kept, *graph.inputs])


def _reused(graph: Graph, unit: Unit, lives: Lives, n: int) -> list[int]:
    """Operands of a kernel that have the shape of its results and are used here for the last time, by no other name."""
    if unit.kind is None:
        return []
    by_root: dict[int, list[int]] = {}
    for v in dict.fromkeys(v for instruction in unit.members for v in instruction.operands):
        by_root.setdefault(lives.root(v), []).append(v)
    found = [values[0] for root, values in by_root.items() if len(values) == 1 and lives.last[root] == n]
    return [v for v in found if graph.types[v] is not None and graph.types[v].shape == unit.kind.shape]
