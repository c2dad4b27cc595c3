"""Stable forms, orders 2 and 3: proved, demanded by the spec, and refused where they are false or missing."""

from __future__ import annotations

from typing import Any

import pytest
import sympy
from hasderiv.proofs import catalogue, higher, statements
from hasderiv.proofs.catalogue import StatementError, compare, compare_orders, one_input_maps
from hasderiv.proofs.certify import NotCertified, certify, certify_orders
from hasderiv.proofs.kernel.certificate import Certificate, replay
from hasderiv.proofs.kernel.conclusions import Map, NthDerivative
from hasderiv.proofs.kernel.terms import ONE, KernelError, Literal, power, sub, var
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.parser import parse
from hasderiv.proofs.prover.context import Context
from hasderiv.proofs.prover.orders import higher_orders
from hasderiv.proofs.prover.recorder import Recorder
from hasderiv.proofs.statements import opened, without_orders
from hasderiv.spec import OPS
from hasderiv.spec.declare import make
from hasderiv.spec.functions import abs_, exp_, log1p, sigmoid

x, y, a = sympy.symbols("x y a")
X = var("x")


def both(spec: Any) -> tuple[dict[str, Map], Certificate, Certificate | None]:
    """The maps of an op, its certificate, and that of its orders."""
    found = replay(certify(spec))
    maps = one_input_maps(spec, found.claims)
    orders = certify_orders(spec, maps)
    return maps, found, None if orders is None else replay(orders)


# --- stable forms -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["celu", "softplus", "gelu", "mish", "silu", "asin", "atan2", "smooth_abs"])
def test_stable_forms_of_the_catalogue_are_certified(name: str) -> None:
    compare(OPS[name], replay(certify(OPS[name])))


def test_the_stable_form_is_demanded() -> None:
    plain, stable = make("f(x)", sigmoid(x)), make("f(x)", sigmoid(x), stable=1 / (1 + exp_(-x)))
    compare(stable, replay(certify(stable)))
    with pytest.raises(StatementError, match="stable form not certified for always"):
        compare(make("f(x)", x**2, stable=x * x + 1), replay(certify(make("f(x)", x**2))))
    with pytest.raises(StatementError, match="stable derivative in x not certified"):
        compare(make("f(x)", x**2, 2 * x, stable_derivative=3 * x), replay(certify(make("f(x)", x**2, 2 * x))))
    compare(plain, replay(certify(plain)))


FALSE = [
    ({"stable": x + 1}, "stable form not certified for always"),
    ({"stable": sympy.Piecewise((x, x > 0), (-x, True))}, "stable form not certified"),
    # Equal wherever both have a value, and without one at 0.
    ({"stable": sympy.Mul(x**2, sympy.Pow(x, -1, evaluate=False), evaluate=False)}, "stable form not certified"),
    ({"stable_derivative": sympy.Piecewise((1, x >= 0), (2, True))}, "stable derivative in x not certified"),
]


@pytest.mark.parametrize(("claim", "message"), FALSE)
def test_a_false_stable_form_is_not_certified(claim: dict[str, Any], message: str) -> None:
    with pytest.raises(NotCertified, match=message):
        certify(make("f(x)", x, 1, **claim))


def test_a_stable_form_is_compared_piece_by_piece() -> None:
    """Right where x > 0 only: the theorem for that piece does not do for the other."""
    half = sympy.Piecewise((x, x > 0), (0, True))
    spec = make("f(x)", abs_(x), stable=half)
    with pytest.raises(NotCertified, match="stable form not certified for x < 0"):
        certify(spec)


def test_a_stable_form_of_a_partial_function_need_not_be_defined_elsewhere() -> None:
    spec = make("f(x)", sympy.log(x), 1 / x, stable=log1p(x - 1))
    compare(spec, replay(certify(spec)))


# --- orders -----------------------------------------------------------------------------------------


def test_orders_two_and_three() -> None:
    spec = make("cube(x)", x**3, 3 * x**2, smooth=True)
    maps, _, orders = both(spec)
    assert orders is not None
    compare_orders(spec, maps, orders)
    said = {c.order: c.derivative for th in orders.claims if isinstance(c := th.conclusion, NthDerivative)}
    assert said == {2: unfold(parse("6*x", {"x"})), 3: unfold(parse("6", ()))}
    assert all(not th.hyps for th in orders.claims)


