"""What the kernels return where there is no derivative, read off the spec for each piece of a map.

The spec's derivative is total on the domain: at a kink it states the convention.  Where that formula has no
value (``1/(2*sqrt(x))`` at 0) a convention of its own is declared.  This is a statement about the kernels, not a
theorem about the function.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .kernel import terms as T
from .kernel.terms import Literal, Term
from .language.definitions import unfold
from .language.parser import parse, parse_condition
from .pieces import DerivativeMap, Piece, Slope, solved, tidy


def conventions(found: DerivativeMap) -> DerivativeMap:
    """The map with the convention filled in on each piece without a derivative."""
    from hasderiv.spec import OPS

    spec = OPS.get(found.name)
    if spec is None:
        return found
    pieces = []
    for p in found.pieces:
        if p.status != "not_differentiable":
            pieces.append(p)
            continue
        values = [_value(spec, v, p, found) for v in found.variables]
        pieces.append(replace(p, convention=tuple(values)) if all(v is not None for v in values) else p)
    return replace(found, pieces=tuple(pieces))


def _value(spec: Any, variable: str, piece: Piece, found: DerivativeMap) -> Slope:
    from .language.from_sympy import surface

    names = {*spec.inputs, *spec.params}
    for condition, value in spec.convention_cases(variable):
        cases = parse_condition(condition, names)
        if any(_implied(piece, [Literal(c.relation, unfold(c.term)) for c in case], found) for case in cases):
            return {"oo": "+oo", "-oo": "-oo"}.get(value) or parse(value, names)
    derivative = surface(spec, ("derivative", variable))
    if derivative is None:
        return None
    at_seam = {}
    for v in found.variables:
        value_there = solved(piece.conditions, v)
        if value_there is not None and v not in value_there.free:
            at_seam[v] = value_there
    chosen = _branches(unfold(derivative), piece, found)
    return None if chosen is None else tidy(T.substitute(chosen, at_seam))


def _implied(piece: Piece, literals: list[Literal], found: DerivativeMap) -> bool:
    """Whether the literals hold at sample points of the piece."""
    from .numeric import roots
    from .numeric.evaluate import Field, Undefined, Unsure, holds

    points = _samples(piece, found)
    field = Field(60)
    try:
        return bool(points) and all(holds(field, c, roots.at(field, p)) for p in points for c in literals)
    except (Undefined, Unsure):
        return False


def _samples(piece: Piece, found: DerivativeMap) -> list[dict[str, Any]]:
    from .claims.points import Question, Supply

    question = Question.make(found.term, found.variables[0], T.ZERO, (*found.assume, *piece.conditions))
    return Supply(question).some(4)


def _branches(term: Term, piece: Piece, found: DerivativeMap) -> Term | None:
    """The term with every case distinction decided as it falls at sample points of the piece; None if they differ."""
    from .numeric import roots
    from .numeric.evaluate import Field, Undefined, Unsure, evaluate, relation_holds

    points = _samples(piece, found)
    if not points:
        return None
    field = Field(60)
    done: dict[Term, Term] = {}
    for t in T.postorder(term):
        done[t] = T.rebuild(t, done)
        if t.op != "cond":
            continue
        taken = set()
        for p in points:
            try:
                taken.add(relation_holds(str(t.args[0]), evaluate(field, t.terms[0], roots.at(field, p)).value.sign))
            except (Undefined, Unsure):
                continue
        if len(taken) == 1:
            done[t] = done[t.terms[1] if taken.pop() else t.terms[2]]
    return done[term]
