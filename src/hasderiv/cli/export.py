"""``hasderiv export``: theorems for people to import."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from . import FAILED, OK, Stop

SUFFIX = {"coq": ".v", "lean": ".lean"}


def add(commands: Any) -> None:
    """Declare the arguments."""
    p = commands.add_parser(
        "export",
        help="theorems for Coq or Lean, with plain definitions",
        description="Write ops as files for Coq with Coquelicot, each with its certificate and theorems that Coq "
        "checks, or for Lean 4 with mathlib, which nothing has checked.",
        epilog="Exit code: 0 if all was written (and, with --check, compiled), 1 if not, 2 for a mistake in the call.",
    )
    p.add_argument("language", choices=tuple(SUFFIX))
    p.add_argument("ops", nargs="*", metavar="OP")
    p.add_argument("--all", action="store_true", help="every op of the catalogue")
    p.add_argument("--out", type=Path, metavar="DIR", help="the folder for OP.v or OP.lean (default: one op, printed)")
    p.add_argument("--check", action="store_true", help="compile what was written, and ask Coq for its axioms")
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="files compiled at a time")
    p.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the files, compile them if asked, return the exit code."""
    from hasderiv.proofs.query import op_names

    names = list(dict.fromkeys(op_names() if args.all else args.ops))
    unknown = [name for name in names if name not in op_names()]
    if unknown:
        raise Stop(f"no op is called {unknown[0]!r}; hasderiv list shows them all")
    if not names:
        raise Stop("name an op, or say --all")
    if args.out is None and (len(names) > 1 or args.check):
        raise Stop("name a folder with --out")
    if args.check and args.language != "coq":
        raise Stop("only Coq files can be checked: there is no Lean here")
    if args.jobs < 1:
        raise Stop(f"--jobs is at least 1, and not {args.jobs}")
    return _write(args, names)


def _write(args: argparse.Namespace, names: list[str]) -> int:
    from hasderiv.proofs.catalogue import CertificateError, StatementError
    from hasderiv.proofs.export import coq, lean
    from hasderiv.proofs.export.statements import export_of

    document = {"coq": coq.document, "lean": lean.document}[args.language]
    theorems: dict[str, list[str]] = {}
    for name in names:
        try:
            export = export_of(name)
            text = document(export)
        except (FileNotFoundError, CertificateError, StatementError) as error:
            raise Stop(f"{name}: {error}") from None
        if args.out is None:
            sys.stdout.write(text)
            return OK
        try:
            args.out.mkdir(parents=True, exist_ok=True)
            (args.out / (name + SUFFIX[args.language])).write_bytes(text.encode())
        except OSError as error:
            raise Stop(f"--out {args.out}: {error.strerror or error}") from None
        theorems[name] = [s.name for s in export.statements] if args.language == "coq" else lean.stated(export)
    print(f"{len(names)} files with {sum(map(len, theorems.values()))} theorems in {args.out}")
    return _checked(args, theorems) if args.check else OK


def _checked(args: argparse.Namespace, theorems: dict[str, list[str]]) -> int:
    from hasderiv.proofs.export.compile import NotCompiled, faults, ready

    try:
        ready()
    except NotCompiled as error:
        raise Stop(str(error)) from None
    bad = list(faults(args.out, theorems, args.jobs))
    for fault in bad:
        print(fault)
    if not bad:
        print(f"all {len(theorems)} compile; their theorems rest on the axioms of Coq's classical reals alone")
    return FAILED if bad else OK
