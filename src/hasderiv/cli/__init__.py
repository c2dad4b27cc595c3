"""The command line.  Exit codes: 0 all holds, 1 something does not, 2 the question could not be asked.

Each command is a module with ``add`` (its arguments) and ``run``; nothing heavy is imported before ``run``.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import NoReturn

OK, FAILED, USAGE = 0, 1, 2


class Stop(Exception):
    """End with one line on stderr and exit code 2."""


class _Parser(argparse.ArgumentParser):
    """argparse, with its errors on one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message} (see {self.prog} --help)\n")


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    from hasderiv import __version__

    from . import build, check, examine, export, list_, show, sweep, where

    parser = _Parser(prog="hasderiv", description="Derivatives with proofs: check them, and ask where they exist.")
    parser.add_argument("--version", action="version", version=f"hasderiv {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for command in (check, where, list_, show, examine, sweep, export, build):
        command.add(commands)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    parser = build_parser()
    try:
        args = parser.parse_args(argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else USAGE
    if args.command is None:
        parser.print_help()
        return USAGE
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except Stop as stop:
        print(f"hasderiv {args.command}: {_one_line(stop)}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:  # the reader (head, less) went away; say nothing, and let no flush at exit complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return code


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
