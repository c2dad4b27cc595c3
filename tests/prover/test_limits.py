"""One-sided derivatives by an explicit delta: each is proved, written as a certificate, and replayed."""

from __future__ import annotations

import pytest
from hasderiv.proofs.kernel import certificate
from hasderiv.proofs.kernel.terms import Literal, Term, mul, substitute, tangent, var
from hasderiv.proofs.kernel.theorems import Holds, Local, NthDerivative, Side, Theorem
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.parser import parse, parse_condition
from hasderiv.proofs.language.printer import show
from hasderiv.proofs.prover import derive, limits_growth
from hasderiv.proofs.prover.context import Context
from hasderiv.proofs.prover.limits import (
    both_sides,
    compose_side,
    power_at_zero,
    side_by_limit,
    singular_side,
    sqrt_at_zero,
)
from hasderiv.proofs.prover.limits_compose import root_side
from hasderiv.proofs.prover.limits_point import Point
from hasderiv.proofs.prover.recorder import Recorder

LARGEST = 25_000  # bytes of one certificate


def conditions(text: str) -> list[Literal]:
    """The literals of conditions separated by semicolons."""
    found = []
    for part in text.split(";"):
        ((one,),) = parse_condition(part)
        found.append(Literal(one.relation, unfold(one.term)))
    return found


def replayed(R: Recorder, th: Theorem, term: Term, largest: int = LARGEST) -> Theorem:
    """The theorem that the certificate of ``th`` proves to a reader who has only the bytes."""
    data = R.write([th], term)
    assert len(data) < largest
    proof = certificate.replay(data)
    assert proof.spec == certificate.fingerprint(term)
    (claim,) = proof.claims
    assert claim.conclusion == th.conclusion and claim.hyps == th.hyps and not claim.cites
    return claim


def slope_of(th: Theorem) -> str:
    assert isinstance(th.conclusion, Side)
    rate = th.conclusion.slope
    return rate if isinstance(rate, str) else show(rate)


VERTICAL = [
    ("sqrt(x)", "Eq(x, 0)", 1, "+oo"),
    ("sqrt(1 - x)", "Eq(x, 1)", -1, "-oo"),
    ("sqrt(a - x)", "Eq(x, a)", -1, "-oo"),
    ("sqrt(abs(x))", "Eq(x, 0)", 1, "+oo"),
    ("sqrt(abs(x))", "Eq(x, 0)", -1, "-oo"),
    ("exp(sqrt(x))", "Eq(x, 0)", 1, "+oo"),
    ("b*sqrt(x - a) + x**2", "Eq(x, a); b < 0", 1, "-oo"),
    ("asin(x)", "Eq(x, 1)", -1, "+oo"),
    ("asin(x)", "Eq(x, -1)", 1, "+oo"),
    ("acos(x)", "Eq(x, 1)", -1, "-oo"),
    ("acos(x)", "Eq(x, -1)", 1, "-oo"),
    ("asin(2*x)", "Eq(x, 1/2)", -1, "+oo"),
    ("acosh(x)", "Eq(x, 1)", 1, "+oo"),
    ("cbrt(x)", "Eq(x, 0)", 1, "+oo"),
    ("cbrt(x)", "Eq(x, 0)", -1, "+oo"),
    ("cbrt(x)**2", "Eq(x, 0)", -1, "-oo"),
    ("cbrt(sin(x))", "Eq(x, 0)", -1, "+oo"),
    ("a*cbrt(x)", "Eq(x, 0); a > 0", -1, "+oo"),
    ("pow(x, 2/3)", "Eq(x, 0)", 1, "+oo"),
    ("pow(2*x, 1/3)", "Eq(x, 0)", 1, "+oo"),
    ("pow(x, p)", "Eq(x, 0); p > 0; p < 1", 1, "+oo"),
    ("pow(x**2 - 1, 2/3)", "Eq(x, -1)", -1, "-oo"),
    ("sqrt(x) + x - x**2", "Eq(x, 0)", 1, "+oo"),
    ("xlogy(x, x)", "Eq(x, 0)", 1, "-oo"),
    ("xlogy(x, 2*x)", "Eq(x, 0)", 1, "-oo"),
    ("-xlogy(x, x)/log(2)", "Eq(x, 0)", 1, "+oo"),
    ("xlogy(x, x) + xlogy(1 - x, 1 - x)", "Eq(x, 1)", -1, "+oo"),
]


