"""A stretch of float32 inputs: the largest error of a kernel against the one for float64, and what must not happen.

The error is in units in the last place of the float32 format at the true value, subnormal ones included:
``2**(max(e, -126) - 23)`` where the reference lies in ``[2**e, 2**(e + 1))``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from .comparing import WRONG, compare

BLOCK: Final = 1 << 15
TOTAL: Final = 1 << 32
_GRID: Final = np.arange(BLOCK, dtype=np.uint32)


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
    grid = _GRID * np.uint32(stride)
    for start in range(first, stop, BLOCK * stride):
        bits = grid[: len(range(start, stop, stride))] + np.uint32(start)
        x = bits.view(np.float32)
        y = np.array(single(x))
        errors = compare(y, double(widened(x)))
        digest.update(y)
        _count(found, bits, errors)
    found.digest = digest.hexdigest()
    return found


def widened(x: Any) -> Any:
    """``x`` as float64; a signalling NaN says nothing."""
    with np.errstate(invalid="ignore"):
        return x.astype(np.float64)


def _count(found: Stretch, bits: Any, errors: Any) -> None:
    found.inputs += bits.size
    k = int(errors.argmax())
    if errors[k] > found.worst:
        found.worst, found.at = float(errors[k]), int(bits[k])
    if errors.min() == WRONG:
        wrong = errors == WRONG
        if found.failed_at is None:
            found.failed_at = int(bits[int(wrong.argmax())])
        found.failures += int(np.count_nonzero(wrong))


def covers(stretches: list[Stretch], stride: int) -> bool:
    """Whether the stretches are all inputs, each once."""
    ordered = sorted(stretches, key=lambda s: s.first)
    ends = [0, *(s.stop for s in ordered)]
    joined = all(s.first == end for s, end in zip(ordered, ends, strict=False)) and ends[-1] == TOTAL
    return joined and all(s.stride == stride and s.inputs == len(range(s.first, s.stop, stride)) for s in ordered)
