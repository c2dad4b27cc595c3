"""Step functions of all kinds: every piece has a verdict, which is compared with values beside the point."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from hasderiv.proofs.certify import prove_map
from hasderiv.proofs.kernel.certificate import replay
from hasderiv.proofs.kernel.conclusions import HasDeriv, Map, NotDifferentiable, Undefined
from hasderiv.proofs.kernel.terms import Literal, Term, add, rat, sub, substitute, unary, var
from hasderiv.proofs.language import evaluate
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.parser import parse
from hasderiv.proofs.prover.context import Context
from hasderiv.proofs.prover.monotone import compare
from hasderiv.proofs.prover.recorder import Recorder
from hasderiv.proofs.prover.steps import boundaries, step_of

# What is rounded is endless, bounded, jumps, turns round, has an edge, or is itself a step function.
STEPS = [
    "relu6(floor(x))", "round(tanh(x))", "sqrt_clamp(round(sigmoid(x)))", "acos(ceil(asinh(x)))", "floor(cosh(x))",
    "floor(sigmoid(sqrt(x)))", "log10(log10(round(x)))", "inv(hardsigmoid(round(x)))", "floor(square(round(x)))",
    "hardshrink(cbrt(floor(x)))", "mish(ceil(x))", "tanhshrink(sqrt(round(x)))", "log_sigmoid(reciprocal(floor(x)))",
    "floor(cosh(sign(x)))", "ceil(hardshrink(celu(x)))", "floor(abs(x))", "leaky_relu(hardtanh(floor(x)))",
    "gelu(round(hardswish(x)))", "floor(reciprocal(leaky_relu(x)))", "abs(elu(ceil(x)))",
    "round(hardshrink(x))", "ceil(exp2(sqrt_clamp(x)))", "squared_relu(ceil(tan(x)))",
]  # fmt: skip
POINTS = [Fraction(n, 2) for n in range(-9, 10)] + [Fraction(n, 7) for n in (-23, -5, -1, 3, 11, 30)]
STEP = Fraction(1, 10**12)


def _value(t: Term, at: Fraction) -> mpmath.mpf | None:
    return evaluate.evaluate(t, {"x": at})


def _inside(literals: tuple[Literal, ...], at: Fraction) -> bool:
    values = [(k.relation, _value(k.term, at)) for k in literals]
    return all(v is not None and evaluate.holds(relation, v) for relation, v in values)


@pytest.mark.parametrize("text", STEPS)
def test_the_map_of_a_step_function_agrees_with_its_values(text: str) -> None:
    term = unfold(parse(text))
    data, _ = prove_map(term, "x", [])
    (theorem,) = replay(data).claims
    c = theorem.conclusion
    assert isinstance(c, Map) and c.term is term
    assert None not in [verdict for _, verdict in c.pieces]
    with mpmath.workdps(40):
        for at in POINTS:
            (verdict,) = [verdict for literals, verdict in c.pieces if _inside(literals, at)]
            left, here, right = (_value(term, p) for p in (at - STEP, at, at + STEP))
            assert (here is None) == isinstance(verdict, Undefined)
            if isinstance(verdict, HasDeriv):
                assert left == pytest.approx(here) and right == pytest.approx(here)
            elif isinstance(verdict, NotDifferentiable):
                assert (left is None or right is None) == (verdict.reason == "boundary")
                if left is not None and right is not None:
                    assert left != pytest.approx(right)


def test_where_a_step_function_is_cut() -> None:
    step = step_of(unfold(parse("relu6(floor(x))")), "x")
    assert step is not None and step.inner is var("x")
    found = [(b.at, b.kinds) for b in boundaries(step.values, None, None)]
    assert found == [(1, ("<", ">=")), (6, ("<=", ">"))]
    assert step_of(unfold(parse("x - floor(x)")), "x") is None


@pytest.mark.parametrize(
    ("text", "low", "high", "sign"),
    [
        ("exp(x)", None, None, 1), ("acos(sigmoid(x))", None, None, -1), ("cube(tanh(x))", None, None, 1),
        ("erf(x)", None, None, 1), ("mish(x)", 1, None, 1), ("mish(x)", None, -2, -1), ("gelu(x)", None, -2, -1),
        ("cosh(x)", None, 0, -1), ("log10(log10(x))", 3, None, 1), ("square(x)", 1, None, 1),
    ],
)  # fmt: skip
def test_neighbours_are_compared(text: str, low: int | None, high: int | None, sign: int) -> None:
    n = unary("floor", var("n"))
    hyps = [Literal(">=", add(n, rat(-low)))] if low is not None else []
    hyps += [Literal(">=", sub(rat(high), n))] if high is not None else []
    f, recorder = unfold(parse(text)), Recorder()
    here, below = substitute(f, {"x": n}), substitute(f, {"x": add(n, rat(-1))})
    found = compare(Context(recorder, hyps, ["n"]), here, below)
    assert found is not None and found[0] == sign
    other = compare(Context(recorder, hyps, ["n"]), below, here)
    assert other is not None and other[0] == -sign


def test_no_order_is_claimed_where_there_is_none() -> None:
    n = unary("floor", var("n"))
    f = unfold(parse("square(x)"))
    assert (
        compare(Context(Recorder(), [], ["n"]), substitute(f, {"x": n}), substitute(f, {"x": add(n, rat(-1))})) is None
    )
