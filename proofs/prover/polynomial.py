"""Polynomials as the kernel reads them, and back to terms in an order that no process influences."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import gcd, lcm

from ..kernel.algebra import Algebra, Monomial, Number, Polynomial, accumulate
from ..kernel.terms import ONE, ZERO, Term, add, mul, power, rat
from .recorder import digest

UNIT: Monomial = ()


def poly(t: Term) -> Polynomial:
    """The kernel's normal form of ``t``."""
    return Algebra().normal(t)


def _order(m: Monomial) -> tuple[int, list[tuple[bytes, int]]]:
    return -sum(k for _, k in m), sorted((digest(a), -k) for a, k in m)


def monomials(p: Polynomial) -> list[tuple[Monomial, Number]]:
    """The monomials with their coefficients, highest degree first."""
    return sorted(p.items(), key=lambda item: _order(item[0]))


def product_term(factors: Iterable[tuple[Term, int]]) -> Term:
    """``a**k * b**l * ...`` with the factors in canonical order."""
    result: Term | None = None
    for atom, k in sorted(factors, key=lambda f: digest(f[0])):
        piece = atom if k == 1 else power(atom, k)
        result = piece if result is None else mul(result, piece)
    return ONE if result is None else result


def monomial_term(m: Monomial, c: Number = 1) -> Term:
    """``c * m``."""
    if not m:
        return rat(Fraction(c))
    body = product_term(m)
    return body if c == 1 else mul(rat(Fraction(c)), body)


def term(p: Polynomial) -> Term:
    """A term for ``p``: the same for equal polynomials, in every process."""
    result: Term | None = None
    for m, c in monomials(p):
        piece = monomial_term(m, c)
        result = piece if result is None else add(result, piece)
    return ZERO if result is None else result


def times(p: Polynomial, q: Polynomial) -> Polynomial:
    """``p * q``."""
    return Algebra().product(p, q)


def plus(p: Polynomial, q: Polynomial, factor: Number = 1) -> Polynomial:
    """``p + factor * q``."""
    total = dict(p)
    accumulate(total, q, factor)
    return total


def power_of(p: Polynomial, n: int) -> Polynomial:
    """``p**n`` for ``n >= 0``."""
    return Algebra().power(p, n) if n else {UNIT: 1}


def atoms(p: Polynomial) -> list[Term]:
    """The atoms that occur, in canonical order."""
    return sorted({a for m in p for a, _ in m}, key=digest)


def quotient(p: Polynomial, d: Polynomial) -> Polynomial | None:
    """``p / d`` where ``d`` divides ``p`` exactly, else ``None``."""
    lead, lc = monomials(d)[0]
    rest, result = dict(p), Polynomial()
    for _ in range(4 * len(p) + 20):
        if not rest:
            return result
        m, c = monomials(rest)[0]
        step = divide_monomial(m, lead)
        if step is None:
            return None
        factor = Fraction(c) / lc
        accumulate(result, {step: 1}, factor)
        accumulate(rest, times(d, {step: 1}), -factor)
    return None


def divide_monomial(m: Monomial, d: Monomial) -> Monomial | None:
    """``m / d`` where it is a monomial."""
    powers = dict(m)
    for a, k in d:
        if powers.get(a, 0) < k:
            return None
        powers[a] -= k
    return tuple(sorted(((a, k) for a, k in powers.items() if k), key=lambda f: f[0].serial))


def content(p: Polynomial) -> tuple[Fraction, Monomial, Polynomial]:
    """``p = c * m * q`` with ``q`` primitive: integer coefficients without common factor, no atom in every monomial.

    The sign is chosen so that the first coefficient of ``q`` is positive.
    """
    common = dict(next(iter(p)))
    for m in p:
        powers = dict(m)
        common = {a: min(k, powers[a]) for a, k in common.items() if a in powers}
    shared: Monomial = tuple(sorted(common.items(), key=lambda f: f[0].serial))
    coefficients = [Fraction(c) for c in p.values()]
    numerator, denominator = 0, 1
    for c in coefficients:
        numerator = gcd(numerator, c.numerator)
        denominator = lcm(denominator, c.denominator)
    scale = Fraction(numerator, denominator)
    rest: Polynomial = {}
    for m, c in p.items():
        reduced = divide_monomial(m, shared)
        assert reduced is not None
        accumulate(rest, {reduced: 1}, Fraction(c) / scale)
    if monomials(rest)[0][1] < 0:
        scale, rest = -scale, {m: -c for m, c in rest.items()}
    return scale, shared, rest
