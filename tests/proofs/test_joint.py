"""Joint maps: differentiable in all inputs together, not differentiable along a line, and never more than is true."""

from __future__ import annotations

from typing import Any

import pytest
import sympy
from hasderiv.proofs import query
from hasderiv.proofs.catalogue import map_in, maps
from hasderiv.proofs.certify import certify
from hasderiv.proofs.kernel.certificate import replay
from hasderiv.proofs.language.definitions import unfold
from hasderiv.proofs.language.from_sympy import surface
from hasderiv.proofs.prover.joint import directions
from hasderiv.spec import OPS
from hasderiv.spec.declare import make
from hasderiv.spec.functions import abs_, max_

x, y = sympy.symbols("x y")


def answer(spec: Any) -> query.Where:
    """What ``where`` says of an op, from a certificate made now."""
    found = replay(certify(spec))
    formula = surface(spec)
    assert formula is not None
    assert map_in(found.claims, unfold(formula), set(spec.inputs)) is not None
    return query.joined(spec.name, maps(spec, found.claims), spec.inputs)


def statuses(spec: Any) -> dict[str | None, tuple[str, str | None]]:
    """Status and reason of each piece of the joint map."""
    return {p.where: (p.status, p.reason) for p in answer(spec).pieces}


def test_hypot_jointly() -> None:
    found = answer(OPS["hypot"])
    assert found.variable == "x, y" and [m.variables for m in found.arguments] == [("x",), ("y",)]
    pieces = {p.where: p for p in found.pieces}
    assert pieces["y > 0"].derivative == "(x/hypot(x, y), y/hypot(x, y))"
    origin = pieces["y = 0 and x = 0"]
    assert (origin.status, origin.reason, origin.convention) == ("not_differentiable", "corner", "(0, 0)")
    assert set(found.json()) == {"op", "variable", "pieces", "arguments"}
    assert found.at({"x": 3, "y": 4}).derivative == "(3/5, 4/5)"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mul", {"always": ("differentiable", None)}),
        ("div", {"y != 0": ("differentiable", None), "y = 0": ("outside_domain", None)}),
        (
            "max",
            {
                "x < y": ("differentiable", None),
                "x = y": ("not_differentiable", "corner"),
                "x > y": ("differentiable", None),
            },
        ),
    ],
)
def test_small_maps(name: str, expected: dict[str, tuple[str, str | None]]) -> None:
    assert statuses(OPS[name]) == expected


@pytest.mark.parametrize("name", ["fmod", "remainder", "copysign", "xlogy", "atan2", "huber", "smooth_l1", "pow"])
def test_every_pair_is_covered(name: str) -> None:
    assert all(status != "not_covered" for status, _ in statuses(OPS[name]).values())


def test_select_is_not_covered_where_its_branches_meet() -> None:
    """There it is differentiable along every line and not differentiable: no line can show that."""
    open_pieces = [where for where, (status, _) in statuses(OPS["select"]).items() if status == "not_covered"]
    assert open_pieces == ["c = 0 and a = b"]


def test_partial_derivatives_are_not_enough() -> None:
    """x y/(x^2 + y^2), 0 at the origin: both partial derivatives are 0 there, and it is not even continuous."""
    f = sympy.Piecewise((0, sympy.Eq(x, 0) & sympy.Eq(y, 0)), (x * y / (x**2 + y**2), True))
    found = answer(make("f(x, y)", f))
    origin = {"x": 0, "y": 0}
    assert found.at(origin).status == "not_differentiable"
    for v in ("x", "y"):
        assert found.argument(v).at(origin).status == "differentiable"


def test_a_joint_derivative_at_a_crossing_of_kinks_is_not_denied() -> None:
    """x |y| has the joint derivative 0 at the origin, though both kinks of |y| beside it have none."""
    found = answer(make("f(x, y)", x * abs_(y)))
    assert found.at({"x": 0, "y": 0}).status in ("differentiable", "not_covered")
    assert found.at({"x": 1, "y": 0}).status == "not_differentiable"
    assert found.at({"x": 1, "y": -2}).derivative == "(2, -1)"


def test_one_corner_does_not_spoil_the_other_input() -> None:
    found = answer(make("f(x, y)", max_(x, 0) + y**2))
    assert found.at({"x": 0, "y": 1}).status == "not_differentiable"
    assert found.argument("y").at({"x": 0, "y": 1}).derivative == "2"


def test_the_lines_are_tried_once_each() -> None:
    assert directions(2) == [(1, 0), (0, 1), (1, 1), (1, -1)]
    assert len(directions(3)) == 13
