"""``hasderiv export``: what is written where, and mistakes in the call."""

from __future__ import annotations

from pathlib import Path

import pytest
from hasderiv.proofs.export import compile as compiling

from hasderiv.cli import main


@pytest.mark.parametrize(
    ("language", "said"), [("coq", "Theorem softplus_derive"), ("lean", "theorem softplus_derive")]
)
def test_one_op_is_printed(language: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", language, "softplus"]) == 0
    assert said in capsys.readouterr().out


def test_an_op_over_axes_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "coq", "mean"]) == 0
    assert "Theorem mean_adjoint" in capsys.readouterr().out


def test_a_name_can_mean_several_ops(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "coq", "max_pool", "--out", str(tmp_path)]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["max_pool1d.v", "max_pool2d.v", "max_pool3d.v"]
    assert capsys.readouterr().out.startswith("3 files with 12 theorems")


def test_files_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "lean", "relu", "sqrt", "relu", "--out", str(tmp_path / "new")]) == 0
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["relu.lean", "sqrt.lean"]
    assert capsys.readouterr().out.startswith("2 files with 4 theorems")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["coq"], "--all"),
        (["coq", "nothing"], "no op is called"),
        (["coq", "relu", "sqrt"], "--out"),
        (["coq", "--all"], "--out"),
        (["lean", "relu", "--out", "x", "--check"], "no Lean"),
        (["lean", "softmax"], "softmax is an op over axes and shapes: these are exported to Coq, not to Lean"),
    ],
)
def test_mistakes(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", *arguments]) == 2
    assert complaint in capsys.readouterr().err


def test_without_coq_one_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compiling.shutil, "which", lambda _: None)
    assert main(["export", "coq", "relu", "--out", str(tmp_path), "--check"]) == 2
    assert "apt-get install coq" in capsys.readouterr().err
