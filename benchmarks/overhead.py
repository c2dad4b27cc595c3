"""What the tape costs: one op forward and backward on a 16-element array, against HIPS autograd and torch eager.

    python benchmarks/overhead.py [--format json]

Each row is one op; each number is the best of several rounds in microseconds, all libraries taken in turn
within a round so that they share the machine's moods.  The ratio is ours to theirs: below 1 we are faster.
``vjp`` starts from a given cotangent; ``grad`` sums to a scalar first and asks for the gradient function.
"""

from __future__ import annotations

import argparse
import json
import platform
import timeit
from collections.abc import Callable
from typing import Any

import numpy as np

import hasderiv as hd

SIZE = 16
NUMBER = 200
ROUNDS = 60
UNARY = ("exp", "log", "tanh", "sin", "sqrt", "abs", "sigmoid", "relu", "gelu")
BINARY = ("add", "mul", "div")


def cases() -> dict[str, dict[str, Callable[[], Any]]]:
    """For each row, for each library that is installed, the thing to time."""
    x = np.linspace(0.1, 2.0, SIZE)
    seed = np.ones(SIZE)
    found: dict[str, dict[str, Callable[[], Any]]] = {}
    t, g = hd.tensor(x, requires_grad=True), hd.tensor(seed)
    for name in UNARY:
        op = hd.ops[name]
        found[f"{name} vjp"] = {"hasderiv": lambda op=op: op(t).backward(g)}
        slope = hd.grad(lambda v, op=op: op(v).sum())
        found[f"{name} grad"] = {"hasderiv": lambda slope=slope: slope(g)}
    for name, f in _binary().items():
        found[f"{name} vjp"] = {"hasderiv": lambda f=f: f(t, g).backward(g)}
    for add in (_autograd, _torch):
        add(found, x, seed)
    return found


def _binary() -> dict[str, Callable[[Any, Any], Any]]:
    return {"add": lambda a, b: a + b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b}


def _autograd(found: dict[str, dict[str, Callable[[], Any]]], x: Any, seed: Any) -> None:
    try:
        import autograd
        import autograd.numpy as anp
    except ImportError:
        return
    ops = {n: getattr(anp, n) for n in UNARY if n not in ("sigmoid", "relu", "gelu")}
    for name, f in ops.items():
        found[f"{name} vjp"]["autograd"] = lambda f=f: autograd.make_vjp(f)(x)[0](seed)
        slope = autograd.grad(lambda v, f=f: anp.sum(f(v)))
        found[f"{name} grad"]["autograd"] = lambda slope=slope: slope(x)
    for name, f in _binary().items():
        found[f"{name} vjp"]["autograd"] = lambda f=f: autograd.make_vjp(lambda a: f(a, seed))(x)[0](seed)


def _torch(found: dict[str, dict[str, Callable[[], Any]]], x: Any, seed: Any) -> None:
    try:
        import torch
    except ImportError:
        return
    t, g = torch.tensor(x, requires_grad=True), torch.tensor(seed)
    for name in UNARY:
        f = getattr(torch, name, None) or getattr(torch.nn.functional, name)
        found[f"{name} vjp"]["torch"] = lambda f=f: f(t).backward(g)
        found[f"{name} grad"]["torch"] = lambda f=f: torch.autograd.grad(f(t).sum(), t)
    for name, f in _binary().items():
        found[f"{name} vjp"]["torch"] = lambda f=f: f(t, g).backward(g)


def measure() -> dict[str, dict[str, float]]:
    """Microseconds by row and library."""
    best: dict[str, dict[str, float]] = {}
    for row, libraries in cases().items():
        times = dict.fromkeys(libraries, float("inf"))
        for _ in range(ROUNDS):
            for name, f in libraries.items():
                times[name] = min(times[name], timeit.timeit(f, number=NUMBER) / NUMBER * 1e6)
        best[row] = times
    return best


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    arguments = parser.parse_args()
    times = measure()
    machine = f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, NumPy {np.__version__}"
    if arguments.format == "json":
        print(json.dumps({"machine": machine, "size": SIZE, "microseconds": times}, indent=1))
        return
    print(machine)
    for row, by in times.items():
        ours = by["hasderiv"]
        others = "  ".join(f"{n} {v:6.2f} (ratio {ours / v:.2f})" for n, v in by.items() if n != "hasderiv")
        print(f"{row:14} hasderiv {ours:6.2f} us  {others}")


if __name__ == "__main__":
    main()
