"""A sample of the mutants of the catalogue; ``python -m tests.kernel.mutants`` takes all of them."""

from __future__ import annotations

from collections import Counter

import pytest
from hasderiv.proofs.agreement import outcome
from hasderiv.proofs.catalogue import FOLDER as CATALOGUE
from hasderiv.proofs.kernel.certificate import Certificate
from hasderiv.proofs.kernel.terms import neg, power

from . import mutants
from .corpus import FOLDER
from .kit import ONE, X, defined, given, mul, rat, rule, sub, x
from .mutations import Mutation, mutations

PATHS = [*sorted((FOLDER / "good").glob("*.jsonl")), *sorted(CATALOGUE.glob("*.jsonl"))[3::12]]


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_both_checkers_say_the_same_of_each_and_what_is_accepted_is_true(path) -> None:  # type: ignore[no-untyped-def]
    size = path.read_bytes().count(b"\n")
    findings = mutants.of_file(path, 29 + size, first=size % 29)
    wrong = [f for f in findings if f.verdict in ("PARTED", "FALSE")]
    assert not wrong
    assert Counter(f.verdict for f in findings)["refused"] > len(findings) / 3


def test_a_mutant_is_a_certificate_in_form() -> None:
    """What is altered is refused for what it says: hardly one for its numbering or for a line that is not used."""
    data = (FOLDER / "good" / "relu_map.jsonl").read_bytes()
    reasons = Counter(getattr(outcome(m.make()), "why", "accepted")[:14] for m in list(mutations(data))[::7])
    assert reasons["accepted"] > 5 and len(reasons) > 20
    assert not any(why.startswith(("numbered", "this line has", "not in canoni")) for why in reasons)


def test_a_checker_that_errs_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    data = (FOLDER / "good" / "log.jsonl").read_bytes()
    old = mutants.proved(data)
    weaker = Mutation(5, "> -> >=", lambda: data.replace(b'[">",0]', b'[">=",0]'))
    assert mutants.examine("log", weaker, weaker.make(), old).verdict == "refused"
    found = outcome(data)
    assert isinstance(found, Certificate)
    monkeypatch.setattr(mutants, "outcome", lambda data: found)
    finding = mutants.examine("log", weaker, weaker.make(), old)
    assert finding.verdict == "PARTED" and "refuses what the kernel accepts" in finding.text


def test_a_false_claim_is_caught_and_a_vacuous_one_is_told_apart() -> None:
    th = rule(
        "has_deriv",
        rule("local", X, power(x, 2), []),
        defined(mul(mul(rat(2), x), rule("local", X, x, []).conclusion.derivative)),
    )  # type: ignore[union-attr, arg-type]
    assert mutants.confirmed(th) == mutants.ENOUGH
    lie = object.__new__(type(th))
    lie.hyps, lie.cites, lie.conclusion = frozenset(), frozenset(), given(">", sub(power(x, 2), ONE)).conclusion
    with pytest.raises(AssertionError):
        mutants.confirmed(lie)
    nothing = rule(
        "arith", given(">", x).conclusion.literal, [(rat(1).args[0], [given(">", x)], [])], [(rat(0), given("=", x))]
    )  # type: ignore[union-attr]
    assert mutants.contradictory(nothing) and mutants.confirmed(nothing) == 0
    assert not mutants.contradictory(given(">=", neg(x)))
