"""The refuter finds what is false, and is silent about what is true."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hasderiv.proofs.claims.points import Supply, admitted
from hasderiv.proofs.claims.refute import examine, refute

from .corpus import FALSE, TRUE, question


@pytest.mark.parametrize("row", TRUE, ids=lambda row: row[0][:40])
def test_true_claims_are_not_refuted(row: tuple[str, str, str, list[str]]) -> None:
    q = question(*row)
    assert Supply(q).some(1), "the claim says something"
    assert refute(q, 1.0) is None


@pytest.mark.parametrize("row", FALSE, ids=lambda row: row[0][:40])
def test_false_claims_are_refuted_for_the_right_reason(
    row: tuple[str, str, str, list[str], str, dict[str, str] | None],
) -> None:
    q = question(*row[:4])
    found = refute(q, 4.0)
    assert found is not None, "nothing found"
    assert row[4] in found.reason
    assert row[5] is None or found.point == row[5]
    if found.exact:
        assert admitted(q, found.coordinates)


def test_one_sided_derivatives_and_claimed_value_are_reported() -> None:
    found = refute(question("Abs(x)", "x", "sign(x)", []), 1.0)
    assert found is not None
    assert (found.point, found.left, found.right, found.claimed) == ({"x": "0"}, "-1", "1", "0")


def test_true_value_at_a_kink_that_is_none() -> None:
    found = refute(question("Piecewise((0, Eq(x, 0)), (x, True))", "x", "Piecewise((0, Eq(x, 0)), (1, True))", []), 1.0)
    assert found is not None
    assert (found.point, found.true, found.claimed) == ({"x": "0"}, "1", "0")


def test_a_difference_of_a_relative_1e_17_shows_in_the_digits() -> None:
    found = refute(question("log(x)/log(2)", "x", "1/(x*(6931471805599453/10**16))", ["x > 0"]), 1.0)
    assert found is not None and found.true != found.claimed
    assert "1.4e-17" in found.reason


def test_a_point_off_the_assumptions_is_never_used() -> None:
    assert refute(question("Abs(x)", "x", "1", ["x > 0"]), 0.5) is None
    assert refute(question("Abs(x)", "x", "1", ["x >= 1/10**30"]), 0.5) is None


def test_a_condition_without_a_value_admits_no_point() -> None:
    q = question("Abs(x)", "x", "sign(x)", ["1/x > 5 - 1/x"])
    assert admitted(q, {"x": {}}) is False


def test_huge_towers_end_quickly() -> None:
    assert (
        refute(
            question("exp(exp(exp(exp(x))))", "x", "exp(x)*exp(exp(x))*exp(exp(exp(x)))*exp(exp(exp(exp(x))))", []), 2.0
        )
        is None
    )


def test_examine_at_a_given_point() -> None:
    q = question("Max(x, y)", "x", "Piecewise((1, x >= y), (0, True))", [])
    one = {(1, 0): Fraction(1)}
    found = examine(q, {"x": one, "y": one})
    assert found is not None and (found.left, found.right) == ("0", "1")
    assert examine(q, {"x": one, "y": {}}) is None
