"""Index formulas on arrays: the bounds hold, and a sign that is called certain is right."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hasderiv.proofs.graph.evaluate import Cannot, Formulas
from hasderiv.proofs.kernel.terms import (
    Literal,
    Term,
    add,
    bind,
    closed,
    cond,
    entry,
    mul,
    neg,
    power,
    rat,
    sub,
    unary,
    var,
)
from hypothesis import given, settings
from hypothesis import strategies as st

X = {"x": np.float64(0.1), "y": np.float64(-3e5), "z": np.float64(1e-200)}
EXACT = {k: Fraction(float(v)) for k, v in X.items()}


def at(t: Term, sizes: tuple[int, ...] = (), families: Any = None) -> Any:
    return Formulas((families or X).__getitem__, {}).at(t, sizes)


def exact(t: Term) -> Fraction:
    """The value of a rational term."""
    match t.op:
        case "rat":
            return Fraction(str(t.args[0]))
        case "var":
            return EXACT[t.symbol]
        case "cond":
            u, a, b = t.terms
            v = exact(u)
            return exact(a) if {">": v > 0, ">=": v >= 0, "=": v == 0, "!=": v != 0}[str(t.args[0])] else exact(b)
    a = [exact(s) for s in t.terms]
    match t.op:
        case "add":
            return a[0] + a[1]
        case "mul":
            return a[0] * a[1]
        case "pow":
            return a[0] ** int(str(t.args[1]))
        case "floor":
            return Fraction(math.floor(a[0]))
        case "inv":
            return 1 / a[0] if a[0] else Fraction(0)
    raise AssertionError(t.op)


leaves = st.sampled_from([var("x"), var("y"), var("z")]) | st.fractions(-4, 4, max_denominator=9).map(rat)


def grown(below: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    relation = st.sampled_from([">", ">=", "=", "!="])
    return st.one_of(
        st.builds(add, below, below),
        st.builds(mul, below, below),
        st.builds(sub, below, below),
        st.builds(power, below, st.integers(2, 3)),
        st.builds(unary, st.sampled_from(["floor", "inv"]), below),
        st.builds(cond, relation, below, below, below),
    )


terms = st.recursive(leaves, grown, max_leaves=12)


@settings(max_examples=400, deadline=None)
@given(terms)
def test_the_error_is_within_its_bound(t: Term) -> None:
    found = at(t)
    value, error = float(found.value), float(found.error)
    if math.isinf(error) or math.isnan(error) or math.isinf(value):
        return
    assert abs(Fraction(value) - exact(t)) <= Fraction(error)


@settings(max_examples=400, deadline=None)
@given(terms, st.sampled_from([">", ">=", "=", "!="]))
def test_what_is_certain_is_so(t: Term, relation: str) -> None:
    if bool(Formulas(X.__getitem__, {}).holds(Literal(relation, t), ())):
        v = exact(t)
        assert {">": v > 0, ">=": v >= 0, "=": v == 0, "!=": v != 0}[relation]


def test_one_step_from_a_kink_is_certain() -> None:
    for x, relation in ((1.0, "="), (np.nextafter(1, 2), ">"), (5e-324 + 1.0, "=")):
        families = {"x": np.asarray(x)}
        literal = Literal(relation, sub(var("x"), rat(1)))
        assert bool(Formulas(families.__getitem__, {}).holds(literal, ()))


def test_what_rounds_to_zero_is_not_certain() -> None:
    square = mul(var("z"), var("z"))
    assert not bool(Formulas(X.__getitem__, {}).holds(Literal("=", square), ()))
    assert not bool(Formulas(X.__getitem__, {}).holds(Literal("!=", sub(square, rat(0))), ()))
    third = sub(mul(rat(3), mul(rat(Fraction(1, 3)), var("x"))), var("x"))
    assert not bool(Formulas(X.__getitem__, {}).holds(Literal("!=", third), ())), "1/3 has no float64"


def test_exponentials_are_positive() -> None:
    k, n = var("k"), rat(3)
    total = bind("sum", k, n, unary("exp", mul(rat(1000), neg(var("w", k)))))
    families = {"w/1": np.array([1.0, 2.0, 3.0])}
    assert float(at(total, (), families).value) == 0
    assert bool(Formulas(families.__getitem__, {}).holds(Literal(">", total), ()))
    masked = bind("sum", k, n, cond("!=", var("m", k), unary("exp", var("w", k)), rat(0)))
    families["m/1"] = np.array([0, 0, 0])
    assert not bool(Formulas(families.__getitem__, {}).holds(Literal(">", masked), ()))


def test_sums_and_maxima_over_ranges_that_depend_on_indices() -> None:
    i, k = var("i"), var("k")
    families = {"w/1": np.array([3, 1, 2])}
    below = bind("sum", k, add(i, rat(1)), var("w", k))
    best = bind("max", k, add(i, rat(1)), neg(var("w", k)))
    assert at(closed(below, [i]), (3,), families).value.tolist() == [3, 4, 6]
    assert at(closed(best, [i]), (3,), families).value.tolist() == [-3, -1, -1]
    assert at(closed(bind("max", k, i, var("w", k)), [i]), (2,), families).value.tolist() == [0, 3]


def test_places_of_a_reshape_are_exact() -> None:
    o = var("o")
    t = closed(unary("floor", mul(rat(Fraction(1, 49)), o)), [o])
    assert at(t, (1000,)).value.tolist() == [n // 49 for n in range(1000)]


def test_what_is_not_computed() -> None:
    with pytest.raises(Cannot, match="no integer"):
        at(var("w", rat(Fraction(1, 2))), (), {"w/1": np.zeros(3)})
    fixed = Formulas({"w/1": np.arange(4.0)}.__getitem__, {"a/1": mul(rat(2), entry("w/1"))})
    assert fixed.at(closed(var("a", sub(rat(3), var("o"))), [var("o")]), (4,)).value.tolist() == [6.0, 4.0, 2.0, 0.0]
