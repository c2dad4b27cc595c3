"""conventions_used: which op, which coordinates, what was returned, what the sides are."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hasderiv.runtime.elementwise import DEFAULTS, Factor, Value
from hasderiv.runtime.kernels import load
from hasderiv.runtime.primitive import apply

import hasderiv as hd


def _with_map(name: str, record: dict, mask):
    """The kernels of an op with one convention piece of our own."""
    kernels = copy.copy(load(name))
    kernels._masks = [(mask, record)]
    return kernels


@pytest.fixture
def relu():
    record = {"where": "x = 0", "reason": "corner", "returned": "0", "left": "0", "right": "1"}
    value = Value(Factor(_with_map("relu", record, lambda x: x == 0)))
    return lambda t: apply(value, (t,), DEFAULTS)


def test_a_difference_of_two_relus_at_zero_is_reported_twice(relu) -> None:
    t = hd.tensor([[-1.0, 0.0], [2.0, 0.0]], requires_grad=True)
    loss = (relu(t) - relu(-t)).sum()
    first, second = hd.conventions_used(loss)
    for use in (first, second):
        assert (use.op, use.where, use.reason, use.returned, use.left, use.right) == (
            "relu", "x = 0", "corner", "0", "0", "1",
        )  # fmt: skip
        assert use.coordinates == [(0, 1), (1, 1)] and use.inputs == {"x": [0.0, 0.0]}
    assert "relu at [(0, 1), (1, 1)]" in str(first) and "left 0, right 1" in str(first)


def test_points_with_a_derivative_are_not_listed(relu) -> None:
    t = hd.tensor([-1.0, 2.0], requires_grad=True)
    assert hd.conventions_used(relu(t).sum()) == []


def test_inputs_that_were_freed(relu) -> None:
    t = hd.tensor([0.0], requires_grad=True)
    y = relu(t)
    y.backward(retain_graph=True)
    assert len(hd.conventions_used(y)) == 1
    y.backward()
    with pytest.raises(hd.GradientError, match="freed"):
        hd.conventions_used(y)


def test_nothing_recorded() -> None:
    for value in (hd.tensor([0.0]), np.zeros(1), 0.0):
        with pytest.raises(hd.GradientError, match="does not depend"):
            hd.conventions_used(value)


def test_a_piece_of_one_argument_counts_only_when_that_argument_varies() -> None:
    record = {"where": "x = 0 and y = 0", "reason": "corner", "returned": "0", "argument": "x"}
    value = Value(Factor(_with_map("hypot", record, lambda x, y: (x == 0) & (y == 0))))
    x, y = hd.tensor([0.0, 1.0], requires_grad=True), hd.tensor(0.0, requires_grad=True)
    [use] = hd.conventions_used(apply(value, (x, y), DEFAULTS).sum())
    assert use.by == "x" and use.coordinates == [(0,)] and use.inputs == {"x": [0.0], "y": [0.0]}
    assert hd.conventions_used(apply(value, (x.detach(), y), DEFAULTS).sum()) == []


def test_a_recorded_gradient_reports_the_kinks_it_came_through(relu) -> None:
    t = hd.tensor([0.0, 1.0], requires_grad=True)
    g = hd.grad(lambda x: (relu(x) * relu(x)).sum())(t)
    uses = hd.conventions_used(g)
    assert uses and all(u.op.startswith("relu") and u.coordinates == [(0,)] for u in uses)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_parameter_is_what_the_kernel_makes_of_it(dtype: str) -> None:
    kink = np.float32(0.1) if dtype == "float32" else np.float64(0.1)
    t = hd.tensor(np.array([kink, 0.2]).astype(dtype), requires_grad=True)
    uses = hd.conventions_used(hd.clamp(t, lo=0.1, hi=1.0).sum())
    assert [use.coordinates for use in uses] == ([] if dtype == "float16" else [[(0,)]])