@pytest.mark.parametrize(("text", "point", "sign", "slope"), VERTICAL)
def test_vertical_tangents(text: str, point: str, sign: int, slope: str) -> None:
    R, term, hyps = Recorder(), unfold(parse(text)), conditions(point)
    th = side_by_limit(R, term, "x", sign, hyps)
    assert th is not None
    c = replayed(R, th, term).conclusion
    assert isinstance(c, Side) and (c.x, c.sign, c.term, c.slope, c.continuous) == ("x", sign, term, slope, True)
    assert th.hyps <= set(hyps)


FLAT = [
    ("pow(x, p)", "Eq(x, 0); p > 1", 1, "0"),
    ("pow(x, p)", "Eq(x, 0); Eq(p, 1)", 1, "1"),
    ("pow(x, p)", "Eq(x, 0); p > 1; Eq(floor(p), p)", -1, "0"),
    ("abs(x)**p", "Eq(x, 0); p > 1", 1, "0"),
    ("abs(x)**p", "Eq(x, 0); p > 1", -1, "0"),
    ("sqrt(abs(x))**3", "Eq(x, 0)", -1, "0"),
    ("sqrt(x)**3", "Eq(x, 0)", 1, "0"),
    ("x*sqrt(x)", "Eq(x, 0)", 1, "0"),
    ("sqrt(x**2)", "Eq(x, 0)", 1, "1"),
    ("hypot(x, y)", "Eq(x, 0); Eq(y, 0)", -1, "-1"),
    ("pow(x - c, 5/3)", "Eq(x, c)", 1, "0"),
    ("3*x + pow(x, 3/2) - x**2", "Eq(x, 0)", 1, "3"),
    ("Piecewise((0, Eq(x, 0)), (x**2*log(abs(x)), True))", "Eq(x, 0)", -1, "0"),
    ("Piecewise((0, Eq(x, 0)), (2*x - x**2*log(x) + x**3, True))", "Eq(x, 0)", 1, "2"),
    ("xlogy(pow(x, p), x)", "Eq(x, 0); p > 1", 1, "0"),
]


@pytest.mark.parametrize(("text", "point", "sign", "slope"), FLAT)
def test_finite_sides_of_powers(text: str, point: str, sign: int, slope: str) -> None:
    R, term = Recorder(), unfold(parse(text))
    th = side_by_limit(R, term, "x", sign, conditions(point))
    assert th is not None
    assert slope_of(replayed(R, th, term)) == slope


REMOVABLE = [
    ("sinc(x)", "0", "0"),
    ("Piecewise(((cos(pi*x)*pi*x - sin(pi*x))/(pi*x**2), Ne(x, 0)), (0, True))", "0", "-pi**2/3"),
    ("Piecewise((cos(pi*x)/x - sin(pi*x)/(pi*x**2), Ne(x, 0)), (0, True))", "0", "-pi**2/3"),
    ("Piecewise((1, Eq(x, 0)), (sin(x)/x, True))", "0", "0"),
    ("Piecewise((0, Eq(x, 0)), ((1 - cos(x))/x, True))", "0", "1/2"),
    ("Piecewise((1/2, Eq(x, 0)), ((1 - cos(x))/x**2, True))", "0", "0"),
    ("Piecewise((1, Eq(x, 0)), ((exp(x) - 1)/x, True))", "0", "1/2"),
    ("Piecewise((1/2, Eq(x, 0)), ((exp(x) - 1 - x)/x**2, True))", "0", "1/6"),
    ("Piecewise((pi, Eq(x, 0)), ((exp(pi*x) - 1)/x, True))", "0", "pi**2/2"),
    ("Piecewise((1, Eq(x, 0)), (sinh(x)/x, True))", "0", "0"),
    ("Piecewise((1, Eq(x, 1)), (sin(x - 1)/(x - 1), True))", "1", "0"),
    ("Piecewise((log1p(x)/x, Ne(x, 0)), (1, True))", "0", "-1/2"),
    ("Piecewise(((log1p(x) - x)/x**2, Ne(x, 0)), (-1/2, True))", "0", "1/3"),
    ("Piecewise((log1p(2*x)/x, Ne(x, 0)), (2, True))", "0", "-2"),
    ("Piecewise((atanh(x)/x, Ne(x, 0)), (1, True))", "0", "0"),
    ("Piecewise(((1 - exp(-x**2))/x, Ne(x, 0)), (0, True))", "0", "1"),
]


