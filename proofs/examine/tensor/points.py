"""Points at which an op over axes is examined: sizes, strides, paddings, parameters, and the entries of its tensors.

Sizes are small, and 1 now and then; kernels may be larger than the image, strides larger than kernels, paddings as wide
as kernels, or negative.  The entries of a tensor are drawn in one of several ways: some make ties, some a variance of
0, some lie far out or next to each other.  All are binary fractions, so that no comparison is rounded.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from mpmath import mp

from ...tensor.statement import Statement
from ..points import LARGE, PLAIN, TINY
from .entries import Entries
from .references import Reference
from .windows import Nested, shape, winners

ROOM = 48
"""The most entries of all inputs, and of the result."""
PATIENCE = 2000
_IMAGE = {1: 6, 2: 4, 3: 3}
_KERNEL = {1: 4, 2: 3, 3: 2}
_WINNER = "winner"


class Point(NamedTuple):
    """The inputs, what is given beside them, by name, and what the reference makes of both."""

    inputs: tuple[Nested, ...]
    given: Mapping[str, Any]
    result: Nested

    def __str__(self) -> str:
        return ", ".join(f"{k} = {_short(v)}" for k, v in self.given.items() if not isinstance(v, list))


def _short(value: Any) -> str:
    return str(value) if isinstance(value, int) else str(mp.nstr(value, 6))


def draw(spec: Any, claimed: Statement, reference: Reference, rng: random.Random) -> Iterator[Point]:
    """Points without end.  Sizes that only the result has are taken from what the reference returns."""
    stated = [n for v in claimed.vjps for _, n in v.index]
    known = {s for n in stated for s in n.free} - {*spec.integers}
    of_result = {n.symbol: axis for axis, (_, n) in enumerate(claimed.out) if n.op == "var" and n.symbol not in known}
    sizes = [*sorted(known), *of_result, *(c for c in spec.counts if c not in known)]
    while True:
        given = _numbers(spec, sizes, rng)
        entries = Entries(given)
        shapes = [tuple(entries.number(n) for _, n in v.index) for v in claimed.vjps]
        if not _possible(claimed, given) or sum(map(_product, shapes)) > ROOM:
            continue
        inputs = tuple(tensor(axes, rng) for axes in shapes)
        for name, axes in spec.given.items():
            given[name] = tensor([given[n] for n in axes], rng)
        for name, axes in spec.index.items():
            if not name.startswith(_WINNER):
                given[name] = _filled([given[n] for n in axes], lambda: _place(spec, given, rng))  # noqa: B023
        result = reference(*inputs, given)
        actual = shape(result)
        given |= {name: actual[axis] if axis < len(actual) else 0 for name, axis in of_result.items()}
        if any(name.startswith(_WINNER) for name in spec.index):
            given |= winners(*inputs, given)
        if _possible(claimed, given) and _product(actual) <= ROOM:
            yield Point(inputs, given, result)


def _product(axes: Sequence[int]) -> int:
    return axes[0] * _product(axes[1:]) if axes else 1


def _possible(claimed: Statement, given: Mapping[str, Any]) -> bool:
    entries = Entries(given)
    return all(entries.holds(h, (), ()) for h in claimed.hypotheses)


def _numbers(spec: Any, sizes: Sequence[str], rng: random.Random) -> dict[str, Any]:
    """A number for each size, stride, padding, place and parameter."""
    axes = sum(name.startswith("s_") for name in spec.counts)
    given: dict[str, Any] = {name: _size(name, axes, rng) for name in sizes}
    for name in spec.integers:
        if name == "at":
            given[name] = _place(spec, given, rng)
        else:
            given[name] = rng.choice((0, 0, 1, 1, 2, -1))
    return given | {name: entry(rng) for name in spec.params}


def _size(name: str, axes: int, rng: random.Random) -> int:
    if axes and name[:2] in ("n_", "k_"):
        return rng.randint(1, (_IMAGE if name[0] == "n" else _KERNEL)[axes])
    return rng.choice((1, 2, 3) if name.startswith("s_") else (1, 2) if axes else (1, 2, 2, 3, 3, 4))


def _place(spec: Any, given: Mapping[str, Any], rng: random.Random) -> int:
    """Where to gather; outside too, where that is no error."""
    beyond = 2 if spec.name.endswith("_nat") else 0
    return rng.randint(-beyond, given["n"] - 1 + beyond)


def _filled(axes: Sequence[int], value: Callable[[], Any]) -> Nested:
    return [_filled(axes[1:], value) for _ in range(axes[0])] if axes else value()


def entry(rng: random.Random) -> Any:
    """A number: simple, random, next to 0, or far out."""
    kind = rng.random()
    if kind < 0.5:
        return _number(rng.choice(PLAIN))
    if kind < 0.8:
        return _any(rng)
    return _number(rng.choice(TINY if kind < 0.9 else LARGE))


def _number(value: Fraction) -> Any:
    return mp.mpf(value.numerator) / value.denominator


def _any(rng: random.Random) -> Any:
    return mp.mpf(rng.randint(-(2**32), 2**32)) / 2**30


def tensor(axes: Sequence[int], rng: random.Random) -> Nested:
    """Entries drawn in one way: all different, few different ones, one for all, anything, or small steps apart."""
    same, base = entry(rng), _any(rng)
    ways: list[Callable[[], Any]] = [
        lambda: _any(rng),
        lambda: _any(rng),
        lambda: mp.mpf(rng.randint(-1, 1)),
        lambda: same,
        lambda: entry(rng),
        lambda: base + _number(rng.choice(TINY)),
    ]
    return _filled(axes, rng.choice(ways))


def direction(nest: Nested, rng: random.Random) -> Nested:
    """A tangent for a tensor, no entry of it 0."""
    if isinstance(nest, list):
        return [direction(part, rng) for part in nest]
    return mp.mpf(rng.choice((-1, 1)) * rng.randint(1, 2**10)) / 2**8
