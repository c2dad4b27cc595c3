"""float16 and bfloat16, all 65,536 inputs: computed in float32 and rounded once, at most 0.51 ULP from the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hasderiv.runtime import kernels
from hasderiv.runtime.compiled import machine

from hasderiv.sweeping import evidence

ml_dtypes = pytest.importorskip("ml_dtypes")
pytestmark = pytest.mark.skipif(machine.missing() is not None, reason=f"no compiled path: {machine.missing()}")
# dtype, explicit bits of the mantissa, smallest exponent of a normal number, largest number
FORMATS = [
    (np.dtype(np.float16), 10, -14, 65504.0),
    (np.dtype(ml_dtypes.bfloat16), 7, -126, float.fromhex("0x1.fep127")),
]
LIMIT = 0.51


@pytest.mark.parametrize(("dtype", "bits", "smallest", "largest"), FORMATS, ids=["float16", "bfloat16"])
@pytest.mark.parametrize("name", evidence.unary())
def test_every_half_precision_number(name: str, dtype: Any, bits: int, smallest: int, largest: float) -> None:
    op, given = kernels.load(name), evidence.parameters(name)
    x = np.arange(1 << 16, dtype=np.uint16).view(dtype)
    for what, key in evidence.keys(name).items():
        with np.errstate(all="ignore"):
            wide = x.astype(np.float64)
            got = op.routine(key)(x, **given).astype(np.float64)
            true = op.routine(key)(wide, **given)
            unit = np.ldexp(1.0, np.maximum(np.frexp(true)[1] - 1, smallest) - bits)
            inside = np.abs(true) <= largest
            assert np.array_equal(np.isnan(got), np.isnan(true)), what
            assert np.isfinite(got[inside]).all(), what
            error = np.abs(got - true)[inside] / unit[inside]
        worst = int(error.argmax())
        assert error[worst] <= LIMIT, f"{name} {what}: {error[worst]} ULP at {wide[inside][worst]}"
