"""One-sided derivatives of composite terms: a singular subterm inside a smooth surrounding.

``asin(x) = 2 atan(x/(1 + sqrt(1 - x^2)))`` at 1: the root leaves 0 with an infinite slope, and what is around it is
differentiable in the root and in ``x`` together.
"""

from __future__ import annotations

from ..kernel.cited import domain
from ..kernel.terms import ONE, ZERO, KernelError, Literal, Term, add, mul, neg, power, rat, sub, substitute, unary, var
from ..kernel.theorems import Local, Side, Theorem
from .limits_point import Point, obligations
from .limits_values import (
    CONTRADICTION,
    Prove,
    Rows,
    decided,
    equal,
    fresh,
    inverse,
    inverse_positive,
    moved_over,
    nothing,
    refuted,
    replaced,
    root_value,
    shown,
)
from .recorder import Recorder


def sqrt_at_zero(R: Recorder, w: str = "w") -> Theorem:
    """``w = 0 |- sqrt(w) has the right derivative +oo in w, and is continuous from the right``.

    With ``r = sqrt(h)``: ``r > eps h`` for ``h < 1/eps^2``, and ``r < eps`` for ``h < eps^2``.
    """
    x, eps, h = var(w), var("eps"), var("h")
    e, zero = unary("sqrt", x), R.assume(Literal("=", x))
    big, step = R.assume(Literal(">", eps)), R.assume(Literal(">", h))
    moved = add(x, mul(ONE, h))
    r, radius = unary("sqrt", moved), power(unary("inv", eps), 2)
    inside = R.arith(Literal(">", moved), [(1, [step], [])], [(ONE, zero)])
    nonneg = R.arith(Literal(">=", x), (), [(ONE, zero)])
    here = R.rule("defined", e, [nonneg])
    start = root_value(R, x, ZERO, nonneg, equal(R, x, ZERO, [(ONE, zero)]))
    square = R.fact("sqrt_square", moved, premises=[R.arith(Literal(">=", moved), [(1, [inside], [])])])
    root, there, one = R.fact("sqrt_nonneg", moved), R.rule("defined", r, [inside]), inverse(R, big)
    near = R.assume(Literal(">", sub(radius, h)))
    change = sub(r, e)
    goal = Literal(">=", sub(mul(ONE, change), mul(eps, h)))
    d = unary("inv", eps)

    def too_small(no: Theorem) -> Theorem:  # eps h - (r - e) > 0
        # h eps^2 (d^2 - h) + (eps h - r)(eps h + r) = h ((eps d)^2 - 1) + (h - r^2)
        rows: Rows = [(1, [step, big, big, near], []), (1, [no, big, step], []), (1, [no, root], [])]
        return R.arith(CONTRADICTION, rows, [
            (mul(neg(h), add(mul(eps, d), ONE)), one), (ONE, square), (ONE, zero), (neg(add(mul(eps, h), r)), start),
        ])  # fmt: skip

    steep = R.rule(
        "side_limit", e, w, 1, "+oo", radius, [refuted(R, goal, too_small)],
        R.arith(Literal(">", radius), [(1, [inverse_positive(R, big)] * 2, [])]), there, here,
    )  # fmt: skip
    close = R.assume(Literal(">", sub(power(eps, 2), h)))

    def too_big(no: Theorem) -> Theorem:  # r - e - eps > 0
        # (eps^2 - h) + (r - eps)(r + eps) = r^2 - h
        return R.arith(CONTRADICTION, [(1, [close], []), (1, [no, root], []), (1, [no, big], [])], [
            (rat(-1), square), (rat(-1), zero), (add(r, eps), start)])  # fmt: skip

    upper = refuted(R, Literal(">=", sub(eps, change)), too_big)
    lower = R.arith(Literal(">=", add(eps, change)), [(1, [big], []), (1, [root], [])], [(rat(-1), start)])
    positive = R.arith(Literal(">", power(eps, 2)), [(1, [big, big], [])])
    return R.rule("side_continuous", steep, power(eps, 2), [upper, lower], positive, there)


def local_at(R: Recorder, vary: frozenset[str], term: Term, point: Point) -> Theorem | None:
    """``Local`` of the term with the side conditions shown at the point; no conditional may be undecided nearby."""
    sides, stack, seen = list[Theorem](), [term], set[Term]()
    while stack:
        t = stack.pop()
        if t in seen:
            continue
        seen.add(t)
        if t.op == "cond":
            guard = Literal(str(t.args[0]), t.terms[0])
            found = point.decide(guard) if vary.isdisjoint(guard.term.free) else strict_sign(guard.term, point)
            if found is None:
                return None
            holds = shown(found).term is guard.term if guard.relation in (">", ">=") else guard.relation == "!="
            if vary.isdisjoint(guard.term.free):
                holds = shown(found) == guard
            sides.append(found)
            stack += [guard.term, t.terms[1] if holds else t.terms[2]]
            continue
        if t.op in ("inv", "log", "sqrt", "floor"):
            u = sub(t.terms[0], t) if t.op == "floor" else t.terms[0]
            fixed = t.op == "sqrt" and vary.isdisjoint(u.free)
            need = point.show(Literal(">=" if fixed else "!=" if t.op in ("inv", "floor") else ">", u))
            if need is None:
                return None
            sides.append(need)
        elif t.op == "app":
            try:
                wanted = [point.show(k) for k in domain(t)[1]]
            except KernelError:
                return None
            sides += [th for th in wanted if th is not None]
        stack += t.terms
    try:
        return R.rule("local", vary, term, sides)
    except KernelError:
        return None


