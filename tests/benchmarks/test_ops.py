"""What README.md says of the speed of kernels is what the checked-in run found."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "benchmarks"
ZEROS = {"floor", "ceil", "round", "sign"}
"""Ops whose VJP hands NaN on where torch writes zeros without reading anything."""


def ratios(size: int, kind: str) -> dict[str, float]:
    """Our time over torch's, op by op, as the benchmark has it."""
    spec = importlib.util.spec_from_file_location("benchmark_goals", FOLDER / "goals.py")
    assert spec is not None and spec.loader is not None
    goals = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(goals)
    results = json.loads((FOLDER / "results" / "ops.json").read_text(encoding="utf-8"))["results"]
    found: dict[str, float] = goals.ratios(results, size, kind, "torch")
    return found


@pytest.mark.parametrize("size", [100_000, 1_000_000, 10_000_000])
@pytest.mark.parametrize("kind", ["forward", "vjp"])
def test_kernels_take_less_than_twice_torchs_time_and_the_median_op_less_than_it(size: int, kind: str) -> None:
    found = ratios(size, kind)
    assert len(found) == 82 and median(found.values()) < 1
    assert {op for op, ratio in found.items() if ratio >= 2} <= (ZEROS if kind == "vjp" else set())


def test_a_step_of_ten_million_elements_is_faster_for_every_op() -> None:
    assert max(ratios(10_000_000, "step").values()) < 1


def test_the_exceptions_are_named() -> None:
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert "takes less than twice the time of torch's" in text
    assert "but for the VJPs of `floor`, `ceil`, `round` and `sign`" in text
