"""One-sided derivatives that need an explicit epsilon-delta argument: one entry for the whole family.

``side_by_limit`` finds the singular part of a term at a point and the lemma that fits it:

- :mod:`.limits_compose`: ``sqrt(u)`` where ``u`` leaves 0 upwards; a smooth surrounding of a singular part;
- :mod:`.limits_powers`: powers and logarithms, ``cbrt(x)``, ``pow(x, a)``, ``xlogy(x, x)``;
- :mod:`.limits_series`: quotients of sines, cosines and exponentials, ``sinc(x)``.

Nothing here is trusted; every function returns a theorem of the kernel, or ``None`` where it cannot.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..kernel.terms import KernelError, Literal, Term, postorder, sub, var
from ..kernel.theorems import Side, Theorem
from .limits_compose import compose_side, root_side, smooth_side, sqrt_at_zero, strict_sign
from .limits_point import Point
from .limits_powers import power_side
from .limits_series import series_side
from .limits_values import Prove, decided, equal, fresh, nothing, polynomial, replaced, shown
from .recorder import Recorder

if TYPE_CHECKING:
    from .context import Context

__all__ = [
    "both_sides",
    "compose_side",
    "power_at_zero",
    "side_by_limit",
    "singular_side",
    "sqrt_at_zero",
    "substituted_side",
]
MAX_DEPTH = 3
MAX_CANDIDATES = 12


def side_by_limit(
    R: Recorder, term: Term, x: str, sign: int, hyps: Iterable[Literal], prove: Prove = nothing
) -> Theorem | None:
    """The one-sided derivative of ``term`` in ``x`` at the point that an equation of ``hyps`` names.

    The theorem holds under hypotheses from ``hyps``; infinite slopes are ``"+oo"`` and ``"-oo"``.  ``prove`` is asked
    for signs that neither the values at the point nor a single hypothesis shows.
    """
    point = Point.of(R, x, hyps, prove)
    return None if point is None or x not in term.free else _side(R, term, sign, point, 0)


def singular_side(ctx: Context, x: str, term: Term, sign: int) -> Theorem | None:
    """As :func:`side_by_limit`, with the hypotheses of a context and its search for signs.

    Only sides are returned that are known to be continuous: a pole or a jump has an infinite slope too.
    """
    given = set(ctx.hyps)
    wider: dict[frozenset[Literal], Context] = {frozenset(): ctx}

    def prove(k: Literal, hyps: frozenset[Literal]) -> Theorem | None:
        more = frozenset(h for h in hyps - given if not h.term.free.isdisjoint(k.term.free - set(ctx.names)))
        if more not in wider:
            wider[more] = ctx.with_(*sorted(more, key=lambda h: h.term.serial))
        return wider[more].prove(k.relation, k.term)

    point = Point.of(ctx.R, x, ctx.hyps, prove)
    if point is None and var(x) in ctx.solved:
        center, here = ctx.solved[var(x)]
        if x not in center.free:
            point = Point(ctx.R, x, center, here, prove)
            point.hyps = frozenset(given)
    if point is None or x not in term.free:
        return None
    th = _side(ctx.R, term, sign, point, 0)
    return th if th is not None and isinstance(th.conclusion, Side) and th.conclusion.continuous is True else None


def both_sides(
    R: Recorder, term: Term, x: str, hyps: Iterable[Literal], prove: Prove = nothing
) -> tuple[Theorem | None, Theorem | None, Theorem | None]:
    """The derivatives from the left and from the right, and ``Local`` where the two are finite and equal."""
    given = frozenset(hyps)
    left, right = (side_by_limit(R, term, x, sign, given, prove) for sign in (-1, 1))
    if left is None or right is None:
        return left, right, None
    a, b = left.conclusion, right.conclusion
    assert isinstance(a, Side) and isinstance(b, Side)
    if isinstance(a.slope, str) or isinstance(b.slope, str):
        return left, right, None
    same: Theorem | None = None
    if a.slope is not b.slope:
        if polynomial(sub(a.slope, b.slope)) == {}:
            same = equal(R, a.slope, b.slope)
        else:
            point = Point.of(R, x, given, prove)
            same = None if point is None else point.show(Literal("=", sub(a.slope, b.slope)))
        if same is None:
            return left, right, None
    return left, right, R.rule("from_sides", left, right, same)


def power_at_zero(R: Recorder, term: Term, w: str, sign: int, hyps: Iterable[Literal] = ()) -> Theorem | None:
    """The one-sided derivative of a power of ``w`` at ``w = 0``, as an outer lemma for ``side_chain``.

    ``term`` is the power as it unfolds (``pow``, ``cbrt``, ``sqrt(abs(w))**3``...); ``hyps`` speak of a symbolic
    exponent, such as ``a - 1 > 0``.
    """
    return side_by_limit(R, term, w, sign, {Literal("=", var(w)), *hyps})


def _side(R: Recorder, term: Term, sign: int, point: Point, depth: int) -> Theorem | None:
    key = term, sign
    if key not in point.sides:
        point.sides[key] = None
        point.sides[key] = _new_side(R, term, sign, point, depth)
    return point.sides[key]


def _new_side(R: Recorder, term: Term, sign: int, point: Point, depth: int) -> Theorem | None:
    for attempt in (smooth_side, root_side, power_side, series_side):
        try:
            found = attempt(R, term, sign, point)
        except KernelError:
            continue
        if found is not None:
            return found
    if depth == MAX_DEPTH:
        return None
    try:
        return _around(R, term, sign, point, depth) or _inside(R, term, sign, point, depth)
    except KernelError:
        return None


def _around(R: Recorder, term: Term, sign: int, point: Point, depth: int) -> Theorem | None:
    """A singular subterm in a smooth surrounding."""
    candidates = [
        s
        for s in postorder(term)
        if s is not term
        and point.x in s.free
        and (s.op in ("sqrt", "cond") or (s.op in ("mul", "pow") and any(a.op in ("sqrt", "cond") for a in s.terms)))
    ]
    for s in candidates[:MAX_CANDIDATES]:
        inner = _side(R, s, sign, point, depth + 1)
        found = None if inner is None else compose_side(R, term, point.x, inner, s, point=point)
        if found is not None:
            return found
    return None


def _inside(R: Recorder, term: Term, sign: int, point: Point, depth: int) -> Theorem | None:
    """A singular function of a smooth term ``u`` that passes through 0: ``cbrt(sin(x))``."""
    seen = set[Term]()
    for s in postorder(term):
        for u in s.terms[:1] if s.op in ("cond", "sqrt") else ():
            if u.op != "var" and point.x in u.free and u not in seen:
                seen.add(u)
                found = substituted_side(R, term, u, sign, point, depth + 1)
                if found is not None:
                    return found
    return None


def substituted_side(R: Recorder, term: Term, u: Term, sign: int, point: Point, depth: int = 0) -> Theorem | None:
    """The one-sided derivative of ``term = f(u)`` at ``u = 0`` from that of ``f`` in a symbol of its own."""
    w = fresh("w", term, *(k.term for k in point.hyps))
    outside = replaced(term, u, var(w))
    if point.x in outside.free:
        return None
    inner = smooth_side(R, u, sign, point)
    value, at = point.value(u)
    found = point.sign(value)
    if inner is None or found is None or found[0] != 0:
        return None
    rate = getattr(inner.conclusion, "slope", None)
    leaves = strict_sign(rate, point) if type(rate) is Term else None
    if leaves is None:
        return None
    rises = shown(leaves).term is rate
    rest = {k for k in point.hyps if point.x not in k.term.free}
    here = Point.of(R, w, {Literal("=", var(w)), *rest}, point.prove)
    if here is None:
        return None
    outer = _side(R, outside, sign if rises else -sign, here, depth)
    if outer is None:
        return None
    result = R.rule("side_chain", outer, inner, [leaves])
    zero = decided(R, Literal("=", u), value, *found, at)
    return R.rule("cut", zero, result) if shown(zero) in result.hyps else result