@pytest.mark.parametrize("name", ["tanh", "gelu_erf", "sqrt", "asin", "tan", "div", "hypot", "sinc"])
def test_the_orders_of_a_smooth_op_are_certified(name: str) -> None:
    maps, _, orders = both(OPS[name])
    assert orders is not None
    compare_orders(OPS[name], maps, orders)


def test_an_op_that_is_not_smooth_has_no_orders() -> None:
    assert both(OPS["relu"])[2] is None


def test_an_order_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = make("f(x)", 1 / x, -1 / x**2, smooth=True)
    monkeypatch.setattr(statements, "NO_THIRD", frozenset({"f"}))
    maps, _, second = both(spec)
    monkeypatch.undo()
    assert second is not None
    with pytest.raises(StatementError, match="the derivative of order 3 in x is not certified for x"):
        compare_orders(spec, maps, second)


def test_the_orders_of_one_op_do_not_do_for_another() -> None:
    one, other = (make("f(x)", f, smooth=True) for f in (x**3, x**4))
    maps, orders = both(one)[0], both(other)[2]
    assert orders is not None
    with pytest.raises(StatementError, match="another formula"):
        compare_orders(one, maps, orders)


def test_a_piece_is_opened() -> None:
    at_one = sub(X, ONE)
    assert opened([Literal(">=", X), Literal("!=", at_one)], "x") == (Literal(">", X), Literal("!=", at_one))
    assert opened([Literal("=", X)], "x") is None
    assert opened([Literal("=", var("y")), Literal(">=", var("y"))], "x") == (
        Literal("=", var("y")),
        Literal(">=", var("y")),
    )


def test_a_seam_is_left_out_unless_an_open_set_surrounds_it() -> None:
    maps, _, orders = both(OPS["sinc"])
    assert orders is not None
    missing, seams = without_orders(OPS["sinc"], maps, frozenset(), orders.claims)
    assert not missing and seams == [("x", (Literal("=", X),))]
    maps, _, orders = both(OPS["hypot"])  # y = 0, x != 0 lies inside x != 0
    assert orders is not None
    assert without_orders(OPS["hypot"], maps, frozenset(), orders.claims) == ([], [])


def test_a_derivative_known_at_a_point_only_is_not_differentiated_again() -> None:
    """At x = 0 the derivative of x^2 equals x; that says nothing about the second derivative, which is not 1."""
    ctx = Context(Recorder(), [Literal("=", X)], ["x"])
    with pytest.raises(KernelError, match="an equation on a varying symbol does not hold nearby"):
        higher_orders(ctx, "x", power(X, 2), X, 2)


def test_a_kink_has_no_second_derivative() -> None:
    """max(x, 0)^2 has a derivative everywhere and a second one nowhere near 0."""
    squared = make("f(x)", sympy.Piecewise((x**2, x > 0), (0, True)), smooth=True)
    maps, _, orders = both(squared)
    assert orders is not None
    _, seams = without_orders(squared, maps, frozenset(), orders.claims)
    at_zero = [th for th in orders.claims if not th.hyps]
    assert not at_zero and all(any(k.relation == "=" for k in piece) for _, piece in seams)


# --- the catalogue as it is checked in --------------------------------------------------------------


def test_what_is_left_out_of_the_catalogue_is_listed() -> None:
    assert not statements.OPEN and not statements.NO_THIRD
    left_out = {name: catalogue.seams(name) for name in OPS if OPS[name].smooth}
    assert {name: found for name, found in left_out.items() if found} == {"sinc": [("x", (Literal("=", X),))]}


def test_orders_are_shown_in_the_words_of_the_spec() -> None:
    (answer,) = higher.higher("exp", 2)["x"]
    assert (answer.status, answer.derivative, answer.where) == ("differentiable", "exp(x)", "always")
    inside, at_zero = higher.higher("sinc", 3)["x"]
    assert inside.status == "differentiable" and at_zero.status == "not_covered" and at_zero.where == "x = 0"
    statuses = {a.where: a.status for a in higher.higher("sqrt", 2)["x"]}
    assert statuses == {"x < 0": "outside_domain", "x = 0": "not_differentiable", "x > 0": "differentiable"}


def test_an_order_that_nobody_certified_is_one_line() -> None:
    with pytest.raises(ValueError, match="relu has no certified derivative of order 2"):
        higher.higher("relu", 2)
    with pytest.raises(ValueError, match="exp has no certified derivative of order 4"):
        higher.higher("exp", 4)
