"""Theorems: ``H |- C`` says that at every point that satisfies all literals of ``H``, the conclusion ``C`` holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar, final

from .conclusions import *  # noqa: F403  (found here too, beside the theorems that conclude them)
from .conclusions import Conclusion, Holds, Local, Side
from .terms import KernelError, Literal, Term, refuse


@final
class Theorem:
    """``hyps |- conclusion``, resting on the cited facts named in ``cites``.  Made by rules only."""

    __slots__ = ("cites", "conclusion", "hyps")
    hyps: frozenset[Literal]
    conclusion: Conclusion
    cites: frozenset[str]

    def __init__(self) -> None:
        raise KernelError("theorem: only a rule makes a theorem")


Theorems = Sequence[Theorem]
Hyps = frozenset[Literal]


def hyps_of(theorems: Theorems) -> Hyps:
    """All their hypotheses."""
    return Hyps().union(*(th.hyps for th in theorems))


def conclude(
    conclusion: Conclusion, premises: Theorems = (), hyps: Hyps | None = None, cites: Iterable[str] = ()
) -> Theorem:
    """A theorem with the hypotheses of its premises, or with ``hyps``.  For the rules of this package alone.

    No hypothesis may restrict a tangent: ``dx = 0 |- x ~> 17 dx`` would hold at every point that satisfies it.
    """
    refuse(not any(h.term.moves for h in hyps or ()), "a tangent occurs in a hypothesis")
    th = object.__new__(Theorem)
    th.hyps, th.conclusion = hyps_of(premises) if hyps is None else hyps, conclusion
    th.cites = frozenset(cites).union(*(p.cites for p in premises))
    return th


Kind = TypeVar("Kind", bound=Conclusion)


def expect(kind: type[Kind], th: Theorem, what: str = "a premise") -> Kind:
    """The conclusion of ``th``, which must be of this kind."""
    if type(th) is not Theorem or type(th.conclusion) is not kind:
        raise KernelError(f"{what} is not {kind.__name__}")
    return th.conclusion


def term_of(rate: object, why: str) -> Term:
    """A derivative that is known, and finite: a term, else ``KernelError(why)``."""
    if type(rate) is not Term:
        raise KernelError(why)
    return rate


def held(th: Theorem, what: str = "a premise") -> Literal:
    """The literal that ``th`` proves."""
    return expect(Holds, th, what).literal


class Premises:
    """The premises of a step, found by what they are about; its conclusion rests on those that were found."""

    def __init__(self, theorems: Iterable[Theorem]) -> None:
        self.by = {_about(th.conclusion): th for th in theorems}
        self.used: list[Theorem] = []
        self.cites = set[str]()

    def get(self, key: object) -> Theorem | None:
        """The premise with this conclusion; a ``Local`` is found by ``(vary, term)``, a side by ``(x, sign, term)``."""
        th = self.by.get(key)
        if th is not None:
            self.used.append(th)
        return th

    def find(self, relation: str, term: Term) -> Theorem | None:
        """A premise that proves ``term relation 0``; ``u > 0`` serves for ``u >= 0`` and ``u != 0``."""
        found = self.get(Holds(Literal(relation, term)))
        return self.find(">", term) if found is None and relation in (">=", "!=") else found

    def shows(self, relation: str, term: Term) -> bool:
        """Whether a premise proves ``term relation 0``."""
        return self.find(relation, term) is not None

    def conclude(self, conclusion: Conclusion) -> Theorem:
        """The theorem that follows from the premises found."""
        return conclude(conclusion, self.used, cites=self.cites)


def _about(c: Conclusion) -> object:
    return (c.vary, c.term) if type(c) is Local else (c.x, c.sign, c.term) if type(c) is Side else c
