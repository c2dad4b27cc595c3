"""The norm of a gradient over all parameters together, and gradients scaled down to a norm."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

import numpy as np

from ..devices import array_module
from ..errors import DomainError, GradientError
from ..pytree import flatten, paths, unflatten
from ..tensor import Tensor

_BLOCK: Final = 1 << 14


def global_norm(grads: Any) -> float:
    """The Euclidean norm of all numbers of a pytree of gradients; ``None`` counts as nothing.

    Squares are summed in float64, in an order that depends on the shapes alone.  Raises :class:`GradientError` for a
    leaf that is neither a tensor nor ``None``.

    >>> import hasderiv as hd
    >>> global_norm({"w": hd.tensor([3.0, 0.0]), "b": hd.tensor(4.0), "unused": None})
    5.0
    """
    leaves, structure = flatten(grads)
    for name, g in zip(paths(structure), leaves, strict=True):
        if g is not None and not isinstance(g, Tensor):
            raise GradientError(f"global_norm: the gradient of {name!r} is a {type(g).__name__} and no tensor")
    return norm_of([g._data for g in leaves if g is not None])


def clip_by_norm(grads: Any, limit: float) -> Any:
    """The gradients times ``limit / norm`` where :func:`global_norm` is larger than ``limit``, else as they are.

    An optimizer does the same within its step, and without new arrays, when it is given ``clip=limit``.  Raises
    :class:`GradientError` where the norm is not finite.

    >>> import hasderiv as hd
    >>> clip_by_norm([hd.tensor([3.0, 4.0])], 1.0)
    [tensor([0.6, 0.8])]
    """
    if not limit >= 0:
        raise DomainError(f"clip_by_norm: a norm of at most {limit!r} is not to be had")
    norm = global_norm(grads)
    if not math.isfinite(norm):
        raise GradientError(f"clip_by_norm: the norm of the gradient is {norm}")
    if norm <= limit:
        return grads
    leaves, structure = flatten(grads)
    scale = limit / norm
    return unflatten(structure, [g if g is None else Tensor(g._data * g.dtype.type(scale)) for g in leaves])


def norm_of(arrays: Iterable[Any]) -> float:
    """The norm of arrays, also where squares overflow or vanish."""
    arrays = [a for a in arrays if a.size]
    total = math.fsum(_squares(a, 1.0) for a in arrays)
    if math.isfinite(total) and total > 1e-290:
        return math.sqrt(total)
    largest = max((float(array_module(a).abs(a).max()) for a in arrays), default=0.0)
    if largest == 0.0 or not math.isfinite(largest):
        return largest
    return largest * math.sqrt(math.fsum(_squares(a, largest) for a in arrays))


def _squares(a: Any, unit: float) -> float:
    """The sum of ``(a / unit)^2``, a block at a time."""
    flat, total = a.reshape(-1), []
    xp = array_module(flat)
    block = min(flat.size, _BLOCK) if xp is np else flat.size
    wide = xp.empty(block, np.float64)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for start in range(0, flat.size, block):
            part = flat[start : start + block]
            x = wide[: part.size]
            x[...] = part
            if unit != 1.0:
                x /= unit
            x *= x
            total.append(float(x.sum()))
    return math.fsum(total) if all(map(math.isfinite, total)) else sum(total)
