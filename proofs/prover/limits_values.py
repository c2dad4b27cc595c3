"""Values of terms at a point and beside it: the equations that an epsilon-delta argument starts from.

Everything here is untrusted search that calls the rules of the kernel through a :class:`Recorder`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import isqrt

from ..kernel.algebra import Algebra, Monomial, Number, Polynomial, constant
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
    postorder,
    power,
    rat,
    rebuild,
    sub,
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
Known = tuple[str, Term, Theorem]
"""A symbol, its value, and the equation ``symbol - value = 0``."""
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
    return R.discharged(R.rule("instantiate", lemma, values), premises)


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


def square_root(q: Fraction) -> Fraction | None:
    """The rational square root of ``q``."""
    if q < 0:
        return None
    root = Fraction(isqrt(q.numerator), isqrt(q.denominator))
    return root if root * root == q else None


def root_value(R: Recorder, u: Term, root: Term, nonneg: Theorem, value: Theorem) -> Theorem:
    """``sqrt(u) - root = 0`` for a rational ``root >= 0``, from ``u >= 0`` and ``u - root^2 = 0``."""
    q = number(root)
    assert q is not None and q >= 0
    if q:
        return root_is(R, u, R.arith(Literal(">", root), [(q, [], [])]), nonneg, value)
    gap = sub(unary("sqrt", u), root)
    square, floor = R.fact("sqrt_square", u, premises=[nonneg]), R.fact("sqrt_nonneg", u)
    upper = refuted(R, Literal(">=", neg(gap)), lambda no: R.arith(CONTRADICTION, [(1, [no, no], [])], [
        (MINUS_ONE, square), (MINUS_ONE, value)]))  # fmt: skip
    return R.between(R.arith(Literal(">=", gap), [(1, [floor], [])]), upper)


def root_is(R: Recorder, u: Term, positive: Theorem, nonneg: Theorem, value: Theorem) -> Theorem:
    """``sqrt(u) - root = 0`` from ``root > 0``, ``u >= 0`` and ``u - root^2 = 0``."""
    root = shown(positive).term
    square, floor = R.fact("sqrt_square", u, premises=[nonneg]), R.fact("sqrt_nonneg", u)
    gap = sub(unary("sqrt", u), root)

    def denied(sign: int) -> Callable[[Theorem], Theorem]:  # |sqrt(u) - root| (sqrt(u) + root) = |u - root^2|
        return lambda no: R.arith(CONTRADICTION, [(1, [no, floor], []), (1, [no, positive], [])], [
            (rat(sign), square), (rat(sign), value)])  # fmt: skip

    lower, upper = refuted(R, Literal(">=", gap), denied(1)), refuted(R, Literal(">=", neg(gap)), denied(-1))
    return R.between(lower, upper)


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
