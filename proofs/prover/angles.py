"""Angles across a cut: next to a point where ``u`` is singular, ``atan(u)`` is ``+-pi/2 - atan(1/u)``.

On the cut of ``atan2(y, x)`` (``y = 0``, ``x < 0``) the formula ``2 atan(y/(sqrt(x^2 + y^2) + x))`` has no value.  Next
to it, for ``y > 0``, it is ``pi - 2 atan(y/(sqrt(x^2 + y^2) - x))``: the reciprocal is taken with the vanishing
denominator rationalised, ``(r + x)/y = y/(r - x)``, and is smooth where ``u`` is not.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from ..kernel.facts import HALF_PI
from ..kernel.terms import MINUS_ONE, ONE, Literal, Term, add, mul, neg, postorder, rat, rebuild, sub, unary, var
from ..kernel.theorems import Theorem
from .atom_signs import positive_atan, positive_pi
from .context import Context
from .normal import HOLE, TooLarge, canonical_term, denominator_term, equation
from .polynomial import atoms, divide_monomial, plus, poly, term, times


def flipped_forms(context: Context, t: Term, here: Context | None = None) -> list[tuple[Term, Theorem]]:
    """Forms of ``t`` with its arctangents flipped, each with a proof of ``t - form = 0`` in ``context``.

    With ``here``, the context of a point on the edge of ``context``, only those ``atan(u)`` are flipped of which ``u``
    has a denominator that is 0 there.
    """
    flips: dict[Term, tuple[Term, Theorem]] = {}
    for a in postorder(t):
        if a.op == "atan" and (here is None or singular(here, a.terms[0])):
            flip = flipped(context, a)
            if flip is not None:
                flips[a] = flip
    if not flips:
        return []
    form, equations = t, list[tuple[Term, Theorem]]()
    # Outer arctangents first: those inside them are then gone.
    for a, (target, proof) in reversed(flips.items()):
        template = _put(form, a, var(HOLE))
        if template is not form:
            equations.append((ONE, context.R.rule("congruence", template, HOLE, proof)))
            form = _put(form, a, target)
    found = [(form, context.R.arith(equation(t, form), (), equations))]
    try:
        shorter = canonical_term(context.frac(form))
    except TooLarge:
        return found
    same = None if shorter is form else context.prove_equal(form, shorter)
    if same is not None:
        both = [(ONE, found[0][1]), (ONE, same)]
        found.insert(0, (shorter, context.R.arith(equation(t, shorter), (), both)))
    return found


def singular(here: Context, u: Term) -> bool:
    """Whether a denominator in ``u`` is shown to be 0 at the point."""
    return any(s.op == "inv" and here.prove("=", s.terms[0]) is not None for s in postorder(u))


def flipped(context: Context, a: Term) -> tuple[Term, Theorem] | None:
    """``s pi/2 - atan(1/u)`` for ``a = atan(u)``, ``s`` the sign of ``u``, and a proof that it equals ``a``."""
    u = a.terms[0]
    sign = 1 if context.prove(">", u) is not None else -1 if context.prove(">", neg(u)) is not None else 0
    if sign:
        for v in reciprocals(context, u):
            try:
                proof = _proof(context, u, v, sign)
            except TooLarge:
                continue
            if proof is not None:
                return proof
    return None


def reciprocals(context: Context, u: Term) -> list[Term]:
    """Terms for ``1/u``: with a root in the denominator of ``u`` rationalised, and as it stands.

    A factor ``A s + B`` with ``s = sqrt(S)`` is ``(A^2 S - B^2) / (A s - B)``.
    """
    try:
        f = context.frac(u)
    except TooLarge:
        return []
    found = []
    for factor in f.denominator:
        for s in (a for a in atoms(poly(factor)) if a.op == "sqrt"):
            with_root = {m: divide_monomial(m, ((s, 1),)) for m in poly(factor)}
            a = {rest: c for m, c in poly(factor).items() if (rest := with_root[m]) is not None}
            b = {m: c for m, c in poly(factor).items() if with_root[m] is None}
            if any(s is x for m in a for x, _ in m):
                continue
            norm = plus(times(times(a, a), poly(s.terms[0])), times(b, b), -1)
            conjugate = plus(times(a, poly(s)), b, -1)
            others = denominator_term(f.denominator - Counter([factor]))
            found.append((mul(others, term(norm)), mul(term(f.numerator), term(conjugate))))
    found.append((denominator_term(f.denominator), term(f.numerator)))
    terms = []
    for top, bottom in found:
        try:
            terms.append(canonical_term(context.frac(mul(top, unary("inv", bottom)))))
        except TooLarge:
            continue
    return terms


def _proof(context: Context, u: Term, v: Term, sign: int) -> tuple[Term, Theorem] | None:
    """``atan(u) = s pi/2 - atan(v)`` from ``u v = 1`` and ``s v > 0``: the angle on the right has the tangent ``u``."""
    R = context.R
    s, b = rat(sign), unary("atan", v)
    quarter = HALF_PI if sign > 0 else neg(HALF_PI)
    minus_b = neg(b)
    angle = add(quarter, minus_b)
    inverse = context.prove_equal(mul(u, v), ONE)
    side, upward = context.prove(">", mul(s, v)), _same_sign(context, v, sign)
    if inverse is None or side is None or upward is None:
        return None
    sin_q, cos_q = context.quarter(sign)
    even, odd, slope = R.fact("cos_even", b), R.fact("sin_odd", b), R.fact("atan_tan", v)
    cos_minus, sin_minus, cos_b, sin_b = (unary(f, x) for x in (minus_b, b) for f in ("cos", "sin"))
    cos_a, sin_a = unary("cos", angle), unary("sin", angle)
    # cos(s pi/2 - b) = s sin(b) and sin(s pi/2 - b) = s cos(b).
    cosine = R.arith(
        equation(cos_a, mul(s, sin_b)),
        (),
        [(ONE, R.fact("cos_add", quarter, minus_b)), (cos_minus, cos_q), (neg(sin_minus), sin_q), (neg(s), odd)],
    )
    sine = R.arith(
        equation(sin_a, mul(s, cos_b)),
        (),
        [(ONE, R.fact("sin_add", quarter, minus_b)), (cos_minus, sin_q), (sin_minus, cos_q), (s, even)],
    )
    positive = R.arith(Literal(">", cos_a), [(1, [side, R.fact("atan_cos", v)], [])], [(ONE, cosine), (s, slope)])
    lower, upper = Literal(">", add(angle, HALF_PI)), Literal(">", sub(HALF_PI, angle))
    near, far, edge = (upper, lower, "atan_high") if sign > 0 else (lower, upper, "atan_low")
    bounds = {
        near: R.arith(near, [(1, [upward], [])]),
        far: R.arith(far, [(1, [R.fact(edge, v)], []), (Fraction(1, 2), [positive_pi(context)], [])]),
    }
    tangent = R.arith(
        equation(mul(u, cos_a), sin_a),
        (),
        [(u, cosine), (mul(s, u), slope), (MINUS_ONE, sine), (mul(s, cos_b), inverse)],
    )
    return angle, R.fact("tan_atan", angle, u, premises=[positive, bounds[lower], bounds[upper], tangent])


def _same_sign(context: Context, v: Term, sign: int) -> Theorem | None:
    """``s atan(v) > 0`` from ``s v > 0``; the arctangent is odd."""
    goal = Literal(">", mul(rat(sign), unary("atan", v)))
    if sign > 0:
        up, odd = positive_atan(context, unary("atan", v)), []
    else:
        up, odd = positive_atan(context, unary("atan", neg(v))), [(MINUS_ONE, context.atan_odd(v))]
    return None if up is None else context.R.arith(goal, [(1, [up], [])], odd)


def _put(t: Term, old: Term, new: Term) -> Term:
    """``t`` with the subterm ``old`` replaced."""
    done: dict[Term, Term] = {}
    for s in postorder(t):
        done[s] = new if s is old else rebuild(s, done)
    return done[t]
