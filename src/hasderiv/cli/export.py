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
        "checks, or elementwise ops for Lean 4 with mathlib, which nothing has checked.",
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
    from hasderiv.proofs.query import op_names, tensor_op_names

    scalar, tensor = op_names(), tensor_op_names()
    every = [*scalar, *tensor] if args.language == "coq" else scalar
    names = list(dict.fromkeys(every if args.all else (m for op in args.ops for m in _members(op))))
    for name in names:
        if name not in (*scalar, *tensor):
            raise Stop(f"no op is called {name!r}; hasderiv list shows them all")
        if name not in every:
            raise Stop(f"{name} is an op over axes and shapes: these are exported to Coq, not to Lean")
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

    theorems: dict[str, list[str]] = {}
    for name in names:
        try:
            text, stated = _exported(name, args.language)
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
        theorems[name] = stated
    print(f"{len(names)} files with {sum(map(len, theorems.values()))} theorems in {args.out}")
    return _checked(args, theorems) if args.check else OK


def _exported(name: str, language: str) -> tuple[str, list[str]]:
    """The file of an op, and the names of the theorems in it."""
    from hasderiv.proofs.export import coq, coq_tensor, lean, tensor
    from hasderiv.proofs.export.statements import export_of
    from hasderiv.proofs.query import is_tensor_op

    if is_tensor_op(name):
        found = tensor.export_of(name)
        return coq_tensor.document(found), found.theorems
    export = export_of(name)
    if language == "lean":
        return lean.document(export), lean.stated(export)
    return coq.document(export), coq.theorems(export)


def _members(name: str) -> tuple[str, ...]:
    """The ops that a name means: ``conv`` is those along one, two and three axes."""
    from hasderiv.proofs.tensor.catalogue import members

    return members(name) or (name,)


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
