"""Indexed terms as polynomials: canonical sums of monomials, indicators, and replacing parts of a term."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ...kernel.algebra import Algebra, Number, Polynomial, difference
from ...kernel.terms import (
    MAX_OPENED,
    ONE,
    ZERO,
    Literal,
    Term,
    add,
    bind,
    cond,
    mul,
    opened,
    postorder,
    power,
    rat,
    rebuild,
    tangent,
    var,
)
from ...kernel.theorems import Theorem, held
from ..recorder import digest

RING = ("add", "mul", "pow")
MAX_RANK = 9
"""The most indices of a family."""

Binder = tuple[Term, Term]
"""A variable and the size below which it counts."""


class Stuck(Exception):
    """No proof was found; says of what."""


def polynomial(t: Term) -> Polynomial:
    """``t`` as a polynomial in its atoms: what is neither a sum, a product nor a power."""
    return Algebra().normal(t)


def _key(monomial: tuple[tuple[Term, int], ...]) -> list[tuple[bytes, int]]:
    return sorted((digest(a), k) for a, k in monomial)


def atoms(p: Polynomial) -> list[Term]:
    """The atoms of a polynomial, in an order that nothing but their structure decides."""
    return sorted({a for m in p for a, _ in m}, key=digest)


def written(p: Polynomial) -> Term:
    """The canonical term of a polynomial."""
    total: Term | None = None
    for monomial, c in sorted(p.items(), key=lambda item: _key(item[0])):
        product: Term | None = None
        for a, k in sorted(monomial, key=lambda factor: digest(factor[0])):
            factor = a if k == 1 else power(a, k)
            product = factor if product is None else mul(product, factor)
        if product is None:
            product = rat(c)
        elif c != 1:
            product = mul(rat(c), product)
        total = product if total is None else add(total, product)
    return ZERO if total is None else total


def canonical(t: Term) -> Term:
    """The one way to write the polynomial that ``t`` is."""
    return written(polynomial(t))


def canonical_below(t: Term) -> Term:
    """``t`` with each part of it in canonical form."""
    done: dict[Term, Term] = {}
    for s in postorder(t):
        done[s] = canonical(rebuild(s, done))
    return done[t]


class Monomial(NamedTuple):
    """A number and atoms with their powers, in an order that nothing but their structure decides."""

    coefficient: Number
    powers: tuple[tuple[Term, int], ...]

    @classmethod
    def of(cls, t: Term) -> Monomial:
        """The monomial that ``t`` is."""
        ((m, c),) = polynomial(t).items()
        return cls(c, tuple(sorted(m, key=lambda factor: digest(factor[0]))))

    def without(self, *atoms: Term) -> Term:
        """The product of the rest when each of the atoms is taken out once."""
        left = dict(self.powers)
        for a in atoms:
            left[a] -= 1
        return written({tuple((a, k) for a, k in self.powers_of(left)): self.coefficient})

    @property
    def unit(self) -> Term:
        """The monomial with 1 for its number."""
        return self._replace(coefficient=1).without()

    @staticmethod
    def powers_of(left: Mapping[Term, int]) -> list[tuple[Term, int]]:
        """Powers that are not 0, in the order of the kernel's monomials."""
        return sorted(((a, k) for a, k in left.items() if k), key=lambda factor: factor[0].serial)


def indicator(literal: Literal) -> Term:
    """1 where the literal holds, else 0."""
    return cond(literal.relation, literal.term, ONE, ZERO)


def is_indicator(t: Term) -> bool:
    """Whether ``t`` is an indicator."""
    return t.op == "cond" and t.terms[1] is ONE and t.terms[2] is ZERO


def guard(t: Term) -> Literal:
    """The literal that decides a conditional."""
    return Literal(str(t.args[0]), t.terms[0])


def sides(th: Theorem) -> tuple[Term, Term]:
    """``a, b`` where the theorem is ``a = b``."""
    return difference(held(th))


def summed(binders: tuple[Binder, ...], body: Term) -> Term:
    """The sum of ``body`` over the binders, the first one outermost."""
    for k, n in reversed(binders):
        body = bind("sum", k, n, body)
    return body


def entry_of(t: Term, k: Term) -> Term:
    """What stands under a sum or maximum, with a variable in place of what it counts."""
    return opened(t.terms[1], [k], iter(range(MAX_OPENED)))


def exponent(t: Term) -> int:
    """The exponent of a power."""
    (n,) = (a for a in t.args if type(a) is int)
    return n


def with_operand(t: Term, i: int, new: Term) -> Term:
    """An entry or an indicator with another operand in place ``i``, and only there."""
    if t.op == "cond":
        return indicator(guard(t)._replace(term=new))
    operands = [new if j == i else a for j, a in enumerate(t.terms)]
    return (tangent if t.op == "d" else var)(str(t.args[0]), *operands)


def matched(t: Term, pattern: Term, k: Term) -> Term | None:
    """What has to be put for the variable ``k`` in the pattern to make it ``t``, if anything does."""
    found: dict[Term, None] = {}
    stack = [(t, pattern)]
    while stack:
        s, p = stack.pop()
        if p is k:
            found[s] = None
        elif k.free.isdisjoint(p.free):
            if s is not p:
                return None
        elif s.op != p.op or [a for a in s.args if type(a) is not Term] != [a for a in p.args if type(a) is not Term]:
            return None
        else:
            stack += zip(s.terms, p.terms, strict=True)
    (u,) = found if len(found) == 1 else (None,)
    return u if u is not None and u.loose == 0 else None


def replaced(t: Term, table: Mapping[Term, Term], inside: tuple[str, ...] | None = None) -> Term:
    """``t`` with whole subterms replaced, found below the operations ``inside`` only, if these are given."""
    done: dict[Term, Term] = {}

    def go(s: Term) -> Term:
        if s in table:
            return table[s]
        if not s.terms or (inside is not None and s.op not in inside):
            return s
        if s not in done:
            done[s] = rebuild(s, {a: go(a) for a in s.terms})
        return done[s]

    return go(t)


def coefficient(t: Term, k: Term) -> int:
    """1 or -1 where ``t`` is ``k`` or ``-k`` and something without ``k``, else 0."""
    with_k = [(m, c) for m, c in polynomial(t).items() if any(not k.free.isdisjoint(a.free) for a, _ in m)]
    return int(with_k[0][1]) if len(with_k) == 1 and with_k[0][0] == ((k, 1),) and abs(with_k[0][1]) == 1 else 0
