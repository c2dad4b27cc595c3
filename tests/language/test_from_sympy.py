"""The walk over SymPy trees: what it takes, and that everything else is refused by name."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import sympy
from hasderiv.proofs.language.from_sympy import SpecError, condition_from_sympy, from_sympy, surface
from hasderiv.proofs.language.parser import parse
from hasderiv.proofs.language.printer import show_conditions
from hasderiv.spec import OPS, functions

x, y = sympy.symbols("x y")
SAME = {
    "x + y": x + y,
    "x/y": x / y,
    "x - y": x - y,
    "x**3": x**3,
    "sqrt(x)": sympy.sqrt(x),
    "1/sqrt(x)": 1 / sympy.sqrt(x),
    "exp(-x)": sympy.exp(-x),
    "2**x": 2**x,
    "x**y": x**y,
    "Abs(x)": sympy.Abs(x),
    "Max(x, y)": sympy.Max(x, y),
    "sign(x)": sympy.sign(x),
    "ceiling(x)": sympy.ceiling(x),
    "erfc(x)": sympy.erfc(x),
    "tanh(x)": sympy.tanh(x),
    "log(x)": sympy.log(x),
    "pi*x": sympy.pi * x,
    "atan2(y, x)": sympy.atan2(y, x),
    "besselj(1, x)": sympy.besselj(1, x),
    "Piecewise((x, x > 0), (y, True))": sympy.Piecewise((x, x > 0), (y, True)),
    "Piecewise((x, Eq(x, y)), (y, True))": sympy.Piecewise((x, sympy.Eq(x, y)), (y, True), evaluate=False),
    "loggamma(x)": sympy.loggamma(x),
    "Heaviside(x)": sympy.Heaviside(x),
    "digamma(x)": sympy.digamma(x),
    "trigamma(x)": sympy.trigamma(x),
    "polygamma(0, x)": sympy.polygamma(0, x),
    "zeta(x, y)": sympy.zeta(x, y),
    "Mod(x, y)": sympy.Mod(x, y),
}


@pytest.mark.parametrize("text", SAME)
def test_reads_as_the_parser_does(text: str) -> None:
    assert from_sympy(SAME[text]) is parse(text)


@pytest.mark.parametrize(
    ("expr", "words"),
    [
        (sympy.Integral(x, (x, 0, 1)), "Integral"),
        (sympy.Derivative(sympy.sin(x), x), "Derivative"),
        (sympy.Function("f")(x), "the language has no such node (f): f(x)"),
        (x + sympy.Float(0.1), "a floating-point number"),
        (sympy.I * x, "ImaginaryUnit"),
        (sympy.oo, "Infinity"),
        (sympy.nan, "NaN"),
        (sympy.re(x), "re"),
        (sympy.DiracDelta(x), "DiracDelta"),
        (sympy.Sum(x, (y, 1, 3)), "Sum"),
        (sympy.Dummy("x"), "Dummy"),
        (sympy.Wild("x"), "Wild"),
        (sympy.Symbol("x", positive=True), "carry assumptions"),
        (sympy.Symbol("n", even=True), "even=True cannot be stated"),
        (sympy.Symbol("n", imaginary=True), "imaginary=True"),
        (sympy.Symbol("a b"), "not a name"),
        (sympy.Piecewise((x, sympy.Xor(x > 0, y > 0)), (0, True), evaluate=False), "not a condition"),
        ("x", "not a SymPy expression"),
        (1.5, "not a SymPy expression"),
        (sympy.UnevaluatedExpr(x), "UnevaluatedExpr"),
        (x**5000, "too large"),
        (sympy.Matrix([x]), "not a SymPy expression"),
    ],
)
def test_refuses_by_name(expr: object, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        from_sympy(expr)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_a_float_is_its_binary_value_when_asked() -> None:
    assert from_sympy(sympy.Float(0.5) * x, decimals=True) is parse("1/2*x")


@pytest.mark.parametrize(
    ("assumption", "shown"),
    [
        ({"positive": True}, "x > 0"),
        ({"negative": True}, "x < 0"),
        ({"nonnegative": True}, "x >= 0"),
        ({"nonzero": True}, "x != 0"),
        ({"real": True}, "always"),
        ({"integer": True}, "floor(x) = x"),
        ({"integer": True, "positive": True}, "x > 0 and floor(x) = x"),
    ],
)
def test_assumptions_become_hypotheses(assumption: dict[str, bool], shown: str) -> None:
    found: list = []
    from_sympy(sympy.Symbol("x", **assumption) + 1, hypotheses=found)
    assert show_conditions(found) == shown


def test_conditions() -> None:
    assert [show_conditions(c) for c in condition_from_sympy((x > 0) & (x < 1))] == ["0 < x < 1"]


def test_a_deep_tree_is_refused_without_a_recursion_error() -> None:
    deep = x
    for _ in range(160):
        deep = functions.tanh_(deep)
    with pytest.raises(SpecError, match="nested"):
        from_sympy(deep)


def test_the_terms_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "from hasderiv.spec import OPS; from hasderiv.proofs.language.from_sympy import surface;"
        "from hasderiv.proofs.language.printer import show;"
        "print([show(surface(o, p, n)) for o in OPS.values() for p in ('derivative', 'stable_derivative')"
        " for n in getattr(o, p)] + [show(surface(o)) for o in OPS.values()])"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, stdout=subprocess.PIPE
        )
        for seed in ("1", "2")
    ]
    outputs = [run.communicate()[0] for run in runs]
    assert outputs[0] == outputs[1] and len(outputs[0]) > 1000


def test_surface_reads_every_part() -> None:
    assert surface(OPS["relu"]) is parse("Max(x, 0)")
    assert surface(OPS["relu"], "stable") is None
    assert surface(OPS["relu"], ("derivative", "x")) is surface(OPS["relu"], "derivative", "x")
    with pytest.raises(ValueError, match="no part"):
        surface(OPS["relu"], "meaning")
