"""One-sided derivatives of sums of powers and logarithms: ``k h**r`` and ``k h**r log(h)`` beside a point.

Beside its point a term such as ``cbrt(x)``, ``pow(x, a)``, ``sqrt(abs(x))**3`` or ``x*log(x)`` differs from its value
there by such a sum.  The largest term decides: ``h**r`` gives an infinite slope for ``0 < r < 1`` and none for
``r > 1``, ``h log(h)`` an infinite one.  Every bound has an explicit radius; several make one by their harmonic sum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ..kernel.terms import MINUS_ONE, ONE, ZERO, Literal, Term, add, mul, neg, postorder, power, rat, sub
from ..kernel.theorems import Theorem
from .limits_beside import EPS, Beside, H
from .limits_germs import Germ, L, expansion, polished, standard_germ
from .limits_growth import (
    entropy_radius,
    exp,
    inv,
    log_below,
    power_radius,
    small_entropy,
    small_power,
)
from .limits_point import Point
from .limits_values import (
    Rows,
    apply_lemma,
    equal,
    exp_equal,
    inverse,
    inverse_positive,
    number,
    polynomial,
    shown,
)
from .limits_waves import without_waves
from .recorder import Recorder

CLOSE = Fraction(1, 64)
"""How close to the point guards are decided that are not decided everywhere on the side."""


def power_side(R: Recorder, term: Term, sign: int, point: Point) -> Theorem | None:
    """The one-sided derivative of a term that beside the point is a sum of powers and logarithms of ``h``."""
    if not {"eps", "h"}.isdisjoint(term.free | {point.x}):
        return None
    for near in (frozenset[Literal](), frozenset({Literal(">", sub(rat(CLOSE), H))})):
        beside = Beside(point, term, sign, standard_germ, near)
        p = polynomial(beside.change)
        plain = None if p is None else without_waves(beside, p)
        found = None if plain is None else expansion(R, beside, plain[0], plain[2])
        if found is not None or all(s.op != "cond" for s in postorder(beside.change)):
            break
    if plain is None or found is None:
        return None
    germs, equation = [*found[0], *plain[1]], found[1]
    steep = [g for g in germs if g.kind == "steep"]
    if not steep:
        return _finite(R, beside, germs, equation)
    if len(steep) > 1:
        return None
    return _infinite(R, beside, steep[0], [g for g in germs if g is not steep[0]], equation)


@dataclass(frozen=True)
class Bound:
    """A bound that holds for ``h`` below a radius: ``use`` takes ``radius - h > 0``.

    ``above`` is the premise ``c > 0`` of the lemma behind it.
    """

    radius: Term
    positive: Theorem
    use: Callable[[Theorem], Theorem]
    above: Theorem


def _within(R: Recorder, bounds: Sequence[Bound], beside: Beside) -> tuple[Term, Theorem, list[Theorem]]:
    """As :func:`_together`; where guards were decided for ``h < CLOSE`` the radius is smaller than that too."""
    if not beside.near:
        return _together(R, bounds, beside.step)
    close = R.arith(Literal(">", rat(CLOSE)), [(CLOSE, [], [])])
    whole = Bound(rat(CLOSE), close, lambda near: near, close)
    radius, positive, (*found, near) = _together(R, [*bounds, whole], beside.step)
    beside.shorter = [near]
    return radius, positive, found


def _together(R: Recorder, bounds: Sequence[Bound], step: Theorem) -> tuple[Term, Theorem, list[Theorem]]:
    """One radius for all the bounds, and for each of them the theorem that ``h`` is below its own radius."""
    if not bounds:
        return ONE, R.arith(Literal(">", ONE), [(1, [], [])]), []
    if len(bounds) == 1:
        (b,) = bounds
        return b.radius, b.positive, [R.assume(Literal(">", sub(b.radius, H)))]
    inverses = [inverse_positive(R, b.positive) for b in bounds]
    total = inv(bounds[0].radius)
    for b in bounds[1:]:
        total = add(total, inv(b.radius))
    whole = R.arith(Literal(">", total), [(1, [th], []) for th in inverses])
    radius, one = inv(total), inverse(R, whole)
    near, found = R.assume(Literal(">", sub(radius, H))), list[Theorem]()
    for i, b in enumerate(bounds):
        # d (s (1/s - h)) + the other d h/d_j = d - h
        rows: Rows = [(1, [b.positive, whole, near], [])]
        rows += [(1, [b.positive, th, step], []) for j, th in enumerate(inverses) if j != i]
        equations = [(neg(b.radius), one), (H, inverse(R, b.positive))]
        found.append(R.arith(Literal(">", sub(b.radius, H)), rows, equations))
    return radius, inverse_positive(R, whole), found


def _quotient(R: Recorder, a: Theorem, b: Theorem) -> tuple[Term, Theorem, Theorem]:
    """``c`` with ``c > 0`` and ``c b - a = 0``, for ``a > 0`` and ``b > 0``."""
    top, bottom = shown(a).term, shown(b).term
    q = number(bottom)
    if q is not None:
        c = top if q == 1 else mul(rat(1 / q), top)
        return c, R.arith(Literal(">", c), [(1 / q, [a], [])]), equal(R, mul(c, bottom), top)
    c = mul(top, inv(bottom))
    return c, R.arith(Literal(">", c), [(1, [a, inverse_positive(R, b)], [])]), equal(R, mul(c, bottom), top, [
        (top, inverse(R, b))])  # fmt: skip


def _power_bound(R: Recorder, germ: Germ, exponent: Theorem, share: Theorem, beside: Beside) -> Bound:
    """``share - size h**exponent >= 0`` near the point."""
    c, above, same = _quotient(R, share, germ.positive)
    b = shown(exponent).term

    def use(near: Theorem) -> Theorem:
        th = apply_lemma(R, small_power(R), {"b": b, "c": c, "u": H}, exponent, above, beside.step, near)
        goal = sub(shown(share).term, mul(germ.size, exp(mul(b, L))))
        return R.arith(Literal(">=", goal), [(1, [germ.positive, th], [])], [(MINUS_ONE, same)])

    radius = power_radius(b, c)
    return Bound(radius, R.fact("exp_pos", radius.terms[0]), use, above)


def _small(R: Recorder, germ: Germ, share: Theorem, beside: Beside) -> Bound:
    """``share h - size h**r >= 0`` near the point, for ``r > 1``."""
    assert germ.excess is not None
    if germ.logs:
        return _small_with_log(R, germ, germ.excess, share, beside)
    inner, b = _power_bound(R, germ, germ.excess, share, beside), shown(germ.excess).term

    def use(near: Theorem) -> Theorem:
        # h**r = h h**(r - 1)
        split = R.fact("exp_add", L, mul(b, L))
        whole = exp_equal(R, mul(germ.exponent, L), add(L, mul(b, L)))
        value = R.fact("exp_log", H, premises=[beside.step])
        goal = sub(mul(shown(share).term, H), mul(germ.size, germ.power))
        k = neg(germ.size)
        return R.arith(Literal(">=", goal), [(1, [beside.step, inner.use(near)], [])], [
            (k, whole), (k, split), (mul(k, exp(mul(b, L))), value)])  # fmt: skip

    return Bound(inner.radius, inner.positive, use, inner.above)


def _small_with_log(R: Recorder, germ: Germ, excess: Theorem, share: Theorem, beside: Beside) -> Bound:
    """``share h + size h**r log(h) >= 0`` near the point, for ``r = 1 + b > 1``.

    With ``c = 2 size/b`` and ``p = h**(b/2)``: ``1/p >= 1 - b/2 log(h)`` gives ``size p**2 log(h) >= -c p >= -share``.
    """
    b, step = shown(excess).term, beside.step
    half = R.arith(Literal(">", polished(mul(rat(Fraction(1, 2)), b))), [(Fraction(1, 2), [excess], [])])
    twice = R.arith(Literal(">", mul(rat(2), germ.size)), [(2, [germ.positive], [])])
    c, above, same = _quotient(R, twice, excess)
    inner = _power_bound(R, replace(germ, size=c, positive=above), half, share, beside)

    def use(near: Theorem) -> Theorem:
        w = mul(shown(half).term, L)
        p, back = exp(w), neg(w)
        low, positive = R.fact("exp_taylor", back, order=1), R.fact("exp_pos", w)
        unit = equal(R, mul(p, exp(back)), ONE, [
            (MINUS_ONE, R.fact("exp_add", w, back)), (ONE, exp_equal(R, add(w, back), ZERO)),
            (ONE, R.fact("exp_zero"))])  # fmt: skip
        # h**r = h p**2
        parts = equal(R, germ.power, mul(H, power(p, 2)), [
            (ONE, exp_equal(R, mul(germ.exponent, L), add(L, add(w, w)))), (ONE, R.fact("exp_add", L, add(w, w))),
            (exp(add(w, w)), R.fact("exp_log", H, premises=[step])), (H, R.fact("exp_add", w, w))])  # fmt: skip
        rows: Rows = [
            (1, [step, inner.use(near)], []),
            (1, [above, step, positive, positive, low], []),
            (1, [above, step, positive, positive], []),
        ]
        goal = add(mul(shown(share).term, H), mul(germ.size, mul(germ.power, L)))
        return R.arith(Literal(">=", goal), rows, [
            (mul(germ.size, L), parts), (neg(mul(c, mul(H, p))), unit),
            (mul(rat(Fraction(-1, 2)), mul(H, mul(power(p, 2), L))), same)])  # fmt: skip

    return Bound(inner.radius, inner.positive, use, inner.above)


def _below_one(R: Recorder, beside: Beside) -> Bound:
    """``-log(h) > 0`` for ``h < 1``."""
    one = R.arith(Literal(">", ONE), [(1, [], [])])

    def use(near: Theorem) -> Theorem:
        inside = R.arith(Literal(">", sub(exp(ZERO), H)), [(1, [near], [])], [(ONE, R.fact("exp_zero"))])
        below = apply_lemma(R, log_below(R), {"u": H, "v": ZERO}, beside.step, inside)
        return R.arith(Literal(">", neg(L)), [(1, [below], [])])

    return Bound(ONE, one, use, one)


def _share(R: Recorder, beside: Beside, n: int) -> Theorem:
    """``eps/n > 0``."""
    goal = Literal(">", mul(rat(Fraction(1, n)), EPS))
    return beside.big if n == 1 else R.arith(goal, [(Fraction(1, n), [beside.big], [])])


def _magnitude(R: Recorder, germ: Germ, beside: Beside, falling: Sequence[Theorem] = ()) -> list[Theorem]:
    """Factors that are positive, whose product is the size of a germ; ``falling`` is ``-log(h) > 0`` where needed."""
    body = beside.step if germ.kind == "linear" else R.fact("exp_pos", mul(germ.exponent, L))
    return [germ.positive, body, *(falling if germ.logs else ())]


def _finite(R: Recorder, beside: Beside, germs: Sequence[Germ], equation: Theorem) -> Theorem | None:
    """The slope is the sum of the linear terms: all others are ``o(h)``."""
    small = [g for g in germs if g.kind == "small"]
    rate = ZERO
    for g in germs:
        if g.kind == "linear":
            rate = add(rate, mul(rat(beside.side), g.coefficient))
    rate = polished(rate)
    share = _share(R, beside, max(1, len(small)))
    pieces = [_small(R, g, share, beside) for g in small]
    pieces += [_below_one(R, beside)] if any(g.logs for g in small) else []
    radius, positive, near = _within(R, pieces, beside)
    every = [b.use(th) for b, th in zip(pieces, near, strict=True)]
    found, falling = every[: len(small)], every[len(small) :]
    rest = sub(beside.change, mul(mul(rat(beside.side), rate), H))
    bounds = []
    for factor in (-1, 1):
        rows: Rows = [] if small else [(1, [beside.big, beside.step], [])]
        for g, th in zip(small, found, strict=True):
            if g.within is not None:
                rows += [(1, [th], []), (1, [g.within[factor > 0]], [])]
                continue
            rows += [(1, [share, beside.step], [])] if g.direction == factor else [(1, [th], [])]
            if g.direction == factor:
                rows.append((1, _magnitude(R, g, beside, falling), []))
            elif g.sign == 0:  # 1 + k^2 + k = 3/4 + (k + 1/2)^2
                body = _magnitude(R, g, beside)[1:]
                half = add(g.coefficient, rat(Fraction(factor, 2)))
                rows += [(Fraction(3, 4), body, []), (1, body, [half])]
        goal = sub(mul(EPS, H), rest) if factor < 0 else add(mul(EPS, H), rest)
        bounds.append(R.arith(Literal(">=", goal), rows, [(rat(factor), equation)]))
    return beside.limit(rate, radius, bounds, positive)


def _infinite(R: Recorder, beside: Beside, lead: Germ, others: Sequence[Germ], equation: Theorem) -> Theorem | None:
    """The steep term exceeds ``(eps + the slopes of the others) h``; and everything tends to 0."""
    one, factor = R.arith(Literal(">", ONE), [(1, [], [])]), lead.direction
    small = [g for g in others if g.kind == "small"]
    if any(g.sign == 0 or g.logs for g in others):
        return None
    need, rows = EPS, Rows([(1, [beside.big], [])])
    for g in others:
        need = add(need, ONE if g.kind == "small" else g.size)
        rows.append((1, [one if g.kind == "small" else g.positive], []))
    needed = R.arith(Literal(">", need), rows) if others else beside.big
    pieces = [_steep(R, lead, needed, beside), *(_small(R, g, one, beside) for g in small)]
    radius, positive, near = _within(R, pieces, beside)
    first, *found = [b.use(th) for b, th in zip(pieces, near, strict=True)]
    final: Rows = [(1, [first], [])]
    for g in others:
        if g.within is not None:
            final += [(1, [found[small.index(g)]], []), (1, [g.within[factor > 0]], [])]
        elif g.kind == "linear":
            final += [(2, [g.positive, beside.step], [])] if g.sign == factor else []
        elif g.sign == factor:
            final += [(1, [beside.step], []), (1, _magnitude(R, g, beside), [])]
        else:
            final.append((1, [found[small.index(g)]], []))
    goal = sub(mul(rat(factor), beside.change), mul(EPS, H))
    bound = R.arith(Literal(">=", goal), final, [(rat(factor), equation)])
    side = beside.limit("+oo" if factor * beside.side > 0 else "-oo", radius, [bound], positive)
    return None if side is None else _continuous(R, beside, side, [lead, *others], equation)


def _steep(R: Recorder, lead: Germ, needed: Theorem, beside: Beside) -> Bound:
    """``size h**r - need h >= 0``, or ``-size h log(h) - need h >= 0``, near the point."""
    need, value = shown(needed).term, R.fact("exp_log", H, premises=[beside.step])
    if lead.logs:
        c, above, same = _quotient(R, needed, lead.positive)
        radius = exp(neg(c))

        def use(near: Theorem) -> Theorem:
            below = apply_lemma(R, log_below(R), {"u": H, "v": neg(c)}, beside.step, near)
            goal = sub(neg(mul(lead.size, mul(H, L))), mul(need, H))
            return R.arith(Literal(">=", goal), [(1, [lead.positive, beside.step, below], [])], [(H, same)])

        return Bound(radius, R.fact("exp_pos", radius.terms[0]), use, above)
    assert lead.excess is not None
    # h**(1 - r) <= size/need, and h = h**r h**(1 - r)
    c, above, same = _quotient(R, lead.positive, needed)
    b, slower = shown(lead.excess).term, lead.excess
    rest, radius = mul(b, L), power_radius(b, c)

    def use_power(near: Theorem) -> Theorem:
        th = apply_lemma(R, small_power(R), {"b": b, "c": c, "u": H}, slower, above, beside.step, near)
        main = mul(lead.exponent, L)
        split, whole = R.fact("exp_add", main, rest), exp_equal(R, add(main, rest), L)
        goal = sub(mul(lead.size, lead.power), mul(need, H))
        return R.arith(Literal(">=", goal), [(1, [needed, R.fact("exp_pos", main), th], [])], [
            (neg(lead.power), same), (neg(need), split), (need, whole), (need, value)])  # fmt: skip

    return Bound(radius, R.fact("exp_pos", radius.terms[0]), use_power, above)


def _continuous(R: Recorder, beside: Beside, side: Theorem, germs: Sequence[Germ], equation: Theorem) -> Theorem | None:
    """Every term is at most its share of ``eps``."""
    share = _share(R, beside, len(germs))
    pieces = [_vanishing(R, g, share, beside) for g in germs]
    radius, positive, near = _within(R, pieces, beside)
    bounds = []
    for factor in (-1, 1):
        rows: Rows = []
        for g, b, th in zip(germs, pieces, near, strict=True):
            if g.within is not None:
                rows += [(1, [b.use(th)], []), (1, [g.within[factor > 0]], [])]
            elif g.direction == factor:
                size = [g.positive, beside.step, _log_negative(R, beside, b.above, th)] if g.logs else (
                    _magnitude(R, g, beside))  # fmt: skip
                rows += [(1, [share], []), (1, size, [])]
            else:
                rows.append((1, [b.use(th)], []))
        goal = sub(EPS, beside.change) if factor < 0 else add(EPS, beside.change)
        bounds.append(R.arith(Literal(">=", goal), rows, [(rat(factor), equation)]))
    return beside.continuous(side, radius, bounds, positive)


def _vanishing(R: Recorder, germ: Germ, share: Theorem, beside: Beside) -> Bound:
    """``share - |germ| >= 0`` near the point."""
    c, above, same = _quotient(R, share, germ.positive)
    if germ.logs:
        radius = entropy_radius(c)

        def use(near: Theorem) -> Theorem:
            th = apply_lemma(R, small_entropy(R), {"c": c, "u": H}, above, beside.step, near)
            goal = add(shown(share).term, mul(germ.size, mul(H, L)))
            return R.arith(Literal(">=", goal), [(1, [germ.positive, th], [])], [(MINUS_ONE, same)])

        return Bound(radius, R.fact("exp_pos", radius.terms[0]), use, above)
    if germ.kind == "linear":
        goal = sub(shown(share).term, mul(germ.size, H))
        plain, rest = Literal(">=", goal), [(MINUS_ONE, same)]
        return Bound(c, above, lambda near: R.arith(plain, [(1, [germ.positive, near], [])], rest), above)
    rising = germ.rising
    if rising is None:
        assert germ.excess is not None
        rising = R.arith(Literal(">", germ.exponent), [(1, [germ.excess], []), (1, [], [])])
    return _power_bound(R, germ, rising, share, beside)


def _log_negative(R: Recorder, beside: Beside, above: Theorem, near: Theorem) -> Theorem:
    """``-log(h) > 0`` from ``c > 0`` and ``exp(-2/c) - h > 0``."""
    (w,) = shown(near).term.terms[0].terms
    below = apply_lemma(R, log_below(R), {"u": H, "v": w}, beside.step, near)
    return R.arith(Literal(">", neg(L)), [(1, [below], []), (2, [inverse_positive(R, above)], [])])
