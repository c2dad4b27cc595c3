"""The checker proved sound in Coq: it knows every rule of the kernel, and says what the kernel says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hasderiv.proofs.coq import verified
from hasderiv.proofs.coq.verified import PROGRAM, disagreement, verify
from hasderiv.proofs.kernel.certificate import RULES
from hasderiv.proofs.kernel.cited import FUNCTIONS, IDENTITIES
from hasderiv.proofs.kernel.facts import LEDGER

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "proofs" / "coq"
READER = (FOLDER / "driver" / "certificate.ml").read_text(encoding="utf-8")

BUILT = pytest.mark.skipif(not PROGRAM.exists(), reason="make -C proofs/coq builds it")


PARTS = {"sum_fact": "fact", "sum_local": "generalize"}
"""Theorems about a part of a rule; so are those whose names begin with ``family_``."""


def test_it_reads_every_rule_of_the_kernel_and_no_other() -> None:
    steps = READER[READER.index("let step r rule args") : READER.index("rule not supported")]
    assert set(re.findall(r'^  \| "([a-z_]+)", \[', steps, re.M)) == set(RULES)


def test_it_reads_every_entry_of_both_ledgers_and_no_other() -> None:
    assert table("entries") == set(LEDGER)
    assert table("identities") == set(IDENTITIES)
    assert table("special") == set(FUNCTIONS)


def table(name: str) -> set[str]:
    """The names in a table of the reader."""
    rows = READER[READER.index(f"let {name} = [") :]
    return set(re.findall(r'\("([a-z_0-9]+)", ', rows[: rows.index(" ]")]))


def test_every_rule_is_proved_sound() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("Rules*.v"))
    proved = set(re.findall(r"^Theorem ([a-z_]+)_valid\b", sources, re.M))
    assert {PARTS.get(name, name.removeprefix("family_")) for name in proved} == set(RULES)
    step = (FOLDER / "Check.v").read_text(encoding="utf-8")
    assert all(f"{rule}_valid" in step and f"rule_{rule} " in step for rule in proved)


@BUILT
def test_it_proves_of_the_catalogue_what_the_kernel_proves() -> None:
    files = sorted((ROOT / "proofs" / "certificates").glob("*.jsonl"))
    assert len(files) > 100
    verdicts = verify(files)
    assert all(v.refusal is None and v.claims for v in verdicts)
    differ = {p.name: disagreement(p.read_bytes(), v) for p, v in zip(files, verdicts, strict=True)}
    assert not {name: why for name, why in differ.items() if why is not None}


@BUILT
def test_it_refuses_what_the_kernel_refuses() -> None:
    files = sorted((ROOT / "tests" / "certificates").rglob("*.jsonl"))
    verdicts = dict(zip(files, verify(files), strict=True))
    assert sum(v.refusal is not None for v in verdicts.values()) > 150
    for path, verdict in verdicts.items():
        why = disagreement(path.read_bytes(), verdict)
        assert why is None or "not supported" in why, f"{path.name}: {why}"


@BUILT
def test_another_statement_is_a_disagreement() -> None:
    path = ROOT / "proofs" / "certificates" / "relu.jsonl"
    (found,) = verify([path])
    changed = {n: claim.replace("x", "y", 1) for n, claim in found.claims.items()}
    assert disagreement(path.read_bytes(), found) is None
    assert disagreement(path.read_bytes(), found._replace(claims=changed)) == "they prove different statements"
    assert "only the kernel refuses" in str(disagreement(b"", found))


def test_without_the_program_it_says_how_to_build_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(verified, "PROGRAM", tmp_path / "none")
    with pytest.raises(verified.NotBuilt, match=r"apt-get install coq .* make -C proofs/coq"):
        verify([])
