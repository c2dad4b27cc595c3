"""What the tests of compiled graphs share: a function run eagerly and compiled, compared bit by bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hasderiv.runtime.pytree import flatten, unflatten
from hasderiv.runtime.tensor import Tensor

import hasderiv as hd


def bits(x: Any) -> tuple[Any, ...]:
    """Shape, dtype and bytes of a result; NaNs, whose bits IEEE leaves open, count as one."""
    values = np.asarray(x.data if isinstance(x, Tensor) else x)
    if values.dtype.kind == "f":
        values = np.where(np.isnan(values), values.dtype.type(np.nan), values)
    return values.shape, values.dtype.str, values.tobytes()


def assert_same(found: Any, expected: Any, what: str = "") -> None:
    """Two pytrees of the same bits."""
    ours, structure = flatten(found)
    theirs, same = flatten(expected)
    assert structure == same, what
    for i, (x, y) in enumerate(zip(ours, theirs, strict=True)):
        if x is None or y is None:
            assert x is None and y is None, f"{what} leaf {i}"
        else:
            assert bits(x) == bits(y), f"{what} leaf {i}:\n{x}\n{y}"


def numbers(seed: int, shape: tuple[int, ...], dtype: str = "float32") -> Any:
    """Normal numbers with some exact zeros and ones, where kinks are."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape).astype(dtype)
    flat = np.atleast_1d(x).reshape(-1)
    flat[::5] = 0.0
    flat[::7] = 1.0
    return flat.reshape(shape)


@np.errstate(all="ignore")
def check(f: Callable[..., Any], *args: Any, runs: int = 3, derivatives: bool = True) -> Any:
    """The same bits eagerly and compiled, on several inputs: value, JVP and VJP.  Returns the compiled function."""
    compiled = hd.compile(f, *args)
    leaves, structure = flatten(args)

    def other(run: int, seed: int) -> tuple[Any, ...]:
        made = []
        for i, x in enumerate(leaves):
            x = np.asarray(x)
            made.append(
                x if x.dtype.kind != "f" or (run == 0 and seed == 0) else numbers(seed + i, x.shape, x.dtype.name)
            )
        return unflatten(structure, made)

    for run in range(runs):
        xs = other(run, 100 * run)
        tensors = hd.tree_map(hd.tensor, xs)
        value = f(*tensors)
        assert_same(compiled.forward(xs), value, f"value {run}")
        if not derivatives:
            continue
        dxs = hd.tree_map(lambda x: x if x.dtype.kind == "f" else None, other(run, 100 * run + 50))
        assert_same(compiled.jvp(xs, dxs), hd.jvp(f, tensors, dxs), f"jvp {run}")
        seed = hd.tree_map(lambda y, run=run: numbers(run + 7, y.shape, y.dtype.name), value)
        if all(np.asarray(x).dtype.kind == "f" for x in leaves):
            expected, back = hd.vjp(f, tensors)
            assert_same(compiled.vjp(xs, seed), (expected, back(seed)), f"vjp {run}")
    return compiled
