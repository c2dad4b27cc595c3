"""Handing out stretches: any ``concurrent.futures`` executor, a journal to go on from, the sum of what came back."""

from __future__ import annotations

import hashlib
import random
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from . import evidence
from .journal import begun
from .measure import TOTAL, Stretch, covers, measure, widened

STRETCHES: Final = 256
CHECKED: Final = 100_000
"""Random inputs at which the reference is held against Arb in a sweep of all inputs."""
SAMPLED: Final = 2000
"""The same in a sweep that leaves out some."""


@contextmanager
def executor(engine: str, address: str | None, jobs: int) -> Iterator[Executor]:
    """Processes of this machine, or a Dask cluster."""
    if engine == "process":
        pool = ProcessPoolExecutor(jobs, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))
        try:
            yield pool
        finally:  # what is not begun is dropped; what is done stands in the journal
            pool.shutdown(cancel_futures=True)
    else:
        from distributed import Client

        with Client(address) as client:
            yield client.get_executor()


def one(name: str, key: str, first: int, stop: int, stride: int) -> Stretch:
    """One stretch of one routine; runs in a worker."""
    from hasderiv.runtime import kernels

    op, given = kernels.load(name), evidence.parameters(name)
    routine = op.routine(key)

    def run(x: Any) -> Any:
        return routine(x, **given)

    return measure(run, run, first, stop, stride)


def sweep(
    name: str, what: str, stride: int, pool: Executor, journal: Path, done: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Every ``stride``-th input of a routine.  Stretches that the journal holds already are not run again."""
    key = evidence.keys(name)[what]
    kernel = evidence.kernel_hash(name, key)
    path = journal / f"{name}.{what}.{kernel[:16]}.{stride}.jsonl"
    size = TOTAL // STRETCHES
    ends = [-(-first // stride) * stride for first in range(0, TOTAL, size)]  # on the grid of inputs
    found = begun(
        path,
        list(pairwise([*ends, TOTAL])),
        lambda at: pool.submit(one, name, key, *at, stride),
        lambda _, stretch: stretch.json(),
        _decoded,
        done,
    )()
    stretches = [found[at] for at in sorted(found)]
    if not covers(stretches, stride):
        raise RuntimeError(f"{name} {what}: the stretches do not cover every input once; delete {path}")
    path.unlink()
    return {
        **_sum(stretches, stride, kernel),
        "reference": against_arb(name, what, stretches, CHECKED if stride == 1 else SAMPLED),
    }


def _decoded(line: Any) -> tuple[tuple[int, int], Stretch]:
    stretch = Stretch(**line)
    return (stretch.first, stretch.stop), stretch


def _sum(stretches: list[Stretch], stride: int, kernel: str) -> dict[str, Any]:
    worst = max(stretches, key=lambda s: s.worst)
    failed = [s.failed_at for s in stretches if s.failed_at is not None]
    return {
        "kernel": kernel,
        "stride": stride,
        "inputs": sum(s.inputs for s in stretches),
        "largest_ulp": round(worst.worst, 6),
        "at": float(np.uint32(worst.at).view(np.float32)).hex(),
        "failures": sum(s.failures for s in stretches),
        "failed_at": float(np.uint32(failed[0]).view(np.float32)).hex() if failed else None,
        "bits": combined([s.digest for s in stretches]),
    }


def combined(digests: list[str]) -> str:
    """One hash of all stretches', in order."""
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def against_arb(name: str, what: str, stretches: list[Stretch], count: int) -> dict[str, Any]:
    """How far the kernel for float64 is from the truth, in ULP of float32: at random, and where errors are largest."""
    import flint

    from hasderiv.proofs.language.definitions import unfold, unfold_ops
    from hasderiv.runtime import kernels
    from hasderiv.runtime.codegen.sources import from_spec
    from hasderiv.spec import OPS

    from .reference import Undecided, value

    source = from_spec(OPS[name])
    x = source.inputs[0]
    term = unfold(unfold_ops(source.formula if what == "forward" else source.derivative[x]))
    given = evidence.parameters(name)
    draw = random.Random(name)
    bits = [s.at for s in stretches] + [draw.getrandbits(32) for _ in range(count)]
    points = widened(np.array(bits, np.uint32).view(np.float32))
    points = points[np.isfinite(points)]
    got = kernels.load(name).routine(evidence.keys(name)[what])(points, **given)
    largest, checked, undecided = 0.0, 0, 0
    for point, y in zip(points.tolist(), got.tolist(), strict=True):
        try:
            true = value(term, {x: point, **given})
        except Undecided:
            undecided += 1
            continue
        if true is None or not np.isfinite(y) or abs(y) >= 2.0**128:
            continue  # a convention, or beyond float32
        unit = 2.0 ** (max(int(np.frexp(y)[1]) - 1, -126) - 23)
        with flint.ctx.workprec(128):
            largest = max(largest, float(((true - flint.arb(y)) / unit).abs_upper()))
        checked += 1
    return {"points": checked, "undecided": undecided, "largest_ulp": float(f"{largest:.3g}")}
