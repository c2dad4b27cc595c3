"""The prover of this project as a verdict needs it, and the check of what it returns.

:func:`accept` is what counts: it replays the bytes by the kernel and compares the theorem with the claim.
The rest may be as wrong as it likes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from ..kernel import cited
from ..kernel.certificate import replay
from ..kernel.conclusions import HasDeriv, Map, NotDifferentiable
from ..kernel.conclusions import Undefined as KernelUndefined
from ..kernel.local import slope
from ..kernel.terms import KernelError, Literal, Term, rat, substitute
from ..numeric import exact as ex
from ..numeric import roots
from ..numeric.evaluate import Field, Unsure, holds
from .points import Question, admitted
from .refute import Refutation
from .verdict import Proof, Unproved


def accept(data: bytes, expr: Term, wrt: str, derivative: Term, hypotheses: Sequence[Literal]) -> Proof:
    """Replay a certificate and find in it that ``expr`` has this derivative in ``wrt`` under these hypotheses.

    Raises:
        Unproved: the kernel refuses the bytes, or they prove something else.
    """
    try:
        replayed = replay(data)
    except KernelError as error:
        raise Unproved(f"the kernel refused the certificate: {error}") from None
    for theorem in replayed.claims:
        c = theorem.conclusion
        if (
            type(c) is not HasDeriv
            or c.vary != {wrt}
            or c.term is not expr
            or slope(c.derivative, wrt) is not derivative
        ):
            continue
        if theorem.hyps <= frozenset(hypotheses):
            used = tuple(h for h in hypotheses if h in theorem.hyps)
            return Proof(used, tuple(map(fact_text, sorted(theorem.cites))), data)
    raise Unproved("the certificate proves another statement than the claim")


def fact_text(name: str) -> str:
    """A cited fact with its source."""
    for ledger in (getattr(cited, "FUNCTIONS", {}), getattr(cited, "IDENTITIES", {})):
        entry = ledger.get(name)
        if entry is not None:
            return f"{name} ({entry.source})"
    return name


class KernelProver:
    """Proves by ``proofs.prover`` and accepts by the kernel."""

    def prove(self, expr: Term, wrt: str, derivative: Term, hypotheses: Sequence[Literal], seconds: float) -> Proof:
        """See :class:`.verdict.Prover`."""
        from ..certify import NotCertified, prove_derivative

        try:
            data = prove_derivative(expr, wrt, derivative, hypotheses)
        except NotCertified as error:
            raise Unproved(str(error)) from None
        return accept(data, expr, wrt, derivative, hypotheses)

    def certify(self, question: Question, refutation: Refutation, seconds: float) -> bytes | None:
        """The certificate of a map of the expression, the other symbols fixed at the point, if it confirms."""
        from ..certify import NotCertified, prove_map

        expr = _at_others(question, refutation.point)
        if expr is None:
            return None
        try:
            data, _ = prove_map(expr, question.wrt, [])
        except NotCertified:  # a refutation stands without the kernel's word
            return None
        return data if confirm(data, question, refutation.point) else None


def _at_others(question: Question, point: Mapping[str, str]) -> Term | None:
    """The expression with every symbol but the variable fixed; None unless the point is rational."""
    try:
        fixed = {name: Fraction(text) for name, text in point.items()}
    except ValueError:
        return None
    return substitute(question.expr, {name: rat(q) for name, q in fixed.items() if name != question.wrt})


def confirm(data: bytes, question: Question, point: Mapping[str, str]) -> bool:
    """Whether a certificate proves that there is no derivative, or no value, at an admitted rational point."""
    expr = _at_others(question, point)
    if expr is None or set(point) < set(question.symbols):
        return False
    place = {name: ex.of(Fraction(text)) for name, text in point.items()}
    try:
        claims = replay(data).claims
    except KernelError:
        return False
    field = Field(60)
    here = roots.at(field, {question.wrt: place[question.wrt]})
    for theorem in claims:
        c = theorem.conclusion
        if type(c) is not Map or c.vary != {question.wrt} or c.term is not expr or c.assume or theorem.hyps:
            continue
        for literals, verdict in c.pieces:
            try:
                if all(holds(field, h, here, total=True) for h in literals):
                    negative = type(verdict) in (NotDifferentiable, KernelUndefined)
                    return negative and admitted(question, place) is True
            except Unsure:
                return False
    return False