def smooth_side(R: Recorder, term: Term, sign: int, point: Point) -> Theorem | None:
    """The one-sided derivative of a term that is differentiable at the point."""
    vary = frozenset({point.x})
    inner = local_at(R, vary, term, point)
    if inner is None or not isinstance(inner.conclusion, Local) or inner.conclusion.derivative is None:
        return None
    here = obligations(term, point.decide)
    if here is None:
        return None
    support = list(here)
    for th in here:
        if point.x in shown(th).term.free:
            around = local_at(R, vary, shown(th).term, point)
            if around is None:
                return None
            support.append(around)
    same = equal(R, term, term)
    nearby = R.rule("defined", term, [R.assume(shown(th)) if point.x in shown(th).term.free else th for th in here])
    try:
        return R.rule(
            "side_replace", inner, point.x, sign, same, nearby, same, R.rule("defined", term, list(here)), support
        )
    except KernelError:
        return None


def root_side(R: Recorder, term: Term, sign: int, point: Point) -> Theorem | None:
    """The one-sided derivative of ``sqrt(u)`` where ``u`` is 0 and leaves 0 upwards: infinite."""
    if term.op != "sqrt":
        return None
    (u,) = term.terms
    value, at = point.value(u)
    found = point.sign(value)
    inner = smooth_side(R, u, sign, point)
    if found is None or found[0] != 0 or inner is None:
        return None
    rate = getattr(inner.conclusion, "slope", None)
    if type(rate) is not Term:
        return None
    leaves = strict_sign(rate, point)
    if leaves is None or shown(leaves).term is not (rate if sign > 0 else neg(rate)):
        return None
    try:
        outer = R.rule("side_chain", sqrt_at_zero(R, fresh("w", u)), inner, [leaves])
    except KernelError:
        return None
    zero = decided(R, Literal("=", u), value, *found, at)
    return R.rule("cut", zero, outer) if shown(zero) in outer.hyps else outer


def strict_sign(t: Term, point: Point) -> Theorem | None:
    """``t > 0`` or ``-t > 0`` at the point."""
    value, at = point.value(t)
    found = point.sign(value)
    if found is None or found[0] == 0:
        return None
    sign, th = found
    if sign > 0:
        return moved_over(point.R, th, Literal(">", t), at)
    return moved_over(point.R, th, Literal(">", neg(t)), equal(point.R, neg(t), neg(value), [(rat(-1), at)]))


class WithName(Point):
    """A point at which a new symbol ``w`` stands for the value of a term, under the hypothesis ``w - u = 0``."""

    def __init__(self, point: Point, w: str, u: Term) -> None:
        super().__init__(point.R, point.x, point.center, point.here, point.prove, point.known)
        self.w = w
        self.hyps = point.hyps | {Literal("=", sub(var(w), u))}
        self.named, at = point.value(u)
        self.same = equal(self.R, var(w), self.named, [(ONE, self.R.assume(Literal("=", sub(var(w), u)))), (ONE, at)])

    def value(self, t: Term) -> tuple[Term, Theorem]:
        """As for a point, with ``w`` replaced too."""
        if self.w not in t.free:
            return super().value(t)
        step = self.R.rule("congruence", t, self.w, self.same)
        value, th = super().value(substitute(t, {self.w: self.named}))
        return value, equal(self.R, t, value, [(ONE, step), (ONE, th)])

    def decide(self, goal: Literal) -> Theorem | None:
        """As for a point; a literal about ``w`` is decided by the values."""
        if self.w not in goal.term.free:
            return super().decide(goal)
        value, equation = self.value(goal.term)
        found = self.sign(value)
        if found is not None:
            return decided(self.R, goal, value, *found, equation)
        return self.prove(goal, self.hyps) or self.prove(goal.negation, self.hyps)


def compose_side(
    R: Recorder, term: Term, x: str, inner: Theorem, subterm: Term, prove: Prove = nothing, point: Point | None = None
) -> Theorem | None:
    """The one-sided derivative of a term around the one-sided derivative ``inner`` of its subterm.

    The subterm becomes a symbol ``w``; the rest must be differentiable in ``w`` and ``x`` together, and for an infinite
    slope the derivative in ``w`` must not be 0.  ``prove`` is asked for what values at the point do not show.
    """
    c = inner.conclusion
    if not isinstance(c, Side) or c.term is not subterm or c.x != x:
        return None
    if term is subterm:
        return inner
    point = point or Point.of(R, x, inner.hyps, prove)
    if point is None:
        return None
    w = fresh("w", term, *(k.term for k in point.hyps))
    outside = replaced(term, subterm, var(w))
    vary = frozenset({w, x} if x in outside.free else {w})
    named = WithName(point, w, subterm)
    outer = local_at(R, vary, outside, named)
    if outer is None or not isinstance(outer.conclusion, Local) or outer.conclusion.derivative is None:
        return None
    support = []
    if isinstance(c.slope, str):
        rate = substitute(outer.conclusion.derivative, {w: subterm, "d " + w: ONE, "d " + x: ZERO})
        leaves = strict_sign(rate, point)
        if leaves is None:
            return None
        support = [leaves]
    try:
        return R.rule("side_compose", outer, w, inner, support)
    except KernelError:
        return None


__all__ = ["compose_side", "local_at", "root_side", "smooth_side", "sqrt_at_zero", "strict_sign"]
