"""Which ops of the catalogue are differentiable at a point, or on a whole set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from .kernel.terms import KernelError, Literal, Term
from .language.definitions import unfold
from .language.parser import parse_condition
from .linear import contradictory
from .pieces import DerivativeMap, Piece
from .query import Answer, Loader, QueryError, Where, constant, of_op, op_names

Step = Callable[[], None]


@dataclass(frozen=True)
class Row:
    """An op and what is known about it at the point or on the set."""

    op: str
    answer: Answer
    meaning: str | None = None

    def json(self) -> dict[str, Any]:
        """The op, and the keys of an answer."""
        return {"op": self.op, **self.answer.json(), "meaning": self.meaning}


def _specs() -> Mapping[str, Any]:
    from hasderiv.spec import OPS

    return OPS


def _defaults(spec: Any, values: Mapping[str, str]) -> dict[str, Term]:
    """The parameters of an op: those given, else their defaults, else left open."""
    out = {}
    for name, default in spec.params.items():
        if name in values:
            out[name] = constant(values[name])
        elif isinstance(default, int | Fraction):
            out[name] = constant(default)
    return out


def _maps(values: Mapping[str, str], step: Step, load: Loader | None) -> Iterator[tuple[str, Where | QueryError]]:
    specs = _specs()
    known = {p for spec in specs.values() for p in spec.params}
    for name in values:
        if name not in known:
            raise QueryError(f"no op has a parameter {name}")
    for name in op_names():
        try:
            yield name, of_op(name, _defaults(specs[name], values), load)
        except QueryError as error:
            yield name, error
        step()


def list_ops(step: Step = lambda: None) -> list[Row]:
    """All ops with their meaning, and whether each has a derivative everywhere on its domain."""
    return [Row(r.op, replace(r.answer, where=None), _specs()[r.op].meaning) for r in _everywhere({}, [[]], step, None)]


def list_at(
    point: Any, values: Mapping[str, str] | None = None, step: Step = lambda: None, load: Loader | None = None
) -> list[Row]:
    """What is known of each op at a point: a number for every input, or a mapping from inputs to numbers."""
    rows = []
    for name, found in _maps(values or {}, step, load):
        if isinstance(found, QueryError):
            rows.append(Row(name, Answer("not_covered", reason=str(found))))
            continue
        if isinstance(point, Mapping) and set(point) != set(found.map.variables):
            continue  # a question about other inputs
        rows.append(Row(name, found.at(point)))
    if isinstance(point, Mapping) and not rows:
        raise QueryError(f"no op has the inputs {', '.join(point)}")
    return rows


def list_on(
    condition: str, values: Mapping[str, str] | None = None, step: Step = lambda: None, load: Loader | None = None
) -> list[Row]:
    """What is known of each op on the whole set that the condition describes.

    ``differentiable`` is said only if the condition excludes every other piece; where that could not be shown
    and no point of such a piece was found, the answer is ``not_covered``.
    """
    try:
        cases = [
            [Literal(h.relation, unfold(h.term)) for h in case] for case in parse_condition(condition, decimals=True)
        ]
    except (ValueError, KernelError) as error:
        raise QueryError(str(error)) from None
    return _everywhere(values or {}, cases, step, load)


def over_axes() -> dict[str, list[str]]:
    """The ops over axes and shapes, by what each states for all sizes: a derivative everywhere, or under conditions.

    A number is no point of theirs; :func:`..tensor.query.of_tensor_op` answers for all points, from the certificate.
    """
    from .tensor import catalogue

    out: dict[str, list[str]] = {"everywhere": [], "under conditions": []}
    for name in catalogue.names():
        out["under conditions" if catalogue.spec_of(name).where else "everywhere"].append(name)
    return out


def _everywhere(values: Mapping[str, str], cases: list[list[Literal]], step: Step, load: Loader | None) -> list[Row]:
    symbols = {s for case in cases for h in case for s in h.term.free}
    rows = []
    for name, found in _maps(values, step, load):
        if isinstance(found, QueryError):
            rows.append(Row(name, Answer("not_covered", reason=str(found))))
        elif symbols <= set(found.map.variables) | found.map.term.free:
            rows.append(Row(name, _on(found.map, cases)))
    if not rows:
        raise QueryError(f"no op has the inputs {', '.join(sorted(symbols))}")
    return rows


def _on(found: DerivativeMap, cases: list[list[Literal]]) -> Answer:
    """One answer for a set: the worst piece that meets it."""
    from .conventions import conventions
    from .query import answer_of

    met = [(p, _meets(found, p, case)) for case in cases for p in found.pieces]
    for status in ("not_differentiable", "outside_domain", "not_covered"):
        for p, meets in met:
            if p.status == status and meets:
                return replace(answer_of(conventions(replace(found, pieces=(p,))).pieces[0], found), derivative=None)
    doubtful = [p for p, meets in met if p.status != "differentiable" and meets is None]
    if doubtful:
        return Answer(
            "not_covered", reason="it was not shown that the set avoids this piece", where=doubtful[0].shown(found)
        )
    inside = [p for p, meets in met if meets]
    if not inside:
        return Answer("not_covered", reason="no point of the set was found")
    answers = dict.fromkeys(answer_of(p, found).derivative for p in inside)
    derivative = next(iter(answers)) if len(answers) == 1 else None
    return Answer("differentiable", derivative)


def _meets(found: DerivativeMap, piece: Piece, case: list[Literal]) -> bool | None:
    """Whether the piece meets the set: False if shown not to, True if a common point was found, else None."""
    literals = [*found.assume, *piece.conditions, *case]
    if contradictory(literals):
        return False
    from .claims.points import Question, Supply
    from .kernel.terms import ZERO

    question = Question.make(found.term, found.variables[0], ZERO, literals)
    return True if Supply(question, 1.0).some(1) else None
