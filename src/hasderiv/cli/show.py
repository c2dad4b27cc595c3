"""``hasderiv show``: everything about one op."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from . import OK, Stop


def add(commands: Any) -> None:
    """Declare the arguments."""
    p = commands.add_parser("show", help="formula, map, evidence and kernels of an op")
    p.add_argument("op", metavar="OP")
    p.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the page of the op."""
    from hasderiv.proofs import query
    from hasderiv.report.page import write_page, write_tensor_page

    if query.is_tensor_op(args.op):
        write_tensor_page(args.op, sys.stdout)
        return OK
    if args.op not in query.op_names():
        from hasderiv.proofs.checker import Usage, targets

        try:
            targets([args.op])
        except Usage as error:
            raise Stop(str(error)) from None
        raise Stop(f"{args.op}: not an op of the catalogue")
    write_page(args.op, sys.stdout)
    return OK
