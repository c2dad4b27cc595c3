"""Factors of polynomials."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from ..kernel.algebra import Number, Polynomial
from ..kernel.terms import Term
from .polynomial import UNIT, atoms, monomials, poly, term, times
from .recorder import digest


def split_polynomial(p: Polynomial) -> list[Term]:
    """Factors of a polynomial, found by SymPy and checked by the caller through multiplication."""
    return list(_factors(term(p)))


@lru_cache(maxsize=20_000)
def _factors(t: Term) -> tuple[Term, ...]:
    p = poly(t)
    if len(p) < 2 or len(p) > 40:
        return (t,)
    return tuple(_split(p))


def _split(p: Polynomial) -> list[Term]:
    names = atoms(p)
    if len(names) > 6:
        return [term(p)]
    import sympy

    symbols = {a: sympy.Symbol(f"a{i}") for i, a in enumerate(names)}
    expression = sum(
        (
            sympy.Rational(Fraction(c).numerator, Fraction(c).denominator) * sympy.Mul(*(symbols[a] ** k for a, k in m))
            for m, c in monomials(p)
        ),
        sympy.Integer(0),
    )
    scale, factors = sympy.factor_list(expression)
    if len(factors) == 1 and factors[0][1] == 1:
        return [term(p)]
    back = {s: a for a, s in symbols.items()}
    generators = [symbols[a] for a in names]
    result: list[Term] = []
    for f, k in factors:
        q: Polynomial = {}
        for exponents, c in sympy.Poly(f, *generators).terms():
            m = tuple(
                sorted(
                    ((back[g], e) for g, e in zip(generators, exponents, strict=True) if e), key=lambda x: x[0].serial
                )
            )
            q[m] = int(c) if c.is_integer else Fraction(int(c.p), int(c.q))
        result += [term(q)] * k
    scale_q = Fraction(int(sympy.Rational(scale).p), int(sympy.Rational(scale).q))
    if scale_q != 1:
        first = poly(result[0])
        result[0] = term({m: tidy(Fraction(c) * scale_q) for m, c in first.items()})
    whole: Polynomial = {UNIT: 1}
    for r in result:
        whole = times(whole, poly(r))
    return sorted(result, key=digest) if whole == p else [term(p)]


def tidy(c: Fraction) -> Number:
    return c.numerator if c.denominator == 1 else c
