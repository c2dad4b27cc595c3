"""How an attack on a rule is written down: arguments that it accepts, and others that it must refuse."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from hasderiv.proofs.kernel.terms import Term
from hasderiv.proofs.kernel.theorems import Theorem

from .kit import given, unary, x

Args = list[Any]
W = frozenset({"w"})
ROOT, LOG, INV, FLOOR = (unary(op, x) for op in ("sqrt", "log", "inv", "floor"))
GT, GE, EQ, NE = (given(r, x) for r in (">", ">=", "=", "!="))


class Entry(NamedTuple):
    """One side condition of a rule: arguments that violate it, others that do not, and a part of the reason."""

    rule: str
    condition: str
    reason: str
    good: Args
    bad: Args


def pairs(name: str, *rows: tuple[str, str, Args, Args]) -> Iterator[Entry]:
    """Entries with arguments of their own."""
    yield from (Entry(name, *row) for row in rows)


def base(name: str, good: Args, *rows: tuple[str, str, int, Any]) -> Iterator[Entry]:
    """Entries that exchange one argument of the same good ones."""
    for condition, reason, at, value in rows:
        yield Entry(name, condition, reason, good, [*good[:at], value, *good[at + 1 :]])


def product(q: int, *factors: Theorem, squares: tuple[Term, ...] = ()) -> tuple[Fraction, list[Theorem], list[Term]]:
    return Fraction(q), list(factors), list(squares)
