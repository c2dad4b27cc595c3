# ruff: noqa: E501 -- a row of a table reads best on one line
"""Linear reasoning for tidy texts: what it may drop, and what it must not."""

from __future__ import annotations

import pytest
from hasderiv.proofs.kernel.terms import Literal
from hasderiv.proofs.language.parser import parse_condition
from hasderiv.proofs.language.printer import show_conditions
from hasderiv.proofs.linear import contradictory, reduced


def literals(text: str) -> list[Literal]:
    (case,) = parse_condition(text)
    return case


@pytest.mark.parametrize(
    "text",
    [
        "(x > 1) & (x < 1)", "(x > 1) & (x <= 1)", "Eq(x, 0) & Ne(x, 0)", "(x > y) & (y > z) & (z > x)", "Eq(x, y) & (x > y)",
        "(2*x + 1 > 0) & (x < -1)", "(x >= 0) & (x <= 0) & Ne(x, 0)", "(floor(x) > 1) & (floor(x) < 1/2)", "Eq(x, hi) & (x < lo) & (lo < hi)",
    ],
)  # fmt: skip
def test_contradictions_are_seen(text: str) -> None:
    assert contradictory(literals(text))


@pytest.mark.parametrize(
    "text",
    [
        "x > 1", "(x >= 1) & (x <= 1)", "(x > y) & (y > z)", "Ne(x, 0) & (x >= 0)", "(x**2 > 1) & (x < 1)", "(1/x > 0) & (x > 3)",
        "Ne(x, 0) & Ne(x, 1)", "Eq(x, y) & (x >= y)",
    ],
)  # fmt: skip
def test_what_can_hold_is_not_called_contradictory(text: str) -> None:
    assert not contradictory(literals(text))


@pytest.mark.parametrize(
    ("text", "given", "shown"),
    [
        ("(x < 1) & (x < -1)", "", "x < -1"),
        ("(x > lo) & Eq(x, hi)", "lo < hi", "x = hi"),
        ("(x > lo) & Eq(x, hi)", "", "x > lo and x = hi"),
        ("(x > -1) & (x < 1)", "", "-1 < x < 1"),
        ("Eq(x, 0) & Ne(alpha, 1)", "", "x = 0 and alpha != 1"),
        ("(x > 0) & Ne(x, 0)", "", "x > 0"),
    ],
)
def test_implied_conditions_are_dropped(text: str, given: str, shown: str) -> None:
    assert show_conditions(reduced(literals(text), literals(given) if given else [])) == shown
