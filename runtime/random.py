"""Random numbers from keys: splitmix64, the generator of TorchLean, with keys that can be split.

A key is an integer below 2^64.  The same key always gives the same numbers, on every machine.  Element i
(row-major) is ``u = splitmix64(key + i) mod 2^32``, and the uniform number ``u / 2^32``; for float32 and
float16 the low bits that would round up to 1 are dropped first, so every uniform number is below 1.
"""

from __future__ import annotations

import contextlib
import math
import operator
from typing import Any

import numpy as np

from .devices import array_module, as_dtype, is_float, require_cupy, split_device
from .errors import DomainError, DTypeError, ShapeError
from .ops import ops
from .primitive import Primitive, evaluate, is_symbolic
from .tensor import Tensor, as_tensor
from .tensor_ops.select import select

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15


def splitmix64(x: int) -> int:
    """One output of the generator of Steele, Lea and Flood (2014) for the state ``x``.

    >>> hex(splitmix64(0))
    '0xe220a8397b1dcdaf'
    """
    z = (x + _GAMMA) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def key(seed: int) -> int:
    """A key from any integer seed.

    >>> key(0) != key(1)
    True
    """
    return splitmix64(splitmix64(_integer("a seed", seed) & _MASK) ^ 0x5851F42D4C957F2D)


def torchlean_key(seed: int, counter: int) -> int:
    """TorchLean's key, ``splitmix64(seed + counter)``.  Note that (1, 0) and (0, 1) are one key; prefer :func:`split`.

    >>> rand_uniform(torchlean_key(0, 0), 3).tolist()
    [0.30117025575600564, 0.6844469008501619, 0.30876562278717756]
    """
    return splitmix64(seed + counter)


def split(parent: int, n: int = 2) -> list[int]:
    """``n`` new keys from one.  Do not use the parent afterwards.

    >>> len(set(split(key(7), 1000)))
    1000
    """
    parent = _integer("a key", parent)
    return [splitmix64(splitmix64(parent) ^ splitmix64(i + 1)) for i in range(n)]


def _bits(of: int, count: int, device: str | None = None) -> Any:
    """The numbers u of a key, made where they are wanted: integers are the same on every device."""
    of = _integer("a key", of)
    kind, index = split_device(device or "cpu")
    xp = np if kind == "cpu" else require_cupy()
    with np.errstate(over="ignore"), contextlib.nullcontext() if xp is np else xp.cuda.Device(index):
        z = xp.arange(count, dtype=np.uint64) + np.uint64((of + _GAMMA) & _MASK)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return (z ^ (z >> np.uint64(31))) & np.uint64(0xFFFFFFFF)


class Numbers(Primitive):
    """The numbers of a key that is an input of a compiled graph.  Static: what the function takes after the key."""

    __slots__ = ("compute",)

    def __init__(self, compute: Any) -> None:
        super().__init__(compute.__name__)
        self.compute = compute

    def forward(self, static: Any, of: Any) -> Any:
        return self.compute(int(of), *static)._data


def rand_uniform(of: int, shape: Any, dtype: Any = "float64", device: str | None = None) -> Tensor:
    """Uniform numbers in [0, 1).  float64 is ``u / 2^32``; narrower types drop the bits that they cannot hold.

    >>> rand_uniform(key(1), (2, 3)).shape
    (2, 3)
    """
    shape, kind = _shape(shape), as_dtype(dtype)
    if not is_float(kind):
        raise DTypeError(f"uniform numbers are floats, not {kind.name}")
    if is_symbolic(of):
        return _traced(UNIFORM, of, (shape, kind.name))
    u = _bits(of, math.prod(shape), device)
    width = {"float64": 32, "float32": 24, "float16": 11, "bfloat16": 8}[kind.name]
    values = (u >> np.uint64(32 - width)).astype(np.float64) / 2.0**width
    return Tensor(values.reshape(shape).astype(kind, copy=False))


def normal(of: int, shape: Any, dtype: Any = "float64", device: str | None = None) -> Tensor:
    """Standard normal numbers, by Box and Muller from two uniform numbers each.

    The logarithm and the cosine are the catalogue's, so that the bits are the same on every machine and device.

    >>> abs(float(normal(key(3), 10_000).mean())) < 0.05
    True
    """
    shape, kind = _shape(shape), as_dtype(dtype)
    if not is_float(kind):
        raise DTypeError(f"normal numbers are floats, not {kind.name}")
    if is_symbolic(of):
        return _traced(NORMAL, of, (shape, kind.name))
    first, second = split(of)
    n = math.prod(shape)
    u = 1.0 - rand_uniform(first, n, device=device)._data  # in (0, 1], so that the logarithm is finite
    angle = (2.0 * math.pi) * rand_uniform(second, n, device=device)._data
    values = array_module(u).sqrt(-2.0 * ops["log"](u)) * ops["cos"](angle)
    return Tensor(values.reshape(shape).astype(kind, copy=False))


def bernoulli_mask(of: int, shape: Any, keep: float, dtype: Any = "float64", device: str | None = None) -> Tensor:
    """1 where ``keep > u / 2^32``, else 0: each element is 1 with probability ``keep``.

    >>> bernoulli_mask(torchlean_key(0, 0), 3, 0.5).tolist()
    [1.0, 0.0, 1.0]
    """
    if not 0 <= keep <= 1:
        raise DomainError(f"keep is a probability, not {keep!r}")
    shape = _shape(shape)
    if is_symbolic(of):
        return _traced(BERNOULLI, of, (shape, keep, as_dtype(dtype).name))
    u = _bits(of, math.prod(shape), device).astype(np.float64) / 2.0**32
    return Tensor((keep > u).reshape(shape).astype(as_dtype(dtype)))


def dropout(x: Any, of: int, rate: float) -> Tensor:
    """Zero each element with probability ``rate`` and divide the others by ``1 - rate``; recorded.

    What is dropped is an exact zero, and so is its gradient, whatever the value was: infinite or NaN too.

    >>> dropout([1.0, 1.0, 1.0], torchlean_key(0, 0), 0.5)
    tensor([2., 0., 2.])
    """
    t: Tensor = as_tensor(x)
    if not 0 <= rate < 1:
        raise DomainError(f"the rate of dropout lies in [0, 1), not {rate!r}")
    if rate == 0:
        return t
    kept = bernoulli_mask(of, t.shape, 1 - rate, "bool", t.device)
    result: Tensor = select(kept, t / (1 - rate), 0.0)
    return result


def _traced(primitive: Numbers, of: Any, static: tuple[Any, ...]) -> Tensor:
    if of.dtype.kind not in "iu" or of.ndim:
        raise DTypeError(f"{primitive.name}: a key is one integer, not {of!r}")
    numbers: Tensor = evaluate(primitive, of, static=static)
    return numbers


def _shape(shape: Any) -> tuple[int, ...]:
    try:
        sizes = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
        sizes = tuple([operator.index(n) for n in sizes])
    except TypeError:
        raise ShapeError(f"a shape is an integer or several, not {shape!r}") from None
    if any(n < 0 for n in sizes):
        raise ShapeError(f"the sizes of a shape are not negative, as in {sizes}")
    return sizes


def _integer(what: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise DTypeError(f"{what} is an integer, not {value!r}") from None


UNIFORM, NORMAL, BERNOULLI = Numbers(rand_uniform), Numbers(normal), Numbers(bernoulli_mask)
