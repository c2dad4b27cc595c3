"""What the operations over axes ask of their operands and parameters before any work is done."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..devices import is_float
from ..errors import DomainError, DTypeError, ShapeError
from ..primitive import check_operands
from ..tensor import Tensor, as_tensor


def floats(name: str, **operands: Any) -> list[Tensor]:
    """The operands as tensors of one floating dtype on one device; those that are ``None`` are left out.

    Raises :class:`DTypeError` and :class:`~.errors.DeviceError`, naming the argument.

    >>> floats("conv", x=[1.0], kernel=[2.0], bias=None)
    [tensor([1.]), tensor([2.])]
    """
    tensors = {argument: as_tensor(x) for argument, x in operands.items() if x is not None}
    for argument, t in tensors.items():
        if not is_float(t.dtype):
            raise DTypeError(f"{name}: {argument} is a {t.dtype.name} tensor; convert it with .astype('float64') first")
    found = list(tensors.values())
    check_operands(name, tuple(found))
    return found


def extents(name: str, argument: str, value: Any, count: int, least: int) -> tuple[int, ...]:
    """A parameter with one integer for each of ``count`` axes; a single integer stands for all of them.

    >>> extents("conv", "stride", 2, 3, least=1)
    (2, 2, 2)
    """
    given = tuple(value) if isinstance(value, tuple | list) else (value,) * count
    if len(given) != count:
        raise ShapeError(f"{name}: {argument} has {len(given)} entries, for {count} spatial axes")
    return tuple([integer(name, argument, v, least) for v in given])


def integer(name: str, argument: str, value: Any, least: int) -> int:
    """An integer that is at least ``least``; bools, floats and smaller ones raise :class:`ShapeError`.

    >>> integer("slice_range0", "start", 3, least=0)
    3
    """
    try:
        found = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        found = None
    if found is None:
        raise ShapeError(f"{name}: {argument} is an integer, not {value!r}")
    if found < least:
        raise ShapeError(f"{name}: {argument} is at least {least}, not {found}")
    return found


def number(name: str, argument: str, value: Any, wanted: str, fits: Callable[[float], bool]) -> float:
    """A finite number that ``fits``; anything else raises :class:`DomainError`, which says what is wanted.

    >>> number("layer_norm", "eps", 1, "not negative", lambda v: v >= 0)
    1.0
    """
    real = isinstance(value, int | float | np.floating | np.integer) and not isinstance(value, bool)
    if not real or not math.isfinite(value) or not fits(float(value)):
        raise DomainError(f"{name}: {argument} is a finite number, {wanted}, and not {value!r}")
    return float(value)


def axes_of(name: str, x: Tensor, least: int, meaning: str) -> None:
    """Raise :class:`ShapeError` for fewer axes than the operation needs; ``meaning`` names them.

    >>> axes_of("bmm", as_tensor([[1.0]]), 2, "(m, n)")
    """
    if x.ndim < least:
        raise ShapeError(f"{name}: x has the axes {meaning}, and not shape {x.shape}")
