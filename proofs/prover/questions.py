"""Shorter questions: where ``F(s)`` changes its sign once, at ``s = r``, it is ``s - r`` that is asked about.

The place is guessed in floating point, given a closed form, and the three signs of ``F`` are proved for a name ``y`` in
place of ``s`` (see :mod:`.named`), or for the symbol itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from ..kernel.terms import KernelError, Literal, Term, neg, var
from ..kernel.theorems import Theorem
from .chains import links
from .context import Context
from .named import Named, Reduction, remember, replaced, root_term
from .normal import TooLarge
from .polynomial import UNIT, poly
from .sampling import compiled, truth, value
from .witnesses import closed_form, solutions

_TRIED = 2
"""How many guesses are put to the proof for one question."""


def reduced(ctx: Context, x: str, t: Term) -> Term | None:
    """A shorter term of the same sign as ``t``, or of the opposite one; ``None`` where none is found."""
    tried = 0
    for s in (*reversed(links(t, x)), var(x)):
        if s.op == "cond" or ctx.names != (x,):
            continue
        named = None if s.op == "var" else Named(ctx, s)
        inner, y = (ctx, s) if named is None else (named.inner, named.y)
        outer = replaced(t, s, y)
        if x in outer.free and named is not None:
            continue
        for r in _changes(inner, outer, y):
            root = root_term(s, r)
            if root in (t, neg(t)) or (named is None and set(poly(t)) <= {UNIT, ((s, 1),)}):
                continue
            tried += 1
            if tried > _TRIED:
                return None
            lemmas = _lemmas(inner, outer, root_term(y, r))
            if lemmas is not None:
                if named is not None:
                    lemmas = {k: named.back(th) for k, th in lemmas.items()}
                remember(ctx.R, t, Reduction(root, lemmas))
                for goal in [g for g, th in ctx.memo.items() if th is None]:
                    del ctx.memo[goal]
                return root
    return None


def _changes(inner: Context, outer: Term, y: Term) -> Iterator[Term]:
    """The one place at which ``outer`` changes its sign, as closed terms."""
    name = str(y.args[0])
    place = _change(inner, outer, name)
    if place is None:
        return
    guess = closed_form(place)
    if abs(value(guess, {}) - place) < 1e-9 * max(1.0, abs(place)):
        yield guess
    for root in solutions(Context(inner.R), outer, name, place):
        if abs(value(root, {}) - place) < 1e-7 * max(1.0, abs(place)):
            yield root


def _change(inner: Context, outer: Term, name: str) -> float | None:
    f = compiled(outer, (name,))
    hyps = [(h.relation, compiled(h.term, (name,))) for h in inner.hyps]
    if any(h.relation == "=" for h in inner.hyps):
        return None
    points = [v for v in _POINTS if all(truth(r, g([v])) for r, g in hyps)]
    signs = [(v, u) for v in points if not math.isnan(u := f([v]))]
    places = [v for v, u in signs if u == 0]
    for (a, u), (b, w) in pairwise([p for p in signs if p[1]]):
        if (u < 0) != (w < 0):
            places = places or [_bisected(f, a, b, u)]
            if len(places) > 1 or not a <= places[0] <= b:
                return None
            if any((v < places[0]) != (z < 0) if u < 0 else (v < places[0]) != (z > 0) for v, z in signs if z):
                return None
            return places[0]
    return None


def _bisected(f: object, a: float, b: float, fa: float) -> float:
    for _ in range(90):
        c = (a + b) / 2
        fc = f([c])  # type: ignore[operator]
        if fc == 0:
            return c
        if (fc < 0) == (fa < 0):
            a = c
        else:
            b = c
    return (a + b) / 2


_POINTS = sorted(
    {0.0}
    | {s * 10 ** (k / 6) for k in range(-30, 24) for s in (1, -1)}
    | {n + s * 10.0**-k for n in range(-8, 9) for k in (1, 2, 3, 5) for s in (1, -1)}
    | {k / 8 for k in range(-64, 65)}
)


def _lemmas(inner: Context, outer: Term, root: Term) -> dict[str, Theorem] | None:
    """The sign of ``outer`` for each sign of ``root``."""
    found: dict[str, Theorem] = {}
    for condition in (Literal("=", root), Literal(">", root), Literal(">", neg(root))):
        case = inner.with_(condition)
        case.depth = inner.depth
        goals = [("=", Literal("=", outer))] if condition.relation == "=" else []
        goals = goals or [(">", Literal(">", outer)), ("<", Literal(">", neg(outer)))]
        for kind, goal in goals:
            if kind in found or not case.samples or not case.plausible(goal):
                continue
            try:
                th = case.prove(*goal)
            except (TooLarge, KernelError):
                th = None
            if th is not None and condition in th.hyps:
                found[kind] = th
                break
        else:
            return None
    return found if len(found) == 3 else None
