"""Two forms of one function: equal on a set, and the second defined there, by cases of the guards in them."""

from __future__ import annotations

from ..kernel.terms import Term, sub
from ..kernel.theorems import Theorem
from .context import Context
from .derive import NotShown, by_cases, defined
from .signs import undecided


def equal_and_defined(ctx: Context, computed: Term, plain: Term) -> list[Theorem]:
    """``computed - plain = 0`` and ``computed`` is defined, under the hypotheses of ``ctx``.  Raises ``NotShown``."""

    def equal(c: Context) -> Theorem:
        th = c.prove_equal(computed, plain)
        if th is None:
            guard = undecided(c, sub(computed, plain))
            raise NotShown("two forms are not shown to be equal", computed, None if guard is None else guard.term)
        return th

    return [by_cases(ctx, equal), by_cases(ctx, lambda c: defined(c, computed))]
