"""The functions of float32 numbers in float64: good to about 2^-45, and with the values of the cores at the ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from hasderiv.runtime.codegen.libm.catalogue import WIDE
from hasderiv.runtime.codegen.libm.evaluate import evaluate

from .patterns import random, same_bits

TRUTH: dict[str, Callable[[Any], Any]] = {
    "exp": mpmath.exp,
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "tan": mpmath.tan,
    "tanh": mpmath.tanh,
}
LOOSE = {"tan": 2.0**-30}
"""The reduced angle has 62 bits behind the point and is at least 2^-30."""
ENDS = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 1e30, -1e30, 2.0**-149, -(2.0**-149)], np.float32)


def test_each_is_tried() -> None:
    assert set(TRUTH) == set(WIDE)


@pytest.mark.parametrize("name", WIDE)
def test_it_is_close_to_the_function(name: str) -> None:
    x = random(2000, seed=7)
    x = x[np.isfinite(x)].astype(np.float64)
    x = x[(x > 0) if name == "log" else (np.abs(x) < 100) | (name == "tan")]
    found = evaluate(WIDE[name], x)
    with mpmath.workdps(120):
        for given, value in zip(x, found, strict=True):
            truth = TRUTH[name](mpmath.mpf(float(given)))
            assert abs(mpmath.mpf(float(value)) - truth) <= LOOSE.get(name, 2.0**-45) * abs(truth), given


@pytest.mark.parametrize("name", WIDE)
def test_its_ends_are_those_of_the_core(name: str) -> None:
    with np.errstate(all="ignore"):
        wide, core = (evaluate(n, ENDS.astype(np.float64)).astype(np.float32) for n in (WIDE[name], name))
    assert same_bits(wide, core)
