"""Ordered-field arithmetic on literals: the rules that rest on :mod:`.algebra`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .algebra import adds_up
from .conclusions import Holds
from .terms import Literal, Term, refuse
from .theorems import Theorem, Theorems, conclude, held

Product = tuple[Fraction, Theorems, Sequence[Term]]
"""``q``, proved factors, and terms to be squared: the product ``q * f1 * f2 ... * s1**2 * s2**2 ...``."""


def arith(goal: Literal, products: Sequence[Product], equations: Sequence[tuple[Term, Theorem]]) -> Theorem:
    """Ordered-field arithmetic: every inference that adds and multiplies facts::

            H |- f_1 R 0  ...   H |- e_1 = 0  ...
           ---------------------------------------   t  ==  sum_k q_k prod_j f_kj prod_i s_ki^2  +  sum_m c_m e_m
                      H |- t R 0                            (as polynomials over the rationals)

    - ``t = 0``: there are no products, so ``t`` is a combination of terms that are 0.
    - ``t > 0``, ``t >= 0``: every ``q_k > 0`` and every factor is ``> 0`` or ``>= 0`` (a factor ``!= 0``
      enters squared); for ``> 0`` one product at least has only factors ``> 0`` and ``!= 0`` and no ``s_ki``.
    - ``t != 0``: one product with ``q != 0``, all its factors ``> 0`` or ``!= 0``, and no ``s_ki``.

    The cofactors ``c_m`` are any terms: the identity holds for polynomials, hence for all values of the atoms.
    """
    nonzero, strict = goal.relation == "!=", False
    refuse(goal.relation != "=" or not products, "products cannot prove an equation")
    refuse(not nonzero or len(products) == 1, "t != 0 needs exactly one product")
    rows: list[tuple[Fraction, list[tuple[Term, int]]]] = []
    for q, factors, squares in products:
        refuse(type(q) is Fraction and (q > 0 or (nonzero and q < 0)), "a coefficient is not positive")
        facts = [held(th) for th in factors]
        refuse(all(f.relation != "=" for f in facts), "an equation stands as a factor")
        positive = not squares and all(f.relation != ">=" for f in facts)
        refuse(positive or not nonzero, "a factor is not known to be nonzero")
        strict = strict or positive
        powers = [(f.term, 2 if f.relation == "!=" and not nonzero else 1) for f in facts]
        rows.append((q, powers + [(s, 2) for s in squares]))
    refuse(goal.relation != ">" or strict, "no product is known to be positive")
    zeros = [held(th) for _, th in equations]
    refuse(all(f.relation == "=" for f in zeros), "a cofactor stands before what is not an equation")
    rows += [(Fraction(1), [(c, 1), (f.term, 1)]) for (c, _), f in zip(equations, zeros, strict=True)]
    refuse(adds_up(goal.term, rows), "the combination does not add up to the goal")
    premises = [th for _, factors, _ in products for th in factors] + [th for _, th in equations]
    return conclude(Holds(goal), premises)