@pytest.mark.parametrize(("text", "center", "slope"), REMOVABLE)
def test_removable_singularities(text: str, center: str, slope: str) -> None:
    R, term = Recorder(), unfold(parse(text))
    left, right, whole = both_sides(R, term, "x", conditions(f"Eq(x, {center})"))
    assert left is not None and right is not None and whole is not None
    c = replayed(R, whole, term).conclusion
    assert isinstance(c, Local) and c.derivative is not None and c.term is term
    assert show(substitute(c.derivative, {"d x": parse("1")})) in (slope, f"{slope}*1", f"({slope})*1")


def promised(R: Recorder, term: Term, condition: str, derivative: Term) -> Theorem:
    """``HasDeriv`` in ``x`` under a condition; at a point from the two sides."""
    ctx, rate = Context(R, conditions(condition), ("x",)), mul(derivative, tangent("x"))
    if not condition.startswith("Eq"):
        return derive.has_deriv(ctx, "x", term, derivative)
    whole = both_sides(R, term, "x", ctx.hyps)[2]
    assert whole is not None
    return derive.promised(ctx, derive.with_derivative(ctx, whole, rate), rate)


def test_sinc_has_a_second_derivative_at_0() -> None:
    R, sinc = Recorder(), unfold(parse("sinc(x)"))
    first = unfold(parse("Piecewise(((cos(pi*x)*pi*x - sin(pi*x))/(pi*x**2), Ne(x, 0)), (0, True))"))
    second = unfold(parse("-pi**2/3"))
    cases = (promised(R, sinc, c, first) for c in ("x > 0", "Eq(x, 0)", "x < 0"))
    everywhere = derive.three_ways(Context(R, (), ("x",)), var("x"), *cases)
    assert not everywhere.hyps
    th = R.rule("higher", everywhere, promised(R, first, "Eq(x, 0)", second), [])
    claim = replayed(R, th, sinc, 50_000)
    assert claim.hyps == set(conditions("Eq(x, 0)"))
    assert claim.conclusion == NthDerivative("x", 2, sinc, second)


def test_corners_and_jumps_have_no_two_sided_derivative() -> None:
    R = Recorder()
    left, right, whole = both_sides(R, unfold(parse("sqrt(x**2)")), "x", conditions("Eq(x, 0)"))
    assert left is not None and right is not None and whole is None
    term = unfold(parse("Piecewise((2, Eq(x, 0)), (sin(x)/x, True))"))
    left, right, whole = both_sides(R, term, "x", conditions("Eq(x, 0)"))
    assert whole is None and left is not None and right is not None
    for th, slope in ((left, "+oo"), (right, "-oo")):
        c = replayed(R, th, term).conclusion
        assert isinstance(c, Side) and c.slope == slope and c.continuous is not True


