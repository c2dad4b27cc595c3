"""Index formulas as text for Coq."""

from __future__ import annotations

import pytest
from hasderiv.proofs.export.tensor_text import Abbreviation, Kinds, TensorPrinter, identifier, matched, plain
from hasderiv.proofs.kernel import terms as T
from hasderiv.proofs.kernel.terms import Term, var
from hasderiv.proofs.language.indexed import Names, conditions, formula

NAMES = Names({"x": 1, "y": 2, "at": 1}, frozenset({"at"}), frozenset({"n", "m", "p", "eps"}), frozenset({"x"}))
KINDS = Kinds(frozenset({"n", "m", "p", "i", "j"}), frozenset({"at/1"}))


def term(text: str) -> Term:
    return formula(text, NAMES, ("i", "j"))


@pytest.mark.parametrize(
    ("text", "coq"),
    [
        ("x[i] - 1", "x i - 1"),
        ("x[i] / n", "x i / IZR n"),
        ("1 / n", "1 / IZR n"),
        ("x[0]", "x 0%Z"),
        ("x[i * m + j]", "x (i * m + j)%Z"),
        ("x[i // m]", "x (i / m)%Z"),
        ("x[i % m]", "x (i - m * (i / m))%Z"),
        ("x[at[j]]", "x (at_ j)"),
        ("dx[i]", "dx i"),
        ("exp(x[i])**2", "exp (x i) ^ 2"),
        ("sum(y[i, k] for k in range(m))", "sum m (fun k => y i k)"),
        ("max(y[i, k] for k in range(m - 1))", "maximum (m - 1)%Z (fun k => y i k)"),
        ("sum(y[k, l] for k in range(n) for l in range(m))", "sum n (fun k => sum m (fun l => y k l))"),
        ("x[i] * (i == j)", "x i * (if (i =? j)%Z then 1 else 0)"),
        ("x[i - p] if 0 <= i - p < n else 0", "if (p <=? i)%Z && (i - p <? n)%Z then x (i - p)%Z else 0"),
        ("x[i] if x[i] != 0 else 1", "if Req_EM_T (x i) 0 then 1 else x i"),
        ("log(sqrt(x[i]) + eps)", "ln (sqrt (x i) + eps)"),
        ("i", "IZR i"),
    ],
)
def test_expressions(text: str, coq: str) -> None:
    assert TensorPrinter(KINDS).expression(term(text)) == coq


@pytest.mark.parametrize(
    ("text", "coq"),
    [
        ("n >= 1", "(1 <= n)%Z"),
        ("0 < i - p", "(p < i)%Z"),
        ("eps > 0", "0 < eps"),
        ("x[i] >= x[j]", "x j <= x i"),
        ("at[i] == j", "(at_ i = j)%Z"),
        ("n != m", "(n <> m)%Z"),
    ],
)
def test_hypotheses(text: str, coq: str) -> None:
    (literal,) = conditions(text, NAMES, ("i", "j"))
    assert TensorPrinter(KINDS).proposition(literal) == coq


def test_a_bound_index_takes_no_name_that_is_there() -> None:
    t = term("sum(y[i, k] for k in range(m))")
    printer = TensorPrinter(KINDS, names=iter(["i", "q"]), taken=frozenset({"i"}))
    assert printer.expression(t) == "sum m (fun k => y i k)"
    assert TensorPrinter(KINDS, names=iter(["q"])).expression(t) == "sum m (fun q => y i q)"


def test_abbreviations_are_used_where_they_stand() -> None:
    told = []
    whole = Abbreviation("op_total", ("m", "y/2"), ("i",), term("sum(y[i, k] for k in range(m))"), "")
    printer = TensorPrinter(KINDS, [whole], told.append, {"y/2": "y t"})
    both = term("y[i, j] / sum(y[i, k] for k in range(m)) + sum(sum(y[l, k] for k in range(m)) for l in range(n))")
    assert printer.expression(both) == "y t i j / op_total m (y t) i + sum n (fun k => op_total m (y t) k)"
    assert told == [whole, whole]


def test_what_is_no_instance_is_not_taken_for_one() -> None:
    pattern = term("sum(y[i, k] * y[j, k] for k in range(m))")
    assert matched(pattern, term("sum(y[j, k] * y[i, k] for k in range(m))"), ["i", "j"]) == {
        "i": var("j"),
        "j": var("i"),
    }
    assert matched(pattern, term("sum(y[j, k] * y[i, k] for k in range(n))"), ["i", "j"]) is None
    assert matched(pattern, term("sum(y[k, k] * y[i, k] for k in range(m))"), ["i", "j"]) is None
    assert matched(term("y[i, i]"), term("y[i, j]"), ["i"]) is None


def test_names() -> None:
    assert (identifier("at"), plain("at/2"), plain("d x/2"), plain("x")) == ("at_", "at_", "dx", "x")
    with pytest.raises(ValueError, match="no counterpart"):
        TensorPrinter(KINDS).expression(T.app("gamma", T.ONE))
