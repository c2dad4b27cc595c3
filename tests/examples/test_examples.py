"""Every example runs as a reader would run it, and says what its text promises."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False, timeout=600)


def test_every_example_is_run_here() -> None:
    names = {path.name for path in EXAMPLES.glob("*.py")}
    text = Path(__file__).read_text(encoding="utf-8")
    assert names and all(f'"{name}"' in text for name in names)


def test_digits_reach_97_percent_with_a_certified_activation() -> None:
    pytest.importorskip("sklearn")
    done = run(sys.executable, str(EXAMPLES / "digits.py"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "squareplus is differentiable" in done.stdout
    (mean,) = re.findall(r"mean (0\.\d+)", done.stdout)
    assert float(mean) >= 0.97


def test_cnn_reaches_98_percent() -> None:
    pytest.importorskip("sklearn")
    done = run(sys.executable, str(EXAMPLES / "cnn.py"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert float(re.findall(r"accuracy (0\.\d+)", done.stdout)[0]) >= 0.98
    assert re.search(r"\d+ images/s", done.stdout) and re.search(r"max_pool at \d+ points", done.stdout)


def test_transformer_beats_the_bigram_entropy() -> None:
    """After a quarter of the steps already; all of them take half a minute."""
    done = run(sys.executable, str(EXAMPLES / "transformer.py"), "--steps", "260")
    assert done.returncode == 0, done.stdout + done.stderr
    ((loss, bound),) = re.findall(r"held-out loss ([\d.]+), bigram entropy ([\d.]+)", done.stdout)
    assert float(loss) < float(bound)
    assert re.search(r"\d+ letters/s", done.stdout) and "conventions used: none" in done.stdout


def test_friction_needs_the_conventions() -> None:
    done = run(sys.executable, str(EXAMPLES / "friction.py"))
    assert done.returncode == 0, done.stdout + done.stderr
    naive, careful = re.findall(r"naive ([\d.]+), careful ([\d.e+-]+)", done.stdout)[0]
    assert float(naive) > 0.02 and float(careful) < 1e-9


def test_sample_workflow_checks_the_claims_table() -> None:
    """The workflow's own command, run here, proves every claim of the sample table."""
    steps = re.findall(r"- run: (hasderiv check .+)", (EXAMPLES / "ci" / "derivatives.yml").read_text(encoding="utf-8"))
    assert len(steps) == 1
    done = run(sys.executable, "-m", *shlex.split(steps[0]))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "::error" not in done.stdout


def test_sample_workflow_fails_on_a_wrong_claim(tmp_path: Path) -> None:
    table = (EXAMPLES / "ci" / "claims.toml").read_text(encoding="utf-8")
    right = 'derivative = "-1/(1 + exp(m))"'
    assert right in table
    wrong = tmp_path / "claims.toml"
    wrong.write_text(table.replace(right, 'derivative = "1/(1 + exp(m))"'), encoding="utf-8")
    done = run(sys.executable, "-m", "hasderiv", "check", str(wrong), "--format", "github")
    assert done.returncode == 1
    assert "::error" in done.stdout and "logistic loss" in done.stdout
