"""The quick remainder has the bits of the C library's, near every border; what is beyond its reach is left to that."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hasderiv.runtime import kernels
from hasderiv.runtime.compiled import loops, machine, remainder

pytestmark = pytest.mark.skipif(machine.missing() is not None, reason=f"no compiled path: {machine.missing()}")
SIZE = 40_003


def agrees(x: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> bool:
    with np.errstate(all="ignore"):
        wanted = np.fmod(x, y)  # exact as well
    found = kernels.load("fmod").forward(x, y)
    same = (found.view(np.uint32) == wanted.view(np.uint32)) | (np.isnan(found) & np.isnan(wanted))
    return bool(same.all())


@pytest.mark.parametrize("bits", [1, 5, 20, 24, 26, 27, 28, 29])
@pytest.mark.parametrize("exponent", [-149, -140, -126, -20, 60, 103])
def test_next_to_multiples(exponent: int, bits: int) -> None:
    rng = np.random.default_rng(bits)
    y = (rng.integers(1, 2**24, SIZE) * 2.0 ** rng.integers(exponent, exponent + 12, SIZE)).astype(np.float64)
    y = np.minimum(y, 2.0**127).astype(np.float32)
    multiple = np.minimum(y * rng.integers(0, 2**bits, SIZE).astype(np.float64), 2.0**127).astype(np.float32)
    for x in (multiple, np.nextafter(multiple, np.float32(np.inf)), np.nextafter(multiple, np.float32(0))):
        assert agrees(x, y) and agrees(-x, y) and agrees(x, -y)


def test_random_bits_and_what_is_special() -> None:
    rng = np.random.default_rng(1)
    x, y = (rng.integers(0, 2**32, SIZE, dtype=np.uint32).view(np.float32) for _ in range(2))
    assert agrees(x, y)
    finite = np.where(np.isfinite(y), y, np.float32(1)).astype(np.float64)
    near = (finite * rng.uniform(0, 9, SIZE)).clip(-3e38, 3e38).astype(np.float32)
    assert agrees(near, y)
    special = np.array([0, -0.0, np.inf, -np.inf, np.nan, 1e-45, -1e-45, 1.5, 3.4e38], np.float32)
    a, b = (side.ravel() for side in np.meshgrid(special, special))
    assert agrees(a, b)
    for i in range(len(a)):  # one hard element among easy ones
        u, v = np.full(loops.PIECE * 3, 7.5, np.float32), np.full(loops.PIECE * 3, 2, np.float32)
        u[700], v[700] = a[i], b[i]
        assert agrees(u, v)


def test_only_a_remainder_of_the_inputs_has_a_twin() -> None:
    text = (kernels.GENERATED / "fmod.ll").read_text(encoding="utf-8")
    single = text[text.index("define internal float @hd_fmod_forward_f") :].split("\n\n")[0]
    found = remainder.twin(("hd_fmod_forward_f",), single)
    assert found is not None and found.operands == (0, 1) and "frem" not in found.text
    assert found.routines == ("hd_fmod_forward_f.quick",)
    assert remainder.twin(("hd_fmod_forward_f",), single.replace("frem float %v_x", "frem float %t1")) is None
    assert remainder.twin(("hd_fmod_forward_f",), single.replace("float", "double")) is None
    swapped = single.replace("(float %v_x, float %v_y)", "(float %v_g_, float %v_y, float %v_x)")
    other = remainder.twin(("hd_fmod_forward_f",), swapped)
    assert other is not None and other.operands == (2, 1)
