"""``hasderiv build``: certificates and kernels from the spec, for a checkout."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from . import FAILED, OK, Stop


def add(commands: Any) -> None:
    """Declare the arguments."""
    p = commands.add_parser(
        "build",
        help="make certificates and kernels from the spec (in a checkout)",
        description="Prove every op of the spec afresh and write certificates and kernels. "
        "With --check nothing is written: differences are listed, and the exit code is 1 if there are any.",
    )
    p.add_argument("ops", nargs="*", metavar="OP", help="only these ops (default: all)")
    p.add_argument("--check", action="store_true", help="write nothing, list what would change")
    p.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Build or compare."""
    try:
        from hasderiv.runtime.codegen.build import build
    except ImportError:
        raise Stop("this installation has no generator; build works in a checkout") from None
    try:
        changed = build(args.ops or None, check=args.check)
    except (LookupError, ValueError) as error:
        raise Stop(str(error)) from None
    for path in changed:
        print(f"{'differs' if args.check else 'wrote'} {path}")
    if args.check and changed:
        print("run: hasderiv build", file=sys.stderr)
        return FAILED
    if not changed:
        print("everything is up to date")
    return OK
