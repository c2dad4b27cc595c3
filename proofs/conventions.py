"""What the kernels return where there is no derivative, read off the spec for each piece of a map.

The spec's derivative is total on the domain: at a kink it states the convention.  Where that formula has no
value (``1/(2*sqrt(x))`` at 0) a convention of its own is declared.  This is a statement about the kernels, not a
theorem about the function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .kernel import terms as T
from .kernel.terms import Literal, Term
from .language.definitions import unfold
from .language.parser import parse, parse_condition
from .pieces import DerivativeMap, Piece, Slope, fixed, solved, tidy

_INFINITE = {"oo": "+oo", "-oo": "-oo"}


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


def at_point(found: DerivativeMap, point: Mapping[str, Term]) -> tuple[Slope, ...] | None:
    """What the kernels return at one point, each symbol of the spec given by ``point`` or by ``found.fixed``."""
    from hasderiv.spec import OPS

    spec = OPS.get(found.name)
    if spec is None:
        return None
    values = {**dict(found.fixed), **point}
    out = [_at(spec, v, values) for v in found.variables]
    return tuple(out) if all(v is not None for v in out) else None


def _at(spec: Any, variable: str, values: Mapping[str, Term]) -> Slope:
    from .language.from_sympy import surface

    names = {*spec.inputs, *spec.params}
    for condition, value in spec.convention_cases(variable):
        for case in parse_condition(condition, names):
            if all(fixed(Literal(c.relation, unfold(c.term)), values) is True for c in case):
                return _INFINITE.get(value) or tidy(T.substitute(parse(value, names), dict(values)))
    derivative = surface(spec, ("derivative", variable))
    if derivative is None:
        return None
    return tidy(_decided(T.substitute(unfold(derivative), dict(values))))


def _decided(term: Term) -> Term:
    """The term with each case distinction on a constant decided."""
    done: dict[Term, Term] = {}
    for t in T.postorder(term):
        made = T.rebuild(t, done)
        if made.op == "cond" and not made.terms[0].free:
            truth = fixed(Literal(str(made.args[0]), made.terms[0]), {})
            made = made if isinstance(truth, Literal) else made.terms[1 if truth else 2]
        done[t] = made
    return done[term]


def _value(spec: Any, variable: str, piece: Piece, found: DerivativeMap) -> Slope:
    from .language.from_sympy import surface

    names = {*spec.inputs, *spec.params}
    for condition, value in spec.convention_cases(variable):
        cases = parse_condition(condition, names)
        if any(_implied(piece, [Literal(c.relation, unfold(c.term)) for c in case], found) for case in cases):
            return _INFINITE.get(value) or T.substitute(parse(value, names), dict(found.fixed))
    derivative = surface(spec, ("derivative", variable))
    if derivative is None:
        return None
    at_seam = {}
    for v in found.variables:
        value_there = solved(piece.conditions, v)
        if value_there is not None and v not in value_there.free:
            at_seam[v] = value_there
    chosen = _branches(T.substitute(unfold(derivative), dict(found.fixed)), piece, found)
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
    return Supply(question, 2.0).some(4)


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
