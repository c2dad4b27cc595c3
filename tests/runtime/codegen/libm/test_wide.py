"""The functions of float32 numbers in float64: as good as is said, and with the values of the cores at the ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from hasderiv.runtime.codegen.libm.catalogue import WIDE
from hasderiv.runtime.codegen.libm.evaluate import evaluate

from .patterns import random, same_bits


def _phi(x: Any) -> Any:
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def _slope(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Its derivative, by a difference: 120 digits leave it 40."""
    step = mpmath.mpf(10) ** -40
    return lambda x: (function(x + step) - function(x - step)) / (2 * step)


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "gelu": lambda x: x / (1 + mpmath.exp(-mpmath.sqrt(8 / mpmath.pi) * (x + mpmath.mpf("0.044715") * x**3))),
    "gelu_erf": lambda x: x * _phi(x),
    "mish": lambda x: x * mpmath.tanh(mpmath.log1p(mpmath.exp(x))),
}
TRUTH: dict[str, Callable[..., Any]] = {
    "erfc": mpmath.erfc,
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "pow": lambda x, y: x**y,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "tan": mpmath.tan,
    "tanh": mpmath.tanh,
    **ACTIVATIONS,
    **{f"{name}_derivative": _slope(function) for name, function in ACTIVATIONS.items()},
}
LOOSE = {"tan": 2.0**-30, **dict.fromkeys(("silu", "silu_derivative", "tanh"), 2.0**-31)}
"""For the tangent the reduced angle has 62 bits behind the point and is at least 2^-30."""
LOOSE |= dict.fromkeys(("erfc", "gelu_erf", "gelu_erf_derivative"), 2.0**-26.5)
SMALLEST = 2.0**-152
"""What is below is 0 in float32, and may be cut off."""
ENDS = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 1e30, -1e30, 2.0**-148, -(2.0**-148)], np.float32)


def columns(name: str, x: np.ndarray) -> list[np.ndarray]:
    """One argument, or all pairs."""
    return [a.ravel() for a in np.meshgrid(x, x)] if name == "pow" else [x]


def inputs(name: str) -> list[np.ndarray]:
    """Float32 numbers, of which the functions are used up to there, as float64."""
    x = random(2000, seed=7)
    x = x[np.isfinite(x)].astype(np.float64)
    x = x[(x > 0) if name in ("log", "pow") else (np.abs(x) < 100) | (name == "tan")]
    if name != "pow":
        return [x]
    y = np.random.default_rng(7).uniform(-100, 100, x.size) / np.maximum(1, np.abs(np.log(x)))
    return [x, y.astype(np.float32).astype(np.float64)]


def test_each_is_tried() -> None:
    assert set(TRUTH) == set(WIDE)


@pytest.mark.parametrize("name", WIDE)
def test_it_is_close_to_the_function(name: str) -> None:
    given = inputs(name)
    found = evaluate(WIDE[name], *given)
    with mpmath.workdps(120):
        for *at, value in zip(*given, found, strict=True):
            truth = TRUTH[name](*map(mpmath.mpf, map(float, at)))
            error = abs(mpmath.mpf(float(value)) - truth)
            assert error <= LOOSE.get(name, 2.0**-45) * abs(truth) or max(abs(value), abs(truth)) < SMALLEST, at


@pytest.mark.parametrize("name", WIDE)
def test_its_ends_are_those_of_the_core(name: str) -> None:
    given = [column.astype(np.float64) for column in columns(name, ENDS)]
    with np.errstate(all="ignore"):
        wide, core = (evaluate(n, *given).astype(np.float32) for n in (WIDE[name], name))
    assert same_bits(wide, core)
