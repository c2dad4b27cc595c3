"""``hasderiv examine``: does the spec state the functions that people mean?"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from . import FAILED, OK, Stop


def add(commands: Any) -> None:
    """Declare the arguments."""
    p = commands.add_parser(
        "examine",
        help="hold the spec against hand-written references, at points",
        description="Hold every piece of every map against a hand-written mpmath function that knows nothing of the "
        "spec, at random and adversarial points: values, derivatives, one-sided derivatives, domain, to 45 digits. "
        "Of an op over axes: shape, value, JVP, VJP and ties, at small sizes, strides and paddings. "
        "A check against a spec that states the wrong function; it proves nothing.",
        epilog="Exit code: 0 only if something was examined and all of it agrees, 1 if not, 2 for a mistake in the "
        "call.",
    )
    p.add_argument("ops", nargs="*", metavar="OP", help="only these ops (default: all)")
    p.add_argument("--points", type=int, default=6, metavar="N", help="points, or inputs, of each piece (default 6)")
    p.add_argument("--seed", type=int, default=0, metavar="S", help="other random points for another number")
    p.add_argument("--format", choices=("text", "json"), default="text")
    p.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Examine, print the table, return the exit code."""
    from hasderiv.proofs.query import op_names, tensor_op_names
    from hasderiv.proofs.tensor.catalogue import members
    from hasderiv.report.progress import progress

    if not 1 <= args.points <= 1000:
        raise Stop("--points has to lie between 1 and 1000")
    names: dict[str, None] = {}
    for name in args.ops or (*op_names(), *tensor_op_names()):
        meant = (name,) if name in op_names() else members(name)
        if not meant:
            raise Stop(f"no op is called {name!r}; hasderiv list shows them all")
        names |= dict.fromkeys(meant)
    results = []
    with progress("examining", lambda: len(names)) as step:
        for name in names:
            results.append(_examined(name, args.points, args.seed))
            step()
    if not results:
        raise Stop("nothing was examined")
    _write(results, args.format)
    return OK if all(r.good for r in results) else FAILED


def _examined(name: str, points: int, seed: int) -> Any:
    from hasderiv.proofs.catalogue import CertificateError, StatementError
    from hasderiv.proofs.examine import Examined, Finding, examine, tensor
    from hasderiv.proofs.query import op_names

    try:
        return (examine if name in op_names() else tensor.examine)(name, points, seed)
    except (FileNotFoundError, CertificateError, StatementError) as error:
        return Examined(name, findings=[Finding("the certificate", "always", "no point", str(error))])
    except LookupError as error:
        return Examined(name, findings=[Finding("the reference", "always", "no point", str(error.args[0]))])


def _write(results: list[Any], form: str) -> None:
    from hasderiv.report.tables import table

    good = [r for r in results if r.good]
    if form == "json":
        summary = {"agrees": len(good), "differs": len(results) - len(good)}
        json.dump({"results": [r.json() for r in results], "summary": summary}, sys.stdout, indent=2)
        print()
        return
    heads = ["op", "maps", "pieces", "points", "digits", "left out", "verdict"]
    table(sys.stdout, "", heads, [_row(r) for r in results])
    for r in results:
        for finding in r.findings:
            print(f"{r.op}: {finding}")
    pieces, points = sum(r.pieces for r in results), sum(r.points for r in results)
    print(f"{len(good)} of {len(results)} ops agree with their references ({pieces} pieces, {points} points)")


def _row(r: Any) -> list[str]:
    shown = [r.maps, r.pieces, r.points, "" if r.digits is None else r.digits, r.left_out or ""]
    return [r.op, *map(str, shown), "agrees" if r.good else "differs"]
