"""Polynomials in ``h`` and pi beside a point, and functions of their monomials in a standard form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import zip_longest

from ..kernel.algebra import Monomial, Number, Polynomial
from ..kernel.terms import ONE, Literal, Term, add, mul, neg, pi, power, rat, sub, unary, var
from ..kernel.theorems import Theorem
from .limits_beside import Beside, H
from .limits_values import (
    Rows,
    equal,
    from_polynomial,
    inverse,
    nonzero,
    pi_positive,
    polynomial,
)

PI, IPI, IH = pi(), unary("inv", pi()), unary("inv", H)
PI_FLOOR, PI_CEILING = 3, 4


def scale_of(t: Term) -> tuple[Fraction, int, int] | None:
    """``q, j, n`` of a monomial ``q pi**j h**n``."""
    p = polynomial(t)
    if p is None or len(p) != 1:
        return None
    ((m, q),) = p.items()
    powers = dict(m)
    j, n = powers.pop(PI, 0), powers.pop(H, 0)
    return None if powers else (Fraction(q), j, n)


def monomial(q: Number, j: int, n: int) -> Term:
    """``q pi**j h**n``."""
    return from_polynomial({tuple((a, k) for a, k in ((PI, j), (H, n)) if k): q})


def is_standard(a: Term) -> bool:
    """Whether an atom is one that :func:`standard_function` makes."""
    if a in (H, PI, IPI, IH):
        return True
    inside = sub(a.terms[0], ONE) if a.op == "log" else a.terms[0] if a.op in ("sin", "cos", "exp") else None
    scale = None if inside is None else scale_of(inside)
    return scale is not None and scale[2] > 0


def standard_function(beside: Beside, s: Term) -> tuple[Term, Theorem] | None:
    """A function of ``q pi**j h**n`` in standard form: positive angles, powers of ``inv(h)`` and ``inv(pi)``."""
    R, (u,) = beside.R, s.terms
    if s.op == "log":
        scale = scale_of(sub(u, ONE))
        target = None if scale is None or not scale[2] else add(ONE, monomial(*scale))
        if target is None or target is u:
            return None
        return unary("log", target), R.rule("congruence", unary("log", var("hole")), "hole", equal(R, u, target))
    scale = scale_of(u)
    if scale is None or s in (IPI, IH):
        return None
    q, j, n = scale
    if s.op == "inv":
        parts = [(PI, IPI, j), (H, IH, n)]
        simple = from_polynomial({tuple((b, k) for _, b, k in parts if k): 1 / q})
        return simple, _inverse_of_monomial(beside, s, simple, parts)
    if s.op not in ("sin", "cos", "exp") or not n:
        return None
    v = monomial(abs(q) if s.op != "exp" else q, j, n)
    function = unary(s.op, v)
    if function is s:
        return None
    if s.op == "exp" or q > 0:
        return function, R.rule("congruence", unary(s.op, var("hole")), "hole", equal(R, u, v))
    flip = R.rule("congruence", unary(s.op, var("hole")), "hole", equal(R, u, neg(v)))
    odd = R.fact("sin_odd" if s.op == "sin" else "cos_even", v)
    target = neg(function) if s.op == "sin" else function
    return target, equal(R, s, target, [(ONE, flip), (ONE, odd)])


def _inverse_of_monomial(beside: Beside, s: Term, simple: Term, parts: Iterable[tuple[Term, Term, int]]) -> Theorem:
    """``inv(D) - simple = 0`` where ``D simple = 1``."""
    R, (u,) = beside.R, s.terms
    found = positive_monomial(beside, u)
    own = inverse(R, nonzero(R, found))
    # D simple - 1 = product of (a inv(a))**k - 1, one atom after the other
    equations, rest = list[tuple[Term, Theorem]](), ONE
    for a, b, k in parts:
        if k:
            equations.append((mul(rest, geometric(mul(a, b), k)), inverse(R, positive_monomial(beside, a))))
            rest = mul(rest, nth(mul(a, b), k))
    unit = equal(R, mul(u, simple), ONE, equations)
    # inv(D) - simple = simple (D inv(D) - 1) - inv(D) (D simple - 1)
    return equal(R, s, simple, [(simple, own), (neg(s), unit)])


def positive_monomial(beside: Beside, t: Term) -> Theorem:
    """``t > 0`` or ``t != 0`` for a monomial in ``h`` and pi."""
    scale = scale_of(t)
    assert scale is not None
    q, j, n = scale
    rows: Rows = [(q, [*[pi_positive(beside.R)] * j, *[beside.step] * n], [])] if j or n else [(q, [], [])]
    return beside.R.arith(Literal(">" if q > 0 else "!=", t), rows)


def nth(t: Term, n: int) -> Term:
    """``t**n`` for ``n >= 0``."""
    return ONE if n == 0 else t if n == 1 else power(t, n)


def geometric(t: Term, k: int) -> Term:
    """``1 + t + ... + t**(k - 1)``."""
    total = ONE
    for i in range(1, k):
        total = add(total, nth(t, i))
    return total


def shorter_than(s: Fraction) -> Literal:
    """``1 - s h > 0``."""
    return Literal(">", sub(ONE, mul(rat(s), H)))


def add_lists(p: list[Fraction], q: list[Fraction]) -> list[Fraction]:
    """The sum of two polynomials in one unknown, given by their coefficients."""
    return [a + b for a, b in zip_longest(p, q, fillvalue=Fraction(0))]


def multiply_lists(p: list[Fraction], q: list[Fraction]) -> list[Fraction]:
    """The product of two polynomials in one unknown."""
    total = [Fraction(0)] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            total[i + j] += a * b
    return total


def positive_rows(p: list[Fraction], size: Theorem, quarter: Theorem, shift: int) -> Rows:
    """Rows for ``y**shift sum p_i y**i > 0``, ``y > 0``, ``1 - 4 y > 0``: the next lower term pays a negative one."""
    rows, left = Rows(), list(p)
    for i in range(len(left) - 1, -1, -1):
        c = left[i]
        if c > 0:
            rows.append((c, [size] * (shift + i), []))
        elif c < 0 and i:
            rows.append((-c / 4, [*[size] * (shift + i - 1), quarter], []))
            left[i - 1] += c / 4
    return rows


def minus(p: Polynomial, q: Polynomial) -> Polynomial:
    """``p - q``."""
    return {m: c for m in {**p, **q} if (c := p.get(m, 0) - q.get(m, 0))}


def scaled(p: Polynomial, factor: int) -> Polynomial:
    """``factor * p``."""
    return {m: factor * c for m, c in p.items()}


def deficit(rest: Polynomial, k: int, j: int) -> Fraction:
    """The least ``m`` with ``rest >= -m 3**j h**(k + 2)`` for ``h < 1`` and ``pi < 4``."""
    negative = (abs(Fraction(c)) * PI_CEILING ** dict(m).get(PI, 0) for m, c in rest.items() if c < 0)
    return sum(negative, Fraction(0)) / PI_FLOOR**j


def cleared(p: Polynomial, a: Term, b: Term) -> tuple[int, Polynomial, Polynomial]:
    """``k``, ``p a**k`` without ``b = 1/a``, and the cofactor of ``a b - 1`` in ``p a**k - that``."""
    k = max((dict(m).get(b, 0) for m in p), default=0)
    result, cofactor = dict[Monomial, Number](), dict[Monomial, Number]()
    for m, c in p.items():
        powers = dict(m)
        n = powers.pop(b, 0)
        rest = powers.pop(a, 0) + k - n
        # a**rest ((a b)**n - 1) = a**rest (a b - 1) sum (a b)**i
        for total, up, down in [(result, rest, 0), *((cofactor, rest + i, i) for i in range(n))]:
            key = ordered({**powers, a: up, b: down})
            total[key] = total.get(key, 0) + c
    return k, {m: c for m, c in result.items() if c}, {m: c for m, c in cofactor.items() if c}


def ordered(powers: Mapping[Term, int]) -> Monomial:
    """The monomial with these powers."""
    return tuple(sorted(((a, k) for a, k in powers.items() if k), key=lambda item: item[0].serial))
