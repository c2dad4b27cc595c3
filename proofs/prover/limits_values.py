"""Values of terms at a point and beside it: the equations that an epsilon-delta argument starts from.

Everything here is untrusted search that calls the rules of the kernel through a :class:`Recorder`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import isqrt

from ..kernel.algebra import Algebra, Monomial, Number, Polynomial, constant
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
    postorder,
    power,
    rat,
    rebuild,
    sub,
    substitute,
    unary,
    var,
)
from ..kernel.theorems import Holds, Theorem
from .recorder import Recorder

Prove = Callable[[Literal, frozenset[Literal]], Theorem | None]
"""Proves a literal from the hypotheses, or gives up."""
Rows = list[tuple[Fraction | int, Sequence[Theorem], Sequence[Term]]]
"""Products for :meth:`Recorder.arith`."""
Rewrite = Callable[[Term], tuple[Term, Theorem] | None]
"""What a subterm becomes, and the equation that says so."""
Decide = Callable[[Literal], Theorem | None]
"""Proves a literal or its negation, or gives up."""


def nothing(_: Literal, __: frozenset[Literal]) -> Theorem | None:
    """The :data:`Prove` that always gives up."""
    return None


def shown(th: Theorem) -> Literal:
    """The literal that ``th`` proves."""
    assert type(th.conclusion) is Holds
    return th.conclusion.literal


def polynomial(t: Term) -> Polynomial | None:
    """The polynomial of ``t`` in its atoms, unless it is too large."""
    try:
        return Algebra().normal(t)
    except KernelError:
        return None


def number(t: Term) -> Fraction | None:
    """The rational number that ``t`` is by ring arithmetic alone."""
    p = polynomial(t)
    value = None if p is None else constant(p)
    return None if value is None else Fraction(value)


def replaced(t: Term, old: Term, new: Term) -> Term:
    """``t`` with the subterm ``old`` replaced by ``new`` everywhere."""
    done: dict[Term, Term] = {old: new}
    for s in postorder(t):
        if s not in done:
            done[s] = rebuild(s, done)
    return done[t]


def fresh(name: str, *terms: Term) -> str:
    """A variation of ``name`` that is no symbol of the terms."""
    used = frozenset[str]().union(*(t.free for t in terms))
    candidate, n = name, 0
    while candidate in used:
        n += 1
        candidate = f"{name}_{n}"
    return candidate


def equal(R: Recorder, a: Term, b: Term, equations: Iterable[tuple[Term, Theorem]] = ()) -> Theorem:
    """``a - b = 0`` as a combination of equations."""
    return R.arith(Literal("=", sub(a, b)), (), equations)


def moved_over(R: Recorder, th: Theorem, goal: Literal, equation: Theorem | None = None, factor: int = 1) -> Theorem:
    """``goal`` from ``th``, which says the same of another writing; ``equation`` says ``goal.term - term = 0``."""
    fact = shown(th)
    equations = [] if equation is None else [(ONE, equation)]
    if goal.relation == "=":
        return R.arith(goal, (), [(rat(factor), th), *equations])
    return R.arith(goal, [(factor if fact.relation != "!=" or goal.relation == "!=" else 1, [th], [])], equations)


def refuted(R: Recorder, goal: Literal, false: Callable[[Theorem], Theorem]) -> Theorem:
    """``goal`` because its negation leads to ``false``, a theorem such as ``0 > 0``."""
    return R.rule("cases", goal, R.assume(goal), false(R.assume(goal.negation)))


CONTRADICTION = Literal(">", ZERO)


def apply_lemma(R: Recorder, lemma: Theorem, values: dict[str, Term], *premises: Theorem) -> Theorem:
    """A lemma at other values, with its hypotheses discharged by the premises."""
    result = R.rule("instantiate", lemma, values)
    for th in premises:
        if shown(th) in result.hyps:
            result = R.rule("cut", th, result)
    return result


def nonzero(R: Recorder, th: Theorem) -> Theorem:
    """``t != 0`` from ``t > 0``."""
    fact = shown(th)
    return th if fact.relation == "!=" else R.arith(Literal("!=", fact.term), [(1, [th], [])])


def inverse(R: Recorder, th: Theorem) -> Theorem:
    """``u inv(u) - 1 = 0`` from ``u != 0`` or ``u > 0``."""
    return R.fact("inv", shown(th).term, premises=[nonzero(R, th)])


def inverse_positive(R: Recorder, th: Theorem) -> Theorem:
    """``inv(u) > 0`` from ``u > 0``."""
    one = inverse(R, th)
    goal = Literal(">", unary("inv", shown(th).term))
    return refuted(R, goal, lambda no: R.arith(CONTRADICTION, [(1, [], []), (1, [th, no], [])], [(ONE, one)]))


def pi_between(R: Recorder) -> tuple[Theorem, Theorem]:
    """``pi - 3 > 0`` and ``4 - pi > 0``."""
    low, high = R.fact("pi_low"), R.fact("pi_high")
    floor, ceiling = number(sub(pi(), shown(low).term)), number(add(pi(), shown(high).term))
    assert floor is not None and ceiling is not None
    return (R.arith(Literal(">", sub(pi(), rat(3))), [(1, [low], []), (floor - 3, [], [])]),
            R.arith(Literal(">", sub(rat(4), pi())), [(1, [high], []), (4 - ceiling, [], [])]))  # fmt: skip


def pi_positive(R: Recorder) -> Theorem:
    """``pi > 0``."""
    return R.arith(Literal(">", pi()), [(1, [pi_between(R)[0]], []), (3, [], [])])


def positive_atom(R: Recorder, a: Term, known: Callable[[Term], Theorem | None]) -> Theorem | None:
    """``a > 0`` for an atom that is positive for its form, or by ``known``."""
    if a.op == "pi":
        return pi_positive(R)
    if a.op == "exp":
        return R.fact("exp_pos", a.terms[0])
    if a.op in ("inv", "sqrt"):
        found = sign_of(R, a.terms[0], known)
        if found is None or found[0] <= 0:
            return known(a)
        return inverse_positive(R, found[1]) if a.op == "inv" else root_positive(R, found[1])
    if a.op == "log":
        return log_positive(R, a.terms[0]) or known(a)
    return known(a)


def root_positive(R: Recorder, th: Theorem) -> Theorem:
    """``sqrt(u) > 0`` from ``u > 0``."""
    u = shown(th).term
    square = R.fact("sqrt_square", u, premises=[R.arith(Literal(">=", u), [(1, [th], [])])])
    root = R.fact("sqrt_nonneg", u)
    goal = Literal(">", unary("sqrt", u))
    return refuted(R, goal, lambda no: R.arith(CONTRADICTION, [(1, [th], []), (1, [root, no], [])], [(ONE, square)]))


def log_positive(R: Recorder, u: Term) -> Theorem | None:
    """``log(u) > 0`` for a rational number ``u > 1``."""
    q = number(u)
    if q is None or q <= 1:
        return None
    size, value = unary("log", u), R.fact("exp_log", u, premises=[R.arith(Literal(">", u), [(q, [], [])])])
    back = neg(size)
    split, zero = R.fact("exp_add", size, back), exp_equal(R, add(size, back), ZERO)
    low, above = R.fact("exp_taylor", back, order=1), R.fact("exp_pos", back)
    # With E = exp(-log(u)) >= 1 - log(u) >= 1 and u E = 1: (u - 1) E > 0 is false.
    return refuted(R, Literal(">", size), lambda no: R.arith(CONTRADICTION, [
        (q - 1, [above], []), (1, [low], []), (1, [no], [])], [
        (ONE, split), (rat(-1), zero), (unary("exp", back), value), (rat(-1), R.fact("exp_zero"))]))  # fmt: skip


def exp_equal(R: Recorder, u: Term, v: Term, equations: Iterable[tuple[Term, Theorem]] = ()) -> Theorem:
    """``exp(u) - exp(v) = 0`` where ``u - v`` is a combination of equations."""
    return R.rule("congruence", unary("exp", var("hole")), "hole", equal(R, u, v, equations))


def sign_of(R: Recorder, t: Term, known: Callable[[Term], Theorem | None]) -> tuple[int, Theorem] | None:
    """The sign of a polynomial whose monomials agree in sign, and the theorem ``t > 0``, ``-t > 0`` or ``t = 0``.

    ``known`` finds the theorems ``a > 0`` for atoms ``a`` that are not positive for their form.
    """
    p = polynomial(t)
    if p is None:
        return None
    if not p:
        return 0, R.arith(Literal("=", t))
    signs = {1 if c > 0 else -1 for c in p.values()}
    if len(signs) != 1:
        return None
    (sign,) = signs
    atoms = {a: positive_atom(R, a, known) for m in p for a, _ in m}
    products, strict = list[tuple[Fraction, list[Theorem], list[Term]]](), False
    for m, c in p.items():
        if any(atoms[a] is None and n % 2 for a, n in m):
            return None
        factors = [th for a, n in m if (th := atoms[a]) is not None for _ in range(n)]
        squares = [power(a, n // 2) if n > 2 else a for a, n in m if atoms[a] is None]
        strict = strict or not squares
        products.append((abs(Fraction(c)), factors, squares))
    return (sign, R.arith(Literal(">", t if sign > 0 else neg(t)), products)) if strict else None


def decided(R: Recorder, goal: Literal, t: Term, sign: int, th: Theorem, equation: Theorem | None = None) -> Theorem:
    """``goal`` or its negation from the sign of ``t``, where ``equation`` says ``goal.term - t = 0``."""
    relation = goal.relation
    true = {">": sign > 0, ">=": sign >= 0, "=": sign == 0, "!=": sign != 0}[relation]
    want = goal if true else goal.negation
    flipped = want.term is not goal.term
    terms = [] if equation is None else [(rat(-1) if flipped else ONE, equation)]
    if shown(th).relation == "=":
        return R.arith(want, (), [*terms, (rat(-1) if flipped else ONE, th)])
    if want.relation == "!=":
        return R.arith(want, [(sign, [th], [])], terms)
    return R.arith(want, [(1, [th], [])], terms)


class Simplifier:
    """Rewrites a term to a simpler one with the same value, and keeps the equations.

    Conditionals are decided by ``decide``; ``inv``, ``sqrt``, ``exp``, ``log``, ``sin``, ``cos`` and ``atan`` of
    suitable rational numbers become numbers, and ``germ`` may rewrite the others.
    """

    def __init__(self, R: Recorder, decide: Decide, germ: Rewrite | None = None) -> None:
        self.R, self.decide, self.germ = R, decide, germ

    def __call__(self, t: Term) -> tuple[Term, Theorem | None]:
        """The simpler term and the theorem ``t - simpler = 0`` (``None`` where nothing changed)."""
        current, steps = t, list[Theorem]()
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
            if self.germ is not None:
                return self.germ(s)
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
        root = Fraction(isqrt(q.numerator), isqrt(q.denominator))
        if root * root != q:
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
            base = R.rule("between", R.arith(Literal(">=", unary("sin", ZERO)), [(1, [lower], [])]),
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


def root_value(R: Recorder, u: Term, root: Term, nonneg: Theorem, value: Theorem) -> Theorem:
    """``sqrt(u) - root = 0`` for a rational ``root >= 0``, from ``u >= 0`` and ``u - root^2 = 0``."""
    s, q = unary("sqrt", u), number(root)
    assert q is not None and q >= 0
    square, floor = R.fact("sqrt_square", u, premises=[nonneg]), R.fact("sqrt_nonneg", u)
    gap = sub(s, root)

    def below(no: Theorem) -> Theorem:  # root - s > 0, so root^2 - s^2 > 0
        if not q:
            return R.arith(CONTRADICTION, [(1, [no], []), (1, [floor], [])])
        return R.arith(CONTRADICTION, [(1, [no, floor], []), (q, [no], [])], [(ONE, square), (ONE, value)])

    def above(no: Theorem) -> Theorem:  # s - root > 0, so s^2 - root^2 > 0
        return R.arith(CONTRADICTION, [(1, [no, no], []), *([(2 * q, [no], [])] if q else [])], [
            (rat(-1), square), (rat(-1), value)])  # fmt: skip

    lower = refuted(R, Literal(">=", gap), below)
    upper = refuted(R, Literal(">=", neg(gap)), above)
    return R.rule("between", lower, upper)


class Point:
    """The point ``x = c``: what hypotheses say of one symbol, and values of terms there."""

    def __init__(self, R: Recorder, x: str, center: Term, here: Theorem, prove: Prove) -> None:
        self.R, self.x, self.center, self.here, self.prove = R, x, center, here, prove
        self.hyps = here.hyps
        self.simplify = Simplifier(R, self.decide)

    @classmethod
    def of(cls, R: Recorder, x: str, hyps: Iterable[Literal], prove: Prove = nothing) -> Point | None:
        """The point that an equation among the hypotheses names, such as ``x - 1 = 0`` or ``-2*x = 0``."""
        hyps = frozenset(hyps)
        for k in sorted((k for k in hyps if k.relation == "="), key=lambda k: k.term.serial):
            p = polynomial(k.term)
            if p is None:
                continue
            leading = p.get(((var(x), 1),))
            rest = {m: c for m, c in p.items() if m != ((var(x), 1),)}
            if leading is None or any(x in a.free for m in rest for a, _ in m):
                continue
            center = from_polynomial({m: -Fraction(c) / leading for m, c in rest.items()})
            here = equal(R, var(x), center, [(rat(1 / Fraction(leading)), R.assume(k))])
            point = cls(R, x, center, here, prove)
            point.hyps = hyps
            return point
        return None

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


def from_polynomial(p: Mapping[Monomial, Number]) -> Term:
    """A term with the polynomial ``p``."""
    total: Term | None = None
    for m, c in p.items():
        factors = [a if n == 1 else power(a, n) for a, n in m]
        t = rat(Fraction(c)) if c != 1 or not factors else factors.pop(0)
        for f in factors:
            t = mul(t, f)
        total = t if total is None else add(total, t)
    return ZERO if total is None else total


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
            wanted = [decide(k) for k in domain(s)[1]]
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
