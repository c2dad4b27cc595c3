"""Reports of a check: text for people, JSON for programs, GitHub annotations, JUnit XML."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TextIO

from hasderiv.proofs.results import Result


def write(form: str, results: Sequence[Result], out: TextIO, verbose: bool = False) -> None:
    """Write the results in one of the formats ``text``, ``json``, ``github`` and ``junit``."""
    import_module(f".{form}", __name__).write(results, out, verbose)
