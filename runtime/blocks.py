"""Running a generated function over whole arrays: dtypes, broadcasting, cache-sized blocks, ``out=``.

Arrays of more than :data:`SMALL` numbers go through in blocks of :data:`BLOCK`, with scratch buffers that each
thread keeps, so that no temporary is as large as the operand.  float16 and bfloat16 are computed in float32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from .compiled import threads
from .errors import DeviceError, DomainError, DTypeError, ShapeError
from .lanes import BLOCK, Array, scratch

SMALL: Final = 1 << 13
FLOAT32: Final = np.dtype(np.float32)
FLOAT64: Final = np.dtype(np.float64)
FLOAT16: Final = np.dtype(np.float16)
_NONES: Final = (None,) * 512


def _constants(values: tuple[float, ...], number: Any) -> tuple[Array, ...]:
    with np.errstate(over="ignore"):  # a bound beyond the largest float32 is infinity there
        found = [np.array(value, number) for value in values]
    for array in found:
        array.flags.writeable = False
    return tuple(found)


class Entry(NamedTuple):
    """A generated function ``f(b, m, c, *arguments, out)``, the buffers and the constants that it needs.

    ``constants`` holds, for float32 and float64, arrays of no dimension: as operands they cost half of what a
    Python number costs.
    """

    function: Callable[..., Any]
    floats: int
    truths: int
    constants: dict[Any, tuple[Array, ...]]
    wide: bool | Entry = False
    """Whether float32 is computed in float64 and rounded once; by another function, where that is given."""


def entry(
    function: Callable[..., Any],
    floats: int,
    truths: int,
    constants: tuple[float, ...] = (),
    wide: bool | Entry = False,
) -> Entry:
    """The entry of a generated function; a constant is rounded once, to the dtype that is computed in."""
    rounded = {kind: _constants(constants, kind) for kind in (np.float32, np.float64)}
    return Entry(function, floats, truths, rounded, wide)


def _rounded(name: str, value: Any, number: Any, parameter: bool) -> Any:
    """A number in the dtype that is computed in.  An input too large for it is infinity there, a parameter an error."""
    try:
        with np.errstate(over="ignore"):
            found = number(value)
    except OverflowError:  # a Python integer beyond float64
        found = number(np.inf if value > 0 else -np.inf)
    if parameter and np.isinf(found) and value not in (np.inf, -np.inf):
        raise DomainError(f"{name}: the parameter {value} is no {np.dtype(number)}: it would become infinity")
    return found


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
        if kind is not np.ndarray and isinstance(a, np.ma.MaskedArray):
            raise DTypeError(f"{name}: masked arrays are not supported; fill them first")
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


def run(
    name: str,
    entry: Entry | np.ufunc,
    operands: Sequence[Any],
    strong: int,
    out: Any = None,
    require: Callable[[Sequence[Any]], None] | None = None,
) -> Any:
    """Evaluate a generated function, or the ufunc that it was compiled to, on operands that broadcast together.

    The first ``strong`` operands are inputs, the others parameters, which ``require`` is asked about, rounded as they
    are used.  Raises :class:`DTypeError`, :class:`ShapeError`, :class:`DeviceError` or :class:`DomainError`.
    """
    dtype = _common_dtype(name, operands, strong)
    work = FLOAT32 if _is_half(dtype) else dtype
    number = work.type
    shape: tuple[int, ...] | None = None
    flat: list[Any] = []
    plain = work is dtype
    for i, a in enumerate(operands):
        if not isinstance(a, np.ndarray):
            flat.append(_rounded(name, a, number, i >= strong))
        elif a.ndim == 0:
            flat.append(number(a))
            if shape is None:
                shape = ()
        else:
            a = np.asarray(a)
            flat.append(a)
            if shape is None or shape == ():
                shape = a.shape
            elif shape != a.shape:
                plain = False
            if plain and not a.flags.c_contiguous:
                plain = False
    if require is not None:
        require(flat[strong:])
    if shape is None:
        shape = ()
    if not plain:
        try:
            shape = np.broadcast_shapes(*(a.shape for a in flat))
        except ValueError:
            raise ShapeError(
                f"{name}: shapes {', '.join(str(np.shape(a)) for a in operands)} do not broadcast together"
            ) from None
    if isinstance(entry, np.ufunc):
        if out is not None:
            check_out(name, out, shape, dtype)
        if work is dtype:
            return threads.call(entry, flat, out)
        with np.errstate(all="ignore"):
            target = np.empty(shape, dtype) if out is None else out
            entry(*flat, out=target, dtype=work, casting="unsafe")
        return target[()] if out is None else out
    result = _result(name, out, shape, dtype, operands)
    if result.size:
        with np.errstate(all="ignore"):
            if entry.wide and work == FLOAT32:
                _wide(entry.wide if isinstance(entry.wide, Entry) else entry, flat, result)
            elif plain and result.flags.c_contiguous:
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
    check_out(name, out, shape, dtype)
    if any(isinstance(a, np.ndarray) and np.may_share_memory(a, out) for a in operands):
        return np.empty(shape, dtype)
    return out


def check_out(name: str, out: Any, shape: tuple[int, ...], dtype: Any) -> None:
    """Refuse an ``out=`` that the result does not fit in."""
    if not isinstance(out, np.ndarray):
        raise DTypeError(f"{name}: out= must be an array, not {type(out).__name__}")
    if isinstance(out, np.ma.MaskedArray):
        raise DTypeError(f"{name}: out= is a masked array; write to its .data")
    if out.shape != shape:
        raise ShapeError(f"{name}: out= has shape {out.shape}, the result {shape}")
    if out.dtype != dtype:
        raise DTypeError(f"{name}: out= has dtype {out.dtype}, the result {dtype}")


def _blocks(entry: Entry, number: Any, flat: list[Any], result: Array) -> None:
    """All arrays one-dimensional, contiguous and of the same length, or of no dimension."""
    function, floats, truths, constants, _ = entry
    c = constants[number]
    size = result.size
    if size <= SMALL:
        function(_NONES[:floats], _NONES[:truths], c, *flat, result)
        return
    for start in range(0, size, BLOCK):
        stop = min(start + BLOCK, size)
        b = scratch.take(number, floats, stop - start)
        m = scratch.take(np.bool_, truths, stop - start)
        function(b, m, c, *(a if a.ndim == 0 else a[start:stop] for a in flat), result[start:stop])


def _wide(entry: Entry, flat: list[Any], result: Array) -> None:
    """float32 in float64; narrower results are rounded from float32, as on every other path."""
    exact = np.empty(result.shape, FLOAT64)
    _general(entry, FLOAT64, [a.astype(FLOAT64) for a in flat], exact)
    np.copyto(result, exact.astype(FLOAT32), casting="unsafe")


def _general(entry: Entry, work: Any, flat: list[Any], result: Array) -> None:
    """Strides, broadcasting and half precision: NumPy's iterator hands over blocks, cast and contiguous."""
    function, floats, truths, constants, _ = entry
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
                    b, m = scratch.take(work, floats, stop - start), scratch.take(np.bool_, truths, stop - start)
                function(b, m, constants[work.type], *(a[start:stop] for a in arguments), target[start:stop])