def test_the_wrong_side_and_the_wrong_point_give_nothing() -> None:
    R = Recorder()
    for text, point, sign in [
        ("sqrt(x)", "Eq(x, 0)", -1),
        ("asin(x)", "Eq(x, 1)", 1),
        ("acosh(x)", "Eq(x, 1)", -1),
        ("pow(x, p)", "Eq(x, 0)", 1),
        ("xlogy(x, x)", "Eq(x, 0)", -1),
        ("sqrt(x)", "x > 0", 1),
        ("log(x)", "Eq(x, 0)", 1),
        ("Si(x)*sqrt(x)", "Eq(x, 0)", 1),
    ]:
        assert side_by_limit(R, unfold(parse(text)), "x", sign, conditions(point)) is None


def test_square_root_lemma_is_about_its_own_symbol_only() -> None:
    R = Recorder()
    th = sqrt_at_zero(R, "w")
    claim = replayed(R, th, unfold(parse("sqrt(w)")))
    assert claim.hyps == {Literal("=", var("w"))}
    assert claim.conclusion == Side("w", 1, unfold(parse("sqrt(w)")), "+oo", True)


def test_power_lemma_can_be_chained() -> None:
    R = Recorder()
    term = unfold(parse("cbrt(w)"))
    for sign in (1, -1):
        th = power_at_zero(R, term, "w", sign)
        assert th is not None
        claim = replayed(R, th, term)
        assert claim.hyps == {Literal("=", var("w"))} and slope_of(claim) == "+oo"


def test_composition_asks_for_signs_that_values_do_not_show() -> None:
    R, asked = Recorder(), list[Literal]()
    term, part, hyps = unfold(parse("g*sqrt(x)")), unfold(parse("sqrt(x)")), conditions("Eq(x, 0)")
    point = Point.of(R, "x", hyps)
    assert point is not None
    inner = root_side(R, part, 1, point)
    assert inner is not None
    assert compose_side(R, term, "x", inner, part) is None

    def prove(k: Literal, _: frozenset[Literal]) -> Theorem | None:
        asked.append(k)
        return R.assume(k) if k == Literal(">", var("g")) else None

    th = compose_side(R, term, "x", inner, part, prove)
    assert th is not None and asked
    assert slope_of(replayed(R, th, term)) == "+oo"


CONTEXTS = [
    ("asin(x/a)", "Eq(x, a); a > 0", -1, "+oo"),
    ("sqrt(x - a**2)", "Eq(x, a**2)", 1, "+oo"),
    ("sqrt(x)*(a**2 - 2*a + 3)", "Eq(x, 0)", 1, "+oo"),
    ("pow(x, p)", "Eq(x, 0); p > 2", 1, "0"),
]


@pytest.mark.parametrize(("text", "point", "sign", "slope"), CONTEXTS)
def test_a_context_shows_the_signs(text: str, point: str, sign: int, slope: str) -> None:
    R, term, hyps = Recorder(), unfold(parse(text)), conditions(point)
    th = singular_side(Context(R, hyps, sorted(term.free)), "x", term, sign)
    assert th is not None and th.hyps <= set(hyps)
    assert slope_of(replayed(R, th, term)) == slope


def test_a_context_gets_no_side_that_may_jump() -> None:
    R, term = Recorder(), unfold(parse("Piecewise((1/x, Ne(x, 0)), (0, True))"))
    assert side_by_limit(R, term, "x", 1, conditions("Eq(x, 0)")) is not None
    assert singular_side(Context(R, conditions("Eq(x, 0)"), ["x"]), "x", term, 1) is None


@pytest.mark.parametrize("name", ["exp_monotone", "log_below", "small_power", "log_negative", "small_entropy"])
def test_growth_lemmas(name: str) -> None:
    R = Recorder()
    th = getattr(limits_growth, name)(R)
    claim = replayed(R, th, var("u"))
    assert isinstance(claim.conclusion, Holds) and claim.hyps


def test_parameters_named_like_the_symbols_of_the_definition_are_left_alone() -> None:
    R = Recorder()
    assert side_by_limit(R, unfold(parse("cbrt(x) + eps")), "x", 1, conditions("Eq(x, 0)")) is not None
    assert side_by_limit(R, unfold(parse("eps*cbrt(x)")), "x", 1, conditions("Eq(x, 0); eps > 0")) is not None
