"""Signs from growth: a term whose derivative is positive from a known point on exceeds its value there.

``x - sin(x) > 0`` for ``x > 0``, because it is 0 at 0 and its derivative ``1 - cos(x)`` is not negative (rule
``increases``, the mean value theorem).  The derivative's own sign may come the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from ..kernel.algebra import slope
from ..kernel.terms import ONE, KernelError, Literal, Term, neg, postorder, rat, sub, substitute, var
from ..kernel.theorems import Local, Theorem, held
from .lemmas import under
from .limits_values import fresh
from .normal import TooLarge
from .polynomial import UNIT, poly, term
from .sampling import Point, value

if TYPE_CHECKING:
    from .context import Context

MAX_DEPTH = 3
MAX_TRIED = 24
MAX_PARTS = 60
_STEPS = 24
_SMOOTH = frozenset({"exp", "sin", "cos", "atan", "erf", "log", "sqrt", "inv", "add", "mul", "pow", "rat", "pi", "var"})


def by_growth(ctx: Context, goal: Literal) -> Theorem | None:
    """``t > 0`` or ``t >= 0`` for a term in one symbol that is bounded by a hypothesis, or ``None``."""
    if goal.relation not in (">", ">=") or len(goal.term.free) != 1 or ctx.R.growing >= MAX_DEPTH:
        return None
    (x,) = goal.term.free
    if goal.term.op == "var" or not _smooth(goal.term):
        return None
    for c, sign in _ends(ctx, x):
        if ctx.R.growths >= MAX_TRIED:
            return None
        if not _promising(ctx, goal.term, x, c, sign):
            continue
        ctx.R.growing += 1
        ctx.R.growths += 1
        try:
            with suppress(TooLarge, KernelError):
                th = _from_end(ctx, goal, x, c, sign) or _in_two(ctx, goal, x, c, sign)
                if th is not None:
                    return th
        finally:
            ctx.R.growing -= 1
    return None


def _smooth(t: Term) -> bool:
    parts = postorder(t)
    return len(parts) <= MAX_PARTS and all(s.op in _SMOOTH for s in parts)


def _ends(ctx: Context, x: str) -> Iterator[tuple[Term, int]]:
    """Closed terms ``c`` with ``x > c`` (sign 1) or ``x < c`` (sign -1) among the hypotheses."""
    for h in ctx.hyps:
        if h.relation != ">":
            continue
        p = poly(h.term)
        here = {m: k for m, k in p.items() if any(x in a.free for a, _ in m)}
        if set(here) == {((var(x), 1),)} and abs(here[(var(x), 1),]) == 1:
            up = here[(var(x), 1),] > 0
            rest = term({m: -k if up else k for m, k in p.items() if m not in here})
            if not rest.free:
                yield rest, 1 if up else -1


def _promising(ctx: Context, t: Term, x: str, c: Term, sign: int) -> bool:
    """Whether ``t`` seems to rise from a value that is not negative at ``c`` to each of the sample points."""
    end = value(c, {})
    start = value(t, {var(x): end})
    if not start > -1e-9 or not ctx.samples:
        return False
    for p in ctx.samples:
        far: Point = {var(x): p[var(x)]}
        before = start
        for k in range(1, _STEPS + 1):
            here = value(t, {var(x): end + (far[var(x)] - end) * k / _STEPS})
            if not here >= before - 1e-9 * (1 + abs(before)):
                return False
            before = here
    return True


def _nonnegative(closed: Context, t: Term) -> Theorem | None:
    zero = closed.prove("=", t)
    return closed.prove(">=", t) if zero is None else closed.R.arith(Literal(">=", t), (), [(ONE, zero)])


def _in_two(ctx: Context, goal: Literal, x: str, c: Term, sign: int) -> Theorem | None:
    """Strict growth on the first stretch, where the derivative may be 0 beyond."""
    q = poly(c)
    if goal.relation != ">" or not set(q) <= {UNIT}:
        return None
    middle = rat(q.get(UNIT, 0) + sign)
    beyond = Literal(">", sub(var(x), middle) if sign > 0 else sub(middle, var(x)))
    far, close = ctx.with_(beyond), ctx.with_(beyond.negation)
    one = _from_end(close, goal, x, c, sign) if close.samples else None
    other = None if one is None else _from_end(far, goal, x, middle, sign) if far.samples else far.absurd()
    return None if one is None or other is None else ctx.R.rule("cases", beyond, other, one)


def _from_end(ctx: Context, goal: Literal, x: str, c: Term, sign: int) -> Theorem | None:
    """``t(x) > t(c) >= 0`` because ``t`` grows from ``c`` to ``x`` (``sign`` 1), or falls from ``x`` to ``c``."""
    from .context import Context
    from .derive import NotShown, local
    from .onesided import simplified

    R, t = ctx.R, goal.term
    s = fresh("s", *(var(n) for n in ctx.names))
    e = substitute(t if sign > 0 else neg(t), {x: var(s)})
    bounds = (c, var(x)) if sign > 0 else (var(x), c)
    rooms = sub(var(s), bounds[0]), sub(bounds[1], var(s))
    names = {*ctx.names, s}
    closed = Context(R, [*ctx.hyps, *(Literal(">=", room) for room in rooms)], names, ctx.depth + 1)
    try:
        moving = simplified(closed, local(closed, frozenset({s}), e), s)
    except NotShown:
        return None
    d = moving.conclusion
    if not isinstance(d, Local) or d.derivative is None:
        return None
    inside = Context(R, [*ctx.hyps, *(Literal(">", room) for room in rooms)], names, ctx.depth + 1)
    start = _nonnegative(Context(R), substitute(t, {x: c}))
    rate = slope(d.derivative, s)
    rising = None if start is None else inside.prove(">", rate) or inside.prove(">=", rate)
    if start is None or rising is None:
        return None
    th = under(ctx, R.rule("increases", s, bounds, moving, rising))
    if th is None:
        return None
    grown = held(th)
    if grown.relation == ">=" and goal.relation == ">":
        strictly = Context(R).prove(">", substitute(t, {x: c}))
        if strictly is None:
            return None
        start = strictly
    return R.arith(goal, [(1, [th], []), (1, [start], [])])
