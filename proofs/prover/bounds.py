"""Rational bounds, proved, of terms without symbols: what the rules of :mod:`.constants` share.

A bound of a term ``t`` with *sense* ``s`` is a rational ``v`` and a theorem ``s (t - v) >= 0`` (or ``> 0``): a lower
bound for ``s = 1``, an upper one for ``s = -1``.  Bounds are made bottom up from the ledger of primitive facts.
Each step names products of facts and equations whose sum is ``s t - c`` for some number ``c``; the number falls out
of the algebra and is rounded outward to a short rational.  mpmath only guesses; every bound is a theorem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from mpmath.ctx_mp import MPContext  # type: ignore[import-untyped]

from ..kernel.algebra import Algebra, Polynomial, accumulate, compare, constant
from ..kernel.terms import ONE, Literal, Term, neg, power, rat, sub, unary, var
from ..kernel.theorems import Theorem, held
from .recorder import Recorder, digest

Row = tuple[Fraction | int, Sequence[Theorem], Sequence[Term]]
Equation = tuple[Term, Theorem]
Rule = Callable[[Any, Term, Term, int], "Bound"]
"""How to bound ``op(u)``, given the bounds made so far, ``op(u)``, ``u`` and the sense."""


class Undecided(Exception):
    """The working digits do not suffice, or the ledger says nothing about the term."""


@dataclass(frozen=True, slots=True)
class Bound:
    """``value`` bounds a term on one side, and ``theorem`` says so."""

    value: Fraction
    theorem: Theorem

    @property
    def above_zero(self) -> bool:
        """Whether it shows, as a lower bound, that the term is positive."""
        return self.value > 0 or (self.value == 0 and held(self.theorem, "bounds").relation == ">")


def round_outward(value: Fraction, sense: int, digits: int) -> Fraction:
    """The nearest number of ``digits`` significant decimal digits that is not greater (``sense`` 1) or not less."""
    if not value or max(abs(value.numerator), value.denominator) < 10 ** (digits // 2):
        return value
    exponent = len(str(abs(value.numerator))) - len(str(value.denominator))
    scale = Fraction(10) ** (digits - exponent)
    return sense * Fraction(sense * value * scale // 1) / scale


@lru_cache
def _guessing(digits: int) -> Any:
    """mpmath at a working precision of its own."""
    context = MPContext()
    context.dps = digits
    return context


class Bounds:
    """Bounds of closed terms with a fixed number of working digits, each derived once."""

    def __init__(self, r: Recorder, digits: int, rules: Mapping[str, Rule]) -> None:
        self.r, self.digits, self.rules = r, digits, rules
        self.kept = digits + 3
        self.made: dict[tuple[Term, int], Bound | None] = {}
        self.guess = _guessing(digits + 15)

    def bound(self, t: Term, sense: int) -> Bound:
        """The bound of ``t`` with a sense, 1 (lower) or -1 (upper)."""
        if (t, sense) not in self.made:
            self.made[t, sense] = None
            self.made[t, sense] = self._bound(t, sense)
        found = self.made[t, sense]
        if found is None:
            raise Undecided("refused before")
        return found

    def prove(self, goal: Literal, rows: Iterable[Row], equations: Iterable[Equation] = ()) -> Theorem:
        """The goal from products that add up to it but for a number, which is added where it is positive."""
        rows = [row for row in rows if row[0]]
        slack = self._rest(goal.term, rows, equations)
        return self.r.arith(goal, [*rows, (slack, [], [])] if slack else rows, equations)

    def remainder(self, t: Term, rows: Iterable[Row], equations: Iterable[Equation]) -> Polynomial:
        """``t`` less the products and the equations."""
        ring = Algebra()
        total = dict(ring.normal(t))
        for q, factors, squares in rows:
            p = ring.normal(ONE)
            for f in factors:
                p = ring.product(p, ring.normal(held(f, "bounds").term))
            for square in squares:
                p = ring.product(p, ring.power(ring.normal(square), 2))
            accumulate(total, p, -q)
        for cofactor, th in equations:
            accumulate(total, ring.product(ring.normal(cofactor), ring.normal(held(th, "bounds").term)), -1)
        return total

    def _rest(self, t: Term, rows: Iterable[Row], equations: Iterable[Equation]) -> Fraction:
        rest = constant(self.remainder(t, rows, equations))
        if rest is None:
            raise AssertionError("the products do not add up")
        return Fraction(rest)

    def rounded(self, value: Fraction, sense: int) -> Fraction:
        """``value``, or a shorter number on the safe side of it."""
        return round_outward(value, sense, self.kept)

    def settle(self, t: Term, sense: int, rows: Iterable[Row], equations: Iterable[Equation] = ()) -> Bound:
        """The bound that products with sum ``sense t - c`` give, rounded outward."""
        rows, equations = [row for row in rows if row[0]], list(equations)
        exact = self._rest(t if sense == 1 else neg(t), rows, equations)
        value = self.rounded(sense * exact, sense)
        strict = value != sense * exact or any(
            not squares and all(held(f, "bounds").relation == ">" for f in factors) for _, factors, squares in rows
        )
        difference = sub(t, rat(value)) if sense == 1 else sub(rat(value), t)
        return Bound(value, self.prove(Literal(">" if strict else ">=", difference), rows, equations))

    def sign(self, goal: Literal) -> Theorem:
        """The goal, from a bound of its term."""
        value = constant(Algebra().normal(goal.term))
        if value is not None:
            if not compare(goal.relation, value):
                raise Undecided("false")
            if goal.relation == "=":
                return self.r.arith(goal)
            return self.r.arith(goal, [(Fraction(value), [], [])] if value else [])
        if goal.relation == "!=":
            sense = 1 if self.bound(goal.term, 1).above_zero else -1
            term = goal.term if sense == 1 else neg(goal.term)
            return self.r.arith(goal, [(sense, [self.sign(Literal(">", term))], [])])
        low = self.bound(goal.term, 1)
        if goal.relation == "=" or low.value < 0 or (goal.relation == ">" and not low.above_zero):
            raise Undecided("not shown by bounds")
        return self.prove(goal, [(1, [low.theorem], [])])

    def same(self, op: str, a: Term, b: Term, factor: int = 1) -> list[Equation]:
        """``op(a) - op(b) = 0``, times ``factor``, for two ways to write one polynomial."""
        if a is b:
            return []
        hole = unary(op, var("hole"))
        return [(rat(factor), self.r.rule("congruence", hole, "hole", self.r.arith(Literal("=", sub(a, b)))))]

    def _bound(self, t: Term, sense: int) -> Bound:
        if t.op in ("add", "mul", "pow", "rat"):
            return self.settle(t, sense, self._ring(t, sense))
        if t.op == "pi":
            return self.settle(t, sense, [(1, [self.r.fact("pi_low" if sense == 1 else "pi_high")], [])])
        if t.op == "cond":
            return self._cond(t, sense)
        rule = self.rules.get(t.op)
        if rule is None:
            raise Undecided(f"no fact bounds {t.op}")
        u = t.terms[0]
        value = constant(Algebra().normal(u))
        if value is not None and u.op != "rat":
            plain = self.bound(unary(t.op, rat(value)), sense)
            return self.settle(t, sense, [(1, [plain.theorem], [])], self.same(t.op, u, rat(value), sense))
        return rule(self, t, u, sense)

    def _ring(self, t: Term, sense: int) -> list[Row]:
        p = Algebra().normal(t)
        if all(sum(k for _, k in m) <= 1 for m in p):
            atoms = sorted(((m[0][0], Fraction(c)) for m, c in p.items() if m), key=lambda item: digest(item[0]))
            return [(abs(c), [self.bound(a, sense if c > 0 else -sense).theorem], []) for a, c in atoms]
        if t.op == "add":
            return [(1, [self.bound(part, sense).theorem], []) for part in t.terms]
        if t.op == "mul":
            left, right = t.terms
            return self.product(left, right, sense)
        base, n = t.terms[0], t.args[1]
        assert type(n) is int
        left, right = (base if k == 1 else power(base, k) for k in (n // 2, n - n // 2))
        return self.product(left, right, sense)

    def product(self, x: Term, y: Term, sense: int) -> list[Row]:
        """Rows that bound ``x y``, from ``(x - a) (y - b) >= 0`` at the corner of the box that serves best."""
        best: tuple[Fraction, list[Row]] | None = None
        for side in (1, -1):
            left, right = self.bound(x, side), self.bound(y, side * sense)
            a, b = sense * left.value, sense * right.value
            rows: list[Row] = [(1, [left.theorem, right.theorem], [])]
            value = -sense * left.value * right.value
            for weight, term in ((a, y), (b, x)):
                if weight:
                    other = self.bound(term, 1 if weight > 0 else -1)
                    rows.append((abs(weight), [other.theorem], []))
                    value += weight * other.value
            if best is None or value > best[0]:
                best = value, rows
        assert best is not None
        return best[1]

    def _cond(self, t: Term, sense: int) -> Bound:
        guard = Literal(str(t.args[0]), t.terms[0])
        for fact, taken in ((guard, t.terms[1]), (guard.negation, t.terms[2])):
            try:
                decided = self.sign(fact)
            except Undecided:
                continue
            meaning = self.r.rule("conditional", guard, t.terms[1], t.terms[2], decided)
            return self.settle(t, sense, [(1, [self.bound(taken, sense).theorem], [])], [(rat(sense), meaning)])
        raise Undecided("no bound decides the guard")

    def mpf(self, value: Fraction) -> Any:
        """``value`` as a number to guess with."""
        return self.guess.mpf(value.numerator) / value.denominator

    def nearby(self, guess: Any, sense: int) -> Fraction:
        """A short number two units beside the guess, on the safe side of it."""
        unit = 10**self.digits
        return Fraction(int(self.guess.floor(sense * guess * unit)) - 2, unit) * sense
