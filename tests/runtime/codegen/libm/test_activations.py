"""The activations against mpmath: beside the roots of the derivatives, in the tails and at the ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from hasderiv.runtime.codegen.libm import fits
from hasderiv.runtime.codegen.libm.evaluate import evaluate
from hasderiv.runtime.codegen.libm.formats import FORMATS

DIGITS = 1000  # for 1 + tanh far left, and for differences that stand for derivatives
BOTH = pytest.mark.parametrize("dtype", FORMATS)
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "gelu": lambda x: x * (1 + mpmath.tanh(mpmath.sqrt(2 / +mpmath.pi) * (x + 44715 * x**3 / 10**6))) / 2,
    "gelu_erf": lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "mish": lambda x: x * mpmath.tanh(mpmath.log(1 + mpmath.exp(x))),
}


def truth(name: str, x: float) -> Any:
    """The function, or by a difference its derivative."""
    stem = name.removesuffix("_derivative")
    with mpmath.workdps(DIGITS):
        if stem == name:
            return FUNCTIONS[stem](mpmath.mpf(x))
        h = mpmath.mpf(10) ** (-DIGITS // 3)
        return (FUNCTIONS[stem](x + h) - FUNCTIONS[stem](x - h)) / (2 * h)


def worst(name: str, x: np.ndarray[Any, Any]) -> float:
    """The largest error in units in the last place."""
    form = FORMATS[x.dtype.name]
    errors = []
    for given, found in zip(x, evaluate(name, x), strict=True):
        r = truth(name, float(given))
        exponent = max(int(mpmath.floor(mpmath.log(abs(r), 2))), 1 - form.bias)
        errors.append(float(abs(mpmath.mpf(float(found)) - r) * mpmath.mpf(2) ** (form.mantissa - exponent)))
    return max(errors)


@BOTH
@pytest.mark.parametrize("name", FUNCTIONS)
def test_beside_the_root_of_the_derivative(name: str, dtype: str) -> None:
    """The numbers next to it, and some further and further away."""
    at = np.array(-float(fits.root(name.upper())), dtype)
    steps = np.concatenate([np.arange(-4, 5), 2 ** np.arange(3, 21), -(2 ** np.arange(3, 21))])
    x = (at.view(f"i{at.itemsize}") + steps.astype(f"i{at.itemsize}")).view(dtype)
    assert worst(f"{name}_derivative", x) < 2


@BOTH
@pytest.mark.parametrize("end", ["", "_derivative"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_anywhere(name: str, end: str, dtype: str) -> None:
    far = {"silu": 103.0, "mish": 103.0, "gelu": 10.1, "gelu_erf": 14.2}[name] * (1 if dtype == "float32" else 2)
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.uniform(-far, 5, 40), -np.geomspace(1e-30, far, 30), np.geomspace(1e-30, 30, 20)])
    assert worst(f"{name}{end}", x.astype(dtype)) < (2.5 if end else 1.5)


@BOTH
@pytest.mark.parametrize("name", FUNCTIONS)
def test_at_the_ends(name: str, dtype: str) -> None:
    top = np.finfo(dtype).max
    x = np.array([-np.inf, -top, -1e30, 0.0, -0.0, 1e30, top, np.inf, np.nan], dtype)
    f, slope = evaluate(name, x), evaluate(f"{name}_derivative", x)
    assert np.array_equal(f, np.array([0, 0, 0, 0, 0, *x[5:]], dtype), equal_nan=True)
    at_zero = 0.6 if name == "mish" else 0.5
    assert np.array_equal(slope, np.array([0, 0, 0, at_zero, at_zero, 1, 1, 1, np.nan], dtype), equal_nan=True)
    assert np.signbit(f[:3]).all() and np.signbit(slope[:3]).all() and list(np.signbit(f[3:5])) == [False, True]
