"""``hasderiv where`` and ``list`` as text and as JSON, on maps written by hand."""

from __future__ import annotations

import json

import pytest

from hasderiv.cli import main

pytestmark = pytest.mark.usefixtures("maps")
KEYS = ["where", "status", "derivative", "left", "right", "reason", "convention"]


def test_a_table_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["where", "relu"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "relu in x",
        "where  status              derivative  left | right  reason  kernels return",
        "x > 0  differentiable      1",
        "x < 0  differentiable      0",
        "x = 0  not differentiable              0 | 1         corner  0",
    ]


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["where", "elu", "--param", "alpha=1/2", "--format", "json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert list(content) == ["op", "variable", "pieces"] and (content["op"], content["variable"]) == ("elu", "x")
    assert all(list(p) == KEYS for p in content["pieces"])
    kink = content["pieces"][-1]
    assert (kink["where"], kink["left"], kink["right"], kink["convention"]) == ("x = 0", "1/2", "1", "1/2")
    assert content["pieces"][0]["convention"] is None


def test_at_a_point(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["where", "hypot", "--at", "x=0,y=0", "--format", "json"]) == 0
    (piece,) = json.loads(capsys.readouterr().out)["pieces"]
    assert (piece["status"], piece["where"]) == ("not_differentiable", "x = 0, y = 0")
    assert main(["where", "sqrt", "--at", "-1"]) == 0
    assert "outside the domain" in capsys.readouterr().out


def test_several_inputs_show_each_argument_and_the_joint_map(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["where", "hypot"]) == 0
    titles = [line for line in capsys.readouterr().out.splitlines() if line.startswith("hypot in")]
    assert titles == ["hypot in x", "hypot in y", "hypot in x, y"]


def test_list_at_and_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--at", "0", "--format", "json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["at"] == "0" and content["on"] is None
    rows = {row["op"]: row for row in content["ops"]}
    assert list(rows["relu"]) == ["op", *KEYS, "meaning"]
    assert rows["relu"]["status"] == "not_differentiable" and rows["exp"]["derivative"] == "1"
    assert main(["list", "--on", "x > 0"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].startswith("op ") and "floor  not differentiable" in out
    assert main(["list"]) == 0
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]} >= {"relu", "exp"}
