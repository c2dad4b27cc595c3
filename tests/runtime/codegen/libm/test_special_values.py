"""Special values of the functions of two arguments, by C11, Annex F, and of sin(pi x) and cos(pi x), by C23."""

from __future__ import annotations

from itertools import product
from math import inf, nan, pi

import numpy as np
import pytest
from hasderiv.runtime.codegen.libm.evaluate import evaluate
from hasderiv.runtime.codegen.libm.formats import FORMATS

from .patterns import same_bits

BOTH = pytest.mark.parametrize("dtype", FORMATS)
POSITIVE = (1e-30, 0.5, 1.0, 1.5, 2.0, 3.0, 1e30)
SIZES = (*POSITIVE, inf)
ANY = (*SIZES, *(-v for v in SIZES), 0.0, -0.0)
Row = tuple[float, float, float]


def check(name: str, rows: list[Row], dtype: str) -> None:
    """To the bit, the sign of zero included."""
    x, y, wanted = (np.array(column, dtype) for column in zip(*rows, strict=True))
    found = evaluate(name, x, y)
    word = f"u{found.itemsize}"
    wrong = (found.view(word) != wanted.view(word)) & ~(np.isnan(found) & np.isnan(wanted))
    assert not wrong.any(), [(*row, float(value)) for row, value in zip(rows, found, strict=True)][wrong.argmax()]


@BOTH
def test_pow_of_zero_infinity_and_one(dtype: str) -> None:
    """F.10.4.4, line by line."""
    last = 2.0 ** (FORMATS[dtype].mantissa + 1)  # from here on all numbers are even
    odds = (1.0, 3.0, 7.0, 101.0, last / 2 + 1, last - 1)
    others = (0.5, 2.0, 1.5, 4.0, 100.0, last / 2, last - 2, last, last * 2, 1e30, inf)
    rows: list[Row] = []
    for y in odds:
        rows += [(0.0, -y, inf), (-0.0, -y, -inf), (0.0, y, 0.0), (-0.0, y, -0.0)]
        rows += [(-inf, -y, -0.0), (-inf, y, -inf), (-1.0, y, -1.0), (-1.0, -y, -1.0)]
    for y in others:
        rows += [(0.0, -y, inf), (-0.0, -y, inf), (0.0, y, 0.0), (-0.0, y, 0.0)]
        rows += [(-inf, -y, 0.0), (-inf, y, inf)]
    for y in (*odds, *others):
        rows += [(inf, -y, 0.0), (inf, y, inf)]
    rows += [(-1.0, y, 1.0) for y in (inf, -inf, 2.0, last, -4.0)]
    rows += [(1.0, y, 1.0) for y in (*ANY, nan)]
    rows += [(x, y, 1.0) for x in (*ANY, nan) for y in (0.0, -0.0)]
    rows += [(-x, y, nan) for x in POSITIVE for y in (0.5, -0.5, 1.5, 0.1, last / 4 - 0.5)]
    rows += [(s * x, -inf, inf if x < 1 else 0.0) for x in POSITIVE for s in (1, -1) if x != 1]
    rows += [(s * x, inf, 0.0 if x < 1 else inf) for x in POSITIVE for s in (1, -1) if x != 1]
    rows += [(nan, y, nan) for y in (*ANY, nan) if y != 0] + [(x, nan, nan) for x in (*ANY, nan) if x != 1]
    check("pow", rows, dtype)


@BOTH
def test_pow_where_it_is_exact(dtype: str) -> None:
    bits, bias = FORMATS[dtype].mantissa + 1, FORMATS[dtype].bias
    rows: list[Row] = [(2.0, float(n), 2.0**n) for n in range(2 - bias - bits, bias + 1)]
    powers = [(s * a, n) for a in range(1, 60) for n in range(9) for s in (1, -1)]
    rows += [(float(a), float(n), float(a**n)) for a, n in powers if abs(a**n) < 2**bits]
    rows += [(float(a * a), 0.5, float(a)) for a in range(1, 4000)] + [(x, 1.0, x) for x in ANY]
    check("pow", rows, dtype)


