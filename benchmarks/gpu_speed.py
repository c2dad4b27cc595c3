"""Kernels on a GPU: `python benchmarks/gpu_speed.py [--size N] [--write] [OP ...]` (needs CuPy and a GPU).

Value and VJP of every op at 1e8 float32 elements, as a share of the bandwidth that a plain copy on the same device
reaches, and beside CuPy's ElementwiseKernel and torch, interleaved: in each round all take their turn, and the minimum
over rounds counts.  Bytes are those that must move: each input once, the result once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from machine import describe
from peers import ROWS, Row, compile_torch
from report import save

ROUNDS = 10
ELEMENTWISE = {
    "exp": "y = expf(x)",
    "gelu": "y = 0.5f * x * (1.0f + tanhf(0.7978845608f * (x + 0.044715f * x * x * x)))",
    "log": "y = logf(x)",
    "relu": "y = fmaxf(x, 0.0f)",
    "sigmoid": "y = 1.0f / (1.0f + expf(-x))",
    "silu": "y = x / (1.0f + expf(-x))",
    "sin": "y = sinf(x)",
    "softplus": "y = fmaxf(x, 0.0f) + log1pf(expf(-fabsf(x)))",
    "sqrt": "y = sqrtf(x)",
    "tanh": "y = tanhf(x)",
}
"""What a user of CuPy would write, for some."""

Turn = Callable[[], Any]


def turns(cupy: Any, name: str, row: Row, size: int) -> dict[str, Turn]:
    """What is timed for an op: ours and the peers', value and VJP, each into memory that exists already."""
    from hasderiv.cuda_kernels import load

    draw = cupy.random.default_rng(0)
    inputs = [(draw.random(size, dtype=np.float32) * (high - low) + low).astype(np.float32) for low, high in row.domain]
    out, seed = cupy.empty(size, np.float32), cupy.ones(size, np.float32)
    kernels = load(name)
    vjp = kernels.vjp(kernels.inputs[-1] if name == "select" else kernels.inputs[0])
    found: dict[str, Turn] = {
        "value": lambda: kernels.forward(*inputs, out=out, **row.params),
        "vjp": lambda: vjp(seed, *inputs, out=out, **row.params),
    }
    if name in ELEMENTWISE:
        kernel = cupy.ElementwiseKernel("float32 x", "float32 y", ELEMENTWISE[name], f"plain_{name}")
        found["value, cupy"] = lambda: kernel(inputs[0], out)
    function = compile_torch(row)
    if function is not None:
        import torch

        leaves = [torch.from_dlpack(x) for x in inputs]
        found["value, torch"] = lambda: function(*leaves)
    return found


def milliseconds(cupy: Any, turn: Turn) -> float:
    """The time that a turn takes on the device."""
    start, stop = cupy.cuda.Event(), cupy.cuda.Event()
    start.record()
    turn()
    stop.record()
    stop.synchronize()
    return float(cupy.cuda.get_elapsed_time(start, stop))


def measure(cupy: Any, name: str, size: int) -> dict[str, float]:
    """The least time of each turn, and that of a copy of as many bytes as the value moves."""
    row = ROWS[name]
    found = turns(cupy, name, row, size)
    moved = size * (len(row.domain) + 1) // 2
    source, target = cupy.zeros(moved, np.float32), cupy.empty(moved, np.float32)
    found["copy"] = lambda: cupy.copyto(target, source)
    for turn in found.values():
        turn()
    times = {label: float("inf") for label in found}
    for _ in range(ROUNDS):
        for label, turn in found.items():
            times[label] = min(times[label], milliseconds(cupy, turn))
    return times


def main() -> int:
    """Measure and write."""
    import cupy

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ops", nargs="*", metavar="OP")
    parser.add_argument("--size", type=int, default=100_000_000)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    rows, times = [], {}
    for name in args.ops or ROWS:
        t = times[name] = measure(cupy, name, args.size)
        inputs = len(ROWS[name].domain)
        share = t["copy"] / t["value"], t["copy"] * (inputs + 2) / (inputs + 1) / t["vjp"]
        peers = [f"{t[p] / t['value']:.2f}" if (p := f"value, {peer}") in t else "" for peer in ("cupy", "torch")]
        rows.append([name, *(f"{100 * s:.0f} %" for s in share), *peers])
        print(*rows[-1], flush=True)
    gpu = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)["name"].decode()
    notes = [
        f"{gpu}, {args.size:,} float32 elements; a copy of the same bytes is 100 %, peers as their time over ours."
    ]
    head = ["op", "value, share of a copy", "VJP, share of a copy", "CuPy's ElementwiseKernel / ours", "torch / ours"]
    data = {"machine": describe(), "notes": notes, "milliseconds": times}
    save("gpu_speed", "Kernels on a GPU", data, head, rows, args.write)
    return 0


if __name__ == "__main__":
    sys.exit(main())
