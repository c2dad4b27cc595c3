"""Places where a certificate could speak of another function than the one that is differentiated."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import sympy

import hasderiv as hd


def _copied(x: Any) -> Any:
    return copy.copy(x) * x


def _taken_back(x: Any) -> Any:
    total = x.sum()
    x.requires_grad = False
    return x * total


@pytest.mark.parametrize("f", [_copied, _taken_back])
def test_what_cuts_the_tape_is_no_derivative(f: Any) -> None:
    held = hd.compile(f, hd.tensor_spec(2)).conditions_hold([1.0, 2.0])
    assert not held and held.uncertified[0].op == "detach"


MASKS: dict[str, Any] = {
    "a mask compared with a number": (lambda x: hd.select((x > 0) > 0.5, x, 3 * x), "which is a mask"),
    "masks compared": (lambda x: hd.select((x > 0) == (x > 1), x, 3 * x), "which is a mask"),
    "numbers as truth": (lambda x: hd.select(np.logical_not(x), x + 1, 3 * x), "the truth of the numbers"),
    "a mask from masks": (lambda x: hd.select(hd.select(x > 0, x > 1, x < -1), x, 3 * x), "which has no derivative"),
}


@pytest.mark.parametrize("name", MASKS)
def test_masks_whose_kinks_would_be_lost(name: str) -> None:
    f, said = MASKS[name]
    with pytest.raises(hd.CertificateError, match=said):
        hd.compile(f, hd.tensor_spec(2)).certificate()


ROUNDED: dict[str, Any] = {
    "a comparison": lambda x: hd.select(x > 0.1, 2 * x, -x),
    "a branch": lambda x: hd.relu(x - hd.select(x > 3.0, x, 0.1)),
    "a parameter": lambda x: hd.clamp(x, lo=0.1, hi=1.0),
    "an operand": lambda x: hd.max(x, 0.1),
}


@pytest.mark.parametrize("name", ROUNDED)
def test_kinks_lie_where_the_dtype_has_them(name: str) -> None:
    """0.1 is another number in float32, and there is the kink."""
    f = hd.compile(ROUNDED[name], hd.tensor_spec(2, "float32"))
    assert f.conditions_hold(np.array([0.5, 0.2], "float32"))
    assert [u.coordinates for u in f.conditions_hold(np.array([0.5, 0.1], "float32")).uncertified] == [[(1,)]]


def test_a_parameter_of_float16_is_one_of_float32() -> None:
    """The kernels compute in float32, where 0.1 is not its neighbour in float16."""
    f = hd.compile(lambda x: hd.clamp(x, lo=0.1, hi=1.0), hd.tensor_spec(1, "float16"))
    x = np.array([0.1], "float16")
    assert f.conditions_hold(x) and f.vjp(x, np.ones(1, "float16"))[1].item() == 0.0


def test_conditions_are_computed_in_float64() -> None:
    """In float32 ``x + y`` would be 1, away from the kink."""
    x, y = sympy.symbols("x y")
    bent = hd.define("bent_off_one(x, y)", sympy.Abs(x + y - 1 - sympy.Rational(1, 2**30)))
    f = hd.compile(lambda a, b: bent(a, b), hd.tensor_spec(1, "float32"), hd.tensor_spec(1, "float32"))
    assert not f.conditions_hold((np.ones(1, "float32"), np.array([2.0**-30], "float32")))


def test_conditions_compute_with_small_integers() -> None:
    """In uint8 ``200 + 100`` would be 44."""
    f = hd.compile(lambda x, n: hd.select(x > n, x, 2 * x), hd.tensor_spec(2), hd.tensor_spec(2, "uint8"))
    n = np.array([200, 100], "uint8")
    assert f.conditions_hold((np.array([201.0, 99.0]), n)) and not f.conditions_hold((np.array([200.0, 99.0]), n))


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (2, 0, 3)])
def test_without_entries_nothing_can_fail(shape: tuple[int, ...]) -> None:
    f = hd.compile(lambda x: hd.relu(x).reshape(0).sum() + hd.concatenate([x, x * 2]).sum(), hd.tensor_spec(shape))
    assert f.conditions_hold(np.zeros(shape))


def test_a_pool_of_nothing() -> None:
    f = hd.compile(lambda x: hd.max_pool(x, (2, 2)), hd.tensor_spec((0, 3, 4, 4)))
    assert f.conditions_hold(np.zeros((0, 3, 4, 4)))


def test_an_index_outside_is_an_error_of_the_function() -> None:
    f = hd.compile(lambda x, n: x[n], hd.tensor_spec(2), hd.tensor_spec(2, "int64"))
    with pytest.raises(hd.ShapeError, match="out of bounds"):
        f.conditions_hold((np.ones(2), np.array([0, 5])))
