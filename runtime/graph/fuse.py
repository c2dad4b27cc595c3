"""Which instructions become one kernel: elementwise ones of one shape and one float dtype that lead to one another.

Each instruction has a level, which grows by one on every edge that no kernel can contain.  Instructions of one kind
and one level that are joined by edges, or read the same array, are a cluster.  A path that leaves a cluster never comes
back to it, because levels only grow, so the clusters can be run one after another.  All of this is linear in the size
of the graph.
"""

from __future__ import annotations

import heapq
from typing import Any, Final, NamedTuple

from .lanes import Kind, cost, is_derivative, kind_of, numbers
from .ssa import Graph, Instruction

LONGEST: Final = 400
"""The most LLVM instructions of one kernel: beyond it compiling takes long, and reading memory is not what it costs."""
WIDEST: Final = 30
"""The most operands and results of one kernel; NumPy's ufuncs have a bound."""


class Unit(NamedTuple):
    """Instructions that run together, in order, and which of their values are used outside.

    ``kind`` is that of their kernel, ``None`` for a single instruction that has none.
    """

    members: list[Instruction]
    results: list[int]
    kind: Kind | None


def units(graph: Graph, fused: bool) -> list[Unit]:
    """The instructions in units, in an order in which these can run."""
    if not fused:
        return [Unit([instruction], [instruction.result], None) for instruction in graph.instructions]
    kinds: dict[int, Kind | None] = {}
    for instruction in graph.instructions:
        kinds[instruction.result] = kind_of(graph, instruction, kinds)
    users: dict[int, list[int]] = {instruction.result: [] for instruction in graph.instructions}
    for instruction in graph.instructions:
        for v in instruction.operands:
            if v in users:
                users[v].append(instruction.result)
    returned = set(graph.outputs)
    found = []
    for cluster in _clusters(graph, kinds, users, returned):
        kind = kinds[cluster[0].result]
        for piece in [cluster] if kind is None else _cut(cluster, kind.dtype, users, returned):
            found.append(Unit(piece, _results(piece, users, returned), kind))
    return _ordered(graph, found)


def _clusters(graph: Graph, kinds: Any, users: Any, returned: Any) -> list[list[Instruction]]:
    level: dict[int, int] = {}
    for result, _, operands, _ in graph.instructions:
        mine = kinds[result]
        depth = 0
        for v in operands:
            if v in level:
                depth = max(depth, level[v] + (mine is None or kinds[v] != mine))
        level[result] = depth
    for instruction in reversed(graph.instructions):  # what is used in later kernels alone is computed there
        result = instruction.result
        mine = kinds[result]
        if mine is None or result in returned or is_derivative(instruction):
            continue
        if all(kinds[u] == mine for u in users[result]):
            level[result] = min(level[u] for u in users[result])
    parent = {result: result for result in level}

    def root(v: int) -> int:
        while parent[v] != v:
            parent[v] = v = parent[parent[v]]
        return v

    reading: dict[Any, int] = {}
    for result, _, operands, _ in graph.instructions:
        mine = kinds[result]
        for v in operands if mine is not None else ():
            if kinds.get(v) == mine and level[v] == level[result]:
                parent[root(v)] = root(result)
            elif v not in graph.constants:  # what reads the same array at one level may be one kernel too
                parent[root(reading.setdefault((v, mine, level[result]), result))] = root(result)
    clusters: dict[int, list[Instruction]] = {}
    for instruction in graph.instructions:
        clusters.setdefault(root(instruction.result), []).append(instruction)
    return list(clusters.values())


def _cut(cluster: list[Instruction], dtype: str, users: Any, returned: Any) -> list[list[Instruction]]:
    """A cluster in pieces that are not too long, and have not too many operands and results."""
    pieces: list[list[Instruction]] = []
    length = LONGEST
    for instruction in cluster:
        mine = cost(instruction, dtype)
        length += mine
        if length > LONGEST and not is_derivative(instruction):
            pieces.append([])
            length = mine
        pieces[-1].append(instruction)
    found = []
    while pieces:
        piece = pieces.pop()
        if len(piece) > 1 and len(_operands(piece)) + len(_results(piece, users, returned)) > WIDEST:
            half = len(piece) // 2
            pieces += [piece[:half], piece[half:]]
        else:
            found.append(piece)
    return found


def _operands(piece: list[Instruction]) -> set[Any]:
    inner = {instruction.result for instruction in piece}
    outer: set[Any] = {v for instruction in piece for v in instruction.operands if v not in inner}
    outer.update([(type(x), x) for i in piece for x in numbers(i.primitive, i.static)])
    return outer


def _results(piece: list[Instruction], users: Any, returned: Any) -> list[int]:
    """The values that are used outside the piece."""
    inner = {instruction.result for instruction in piece}
    return [v for v, *_ in piece if v in returned or not inner.issuperset(users[v])]


def _ordered(graph: Graph, found: list[Unit]) -> list[Unit]:
    """The units in an order in which each follows those that it needs, near to the order of the graph."""
    position = {instruction.result: i for i, instruction in enumerate(graph.instructions)}
    unit_of = {instruction.result: n for n, unit in enumerate(found) for instruction in unit.members}
    after: list[list[int]] = [[] for _ in found]
    waiting = []
    for n, unit in enumerate(found):
        needed = {unit_of[v] for instruction in unit.members for v in instruction.operands if v in unit_of} - {n}
        waiting.append(len(needed))
        for m in needed:
            after[m].append(n)
    ready = [(position[found[n].members[-1].result], n) for n, count in enumerate(waiting) if count == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        _, n = heapq.heappop(ready)
        order.append(found[n])
        for m in after[n]:
            waiting[m] -= 1
            if waiting[m] == 0:
                heapq.heappush(ready, (position[found[m].members[-1].result], m))
    return order
