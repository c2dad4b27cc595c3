"""Queries on expressions typed in, proved on the fly and replayed."""

from __future__ import annotations

import json

import pytest
import sympy
from hasderiv.proofs.query import QueryError, where

from hasderiv.cli import main


def shape(text: str, **params: object) -> list[tuple[str | None, str]]:
    return [(p.where, p.status) for p in where(text, **params).pieces]


def test_a_seam_with_equal_slopes_is_differentiable() -> None:
    found = where("x*Abs(x)")
    assert {p.status for p in found.pieces} == {"differentiable"}
    assert found.at(0).derivative == "0" and found.at(-3).derivative == "6"


def test_typed_text_is_not_simplified() -> None:
    assert shape("x/x") == [("x != 0", "differentiable"), ("x = 0", "outside_domain")]


def test_symbols_other_than_the_variable_are_parameters() -> None:
    assert shape("Max(x, a)") == [
        ("x < a", "differentiable"),
        ("x = a", "not_differentiable"),
        ("x > a", "differentiable"),
    ]
    assert where("Max(x, a)", wrt="a").variable == "a"
    assert where("Max(x, a)", a="1/3").at("1/3").status == "not_differentiable"


def test_what_is_not_covered_says_why() -> None:
    (gap,) = [p for p in where("gamma(x)").pieces if p.where == "x < 0"]
    assert gap.status == "not_covered" and "x > 0" in (gap.reason or "")


def test_sympy_expressions() -> None:
    x = sympy.Symbol("x")
    assert where(sympy.Abs(x)).at(0).status == "not_differentiable"
    p = sympy.Symbol("p", positive=True)
    assert [a.where for a in where(p * 2).pieces] == ["always"], "an assumption on a symbol is a hypothesis"
    with pytest.raises(QueryError):
        where(sympy.I * x)


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["where", "Abs(x)", "--at", "0", "--format", "json"]) == 0
    (piece,) = json.loads(capsys.readouterr().out)["pieces"]
    assert (piece["status"], piece["left"], piece["right"], piece["convention"]) == (
        "not_differentiable",
        "-1",
        "1",
        None,
    )
