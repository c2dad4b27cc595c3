"""What holds on a whole interval of one symbol: a zero inside, and growth from one end to the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .algebra import slope
from .conclusions import Holds, Local, Piece, Somewhere
from .terms import Literal, Term, equal, neg, refuse, sub, substitute, var
from .theorems import Hyps, Theorem, Theorems, conclude, expect, held, hyps_of, term_of

Bounds = tuple[Term, Term]
Values = Mapping[str, Term]


def root(
    piece: Piece, x: str, bounds: Bounds, values: Values, continuous: Theorem, ends: Theorems, facts: Theorems
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
    closed([a, b, *values.values()])
    fixed = Hyps(equal(var(v), t) for v, t in values.items())
    weak, strict = _inside(x, bounds)
    refuse(continuous.hyps <= fixed | weak, "the term is not shown to be continuous on the whole interval")
    low, high = (substitute(c.term, {**values, x: end}) for end in bounds)
    shown([Literal(">", t) for t in (sub(b, a), neg(low), high)], ends, frozenset())
    shown(piece, facts, fixed | weak | strict | {Literal("=", c.term)})
    return conclude(Somewhere(piece), [continuous, *ends, *facts], frozenset())


def increases(x: str, bounds: Bounds, moving: Theorem, rising: Theorem) -> Theorem:
    """::

            G, x >= a, b >= x; x |- e ~> de    G, x > a, b > x |- de(dx := 1) R 0
           -----------------------------------------------------------------------   R is > or >=; no x in G, a, b
                             G, b > a |- e[x := b] - e[x := a] R 0

    The mean value theorem: the difference is ``b - a`` times the derivative at some point inside.
    """
    c, rate = expect(Local, moving), held(rising)
    weak, strict = _inside(x, bounds)
    refuse(c.vary == {x}, "the term does not vary in the symbol alone")
    derivative = slope(term_of(c.derivative, "the term is not shown to be differentiable"), x)
    about = rate.term is derivative and rate.relation in (">", ">=")
    refuse(about, "the second premise is not about the sign of the derivative")
    rest = (moving.hyps - weak) | (rising.hyps - weak - strict)
    outside = all(x not in t.free for t in (*bounds, *(h.term for h in rest)))
    refuse(outside, "a hypothesis or an end of the interval depends on the moving symbol")
    low, high = (substitute(c.term, {x: end}) for end in bounds)
    ordered = Literal(">", sub(bounds[1], bounds[0]))
    return conclude(Holds(Literal(rate.relation, sub(high, low))), (moving, rising), rest | {ordered})


def _inside(x: str, bounds: Bounds) -> tuple[Hyps, Hyps]:
    """That ``x`` lies in the closed interval, and in the open one."""
    rooms = sub(var(x), bounds[0]), sub(bounds[1], var(x))
    return Hyps(Literal(">=", room) for room in rooms), Hyps(Literal(">", room) for room in rooms)


def closed(terms: Iterable[Term]) -> None:
    """Refuse terms with a symbol in them."""
    refuse(all(not t.free for t in terms), "a term that gives a point has a symbol in it")


def shown(goals: Iterable[Literal], facts: Theorems, given: Hyps | None = None) -> None:
    """Refuse unless the facts prove every goal and, where ``given`` says so, need no other hypotheses."""
    refuse(given is None or hyps_of(facts) <= given, "a fact needs further hypotheses")
    refuse({held(th) for th in facts}.issuperset(goals), "a literal is not shown")
