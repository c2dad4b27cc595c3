"""The loop around a routine: strides, broadcasting, overlap, alignment, empty arrays, every length, and silence."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime import kernels
from hasderiv.runtime.compiled import loops, machine

pytestmark = pytest.mark.skipif(machine.missing() is not None, reason=f"no compiled path: {machine.missing()}")
DTYPES = ("float32", "float64")


def ufunc(name: str, key: str, count: int) -> np.ufunc:
    made = kernels.load(name).ufunc(key, count)
    assert made is not None
    return made


def numbers(count: int, dtype: str) -> np.ndarray[Any, Any]:
    return np.random.default_rng(count).normal(size=count).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_length_and_stride_gives_the_bits_of_one_element(dtype: str) -> None:
    tanh = ufunc("tanh", "forward", 1)
    x = numbers(3 * loops.PIECE, dtype)
    single = np.array([tanh(v) for v in x])
    for count in (0, 1, 2, 3, 7, 8, 15, 16, 17, 63, 65, loops.PIECE - 1, loops.PIECE, loops.PIECE + 1, len(x)):
        assert np.array_equal(tanh(x[:count]), single[:count])
    for step in (2, 3, -1, -2):
        out = np.zeros(2 * len(x), dtype)[:: 2 if step > 0 else -2][: len(x[::step])]
        assert tanh(x[::step], out=out) is out and np.array_equal(out, single[::step])


@pytest.mark.parametrize("dtype", DTYPES)
def test_scalars_broadcast_rows_and_columns(dtype: str) -> None:
    hypot = ufunc("hypot", "forward", 2)
    row, column = numbers(700, dtype), numbers(5, dtype)[:, None]
    whole = hypot(np.broadcast_to(row, (5, 700)).copy(), np.broadcast_to(column, (5, 700)).copy())
    assert np.array_equal(hypot(row, column), whole)
    assert np.array_equal(hypot(row, column[2, 0]), whole[2])


@pytest.mark.parametrize("dtype", DTYPES)
def test_results_written_over_operands(dtype: str) -> None:
    tanh = ufunc("tanh", "forward", 1)
    x = numbers(2000, dtype)
    wanted = tanh(x)
    here = x.copy()
    assert np.array_equal(tanh(here, out=here), wanted)
    shifted = np.concatenate([x, x[:1]])
    tanh(shifted[:-1], out=shifted[1:])
    assert np.array_equal(shifted[1:], wanted)


def test_addresses_that_are_no_multiple_of_four() -> None:
    tanh = ufunc("tanh", "forward", 1)
    x = numbers(1000, "float32")
    odd = np.frombuffer(b"\0" + x.tobytes(), np.float32, offset=1)
    assert not odd.flags.aligned and np.array_equal(tanh(odd), tanh(x))


def test_no_lane_warns() -> None:
    x = np.array([np.inf, -np.inf, np.nan, 0.0, 1e-45, 3e38, -1.0] * 9, np.float32)
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        for name in ("log", "exp", "rsqrt", "gelu", "atanh"):
            ufunc(name, "forward", 1)(x)
            ufunc(name, "partial_x", 1)(x)
        with pytest.raises(FloatingPointError):
            np.log(x)  # NumPy itself still tells
