"""Every definition against an independent reference: mpmath's own function, or NumPy's for rounding."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hasderiv.proofs.kernel import terms as T
from hasderiv.proofs.language.definitions import DEFINED, body, constant, unfold, unfold_ops
from hasderiv.proofs.language.evaluate import evaluate, evaluate_exact
from hasderiv.proofs.language.parser import parse

BASE = {"rat", "var", "pi", "add", "mul", "pow", "cond", *T.UNARY}


def _power(x: Any, y: Any) -> Any:
    if x == 0:
        return mpmath.mpf(0) if y > 0 else mpmath.mpf(1) if y == 0 else None
    if x < 0 and y != mpmath.floor(y):
        return None
    return mpmath.mpf(x) ** (int(y) if y == mpmath.floor(y) else y)


def _inside(f: Callable[..., Any], domain: Callable[..., bool]) -> Callable[..., Any]:
    return lambda *v: f(*v) if domain(*v) else None


def _positive(x: Any) -> bool:
    return bool(x > 0)


REFERENCE: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "sign": mpmath.sign,
    "max": max,
    "min": min,
    "heaviside": lambda x, y: mpmath.mpf(x > 0) if x else y,
    "ceil": mpmath.ceil,
    "frac": mpmath.frac,
    "trunc": lambda x: mpmath.mpf(int(x)),
    "round": lambda x: mpmath.mpf(float(np.rint(float(x)))),
    "fmod": lambda x, y: mpmath.mpf(float(np.fmod(float(x), float(y)))) if y else None,
    "remainder": lambda x, y: mpmath.mpf(float(np.remainder(float(x), float(y)))) if y else None,
    "copysign": lambda x, y: mpmath.mpf(float(np.copysign(float(x), float(y)))),
    "log1p": _inside(mpmath.log1p, lambda x: x > -1),
    "expm1": mpmath.expm1,
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "log2": _inside(lambda x: mpmath.log(x, 2), _positive),
    "log10": _inside(mpmath.log10, _positive),
    "rsqrt": _inside(lambda x: 1 / mpmath.sqrt(x), _positive),
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "pow": _power,
    "sigmoid": lambda x: mpmath.sigmoid(x) if hasattr(mpmath, "sigmoid") else (1 + mpmath.tanh(x / 2)) / 2,
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "logaddexp": lambda x, y: max(x, y) + mpmath.log1p(mpmath.exp(-abs(x - y))),
    "hypot": mpmath.hypot,
    "xlogy": lambda x, y: 0 if x == 0 else x * mpmath.log(y) if y > 0 else None,
    "xlog1py": lambda x, y: 0 if x == 0 else x * mpmath.log1p(y) if y > -1 else None,
    "xdivy": lambda x, y: 0 if x == 0 else x / y if y else None,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "coth": _inside(mpmath.coth, lambda x: x != 0),
    "sech": mpmath.sech,
    "csch": _inside(mpmath.csch, lambda x: x != 0),
    "asinh": mpmath.asinh,
    "acosh": _inside(mpmath.acosh, lambda x: x >= 1),
    "atanh": _inside(mpmath.atanh, lambda x: abs(x) < 1),
    "tan": mpmath.tan,
    "cot": _inside(mpmath.cot, lambda x: x != 0),
    "sec": mpmath.sec,
    "csc": _inside(mpmath.csc, lambda x: x != 0),
    "asin": _inside(mpmath.asin, lambda x: abs(x) <= 1),
    "acos": _inside(mpmath.acos, lambda x: abs(x) <= 1),
    "atan2": lambda y, x: mpmath.atan2(y, x) if x or y else 0,
    "erfc": mpmath.erfc,
}


def points() -> list[Fraction]:
    rng = random.Random(7)
    special = ["0", "1", "-1", "2", "-2", "3", "1/2", "-1/2", "3/2", "5/2", "-5/2", "-3", "10"]
    return [Fraction(s) for s in special] + [Fraction(rng.randint(-400, 400), 64) for _ in range(30)]


def test_every_definition_has_a_reference() -> None:
    assert set(REFERENCE) == DEFINED


@pytest.mark.parametrize("name", sorted(DEFINED))
def test_agrees_with_its_reference(name: str) -> None:
    names, _ = body(name)
    term = T.app(name, *map(T.var, names))
    values = points()
    pairs = [(v,) for v in values] if len(names) == 1 else [(a, b) for a in values for b in values[::3] + values[:4]]
    seen = 0
    for pair in pairs:
        got = evaluate(term, dict(zip(names, pair, strict=True)))
        with mpmath.workdps(50):
            want = REFERENCE[name](*(mpmath.mpf(v.numerator) / v.denominator for v in pair))
            assert (got is None) == (want is None), (name, pair, got, want)
            if got is not None:
                seen += 1
                assert abs(got - want) <= mpmath.mpf(10) ** -40 * max(1, abs(want)), (name, pair, got, want)
    assert seen >= 5


@pytest.mark.parametrize("name", sorted(DEFINED))
def test_unfolds_to_the_base_language(name: str) -> None:
    names, _ = body(name)
    term = unfold(T.app(name, *map(T.var, names)))
    assert {t.op for t in T.postorder(term)} <= BASE
    assert unfold(term) is term


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("Max(1, 2)", "2"),
        ("Abs(-3)", "3"),
        ("sign(-2)", "-1"),
        ("floor(7/2)", "floor(7/2)"),
        ("pow(x, 2/3)", "Piecewise((exp(2/3*log(x)), x > 0), (0, Eq(x, 0)))"),
        ("pow(x, -2/3)", "Piecewise((exp(-2/3*log(x)), x > 0))"),
        ("round(5/2)", "floor(5/2 + 1/2) - 1"),
        ("besselj(0, Abs(x))", "besselj(0, Piecewise((x, x >= 0), (-x, True)))"),
    ],
)
def test_decides_comparisons_of_constants(text: str, base: str) -> None:
    x = Fraction(3, 7)
    got = unfold(parse(text))
    if "Piecewise" in base and "bessel" not in base:
        assert sum(t.op == "cond" for t in T.postorder(got)) == base.count("Eq") + 1
    assert evaluate(got, {"x": x}) == evaluate(parse(base), {"x": x})
    if "x" not in text:
        assert not any(t.op == "cond" for t in T.postorder(got))


def test_constant() -> None:
    assert constant(parse("floor(7/2)**2 + 1/3")) == Fraction(28, 3)
    assert constant(parse("1/(1 - 1)")) is None
    assert constant(parse("x - x")) is None
    assert constant(parse("sqrt(4)")) is None


def test_deep_terms_need_no_recursion() -> None:
    term = T.var("x")
    for _ in range(3000):
        term = T.app("tanh", term)
    assert unfold(term).op == "add"
    assert evaluate_exact(term, {"x": Fraction(0)}) == 0


def test_ops_of_the_catalogue_unfold_to_their_formulas() -> None:
    assert unfold_ops(parse("relu(x)")) is parse("Max(x, 0)")
    assert unfold_ops(parse("elu(x, alpha=3)")) is parse("Piecewise((x, x > 0), (3*(exp(x) - 1), True))")
    assert unfold_ops(parse("tanh(silu(x))")) is parse("tanh(x*sigmoid(x))")
    assert unfold(parse("hardtanh(x)")) is unfold(parse("Min(1, Max(-1, x))"))
