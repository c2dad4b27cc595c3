"""The checked-in sweeps are about these cores, meet the goal, and a strided sample of each comes out the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hasderiv.runtime.codegen.libm import pairs, samples
from hasderiv.runtime.codegen.libm.catalogue import ALL, BINARY, CORES, goal
from hasderiv.runtime.codegen.libm.formats import FORMATS
from hasderiv.runtime.codegen.libm.sweep import (
    EVIDENCE,
    INPUTS,
    REFERENCE_ULP,
    Found,
    compiler,
    digest,
    run,
    sample,
    shards,
)

from .patterns import needs_quadmath

MENDING = "run `python -m hasderiv.runtime.codegen.libm.sweep"
needs_compiler = pytest.mark.skipif(compiler() is None, reason="needs a C compiler")


def evidence(name: str, dtype: str = "float32") -> dict[str, Any]:
    return json.loads((EVIDENCE / f"{name}.{dtype}.json").read_text(encoding="utf-8"))


def test_every_core_has_evidence_and_nothing_else_has() -> None:
    wanted = {f"{name}.{dtype}.json" for name in ALL for dtype in FORMATS}
    assert {path.name for path in EVIDENCE.glob("*.json")} == {*wanted, "reference.json"}


@pytest.mark.parametrize("name", CORES)
def test_the_sweep_is_about_this_core_and_meets_the_goal(name: str) -> None:
    record = evidence(name)
    assert record["core"] == digest(name), f"the core has changed: {MENDING} {name}`"
    assert record["inputs"] == INPUTS and record["failures"] == 0
    assert record["largest_error_ulp"] + REFERENCE_ULP <= goal(name, "float32")


@needs_compiler
@pytest.mark.parametrize("name", CORES)
def test_a_sample_comes_out_the_same(name: str) -> None:
    found = Found().with_shard(run(name, sample()))
    assert evidence(name)["sample"]["output_hash"] == f"{found.hash:016x}"
    assert found.failures == 0 and found.worst <= evidence(name)["largest_error_ulp"] + 1e-6


@pytest.mark.parametrize("name", CORES)
def test_the_samples_of_float64_are_about_this_core_and_meet_the_goal(name: str) -> None:
    record = evidence(name, "float64")
    assert record["core"] == digest(name, "float64"), (
        f"the core has changed: {MENDING.replace('sweep', 'samples')} {name}`"
    )
    assert record["random_inputs"] >= 10_000_000 and record["failures"] == 0
    assert record["largest_error_ulp"] <= goal(name, "float64")


@needs_quadmath
@pytest.mark.parametrize("name", CORES)
def test_a_stretch_of_the_samples_comes_out_the_same(name: str) -> None:
    found = samples.at_random(name, samples.SHORT)
    assert evidence(name, "float64")["sample"]["output_hash"] == f"{found.hash:016x}"
    assert found.failures == 0 and found.worst <= evidence(name, "float64")["largest_error_ulp"] + 1e-6


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("name", BINARY)
def test_the_pairs_are_about_this_core_and_meet_the_goal(name: str, dtype: str) -> None:
    record = evidence(name, dtype)
    assert record["core"] == digest(name, dtype), f"the core has changed: {MENDING.replace('sweep', 'pairs')} {name}`"
    assert record["random_pairs"] >= {"float32": 10**8, "float64": 10**7}[dtype] and record["failures"] == 0
    assert record["largest_error_ulp"] + REFERENCE_ULP <= goal(name, dtype)


@needs_quadmath
@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("name", BINARY)
def test_a_stretch_of_the_pairs_comes_out_the_same(name: str, dtype: str) -> None:
    found = pairs.at_random(name, dtype, pairs.SHORT)
    assert evidence(name, dtype)["sample"]["output_hash"] == f"{found.hash:016x}"
    hard = pairs.at_inputs(name, *pairs.hard_inputs(dtype))
    assert found.failures == hard.failures == 0
    assert max(found.worst, hard.worst) <= evidence(name, dtype)["largest_error_ulp"] + 1e-6


def test_shards_cover_all_inputs_once() -> None:
    end = 0
    for shard in shards():
        assert shard.first == end and shard.step == 1
        end += shard.size
    assert end == INPUTS


def test_the_reference_was_compared_with_arb() -> None:
    found = json.loads((EVIDENCE / "reference.json").read_text(encoding="utf-8"))
    assert set(found) == set(ALL)
    for name, row in found.items():
        assert row["samples"] > 10_000 and row["largest_deviation_ulp"] < REFERENCE_ULP
        assert abs(row["core_at_its_worst_ulp"] - evidence(name)["largest_error_ulp"]) < 1e-5
