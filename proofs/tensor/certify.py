"""Making the certificate of a tensor op: its derivative, its adjointness and its ties, proved and written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..certify import NotCertified
from ..kernel.terms import Literal
from ..kernel.theorems import Theorem
from .statement import Statement, statement


def certify(spec: Any) -> bytes:
    """Prove what the declaration states; the bytes of the certificate.

    Raises:
        NotCertified: one of its theorems was not proved; says which, and what stood in the way.
    """
    from ..prover.indexed.equations import Equations
    from ..prover.shrink import shrink

    claimed, recorder = statement(spec), Equations()
    claims = [
        _proved("derivative", derivative, claimed, recorder),
        _proved("adjoint", adjoint, claimed, recorder),
    ]
    if claimed.tie:
        claims.append(_proved("corner", corner, claimed, recorder))
    data: bytes = recorder.write(shrink(recorder, claims), claimed.value)
    return data


def _proved(what: str, prove: Callable[[Statement, Any], Theorem], claimed: Statement, recorder: Any) -> Theorem:
    try:
        return prove(claimed, recorder)
    except Exception as error:  # the prover is not trusted, not even to fail in good order
        raise NotCertified(f"{claimed.name}: the {what} is not proved: {error or type(error).__name__}") from error


def derivative(claimed: Statement, recorder: Any) -> Theorem:
    """That the JVP is the derivative of an entry of the result."""
    from ..prover.indexed import derivative, winners

    given, wanted = claimed.derivative
    prove = winners.derivative if wanted.term.op == "max" else derivative.derivative
    return prove(wanted.vary, wanted.term, wanted.derivative, _context(recorder, claimed, given))


def adjoint(claimed: Statement, recorder: Any) -> Theorem:
    """That the VJP is the adjoint of the JVP."""
    from ..prover.indexed.equality import equal_terms

    left, right = claimed.pairing
    return equal_terms(left, right, _context(recorder, claimed, claimed.adjoint[0]), "g", "d")


def corner(claimed: Statement, recorder: Any) -> Theorem:
    """That there is no derivative at a tie."""
    from ..prover.indexed import ties

    return ties.corner(claimed.value, _context(recorder, claimed, claimed.corner[0]))


def _context(recorder: Any, claimed: Statement, given: frozenset[Literal]) -> Any:
    """The hypotheses as facts, in the order of the statement."""
    from ..kernel.sums import counts
    from ..prover.indexed.context import Context

    ranges: Sequence[Literal] = [literal for k, n in claimed.out for literal in counts(k, n)]
    ordered = dict.fromkeys([*claimed.hypotheses, *ranges, *claimed.conditions, *claimed.tie])
    return Context(recorder, [recorder.assume(literal) for literal in ordered if literal in given])
