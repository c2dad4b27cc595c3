"""Beside a point: differences written as sums of ``k h**r`` and ``k h**r log(h)``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..kernel.algebra import Monomial, Polynomial
from ..kernel.terms import MINUS_ONE, ONE, ZERO, Literal, Term, add, mul, power, rat, sub, var
from ..kernel.theorems import Theorem
from .limits_beside import Beside, H
from .limits_growth import (
    exp,
    log,
    root_as_power,
)
from .limits_values import (
    equal,
    exp_equal,
    from_polynomial,
    moved_over,
    number,
    polynomial,
    root_is,
    shown,
    square_root,
)
from .recorder import Recorder

L = log(H)


@dataclass(frozen=True)
class Germ:
    """``coefficient * exp(exponent * log(h)) * log(h)**logs``; ``kind`` says how it behaves.

    The coefficient is ``sign * size`` with ``size > 0``, or of unknown sign (0), and ``size`` is 1 plus its square.
    ``small`` is ``o(h)``, ``linear`` is ``h`` itself, ``steep`` is slower than ``h`` but tends to 0.  ``excess`` is the
    exponent less 1 (its opposite for a steep power), with the theorem that it is positive.
    """

    coefficient: Term
    sign: int
    size: Term
    positive: Theorem
    exponent: Term
    logs: int
    kind: str
    excess: Theorem | None
    rising: Theorem | None
    within: tuple[Theorem, Theorem] | None = None
    """Of what is only known to lie between the germ and its opposite: the theorems ``germ - t >= 0, germ + t >= 0``."""

    @property
    def power(self) -> Term:
        """``h**exponent``."""
        return exp(mul(self.exponent, L))

    @property
    def direction(self) -> int:
        """The sign of the whole: a logarithm is negative beside the point."""
        return -self.sign if self.logs else self.sign


def standard_germ(beside: Beside, s: Term) -> tuple[Term, Theorem] | None:
    """``log(c h**n)`` is ``log(c) + n log(h)``, and a root is a power, for ``c > 0``."""
    R, (u,) = beside.R, s.terms
    if s.op not in ("log", "sqrt") or s is L:
        return None
    p = polynomial(u)
    if p is None or len(p) != 1:
        return None
    ((m, q),) = p.items()
    n, c = dict(m).get(H, 0), from_polynomial({tuple((a, k) for a, k in m if a is not H): q})
    if not n or "h" in c.free:
        return None
    if s.op == "log" and c is ONE and n == 1:
        return L, R.rule("congruence", log(var("hole")), "hole", equal(R, u, H))
    found = beside.sign(c)
    if found is None or found[0] <= 0:
        return None
    inside = R.arith(Literal(">", u), [(1, [found[1], *[beside.step] * n], [])])
    if s.op == "log":
        return _log_of_product(R, beside, u, found[1], n)
    root = None if number(c) is None or n % 2 else square_root(Fraction(number(c) or 0))
    if root is not None:
        t = mul(rat(root), power(H, n // 2)) if n > 2 else H if root == 1 else mul(rat(root), H)
        floor = R.arith(Literal(">", t), [(root, [beside.step] * (n // 2), [])])
        return t, root_is(R, u, floor, R.arith(Literal(">=", u), [(1, [inside], [])]), equal(R, u, power(t, 2)))
    half = exp(mul(rat(Fraction(1, 2)), log(u)))
    return half, root_as_power(R, inside, half)


def _log_of_product(R: Recorder, beside: Beside, u: Term, positive: Theorem, n: int) -> tuple[Term, Theorem]:
    """``log(u) - (log(c) + log(h) + ... + log(h)) = 0`` where ``u = c h**n``: both have the exponential ``u``."""
    c = shown(positive).term
    value = R.fact("exp_log", H, premises=[beside.step])
    parts = [] if c is ONE else [(c, log(c), R.fact("exp_log", c, premises=[positive]))]
    parts += [(H, L, value)] * n
    (product, w, same), *rest = parts
    for unit, v, one in rest:  # exp(w + v) - product unit
        same = equal(R, exp(add(w, v)), mul(product, unit), [
            (ONE, R.fact("exp_add", w, v)), (exp(v), same), (product, one)])  # fmt: skip
        product, w = mul(product, unit), add(w, v)
    whole = R.rule("congruence", log(var("hole")), "hole", equal(R, u, exp(w), [(MINUS_ONE, same)]))
    return w, equal(R, log(u), w, [(ONE, whole), (ONE, R.fact("log_exp", w))])


Unit = tuple[Term, Term, Theorem | None]
"""``u, w`` and the theorem ``u - exp(w) = 0``, or ``None`` where ``u`` is that exponential."""


def units_of(R: Recorder, m: Monomial) -> tuple[Term, int, list[Unit]] | None:
    """A monomial beside the point: its factor without ``h``, the power of ``log(h)``, and exponentials."""
    logs, units = 0, list[Unit]()
    for a, n in m:
        if a is H:
            value = R.fact("exp_log", H, premises=[R.assume(Literal(">", H))])
            same = equal(R, H, exp(mul(ONE, L)), [(MINUS_ONE, value), (MINUS_ONE, exp_equal(R, mul(ONE, L), L))])
            units += [(H, mul(ONE, L), same)] * n
        elif a is L:
            logs = n
        elif a.op == "exp" and "h" in a.free:
            units += [(a, a.terms[0], None)] * n
        elif "h" in a.free:
            return None
    return from_polynomial({tuple((a, n) for a, n in m if "h" not in a.free): 1}), logs, units


def expansion(R: Recorder, beside: Beside, p: Polynomial, rest: Term) -> tuple[list[Germ], Theorem] | None:
    """The germs of ``p``, and the theorem that ``beside.change``, which is ``p + rest``, is their sum and the rest."""
    value = R.fact("exp_log", H, premises=[beside.step])
    germs, equations, total = list[Germ](), list[tuple[Term, Theorem]](), rest
    for m, c in p.items():
        found = units_of(R, m)
        product = None if found is None else joined(R, found[2])
        if found is None or product is None or found[1] > 1:
            return None
        coefficient, logs = from_polynomial(polynomial(mul(rat(Fraction(c)), found[0])) or {}), found[1]
        scale, exponent, same = product
        germ = germ_of(beside, coefficient if scale is ONE else mul(coefficient, scale), exponent, logs)
        if germ is None:
            return None
        equations.append((mul(coefficient, L) if logs else coefficient, same))
        factor = mul(germ.coefficient, L) if logs else germ.coefficient
        total = add(total, mul(factor, germ.power))
        if germ.kind == "linear" or (logs and germ.kind == "steep"):  # exp(r log(h)) = h
            straight = exp_equal(R, mul(exponent, L), L, [(L, germ.excess)] if germ.excess else [])
            plain = equal(R, germ.power, H, [(ONE, straight), (ONE, value)])
            equations.append((factor, plain))
            total = add(total, mul(factor, sub(H, germ.power)))
        germs.append(germ)
    return germs, equal(R, beside.change, total, equations)


def joined(R: Recorder, units: Sequence[Unit]) -> tuple[Term, Term, Theorem] | None:
    """``k, r, |- product - k exp(r log(h)) = 0`` for units ``u_i = exp(w_i)``."""
    if not units:
        return None
    (product, w, same), *rest = units
    for unit, v, one in rest:
        both = add(w, v)
        steps = [(unit, same), (exp(w), one), (MINUS_ONE, R.fact("exp_add", w, v))]
        same = equal(R, mul(product, unit), exp(both), [(k, th) for k, th in steps if th is not None])
        product, w = mul(product, unit), both
    p = polynomial(w)
    if p is None or any("h" in a.free and (a is not L or n > 1) for m in p for a, n in m):
        return None
    r = from_polynomial({tuple(f for f in m if f[0] is not L): c for m, c in p.items() if (L, 1) in m})
    fixed, moving = from_polynomial({m: c for m, c in p.items() if (L, 1) not in m}), mul(r, L)
    known = [] if same is None else [(ONE, same)]
    if fixed is ZERO:
        return ONE, r, equal(R, product, exp(moving), [*known, (ONE, exp_equal(R, w, moving))])
    k = exp(fixed)
    split = [(ONE, exp_equal(R, w, add(fixed, moving))), (ONE, R.fact("exp_add", fixed, moving))]
    return k, r, equal(R, product, mul(k, exp(moving)), [*known, *split])


def germ_of(beside: Beside, coefficient: Term, r: Term, logs: int) -> Germ | None:
    """Classify a term of the sum."""
    point = beside.point
    size, excess = point.sign(coefficient), point.sign(polished(sub(r, ONE)))
    if excess is None or (size is not None and size[0] == 0):
        return None
    if size is None:
        if logs or excess[0] < 0:
            return None
        square = Literal(">", add(ONE, power(coefficient, 2)))
        size = 0, beside.R.arith(square, [(1, [], []), (1, [], [coefficient])])
    sign, positive = size[0], _restated(beside.R, size[1])
    kappa = shown(positive).term
    if excess[0] > 0:
        above = _restated(beside.R, excess[1])
        return Germ(coefficient, sign, kappa, positive, r, logs, "small", above, None)
    if excess[0] == 0:
        # With a logarithm, h log(h) is the steep one.
        exact = None if number(r) is not None else excess[1]
        if logs and exact is not None:
            return None
        return Germ(coefficient, sign, kappa, positive, r, logs, "steep" if logs else "linear", exact, None)
    rising = point.sign(r)
    if logs or rising is None or rising[0] <= 0:
        return None
    return Germ(coefficient, sign, kappa, positive, r, logs, "steep", _restated(beside.R, excess[1]), rising[1])


def _restated(R: Recorder, th: Theorem) -> Theorem:
    """The same with the term in normal form."""
    fact = shown(th)
    return th if polished(fact.term) is fact.term else moved_over(R, th, Literal(fact.relation, polished(fact.term)))


def polished(t: Term) -> Term:
    """``t`` in normal form."""
    return from_polynomial({m: Fraction(c) for m, c in (polynomial(t) or {}).items()})
