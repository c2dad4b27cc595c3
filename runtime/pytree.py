"""Pytrees: nested lists, tuples and dicts with anything else as leaves.

Functions that the transforms differentiate take and return such trees.  Dicts keep the order of
their keys; named tuples keep their type; ``None`` is a leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .errors import ShapeError

Structure = Any  # None for a leaf, else (type, keys or None, (child structures))


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """Return the leaves from left to right and the structure that :func:`unflatten` takes.

    >>> leaves, structure = flatten({"w": [1, 2], "b": 3})
    >>> leaves
    [1, 2, 3]
    >>> unflatten(structure, "xyz")
    {'w': ['x', 'y'], 'b': 'z'}
    """
    leaves: list[Any] = []
    return leaves, _flatten(tree, leaves)


def _flatten(tree: Any, leaves: list[Any]) -> Structure:
    kind = type(tree)
    if kind is dict:
        return (dict, tuple(tree), tuple([_flatten(child, leaves) for child in tree.values()]))
    if kind is list or kind is tuple or (isinstance(tree, tuple) and hasattr(tree, "_fields")):
        return (kind, None, tuple([_flatten(child, leaves) for child in tree]))
    leaves.append(tree)
    return None


def unflatten(structure: Structure, leaves: Iterable[Any]) -> Any:
    """Build the tree of this structure with these leaves; raise :class:`ShapeError` if their number differs."""
    rest = iter(leaves)
    missing = object()
    tree = _unflatten(structure, rest, missing)
    if next(rest, missing) is not missing:
        raise ShapeError("unflatten: more leaves than the structure has places")
    return tree


def _unflatten(structure: Structure, rest: Any, missing: object) -> Any:
    if structure is None:
        leaf = next(rest, missing)
        if leaf is missing:
            raise ShapeError("unflatten: fewer leaves than the structure has places")
        return leaf
    kind, keys, children = structure
    built = [_unflatten(child, rest, missing) for child in children]
    if kind is dict:
        return dict(zip(keys, built, strict=True))
    if kind is list or kind is tuple:
        return kind(built)
    return kind(*built)


def tree_map(f: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """Apply ``f`` to each leaf of ``tree`` and the leaves at the same places of ``others``.

    Raises :class:`ShapeError` when the trees differ in structure.

    >>> tree_map(lambda a, b: a + b, {"w": 1, "b": (2, 3)}, {"w": 10, "b": (20, 30)})
    {'w': 11, 'b': (22, 33)}
    """
    leaves, structure = flatten(tree)
    columns = [leaves]
    for other in others:
        more, same = flatten(other)
        if same != structure:
            raise ShapeError(f"pytrees differ in structure: {describe(structure)} and {describe(same)}")
        columns.append(more)
    return unflatten(structure, [f(*row) for row in zip(*columns, strict=True)])


def paths(structure: Structure) -> list[str]:
    """Where each leaf stands: the keys and positions on the way to it, joined by dots.

    >>> paths(flatten({"w": [1, 2], "b": 3})[1])
    ['w.0', 'w.1', 'b']
    """
    if structure is None:
        return [""]
    kind, keys, children = structure
    steps = keys if kind is dict else getattr(kind, "_fields", range(len(children)))
    return [
        ".".join(filter(None, (str(step), rest)))
        for step, child in zip(steps, children, strict=True)
        for rest in paths(child)
    ]


def describe(structure: Structure) -> str:
    """Write a structure for an error message, with ``*`` for a leaf.

    >>> describe(flatten({"w": [1, 2]})[1])
    "{'w': [*, *]}"
    """
    if structure is None:
        return "*"
    kind, keys, children = structure
    inner = [describe(child) for child in children]
    if kind is dict:
        return "{" + ", ".join(f"{key!r}: {text}" for key, text in zip(keys, inner, strict=True)) + "}"
    left, right = ("[", "]") if kind is list else ("(", ",)" if len(inner) == 1 else ")")
    return left + ", ".join(inner) + right
