"""Arctangents across a cut: flipped forms, the sides of atan2 on its cut, and its maps, each replayed."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import pytest
from hasderiv.proofs.kernel import certificate
from hasderiv.proofs.kernel.terms import Literal, Term, postorder, sub, unary
from hasderiv.proofs.kernel.theorems import Holds, Map, NotDifferentiable, Side, Theorem
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.evaluate import evaluate, satisfies
from hasderiv.proofs.language.parser import parse, parse_condition
from hasderiv.proofs.language.printer import show
from hasderiv.proofs.prover.angles import flipped_forms, reciprocals
from hasderiv.proofs.prover.context import Context
from hasderiv.proofs.prover.mapping import Mapper
from hasderiv.proofs.prover.onesided import not_differentiable, one_side
from hasderiv.proofs.prover.recorder import Recorder


def conditions(text: str) -> list[Literal]:
    """The literals of conditions separated by semicolons."""
    found = []
    for part in text.split(";"):
        ((one,),) = parse_condition(part)
        found.append(Literal(one.relation, unfold(one.term)))
    return found


def term(text: str) -> Term:
    return unfold(parse(text))


def replayed(R: Recorder, th: Theorem, t: Term) -> Theorem:
    """The theorem that the certificate of ``th`` proves to a reader who has only the bytes."""
    (claim,) = certificate.replay(R.write([th], t)).claims
    assert (claim.hyps, claim.conclusion) == (th.hyps, th.conclusion)
    return claim


FORMS = [
    ("atan(1/x)", "x > 0", "pi/2 - atan(x)"),
    ("atan(1/x)", "x < 0", "-pi/2 - atan(x)"),
    ("atan((x + 2)/x)", "x > 0", "pi/2 - atan(x/(x + 2))"),
    ("2*atan(y/(sqrt(x**2 + y**2) + x))", "x < 0; y > 0", "pi - 2*atan(y/(sqrt(x**2 + y**2) - x))"),
    ("2*atan(y/(sqrt(x**2 + y**2) + x))", "x < 0; y < 0", "-pi - 2*atan(y/(sqrt(x**2 + y**2) - x))"),
    ("exp(atan(atan(1/x)/x))", "x > 0", "exp(pi/2 - atan(x/(pi/2 - atan(x))))"),
]


@pytest.mark.parametrize(("text", "assume", "form"), FORMS)
def test_flipped_forms(text: str, assume: str, form: str) -> None:
    R, t = Recorder(), term(text)
    context = Context(R, conditions(assume), t.free)
    found = flipped_forms(context, t)
    assert found
    for target, proof in found:
        claim = replayed(R, proof, t)
        assert claim.conclusion == Holds(Literal("=", sub(t, target)))
        assert claim.hyps <= set(conditions(assume))
        for x, y in product((-2, Fraction(-1, 3), Fraction(1, 5), 3), repeat=2):
            point = {"x": Fraction(x), "y": Fraction(y)}
            if not satisfies(conditions(assume), point):
                continue
            assert float(evaluate(target, point)) == pytest.approx(float(evaluate(term(form), point)), abs=1e-12)


def test_only_singular_arctangents_are_flipped_next_to_a_point() -> None:
    R, t = Recorder(), term("atan(1/x) + atan(x + 1)")
    beside, here = Context(R, conditions("x > 0"), "x"), Context(R, conditions("Eq(x, 0)"), "x")
    assert unary("atan", term("x + 1")) not in postorder(flipped_forms(beside, t)[-1][0])
    (_, *_, last) = flipped_forms(beside, t, here)
    assert unary("atan", term("x + 1")) in postorder(last[0])
    assert flipped_forms(beside, t, Context(R, conditions("Eq(x, 1)"), "x")) == []


def test_an_operand_of_unknown_sign_is_left_alone() -> None:
    assert flipped_forms(Context(Recorder(), conditions("Ne(x, 0)"), "x"), term("atan(1/x)")) == []


def test_reciprocals_are_rationalised() -> None:
    context = Context(Recorder(), conditions("x < 0; y > 0"), ("x", "y"))
    first, *_ = reciprocals(context, term("y/(sqrt(x**2 + y**2) + x)"))
    assert show(first) == "y/(sqrt(y**2 + x**2) - x)"


SIDES = [
    ("atan2(y, x)", "y", "x < 0; Eq(y, 0)", ("+oo", False), ("1/x", True)),
    ("atan2(y, -3)", "y", "Eq(y, 0)", ("+oo", False), ("-1/3", True)),
    ("atan2(-y, x)", "y", "x < 0; Eq(y, 0)", ("-1/x", True), ("-oo", False)),
    ("5 - atan2(2*y, x - 1)/2", "y", "x < 1; Eq(y, 0)", ("-oo", False), ("1/(1 - x)", True)),
    (
        "Piecewise((atan(1/x), x > 0), (pi/2, Eq(x, 0)), (atan(1/x), True))",
        "x",
        "Eq(x, 0)",
        ("+oo", False),
        ("-1", True),
    ),
    ("Piecewise((atan(1/x), Ne(x, 0)), (0, True))", "x", "Eq(x, 0)", ("+oo", False), ("+oo", False)),
]


@pytest.mark.parametrize(("text", "x", "assume", "left", "right"), SIDES)
def test_sides_at_a_cut(text: str, x: str, assume: str, left: tuple[str, bool], right: tuple[str, bool]) -> None:
    R, t = Recorder(), term(text)
    context = Context(R, conditions(assume), t.free)
    for sign, (slope, continuous) in ((-1, left), (1, right)):
        th = one_side(context, x, t, sign)
        assert th is not None
        c = replayed(R, th, t).conclusion
        assert isinstance(c, Side) and (c.x, c.sign, c.term, c.continuous) == (x, sign, t, continuous)
        if isinstance(c.slope, str):
            assert c.slope == slope
        else:
            assert context.prove_equal(c.slope, term(slope)) is not None
    th = not_differentiable(context, x, t)
    assert th is not None
    c = replayed(R, th, t).conclusion
    assert isinstance(c, NotDifferentiable) and c.reason == "jump"


def test_both_arctangents_meet_where_the_jump_is_mended() -> None:
    """``|atan(1/x)|`` with the value pi/2 at 0 is a corner: both sides flip."""
    R, t = Recorder(), term("Piecewise((abs(atan(1/x)), Ne(x, 0)), (pi/2, True))")
    th = not_differentiable(Context(R, conditions("Eq(x, 0)"), "x"), "x", t)
    assert th is not None
    c = replayed(R, th, t).conclusion
    assert isinstance(c, NotDifferentiable) and c.reason == "corner"
    assert isinstance(c.left, Term) and isinstance(c.right, Term)
    assert (float(evaluate(c.left, {"x": 0})), float(evaluate(c.right, {"x": 0}))) == (1.0, -1.0)


@pytest.mark.parametrize("x", ["x", "y"])
def test_map_of_atan2_has_no_gap(x: str) -> None:
    R, t = Recorder(), term("atan2(y, x)")
    th, leaves = Mapper(R, x, t, [], None).build()
    assert th is not None and all(leaf.verdict is not None for leaf in leaves)
    c = replayed(R, th, t).conclusion
    assert isinstance(c, Map) and c.term is t
    reasons = {v.reason for _, v in c.pieces if isinstance(v, NotDifferentiable)}
    assert reasons == {"jump"}
    # The quotients on the cut at x = -2: 1/x from above, and none from below.
    up = (math.atan2(1e-7, -2.0) - math.atan2(0.0, -2.0)) / 1e-7
    down = (math.atan2(-1e-7, -2.0) - math.atan2(0.0, -2.0)) / -1e-7
    assert up == pytest.approx(-0.5, rel=1e-6) and down > 1e7
