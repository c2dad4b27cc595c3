"""Signs that only growth shows: the term is not negative at a bound, and its derivative keeps a sign from there on."""

from __future__ import annotations

import pytest
from hasderiv.proofs.kernel.terms import Literal, var
from hasderiv.proofs.kernel.theorems import held
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.parser import parse
from hasderiv.proofs.prover.context import Context
from hasderiv.proofs.prover.mean_value import by_growth
from hasderiv.proofs.prover.recorder import Recorder


def shown(term: str, bound: str) -> bool:
    """Whether ``term > 0`` follows from ``bound > 0`` by growth."""
    R = Recorder()
    ctx = Context(R, [Literal(">", unfold(parse(bound)))], ["x"])
    goal = Literal(">", unfold(parse(term)))
    th = by_growth(ctx, goal)
    assert th is None or (held(th) == goal and th.hyps <= set(ctx.hyps))
    return th is not None


@pytest.mark.parametrize(
    ("term", "bound"),
    [
        ("exp(x) - 1 - x", "x"),
        ("exp(x) - 1 - x", "-x"),
        ("x - sin(x)", "x"),
        ("sin(x) - x", "-x"),
        ("x - tanh(x)", "x"),
        ("x - log(1 + x)", "x"),
        ("x*cosh(x) - sinh(x)", "x"),
        ("x - atan(x)", "x"),
    ],
)
def test_growth_from_a_bound(term: str, bound: str) -> None:
    assert shown(term, bound)


@pytest.mark.parametrize(
    ("term", "bound"),
    [("x - 2*sin(x)", "x"), ("sin(x)", "x"), ("exp(x) - 2 - x", "x"), ("x - floor(x)", "x"), ("x", "x")],
)
def test_what_is_false_or_no_matter_of_growth_is_not_shown(term: str, bound: str) -> None:
    assert not shown(term, bound)


def test_the_symbol_that_moves_is_new() -> None:
    R = Recorder()
    ctx = Context(R, [Literal(">", var("s"))], ["s", "x"])
    assert by_growth(ctx, Literal(">", unfold(parse("exp(s) - 1 - s")))) is not None
