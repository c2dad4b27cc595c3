"""The Lean files, tested for form alone: no Lean is at hand, and each file says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hasderiv.proofs.export import lean
from hasderiv.proofs.export.lean_proofs import equal_as_fractions
from hasderiv.proofs.export.statements import export_of
from hasderiv.proofs.export.text import LEAN, Printer
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.parser import parse
from hasderiv.spec import OPS

GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture(scope="module", params=sorted(OPS))
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def test_form(name: str) -> None:
    export = export_of(name)
    text = lean.document(export)
    assert re.findall(r"^theorem (\w+) ", text, re.M) == lean.stated(export)
    for left, right in ("()", "[]", "{}", "⌊⌋"):
        assert text.count(left) == text.count(right)
    assert text.count("namespace Hasderiv\n") == text.count("end Hasderiv\n") == 1
    assert lean.document(export_of(name)) == text


def test_the_header_says_that_nothing_is_checked_and_counts_what_is_not_proved(name: str) -> None:
    text = lean.document(export_of(name))
    head, _, body = text.partition("-/")
    assert "NOT CHECKED BY LEAN" in head
    missing = len(re.findall(r"^  sorry$", body, re.M))
    assert (f"{missing} of them without a proof (`sorry`)" in head) == (missing > 0)
    assert body.count("sorry") == missing


def test_every_name_is_bound(name: str) -> None:
    """What stands in a proof is a hypothesis, an earlier step, a bound variable, or a word of Lean or mathlib."""
    export = export_of(name)
    body = lean.document(export).partition("-/")[2]
    steps = r"\b[dehz]\d+\b"
    for theorem in re.findall(r"(?ms)^theorem .*?(?=^theorem |^-- |^end )", body):
        bound = set(re.findall(r"(?:\(|have )([hde]\d+) :", theorem))
        bound |= {z for group in re.findall(r"with z((?: z\d+)*)", theorem) for z in group.split()}
        assert set(re.findall(steps, theorem)) <= bound
        for line in theorem.splitlines():
            earlier = theorem[: theorem.index(line)]
            for step in re.findall(r"\bd\d+\b", line):
                assert f"have {step} " in earlier + line


def test_relu() -> None:
    assert lean.document(export_of("relu")) == (GOLDEN / "relu.lean").read_text("utf-8")


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("-x**2", "- x ^ 2"),
        ("max(x, y)", "if y ≤ x then x else y"),
        ("atan(sqrt(x)/pi)", "Real.arctan (Real.sqrt x / Real.pi)"),
        ("floor(x)*2", "((⌊x⌋ : \N{DOUBLE-STRUCK CAPITAL Z}) : \N{DOUBLE-STRUCK CAPITAL R}) * 2"),
    ],
)
def test_expressions(formula: str, text: str) -> None:
    assert Printer(LEAN).expression(unfold(parse(formula))) == text


def test_equality_of_rational_functions() -> None:
    def equal(a: str, b: str) -> bool:
        return equal_as_fractions(unfold(parse(a)), unfold(parse(b)))

    assert equal("exp(x)/(1 + exp(x))", "1/(1 + exp(-x))")
    assert equal("(x + y)**2", "x**2 + 2*x*y + y**2")
    assert not equal("sin(x)**2 + cos(x)**2", "1")
    assert not equal("exp(x + y)", "exp(x)*exp(y)")


def test_about_half_of_the_derivatives_have_a_script() -> None:
    """So that a change which loses them is noticed."""
    derivatives = missing = 0
    for name in OPS:
        for theorem in re.findall(
            r"(?ms)^theorem \w+_derive.*?(?=^theorem |^-- |^end )", lean.document(export_of(name))
        ):
            derivatives += 1
            missing += "  sorry" in theorem
    assert missing <= derivatives * 2 // 5
