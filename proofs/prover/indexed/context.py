"""What may be assumed: literals as theorems, and what was found out from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...kernel.algebra import Polynomial
from ...kernel.sums import counts
from ...kernel.terms import KernelError, Literal
from ...kernel.theorems import Theorem, held
from .equations import Equations
from .forms import Binder, Stuck

Row = tuple[tuple[Theorem, ...], int, Polynomial]
"""Facts whose product is a column of linear arithmetic; or one equation, with its sign there; and the polynomial."""


class Context:
    """Facts, with the recorder in which everything is proved.

    Contexts with the same facts share what was proved from them: literals, and which were tried in vain.
    """

    def __init__(self, recorder: Equations, facts: Iterable[Theorem] = ()) -> None:
        self.recorder = recorder
        self.facts = tuple(facts)
        self.known: dict[Literal, Theorem | Exception] = {}
        self.tightened: tuple[Theorem, ...] | None = None
        self.rows: list[Row] | None = None
        self._made: dict[tuple[Theorem, ...], Context] = {self.facts: self}

    def with_facts(self, facts: Sequence[Theorem]) -> Context:
        """This context and further facts."""
        every = (*self.facts, *facts)
        if every not in self._made:
            made = Context(self.recorder, every)
            made._made = self._made
            self._made[every] = made
        return self._made[every]

    def assuming(self, *literals: Literal) -> Context:
        """This context where some literals hold besides."""
        return self.with_facts([self.recorder.assume(literal) for literal in literals])

    def under(self, binders: Iterable[Binder]) -> Context:
        """This context below binders: each variable is a natural number less than its size."""
        return self.assuming(*(literal for k, n in binders for literal in counts(k, n)))

    def fact(self, literal: Literal) -> Theorem | None:
        """The fact that says just this."""
        return next((th for th in self.facts if held(th) == literal), None)


UNPROVED = (Stuck, KernelError)
"""What a search may raise where it finds no proof."""
