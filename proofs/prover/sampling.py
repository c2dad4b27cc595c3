"""Points in floating point that satisfy hypotheses: a quick way to see that a goal is false.  Never a proof."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from fractions import Fraction

from ..kernel.terms import Literal, Term, postorder
from .polynomial import UNIT, poly

Point = dict[Term, float]
"""Values of terms at a point; variables first, the rest as they are asked for."""

PALETTE = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0, 0.3, -0.7, 1.7, -2.6, 6.0, -6.0, 0.05, -0.05, 15.3, -15.3)
ANGLES = tuple(k * math.pi / 2 for k in range(-4, 5))


def _guarded(f: object, *args: float) -> float:
    try:
        return f(*args)  # type: ignore[operator,no-any-return]
    except (OverflowError, ValueError, ZeroDivisionError):
        return math.nan


def _power(a: float, n: int) -> float:
    return a**n


_FUNCTIONS = {
    "inv": lambda u: 1 / u if u else 0.0,
    "exp": math.exp,
    "log": lambda u: math.log(u) if u > 0 else 0.0,
    "sin": math.sin,
    "cos": math.cos,
    "atan": math.atan,
    "erf": math.erf,
    "sqrt": lambda u: math.sqrt(u) if u > 0 else 0.0,
    "floor": lambda u: float(math.floor(u + 1e-9)),
}


def truth(relation: str, value: float, tolerance: float = 1e-9) -> bool | None:
    """Whether ``value relation 0``, or ``None`` when rounding leaves it open."""
    if math.isnan(value):
        return None
    if abs(value) <= tolerance:
        return {"=": True, ">=": True}.get(relation)
    return {">": value > 0, ">=": value > 0, "=": False, "!=": True}[relation]


def value(t: Term, point: Point) -> float:
    """The value of ``t`` (a total function) at ``point``; NaN where floating point fails or a symbol has no value."""
    if t in point:
        return point[t]
    for s in postorder(t):
        if s not in point:
            point[s] = _node(s, point)
    return point[t]


def noise(t: Term, point: Point) -> float:
    """How far from its value at ``point`` rounding may have taken ``t``, roughly: by the size of its parts."""
    value(t, point)
    largest = max((abs(v) for s in postorder(t) if not math.isnan(v := point[s])), default=1.0)
    return 1e-11 * max(1.0, largest)


def _node(s: Term, point: Point) -> float:
    below = [point[a] for a in s.terms]
    match s.op:
        case "rat":
            q = s.args[0]
            assert type(q) is Fraction
            return _guarded(float, q)  # type: ignore[arg-type]
        case "pi":
            return math.pi
        case "add":
            return below[0] + below[1]
        case "mul":
            return below[0] * below[1]
        case "pow":
            return _guarded(_power, below[0], s.args[1])  # type: ignore[arg-type]
        case "cond":
            holds = truth(str(s.args[0]), below[0], 1e-11)
            if holds is None and not math.isnan(below[0]):
                holds = s.args[0] in (">=", "=")
            return math.nan if holds is None else below[1] if holds else below[2]
        case "var" | "d" | "app":
            return math.nan
    return math.nan if math.isnan(below[0]) else _guarded(_FUNCTIONS[s.op], below[0])


def sample(hyps: Sequence[Literal], names: Sequence[str], count: int = 12, seed: int = 0) -> list[Point]:
    """Up to ``count`` points that satisfy ``hyps``; none when no such point was found."""
    from ..kernel.terms import var

    rng = random.Random(seed)
    found: list[Point] = []
    variables = [var(n) for n in names]
    equations = [h.term for h in hyps if h.relation == "="]
    others = [h for h in hyps if h.relation != "="]
    for _ in range(25 * count):
        point: Point = {}
        for v in variables:
            draw = rng.random()
            point[v] = (
                rng.choice(PALETTE)
                if draw < 0.55
                else rng.choice(ANGLES)
                if draw < 0.62
                else float(rng.randint(-5, 5))
                if draw < 0.7
                else rng.gauss(0, 3)
                if draw < 0.97
                else rng.gauss(0, 1) * 10 ** rng.uniform(-3, 2)
            )
        for equation in equations:
            _solve(equation, point, variables, rng)
        if all(truth("=", value(e, point), 1e-8) for e in equations) and all(
            truth(h.relation, value(h.term, point)) for h in others
        ):
            found.append(point)
            if len(found) >= count:
                break
    return found


def _solve(equation: Term, point: Point, variables: Sequence[Term], rng: random.Random) -> None:
    """Change one symbol so that ``equation`` is 0: by its linear form, else by a few steps of the secant method."""
    candidates = [v for v in variables if not equation.free.isdisjoint(v.free)]
    if not candidates:
        return
    chosen = rng.choice(candidates)
    start = {v: point[v] for v in variables}

    def at(x: float) -> float:
        trial = {**start, chosen: x}
        return value(equation, trial)

    a = start[chosen]
    b = a + 0.5
    fa, fb = at(a), at(b)
    for _ in range(40):
        if math.isnan(fa) or math.isnan(fb) or fa == fb:
            break
        c = b - fb * (b - a) / (fb - fa)
        a, fa, b, fb = b, fb, c, at(c)
        if fb == 0 or abs(b - a) < 1e-15 * max(1.0, abs(b)):
            break
    if not math.isnan(fb) and abs(fb) < 1e-8:
        snapped = round(b * 5040) / 5040
        best = snapped if abs(snapped - b) < 1e-7 and abs(at(snapped)) < 1e-12 else b
        point.clear()
        point.update({**start, chosen: best})


def is_linear(t: Term) -> bool:
    """Whether ``t`` is a polynomial of degree at most 1 in symbols."""
    return all(m == UNIT or (len(m) == 1 and m[0][1] == 1 and m[0][0].op == "var") for m in poly(t))
