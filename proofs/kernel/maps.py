"""Maps: a verdict for every point.  The pieces exhaust the domain, do not overlap, and none is empty."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

from .conclusions import HasDeriv, Holds, Local, Map, NotDifferentiable, Somewhere, Undefined, Vary, Within
from .logic import absurd
from .terms import KernelError, Literal, Term, equal, neg, refuse, sub, substitute, var
from .theorems import Theorem, Theorems, conclude, expect, held

Piece = tuple[Literal, ...]
Verdict = HasDeriv | NotDifferentiable | Undefined
Verdicts = Sequence[Theorem | None]


def within(pieces: Sequence[Piece], index: int, facts: Theorems) -> Theorem:
    """::

     H |- l  for each literal l of one piece
    ------------------------------------------
        H |- one of the pieces holds
    """
    refuse(0 <= index < len(pieces), "there is no such piece")
    shown = {th.conclusion.literal for th in facts if type(th.conclusion) is Holds}
    refuse(shown.issuperset(pieces[index]), "a literal of the piece is not shown")
    return conclude(Within(tuple(pieces)), facts)


def point(piece: Piece, values: Mapping[str, Term], facts: Theorems) -> Theorem:
    """::

     |- l[x := t]  for each literal l of the piece
    -----------------------------------------------   t without symbols
              the piece holds somewhere

    """
    _closed(values.values())
    goals = [Literal(k.relation, substitute(k.term, dict(values))) for k in piece]
    _shown(goals, facts, frozenset())
    return conclude(Somewhere(piece), facts, frozenset())


def root(
    piece: Piece,
    x: str,
    bounds: tuple[Term, Term],
    values: Mapping[str, Term],
    continuous: Theorem,
    ends: Theorems,
    facts: Theorems,
) -> Theorem:
    """::

     V, x >= a, b >= x; x |- e ~> ?    |- b - a > 0, -e[V, x := a] > 0, e[V, x := b] > 0    V, x > a, b > x, e = 0 |- l
    --------------------------------------------------------------------------------------------------------------------
                         the piece (of the literals l) holds somewhere          a, b without symbols

    The intermediate value theorem: ``e`` is continuous in ``x`` on the interval and changes its sign, so it is 0
    somewhere inside.  ``V`` are equations ``v - t = 0`` that give other symbols a value (``t`` without symbols).
    """
    c, (a, b) = expect(Local, continuous), bounds
    refuse(c.vary == {x} and x not in values, "the term is not shown to be continuous in the symbol alone")
    _closed([a, b, *values.values()])
    rooms = [sub(var(x), a), sub(b, var(x))]
    within_ends = {equal(var(v), t) for v, t in values.items()}.union(Literal(">=", room) for room in rooms)
    refuse(continuous.hyps <= within_ends, "the term is not shown to be continuous on the whole interval")
    low, high = (substitute(c.term, {**values, x: end}) for end in bounds)
    _shown([Literal(">", t) for t in (sub(b, a), neg(low), high)], ends, frozenset())
    _shown(piece, facts, within_ends.union((Literal("=", c.term), *(Literal(">", room) for room in rooms))))
    return conclude(Somewhere(piece), [continuous, *ends, *facts], frozenset())


def _closed(terms: Iterable[Term]) -> None:
    refuse(all(not t.free for t in terms), "a term that gives a point has a symbol in it")


def _shown(goals: Iterable[Literal], facts: Theorems, given: Collection[Literal]) -> None:
    """Refuse unless the facts prove every goal, and need no other hypotheses than the given ones."""
    refuse(all(th.hyps <= frozenset(given) for th in facts), "a fact needs further hypotheses")
    refuse({held(th) for th in facts}.issuperset(goals), "a literal is not shown")


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
    pairs = list(combinations(pieces, 2))
    complete = len(pairs) == len(apart) and len(pieces) == len(verdicts) == len(witnesses)
    refuse(complete, "a proof is missing or left over")
    for (p, q), th in zip(pairs, apart, strict=True):
        refuse(absurd(th) and th.hyps <= given.union(p, q), "two pieces are not shown to be disjoint")
    rows = [
        (p, None if verdict is None else _verdict(verdict, given.union(p), vary, term))
        for p, verdict in zip(pieces, verdicts, strict=True)
    ]
    for piece, th in zip(pieces, witnesses, strict=True):
        refuse(given.union(piece) <= {*expect(Somewhere, th).piece}, "a piece is not shown to hold somewhere")
    shown = [th for th in verdicts if th is not None]
    return conclude(Map(vary, term, assume, tuple(rows)), [covered, *apart, *shown, *witnesses], frozenset())


def _verdict(th: Theorem, hyps: frozenset[Literal], vary: Vary, term: Term) -> Verdict:
    c = th.conclusion
    refuse(th.hyps <= hyps, "a verdict needs further hypotheses")
    if isinstance(c, Undefined) and c.term is term:
        return c
    if isinstance(c, (HasDeriv, NotDifferentiable)) and c.term is term and c.vary == vary:
        return c
    raise KernelError("a verdict is not about the derivative of this term in these symbols")
