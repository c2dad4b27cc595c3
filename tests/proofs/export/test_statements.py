"""What is exported of each op: every piece of every map is stated or said to be left out, and names are unique."""

from __future__ import annotations

import pytest
from hasderiv.proofs.catalogue import check_orders
from hasderiv.proofs.export.statements import Export, Silent, Statement, export_of, partial
from hasderiv.proofs.kernel import terms as T
from hasderiv.proofs.kernel.conclusions import HasDeriv, Map, NthDerivative
from hasderiv.proofs.language.parser import parse
from hasderiv.spec import OPS

MAIN = {"derive", "no_derivative", "steep", "joint", "no_joint"}


@pytest.fixture(scope="module", params=sorted(OPS))
def export(request: pytest.FixtureRequest) -> Export:
    return export_of(request.param)


def test_every_piece_is_stated_or_left_out(export: Export) -> None:
    """Once, and not both; a map in three variables is left out as a whole."""
    for claim, theorem in enumerate(export.claims):
        c = theorem.conclusion
        if not isinstance(c, Map):
            continue
        stated = {(s.claim, s.row) for s in export.statements if s.kind in MAIN and s.claim == claim}
        variables = tuple(sorted(c.vary))
        silent = [i for i in export.items if isinstance(i, Silent) and i.variables == variables]
        assert len([s for s in export.statements if s.claim == claim and s.kind in MAIN]) == len(stated)
        assert len(stated) + len(silent) == (len(c.pieces) if len(variables) < 3 else 1)


def test_a_derivative_is_stated_wherever_there_is_one(export: Export) -> None:
    for claim, theorem in enumerate(export.claims):
        c = theorem.conclusion
        if isinstance(c, Map) and len(c.vary) < 3:
            rows = {k for k, (_, v) in enumerate(c.pieces) if isinstance(v, HasDeriv)}
            found = {s.row for s in export.statements if s.claim == claim and s.kind in ("derive", "joint")}
            assert found == rows


def test_names_are_unique_and_tell_the_op(export: Export) -> None:
    names = [s.name for s in (*export.statements, *export.orders)]
    assert len(set(names)) == len(names)
    assert all(name.startswith(f"{export.name}_") for name in names)


def test_hypotheses_are_those_of_the_map_and_of_the_piece(export: Export) -> None:
    for s in export.statements:
        c = export.claims[s.claim].conclusion
        assert isinstance(c, Map)
        assert set(s.hyps) == {*c.assume, *c.pieces[s.row][0]}


def test_relu() -> None:
    kinds = [(s.name, s.kind) for s in export_of("relu").items if isinstance(s, Statement)]
    assert kinds == [
        ("relu_derive_1", "derive"),
        ("relu_corner_2", "no_derivative"),
        ("relu_corner_left_2", "left"),
        ("relu_corner_right_2", "right"),
        ("relu_derive_3", "derive"),
    ]


def test_boundaries_and_the_outside_are_left_out() -> None:
    silent = {i.why for i in export_of("xlogy").items if isinstance(i, Silent)}
    assert silent == {"outside the domain", "the boundary of the domain"}


def test_a_boundary_at_which_the_function_is_vertical_is_stated() -> None:
    export = export_of("sqrt")
    assert [i.why for i in export.items if isinstance(i, Silent)] == ["outside the domain"]
    assert [s.kind for s in export.statements] == ["steep", "right", "derive"]


def test_every_theorem_about_a_higher_order_is_exported() -> None:
    for name in OPS:
        export, theorems = export_of(name), check_orders(name)
        assert [o.claim for o in export.orders] == list(range(len(theorems)))
        assert [(o.order, set(o.hyps)) for o in export.orders] == [
            (th.conclusion.order, set(th.hyps)) for th in theorems if isinstance(th.conclusion, NthDerivative)
        ]
        assert not any(o.derivative.moves for o in export.orders)


def test_partial_derivatives() -> None:
    x, y = T.var("x"), T.var("y")
    dx, dy = T.tangent("x"), T.tangent("y")
    vary = frozenset({"x", "y"})
    assert partial(T.add(T.mul(x, dx), T.mul(y, dy)), "y", vary) is y
    both = T.mul(x, T.add(dx, dy))
    assert partial(both, "x", vary) is T.mul(x, T.add(T.ONE, T.ZERO))
    assert parse("x") is x
