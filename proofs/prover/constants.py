"""Signs of numbers: closed terms are bounded by rationals, with the facts of the ledger as the only source.

Monotone functions are bounded through their values at a rational: ``exp(u) >= exp(a) (1 + u - a)``, and that at
``log`` for its inverse.  sin and cos take Taylor at rationals, atan the sign of a sine.  See :mod:`.bounds`.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from math import factorial
from typing import Final
from weakref import WeakKeyDictionary

from ..kernel.terms import MINUS_ONE, ONE, ZERO, KernelError, Literal, Term, add, mul, neg, pi, rat, sub, unary, var
from ..kernel.theorems import Theorem
from .bounds import Bound, Bounds, Equation, Row, Rule, Undecided, round_outward
from .erf_bounds import erf_bound
from .recorder import Recorder

LEVELS = (4, 9, 18, 28)
"""Working digits, tried in turn.  The ledger knows 29 decimals of pi."""
_LARGEST_EXPONENT = 2000
_LARGEST_ANGLE = 10**6
_HALF: Final = Fraction(1, 2)

_bounds: WeakKeyDictionary[Recorder, dict[int, Bounds]] = WeakKeyDictionary()


def enclose(r: Recorder, t: Term, digits: int = 6) -> tuple[Theorem, Theorem]:
    """``t - lo >= 0`` and ``hi - t >= 0`` (or ``> 0``) with rational ``lo``, ``hi`` about ``digits`` digits apart.

    Raises ``Undecided`` where the ledger does not bound ``t`` that well.
    """
    for level in LEVELS:
        try:
            low, high = (closed_bounds(r, level).bound(t, s) for s in (1, -1))
        except (Undecided, KernelError):
            continue
        if (high.value - low.value) * 10**digits <= max(abs(low.value), abs(high.value), 1):
            return low.theorem, high.theorem
    raise Undecided(f"no bounds of {digits} digits")


def sign_of_constant(r: Recorder, relation: str, t: Term) -> Theorem | None:
    """The theorem ``t relation 0`` for a term without symbols, or ``None`` where it is false or was not found."""
    if t.free:
        return None
    for level in LEVELS:
        try:
            return closed_bounds(r, level).sign(Literal(relation, t))
        except (Undecided, KernelError):
            continue
    return None


def closed_bounds(r: Recorder, digits: int) -> Bounds:
    """The bounds of closed terms with this many working digits."""
    made = _bounds.setdefault(r, {})
    if digits not in made:
        made[digits] = Bounds(r, digits, _RULES)
    return made[digits]


def _inv(at: Bounds, t: Term, u: Term, sense: int) -> Bound:
    sign = 1 if at.bound(u, 1).value > 0 else -1
    near, far = at.bound(u, sign), at.bound(u, -sign)
    a, b = sign * near.value, sign * far.value
    if a <= 0:
        raise Undecided("the operand of inv may be 0")
    one = at.r.fact("inv", u, premises=[at.sign(Literal("!=", u))])
    v = mul(rat(sign), t)
    if sense == sign:
        gap = mul(sub(rat(b), mul(rat(sign), u)), v)
        rows: list[Row] = [(1 / b, [far.theorem, near.theorem], [v]), (a / b, [far.theorem], [v])]
        return at.settle(t, sense, rows, [(mul(rat(1 / b), sub(ONE, gap)), one)])
    gap = mul(sub(mul(rat(sign), u), rat(a)), v)
    rows = [(1 / a, [], [gap]), (1, [near.theorem], [v])]
    return at.settle(t, sense, rows, [(mul(rat(-1 / a), add(ONE, gap)), one)])


def _exp_sum(at: Bounds, a: Term, b: Term, c: Term) -> Theorem:
    """``exp(c) - exp(a) exp(b) = 0`` where ``c == a + b``."""
    both = [(ONE, at.r.fact("exp_add", a, b)), *at.same("exp", add(a, b), c, -1)]
    goal = sub(unary("exp", c), mul(unary("exp", a), unary("exp", b)))
    return both[0][1] if len(both) == 1 else at.r.arith(Literal("=", goal), [], both)


def _exp_inverse(at: Bounds, a: Term, b: Term) -> list[Equation]:
    """Equations with sum ``1 - exp(a) exp(b)`` where ``a + b == 0``."""
    return [(ONE, _exp_sum(at, a, b, ZERO)), (MINUS_ONE, at.r.fact("exp_zero"))]


def _exp(at: Bounds, t: Term, u: Term, sense: int) -> Bound:
    return exp_beyond(at, t, u, sense, at.bound(u, sense))


def exp_beyond(at: Bounds, t: Term, u: Term, sense: int, end: Bound) -> Bound:
    """The bound of ``t = exp(u)`` from one of ``u``."""
    r = at.r
    if abs(end.value) > _LARGEST_EXPONENT:
        if sense == -1:
            raise Undecided("exp of a large number")
        return at.settle(t, 1, [(1, [r.fact("exp_pos", u)], [])])
    if u.op != "rat":
        # exp(u) = exp(a) exp(u - a) >= exp(a), and the other way round for an upper bound.
        a = rat(end.value)
        step, base = (sub(u, a), a) if sense == 1 else (sub(a, u), u)
        positive = r.fact("exp_pos", base)
        rows: list[Row] = [(1, [positive, r.fact("exp_taylor", step, order=1)], [])]
        rows += [(1, [positive, end.theorem], []), (1, [at.bound(unary("exp", a), sense).theorem], [])]
        return at.settle(t, sense, rows, [(ONE, _exp_sum(at, base, step, u if sense == 1 else a))])
    w = _rational(u)
    if w == 0:
        return at.settle(t, sense, [], [(rat(sense), r.fact("exp_zero"))])
    if abs(w) > 1:
        half = rat(w / 2)
        root = unary("exp", half)
        return at.settle(t, sense, at.product(root, root, sense), [(rat(sense), _exp_sum(at, half, half, u))])
    if sense == 1:
        n = next(n for n in range(1, 60, 2) if abs(w) ** (n + 1) * 10**at.kept < factorial(n + 1))
        return at.settle(t, 1, [(1, [r.fact("exp_taylor", u, order=n)], [])])
    # exp(u) exp(-u) = 1.
    other = at.bound(unary("exp", rat(-w)), 1)
    q = 1 / other.value
    equations = [(mul(rat(q), c), th) for c, th in _exp_inverse(at, u, rat(-w))]
    return at.settle(t, -1, [(q, [r.fact("exp_pos", u), other.theorem], [])], equations)


def _log(at: Bounds, t: Term, u: Term, sense: int) -> Bound:
    r = at.r
    if u is ONE:
        one = r.rule("congruence", unary("log", var("hole")), "hole", r.fact("exp_zero"))
        return at.settle(t, sense, [], [(rat(sense), r.fact("log_exp", ZERO)), (rat(-sense), one)])
    return log_beyond(at, t, u, sense, at.bound(u, sense))


def log_beyond(at: Bounds, t: Term, u: Term, sense: int, end: Bound) -> Bound:
    """The bound of ``t = log(u)`` from one of ``u``."""
    if end.value <= 0:
        raise Undecided("the operand of log may be 0")
    # x - y where the greater of t, q is x: exp(y - x) >= 1 + y - x, and exp(x) exp(-x) = 1.
    r, q = at.r, ZERO if end.value == 1 else rat(at.nearby(at.guess.log(at.mpf(end.value)), sense))
    x, y = (t, q) if sense == 1 else (q, t)
    power = at.bound(unary("exp", q), -sense)
    w, positive = unary("exp", neg(x)), r.fact("exp_pos", neg(x))
    room = sense * (end.value - power.value)
    if room < 0:
        raise Undecided("the guess was too close")
    rows: list[Row] = [(1, [r.fact("exp_taylor", sub(y, x), order=1)], []), (room, [positive], [])]
    rows += [(1, [positive, end.theorem], []), (1, [positive, power.theorem], [])]
    exact = r.fact("exp_log", u, premises=[at.sign(Literal(">", u))])
    equations = [(MINUS_ONE, _exp_sum(at, y, neg(x), sub(y, x))), *_exp_inverse(at, x, neg(x))]
    return at.settle(t, sense, rows, [*equations, (mul(rat(sense), w), exact)])


def _sqrt(at: Bounds, t: Term, u: Term, sense: int) -> Bound:
    low, high = at.bound(u, 1), at.bound(u, -1)
    if low.value < 0 or high.value == 0:
        raise Undecided("the operand of sqrt may be negative")
    square = at.r.fact("sqrt_square", u, premises=[at.sign(Literal(">=", u))])
    if sense == -1:
        # 2 p (p - t) = (p - t)^2 + p^2 - u, for any p > 0.
        p = round_outward(Fraction(str(at.guess.sqrt(at.mpf(high.value)))), -1, at.kept)
        q = 1 / (2 * p)
        rows: list[Row] = [(q, [], [sub(rat(p), t)]), (q, [high.theorem], [])]
        return at.settle(t, -1, rows, [(rat(-q), square)])
    top = at.bound(t, -1)
    q = 1 / top.value
    rows = [(q, [at.r.fact("sqrt_nonneg", u), top.theorem], []), (q, [low.theorem], [])]
    return at.settle(t, 1, rows, [(rat(q), square)])


def angle(at: Bounds, t: Term, u: Term, sense: int) -> Bound:
    """Bounds of sin and cos: by Taylor at short rationals and near 0, else by the addition theorems."""
    if u.op == "rat" and abs(_rational(u)) <= 8:
        return _short_angle(at, t, u, _rational(u), sense)
    low, high = at.bound(u, 1), at.bound(u, -1)
    width = high.value - low.value
    if abs(low.value) > _LARGEST_ANGLE or width > Fraction(1, 10):
        raise Undecided("the angle is too large or not known well enough")
    if low.value == 0:
        return _small_angle(at, t, u, high.value, sense)
    a, b = (rat(low.value / 2),) * 2 if u.op == "rat" else (rat(low.value), sub(u, rat(low.value)))
    if u.op != "rat":
        at.made[b, 1] = Bound(Fraction(0), low.theorem)
        at.made[b, -1] = at.settle(b, -1, [(1, [high.theorem], [])])
    sin_a, sin_b, cos_a, cos_b = (unary(op, angle) for op in ("sin", "cos") for angle in (a, b))
    if t.op == "sin":
        rows = at.product(sin_a, cos_b, sense) + at.product(cos_a, sin_b, sense)
    else:
        rows = at.product(cos_a, cos_b, sense) + at.product(sin_a, sin_b, -sense)
    equations = at.same(t.op, add(a, b), u, -sense)
    return at.settle(t, sense, rows, [(rat(sense), at.r.fact(f"{t.op}_add", a, b)), *equations])


def _short_angle(at: Bounds, t: Term, u: Term, w: Fraction, sense: int) -> Bound:
    first = int(t.op == "sin")
    if first and w < 0:
        other = at.bound(unary("sin", rat(-w)), -sense)
        odd = [(rat(sense), at.r.fact("sin_odd", rat(-w))), *at.same("sin", neg(rat(-w)), u, -sense)]
        return at.settle(t, sense, [(1, [other.theorem], [])], odd)
    start = 2 if sense == 1 else 1
    error = 10**at.kept
    n = next(n for n in range(start, 60, 2) if abs(w) ** (2 * n + first) * error < factorial(2 * n + first))
    premises = [at.sign(Literal(">=", u))] if first else []
    return at.settle(t, sense, [(1, [at.r.fact(f"{t.op}_taylor", u, order=n, premises=premises)], [])])


def _small_angle(at: Bounds, t: Term, u: Term, top: Fraction, sense: int) -> Bound:
    """For ``0 <= u <= top``: ``u (1 - u^2/6) <= sin u <= u`` and ``1 - u^2/2 <= cos u <= 1``."""
    low, high = at.bound(u, 1).theorem, at.bound(u, -1).theorem
    premises = [at.sign(Literal(">=", u))] if t.op == "sin" else []
    taylor = at.r.fact(f"{t.op}_taylor", u, order=2 if sense == 1 else 1, premises=premises)
    rows: list[Row] = [(1, [taylor], [])]
    if t.op == "cos" and sense == 1:
        rows += [(_HALF, [low, high], []), (top / 2, [high], [])]
    elif t.op == "sin" and sense == 1:
        rows += [(Fraction(1, 6), [low, low, high], []), (top / 6, [low, high], []), (1 - top**2 / 6, [low], [])]
    elif t.op == "sin":
        rows.append((1, [high], []))
    return at.settle(t, sense, rows)


def _atan(at: Bounds, t: Term, u: Term, sense: int) -> Bound:
    r = at.r
    end = at.bound(u, sense)
    value = at.nearby(at.guess.atan(at.mpf(end.value)), sense)
    edge, half_pi = r.fact("atan_low" if sense == 1 else "atan_high", u), at.bound(pi(), 1)
    if sense * value * 2 < -half_pi.value:
        return at.settle(t, sense, [(1, [edge], []), (_HALF, [at.bound(pi(), -1).theorem], [])])
    # Were x - y < 0, then sin(y - x) > 0; but it is -cos(t) (u cos(q) - sin(q)) up to the sense.
    q = rat(value)
    x, y = (t, q) if sense == 1 else (q, t)
    claim = Literal(">=", sub(x, y))
    sin_q, cos_q = unary("sin", q), unary("cos", q)
    room = at.bound(sub(mul(u, cos_q), sin_q), sense)
    if sense * room.value < 0:
        raise Undecided("the guess was too close")
    z = claim.negation.term
    turn = at.prove(Literal(">", sub(pi(), z)), [(1, [edge], []), (_HALF, [half_pi.theorem], [])])
    rows: list[Row] = [(1, [r.fact("sin_pos", z, premises=[r.assume(claim.negation), turn])], [])]
    cos_t = r.fact("atan_cos", u)
    rows += [(1, [cos_t, room.theorem], []), (abs(room.value), [cos_t], [])]
    equations = [
        (MINUS_ONE, r.fact("sin_odd", claim.term)),
        (ONE, r.fact("sin_add", x, neg(y))),
        (unary("sin", x), r.fact("cos_even", y)),
        (unary("cos", x), r.fact("sin_odd", y)),
        (mul(rat(sense), cos_q), r.fact("atan_tan", u)),
    ]
    absurd = at.prove(Literal(">", ZERO), rows, equations)
    return Bound(value, r.rule("cases", claim, r.assume(claim), absurd))


def _erf(at: Bounds, t: Term, u: Term, sense: int) -> Bound:
    """Between -1 and 1, and on its operand's side of 0; by its series where that is not enough."""
    r = at.r
    if at.digits > LEVELS[0]:
        with suppress(Undecided):
            closer = erf_bound(at, t, u, sense)
            if abs(closer.value) < 1:
                return closer
    if sense * at.bound(u, sense).value > 0:
        v, other = (u, []) if sense == 1 else (neg(u), [(MINUS_ONE, r.fact("erf_odd", u))])
        return at.settle(t, sense, [(1, [r.fact("erf_pos", v, premises=[at.sign(Literal(">", v))])], [])], other)
    v, other = (u, []) if sense == -1 else (neg(u), [(ONE, r.fact("erf_odd", u))])
    return at.settle(t, sense, [(1, [r.fact("erf_high", v)], [])], other)


def floor(at: Bounds, t: Term, u: Term, sense: int) -> Bound:
    end = at.bound(u, sense)
    n = end.value.numerator // end.value.denominator
    fact = at.r.fact("floor_high" if sense == 1 else "floor_low", u)
    rows: list[Row] = [(1, [fact], []), (1, [end.theorem], [])]
    goal = add(sub(t, rat(n)), ONE) if sense == 1 else sub(rat(n + 1), t)
    whole = at.r.rule("gap", at.prove(Literal(">", goal), rows))
    return at.settle(t, sense, [(1, [whole], [])])


def _rational(t: Term) -> Fraction:
    value = t.args[0]
    assert type(value) is Fraction
    return value


_RULES: Final[dict[str, Rule]] = {
    "inv": _inv,
    "exp": _exp,
    "log": _log,
    "sqrt": _sqrt,
    "sin": angle,
    "cos": angle,
    "atan": _atan,
    "erf": _erf,
    "floor": floor,
}
