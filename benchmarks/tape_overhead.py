"""What the tape costs: forward and backward of one op on 16 elements, where arithmetic is nothing.

    python benchmarks/tape_overhead.py [--write]

Libraries take turns in blocks of 50 calls; the minimum over blocks counts, in microseconds a call.
The budget: at most the time of HIPS autograd.  A chain of ops shows what each further node costs.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from machine import describe
from peers import PLANE, ROWS, Row
from report import save
from turns import autograd_turn, hasderiv_turn, inputs_of, torch_turn

SIZE, CALLS = 16, 50
OPS = (
    "exp",
    "log",
    "sin",
    "sqrt",
    "tanh",
    "sigmoid",
    "softplus",
    "gelu",
    "relu",
    "clamp",
    "add",
    "mul",
    "div",
    "erf",
    "erfc",
    "gelu_erf",
    "sinc",
)
LIBRARIES = ("hasderiv", "torch", "autograd")
CHAIN = 100


def chain_turn(library: str, values: np.ndarray, seed: np.ndarray) -> Callable[[], Any]:
    """``CHAIN`` additions in a row, forward and backward."""
    if library == "torch":
        import torch

        leaf, ones = torch.from_numpy(values).requires_grad_(), torch.from_numpy(seed)

        def turn() -> Any:
            leaf.grad = None
            total = leaf
            for _ in range(CHAIN):
                total = total + leaf
            total.backward(ones)
            return leaf.grad

    elif library == "autograd":
        from autograd import make_vjp

        def added(x: Any) -> Any:
            total = x
            for _ in range(CHAIN):
                total = total + x
            return total

        def turn() -> Any:
            return make_vjp(added)(values)[0](seed)

    else:
        import hasderiv as hd

        leaf, ones = hd.tensor(values, requires_grad=True), hd.tensor(seed)

        def turn() -> Any:
            leaf.grad = None
            total = leaf
            for _ in range(CHAIN):
                total = total + leaf
            total.backward(ones)
            return leaf.grad

    return turn


def measure(turns: dict[str, Callable[[], Any]], calls: int, blocks: int) -> dict[str, float]:
    """Least microseconds a call, blocks of the libraries interleaved."""
    least = dict.fromkeys(turns, float("inf"))
    for _ in range(blocks):
        for name, turn in turns.items():
            start = time.perf_counter()
            for _ in range(calls):
                turn()
            least[name] = min(least[name], (time.perf_counter() - start) / calls * 1e6)
    return least


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=160)
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/tape_overhead.{json,md}")
    arguments = parser.parse_args()
    makers = {"hasderiv": lambda op, *rest: hasderiv_turn(op, *rest)}
    makers |= {"torch": lambda _, *rest: torch_turn(*rest), "autograd": lambda _, *rest: autograd_turn(*rest)}
    results, seed = {}, np.ones(SIZE, np.float32)
    for op in OPS:
        row: Row = ROWS[op]
        inputs = inputs_of(row, SIZE)
        turns = {library: turn for library in LIBRARIES if (turn := makers[library](op, row, inputs, seed))}
        results[op] = measure(turns, CALLS, arguments.blocks)
    values = inputs_of(Row(PLANE[:1], None, None, None), SIZE)[0]
    turns = {library: chain_turn(library, values, seed) for library in LIBRARIES}
    chain = measure(turns, max(1, CALLS // CHAIN), arguments.blocks)
    results[f"{CHAIN} additions, each"] = {library: value / CHAIN for library, value in chain.items()}
    rows = [
        [name, *(f"{r[library]:.2f}" for library in LIBRARIES), "yes" if r["hasderiv"] <= r["autograd"] else "no"]
        for name, r in results.items()
    ]
    data = {"machine": describe(), "elements": SIZE, "microseconds": results}
    head = ["op", *LIBRARIES, "at most autograd"]
    save("tape_overhead", "Tape overhead, microseconds forward and backward", data, head, rows, arguments.write)
    return 0 if all(r["hasderiv"] <= r["autograd"] for r in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
