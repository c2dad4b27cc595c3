"""A stretch of float32 inputs: the largest error of a kernel against the one for float64, and what must not happen.

The error is in units in the last place of the float32 format at the true value, subnormal ones included:
``2**(max(e, -126) - 23)`` where the reference lies in ``[2**e, 2**(e + 1))``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

BLOCK: Final = 1 << 16
TOTAL: Final = 1 << 32
_ULP: Final = np.ldexp(1.0, np.maximum(np.arange(2048) - 1023, -126) - 23)  # by the biased exponent of a float64
_SMALLEST_NORMAL: Final = 2.0**-126
_OVERFLOWS: Final = 2.0**128 - 2.0**103  # the middle between the largest float32 and what would come after it


@dataclass
class Stretch:
    """What was found from bit pattern ``first`` on, ``stride`` apart, up to ``stop``.

    ``worst`` is the largest error and ``at`` the bits of the input; ``failures`` counts results that are NaN,
    infinite or 0 where the true value is a normal number, or numbers where there is none, by the bits of the first of
    them.
    """

    first: int
    stop: int
    stride: int
    inputs: int = 0
    worst: float = 0.0
    at: int = 0
    failures: int = 0
    failed_at: int | None = None
    digest: str = ""

    def json(self) -> dict[str, Any]:
        """As plain data."""
        return dict(vars(self))


def measure(single: Any, double: Any, first: int, stop: int, stride: int = 1) -> Stretch:
    """Compare ``single(x)`` for float32 with ``double(x)`` for float64 on every ``stride``-th bit pattern."""
    found = Stretch(first, stop, stride)
    digest = hashlib.sha256()
    for start in range(first, stop, BLOCK * stride):
        bits = np.arange(start, min(start + BLOCK * stride, stop), stride, dtype=np.uint64).astype(np.uint32)
        x = bits.view(np.float32)
        y = single(x)
        digest.update(_canonical(y).tobytes())
        _compare(found, bits, y, double(widened(x)))
        found.inputs += bits.size
    found.digest = digest.hexdigest()
    return found


def widened(x: Any) -> Any:
    """``x`` as float64; a signalling NaN says nothing."""
    with np.errstate(invalid="ignore"):
        return x.astype(np.float64)


def _canonical(y: Any) -> Any:
    """The bits of the results, all NaN alike."""
    return np.where(np.isnan(y), np.uint32(0x7FC00000), y.view(np.uint32))


def _compare(found: Stretch, bits: Any, y: Any, true: Any) -> None:
    with np.errstate(all="ignore"):
        size = np.abs(true)
        wide = y.astype(np.float64)
        normal = (size >= _SMALLEST_NORMAL) & (size < _OVERFLOWS)
        finite = size < _OVERFLOWS
        wrong = normal & (~np.isfinite(wide) | (wide == 0))
        wrong |= np.isnan(wide) != np.isnan(true)
        wrong |= finite & np.isinf(wide)
        wrong |= (size >= _OVERFLOWS) & (np.isfinite(wide) | (np.signbit(wide) != np.signbit(true)))
        error = np.abs(wide - true) / _ULP[(true.view(np.uint64) >> np.uint64(52)).astype(np.int64) & 2047]
        error[~(finite & np.isfinite(wide)) | wrong] = 0.0
    k = int(error.argmax())
    if error[k] > found.worst:
        found.worst, found.at = float(error[k]), int(bits[k])
    count = int(np.count_nonzero(wrong))
    if count and found.failed_at is None:
        found.failed_at = int(bits[int(wrong.argmax())])
    found.failures += count


def covers(stretches: list[Stretch], stride: int) -> bool:
    """Whether the stretches are all inputs, each once."""
    ordered = sorted(stretches, key=lambda s: s.first)
    ends = [0, *(s.stop for s in ordered)]
    joined = all(s.first == end for s, end in zip(ordered, ends, strict=False)) and ends[-1] == TOTAL
    return joined and all(s.stride == stride and s.inputs == len(range(s.first, s.stop, stride)) for s in ordered)
