"""Queries: pieces, points, parameters, conventions, lists."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hasderiv.proofs import listing, query
from hasderiv.proofs.query import QueryError, where

pytestmark = pytest.mark.usefixtures("maps")


def test_relu_at_its_kink() -> None:
    answer = where("relu").at(0)
    assert answer.status == "not_differentiable"
    assert (answer.left, answer.right, answer.reason, answer.convention) == ("0", "1", "corner", "0")
    assert answer.derivative is None


@pytest.mark.parametrize(
    ("point", "derivative"), [(2, "1"), (-1, "0"), (Fraction(1, 10**400), "1"), (-5e-324, "0"), ("pi - 3", "1")]
)
def test_relu_elsewhere(point: object, derivative: str) -> None:
    answer = where("relu").at(point)
    assert (answer.status, answer.derivative, answer.convention) == ("differentiable", derivative, None)


def test_a_point_is_decided_exactly() -> None:
    assert where("relu").at("sqrt(8) - 2*sqrt(2)").status == "not_differentiable"
    assert where("relu").at("sqrt(8) - 2*sqrt(2) + 1/10**50").status == "differentiable"
    assert where("floor").at(0.1 + 0.2).status == "differentiable"
    assert where("floor").at("log(8)/log(2)").status in ("not_covered", "not_differentiable")


def test_pieces_in_order_with_their_keys() -> None:
    found = where("relu").json()
    assert list(found) == ["op", "variable", "pieces"]
    assert [p["where"] for p in found["pieces"]] == ["x > 0", "x < 0", "x = 0"]
    assert all(
        list(p) == ["where", "status", "derivative", "left", "right", "reason", "convention"] for p in found["pieces"]
    )
    assert found["pieces"][0]["left"] is None


def test_parameters_are_fixed_exactly() -> None:
    assert where("elu", alpha=1).at(0).status == "differentiable"
    assert where("elu", alpha=1).at(0).derivative == "1"
    half = where("elu", alpha="1/2").at(0)
    assert (half.status, half.left, half.right, half.convention) == ("not_differentiable", "1/2", "1", "1/2")
    assert [p.where for p in where("elu", alpha=1).pieces] == ["x > 0", "x < 0", "x = 0"]
    assert where("elu", alpha=0.1).at(0).left == str(Fraction(0.1))
    assert where("elu", alpha="0.1").at(0).left == "1/10"


def test_open_parameters_stay_symbols() -> None:
    found = where("elu")
    assert found.at(-1).derivative == "alpha*exp(-1)"
    assert found.at(0).status == "not_covered" and "alpha" in (found.at(0).reason or "")
    assert found.pieces[3].convention == "alpha"


def test_boundary_and_outside_are_different_things() -> None:
    found = where("sqrt")
    assert [p.status for p in found.pieces] == ["differentiable", "not_differentiable", "outside_domain"]
    end = found.at(0)
    assert (end.reason, end.left, end.right, end.convention) == ("boundary", None, "+oo", "+oo")
    assert found.at(-1).status == "outside_domain"


def test_several_inputs_per_argument_and_jointly() -> None:
    found = where("hypot")
    assert found.variable == "x, y"
    assert found.at({"x": 3, "y": 4}).derivative is not None
    assert found.at(0).status == "not_differentiable" and found.at(0).convention == "(0, 0)"
    assert found.argument("y").at({"x": 0, "y": 2}).status == "differentiable"
    assert [a["variable"] for a in found.json()["arguments"]] == ["x", "y"]
    with pytest.raises(QueryError, match="no value for y"):
        found.at({"x": 3})


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: where("relu", alpha=1), "relu has no parameter alpha"),
        (lambda: where("elu", alpha=float("nan")), "not a real number"),
        (lambda: where("elu", alpha="x"), "not declared"),
        (lambda: where("relu").at({"z": 1}), "no symbol z"),
        (lambda: where("relu").at("1/0"), "no value"),
        (lambda: where("relu").at(True), "truth value"),
        (lambda: where("x +"), "expected an expression"),
        (lambda: where("nosuchop"), "unknown op nosuchop"),
        (lambda: where(3), "takes the name of an op"),
        (lambda: where("relu", assume=["x > 0"]), "an op brings its own"),
    ],
)
def test_a_question_that_cannot_be_answered_is_one_line(ask: object, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        ask()  # type: ignore[operator]
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_list_at_a_point() -> None:
    rows = {r.op: r.answer for r in listing.list_at(0, {"alpha": "1"})}
    assert {name: a.status for name, a in rows.items()} == {
        "relu": "not_differentiable", "elu": "differentiable", "sqrt": "not_differentiable", "exp": "differentiable",
        "floor": "not_differentiable", "hypot": "not_differentiable",
    }  # fmt: skip


def test_list_at_several_inputs_asks_only_ops_with_these() -> None:
    assert [r.op for r in listing.list_at({"x": 1, "y": 2})] == ["hypot"]


def test_list_on_a_set() -> None:
    rows = {r.op: r.answer.status for r in listing.list_on("x > 0", {"alpha": "2"})}
    assert rows["relu"] == rows["elu"] == rows["sqrt"] == rows["exp"] == "differentiable"
    assert rows["floor"] == "not_differentiable"
    rows = {r.op: r.answer.status for r in listing.list_on("x >= 0", {"alpha": "2"})}
    assert rows["relu"] == rows["sqrt"] == rows["elu"] == "not_differentiable"
    rows = {r.op: r.answer.status for r in listing.list_on("(x > 1) & (x < 2)", {"alpha": "2"})}
    assert rows["relu"] == "differentiable"
    assert rows["floor"] != "not_differentiable", "there is no integer between 1 and 2"
    assert {r.op: r.answer.status for r in listing.list_on("x < 3", {"alpha": "1"})}["sqrt"] != "differentiable"


def test_list_on_a_condition_that_cannot_be_read() -> None:
    with pytest.raises(QueryError):
        listing.list_on("x >")
    with pytest.raises(QueryError, match="no op has a parameter zeta_"):
        listing.list_at(0, {"zeta_": "1"})


def test_a_sympy_number_is_a_point() -> None:
    sympy = pytest.importorskip("sympy")
    assert where("relu").at(sympy.Rational(-1, 3)).derivative == "0"
    assert query.constant(sympy.sqrt(2)).op == "sqrt"
