"""What is exported of a tensor op: its statement, the spec's abbreviations, and the line on which a tie is a corner."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..kernel.conclusions import Conclusion
from ..kernel.terms import Literal, Term, add, entry, equal, mul, substitute, unary, var
from ..language.indexed import COTANGENT, Names
from ..tensor.catalogue import check, path_of, spec_of, statement_of
from ..tensor.statement import Statement
from .coq_certificate import term_of

H = var("h")
"""How far the line goes on which a tie is a corner."""


@dataclass(frozen=True)
class Corner:
    """A tie: where the family ``symbol`` moves by ``h direction`` there is no derivative at ``h = 0``.

    ``step`` is the line of the certificate that proves it, about the term ``moved``; ``direction`` has a loose index
    for each axis.
    """

    step: int
    symbol: str
    direction: Term
    moved: Term


@dataclass(frozen=True)
class TensorExport:
    """A tensor op as an export sees it; ``claims`` are the places of derivative and adjoint among those proved."""

    name: str
    spec: Any
    claimed: Statement
    certificate: bytes
    claims: tuple[int, int]
    corner: Corner | None

    @property
    def theorems(self) -> list[str]:
        """The names of what is stated."""
        return [f"{self.name}_{what}" for what in ("derive", "line", "adjoint", *(["corner"] if self.corner else []))]

    @property
    def integers(self) -> tuple[str, ...]:
        """The sizes and other integers, in the order of the statement."""
        literals = self.claimed.hypotheses
        return tuple(h.term.terms[0].terms[0].symbol for h in literals if is_integer(h))

    @property
    def families(self) -> dict[str, int]:
        """The inputs, and what is given beside them, by name with the number of their axes."""
        tensors = {**self.spec.inputs, **self.spec.given, **self.spec.index}
        return {name: len(axes) for name, axes in tensors.items()}

    @property
    def tables(self) -> frozenset[str]:
        """The given tensors of integers."""
        return frozenset(f"{name}/{len(axes)}" for name, axes in self.spec.index.items())

    def abbreviations(self) -> Mapping[str, tuple[tuple[str, ...], Term, str]]:
        """The abbreviations of the spec: their parameters, what they stand for, and its formula."""
        ranks = self.families | {COTANGENT: len(self.claimed.out)}
        numbers = frozenset([*self.integers, *self.spec.params])
        names = Names(ranks, frozenset(self.spec.index), numbers, frozenset(self.spec.inputs))
        for head, text in self.spec.let.items():
            names.define(head, text)
        return {name: (*names.let[name], text) for name, text in zip(names.let, self.spec.let.values(), strict=True)}


def is_integer(h: Literal) -> bool:
    """Whether the hypothesis says that a symbol is an integer."""
    v = h.term.terms[0].terms[0] if h.term.op == "add" and h.term.terms[0].op == "floor" else None
    return v is not None and v.op == "var" and h == equal(unary("floor", v), v)


def export_of(name: str) -> TensorExport:
    """What is stated of one op, from its certificate, which is replayed and compared with the spec.

    Raises what :func:`..tensor.catalogue.check` raises.
    """
    theorems = check(name)
    claimed, data = statement_of(name), path_of(name).read_bytes()

    def place(given: frozenset[Literal], said: Conclusion) -> int:
        return next(k for k, th in enumerate(theorems) if th.conclusion == said and th.hyps <= given)

    claims = place(*claimed.derivative), place(*claimed.adjoint)
    return TensorExport(name, spec_of(name), claimed, data, claims, _corner(data, claimed) if claimed.tie else None)


def _corner(data: bytes, claimed: Statement) -> Corner:
    """The line along which there is no derivative, from the step of the rule ``along`` that ends the proof."""
    lines = [json.loads(line) for line in data.splitlines()[1:-1]]
    made: dict[int, Term] = {}
    for line in lines:
        if "term" in line:
            made[line["n"]] = term_of(line["term"], made)
    ((symbol, place),), _, step = next(line["args"] for line in lines if line.get("rule") == "along")
    direction = made[place]
    moved = substitute(claimed.value, {symbol: add(entry(symbol), mul(direction, H))})
    return Corner(step, symbol, direction, moved)


def bound_names(text: str) -> Iterator[str]:
    """The names of the indices that sums and maxima in a formula bind, in the order in which they are met."""

    def visit(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.GeneratorExp):
            yield from (part.target.id for part in node.generators if isinstance(part.target, ast.Name))
            yield from visit(node.elt)
        else:
            for below in ast.iter_child_nodes(node):
                yield from visit(below)

    return visit(ast.parse(text.strip(), mode="eval").body)
