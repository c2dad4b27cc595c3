"""The sign of a sum: by its terms, by logarithms, by a root against the rest."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

from ..kernel.algebra import Polynomial
from ..kernel.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    KernelError,
    Literal,
    Term,
    mul,
    neg,
    power,
    rat,
    sub,
    unary,
)
from ..kernel.theorems import Theorem
from .lemmas import inverse_nonzero
from .normal import same_as_canonical
from .polynomial import UNIT, atoms, monomial_term, monomials, term

if TYPE_CHECKING:
    from .context import Context


def all_positive(ctx: Context, goal: Literal, n: Polynomial) -> Theorem | None:
    """A sum of products each known to be nonnegative, one of them positive."""
    products: list[tuple[Fraction, list[Theorem], list[Term]]] = []
    positive = False
    for m, c in monomials(n):
        q = Fraction(c)
        if m == UNIT:
            if q < 0:
                return None
            products.append((q, [], []))
            positive = True
            continue
        factors, squares, sign, strictly = [], [], 1 if q > 0 else -1, True
        for a, k in m:
            up = ctx.prove(">", a)
            if up is not None:
                factors += [up] * k
                continue
            if k % 2 == 0:
                apart = ctx.prove("!=", a)
                if apart is not None:
                    factors += [apart] * (k // 2)
                else:
                    squares.append(a if k == 2 else power(a, k // 2))
                    strictly = False
                continue
            down = ctx.prove(">", neg(a))
            if down is None:
                weak = ctx.prove(">=", a)
                if weak is None:
                    weak = ctx.prove(">=", neg(a))
                    if weak is None:
                        return None
                    sign *= -1
                strictly = False
                factors += [weak] * k
                continue
            sign *= (-1) ** k
            factors += [down] * k
        if sign < 0:
            return None
        positive = positive or strictly
        products.append((abs(q), factors, squares))
    if goal.relation == ">" and not positive:
        return None
    try:
        return ctx.R.arith(goal, products)
    except KernelError:
        return None


def compare_two(ctx: Context, goal: Literal, n: Polynomial) -> Theorem | None:
    """``A - B`` for positive monomials with exponentials or roots: ``A = B exp(d)``, and ``exp(d) >= 1 + d``."""
    if len(n) != 2 or not any(a.op in ("exp", "sqrt") for a in atoms(n)):
        return None
    (m, c), (k, e) = monomials(n)
    if Fraction(c) < 0:
        (m, c), (k, e) = (k, e), (m, c)
    if Fraction(c) < 0 or Fraction(e) > 0:
        return None
    a, b = monomial_term(m, c), monomial_term(k, -e)
    a_pos, b_pos = ctx.prove(">", a), ctx.prove(">", b)
    if a_pos is None or b_pos is None:
        return None
    d = sub(unary("log", a), unary("log", b))
    f = ctx.frac(d)
    exponent, _ = same_as_canonical(ctx, d, f)
    gap = ctx.prove(goal.relation, exponent)
    same = ctx.prove_equal(mul(b, unary("exp", exponent)), a)
    if gap is None or same is None:
        return None
    taylor = ctx.R.fact("exp_taylor", exponent, order=1)
    return ctx.R.arith(goal, [(1, [b_pos, taylor], []), (1, [b_pos, gap], [])], [(MINUS_ONE, same)])


def root_against(ctx: Context, goal: Literal, n: Polynomial) -> Theorem | None:
    """``a sqrt(u) + b > 0`` for ``a > 0`` from ``a^2 u > b^2``."""
    for s in atoms(n):
        if s.op != "sqrt" or goal.relation != ">" or any(k > 1 for m in n for x, k in m if x is s):
            continue
        a = {tuple(f for f in m if f[0] is not s): c for m, c in n.items() if any(x is s for x, _ in m)}
        b = {m: c for m, c in n.items() if all(x is not s for x, _ in m)}
        u, top, rest = s.terms[0], term(a), term(b)
        nonneg, above = ctx.prove(">=", u), ctx.prove(">", top)
        gap = ctx.prove(">", sub(mul(power(top, 2), u), power(rest, 2)))
        if nonneg is None or above is None or gap is None:
            continue
        R, N = ctx.R, goal.term
        square, root = R.fact("sqrt_square", u, premises=[nonneg]), R.fact("sqrt_nonneg", u)
        no = R.assume(goal.negation)
        # Were N = a s + b <= 0: a^2 u - b^2 = N (a s - b) = 2 a s N - N^2 <= 0.
        rows = [(1, [gap], []), (2, [above, root, no], []), (1, [], [N])]
        clash_ = R.arith(Literal(">", ZERO), rows, [(power(top, 2), square)])
        return R.rule("cases", goal, R.assume(goal), clash_)
    return None


def logarithms(ctx: Context, goal: Literal, n: Polynomial) -> Theorem | None:
    """``sum c_i log(v_i) + q R 0`` for integers ``c_i``: with ``P = prod v_i^c_i e^q`` it is at least ``1 - 1/P``."""
    if not any(a.op == "log" for a in atoms(n)):
        return None
    denominators = 1
    for c in n.values():
        denominators = lcm(denominators, Fraction(c).denominator)
    product: Term = ONE
    for m, c in monomials(n):
        k = Fraction(c) * denominators
        if m == UNIT:
            product = mul(product, unary("exp", rat(k)))
            continue
        if len(m) != 1 or m[0][1] != 1 or m[0][0].op != "log" or abs(k) > 24:
            return None
        v = m[0][0].terms[0]
        base = v if k > 0 else unary("inv", v)
        product = mul(product, base if abs(k) == 1 else power(base, int(abs(k))))
    L = mul(rat(denominators), term(n))
    above = ctx.prove(goal.relation, sub(product, ONE))
    if above is None:
        return None
    positive = ctx.prove(">", product)
    same = ctx.prove_equal(unary("exp", neg(L)), unary("inv", product))
    if positive is None or same is None:
        return None
    R = ctx.R
    inverse = R.fact("inv", product, premises=[R.arith(Literal("!=", product), [(1, [positive], [])])])
    i = unary("inv", product)
    i_apart = inverse_nonzero(ctx, product, inverse)
    i_positive = R.arith(Literal(">", i), [(1, [positive, i_apart], [])], [(neg(i), inverse)])
    # L >= 1 - exp(-L) = 1 - 1/P = (P - 1)/P
    taylor = R.fact("exp_taylor", neg(L), order=1)
    goal_L = R.arith(
        Literal(goal.relation, L),
        [(1, [taylor], []), (1, [above, i_positive], [])],
        [(MINUS_ONE, same), (MINUS_ONE, inverse)],
    )
    return R.arith(goal, [(Fraction(1, denominators), [goal_L], [])])
