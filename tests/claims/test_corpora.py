"""Claims written for this project: the true ones are proved, the false ones never."""

from __future__ import annotations

from pathlib import Path

from hasderiv.proofs.checker import check

HERE = Path(__file__).parent


def test_every_true_claim_is_proved() -> None:
    results = check(str(HERE / "true.toml"), seconds=20.0)
    assert len(results) == 39
    assert {r.name: r.message for r in results if r.verdict != "proved"} == {}


def test_no_false_claim_is_proved() -> None:
    results = check(str(HERE / "false.toml"), seconds=20.0)
    assert len(results) == 15
    assert {r.name: r.verdict for r in results if r.verdict == "proved"} == {}
    assert {r.name for r in results if r.verdict == "undecided"} == {"t8 vacuous"}
