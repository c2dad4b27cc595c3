"""Random terms: the kernel's derivatives and its algebra against numbers."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import mpmath
import pytest
from hasderiv.proofs.kernel.algebra import Algebra, integral
from hasderiv.proofs.kernel.terms import (
    KernelError,
    Literal,
    Term,
    add,
    cond,
    mul,
    neg,
    postorder,
    power,
    rat,
    sub,
    substitute,
    unary,
)
from hasderiv.proofs.kernel.theorems import (
    Defined,
    HasDeriv,
    Holds,
    Local,
    Map,
    NotDifferentiable,
    NthDerivative,
    Side,
    Somewhere,
    Theorem,
    Undefined,
    Within,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .kit import ONE, XY, X, arith, defined, dx, lit, local, rule, same, x, y
from .test_ledgers import CONTEXT, true, value

SMOOTH = ("exp", "sin", "cos", "atan", "erf")
quick = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

fractions = st.fractions(min_value=-3, max_value=3, max_denominator=8)
leaves = st.one_of(st.just(x), st.just(y), fractions.map(rat))


def grow(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    """Smooth terms that are defined everywhere, and bounded enough for numbers."""
    bounded = st.builds(unary, st.sampled_from(("sin", "cos", "atan", "erf")), inner)
    return st.one_of(
        st.builds(add, inner, inner),
        st.builds(mul, inner, inner),
        st.builds(power, inner, st.integers(2, 3)),
        bounded,
        bounded.map(lambda u: unary("exp", u)),
        bounded.map(lambda u: unary("inv", add(rat(3), u))),
        bounded.map(lambda u: unary("log", add(rat(3), u))),
        bounded.map(lambda u: unary("sqrt", add(rat(3), u))),
        st.builds(lambda g, a, b: cond(">", add(rat(3), unary("sin", g)), a, b), inner, inner, inner),
    )


smooth = st.recursive(leaves, grow, max_leaves=12)
polynomials = st.recursive(
    leaves,
    lambda t: st.one_of(
        st.builds(add, t, t),
        st.builds(mul, t, t),
        st.builds(power, t, st.integers(2, 4)),
        t.map(lambda u: unary("exp", u)),
    ),
    max_leaves=10,
)


def sides_of(t: Term) -> list[Theorem]:
    """``3 + f(u) > 0`` for the bounded functions, assumed: the test points satisfy it."""
    operands = {s.terms[0] for s in postorder(t) if s.op in ("inv", "log", "sqrt", "cond")}
    return [rule("assume", lit(">", u)) for u in sorted(operands, key=lambda u: u.serial)]


@quick
@given(smooth, fractions, fractions, fractions, fractions)
def test_local_agrees_with_numerical_derivatives(t: Term, a: Fraction, b: Fraction, da: Fraction, db: Fraction) -> None:
    th = local(t, *sides_of(t), vary=XY)
    c = th.conclusion
    assert isinstance(c, Local) and c.derivative is not None
    point = {"x": number(a), "y": number(b)}
    for h in th.hyps:
        assert true(h.relation, value(h.term, point))
    step = CONTEXT.mpf(10) ** -18
    moved = [{"x": number(a) + k * step * number(da), "y": number(b) + k * step * number(db)} for k in (1, -1)]
    numeric = (value(t, moved[0]) - value(t, moved[1])) / (2 * step)
    exact = value(substitute(c.derivative, {"d x": rat(da), "d y": rat(db)}), point)
    assert abs(numeric - exact) <= CONTEXT.mpf(10) ** -20 * (1 + abs(exact)) ** 3


def number(q: Fraction) -> Any:
    return CONTEXT.mpf(q.numerator) / q.denominator


@quick
@given(polynomials, fractions, fractions)
def test_normal_form_has_the_value_of_the_term(t: Term, a: Fraction, b: Fraction) -> None:
    point = {"x": number(a), "y": number(b)}
    with CONTEXT.workdps(200):
        direct = value(t, point)
        if abs(direct) > CONTEXT.mpf(10) ** 60:
            return
        total = CONTEXT.mpf(0)
        for monomial, coefficient in Algebra().normal(t).items():
            q = Fraction(coefficient)
            part = number(q)
            for atom, k in monomial:
                part *= value(atom, point) ** k
            total += part
        assert abs(total - direct) <= CONTEXT.mpf(10) ** -100 * (1 + abs(direct))


@quick
@given(polynomials, polynomials, polynomials)
def test_the_laws_of_a_commutative_ring(a: Term, b: Term, c: Term) -> None:
    same(mul(a, add(b, c)), add(mul(b, a), mul(c, a)))
    same(add(a, add(b, c)), add(add(c, a), b))
    same(power(add(a, b), 2), add(add(power(a, 2), power(b, 2)), mul(rat(2), mul(a, b))))


@quick
@given(polynomials, polynomials, fractions, fractions)
def test_equal_by_arithmetic_means_equal_in_value(a: Term, b: Term, p: Fraction, q: Fraction) -> None:
    try:
        same(a, b)
    except KernelError:
        return
    point = {"x": number(p), "y": number(q)}
    with CONTEXT.workdps(200):
        va, vb = value(a, point), value(b, point)
        assert abs(va - vb) <= CONTEXT.mpf(10) ** -60 * (1 + abs(va))


@quick
@given(smooth, smooth, fractions)
def test_substitution_is_evaluation(t: Term, u: Term, q: Fraction) -> None:
    point = {"x": number(q), "y": number(q / 2 + 1)}
    inner = value(u, point)
    if abs(inner) < 10**3:
        outer = value(t, {**point, "x": inner})
        assert abs(value(substitute(t, {"x": u}), point) - outer) <= CONTEXT.mpf(10) ** -25 * (1 + abs(outer))


@pytest.mark.parametrize("relation", [">", ">=", "=", "!="])
@pytest.mark.parametrize("q", [Fraction(-1, 3), Fraction(0), Fraction(5, 2)])
def test_a_literal_and_its_negation_are_opposite(relation: str, q: Fraction) -> None:
    literal = Literal(relation, rat(q))
    assert true(relation, number(q)) != true(literal.negation.relation, value(literal.negation.term, {}))
    assert (literal.strictly == relation) == (relation != ">=")


@quick
@given(
    st.recursive(
        st.one_of(st.integers(-3, 3).map(rat), leaves.map(lambda t: unary("floor", t))), lambda t: st.builds(mul, t, t)
    )
)
def test_what_is_integral_for_its_form_is_an_integer(t: Term) -> None:
    assert integral(t)
    v = value(t, {"x": CONTEXT.mpf("1.37"), "y": CONTEXT.mpf("-8.61")})
    assert v == CONTEXT.floor(v)


def test_random_arithmetic_proves_no_false_literal() -> None:
    """Products of facts about x = 2, y = -3 with random coefficients: whatever is accepted holds at that point."""
    rng = random.Random(7)
    point = {"x": Fraction(2), "y": Fraction(-3)}
    facts = [(">", x), (">=", x), ("!=", x), (">", neg(y)), ("!=", y), (">=", sub(x, rat(2))), (">", sub(x, y))]
    theorems = [rule("assume", lit(*f)) for f in facts]
    zero = rule("assume", lit("=", add(add(x, y), ONE)))
    accepted = 0
    for _ in range(1500):
        rows: list[tuple[Fraction, list[Theorem], list[Term]]] = []
        total: Term = rat(0)
        for _ in range(rng.randint(0, 3)):
            q = Fraction(rng.randint(-1, 4), rng.randint(1, 3))
            chosen = [rng.randrange(len(facts)) for _ in range(rng.randint(0, 2))]
            squares = [rng.choice([x, sub(x, y), y])] if rng.random() < 0.3 else []
            rows.append((q, [theorems[i] for i in chosen], squares))
            part: Term = rat(q)
            for i in chosen:
                part = mul(part, facts[i][1])
                if facts[i][0] == "!=" and rng.random() < 0.9:
                    part = mul(part, facts[i][1])
            for s in squares:
                part = mul(part, power(s, 2))
            total = add(total, part)
        equations = []
        if rng.random() < 0.5:
            cofactor = rng.choice([x, y, rat(-2)])
            equations.append((cofactor, zero))
            total = add(total, mul(cofactor, add(add(x, y), ONE)))
        relation = rng.choice([">", ">=", "=", "!="])
        try:
            rule("arith", lit(relation, total), rows, equations)
        except KernelError:
            continue
        accepted += 1
        values = {name: number(q) for name, q in point.items()}
        assert true(relation, value(total, values))
    assert accepted > 200


CLOSE = CONTEXT.mpf(10) ** -15
GRID = [mpmath.mpf(p) for p in ("-2.5", "-1", "-0.3", "0", "0.4", "1", "2")]


def assert_true(th: Theorem) -> None:
    """Check a theorem in x (and y) at the points of a grid that satisfy its hypotheses."""
    with CONTEXT.workdps(120):  # an exponential of 120 has 53 digits before the point
        for a, b in product(GRID, GRID[:2]):
            point: defaultdict[str, Any] = defaultdict(lambda: CONTEXT.mpf("0.7"))
            point.update(x=CONTEXT.mpf(a), y=CONTEXT.mpf(b), eps=CONTEXT.mpf("0.1"), h=CONTEXT.mpf("0.01"))
            if all(_clearly(h, point) for h in th.hyps):
                _check(th.conclusion, point)


def _clearly(k: Literal, point: dict[str, Any]) -> bool:
    """Whether a hypothesis holds, and not by a rounding error alone."""
    v = value(k.term, point)
    return true(k.relation, v) and (v == 0 or abs(v) > CLOSE)


def _check(c: object, point: defaultdict[str, Any]) -> None:
    if isinstance(c, Holds) and not c.literal.term.moves:
        v = value(c.literal.term, point)
        assert true(c.literal.relation, v) or 0 < abs(v) < CLOSE or (v == 0 and _saturated(c.literal.term, point))
    elif isinstance(c, (HasDeriv, Local)) and c.derivative is not None:
        line = {name: k for k, name in enumerate(sorted(c.vary), 1)}
        slope = value(substitute(c.derivative, {"d " + name: rat(k) for name, k in line.items()}), point)
        for sign in (1, -1):
            assert abs(_quotient(c.term, point, sign, line) - slope) < CONTEXT.mpf(10) ** -8 * (1 + abs(slope)) ** 2
    elif isinstance(c, Side):
        q = _quotient(c.term, point, c.sign, {c.x: 1})
        if isinstance(c.slope, str):
            assert (q if c.slope == "+oo" else -q) > 10**4
        else:
            assert abs(q - value(c.slope, point)) < CONTEXT.mpf(10) ** -8 * (1 + abs(q)) ** 2
    elif isinstance(c, NthDerivative):
        numeric = CONTEXT.diff(_along(c.term, point, c.x), point[c.x], c.order)
        assert abs(numeric - value(c.derivative, point)) < CONTEXT.mpf(10) ** -6 * (1 + abs(numeric)) ** 2
    elif isinstance(c, NotDifferentiable):
        if c.reason == "boundary" or len(c.vary) != 1:
            return
        sides = [_quotient(c.term, point, sign, dict.fromkeys(c.vary, 1)) for sign in (1, -1)]
        assert abs(sides[0] - sides[1]) > CONTEXT.mpf(10) ** -6 or c.reason != "corner"
        assert c.reason not in ("jump", "vertical tangent") or max(map(abs, sides)) > 10**4
    elif isinstance(c, Map):
        holding = [
            verdict
            for piece, verdict in c.pieces
            if all(true(k.relation, value(k.term, point)) for k in (*c.assume, *piece))
        ]
        assert len(holding) == 1, "exactly one piece holds"
        _check(holding[0], point)
    else:
        assert isinstance(c, (Holds, Defined, Undefined, Local, Side, Within, Somewhere)) or c is None


def _saturated(t: Term, point: defaultdict[str, Any]) -> bool:
    """Whether an erf in ``t`` is so near 1 or -1 that the digits at hand do not tell them apart."""
    return any(s.op == "erf" and abs(value(s, point)) == 1 for s in postorder(t))


def _along(t: Term, point: defaultdict[str, Any], name: str) -> Callable[[Any], Any]:
    return lambda u: value(t, point | {name: u})


def _quotient(t: Term, point: defaultdict[str, Any], sign: int, line: dict[str, int]) -> Any:
    """The difference quotient along a line, on one side of the point."""
    step = CONTEXT.mpf(10) ** -12
    moved = point.copy()
    for name, k in line.items():
        moved[name] = point[name] + sign * step * k
    return (value(t, moved) - value(t, point)) / (sign * step)


def test_the_check_of_truth_finds_a_lie() -> None:
    th = object.__new__(Theorem)
    th.cites = frozenset()
    for hyps, conclusion in (
        (frozenset({lit(">", x)}), Holds(lit(">", sub(x, ONE)))),
        (frozenset(), HasDeriv(X, power(x, 2), mul(rat(7), dx))),
        (frozenset(), NthDerivative("x", 2, power(x, 3), rat(6))),
        (frozenset(), NotDifferentiable(X, x, "corner", None, None)),
        (frozenset(), Map(X, x, (), (((lit(">", x),), None),))),
    ):
        th.hyps, th.conclusion = hyps, conclusion
        with pytest.raises(AssertionError):
            assert_true(th)
    assert_true(arith(">", add(power(x, 2), ONE), (1, [], []), (1, [], [x])))
    assert_true(defined(x))
