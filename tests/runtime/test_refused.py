"""What a kernel does not take in silence: masks, and parameters that its dtype cannot hold."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import hasderiv as hd

X = np.linspace(-2, 2, 5).astype(np.float32)


@pytest.fixture(autouse=True)
def no_warning() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("value", [1e300, -1e300, np.float64(1e39), 10**60, 10**400, -(10**400)])
def test_a_parameter_beyond_the_dtype_is_an_error_and_no_warning(value: Any) -> None:
    for x in (X, hd.tensor(X), X.astype(np.float16)):
        with pytest.raises(hd.DomainError, match="no float32"):
            hd.ops["scale"](x, c=value)
        with pytest.raises(hd.DomainError, match="no float32"):
            hd.ops["scale"].derivative(x, c=value)


def test_a_parameter_that_fits_or_is_infinite_is_taken() -> None:
    wide = X.astype(np.float64)
    assert np.array_equal(hd.ops["scale"](wide, c=1e300), wide * 1e300)
    largest = float(np.finfo(np.float32).max)
    assert np.array_equal(hd.ops["clamp"](X, lo=0.0, hi=largest), np.maximum(X, 0))
    assert np.array_equal(hd.ops["clamp"](X, lo=0.0, hi=np.inf), np.maximum(X, 0))


def test_masked_arrays_are_refused_as_operands_and_as_results() -> None:
    masked, out = np.ma.masked_array(X, X > 0), np.empty_like(X)
    for call in (
        lambda: hd.exp(masked),
        lambda: hd.exp(masked, out=out),
        lambda: hd.exp(X, out=masked),
        lambda: hd.ops["mul"](X, masked),
        lambda: hd.ops["scale"](X, c=masked),
        lambda: hd.ops["gelu"].derivative(masked),
        lambda: hd.ops["gelu"].vjp(masked, X),
        lambda: hd.tensor(masked),
    ):
        with pytest.raises(hd.DTypeError, match="mask"):
            call()
