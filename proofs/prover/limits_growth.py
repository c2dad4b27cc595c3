"""Lemmas on the growth of ``exp`` and ``log``, each proved once in symbols ``u, v, b, c`` and then instantiated.

The ledger says ``exp(u + v) = exp(u) exp(v)``, ``exp(u) >= 1 + u`` and ``exp(log(u)) = u``; order follows.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ..kernel.terms import ONE, ZERO, Literal, Term, add, mul, neg, rat, sub, unary, var
from ..kernel.theorems import Theorem
from .limits_values import (
    CONTRADICTION,
    Rows,
    apply_lemma,
    equal,
    exp_equal,
    inverse,
    inverse_positive,
    moved_over,
    refuted,
    shown,
)
from .recorder import Recorder

U, V, B, C = (var(n) for n in "uvbc")


def exp(t: Term) -> Term:
    """``exp(t)``."""
    return unary("exp", t)


def log(t: Term) -> Term:
    """``log(t)``."""
    return unary("log", t)


def inv(t: Term) -> Term:
    """``inv(t)``."""
    return unary("inv", t)


def exp_monotone(R: Recorder) -> Theorem:
    """``v - u >= 0 |- exp(v) - exp(u) >= 0``: ``exp(v) - exp(u) = exp(u) (exp(v - u) - 1)``."""
    d = sub(V, U)
    below, low, base = R.assume(Literal(">=", d)), R.fact("exp_taylor", d, order=1), R.fact("exp_pos", U)
    return R.arith(Literal(">=", sub(exp(V), exp(U))), [(1, [base, low], []), (1, [base, below], [])], [
        (rat(-1), exp_equal(R, add(d, U), V)), (ONE, R.fact("exp_add", d, U))])  # fmt: skip


def log_below(R: Recorder) -> Theorem:
    """``u > 0, exp(v) - u > 0 |- v - log(u) > 0``."""
    inside, below = R.assume(Literal(">", U)), R.assume(Literal(">", sub(exp(V), U)))
    value = R.fact("exp_log", U, premises=[inside])

    def false(no: Theorem) -> Theorem:
        order = moved_over(R, no, Literal(">=", sub(log(U), V)))
        above = apply_lemma(R, exp_monotone(R), {"u": V, "v": log(U)}, order)
        return R.arith(CONTRADICTION, [(1, [below], []), (1, [above], [])], [(rat(-1), value)])

    return refuted(R, Literal(">", sub(V, log(U))), false)


def power_radius(b: Term, c: Term) -> Term:
    """The radius ``c**(1/b)`` of :func:`small_power`."""
    return exp(mul(inv(b), log(c)))


def small_power(R: Recorder) -> Theorem:
    """``b > 0, c > 0, u > 0, c**(1/b) - u > 0 |- c - u**b >= 0``, powers written with ``exp`` and ``log``."""
    bound, inside = R.assume(Literal(">", C)), R.assume(Literal(">", U))
    exponent, r = R.assume(Literal(">", B)), mul(inv(B), log(C))
    near = R.assume(Literal(">", sub(exp(r), U)))
    below = apply_lemma(R, log_below(R), {"v": r}, inside, near)
    # b (r - log(u)) = log(c) - b log(u)
    order = R.arith(Literal(">=", sub(log(C), mul(B, log(U)))), [(1, [exponent, below], [])], [
        (neg(log(C)), inverse(R, exponent))])  # fmt: skip
    above = apply_lemma(R, exp_monotone(R), {"u": mul(B, log(U)), "v": log(C)}, order)
    value = R.fact("exp_log", C, premises=[bound])
    return R.arith(Literal(">=", sub(C, exp(mul(B, log(U))))), [(1, [above], [])], [(rat(-1), value)])


def entropy_radius(c: Term) -> Term:
    """The radius ``exp(-2/c)`` of :func:`small_entropy`."""
    return exp(mul(rat(-2), inv(c)))


def log_negative(R: Recorder) -> Theorem:
    """``c > 0, u > 0, exp(-2/c) - u > 0 |- -log(u) - 2/c > 0``."""
    inside, near = R.assume(Literal(">", U)), R.assume(Literal(">", sub(entropy_radius(C), U)))
    below = apply_lemma(R, log_below(R), {"v": mul(rat(-2), inv(C))}, inside, near)
    return R.arith(Literal(">", sub(neg(log(U)), mul(rat(2), inv(C)))), [(1, [below], [])])


def small_entropy(R: Recorder) -> Theorem:
    """``c > 0, u > 0, exp(-2/c) - u > 0 |- c + u log(u) >= 0``.

    With ``y = -log(u) > 2/c`` and ``E = exp(y) = 1/u >= y^2/2``: ``y u > c`` would give ``y > c E >= c y^2/2``.
    """
    bound, inside = R.assume(Literal(">", C)), R.assume(Literal(">", U))
    far, y = log_negative(R), neg(log(U))
    large = R.fact("exp_taylor", y, order=3)
    d = inverse_positive(R, bound)
    high = R.arith(Literal(">", y), [(1, [far], []), (2, [d], [])])
    # u E = 1
    split, zero = R.fact("exp_add", log(U), y), exp_equal(R, add(log(U), y), ZERO)
    value, one = R.fact("exp_log", U, premises=[inside]), inverse(R, bound)
    big = exp(y)
    unit = equal(R, mul(U, big), ONE, [
        (neg(big), value), (rat(-1), split), (ONE, zero), (ONE, R.fact("exp_zero"))])  # fmt: skip
    above = R.fact("exp_pos", y)

    def false(no: Theorem) -> Theorem:  # y u - c > 0
        # E (y u - c) + c (E - 1 - y - y^2/2 - y^3/6) + c + c y + c y^3/6 + c y/2 (y - 2/c) = y (u E - 1) + y (1 - c/c)
        rows: Rows = [
            (1, [above, no], []), (1, [bound, large], []), (1, [bound], []), (1, [bound, high], []),
            (Fraction(1, 6), [bound, high, high, high], []), (Fraction(1, 2), [bound, high, far], []),
        ]  # fmt: skip
        return R.arith(CONTRADICTION, rows, [(neg(y), unit), (y, one)])

    return refuted(R, Literal(">=", add(C, mul(U, log(U)))), false)


def root_as_power(R: Recorder, positive: Theorem, half: Term) -> Theorem:
    """``sqrt(u) - exp(1/2 log(u)) = 0`` from ``u > 0``; ``half`` is the second term."""
    u = shown(positive).term
    root, (w,) = unary("sqrt", u), half.terms
    square = R.fact("sqrt_square", u, premises=[R.arith(Literal(">=", u), [(1, [positive], [])])])
    whole = equal(R, mul(half, half), u, [
        (rat(-1), R.fact("exp_add", w, w)), (ONE, exp_equal(R, add(w, w), log(u))),
        (ONE, R.fact("exp_log", u, premises=[positive]))])  # fmt: skip
    low, above, gap = R.fact("sqrt_nonneg", u), R.fact("exp_pos", w), sub(root, half)

    def false(sign: int) -> Callable[[Theorem], Theorem]:
        return lambda no: R.arith(CONTRADICTION, [(1, [no, above], []), (1, [no, low], [])], [
            (rat(sign), square), (rat(-sign), whole)])  # fmt: skip

    return R.between(refuted(R, Literal(">=", gap), false(1)), refuted(R, Literal(">=", neg(gap)), false(-1)))
