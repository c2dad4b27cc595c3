"""Literals that the prover must show, and false ones that it must not."""

from __future__ import annotations

import pytest
from hasderiv.proofs.kernel.theorems import Holds

from .asking import context, replayed, term

TRUE = [
    ("=", "exp(x)*exp(-x) - 1", []),
    ("=", "1/(1 + exp(-x)) - exp(x)/(1 + exp(x))", []),
    ("=", "sqrt(2*pi) - sqrt(2)*sqrt(pi)", []),
    ("=", "log(x/(1 - x)) - log(x) + log(1 - x)", ["x > 0", "x < 1"]),
    ("=", "tanh(x) - 1 + 2/(exp(2*x) + 1)", []),
    ("=", "sin(x)**2 + cos(x)**2 - 1", []),
    ("=", "sqrt(x**2) - x", ["x > 0"]),
    ("=", "sqrt(x**2) + x", ["x < 0"]),
    ("=", "1/sqrt(1 - x*x) - sqrt(1 - x*x)/(1 - x*x)", ["x > -1", "x < 1"]),
    ("=", "exp(p*log(x))/x - exp((p - 1)*log(x))", ["x > 0"]),
    ("=", "exp(log(x)/3)**3 - x", ["x > 0"]),
    ("=", "x**3 - 1", ["Eq(x, 1)"]),
    ("=", "sin(pi/2 + x) - cos(x)", []),
    ("=", "atan(-x) + atan(x)", []),
    ("=", "log(1 + exp(-x)) - log(1 + exp(x)) + x", []),
    ("=", "Abs(x)**2 - x**2", []),
    ("=", "besselj(-1, x) + besselj(1, x)", []),
    (">", "x", ["x > 1"]),
    (">", "1 - exp(x)", ["x < 0"]),
    (">", "x + sqrt(x**2 + 1)", []),
    (">", "1 - tanh(x)**2", []),
    ("!=", "exp(x) + exp(-x)", []),
    (">", "hi - x", ["x < lo", "lo < hi"]),
    (">", "log(5) - sqrt(2)", []),
    (">", "x**2 - x + 1", []),
    (">=", "x**2 - 2*x + 1", []),
    ("!=", "x**2 - 1", ["x > 2"]),
    ("!=", "x - y", ["Ne(x, y)"]),
    ("!=", "y", ["Ne(x**2 + y**2, 0)", "Eq(x, 0)"]),
    (">", "sqrt((x - y)**2 + 1) - x + y", []),
    ("!=", "Abs(x) - floor(Abs(x))", ["Ne(floor(x), x)", "x < 0"]),
]
FALSE = [
    ("=", "sqrt(x**2) - x", []),
    ("=", "x/x - 1", []),
    ("=", "exp(log(x)) - x", []),
    (">", "x**2", []),
    (">", "x", ["x >= 0"]),
    (">", "1 - exp(x)", ["x <= 0"]),
    ("!=", "x**2 - 1", []),
    ("=", "log(x*y) - log(x) - log(y)", ["x*y > 0"]),
    (">", "2 - floor(x)", ["x < 3"]),
    ("=", "sin(x)**2 - cos(x)**2", []),
    ("=", "log(2) - 6931471805599453/10**16", []),
]


@pytest.mark.parametrize(("relation", "text", "conditions"), TRUE)
def test_true_literals_are_proved_and_replay(relation: str, text: str, conditions: list[str]) -> None:
    t = term(text)
    ctx = context(conditions, t)
    theorem = ctx.prove(relation, t)
    assert theorem is not None
    claim = replayed(ctx, theorem)
    assert isinstance(claim.conclusion, Holds) and claim.conclusion.literal == (relation, t)
    assert claim.hyps <= set(ctx.hyps)


@pytest.mark.parametrize(("relation", "text", "conditions"), FALSE)
def test_false_literals_are_not_proved(relation: str, text: str, conditions: list[str]) -> None:
    t = term(text)
    assert context(conditions, t).prove(relation, t) is None


def test_a_contradiction_is_found() -> None:
    assert context(["x > 1", "x < 0"]).absurd() is not None
    assert context(["x > 0", "x < 1"]).absurd() is None
