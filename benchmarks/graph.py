"""Compiled graphs: a step of a perceptron beside other libraries, and what a graph costs by its size.

    python benchmarks/graph.py [--write]

The step is the value and the gradient of a perceptron of 784-256-256-10 on 128 rows of float32.  Libraries take turns
on the same numbers; the minimum over rounds counts.  The large graphs are chains of sines and products in which each
eighth value is used again later on.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Without it the threads of one library spin for work while another takes its turn.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
from machine import describe
from report import save

import hasderiv as hd

SIZES, ROWS = (784, 256, 256, 10), 128
NODES = (10_000, 100_000)


def perceptron(p: list[Any], x: Any, y: Any) -> Any:
    """The cross entropy of a perceptron; works for tensors of this library."""
    for i in range(0, len(p), 2):
        x = x @ p[i] + p[i + 1]
        if i + 2 < len(p):
            x = hd.relu(x)
    return -(hd.log_softmax(x) * y).sum() / ROWS


def numbers() -> tuple[list[Any], Any, Any]:
    """Parameters, inputs and targets."""
    rng = np.random.default_rng(0)
    p: list[Any] = []
    for n, m in itertools.pairwise(SIZES):
        p += [(rng.standard_normal((n, m)) / n**0.5).astype("float32"), np.zeros(m, "float32")]
    x = rng.standard_normal((ROWS, SIZES[0])).astype("float32")
    return p, x, np.eye(SIZES[-1], dtype="float32")[rng.integers(0, SIZES[-1], ROWS)]


def torch_turns(p: list[Any], x: Any, y: Any) -> dict[str, Callable[[], Any]]:
    """Eager torch, and torch.compile."""
    import torch

    leaves = [torch.from_numpy(v.copy()).requires_grad_() for v in p]
    xs, ys = torch.from_numpy(x), torch.from_numpy(y)

    def loss(x: Any, y: Any) -> Any:
        for i in range(0, len(leaves), 2):
            x = x @ leaves[i] + leaves[i + 1]
            if i + 2 < len(leaves):
                x = torch.relu(x)
        return -(torch.log_softmax(x, -1) * y).sum() / ROWS

    def turn(function: Any) -> Callable[[], Any]:
        def step() -> Any:
            for leaf in leaves:
                leaf.grad = None
            value = function(xs, ys)
            value.backward()
            return float(value)

        return step

    return {"torch": turn(loss), "torch.compile": turn(torch.compile(loss))}


def jax_turn(p: list[Any], x: Any, y: Any) -> dict[str, Callable[[], Any]]:
    """JAX under jit."""
    import jax
    import jax.numpy as jnp

    def loss(p: Any, x: Any, y: Any) -> Any:
        for i in range(0, len(p), 2):
            x = x @ p[i] + p[i + 1]
            if i + 2 < len(p):
                x = jax.nn.relu(x)
        return -(jax.nn.log_softmax(x) * y).sum() / ROWS

    step = jax.jit(jax.value_and_grad(loss))
    given = [jnp.asarray(v) for v in p], jnp.asarray(x), jnp.asarray(y)
    return {"jax.jit": lambda: float(jax.block_until_ready(step(*given))[0])}


def step_turns() -> dict[str, Callable[[], Any]]:
    """A step in each library that is installed."""
    p, x, y = numbers()
    leaves, xs, ys = [hd.tensor(v) for v in p], hd.tensor(x), hd.tensor(y)
    eager = hd.value_and_grad(perceptron)
    compiled = hd.compile(perceptron, p, x, y, argnums=0)
    turns: dict[str, Callable[[], Any]] = {
        "hasderiv": lambda: float(eager(leaves, xs, ys)[0]),
        "hasderiv compiled": lambda: float(compiled.backward((leaves, xs, ys))[0]),
    }
    for make in (torch_turns, jax_turn):
        try:
            turns |= make(p, x, y)
        except ImportError as error:
            print(f"left out: {error}")
    values = {name: turn() for name, turn in turns.items()}
    assert max(values.values()) - min(values.values()) < 1e-4, values
    return turns


def measure(turns: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Least milliseconds a step, libraries interleaved."""
    least = dict.fromkeys(turns, float("inf"))
    for _ in range(rounds):
        for name, turn in turns.items():
            for _ in range(3):
                start = time.perf_counter()
                turn()
                least[name] = min(least[name], (time.perf_counter() - start) * 1e3)
    return least


def chain(nodes: int) -> Callable[[Any], Any]:
    """A function of so many nodes."""

    def f(x: Any) -> Any:
        kept = [x]
        for i in range(2 * nodes // 3):
            x = hd.sin(x + kept[i // 64]) if i % 2 else x * kept[i // 64]
            if i % 8 == 1:
                kept.append(x)
        return x.sum()

    return f


def large(nodes: int) -> dict[str, float]:
    """Seconds to trace a graph of so many nodes and its gradient, to run it, and for its certificate; sizes in MiB."""
    x = np.linspace(0, 1, 16)
    start = time.perf_counter()
    compiled = hd.compile(chain(nodes), x)
    traced = time.perf_counter()
    compiled.backward(x)
    first = time.perf_counter()
    compiled.backward(x)
    again = time.perf_counter()
    certificate = compiled.certificate()
    certified = time.perf_counter()
    assert compiled.conditions_hold(x)
    decided = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "trace": traced - start,
        "first gradient": first - traced,
        "gradient": again - first,
        "certificate": certified - again,
        "conditions_hold": decided - certified,
        "hasderiv check": checked(certificate),
        "MiB of the certificate": len(certificate.data) / 2**20,
        "peak MiB": peak,
    }


def checked(certificate: Any) -> float:
    """Seconds to check a certificate in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.jsonl"
        certificate.save(path)
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "hasderiv", "check", str(path)], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/graph.{json,md}")
    arguments = parser.parse_args()
    large(NODES[0])  # the kernels are compiled, once for all
    sizes = {nodes: large(nodes) for nodes in NODES}
    steps = measure(step_turns(), arguments.rounds)
    rows = [
        [f"perceptron step, {name}", f"{ms:.3f} ms", f"{ms / steps['hasderiv compiled']:.2f}"]
        for name, ms in steps.items()
    ]
    for what in sizes[NODES[0]]:
        few, many = (sizes[nodes][what] for nodes in NODES)
        rows.append([f"{NODES[1]} nodes, {what}", f"{many:.3f}", f"{many / few:.2f} times that of {NODES[0]} nodes"])
    data = {"machine": describe(), "milliseconds": steps, "nodes": sizes}
    save("graph", "Compiled graphs", data, ["what", "measured", "ratio"], rows, arguments.write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
