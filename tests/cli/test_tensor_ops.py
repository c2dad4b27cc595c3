"""Ops over axes and shapes on the command line and from Python: ``where``, ``check``, ``show``, ``build``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hasderiv.proofs import build, identity
from hasderiv.proofs.checker import check_op
from hasderiv.proofs.tensor import catalogue

import hasderiv as hd
from hasderiv.cli import main

JVP = "p(r, i) * (dx[r, i] - sum(p(r, k) * dx[r, k] for k in range(n)))"


def test_where_says_everywhere_with_the_jvp_and_its_adjoint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["where", "softmax"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "softmax(x[b, n]) -> [r < b, i < n], for all b >= 1 and n >= 1",
        "where   status          derivative",
        f"always  differentiable  {JVP}",
        "value[r, i] = p(r, i)",
        "VJP x[r, i] = p(r, i) * (g[r, i] - sum(g[r, k] * p(r, k) for k in range(n)))",
        "where total(r) = sum(exp(x[r, k]) for k in range(n))",
        "where p(r, i) = exp(x[r, i]) / total(r)",
    ]


def test_where_of_a_maximum_has_its_conditions_and_the_convention_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["where", "max_pool", "--format", "json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert [m["op"] for m in content["members"]] == ["max_pool1d", "max_pool2d", "max_pool3d"]
    smooth, tie = content["members"][1]["pieces"]
    assert smooth["status"] == "differentiable" and smooth["where"].endswith(
        "and best(r, i_h, i_w) > others(r, i_h, i_w)"
    )
    assert (tie["status"], tie["reason"]) == ("not_differentiable", "corner")
    assert tie["where"].endswith(
        "best(r, i_h, i_w) >= greatest(r, i_h, i_w) and best(r, i_h, i_w) <= others(r, i_h, i_w)"
    )
    assert tie["convention"] == "the first of the largest entries, in row-major order, takes all"
    assert content["pieces"] == [p for m in content["members"] for p in m["pieces"]]
    assert main(["where", "max_pool"]) == 0
    assert capsys.readouterr().out.count("kernels return") == 3


def test_from_python() -> None:
    found = hd.where("softmax")
    assert [p.status for p in found.pieces] == ["differentiable"] and found.pieces[0].derivative == JVP
    assert found.vjp.keys() == {"x[r, i]"} and str(found).startswith(found.title)
    assert hd.where(hd.softmax).json() == found.json() == json.loads(json.dumps(found.json()))
    assert [r.verdict for r in hd.check("conv")] == ["proved"] * 3


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["where", "softmax", "--at", "0"], "for all sizes and all points"),
        (["where", "softmax", "--param", "n=3"], "for all parameters"),
        (["where", "softmax", "--wrt", "x"], "an op brings its own"),
        (["where", "softmax", "--order", "2"], "--order is for ops of the catalogue"),
        (["where", "softmaxx"], "unknown op"),
        (["show", "conv4d"], "no such op"),
    ],
)
def test_questions_without_an_answer(arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert why in capsys.readouterr().err


def test_check_and_show(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "-v", "layer_norm", "softmax"]) == 0
    out = capsys.readouterr().out
    assert "layer_norm: proved: JVP and adjointness, for all sizes" in out and "needs eps > 0" in out
    assert main(["show", "softmax"]) == 0
    out = capsys.readouterr().out
    assert "T0 proved: JVP and adjointness, for all sizes" in out and "has derivative exp(x[r, i])" in out


def test_a_certificate_by_its_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = catalogue.path_of("transpose2d")
    assert main(["check", str(path)]) == 0
    other = tmp_path / "matmul.jsonl"
    other.write_bytes(path.read_bytes())
    assert main(["check", str(other)]) == 1
    assert "made for another formula" in capsys.readouterr().out


def test_built_checked_and_refused_where_altered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (catalogue, build, identity):
        monkeypatch.setattr(module, "FOLDER", tmp_path)
    remembered = (catalogue.replayed, identity.identities, identity.built_for)
    for function in remembered:
        function.cache_clear()
    try:
        assert check_op("transpose2d").verdict == "undecided"
        assert len(build.build(["transpose2d"]).changed) == 2 and build.build(["transpose2d"], check=True).changed == []
        assert check_op("transpose2d").verdict == "proved"
        path = catalogue.path_of("transpose2d")
        data = path.read_bytes()
        path.write_bytes(data.replace(b'"n":7', b'"n":8', 1))
        catalogue.replayed.cache_clear()
        assert (found := check_op("transpose2d")).verdict == "rejected" and found.line == 9
        path.write_bytes(build.tensor_files("transpose3d_last_two")["tensor/transpose3d_last_two.jsonl"])
        catalogue.replayed.cache_clear()
        assert (found := check_op("transpose2d")).verdict == "rejected" and "its sha256" in str(found.message)
    finally:
        for function in remembered:
            function.cache_clear()


def test_a_spec_that_is_not_proved_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from hasderiv.spec.tensor import TENSOR_OPS

    monkeypatch.setitem(TENSOR_OPS, "transpose2d", replace(TENSOR_OPS["transpose2d"], vjp={"x[i, j]": "g[i, j]"}))
    catalogue.statement_of.cache_clear()
    try:
        assert "the adjoint is not proved" in build.build(["transpose2d"], check=True).failed["transpose2d"]
    finally:
        catalogue.statement_of.cache_clear()


@pytest.mark.parametrize("place", [[], ["--at", "0"], ["--at", "x=1,y=2"], ["--on", "x > 0"]])
def test_the_list_says_which_hold_everywhere(place: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A number is no point of a tensor: the lists below the table name the ops, and what to ask instead."""
    assert main(["list", *place]) == 0
    asked, everywhere, conditional = capsys.readouterr().out.splitlines()[-3:]
    assert "hasderiv where NAME answers" in asked
    assert everywhere.startswith("differentiable everywhere: ") and conditional.startswith(
        "differentiable under conditions: "
    )
    names = [line.partition(": ")[2].split(", ") for line in (everywhere, conditional)]
    assert sorted(names[0] + names[1]) == sorted(catalogue.names())
    assert {"softmax", "conv2d"} <= {*names[0]} and {"max_pool2d", "attention"} <= {*names[1]}
    assert main(["list", *place, "--format", "json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["over_axes"] == {"everywhere": names[0], "under conditions": names[1]}
    for name in names[1]:
        assert [p.where for p in hd.where(name).pieces if p.status == "differentiable"] != ["always"]
