"""Points of pieces: where an inner term takes a value, zeros between two points, and where there is none."""

from __future__ import annotations

import math

import pytest
from hasderiv.proofs.kernel.theorems import Somewhere
from hasderiv.proofs.prover.aiming import aimed
from hasderiv.proofs.prover.context import Context
from hasderiv.proofs.prover.inner_terms import refuted_inside
from hasderiv.proofs.prover.recorder import Recorder
from hasderiv.proofs.prover.sampling import sample
from hasderiv.proofs.prover.witnesses import witness

from .asking import literals, replayed


@pytest.mark.parametrize(
    "piece",
    [
        "x < 0 & cos(1/x) > 0 & Eq(sin(1/x), 0)",  # in closed form, at -1/(2 pi)
        "x < 0 & sin(pi*x/100) >= 0",  # only far out
        "cos(x) < 0 & sin(x) < 0 & Eq(sin(x)/cos(x), 1)",  # between two points, after half a turn
        "cos(x) < 0 & sin(x)/cos(x) >= 0 & Eq(floor(-sin(x)/cos(x)), 0)",
        "x < -1 & Eq(sin(x**3), 0) & cos(x**3) > 0",
    ],
)
def test_a_witness_is_found_and_replayed(piece: str) -> None:
    R, wanted = Recorder(), literals(piece)
    th = witness(R, ["x"], wanted)
    assert th is not None and isinstance(th.conclusion, Somewhere)
    assert set(th.conclusion.piece) == set(wanted)
    replayed(Context(R), th)


def test_no_witness_where_there_is_none() -> None:
    for piece in ("Eq(cos(x), -1) & sin(x) < 0", "x > 0 & Eq(x + sin(x), 0)", "Eq(exp(x), 0)"):
        assert witness(Recorder(), ["x"], literals(piece)) is None


def test_points_are_aimed_at_through_inner_terms() -> None:
    found = aimed(literals("x > 0 & Eq(sin(1/x), 0) & cos(1/x) < 0"), "x")
    assert found and all(math.isclose(math.cos(1 / v), -1) for v in found)


def test_what_only_comes_close_to_0_is_no_zero() -> None:
    assert sample(literals("Eq(exp(x), 0)"), ["x"]) == []
    assert sample(literals("Eq(1/x, 0) & x > 0"), ["x"]) == []
    assert sample(literals("Eq(cos(exp(x)/(exp(x) + 1)), 1)"), ["x"]) == [], "1 - cos is lost in rounding far out"
    assert sample(literals("Eq(relu(x), 0) & x < 0"), ["x"]), "here the term is 0 on a whole stretch"


@pytest.mark.parametrize(
    "piece",
    [
        "x**2 + 2/(exp(2*x**2) + 1) < 1",  # y - tanh(y) < 0 with y = x^2 >= 0
        "Eq(cos(exp(x)/(exp(x) + 1)), 1)",
        "x < 5 & Eq(pi*exp(x) + sin(pi*exp(x)), 0)",  # one hypothesis is not needed
        "2*exp(x**3)*x**3 + exp(x**3) <= -1",  # from the smallest value on, and from growth far out
    ],
)
def test_empty_pieces_are_refuted_through_an_inner_term(piece: str) -> None:
    ctx = Context(Recorder(), literals(piece), ["x"])
    th = refuted_inside(ctx)
    assert th is not None and th.hyps <= set(ctx.hyps)
    replayed(ctx, th)


def test_what_is_not_empty_is_not_refuted() -> None:
    for piece in ("Eq(cos(exp(x)), 1)", "x**2 + 2/(exp(2*x**2) + 1) <= 1", "2*exp(x**3)*x**3 + exp(x**3) < 0"):
        assert refuted_inside(Context(Recorder(), literals(piece), ["x"])) is None
