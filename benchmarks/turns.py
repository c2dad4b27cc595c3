"""What each library does in its turn: a function of nothing, its arrays made and its code compiled beforehand.

Four kinds.  ``forward`` and ``vjp`` are kernels without a tape: ours and torch's write to arrays that exist
(``out=``), the others return new ones.  ``fused`` is value and derivative at once.  ``step`` is what a training step
does with parameters that exist: clear their gradients, apply the op, send a cotangent back to each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from peers import Row, compile_autograd, compile_jax, compile_torch
from torch_kernels import compile_kernels

Turn = Callable[[], Any]
KINDS = ("forward", "vjp", "fused", "step")


def aligned(size: int) -> np.ndarray:
    """An array of float32 that begins at a multiple of 64 bytes, as torch's do."""
    memory = np.zeros(size + 16, np.float32)
    first = -memory.ctypes.data // 4 % 16
    return memory[first : first + size]


def inputs_of(row: Row, size: int) -> list[np.ndarray]:
    """The same float32 inputs for every library."""
    rng = np.random.default_rng(size)
    arrays = [aligned(size) for _ in row.domain]
    for array, (low, high) in zip(arrays, row.domain, strict=True):
        array[:] = rng.uniform(low, high, size)
    return arrays


def hasderiv_kernels(name: str, row: Row, inputs: list[np.ndarray], seed: np.ndarray) -> dict[str, Turn]:
    """Our kernels with ``out=``; the VJP for each input that has a derivative."""
    import hasderiv as hd

    op, params = hd.ops[name], row.params
    forward, names = op.kernels.forward, op.inputs[1:] if name == "select" else op.inputs
    backward, made = [op.kernels.vjp(x) for x in names], [aligned(seed.size) for _ in names]

    def vjp() -> Any:
        for kernel, out in zip(backward, made, strict=True):
            kernel(seed, *inputs, out=out, **params)

    turns = {"forward": lambda: forward(*inputs, out=made[0], **params), "vjp": vjp}
    if len(inputs) == 1:
        pair = (made[0], aligned(seed.size))
        turns["fused"] = lambda: op.value_and_derivative(inputs[0], out=pair, **params)
    return turns


def hasderiv_turn(name: str, row: Row, inputs: list[np.ndarray], seed: np.ndarray) -> Turn | None:
    """One forward and backward pass on the project's own tape."""
    import hasderiv as hd

    if name not in hd.ops:
        return None
    op, params = hd.ops[name], row.params
    leaves, ones = [hd.tensor(value, requires_grad=True) for value in inputs], hd.tensor(seed)

    def turn() -> Any:
        for leaf in leaves:
            leaf.grad = None
        op(*leaves, **params).backward(ones)
        return leaves[0].grad

    return turn


def torch_turn(row: Row, inputs: list[np.ndarray], seed: np.ndarray, compiled: bool = False) -> Turn | None:
    """The same with torch, in eager mode or compiled."""
    function = compile_torch(row)
    if function is None:
        return None
    import torch

    if compiled:
        function = torch.compile(function, dynamic=True)
    leaves = [torch.from_numpy(value).requires_grad_() for value in inputs]
    ones = torch.from_numpy(seed)

    def turn() -> Any:
        for leaf in leaves:
            leaf.grad = None
        function(*leaves).backward(ones)
        return leaves[0].grad

    return turn


def torch_compiled(row: Row, inputs: list[np.ndarray], seed: np.ndarray) -> dict[str, Turn]:
    """torch.compile, with sizes left open as in a library; value and derivative is its step."""
    step = torch_turn(row, inputs, seed, compiled=True)
    if step is None:
        return {}
    import torch

    function, values = torch.compile(compile_torch(row), dynamic=True), [torch.from_numpy(value) for value in inputs]

    def forward() -> Any:
        with torch.no_grad():
            return function(*values)

    return {"forward": forward, "step": step}


def jax_turns(row: Row, inputs: list[np.ndarray], seed: np.ndarray) -> dict[str, Turn]:
    """JAX under ``jit``, waited for; in a step value and pullback are compiled together."""
    function = compile_jax(row)
    if function is None:
        return {}
    import jax

    def both(values: list[Any], ones: Any) -> Any:
        out, pull = jax.vjp(function, *values)
        return out, pull(ones)

    forward, step = jax.jit(function), jax.jit(both)
    vjp = jax.jit(lambda values, ones: jax.vjp(function, *values)[1](ones))
    values, ones = [jax.numpy.asarray(value) for value in inputs], jax.numpy.asarray(seed)
    return {
        "forward": lambda: jax.block_until_ready(forward(*values)),
        "vjp": lambda: jax.block_until_ready(vjp(values, ones)),
        "step": lambda: jax.block_until_ready(step(values, ones)),
    }


def autograd_turn(row: Row, inputs: list[np.ndarray], seed: np.ndarray) -> Turn | None:
    """A step with HIPS autograd, whose gradient of several arguments is taken of a tuple of them."""
    function = compile_autograd(row)
    if function is None:
        return None
    from autograd import make_vjp

    if len(inputs) == 1:
        pullback = make_vjp(function)
        return lambda: pullback(inputs[0])[0](seed)
    both = make_vjp(lambda arguments: function(*arguments))
    return lambda: both(tuple(inputs))[0](seed)[0]


def all_turns(name: str, row: Row, size: int, compiled: bool) -> dict[tuple[str, str], Turn]:
    """Every turn of one op at one size, by kind and library."""
    inputs, seed = inputs_of(row, size), aligned(size)
    seed[:] = 1
    turns: dict[tuple[str, str], Turn] = {}

    def add(library: str, found: dict[str, Turn | None]) -> None:
        turns.update({(kind, library): turn for kind, turn in found.items() if turn})

    add("hasderiv", {**hasderiv_kernels(name, row, inputs, seed), "step": hasderiv_turn(name, row, inputs, seed)})
    pair = compile_kernels(name, row, inputs, seed)
    add("torch", {**dict(zip(("forward", "vjp"), pair or (), strict=False)), "step": torch_turn(row, inputs, seed)})
    if compiled:
        add("compile", torch_compiled(row, inputs, seed))
    add("jax", jax_turns(row, inputs, seed))
    function = compile_autograd(row)
    add(
        "autograd",
        {"forward": function and (lambda: function(*inputs)), "step": autograd_turn(row, inputs, seed)},
    )
    here, there = aligned(size), (aligned(size), aligned(size))
    turns["forward", "copies"] = lambda: [np.copyto(array, here) for array in there]
    return turns
