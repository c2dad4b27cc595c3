"""Derivatives of order 2 and 3 as a reader asks for them: piece by piece, in the words of the spec."""

from __future__ import annotations

from collections.abc import Mapping

from .catalogue import check_orders, maps, one_input_maps, replayed, spec_of
from .kernel.conclusions import HasDeriv, NthDerivative
from .kernel.terms import Literal, Term
from .kernel.theorems import Theorem
from .pieces import DerivativeMap, Piece, refold, with_parameters
from .query import Answer, QueryError, answer_of
from .specs import assumptions
from .statements import opened, orders_of

SEAM = "orders beyond the first are certified on open sets; this point is none"


def higher(name: str, order: int, values: Mapping[str, Term] | None = None) -> dict[str, list[Answer]]:
    """The derivative of this order of an op, by input; parameters may be fixed.

    Raises:
        QueryError: this order is not certified for the op, or there is no certificate.
    """
    spec = spec_of(name)
    if order not in orders_of(spec):
        raise QueryError(f"{name} has no certified derivative of order {order}")
    try:
        shown = check_orders(name)
    except FileNotFoundError:
        raise QueryError(f"{name} has no certificate of higher orders; hasderiv build makes it") from None
    except ValueError as error:
        raise QueryError(f"the certificate of {name} is refused: {error}") from None
    first = maps(spec, replayed(name).claims)
    given = frozenset(assumptions(spec))
    out = {}
    for x, theorem in one_input_maps(spec, replayed(name).claims).items():
        base = next(m for m in first if m.variables == (x,))
        pieces: list[Piece] = []
        for (literals, verdict), piece in zip(theorem.pieces, base.pieces, strict=True):
            if type(verdict) is not HasDeriv:
                reason = "there is no derivative of order 1" if piece.status == "not_differentiable" else piece.reason
                pieces.append(Piece(literals, piece.status, reason=reason))
                continue
            inside = opened(literals, x) or literals
            found = _derivative(shown, x, order, theorem.term, given.union(inside))
            if found is None:
                pieces.append(Piece(literals, "not_covered", reason=SEAM))
                continue
            pieces += [Piece(edge, "not_covered", reason=SEAM) for edge in _edges(literals, x)]
            pieces.append(Piece(inside, "differentiable", (refold(found, base.names),)))
        known = DerivativeMap(name, (x,), base.term, base.assume, tuple(pieces), names=base.names)
        known = with_parameters(known, values or {})
        out[x] = [answer_of(p, known) for p in known.pieces]
    return out


def _edges(literals: tuple[Literal, ...], x: str) -> list[tuple[Literal, ...]]:
    """The ends of a closed piece, which the open piece leaves out."""
    ends = [k for k in literals if k.relation == ">=" and x in k.term.free]
    return [tuple(Literal("=", k.term) if k is end else k for k in literals) for end in ends]


def _derivative(shown: tuple[Theorem, ...], x: str, order: int, term: Term, hyps: frozenset[Literal]) -> Term | None:
    for th in shown:
        c = th.conclusion
        if type(c) is NthDerivative and (c.x, c.order) == (x, order) and c.term is term and th.hyps <= hyps:
            return c.derivative
    return None
