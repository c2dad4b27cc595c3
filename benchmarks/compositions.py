"""How many random compositions of catalogue ops get a map without a gap, and how long that takes.

    python benchmarks/compositions.py [--count 500] [--seed 1] [--only N ...] [--write]

A composition is ``f(g(h(x)))`` with unary ops of the catalogue at their default parameters, drawn by a
generator of our own, so that a seed means the same list in every version of Python.  Each map is made in
a process of its own, which is ended when it has used its seconds of processor time; every certificate is
replayed by the process that made it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from machine import describe
from report import save

SECONDS = 5.0
DEPTH = 3
_GENERATOR = 6364136223846793005, 1442695040888963407
"""Multiplier and increment of Knuth's linear congruential generator modulo 2^64."""


def unary_ops() -> list[str]:
    """The unary ops whose parameters all have a default, by name."""
    from hasderiv.spec import OPS, REQUIRED

    usable = [n for n, op in OPS.items() if len(op.inputs) == 1 and REQUIRED not in op.params.values()]
    return sorted(usable)


def compositions(count: int, seed: int, names: Sequence[str]) -> list[str]:
    """``count`` different compositions, the same ones for the same seed and names."""
    draws = _draws(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        text = "x"
        for _ in range(DEPTH):
            text = f"{names[next(draws) % len(names)]}({text})"
        found[text] = None
    return list(found)


def _draws(state: int) -> Iterator[int]:
    while True:
        state = (state * _GENERATOR[0] + _GENERATOR[1]) % 2**64
        yield state >> 33


def made(text: str) -> dict[str, Any]:
    """The map of one composition, with what is missing in it."""
    from hasderiv.proofs.certify import NotCertified, prove_map
    from hasderiv.proofs.kernel.certificate import replay
    from hasderiv.proofs.language.definitions import unfold
    from hasderiv.proofs.language.parser import parse
    from hasderiv.proofs.language.printer import show_conditions

    start = time.process_time()
    try:
        data, reasons = prove_map(unfold(parse(text)), "x", [])
    except NotCertified as error:
        return {"status": "no map", "seconds": time.process_time() - start, "why": [str(error)[:300]]}
    seconds = time.process_time() - start
    pieces = replay(data).claims[0].conclusion.pieces  # type: ignore[union-attr]
    gaps = [literals for literals, verdict in pieces if verdict is None]
    why = [f"{show_conditions(list(gap), 200)}: {reasons.get(gap, '')[:300]}" for gap in gaps]
    status = "uncovered" if gaps else "complete"
    return {"status": status, "seconds": seconds, "pieces": len(pieces), "uncovered": len(gaps), "why": why}


def _child(text: str, answers: Connection, seconds: float) -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)  # its signal ends a process that does not handle it
    answers.send(made(text))


def run(texts: Sequence[str], seconds: float, processes: int = 2) -> Iterator[tuple[str, dict[str, Any]]]:
    """The results as they come."""
    context = multiprocessing.get_context("fork")
    waiting = list(reversed(texts))
    running: dict[Connection, tuple[str, Any, float]] = {}
    while waiting or running:
        while waiting and len(running) < processes:
            text = waiting.pop()
            here, there = context.Pipe(duplex=False)
            process = context.Process(target=_child, args=(text, there, seconds))
            process.start()
            there.close()
            running[here] = text, process, time.monotonic() + 20 * seconds
        for answers in wait(list(running), timeout=1):
            assert isinstance(answers, Connection)
            text, process, _ = running.pop(answers)
            try:
                result = answers.recv()
            except EOFError:
                result = {"status": "time", "seconds": seconds, "why": [f"no answer after {seconds:g} s"]}
            answers.close()
            process.join()
            yield text, result
        for _, process, end in running.values():
            if time.monotonic() > end:
                process.kill()  # the pipe closes, and the next round reads that


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="processor time for one map")
    parser.add_argument("--only", type=int, nargs="*", help="numbers of compositions in the list")
    parser.add_argument("--failures", action="store_true", help="print what is missing in each map with a gap")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/compositions.{json,md}")
    arguments = parser.parse_args()
    texts = compositions(arguments.count, arguments.seed, unary_ops())
    if arguments.only:
        texts = [texts[i] for i in arguments.only]
    unfolded_before_forking(texts)
    results: dict[str, dict[str, Any]] = {}
    for text, result in run(texts, arguments.seconds):
        results[text] = result
        if arguments.failures and result["status"] != "complete":
            print(f"{result['status']:10} {result['seconds']:5.2f} s  {text}  {json.dumps(result['why'])}", flush=True)
    report(texts, results, arguments)
    return 0


def unfolded_before_forking(texts: Sequence[str]) -> None:
    """Import what every process needs, once."""
    from hasderiv.proofs.language.definitions import unfold
    from hasderiv.proofs.language.parser import parse
    from hasderiv.proofs.prover import limits, mapping  # noqa: F401

    for text in texts:
        unfold(parse(text))


def report(texts: Sequence[str], results: dict[str, dict[str, Any]], arguments: argparse.Namespace) -> None:
    """The table: how many maps have no gap, and what the others lack."""
    counts = Counter(results[t]["status"] for t in texts)
    times = sorted(results[t]["seconds"] for t in texts)
    rows = [[s, str(counts[s]), f"{counts[s] / len(texts):.1%}"] for s in ("complete", "uncovered", "no map", "time")]
    notes = [
        f"f(g(h(x))) over {len(unary_ops())} unary ops, seed {arguments.seed}; {arguments.seconds:g} s of processor",
        "time for each map. complete: every real number is in a proved piece. uncovered: some piece has no verdict.",
        f"Seconds a map: median {times[len(times) // 2]:.2f}, 90 % within {times[len(times) * 9 // 10]:.2f}.",
    ]
    data = {"machine": describe(), "notes": notes, "results": [{"formula": t, **results[t]} for t in texts]}
    save("compositions", "Random compositions three deep", data, ["map", "count", "share"], rows, arguments.write)


if __name__ == "__main__":
    sys.exit(main())
