"""The selection of generated functions against ``np.where``: short and long arrays, irregular and regular masks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hasderiv.runtime.lanes import choose, single

SIZES = (1, 16, 2049, 70_000)


def masks(size: int) -> list[np.ndarray]:
    rng = np.random.default_rng(size)
    return [rng.random(size) < share for share in (0.0, 0.01, 0.5, 1.0)] + [np.arange(size) < size // 2]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", SIZES)
def test_choose_is_where(size: int, dtype: Any) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, size)).astype(dtype)
    a[::7], b[::5] = np.nan, -0.0
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


def test_single_rounds_to_float32_and_stays_float64() -> None:
    x = np.array([0.1, 1e39, -1e-50, np.nan, 2.0**-149])
    wanted = np.array([float(np.float32(0.1)), np.inf, -0.0, np.nan, 2.0**-149])
    out = np.empty(5)
    with np.errstate(all="raise"):
        assert single(x, out) is out and single(x[0], None) == wanted[0]
    for found in (out, single(x, None)):
        assert found.dtype == np.float64
        assert np.array_equal(found, wanted, equal_nan=True) and np.signbit(found[2])
