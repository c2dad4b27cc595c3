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


@dataclass(frozen=True, slots=True)
class Pullback:
    """The cotangent of the operand ``symbol``: an entry for each index below ``sizes``; ``g`` is that of the result."""

    symbol: str
    sizes: tuple[Term, ...]
    term: Term


@dataclass(frozen=True, slots=True)
class Operator:
    """Where the conditions hold for all indices below ``sizes``, each entry ``term`` has the ``derivative`` in the
    operands, which is defined, and the pullbacks are its adjoint: for all ``g`` and tangents of the operands, the sum
    of ``g derivative`` over all indices is that of the pullbacks times the tangents.  Terms, and conditions, have
    loose indices, the last one ``idx(0)``.
    """

    sizes: tuple[Term, ...]
    term: Term
    derivative: Term
    pullbacks: tuple[Pullback, ...]
    conditions: frozenset[Literal]


@dataclass(frozen=True, slots=True)
class Step:
    """The operator, at any point at which ``hyps`` hold, with other names and values: for each operand the name of
    the family that it is, and its sizes; for other symbols a term.  The result is the family ``symbol``, 0 outside
    ``sizes``.
    """

    symbol: str
    sizes: tuple[Term, ...]
    operator: Operator
    hyps: frozenset[Literal]
    operands: tuple[tuple[str, str, tuple[Term, ...]], ...]
    fixed: tuple[tuple[str, Term], ...]


@dataclass(frozen=True, slots=True)
class Program:
    """The steps, one after the other, compute families from the inputs.

    At every point where the hypotheses and conditions of all steps hold (of what was computed before), each family is
    differentiable in the inputs, with the derivative that the steps give one after the other; and what the pullbacks
    of the steps add up, last step first, is its adjoint.
    """

    inputs: tuple[tuple[str, tuple[Term, ...]], ...]
    steps: tuple[Step, ...]


GRAPHS: Final = (Operator, Step, Program)
"""Statements that are neither split into cases nor have names frozen in them."""

Conclusion = (
    Holds
    | Defined
    | Undefined
    | Local
    | HasDeriv
    | NthDerivative
    | Side
    | NotDifferentiable
    | Within
    | Somewhere
    | Map
    | Operator
    | Step
    | Program
)
