"""Ranges of terms, names for subterms, and signs sent to shorter terms: what is proved is true, and replays."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest
from hasderiv.proofs.kernel.terms import Literal, neg, rat, sub, var
from hasderiv.proofs.kernel.theorems import held
from hasderiv.proofs.prover.crossings import beyond
from hasderiv.proofs.prover.named import Named
from hasderiv.proofs.prover.polynomial import poly
from hasderiv.proofs.prover.questions import reduced
from hasderiv.proofs.prover.sampling import truth, value

from .asking import context, replayed, term

RANGES = [
    # formula, conditions, lower and upper end; a round bracket says that the end is not reached
    ("log_sigmoid(x)", "", "(-oo, 0)"),
    ("gelu_erf(log_sigmoid(x))", "", "(-oo, 0)"),
    ("tanh(x)", "", "(-1, 1)"),
    ("tanh(x)", "x >= 0", "[0, 1)"),
    ("hardtanh(x)", "", "[-1, 1]"),
    ("relu6(x)", "", "[0, 6]"),
    ("relu(relu6(log_sigmoid(x)))", "", "[0, 0]"),
    ("celu(log_sigmoid(x))", "", "(-1, 0)"),
    ("hardsigmoid(x)", "", "[0, 1]"),
    ("sign(x)", "", "[-1, 1]"),
    ("sqrt(1 + x**2)", "", "[1, oo)"),
    ("x**3", "x > -1 & x < 2", "(-1, 8)"),
    ("x**4", "x > -1 & x < 2", "[0, 16)"),
    ("x*exp(x)", "x > -1 & x < 0", "(-1, 0)"),
    ("1/x", "x > 2", "(0, 1/2)"),
    ("1/x", "x < 0 & x > -4", "(-oo, -1/4)"),
    ("erfc(x)", "x > 0", "(0, 1)"),
    ("erf(x)", "x >= 0", "[0, 1)"),
    ("sinh(x)", "x > 0", "(0, oo)"),
    ("asinh(x)", "x > 0", "(0, oo)"),
    ("sin(x)", "x > 0 & x < 3", "(0, 1]"),
    ("sin(x)", "x > 4 & x < 6", "[-1, 0)"),
    ("cos(x)", "x > 2 & x < 4", "[-1, 0)"),
    ("cos(x)", "x > 11 & x < 14", "(0, 1]"),
    ("cos(x/(1 + abs(x)))", "x > 0 & x < 1", "(1/2, 1]"),
    ("sqrt(1 - x**2)", "x = 1", "[0, 0]"),
    ("acos(x)", "x = 1", "[0, 0]"),
    ("4*atan(1) - pi", "", "[0, 0]"),
    ("x + y", "x > 1 & y >= 2", "(3, oo)"),
    ("2*x - 3", "x**2 + 2*x > 5 & x > 2", "(1, oo)"),
    ("3*(exp(x) - x) + 1", "exp(x) - x > 2", "(7, oo)"),
]


@pytest.mark.parametrize("text, conditions, wanted", RANGES, ids=str)
def test_a_range_has_these_ends(text: str, conditions: str, wanted: str) -> None:
    t = term(text)
    ctx = context([conditions] if conditions else [], t)
    for sense, end in ((1, wanted[1:-1].split(",")[0]), (-1, wanted[1:-1].split(",")[1].strip())):
        bound = ctx.ranges.maybe(t, sense)
        if end in ("oo", "-oo"):
            assert bound is None
            continue
        assert bound is not None and bound.value == Fraction(end)
        reached = wanted[0] == "[" if sense == 1 else wanted[-1] == "]"
        v = rat(Fraction(end))
        difference = sub(t, v) if sense == 1 else sub(v, t)
        assert held(replayed(ctx, bound.theorem)) == Literal(">=" if reached else ">", difference)


def test_ends_that_are_no_rationals_are_close_and_multiples_of_pi_are_kept() -> None:
    t = term("acos(x)")
    ctx = context(["x >= -1 & x <= 1"], t)
    low, high = ctx.ranges.maybe(t, 1), ctx.ranges.maybe(t, -1)
    assert low is not None and high is not None
    assert low.value == 0 and math.pi < high.value < math.pi + 1e-9
    end = ctx.ranges.end(t, -1)
    assert end is not None and "pi" in {s.op for s in held(end).term.terms[0].terms[0].terms}
    softplus = term("softplus(tanh(x))")
    high = context([], softplus).ranges.maybe(softplus, -1)
    assert high is not None and 0 < high.value - Fraction(math.log(1 + math.e)) < Fraction(1, 10**4)


FORMULAS = """
    gelu_erf(x) silu(tanh(x)) atan(erf(x)) hardswish(x) log1p(exp(x)) sqrt(abs(x)) x*(1-x) x**3-x sin(x)*cos(x)
    exp(-x**2) 1/(1+x**2) elu(x) softshrink(x) hardshrink(x)*x floor(x) sign(x)*x atan(1/x) log(2+sin(x))
    cos(hardtanh(x)) sin(hardtanh(x)) asin(tanh(x)) (x-1)*(x+2)*(x-3) selu(x) max(x,1-x) logit(sigmoid(x))
