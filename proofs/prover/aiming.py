"""Points of a piece in one symbol, aimed at: where an inner term takes a value at which something happens.

Points drawn at random seldom meet ``sin(x/100) > 0`` far out, or ``sin(1/x) = 0`` close to 0.  Here the value of an
inner term is chosen first (a multiple of ``pi/4`` for what stands under a sine, a whole or half number under a floor, 0
for a literal), and the symbol is solved for.  What comes out is a suggestion, never a proof.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from ..kernel.terms import Literal, Term, postorder
from .sampling import EIGHTH, compiled, truth, vanishes

FEW = 8
"""How many points are suggested."""
PLACES = 2
"""How many places are kept at which a term takes one value: those of the most usual size."""
_LINE = [
    *(-(10 ** (k / 8)) for k in range(64, -65, -1)),
    0.0,
    *(10 ** (k / 8) for k in range(-64, 65)),
]
_VALUES = {
    "sin": [k * EIGHTH for k in range(-9, 10)],
    "cos": [k * EIGHTH for k in range(-9, 10)],
    "floor": [k / 2 for k in range(-6, 7)],
}

Function = Callable[[Sequence[float]], float]


def aimed(literals: Sequence[Literal], x: str) -> list[float]:
    """Points at which the literals hold, as far as floating point can tell, the likeliest first."""
    equations = [h.term for h in literals if h.relation == "="]
    tests = [(h.relation, compiled(h.term, (x,))) for h in literals if h.relation != "="]
    places = {place for t, values in _targets(literals, x).items() for place in _solved(compiled(t, (x,)), values)}
    ordered = sorted(places)
    found = [*places, *((a + b) / 2 for a, b in pairwise(ordered))]
    good = [
        v for v in found if all(truth(r, f([v])) for r, f in tests) and all(vanishes(t, (x,), (v,)) for t in equations)
    ]
    return sorted(good, key=lambda v: (_edges(tests, v), _unusual(v), v))[:FEW]


def _targets(literals: Sequence[Literal], x: str) -> dict[Term, list[float]]:
    """The terms that are led to values, with the values."""
    found: dict[Term, list[float]] = {}
    for h in literals:
        found.setdefault(h.term, []).append(0.0)
        for s in postorder(h.term):
            if s.op in _VALUES and x in s.free:
                found.setdefault(s.terms[0], []).extend(_VALUES[s.op])
    return {t: list(dict.fromkeys(values)) for t, values in found.items() if x in t.free}


def _solved(f: Function, values: Sequence[float]) -> Iterator[float]:
    """Where ``f`` passes one of the values."""
    along = [(v, y) for v in _LINE if math.isfinite(y := f([v]))]
    stretches = sorted(pairwise(along), key=lambda s: _unusual(s[0][0]))
    for goal in values:
        found = 0
        for (a, fa), (b, fb) in stretches:
            if found == PLACES:
                break
            if fa == goal or (fa < goal) != (fb < goal):
                place = a if fa == goal else _bisected(f, goal, a, b, fa < goal)
                if abs(f([place]) - goal) <= 1e-6 * max(1.0, abs(goal)):
                    found += 1
                    yield place


def _bisected(f: Function, goal: float, a: float, b: float, rising: bool) -> float:
    for _ in range(80):
        middle = (a + b) / 2
        a, b = (middle, b) if (f([middle]) < goal) == rising else (a, middle)
    return min((a, b), key=lambda v: abs(f([v]) - goal))


def _edges(tests: Sequence[tuple[str, Function]], v: float) -> int:
    """How many literals ``t >= 0`` hold at the point with ``t = 0``, which is harder to prove."""
    return sum(relation == ">=" and f([v]) <= 1e-9 for relation, f in tests)


def _unusual(v: float) -> float:
    """How far a number is from 1 in size."""
    return abs(math.log(abs(v))) if v else 0.0
