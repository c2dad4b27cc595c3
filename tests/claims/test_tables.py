"""The public tables: rates of proof, no true claim refuted, no false one proved, and the same for variants.

The tables are not part of this repository; without them these tests are skipped.  ``HASDERIV_SLOW=1`` runs every
variant of every claim instead of a sample.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from hasderiv.proofs.claims import runner
from hasderiv.proofs.claims.refute import refute
from hasderiv.proofs.claims.table import Claim, load
from hasderiv.proofs.claims.verdict import Verdict, questions
from hasderiv.proofs.kernel.terms import postorder

from .variants import variants

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TABLES = sorted(DATA.glob("claims_*.toml"))
SLOW = bool(os.environ.get("HASDERIV_SLOW"))

pytestmark = pytest.mark.skipif(not TABLES, reason=f"no claims tables in {DATA}")


@cache
def claims() -> tuple[tuple[Claim, bool], ...]:
    """Every claim with its answer, which only this test reads."""
    out = []
    for path in TABLES:
        answers = {c["name"]: c["truth"] for c in tomllib.loads(path.read_text())["claim"]}
        for claim in load(path):
            assert isinstance(claim, Claim), claim
            out.append((claim, answers[claim.name]))
    return tuple(out)


@cache
def verdicts() -> tuple[Verdict, ...]:
    return tuple(runner.run([c for c, _ in claims()]))


def special(claim: Claim) -> bool:
    return any(t.op == "app" for q in questions(claim) for t in postorder(q.expr, q.derivative))


def names(found: Iterable[tuple[Claim, Verdict]]) -> list[str]:
    return [f"{c.name}: {v.verdict}: {v.message}" for c, v in found]


def judged() -> list[tuple[Claim, bool, Verdict]]:
    return [(c, truth, v) for (c, truth), v in zip(claims(), verdicts(), strict=True)]


def test_no_false_claim_is_proved() -> None:
    assert not names((c, v) for c, truth, v in judged() if not truth and v.verdict == "proved")


def test_no_true_claim_is_refuted() -> None:
    assert not names((c, v) for c, truth, v in judged() if truth and v.verdict == "refuted")


def test_every_false_claim_is_refuted() -> None:
    assert not names((c, v) for c, truth, v in judged() if not truth and v.verdict != "refuted")


@pytest.mark.parametrize(("kind", "least"), [(False, 0.95), (True, 0.70)], ids=["elementary", "special"])
def test_true_claims_are_proved(kind: bool, least: float) -> None:
    rows = [(c, v) for c, truth, v in judged() if truth and special(c) is kind]
    missed = names((c, v) for c, v in rows if v.verdict != "proved")
    assert len(missed) <= (1 - least) * len(rows), missed


def test_proofs_with_special_functions_name_their_cited_facts() -> None:
    rows = [(c, v) for c, truth, v in judged() if truth and special(c) and v.verdict == "proved"]
    silent = [
        c.name for c, v in rows if not v.facts and any(t.op == "app" and c.wrt in t.free for t in postorder(c.expr))
    ]
    assert not silent


def test_variants_are_never_refuted_where_the_claim_is_true() -> None:
    """The refuter alone, on every claim or on a sample."""
    step = 1 if SLOW else 6
    for claim, truth in claims()[::step]:
        if truth:
            for what, variant in variants(claim):
                for q in questions(variant):
                    assert refute(q, 1.0, deep=SLOW) is None, f"{claim.name} {what}"


def test_variants_of_false_claims_are_refuted() -> None:
    for claim, truth in claims():
        if not truth:
            for what, variant in variants(claim):
                assert any(refute(q, 4.0) for q in questions(variant)), f"{claim.name} {what}"


def test_verdicts_stay_the_same() -> None:
    """Renamed, reordered and scaled claims keep the verdict, with the prover at work."""
    step = 1 if SLOW else 12
    chosen = list(zip(claims(), verdicts(), strict=True))[::step]
    rows = [(claim, v, what, variant) for (claim, _), v in chosen for what, variant in variants(claim)]
    again = runner.run([variant for *_, variant in rows])
    changed = [
        f"{c.name} {what}: {v.verdict} became {w.verdict}: {w.message}"
        for (c, v, what, _), w in zip(rows, again, strict=True)
        if v.verdict != w.verdict
    ]
    assert not changed
