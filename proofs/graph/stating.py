"""Conditions of a graph as text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from ..kernel.conclusions import Program, Step
from ..kernel.terms import (
    MAX_OPENED,
    ONE,
    ZERO,
    Literal,
    Term,
    entry,
    neg,
    opened,
    postorder,
    rat,
    rebuild,
    substitute,
    var,
)
from ..language.printer import show, show_conditions

MAX_SHOWN: Final = 6
"""How many inputs, and how many conditions, a statement names."""
MAX_LENGTH: Final = 120
"""The longest side of a condition that is shown whole."""


def program(said: Program) -> str:
    """What the theorem about a graph says, in one line."""
    steps = {s.symbol: s for s in said.steps}
    some = [s for s in said.steps if s.operator.conditions]
    conditions = [f"{stated(s, steps)} for each entry of {_tensor(s.symbol, s.sizes)}" for s in some]
    inputs = [_tensor(*given) for given in said.inputs]
    where = f", where {_some(conditions, '; ')}" if conditions else ""
    return (
        f"a graph of {len(said.steps)} steps from {_some(inputs, ', ')}: its JVP is the derivative and its VJP the "
        f"adjoint{where}"
    )


def _some(texts: list[str], joint: str) -> str:
    """The first of many."""
    more = len(texts) - MAX_SHOWN
    return joint.join([*texts[:MAX_SHOWN], *([f"and {more} more"] if more > 0 else [])])


def _tensor(symbol: str, sizes: Sequence[Term]) -> str:
    """``x[2, 3]``, a tensor with its sizes."""
    return f"{symbol.partition('/')[0]}[{', '.join(show(n) for n in sizes)}]"


def stated(step: Step, steps: Mapping[str, Step]) -> str:
    """The conditions of a step with the names of the graph."""
    indices = [var(f"o{a}") for a in range(len(step.sizes))]
    conditions = sorted(step.operator.conditions, key=lambda h: (h.relation, h.term.serial))
    named = [Literal(h.relation, _opened(_renamed(h.term, step, steps), indices)) for h in conditions]
    either = [_alternatives(h) for h in named if h.relation == ">" and h.term.op == "cond"]
    rest = [h for h in named if h.relation != ">" or h.term.op != "cond"]
    return " and ".join([*([show_conditions(rest, MAX_LENGTH)] if rest else []), *map(_joined, either)])


def _opened(t: Term, indices: list[Term]) -> Term:
    return opened(t, indices, iter(range(MAX_OPENED)))


def _renamed(t: Term, step: Step, steps: Mapping[str, Step]) -> Term:
    """A term of a step with the names of its operands; of one that is no node but a few operations, with these."""
    values = dict(step.fixed)
    for own, there, _ in step.operands:
        made = steps.get(there)
        small = made is not None and "_" in there and len(postorder(made.operator.term)) < 12
        values[own] = _renamed(made.operator.term, made, steps) if made is not None and small else entry(there)
    return _simpler(substitute(t, values))


def _simpler(t: Term) -> Term:
    """Without sums with 0, products with 0 and 1, and what depends on numbers alone, for reading."""
    done: dict[Term, Term] = {}
    for s in postorder(t):
        made = rebuild(s, done)
        a, b = (*made.terms, ONE, ONE)[:2]
        if made.op == "mul" and ZERO in (a, b):
            made = ZERO
        elif made.op == "mul" and ONE in (a, b):
            made = b if a is ONE else a
        elif made.op == "add" and ZERO in (a, b):
            made = b if a is ZERO else a
        elif made.op == "floor" and a.op == "rat":
            made = rat(math.floor(Fraction(str(a.args[0]))))
        elif made.op == "cond" and a.op == "rat":
            made = made.terms[1 if _true(str(made.args[0]), Fraction(str(a.args[0]))) else 2]
        done[s] = made
    return done[t]


def _true(relation: str, q: Fraction) -> bool:
    return {">": q > 0, ">=": q >= 0, "=": q == 0, "!=": q != 0}[relation]


def _alternatives(h: Literal) -> list[list[Literal]]:
    """The pieces of ``(1 in a piece, else (1 in another, ..., else 0)) > 0``: each test has the same other branch."""
    found, t = [], h.term
    while t.op == "cond":
        piece, inside, rest = list[Literal](), t, t.terms[2]
        while inside.op == "cond" and inside.terms[2] is rest:
            piece.append(Literal(str(inside.args[0]), inside.terms[0]))
            inside = inside.terms[1]
        found.append(piece)
        t = rest
    return found


def _joined(pieces: list[list[Literal]]) -> str:
    """The pieces as text; ``t > 0`` or ``t < 0`` is ``t != 0``."""
    shown = [show_conditions(piece, MAX_LENGTH) for piece in pieces]
    for i, piece in enumerate(pieces):
        for k, other in enumerate(pieces[:i]):
            if _opposite(piece, other):
                shorter = min(piece[0].term, other[0].term, key=lambda t: t.op == "mul")
                shown[k], shown[i] = show_conditions([Literal("!=", shorter)]), ""
    return " or ".join(filter(None, shown))


def _opposite(piece: list[Literal], other: list[Literal]) -> bool:
    """Whether the pieces are ``t > 0`` and ``t < 0``."""
    if len(piece) != 1 or len(other) != 1 or {piece[0].relation, other[0].relation} != {">"}:
        return False
    a, b = piece[0].term, other[0].term
    return neg(a) is b or neg(b) is a
