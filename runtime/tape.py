"""The tape: nodes that remember how a tensor was made, and the walk that carries cotangents back.

A graph is made of two kinds of node.  :class:`Leaf` stands for a tensor that was created with
``requires_grad=True`` and holds its ``.grad``.  :class:`Node` stands for one recorded operation: the
primitive, the nodes of its operands (``None`` for one that needs no gradient), the arrays saved for
the backward rule, and what else the rule needs (shapes, axes, parameters).

The graph is held together by its outputs alone: no list of operations exists, nothing is shared
between threads, and a graph vanishes with the tensors that lead to it.  Both the walk here and
CPython's destruction of a long chain (its trashcan) use no recursion, so a chain of 10^6 nodes is
fine.  Saved arrays are never changed: every array inside a tensor is private to the tape and handed
out as a read-only view, and arrays that come from outside are copied.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any

from .errors import GradientError

recording: ContextVar[bool] = ContextVar("hasderiv_recording", default=True)


class Leaf:
    """The end of a path: a tensor whose gradient the user asked for.  ``grad`` is a tensor or ``None``."""

    __slots__ = ("grad",)

    def __init__(self) -> None:
        self.grad: Any = None


class Node:
    """One recorded operation.  ``saved`` becomes ``None`` when a backward pass has used and freed it."""

    __slots__ = ("op", "parents", "saved", "static")

    def __init__(self, op: Any, parents: tuple[Any, ...], saved: Any, static: Any) -> None:
        self.op = op
        self.parents = parents
        self.saved = saved
        self.static = static


@contextlib.contextmanager
def no_grad() -> Iterator[None]:
    """Record nothing inside the ``with`` block, in this thread (and this asyncio task) only.

    >>> import hasderiv as hd
    >>> t = hd.tensor([1.0, 2.0], requires_grad=True)
    >>> with no_grad():
    ...     y = t * 2
    >>> y.requires_grad
    False
    """
    token = recording.set(False)
    try:
        yield
    finally:
        recording.reset(token)


@contextlib.contextmanager
def enable_grad() -> Iterator[None]:
    """Record inside the ``with`` block, even within :func:`no_grad`."""
    token = recording.set(True)
    try:
        yield
    finally:
        recording.reset(token)


def reachable(roots: Iterable[Any], stop: frozenset[Any] | set[Any] = frozenset()) -> tuple[dict[Any, int], list[Leaf]]:
    """Walk back from ``roots``; return each node met with the number of its uses, and the leaves met.

    Nodes in ``stop`` are counted but not walked through.  A root counts its uses by other nodes only.
    """
    uses: dict[Any, int] = {}
    leaves: dict[Leaf, None] = {}
    stack: list[Any] = []
    for root in roots:
        if root not in uses:
            uses[root] = 0
            stack.append(root)
    while stack:
        node = stack.pop()
        if type(node) is Leaf:
            leaves[node] = None
            continue
        if node in stop:
            continue
        for parent in node.parents:
            if parent is None:
                continue
            if parent in uses:
                uses[parent] += 1
            else:
                uses[parent] = 1
                stack.append(parent)
    return uses, list(leaves)


def pull_back(
    seeds: list[tuple[Any, Any]],
    stop: frozenset[Any] = frozenset(),
    recorded: bool = False,
    retain: bool = False,
    met: dict[Any, Any] | None = None,
) -> dict[Any, Any]:
    """Carry cotangents from ``seeds`` (pairs of node and cotangent) back to the leaves and to ``stop``.

    Returns the cotangent of each leaf, and each node of ``stop``, that was reached.  The cotangents
    are arrays; with ``recorded`` they are tensors, and the walk itself is recorded so that it can be
    differentiated.  Without ``retain`` each node's saved arrays are freed once used.  The order is
    topological (a node runs after all its uses) and depends on the graph alone, so the sums over
    several uses are the same bits in every run.  The cotangents of the operations on the way are put into ``met``.

    Raises :class:`GradientError` when a node's saved arrays have been freed already.
    """
    found: dict[Any, Any] = {}
    if len(seeds) == 1 and not stop and not recorded and met is None:
        node, cotangent = seeds[0]
        if type(node) is Node and node.saved is not None and Node not in map(type, node.parents):
            return _one_step(node, cotangent, retain)  # a graph of one operation needs no bookkeeping
    pending: dict[Any, Any] = {}
    for node, cotangent in seeds:
        if type(node) is Leaf:
            found[node] = found[node] + cotangent if node in found else cotangent
        else:
            pending[node] = pending[node] + cotangent if node in pending else cotangent
    uses = _count_uses(pending, stop)
    ready = [node for node in pending if uses[node] == 0]
    masked: set[Any] = set()  # nodes below a select: an exact zero there must stay one, whatever the derivative is
    while ready:
        node = ready.pop()
        cotangent = pending.pop(node, None)
        if stop and node in stop:
            if cotangent is not None:
                found[node] = cotangent
            continue
        parents = node.parents
        if cotangent is None:
            results: Any = (None,) * len(parents)
        else:
            if met is not None:
                met[node] = cotangent
            saved = node.saved
            if saved is None:
                raise freed(node)
            op = node.op
            if recorded:
                saved = op.rebuild(saved, parents)
            if op.masks or (masked and node in masked):
                masked.update(parents)
                results = op.masked_vjp(cotangent, saved, node.static, parents)
            else:
                results = op.vjp(cotangent, saved, node.static, parents)
            if not retain:
                node.saved = None
        for parent, result in zip(parents, results, strict=True):
            if parent is None:
                continue
            if type(parent) is Leaf:
                if result is not None:
                    earlier = found.get(parent)
                    found[parent] = result if earlier is None else earlier + result
                continue
            if result is not None:
                earlier = pending.get(parent)
                pending[parent] = result if earlier is None else earlier + result
            left = uses[parent] = uses[parent] - 1
            if left == 0:
                ready.append(parent)
    return found


def _one_step(node: Node, cotangent: Any, retain: bool) -> dict[Any, Any]:
    """The cotangents of the leaves right above one operation."""
    op, parents = node.op, node.parents
    rule = op.masked_vjp if op.masks else op.vjp
    results = rule(cotangent, node.saved, node.static, parents)
    found: dict[Any, Any] = {}
    for parent, result in zip(parents, results, strict=True):
        if parent is not None and result is not None:
            found[parent] = found[parent] + result if parent in found else result
    if not retain:
        node.saved = None
    return found


def _count_uses(roots: Iterable[Any], stop: frozenset[Any]) -> dict[Any, int]:
    """For each operation below ``roots``, how many operations there use its result; leaves are left out."""
    uses: dict[Any, int] = dict.fromkeys(roots, 0)
    stack = list(uses)
    while stack:
        node = stack.pop()
        if stop and node in stop:
            continue
        for parent in node.parents:
            if type(parent) is Node:
                if parent in uses:
                    uses[parent] += 1
                else:
                    uses[parent] = 1
                    stack.append(parent)
    return uses


def freed(node: Node) -> GradientError:
    """The error for a node whose saved arrays are gone."""
    return GradientError(
        f"the arrays that {node.op.name!r} saved were freed by an earlier backward pass; "
        "call that one with retain_graph=True, or compute the forward pass again"
    )
