"""One-sided derivatives where a quotient of sines, cosines and exponentials has a singularity, removable or not.

Beside the point the term is ``N(h) h**-K``, with ``N`` made of powers of ``h`` and pi and of ``sin``, ``cos``, ``exp``
of multiples of ``h``.  Taylor bounds of the ledger enclose each of these between polynomials that agree to the order
that counts; what is left over is at most ``m h`` times the allowed error, so ``h < eps/(s eps + m)`` is near enough.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ..kernel.algebra import Algebra, Monomial, Number, Polynomial
from ..kernel.terms import ZERO, Literal, Term, add, mul, neg, rat, sub, unary
from ..kernel.theorems import Theorem
from .limits_beside import EPS, Beside, H
from .limits_monomials import (
    IH,
    IPI,
    PI,
    PI_CEILING,
    PI_FLOOR,
    cleared,
    deficit,
    geometric,
    is_standard,
    minus,
    nth,
    ordered,
    shorter_than,
    standard_function,
)
from .limits_point import Point
from .limits_taylor import Enclosure, Taylor
from .limits_values import (
    CONTRADICTION,
    Rows,
    equal,
    from_polynomial,
    inverse,
    inverse_positive,
    pi_between,
    pi_positive,
    polynomial,
    refuted,
)
from .recorder import Recorder

MAX_ORDER = 12
NEAR = Fraction(8)
"""The term is looked at for ``8 h < 1``."""


def series_side(R: Recorder, term: Term, sign: int, point: Point) -> Theorem | None:
    """The finite one-sided derivative of a term that beside the point is such a quotient, where it has one."""
    if not {"eps", "h"}.isdisjoint(term.free | {point.x}):
        return None
    beside = Beside(point, term, sign, standard_function, frozenset({shorter_than(NEAR)}))
    p = polynomial(beside.change)
    if p is None or not all(is_standard(a) for m in p for a, _ in m):
        return None
    return _Quotient(R, beside, p).side()


class _Quotient:
    """The argument for one term: ``change = N h**-K pi**-J``."""

    def __init__(self, R: Recorder, beside: Beside, p: Polynomial) -> None:
        self.R, self.beside = R, beside
        self.pi_low = pi_positive(R)
        unit_h, unit_pi = inverse(R, beside.step), inverse(R, self.pi_low)
        self.k, first, steps = cleared(p, H, IH)
        self.j, self.numerator, more = cleared(first, PI, IPI)
        whole = mul(beside.change, mul(nth(H, self.k), nth(PI, self.j)))
        self.equation = equal(R, whole, from_polynomial(self.numerator), [
            (mul(from_polynomial(steps), nth(PI, self.j)), unit_h), (from_polynomial(more), unit_pi)])  # fmt: skip
        self.unit_pi = unit_pi
        self.taylor = Taylor(R, beside, self.k + 2)

    def side(self) -> Theorem | None:
        """The theorem, or ``None`` where there is no finite slope or a bound fails."""
        beside = self.beside
        functions = sorted({a for m in self.numerator for a, _ in m if a not in (H, PI)}, key=lambda a: a.serial)
        if any(sum(n for a, n in m if a not in (H, PI)) > 1 for m in self.numerator) or self.k + 2 > MAX_ORDER:
            return None
        bounds: dict[Term, Enclosure] = {a: self.taylor.enclose(a) for a in functions}
        lead = self._lead(bounds)
        if lead is None:
            return self._steep(bounds)
        # slope: the coefficient of h**(K + 1), a polynomial in pi, over pi**J
        rate, straight = self._rate(lead)
        targets = []
        for factor in (-1, 1):
            rows, rest = self._replaced(bounds, factor)
            targets.append((factor, rows, self._remainder(rest, lead, factor)))
        m = max(deficit(rest, self.k, self.j) for _, _, rest in targets)
        radius, positive, narrow, short = self._radius(m)
        results = []
        for factor, rows, rest in targets:
            products = [*rows, *self._dominated(rest, m, narrow, short)]
            change = sub(beside.change, mul(mul(rat(beside.side), rate), H))
            goal = sub(mul(EPS, H), change) if factor < 0 else add(mul(EPS, H), change)
            results.append(self._divided(goal, products, [(rat(factor), self.equation), *straight(factor)]))
        return beside.limit(rate, radius, results, positive)

    def _replaced(self, bounds: dict[Term, Enclosure], factor: int) -> tuple[Rows, Polynomial]:
        """Rows that bound ``factor * N`` from below, and the polynomial by which they bound it."""
        rows, rest = Rows(), dict[Monomial, Number]()
        for m, c in self.numerator.items():
            c = factor * c
            inside = [(a, n) for a, n in m if a in (H, PI)]
            function = next((a for a, _ in m if a not in (H, PI)), None)
            body = from_polynomial({tuple(inside): c})
            if function is not None:
                b = bounds[function]
                factors = [th for a, n in inside for th in [self.beside.step if a is H else self.pi_low] * n]
                rows.append((abs(Fraction(c)), [*factors, b.below if c > 0 else b.above], []))
                body = mul(body, b.low if c > 0 else b.high)
            for k, value in Algebra().normal(body).items():
                rest[k] = rest.get(k, 0) + value
        return rows, {k: c for k, c in rest.items() if c}

    def _lead(self, bounds: dict[Term, Enclosure]) -> dict[int, Fraction] | None:
        """The coefficient of ``h**(K + 1)`` in ``N`` by powers of pi; ``None`` where a lower power remains."""
        _, rest = self._replaced(bounds, 1)
        lead = dict[int, Fraction]()
        for m, c in rest.items():
            powers = dict(m)
            if powers.get(H, 0) <= self.k:
                return None
            if powers.get(H, 0) == self.k + 1:
                lead[powers.get(PI, 0)] = Fraction(c)
        return lead

    def _rate(self, lead: dict[int, Fraction]) -> tuple[Term, Callable[[int], list[tuple[Term, Theorem]]]]:
        """The slope, and the equations that turn ``rate h**(K + 1) pi**J`` into the leading term."""
        slope, cofactor = dict[Monomial, Number](), ZERO
        for j, c in lead.items():
            value, up = self.beside.side * c, j - self.j
            slope[((PI, up),) if up > 0 else ((IPI, -up),) if up < 0 else ()] = value
            if up < 0:  # pi**J inv(pi)**(J - j) - pi**j
                cofactor = add(cofactor, mul(mul(rat(c), nth(PI, j)), geometric(mul(PI, IPI), -up)))
        whole = mul(cofactor, nth(H, self.k + 1))

        def equations(factor: int) -> list[tuple[Term, Theorem]]:
            return [] if cofactor is ZERO else [(mul(rat(-factor), whole), self.unit_pi)]

        return from_polynomial(slope), equations

    def _remainder(self, rest: Polynomial, lead: dict[int, Fraction], factor: int) -> Polynomial:
        """``rest`` without the leading term: everything is of order ``K + 2`` at least."""
        top: Polynomial = {ordered({PI: j, H: self.k + 1}): factor * c for j, c in lead.items()}
        return minus(rest, top)

    def _radius(self, m: Fraction) -> tuple[Term, Theorem, Theorem, Theorem]:
        """``radius``, and ``radius > 0``, ``eps - m h > 0``, ``1 - s h > 0`` for ``s >= 1`` and all of ``small``."""
        R, big, step = self.R, self.beside.big, self.beside.step
        s = max({NEAR, *self.taylor.small})
        below = add(mul(rat(s), EPS), rat(m))
        scale = R.arith(Literal(">", below), [(s, [big], []), *([(m, [], [])] if m else [])])
        radius, one = mul(EPS, unary("inv", below)), inverse(R, scale)
        positive = R.arith(Literal(">", radius), [(1, [big, inverse_positive(R, scale)], [])])
        near = R.assume(Literal(">", sub(radius, H)))
        both = R.arith(Literal(">", sub(EPS, mul(H, below))), [(1, [scale, near], [])], [(neg(EPS), one)])
        narrow = R.arith(Literal(">", sub(EPS, mul(rat(m), H))), [(1, [both], []), (s, [big, step], [])])
        unit = self._shortened(s, lambda no: R.arith(
            CONTRADICTION, [(1, [both], []), (1, [big, no], []), *([(m, [step], [])] if m else [])]))  # fmt: skip
        return radius, positive, narrow, unit

    def _dominated(self, rest: Polynomial, m: Fraction, narrow: Theorem, short: Theorem) -> Rows:
        """Rows for ``eps h**(K + 1) pi**J + rest``, in which ``narrow`` pays for every negative monomial."""
        step, floor = self.beside.step, Fraction(PI_FLOOR**self.j)
        lead = [step] * (self.k + 1)
        rows = self._pi_above(1, self.j, [self.beside.big, *lead])
        rows.append((floor, [narrow, *lead], []))
        spent = self._paid(rest, self.k + 2, short, rows)
        if floor * m > spent:
            rows.append((floor * m - spent, [*lead, step], []))
        return rows

    def _pi_above(self, c: Fraction | int, j: int, factors: list[Theorem]) -> Rows:
        """``c (pi**j - 3**j)`` times the factors: ``(pi - 3) sum 3**i pi**(j - 1 - i)``."""
        above = pi_between(self.R)[0]
        return [(c * PI_FLOOR**i, [*factors, above, *[self.pi_low] * (j - 1 - i)], []) for i in range(j)]

    def _pi_below(self, c: Fraction | int, j: int, factors: list[Theorem]) -> Rows:
        """``c (4**j - pi**j)`` times the factors."""
        below = pi_between(self.R)[1]
        return [(c * PI_CEILING**i, [*factors, below, *[self.pi_low] * (j - 1 - i)], []) for i in range(j)]

    def _paid(self, rest: Polynomial, base: int, short: Theorem, rows: Rows) -> Fraction:
        """Add rows for ``rest + m h**base`` and return ``m``; every monomial has at least ``h**base``."""
        step, spent = self.beside.step, Fraction(0)
        for key, c in rest.items():
            powers = dict(key)
            j, n = powers.get(PI, 0), powers.get(H, 0)
            if c > 0:
                rows.append((Fraction(c), [*[self.pi_low] * j, *[step] * n], []))
                continue
            size = abs(Fraction(c))
            rows += self._pi_below(size, j, [step] * n)
            size *= PI_CEILING**j
            rows += [(size, [*[step] * i, short], []) for i in range(base, n)]  # h**base - h**n
            spent += size
        return spent

    def _steep(self, bounds: dict[Term, Enclosure]) -> Theorem | None:
        """An infinite slope: ``N`` begins with ``c pi**j h**p``, ``p <= K``, so the term jumps or has a pole."""
        R, beside, step = self.R, self.beside, self.beside.step
        first = self._replaced(bounds, 1)[1]
        p = min(dict(m).get(H, 0) for m in first)
        lead = [(m, Fraction(c)) for m, c in first.items() if dict(m).get(H, 0) == p]
        if len(lead) != 1:
            return None
        ((key, c),) = lead
        factor, j = 1 if c > 0 else -1, dict(key).get(PI, 0)
        rows, rest = self._replaced(bounds, factor)
        rest = minus(rest, {key: abs(c)})
        floor, m = abs(c) * PI_FLOOR**j, deficit(rest, 0, 0)
        # floor - h (m + s floor + eps 4**J) > 0
        s, ceiling = max({NEAR, *self.taylor.small}), PI_CEILING**self.j
        below = add(mul(rat(ceiling), EPS), rat(m + s * floor))
        scale = R.arith(Literal(">", below), [(ceiling, [beside.big], []), (m + s * floor, [], [])])
        radius, one = mul(rat(floor), unary("inv", below)), inverse(R, scale)
        positive = R.arith(Literal(">", radius), [(floor, [inverse_positive(R, scale)], [])])
        near = R.assume(Literal(">", sub(radius, H)))
        narrow = R.arith(Literal(">", sub(rat(floor), mul(H, below))), [(1, [scale, near], [])], [(rat(-floor), one)])
        short = self._shortened(s, lambda no: R.arith(CONTRADICTION, [
            (1, [narrow], []), (floor, [no], []), (ceiling, [step, beside.big], []),
            *([(m, [step], [])] if m else [])]))  # fmt: skip
        rows += self._pi_above(abs(c), j, [step] * p)
        rows += [(1, [narrow, *[step] * p], []), (s * floor, [step] * (p + 1), [])]
        self._paid(rest, p + 1, short, rows)
        powers = [beside.big, *[step] * (self.k + 1)]
        rows += self._pi_below(1, self.j, powers)
        rows += [(ceiling, [beside.big, *[step] * i, short], []) for i in range(p + 1, self.k + 1)]
        goal = sub(mul(rat(factor), beside.change), mul(EPS, H))
        bound = self._divided(goal, rows, [(rat(factor), self.equation)])
        return beside.limit("+oo" if factor * beside.side > 0 else "-oo", radius, [bound], positive)

    def _shortened(self, s: Fraction, false: Callable[[Theorem], Theorem]) -> Theorem:
        """``1 - h > 0``, from ``1 - s h > 0`` whose denial is ``false``; fills ``shorter``."""
        R, step = self.R, self.beside.step
        short = refuted(R, shorter_than(s), false)
        for k in sorted({NEAR, *self.taylor.small}):
            more: Rows = [(s - k, [step], [])] if s > k else []
            self.beside.shorter.append(R.arith(shorter_than(k), [(1, [short], []), *more]))
        return short if s == 1 else R.arith(shorter_than(Fraction(1)), [(1, [short], []), (s - 1, [step], [])])

    def _divided(self, goal: Term, rows: Rows, equations: list[tuple[Term, Theorem]]) -> Theorem:
        """``goal >= 0`` from the same times ``h**K pi**J``."""
        R, powers = self.R, mul(nth(H, self.k), nth(PI, self.j))
        high = R.arith(Literal(">=", mul(goal, powers)), rows, equations)
        clear = [*[self.beside.step] * self.k, *[self.pi_low] * self.j]
        th = refuted(R, Literal(">=", goal), lambda no: R.arith(
            CONTRADICTION, [(1, [no, *clear], []), (1, [high], [])]))  # fmt: skip
        return self.beside.freed(th)
