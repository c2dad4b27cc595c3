"""Points in floating point that satisfy hypotheses: a quick way to see that a goal is false.  Never a proof."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

from ..kernel.terms import Literal, Term, postorder, var
from .precise import precise

Point = dict[Term, float]
"""Values of terms at a point; variables first, the rest as they are asked for."""

PALETTE = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0, 0.3, -0.7, 1.7, -2.6, 6.0, -6.0, 0.05, -0.05, 15.3, -15.3)
ANGLES = tuple(k * math.pi / 2 for k in range(-4, 5))
EIGHTH = math.pi / 4


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
    return 1e-11 * _largest(t, point)


def _largest(t: Term, point: Point) -> float:
    """The largest size of a part of ``t``, at least 1; kept with the point under the key ``(t,)``."""
    sizes: dict[tuple[Term], float] = point  # type: ignore[assignment]
    if (t,) not in sizes:
        for s in postorder(t):
            if (s,) not in sizes:
                here = abs(point[s])
                sizes[s,] = max(1.0, 0.0 if math.isnan(here) else here, *(sizes[a,] for a in s.terms))
    return sizes[t,]


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
            return _choose(str(s.args[0]), *below)
        case "var" | "d" | "app":
            return math.nan
    return _function(s.op, below[0])


@lru_cache(maxsize=4096)
def compiled(t: Term, names: tuple[str, ...]) -> Callable[..., float]:
    """``t`` as a function of the values of ``names``: for terms that are evaluated at many points."""
    place: dict[Term, str] = {var(n): f"v[{i}]" for i, n in enumerate(names)}
    lines: list[str] = []
    constants: dict[str, float] = {}
    for s in postorder(t):
        if s in place:
            continue
        a = [place[u] for u in s.terms]
        match s.op:
            case "add":
                body = f"{a[0]} + {a[1]}"
            case "mul":
                body = f"{a[0]} * {a[1]}"
            case "pow":
                body = f"P({a[0]}, {s.args[1]})"
            case "cond":
                body = f"C({s.args[0]!r}, {a[0]}, {a[1]}, {a[2]})"
            case "rat" | "pi" | "var" | "d" | "app":
                constants[f"c{len(constants)}"] = _node(s, {u: math.nan for u in s.terms})
                body = f"c{len(constants) - 1}"
            case _:
                body = f"F({s.op!r}, {a[0]})"
        place[s] = f"t{len(lines)}"
        lines.append(f"    {place[s]} = {body}")
    source = "def f(v):\n" + "\n".join([*lines, f"    return {place[t]}"])
    scope: dict[str, Any] = {"P": lambda u, n: _guarded(_power, u, n), "C": _choose, "F": _function, **constants}
    exec(source, scope)  # our own text: names are positions, so nothing of the formula's reaches it
    found: Callable[..., float] = scope["f"]
    return found


def _function(op: str, u: float) -> float:
    return math.nan if math.isnan(u) else _guarded(_FUNCTIONS[op], u)


def _choose(relation: str, t: float, a: float, b: float) -> float:
    holds = truth(relation, t, 1e-11)
    if holds is None and not math.isnan(t):
        holds = relation in (">=", "=")
    return math.nan if holds is None else a if holds else b


@lru_cache(maxsize=4096)
def vanishes(t: Term, names: tuple[str, ...], values: tuple[float, ...]) -> bool:
    """Whether ``t`` seems to be 0 at the point: what is small, and as small beside it, only comes close to 0."""
    f = compiled(t, names)
    here = abs(f(values))
    if not here <= 1e-8:
        return False
    sides = (
        abs(f([*values[:i], v + step * (abs(v) or 1.0), *values[i + 1 :]]))
        for i, v in enumerate(values)
        for step in (1e-4, -1e-4)
    )
    if any(not side <= 1e3 * here for side in sides):
        return True
    return here == 0 and precise(t, dict(zip(names, values, strict=True))) == 0


def satisfied(literal: Literal, point: Point, names: Sequence[str]) -> bool:
    """Whether the literal seems to hold at a point that gives ``names`` a value."""
    if literal.relation != "=":
        return truth(literal.relation, value(literal.term, point), 1e-8) is True
    if not abs(value(literal.term, point)) <= 1e-8:
        return False
    return vanishes(literal.term, tuple(names), tuple(point[var(n)] for n in names))


def sample(hyps: Sequence[Literal], names: Sequence[str], count: int = 12, seed: int = 0) -> list[Point]:
    """Up to ``count`` points that satisfy ``hyps``; none when no such point was found."""
    return list(_sample(tuple(hyps), tuple(names), count, seed))


@lru_cache(maxsize=2048)
def _sample(hyps: tuple[Literal, ...], names: tuple[str, ...], count: int, seed: int) -> list[Point]:
    rng = random.Random(seed)
    order = tuple(names)
    found: list[Point] = []
    equations = [(h.term, compiled(h.term, order)) for h in hyps if h.relation == "="]
    others = [(h.relation, compiled(h.term, order)) for h in hyps if h.relation != "="]
    for _ in range(25 * count):
        values = [_draw(rng) for _ in order]
        for i in range(1, len(values)):
            if rng.random() < 0.3:  # between 0 and another: chains such as 0 < s < x are rare otherwise
                values[i] = values[rng.randrange(i)] * rng.random()
            elif rng.random() < 0.2:
                values[i] = values[rng.randrange(i)] / (rng.random() + 0.01)
        for t, f in equations:
            _solve(t, f, values, order, rng)
        close = all(abs(f(values)) <= 1e-8 for _, f in equations) and all(truth(r, f(values)) for r, f in others)
        if close and all(vanishes(t, names, tuple(values)) for t, _ in equations):
            found.append({var(n): v for n, v in zip(order, values, strict=True)})
            if len(found) >= count:
                break
    if not found and len(order) == 1:
        found = [{var(order[0]): v} for v in _scanned(equations, others, names, count)]
    return found


def _grid() -> list[float]:
    """Points of the line, dense near 0, in order."""
    powers = [10 ** (k / 12) for k in range(-36, 25)] + [10 ** (k / 4) for k in range(9, 25)]
    return [-v for v in reversed(powers)] + [0.0] + powers


_GRID = _grid()


def _scanned(
    equations: Sequence[tuple[Term, Callable[..., float]]],
    others: Sequence[tuple[str, Callable[..., float]]],
    names: tuple[str, ...],
    count: int,
) -> list[float]:
    """Solutions in one symbol: where a sign changes between points of the grid, and between two such places."""
    places: list[float] = []
    for f in [f for _, f in equations] + [f for _, f in others]:
        values = [f([v]) for v in _GRID]
        for a, b, fa, fb in zip(_GRID, _GRID[1:], values, values[1:], strict=False):
            if (fa < 0 < fb or fb < 0 < fa) and len(places) < 60:
                places += _bisected(f, a, b, fa)
            elif fa == 0:
                places.append(a)
    edges = sorted({*places, _GRID[0], _GRID[-1]})
    places += [(a + b) / 2 for a, b in pairwise(edges)]
    good = []
    for v in dict.fromkeys(places):
        if all(truth(r, f([v])) for r, f in others) and all(vanishes(t, names, (v,)) for t, _ in equations):
            good.append(v)
    return good[:count]


def _bisected(f: Callable[..., float], a: float, b: float, fa: float) -> list[float]:
    for _ in range(80):
        c = (a + b) / 2
        fc = f([c])
        if math.isnan(fc):
            return [a, b]
        if fc == 0:
            return [c]
        if (fc < 0) == (fa < 0):
            a = c
        else:
            b = c
    return [a, b]


def _draw(rng: random.Random) -> float:
    draw = rng.random()
    if draw < 0.55:
        return rng.choice(PALETTE)
    if draw < 0.62:
        return rng.choice(ANGLES)
    if draw < 0.7:
        return float(rng.randint(-5, 5))
    return rng.gauss(0, 3) if draw < 0.97 else rng.gauss(0, 1) * 10 ** rng.uniform(-3, 2)


def _solve(t: Term, f: Callable[..., float], values: list[float], order: Sequence[str], rng: random.Random) -> None:
    """Change one symbol so that ``t`` is 0, by a few steps of the secant method."""
    candidates = [i for i, n in enumerate(order) if n in t.free]
    if not candidates:
        return
    chosen = rng.choice(candidates)
    trial = list(values)

    def at(x: float) -> float:
        trial[chosen] = x
        return f(trial)

    a = values[chosen]
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
        # Where the term only touches 0 the steps end early: a point that is written shortly is tried instead.
        short = (round(b * 5040) / 5040, round(b / EIGHTH) * EIGHTH)
        values[chosen] = next((v for v in short if abs(v - b) < 1e-4 and abs(at(v)) < 1e-12), b)
