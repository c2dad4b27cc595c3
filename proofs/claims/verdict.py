"""The verdict on a claim: proved, refuted, or undecided with the reason.

Order matters for speed only: a quick look for a counterexample at the suspicious points, then the prover on
every case of the assumptions, then a longer look.  ``proved`` is said only if *every* case is proved from the
claim's own assumptions by a certificate that the kernel replayed, and some point satisfies them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from ..kernel.terms import Literal, Term
from ..language.definitions import unfold
from .points import Question, Supply
from .refute import Refutation, refute
from .table import Claim

SECONDS = 5.0
QUICK_SHARE = 0.25


class Unproved(Exception):
    """The prover could not prove the statement: what it could not show, and where."""


@dataclass(frozen=True)
class Proof:
    """What a replayed certificate says: the hypotheses it used, and the cited facts it rests on."""

    hypotheses: tuple[Literal, ...] = ()
    facts: tuple[str, ...] = ()
    certificate: bytes = b""


class Prover(Protocol):
    """What a verdict needs of a prover.  Terms are unfolded."""

    def prove(self, expr: Term, wrt: str, derivative: Term, hypotheses: Sequence[Literal], seconds: float) -> Proof:
        """A proof that was replayed by the kernel, of exactly this statement; raises :class:`Unproved`."""
        ...

    def certify(self, question: Question, refutation: Refutation, seconds: float) -> bytes | None:
        """A certificate that confirms the refutation, if the kernel can be brought to give one."""
        ...


@dataclass(frozen=True)
class Verdict:
    """What is known about one claim.  ``certified`` is None unless the claim is refuted."""

    name: str
    verdict: str
    message: str
    file: str | None = None
    line: int | None = None
    refutation: Refutation | None = None
    certified: bool | None = None
    hypotheses: tuple[str, ...] | None = None
    facts: tuple[str, ...] = field(default=())
    certificates: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def point(self) -> dict[str, str] | None:
        """The refuting point."""
        return self.refutation.point if self.refutation else None


def questions(claim: Claim) -> list[Question]:
    """The cases of a claim, over the base language."""
    expr, derivative = unfold(claim.expr), unfold(claim.derivative)
    out = []
    for case in claim.cases:
        literals = [Literal(h.relation, unfold(h.term)) for h in case]
        out.append(Question.make(expr, claim.wrt, derivative, literals))
    return out


def decide(
    claim: Claim, prover: Prover | None, seconds: float = SECONDS, early: Callable[[Verdict], None] = lambda v: None
) -> Verdict:
    """The verdict on one claim, in about so many seconds.

    ``early`` is told of a refutation before the kernel is asked to confirm it, which may take longer.
    """
    end = time.monotonic() + seconds
    cases = questions(claim)
    if not cases:
        return _undecided(claim, "the assumptions never hold, so the claim says nothing")
    for q in cases:
        found = refute(q, seconds * QUICK_SHARE / len(cases), deep=False)
        if found is not None:
            return _refuted(claim, q, found, prover, end, early)
    inhabited = any(Supply(q).some(1) for q in cases)
    failures: list[tuple[Question, str]] = []
    proofs: list[Proof] = []
    for k, q in enumerate(cases):
        try:
            if prover is None:
                raise Unproved("there is no prover")
            left = end - time.monotonic()
            proofs.append(prover.prove(q.expr, q.wrt, q.derivative, q.hypotheses, max(0.2, left / (len(cases) - k))))
        except Unproved as error:
            failures.append((q, str(error)))
    if not failures:
        if not inhabited:
            return _undecided(claim, "no point was found that satisfies the assumptions, so a proof would say nothing")
        return _proved(claim, cases, proofs)
    for q, _ in failures:
        found = refute(q, max(0.2, (end - time.monotonic()) / len(failures)), quick=False)
        if found is not None:
            return _refuted(claim, q, found, prover, end, early)
    reason = failures[0][1]
    if len(cases) > 1:
        reason = f"{len(failures)} of {len(cases)} cases of the assumptions not proved; the first: {reason}"
    return _undecided(claim, f"{reason}; no counterexample found")


def _undecided(claim: Claim, reason: str) -> Verdict:
    return Verdict(claim.name, "undecided", reason, claim.file, claim.line)


def _proved(claim: Claim, cases: Sequence[Question], proofs: Sequence[Proof]) -> Verdict:
    used = {unfolded: None for p in proofs for unfolded in p.hypotheses}
    facts = tuple(dict.fromkeys(fact for p in proofs for fact in p.facts))
    surface = _surface(claim)
    if len(cases) == 1:
        needed = tuple(literal_text(surface.get(h, h)) for h in used)
    else:  # the union of the cases is what was proved: each case as the conjunction that the table wrote
        needed = tuple(" & ".join(literal_text(surface.get(h, h)) for h in q.hypotheses) or "True" for q in cases)
        needed = (" | ".join(f"({n})" for n in needed),)
    message = f"d/d{claim.wrt} is as claimed" + (f", under cited facts: {'; '.join(facts)}" if facts else "")
    return Verdict(claim.name, "proved", message, claim.file, claim.line, hypotheses=(*needed, *facts),
                   facts=facts, certificates=tuple(p.certificate for p in proofs))  # fmt: skip


def _surface(claim: Claim) -> dict[Literal, Literal]:
    """Unfolded hypotheses back to the form in which the table states them."""
    return {Literal(h.relation, unfold(h.term)): h for case in claim.cases for h in case}


def literal_text(literal: Literal) -> str:
    """A hypothesis for people."""
    from ..language.printer import show_literal

    return show_literal(literal, 200)


def _refuted(
    claim: Claim, q: Question, found: Refutation, prover: Prover | None, end: float, early: Callable[[Verdict], None]
) -> Verdict:
    numerical = Verdict(claim.name, "refuted", describe(found, False), claim.file, claim.line, found, False)
    if prover is None or not found.exact:
        return numerical
    early(numerical)
    data = prover.certify(q, found, max(0.5, end - time.monotonic()))
    if data is None:
        return numerical
    return replace(numerical, message=describe(found, True), certified=True, certificates=(data,))


def describe(found: Refutation, certified: bool) -> str:
    """A refutation in one line."""
    at = ", ".join(f"{name} = {value}" for name, value in found.point.items())
    parts = [f"at {at}: {found.reason}" if at else found.reason]
    if found.true is not None:
        parts.append(f"true {found.true}")
    elif found.left is not None or found.right is not None:
        parts.append(f"left {found.left or 'unknown'}, right {found.right or 'unknown'}")
    parts.append(f"claimed {found.claimed or ('no value' if found.exact else 'a value')}")
    parts.append("certified" if certified else f"numerical evidence at {found.digits} digits")
    return "; ".join(parts)
