"""``hasderiv check``: are the derivatives right?"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from . import FAILED, OK, Stop

if TYPE_CHECKING:
    from hasderiv.proofs.checker import Beside
    from hasderiv.proofs.results import Result

FORMATS = ("text", "json", "github", "junit")


def add(commands: Any) -> None:
    """Declare the arguments."""
    p = commands.add_parser(
        "check",
        help="check ops, certificates, claims tables, Python files",
        description="Check certificates and claims. Without a target: the whole catalogue. "
        "A .py file is executed, and every op that it defines is proved; in a FOLDER, only claims tables (.toml) and "
        "certificates (.jsonl) are checked.",
        epilog="Exit code: 0 only if something was checked and all of it holds, 1 if not, 2 for a mistake in the call.",
    )
    p.add_argument("targets", nargs="*", metavar="OP|FILE.py|FILE.toml|FILE.jsonl|FOLDER")
    p.add_argument("--format", choices=FORMATS, default="text")
    p.add_argument("--seconds", type=float, default=5.0, metavar="S", help="time for each claim (default 5)")
    p.add_argument("--jobs", type=int, default=None, metavar="N", help="worker processes for claims (default: cores)")
    p.add_argument(
        "--second", action="store_true", help="replay each certificate in the second checker as well; compare"
    )
    p.add_argument(
        "--verified", action="store_true", help="run the checker that is proved sound in Coq as well; compare"
    )
    p.add_argument("-v", "--verbose", action="store_true", help="list also what holds")
    p.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check the targets, print the report, return the exit code."""
    from hasderiv.proofs import checker
    from hasderiv.report import write
    from hasderiv.report.progress import progress

    if not 0 < args.seconds <= 3600 or (args.jobs is not None and args.jobs < 1):
        raise Stop("--seconds has to lie between 0 and 3600, and --jobs has to be at least 1")
    try:
        found = checker.targets(args.targets)
    except checker.Usage as error:
        raise Stop(str(error)) from None
    with progress("checking", lambda: checker.count(found)) as step:
        results = checker.run(
            found, args.seconds, args.jobs, lambda result: step(), _beside(args.second, args.verified)
        )
    if not results:
        raise Stop("nothing was checked")
    write(args.format, results, sys.stdout, verbose=args.verbose)
    return OK if all(r.good for r in results) else FAILED


def _beside(second: bool, verified: bool) -> Beside:
    """The checkers that are to say the same as the kernel, one after the other."""
    from hasderiv.proofs import checker

    others: list[Beside] = []
    if second:
        from hasderiv.proofs.agreement import agreed

        others.append(agreed)
    if verified:
        from hasderiv.proofs.coq.verified import NotBuilt, agreed_with, program

        try:
            program()
        except NotBuilt as error:
            raise Stop(str(error)) from None

        def proved_sound(result: Result, certificates: Iterable[bytes]) -> Result:
            try:
                return agreed_with(result, certificates)
            except NotBuilt as error:  # it is there, and another program
                raise Stop(str(error)) from None

        others.append(proved_sound)

    def all_of_them(result: Result, certificates: Iterable[bytes]) -> Result:
        given = list(certificates)
        for other in others:
            result = other(result, given)
        return result

    return all_of_them if others else checker.alone
