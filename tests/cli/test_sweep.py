"""``hasderiv sweep``: what it prints, and mistakes in the call."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from hasderiv.runtime.compiled import machine

from hasderiv.cli import main

flint = pytest.importorskip("flint")
pytestmark = pytest.mark.skipif(machine.missing() is not None, reason=f"no compiled path: {machine.missing()}")
COARSE = ["--stride", str(1 << 16), "--jobs", "1"]


def test_a_coarse_sweep_prints_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "relu", *COARSE, "--journal", str(tmp_path / "new"), "--format", "json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["results"]
    assert found["op"] == "relu" and found["routines"]["forward"]["inputs"] == 1 << 16
    assert found["routines"]["derivative"]["largest_ulp"] == 0
    assert not list((tmp_path / "new").iterdir()), "a sweep that came to its end leaves nothing behind"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nothing"], "'nothing' is no op of one input"),
        (["all", "tanh"], "'all' stands alone"),
        (["tanh", "--stride", "0"], "--stride lies between"),
        (["tanh", "--jobs", "0"], "--jobs is at least 1"),
        (["tanh", "--stride", "1000", "--write"], "leaves out inputs"),
        (["tanh", "--journal", __file__], "is no folder to write to"),
        (["add", "--journal", __file__], "is no folder to write to"),
        (["all", "add", "--samples", "10"], "'all' stands alone"),
    ],
)
def test_mistakes(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", *arguments]) == 2
    error = capsys.readouterr().err
    assert complaint in error and error.count("\n") == 1


@pytest.mark.skipif(importlib.util.find_spec("distributed") is not None, reason="Dask is installed")
def test_dask_says_what_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "tanh", "--engine", "dask"]) == 2
    assert "pip install distributed" in capsys.readouterr().err
