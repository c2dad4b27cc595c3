"""Polynomials."""
from __future__ import annotations
from ..kernel.algebra import Monomial
from ..kernel.terms import ONE, Term, mul, power
from .recorder import digest


def monomial_term(m: Monomial) -> Term:
    """The product of the powers of a monomial, in an order that is the same in every process."""
    result: Term | None = None
    for atom, k in sorted(m, key=lambda item: digest(item[0])):
        factor = atom if k == 1 else power(atom, k)
        result = factor if result is None else mul(result, factor)
    return ONE if result is None else result
