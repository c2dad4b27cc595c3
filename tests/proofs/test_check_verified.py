"""``check --verified``: what is said without the program, and how two verdicts become one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hasderiv.proofs.checker import check_certificate, check_op
from hasderiv.proofs.coq import verified

from hasderiv.cli import main

CERTIFICATES = Path(verified.__file__).resolve().parents[1] / "certificates"
GOOD = Path(__file__).parents[1] / "certificates" / "good"

try:
    verified.program()
    BUILT = True
except verified.NotBuilt:
    BUILT = False
needs_program = pytest.mark.skipif(not BUILT, reason=verified.install())


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
def test_the_verdict_of_a_check_is_both_checkers() -> None:
    result = check_op("softplus")
    data = (CERTIFICATES / "softplus.jsonl").read_bytes()
    both = verified.agreed_with(result, [data])
    assert both.good and both.message.endswith("the verified checker agrees")
    assert not verified.agreed_with(result, []).good
    cited = GOOD / "gamma_cited.jsonl"
    assert verified.agreed_with(check_certificate(cited), [cited.read_bytes()]).good
