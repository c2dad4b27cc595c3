"""How the proof kernel scales: derivations in the size of the formula, and equalities under their budget.

    python benchmarks/derivations.py [--write]

Two shapes of formula: a chain, where each level is built on the one below (deep), and a sum of
different terms (wide).  For each size the derivative is derived, written as a certificate, and replayed
in a fresh process, so that nothing is remembered from the derivation.  Linear means that the time a
node does not grow.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hasderiv.proofs.kernel.algebra import BUDGET
from hasderiv.proofs.kernel.terms import KernelError, Literal, Term, add, mul, postorder, power, rat, sub, unary, var
from hasderiv.proofs.prover.recorder import Recorder
from machine import describe
from report import save

SIZES = (100, 1_000, 10_000)
REPLAY = """
import sys, time
from hasderiv.proofs.kernel.certificate import replay
data = open(sys.argv[1], "rb").read()
start = time.perf_counter()
replay(data)
print(time.perf_counter() - start)
"""


def chain(nodes: int) -> Term:
    """``t = sin(t) + x t`` again and again: every level uses the one below twice."""
    x = t = var("x")
    while len(postorder(t)) < nodes:
        for _ in range(max(1, (nodes - len(postorder(t))) // 3)):
            t = add(unary("sin", t), mul(x, t))
    return t


def wide(nodes: int) -> Term:
    """``sum of exp(k x) atan(x + k)``, balanced."""
    x = var("x")
    parts = [mul(unary("exp", mul(rat(k), x)), unary("atan", add(x, rat(k)))) for k in range(2, max(3, 2 + nodes // 7))]
    while len(parts) > 1:
        parts = [add(*parts[i : i + 2]) if i + 1 < len(parts) else parts[i] for i in range(0, len(parts), 2)]
    return parts[0]


def derivation(term: Term) -> tuple[float, float, int]:
    """Seconds to derive, seconds to replay in a fresh process, and bytes of the certificate."""
    recorder = Recorder()
    start = time.perf_counter()
    theorem = recorder.rule("local", frozenset({"x"}), term, [])
    derived = time.perf_counter() - start
    data = recorder.write([theorem], term)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "certificate.jsonl")
        path.write_bytes(data)
        done = subprocess.run([sys.executable, "-c", REPLAY, str(path)], capture_output=True, text=True, check=True)
    return derived, float(done.stdout), len(data)


def equality(n: int) -> tuple[float, str]:
    """Seconds to show ``(1 + x + y)^n`` equal to a product of two powers of it, and the verdict."""
    x, y = var("x"), var("y")
    base = add(rat(1), add(x, y))
    left = power(base, n)
    right = mul(power(base, n - n // 2), power(base, n // 2))
    start = time.perf_counter()
    try:
        Recorder().arith(Literal("=", sub(left, right)))
        verdict = "proved"
    except KernelError as error:
        verdict = str(error)
    return time.perf_counter() - start, verdict


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/derivations.{json,md}")
    arguments = parser.parse_args()
    rows, results = [], []
    for shape in (chain, wide):
        for size in SIZES:
            term = shape(size)
            nodes = len(postorder(term))
            derived, replayed, length = derivation(term)
            results.append({"shape": shape.__name__, "nodes": nodes, "derive_s": derived, "replay_s": replayed})
            each = f"{replayed / nodes * 1e6:.1f} us a node"
            rows.append([f"derivative, {shape.__name__}", str(nodes), f"{derived:.3f}", f"{replayed:.3f}", each])
            assert length > 0
    for n in (8, 16, 32, 64, 128):
        seconds, verdict = equality(n)
        results.append({"shape": "equality", "power": n, "seconds": seconds, "verdict": verdict})
        rows.append(["equality, (1 + x + y)^n", f"n = {n}", f"{seconds:.3f}", "", verdict])
    data = {"machine": describe(), "notes": [f"The budget of an equality is {BUDGET:,} products of monomials."]}
    save(
        "derivations",
        "Derivations and equalities in the kernel",
        {**data, "results": results},
        ["what", "size", "derive, s", "replay, s", ""],
        rows,
        arguments.write,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
