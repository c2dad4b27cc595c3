"""Runs in machine code do what slices in NumPy do, to the bit: unfolding, folding, the winners of a pool."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime.compiled import machine, runs
from hasderiv.runtime.tensor_ops import convolution, pooling
from hasderiv.runtime.tensor_ops.windows import Windows, columns_met, windows

pytestmark = pytest.mark.skipif(machine.missing() is not None, reason=f"no compiled path: {machine.missing()}")

CASES = [
    windows("test", kernel, stride, padding, size)
    for kernel, stride, padding, size in [
        ((3,), 1, 1, (40,)),
        ((2,), 3, 0, (11,)),
        ((3, 3), 1, 1, (28, 28)),
        ((3, 2), (1, 2), (2, 1), (5, 9)),
        ((2, 2), 2, 0, (6, 70)),
        ((1, 5), (2, 3), (0, 4), (3, 1)),
        ((2, 1, 3), (1, 2, 1), (1, 0, 2), (3, 4, 5)),
        ((4, 4), 1, 3, (1, 1)),
    ]
]
EVERY = pytest.mark.parametrize(("w", "dtype"), list(itertools.product(CASES, ("float32", "float64"))))


def numbers(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    found = rng.integers(-3, 4, shape) / 3
    special = rng.choice([np.nan, np.inf, -np.inf, -0.0, 1.0], shape)
    return np.where(rng.random(shape) < 0.1, special, found).astype(dtype)


def both(monkeypatch: pytest.MonkeyPatch, work: Any) -> tuple[Any, Any]:
    """What comes out in machine code, and by NumPy's slices."""
    quick = work()
    with monkeypatch.context() as patch, np.errstate(invalid="ignore"):
        patch.setattr(runs, "possible", lambda dtype: False)
        return quick, work()


def same(found: Any, wanted: Any) -> None:
    number = ~np.isnan(wanted)
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(np.signbit(found[number]), np.signbit(wanted[number]))


@EVERY
def test_unfolding_and_folding(w: Windows, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    x = numbers((4, 3, *w.size), dtype)[:, ::2]  # not contiguous
    columns = numbers((2, w.offsets, 4, *w.out), dtype, 1)

    def unfold() -> Any:
        made = np.zeros_like(columns)
        convolution._unfold(x, w, made)
        return made

    def fold() -> Any:
        made = x.copy()
        convolution._fold(made, w, columns)
        return made

    same(*both(monkeypatch, unfold))
    same(*both(monkeypatch, fold))


@EVERY
def test_the_winners_of_a_pool_and_what_goes_back_to_them(
    w: Windows, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, g = numbers((2, 3, *w.size), dtype), numbers((2, 3, *w.out), dtype, 1)
    (best, winners), (wanted, others) = both(monkeypatch, lambda: pooling._contest(x, w))
    same(best, wanted)
    np.testing.assert_array_equal(winners, others)
    same(*both(monkeypatch, lambda: pooling._spread(g, winners, w)))


def test_a_pool_with_many_offsets_keeps_wider_winners() -> None:
    w = windows("test", (20, 20), 1, 0, (21, 20))
    x = np.zeros((1, 21, 20), "float32")
    x[0, 20, 19] = 1
    assert pooling._contest(x, w)[1].reshape(-1).tolist() == [0, 399]


def test_bits_are_those_of_one_thread() -> None:
    w = windows("test", (3, 3), 1, 1, (28, 28))
    x, columns = numbers((32, 16, 28, 28), "float32"), numbers((16, 9, 32, 28, 28), "float32", 1)
    met = columns_met(w, 32, 16)
    assert met.size > 1 << 20
    together = x.copy()
    runs.add(together, columns, met)
    for i in range(32):
        apart = x[i].copy()
        runs.add(apart, np.ascontiguousarray(columns[:, :, i : i + 1]), columns_met(w, 1, 16))
        same(together[i], apart)
