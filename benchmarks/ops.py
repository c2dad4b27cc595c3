"""Kernels and training steps of every op at four sizes against torch, torch.compile, JAX (jit) and HIPS autograd.

    python benchmarks/ops.py [--sizes 1000 100000 1000000 10000000] [--only gelu tanh] [--budget 1.0] [--write]

One run measures all of them, interleaved: in each round every library takes its turn of each kind (see
``turns.py``) on the same float32 inputs, in an order of its own, and the minimum over rounds counts.  What is
compiled is compiled before it is timed.  Columns are microseconds.  Results are added to those in ``--journal`` op
by op, so that a long run can be taken up again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import warnings
from pathlib import Path
from random import Random
from typing import Any

# Without it the threads of one library spin for work while another takes its turn: 50 ms for 0.3 in torch.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from goals import goals, means
from machine import describe
from peers import ROWS
from report import save
from turns import KINDS, Turn, all_turns

LIBRARIES = ("hasderiv", "torch", "compile", "jax", "autograd")
SIZES = [1_000, 100_000, 1_000_000, 10_000_000]
COLUMNS = [
    (kind, library)
    for kind in KINDS
    for library in LIBRARIES
    if (kind, library) not in {("vjp", "compile"), ("vjp", "autograd")} and (kind != "fused" or library == "hasderiv")
]


def measure(turns: dict[Any, Turn], budget: float) -> dict[Any, float]:
    """Least seconds of each turn over as many shuffled rounds as fit the budget (3 to 500)."""
    least, shuffle = dict.fromkeys(turns, float("inf")), Random(0).shuffle
    for turn in turns.values():
        turn()  # compile, allocate, warm the caches
    order, began, rounds = list(turns), time.perf_counter(), 0
    while rounds < 3 or (rounds < 500 and time.perf_counter() - began < budget):
        shuffle(order)  # no turn always finds in the cache what the same other one has left there
        for name in order:
            start = time.perf_counter()
            result = turns[name]()
            least[name] = min(least[name], time.perf_counter() - start)
            del result
        rounds += 1
    return least


def run(name: str, size: int, budget: float, compiled: bool) -> dict[str, Any]:
    """The seconds of one op at one size, by kind and library."""
    seconds: dict[str, dict[str, float]] = {kind: {} for kind in KINDS}
    for (kind, library), least in measure(all_turns(name, ROWS[name], size, compiled), budget).items():
        seconds[kind][library] = least
    return {"op": name, "size": size, "seconds": seconds}


def cells(result: dict[str, Any]) -> list[str]:
    """A row of the table."""
    found = [result["seconds"][kind].get(library) for kind, library in COLUMNS]
    shown = [f"{seconds * 1e6:.1f}" if seconds else "" for seconds in found]
    return [result["op"], f"{result['size']:.0e}".replace("e+0", "e"), *shown]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--only", nargs="+", default=sorted(ROWS))
    parser.add_argument("--budget", type=float, default=0.5, help="seconds an op and size")
    parser.add_argument("--without-compile", action="store_true", help="leave torch.compile out, which compiles long")
    parser.add_argument("--journal", type=Path, help="a file of results so far, taken up and added to")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/ops.{json,md}")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    results: list[dict[str, Any]] = []
    if arguments.journal and arguments.journal.exists():
        results = [json.loads(line) for line in arguments.journal.read_text(encoding="utf-8").splitlines()]
    done = {(result["op"], result["size"]) for result in results}
    for name in arguments.only:
        for size in arguments.sizes:
            if (name, size) in done:
                continue
            results.append(run(name, size, arguments.budget, not arguments.without_compile))
            print(*cells(results[-1]), sep="\t", file=sys.stderr, flush=True)
            if arguments.journal:
                with arguments.journal.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(results[-1]) + "\n")
    results.sort(key=lambda result: (result["op"], result["size"]))
    notes = [
        "Microseconds, the minimum over interleaved rounds. float32 inputs, all arrays aligned to 64 bytes. An empty",
        "cell: that library has no such op, or no such kernel. `forward` and `vjp` of hasderiv and torch write to",
        "arrays that exist (`out=`); where torch's tape saves the result, its VJP starts from that. Threads as each",
        "library sets them, with OMP_WAIT_POLICY=passive.",
        "",
        *(f"* {line}" for line in goals(results)),
        "",
        "Geometric mean of the time of each library over hasderiv's (and the number of ops):",
        "",
        *(f"* {line}" for line in means(results, LIBRARIES[1:])),
    ]
    data = {"machine": describe(), "notes": notes, "results": results}
    head = ["op", "size", *(f"{kind} {library}" for kind, library in COLUMNS)]
    save("ops", "Kernels and steps of each op", data, head, [cells(result) for result in results], arguments.write)
    return 0


if __name__ == "__main__":
    sys.exit(main())