@BOTH
def test_hypot(dtype: str) -> None:
    """F.10.4.3: infinite beside anything, NaN included; with a zero the size of the other."""
    rows: list[Row] = [(s * inf, y, inf) for s in (1, -1) for y in (*ANY, nan)]
    rows += [(x, nan, nan) for x in (*ANY, nan) if abs(x) != inf]
    rows += [(x, z, abs(x)) for x in ANY for z in (0.0, -0.0)]
    for a, b, c in ((3.0, 4.0, 5.0), (5.0, 12.0, 13.0), (20.0, 21.0, 29.0)):
        for scale, s, t in product((1.0, 2.0**100, 2.0**-100, 2.0**-140), (1, -1), (1, -1)):
            rows += [(s * a * scale, t * b * scale, c * scale)]
    top = float(np.finfo(dtype).max)
    rows += [(top, top, inf), (top, 1.0, top)]
    check("hypot", rows + [(y, x, value) for x, y, value in rows], dtype)


@BOTH
def test_atan2(dtype: str) -> None:
    """F.10.1.4, and the axes and diagonals."""
    rows: list[Row] = []
    for s in (1.0, -1.0):
        rows += [(s * 0.0, x, s * pi) for x in (-0.0, *(-v for v in SIZES))]
        rows += [(s * 0.0, x, s * 0.0) for x in (0.0, *SIZES)]
        rows += [(s * y, x, s * pi / 2) for y in SIZES for x in (0.0, -0.0)]
        rows += [(s * y, -inf, s * pi) for y in POSITIVE] + [(s * y, inf, s * 0.0) for y in POSITIVE]
        rows += [(s * inf, x, s * pi / 2) for v in POSITIVE for x in (v, -v)]
        rows += [(s * v, v, s * pi / 4) for v in SIZES] + [(s * v, -v, s * 3 * pi / 4) for v in SIZES]
    rows += [(nan, x, nan) for x in (*ANY, nan)] + [(y, nan, nan) for y in ANY]
    check("atan2", rows, dtype)


@BOTH
@pytest.mark.parametrize(("name", "own"), [("pow", np.power), ("hypot", np.hypot), ("atan2", np.arctan2)])
def test_numpy_agrees_on_what_is_special(name: str, own: np.ufunc, dtype: str) -> None:
    tiny = float(np.finfo(dtype).smallest_subnormal)
    some = np.array([*ANY, nan, tiny, -tiny, 0.75, -0.75, 8388609.0, -8388609.0, 2.5, 4.0], dtype)
    x, y = (a.ravel() for a in np.meshgrid(some, some))
    with np.errstate(all="ignore"):
        wanted = own(x, y)
    found = evaluate(name, x, y)
    plain = np.isfinite(wanted) & (wanted != 0)
    assert same_bits(found[~plain], wanted[~plain])
    assert np.allclose(found[plain], wanted[plain], rtol=4 * np.finfo(dtype).eps, atol=4 * tiny)


@BOTH
def test_sines_of_half_turns(dtype: str) -> None:
    last = 2.0 ** (FORMATS[dtype].mantissa + 1)
    whole = np.array([0, 1, 2, 3, 4, 1001, last / 2 - 1, last / 2 + 1, last - 1, last, 3 * last, 1e30], dtype)
    half = np.array([0.5, 1.5, 2.5, 3.5, last / 4 - 0.5], dtype)
    for s in (1, -1):
        assert same_bits(evaluate("sinpi", s * whole), np.copysign(np.zeros_like(whole), s))
        assert same_bits(evaluate("cospi", s * whole), np.where(np.fmod(whole, 2) == 1, -1, 1).astype(dtype))
        assert same_bits(evaluate("cospi", s * half), np.zeros_like(half))
        assert same_bits(evaluate("sinpi", s * half), (s * np.where(np.fmod(half, 2) == 0.5, 1, -1)).astype(dtype))
    for name in ("sinpi", "cospi"):
        assert np.isnan(evaluate(name, np.array([inf, -inf, nan], dtype))).all()
