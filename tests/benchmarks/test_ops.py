"""What README.md says of the speed of kernels is what the checked-in run found."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[2]
ZEROS = {"floor", "ceil", "round", "sign"}
"""Ops whose VJP hands NaN on where torch writes zeros without reading anything."""


@pytest.fixture
def ratios(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(sys, "path", [str(ROOT / "benchmarks"), *sys.path])
    from goals import ratios

    results = json.loads((ROOT / "benchmarks" / "results" / "ops.json").read_text("utf-8"))["results"]
    return lambda size, kind: ratios(results, size, kind, "torch")


@pytest.mark.parametrize("size", [100_000, 1_000_000, 10_000_000])
@pytest.mark.parametrize("kind", ["forward", "vjp"])
def test_kernels_take_less_than_twice_torchs_time_and_the_median_less_than_it(ratios, size: int, kind: str) -> None:  # type: ignore[no-untyped-def]
    found = ratios(size, kind)
    assert len(found) == 82 and median(found.values()) < 1
    assert {op for op, ratio in found.items() if ratio >= 2} <= (ZEROS if kind == "vjp" else set())


def test_a_step_of_ten_million_elements_is_faster_for_every_op(ratios) -> None:  # type: ignore[no-untyped-def]
    assert max(ratios(10_000_000, "step").values()) < 1
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert "takes less than twice the time of torch's" in text and "`floor`, `ceil`, `round` and `sign`" in text
