"""A sample of the mutants of the catalogue; ``python -m tests.kernel.mutants`` takes all of them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hasderiv.proofs.agreement import outcome
from hasderiv.proofs.catalogue import FOLDER as CATALOGUE
from hasderiv.proofs.coq.verified import PROGRAM, Verdict
from hasderiv.proofs.kernel.certificate import RULES, Certificate, CertificateError
from hasderiv.proofs.kernel.terms import UNARY, neg, power

from ..house.house import ROOT
from . import forms, mutants, truth
from .corpus import FOLDER
from .cutting import Original
from .kit import ONE, X, defined, given, mul, rat, rule, sub, x
from .mutations import Mutation, Proof, mutations

TENSOR = [CATALOGUE / "tensor" / f"{name}.jsonl" for name in ("max_pool1d", "softmax", "transpose2d")]
PATHS = [*sorted((FOLDER / "good").glob("*.jsonl")), *sorted(CATALOGUE.glob("*.jsonl"))[3::12], *TENSOR]
SUMMARY = Path(__file__).with_name("mutants.json")


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_all_checkers_say_the_same_of_each_and_what_is_accepted_is_true(path: Path) -> None:
    size = path.read_bytes().count(b"\n")
    findings = mutants.of_file(path, 29 + size, first=size % 29, third=PROGRAM.exists())
    wrong = [f for f in findings if f.verdict in ("PARTED", "FALSE")]
    assert not wrong
    assert Counter(f.verdict for f in findings)["refused"] > len(findings) / 3


def test_the_forms_of_arguments_are_those_that_the_kernel_reads() -> None:
    assert {name: len(args) for name, args in forms.ARGUMENTS.items()} == {
        name: len(decoders) for name, (_, decoders) in RULES.items()
    }
    assert set(forms.PRIMITIVES) == UNARY


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_a_certificate_taken_apart_is_put_together_again(path: Path) -> None:
    """So each reference is known as one, and the cut of nothing is nothing cut."""
    data = path.read_bytes()
    proof = Proof(data)
    assert proof.write(dict(enumerate(proof.rows)), range(len(proof.rows)), proof.claims) == data
    last = proof.claims[-1]
    same = Mutation(last + 2, "nothing", lambda: data, proof.rows[last])
    assert outcome(Original(proof).cut(same)).claims[-1].conclusion == proof.theorems[last].conclusion  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["log", "relu_map", "cube_order_3"])
def test_what_is_cut_off_does_not_change_the_verdict(name: str) -> None:
    data = (FOLDER / "good" / f"{name}.jsonl").read_bytes()
    proof = Proof(data)
    original, shorter = Original(proof), 0
    for m in list(mutations(data, proof))[::5]:
        whole, cut = m.make(), original.cut(m)
        found, part = outcome(whole), outcome(cut)
        assert type(found) is type(part), m.what
        if isinstance(found, CertificateError) and isinstance(part, CertificateError) and found.rule:
            assert found.rule == part.rule
        shorter += len(cut) < len(whole)
    assert shorter > 5


def test_a_mutant_is_a_certificate_in_form() -> None:
    """What is altered is refused for what it says: hardly one for its numbering or for a line that is not used."""
    data = (FOLDER / "good" / "relu_map.jsonl").read_bytes()
    reasons = Counter(getattr(outcome(m.make()), "why", "accepted")[:14] for m in list(mutations(data))[::7])
    assert reasons["accepted"] > 5 and len(reasons) > 20
    assert not any(why.startswith(("numbered", "this line has", "not in canoni")) for why in reasons)


def test_a_checker_that_errs_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    data = (FOLDER / "good" / "log.jsonl").read_bytes()
    old = mutants.Old(Proof(data))
    weaker = data.replace(b'[">",0]', b'[">=",0]')
    (finding,) = mutants.examine([("log", weaker)], old, third=False)
    assert finding.verdict == "refused"
    monkeypatch.setattr(mutants, "verified", lambda batch: [Verdict(None, {5: "anything"}) for _ in batch])
    (finding,) = mutants.examine([("log", weaker)], old, third=True)
    assert finding.verdict == "PARTED" and "only the kernel refuses" in finding.text
    monkeypatch.setattr(mutants, "verified", lambda batch: [Verdict("stopped with status 2", {}) for _ in batch])
    (finding,) = mutants.examine([("log", weaker)], old, third=True)
    assert finding.verdict == "PARTED" and "stopped" in finding.text
    found = outcome(data)
    assert isinstance(found, Certificate)
    monkeypatch.setattr(mutants, "outcome", lambda data: found)
    (finding,) = mutants.examine([("log", weaker)], old, third=False)
    assert finding.verdict == "PARTED" and "refuses what the kernel accepts" in finding.text


def test_a_false_claim_is_caught_and_a_vacuous_one_is_told_apart() -> None:
    th = rule(
        "has_deriv",
        rule("local", X, power(x, 2), []),
        defined(mul(mul(rat(2), x), rule("local", X, x, []).conclusion.derivative)),
    )  # type: ignore[union-attr, arg-type]
    assert truth.confirmed(th) == truth.ENOUGH
    lie = object.__new__(type(th))
    lie.hyps, lie.cites, lie.conclusion = frozenset(), frozenset(), given(">", sub(power(x, 2), ONE)).conclusion
    with pytest.raises(AssertionError):
        truth.confirmed(lie)
    nothing = rule(
        "arith", given(">", x).conclusion.literal, [(rat(1).args[0], [given(">", x)], [])], [(rat(0), given("=", x))]
    )  # type: ignore[union-attr]
    assert truth.contradictory(nothing) and truth.confirmed(nothing) == 0
    assert not truth.contradictory(given(">=", neg(x)))


def test_a_run_goes_on_where_it_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal, summary = tmp_path / "journal", tmp_path / "summary"
    words = ["exp2", "--jobs", "1", "--journal", str(journal), "--summary", str(summary)]
    assert mutants.main(["--parts", "1", *words]) == 0
    first = journal.read_text()
    assert mutants.main(["--parts", "2", *words]) == 0
    assert journal.read_text().startswith(first) and len(journal.read_text().splitlines()) == 4
    found = json.loads(summary.read_text())
    assert found["elementwise"]["parts"] == "4 of 32" and found["elementwise"]["mutants"] > 20
    assert found["tensor"]["mutants"] == 0 and "refused" in capsys.readouterr().out
    journal.write_text(first.replace('"kernel": "', '"kernel": "another '))
    assert mutants.main(["--parts", "1", *words]) == 0
    assert len(journal.read_text().splitlines()) == 4, "what another kernel said does not count"
    journal.write_text(first.replace('"sha256": "', '"sha256": "0'))
    assert mutants.main(["--parts", "0", *words]) == 0
    its = json.loads(summary.read_text())["elementwise"]
    assert its["mutants"] == 0 < sum(its["verdicts where a certificate has changed since"].values())
    assert mutants.main(["tensor/transpose2d", "--kind", "tensor", "--parts", "1", *words[1:]]) == 0
    found = json.loads(summary.read_text())
    assert found.keys() == {"checkers", "tensor"} and found["tensor"]["certificates"] == 1
    assert "elementwise" not in capsys.readouterr().out.splitlines()[-1]


def test_the_mutants_of_long_certificates_come_in_batches_that_fit_in_memory() -> None:
    sizes = [1, mutants.BYTES, 5, *[1] * mutants.BATCH]
    found = [[len(data) for _, data in batch] for batch in mutants.batches([("", bytes(n)) for n in sizes])]
    assert [len(batch) for batch in found] == [2, mutants.BATCH, 1] and [n for batch in found for n in batch] == sizes
    assert not [*mutants.batches([])]


def test_what_the_long_run_found() -> None:
    """The run that is checked in: all three checkers, no disagreement, nothing false."""
    found = json.loads(SUMMARY.read_text("ascii"))
    trust = (ROOT / "TRUST.md").read_text(encoding="utf-8")
    assert set(found["checkers"]) == {"kernel", "second", "verified"}
    for kind in mutants.KINDS:
        its = found[kind]
        assert not {"PARTED", "FALSE"} & set(its["verdicts"])
        assert sum(its["verdicts"].values()) == its["mutants"] > 5_000
        assert len(its["untested"]) == its["verdicts"].get("untested", 0)
        assert f"{its['mutants']:,}" in trust and f"{its['verdicts']['refused']:,}" in trust
