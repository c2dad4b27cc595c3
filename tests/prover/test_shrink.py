"""Shorter certificates say the same."""

from __future__ import annotations

from typing import Any

import pytest
from hasderiv.proofs.kernel.certificate import replay
from hasderiv.proofs.kernel.terms import ONE, Literal, add, mul, power, rat, sub, var
from hasderiv.proofs.kernel.theorems import Theorem
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.from_sympy import surface
from hasderiv.proofs.prover.mapping import Mapper
from hasderiv.proofs.prover.recorder import Recorder
from hasderiv.proofs.prover.shrink import MAX_USES, shrink
from hasderiv.spec import OPS

X, Y = var("x"), var("y")


def said(theorems: list[Theorem] | tuple[Theorem, ...]) -> list[Any]:
    """What theorems state, and under which hypotheses."""
    return [(th.conclusion, th.hyps, th.cites) for th in theorems]


def arith_steps(data: bytes) -> int:
    """How many steps of arithmetic a certificate has."""
    return data.count(b'"rule":"arith"')


@pytest.mark.parametrize("name", ["relu", "tanh", "sqrt", "softsign", "hypot", "floor"])
def test_the_statements_stay_and_the_proof_gets_shorter(name: str) -> None:
    formula = surface(OPS[name])
    assert formula is not None
    R, term = Recorder(), unfold(formula)
    theorem, _ = Mapper(R, "x", term, ()).build()
    assert theorem is not None
    short = shrink(R, [theorem])
    assert said(short) == said([theorem])
    before, after = R.write([theorem], term), R.write(short, term)
    assert said(replay(after).claims) == said([theorem])
    assert len(after.splitlines()) < len(before.splitlines())
    assert arith_steps(after) < arith_steps(before)


def chain(R: Recorder) -> tuple[Theorem, Theorem]:
    """From x - y = 0: x^2 - x y = 0, and from that 2 x^2 - 2 x y = 0."""
    given = R.assume(Literal("=", sub(X, Y)))
    inner = R.arith(Literal("=", sub(power(X, 2), mul(X, Y))), (), [(X, given)])
    return inner, R.arith(Literal("=", mul(rat(2), sub(power(X, 2), mul(X, Y)))), (), [(rat(2), inner)])


def test_an_equation_is_taken_up() -> None:
    R = Recorder()
    _, outer = chain(R)
    (short,) = shrink(R, [outer])
    assert arith_steps(R.write([short], X)) == 1 and said([short]) == said([outer])


def test_an_inequality_is_taken_up() -> None:
    R = Recorder()
    positive = R.arith(Literal(">", add(X, ONE)), [(1, [R.assume(Literal(">", X))], []), (1, [], [])])
    twice = R.arith(Literal(">=", add(mul(rat(2), X), rat(2))), [(2, [positive], [])])
    (short,) = shrink(R, [twice])
    assert arith_steps(R.write([short], X)) == 1 and said([short]) == said([twice])


def test_a_claim_stays_a_claim() -> None:
    R = Recorder()
    inner, outer = chain(R)
    assert said(shrink(R, [inner, outer])) == said([inner, outer])


def test_a_step_with_many_uses_stays_a_step() -> None:
    R = Recorder()
    inner, _ = chain(R)
    goal = inner.conclusion.literal.term  # type: ignore[union-attr]
    many = [R.arith(Literal("=", mul(rat(k + 3), goal)), (), [(rat(k + 3), inner)]) for k in range(MAX_USES + 1)]
    data = R.write(shrink(R, many), X)
    assert arith_steps(data) == len(many) + 1


def test_a_fact_about_a_nonzero_product_is_left_alone() -> None:
    R = Recorder()
    apart = R.arith(Literal("!=", mul(rat(2), X)), [(2, [R.assume(Literal("!=", X))], [])])
    both = R.arith(Literal("!=", mul(X, mul(rat(2), X))), [(1, [R.assume(Literal("!=", X)), apart], [])])
    assert said(shrink(R, [both])) == said([both])
