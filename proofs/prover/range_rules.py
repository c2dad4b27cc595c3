"""How each function bounds its value from bounds of its operand, where one of them may be missing."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from ..kernel.facts import HALF_PI
from ..kernel.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    KernelError,
    Literal,
    Term,
    add,
    mul,
    neg,
    pi,
    rat,
    sub,
    unary,
    var,
)
from ..kernel.theorems import Theorem, held
from .angle_bounds import angle
from .atom_signs import cosine_between
from .bounds import Bound, Row, Rule, Undecided, round_outward
from .constants import exp_beyond, log_beyond
from .constants import floor as _floor
from .erf_bounds import erf_bound
from .lemmas import inverse_nonzero, strict
from .linear_search import erf_low
from .rewriting import at_zero

if TYPE_CHECKING:
    from .ranges import Ranges

LARGEST_EXPONENT: Final = 60
_HALF: Final = Fraction(1, 2)


def _inv(at: Ranges, t: Term, u: Term, sense: int) -> Bound:
    sign = 1 if at.shows(">", u) is not None else -1
    size = u if sign == 1 else neg(u)
    positive = at.sign(Literal(">", size))
    one = at.r.fact("inv", u, premises=[at.r.arith(Literal("!=", u), [(sign, [positive], [])])])
    apart = inverse_nonzero(at.ctx, u, one)
    mine = t if sign == 1 else neg(t)
    above = at.r.arith(Literal(">", mine), [(1, [positive, apart], [])], [(neg(mine), one)])
    end = at.maybe(u, -sense)
    if end is None or end.value == 0:
        if sense != sign:
            raise Undecided("the operand of inv comes close to 0")
        return at.settle(t, sense, [(1, [above], [])])
    # With v = 1/u of one sign: v - 1/b = v (b - u)/b, up to signs.
    q = 1 / end.value
    return at.settle(t, sense, [(abs(q), [end.theorem, above], [])], [(rat(sense * q), one)])


def _exp(at: Ranges, t: Term, u: Term, sense: int) -> Bound:
    end = at.maybe(u, sense)
    if sense == 1 and (end is None or end.value < -LARGEST_EXPONENT):
        return at.settle(t, 1, [(1, [at.r.fact("exp_pos", u)], [])])
    if end is None or (sense == -1 and end.value > LARGEST_EXPONENT):
        raise Undecided("exp of a large number")
    return exp_beyond(at, t, u, sense, _shorter(at, u, sense, end))


def _log(at: Ranges, t: Term, u: Term, sense: int) -> Bound:
    return log_beyond(at, t, u, sense, _shorter(at, u, sense, at.bound(u, sense)))


def _shorter(at: Ranges, u: Term, sense: int, end: Bound) -> Bound:
    """``end`` with a short number, no larger than the largest exponent."""
    value = round_outward(end.value, sense, at.kept)
    if sense == 1 and value > LARGEST_EXPONENT:
        value = Fraction(LARGEST_EXPONENT)
    if value == end.value:
        return end
    difference = sub(u, rat(value)) if sense == 1 else sub(rat(value), u)
    return Bound(value, at.prove(Literal(">", difference), [(1, [end.theorem], [])]))


def _sqrt(at: Ranges, t: Term, u: Term, sense: int) -> Bound:
    r, root = at.r, at.r.fact("sqrt_nonneg", u)
    low = at.maybe(u, 1)
    end = at.bound(u, -1) if sense == -1 else low
    if sense == 1 and (low is None or low.value < 0 or end is None):
        return at.settle(t, 1, [(1, [root], [])])
    assert end is not None
    square = r.fact("sqrt_square", u, premises=[at.sign(Literal(">=", u))])
    p = _root(at, end.value, sense)
    if sense == -1:
        if p == 0:
            none = Literal(">=", sub(ZERO, t))
            above_ = r.assume(none.negation)
            clash = at.prove(
                Literal(">", ZERO), [(1, [above_, above_], []), (1, [end.theorem], [])], [(MINUS_ONE, square)]
            )
            return Bound(p, r.rule("cases", none, r.assume(none), clash))
        # 2 p (p - t) = (p - t)^2 + p^2 - u, for any p > 0.
        q = 1 / (2 * p)
        return at.settle(t, -1, [(q, [], [sub(rat(p), t)]), (q, [end.theorem], [])], [(rat(-q), square)])
    # Were t < p, then u = t^2 < p^2.
    above = end.value > p**2 or held(end.theorem, "ranges").relation == ">"
    if p == 0 and not above:
        return at.settle(t, 1, [(1, [root], [])])
    goal = Literal(">" if above else ">=", sub(t, rat(p)))
    no = r.assume(goal.negation)
    rows: list[Row] = [(p, [no], []), (1, [no, root], []), (1, [end.theorem], [])]
    return Bound(p, r.rule("cases", goal, r.assume(goal), at.prove(Literal(">", ZERO), rows, [(ONE, square)])))


def _root(at: Ranges, value: Fraction, sense: int) -> Fraction:
    """The square root, where it is rational; else a number on the safe side of it."""
    guess = at.guess.sqrt(at.mpf(value))
    exact = Fraction(int(at.guess.nint(guess * value.denominator)), value.denominator)
    return exact if exact**2 == value else max(Fraction(0), at.nearby(guess, sense))


def _atan(at: Ranges, t: Term, u: Term, sense: int) -> Bound:
    edge = at.r.fact("atan_low" if sense == 1 else "atan_high", u)
    beyond = at.settle(t, sense, [(1, [edge], [])])
    end = at.maybe(u, sense)
    if end is None:
        return beyond
    if abs(end.value) == 1:
        quarter = mul(rat(Fraction(1, 4) * end.value), pi())
        one, same = _eighth(at, int(end.value))
        cosine = unary("cos", quarter)
        room = at.r.arith(
            Literal(held(end.theorem, "ranges").relation, mul(rat(sense), sub(mul(u, cosine), unary("sin", quarter)))),
            [(1, [end.theorem, one], [])],
            [(rat(sense), same)],
        )
        goal = _beside(at, t, u, sense, quarter, room, edge)
        return at.settle(t, sense, [(1, [goal], [])])
    if end.value == 0:
        zero = at.r.fact("cos_zero")
        sine = at_zero(at.ctx, unary("sin", ZERO))
        assert sine is not None
        room = at.r.arith(
            Literal(
                held(end.theorem, "ranges").relation,
                mul(rat(sense), sub(mul(u, unary("cos", ZERO)), unary("sin", ZERO))),
            ),
            [(1, [end.theorem], [])],
            [(mul(rat(sense), u), zero), (rat(-sense), sine[1])],
        )
        return at.settle(t, sense, [(1, [_beside(at, t, u, sense, ZERO, room, edge)], [])])
    short = _shorter(at, u, sense, end) if abs(end.value) < LARGEST_EXPONENT else end
    q = at.nearby(at.guess.atan(at.mpf(short.value)), sense)
    if sense * q < -_HALF * 3:
        return beyond
    angle = rat(q)
    cosine, sine_q = unary("cos", angle), unary("sin", angle)
    positive = at.sign(Literal(">", cosine))
    # u cos q - sin q = (u - a) cos q + a cos q - sin q
    least = at.bound(sub(mul(rat(short.value), cosine), sine_q), sense)
    goal_term = mul(rat(sense), sub(mul(u, cosine), sine_q))
    room = at.prove(Literal(">", goal_term), [(1, [short.theorem, positive], []), (1, [least.theorem], [])])
    return at.settle(t, sense, [(1, [_beside(at, t, u, sense, angle, room, edge)], [])])


def _beside(at: Ranges, t: Term, u: Term, sense: int, q: Term, room: Theorem, edge: Theorem) -> Theorem:
    """``t - q`` (up to the sense) of the sign of ``u cos q - sin q``, for ``t = atan(u)`` and an angle ``|q| < pi/2``.

    Were it negative, ``sin(q - t)`` would be positive; but it is ``-cos(t) (u cos q - sin q)``.
    """
    r = at.r
    x, y = (t, q) if sense == 1 else (q, t)
    claim = Literal(">=", sub(x, y))
    z = claim.negation.term
    cos_q = unary("cos", q)
    turn = _turn(at, z, q, sense, edge)
    rows: list[Row] = [(1, [r.fact("sin_pos", z, premises=[r.assume(claim.negation), turn])], [])]
    rows.append((1, [r.fact("atan_cos", u), room], []))
    equations = [
        (MINUS_ONE, r.fact("sin_odd", claim.term)),
        (ONE, r.fact("sin_add", x, neg(y))),
        (unary("sin", x), r.fact("cos_even", y)),
        (unary("cos", x), r.fact("sin_odd", y)),
        (mul(rat(sense), cos_q), r.fact("atan_tan", u)),
    ]
    weak = r.rule("cases", claim, r.assume(claim), at.prove(Literal(">", ZERO), rows, equations))
    if held(room, "ranges").relation != ">":
        return weak
    # Were they equal, so would be their sines and cosines.
    zero = Literal("=", sub(t, q))
    hole = var("hole")
    sine, cosine = (r.rule("congruence", unary(op, hole), "hole", r.assume(zero)) for op in ("sin", "cos"))
    clash = r.arith(
        Literal(">", ZERO),
        [(1, [room], [])],
        [(rat(-sense), sine), (mul(rat(sense), u), cosine), (rat(sense), r.fact("atan_tan", u))],
    )
    apart = r.rule("cases", zero, clash, r.assume(zero.negation))
    if sense == -1:
        apart = r.arith(Literal("!=", claim.term), [(-1, [apart], [])])
    found = strict(at.ctx, claim.term, weak, apart)
    assert found is not None
    return found


def _turn(at: Ranges, z: Term, q: Term, sense: int, edge: Theorem) -> Theorem:
    """``pi - z > 0`` for ``z = q - atan(u)``, up to the sense: ``q`` is at most a right angle."""
    rest = at.closed(sub(HALF_PI, mul(rat(sense), q)), 1)
    return at.prove(Literal(">", sub(pi(), z)), [(1, [edge], []), (1, [rest.theorem], [])])


def _eighth(at: Ranges, sign: int) -> tuple[Theorem, Theorem]:
    """For ``q = +-pi/4``: ``cos(q) > 0`` and ``+-cos(q) - sin(q) = 0``."""
    r, ctx = at.r, at.ctx
    q = mul(rat(Fraction(1, 4)), pi())
    s, c = unary("sin", q), unary("cos", q)
    low, high = (at.closed(v, 1).theorem for v in (add(q, HALF_PI), sub(HALF_PI, q)))
    cosine = cosine_between(
        ctx,
        q,
        at.prove(Literal(">", add(q, HALF_PI)), [(1, [low], [])]),
        at.prove(Literal(">", sub(HALF_PI, q)), [(1, [high], [])]),
    )
    sine = r.fact(
        "sin_pos",
        q,
        premises=[
            at.prove(Literal(">", q), [(1, [at.closed(q, 1).theorem], [])]),
            at.prove(Literal(">", sub(pi(), q)), [(1, [at.closed(sub(pi(), q), 1).theorem], [])]),
        ],
    )
    _, zero = ctx.quarter(1)
    # cos(pi/2) = cos(q)^2 - sin(q)^2 = (c - s) (c + s)
    same = r.rule("congruence", unary("cos", var("hole")), "hole", r.arith(Literal("=", sub(add(q, q), HALF_PI))))
    both = [(ONE, r.fact("cos_add", q, q)), (MINUS_ONE, same), (MINUS_ONE, zero)]
    gap = Literal("=", sub(c, s))
    apart = r.assume(gap.negation)
    total = r.arith(Literal(">", add(c, s)), [(1, [cosine], []), (1, [sine], [])])
    product = r.arith(Literal("!=", ZERO), [(1, [apart, total], [])], both)
    equal = r.rule("cases", gap, r.assume(gap), product)
    if sign == 1:
        return cosine, equal
    minus = mul(rat(Fraction(-1, 4)), pi())
    hole = r.arith(Literal("=", sub(minus, neg(q))))
    even = [
        (ONE, r.rule("congruence", unary("cos", var("hole")), "hole", hole)),
        (ONE, r.fact("cos_even", q)),
    ]
    odd = [
        (ONE, r.rule("congruence", unary("sin", var("hole")), "hole", hole)),
        (ONE, r.fact("sin_odd", q)),
    ]
    mirrored = r.arith(Literal(">", unary("cos", minus)), [(1, [cosine], [])], even)
    goal = Literal("=", sub(neg(unary("cos", minus)), unary("sin", minus)))
    equations = [(mul(MINUS_ONE, k), th) for k, th in even] + [(mul(MINUS_ONE, k), th) for k, th in odd]
    return mirrored, r.arith(goal, (), [*equations, (MINUS_ONE, equal)])


def _erf(at: Ranges, t: Term, u: Term, sense: int) -> Bound:
    """Between -1 and 1, and on its operand's side of 0: the ledger says no more."""
    r = at.r
    v, odd = (u, []) if sense == 1 else (neg(u), [(MINUS_ONE, r.fact("erf_odd", u))])
    positive = at.shows(">", v)
    if positive is not None:
        return at.settle(t, sense, [(1, [r.fact("erf_pos", v, premises=[positive])], [])], odd)
    nonneg = at.shows(">=", v)
    if nonneg is not None:
        # erf(v) > 0, or v = 0 and erf(0) = 0.
        up = Literal(">", v)
        weak = Literal(">=", mul(rat(sense), t))
        yes = r.arith(weak, [(1, [r.fact("erf_pos", v, premises=[r.assume(up)])], [])], odd)
        other = r.between(nonneg, r.arith(Literal(">=", neg(v)), [(1, [r.assume(up.negation)], [])]))
        hole = r.arith(Literal("=", sub(u, ZERO)), (), [(rat(sense), other)])
        same = r.rule("congruence", unary("erf", var("hole")), "hole", hole)
        value = at_zero(at.ctx, unary("erf", ZERO))
        assert value is not None
        no = r.arith(weak, [(1, [], [ZERO])], [(rat(sense), same), (rat(sense), value[1])])
        return at.settle(t, sense, [(1, [r.rule("cases", up, yes, no)], [])])
    edge = r.fact("erf_high", u) if sense == -1 else erf_low(at.ctx, u)
    return at.settle(t, sense, [(1, [edge], [])])


def _erf_within(at: Ranges, t: Term, u: Term, sense: int) -> Bound:
    """What the ledger says, or where the operand is bounded what its series says there."""
    plain, end = _erf(at, t, u, sense), at.maybe(u, sense)
    if end is None or end.value == 0:
        return plain
    try:
        closer = erf_bound(at, t, u, sense)
    except (Undecided, KernelError):
        return plain
    return closer if sense * closer.value > sense * plain.value else plain


RULES: Final[dict[str, Rule]] = {
    "inv": _inv,
    "exp": _exp,
    "log": _log,
    "sqrt": _sqrt,
    "sin": angle,
    "cos": angle,
    "atan": _atan,
    "erf": _erf_within,
    "floor": _floor,
}
