"""Points of the pieces of a step function: where ``w`` crosses an integer, and numbers near samples elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice, pairwise

from ..kernel.terms import ONE, KernelError, Literal, Term, neg, rat, sub, substitute, var
from ..kernel.theorems import Theorem, held
from .congruence import with_node
from .context import Context
from .derive import NotShown, local
from .normal import TooLarge
from .recorder import Recorder
from .sampling import compiled, truth
from .scan import POINTS
from .steps import ROUNDED

INTEGERS = [s * n for n in (*range(9), 16, 32, 64, 128, 200, 256, 320, 512) for s in ((1, -1) if n else (1,))]
TRIED = 6
"""How many intervals are tried."""
NUMBERS = [
    s * Fraction(k) / d for d in (1, 4) for k in (0, 1, 2, 3, 5, 7, 9, 13, 21, 43, 85, 171, 341, 681) for s in (1, -1)
]


def crossing_witness(R: Recorder, x: str, w: Term, literals: Sequence[Literal]) -> Theorem | None:
    """``Somewhere(literals)`` where ``w`` is an integer, for literals that say that it is one."""
    if not any(h.relation == "=" for h in literals):
        return None
    for n, low, high, rising in islice(_crossings(x, w, literals), TRIED):
        th = _shown(R, x, w, n, (low, high), rising, literals)
        if th is not None:
            return th
    return None


def open_witness(R: Recorder, x: str, literals: Sequence[Literal]) -> Theorem | None:
    """``Somewhere(literals)`` at a rational number, for literals that hold on an interval."""
    if any(h.relation == "=" for h in literals):
        return None
    hyps = [(k.relation, compiled(k.term, (x,))) for k in literals]
    good = [v for v in NUMBERS if all(truth(r, f([float(v)]), 1e-6) for r, f in hyps)]
    closed = Context(R)
    for v in good[:TRIED]:
        facts = [closed.prove(k.relation, substitute(k.term, {x: rat(v)})) for k in literals]
        if None not in facts:
            return R.rule("point", tuple(literals), {x: rat(v)}, facts)
    return None


def _crossings(x: str, w: Term, literals: Sequence[Literal]) -> Iterator[tuple[int, Fraction, Fraction, bool]]:
    """Integers and intervals on which ``w`` passes them, the other literals holding inside."""
    f = compiled(w, (x,))
    at_integer = [(k.relation, compiled(with_node(k.term, w, var(ROUNDED)), (x, ROUNDED))) for k in literals]
    points = sorted(p for p in POINTS if abs(p) < 1e6)
    stretches = list(zip(pairwise(points), pairwise([f([p]) for p in points]), strict=True))
    stretches.sort(key=lambda s: abs(math.log(abs(s[0][0]))))  # far out and next to 0 it may turn often
    for n in INTEGERS:
        for (p, q), (a, b) in stretches:
            if not (math.isfinite(a) and math.isfinite(b) and (a < n < b or b < n < a)):
                continue
            low, high = p, q
            for _ in range(12):
                middle = (low + high) / 2
                low, high = (middle, high) if (f([middle]) < n) == (a < n) else (low, middle)
            if all(_holds(r, g([v, float(n)])) for r, g in at_integer for v in (low, (low + high) / 2, high)):
                yield n, *_short(low, high), a < n


def _holds(relation: str, v: float) -> bool:
    found = truth(relation, v, 1e-9)
    return found is True or (found is None and relation == ">=")


def _short(low: float, high: float) -> tuple[Fraction, Fraction]:
    """A slightly larger interval with short ends."""
    room = (high - low) or 1e-9
    size = max(1, round(1 / room))
    return Fraction(math.floor((low - room) * size), size), Fraction(math.ceil((high + room) * size), size)


def _shown(
    R: Recorder,
    x: str,
    w: Term,
    n: int,
    ends: tuple[Fraction, Fraction],
    rising: bool,
    literals: Sequence[Literal],
) -> Theorem | None:
    a, b = (rat(end) for end in ends)
    e = sub(w, rat(n)) if rising else sub(rat(n), w)
    rooms = [sub(var(x), a), sub(b, var(x))]
    closed = Context(R)
    try:
        signs = [closed.prove(">", t) for t in (sub(b, a), substitute(neg(e), {x: a}), substitute(e, {x: b}))]
        if None in signs:
            return None
        continuous = local(Context(R, [Literal(">=", r) for r in rooms], [x]), frozenset({x}), e, False)
        zero = Literal("=", e)
        equal = R.arith(Literal("=", sub(w, rat(n))), (), [(ONE if rising else rat(-1), R.assume(zero))])
        inside = Context(R, [Literal(">", r) for r in rooms], [x])
        facts = [_fact(R, inside, closed, w, n, equal, k) for k in literals]
        if None in facts:
            return None
        return R.rule("root", tuple(literals), x, (a, b), {}, continuous, signs, facts)
    except (NotShown, TooLarge, KernelError, RecursionError):
        return None


def _fact(
    R: Recorder, inside: Context, closed: Context, w: Term, n: int, equal: Theorem, wanted: Literal
) -> Theorem | None:
    """A literal of the piece where ``w = n``: about ``n`` where it is about ``w`` alone, else from the interval."""
    template = with_node(wanted.term, w, var(ROUNDED))
    if template.free != {ROUNDED}:
        return inside.prove(*wanted) or inside.with_(held(equal)).prove(*wanted)
    number = closed.prove(wanted.relation, substitute(template, {ROUNDED: rat(n)}))
    if number is None:
        return None
    same = R.rule("congruence", template, ROUNDED, equal)
    if wanted.relation == "=":
        return R.arith(wanted, (), [(ONE, number), (ONE, same)])
    return R.arith(wanted, [(1, [number], [])], [(ONE, same)])
