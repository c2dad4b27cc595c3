"""The compiled comparison of a sweep says what a plain one in NumPy says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hasderiv.runtime.compiled import machine

from hasderiv.sweeping.comparing import WRONG, compare

pytestmark = pytest.mark.skipif(machine.missing() is not None, reason=f"no compiled path: {machine.missing()}")
LARGEST = float(np.finfo(np.float32).max)
BORDER = 2.0**128 - 2.0**103
SPECIAL = np.array(
    [0.0, -0.0, np.nan, np.inf, -np.inf, 2.0**-149, 2.0**-126, LARGEST, BORDER, np.nextafter(BORDER, 0), 1e300, 5e-324]
)


def plainly(y: Any, true: Any) -> Any:
    """The definition, one condition after the other."""
    with np.errstate(all="ignore"):
        size, wide = np.abs(true), y.astype(np.float64)
        wrong = (size >= 2.0**-126) & (size < BORDER) & (~np.isfinite(wide) | (wide == 0))
        wrong |= np.isnan(wide) != np.isnan(true)
        wrong |= (size < BORDER) & np.isinf(wide)
        wrong |= (size >= BORDER) & (np.isfinite(wide) | (np.signbit(wide) != np.signbit(true)))
        exponent = np.frexp(np.where((size > 0) & (size < BORDER), size, 2.0**-200))[1] - 1
        error = np.abs(wide - true) / np.ldexp(1.0, np.maximum(exponent, -126) - 23)
    return np.where(wrong, WRONG, np.where((size < BORDER) & np.isfinite(wide), error, 0.0))


def test_it_agrees_with_the_definition_on_all_kinds_of_numbers() -> None:
    draw = np.random.default_rng(5)
    bits = draw.integers(0, 1 << 32, 40_000, dtype=np.uint32)
    with np.errstate(all="ignore"):
        near = bits.view(np.float32).astype(np.float64)
        near *= 1 + draw.normal(size=near.size) * 1e-6
        special = SPECIAL.astype(np.float32)
    far = draw.integers(0, 1 << 64, near.size, dtype=np.uint64).view(np.float64)
    pairs = [
        (bits.view(np.float32), near),
        (bits.view(np.float32), far),
        (np.repeat(special, SPECIAL.size), np.tile(SPECIAL, SPECIAL.size)),
    ]
    for y, true in pairs:
        assert np.array_equal(compare(y.copy(), true), plainly(y, true))


def test_every_nan_gets_the_same_bits() -> None:
    y = np.array([0x7FC00001, 0xFFC12345, 0x7F800001, 0x3F800000], np.uint32)
    compare(y.view(np.float32), np.ones(4))
    assert y.tolist() == [0x7FC00000, 0x7FC00000, 0x7FC00000, 0x3F800000]
