"""Polynomials between which ``sin``, ``cos``, ``exp`` and ``log(1 + v)`` lie for small ``|v|``, with the theorems.

The ledger has Taylor bounds for ``sin`` and ``cos`` and lower ones for ``exp``; the others follow from
``exp(v) exp(-v) = 1`` and ``exp(log(1 + v)) = 1 + v``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import factorial

from ..kernel.terms import MINUS_ONE, ONE, ZERO, Literal, Term, add, mul, neg, power, rat, sub, unary
from ..kernel.theorems import Theorem
from .limits_beside import Beside
from .limits_monomials import (
    PI_CEILING,
    add_lists,
    minus,
    monomial,
    multiply_lists,
    positive_rows,
    scale_of,
    scaled,
    shorter_than,
)
from .limits_values import (
    CONTRADICTION,
    Rows,
    exp_equal,
    from_polynomial,
    pi_between,
    pi_positive,
    polynomial,
    refuted,
    shown,
)
from .recorder import Recorder

Coefficients = list[Fraction]


@dataclass(frozen=True)
class Enclosure:
    """``low <= function <= high``: polynomials in ``h`` and pi, with the theorems."""

    low: Term
    below: Theorem
    high: Term
    above: Theorem


class Taylor:
    """Bounds that agree below ``h**order``.

    They may assume ``1 - s h > 0`` for the factors ``s`` in ``small``.
    """

    def __init__(self, R: Recorder, beside: Beside, order: int) -> None:
        self.R, self.beside, self.order = R, beside, order
        self.pi_low = pi_positive(R)
        self.small = set[Fraction]()

    def enclose(self, a: Term) -> Enclosure:
        """Bounds of a function in standard form."""
        if a.op == "exp":
            return self._exponential(a)
        return self._logarithm(a) if a.op == "log" else self._wave(a)

    def _wave(self, a: Term) -> Enclosure:
        (v,), scale = a.terms, scale_of(a.terms[0])
        assert scale is not None
        q, j, n = scale
        count = 1
        while n * (2 * count + (1 if a.op == "sin" else 0)) < self.order:
            count += 1
        rows: Rows = [(abs(q), [*[self.pi_low] * j, *[self.beside.step] * n], [])]
        nonneg = [self.R.arith(Literal(">=", v), rows)] if a.op == "sin" else []
        theorems = [self.R.fact(f"{a.op}_taylor", v, premises=nonneg, order=c) for c in (count, count + 1)]
        below, above = theorems if count % 2 == 0 else theorems[::-1]
        low = from_polynomial(minus({((a, 1),): 1}, polynomial(shown(below).term) or {}))
        high = from_polynomial(minus({((a, 1),): 1}, scaled(polynomial(shown(above).term) or {}, -1)))
        return Enclosure(low, below, high, above)

    def _magnitude(self, q: Fraction, j: int, n: int) -> tuple[Theorem, Theorem]:
        """``y > 0`` and ``1 - 4 y > 0`` for ``y = |q| pi**j h**n``."""
        R, step, below = self.R, self.beside.step, pi_between(self.R)[1]
        y, q = monomial(abs(q), j, n), abs(q)
        s = max(Fraction(1), 4 * q * PI_CEILING**j)
        self.small.add(s)
        short = R.assume(shorter_than(s))
        # 1 - 4 y = (1 - s h) + s h (1 - h**(n - 1)) + (s - 4 q 4**j) h**n + 4 q (4**j - pi**j) h**n
        rows: Rows = [(1, [short], [])]
        for i in range(1, n):  # h**i - h**(i + 1) = h**i (1 - s h) + (s - 1) h**(i + 1)
            rows += [(s, [*[step] * i, short], [])]
            rows += [(s * (s - 1), [step] * (i + 1), [])] if s > 1 else []
        rows += [(s - 4 * q * PI_CEILING**j, [step] * n, [])] if s > 4 * q * PI_CEILING**j else []
        powers = [step] * n
        rows += [(4 * q * PI_CEILING**i, [*powers, below, *[self.pi_low] * (j - 1 - i)], []) for i in range(j)]
        size = R.arith(Literal(">", y), [(q, [*[self.pi_low] * j, *powers], [])])
        return size, R.arith(Literal(">", sub(ONE, mul(rat(4), y))), rows)

    def _degree(self, n: int) -> int:
        """The least odd degree at which the first term left out has order ``order`` in ``h``."""
        degree = 1
        while (degree + 1) * n < self.order:
            degree += 2
        return degree

    def _exponential(self, a: Term) -> Enclosure:
        """``T <= exp(v) <= U = T + 2 v**(n + 1)``, ``T`` the Taylor polynomial of odd degree ``n``, for ``|v| < 1/4``.

        With ``F = exp(-v) >= S = T(-v) > 0``: ``exp(v) > U`` would give ``1 = exp(v) F >= exp(v) S > U S >= 1``.
        """
        R, (v,), scale = self.R, a.terms, scale_of(a.terms[0])
        assert scale is not None
        n, sign = self._degree(scale[2]), 1 if scale[0] > 0 else -1
        size, quarter = self._magnitude(*scale)
        below, other = R.fact("exp_taylor", v, order=n), R.fact("exp_taylor", neg(v), order=n)
        low, back = _bound(a, below), _bound(unary("exp", neg(v)), other)
        high = from_polynomial(polynomial(add(low, mul(rat(2), power(v, n + 1)))) or {})
        t = [Fraction(sign**i, factorial(i)) for i in range(n + 1)]
        mirror = [c * (-1) ** i for i, c in enumerate(t)]
        product = multiply_lists(add_lists(t, [Fraction(0)] * (n + 1) + [Fraction(2)]), mirror)
        least = R.arith(Literal(">", back), positive_rows(mirror, size, quarter, 0))
        excess = positive_rows(product[n + 1 :], size, quarter, n + 1)
        enough = R.arith(Literal(">=", sub(mul(high, back), ONE)), excess)
        pair, whole = R.fact("exp_add", v, neg(v)), exp_equal(R, add(v, neg(v)), ZERO)
        unit = [(ONE, pair), (MINUS_ONE, whole), (MINUS_ONE, R.fact("exp_zero"))]
        above = refuted(R, Literal(">=", sub(high, a)), lambda no: R.arith(CONTRADICTION, [
            (1, [no, least], []), (1, [R.fact("exp_pos", v), other], []), (1, [enough], [])], unit))  # fmt: skip
        return Enclosure(low, below, high, above)

    def _logarithm(self, a: Term) -> Enclosure:
        """``P <= log(1 + v) <= Q`` with ``P, Q = T -+ v**(n + 1)``, ``T`` the Taylor polynomial of odd degree ``n``.

        ``exp(-P) >= 1 - P + ... >= 1/(1 + v)`` and ``exp(Q) >= 1 + Q + ... >= 1 + v``, the last of each by algebra.
        """
        R, (u,) = self.R, a.terms
        scale = scale_of(sub(u, ONE))
        assert scale is not None
        n, sign = self._degree(scale[2]), 1 if scale[0] > 0 else -1
        size, quarter = self._magnitude(*scale)
        v = monomial(*scale)
        one_more = [Fraction(1), Fraction(sign)]
        inside = R.arith(Literal(">", u), positive_rows(one_more, size, quarter, 0))
        value, both = R.fact("exp_log", u, premises=[inside]), R.fact("exp_pos", neg(a))
        t = [Fraction(0), *(Fraction(-((-sign) ** i), i) for i in range(1, n + 1))]
        results = list[tuple[Term, Theorem]]()
        for side in (-1, 1):
            body = add_lists(t, [Fraction(0)] * (n + 1) + [Fraction(side)])
            bound = from_polynomial(polynomial(_at(body, v, sign)) or {})
            w = bound if side > 0 else neg(bound)
            large, lower = R.fact("exp_taylor", w, order=n), exp_series([side * c for c in body], n)
            if side > 0:  # T_n(Q) - (1 + v)
                gap = add_lists(lower, [-c for c in one_more])
                low = R.arith(Literal(">=", sub(_bound(unary("exp", w), large), u)), _tail(gap, size, quarter))
                more = R.arith(Literal(">=", sub(unary("exp", w), u)), [(1, [large], []), (1, [low], [])])
                x = sub(bound, a)
                # exp(Q - log u) - 1 = exp(-log u) (exp(Q) - u)
                inverse = self._inverse(a, value)
                least = R.arith(Literal(">=", sub(unary("exp", x), ONE)), [(1, [both, more], [])], [
                    (ONE, R.fact("exp_add", bound, neg(a))), (ONE, inverse)])  # fmt: skip
            else:  # (1 + v) T_n(-P) - 1
                gap = add_lists(multiply_lists(one_more, lower), [Fraction(-1)])
                low = R.arith(
                    Literal(">=", sub(mul(u, _bound(unary("exp", w), large)), ONE)), _tail(gap, size, quarter)
                )
                x = sub(a, bound)
                # exp(log u - P) - 1 = u exp(-P) - 1
                least = R.arith(Literal(">=", sub(unary("exp", x), ONE)), [(1, [inside, large], []), (1, [low], [])], [
                    (ONE, R.fact("exp_add", a, w)), (unary("exp", w), value)])  # fmt: skip
            results.append((bound, self._above_zero(x, least)))
        (low_, below), (high, above) = results
        return Enclosure(low_, below, high, above)

    def _inverse(self, a: Term, value: Theorem) -> Theorem:
        """``u exp(-log u) - 1 = 0``, from ``exp(log u) - u = 0``."""
        R, back = self.R, unary("exp", neg(a))
        pair, whole = R.fact("exp_add", a, neg(a)), exp_equal(R, add(a, neg(a)), ZERO)
        goal = Literal("=", sub(mul(a.terms[0], back), ONE))
        return R.arith(goal, (), [(neg(back), value), (MINUS_ONE, pair), (ONE, whole), (ONE, R.fact("exp_zero"))])

    def _above_zero(self, x: Term, least: Theorem) -> Theorem:
        """``x >= 0`` from ``exp(x) >= 1``: otherwise ``1 = exp(x) exp(-x) >= exp(-x) >= 1 - x > 1``."""
        R, back = self.R, neg(x)
        pair, whole = R.fact("exp_add", x, back), exp_equal(R, add(x, back), ZERO)
        unit = [(ONE, pair), (MINUS_ONE, whole), (MINUS_ONE, R.fact("exp_zero"))]
        rows: Rows = [(1, [R.fact("exp_pos", back), least], []), (1, [R.fact("exp_taylor", back, order=1)], [])]
        return refuted(R, Literal(">=", x), lambda no: R.arith(CONTRADICTION, [*rows, (1, [no], [])], unit))


def _bound(a: Term, th: Theorem) -> Term:
    """The polynomial ``p`` of a theorem ``a - p >= 0``."""
    return from_polynomial(minus(polynomial(a) or {}, polynomial(shown(th).term) or {}))


def _at(p: Coefficients, v: Term, sign: int) -> Term:
    """``sum p_i y**i`` for ``v = sign y``."""
    total = ZERO
    for i, c in enumerate(p):
        total = add(total, mul(rat(c * sign**i), ONE if i == 0 else v if i == 1 else power(v, i)))
    return total


def exp_series(p: Coefficients, n: int) -> Coefficients:
    """``1 + p + ... + p**n/n!``."""
    total, term = [Fraction(1)], [Fraction(1)]
    for i in range(1, n + 1):
        term = [c / i for c in multiply_lists(term, p)]
        total = add_lists(total, term)
    return total


def _tail(p: Coefficients, size: Theorem, quarter: Theorem) -> Rows:
    """Rows for ``sum p_i y**i >= 0``, whose first coefficients are 0."""
    shift = next(i for i, c in enumerate(p) if c)
    return positive_rows(p[shift:], size, quarter, shift)
