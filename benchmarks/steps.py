"""Training steps: forward, backward and Adam of three models, eager and compiled, beside torch and JAX.

    python benchmarks/steps.py [--write] [--rounds 40] [--models CNN ...]

Libraries take turns on the same numbers, each going on from its own last step; the minimum over rounds counts.  Torch
runs its fused Adam.  The losses of all libraries are compared before anything is timed.  Memory is measured for each
library in a process of its own: the most that is resident during steps, beyond what was there before the model was
made.

On a machine that has other work to do, let the libraries have one processor (``taskset -c 0``): then processor time is
taken, which other programs do not lengthen.  Its results are ``results/steps_one_processor.{json,md}``.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Without it the threads of one library spin for work while another takes its turn.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import models
from machine import describe
from models import MODELS, Model
from report import save

RATE, BETAS, EPS = 1e-3, (0.9, 0.999), 1e-8
WARM, STEPS = 5, 10
PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
clock = time.process_time if PROCESSORS == 1 else time.perf_counter

Turn = Callable[[], float]


def hasderiv(model: Model, compiled: bool) -> Turn:
    """``ScalarTrainer.step``."""
    import hasderiv as hd

    layers = models.hasderiv()
    parameters = [hd.tensor(p, requires_grad=True) for p in model.parameters]
    optimizer = hd.optim.Adam(parameters, RATE, BETAS, EPS)
    trainer = hd.ScalarTrainer(lambda p, x, y: model.loss(layers, p, x, y), optimizer, compiled=compiled)
    x, y = hd.tensor(model.x), hd.tensor(model.y)
    return lambda: float(trainer.step(x, y))


def torch(model: Model, compiled: bool) -> Turn:
    """Backward and ``step`` of torch's fused Adam, of a loss that is eager or under ``torch.compile``."""
    import torch

    layers = models.torch()
    parameters = [torch.from_numpy(p.copy()).requires_grad_() for p in model.parameters]
    optimizer = torch.optim.Adam(parameters, RATE, BETAS, EPS, fused=True)
    x, y = torch.from_numpy(model.x), torch.from_numpy(model.y)

    def loss() -> Any:
        return model.loss(layers, parameters, x, y)

    run = torch.compile(loss) if compiled else loss

    def turn() -> float:
        optimizer.zero_grad()
        value = run()
        value.backward()
        optimizer.step()
        return value.item()

    return turn


def jax(model: Model) -> Turn:
    """Loss, gradient and Adam as one function under ``jit``, whose parameters and state are donated."""
    import jax
    import jax.numpy as jnp

    layers = models.jax()

    def step(state: Any, t: Any, x: Any, y: Any) -> Any:
        p, m, v = state
        value, g = jax.value_and_grad(lambda p: model.loss(layers, p, x, y))(p)
        m = [BETAS[0] * a + (1 - BETAS[0]) * b for a, b in zip(m, g, strict=True)]
        v = [BETAS[1] * a + (1 - BETAS[1]) * b * b for a, b in zip(v, g, strict=True)]
        c, d = (1 - beta**t for beta in BETAS)
        moved = [a - RATE * (b / c) / (jnp.sqrt(e / d) + EPS) for a, b, e in zip(p, m, v, strict=True)]
        return value, (moved, m, v)

    run = jax.jit(step, donate_argnums=0)
    state = tuple([make(p) for p in model.parameters] for make in (jnp.array, jnp.zeros_like, jnp.zeros_like))
    x, y, t = jnp.asarray(model.x), jnp.asarray(model.y), 0

    def turn() -> float:
        nonlocal state, t
        t += 1
        value, state = run(state, jnp.float32(t), x, y)
        jax.block_until_ready(state)
        return float(value)

    return turn


LIBRARIES: dict[str, Callable[[Model], Turn]] = {
    "hasderiv": lambda model: hasderiv(model, False),
    "hasderiv compiled": lambda model: hasderiv(model, True),
    "torch": lambda model: torch(model, False),
    "torch.compile": lambda model: torch(model, True),
    "jax.jit": jax,
}


def turns_of(model: Model) -> dict[str, Turn]:
    """A step in each library that is installed; all give the same losses."""
    turns, losses = dict[str, Turn](), dict[str, list[float]]()
    for name, make in LIBRARIES.items():
        try:
            turns[name] = make(model)
        except ImportError as error:
            print(f"left out: {error}")
            continue
        losses[name] = [turns[name]() for _ in range(WARM)]
    ours = losses["hasderiv"]
    for name, values in losses.items():
        far = max(abs(a - b) for a, b in zip(values, ours, strict=True))
        assert far < 1e-3 * max(1.0, *ours), f"{name} goes another way: {values} beside {ours}"
    assert losses["hasderiv compiled"] == ours
    return turns


def measure(turns: dict[str, Turn], rounds: int) -> dict[str, float]:
    """Least milliseconds a step, libraries interleaved."""
    least = dict.fromkeys(turns, float("inf"))
    for _ in range(rounds):
        for name, turn in turns.items():
            for _ in range(3):
                start = clock()
                turn()
                least[name] = min(least[name], (clock() - start) * 1e3)
    return least


def peak(model: str, library: str) -> float | None:
    """MiB that steps take at most, in a fresh process; None where the system does not say or the library is missing."""
    if not Path("/proc/self/clear_refs").exists():
        return None
    command = [sys.executable, __file__, "--peak", model, library]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return float(done.stdout.split()[-1]) if done.returncode == 0 else None


def take_peak(model: str, library: str) -> float:
    """What :func:`peak` asks of the fresh process: libraries are loaded, and their threads begun, beforehand."""
    LIBRARIES[library](models.mlp((10, 10, 10), 1))()
    gc.collect()
    before = _resident("VmRSS")
    turn = LIBRARIES[library](MODELS[model]())
    for _ in range(WARM):
        turn()
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of tracing and compiling
    for _ in range(STEPS):
        turn()
    return _resident("VmHWM") - before


def _resident(key: str) -> float:
    """A line of the process's memory, in MiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{key}:"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--peak", nargs=2, metavar=("MODEL", "LIBRARY"), help="print the memory of one and stop")
    parser.add_argument("--write", action="store_true", help="store the results")
    arguments = parser.parse_args()
    if arguments.peak:
        print(take_peak(*arguments.peak))
        return 0
    rows, steps = [], {}
    for label in arguments.models:
        found = measure(turns_of(MODELS[label]()), arguments.rounds)
        memory = {name: peak(label, name) for name in found}
        steps[label] = {"milliseconds": found, "peak_mib": memory}
        for name, ms in found.items():
            ratio = f"{ms / found['torch']:.2f}" if "torch" in found else ""
            mib = memory[name]
            rows.append([label, name, f"{ms:.2f}", ratio, "" if mib is None else f"{mib:.0f}"])
    head = ["step", "library", "ms", "of torch's time", "peak MiB"]
    data = {"machine": describe(), "processors": PROCESSORS, "steps": steps}
    name, note = ("steps_one_processor", ", on one processor") if PROCESSORS == 1 else ("steps", "")
    save(name, f"Training steps{note}", data, head, rows, arguments.write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
