"""Reference evaluation: exact where it can be, lazy in the branches, honest about what has no value."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from hasderiv.proofs.language.evaluate import TooLarge, defined, evaluate, evaluate_exact, satisfies
from hasderiv.proofs.language.parser import parse, parse_condition


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x**3/7", Fraction(8, 7)),
        ("sqrt(x**2/9)", Fraction(2, 3)),
        ("floor(x/3)", Fraction(0)),
        ("exp(x - 2)", Fraction(1)),
        ("log(x - 1)", Fraction(0)),
        ("Piecewise((1/(x - 2), x > 2), (5, True))", Fraction(5)),
        ("Piecewise((1, x > 3), (2, x >= 2), (1/0, True))", Fraction(2)),
        ("floor(pi/pi + x)", Fraction(3)),
        ("sqrt(2)**2 - x", Fraction(0)),
    ],
)
def test_exact_values(text: str, value: Fraction) -> None:
    got = evaluate_exact(parse(text), {"x": 2})
    assert got == value and isinstance(got, Fraction)


@pytest.mark.parametrize(
    "text",
    ["1/(x - 2)", "0*(1/(x - 2))", "log(x - 2)", "sqrt(x - 3)", "asin(x)", "acosh(x - 2)", "(x - 3)**(1/3)",
     "Piecewise((1, x > 2))", "gamma(x - 2)", "erfinv(x)", "bessely(0, x - 2)", "atanh(x - 1)", "1/(x - x)"],
)  # fmt: skip
def test_undefined(text: str) -> None:
    assert evaluate(parse(text), {"x": 2}) is None and not defined(parse(text), {"x": 2})


def test_cancellation_takes_more_digits() -> None:
    value = evaluate(parse("1 - tanh(x)**2"), {"x": 80})
    with mpmath.workdps(60):
        assert mpmath.almosteq(value, 1 / mpmath.cosh(80) ** 2, 1e-20)


def test_a_tower_of_exponentials_is_not_called_undefined() -> None:
    assert evaluate(parse("exp(exp(x))"), {"x": 20}) > 1
    assert evaluate(parse("exp(-exp(exp(x)))"), {"x": 3}) > 0
    with pytest.raises(TooLarge):
        evaluate(parse("exp(exp(exp(exp(x))))"), {"x": 20})


def test_cited_functions() -> None:
    point = {"x": Fraction(3, 2)}
    with mpmath.workdps(40):
        assert mpmath.almosteq(evaluate(parse("gamma(x)"), point), mpmath.gamma(1.5), 1e-30)
        assert mpmath.almosteq(evaluate(parse("erfcinv(x)"), point), mpmath.erfinv(mpmath.mpf(-1) / 2), 1e-30)
        assert mpmath.almosteq(evaluate(parse("zeta(3, x)"), point), mpmath.zeta(3, 1.5), 1e-30)


def test_conditions() -> None:
    inside = parse_condition("0 < x < 1")[0]
    assert satisfies(inside, {"x": Fraction(1, 2)}) and not satisfies(inside, {"x": 1})
    assert not satisfies(parse_condition("1/x > 0")[0], {"x": 0})


def test_a_missing_coordinate_is_an_error() -> None:
    with pytest.raises(ValueError, match="the point has no y"):
        evaluate(parse("x + y"), {"x": 1})
