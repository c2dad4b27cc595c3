"""The certificate of one op: a map in every input, and the claimed derivative on every piece that has one.

Where the author's formula is a case distinction, the map carries the branch that is taken on a piece; the theorem
about the formula itself stands beside it, so that the statement compared is the one in the spec.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .kernel.conclusions import HasDeriv, Map
from .kernel.local import slope
from .kernel.terms import Literal, Term
from .kernel.theorems import Theorem
from .language.definitions import unfold
from .language.from_sympy import surface
from .specs import assumptions


class NotCertified(ValueError):
    """An op for which no map could be made: what was missing, and where."""


def certify(spec: Any) -> bytes:
    """Prove what the declaration states; the bytes of the certificate.

    Raises:
        NotCertified: a map could not be made, or a claimed derivative is not proved on some piece.
    """
    from .prover.recorder import Recorder

    formula = surface(spec)
    assert formula is not None
    term, recorder = unfold(formula), Recorder()
    claims: list[Theorem] = []
    for variable in spec.inputs:
        claimed = surface(spec, ("derivative", variable))
        claims += _in_one(spec, recorder, term, variable, None if claimed is None else unfold(claimed))
    data: bytes = recorder.write(list(dict.fromkeys(claims)), term)
    return data


def _in_one(spec: Any, recorder: Any, term: Term, variable: str, derivative: Term | None) -> list[Theorem]:
    from .prover.context import Context
    from .prover.derive import NotShown, by_cases
    from .prover.mapping import Mapper

    given = assumptions(spec)
    mapper = Mapper(recorder, variable, term, given, derivative)
    try:
        theorem, leaves = mapper.build()
    except Exception as error:  # the prover is not trusted, not even to fail in good order
        raise NotCertified(f"{spec.name}: no map in {variable}: {_why(error)}") from None
    if theorem is None:
        reasons = "; ".join(dict.fromkeys(leaf.reason for leaf in leaves if leaf.reason))
        raise NotCertified(f"{spec.name}: no map in {variable}: {reasons}")
    claims = [theorem]
    c = theorem.conclusion
    assert isinstance(c, Map)
    names = set(term.free) | {variable} | (set() if derivative is None else set(derivative.free))
    for literals, verdict in c.pieces:
        if derivative is None or type(verdict) is not HasDeriv or slope(verdict.derivative, variable) is derivative:
            continue

        def as_claimed(ctx: Context, wanted: Term = derivative) -> Theorem:
            found = mapper.positive(ctx, [wanted])
            said = found.conclusion
            if type(said) is not HasDeriv or slope(said.derivative, variable) is not wanted:
                raise NotShown("the derivative is not shown to equal the one that is claimed", term)
            return found

        try:
            claims.append(by_cases(Context(recorder, [*given, *literals], names), as_claimed))
        except Exception as error:
            raise NotCertified(f"{spec.name}: the derivative in {variable} is not proved: {_why(error)}") from None
    return claims


def _why(error: Exception) -> str:
    return str(error) or f"the prover stopped with {type(error).__name__}"


def prove_map(term: Term, variable: str, assume: Sequence[Literal]) -> tuple[bytes, dict[tuple[Literal, ...], str]]:
    """The certificate of a map of any unfolded term, and for its uncovered pieces what could not be shown.

    Raises:
        NotCertified: no map could be made.
    """
    from .prover.mapping import Mapper
    from .prover.recorder import Recorder

    recorder = Recorder()
    try:
        theorem, leaves = Mapper(recorder, variable, term, assume).build()
    except Exception as error:  # as above
        raise NotCertified(_why(error)) from None
    reasons = {tuple(leaf.literals): leaf.reason for leaf in leaves if leaf.reason}
    if theorem is None:
        raise NotCertified("; ".join(dict.fromkeys(reasons.values())) or "the pieces were not shown to be a map")
    return recorder.write([theorem], term), reasons


def prove_derivative(term: Term, variable: str, derivative: Term, hypotheses: Sequence[Literal]) -> bytes:
    """The certificate that an unfolded term has this derivative in ``variable`` wherever the hypotheses hold.

    Raises:
        NotCertified: it was not shown; says what stood in the way.
    """
    from .prover.context import Context
    from .prover.derive import has_deriv
    from .prover.recorder import Recorder

    recorder = Recorder()
    names = {variable, *term.free, *derivative.free, *(s for h in hypotheses for s in h.term.free)}
    try:
        theorem = has_deriv(Context(recorder, hypotheses, names), variable, term, derivative)
        return recorder.write([theorem], term)
    except Exception as error:  # as above
        raise NotCertified(_why(error)) from None
