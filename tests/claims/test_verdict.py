"""Verdicts: what has to come together before a claim counts as proved or refuted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hasderiv.proofs.claims.backend import accept
from hasderiv.proofs.claims.points import Question
from hasderiv.proofs.claims.refute import Refutation
from hasderiv.proofs.claims.runner import _believed, run
from hasderiv.proofs.claims.verdict import Proof, Unproved, decide, questions
from hasderiv.proofs.kernel import terms as T
from hasderiv.proofs.kernel.local import slope
from hasderiv.proofs.kernel.terms import Literal, Term
from hasderiv.proofs.prover.recorder import Recorder

from .corpus import claim


class Believer:
    """A prover that proves whatever it is asked, and remembers what that was."""

    def __init__(self, certifies: bool = False) -> None:
        self.asked: list[tuple[Literal, ...]] = []
        self.certifies = certifies

    def prove(self, expr: Term, wrt: str, derivative: Term, hypotheses: Sequence[Literal], seconds: float) -> Proof:
        self.asked.append(tuple(hypotheses))
        return Proof(tuple(hypotheses), ("gamma (DLMF 5.2.2)",))

    def certify(self, question: Question, refutation: Refutation, seconds: float) -> bytes | None:
        return b"certificate" if self.certifies else None


class Doubter(Believer):
    """A prover that proves nothing."""

    def prove(self, expr: Term, wrt: str, derivative: Term, hypotheses: Sequence[Literal], seconds: float) -> Proof:
        raise Unproved("could not show x > 0")


def test_proved_under_the_hypotheses_of_the_claim() -> None:
    prover = Believer()
    v = decide(claim("log(x)", "x", "1/x", ["x > 0"]), prover, 2.0)
    assert (v.verdict, v.hypotheses) == ("proved", ("x > 0", "gamma (DLMF 5.2.2)"))
    assert "cited" in v.message and prover.asked == [(Literal(">", T.var("x")),)]


def test_every_case_of_the_assumptions_has_to_be_proved() -> None:
    prover = Believer()
    v = decide(claim("1/x", "x", "-1/x**2", ["(x > 0) | (x < -1)"]), prover, 2.0)
    assert v.verdict == "proved" and len(prover.asked) == 2

    class Half(Believer):
        def prove(self, expr: Term, wrt: str, derivative: Term, hypotheses: Sequence[Literal], seconds: float) -> Proof:
            if len(self.asked) == 1:
                raise Unproved("the second case is hard")
            return super().prove(expr, wrt, derivative, hypotheses, seconds)

    v = decide(claim("1/x", "x", "-1/x**2", ["(x > 0) | (x < -1)"]), Half(), 1.0)
    assert v.verdict == "undecided" and "1 of 2 cases" in v.message and "second case is hard" in v.message


@pytest.mark.parametrize("assume", [["x > 1", "x < 0"], ["False"], ["exp(x) < 0"], ["x**2 + 1 <= 0"]])
def test_assumptions_that_nothing_satisfies_prove_nothing(assume: list[str]) -> None:
    v = decide(claim("Abs(x)", "x", "17", assume), Believer(), 1.0)
    assert v.verdict == "undecided" and v.hypotheses is None


def test_a_counterexample_comes_before_any_proof() -> None:
    prover = Believer()
    v = decide(claim("Abs(x)", "x", "sign(x)", []), prover, 2.0)
    assert (v.verdict, v.point, prover.asked) == ("refuted", {"x": "0"}, [])
    assert "left -1, right 1; claimed 0; numerical evidence" in v.message and v.certified is False


def test_a_refutation_that_the_kernel_confirms_is_certified() -> None:
    v = decide(claim("Abs(x)", "x", "sign(x)", []), Believer(certifies=True), 2.0)
    assert v.certified is True and v.message.endswith("certified")


def test_undecided_says_why() -> None:
    v = decide(claim("log(x)", "x", "1/x", ["x > 0"]), Doubter(), 0.5)
    assert (v.verdict, v.message) == ("undecided", "could not show x > 0; no counterexample found")


# --- certificates from outside ----------------------------------------------------------------------


def square() -> tuple[bytes, Term, Term]:
    """A certificate for ``x*x``, the term, and its derivative as the certificate states it."""
    recorder, x = Recorder(), T.var("x")
    term = T.mul(x, x)
    local = recorder.rule("local", frozenset({"x"}), term, [])
    theorem = recorder.rule("has_deriv", local, recorder.rule("defined", local.conclusion.derivative, []))
    return recorder.write([theorem], term), term, slope(theorem.conclusion.derivative, "x")


def test_a_certificate_is_accepted_for_its_own_statement_only() -> None:
    data, term, derivative = square()
    assert accept(data, term, "x", derivative, []).hypotheses == ()
    for wrong in (
        (T.mul(T.var("y"), T.var("y")), "x", derivative),
        (term, "y", derivative),
        (term, "x", T.mul(T.rat(3), T.var("x"))),
    ):
        with pytest.raises(Unproved, match="another statement"):
            accept(data, *wrong, [])


def test_an_altered_certificate_is_refused() -> None:
    data, term, derivative = square()
    for bad in (data[:-1], data.replace(b'"claims":[8]', b'"claims":[7]'), b"", data + b"\n"):
        with pytest.raises(Unproved):
            accept(bad, term, "x", derivative, [])


def test_a_worker_that_says_proved_is_not_believed_without_its_certificate() -> None:
    import base64

    c = claim("x*x", "x", "x + x", [])
    answer = {"verdict": "proved", "message": "m", "hypotheses": [], "facts": [], "certificates": []}
    assert _believed(c, answer, 1.0).verdict == "undecided"
    data, term, _ = square()
    (q,) = questions(c)
    assert q.expr is term
    text = base64.b85encode(data).decode()
    other = _believed(claim("x*x*x", "x", "3*x**2", []), {**answer, "certificates": [text]}, 1.0)
    assert other.verdict == "undecided" and "another statement" in other.message


def test_the_runner_keeps_order_and_reports_each_verdict_once() -> None:
    claims = [claim("Abs(x)", "x", "sign(x)", [], "a"), claim("x*Abs(x)", "x", "2*x", [], "b")]
    seen = []
    verdicts = run(claims, 2.0, 2, lambda v: seen.append(v.name))
    assert [(v.name, v.verdict) for v in verdicts] == [("a", "refuted"), ("b", "refuted")]
    assert sorted(seen) == ["a", "b"]


def test_a_claim_that_runs_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from hasderiv.proofs.claims import runner

    monkeypatch.setattr(runner, "GRACE", -0.0999)
    (v,) = run([claim("log(x)", "x", "1/x", ["x > 0"])], 0.05, 1)
    assert (v.verdict, v.message) == ("undecided", "gave up after 0.05 s")


def test_a_refutation_survives_a_kernel_that_takes_too_long() -> None:
    import json
    import time

    from hasderiv.proofs.claims.runner import Worker
    from hasderiv.proofs.claims.worker import encode

    early = []

    class Slow(Believer):
        def certify(self, question: Question, refutation: Refutation, seconds: float) -> bytes | None:
            assert early, "the parent knows already"
            return None

    v = decide(claim("Abs(x)", "x", "sign(x)", []), Slow(), 2.0, early.append)
    assert early == [v]
    worker = Worker()
    worker.answers.put(json.dumps({**encode(v), "final": False}))
    start = time.monotonic()
    answer, final = worker._answer(0.2)
    assert not final and answer is not None and answer["verdict"] == "refuted" and time.monotonic() - start < 5


def test_a_certified_refutation_is_confirmed_by_a_replayed_map() -> None:
    import base64

    from hasderiv.proofs.certify import certify
    from hasderiv.proofs.claims.backend import confirm
    from hasderiv.spec import OPS

    data = certify(OPS["abs"])
    c = claim("Abs(x)", "x", "sign(x)", [])
    (q,) = questions(c)
    assert confirm(data, q, {"x": "0"})
    assert not confirm(data, q, {"x": "1"}), "there is a derivative at 1"
    assert not confirm(data, q, {"x": "log(2)"}) and not confirm(data[:-1], q, {"x": "0"})
    (other,) = questions(claim("Max(x, 0)", "x", "1", []))
    assert not confirm(data, other, {"x": "0"}), "the map of another function"
    (off,) = questions(claim("Abs(x)", "x", "sign(x)", ["Ne(x, 0)"]))
    assert not confirm(data, off, {"x": "0"}), "a point that the claim does not speak of"

    found = {
        "point": {"x": "0"},
        "reason": "r",
        "true": None,
        "left": "-1",
        "right": "1",
        "claimed": "0",
        "digits": 20,
        "exact": True,
    }
    answer = {
        "verdict": "refuted",
        "message": "m",
        "refutation": found,
        "certified": True,
        "certificates": [base64.b85encode(data).decode()],
    }
    assert _believed(c, answer, 1.0).certified is True
    lie = _believed(c, {**answer, "certificates": [base64.b85encode(b"x").decode()]}, 1.0)
    assert lie.certified is False and "numerical evidence at 20 digits" in lie.message
