"""Sweeps: what counts as an error, that nothing is left out, that a broken-off sweep goes on, what is checked in."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.parser import parse
from hasderiv.runtime.compiled import machine

from hasderiv.sweeping import engine, evidence
from hasderiv.sweeping.measure import TOTAL, Stretch, covers, measure
from hasderiv.sweeping.reference import Undecided, value

from .at_once import AtOnce

flint = pytest.importorskip("flint")
compiled = pytest.mark.skipif(machine.missing() is not None, reason=f"no compiled path: {machine.missing()}")
ONE = int(np.float32(1).view(np.uint32))


def around_one(wrong: Any) -> Stretch:
    """A kernel for the identity, made wrong, on the 256 numbers from 1 on."""

    def kernel(x: Any) -> Any:
        return wrong(x) if x.dtype == np.float32 else x

    return measure(kernel, kernel, ONE, ONE + 256)


def put(x: Any, where: int, what: float) -> Any:
    y = x.copy()
    y[where] = what
    return y


def test_errors_are_counted_in_units_of_the_last_place() -> None:
    right = around_one(lambda x: x)
    assert (right.worst, right.failures, right.inputs) == (0.0, 0, 256)
    off = around_one(lambda x: put(x, 7, x[7] + 3 * 2.0**-23))
    assert (off.worst, off.at, off.failures) == (3.0, ONE + 7, 0) and off.digest != right.digest
    tiny = measure(lambda x: x * 2 if x.dtype == np.float32 else x, lambda x: x, 5, 6)
    assert tiny.worst == 5.0, "subnormal numbers are 2^-149 apart"


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0, -np.inf])
def test_false_nan_infinity_and_zero_are_failures(bad: float) -> None:
    found = around_one(lambda x: put(x, 9, bad))
    assert (found.failures, found.failed_at, found.worst) == (1, ONE + 9, 0.0)


def test_a_number_where_the_truth_has_none_is_a_failure() -> None:
    found = measure(
        lambda x: x if x.dtype == np.float32 else np.full_like(x, np.nan), lambda x: x * np.nan, ONE, ONE + 3
    )
    assert found.failures == 3
    for true in (0.0, 1e-42):
        found = measure(lambda x: np.full_like(x, np.inf), lambda x, t=true: np.full_like(x, t), ONE, ONE + 3)
        assert found.failures == 3, "infinity where the truth is 0 or subnormal"
    found = measure(lambda x: x, lambda x: x * 1e300, ONE, ONE + 3)
    assert found.failures == 3, "a number where the truth lies beyond the largest float32"


def test_coverage_notices_holes_and_overlaps() -> None:
    half = TOTAL // 2
    low, high = Stretch(0, half, 1, half), Stretch(half, TOTAL, 1, half)
    assert covers([high, low], 1)
    for bad in (
        [low],
        [low, low, high],
        [low, Stretch(half + 1, TOTAL, 1, half - 1)],
        [low, Stretch(half, TOTAL, 1, 5)],
    ):
        assert not covers(bad, 1)
    assert not covers([low, high], 2)


@pytest.mark.parametrize(
    ("text", "x", "wanted"),
    [
        ("tanh(x)", 0.5, "0.46211715726000975850231848364367254873028928033011"),
        ("1 - tanh(x)**2", 40.0, "7.21940555138166068924851343245e-35"),
        ("relu(x)", -3.0, "0"),
        ("floor(x)", 2.75, "2"),
        ("erf(x)", 0.25, "0.27632639016823693298506339143494"),
        ("asin(x)", 1.0, "1.5707963267948966192313216916397514420985846996876"),
    ],
)
def test_arb_gives_a_small_ball_around_the_truth(text: str, x: float, wanted: str) -> None:
    ball = value(unfold(parse(text, ("x",))), {"x": x})
    with flint.ctx.workprec(200):
        assert abs(ball - flint.arb(wanted)) <= abs(flint.arb(wanted)) * flint.arb(10) ** -18


def test_arb_says_where_there_is_no_value_and_where_it_cannot_decide() -> None:
    assert value(unfold(parse("log(x)", ("x",))), {"x": -1.0}) is None
    assert value(unfold(parse("1/x", ("x",))), {"x": 0.0}) is None
    with pytest.raises(Undecided):
        value(unfold(parse("relu(sin(x)**2 + cos(x)**2 - 1)", ("x",))), {"x": Fraction(1, 3)})


@compiled
def test_a_sweep_that_was_broken_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "STRETCHES", 8)
    monkeypatch.setattr(engine, "SAMPLED", 50)
    whole = engine.sweep("tanh", "forward", 1 << 14, AtOnce(), tmp_path)
    assert whole["inputs"] == TOTAL >> 14 and whole["failures"] == 0 and not list(tmp_path.iterdir())
    key = evidence.keys("tanh")["forward"]
    path = tmp_path / f"tanh.forward.{evidence.kernel_hash('tanh', key)[:16]}.{1 << 14}.jsonl"
    size = TOTAL // 8
    kept = [engine.one("tanh", key, k * size, (k + 1) * size, 1 << 14).json() for k in (0, 3)]
    path.write_text("".join(json.dumps(line) + "\n" for line in kept) + '{"first": 5, "st')
    rest = AtOnce()
    assert engine.sweep("tanh", "forward", 1 << 14, rest, tmp_path) == whole and rest.count == 6


@compiled
@pytest.mark.parametrize("name", evidence.unary())
def test_evidence_is_that_of_the_kernels_and_meets_the_goals(name: str) -> None:
    assert not evidence.stale(name), f"run `hasderiv sweep {name} --write`"
    found = evidence.read(name)
    assert found is not None and found["parameters"] == evidence.parameters(name)
    for what, r in found["routines"].items():
        assert r["failures"] == 0 and r["largest_ulp"] + r["reference"]["largest_ulp"] <= evidence.goal(name, what)


@compiled
@pytest.mark.parametrize("name", ["gelu", "sigmoid", "sinc"])
def test_a_sample_of_the_sweeps_again(name: str) -> None:
    found = evidence.read(name)
    assert found is not None
    for what, key in evidence.keys(name).items():
        recorded = found["routines"][what]
        x = float.fromhex(recorded["at"])
        at = int(np.float32(x).view(np.uint32))
        assert round(engine.one(name, key, at, at + 1, 1).worst, 6) == recorded["largest_ulp"]
        again = engine.one(name, key, 12345, TOTAL, 500_009)
        assert again.failures == 0 and again.worst <= recorded["largest_ulp"]


@compiled
@pytest.mark.parametrize("name", ["relu", "exp"])
def test_all_outputs_again(name: str) -> None:
    key, size = evidence.keys(name)["forward"], TOTAL // engine.STRETCHES
    with ThreadPoolExecutor() as pool:
        stretches = list(
            pool.map(lambda k: engine.one(name, key, k * size, (k + 1) * size, 1), range(engine.STRETCHES))
        )
    found = evidence.read(name)
    assert found is not None
    recorded = found["routines"]["forward"]
    assert covers(stretches, 1) and engine.combined([s.digest for s in stretches]) == recorded["bits"]
    assert round(max(s.worst for s in stretches), 6) == recorded["largest_ulp"]
