"""Canonical forms of functions: each gives a simpler term and the theorem that the two are equal, or ``None``."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING

from ..kernel.algebra import Monomial, Polynomial
from ..kernel.cited import IDENTITIES
from ..kernel.facts import HALF_PI
from ..kernel.logic import integral
from ..kernel.terms import MINUS_ONE, ONE, ZERO, Term, add, app, mul, neg, pi, power, rat, sub, unary, var
from ..kernel.theorems import Theorem
from .factors import split_polynomial, tidy
from .normal import HOLE, Fraction_, TooLarge, canonical_term, denominator_term, equation, fraction
from .polynomial import UNIT, content, divide_monomial, monomials, plus, poly, term, times
from .recorder import digest

if TYPE_CHECKING:
    from .context import Context

Simpler = tuple[Term, Theorem] | None


def _exp(ctx: Context, t: Term) -> Simpler:
    """``exp(sum c_i m_i)`` as a product of integer powers of ``exp(unit * m_i)``; ``exp(k log v)`` as ``v^k``."""
    u = t.terms[0]
    f = fraction(ctx, u)
    if not f.numerator:
        return ONE, ctx.R.fact("exp_zero") if u is ZERO else _stop()
    inverse = unary("inv", denominator_term(f.denominator)) if f.denominator else ONE
    pieces: list[tuple[Term, int, Term, Theorem | None]] = []
    for m, c in monomials(f.numerator):
        c = Fraction(c)
        logs = [a for a, k in m if a.op == "log" and k == 1]
        if len(m) == 1 and logs and inverse is ONE and c.denominator == 1 and abs(c) <= 24:
            positive = ctx.prove(">", logs[0].terms[0])
            if positive is not None:
                pieces.append(
                    (logs[0], int(c), logs[0].terms[0], ctx.R.fact("exp_log", logs[0].terms[0], premises=[positive]))
                )
                continue
        base = _reduced(m, Fraction(1), f.denominator)
        unit = ctx.exponent_unit(base, c)
        generator = _reduced(m, unit, f.denominator)
        pieces.append((generator, int(c / unit), unary("exp", generator), None))
    if len(pieces) == 1 and pieces[0][0] is u and pieces[0][3] is None:
        return None
    if sum(abs(k) for _, k, _, _ in pieces) > 60:
        raise TooLarge("an exponent too far from the others in size")
    up = [(g, k, v, th) for g, k, v, th in pieces if k > 0]
    down = [(g, -k, v, th) for g, k, v, th in pieces if k < 0]
    s_up, p_up, th_up = _exp_of_sum(ctx, up)
    s_down, p_down, th_down = _exp_of_sum(ctx, down)
    if not down:
        arg = ctx.equal_arguments(u, s_up)
        step = arg and ctx.R.rule("congruence", unary("exp", var(HOLE)), HOLE, arg)
        chain = [(ONE, th_up)] + ([(ONE, step)] if step else [])
        return p_up, ctx.R.arith(equation(t, p_up), (), chain)
    total = add(u, s_down)
    arg = ctx.equal_arguments(total, s_up)
    add_fact = ctx.R.fact("exp_add", u, s_down)
    equations: list[tuple[Term, Theorem]] = [(MINUS_ONE, add_fact), (neg(t), th_down), (ONE, th_up)]
    if arg is not None:
        equations.append((ONE, ctx.R.rule("congruence", unary("exp", var(HOLE)), HOLE, arg)))
    crossed = ctx.R.arith(equation(mul(t, p_down), p_up), (), equations)
    target = mul(p_up, unary("inv", p_down)) if p_up is not ONE else unary("inv", p_down)
    i = unary("inv", p_down)
    inverse_fact = ctx.inverse_fact(p_down)
    return target, ctx.R.arith(equation(t, target), (), [(i, crossed), (neg(t), inverse_fact)])


def _reduced(m: Monomial, c: Fraction, d: Counter[Term]) -> Term:
    """The canonical term of ``c m / d``, common atoms cancelled."""
    powers, rest = dict(m), Counter(d)
    for a in list(powers):
        common = min(powers[a], rest[a])
        powers[a] -= common
        rest[a] -= common
    numerator = tuple((a, powers[a]) for a, _ in m if powers[a])
    return canonical_term(Fraction_({numerator: tidy(c)}, +rest, None))


def _stop() -> Theorem:
    raise TooLarge("an exponent that vanishes")


def _exp_of_sum(ctx: Context, pieces: list[tuple[Term, int, Term, Theorem | None]]) -> tuple[Term, Term, Theorem]:
    """``s, p`` and a proof of ``exp(s) - p = 0`` for ``s = sum k g`` and ``p = prod v^k``, where ``exp(g) = v``."""
    total: Term | None = None
    result, proof = ONE, None
    for g, k, v, th in pieces:
        s, p, one = exp_multiple(ctx, g, k, v, th)
        if total is None:
            total, result, proof = s, p, one
            continue
        assert proof is not None
        joined, product = add(total, s), mul(result, p)
        fact = ctx.R.fact("exp_add", total, s)
        equations = [(ONE, fact), (unary("exp", s), proof), (result, one)]
        proof = ctx.R.arith(equation(unary("exp", joined), product), (), equations)
        total, result = joined, product
    if total is None or proof is None:
        return ZERO, ONE, ctx.R.fact("exp_zero")
    return total, result, proof


def exp_multiple(ctx: Context, g: Term, k: int, v: Term, th: Theorem | None) -> tuple[Term, Term, Theorem]:
    """``k g`` as a sum, ``v^k``, and a proof of ``exp(k g) - v^k = 0``, by doubling."""
    if k == 1:
        return g, v, th if th is not None else ctx.R.arith(equation(unary("exp", g), v))
    half, p, one = exp_multiple(ctx, g, k // 2, v, th)
    whole = add(half, half)
    e = unary("exp", half)
    fact = ctx.R.fact("exp_add", half, half)
    squared = power(v, 2 * (k // 2))
    proof = ctx.R.arith(equation(unary("exp", whole), squared), (), [(ONE, fact), (add(e, p), one)])
    if k % 2 == 0:
        return whole, squared, proof
    more = add(whole, g)
    first = th if th is not None else ctx.R.arith(equation(unary("exp", g), v))
    fact = ctx.R.fact("exp_add", whole, g)
    goal = equation(unary("exp", more), power(v, k))
    return more, power(v, k), ctx.R.arith(goal, (), [(ONE, fact), (unary("exp", g), proof), (squared, first)])


def _log(ctx: Context, t: Term) -> Simpler:
    """``log`` of a product of powers of positive things as a sum."""
    u = t.terms[0]
    f = fraction(ctx, u)
    if not f.numerator or ctx.prove(">", u) is None:
        return None
    scale, shared, rest = content(f.numerator)
    factors: list[tuple[Term, int]] = [(a, k) for a, k in shared]
    factors += [(d, -k) for d, k in f.denominator.items()]
    if rest != {UNIT: 1}:
        factors.append((term(rest), 1))
    sign = 1 if scale > 0 else -1
    pieces: list[tuple[Term, int]] = []
    for base, k in sorted(factors, key=lambda p: digest(p[0])):
        if ctx.prove(">", base) is not None:
            pieces.append((base, k))
        elif ctx.prove(">", neg(base)) is not None:
            pieces.append((term(poly(neg(base))), k))
            sign = sign * (-1) ** (k % 2)
        else:
            return None
    if sign < 0:
        return None
    pieces += [(rat(p), k) for p, k in _primes(abs(scale))]
    if len(pieces) == 1 and pieces[0][1] == 1 and pieces[0][0].op != "exp":
        return None
    result: Term | None = None
    for base, k in pieces:
        logarithm = base.terms[0] if base.op == "exp" else unary("log", base)
        piece = logarithm if k == 1 else mul(rat(k), logarithm)
        result = piece if result is None else add(result, piece)
    if result is None:
        result = ZERO
    same = ctx.prove_equal(unary("exp", result), u)
    if same is None:
        return None
    back = ctx.R.fact("log_exp", result)
    step = ctx.R.rule("congruence", unary("log", var(HOLE)), HOLE, same)
    return result, ctx.R.arith(equation(t, result), (), [(MINUS_ONE, step), (ONE, back)])


def _primes(q: Fraction) -> list[tuple[int, int]]:
    """The prime factors of a positive rational with their exponents; a large cofactor counts as prime."""
    found: list[tuple[int, int]] = []
    for n, sign in ((q.numerator, 1), (q.denominator, -1)):
        p = 2
        while p * p <= n and p < 2000:
            k = 0
            while n % p == 0:
                n //= p
                k += 1
            if k:
                found.append((p, sign * k))
            p += 1
        if n > 1:
            found.append((n, sign))
    return found


def _sqrt(ctx: Context, t: Term) -> Simpler:
    """Squares drawn out of a square root, products split, denominators cleared."""
    u = t.terms[0]
    f = fraction(ctx, u)
    if not f.numerator:
        return ZERO, ctx.zero_root(u)
    nonneg = ctx.prove(">=", u)
    if nonneg is None:
        return None
    scale, shared, rest = content(f.numerator)
    factors: list[tuple[Term, int]] = [(a, k) for a, k in shared] + [(d, -k) for d, k in f.denominator.items()]
    if rest != {UNIT: 1}:
        root = polynomial_root(rest)
        sine = None if root is not None else root_by_sine({m: -c for m, c in rest.items()} if scale < 0 else rest)
        if root is not None:
            factors.append((term(root), 2))
        elif sine is not None and any(ctx.prove(">=", v) is not None for v in (sine, neg(sine))):
            scale = abs(scale)
            factors.append((sine, 2))
        else:
            factors += Counter(split_polynomial(rest)).items()
    outside: list[Term] = []
    inside: list[Term] = []
    left: Term | None = None
    sign = 1 if scale > 0 else -1
    for base, k in sorted(factors, key=lambda p: digest(p[0])):
        if base.op == "exp" and k % 2:
            ctx.exponent_unit(base.terms[0], Fraction(1, 2))
            half = unary("exp", mul(rat(Fraction(abs(k), 2)), base.terms[0]))
            outside.append(half if k > 0 else unary("inv", half))
            continue
        flipped = False
        if k % 4 == 0:
            half = power(base, abs(k) // 2)
            outside.append(half if k > 0 else unary("inv", half))
            continue
        if ctx.prove(">=", base) is None:
            if ctx.prove(">=", neg(base)) is None:
                if k % 2 and left is None:
                    left = base
                    k = k - 1 if k > 0 else k + 1
                if k:
                    return None
                continue
            flipped = True
        body = term(poly(neg(base))) if flipped else base
        if flipped and k % 2:
            sign = -sign
        if k % 2:
            inside.append(body)
            k = k - 1
        if k:
            half = body if abs(k) == 2 else power(body, abs(k) // 2)
            outside.append(half if k > 0 else unary("inv", half))
    if left is not None:
        inside.append(term(poly(neg(left))) if sign < 0 else left)
    elif sign < 0:
        return None
    for p, k in _primes(abs(scale)):
        if k % 2:
            inside.append(rat(p))
            k -= 1
        if k:
            outside.append(rat(Fraction(p) ** (k // 2)))
    if not outside and len(inside) == 1:
        return None
    pieces = outside + [unary("sqrt", i) for i in inside]
    result = pieces[0] if pieces else ONE
    for p in pieces[1:]:
        result = mul(result, p)
    proof = ctx.root_is(u, result, nonneg)
    return None if proof is None else (result, proof)


def polynomial_root(p: Polynomial) -> Polynomial | None:
    """``q`` with ``q**2 = p``, found from its leading monomials."""
    (lead, c), *_ = monomials(p)
    if any(k % 2 for _, k in lead) or not _is_square(Fraction(c)):
        return None
    half: Monomial = tuple((a, k // 2) for a, k in lead)
    root: Polynomial = {half: _square_root(Fraction(c))}
    for _ in range(len(p) + 2):
        rest = plus(p, times(root, root), -1)
        if not rest:
            return root
        m, c = monomials(rest)[0]
        step = divide_monomial(m, half)
        if step is None or step in root:
            return None
        root = plus(root, {step: 1}, Fraction(c) / (2 * Fraction(root[half])))
    return None


def square_root_of(p: Polynomial) -> Term | None:
    """A term whose square is a positive multiple of ``p``."""
    scale, shared, rest = content(p)
    whole = {m: Fraction(c) * (1 if scale > 0 else -1) for m, c in rest.items()}
    root = {UNIT: 1} if whole == {UNIT: 1} else polynomial_root(whole)
    other = term(root) if root is not None else root_by_sine(whole)
    if other is None or any(k % 2 for _, k in shared):
        return None
    for a, k in shared:
        other = mul(other, power(a, k // 2) if k > 2 else a)
    return other


def root_by_sine(p: Polynomial) -> Term | None:
    """A term whose square is ``p`` because ``1 - cos(u)^2`` is ``sin(u)^2``, which canonical forms do not show."""
    for a in sorted({a for m in p for a, k in m if a.op == "cos" and k == 2}, key=digest):
        square, sine = ((a, 2),), ((unary("sin", a.terms[0]), 2),)
        cofactor = {rest: c for m, c in p.items() if (rest := divide_monomial(m, square)) is not None}
        swapped = plus(p, times(cofactor, {square: 1, sine: 1, UNIT: -1}), -1)
        root = polynomial_root(swapped) if swapped else None
        if root is not None:
            return term(root)
    return None


def _is_square(q: Fraction) -> bool:
    return q > 0 and _square_root(q) ** 2 == q


def _square_root(q: Fraction) -> Fraction:
    return Fraction(isqrt(q.numerator), isqrt(q.denominator))


def _odd(ctx: Context, t: Term) -> Simpler:
    """``f(-u) = -f(u)``, or ``f(u)`` for the cosine, where the first coefficient of the operand is negative."""
    u = t.terms[0]
    f = fraction(ctx, u)
    if not f.numerator:
        return at_zero(ctx, t)
    special = quarter_turn(ctx, t, f) if t.op in ("sin", "cos") else None
    if special is None and t.op in ("sin", "cos"):
        special = multiple_angle(ctx, t, f)
    if special is not None:
        return special
    if monomials(f.numerator)[0][1] > 0:
        return None
    opposite = canonical_term(Fraction_({m: -c for m, c in f.numerator.items()}, f.denominator, None))
    arg = ctx.equal_arguments(u, neg(opposite))
    name = {"sin": "sin_odd", "cos": "cos_even", "erf": "erf_odd", "atan": "atan_odd"}[t.op]
    flipped = unary(t.op, opposite)
    target = flipped if t.op == "cos" else neg(flipped)
    fact = ctx.atan_odd(opposite) if t.op == "atan" else ctx.R.fact(name, opposite)
    if arg is None:
        return target, fact
    step = ctx.R.rule("congruence", unary(t.op, var(HOLE)), HOLE, arg)
    return target, ctx.R.arith(equation(t, target), (), [(ONE, step), (ONE, fact)])


def at_zero(ctx: Context, t: Term) -> Simpler:
    if t.op == "cos":
        return ONE, ctx.R.fact("cos_zero")
    if t.op == "atan":
        return ZERO, ctx.atan_zero()
    fact = ctx.R.fact("sin_odd" if t.op == "sin" else "erf_odd", ZERO)
    step = ctx.R.rule("congruence", unary(t.op, var(HOLE)), HOLE, ctx.R.arith(equation(neg(ZERO), ZERO)))
    half = rat(Fraction(1, 2))
    return ZERO, ctx.R.arith(equation(t, ZERO), (), [(half, fact), (neg(half), step)])


def quarter_turn(ctx: Context, t: Term, f: Fraction_) -> Simpler:
    """``sin`` and ``cos`` of ``u + k pi/2``: the multiple of ``pi/2`` is removed one step at a time."""
    key: Monomial = ((pi(), 1),)
    turns = Fraction(f.numerator.get(key, 0)) * 2
    if f.denominator or turns == 0 or turns.denominator != 1 or abs(turns) > 40:
        return None
    step = 1 if turns > 0 else -1
    quarter = HALF_PI if step > 0 else neg(HALF_PI)
    rest = canonical_term(Fraction_(plus(f.numerator, {key: 1}, Fraction(-step, 2)), Counter(), None))
    arg = ctx.equal_arguments(t.terms[0], add(rest, quarter))
    added = ctx.R.fact(t.op + "_add", rest, quarter)
    s, c = ctx.quarter(step)
    sin_rest, cos_rest = unary("sin", rest), unary("cos", rest)
    if t.op == "sin":
        target = cos_rest if step > 0 else neg(cos_rest)
        equations = [(ONE, added), (sin_rest, c), (cos_rest, s)]
    else:
        target = neg(sin_rest) if step > 0 else sin_rest
        equations = [(ONE, added), (cos_rest, c), (neg(sin_rest), s)]
    if arg is not None:
        equations.append((ONE, ctx.R.rule("congruence", unary(t.op, var(HOLE)), HOLE, arg)))
    return target, ctx.R.arith(equation(t, target), (), equations)


def multiple_angle(ctx: Context, t: Term, f: Fraction_) -> Simpler:
    """``sin`` and ``cos`` of ``k v`` for an integer ``k`` from 2 to 6, by the addition formulas."""
    scale, _, _ = content(f.numerator)
    k = abs(scale)
    if k.denominator != 1 or not 2 <= k <= 6:
        return None
    v, w = (
        canonical_term(Fraction_({m: tidy(Fraction(c) * q / k) for m, c in f.numerator.items()}, f.denominator, None))
        for q in (1, k - 1)
    )
    arg = ctx.equal_arguments(t.terms[0], add(v, w))
    added = ctx.R.fact(t.op + "_add", v, w)
    s, c, sw, cw = unary("sin", v), unary("cos", v), unary("sin", w), unary("cos", w)
    target = add(mul(s, cw), mul(c, sw)) if t.op == "sin" else sub(mul(c, cw), mul(s, sw))
    equations = [(ONE, added)]
    if arg is not None:
        equations.append((ONE, ctx.R.rule("congruence", unary(t.op, var(HOLE)), HOLE, arg)))
    return target, ctx.R.arith(equation(t, target), (), equations)


def _floor(ctx: Context, t: Term) -> Simpler:
    """``floor`` of a rational number, or of what is an integer for its form."""
    u = t.terms[0]
    p = poly(u)
    if set(p) <= {UNIT}:
        n = rat(Fraction(p.get(UNIT, 0)).__floor__())
    elif integral(u):
        n = u
    else:
        return None
    return n, ctx.floor_is(u, n)


def _one_less(ctx: Context, u: Term) -> tuple[Term, Theorem, Theorem | None] | None:
    """``v = u - 1`` where that is a sum, with proofs of ``v > 0`` and ``u = v + 1``."""
    f = fraction(ctx, u)
    if f.denominator or set(f.numerator) <= {UNIT} or Fraction(f.numerator.get(UNIT, 0)) < 1:
        return None
    v = term(plus(f.numerator, {UNIT: 1}, -1))
    positive = ctx.prove(">", v)
    return None if positive is None else (v, positive, ctx.equal_arguments(u, add(v, ONE)))


def _cited(ctx: Context, t: Term) -> Simpler:
    """Cited functions: ``gamma`` through ``loggamma``, Bessel functions of order -1 and at 0."""
    name, u = str(t.args[0]), t.terms[-1]
    if name == "gamma":
        positive = ctx.prove(">", u)
        if positive is not None:
            return unary("exp", app("loggamma", u)), ctx.R.rule("cite", "gamma_exp", [u], [positive])
    if name == "digamma" and (below := _one_less(ctx, u)) is not None:
        v, positive, same = below
        step = ctx.R.rule("cite", "digamma_step", [v], [positive])
        target = add(app("digamma", v), unary("inv", v))
        equations = [(ONE, step)]
        if same is not None:
            equations.append((ONE, ctx.R.rule("congruence", app("digamma", var(HOLE)), HOLE, same)))
        return target, ctx.R.arith(equation(t, target), (), equations)
    if name.startswith("bessel") and t.terms[0].op == "rat":
        order = t.terms[0].args[0]
        sign = {"besselj": MINUS_ONE, "bessely": MINUS_ONE, "besseli": ONE, "besselk": ONE}[name]
        if u is ZERO and f"{name}_zero_{order}" in IDENTITIES:
            return rat(1 if order == 0 else 0), ctx.R.rule("cite", f"{name}_zero_{order}", [], [])
        if order == -1:
            return mul(sign, app(name, ONE, u)), ctx.R.rule("cite", f"{name}_minus", [u], [])
    return None


SIMPLER = {
    "app": _cited,
    "floor": _floor,
    "exp": _exp,
    "log": _log,
    "sqrt": _sqrt,
    "sin": _odd,
    "cos": _odd,
    "atan": _odd,
    "erf": _odd,
}
