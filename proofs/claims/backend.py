"""The prover of this project as a verdict needs it, and the check of what it returns.

:func:`accept` is what counts: it replays the bytes by the kernel and compares the theorem with the claim.
The rest may be as wrong as it likes.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..kernel import cited
from ..kernel.certificate import replay
from ..kernel.conclusions import HasDeriv
from ..kernel.local import slope
from ..kernel.terms import KernelError, Literal, Term, rat, substitute
from ..numeric import exact as ex
from ..numeric import roots
from ..numeric.evaluate import Field, Undefined, Unsure, holds
from .points import Question
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
        try:
            from ..prover import ProofFailure, prove_derivative
        except ImportError:
            raise Unproved("there is no prover in this installation") from None
        try:
            certificate = prove_derivative(expr, wrt, derivative, list(hypotheses))
        except ProofFailure as error:
            raise Unproved(str(error)) from None
        except (KernelError, RecursionError, ArithmeticError) as error:
            raise Unproved(f"the prover gave up: {type(error).__name__}: {error}") from None
        data = certificate if isinstance(certificate, bytes) else certificate.data
        return accept(data, expr, wrt, derivative, hypotheses)

    def certify(self, question: Question, refutation: Refutation, seconds: float) -> bool:
        """Whether a map of the expression, all other symbols fixed at the point, says "no derivative" there.

        Only for rational points; the kernel has replayed the map.
        """
        try:
            from ..prover import ProofFailure, build_map
        except ImportError:
            return False
        point = refutation.coordinates
        fixed = {name: ex.rational(value) for name, value in point.items()}
        if any(q is None for q in fixed.values()):
            return False
        others = {name: rat(q) for name, q in fixed.items() if q is not None and name != question.wrt}
        expr = substitute(question.expr, others)
        try:
            found = build_map(expr, question.wrt, [])
        except (ProofFailure, KernelError, RecursionError, ArithmeticError):
            return False
        field = Field(60)
        here = roots.at(field, {question.wrt: point[question.wrt]})
        for piece in found.pieces:
            try:
                if all(holds(field, h, here) for h in piece.conditions):
                    return piece.status in ("not_differentiable", "outside_domain")
            except (Undefined, Unsure):
                return False
        return False
