"""Linear reasoning about a handful of conditions, for tidy texts and quick answers; nothing rests on it.

Whatever is not linear over the rationals (``floor(x)``, ``x**2``) counts as a symbol of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .kernel.terms import Literal, Term

Form = tuple[dict[Term, Fraction], Fraction]
MAX_ROWS = 200


def form(term: Term) -> Form:
    """The term as a rational combination of atoms and a constant."""
    if term.op == "rat" and isinstance(term.args[0], Fraction):
        return {}, term.args[0]
    if term.op == "add":
        (a, p), (b, q) = form(term.terms[0]), form(term.terms[1])
        out = dict(a)
        for atom, c in b.items():
            out[atom] = out.get(atom, Fraction(0)) + c
        return {atom: c for atom, c in out.items() if c}, p + q
    if term.op == "mul":
        (a, p), (b, q) = form(term.terms[0]), form(term.terms[1])
        if not a or not b:
            k, (rest, constant) = (p, (b, q)) if not a else (q, (a, p))
            return ({atom: k * c for atom, c in rest.items()} if k else {}), k * constant
    return {term: Fraction(1)}, Fraction(0)


_Row = tuple[dict[Term, Fraction], Fraction, bool]


def contradictory(literals: Sequence[Literal], depth: int = 3) -> bool:
    """Whether the linear parts of the conditions exclude each other; False says nothing."""
    if any(h.negation in literals for h in literals):
        return True
    rows: list[_Row] = []
    apart: list[Literal] = []
    for h in literals:
        if h.relation == "!=":
            apart.append(h)
            continue
        a, c = form(h.term)
        rows.append((a, c, h.relation == ">"))
        if h.relation == "=":
            rows.append(({atom: -k for atom, k in a.items()}, -c, False))
    if _infeasible(rows):
        return True
    for h in apart[:depth]:
        rest = [k for k in literals if k is not h]
        up = Literal(">", h.term)
        down = Literal(">=", h.term).negation
        if contradictory([*rest, up], depth - 1) and contradictory([*rest, down], depth - 1):
            return True
    return False


def _infeasible(rows: list[_Row]) -> bool:
    """Fourier and Motzkin: eliminate one atom after the other."""
    while True:
        if any(not a and (c < 0 or (strict and c == 0)) for a, c, strict in rows):
            return True
        atoms = sorted({atom for a, _, _ in rows for atom in a}, key=lambda t: t.serial)
        if not atoms or len(rows) > MAX_ROWS:
            return False
        x = atoms[0]
        kept = [r for r in rows if x not in r[0]]
        low = [r for r in rows if r[0].get(x, 0) > 0]
        high = [r for r in rows if r[0].get(x, 0) < 0]
        for a, c, s in low:
            for b, d, t in high:
                p, q = a[x], -b[x]
                sums = {k: q * a.get(k, Fraction(0)) + p * b.get(k, Fraction(0)) for k in {*a, *b} if k is not x}
                kept.append(({k: v for k, v in sums.items() if v}, q * c + p * d, s or t))
        rows = kept


def reduced(literals: Sequence[Literal], given: Sequence[Literal] = ()) -> tuple[Literal, ...]:
    """The conditions without those that the others (and ``given``) imply; an equation is kept rather than a bound."""
    kept = list(dict.fromkeys(literals))
    for h in sorted(kept, key=lambda k: k.relation == "="):
        others = [k for k in kept if k is not h]
        if contradictory([*others, *given, h.negation]):
            kept = others
    return tuple(kept)
