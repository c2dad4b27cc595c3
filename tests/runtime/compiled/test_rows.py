"""Kernels of rows beside NumPy in float64: lengths around those of the vectors, and what is not finite."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hasderiv.runtime.compiled import machine, normal, softmax

pytestmark = pytest.mark.skipif(machine.missing() is not None, reason=f"no compiled path: {machine.missing()}")
DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
LENGTHS = pytest.mark.parametrize("n", [1, 2, 15, 16, 17, 31, 33, 256])


def near(found: Any, wanted: Any) -> None:
    digits = 2e-5 if found.dtype == np.float32 else 1e-13
    np.testing.assert_allclose(found, wanted, rtol=digits, atol=digits)


def drawn(dtype: str, *shape: int, seed: int = 0) -> Any:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(dtype)


def plain_softmax(x: Any, scale: float) -> Any:
    with np.errstate(invalid="ignore"):
        e = np.exp(x * scale - (x * scale).max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)


@DTYPES
@LENGTHS
def test_softmax_and_its_derivative(n: int, dtype: str) -> None:
    x, g = drawn(dtype, 3, 5, n), drawn(dtype, 3, 5, n, seed=1)
    p, pushed = x.copy(), g.copy()
    softmax.softmax(p, 0.7)
    near(p, plain_softmax(x.astype(float), 0.7))
    softmax.push(pushed, p, 0.7)
    near(pushed, (g - (g * p.astype(float)).sum(-1, keepdims=True)) * p * 0.7)


@DTYPES
@pytest.mark.parametrize("place", [0, 15, 18])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
def test_softmax_of_what_is_not_finite(value: float, place: int, dtype: str) -> None:
    x = drawn(dtype, 2, 19)
    x[0, place] = value
    found = x.copy()
    softmax.softmax(found, 0.5)
    near(found, plain_softmax(x, 0.5))


@DTYPES
@LENGTHS
def test_normalised_rows_and_their_cotangents(n: int, dtype: str) -> None:
    x, g, (gamma, beta) = drawn(dtype, 6, n), drawn(dtype, 6, n, seed=1), drawn(dtype, 2, n, seed=2)
    y, gx = np.empty_like(x), np.empty_like(x)
    means, variances, factors = normal.normalize(x, gamma, beta, 0.1, y)
    along = normal.pull(g, x, gamma, means, factors, gx)
    wide = x.astype(float)
    mean, var = wide.mean(-1, keepdims=True), wide.var(-1, keepdims=True)
    r = 1 / np.sqrt(var + 0.1)
    hat, v = (wide - mean) * r, g.astype(float) * gamma
    near(y, hat * gamma + beta)
    near(means, mean[:, 0])
    near(variances, var[:, 0])
    near(gx, r * (v - v.mean(-1, keepdims=True) - hat * (hat * v).mean(-1, keepdims=True)))
    near(along, g * hat)
