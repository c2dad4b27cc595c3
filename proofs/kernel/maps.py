"""Maps: a verdict for every point.  The pieces exhaust the domain, do not overlap, and none is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from .conclusions import HasDeriv, Map, NotDifferentiable, Piece, Somewhere, Undefined, Vary, Within
from .intervals import closed, shown
from .logic import absurd
from .terms import KernelError, Literal, Term, refuse, substitute
from .theorems import Theorem, Theorems, conclude, expect

Verdict = HasDeriv | NotDifferentiable | Undefined
Verdicts = Sequence[Theorem | None]


def within(pieces: Sequence[Piece], index: int, facts: Theorems) -> Theorem:
    """::

     H |- l  for each literal l of one piece
    ------------------------------------------
        H |- one of the pieces holds
    """
    refuse(0 <= index < len(pieces), "there is no such piece")
    shown(pieces[index], facts)
    return conclude(Within(tuple(pieces)), facts)


def point(piece: Piece, values: Mapping[str, Term], facts: Theorems) -> Theorem:
    """::

     |- l[x := t]  for each literal l of the piece
    -----------------------------------------------   t without symbols
              the piece holds somewhere

    """
    closed(values.values())
    goals = [Literal(k.relation, substitute(k.term, dict(values))) for k in piece]
    shown(goals, facts, frozenset())
    return conclude(Somewhere(piece), facts, frozenset())


def map_of(
    vary: Vary, term: Term, assume: Piece, covered: Theorem, verdicts: Verdicts, apart: Theorems, witnesses: Theorems
) -> Theorem:
    """::

            A |- P_1 or ... or P_n    A, P_i, P_j |- false  (i < j)    A, P_i hold somewhere    A, P_i |- verdict i
           ---------------------------------------------------------------------------------------------------------
                                         the map of the term under the assumptions A

    Every point that satisfies ``A`` lies in exactly one piece, and no piece is empty (so no verdict is vacuous).
    ``apart`` lists the proofs of ``false`` in the order (1,2), (1,3), ..., (2,3), ...
    """
    pieces = expect(Within, covered).pieces
    given = frozenset(assume)
    refuse(covered.hyps <= given, "the pieces are exhaustive under further hypotheses only")
    pairs = len(pieces) * (len(pieces) - 1) // 2
    complete = pairs == len(apart) and len(pieces) == len(verdicts) == len(witnesses)
    refuse(complete, "a proof is missing or left over")
    for (p, q), th in zip(combinations(pieces, 2), apart, strict=True):
        refuse(absurd(th) and th.hyps <= given.union(p, q), "two pieces are not shown to be disjoint")
    rows = [
        (p, None if verdict is None else _verdict(verdict, given.union(p), vary, term))
        for p, verdict in zip(pieces, verdicts, strict=True)
    ]
    for piece, th in zip(pieces, witnesses, strict=True):
        refuse(given.union(piece) <= {*expect(Somewhere, th).piece}, "a piece is not shown to hold somewhere")
    found = [th for th in verdicts if th is not None]
    return conclude(Map(vary, term, assume, tuple(rows)), [covered, *apart, *found, *witnesses], frozenset())


def _verdict(th: Theorem, hyps: frozenset[Literal], vary: Vary, term: Term) -> Verdict:
    c = th.conclusion
    refuse(th.hyps <= hyps, "a verdict needs further hypotheses")
    if isinstance(c, Undefined) and c.term is term:
        return c
    if isinstance(c, (HasDeriv, NotDifferentiable)) and c.term is term and c.vary == vary:
        return c
    raise KernelError("a verdict is not about the derivative of this term in these symbols")
