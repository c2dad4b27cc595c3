"""Bounds of the error function: between its Taylor polynomials, because its derivative is (rule ``increases``).

With ``c = 2/sqrt(pi)`` and ``P`` the polynomial whose derivative is that of degree ``n`` for ``exp(-s^2)``, the
difference ``erf(s) - c P(s)`` is 0 at 0 and grows for odd ``n``; for even ``n`` it falls.
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial

from ..kernel.algebra import slope
from ..kernel.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    Literal,
    Term,
    add,
    mul,
    neg,
    pi,
    power,
    rat,
    sub,
    substitute,
    unary,
    var,
)
from ..kernel.theorems import Local, Theorem
from .bounds import Bound, Bounds, Equation, Row, Undecided, round_outward
from .recorder import Recorder

LARGEST = 3
"""Beyond, ``erf`` is as good as 1."""
SCALE = mul(rat(2), unary("inv", unary("sqrt", pi())))
_S = var("s")


def erf_bound(at: Bounds, t: Term, u: Term, sense: int) -> Bound:
    """The bound of ``t = erf(u)`` from one of ``u``: exact at 0, else by the polynomial at a short rational."""
    end = at.bound(u, sense)
    a = round_outward(end.value, sense, at.kept // 2 + 2)
    if sense * a >= LARGEST and sense < 0:
        raise Undecided("close to 1")
    if -sense * a > LARGEST:
        raise Undecided("close to -1")
    a = min(a, Fraction(LARGEST)) if sense > 0 else max(a, Fraction(-LARGEST))
    near = _at_rational(at, a, sense)
    if u is rat(a):
        return near
    apart = at.prove(Literal(">=", sub(u, rat(a)) if sense > 0 else sub(rat(a), u)), [(1, [end.theorem], [])])
    grown = _grown(at.r, u, rat(a), sense, apart)
    return at.settle(t, sense, [(1, [grown], []), (1, [near.theorem], [])])


def _grown(r: Recorder, u: Term, a: Term, sense: int, apart: Theorem) -> Theorem:
    """``sense (erf(u) - erf(a)) >= 0`` from ``sense (u - a) >= 0``."""
    low, high = (a, u) if sense > 0 else (u, a)
    room, goal = Literal(">", sub(high, low)), Literal(">=", sub(unary("erf", high), unary("erf", low)))
    moving, rate = _moving(r, unary("erf", _S))
    rising = r.arith(Literal(">", rate), [(1, [_scale_positive(r), r.fact("exp_pos", neg(power(_S, 2)))], [])])
    th = r.rule("increases", "s", (low, high), moving, rising)
    strictly = r.arith(goal, [(1, [th], [])])
    if u.op == "rat":
        distance = abs(Fraction(str(u.args[0])) - Fraction(str(a.args[0])))
        return r.rule("cut", r.arith(room, [(distance, [], [])]), strictly)
    zero = r.between(apart, r.assume(room.negation))
    same = r.rule(
        "congruence", unary("erf", var("hole")), "hole", r.arith(Literal("=", sub(high, low)), (), [(ONE, zero)])
    )
    weakly = r.arith(goal, [(1, [], [ZERO])], [(ONE, same)])
    return r.rule("cases", room, strictly, weakly)


def _at_rational(at: Bounds, a: Fraction, sense: int) -> Bound:
    r, t = at.r, unary("erf", rat(a))
    if a == 0:
        return at.settle(t, sense, [], [(rat(sense), _at_zero(r))])
    if a < 0:
        other = _at_rational(at, -a, -sense)
        odd = [(rat(sense), r.fact("erf_odd", rat(-a))), *at.same("erf", neg(rat(-a)), rat(a), -sense)]
        return at.settle(t, sense, [(1, [other.theorem], [])], odd)
    start, error = (1 if sense > 0 else 2), 10**at.digits
    n = next(n for n in range(start, 60, 2) if a ** (2 * n + 3) * error < factorial(n + 1) * (2 * n + 3) or n > 57)
    e = sub(unary("erf", _S), mul(SCALE, _polynomial(n)))
    e = e if sense > 0 else neg(e)
    moving, rate = _moving(r, e)
    square = power(_S, 2)
    gap = r.fact("exp_taylor", neg(square), order=n) if sense > 0 else _above(r, n)
    rising = r.arith(Literal(">=", rate), [(1, [_scale_positive(r), gap], [])])
    th = r.rule("increases", "s", (ZERO, rat(a)), moving, rising)
    room = r.arith(Literal(">", sub(rat(a), ZERO)), [(a, [], [])])
    th = r.rule("cut", room, th)
    value = at.bound(mul(SCALE, rat(_value(n, a))), sense)
    zero: list[Equation] = [(rat(sense), _at_zero(r))]
    rows: list[Row] = [(1, [th], []), (1, [value.theorem], [])]
    return at.settle(t, sense, rows, zero)


def _polynomial(n: int) -> Term:
    total = _S
    for k in range(1, n + 1):
        total = add(total, mul(rat(Fraction((-1) ** k, factorial(k) * (2 * k + 1))), power(_S, 2 * k + 1)))
    return total


def _value(n: int, a: Fraction) -> Fraction:
    return sum((Fraction((-1) ** k, factorial(k) * (2 * k + 1)) * a ** (2 * k + 1) for k in range(n + 1)), Fraction(0))


def _above(r: Recorder, n: int) -> Theorem:
    """``T(-s^2) - exp(-s^2) >= 0`` for the Taylor polynomial ``T`` of ``exp`` of even degree ``n``, for ``s > 0``."""
    z = var("z")
    total: Term = ONE
    for k in range(1, n + 1):
        total = add(total, mul(rat(Fraction((-1) ** k, factorial(k))), power(z, k) if k > 1 else z))
    e = sub(total, unary("exp", neg(z)))
    moving, rate = _moving(r, e, "z")
    rising = r.arith(Literal(">=", rate), [(1, [r.fact("exp_taylor", neg(z), order=n - 1)], [])])
    square = power(_S, 2)
    th = r.rule("increases", "z", (ZERO, square), moving, rising)
    above = r.assume(Literal(">", sub(_S, ZERO)))
    th = r.rule("cut", r.arith(Literal(">", sub(square, ZERO)), [(1, [above, above], [])]), th)
    # at 0 the two are equal
    start = r.rule("congruence", unary("exp", var("hole")), "hole", r.arith(Literal("=", sub(neg(ZERO), ZERO))))
    equations = [(MINUS_ONE, start), (MINUS_ONE, r.fact("exp_zero"))]
    goal = Literal(">=", sub(substitute(total, {"z": square}), unary("exp", neg(square))))
    return r.arith(goal, [(1, [th], [])], equations)


def _moving(r: Recorder, e: Term, x: str = "s") -> tuple[Theorem, Term]:
    """``e`` varies in ``x``, and its slope."""
    from .context import Context
    from .derive import local

    th = local(Context(r, [], [x]), frozenset({x}), e)
    c = th.conclusion
    assert isinstance(c, Local) and c.derivative is not None
    return th, slope(c.derivative, x)


def _scale_positive(r: Recorder) -> Theorem:
    from .constants import sign_of_constant

    th = sign_of_constant(r, ">", SCALE)
    assert th is not None
    return th


def _at_zero(r: Recorder) -> Theorem:
    """``erf(0) - 0 = 0``."""
    fact = r.fact("erf_odd", ZERO)
    step = r.rule("congruence", unary("erf", var("hole")), "hole", r.arith(Literal("=", sub(neg(ZERO), ZERO))))
    half = rat(Fraction(1, 2))
    return r.arith(Literal("=", sub(unary("erf", ZERO), ZERO)), (), [(half, fact), (neg(half), step)])
