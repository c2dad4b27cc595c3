"""The documents name files and commands that exist."""

from __future__ import annotations

import re

import pytest

from .house import ROOT

DOCUMENTS = ("README.md", "ARCHITECTURE.md", "TRUST.md", "benchmarks/README.md")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paths_in_the_documents_exist(name: str) -> None:
    document = ROOT / name
    paths = re.findall(r"`((?:[\w.]+/)+[\w.]*)`", document.read_text(encoding="utf-8"))
    missing = [path for path in paths if not (ROOT / path).exists() and not (document.parent / path).exists()]
    assert not missing, f"{name} names what is not there: {missing}"


def test_the_two_commands_are_one_line_each() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^pip install .+$", text, re.M)
    assert commands == ["pip install . && hasderiv check", 'pip install -e ".[test]" && pytest -n auto']


def test_ci_runs_those_commands() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in script and "hasderiv build --check" in script and "mypy --strict proofs/kernel" in script
    assert not re.search(r"https?://|index-url", script), "index settings come from the environment"
