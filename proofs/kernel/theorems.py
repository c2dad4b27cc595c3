"""Theorems and what they can say.

A theorem reads ``H |- C``: at every point (a value for every symbol) that satisfies all literals of
``H``, the conclusion ``C`` holds.  Conclusions are statements about *one point*, also where they
speak of a neighbourhood of it, so hypotheses may always be added, split into cases and cut.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, final

from .terms import KernelError, Literal, Term

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

    The neighbourhood is in the space of the symbols of ``vary``; all others are constants.  The
    ``derivative`` is a term linear in the tangents ``dx`` of those symbols: the Frechet derivative, so
    along every curve of them that is differentiable at the point, the term has that derivative.
    """

    vary: frozenset[str]
    term: Term
    derivative: Term | None


@dataclass(frozen=True, slots=True)
class HasDeriv:
    """``Local`` with a derivative that is itself defined: what a reader is promised (``HasDerivAt``)."""

    vary: frozenset[str]
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
    ``(term(x + sign h) - term(x)) / (sign h)`` tends to ``slope`` as ``h`` falls to 0.
    ``continuous`` says that the term is known to be continuous from that side.
    """

    x: str
    sign: int
    term: Term
    slope: Slope
    continuous: bool


@dataclass(frozen=True, slots=True)
class NotDifferentiable:
    """The term is defined at the point and has no derivative there in the symbols of ``vary``.

    ``reason`` is ``corner``, ``jump``, ``vertical tangent`` or ``boundary``; ``left`` and ``right`` are
    the one-sided derivatives that were shown (one variable only).
    """

    vary: frozenset[str]
    term: Term
    reason: str
    left: Slope | None
    right: Slope | None


@dataclass(frozen=True, slots=True)
class Within:
    """At least one of the pieces, each a conjunction of literals, holds."""

    pieces: tuple[tuple[Literal, ...], ...]


@dataclass(frozen=True, slots=True)
class Map:
    """Where the term has a derivative: a verdict for every point that satisfies ``assume``.

    The pieces exhaust those points, no two overlap, and each holds somewhere.  A verdict of ``None``
    says that nothing was shown about that piece.
    """

    vary: frozenset[str]
    term: Term
    assume: tuple[Literal, ...]
    pieces: tuple[tuple[tuple[Literal, ...], HasDeriv | NotDifferentiable | Undefined | None], ...]


Conclusion = Holds | Defined | Undefined | Local | HasDeriv | NthDerivative | Side | NotDifferentiable | Within | Map


@final
class Theorem:
    """``hyps |- conclusion``, resting on the cited facts named in ``cites``.  Made by rules only."""

    __slots__ = ("cites", "conclusion", "hyps")
    hyps: frozenset[Literal]
    conclusion: Conclusion
    cites: frozenset[str]

    def __init__(self) -> None:
        raise KernelError("theorem: only a rule makes a theorem")


def conclude(
    conclusion: Conclusion,
    premises: Iterable[Theorem] = (),
    hyps: frozenset[Literal] | None = None,
    cites: frozenset[str] = frozenset(),
) -> Theorem:
    """A theorem with the hypotheses of its premises, or with ``hyps``.  For the rules of this package alone."""
    th = object.__new__(Theorem)
    gathered: frozenset[Literal] = frozenset() if hyps is None else hyps
    for p in premises:
        if hyps is None and not p.hyps <= gathered:
            gathered = p.hyps if gathered <= p.hyps else gathered | p.hyps
        if not p.cites <= cites:
            cites = cites | p.cites
    th.hyps, th.conclusion, th.cites = gathered, conclusion, cites
    return th


def refuse(condition: bool, why: str) -> None:
    """Raise ``KernelError(why)`` unless ``condition``."""
    if not condition:
        raise KernelError(why)


def held(th: Theorem, rule: str) -> Literal:
    """The literal that ``th`` proves."""
    if type(th) is not Theorem or type(th.conclusion) is not Holds:
        raise KernelError(f"{rule}: a premise does not prove a literal")
    return th.conclusion.literal


class Premises:
    """Premises of a step, found by what they prove; remembers which were used."""

    def __init__(self, theorems: Iterable[Theorem]) -> None:
        self.by: dict[Conclusion, Theorem] = {th.conclusion: th for th in theorems}
        self.used: list[Theorem] = []

    def find(self, relation: str, term: Term) -> Theorem | None:
        """A premise that proves ``term relation 0``, noted as used."""
        th = self.by.get(Holds(Literal(relation, term)))
        if th is not None:
            self.used.append(th)
        return th
