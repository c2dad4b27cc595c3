"""``hasderiv sweep`` at samples: ops of two inputs, float64, derivatives of order 2 and 3 and in parameters."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from . import FAILED, OK, Stop


def run(args: argparse.Namespace, names: list[str], journal: Path) -> int:
    """Measure, print the table, return the exit code."""
    from hasderiv.report.progress import progress
    from hasderiv.sweeping import engine, samples, samples_evidence

    if (why := samples.missing()) is not None:
        raise Stop(f"samples are compared in __float128: {why}")
    known = samples.names()
    names = known if args.ops == ["all"] else names
    if unknown := [name for name in names if name not in known]:
        raise Stop(f"{unknown[0]!r} is no op of one or two inputs; hasderiv list shows the ops")
    if args.stride != 1:
        raise Stop("--stride is for ops of one input in float32; --samples says how many samples")
    if args.samples is not None and args.samples < 1:
        raise Stop("--samples is at least 1")
    if args.write and args.samples is not None and args.samples < samples_evidence.FEWEST:
        raise Stop(f"fewer than {samples_evidence.FEWEST:,} samples are no evidence to keep")
    counts = {
        (name, key): samples.count(key, args.dtype, args.samples)
        for name in names
        for key in samples.keys(name, args.dtype)
    }
    found: dict[str, dict[str, Any]] = {name: {} for name in names}
    with (
        engine.executor(args.engine, args.address, args.jobs) as pool,
        progress("sampling", lambda: sum(len(samples.plan(c)) for c in counts.values())) as step,
    ):
        begun = {at: samples.begin(*at, args.dtype, count, pool, journal, step) for at, count in counts.items()}
        for (name, key), finish in begun.items():  # the pool is busy with later ones meanwhile
            found[name][key] = finish()
            if args.write and len(found[name]) == len(samples.keys(name, args.dtype)):
                samples_evidence.write(name, args.dtype, found[name])
    for at in counts:
        samples.journal_file(journal, *at, args.dtype).unlink()
    good = all(
        samples.order(key) > 1 or samples_evidence.meets(name, key, args.dtype, r)
        for name, routines in found.items()
        for key, r in routines.items()
    )
    _print(found, args.dtype, args.format)
    return OK if good else FAILED


def _print(found: dict[str, dict[str, Any]], dtype: str, form: str) -> None:
    from hasderiv.report.tables import table
    from hasderiv.sweeping.samples_evidence import decided, verdict

    if form == "json":
        results = [{"op": name, "dtype": dtype, "routines": routines} for name, routines in found.items()]
        json.dump({"results": results}, sys.stdout, indent=2)
        print()
        return
    heads = ["op", "routine", "inputs", "largest error", "at", "failures", "beyond", "float64", "Arb", "goal"]
    rows = [
        [
            name,
            key,
            f"{r['random_inputs'] + r['hard_inputs']:,}",
            f"{r['largest_ulp']:.4g} ULP",
            ", ".join(f"{float.fromhex(v):.6g}" for v in r["at"]),
            str(r["failures"]),
            str(r["beyond_goal"]),
            f"{decided(r):,}",
            f"{r['arb']['points']:,}",
            verdict(name, key, dtype, r),
        ]
        for name, routines in found.items()
        for key, r in routines.items()
    ]
    table(sys.stdout, "", heads, rows)
