"""Polynomial arithmetic, the one decision procedure of the kernel, and what a term is for its form.

:func:`normal` writes a term as a polynomial with rational coefficients whose unknowns are *atoms*: the
subterms that are neither sums, products, integer powers nor rational numbers.  Two terms with the
same polynomial are equal at every point, whatever the atoms stand for.  The converse is not needed.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from .terms import ONE, ZERO, KernelError, Literal, Term, add, mul, neg, postorder, power, rat, substitute, tangent

Number = int | Fraction
Monomial = tuple[tuple[Term, int], ...]
Polynomial = dict[Monomial, Number]
Rate = Term | None
"""A derivative, or ``None`` where only continuity is known."""

BUDGET: Final = 200_000
"""The most products of monomials that one step may cost; beyond it a rule says so and refuses.

A long monomial counts more than once, and so does a long coefficient: see :func:`_weight`.
"""
TOTAL: Final = 100 * BUDGET
"""The most that all steps of a certificate may cost."""
MAX_BITS: Final = 200_000
"""The largest numerator or denominator of a coefficient: a short chain of squares must not eat the memory."""
_TOO_MANY: Final = f"more than {BUDGET} products of monomials in one step"
_UNIT: Final[Monomial] = ()
_KEPT_SIZE: Final = 32


class _Kept(threading.local):
    """The normal forms that were kept, and what was spent since none was, for each thread its own.

    What a step costs must not depend on other threads.
    """

    def __init__(self) -> None:
        self.forms: dict[Term, Polynomial] = {}
        self.spent = 0


_kept = _Kept()


def forget() -> None:
    """Drop the normal forms that were kept: what a certificate costs must not depend on what was read before it."""
    _kept.forms.clear()
    _kept.spent = 0


def _number(q: Number) -> Number:
    """``q`` as an ``int`` where it is one (integers are several times faster), if it is no larger than allowed."""
    if q.numerator.bit_length() > MAX_BITS or q.denominator.bit_length() > MAX_BITS:
        raise KernelError(f"algebra: a coefficient has more than {MAX_BITS} bits")
    return q.numerator if type(q) is Fraction and q.denominator == 1 else q


def _join(m: Monomial, n: Monomial) -> Monomial:
    """The product of two monomials; their atoms stand in the order in which they were made."""
    if not m or not n:
        return m or n
    powers = dict(m)
    for atom, k in n:
        powers[atom] = powers.get(atom, 0) + k
    return tuple(sorted(powers.items(), key=lambda item: item[0].serial))


def accumulate(total: Polynomial, p: Polynomial, factor: Number = 1) -> None:
    """``total += factor * p`` in place."""
    for m, c in p.items():
        value = total.get(m, 0) + factor * c
        if value:
            total[m] = _number(value)
        else:
            total.pop(m, None)


def _weight(p: Polynomial) -> int:
    """How much longer the longest monomial and coefficient are than those of most polynomials, which weigh 0."""
    atoms = max(map(len, p), default=0)
    bits = max((max(c.numerator.bit_length(), c.denominator.bit_length()) for c in p.values()), default=0)
    return atoms // 16 + bits // 64


class Algebra:
    """Polynomial arithmetic under one budget; make a fresh one for each step."""

    def __init__(self) -> None:
        self.spent = 0

    def spend(self, cost: int, why: str) -> None:
        """Count what a step costs; ``why`` is said where it is too much."""
        self.spent += cost
        _kept.spent += cost
        if self.spent > BUDGET:
            raise KernelError(f"algebra: {why}")
        if _kept.spent > TOTAL:
            raise KernelError(f"algebra: all steps together cost more than {TOTAL} products of monomials")

    def product(self, p: Polynomial, q: Polynomial) -> Polynomial:
        """``p * q``."""
        self.spend(len(p) * len(q) * (1 + _weight(p) + _weight(q)), _TOO_MANY)
        result: Polynomial = {}
        for m, c in p.items():
            for n, d in q.items():
                k = _join(m, n)
                value = result.get(k, 0) + c * d
                if value:
                    result[k] = _number(value)
                else:
                    del result[k]
        return result

    def power(self, p: Polynomial, n: int) -> Polynomial:
        """``p**n`` for ``n >= 1``, by repeated squaring."""
        if len(p) == 1:
            ((m, c),) = p.items()
            self.spent += n
            return {tuple((a, k * n) for a, k in m): self._scalar_power(c, n)}
        result: Polynomial = {_UNIT: 1}
        while n:
            if n & 1:
                result = self.product(result, p)
            n >>= 1
            p = self.product(p, p) if n else p
        return result

    def _scalar_power(self, c: Number, n: int) -> Number:
        size = max(abs(c.numerator), c.denominator).bit_length()
        self.spend(size * n // 64, "a power of a number is too large")
        return _number(c**n)

    def normal(self, root: Term) -> Polynomial:
        """The polynomial of ``root``.

        Raises ``KernelError`` when it costs more than :data:`BUDGET`.
        """
        kept = _kept.forms
        if root in kept:
            return kept[root]
        done: dict[Term, Polynomial] = {}
        for t in postorder_of_ring(root):
            done[t] = kept[t] if t in kept else self._node(t, done)
            if len(done[t]) <= _KEPT_SIZE:
                kept[t] = done[t]
        return done[root]

    def _node(self, t: Term, done: dict[Term, Polynomial]) -> Polynomial:
        if t.op == "rat":
            value = t.args[0]
            assert type(value) is Fraction
            return {_UNIT: _number(value)} if value else {}
        if t.op == "add":
            p, q = (done[s] for s in t.terms)
            self.spend((len(p) + len(q)) * (1 + _weight(p) + _weight(q)), _TOO_MANY)
            total = dict(p)
            accumulate(total, q)
            return total
        if t.op == "mul":
            p, q = (done[s] for s in t.terms)
            return self.product(p, q)
        if t.op == "pow":
            n = t.args[1]
            assert type(n) is int
            return self.power(done[t.terms[0]], n)
        return {((t, 1),): 1}


def postorder_of_ring(root: Term) -> list[Term]:
    """Subterms reached through sums, products and powers only: atoms are not opened."""
    if root.op not in ("add", "mul", "pow"):
        return [root]
    seen: set[Term] = set()
    order: list[Term] = []
    stack: list[tuple[Term, bool]] = [(root, False)]
    while stack:
        t, done = stack.pop()
        if done:
            order.append(t)
        elif t not in seen:
            seen.add(t)
            if t.op in ("add", "mul", "pow") and t not in _kept.forms:
                stack.append((t, True))
                stack.extend((a, False) for a in t.terms)
            else:
                order.append(t)
    return order


def adds_up(goal: Term, rows: Sequence[tuple[Fraction, Sequence[tuple[Term, int]]]]) -> bool:
    """Whether ``goal`` is the sum of the products ``q * t1**n1 * t2**n2 ...``, as a polynomial."""
    ring, total = Algebra(), Polynomial()
    for q, powers in rows:
        p: Polynomial = {_UNIT: q}
        for t, n in powers:
            p = ring.product(p, ring.power(ring.normal(t), n) if n > 1 else ring.normal(t))
        accumulate(total, p)
    return total == ring.normal(goal)


def compare(relation: str, value: Number) -> bool:
    """Whether ``value relation 0``."""
    return {">": value > 0, ">=": value >= 0, "=": value == 0, "!=": value != 0}[relation]


def constant(p: Polynomial) -> Number | None:
    """The number that ``p`` is, or ``None`` where it is not one."""
    if not p:
        return 0
    return p[_UNIT] if len(p) == 1 and _UNIT in p else None


def integral(t: Term) -> bool:
    """Whether ``t`` is an integer for its form: integers and floors under ``+``, ``*`` and powers."""
    whole: dict[Term, bool] = {}
    for s in postorder(t):
        if s.op == "rat":
            whole[s] = type(s.args[0]) is Fraction and s.args[0].denominator == 1
        else:
            whole[s] = s.op == "floor" or (s.op in ("add", "mul", "pow") and all(whole[a] for a in s.terms))
    return whole[t]


def linear(t: Term, vary: frozenset[str]) -> bool:
    """Whether ``t`` is, for its form, linear in the tangents of ``vary`` and free of other tangents."""
    degree: dict[Term, int] = {}
    for s in postorder(t):
        degree[s] = 2
        if not s.moves:
            degree[s] = 0
        elif s.op == "d":
            degree[s] = 1 if s.symbol[2:] in vary and not any(a.moves for a in s.terms) else 2
        elif s.op == "mul":
            degree[s] = sum(degree[a] for a in s.terms)
        elif s.op == "add" or (s.op in ("cond", "sum") and not s.terms[0].moves):
            arms = s.terms[s.op != "add" :]
            degree[s] = 1 if all(degree[a] == 1 or a is ZERO for a in arms) else 2
    return t is ZERO or degree[t] == 1


def slope(derivative: Term, x: str) -> Term:
    """The number by which ``derivative`` multiplies ``dx``: ``d`` of ``d dx``, else ``derivative`` at ``dx = 1``."""
    dx = tangent(x)  # refuses a family: the number would be another one for each entry
    if derivative.op == "mul" and derivative.terms[1] is dx and not derivative.terms[0].moves:
        return derivative.terms[0]
    return substitute(derivative, {"d " + x: ONE})


def difference(fact: Literal) -> tuple[Term, Term]:
    """``a, b`` where the literal is ``a - b = 0``, written as :func:`sub` writes it."""
    if fact.relation == "=" and fact.term.op == "add":
        a, minus_b = fact.term.terms
        if minus_b.op == "mul" and neg(minus_b.terms[1]) is minus_b:
            return a, minus_b.terms[1]
    raise KernelError("the premise is not an equation a - b = 0")


def plus(a: Rate, b: Rate) -> Rate:
    """``a + b`` without a needless 0.  Values are total, so no domain is lost."""
    return None if a is None or b is None else b if a is ZERO else a if b is ZERO else add(a, b)


def times(a: Rate, b: Rate) -> Rate:
    """``a * b`` without a needless 0 or 1."""
    if a is None or b is None:
        return None
    return ZERO if ZERO in (a, b) else b if a is ONE else a if b is ONE else mul(a, b)


def derivation(t: Term, du: Sequence[Rate]) -> Rate:
    """The derivative of a sum, product or power, ``da + db``, ``da b + a db`` or ``n a^(n-1) da``."""
    if t.op == "add":
        return plus(*du)
    if t.op == "mul":
        a, b = t.terms
        return plus(times(du[0], b), times(a, du[1]))
    (a,), n = t.terms, t.args[1]
    assert t.op == "pow" and type(n) is int
    return times(mul(rat(n), a if n == 2 else power(a, n - 1)), du[0])


def false(fact: Literal) -> bool:
    """Whether the literal is about a rational number, for its form, and false."""
    value = None if fact.term.free else constant(Algebra().normal(fact.term))
    return value is not None and not compare(fact.relation, value)
