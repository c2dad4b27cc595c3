"""Inputs for the cores: bit patterns that matter, and random ones."""

from __future__ import annotations

import subprocess
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime.codegen.libm import samples
from hasderiv.runtime.codegen.libm.sweep import compiler


def _quadmath() -> bool:
    try:
        return compiler() is not None and bool(samples.shared_library("exp"))
    except (subprocess.CalledProcessError, OSError):
        return False


needs_quadmath = pytest.mark.skipif(not _quadmath(), reason="needs gcc with libquadmath")


def special() -> np.ndarray[Any, Any]:
    """Zeros, subnormals, powers of two and their neighbours, the largest number, infinities and NaN, of both signs;
    and the numbers next to a multiple of pi/2 and to the ends of the intervals of the polynomials.
    """
    edges = [0, 1, 2, 0x7FFFFF, 0x7F7FFFFF, 0x7F800000, 0x7FC00000, 0x7F800001]
    powers = [(e << 23) + d for e in range(1, 255) for d in (-1, 0, 1)]
    marks = np.array(
        [
            0.25,
            0.34657,
            0.41421356,
            0.5,
            0.70710678,
            0.78539816,
            1.5707964,
            2.4142136,
            3.1415927,
            4.0,
            9.0109,
            10.0542,
            16.635532,
            87.33655,
            88.72284,
            89.41599,
            103.97208,
            126.0,
            149.0,
            150.0,
            16367173 * 2.0**72,
        ],
        np.float32,
    ).view(np.uint32)
    near = (marks[:, None].astype(np.int64) + np.arange(-40, 41)).reshape(-1)
    words = np.array([*edges, *powers, *near], np.uint32)
    return np.concatenate([words, words | np.uint32(0x80000000)]).view(np.float32)


def random(count: int, seed: int) -> np.ndarray[Any, Any]:
    """Half any bit patterns, half numbers between 2^-30 and 2^8, where most happens."""
    rng = np.random.default_rng(seed)
    anywhere = rng.integers(0, 1 << 32, count // 2, np.uint32)
    usual = rng.integers((127 - 30) << 23, (127 + 8) << 23, count // 2).astype(np.uint32)
    usual |= rng.integers(0, 2, count // 2).astype(np.uint32) << np.uint32(31)
    return np.concatenate([anywhere, usual]).view(np.float32)


def same_bits(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    """Whether two arrays of floats agree to the bit, one NaN being as good as another."""
    word = f"u{a.itemsize}"
    return a.dtype == b.dtype and bool(np.all((a.view(word) == b.view(word)) | (np.isnan(a) & np.isnan(b))))
