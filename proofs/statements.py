"""What the certificates of an op have to prove beside its maps: its stable forms, and its derivatives of order 2 and 3.

A stable form is what the kernels compute.  On the domain it has to be defined and equal to the formula, piece by
piece; a stable derivative has to be defined and equal to the derivative wherever there is one.  The statements are
taken from the spec and from the map; the certificate only has to contain them, under no further hypotheses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from .kernel.conclusions import Defined, HasDeriv, Holds, Map, NthDerivative, Undefined
from .kernel.local import slope
from .kernel.terms import Literal, Term, sub
from .kernel.theorems import Theorem
from .language.definitions import unfold
from .language.from_sympy import surface

ORDERS: Final = (2, 3)
"""The orders of a smooth op beyond the first."""

OPEN: Final[frozenset[str]] = frozenset()
"""Ops whose stable forms are not certified.  Of these alone no proof of it is demanded, and ``check`` says so."""

NO_THIRD: Final[frozenset[str]] = frozenset()
"""Smooth ops whose third derivative is not certified."""

Conditions = tuple[Literal, ...]


class Equality(NamedTuple):
    """``computed`` has to be defined and equal to ``plain`` on each of the pieces."""

    what: str
    computed: Term
    plain: Term
    pieces: tuple[Conditions, ...]


def equalities(spec: Any, maps: Mapping[str, Map]) -> list[Equality]:
    """The equalities that the stable forms of an op claim; ``maps`` are the maps in each input."""
    out: list[Equality] = []
    domain = tuple(c for c, v in maps[spec.inputs[0]].pieces if type(v) is not Undefined)
    stable, formula = surface(spec, "stable"), surface(spec)
    if stable is not None and formula is not None:
        out.append(Equality("stable form", unfold(stable), unfold(formula), domain))
    for name in spec.stable_derivative:
        computed, claimed = (surface(spec, (part, name)) for part in ("stable_derivative", "derivative"))
        if computed is None:
            continue
        what, term = f"stable derivative in {name}", unfold(computed)
        if name not in maps:
            if claimed is not None:
                out.append(Equality(what, term, unfold(claimed), domain))
            continue
        smooth = [(c, v) for c, v in maps[name].pieces if type(v) is HasDeriv]
        if claimed is not None:
            out.append(Equality(what, term, unfold(claimed), tuple(c for c, _ in smooth)))
        else:
            out += [Equality(what, term, slope(v.derivative, name), (c,)) for c, v in smooth]
    return out


def unproved(wanted: Equality, given: frozenset[Literal], claims: Sequence[Theorem]) -> list[Conditions]:
    """The pieces on which the claims do not show the equality and that what is computed is defined."""
    goals = {Holds(Literal("=", sub(wanted.computed, wanted.plain))), Defined(wanted.computed)}
    shown = [th for th in claims if th.conclusion in goals]
    return [
        piece for piece in wanted.pieces if {th.conclusion for th in shown if th.hyps <= given.union(piece)} != goals
    ]


def claimed_parameters(spec: Any) -> list[str]:
    """The parameters in which a derivative is claimed: it gets a map as the inputs do."""
    return [name for name in spec.params if spec.derivative.get(name) is not None]


def orders_of(spec: Any) -> tuple[int, ...]:
    """The higher orders that have to be certified for an op."""
    if not spec.smooth:
        return ()
    return ORDERS[:1] if spec.name in NO_THIRD else ORDERS


def opened(literals: Sequence[Literal], x: str) -> Conditions | None:
    """The part of a piece that is open in ``x``; ``None`` where an equation holds ``x`` in place.

    ``x >= a`` becomes ``x > a``: a derivative can be differentiated again only where it is known on a neighbourhood.
    """
    if any(k.relation == "=" and x in k.term.free for k in literals):
        return None
    return tuple(Literal(k.strictly, k.term) if x in k.term.free else k for k in literals)


def without_orders(
    spec: Any, maps: Mapping[str, Map], given: frozenset[Literal], claims: Sequence[Theorem]
) -> tuple[list[tuple[str, int, Conditions]], list[tuple[str, Conditions]]]:
    """The open pieces without a theorem (input, order, piece), and the seams that no theorem covers (input, piece)."""
    missing: list[tuple[str, int, Conditions]] = []
    seams: list[tuple[str, Conditions]] = []
    for x in spec.inputs:
        c = maps[x]
        for literals, verdict in c.pieces:
            if type(verdict) is not HasDeriv:
                continue
            inside = opened(literals, x)
            known = _orders(claims, x, c.term, given.union(literals if inside is None else inside))
            lacking = [n for n in orders_of(spec) if n not in known]
            if inside is None and lacking:
                seams.append((x, literals))
            elif inside is not None:
                missing += [(x, n, inside) for n in lacking]
    return missing, seams


def _orders(claims: Iterable[Theorem], x: str, term: Term, hyps: frozenset[Literal]) -> set[int]:
    """The orders of the derivatives of the term that hold under these hypotheses."""
    return {
        c.order
        for th in claims
        if type(c := th.conclusion) is NthDerivative and c.x == x and c.term is term and th.hyps <= hyps
    }
