"""``hd.where`` and ``hd.check`` as functions."""

from __future__ import annotations

from pathlib import Path

import pytest
import sympy

import hasderiv as hd

TABLE = """
[[claim]]
name = "square"
expr = "x**2"
wrt = "x"
derivative = "{}"
assume = []
params = {{}}
"""


def test_where_takes_a_name_an_op_and_an_expression() -> None:
    x = sympy.Symbol("x")
    assert hd.where("relu").at(0).status == "not_differentiable"
    assert hd.where(hd.ops["relu"]).at(0).status == "not_differentiable"
    assert hd.where(x * sympy.Abs(x)).at(0).derivative == "0"
    assert hd.where("x*Abs(x)").at(0).derivative == "0"


def test_where_of_an_unknown_name_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="unknown op"):
        hd.where("no_such_op")


def test_check_returns_what_holds() -> None:
    (result,) = hd.check("gelu")
    assert (result.name, result.verdict) == ("gelu", "proved")


def test_check_raises_on_a_false_claim_with_its_place(tmp_path: Path) -> None:
    table = tmp_path / "claims.toml"
    table.write_text(TABLE.format("2*x"), encoding="utf-8")
    (result,) = hd.check(table)
    assert result.verdict == "proved"
    table.write_text(TABLE.format("3*x"), encoding="utf-8")
    with pytest.raises(hd.CertificateError, match="square: refuted") as error:
        hd.check(table)
    assert isinstance(error.value, hd.ClaimError) and f"{table}:2" in str(error.value)


def test_check_of_nothing_raises() -> None:
    with pytest.raises(hd.CertificateError, match="no such op, file or folder"):
        hd.check("no_such_op")


def test_check_of_a_broken_certificate_names_file_and_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(b'{"format":1}\n')
    with pytest.raises(hd.CertificateError, match=r"broken\.jsonl:\d"):
        hd.check(broken)
