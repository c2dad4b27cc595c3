"""The sign of a polynomial in canonical atoms."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..kernel.algebra import Polynomial
from ..kernel.terms import (
    KernelError,
    Literal,
    Term,
    neg,
    power,
)
from ..kernel.theorems import Theorem
from .atom_signs import sign_of_atom, sign_of_mirrored
from .factors import split_polynomial
from .lemmas import by_hypothesis, trivial
from .linear_search import linear
from .polynomial import UNIT, content, term
from .recorder import digest
from .sum_signs import all_positive, compare_two, logarithms, root_against

if TYPE_CHECKING:
    from .context import Context


def sign_of_polynomial(ctx: Context, relation: str, n: Polynomial, same: bool) -> Theorem | None:
    """``n relation 0`` for ``>`` and ``>=``, about the term :func:`term` makes of ``n``.

    ``same`` says that the caller asks about this very polynomial, so that asking again would not end.
    """
    t = term(n)
    goal = Literal(relation, t)
    simple = trivial(ctx, goal) or by_hypothesis(ctx, goal)
    if simple is not None:
        return simple
    if not ctx.plausible(goal):
        return None
    if not same and len(ctx._busy) < 30:
        return ctx.prove(relation, t)
    if set(n) <= {UNIT}:
        return None
    scale, shared, rest = content(n)
    pieces: list[tuple[Term, int]] = list(shared)
    if rest != {UNIT: 1}:
        pieces += [(p, 1) for p in split_polynomial(rest)]
    if len(pieces) > 1 or pieces[0][1] > 1 or abs(scale) != 1:
        return sign_of_product(ctx, relation, t, scale, pieces)
    if len(n) == 1 and scale == 1:
        return sign_of_atom(ctx, relation, pieces[0][0])
    if len(n) == 1 and pieces[0][0].op in ("atan", "erf", "sin"):
        mirrored = sign_of_mirrored(ctx, relation, pieces[0][0])
        if mirrored is not None:
            return ctx.R.arith(goal, [(1, [mirrored], [])])
    for strategy in (all_positive, compare_two, root_against, logarithms, linear):
        found = strategy(ctx, goal, n)
        if found is not None:
            return found
    return None


def sign_of_product(
    ctx: Context, relation: str, t: Term, scale: Fraction, pieces: list[tuple[Term, int]]
) -> Theorem | None:
    """The sign of ``scale * prod piece^k`` from the signs of the pieces."""
    sign, proofs, squares = 1 if scale > 0 else -1, [], []
    merged: dict[Term, int] = {}
    for p, k in pieces:
        merged[p] = merged.get(p, 0) + k
    for base, k in sorted(merged.items(), key=lambda item: digest(item[0])):
        if k % 2 == 0:
            if relation == ">=":
                squares += [power(base, k // 2) if k > 2 else base]
                continue
            apart = ctx.prove("!=", base)
            if apart is None:
                return None
            proofs += [apart] * (k // 2)
            continue
        found = ctx.prove(">", base)
        if found is None:
            found = ctx.prove(">", neg(base))
            flip = found is not None
            if found is None and relation == ">=":
                found = ctx.prove(">=", base)
                if found is None:
                    found = ctx.prove(">=", neg(base))
                    flip = found is not None
            if flip:
                sign = -sign
        if found is None:
            return None
        proofs.append(found)
        if k > 1:
            if relation == ">=":
                squares.append(base if k == 3 else power(base, k // 2))
            else:
                proofs += [found] * (k - 1)
                if k % 2 == 0:
                    return None
    if sign < 0:
        return None
    try:
        return ctx.R.arith(Literal(relation, t), [(abs(scale), proofs, squares)])
    except KernelError:
        return None
