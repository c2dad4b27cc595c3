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


def conclude(
    conclusion: Conclusion,
    premises: Iterable[Theorem] = (),
    hyps: frozenset[Literal] | None = None,
    cites: frozenset[str] = frozenset(),
) -> Theorem:
    """A theorem with the hypotheses of its premises, or with ``hyps``.  For the rules of this package alone.

    No hypothesis may restrict a tangent: ``dx = 0 |- x ~> 17 dx`` would hold at every point that satisfies it.
    """
    th = object.__new__(Theorem)
    gathered: frozenset[Literal] = frozenset() if hyps is None else hyps
    refuse(not any(h.term.moves for h in hyps or ()), "hypothesis: a tangent occurs in it")
    for p in premises:
        if hyps is None and not p.hyps <= gathered:
            gathered = p.hyps if gathered <= p.hyps else gathered | p.hyps
        if not p.cites <= cites:
            cites = cites | p.cites
    th.hyps, th.conclusion, th.cites = gathered, conclusion, cites
    return th


Kind = TypeVar("Kind", bound=Conclusion)


def expect(kind: type[Kind], th: Theorem, rule: str) -> Kind:
    """The conclusion of ``th``, which must be of this kind."""
    if type(th) is not Theorem or type(th.conclusion) is not kind:
        raise KernelError(f"{rule}: a premise is not {kind.__name__}")
    return th.conclusion


def held(th: Theorem, rule: str) -> Literal:
    """The literal that ``th`` proves."""
    return expect(Holds, th, rule).literal


class Premises:
    """The premises of a step, found by what they are about; those found are premises of its conclusion."""

    def __init__(self, theorems: Iterable[Theorem]) -> None:
        self.by = {_about(th.conclusion): th for th in theorems}
        self.used: list[Theorem] = []

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


def _about(c: Conclusion) -> object:
    return (c.vary, c.term) if type(c) is Local else (c.x, c.sign, c.term) if type(c) is Side else c
