"""One op list, the same bits: NumPy, plain C, vectorised C."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hasderiv.runtime.codegen.libm import pairs
from hasderiv.runtime.codegen.libm.catalogue import BINARY, CORES, WIDE
from hasderiv.runtime.codegen.libm.evaluate import BLOCK, evaluate
from hasderiv.runtime.codegen.libm.formats import FORMATS
from hasderiv.runtime.codegen.libm.reference import compute as vectorised
from hasderiv.runtime.codegen.libm.samples import hard_inputs
from hasderiv.runtime.codegen.libm.sweep import compiler

from .patterns import random, same_bits, special
from .plain_c import compute as plain

needs_compiler = pytest.mark.skipif(compiler() is None, reason="needs a C compiler")


@needs_compiler
@pytest.mark.parametrize("name", CORES)
def test_numpy_and_c_agree_to_the_bit(name: str) -> None:
    x = np.concatenate([special(), random(1_000_000, seed=len(name))])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = evaluate(name, x)
    assert same_bits(found, plain(name, x))
    assert same_bits(found, vectorised(name, x))


@needs_compiler
@pytest.mark.parametrize("name", [*CORES, *(wide for name, wide in WIDE.items() if name in CORES)])
def test_numpy_and_c_agree_in_float64_too(name: str) -> None:
    rng = np.random.default_rng(len(name))
    usual = rng.choice([-1.0, 1.0], 200_000) * 2.0 ** rng.uniform(-60, 10, 200_000)
    x = np.concatenate([hard_inputs(), rng.integers(0, 1 << 64, 200_000, np.uint64).view(np.float64), usual])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = evaluate(name, x)
    assert same_bits(found, plain(name, x))


@needs_compiler
@pytest.mark.parametrize(
    ("name", "dtype"),
    [*((name, dtype) for name in BINARY for dtype in FORMATS), *((WIDE[n], "float64") for n in BINARY if n in WIDE)],
)
def test_they_agree_at_pairs(name: str, dtype: str) -> None:
    hard = pairs.hard_inputs(dtype)
    rng = np.random.default_rng(len(name))
    word = f"u{np.dtype(dtype).itemsize}"
    drawn = rng.integers(0, np.iinfo(word).max, (2, 200_000), word, endpoint=True).view(dtype)
    x, y = (np.concatenate(both) for both in zip(hard, drawn, strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = evaluate(name, x, y)
    assert same_bits(found, plain(name, x, y))
    if dtype == "float32":
        assert same_bits(found, vectorised(name, x, y))


def test_blocks_strides_and_shapes() -> None:
    x = random(2 * BLOCK + 10, seed=1)
    whole = evaluate("exp", x)
    assert same_bits(evaluate("exp", x[:7]), whole[:7])
    assert same_bits(evaluate("exp", x[::3]), whole[::3])
    assert evaluate("exp", x[:6].reshape(2, 3)).shape == (2, 3)
    assert evaluate("exp", x[:0]).shape == (0,)


def test_pairs_are_broadcast() -> None:
    x, y = random(40, seed=2).reshape(2, 20), random(20, seed=3)
    found = evaluate("pow", x, y)
    assert found.shape == (2, 20)
    assert same_bits(found[1], evaluate("pow", x[1], y))
    assert same_bits(evaluate("pow", x, np.float32(2).reshape(())), evaluate("pow", x, np.full_like(x, 2)))


def test_another_dtype_is_refused() -> None:
    with pytest.raises(TypeError, match="float16"):
        evaluate("exp", np.zeros(3, np.float16))
    with pytest.raises(TypeError, match="float32 and float64"):
        evaluate("pow", np.zeros(3, np.float32), np.zeros(3))
    with pytest.raises(TypeError, match="takes 2 arrays, not 1"):
        evaluate("pow", np.zeros(3))


def test_the_float64_nearest_to_a_multiple_of_half_pi() -> None:
    """6381956970095103 * 2^797 is 2^-61 away from one (Kahan, Muller): every digit of the window counts."""
    x = np.array([6381956970095103 * 2.0**797])
    assert evaluate("cos", x)[0] == pytest.approx(-4.6871659242546277e-19, rel=3e-16)
    assert evaluate("sin", x)[0] == 1.0
