"""How far a term ranges on a piece, to whole numbers: guessed at many points, and then proved."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from ..kernel.terms import Literal, Term, rat, sub, var
from .bisection import by_stretches
from .context import Context
from .sampling import compiled, truth

LARGE = 100
"""What lies beyond is taken for endless."""
CLEAR = 1e-3
"""How far a term must stay from the whole number for its distance to be shown stretch by stretch."""
POINTS = [s * 10 ** (k / 8) for k in range(-48, 65) for s in (-1, 1)] + [
    s * 10.0**k for k in range(9, 300, 12) for s in (-1, 1)
]


End = tuple[int | None, bool]
"""A bound, and whether the term may reach it."""


def extent(ctx: Context, w: Term) -> tuple[End, End]:
    """Integers between which ``w`` stays under the hypotheses; ``None`` where there are none."""
    values = _values(ctx, w)
    if not values:
        return (None, False), (None, False)
    low, high = math.floor(min(values) + 1e-9), math.ceil(max(values) - 1e-9)
    return (
        _end(ctx, low, sub(w, rat(low)), min(values) - low > CLEAR),
        _end(ctx, high, sub(rat(high), w), high - max(values) > CLEAR),
    )


def _end(ctx: Context, n: int, distance: Term, clear: bool) -> End:
    if abs(n) <= LARGE:
        if clear and (ctx.prove(">", distance) or by_stretches(ctx, Literal(">", distance))) is not None:
            return n, False
        for relation in (">", ">="):
            if ctx.prove(relation, distance) is not None:
                return n, relation == ">="
    return None, False


def _values(ctx: Context, w: Term) -> list[float]:
    if len(ctx.names) != 1 or any(h.relation == "=" for h in ctx.hyps):
        points = [[p[var(n)] for n in ctx.names] for p in ctx.samples]
    else:
        hyps = [(h.relation, compiled(h.term, ctx.names)) for h in ctx.hyps]
        points = [[v] for v in _inside(lambda v: all(truth(r, f([v])) for r, f in hyps))]
    f = compiled(w, ctx.names)
    return [v for v in (f(p) for p in points) if math.isfinite(v)]


def _inside(holds: Callable[[float], bool]) -> list[float]:
    """The points at which something holds, and more of them close to the ends of their intervals."""
    grid = sorted(POINTS)
    good = [holds(v) for v in grid]
    found = [v for v, ok in zip(grid, good, strict=True) if ok]
    for (p, q), (a, b) in zip(pairwise(grid), pairwise(good), strict=True):
        if a == b:
            continue
        inner, outer = (p, q) if a else (q, p)
        for _ in range(50):
            middle = (inner + outer) / 2
            inner, outer = (middle, outer) if holds(middle) else (inner, middle)
            found.append(inner)
    return found
