"""``hasderiv list``: which ops are differentiable at a point, or on a set."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from . import OK, Stop
from .where import assignments, point_of


def add(commands: Any) -> None:
    """Declare the arguments."""
    p = commands.add_parser(
        "list",
        help="the ops, and which are differentiable where",
        description="List the ops of the catalogue; with --at or --on, whether each is differentiable there; "
        "for ops over axes and shapes, whether everywhere. "
        "Parameters have their defaults unless --param says otherwise.",
    )
    place = p.add_mutually_exclusive_group()
    place.add_argument("--at", metavar="P", help="a number (for every input), or x=1,y=2")
    place.add_argument("--on", metavar="CONDITION", help="a condition such as 'x > 0'")
    p.add_argument("--param", action="append", default=[], metavar="NAME=VALUE")
    p.add_argument("--format", choices=("text", "json"), default="text")
    p.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the list."""
    from hasderiv.proofs import listing, query
    from hasderiv.report.progress import progress
    from hasderiv.report.tables import print_list

    values = assignments(args.param)
    try:
        with progress("reading", lambda: len(query.op_names())) as step:
            if args.on is not None:
                rows = listing.list_on(args.on, values, step)
            elif args.at is not None:
                rows = listing.list_at(point_of(args.at), values, step)
            else:
                rows = listing.list_ops(step)
    except query.QueryError as error:
        raise Stop(str(error)) from None
    if not rows:
        raise Stop("the catalogue is empty")
    if args.format == "json":
        content = {"at": args.at, "on": args.on, "ops": [r.json() for r in rows], "over_axes": listing.over_axes()}
        json.dump(content, sys.stdout, indent=2, ensure_ascii=False)
        print()
    else:
        print_list(sys.stdout, rows)
        print("A number is no point of an op over axes and shapes; hasderiv where NAME answers for all of them:")
        for where, names in listing.over_axes().items():
            print(f"differentiable {where}: {', '.join(names)}")
    return OK
