"""Where a term comes apart, and one-sided derivatives carried from link to link."""

from __future__ import annotations

import pytest
from hasderiv.proofs.kernel.terms import ZERO, Literal, sub, var
from hasderiv.proofs.kernel.theorems import Side
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.parser import parse
from hasderiv.proofs.language.printer import show
from hasderiv.proofs.prover.chains import chained_side, links
from hasderiv.proofs.prover.context import Context
from hasderiv.proofs.prover.recorder import Recorder


def test_links_are_what_every_path_passes() -> None:
    assert [show(t) for t in links(unfold(parse("exp(sin(x)**2)")), "x")] == ["sin(x)", "sin(x)**2"]
    assert links(unfold(parse("x + sin(x)")), "x") == [], "two paths that do not meet"
    inner = unfold(parse("x + sin(x)"))
    assert links(unfold(parse("log(x + sin(x))*sqrt(x + sin(x))")), "x") == [inner]
    assert links(var("x"), "x") == [] and links(ZERO, "x") == []


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [("cbrt(sin(x))", "+oo", "+oo"), ("sqrt(atanh(abs(x)))", "-oo", "+oo"), ("abs(sinh(abs(x)))", "-1", "1")],
)
def test_sides_of_compositions_at_zero(text: str, left: str, right: str) -> None:
    term = unfold(parse(text))
    for sign, expected in ((-1, left), (1, right)):
        ctx = Context(Recorder(), [Literal("=", var("x"))], ["x"])
        th = chained_side(ctx, "x", term, sign)
        assert th is not None and th.hyps <= set(ctx.hyps)
        c = th.conclusion
        assert isinstance(c, Side) and c.term is term and c.sign == sign and c.continuous
        if isinstance(c.slope, str):
            assert c.slope == expected
        else:
            assert ctx.prove("=", sub(c.slope, unfold(parse(expected)))) is not None


def test_a_link_that_does_not_move_says_nothing_about_a_kink() -> None:
    """abs(x**3 + x**2) at 0: the inner slope is 0, so the side of the outer kink is not known from it."""
    ctx = Context(Recorder(), [Literal("=", var("x"))], ["x"])
    assert chained_side(ctx, "x", unfold(parse("cbrt(x**3 + x**2)")), 1) is None
