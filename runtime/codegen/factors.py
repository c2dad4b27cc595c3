"""Terms read as products of factors and as sums of products: the form in which lowering looks for patterns."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import NamedTuple

from hasderiv.proofs.kernel.terms import Term, power

from .evaluate import constant


class Product(NamedTuple):
    """``coefficient * above[0] * ... / (below[0] * ...)``."""

    coefficient: Fraction
    above: tuple[Term, ...]
    below: tuple[Term, ...]


def square_root_of(p: Product) -> Term | None:
    """``u`` where the product is ``u**2`` with coefficient 1."""
    if p.below or p.coefficient != 1:
        return None
    if len(p.above) == 1 and p.above[0].op == "pow" and p.above[0].args[1] == 2:
        return p.above[0].terms[0]
    if len(p.above) == 2 and p.above[0] is p.above[1]:
        return p.above[0]
    return None


def less_tanh(parts: list[tuple[Fraction, Product]]) -> tuple[Fraction, Term] | None:
    """``scale`` and ``u`` where the sum is ``scale (u - tanh(u))``."""
    if len(parts) == 2 and parts[0][0] == -parts[1][0] and all(len(p.above) == 1 and not p.below for _, p in parts):
        for (c, p), (_, q) in (parts, parts[::-1]):
            outer = q.above[0]
            if outer.op == "app" and outer.args[0] == "tanh" and outer.terms[0] is p.above[0]:
                return c, p.above[0]
    return None


def collected(p: Product) -> Product:
    """Equal factors above and below the line cancelled, powers written out one factor at a time (up to 8)."""
    exponents: dict[Term, int] = {}
    for factors, sign in ((p.above, 1), (p.below, -1)):
        for factor in factors:
            base, n = factor, sign
            while base.op == "pow":
                n *= int(str(base.args[1]))
                base = base.terms[0]
            exponents[base] = exponents.get(base, 0) + n
    above: list[Term] = []
    below: list[Term] = []
    for base, n in exponents.items():
        side = above if n > 0 else below
        side.extend([base] * abs(n) if abs(n) <= 8 else [power(base, abs(n))])
    return Product(p.coefficient, tuple(above), tuple(below))


def merged(parts: list[tuple[Fraction, Product]]) -> list[tuple[Fraction, Product]]:
    """Like terms added up: two that overflow must not meet as infinity minus infinity."""
    total: dict[tuple[frozenset[tuple[Term, int]], ...], tuple[Fraction, Product]] = {}
    for c, p in parts:
        q = collected(p)
        key = tuple(frozenset(Counter(side).items()) for side in (q.above, q.below))
        before, kept = total.get(key, (Fraction(0), q))
        total[key] = (before + c, kept)
    return [(c, p) for c, p in total.values() if c != 0]


def product(t: Term, flat: bool = True) -> Product:
    """``t`` as a coefficient (every factor without symbols in it) and factors above and below the line.

    Unless ``flat``, a product that stands to the right in a product stays one factor, as written.
    """
    coefficient = Fraction(1)
    above: list[Term] = []
    below: list[Term] = []
    spine = {t}
    stack = [(t, False)]
    while stack:
        s, inverted = stack.pop()
        if s.op == "mul" and (flat or s in spine):
            left, right = s.terms
            stack.extend(((right, inverted), (left, inverted)))
            if not inverted:
                spine.add(left)
                if not left.free or right.op == "inv":
                    spine.add(right)
        elif s.op == "inv" and s.free:
            stack.append((s.terms[0], not inverted))
        elif s.op == "pow" and s.terms[0].op == "inv" and s.free:
            base = s.terms[0].terms[0]
            (above if inverted else below).append(power(base, int(str(s.args[1]))))
        else:
            value = constant(s) if not s.free else None
            if value is None or (inverted and value == 0):
                (below if inverted else above).append(s)
            else:
                coefficient = coefficient / value if inverted else coefficient * value
    return Product(coefficient, tuple(above), tuple(below))


def addends(t: Term, flat: bool = True) -> tuple[Fraction, list[tuple[Fraction, Product]]]:
    """``t`` as a constant and terms with their coefficients, in the order in which they are written.

    Unless ``flat``, a sum that stands to the right in a sum stays one term, as written.
    """
    total = Fraction(0)
    parts: list[tuple[Fraction, Product]] = []
    stack: list[tuple[Fraction, Term, bool]] = [(Fraction(1), t, True)]
    while stack:
        c, s, open_ = stack.pop()
        if s.op == "add" and open_:
            stack.extend(((c, s.terms[1], flat), (c, s.terms[0], True)))
            continue
        p = product(s, flat)
        if flat and len(p.above) == 1 and p.above[0].op == "add" and not p.below and abs(p.coefficient) == 1:
            stack.append((c * p.coefficient, p.above[0], True))
        elif not p.above and not p.below:
            total += c * p.coefficient
        else:
            parts.append((c * p.coefficient, Product(Fraction(1), p.above, p.below)))
    return total, parts
