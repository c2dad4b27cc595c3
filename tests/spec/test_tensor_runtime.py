"""The runtime computes what the certificates are about: value, JVP and VJP of every tensor op, entry by entry.

What is evaluated are the terms of the certified theorems, by plain loops: with exact fractions where the operands are
small integers and nothing is rounded, else in float64.  The cases are chosen so that the conditions of the certificates
hold at every entry of the result.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hasderiv.proofs.kernel.conclusions import HasDeriv
from hasderiv.proofs.kernel.theorems import Theorem
from hasderiv.proofs.tensor import catalogue
from hasderiv.proofs.tensor.statement import Statement

import hasderiv as hd

from .entries import Entries, entry, holds, tensor
from .tensor_cases import CASES, Case, max_pool_case

EVERY_CASE = pytest.mark.parametrize("case", CASES, ids=repr)


def certified(name: str) -> tuple[HasDeriv, Any]:
    """The derivative that is certified, and the statement, whose pullbacks are those of the certified equation."""
    claims = catalogue.check(name)
    (found,) = (th.conclusion for th in claims if type(th.conclusion) is HasDeriv)
    return found, catalogue.statement_of(name)


def test_every_tensor_op_is_compared() -> None:
    assert {case.op for case in CASES} == set(catalogue.names())


def test_formulas_are_compared_with_certified_theorems() -> None:
    for name in catalogue.names():
        found, claimed = certified(name)
        assert (found.term, found.derivative) == (claimed.value, claimed.jvp)
        assert all(type(th) is Theorem for th in catalogue.check(name))


def same(ours: Any, theirs: Any, exact: bool) -> None:
    """Equal to the bit where nothing is rounded."""
    ours = np.asarray(ours)
    assert ours.dtype == np.float64
    wanted = theirs.astype(float)
    if exact:
        np.testing.assert_array_equal(ours, wanted)
    else:
        np.testing.assert_allclose(ours, wanted, rtol=1e-11, atol=1e-11)


@EVERY_CASE
def test_value_jvp_and_vjp_are_the_certified_ones(case: Case) -> None:
    found, claimed = certified(case.op)
    rng = np.random.default_rng(0)
    shape = np.asarray(case.fast(*map(hd.tensor, case.operands))).shape
    tangents = [rng.integers(-4, 5, a.shape).astype(float) for a in case.operands]
    g = rng.integers(-4, 5, shape).astype(float)
    values = values_of(case, claimed, tangents)
    sizes = tuple(int(entry(n, [])(**values)) for _, n in claimed.out)
    assert np.prod(sizes, dtype=int) == np.prod(shape, dtype=int), "the result has as many entries"
    values["g"] = Entries(g.reshape(sizes), case.exact) if sizes else g.item()
    assert all(holds(h, [], [], values) for h in claimed.hypotheses), "the case satisfies the hypotheses"
    assert not ties(claimed, sizes, values)
    operands = tuple(hd.tensor(a) for a in case.operands)
    y, back = hd.vjp(case.fast, operands)
    same(np.asarray(y).reshape(sizes), tensor(found.term, claimed.out, values), case.exact)
    slope = hd.jvp(case.fast, operands, tuple(hd.tensor(t) for t in tangents))[1]
    same(np.asarray(slope).reshape(sizes), tensor(found.derivative, claimed.out, values), case.exact)
    for pull, gx, axes in zip(claimed.vjps, back(hd.tensor(g)), case.axes, strict=True):
        same(np.asarray(gx).reshape(axes), tensor(pull.value, pull.index, values), case.exact)


def values_of(case: Case, claimed: Statement, tangents: list[Any]) -> dict[str, Any]:
    """What the names in the formulas stand for."""
    values: dict[str, Any] = dict(case.numbers)
    for pull, a, dx, axes in zip(claimed.vjps, case.operands, tangents, case.axes, strict=True):
        values[pull.name] = Entries(a.reshape(axes), case.exact)
        values[f"d{pull.name}"] = Entries(dx.reshape(axes), case.exact)
    return values | {name: Entries(np.asarray(a), False) for name, a in case.given.items()}


def ties(claimed: Statement, sizes: tuple[int, ...], values: dict[str, Any]) -> list[tuple[int, ...]]:
    """The entries of the result at which the conditions of the certificate fail."""
    names = [k for k, _ in claimed.out]
    return [i for i in np.ndindex(*sizes) if not all(holds(c, names, i, values) for c in claimed.conditions)]


@pytest.mark.parametrize("stride", [1, 2])
def test_conventions_are_used_exactly_where_the_certificate_says_nothing(stride: int) -> None:
    x = np.random.default_rng(8).integers(0, 3, (2, 5, 4)).astype(float)
    geometry = ((5, 4), (2, 3), (stride, 1), (1, 0))
    case = max_pool_case(x, *geometry)
    claimed = catalogue.statement_of(case.op)
    values = values_of(case, claimed, [np.zeros(x.shape)])
    sizes = tuple(int(entry(n, [])(**values)) for _, n in claimed.out)
    [use] = hd.conventions_used(case.fast(hd.tensor(x, requires_grad=True)).sum())
    assert use.reason == "tie" and use.coordinates == ties(claimed, sizes, values)
    assert 0 < len(use.coordinates) < np.prod(sizes)
    names = [k for k, _ in claimed.out]
    corners = [i for i in np.ndindex(*sizes) if all(holds(c, names, i, values) for c in claimed.tie)]
    assert corners == use.coordinates, "where the certificate says that there is no derivative"


def test_a_wrong_formula_is_noticed() -> None:
    """The VJP of log_softmax in the place of its JVP: the slip that TorchLean had."""
    [case] = [c for c in CASES if c.op == "log_softmax" and c.numbers == {"b": 2, "n": 3}]
    found, claimed = certified("log_softmax")
    dx = np.arange(6.0).reshape(2, 3)
    values = values_of(case, claimed, [dx]) | {"g": Entries(dx, False)}
    slope = hd.jvp(case.fast, tuple(case.operands), (hd.tensor(dx),))[1]
    same(slope, tensor(found.derivative, claimed.out, values), False)
    with pytest.raises(AssertionError):
        same(slope, tensor(claimed.vjps[0].value, claimed.vjps[0].index, values), False)
