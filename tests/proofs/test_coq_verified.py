"""The checker that is proved sound in Coq, beside the kernel: the same verdicts and the same statements."""

from __future__ import annotations

from pathlib import Path

import pytest
from hasderiv.proofs.checker import check_certificate, check_op
from hasderiv.proofs.coq import verified

from hasderiv.cli import main

CERTIFICATES = Path(verified.__file__).resolve().parents[1] / "certificates"
GOOD = Path(__file__).parents[1] / "certificates" / "good"
BAD = Path(__file__).parents[1] / "certificates" / "bad"

try:
    verified.program()
    BUILT = True
except verified.NotBuilt:
    BUILT = False
needs_program = pytest.mark.skipif(not BUILT, reason=str(verified.NotBuilt()))


def test_without_the_program_one_line_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(verified, "PROGRAM", tmp_path / "hasderiv-verify")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["check", "--verified", "relu"]) == 2
    said = capsys.readouterr().err.strip()
    assert said.count("\n") == 0 and "apt-get install coq" in said and "make -C proofs/coq" in said


def test_statements_are_compared_claim_by_claim() -> None:
    data = (CERTIFICATES / "relu.jsonl").read_bytes()
    claims = [verified.statement(th) for th in verified.replay(data).claims]
    assert verified.disagreement(data, verified.Verdict(None, dict(enumerate(claims)))) is None
    other = [claims[0].replace("relu", "x").replace("(rat", "(").replace("0", "1"), *claims[1:]]
    assert verified.disagreement(data, verified.Verdict(None, dict(enumerate(other)))) is not None
    assert verified.disagreement(data, verified.Verdict(None, dict(enumerate(claims[:-1])))) is not None
    assert verified.disagreement(data, verified.Verdict("refused", {})) is not None
    assert verified.disagreement(data[:-2], verified.Verdict("refused", {})) is None


@needs_program
def test_the_whole_catalogue_is_accepted_with_the_same_statements() -> None:
    paths = sorted(CERTIFICATES.glob("*.jsonl"))
    wrong = {
        path.name: why
        for path, verdict in zip(paths, verified.verify(paths), strict=True)
        if (why := verified.disagreement(path.read_bytes(), verdict)) is not None
    }
    assert len(paths) > 83 and not wrong


@needs_program
def test_small_certificates_good_and_bad() -> None:
    paths = [p for folder in (GOOD, BAD) for p in sorted(folder.glob("*.jsonl")) if "cited" not in p.name]
    for path, verdict in zip(paths, verified.verify(paths), strict=True):
        assert verified.disagreement(path.read_bytes(), verdict) is None, path.name


@needs_program
def test_the_verdict_of_a_check_is_both_checkers() -> None:
    result = check_op("softplus")
    data = (CERTIFICATES / "softplus.jsonl").read_bytes()
    both = verified.agreed_with(result, [data])
    assert both.good and both.message.endswith("the verified checker agrees")
    assert not verified.agreed_with(result, []).good
    cited = check_certificate(GOOD / "gamma_cited.jsonl")
    assert "cited" in verified.agreed_with(cited, [(GOOD / "gamma_cited.jsonl").read_bytes()]).message
