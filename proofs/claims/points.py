"""Where to look for a counterexample: points that satisfy the assumptions, the suspicious ones first.

A wrong derivative is most often wrong *somewhere special*: where a guard of either side changes, at a
tie, on the boundary of an assumption, at 0, at an integer, far out.  Random points come last.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ..kernel.terms import ONE, Literal, Term, postorder, rat, sub
from ..numeric import exact as ex
from ..numeric import roots
from ..numeric.evaluate import Field, Undefined, Unsure, holds
from ..numeric.roots import Point

_FIELD = Field(60)
_SMALL = [Fraction(n, d) for n, d in (
    (0, 1), (1, 1), (-1, 1), (2, 1), (-2, 1), (1, 2), (-1, 2), (3, 1), (-3, 1), (5, 2), (-5, 2), (7, 10), (-7, 10),
    (1, 10), (-1, 10), (13, 3), (-13, 3), (9, 4), (-11, 8),
)]  # fmt: skip
_FAR = [s * v for v in (Fraction(41, 2), Fraction(101), Fraction(12345, 7), Fraction(1, 999), Fraction(1, 10**9),
                        Fraction(10**7), Fraction(10**15), Fraction(1, 10**20)) for s in (1, -1)]  # fmt: skip
_STEPS = [Fraction(1), Fraction(1, 3), Fraction(1, 100), Fraction(1, 10**6)]
MAX_GUARDS = 48


@dataclass(frozen=True)
class Question:
    """One disjunct of a claim, unfolded: is d ``expr`` / d ``wrt`` = ``derivative`` wherever the literals hold?"""

    expr: Term
    wrt: str
    derivative: Term
    hypotheses: tuple[Literal, ...]
    symbols: tuple[str, ...] = field(default=())

    @staticmethod
    def make(expr: Term, wrt: str, derivative: Term, hypotheses: Sequence[Literal]) -> Question:
        """The question with its symbols in the order in which a reader meets them."""
        names: dict[str, None] = {}
        for t in postorder(expr, derivative, *(h.term for h in hypotheses)):
            if t.op == "var":
                names.setdefault(str(t.args[0]))
        names.setdefault(wrt)
        return Question(expr, wrt, derivative, tuple(hypotheses), tuple(names))


def admitted(question: Question, point: Point, margin: int | None = None) -> bool | None:
    """Whether the point satisfies the hypotheses; None where the digits do not decide.

    With ``margin`` every strict or ``!=`` hypothesis has to hold by ``10**-margin``, for a point that is
    only close to the one that is meant.
    """
    numbers = roots.at(_FIELD, point)
    answer: bool | None = True
    for h in question.hypotheses:
        try:
            good = holds(_FIELD, h, numbers)
        except Undefined:
            return False  # a condition without a value is not satisfied
        except Unsure:
            answer = None
            continue
        if not good:
            return False
        if margin is not None:
            number = roots.value(_FIELD, h.term, point)
            if number is None or abs(number.mid) < _FIELD.ctx.mpf(10) ** -margin:
                return False
    return answer


def guards(question: Question) -> list[Term]:
    """Terms whose zeros matter: what is compared, divided by, or under a root or a logarithm, on either side."""
    found: dict[Term, None] = {}
    sides = postorder(question.derivative, question.expr)
    for t in sides:
        if t.op == "cond" or t.op in ("inv", "log", "sqrt"):
            found.setdefault(t.terms[0])
    for h in question.hypotheses:
        if h.relation in (">=", "="):
            found.setdefault(h.term)
    for t in sides:
        if t.op == "floor":
            for n in (0, 1, -1, 2):
                found.setdefault(sub(t.terms[0], rat(n)))
        elif t.op == "exp" and t.terms[0].op != "rat":
            found.setdefault(sub(t, ONE))
    return [g for g in found if g.free][:MAX_GUARDS]


def constants(question: Question) -> list[Fraction]:
    """The rational literals of a question, its likely seams."""
    found: dict[Fraction, None] = {}
    for t in postorder(question.expr, question.derivative, *(h.term for h in question.hypotheses)):
        if t.op == "rat" and isinstance(t.args[0], Fraction) and abs(t.args[0]) < 10**6:
            found.setdefault(t.args[0])
    return list(found)[:20]


class Supply:
    """The stream of points of one question, without repetition."""

    def __init__(self, question: Question, seconds: float = 60.0, seed: int = 20240229) -> None:
        self.question = question
        self.end = time.monotonic() + seconds
        self.random = random.Random(seed)
        near = [c + s for c in constants(question) for s in (Fraction(0), Fraction(1, 2), -Fraction(1, 2))]
        self.pool = list(dict.fromkeys([*_SMALL, *near, *(-c for c in near)]))
        self.guards = guards(question)
        self.seen: set[tuple[tuple[str, object], ...]] = set()
        self.bases: list[Point] = []

    @property
    def late(self) -> bool:
        """Whether the time is up; the streams then end."""
        return time.monotonic() > self.end

    def fresh(self, point: Point) -> Point | None:
        """The point, if it is new and satisfies the hypotheses."""
        key = tuple((name, tuple(sorted(value.items()))) for name, value in sorted(point.items()))
        if key in self.seen or len(self.seen) > 60_000:
            return None
        self.seen.add(key)
        return point if admitted(self.question, point) else None

    def draw(self) -> Point:
        """A random assignment from the pool, hypotheses not looked at."""
        return {name: ex.of(self.random.choice(self.pool)) for name in self.question.symbols}

    def repaired(self, point: Point) -> Point | None:
        """The point moved, symbol by symbol, until the hypotheses hold; None if that does not succeed."""
        for _ in range(2 * len(self.question.hypotheses)):
            broken = self._broken(point)
            if broken is None:
                return point
            candidates = list(self._mended(broken, point))
            better = [c for c in candidates if roots.value(_FIELD, broken.term, c) is not None]
            whole = [c for c in better if admitted(self.question, c)]
            if whole:
                return self.random.choice(whole)
            if not better:
                return None
            point = self.random.choice(better)
        return None

    def _broken(self, point: Point) -> Literal | None:
        numbers = roots.at(_FIELD, point)
        for h in self.question.hypotheses:
            try:
                if not holds(_FIELD, h, numbers):
                    return h
            except (Undefined, Unsure):
                return h
        return None

    def _mended(self, broken: Literal, point: Point) -> Iterator[Point]:
        for name in sorted(broken.term.free, key=self.question.symbols.index):
            for root in itertools.islice(roots.exact_roots(broken.term, name, point), 3):
                steps = [Fraction(0)] if broken.relation == "=" else [s * e for s in _STEPS for e in (1, -1)]
                for step in steps:
                    moved = {**point, name: ex.add(root, ex.of(step))}
                    numbers = roots.at(_FIELD, moved)
                    try:
                        if holds(_FIELD, broken, numbers):
                            yield moved
                    except (Undefined, Unsure):
                        continue

    def some(self, count: int) -> list[Point]:
        """Up to ``count`` ordinary points that satisfy the hypotheses, found once and kept."""
        attempts = 0
        plain = [dict.fromkeys(self.question.symbols, ex.of(v)) for v in self.pool[:9]]
        idle = 0
        while len(self.bases) < count and attempts < 12 * count and (not self.bases or idle < 8) and not self.late:
            attempts += 1
            idle += 1
            # Every other attempt sets all symbols alike, which hits equations such as x**2 + y**2 = 0.
            point: Point | None = plain.pop(0) if plain and attempts % 2 == 1 else self.draw()
            assert point is not None
            if not admitted(self.question, point):
                point = self.repaired(point) if attempts % 2 == 0 else None
            if point is not None and point not in self.bases:
                self.bases.append(point)
                idle = 0
        return self.bases[:count]

    def quick(self) -> Iterator[Point]:
        """Special values of each symbol, ties, and the exact roots of the guards, around a few points."""
        symbols = self.question.symbols
        if len(symbols) == 1:
            for value in [*self.pool, *_FAR[:8]]:
                yield from self._try({symbols[0]: ex.of(value)})
        bases = self.some(4)
        yield from self._all(bases)
        if len(symbols) > 1:
            for base in bases[:3]:
                yield from self._ties(base)
            for base in bases[:2]:
                for name in symbols:
                    for value in self.pool[:9]:
                        yield from self._try({**base, name: ex.of(value)})
        yield from self._seams(bases[:2])

    def deep(self) -> Iterator[Point]:
        """Everything else: more of the same around more points, far values, and random ones without end."""
        symbols = self.question.symbols
        bases = self.some(10)
        yield from self._seams(bases[:5])
        for base in bases:
            yield from self._ties(base)
        for base in bases[:4]:
            for name in symbols:
                for value in _FAR:
                    yield from self._try({**base, name: ex.of(value)})
        if 2 <= len(symbols) <= 4:
            few = self.pool[: {2: 13, 3: 7, 4: 5}[len(symbols)]]
            for values in itertools.product(few, repeat=len(symbols)):
                yield from self._try({n: ex.of(v) for n, v in zip(symbols, values, strict=True)})
        for base in self._random():
            yield from self._all([base])

    def _random(self) -> Iterator[Point]:
        for k in range(400):
            width = (1, 4, 30, 1000)[k % 4]
            point: Point | None = {
                name: ex.of(Fraction(self.random.randrange(-width * 4096, width * 4096), 4096))
                for name in self.question.symbols
            }
            assert point is not None
            if not admitted(self.question, point):
                point = self.repaired(point) if k % 8 == 0 else None
            if point is not None:
                yield point

    def _seams(self, bases: list[Point]) -> Iterator[Point]:
        wrt = self.question.wrt
        for base in bases or [self.draw()]:
            for guard in self.guards:
                order = sorted(guard.free, key=lambda n: (n != wrt, self.question.symbols.index(n)))
                for name in order:
                    if self.late:
                        return
                    for root in itertools.islice(roots.exact_roots(guard, name, base), 4):
                        yield from self._try({**base, name: root})

    def rough(self) -> Iterator[tuple[Point, str]]:
        """Points next to seams that have no closed form: the symbol named is right to 250 digits only."""
        wrt = self.question.wrt
        for base in self.some(2):
            for guard in self.guards:
                if self.late:
                    return
                if wrt not in guard.free:
                    continue
                for start in itertools.islice(roots.brackets(guard, wrt, base), 3):
                    if any(roots.vanishes(guard, {**base, wrt: guess}) for guess in roots.named(start)):
                        continue
                    root = roots.long_root(guard, wrt, base, start, 400)
                    if root is not None:
                        point = {**base, wrt: ex.of(root)}
                        if admitted(self.question, point, margin=30):
                            yield point, wrt

    def _ties(self, base: Point) -> Iterator[Point]:
        for a, b in itertools.permutations(self.question.symbols, 2):
            yield from self._try({**base, a: base[b]})
            yield from self._try({**base, a: {key: -c for key, c in base[b].items()}})
        for size in (2, 3):
            for names in itertools.combinations(self.question.symbols, size):
                yield from self._try({**base, **{n: {} for n in names}})

    def _all(self, points: list[Point]) -> Iterator[Point]:
        for p in points:
            yield from self._try(p)

    def _try(self, point: Point) -> Iterator[Point]:
        found = self.fresh(point)
        if found is not None:
            yield found
