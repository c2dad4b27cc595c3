"""Index formulas: what is read, and that everything else is refused before it can mean something."""

from __future__ import annotations

import pytest
from hasderiv.proofs.kernel.terms import ONE, ZERO, Literal, add, bind, cond, mul, neg, rat, sub, tangent, unary, var
from hasderiv.proofs.language.indexed import FormulaError, Names, conditions, entry, formula
from hasderiv.proofs.language.printer import show

ROW, COL, N = var("i"), var("j"), var("n")


def names() -> Names:
    return Names({"x": 2, "y": 1, "at": 1, "s": 0}, frozenset({"at"}), frozenset({"n", "m"}), frozenset({"x", "y"}))


def read(text: str, *indices: str) -> object:
    return formula(text, names(), indices)


def test_arithmetic_and_entries() -> None:
    assert read("x[i, j] + 2 * y[j]", "i", "j") is add(var("x", ROW, COL), mul(rat(2), var("y", COL)))
    assert read("1 / n") is unary("inv", N)
    assert read("i // n", "i") is unary("floor", mul(ROW, unary("inv", N)))
    assert read("i % n", "i") is sub(ROW, mul(N, unary("floor", mul(ROW, unary("inv", N)))))
    assert read("dx[i, j] * dy[i]", "i", "j") is mul(tangent("x", ROW, COL), tangent("y", ROW))
    assert read("s") is var("s")


def test_an_index_tensor_holds_integers() -> None:
    assert read("y[at[i]]", "i") is var("y", unary("floor", var("at", ROW)))


def test_sums_and_maxima_bind_their_index() -> None:
    assert read("sum(y[k] for k in range(n))") is bind("sum", COL, N, var("y", COL))
    nested = bind("sum", ROW, N, bind("sum", COL, var("m"), var("x", ROW, COL)))
    assert read("sum(x[a, b] for a in range(n) for b in range(m))") is nested
    assert read("max(y[k] for k in range(i))", "i") is bind("max", COL, ROW, var("y", COL))
    assert read("min(y[k] for k in range(n))") is neg(bind("max", COL, N, neg(var("y", COL))))
    assert read("sum(y[i] for k in range(n))", "i") is bind("sum", COL, N, var("y", ROW))


def test_conditions() -> None:
    inside = cond(">=", ROW, cond(">", sub(N, ROW), var("y", ROW), ZERO), ZERO)
    assert read("y[i] if 0 <= i < n else 0", "i") is inside
    assert read("(i == j) * s", "i", "j") is mul(cond("=", sub(ROW, COL), ONE, ZERO), var("s"))
    assert conditions("0 <= i < n and i != j", names(), ("i", "j")) == [
        Literal(">=", ROW),
        Literal(">", sub(N, ROW)),
        Literal("!=", sub(ROW, COL)),
    ]


def test_abbreviations_are_put_in_without_capture() -> None:
    known = names()
    known.define("p(i)", "y[i] / sum(y[k] for k in range(n))")
    here = formula("sum(p(k) * s for k in range(n))", known)
    below = bind("sum", COL, N, var("y", COL))
    assert here is bind("sum", ROW, N, mul(mul(var("y", ROW), unary("inv", below)), var("s")))
    assert show(formula("p(i + 1)", known, ("i",))) == "y[i + 1]/sum(y[k] for k < n)"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("z[i]", "not declared"),
        ("x[i]", "has 2 indices"),
        ("n[i]", "no entries"),
        ("k", "not declared"),
        ("1.5", "not part of a formula"),
        ("True", "not part of a formula"),
        ("'a'", "not part of a formula"),
        ("y[i:n]", "not part of a formula"),
        ("y.shape", "not part of a formula"),
        ("__import__('os')", "not part of a formula"),
        ("exp(y[i], n)", "no such function"),
        ("exp(u=y[i])", "not part of a formula"),
        ("sin(y[i])", "no such function"),
        ("sum(y)", "has 1 indices"),
        ("sum(y[k] for k in y)", "runs over range"),
        ("sum(y[k] for k in range(1, n))", "runs over range"),
        ("sum(y[k] for k in range(n) if k)", "runs over range"),
        ("sum(y[i] for i in range(n))", "in use already"),
        ("sum(y[k] for k in range(n) for k in range(n))", "in use already"),
        ("sum(n for n in range(m))", "the name of something else"),
        ("sum(sum for sum in range(m))", "the name of something else"),
        ("sum(g for g in range(m))", "the name of something else"),
        ("[y[k] for k in range(n)]", "not part of a formula"),
        ("y[i] if y[i] else 0", "not a comparison"),
        ("y[i] if i < n or i > m else 0", "not a comparison"),
        ("y[i] if i in n else 0", "not a comparison of numbers"),
        ("y[i]**n", "not part of a formula"),
        ("y[i]**-1", "not part of a formula"),
        ("y[i]**1", "exponent"),
        ("(k := 1)", "not part of a formula"),
        ("lambda: 1", "not part of a formula"),
        ("y[i] @ s", "not part of a formula"),
        ("y[i", "was never closed"),
        ("", "invalid syntax"),
    ],
)
def test_what_is_not_known_is_refused(text: str, why: str) -> None:
    with pytest.raises(FormulaError, match=why):
        read(text, "i")


def test_an_index_stays_below_its_binder() -> None:
    with pytest.raises(FormulaError, match="k: not declared"):
        read("sum(y[k] for k in range(n)) + y[k]")
    with pytest.raises(FormulaError, match="k: not declared"):
        read("sum(y[k] for k in range(k))")


@pytest.mark.parametrize(
    ("head", "text", "why"),
    [
        ("p(i)", "x[i, k]", "k: not declared"),
        ("p(i, i)", "y[i]", "there already"),
        ("p(n)", "y[n]", "there already"),
        ("x(i)", "y[i]", "there already"),
        ("dx(i)", "y[i]", "there already"),
        ("g(i)", "y[i]", "there already"),
        ("exp(i)", "y[i]", "there already"),
        ("p", "1", "an abbreviation is written"),
        ("p(i + 1)", "y[i]", "not the name of an index"),
    ],
)
def test_an_abbreviation_uses_its_parameters_and_what_is_declared(head: str, text: str, why: str) -> None:
    with pytest.raises(FormulaError, match=why):
        names().define(head, text)


def test_the_index_of_an_entry() -> None:
    assert entry("x[i, j]") == ("x", ("i", "j")) and entry("s") == ("s", ())
    with pytest.raises(FormulaError, match="not the name of an index"):
        entry("x[i + 1]")
    with pytest.raises(FormulaError, match="not an entry"):
        entry("x + 1")
