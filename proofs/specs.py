"""Proving one declared op afresh: its map in every input, and the derivative that its author claims on each piece."""

from __future__ import annotations

import base64
from typing import Any

from .claims.points import Question
from .claims.refute import refute
from .claims.verdict import describe
from .kernel.terms import KernelError, Literal
from .language.definitions import unfold
from .language.from_sympy import surface
from .language.parser import parse_condition
from .language.printer import show_conditions


class SpecFault(ValueError):
    """A declaration that cannot be proved as it stands: its assumptions are no conjunction, say."""


def assumptions(spec: Any) -> list[Literal]:
    """The assumptions of an op over the base language."""
    out: list[Literal] = []
    for text in spec.assume:
        cases = parse_condition(text, {*spec.inputs, *spec.params})
        if len(cases) != 1:
            raise SpecFault(f"{spec.name}: the assumption {text!r} has to be a conjunction")
        out += [Literal(h.relation, unfold(h.term)) for h in cases[0]]
    return out


def prove_spec(spec: Any, seconds: float) -> dict[str, Any]:
    """The verdict on an op as a JSON answer: ``verdict``, ``message``, ``point``, ``hypotheses``, ``certificates``.

    Proved means: certified, replayed, compared with the declaration, and no piece of a map is uncovered.
    """
    from .catalogue import compare, maps
    from .certify import NotCertified, certify
    from .identity import StatementError
    from .kernel.certificate import replay

    try:
        data = certify(spec)
        found = replay(data)
        compare(spec, found)
    except (NotCertified, StatementError, KernelError) as error:
        return _refuted(spec, seconds) or _answer("undecided", str(error))
    notes, gaps = [], []
    for m in maps(spec, found.claims):
        for p in m.pieces:
            where = f"in {', '.join(m.variables)} for {p.shown(m)}"
            if p.status == "not_covered":
                gaps.append(f"nothing was proved {where}")
            elif p.status == "not_differentiable":
                notes.append(f"no derivative {where} ({p.reason})")
    if gaps:
        return _answer("undecided", "; ".join(gaps))
    given = assumptions(spec)
    cites = sorted({name for th in found.claims for name in th.cites})
    message = (
        "the derivative is as claimed"
        if any(v is not None for v in spec.derivative.values())
        else "a derivative was found"
    )
    answer = _answer(
        "proved", "; ".join([message, *notes]), None, [*([show_conditions(given, 300)] if given else []), *cites]
    )
    answer["certificates"] = [base64.b85encode(data).decode()]
    return answer


def _refuted(spec: Any, seconds: float) -> dict[str, Any] | None:
    """A point at which there is a derivative other than the one declared; at kinks a declaration is a convention."""
    formula = surface(spec)
    assert formula is not None
    for variable in spec.inputs:
        claimed = surface(spec, ("derivative", variable))
        if claimed is None:
            continue
        question = Question.make(unfold(formula), variable, unfold(claimed), assumptions(spec))
        found = refute(question, seconds, values_only=True)
        if found is not None:
            return _answer("refuted", f"d/d{variable}: {describe(found, False)}", found.point)
    return None


def _answer(
    verdict: str, message: str, point: dict[str, str] | None = None, hypotheses: list[str] | None = None
) -> dict[str, Any]:
    return {"verdict": verdict, "message": message, "point": point, "hypotheses": hypotheses, "certificates": []}
