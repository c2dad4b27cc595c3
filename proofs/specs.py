"""Proving one declared op afresh: its map in every input, and the derivative that its author claims on each piece."""

from __future__ import annotations

import base64
from typing import Any

from .claims.points import Question
from .claims.refute import refute
from .claims.verdict import Prover, Unproved, describe
from .kernel.terms import KernelError, Literal, Term
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


def prove_spec(spec: Any, seconds: float, prover: Prover | None = None) -> dict[str, Any]:
    """The verdict on an op as a JSON answer: ``verdict``, ``message``, ``point``, ``hypotheses``, ``certificates``."""
    if prover is None:
        from .claims.backend import KernelProver

        prover = KernelProver()
    formula = surface(spec)
    assert formula is not None
    term = unfold(formula)
    given = assumptions(spec)
    certificates: list[bytes] = []
    facts: dict[str, None] = {}
    notes: list[str] = []
    for variable in spec.inputs:
        claimed = surface(spec, ("derivative", variable))
        derivative = None if claimed is None else unfold(claimed)
        for piece in _pieces(term, variable, given):
            literals = [*given, *(c for c in piece.conditions if c not in given)]
            at = show_conditions(piece.conditions, 200)
            if piece.status == "not_covered":
                why = f"{piece.reason}" if piece.reason else "nothing was proved"
                return _answer("undecided", f"d/d{variable} for {at}: {why}")
            if piece.status == "not_differentiable":
                notes.append(f"no derivative in {variable} for {at}" + (f" ({piece.reason})" if piece.reason else ""))
            if piece.status != "differentiable":
                continue
            wanted = derivative if derivative is not None else piece.derivative
            try:
                proof = prover.prove(term, variable, wanted, literals, seconds)
            except Unproved as error:
                found = refute(Question.make(term, variable, wanted, literals), seconds)
                if found is not None:
                    return _answer("refuted", f"d/d{variable}: {describe(found, False)}", found.point)
                return _answer("undecided", f"d/d{variable} for {at}: {error}")
            certificates.append(proof.certificate)
            facts.update(dict.fromkeys(proof.facts))
    message = "the derivative is as claimed" if any(spec.derivative.values()) else "the derivative was derived"
    hypotheses = [*([show_conditions(given, 300)] if given else []), *facts]
    answer = _answer("proved", "; ".join([message, *notes]), None, hypotheses)
    answer["certificates"] = [base64.b85encode(c).decode() for c in certificates]
    return answer


def _pieces(term: Term, variable: str, given: list[Literal]) -> list[Any]:
    from .prover import ProofFailure, build_map

    try:
        return list(build_map(term, variable, given).pieces)
    except (ProofFailure, KernelError) as error:
        raise SpecFault(f"no map in {variable}: {error}") from None


def _answer(
    verdict: str, message: str, point: dict[str, str] | None = None, hypotheses: list[str] | None = None
) -> dict[str, Any]:
    return {"verdict": verdict, "message": message, "point": point, "hypotheses": hypotheses, "certificates": []}
