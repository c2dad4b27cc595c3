"""Products of matrices and of stacks of them beside NumPy's, whatever their extents and strides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hasderiv.runtime.compiled import machine, stacks

import hasderiv as hd

pytestmark = [
    pytest.mark.skipif(machine.missing() is not None, reason=f"no compiled path: {machine.missing()}"),
    pytest.mark.skipif(machine.missing() is None and not stacks._worthwhile(), reason="no threads, or nothing fused"),
]


def drawn(dtype: str, *shape: int, seed: int = 0) -> Any:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(dtype)


@pytest.fixture(params=[None, (32, 6)], ids=["widest vectors", "vectors of 32 bytes"])
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Products of any size are tried, with tiles of this and of other processors."""
    monkeypatch.setattr(stacks, "LEAST", 0)
    if request.param is not None:
        monkeypatch.setattr(stacks, "_shape", lambda: request.param)
    stacks._kernel.cache_clear()
    yield
    stacks._kernel.cache_clear()


EXTENTS = [(8, 4, 32), (9, 5, 33), (17, 64, 31), (128, 32, 128), (10, 1000, 20), (600, 7, 40), (20, 2500, 9)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("stack", [(), (2, 6)])
@pytest.mark.parametrize(("m", "k", "n"), EXTENTS)
@pytest.mark.usefixtures("small")
def test_products(m: int, k: int, n: int, stack: tuple[int, ...], dtype: str) -> None:
    """Factors that are contiguous, transposed, or every second matrix; all give the same bits."""
    a, b = drawn(dtype, *stack, m, k), drawn(dtype, *stack, k, n, seed=1)
    wanted, digits = a.astype(float) @ b.astype(float), (2e-5 if dtype == "float32" else 1e-13) * k**0.5
    bits = set()
    for left in (a, np.ascontiguousarray(a.swapaxes(-1, -2)).swapaxes(-1, -2)):
        for right in (b, np.ascontiguousarray(b.swapaxes(-1, -2)).swapaxes(-1, -2)):
            assert stacks.possible(left, right)
            out = np.full((*stack, m, n), np.nan, dtype)
            assert stacks.product(left, right, out) is out
            np.testing.assert_allclose(out, wanted, rtol=digits, atol=digits)
            bits.add(out.tobytes())
            if stack:
                np.testing.assert_array_equal(stacks.product(left[:, ::2], right[:, ::2]), out[:, ::2])
    assert len(bits) == 1, "the bits depend on the layout"


def test_nothing_is_lost_of_what_is_not_finite(small: None) -> None:
    a, b = np.ones((8, 3)), np.ones((3, 32))
    a[0, 0], a[1, 1], b[2, 5] = np.nan, np.inf, -np.inf
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(stacks.product(a, b), a @ b)


def test_what_is_left_to_blas() -> None:
    a, b = drawn("float32", 300, 64), drawn("float32", 64, 300)
    assert stacks.possible(a, b)
    refused = [
        (a[:7], b), (a, b[:, :7]), (a[:50], b[:, :50]), (a, b[:-1]), (a[:, :0], b[:0]), (a, b.astype("float64")),
        (a.astype(int), b.astype(int)), (a[0], b), (a, b[:, 0]), (a[None], b),
        (a.astype(">f4"), b.astype(">f4")), (a.astype("float16"), b.astype("float16")),
    ]  # fmt: skip
    assert not any(stacks.possible(x, y) for x, y in refused)
    for x, y in refused:
        if x.shape[-1] == y.shape[-2:][0]:
            np.testing.assert_array_equal(stacks.product(x, y), x @ y)


def test_a_product_of_tensors_has_the_same_bits_eager_and_compiled_and_in_any_number_of_threads() -> None:
    a, b = drawn("float32", 513, 100), drawn("float32", 100, 257)
    eager = hd.matmul(a, b).numpy()
    compiled = hd.compile(hd.matmul, a, b)
    for _ in range(2):  # the first call watches, the second has a plan
        np.testing.assert_array_equal(compiled.forward((a, b)).numpy(), eager)
    by_parts = [stacks.product(a[i : i + 171], b) for i in range(0, 513, 171)]
    np.testing.assert_array_equal(np.concatenate(by_parts), eager)