"""


@pytest.mark.parametrize("text", FORMULAS.split())
def test_no_value_lies_outside_a_range(text: str) -> None:
    t, rng = term(text), random.Random(text)
    for _ in range(3):
        low = Fraction(rng.randint(-12, 12), rng.choice((1, 2, 3)))
        high = low + Fraction(rng.randint(1, 20), rng.choice((1, 2, 4)))
        ctx = context([f"x >= {low} & x < {high}"], t)
        ends = [ctx.ranges.maybe(t, sense) for sense in (1, -1)]
        for k in range(41):
            v = value(t, {var("x"): float(low + (high - low) * Fraction(k, 41))})
            if not math.isnan(v):
                assert ends[0] is None or v >= float(ends[0].value) - 1e-9
                assert ends[1] is None or v <= float(ends[1].value) + 1e-9
        for end in ends:
            if end is not None:
                assert replayed(ctx, end.theorem).hyps <= set(ctx.hyps)


@pytest.mark.parametrize(
    "conditions",
    [
        "log(1/(1 + exp(-x))) = 0",
        "tanh(x) >= 1",
        "x > 2 & 1/x > 1/2",
        "exp(x) + 1 = 0",
        "x >= 0 & x <= 0 & x**2 != 0",
        "gelu_erf(log_sigmoid(x)) > 0",
        "relu6(x) = 7",
        "x > 1 & x < 1",
        "sqrt(x) < 0",
    ],
)
def test_hypotheses_that_a_range_contradicts_are_refuted(conditions: str) -> None:
    ctx = context([conditions], var("x"))
    th = ctx.ranges.contradiction()
    assert th is not None
    claim = held(replayed(ctx, th))
    assert not claim.term.free and truth(claim.relation, value(claim.term, {})) is not True


@pytest.mark.parametrize(
    "conditions", ["x >= 0 & x <= 0", "x**2 != 0", "relu6(x) = 6", "tanh(x) > 1/2", "x > 1 & x < 2"]
)
def test_hypotheses_that_hold_somewhere_are_not_refuted(conditions: str) -> None:
    assert context([conditions], var("x")).ranges.contradiction() is None


REDUCED = [
    ("asinh(x)", "", 0.0),
    ("tanhshrink(x)", "", 0.0),
    ("gelu(x)", "", 0.0),
    ("mish(x)", "", 0.0),
    ("sigmoid(x) - 1/4", "", -math.log(3)),
    ("tanh(x) - 1/2", "", math.atanh(0.5)),
    ("log1p(x) - 6", "x > -1", math.expm1(6)),
    ("acosh(x) - 6", "x > 1", math.cosh(6)),
    ("atanh(x) - 1/2", "x > -1 & x < 1", math.tanh(0.5)),
    ("sinh(x) - 1", "", math.asinh(1)),
    ("asin(x) - 1/4", "x > -1 & x < 1", math.sin(0.25)),
    ("acos(x) - 1/4", "x > -1 & x < 1", math.cos(0.25)),
    ("softplus(sinh(x)) - 1", "", math.asinh(math.log(math.e - 1))),
]


@pytest.mark.parametrize("text, conditions, place", REDUCED, ids=str)
def test_a_question_is_sent_on_until_it_is_about_the_symbol(text: str, conditions: str, place: float) -> None:
    t = term(text)
    ctx = context([conditions] if conditions else [], t)
    root, shorter = t, reduced(ctx, "x", t)
    assert shorter is not None
    while shorter is not None:
        root, shorter = shorter, reduced(ctx, "x", shorter)
    assert abs(value(root, {var("x"): place})) < 1e-9 * max(1, abs(place))
    assert all(m == ((var("x"), 1),) or not any(a.free for a, _ in m) for m in poly(root))
    for sign in (1, -1):
        inner = ctx.with_(Literal(">", root if sign == 1 else neg(root)))
        th = inner.prove(">", t if sign == 1 else neg(t)) or inner.prove(">", neg(t) if sign == 1 else t)
        assert th is not None
        replayed(inner, th)
    at = ctx.with_(Literal("=", root))
    th = at.prove("=", t)
    assert th is not None
    replayed(at, th)


def test_nothing_shorter_is_found_where_the_sign_changes_often_or_never() -> None:
    for text in ("sin(x)", "exp(x)", "x**2 + 1", "cos(x)*x"):
        t = term(text)
        assert reduced(context([], t), "x", t) is None


def test_a_name_carries_the_range_and_the_hypotheses() -> None:
    s = term("tanh(x)")
    ctx = context(["tanh(x) != 0 & x > 1"], s)
    named = Named(ctx, s)
    said = {(h.relation, round(value(h.term, {named.y: 0.25}), 6)) for h in named.inner.hyps}
    assert ("!=", 0.25) in said and (">", 0.75) in said
    th = named.inner.prove(">", sub(rat(2), named.y))
    assert th is not None
    back = replayed(ctx, named.back(th))
    assert held(back) == Literal(">", sub(rat(2), s)) and back.hyps <= set(ctx.hyps)


def test_growth_needs_a_derivative_of_one_sign() -> None:
    y = var("y")
    zero = context([], y).prove("=", rat(0))
    assert zero is not None
    for text, rises in (("y**3 + y", True), ("exp(y) - 1", True), ("y**3 - y", False), ("sin(y)", False)):
        outer = term(text)
        ctx = context([], outer)
        at_zero = ctx.prove("=", term(text.replace("y", "0")))
        assert at_zero is not None
        th = beyond(ctx, outer, y, rat(0), True, True, at_zero)
        assert (th is not None) == rises
        if th is not None:
            assert held(replayed(ctx, th)) == Literal(">", outer)
