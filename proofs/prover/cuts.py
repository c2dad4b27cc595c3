"""How the line is cut into pieces: trees of cuts, with a verdict at each leaf."""

from __future__ import annotations

from dataclasses import dataclass

from ..kernel.terms import Literal, Term, neg, sub
from ..kernel.theorems import Theorem


@dataclass
class Leaf:
    """A piece: its literals beyond the assumptions, the theorem about it (``None``: nothing shown), and why not."""

    literals: tuple[Literal, ...]
    verdict: Theorem | None
    reason: str = ""


@dataclass
class Cut:
    """A place where the line is cut: by the sign of a term into three, or by an equation into two."""

    term: Term
    kinds: tuple[str, ...]
    """``>``, ``=``, ``<`` for the sign of ``term``, or ``>=``, ``<``, or ``<=``, ``>``; ``!=``, ``=`` else."""
    parts: list[Tree]
    hyps: tuple[Literal, ...]
    """What holds where the line is cut here."""
    among: tuple[str, ...] = ()
    """All parts of the cut, where some were left out as empty; else ``kinds``."""


Tree = Leaf | Cut


def literal_of(kind: str, g: Term) -> Literal:
    """The literal of one part of a cut."""
    return Literal({"<": ">", "<=": ">="}[kind], neg(g)) if kind in ("<", "<=") else Literal(kind, g)


def is_floor_gap(g: Term) -> bool:
    """Whether ``g`` is ``u - floor(u)``, which is never negative."""
    if g.op != "add" or g.terms[1].op != "mul":
        return False
    f = g.terms[1].terms[1]
    return f.op == "floor" and f.terms[0] is g.terms[0] and g is sub(g.terms[0], f)


def collect(tree: Tree) -> list[Leaf]:
    """The leaves, in order."""
    return [tree] if isinstance(tree, Leaf) else [leaf for part in tree.parts for leaf in collect(part)]


def joined_around(tree: Tree, lost: Leaf, depth: int = 0) -> Tree:
    """The tree with the innermost cut around a leaf undone: what it parted is one piece, without a verdict."""
    if isinstance(tree, Leaf):
        return tree
    if any(part is lost for part in tree.parts):
        return Leaf(lost.literals[:depth], None, lost.reason)
    tree.parts = [joined_around(part, lost, depth + 1) for part in tree.parts]
    return tree
