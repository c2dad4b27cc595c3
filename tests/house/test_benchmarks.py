"""The benchmarks cover every op, and their results are there with the machine's description."""

from __future__ import annotations

import importlib.util
import json

import pytest

import hasderiv as hd

from .house import ROOT

BENCHMARKS = ROOT / "benchmarks"
RESULTS = ("steps", "start", "tape_overhead", "derivations", "ops", "graph")


def test_every_op_is_compared_with_its_peers() -> None:
    spec = importlib.util.spec_from_file_location("benchmark_peers", BENCHMARKS / "peers.py")
    assert spec is not None and spec.loader is not None
    peers = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(peers)
    assert set(peers.ROWS) == set(hd.ops), "mend ROWS in benchmarks/peers.py"


@pytest.mark.parametrize("name", RESULTS)
def test_results_are_checked_in(name: str) -> None:
    data = json.loads((BENCHMARKS / "results" / f"{name}.json").read_text(encoding="utf-8"))
    machine = data["machine"]
    assert machine["processor"] and machine["cores"] and machine["libraries"]["numpy"]
    text = (BENCHMARKS / "results" / f"{name}.md").read_text(encoding="utf-8")
    assert machine["processor"] in text, "the table and the data come from one run"
