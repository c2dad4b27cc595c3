"""``hasderiv sweep``: the errors of kernels over every float32 number."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

from . import FAILED, OK, Stop, sweep_samples


def add(commands: Any) -> None:
    """Declare the arguments."""
    p = commands.add_parser(
        "sweep",
        help="measure a kernel's errors over every float32 number",
        description="Run the kernel for float32 over all 2^32 inputs, value and derivative, beside the kernel for "
        "float64, which Arb checks at random inputs and where errors are largest. Prints the largest error in ULP, "
        "where it is, and how many results are NaN, infinite or 0 though the true value is a normal number. Ops of "
        "two inputs, float64, and with --samples derivatives of order 2 and 3 and in parameters, are measured at "
        "random and hard inputs, beside the same op list in __float128 (needs gcc), which Arb checks likewise; in "
        "float32 beside the kernel for float64 where that one is sure, which __float128 checks at the first 2^20.",
        epilog="Exit code: 0 if every goal is met, 1 if not, 2 for a mistake in the call. A sweep that is broken off "
        "goes on where it stopped.",
    )
    p.add_argument("ops", nargs="+", metavar="OP", help="ops of one or two inputs, or 'all'")
    p.add_argument("--dtype", choices=("float32", "float64"), default="float32")
    p.add_argument("--samples", type=int, metavar="N", help="measure at no more than N random inputs a routine")
    p.add_argument("--stride", type=int, default=1, metavar="N", help="only every N-th input (default 1: all)")
    p.add_argument("--engine", choices=("process", "dask"), default="process")
    p.add_argument("--address", help="the scheduler of a Dask cluster")
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes (default: all cores)")
    p.add_argument("--journal", type=Path, metavar="DIR", help="where finished stretches are kept until the end")
    p.add_argument("--write", action="store_true", help="keep the result in proofs/evidence")
    p.add_argument("--format", choices=("text", "json"), default="text")
    p.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Sweep, print the table, return the exit code."""
    from hasderiv.report.progress import progress
    from hasderiv.runtime.compiled import machine
    from hasderiv.sweeping import engine, evidence, samples

    if not 1 <= args.stride <= 1 << 20 or args.jobs < 1:
        raise Stop("--stride lies between 1 and 2^20, --jobs is at least 1")
    if args.write and args.stride != 1:
        raise Stop("a sweep that leaves out inputs is no evidence to keep; --write goes without --stride")
    if machine.missing() is not None:
        raise Stop(f"a sweep needs the compiled path: {machine.missing()}")
    try:
        import flint  # noqa: F401
    except ImportError:
        raise Stop("the reference is checked by Arb: pip install python-flint") from None
    if args.engine == "dask" and importlib.util.find_spec("distributed") is None:
        raise Stop("--engine dask needs: pip install distributed")
    if "all" in args.ops and len(args.ops) > 1:
        raise Stop("'all' stands alone")
    journal = args.journal or machine.folder() / "sweeps"
    try:
        journal.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stop(f"--journal {journal} is no folder to write to: {error.strerror}") from None
    known = evidence.unary()
    names = known if args.ops == ["all"] else list(dict.fromkeys(args.ops))
    if args.dtype == "float64" or args.samples is not None or set(names) <= set(samples.names()) - set(known):
        return sweep_samples.run(args, names, journal)
    if unknown := [name for name in names if name not in known]:
        raise Stop(f"{unknown[0]!r} is no op of one input; hasderiv list shows the ops")
    found: dict[str, dict[str, Any]] = {}
    with (
        engine.executor(args.engine, args.address, args.jobs) as pool,
        progress("sweeping", lambda: len(names) * 2 * engine.STRETCHES) as step,
    ):
        for name in names:
            routines = {w: engine.sweep(name, w, args.stride, pool, journal, step) for w in evidence.keys(name)}
            found[name] = {
                "op": name,
                "dtype": args.dtype,
                "parameters": evidence.parameters(name),
                "routines": routines,
            }
            if args.write:
                evidence.write(name, found[name])
    good = all(_meets(name, what, r) for name, f in found.items() for what, r in f["routines"].items())
    _print(found, args.format)
    return OK if good else FAILED


def _meets(name: str, what: str, r: dict[str, Any]) -> bool:
    from hasderiv.sweeping.evidence import goal

    return r["failures"] == 0 and r["largest_ulp"] + r["reference"]["largest_ulp"] <= goal(name, what)


def _print(found: dict[str, dict[str, Any]], form: str) -> None:
    from hasderiv.report.tables import table
    from hasderiv.sweeping.evidence import goal

    if form == "json":
        json.dump({"results": list(found.values())}, sys.stdout, indent=2)
        print()
        return
    heads = ["op", "routine", "inputs", "largest error", "at", "failures", "reference", "goal"]
    rows = [
        [
            name,
            what,
            f"{r['inputs']:,}",
            f"{r['largest_ulp']:.3f} ULP",
            f"{float.fromhex(r['at']):.9g}",
            str(r["failures"]),
            f"{r['reference']['largest_ulp']:.2g}",
            f"{goal(name, what)} {'met' if _meets(name, what, r) else 'MISSED'}",
        ]
        for name, f in found.items()
        for what, r in f["routines"].items()
    ]
    table(sys.stdout, "", heads, rows)
