"""The three helpers of generated functions against ``np.where``: short and long arrays, irregular and regular masks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hasderiv.runtime.lanes import BLOCK, MASKED, carry, choose, drop

INF, NAN = np.inf, np.nan
SIZES = (1, 16, MASKED, MASKED + 1, BLOCK, BLOCK + 3)


def masks(size: int) -> list[np.ndarray]:
    rng = np.random.default_rng(size)
    return [rng.random(size) < share for share in (0.0, 0.01, 0.5, 1.0)] + [np.arange(size) < size // 2]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", SIZES)
def test_choose_is_where(size: int, dtype: Any) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, size)).astype(dtype)
    a[::7], b[::5] = NAN, -0.0
    zero, one = np.array(0.0, dtype), np.array(1.0, dtype)
    for mask in masks(size):
        for first, second in ((a, b), (a, zero), (one, zero), (zero, b), (one, b), (zero, one)):
            wanted = np.where(mask, first, second)
            kept = (np.array(first), np.array(second))
            for out in (np.empty(size, dtype), None):
                got = choose(mask, first, second, out)
                assert got.dtype == dtype and got.tobytes() == wanted.tobytes()
            assert kept[0].tobytes() == first.tobytes() and kept[1].tobytes() == second.tobytes()
        over = b.copy()
        assert choose(mask, a, over, over) is over and over.tobytes() == np.where(mask, a, b).tobytes()


def test_choose_by_one_truth_value() -> None:
    out = np.empty(5)
    for truth in (np.bool_(True), np.bool_(False)):
        assert np.array_equal(choose(truth, np.ones(5), np.zeros(5), out), np.full(5, float(truth)))


@pytest.mark.parametrize("size", SIZES)
def test_drop_replaces_nan_only_where_the_factor_is_zero(size: int) -> None:
    rng = np.random.default_rng(size)
    g = rng.choice(np.array([0.0, -0.0, 1.0, NAN, INF], np.float32), size)
    p = rng.choice(np.array([NAN, 2.0, -0.0, INF, -INF], np.float32), size)
    wanted = np.where(np.isnan(p) & (g == 0), np.float32(0), p)
    assert drop(g, p) is p and p.tobytes() == wanted.tobytes()
    clean = np.where(np.isnan(p), np.float32(3), p)
    assert np.array_equal(drop(g, clean.copy()), clean)


@pytest.mark.parametrize("size", SIZES)
def test_carry_hands_on_nan(size: int) -> None:
    rng = np.random.default_rng(size)
    x = rng.choice(np.array([NAN, 1.0, INF, -INF]), size)
    p = rng.normal(size=size)
    wanted = np.where(np.isnan(x), x, p)
    assert carry(x, p) is p and p.tobytes() == wanted.tobytes()


def test_numbers_instead_of_arrays() -> None:
    assert drop(np.float32(0), np.float32(NAN)) == 0
    assert np.isnan(drop(np.float32(1), np.float32(NAN)))
    assert np.isnan(carry(np.float64(NAN), np.float64(1))) and carry(np.float64(2), np.float64(1)) == 1
    spread = carry(np.array([NAN, 1.0]), np.float64(5))
    assert np.isnan(spread[0]) and spread[1] == 5
