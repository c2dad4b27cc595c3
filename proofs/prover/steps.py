"""Step functions: where the line of what is rounded is cut, found by evaluating at integers.  Never a proof.

A term that meets its variable only inside ``floor(w)`` is ``G(w)`` for a function ``G`` of one number ``y`` that is
constant between neighbouring integers.  What ``G`` does when ``y`` passes an integer decides where to cut: stretches on
which it stays the same, stretches on which it jumps at every integer in the same direction, and single integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from ..kernel.logic import OBLIGATION
from ..kernel.terms import Literal, Term, postorder, rat, rebuild, var
from ..numeric.ball import Field, Real, Undefined, Unsure
from ..numeric.evaluate import evaluate, holds
from .congruence import with_node

ROUNDED = "y"
"""The symbol for what is rounded."""
DIGITS = 60
NEAR, FAR = 10, (14, 20, 32, 50, 80, 120, 200, 320)
"""Integers are looked at one by one up to the first, then only these, with the changes between them."""
SINGLE, CLIPPED = 3, 4
"""A run of jumps of one direction no longer than this is cut at each of them; also where the range of ``y`` ends it."""


@dataclass(frozen=True)
class Step:
    """``term`` is ``outer`` with ``inner`` for its symbol ``y``; ``outer`` sees ``y`` through floors and ties alone."""

    inner: Term
    outer: Term

    @cached_property
    def tie(self) -> Term | None:
        """The operand of another floor that ``outer`` applies to ``y`` (``y/2``, where ties go to the even number)."""
        y = var(ROUNDED)
        return next(
            (s.terms[0] for s in postorder(self.outer) if s.op == "floor" and s.terms[0] is not y and _bare(s)), None
        )

    @cached_property
    def values(self) -> Values:
        """What ``outer`` is at and between integers."""
        return Values(self.outer)


def _bare(t: Term) -> bool:
    """Whether ``y`` occurs in the operand of the floor ``t`` outside of floors."""
    stack = [t.terms[0]]
    while stack:
        s = stack.pop()
        if s is var(ROUNDED):
            return True
        if s.op != "floor":
            stack += s.terms
    return False


def step_of(t: Term, x: str) -> Step | None:
    """``t`` as a step function, where it is one."""
    if t.free != {x} or x == ROUNDED:
        return None
    order = postorder(t)
    for f in order:
        if f.op == "floor" and x in f.free:
            w = f.terms[0]
            if any(s.op == "floor" and x in s.free for s in postorder(w)):
                continue
            outer = with_node(t, w, var(ROUNDED))
            if x not in outer.free and not _moves(outer):
                return Step(w, outer)
    return None


def _moves(outer: Term) -> bool:
    """Whether ``y`` occurs outside of floors and of guards that are equations, which ask for ties alone."""
    stack, seen = [outer], set[Term]()
    while stack:
        s = stack.pop()
        if s is var(ROUNDED):
            return True
        if s in seen or s.op == "floor":
            continue
        seen.add(s)
        stack += s.terms[1:] if s.op == "cond" and s.args[0] in ("=", "!=") else s.terms
    return False


Between = Real | str | None
"""A value, ``None`` where there is none, or a word where the digits do not decide."""


class Values:
    """``G`` at the integers, and in the cells ``(n, n + 1)``."""

    def __init__(self, outer: Term) -> None:
        self.outer = outer
        self.field = Field(DIGITS)
        self._known: dict[Fraction, Between] = {}
        self._kinds: dict[int, str] = {}
        self._shapes: dict[int, Term] = {}

    def at(self, y: Fraction) -> Between:
        """The value of ``G``."""
        if y not in self._known:
            try:
                self._known[y] = evaluate(self.field, self.outer, {ROUNDED: self.field.rational(y)}).value
            except Undefined:
                self._known[y] = None
            except (Unsure, ArithmeticError, ValueError):
                self._known[y] = "unsure"
        return self._known[y]

    def cell(self, n: int) -> Between:
        """The value of ``G`` in ``(n, n + 1)``."""
        return self.at(Fraction(2 * n + 1, 2))

    def kind(self, n: int, shapes: bool = False) -> str:
        """What happens at ``n``: ``none``, ``flat``, ``up``, ``down``, or ``odd`` for all else.

        With ``shapes``, ``odd`` also where other branches of conditionals are taken on the two sides.
        """
        if n not in self._kinds:
            self._kinds[n] = self._kind(n)
        if shapes and self._kinds[n] != "none" and self._shape(n - 1) is not self._shape(n):
            return "odd"
        return self._kinds[n]

    def _shape(self, n: int) -> Term:
        """The form of ``G`` in ``(n, n + 1)``, without the number."""
        if n not in self._shapes:
            self._shapes[n] = self._form(n, var(ROUNDED))
        return self._shapes[n]

    def _kind(self, n: int) -> str:
        here, low, high = self.at(Fraction(n)), self.cell(n - 1), self.cell(n)
        if here is None and low is None and high is None:
            places = Fraction(2 * n - 1, 2), Fraction(n), Fraction(2 * n + 1, 2)
            return "none" if len({self._broken(y) for y in places}) == 1 else "odd"
        if not (isinstance(here, Real) and isinstance(low, Real) and isinstance(high, Real)):
            return "odd"
        up, first, second = (self._sign(a, b) for a, b in ((low, high), (low, here), (here, high)))
        if up == 0:
            exactly = low.exact is not None and low.exact == high.exact
            same = exactly or self._form(n - 1) is self._form(n)
            return ("flat" if first == 0 else "odd") if same else "unsure"
        return {1: "up", -1: "down"}[up] if 0 in (first, second) else "odd"

    def _broken(self, y: Fraction) -> Term | None:
        """The first operation in ``G`` that has no value."""
        for s in postorder(self.outer):
            if s.op in OBLIGATION:
                try:
                    evaluate(self.field, s, {ROUNDED: self.field.rational(y)})
                except Undefined:
                    return s
                except Unsure:
                    continue
        return None

    def _sign(self, a: Real, b: Real) -> int:
        """The sign of ``b - a``; 0 where the digits do not tell them apart."""
        return self.field.sub(b, a).sign or 0

    def _form(self, n: int, floor: Term | None = None) -> Term:
        """``G`` in ``(n, n + 1)`` with its conditionals decided: it is constant for its form, or it only seems so."""
        point = {ROUNDED: self.field.rational(Fraction(2 * n + 1, 2))}
        done: dict[Term, Term] = {}
        for s in postorder(self.outer):
            if s.op == "cond":
                try:
                    first = holds(self.field, Literal(str(s.args[0]), s.terms[0]), point, total=True)
                except Unsure:
                    first = True
                done[s] = done[s.terms[1 if first else 2]]
            else:
                here = s.op == "floor" and s.terms[0] is var(ROUNDED)
                done[s] = (rat(n) if floor is None else floor) if here else rebuild(s, done)
        return done[self.outer]


@dataclass(frozen=True)
class Boundary:
    """Where the line of ``y`` is cut: at ``at`` into ``kinds``, which are those of a cut by the sign of ``y - at``."""

    at: int
    kinds: tuple[str, ...]


def boundaries(values: Values, low: int | None, high: int | None, shapes: bool = False) -> list[Boundary]:
    """The cuts for ``low <= y <= high`` (``None``: as far as one can see), in order; for ``shapes`` see ``kind``."""
    runs = _runs(values, low, high, shapes)
    found: list[Boundary] = []
    for i, (kind, first, last) in enumerate(runs):
        if kind in ("flat", "none"):
            continue
        if not _stairs(kind, first, last, low, high, i, len(runs)):
            found += [Boundary(n, ("<", "=", ">")) for n in range(first, last + 1)]
            continue
        if i and runs[i - 1][0] in ("flat", "none"):
            found.append(Boundary(first, ("<", ">=")))
        if i + 1 < len(runs):
            kind_, a, b = runs[i + 1]
            if kind_ in ("flat", "none") or _stairs(kind_, a, b, low, high, i + 1, len(runs)):
                found.append(Boundary(last, ("<=", ">")))
    return found


def _stairs(kind: str, first: int, last: int, low: int | None, high: int | None, i: int, count: int) -> bool:
    """Whether the jumps of a run are too many to be cut at each."""
    endless = (i == 0 and low is None) or (i == count - 1 and high is None)
    clipped = i == 0 or i == count - 1
    return kind in ("up", "down") and (endless or last - first >= (CLIPPED if clipped else SINGLE))


def _runs(values: Values, low: int | None, high: int | None, shapes: bool) -> list[tuple[str, int, int]]:
    """Neighbouring integers at which the same happens: the kind, the first and the last."""
    start = -NEAR if low is None else low
    end = NEAR if high is None else high
    kinds = {n: values.kind(n, shapes) for n in range(start, end + 1)} if start <= end else {}
    for sign, edge, bound in ((-1, start, low), (1, end, high)):
        if bound is not None or not kinds:
            continue
        here = edge
        for far in FAR:
            there = sign * far
            if abs(there) <= abs(here):
                continue
            if "unsure" in (values.at(Fraction(there)), values.cell(there), values.kind(there, shapes)):
                break
            for n, k in _changes(values, here, there, shapes):
                kinds[n] = k
            here = there
            kinds[here] = values.kind(here, shapes)
    return _joined(sorted(kinds.items()))


def _changes(values: Values, a: int, b: int, shapes: bool) -> Sequence[tuple[int, str]]:
    """The integers between ``a`` and ``b`` at which another kind begins, supposing that only one change lies there."""
    first, last = values.kind(a, shapes), values.kind(b, shapes)
    found = [(a, first), (b, last)]
    while first != last and abs(b - a) > 1:
        c = (a + b) // 2
        kind = values.kind(c, shapes)
        a, b = (c, b) if kind == first else (a, c)
        found.append((c, kind))
    return found


def _joined(kinds: Sequence[tuple[int, str]]) -> list[tuple[str, int, int]]:
    runs: list[tuple[str, int, int]] = []
    for n, kind in kinds:
        if runs and runs[-1][0] == kind:
            runs[-1] = kind, runs[-1][1], n
        else:
            runs.append((kind, n, n))
    return runs
