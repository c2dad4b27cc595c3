"""Forward and backward of every op at three sizes against torch eager, JAX (jit) and HIPS autograd.

    python benchmarks/ops.py [--sizes 1000 100000 10000000] [--only gelu tanh] [--budget 1.0] [--write]

One run measures all of them, interleaved: in each round every library takes its turn on the same
float32 inputs, the order of turns rotates, and the minimum over rounds counts.  A turn is what a
training step does with parameters that exist already: clear their gradients, apply the op, send a
gradient of ones back to each of them.  JAX is compiled before it is timed, and waited for.  Columns
are microseconds.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from machine import describe
from peers import ROWS, Row, compile_autograd, compile_jax, compile_torch
from report import save

# Without it the threads of one library spin for work while another takes its turn: 50 ms for 0.3 in torch.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

LIBRARIES = ("hasderiv", "torch", "jax", "autograd")
Turn = Callable[[], Any]


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


def torch_turn(row: Row, inputs: list[np.ndarray], seed: np.ndarray) -> Turn | None:
    """The same with torch in eager mode."""
    function = compile_torch(row)
    if function is None:
        return None
    import torch

    leaves = [torch.from_numpy(value).requires_grad_() for value in inputs]
    ones = torch.from_numpy(seed)

    def turn() -> Any:
        for leaf in leaves:
            leaf.grad = None
        function(*leaves).backward(ones)
        return leaves[0].grad

    return turn


def jax_turn(row: Row, inputs: list[np.ndarray], seed: np.ndarray) -> Turn | None:
    """The same with JAX: value and pullback compiled together."""
    function = compile_jax(row)
    if function is None:
        return None
    import jax

    def both(values: list[Any], ones: Any) -> Any:
        out, pull = jax.vjp(function, *values)
        return out, pull(ones)

    compiled = jax.jit(both)
    values, ones = [jax.numpy.asarray(value) for value in inputs], jax.numpy.asarray(seed)

    def turn() -> Any:
        return jax.block_until_ready(compiled(values, ones))[1][0]

    return turn


def autograd_turn(row: Row, inputs: list[np.ndarray], seed: np.ndarray) -> Turn | None:
    """The same with HIPS autograd, whose gradient of several arguments is taken of a tuple of them."""
    function = compile_autograd(row)
    if function is None:
        return None
    from autograd import make_vjp

    if len(inputs) == 1:
        pullback = make_vjp(function)
        return lambda: pullback(inputs[0])[0](seed)
    both = make_vjp(lambda arguments: function(*arguments))
    return lambda: both(tuple(inputs))[0](seed)[0]


def measure(turns: dict[str, Turn], budget: float) -> dict[str, float]:
    """Least seconds of each library over as many rotating rounds as fit the budget (3 to 500)."""
    least = dict.fromkeys(turns, float("inf"))
    for turn in turns.values():
        turn()  # compile, allocate, warm the caches
    order, began, rounds = list(turns), time.perf_counter(), 0
    while rounds < 3 or (rounds < 500 and time.perf_counter() - began < budget):
        for name in order:
            start = time.perf_counter()
            result = turns[name]()
            least[name] = min(least[name], time.perf_counter() - start)
            del result
        order.append(order.pop(0))
        rounds += 1
    return least


def inputs_of(row: Row, size: int) -> list[np.ndarray]:
    """The same float32 inputs for every library."""
    rng = np.random.default_rng(size)
    return [rng.uniform(low, high, size).astype(np.float32) for low, high in row.domain]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 10_000_000])
    parser.add_argument("--only", nargs="+", default=sorted(ROWS))
    parser.add_argument("--budget", type=float, default=0.5, help="seconds an op and size")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/ops.{json,md}")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    results, rows = [], []
    for name in arguments.only:
        row = ROWS[name]
        for size in arguments.sizes:
            inputs, seed = inputs_of(row, size), np.ones(size, np.float32)
            made = {
                "hasderiv": hasderiv_turn(name, row, inputs, seed),
                "torch": torch_turn(row, inputs, seed),
                "jax": jax_turn(row, inputs, seed),
                "autograd": autograd_turn(row, inputs, seed),
            }
            least = measure({library: turn for library, turn in made.items() if turn}, arguments.budget)
            results.append({"op": name, "size": size, "seconds": least})
            cells = [f"{least[library] * 1e6:.1f}" if library in least else "" for library in LIBRARIES]
            rows.append([name, f"{size:.0e}".replace("e+0", "e"), *cells])
            print(*rows[-1], sep="\t", file=sys.stderr, flush=True)
    notes = [
        "Forward and backward, microseconds, the minimum over interleaved rounds. float32 inputs; an empty cell: that",
        "library has no such op. Threads as each library sets them, with OMP_WAIT_POLICY=passive; hasderiv uses one.",
        "Other programs ran on the machine at times.",
        *ratios(results, arguments.sizes),
    ]
    data = {"machine": describe(), "notes": notes, "results": results}
    save("ops", "Forward and backward of each op", data, ["op", "size", *LIBRARIES], rows, arguments.write)
    return 0


def ratios(results: list[dict[str, Any]], sizes: list[int]) -> list[str]:
    """The geometric mean of peer time over ours, per size; above 1 means that hasderiv is quicker."""
    lines = []
    for size in sizes:
        parts = []
        for peer in LIBRARIES[1:]:
            pairs = [r["seconds"] for r in results if r["size"] == size and {"hasderiv", peer} <= r["seconds"].keys()]
            if pairs:
                mean = np.exp(np.mean([np.log(s[peer] / s["hasderiv"]) for s in pairs]))
                parts.append(f"{peer} {mean:.2f} ({len(pairs)} ops)")
        lines.append(f"\nGeometric mean of time over hasderiv's at {size:,} elements: {', '.join(parts)}.")
    return lines


if __name__ == "__main__":
    sys.exit(main())
