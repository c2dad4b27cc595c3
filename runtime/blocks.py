"""Running a generated function over whole arrays: dtypes, broadcasting, cache-sized blocks, ``out=``.

Arrays of more than :data:`SMALL` numbers go through in blocks of :data:`BLOCK`, with scratch buffers that each
thread keeps, so that no temporary is as large as the operand.  float16 and bfloat16 are computed in float32.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from .errors import DeviceError, DTypeError, ShapeError

BLOCK: Final = 1 << 16
SMALL: Final = 1 << 13
MASKED: Final = 1 << 11
FLOAT32: Final = np.dtype(np.float32)
FLOAT64: Final = np.dtype(np.float64)
FLOAT16: Final = np.dtype(np.float16)
_NONES: Final = (None,) * 512

Array = np.ndarray[Any, Any]
Entry = tuple[Callable[..., None], int, int]


class _Scratch(threading.local):
    """The buffers of one thread, by dtype; they grow to the largest number that a function has asked for."""

    def __init__(self) -> None:
        self.buffers: dict[str, list[Array]] = {}

    def take(self, dtype: Any, count: int, size: int) -> list[Array]:
        kept = self.buffers.setdefault(np.dtype(dtype).str, [])
        while len(kept) < count:
            kept.append(np.empty(BLOCK, dtype))
        return kept[:count] if size == BLOCK else [a[:size] for a in kept[:count]]


_scratch = _Scratch()


def choose(condition: Any, a: Any, b: Any, out: Any, dtype: Any) -> Any:
    """``a`` where the condition holds, else ``b``; ``out`` may be where ``b`` lives, but not where ``a`` does.

    Copying under a mask costs 4 ns an element where the mask is irregular, since every lane is a branch that the
    processor guesses.  Long arrays are blended by integer operations instead, at 0.6 ns.
    """
    if out is None:
        shape = np.broadcast_shapes(np.shape(condition), np.shape(a), np.shape(b))
        out = np.empty(shape, dtype)
    if out.size <= MASKED:
        if b is not out:
            np.copyto(out, b)
        np.copyto(out, a, where=condition)
        return out
    if condition.shape != out.shape or out.size > BLOCK:
        if b is not out:
            np.copyto(out, b)
        np.copyto(out, a, where=condition)
        return out
    if type(b) is float and b == 0.0:
        if type(a) is float and a == 1.0:
            np.copyto(out, condition)
        else:
            np.bitwise_and(_bits(a, dtype), _mask(condition, out), _bits(out, dtype))
        return out
    if b is not out:
        np.copyto(out, b)
    taken = np.count_nonzero(condition)
    if taken * 64 < out.size:
        np.copyto(out, a, where=condition)
    elif taken == out.size:
        np.copyto(out, a)
    else:
        mask, target = _mask(condition, out), _bits(out, dtype)
        (difference,) = _scratch.take(target.dtype, 2, out.size)[1:]
        np.bitwise_xor(_bits(a, dtype), target, difference.reshape(out.shape))
        np.bitwise_and(mask, difference.reshape(out.shape), difference.reshape(out.shape))
        np.bitwise_xor(target, difference.reshape(out.shape), target)
    return out


def _bits(a: Any, dtype: Any) -> Any:
    """The bits of floats as integers of the same size."""
    return np.asarray(a, dtype).view(np.int32 if dtype is np.float32 else np.int64)


def _mask(condition: Array, out: Array) -> Array:
    """All ones where the condition holds, as an integer of the size of the floats."""
    kind = np.int32 if out.itemsize == 4 else np.int64
    mask = _scratch.take(kind, 1, out.size)[0].reshape(out.shape)
    np.negative(condition.view(np.int8), out=mask)
    return mask


def _is_half(dtype: Any) -> bool:
    return dtype == FLOAT16 or dtype.name == "bfloat16"


def _common_dtype(name: str, operands: Sequence[Any], strong: int) -> Any:
    """The dtype of the arrays among the operands; Python numbers are weak, and so are scalar parameters."""
    found = None
    for i, a in enumerate(operands):
        kind = type(a)
        if (
            kind is float
            or kind is int
            or (i >= strong and isinstance(a, np.generic | float | int) and not isinstance(a, np.bool_))
        ):
            continue
        if not isinstance(a, np.ndarray | np.generic):
            if hasattr(a, "__cuda_array_interface__"):
                raise DeviceError(f"{name}: an array on a GPU among arrays of the CPU; move it first")
            raise DTypeError(
                f"{name}: an operand of type {kind.__name__}; arrays of floats and Python numbers are taken"
            )
        dtype = a.dtype
        if dtype is not FLOAT32 and dtype is not FLOAT64 and dtype not in (FLOAT32, FLOAT64) and not _is_half(dtype):
            hint = "complex numbers are not supported" if dtype.kind == "c" else "cast it to a float dtype first"
            raise DTypeError(f"{name}: an operand of dtype {dtype}; {hint}")
        if found is None:
            found = dtype
        elif dtype != found:
            raise DTypeError(
                f"{name}: operands of dtype {found} and {dtype}; nothing is cast in silence, cast one of them"
            )
    return FLOAT64 if found is None else found


def run(name: str, entry: Entry, operands: Sequence[Any], strong: int, out: Any = None) -> Any:
    """Evaluate a generated function on operands that broadcast together.

    The first ``strong`` operands are inputs, the others parameters.  Raises :class:`DTypeError`, :class:`ShapeError`
    or :class:`DeviceError`.
    """
    dtype = _common_dtype(name, operands, strong)
    work = FLOAT32 if _is_half(dtype) else dtype
    number = work.type
    shape: tuple[int, ...] | None = None
    flat: list[Any] = []
    plain = work is dtype
    for a in operands:
        if not isinstance(a, np.ndarray):
            flat.append(number(a))
        elif a.ndim == 0:
            flat.append(number(a))
            if shape is None:
                shape = ()
        else:
            flat.append(a)
            if shape is None or shape == ():
                shape = a.shape
            elif shape != a.shape:
                plain = False
            if plain and not a.flags.c_contiguous:
                plain = False
    if shape is None:
        shape = ()
    if not plain:
        try:
            shape = np.broadcast_shapes(*(a.shape for a in flat))
        except ValueError:
            raise ShapeError(
                f"{name}: shapes {', '.join(str(np.shape(a)) for a in operands)} do not broadcast together"
            ) from None
    result = _result(name, out, shape, dtype, operands)
    if result.size:
        with np.errstate(all="ignore"):
            if plain and result.flags.c_contiguous:
                arrays = [a if a.ndim == 0 else a.reshape(-1) for a in flat]
                _blocks(entry, number, arrays, result.reshape(-1))
            else:
                _general(entry, work, flat, result)
    if out is not None:
        if result is not out:
            np.copyto(out, result)
        return out
    return result if shape else result[()]


def _result(name: str, out: Any, shape: tuple[int, ...], dtype: Any, operands: Sequence[Any]) -> Array:
    if out is None:
        return np.empty(shape, dtype)
    if not isinstance(out, np.ndarray):
        raise DTypeError(f"{name}: out= must be an array, not {type(out).__name__}")
    if out.shape != shape:
        raise ShapeError(f"{name}: out= has shape {out.shape}, the result {shape}")
    if out.dtype != dtype:
        raise DTypeError(f"{name}: out= has dtype {out.dtype}, the result {dtype}")
    if any(isinstance(a, np.ndarray) and np.may_share_memory(a, out) for a in operands):
        return np.empty(shape, dtype)
    return out


def _blocks(entry: Entry, number: Any, flat: list[Any], result: Array) -> None:
    """All arrays one-dimensional, contiguous and of the same length, or of no dimension."""
    function, floats, truths = entry
    size = result.size
    if size <= SMALL:
        function(_NONES[:floats], _NONES[:truths], number, *flat, result)
        return
    for start in range(0, size, BLOCK):
        stop = min(start + BLOCK, size)
        b = _scratch.take(number, floats, stop - start)
        m = _scratch.take(np.bool_, truths, stop - start)
        function(b, m, number, *(a if a.ndim == 0 else a[start:stop] for a in flat), result[start:stop])


def _general(entry: Entry, work: Any, flat: list[Any], result: Array) -> None:
    """Strides, broadcasting and half precision: NumPy's iterator hands over blocks, cast and contiguous."""
    function, floats, truths = entry
    half = result if result.dtype == work else None
    if half is None and result.dtype != FLOAT16:  # bfloat16: the iterator does not know it
        wide = np.empty(result.shape, work)
        _general(entry, work, [a.astype(work) for a in flat], wide)
        np.copyto(result, wide, casting="same_kind" if result.dtype == FLOAT16 else "unsafe")
        return
    iterator = np.nditer(
        [*flat, result],
        flags=["external_loop", "buffered", "growinner"],
        op_flags=[*(["readonly"] for _ in flat), ["writeonly"]],
        op_dtypes=[work] * (len(flat) + 1),
        casting="same_kind",
        buffersize=BLOCK,
    )
    with iterator:
        for block in iterator:
            *arguments, target = block
            size = target.size
            for start in range(0, size, BLOCK):
                stop = min(start + BLOCK, size)
                if size <= SMALL:
                    b, m = list(_NONES[:floats]), list(_NONES[:truths])
                else:
                    b, m = _scratch.take(work, floats, stop - start), _scratch.take(np.bool_, truths, stop - start)
                function(b, m, work.type, *(a[start:stop] for a in arguments), target[start:stop])
