"""What a generated function needs lane by lane beyond NumPy's ufuncs: to choose, and to look after NaN.

NumPy has no select that writes where it is told at the speed of its arithmetic.  For short arrays the cost is the
number of calls, for long ones the branch that the processor guesses in every lane, so each has its own way here.
All give the same bits.
"""

from __future__ import annotations

import threading
from typing import Any, Final

import numpy as np

BLOCK: Final = 1 << 16
MASKED: Final = 1 << 11

Array = np.ndarray[Any, Any]


class Scratch(threading.local):
    """The buffers of one thread, by dtype; they grow to the largest number that a function has asked for."""

    def __init__(self, block: int) -> None:
        self.block = block
        self.buffers: dict[str, list[Array]] = {}

    def take(self, dtype: Any, count: int, size: int) -> list[Array]:
        kept = self.buffers.setdefault(np.dtype(dtype).str, [])
        while len(kept) < count:
            kept.append(np.empty(self.block, dtype))
        return kept[:count] if size == self.block else [a[:size] for a in kept[:count]]


scratch = Scratch(BLOCK)


def choose(condition: Any, a: Any, b: Any, out: Any) -> Any:
    """``a`` where the condition holds, else ``b``; ``out`` may be where ``b`` lives, but not where ``a`` does.

    Without ``out`` the result is a new array.  Copying under a mask costs 4 ns an element where the mask is
    irregular; long arrays are blended by integer operations instead, at 0.6 ns.
    """
    if out is None:
        return np.where(condition, a, b)
    if out.size <= MASKED or condition.shape != out.shape or out.size > BLOCK:
        if b is not out:
            np.copyto(out, b)
        if condition.shape == out.shape:
            np.putmask(out, condition, a)
        else:
            np.copyto(out, a, where=condition)
        return out
    if b.ndim == 0 and b == 0.0:
        if a.ndim == 0 and a == 1.0:
            np.copyto(out, condition)
        else:
            np.bitwise_and(_bits(a), _mask(condition, out), _bits(out))
        return out
    if b is not out:
        np.copyto(out, b)
    taken = np.count_nonzero(condition)
    if taken * 64 < out.size:
        np.copyto(out, a, where=condition)
    elif taken == out.size:
        np.copyto(out, a)
    else:
        mask, target = _mask(condition, out), _bits(out)
        (difference,) = scratch.take(target.dtype, 2, out.size)[1:]
        np.bitwise_xor(_bits(a), target, difference.reshape(out.shape))
        np.bitwise_and(mask, difference.reshape(out.shape), difference.reshape(out.shape))
        np.bitwise_xor(target, difference.reshape(out.shape), target)
    return out


def _bits(a: Any) -> Any:
    """The bits of floats as integers of the same size."""
    return a.view(np.int32 if a.itemsize == 4 else np.int64)


def _mask(condition: Array, out: Array) -> Array:
    """All ones where the condition holds, as an integer of the size of the floats."""
    kind = np.int32 if out.itemsize == 4 else np.int64
    mask = scratch.take(kind, 1, out.size)[0].reshape(out.shape)
    np.negative(condition.view(np.int8), out=mask)
    return mask


def drop(g: Any, p: Any) -> Any:
    """``p``, but 0 where ``p`` is NaN and ``g`` is 0: changes ``p`` in place.

    For ``p`` a multiple of ``g``: 0 times infinity or NaN is 0.  ``argmax`` finds a NaN where there is one, at the
    price of one pass, and nothing more is done where there is none.
    """
    largest = p.item(p.argmax())
    if largest == largest:
        return p
    return _put(p, np.isnan(p) & (g == 0), p.dtype.type(0))


def carry(x: Any, p: Any) -> Any:
    """``p``, but ``x`` where ``x`` is NaN: changes ``p`` in place."""
    largest = x.item(x.argmax())
    if largest == largest:
        return p
    return _put(p, np.isnan(x), x)


def _put(p: Any, here: Any, value: Any) -> Any:
    if isinstance(p, np.ndarray) and p.shape == np.shape(here):
        np.copyto(p, value, where=here)
        return p
    return np.where(here, value, p)
