"""What may be assumed: literals as theorems, and what was found out from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ...kernel.algebra import Polynomial
from ...kernel.sums import counts
from ...kernel.terms import KernelError, Literal
from ...kernel.theorems import Theorem, held
from .equations import Equations
from .forms import Binder, Stuck

UNPROVED = (Stuck, KernelError)
"""What a search may raise where it finds no proof."""

Row = tuple[tuple[Theorem, ...], int, Polynomial]
"""Facts whose product is a column of linear arithmetic; or one equation, with its sign there; and the polynomial."""


class Context:
    """Facts, with the recorder in which everything is proved.

    Contexts with the same facts share what was proved from them: literals, and which were tried in vain.
    """

    def __init__(self, recorder: Equations, facts: Iterable[Theorem] = (), parent: Context | None = None) -> None:
        self.recorder, self.parent = recorder, parent
        self.facts = tuple(facts)
        self.rows: list[Row] | None = None
        self.tightened: list[Theorem] | None = None
        self._found: dict[Literal, Theorem | Exception] = {}
        self._made: dict[tuple[Theorem, ...], Context] = {self.facts: self} if parent is None else parent._made

    def with_facts(self, facts: Sequence[Theorem]) -> Context:
        """This context and further facts."""
        every = (*self.facts, *facts)
        if every not in self._made:
            self._made[every] = Context(self.recorder, every, self)
        return self._made[every]

    def remembered(self, goal: Literal, search: Callable[[], Theorem]) -> Theorem:
        """What the search for a goal finds, or raises, once; what follows from fewer facts follows here too."""
        found, above = self._found.get(goal), self.parent
        while found is None and above is not None:
            earlier, above = above._found.get(goal), above.parent
            found = earlier if isinstance(earlier, Theorem) else None
        if found is None:
            try:
                found = search()
            except UNPROVED as error:
                found = error
        self._found[goal] = found
        if isinstance(found, Exception):
            raise found
        return found

    def assuming(self, *literals: Literal) -> Context:
        """This context where some literals hold besides."""
        return self.with_facts([self.recorder.assume(literal) for literal in literals])

    def under(self, binders: Iterable[Binder]) -> Context:
        """This context below binders: each variable is a natural number less than its size."""
        return self.assuming(*(literal for k, n in binders for literal in counts(k, n)))

    def fact(self, literal: Literal) -> Theorem | None:
        """The fact that says just this."""
        return next((th for th in self.facts if held(th) == literal), None)
