"""``hasderiv sweep`` at samples: what it prints, and mistakes in the call."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hasderiv.runtime.compiled import machine

from hasderiv.cli import main
from hasderiv.sweeping import samples, samples_arb

flint = pytest.importorskip("flint")
pytestmark = pytest.mark.skipif(
    machine.missing() is not None or samples.missing() is not None, reason="needs gcc and the compiled path"
)


def test_two_inputs_and_float64_print_their_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples_arb, "CHECKED", 50)
    options = ["--samples", "2000", "--jobs", "1", "--journal", str(tmp_path)]
    assert main(["sweep", "mul", *options, "--format", "json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["results"]
    assert found["op"] == "mul" and found["routines"]["forward"]["random_inputs"] == 2000
    assert found["routines"]["forward"]["largest_ulp"] == 0.5 and found["routines"]["partial_x"]["largest_ulp"] == 0
    assert main(["sweep", "exp", "--dtype", "float64", *options]) == 0
    assert "second_x_x" in capsys.readouterr().out and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nothing", "--samples", "10"], "'nothing' is no op of one or two inputs"),
        (["select", "--dtype", "float64"], "'select' is no op of one or two inputs"),
        (["mul", "--samples", "1000", "--write"], "no evidence to keep"),
        (["mul", "--samples", "0"], "--samples is at least 1"),
        (["mul", "--stride", "61"], "--stride is for ops of one input in float32"),
    ],
)
def test_mistakes(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", *arguments]) == 2
    error = capsys.readouterr().err
    assert complaint in error and error.count("\n") == 1
