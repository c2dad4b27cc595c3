"""What theorems can say: each conclusion is a statement about one point.

A point gives a value to every symbol: a number, or to a family ``x/r`` a function of ``r`` real numbers.  Also where a
conclusion speaks of a neighbourhood, it is of the neighbourhood of that point, so hypotheses may always be added, split
into cases and cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .terms import Literal, Term

Vary = frozenset[str]

Piece = tuple[Literal, ...]
"""A conjunction."""

Slope = Term | str
"""A one-sided derivative: a term, or ``"+oo"`` or ``"-oo"``."""
INFINITE: Final = ("+oo", "-oo")


@dataclass(frozen=True, slots=True)
class Holds:
    """The literal is true (of the total functions that terms denote)."""

    literal: Literal


@dataclass(frozen=True, slots=True)
class Defined:
    """No operation of the term that counts is applied outside its domain."""

    term: Term


@dataclass(frozen=True, slots=True)
class Undefined:
    """The term has no value: ``Defined`` fails."""

    term: Term


@dataclass(frozen=True, slots=True)
class Local:
    """The term is defined on a neighbourhood and continuous; with a derivative, also differentiable.

    The neighbourhood is in the space of the symbols of ``vary``; all others are constants.  Of the entries of families
    it restricts finitely many, and the others are arbitrary: with one bound for infinitely many entries the chain rule
    would be false (``(x[floor(1/w)] - 5)^2`` is at most ``|dx|^2`` at ``x = 5``, ``w = 0``).  The
    ``derivative`` is a term linear in the tangents ``dx`` of those symbols: the Frechet derivative, so
    along every curve of them that is differentiable at the point, the term has that derivative.  Tangents
    stand in derivatives only: not in the term, and (see :func:`conclude`) not in a hypothesis, so the
    theorem is about all tangents at once.
    """

    vary: Vary
    term: Term
    derivative: Term | None


@dataclass(frozen=True, slots=True)
class HasDeriv:
    """``Local`` with a derivative that is itself defined: what a reader is promised (``HasDerivAt``)."""

    vary: Vary
    term: Term
    derivative: Term


@dataclass(frozen=True, slots=True)
class NthDerivative:
    """The derivative of order ``order`` of the term in ``x`` exists and is ``derivative``, which is defined."""

    x: str
    order: int
    term: Term
    derivative: Term


@dataclass(frozen=True, slots=True)
class Side:
    """The one-sided derivative in ``x``, from the right (``sign`` 1) or from the left (``sign`` -1).

    The term is defined at the point and next to it on that side, and
    ``(term(x + sign h) - term(x)) / (sign h)`` tends to ``slope`` as ``h`` falls to 0.  ``continuous``
    is true where the term is continuous from that side, false where next to the point on that side it stays
    away from its value (a jump), and ``None`` where an infinite slope leaves that open.
    """

    x: str
    sign: int
    term: Term
    slope: Slope
    continuous: bool | None


@dataclass(frozen=True, slots=True)
class NotDifferentiable:
    """The term is defined at the point and has no derivative there in the symbols of ``vary``.

    ``reason`` is ``corner``, ``jump``, ``vertical tangent`` or ``boundary``; ``left`` and ``right`` are
    the one-sided derivatives that were shown (one variable only).
    """

    vary: Vary
    term: Term
    reason: str
    left: Slope | None
    right: Slope | None


@dataclass(frozen=True, slots=True)
class Within:
    """At least one of the pieces, each a conjunction of literals, holds."""

    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Somewhere:
    """There is a point at which every literal of the piece holds.  It is concluded under no hypotheses."""

    piece: Piece


@dataclass(frozen=True, slots=True)
class Map:
    """Where the term has a derivative: a verdict for every point that satisfies ``assume``.

    The pieces exhaust those points, no two overlap, and each holds somewhere.  A verdict of ``None``
    says that nothing was shown about that piece.
    """

    vary: Vary
    term: Term
    assume: Piece
    pieces: tuple[tuple[Piece, HasDeriv | NotDifferentiable | Undefined | None], ...]


Conclusion = (
    Holds | Defined | Undefined | Local | HasDeriv | NthDerivative | Side | NotDifferentiable | Within | Somewhere | Map
)
