"""What is exported of tensor ops: the statement of each, and the line on which a tie is a corner."""

from __future__ import annotations

import pytest
from hasderiv.proofs.export.tensor import bound_names, export_of
from hasderiv.proofs.kernel import terms as T
from hasderiv.proofs.kernel.conclusions import NotDifferentiable
from hasderiv.proofs.kernel.terms import Literal, var
from hasderiv.proofs.tensor.catalogue import check, names, spec_of, statement_of


@pytest.mark.parametrize("name", names())
def test_what_is_claimed_is_what_is_exported(name: str) -> None:
    export, claimed = export_of(name), statement_of(name)
    theorems = check(name)
    said = [theorems[k].conclusion for k in export.claims]
    assert said == [claimed.derivative[1], claimed.adjoint[1]]
    assert export.integers == tuple(dict.fromkeys(export.integers))
    assert {*export.spec.counts, *export.spec.integers} <= {*export.integers}
    assert (export.corner is not None) == bool(spec_of(name).tie)
    assert len(export.theorems) == 3 + bool(spec_of(name).tie)


def test_abbreviations_are_those_of_the_spec() -> None:
    known = export_of("softmax").abbreviations()
    params, body, formula = known["p"]
    assert params == ("r", "i")
    assert body is statement_of("softmax").value
    assert formula == "exp(x[r, i]) / total(r)"


def test_a_corner_is_what_the_step_before_the_claim_says() -> None:
    """Along the line the winner moves alone, at the speed 1."""
    export = export_of("max_pool1d")
    corner = export.corner
    assert corner is not None
    assert corner.symbol == "x/2"
    at = [var("j1"), var("j2")]
    winner = T.unary("floor", var("winner_w", var("r"), var("i_w")))
    assert T.opened(corner.direction, at, iter(range(100))) is T.cond("=", T.sub(at[1], winner), T.ONE, T.ZERO)
    (tie,) = [th for th in check("max_pool1d") if type(th.conclusion) is NotDifferentiable]
    assert Literal("=", var("h")) not in tie.hyps
    assert "h" in corner.moved.free


def test_names_of_bound_indices_come_in_the_order_in_which_they_are_met() -> None:
    text = (
        "sum(a[i] * max(b[i, j] for j in range(m)) for i in range(n) for k in range(p)) + sum(c[l] for l in range(n))"
    )
    assert list(bound_names(text)) == ["i", "k", "j", "l"]
