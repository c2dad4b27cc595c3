"""Ranges that the factors alone do not give, next to 0 and far out, and proofs stretch by stretch that rest on them."""

from __future__ import annotations

import math
import random

import pytest
from hasderiv.proofs.kernel.terms import Literal, Term, add, neg, rat, sub, var
from hasderiv.proofs.kernel.theorems import held
from hasderiv.proofs.prover.bisection import by_stretches, refuted
from hasderiv.proofs.prover.context import Context
from hasderiv.proofs.prover.recorder import Recorder
from hasderiv.proofs.prover.remembered import keep, recalled
from hasderiv.proofs.prover.sampling import value

from .asking import context, literals, replayed, term

THIRD = -1 / 3
BOUNDED = [
    # formula, conditions, the ends that are found (None: none)
    ("sinc(x)", "", THIRD, 1),
    ("sin(x)/x", "x > 0", THIRD, 1),
    ("sin(x)/x", "x < 0", THIRD, 1),
    ("2*sin(3*x)/x", "x > 0", -2, 6),
    ("-sin(x)/x", "x > 0", -1, -THIRD),
    ("-sin(x)/(3*x)", "x < 0 & x > -1", -1 / 3, -5 / 18),
    ("sin(pi*x)/(pi*x)", "x > 0 & x < 1/2", 1 - math.pi**2 / 24, 1),
    ("sin(x + 1)/(x + 1)", "x > 0 & x < 1/2", 1 - 1.5**2 / 6, 1),
    ("cos(sinc(x))", "", 0.25, 1),
    ("silu(x)", "x < -4", -0.2, 0),
    ("x*exp(x)", "x < -4", -0.2, 0),
    ("x*exp(-x)", "x > 4", 0, 0.2),
    ("gelu(x)", "x < -4", -0.01, 0),
    ("mish(x)", "x < -4", -0.2, 0),
    ("x*exp(-x)", "x < -4", None, -4),
    ("x*sin(x)*exp(x)", "x < -4", None, None),
]


@pytest.mark.parametrize("text, conditions, low, high", BOUNDED, ids=str)
def test_a_quotient_or_a_product_stays_between(
    text: str, conditions: str, low: float | None, high: float | None
) -> None:
    t = term(text)
    ctx = context([conditions] if conditions else [], t)
    for sense, wanted in ((1, low), (-1, high)):
        bound = ctx.ranges.maybe(t, sense)
        if wanted is None:
            assert bound is None
            continue
        assert bound is not None and float(sense * bound.value) >= sense * wanted - 1e-4
        replayed(ctx, bound.theorem)
        rng = random.Random(0)
        for _ in range(300):
            point = {var("x"): rng.uniform(-40, 40)}
            if all(value(h.term, point) > 0 for h in ctx.hyps):
                assert sense * value(t, point) >= float(sense * bound.value) - 1e-9


@pytest.mark.parametrize(
    "text, least",
    [("silu(x)", "-3/10"), ("gelu(x)", "-1/5"), ("mish(x)", "-7/20"), ("x*exp(x)", "-2/5"), ("sinc(x)", "-17/50")],
)
def test_a_minimum_is_shown_stretch_by_stretch_and_remembered(text: str, least: str) -> None:
    t, k = term(text), term(least)
    ctx, goal = context([], t), Literal(">", sub(t, k))
    th = by_stretches(ctx, goal)
    assert th is not None and not th.hyps and held(replayed(ctx, th)) == goal
    narrower = ctx.with_(*literals("x > 1"))
    assert recalled(narrower, goal) is th
    weaker = recalled(narrower, Literal(">=", goal.term))
    assert weaker is not None and held(replayed(ctx, weaker)).relation == ">="
    higher = Literal(">", sub(t, add(k, rat(1))))
    assert by_stretches(ctx, higher) is None and recalled(ctx, higher) is None


def test_what_was_shown_from_hypotheses_is_recalled_where_they_hold() -> None:
    (h,) = literals("x > 2")
    R = Recorder()
    goal = Literal(">", sub(var("x"), rat(1)))
    th = Context(R, [h]).prove(*goal)
    assert th is not None
    keep(R, th)
    assert recalled(Context(R, [h, Literal(">", var("y"))]), goal) is th
    assert recalled(Context(R, literals("x > 3")), goal) is None
    assert recalled(Context(R, [h]), Literal(">", neg(goal.term))) is None


@pytest.mark.parametrize(
    "conditions", ["gelu(x) < -1/5", "mish(x) = -1/2", "sinc(x) < -1/2", "x*exp(x) < -1/2 & x < 1"]
)
def test_a_piece_below_a_minimum_is_empty(conditions: str) -> None:
    ctx = context([conditions], var("x"))
    th = refuted(ctx)
    assert th is not None and th.hyps <= set(ctx.hyps)
    assert not held(replayed(ctx, th)).term.free


@pytest.mark.parametrize("conditions", ["gelu(x) < -1/7", "sinc(x) < -1/5", "silu(x) = -1/4"])
def test_a_piece_above_a_minimum_is_not(conditions: str) -> None:
    assert refuted(context([conditions], var("x"))) is None


def test_an_equation_is_solved_when_a_fraction_is_asked_for() -> None:
    x = var("x")
    ctx = context(["x = 3"], x)
    assert ctx._solved == {} and set(ctx.solved) == {x}
    both: list[Term] = [sub(x, rat(3)), sub(add(x, x), rat(6))]
    for t in both:
        th = context(["x = 3"], x).prove("=", t)
        assert th is not None
    assert context(["cos(x) = 2"], x).absurd() is not None
