"""What is said of tensors, held against numbers: what is true is confirmed, and what is off by one step is not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hasderiv.proofs.catalogue import FOLDER as CATALOGUE
from hasderiv.proofs.kernel.certificate import replay
from hasderiv.proofs.kernel.conclusions import (
    Conclusion,
    Defined,
    HasDeriv,
    Holds,
    Local,
    NotDifferentiable,
    Side,
    Somewhere,
    Undefined,
    Within,
)
from hasderiv.proofs.kernel.terms import Literal, Term, add, bind, cond, equal, mul, neg, rat, sub, tangent, unary, var
from hasderiv.proofs.kernel.theorems import Theorem

from .kit import ONE, ZERO, lit, x, y
from .reals import At
from .truth import ENOUGH, confirmed

FAMILY = frozenset({"x/1"})
J, K, N = (var(name) for name in "jkn")
XJ, XK, DXJ, DXK = var("x", J), var("x", K), tangent("x", J), tangent("x", K)


def forged(conclusion: Conclusion, *hyps: Literal) -> Theorem:
    """A theorem that nobody proved."""
    made = object.__new__(Theorem)
    made.hyps, made.cites, made.conclusion = frozenset(hyps), frozenset(), conclusion
    return made


def total(t: Term) -> Term:
    return bind("sum", K, N, t)


LOGSUM = unary("log", total(unary("exp", XK)))
SOFT = mul(total(mul(unary("exp", XK), DXK)), unary("inv", total(unary("exp", XK))))
NONE = lit("=", N)
IN_RANGE = (lit(">=", J), lit(">", sub(N, J)), equal(unary("floor", J), J))
GREATEST = bind("max", K, N, XK)
PAIRS: list[tuple[Conclusion, Conclusion, tuple[Literal, ...]]] = [
    (HasDeriv(FAMILY, LOGSUM, SOFT), HasDeriv(FAMILY, LOGSUM, add(SOFT, mul(rat(Fraction(1, 10**5)), DXJ))), IN_RANGE),
    (Local(FAMILY, total(mul(K, XK)), total(mul(K, DXK))), Local(FAMILY, total(mul(K, XK)), total(DXK)), ()),
    (Local(FAMILY | {"z/2"}, XJ, DXJ), Local(FAMILY | {"z/2"}, XJ, tangent("z", J, J)), ()),
    (Local(FAMILY, GREATEST, None), Local(FAMILY, unary("floor", GREATEST), None), IN_RANGE),
    (Holds(equal(total(cond("=", sub(K, J), XK, ZERO)), XJ)), Holds(equal(total(XK), XJ)), IN_RANGE),
    (Holds(equal(total(mul(XK, DXK)), total(mul(DXK, XK)))), Holds(equal(total(DXK), total(XK))), ()),
    (Holds(lit(">=", sub(GREATEST, XJ))), Holds(lit(">", sub(GREATEST, XJ))), IN_RANGE),
    (Defined(GREATEST), Defined(unary("inv", GREATEST)), IN_RANGE),
    (Undefined(GREATEST), Undefined(total(XK)), (NONE,)),
    (Undefined(unary("log", neg(unary("exp", XJ)))), Undefined(cond(">", ONE, x, unary("log", neg(ONE)))), ()),
    (Within(((lit(">", XJ),), (lit(">=", neg(XJ)),))), Within(((lit(">", XJ),), (lit(">", neg(XJ)),))), ()),
]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: type(pair[0]).__name__)
def test_what_is_true_is_confirmed_and_what_is_off_is_not(pair: tuple[Any, Any, tuple[Literal, ...]]) -> None:
    good, bad, hyps = pair
    assert confirmed(forged(good, *hyps)) == ENOUGH
    with pytest.raises(AssertionError):
        confirmed(forged(bad, *hyps))


def test_a_corner_along_the_diagonal_is_seen_from_another_direction() -> None:
    least, both = cond(">", sub(x, y), y, x), frozenset({"x", "y"})
    assert confirmed(forged(NotDifferentiable(both, least, "corner", None, None), lit("=", sub(x, y)))) == ENOUGH


def test_a_tie_has_no_derivative_and_a_sum_has() -> None:
    tie = bind("max", K, rat(2), XK)
    same = equal(var("x", ZERO), var("x", ONE))
    assert confirmed(forged(NotDifferentiable(FAMILY, tie, "corner", None, None), same)) == ENOUGH
    for t, hyps in ((tie, [same.negation]), (bind("sum", K, rat(2), XK), [same])):
        with pytest.raises(AssertionError):
            confirmed(forged(NotDifferentiable(FAMILY, t, "corner", None, None), *hyps))
    beyond = NotDifferentiable(FAMILY, tie, "boundary", None, None)
    assert confirmed(forged(beyond, same)) == 0, "where numbers tell nothing, nothing was confirmed"


def test_what_grows_slowly_is_infinite_all_the_same() -> None:
    """The slope of x^0.7 at 0 is only 4000 at 1e-12; that of a million times x is a million everywhere."""
    steep = cond(">", x, unary("exp", mul(rat(Fraction(7, 10)), unary("log", x))), ZERO)
    at = lit("=", x)
    for slope in ("+oo", "-oo"):
        for t in (steep, mul(rat(10**6), x)):
            th = forged(Side("x", 1, t, slope, True), at)
            if t is steep and slope == "+oo":
                assert confirmed(th) == ENOUGH
            else:
                with pytest.raises(AssertionError):
                    confirmed(th)


def test_somewhere_is_confirmed_by_a_point() -> None:
    assert confirmed(forged(Somewhere((lit(">", XJ), lit("=", K))))) == ENOUGH
    assert confirmed(forged(Somewhere((lit(">", neg(mul(x, x))),)))) == 0


def test_numbers_are_exact_where_they_are_rational() -> None:
    third = unary("inv", rat(3))
    assert At({})(unary("floor", add(add(third, third), third))) == 1
    assert type(At({})(unary("exp", ZERO))) is not Fraction


@pytest.mark.parametrize("name", ["gather_rows_nat", "layer_norm", "log_softmax", "matmul", "max_pool2d", "mse_loss"])
def test_certified_claims_are_confirmed(name: str) -> None:
    claims = replay((CATALOGUE / "tensor" / f"{name}.jsonl").read_bytes()).claims
    assert all(confirmed(th) > 0 for th in claims), "points at which a tie holds are few, and found by chance"
