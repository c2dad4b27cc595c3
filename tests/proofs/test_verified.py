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

from hasderiv.cli import main as command

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


@BUILT
def test_the_header_is_held_against_the_claims(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The program prints the fingerprint of the header as it stands; the comparison refuses another one."""
    good = (ROOT / "tests" / "certificates" / "good" / "gamma_cited.jsonl").read_bytes()
    other = (ROOT / "proofs" / "certificates" / "sin.jsonl").read_bytes()
    path = tmp_path / "own.jsonl"
    path.write_bytes(good)
    assert verified.main([str(path)]) == 0
    path.write_bytes(other.split(b"\n")[0] + b"\n" + good.split(b"\n", 1)[1])
    assert verify([path])[0].refusal is None and verified.main([str(path)]) == 1
    assert "no claim is about the term whose fingerprint the header gives" in capsys.readouterr().out


def test_without_the_program_it_says_how_to_build_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(verified, "PROGRAM", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(ROOT)
    with pytest.raises(verified.NotBuilt, match=r"apt-get install coq .* && make -C proofs/coq$"):
        verify([])


def test_how_to_build_it_holds_where_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The folder for ``make`` as it is called from here; where only the package is installed, that a path is needed."""
    monkeypatch.chdir(tmp_path)
    assert verified.install().endswith(f"&& make -C {FOLDER}") and (FOLDER / "Makefile").exists()
    said = verified.install(tmp_path)
    assert "source tree" in said and "add its folder proofs/coq/build to PATH" in said and "pip install -e ." in said


@pytest.mark.parametrize(
    "text", ["#!/bin/sh\necho garbage", "#!/bin/sh", "#!/bin/sh\necho '3: x'", "\x7fELF no program"]
)
def test_another_program_of_that_name_is_one_line(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "hasderiv-verify"
    other.write_text(text + "\n")
    other.chmod(0o755)
    monkeypatch.setattr(verified, "PROGRAM", other)
    path = ROOT / "proofs" / "certificates" / "relu.jsonl"
    with pytest.raises(verified.NotBuilt, match="is another program"):
        verify([path])
    assert verified.main([str(path)]) == 2 and command(["check", "--verified", "relu"]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert f"{other} is another program" in first and f"{other} is another program" in second


def test_a_certificate_whose_claims_were_cut_off_has_no_verdict(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The program was stopped in the middle of what it printed."""
    other = tmp_path / "hasderiv-verify"
    spec = "0" * 64
    other.write_text(
        f"#!/bin/sh\nprintf 'accepted a {spec} 1 claims\\n3: x\\naccepted b {spec} 2 claims\\n4: y\\n5'; exit 3\n"
    )
    other.chmod(0o755)
    monkeypatch.setattr(verified, "PROGRAM", other)
    first, *rest = verify(["a", "b", "c"])
    assert first == verified.Verdict(None, {3: "x"}) and all(v.gives_up == "stopped with status 3" for v in rest)
