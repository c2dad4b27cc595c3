"""The points beside a point: ``x = c + h`` or ``x = c - h`` for a small ``h > 0``, and the shape of ``side_limit``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from ..kernel.terms import ONE, KernelError, Literal, Term, add, mul, rat, sub, substitute, var
from ..kernel.theorems import INFINITE, Slope, Theorem
from .limits_point import Point, Simplifier, obligations
from .limits_values import decided, equal, fresh, from_polynomial, polynomial, replaced, shown

EPS, H = var("eps"), var("h")

Standard = Callable[["Beside", Term], tuple[Term, Theorem] | None] | None
"""Rewrites a function of ``h``, such as ``log(1*h)``, to the form in which a family of lemmas speaks of it."""


class Beside(Point):
    """The points on one side of a point; terms are written in ``h``.

    ``change`` is the polynomial-sized term that equals ``term(x + sign h) - term(x)``, with ``changed`` saying so.
    """

    def __init__(
        self, point: Point, term: Term, sign: int, standard: Standard = None, near: frozenset[Literal] = frozenset()
    ) -> None:
        R = point.R
        super().__init__(R, point.x, point.center, point.here, point.prove, point.known)
        self.point, self.term, self.side = point, term, sign
        self.big, self.step = R.assume(Literal(">", EPS)), R.assume(Literal(">", H))
        self.hyps = point.hyps | {Literal(">", H), Literal(">", EPS)} | near
        self.near = near
        self.shorter = list[Theorem]()  # proofs of ``near`` once the radius is known
        self.moving = add(var(self.x), mul(rat(sign), H))
        offset = from_polynomial(polynomial(add(point.center, mul(rat(sign), H))) or {})
        self.offset = offset
        self.shift = equal(R, self.moving, offset, [(ONE, point.here)])
        self.simplify = Simplifier(R, self.decide, self.known, None if standard is None else partial(standard, self))
        self.moved = substitute(term, {self.x: self.moving})
        self.beside, there = self.value(self.moved)
        self.start, here = point.value(term)
        self.change = sub(self.beside, self.start)
        self.changed = equal(R, sub(self.moved, term), self.change, [(ONE, there), (rat(-1), here)])

    def value(self, t: Term) -> tuple[Term, Theorem]:
        """A term in ``x + sign h`` (or in ``h`` already), rewritten in ``h``."""
        R = self.R
        if self.x not in t.free:
            simple, th = self.simplify(t)
            return simple, equal(R, t, t) if th is None else th
        hole = fresh("hole", t)
        template = replaced(t, self.moving, var(hole))
        step = R.rule("congruence", template, hole, self.shift)
        simple, th = self.simplify(substitute(template, {hole: self.offset}))
        return simple, step if th is None else equal(R, t, simple, [(ONE, step), (ONE, th)])

    def decide(self, goal: Literal) -> Theorem | None:
        """``goal`` or its negation, for small ``h > 0``."""
        value, equation = self.value(goal.term)
        found = self.sign(value)
        return None if found is None else decided(self.R, goal, value, *found, equation)

    def limit(self, rate: Slope, radius: Term, bounds: Sequence[Theorem], positive: Theorem) -> Theorem | None:
        """``side_limit`` from bounds on ``change`` in the place of the difference itself."""
        R, sign = self.R, self.side
        there, here = self._defined()
        if there is None or here is None:
            return None
        difference = sub(self.moved, self.term)
        if type(rate) is Term:
            r = sub(difference, mul(mul(rat(sign), rate), H))
            goals = [(sub(mul(EPS, H), r), -1), (add(mul(EPS, H), r), 1)]
        else:
            factor = sign if rate == INFINITE[0] else -sign
            goals = [(sub(mul(rat(factor), difference), mul(EPS, H)), factor)]
        moved = [self._over(th, goal, factor) for th, (goal, factor) in zip(bounds, goals, strict=True)]
        try:
            return R.rule("side_limit", self.term, self.x, sign, rate, radius, moved, positive, there, here)
        except KernelError:
            return None

    def continuous(self, side: Theorem, radius: Term, bounds: Sequence[Theorem], positive: Theorem) -> Theorem | None:
        """``side_continuous`` from ``eps - change >= 0`` and ``eps + change >= 0``."""
        there, _ = self._defined()
        difference = sub(self.moved, self.term)
        goals = [(sub(EPS, difference), -1), (add(EPS, difference), 1)]
        moved = [self._over(th, goal, factor) for th, (goal, factor) in zip(bounds, goals, strict=True)]
        try:
            return self.R.rule("side_continuous", side, radius, moved, positive, there)
        except KernelError:
            return None

    def _over(self, th: Theorem, goal: Term, factor: int) -> Theorem:
        """A bound on ``change`` carried over to the difference, which ``goal`` has with the given factor."""
        return self.freed(self.R.arith(Literal(">=", goal), [(1, [th], [])], [(rat(factor), self.changed)]))

    def freed(self, th: Theorem) -> Theorem:
        """The theorem without the hypotheses ``near``."""
        for lemma in self.shorter:
            th = self.R.rule("cut", lemma, th) if shown(lemma) in th.hyps else th
        return th

    def _defined(self) -> tuple[Theorem | None, Theorem | None]:
        there, here = obligations(self.moved, self.decide), obligations(self.term, self.point.decide)
        return (
            None if there is None else self.freed(self.R.rule("defined", self.moved, list(there))),
            None if here is None else self.R.rule("defined", self.term, list(here)),
        )
