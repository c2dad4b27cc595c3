"""One optimizer step over all parameters: ours, the rule written out in NumPy, and torch.

    python benchmarks/optimizers.py [--write]

Ours is one pass of machine code in place; the written-out rule makes an array for every operation; torch runs in its
default way and fused.  All take turns on parameters of the same shapes, and the minimum over rounds counts.  The last
column is the memory that NumPy takes during a step of ours and of the rule written out.
"""

from __future__ import annotations

import argparse
import sys
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
from hasderiv.runtime.optim.rules import ARRAYS, NUMBERS, RULES
from machine import describe
from report import save

import hasderiv as hd

SHAPES = {
    "MLP 784-256-256-10": [(784, 256), (256,), (256, 256), (256,), (256, 10), (10,)],
    "transformer block, d 256": [(256,)] * 4 + [(256, 256)] * 4 + [(256, 1024), (1024,), (1024, 256), (256,)],
    "120 small ones": [(64, 64), (64,)] * 60,
    "8.4 million": [(2048, 2048), (4096, 1024)],
}
OURS = {"sgd": hd.optim.SGD, "momentum": hd.optim.Momentum, "adam": hd.optim.Adam, "adamw": hd.optim.AdamW}
RATE = 1e-3

Turn = Callable[[], object]


def written_out(rule: str, values: list[np.ndarray], gradients: list[np.ndarray]) -> Turn:
    """The rule on whole arrays, each operation an array of its own."""
    state = [[p, *(np.zeros_like(p) for _ in ARRAYS[rule])] for p in values]
    steps = 0

    def turn() -> None:
        nonlocal steps
        steps += 1
        numbers = {
            "lr": RATE, "mu": 0.9, "decay": RATE * 0.01, "eps": 1e-8,
            "b1": 0.9, "a1": 1 - 0.9, "c1": 1 - 0.9**steps, "b2": 0.999, "a2": 1 - 0.999, "c2": 1 - 0.999**steps,
        }  # fmt: skip
        given = {name: values[0].dtype.type(numbers[name]) for name in NUMBERS[rule]}
        for arrays, g in zip(state, gradients, strict=True):
            new = RULES[rule](arrays[0], g, *arrays[1:], **given)
            arrays[:] = [new["p"], *(new[name] for name in ARRAYS[rule])]

    return turn


def ours(rule: str, values: list[np.ndarray], gradients: list[np.ndarray]) -> Turn:
    """``step`` of the optimizer."""
    optimizer = OURS[rule]([hd.tensor(p, requires_grad=True) for p in values], lr=RATE)
    tensors = [hd.tensor(g) for g in gradients]
    return lambda: optimizer.step(tensors)


def torch_turn(rule: str, values: list[np.ndarray], gradients: list[np.ndarray], fused: bool) -> Turn:
    """``step`` of torch's optimizer."""
    import torch

    parameters = [torch.nn.Parameter(torch.from_numpy(p.copy())) for p in values]
    for p, g in zip(parameters, gradients, strict=True):
        p.grad = torch.from_numpy(g)
    name = {"sgd": "SGD", "momentum": "SGD", "adam": "Adam", "adamw": "AdamW"}[rule]
    extra = {"momentum": 0.9} if rule == "momentum" else {}
    return getattr(torch.optim, name)(parameters, lr=RATE, fused=fused, **extra).step


def memory_of(turn: Turn) -> int:
    """The most bytes that were taken at one time during a turn."""
    tracemalloc.start()
    turn()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def measure(turns: dict[str, Turn], rounds: int, calls: int) -> dict[str, float]:
    """The least time of a call of each, in microseconds; they take turns."""
    for turn in turns.values():
        turn()
        turn()
    best = dict.fromkeys(turns, float("inf"))
    for _ in range(rounds):
        for name, turn in turns.items():
            began = time.perf_counter()
            for _ in range(calls):
                turn()
            best[name] = min(best[name], (time.perf_counter() - began) / calls * 1e6)
    return best


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="store the results")
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    results = []
    for dtype in ("float32", "float64"):
        for label, shapes in SHAPES.items():
            rng = np.random.default_rng(0)
            values, gradients = ([rng.normal(size=s).astype(dtype) for s in shapes] for _ in range(2))
            size = sum(p.size for p in values)
            for rule in RULES:
                turns = {"ours": ours(rule, values, gradients), "numpy": written_out(rule, values, gradients)}
                try:
                    turns["torch"] = torch_turn(rule, values, gradients, False)
                    turns["torch fused"] = torch_turn(rule, values, gradients, True)
                except ImportError:
                    pass
                found = measure(turns, arguments.rounds if size < 10**6 else 4, 3 if size < 10**6 else 1)
                memory = {name: memory_of(turns[name]) for name in ("ours", "numpy")}
                results.append({"dtype": dtype, "shapes": label, "rule": rule, "us": found, "bytes": memory})
    head = ["parameters", "dtype", "rule", "ours, us", "NumPy", "torch", "torch fused", "KiB taken, ours / NumPy"]
    rows = [
        [r["shapes"], r["dtype"], r["rule"], f"{r['us']['ours']:.0f}"]
        + [f"{r['us'][k]:.0f}" if k in r["us"] else "" for k in ("numpy", "torch", "torch fused")]
        + [f"{r['bytes']['ours'] / 1024:.0f} / {r['bytes']['numpy'] / 1024:.0f}"]
        for r in results
    ]
    save("optimizers", "One optimizer step", {"machine": describe(), "results": results}, head, rows, arguments.write)
    return 0


if __name__ == "__main__":
    sys.exit(main())
