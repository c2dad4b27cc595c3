"""Values of terms at a point, as far as hypotheses and arithmetic show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from ..kernel.cited import domain
from ..kernel.terms import (
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
    substitute,
    unary,
    var,
)
from ..kernel.theorems import Theorem
from .limits_values import (
    Decide,
    Known,
    Prove,
    Rewrite,
    Rows,
    decided,
    equal,
    fresh,
    from_polynomial,
    nothing,
    number,
    pi_positive,
    polynomial,
    replaced,
    root_value,
    shown,
    sign_of,
    square_root,
)
from .recorder import Recorder


class Simplifier:
    """Rewrites a term to a simpler one with the same value, and keeps the equations.

    Symbols with a ``known`` value are replaced; conditionals are decided by ``decide``; functions of suitable rational
    numbers become numbers, and ``rewrite`` may replace the other functions.
    """

    def __init__(
        self, R: Recorder, decide: Decide, known: Sequence[Known] = (), rewrite: Rewrite | None = None
    ) -> None:
        self.R, self.decide, self.known, self.rewrite = R, decide, known, rewrite

    def __call__(self, t: Term) -> tuple[Term, Theorem | None]:
        """The simpler term and the theorem ``t - simpler = 0`` (``None`` where nothing changed)."""
        current, steps = t, list[Theorem]()
        for name, value, why in self.known:
            if name in current.free:
                steps.append(self.R.rule("congruence", current, name, why))
                current = substitute(current, {name: value})
        for _ in range(200):
            found = self._redex(current)
            if found is None:
                break
            old, new, th = found
            if current is old:
                steps.append(th)
            else:
                hole = fresh("hole", current, new)
                steps.append(self.R.rule("congruence", replaced(current, old, var(hole)), hole, th))
            current = replaced(current, old, new)
        if not steps:
            return t, None
        return current, steps[0] if len(steps) == 1 else equal(self.R, t, current, [(ONE, s) for s in steps])

    def _redex(self, t: Term) -> tuple[Term, Term, Theorem] | None:
        """The first subterm that can be rewritten, what it becomes, and why."""
        stack, seen = [(t, False)], set[Term]()
        while stack:
            s, ready = stack.pop()
            if ready:
                found = self._reduce(s)
                if found is not None:
                    return s, *found
            elif s not in seen:
                seen.add(s)
                stack.append((s, True))
                stack += [(a, False) for a in (s.terms[:1] if s.op == "cond" else reversed(s.terms))]
        return None

    def _reduce(self, s: Term) -> tuple[Term, Theorem] | None:
        if s.op == "cond":
            guard = Literal(str(s.args[0]), s.terms[0])
            th = self.decide(guard)
            if th is None:
                return None
            _, a, b = s.terms
            return a if shown(th) == guard else b, self.R.rule("conditional", guard, a, b, th)
        if s.op in ("inv", "sqrt", "exp", "log", "sin", "cos", "atan"):
            value = number(s.terms[0])
            if value is not None:
                return self._at_number(s, value)
            if self.rewrite is not None:
                return self.rewrite(s)
        return None

    def _at_number(self, s: Term, q: Fraction) -> tuple[Term, Theorem] | None:
        R, (u,) = self.R, s.terms
        if s.op == "inv" and q:
            one = R.fact("inv", u, premises=[R.arith(Literal("!=", u), [(q, [], [])])])
            return rat(1 / q), equal(R, s, rat(1 / q), [(rat(1 / q), one)])
        if s.op == "sqrt" and q >= 0:
            return self._root(s, q)
        if q == (1 if s.op == "log" else 0) and s.op in ("exp", "log", "cos", "sin", "atan"):
            return self._at_origin(s)
        return None

    def _root(self, s: Term, q: Fraction) -> tuple[Term, Theorem] | None:
        R, (u,) = self.R, s.terms
        root = square_root(q)
        if root is None:
            return None
        th = root_value(R, u, rat(root), R.arith(Literal(">=", u), [(q, [], [])] if q else []), equal(R, u, rat(q)))
        return rat(root), th

    def _at_origin(self, s: Term) -> tuple[Term, Theorem]:
        """``exp(0) = 1``, ``log(1) = 0``, ``cos(0) = 1``, ``sin(0) = 0``, ``atan(0) = 0``."""
        R, (u,) = self.R, s.terms
        value = ONE if s.op in ("exp", "cos") else ZERO
        if s.op == "log":
            inner = R.rule("congruence", unary("log", var("hole")), "hole", equal(R, u, unary("exp", ZERO), [
                (rat(-1), R.fact("exp_zero"))]))  # fmt: skip
            return value, equal(R, s, value, [(ONE, inner), (ONE, R.fact("log_exp", ZERO))])
        same = [] if u is ZERO else [(ONE, R.rule("congruence", unary(s.op, var("hole")), "hole", equal(R, u, ZERO)))]
        if s.op == "exp":
            base = R.fact("exp_zero")
        elif s.op == "cos":
            base = R.fact("cos_zero")
        elif s.op == "sin":
            zero = R.arith(Literal(">=", ZERO))
            upper, lower = (R.fact("sin_taylor", ZERO, premises=[zero], order=n) for n in (1, 2))
            base = R.between(R.arith(Literal(">=", unary("sin", ZERO)), [(1, [lower], [])]),
                          R.arith(Literal(">=", neg(unary("sin", ZERO))), [(1, [upper], [])]))  # fmt: skip
        else:
            base = self._atan_zero()
        return value, equal(R, s, value, [*same, (ONE, base)])

    def _atan_zero(self) -> Theorem:
        R = self.R
        one, sine = R.fact("cos_zero"), self._at_origin(unary("sin", ZERO))[1]
        half = mul(rat(Fraction(1, 2)), pi())
        bound: Rows = [(Fraction(1, 2), [pi_positive(R)], [])]
        return R.fact("tan_atan", ZERO, ZERO, premises=[
            R.arith(Literal(">", unary("cos", ZERO)), [(1, [], [])], [(ONE, one)]),
            R.arith(Literal(">", add(ZERO, half)), bound),
            R.arith(Literal(">", sub(half, ZERO)), bound),
            R.arith(Literal("=", sub(mul(ZERO, unary("cos", ZERO)), unary("sin", ZERO))), (), [(rat(-1), sine)]),
        ])  # fmt: skip


def _solved(R: Recorder, k: Literal, x: str) -> Known | None:
    """The value of ``x`` by the equation ``k``, where it is linear in ``x``."""
    p = polynomial(k.term)
    if p is None:
        return None
    own = ((var(x), 1),)
    rest = {m: c for m, c in p.items() if m != own}
    if own not in p or any(x in a.free for m in rest for a, _ in m):
        return None
    leading = Fraction(p[own])
    center = from_polynomial({m: -Fraction(c) / leading for m, c in rest.items()})
    return x, center, equal(R, var(x), center, [(rat(1 / leading), R.assume(k))])


class Point:
    """The point ``x = c``: what hypotheses say of one symbol, and values of terms there."""

    def __init__(
        self, R: Recorder, x: str, center: Term, here: Theorem, prove: Prove, known: Sequence[Known] = ()
    ) -> None:
        self.R, self.x, self.center, self.here, self.prove, self.known = R, x, center, here, prove, known
        self.hyps = here.hyps
        self.sides: dict[tuple[Term, int], Theorem | None] = {}
        self.simplify = Simplifier(R, self.decide, known)

    @classmethod
    def of(cls, R: Recorder, x: str, hyps: Iterable[Literal], prove: Prove = nothing) -> Point | None:
        """The point that an equation among the hypotheses names, such as ``x - 1 = 0`` or ``-2*x = 0``."""
        hyps = frozenset(hyps)
        equations = sorted((k for k in hyps if k.relation == "="), key=lambda k: k.term.serial)
        found = next((known for k in equations if (known := _solved(R, k, x)) is not None), None)
        if found is None:
            return None
        _, center, here = found
        others, fixed = list[Known](), {x}
        for k in equations:
            name = next((n for n in sorted(k.term.free) if fixed.isdisjoint(k.term.free)), None)
            other = None if name is None else _solved(R, k, name)
            if other is not None and name is not None:
                others.append(other)
                fixed |= k.term.free
        point = cls(R, x, center, here, prove, others)
        point.hyps = hyps
        return point

    def value(self, t: Term) -> tuple[Term, Theorem]:
        """The term that ``t`` is at the point, without ``x``, and ``t - value = 0``."""
        at = substitute(t, {self.x: self.center})
        same = equal(self.R, t, t) if at is t else self.R.rule("congruence", t, self.x, self.here)
        simple, th = self.simplify(at)
        return simple, same if th is None else equal(self.R, t, simple, [(ONE, same), (ONE, th)])

    def sign(self, t: Term) -> tuple[int, Theorem] | None:
        """The sign of a term and the theorem that says so: by :func:`sign_of`, by one hypothesis, or by ``prove``."""
        found = sign_of(self.R, t, self._known) or self._by_hypothesis(t)
        if found is not None:
            return found
        for sign, k in ((1, Literal(">", t)), (-1, Literal(">", neg(t))), (0, Literal("=", t))):
            th = self.prove(k, self.hyps)
            if th is not None:
                return sign, th
        return None

    def _known(self, a: Term) -> Theorem | None:
        found = self._by_hypothesis(a)
        return found[1] if found is not None and found[0] > 0 else self.prove(Literal(">", a), self.hyps)

    def _by_hypothesis(self, t: Term) -> tuple[int, Theorem] | None:
        """``t = q k + r`` for a hypothesis ``k > 0`` or ``k = 0``, where ``r`` is a number that does not spoil it."""
        goal = polynomial(t)
        for k in sorted(self.hyps, key=lambda k: (k.relation, k.term.serial)):
            p = polynomial(k.term) if k.relation in (">", "=") else None
            varying = [m for m in p if m] if p else []
            if not p or not goal or not varying or varying[0] not in goal:
                continue
            q = Fraction(goal[varying[0]]) / p[varying[0]]
            rest = {m: v for m in {*goal, *p} if (v := goal.get(m, 0) - q * p.get(m, 0))}
            offset = Fraction(rest.get((), 0))
            if set(rest) - {()}:
                continue
            if k.relation == "=":
                sign = (offset > 0) - (offset < 0)
                if sign == 0:
                    return 0, self.R.arith(Literal("=", t), (), [(rat(q), self.R.assume(k))])
                side = Literal(">", t if sign > 0 else neg(t))
                return sign, self.R.arith(side, [(abs(offset), [], [])], [(rat(sign * q), self.R.assume(k))])
            if offset * q >= 0:
                sign = 1 if q > 0 else -1
                rows: Rows = [(abs(q), [self.R.assume(k)], []), *([(abs(offset), [], [])] if offset else [])]
                return sign, self.R.arith(Literal(">", t if sign > 0 else neg(t)), rows)
        return None

    def decide(self, goal: Literal) -> Theorem | None:
        """``goal`` or its negation, at the point."""
        for k in (goal, goal.negation):
            if k in self.hyps:
                return self.R.assume(k)
        if self.x in goal.term.free:
            value, equation = self.value(goal.term)
            found = self.sign(value)
            if found is not None:
                return decided(self.R, goal, value, *found, equation)
        else:
            simple, th = self.simplify(goal.term)
            found = self.sign(simple)
            if found is not None:
                return decided(self.R, goal, simple, *found, th)
        return self.prove(goal, self.hyps) or self.prove(goal.negation, self.hyps)

    def show(self, goal: Literal) -> Theorem | None:
        """``goal`` at the point."""
        th = self.decide(goal)
        return th if th is not None and shown(th) == goal else None


def obligations(t: Term, decide: Decide) -> Sequence[Theorem] | None:
    """The premises that make ``t`` defined, found by ``decide``; ``None`` where one of them fails."""
    needs = {"inv": "!=", "log": ">", "sqrt": ">="}
    found, stack, seen = list[Theorem](), [t], set[Term]()
    while stack:
        s = stack.pop()
        if s in seen:
            continue
        seen.add(s)
        if s.op == "cond":
            guard = Literal(str(s.args[0]), s.terms[0])
            th = decide(guard)
            if th is None:
                return None
            found.append(th)
            stack += [s.terms[0], s.terms[1] if shown(th) == guard else s.terms[2]]
            continue
        if s.op == "app":
            try:
                wanted = [decide(k) for k in domain(s)[1]]
            except KernelError:
                return None
            if any(th is None for th in wanted):
                return None
            found += [th for th in wanted if th is not None]
        elif s.op in needs:
            goal = Literal(needs[s.op], s.terms[0])
            th = decide(goal)
            if th is None or shown(th) != goal:
                return None
            found.append(th)
        stack += s.terms
    return found
