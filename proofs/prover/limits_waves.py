"""Sines and cosines of powers of ``h``: short Taylor sums, up to what is ``o(h)``.

``cos(sqrt(h)) = 1 - h/2 + d`` with ``0 <= d <= h**2/24``: the sum goes among the germs, and ``d`` is a germ of which
bounds are known and nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import factorial

from ..kernel.algebra import Monomial, Polynomial
from ..kernel.terms import ONE, ZERO, Literal, Term, add, mul, neg, power, rat, sub
from ..kernel.theorems import Theorem
from .limits_beside import Beside, H
from .limits_germs import Germ, Unit, germ_of, joined, units_of
from .limits_values import polynomial
from .polynomial import plus

MOST_TERMS = 5
"""How many terms a Taylor sum may have."""


def without_waves(beside: Beside, p: Polynomial) -> tuple[Polynomial, list[Germ], Term] | None:
    """``p`` with sums for its sines and cosines; what is left over, as germs; and the term that this is."""
    left, rest = list[Germ](), ZERO
    for m, c in list(p.items()):
        waves = [(a, n) for a, n in m if a.op in ("sin", "cos") and "h" in a.free]
        if not waves:
            continue
        (a, n), *more = waves
        found = None if more or n > 1 else _wave(beside, a, m, Fraction(c))
        moved = None if found is None else polynomial(found[1])
        if found is None or moved is None:
            return None
        p = plus(p, moved, -1)
        left.append(found[0])
        rest = add(rest, found[1])
    return p, left, rest


def _wave(beside: Beside, a: Term, m: Monomial, c: Fraction) -> tuple[Germ, Term] | None:
    """For ``m = s f(u)``: the term ``c s (f(u) - T(u))`` with a Taylor sum ``T``, and a germ that bounds it."""
    R, (u,), first = beside.R, a.terms, int(a.op == "sin")
    inner = polynomial(u)
    around = units_of(R, tuple(f for f in m if f[0] is not a))
    if inner is None or len(inner) != 1 or around is None or around[:2] != (ONE, 0):
        return None
    ((v, k),) = inner.items()
    operand = units_of(R, v)
    if operand is None or operand[:2] != (ONE, 0) or not operand[2] or (first and k < 0):
        return None
    outside = [_positive(beside, unit) for unit in around[2]]
    nonneg = [R.arith(Literal(">=", u), [(k, [_positive(beside, unit) for unit in operand[2]], [])])] if first else []
    for n in range(1, MOST_TERMS):
        degree = 2 * n + first
        size = abs(c) * abs(Fraction(k)) ** degree / factorial(degree)
        units = [*around[2], *operand[2] * degree]
        product = joined(R, units)
        scaled = None if product is None else mul(rat(size), product[0])
        germ = None if product is None or scaled is None else germ_of(beside, scaled, product[1], 0)
        if product is not None and germ is not None and germ.kind == "small" and germ.sign > 0:
            break
    else:
        return None
    # 0 <= (-1)^n (f(u) - T(u)) <= |u|^degree / degree!
    low, high = (R.fact(f"{a.op}_taylor", u, order=order, premises=nonneg) for order in (n, n + 1))
    error = mul(mul(rat(c), _product(around[2])), sub(a, _taylor(u, first, n)))
    bound, up = mul(germ.size, germ.power), (-1) ** n * c > 0
    below, above = Literal(">=", sub(bound, error)), Literal(">=", add(bound, error))
    far = R.arith(below if up else above, [(abs(c), [*outside, high], [])], [(neg(rat(size)), product[2])])
    size_of_bound = [germ.positive, R.fact("exp_pos", germ.power.terms[0])]
    close = R.arith(above if up else below, [(abs(c), [*outside, low], []), (1, size_of_bound, [])])
    return replace(germ, within=(far, close) if up else (close, far)), error


def _taylor(u: Term, first: int, count: int) -> Term:
    """The first terms of the series of the sine (``first`` 1) or the cosine (0)."""
    total = ZERO
    for j in range(count):
        n = 2 * j + first
        body = ONE if n == 0 else u if n == 1 else power(u, n)
        total = add(total, mul(rat(Fraction((-1) ** j, factorial(n))), body))
    return total


def _product(units: list[Unit]) -> Term:
    body = ONE
    for unit, _, _ in units:
        body = mul(body, unit)
    return body


def _positive(beside: Beside, unit: Unit) -> Theorem:
    """``h > 0``, or that an exponential is positive."""
    return beside.step if unit[0] is H else beside.R.fact("exp_pos", unit[0].terms[0])
