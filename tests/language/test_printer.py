"""The printer: what it writes is read back to the same values, and looks as people write."""

from __future__ import annotations

import random
from fractions import Fraction

import mpmath
import pytest
from hasderiv.proofs.kernel import terms as T
from hasderiv.proofs.kernel.terms import Term
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.evaluate import evaluate
from hasderiv.proofs.language.parser import parse
from hasderiv.proofs.language.printer import show

SAME = [
    "x - 1",
    "1/x",
    "-x",
    "sqrt(2/pi)",
    "x**2",
    "-x**2",
    "(-x)**2",
    "x - (y - z)",
    "x/(y*z)",
    "(x + 1)*(x - 1)",
    "x/2",
    "2*x/3",
    "-x/3",
    "1/(1 + exp(-x))",
    "x/(y/z)",
    "(1/x)**2",
    "max(x, 0)",
    "abs(x)**2",
    "0*x + 1",
    "1/0",
    "-(x + y)",
    "Piecewise((x, x > 0), (0, True))",
    "Piecewise((x, x > 0))",
    "Piecewise((1, (x > 0) & (x < 1)), (0, True))",
    "Piecewise((1, (x > 1) | (x < -1)), (0, True))",
    "besselj(1, x)",
    "exp(-x**2/2)/sqrt(2*pi)",
    "x*(-y)**3",
    "pow(x, 1/3)",
    "floor(x/y)",
    "1/3",
    "-3",
    "pi/2 - atan(x)",
]


@pytest.mark.parametrize("text", SAME)
def test_writes_as_people_do(text: str) -> None:
    if text == "x*(-y)**3":
        assert show(parse("x*(-y)**3")) == text
    assert show(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-t + x", "x - t"),
        ("x*2", "2*x"),
        ("x*(1/2)", "x/2"),
        ("x - (-y)", "x + y"),
        ("1/x/y", "1/(x*y)"),
        ("-(1/x)", "-1/x"),
        ("Piecewise((x, x >= 0), (-x, True))", "abs(x)"),
        ("Piecewise((x, x >= y), (y, True))", "max(x, y)"),
        ("Piecewise((x, x <= y), (y, True))", "min(x, y)"),
        ("Piecewise((1, x > 0), (-1, x < 0), (0, True))", "sign(x)"),
    ],
)
def test_writes_more_nicely_than_it_was_typed(text: str, shown: str) -> None:
    assert show(unfold(parse(text))) == shown


def random_term(rng: random.Random, depth: int) -> Term:
    if depth == 0 or rng.random() < 0.1:
        return rng.choice(
            [T.var("x"), T.var("y"), T.rat(rng.randint(-3, 3)), T.rat(Fraction(rng.randint(-5, 5), 3)), T.pi()]
        )
    pick = rng.randrange(12)
    a = random_term(rng, depth - 1)
    if pick < 3:
        return T.add(a, random_term(rng, depth - 1))
    if pick < 6:
        return T.mul(a, random_term(rng, depth - 1))
    if pick == 6:
        return T.power(a, rng.choice([2, 3]))
    if pick == 7:
        return T.neg(a)
    if pick < 10:
        return T.unary(rng.choice(["inv", "inv", "exp", "atan", "sqrt", "floor", "sin"]), a)
    return T.cond(rng.choice(T.RELATIONS), a, random_term(rng, depth - 1), random_term(rng, depth - 1))


@pytest.mark.parametrize("seed", range(40))
def test_reads_back_what_it_wrote(seed: int) -> None:
    rng = random.Random(seed)
    defined = 0
    for _ in range(25):
        term = random_term(rng, rng.randint(1, 5))
        text = show(term)
        again = parse(text)
        for _ in range(3):
            point = {v: Fraction(rng.randint(-12, 12), rng.choice([1, 2, 3])) for v in ("x", "y")}
            a, b = evaluate(term, point), evaluate(again, point)
            assert (a is None) == (b is None), (text, point)
            if a is not None:
                defined += 1
                assert mpmath.almosteq(a, b, rel_eps=1e-12, abs_eps=1e-12), (text, point)
    assert defined > 10


def test_a_huge_term_is_cut_and_costs_little() -> None:
    term = T.var("x")
    for _ in range(60):
        term = T.mul(T.add(term, T.ONE), term)  # 2**60 leaves, 120 nodes
    text = show(term, limit=500)
    assert " ... " in text and len(text) < 2000


def test_a_long_sum_is_written_whole() -> None:
    text = " + ".join(f"a{i}" for i in range(1500))
    assert show(parse(text)) == text


def test_entries_sums_and_maxima_have_names_for_what_counts() -> None:
    """A name that does not occur below: neither a symbol of the term, nor that of another binder around it."""
    i, j, k, n = (T.var(name) for name in "ijkn")
    assert show(T.mul(T.var("x", i, T.add(j, T.ONE)), T.tangent("y", i))) == "x[i, j + 1]*dy[i]"
    total = T.bind("sum", i, n, T.bind("max", j, i, T.mul(T.var("x", i, j), k)))
    assert show(total) == "sum(max(x[k1, k2]*k for k2 < k1) for k1 < n)"
    assert show(T.bind("sum", i, n, T.tangent("k", i))) == "sum(dk[k] for k < n)"
    assert show(T.bind("sum", i, n, T.tangent("k"))) == "sum(dk for k1 < n)"
    shared, chained = i, T.var("x", T.idx(0), T.idx(1))
    for _ in range(200):
        shared = T.add(T.over("sum", n, shared), T.over("max", n, shared))
        chained = T.over("sum", n, T.mul(chained, T.var("x", T.idx(0), T.idx(1))))
    assert "..." in show(shared) and "..." in show(T.over("sum", n, chained))
