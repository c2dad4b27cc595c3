"""Signs of numbers: rational bounds, proved, of closed terms.

A bound of a term ``t`` with *sense* ``s`` is a rational ``v`` and a theorem ``s (t - v) >= 0`` (or ``> 0``): a lower
bound for ``s = 1``, an upper one for ``s = -1``.  Bounds are made bottom up from the ledger of primitive facts.
Each step names products of facts and equations whose sum is ``s t - c`` for some number ``c``; the number falls out
of the algebra and is rounded outward to a short rational.  mpmath only guesses; every bound is a theorem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial
from typing import Any, Final
from weakref import WeakKeyDictionary

from mpmath.ctx_mp import MPContext

from ..kernel.algebra import Algebra, accumulate, constant
from ..kernel.logic import compare
from ..kernel.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    KernelError,
    Literal,
    Term,
    add,
    mul,
    neg,
    pi,
    power,
    rat,
    sub,
    unary,
    var,
)
from ..kernel.theorems import Theorem, held
from .recorder import Recorder, digest

Row = tuple[Fraction | int, Sequence[Theorem], Sequence[Term]]
Equation = tuple[Term, Theorem]

LEVELS = (4, 9, 18, 28)
"""Working digits, tried in turn.  The ledger knows 29 decimals of pi."""
_LARGEST_EXPONENT = 2000
_LARGEST_ANGLE = 10**6


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


_bounds: WeakKeyDictionary[Recorder, dict[int, Bounds]] = WeakKeyDictionary()


def enclose(r: Recorder, t: Term, digits: int = 6) -> tuple[Theorem, Theorem]:
    """``t - lo >= 0`` and ``hi - t >= 0`` (or ``> 0``) with rational ``lo``, ``hi`` about ``digits`` digits apart.

    Raises ``Undecided`` where the ledger does not bound ``t`` that well.
    """
    for level in LEVELS:
        try:
            low, high = (_at(r, level).bound(t, s) for s in (1, -1))
        except Undecided:
            continue
        if (high.value - low.value) * 10**digits <= max(abs(low.value), abs(high.value), 1):
            return low.theorem, high.theorem
    raise Undecided(f"no bounds of {digits} digits")


def sign_of_constant(r: Recorder, relation: str, t: Term) -> Theorem | None:
    """The theorem ``t relation 0`` for a term without symbols, or ``None`` where it is false or was not found."""
    if t.free:
        return None
    for level in LEVELS:
        try:
            return _at(r, level).sign(Literal(relation, t))
        except Undecided:
            continue
    return None


def _at(r: Recorder, digits: int) -> Bounds:
    made = _bounds.setdefault(r, {})
    if digits not in made:
        made[digits] = Bounds(r, digits)
    return made[digits]


def _round(value: Fraction, sense: int, digits: int) -> Fraction:
    """The nearest number of ``digits`` significant decimal digits that is not greater (``sense`` 1) or not less."""
    if not value or max(abs(value.numerator), value.denominator) < 10 ** (digits // 2):
        return value
    exponent = len(str(abs(value.numerator))) - len(str(value.denominator))
    scale = Fraction(10) ** (digits - exponent)
    return sense * Fraction(sense * value * scale // 1) / scale


class Bounds:
    """Bounds of closed terms with a fixed number of working digits, each derived once."""

    def __init__(self, r: Recorder, digits: int) -> None:
        self.r, self.digits = r, digits
        self.kept = digits + 3
        self.made: dict[tuple[Term, int], Bound | None] = {}
        self.guess = MPContext()
        self.guess.dps = digits + 15

    # What every bound is made with.

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

    def _rest(self, t: Term, rows: Iterable[Row], equations: Iterable[Equation]) -> Fraction:
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
        rest = constant(total)
        if rest is None:
            raise AssertionError("the products do not add up")
        return Fraction(rest)

    def settle(self, t: Term, sense: int, rows: Iterable[Row], equations: Iterable[Equation] = ()) -> Bound:
        """The bound that products with sum ``sense t - c`` give, rounded outward."""
        rows, equations = [row for row in rows if row[0]], list(equations)
        exact = self._rest(t if sense == 1 else neg(t), rows, equations)
        value = _round(sense * exact, sense, self.kept)
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

    # Ring operations.

    def _bound(self, t: Term, sense: int) -> Bound:
        if t.op in ("add", "mul", "pow", "rat"):
            return self.settle(t, sense, self._ring(t, sense))
        if t.op == "pi":
            return self.settle(t, sense, [(1, [self.r.fact("pi_low" if sense == 1 else "pi_high")], [])])
        if t.op == "cond":
            return self._cond(t, sense)
        rule = _RULES.get(t.op)
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
            atoms = sorted(((m[0][0], c) for m, c in p.items() if m), key=lambda item: digest(item[0]))
            return [(abs(c), [self.bound(a, sense if c > 0 else -sense).theorem], []) for a, c in atoms]
        if t.op == "add":
            return [(1, [self.bound(part, sense).theorem], []) for part in t.terms]
        if t.op == "mul":
            return self.product(*t.terms, sense)
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

    # Primitive functions: t = op(u).

    def _inv(self, t: Term, u: Term, sense: int) -> Bound:
        sign = 1 if self.bound(u, 1).value > 0 else -1
        near, far = self.bound(u, sign), self.bound(u, -sign)
        a, b = sign * near.value, sign * far.value
        if a <= 0:
            raise Undecided("the operand of inv may be 0")
        one = self.r.fact("inv", u, premises=[self.sign(Literal("!=", u))])
        v = mul(rat(sign), t)
        if sense == sign:
            gap = mul(sub(rat(b), mul(rat(sign), u)), v)
            rows: list[Row] = [(1 / b, [far.theorem, near.theorem], [v]), (a / b, [far.theorem], [v])]
            return self.settle(t, sense, rows, [(mul(rat(1 / b), sub(ONE, gap)), one)])
        gap = mul(sub(mul(rat(sign), u), rat(a)), v)
        rows = [(1 / a, [], [gap]), (1, [near.theorem], [v])]
        return self.settle(t, sense, rows, [(mul(rat(-1 / a), add(ONE, gap)), one)])

    def _exp_sum(self, a: Term, b: Term, c: Term) -> Theorem:
        """``exp(c) - exp(a) exp(b) = 0`` where ``c == a + b``."""
        both = [(ONE, self.r.fact("exp_add", a, b)), *self.same("exp", add(a, b), c, -1)]
        goal = sub(unary("exp", c), mul(unary("exp", a), unary("exp", b)))
        return both[0][1] if len(both) == 1 else self.r.arith(Literal("=", goal), [], both)

    def _exp_inverse(self, a: Term, b: Term) -> list[Equation]:
        """Equations with sum ``1 - exp(a) exp(b)`` where ``a + b == 0``."""
        return [(ONE, self._exp_sum(a, b, ZERO)), (MINUS_ONE, self.r.fact("exp_zero"))]

    def _exp(self, t: Term, u: Term, sense: int) -> Bound:
        r = self.r
        if u.op != "rat":
            # exp(u) = exp(a) exp(u - a) >= exp(a), and the other way round for an upper bound.
            end = self.bound(u, sense)
            if abs(end.value) > _LARGEST_EXPONENT:
                raise Undecided("exp of a large number")
            a = rat(end.value)
            step, base = (sub(u, a), a) if sense == 1 else (sub(a, u), u)
            positive = r.fact("exp_pos", base)
            rows: list[Row] = [(1, [positive, r.fact("exp_taylor", step, order=1)], [])]
            rows += [(1, [positive, end.theorem], []), (1, [self.bound(unary("exp", a), sense).theorem], [])]
            return self.settle(t, sense, rows, [(ONE, self._exp_sum(base, step, u if sense == 1 else a))])
        w = _rational(u)
        if w == 0:
            return self.settle(t, sense, [], [(rat(sense), r.fact("exp_zero"))])
        if abs(w) > _LARGEST_EXPONENT:
            raise Undecided("exp of a large number")
        if abs(w) > 1:
            half = rat(w / 2)
            root = unary("exp", half)
            return self.settle(t, sense, self.product(root, root, sense), [(rat(sense), self._exp_sum(half, half, u))])
        if sense == 1:
            n = next(n for n in range(1, 60, 2) if abs(w) ** (n + 1) * 10**self.kept < factorial(n + 1))
            return self.settle(t, 1, [(1, [r.fact("exp_taylor", u, order=n)], [])])
        # exp(u) exp(-u) = 1.
        other = self.bound(unary("exp", rat(-w)), 1)
        q = 1 / other.value
        equations = [(mul(rat(q), c), th) for c, th in self._exp_inverse(u, rat(-w))]
        return self.settle(t, -1, [(q, [r.fact("exp_pos", u), other.theorem], [])], equations)

    def _log(self, t: Term, u: Term, sense: int) -> Bound:
        r = self.r
        if u is ONE:
            one = r.rule("congruence", unary("log", var("hole")), "hole", r.fact("exp_zero"))
            return self.settle(t, sense, [], [(rat(sense), r.fact("log_exp", ZERO)), (rat(-sense), one)])
        end = self.bound(u, sense)
        if end.value <= 0:
            raise Undecided("the operand of log may be 0")
        # x - y where the greater of t, q is x: exp(y - x) >= 1 + y - x, and exp(x) exp(-x) = 1.
        q = rat(self._nearby(self.guess.log(self._mpf(end.value)), sense))
        x, y = (t, q) if sense == 1 else (q, t)
        power = self.bound(unary("exp", q), -sense)
        w, positive = unary("exp", neg(x)), r.fact("exp_pos", neg(x))
        room = sense * (end.value - power.value)
        if room < 0:
            raise Undecided("the guess was too close")
        rows: list[Row] = [(1, [r.fact("exp_taylor", sub(y, x), order=1)], []), (room, [positive], [])]
        rows += [(1, [positive, end.theorem], []), (1, [positive, power.theorem], [])]
        exact = r.fact("exp_log", u, premises=[self.sign(Literal(">", u))])
        equations = [(MINUS_ONE, self._exp_sum(y, neg(x), sub(y, x))), *self._exp_inverse(x, neg(x))]
        return self.settle(t, sense, rows, [*equations, (mul(rat(sense), w), exact)])

    def _sqrt(self, t: Term, u: Term, sense: int) -> Bound:
        low, high = self.bound(u, 1), self.bound(u, -1)
        if low.value < 0 or high.value == 0:
            raise Undecided("the operand of sqrt may be negative")
        square = self.r.fact("sqrt_square", u, premises=[self.sign(Literal(">=", u))])
        if sense == -1:
            # 2 p (p - t) = (p - t)^2 + p^2 - u, for any p > 0.
            p = _round(Fraction(str(self.guess.sqrt(self._mpf(high.value)))), -1, self.kept)
            q = 1 / (2 * p)
            rows: list[Row] = [(q, [], [sub(rat(p), t)]), (q, [high.theorem], [])]
            return self.settle(t, -1, rows, [(rat(-q), square)])
        top = self.bound(t, -1)
        q = 1 / top.value
        rows = [(q, [self.r.fact("sqrt_nonneg", u), top.theorem], []), (q, [low.theorem], [])]
        return self.settle(t, 1, rows, [(rat(q), square)])

    def _angle(self, t: Term, u: Term, sense: int) -> Bound:
        """Bounds of sin and cos: by Taylor at short rationals and near 0, else by the addition theorems."""
        if u.op == "rat" and abs(_rational(u)) <= 8:
            return self._short_angle(t, u, _rational(u), sense)
        low, high = self.bound(u, 1), self.bound(u, -1)
        width = high.value - low.value
        if abs(low.value) > _LARGEST_ANGLE or width > Fraction(1, 10):
            raise Undecided("the angle is too large or not known well enough")
        if low.value == 0:
            return self._small_angle(t, u, high.value, sense)
        a, b = (rat(low.value / 2),) * 2 if u.op == "rat" else (rat(low.value), sub(u, rat(low.value)))
        if u.op != "rat":
            self.made[b, 1] = Bound(Fraction(0), low.theorem)
            self.made[b, -1] = self.settle(b, -1, [(1, [high.theorem], [])])
        s, c = (lambda x: unary("sin", x)), (lambda x: unary("cos", x))
        if t.op == "sin":
            rows = self.product(s(a), c(b), sense) + self.product(c(a), s(b), sense)
        else:
            rows = self.product(c(a), c(b), sense) + self.product(s(a), s(b), -sense)
        equations = self.same(t.op, add(a, b), u, -sense)
        return self.settle(t, sense, rows, [(rat(sense), self.r.fact(f"{t.op}_add", a, b)), *equations])

    def _short_angle(self, t: Term, u: Term, w: Fraction, sense: int) -> Bound:
        first = int(t.op == "sin")
        if first and w < 0:
            other = self.bound(unary("sin", rat(-w)), -sense)
            odd = [(rat(sense), self.r.fact("sin_odd", rat(-w))), *self.same("sin", neg(rat(-w)), u, -sense)]
            return self.settle(t, sense, [(1, [other.theorem], [])], odd)
        start = 2 if sense == 1 else 1
        error = 10**self.kept
        n = next(n for n in range(start, 60, 2) if abs(w) ** (2 * n + first) * error < factorial(2 * n + first))
        premises = [self.sign(Literal(">=", u))] if first else []
        return self.settle(t, sense, [(1, [self.r.fact(f"{t.op}_taylor", u, order=n, premises=premises)], [])])

    def _small_angle(self, t: Term, u: Term, top: Fraction, sense: int) -> Bound:
        """For ``0 <= u <= top``: ``u (1 - u^2/6) <= sin u <= u`` and ``1 - u^2/2 <= cos u <= 1``."""
        low, high = self.bound(u, 1).theorem, self.bound(u, -1).theorem
        premises = [self.sign(Literal(">=", u))] if t.op == "sin" else []
        taylor = self.r.fact(f"{t.op}_taylor", u, order=2 if sense == 1 else 1, premises=premises)
        rows: list[Row] = [(1, [taylor], [])]
        if t.op == "cos" and sense == 1:
            rows += [(Fraction(1, 2), [low, high], []), (top / 2, [high], [])]
        elif t.op == "sin" and sense == 1:
            rows += [(Fraction(1, 6), [low, low, high], []), (top / 6, [low, high], []), (1 - top**2 / 6, [low], [])]
        elif t.op == "sin":
            rows.append((1, [high], []))
        return self.settle(t, sense, rows)

    def _atan(self, t: Term, u: Term, sense: int) -> Bound:
        r = self.r
        end = self.bound(u, sense)
        value = self._nearby(self.guess.atan(self._mpf(end.value)), sense)
        edge, half_pi = r.fact("atan_low" if sense == 1 else "atan_high", u), self.bound(pi(), 1)
        if sense * value * 2 < -half_pi.value:
            return self.settle(t, sense, [(1, [edge], []), (Fraction(1, 2), [self.bound(pi(), -1).theorem], [])])
        # Were x - y < 0, then sin(y - x) > 0; but it is -cos(t) (u cos(q) - sin(q)) up to the sense.
        q = rat(value)
        x, y = (t, q) if sense == 1 else (q, t)
        claim = Literal(">=", sub(x, y))
        sin_q, cos_q = unary("sin", q), unary("cos", q)
        room = self.bound(sub(mul(u, cos_q), sin_q), sense)
        if sense * room.value < 0:
            raise Undecided("the guess was too close")
        z = claim.negation.term
        turn = self.prove(Literal(">", sub(pi(), z)), [(1, [edge], []), (Fraction(1, 2), [half_pi.theorem], [])])
        rows: list[Row] = [(1, [r.fact("sin_pos", z, premises=[r.assume(claim.negation), turn])], [])]
        cos_t = r.fact("atan_cos", u)
        rows += [(1, [cos_t, room.theorem], []), (abs(room.value), [cos_t], [])]
        equations = [
            (MINUS_ONE, r.fact("sin_odd", claim.term)),
            (ONE, r.fact("sin_add", x, neg(y))),
            (unary("sin", x), r.fact("cos_even", y)),
            (unary("cos", x), r.fact("sin_odd", y)),
            (mul(rat(sense), cos_q), r.fact("atan_tan", u)),
        ]
        absurd = self.prove(Literal(">", ZERO), rows, equations)
        return Bound(value, r.rule("cases", claim, r.assume(claim), absurd))

    def _erf(self, t: Term, u: Term, sense: int) -> Bound:
        """Between -1 and 1, and on its operand's side of 0: the ledger says no more."""
        r = self.r
        if sense * self.bound(u, sense).value > 0:
            v, other = (u, []) if sense == 1 else (neg(u), [(MINUS_ONE, r.fact("erf_odd", u))])
            return self.settle(
                t, sense, [(1, [r.fact("erf_pos", v, premises=[self.sign(Literal(">", v))])], [])], other
            )
        v, other = (u, []) if sense == -1 else (neg(u), [(ONE, r.fact("erf_odd", u))])
        return self.settle(t, sense, [(1, [r.fact("erf_high", v)], [])], other)

    def _floor(self, t: Term, u: Term, sense: int) -> Bound:
        end = self.bound(u, sense)
        n = end.value.numerator // end.value.denominator
        fact = self.r.fact("floor_high" if sense == 1 else "floor_low", u)
        rows: list[Row] = [(1, [fact], []), (1, [end.theorem], [])]
        goal = add(sub(t, rat(n)), ONE) if sense == 1 else sub(rat(n + 1), t)
        whole = self.r.rule("gap", self.prove(Literal(">", goal), rows))
        return self.settle(t, sense, [(1, [whole], [])])

    def _mpf(self, value: Fraction) -> Any:
        return self.guess.mpf(value.numerator) / value.denominator

    def _nearby(self, guess: Any, sense: int) -> Fraction:
        """A short number two units beside the guess, on the safe side of it."""
        unit = 10**self.digits
        return Fraction(int(self.guess.floor(sense * guess * unit)) - 2, unit) * sense


def _rational(t: Term) -> Fraction:
    value = t.args[0]
    assert type(value) is Fraction
    return value


_RULES: Final[dict[str, Callable[[Bounds, Term, Term, int], Bound]]] = {
    "inv": Bounds._inv,
    "exp": Bounds._exp,
    "log": Bounds._log,
    "sqrt": Bounds._sqrt,
    "sin": Bounds._angle,
    "cos": Bounds._angle,
    "atan": Bounds._atan,
    "erf": Bounds._erf,
    "floor": Bounds._floor,
}
