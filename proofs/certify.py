"""The certificates of one op: its maps, the claimed derivative on every piece that has one, stable forms, orders.

Where the author's formula is a case distinction, the map carries the branch that is taken on a piece; the theorem
about the formula itself stands beside it, so that the statement compared is the one in the spec.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .kernel.conclusions import HasDeriv, Map
from .kernel.local import slope
from .kernel.terms import Literal, Term
from .kernel.theorems import Theorem
from .language.definitions import unfold
from .language.from_sympy import surface
from .language.printer import show_conditions
from .specs import assumptions
from .statements import OPEN, claimed_parameters, equalities, opened, orders_of


class NotCertified(ValueError):
    """An op, or a node of a graph, for which there is no proof: what was missing, and where."""


def certify(spec: Any) -> bytes:
    """Prove what the declaration states; the bytes of the certificate.

    Raises:
        NotCertified: a map could not be made, or a claimed derivative is not proved on some piece.
    """
    from .prover.recorder import Recorder
    from .prover.shrink import shrink

    formula = surface(spec)
    assert formula is not None
    term, recorder = unfold(formula), Recorder()
    claims: list[Theorem] = []
    maps: dict[str, Map] = {}
    derivatives: dict[str, Term] = {}
    for variable in spec.inputs:
        claimed = surface(spec, ("derivative", variable))
        if claimed is not None:
            derivatives[variable] = unfold(claimed)
        found = _in_one(spec, recorder, term, variable, derivatives.get(variable))
        claims += found
        c = found[0].conclusion
        assert type(c) is Map
        maps[variable] = c
    if len(spec.inputs) > 1:
        claims += _jointly(spec, recorder, term, derivatives)
    for parameter in claimed_parameters(spec):
        claimed = surface(spec, ("derivative", parameter))
        assert claimed is not None
        claims += _in_one(spec, recorder, term, parameter, unfold(claimed))
    claims += _stable(spec, recorder, maps)
    data: bytes = recorder.write(shrink(recorder, list(dict.fromkeys(claims))), term)
    return data


def _jointly(spec: Any, recorder: Any, term: Term, derivatives: Mapping[str, Term]) -> list[Theorem]:
    """The map in all inputs together, if one could be made; without it ``where`` says that it is not covered."""
    from .prover.joint import JointMapper

    try:
        theorem, _ = JointMapper(recorder, spec.inputs, term, assumptions(spec), derivatives).build()
    except Exception:  # as below; each map in one input stands without it
        return []
    return [] if theorem is None else [theorem]


def _stable(spec: Any, recorder: Any, maps: Mapping[str, Map]) -> list[Theorem]:
    """What the kernels compute is defined and equal to what the spec means, piece by piece."""
    from .prover.context import Context
    from .prover.equal import equal_and_defined

    given, claims = assumptions(spec), list[Theorem]()
    for wanted in equalities(spec, maps):
        names = wanted.computed.free | wanted.plain.free
        for piece in wanted.pieces:
            try:
                claims += equal_and_defined(Context(recorder, [*given, *piece], names), wanted.computed, wanted.plain)
            except Exception as error:
                if spec.name in OPEN:
                    continue
                raise NotCertified(
                    f"{spec.name}: {wanted.what} not certified for {show_conditions(piece)}: {_why(error)}"
                ) from None
    return claims


def certify_orders(spec: Any, maps: Mapping[str, Map]) -> bytes | None:
    """Prove the derivatives of order 2 and 3 on the open pieces of the maps; the bytes of a certificate of their own.

    At a seam (``x = 0`` between two pieces) the proof is tried on the set without that equation, which surrounds the
    seam; where it does not go through, the seam is left out.  ``None`` for an op of which none is demanded.

    Raises:
        NotCertified: an order could not be shown on an open piece.
    """
    from .prover.context import Context
    from .prover.orders import higher_orders
    from .prover.recorder import Recorder
    from .prover.shrink import shrink

    upto = max(orders_of(spec), default=1)
    if upto == 1:
        return None
    recorder, given, claims = Recorder(), assumptions(spec), list[Theorem]()
    for x, found in maps.items():
        smooth = [(c, slope(v.derivative, x)) for c, v in found.pieces if type(v) is HasDeriv]
        for literals, first in smooth:
            inside = opened(literals, x)
            around = (
                inside
                if inside is not None
                else tuple(k for k in literals if k.relation != "=" or x not in k.term.free)
            )
            candidates = [first] if inside is not None else list(dict.fromkeys(d for _, d in smooth))
            failure = ""
            for d in candidates:
                ctx = Context(recorder, [*given, *around], {x, *found.term.free})
                try:
                    claims += higher_orders(ctx, x, found.term, d, upto)
                    break
                except Exception as error:
                    failure = _why(error)
            else:
                if inside is not None:
                    where = show_conditions(literals)
                    raise NotCertified(f"{spec.name}: orders 2 to {upto} in {x} not certified for {where}: {failure}")
    if not claims:
        return None
    data: bytes = recorder.write(shrink(recorder, list(dict.fromkeys(claims))), next(iter(maps.values())).term)
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
        if type(theorem.conclusion) is not HasDeriv:
            raise NotCertified("the assumptions contradict each other: a claim about no point is not proved")
        return recorder.write([theorem], term)
    except Exception as error:  # as above
        raise NotCertified(_why(error)) from None
