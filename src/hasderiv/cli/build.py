"""``hasderiv build``: certificates and kernels from the spec, for a checkout."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import hasderiv.proofs

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
    root = Path(hasderiv.proofs.__file__).resolve().parent.parent
    if not (root / "pyproject.toml").is_file():
        raise Stop("build works in a checkout of the project, not in an installed copy")
    from hasderiv.proofs.build import build
    from hasderiv.report.progress import progress
    from hasderiv.runtime.codegen import render

    try:
        with progress("proving", lambda: len(args.ops) or len(op_names())) as step:
            built = build(args.ops or None, args.check, step)
    except LookupError as error:
        raise Stop(str(error.args[0])) from None
    changed = built.changed
    for name, reason in built.failed.items():
        print(f"not certified: {name}: {reason}", file=sys.stderr)
    for path in changed:
        print(f"{'differs' if args.check else 'wrote'} {path}")
    if args.check:
        if not render.check(root) or changed:
            print("run: hasderiv build", file=sys.stderr)
            return FAILED
    else:
        for path in render.write(root):
            print(f"wrote {path}")
            changed.append(path)
    if not changed and not built.failed:
        print("everything is up to date")
    return FAILED if built.failed else OK


def op_names() -> list[str]:
    """The ops of the catalogue, those over axes and shapes included."""
    from hasderiv.proofs.query import op_names as names
    from hasderiv.proofs.query import tensor_op_names

    return [*names(), *tensor_op_names()]
