"""Each bad certificate of the corpus is refused by both checkers, by the kernel for its reason; its twin is not."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hasderiv.proofs import catalogue
from hasderiv.proofs.agreement import difference, outcome
from hasderiv.proofs.checker import check_certificate
from hasderiv.proofs.kernel.certificate import MAX_BYTES, RULES, Certificate, CertificateError
from hasderiv.proofs.second import Refused
from hasderiv.proofs.second import check as check_second
from hasderiv.proofs.second.__main__ import main as second_main

from . import adversary
from .adversary import FOLDER
from .adversary_bytes import ASSUME, VX, write

INDEX = tomllib.loads((FOLDER / "index.toml").read_text("ascii"))


def read(name: str) -> bytes:
    return (FOLDER / f"{name}.jsonl").read_bytes()


def test_the_corpus_is_what_the_generator_makes() -> None:
    made = adversary.files()
    assert {path.name for path in FOLDER.iterdir()} == set(made), "python -m tests.kernel.adversary writes it anew"
    changed = [name for name, data in made.items() if (FOLDER / name).read_bytes() != data]
    assert not changed, f"python -m tests.kernel.adversary writes anew {changed[:5]}"


def test_every_rule_is_attacked() -> None:
    assert {entry.get("rule") for entry in INDEX.values()} - {None} == set(RULES)
    assert len(INDEX) >= 300


@pytest.mark.parametrize("name", INDEX)
def test_a_bad_certificate_is_refused_and_its_twin_is_not(name: str) -> None:
    entry = INDEX[name]
    twin = outcome(read(entry["twin"]))
    assert isinstance(twin, Certificate), twin
    assert difference(read(entry["twin"]), twin) is None
    bad = outcome(read(name))
    assert isinstance(bad, CertificateError) and entry["reason"] in str(bad)
    if "rule" in entry:
        assert bad.rule == entry["rule"] and bad.line == read(name).count(b"\n") - 1, "the last step, and nothing else"
    with pytest.raises(Refused):
        check_second(read(name))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (write(VX, ASSUME, claims=[1] * 500_001), "longer than 1000000 bytes"),
        (write(VX, ASSUME, lines=7).replace(b'"lines":7', b'"lines":' + b"7" * 2_000_000), "longer"),
        (b"[" * (MAX_BYTES + 1), "at most 100000000 bytes"),
        (b"\n" * 1_000_000, "not JSON"),
    ],
    ids=["claims", "count", "file", "empty lines"],
)
def test_what_is_gigantic_is_refused_before_it_is_read(data: bytes, reason: str) -> None:
    bad = outcome(data)
    assert isinstance(bad, CertificateError) and reason in str(bad)
    with pytest.raises(Refused):
        check_second(data)


def test_a_swapped_fingerprint_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The header of one certificate before the proof of another."""
    good = (FOLDER.parent / "good" / "gamma_cited.jsonl").read_bytes()
    other = (FOLDER.parent / "good" / "relu_map.jsonl").read_bytes()
    path = tmp_path / "swapped.jsonl"
    path.write_bytes(other.split(b"\n")[0] + b"\n" + good.split(b"\n", 1)[1])
    result = check_certificate(str(path))
    assert result.verdict == "rejected" and "no claim is about the term" in str(result.message)
    assert second_main([str(path)]) == 1
    assert "no claim is about the term" in capsys.readouterr().out
    path.write_bytes(good)
    assert check_certificate(str(path)).verdict == "accepted" and second_main([str(path)]) == 0


def test_a_certificate_under_the_name_of_another_op_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sin.jsonl"
    path.write_bytes(catalogue.path_of("cos").read_bytes())
    result = check_certificate(str(path))
    assert result.verdict == "rejected" and "another formula" in str(result.message)
