"""A rough range for a Term, to leave out guards that cannot fail and to choose how to divide.

Intervals of floats with infinite ends, over the reals.  Wrong by a rounding error at worst; nothing
but the choice between two equally correct op lists hangs on it.
"""

from __future__ import annotations

import math
from typing import Final

from hasderiv.proofs.kernel.terms import Literal, Term, postorder

Range = tuple[float, float]
EVERYTHING: Final[Range] = (-math.inf, math.inf)
_INF: Final = math.inf

_FIXED: Final[dict[str, Range]] = {
    "sin": (-1, 1),
    "cos": (-1, 1),
    "erf": (-1, 1),
    "tanh": (-1, 1),
    "sign": (-1, 1),
    "erfc": (0, 2),
    "sigmoid": (0, 1),
    "sech_squared": (0, 1),
    "softplus": (0, _INF),
    "cosh": (1, _INF),
    "abs": (0, _INF),
    "hypot": (0, _INF),
    "exp2": (0, _INF),
    "sqrt": (0, _INF),
}


def _product(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


def _exp(v: float) -> float:
    return math.exp(v) if v < 700 else _INF


def _of(t: Term, r: dict[Term, Range], known: dict[str, Range]) -> Range:
    below = [r[s] for s in t.terms]
    name = str(t.args[0]) if t.op == "app" else t.op
    if name == "rat":
        value = t.args[0]
        try:
            number = float(value)  # type: ignore[arg-type]
        except OverflowError:
            number = math.copysign(_INF, value)  # type: ignore[arg-type]
        return (number, number)
    if name == "var":
        return known.get(str(t.args[0]), EVERYTHING)
    if name == "pi":
        return (math.pi, math.pi)
    if name == "add":
        (a, b), (c, d) = below
        return (a + c, b + d)
    if name == "mul":
        (a, b), (c, d) = below
        if t.terms[0] is t.terms[1]:
            return _even(below[0], 2)
        ends = [_product(p, q) for p in (a, b) for q in (c, d)]
        return (min(ends), max(ends))
    if name == "pow":
        n = t.args[1]
        if isinstance(n, int) and n % 2 == 0:
            return _even(below[0], n)
        return tuple(v**3 if abs(v) < 1e100 else v for v in below[0])  # type: ignore[return-value]
    if name == "inv":
        a, b = below[0]
        if a >= 0 and b > 0:
            return (0.0 if b == _INF else 1 / b, _INF if a == 0 else 1 / a)
        return EVERYTHING
    if name == "exp":
        return (_exp(below[0][0]), _exp(below[0][1]))
    if name in ("max", "min"):
        pick = max if name == "max" else min
        return (pick(below[0][0], below[1][0]), pick(below[0][1], below[1][1]))
    if name == "cond":
        return (min(below[1][0], below[2][0]), max(below[1][1], below[2][1]))
    if name == "log1p" and below[0][0] >= 0:
        return (0.0, _INF)
    return _FIXED.get(name, EVERYTHING)


def _even(r: Range, n: int) -> Range:
    a, b = (abs(v) ** n if abs(v) < 1e10 else _INF for v in r)
    return (0.0, max(a, b)) if r[0] <= 0 <= r[1] else (min(a, b), max(a, b))


def known_from(literals: list[Literal]) -> dict[str, Range]:
    """What assumptions such as ``alpha > 0`` say about a symbol: only bounds by 0 are read."""
    known: dict[str, Range] = {}
    for relation, term in literals:
        if term.op == "var" and relation in (">", ">="):
            known[str(term.args[0])] = (0.0, _INF)
    return known


def ranges(*roots: Term, known: dict[str, Range] | None = None) -> dict[Term, Range]:
    """The range of every subterm, given those of some symbols."""
    found: dict[Term, Range] = {}
    for s in postorder(*roots):
        lo, hi = _of(s, found, known or {})
        found[s] = (-_INF if math.isnan(lo) else lo, _INF if math.isnan(hi) else hi)
    return found
