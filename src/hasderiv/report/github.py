"""GitHub workflow commands: an annotation at the line of each result that does not hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from hasderiv.proofs.results import Result, summary


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def write(results: Sequence[Result], out: TextIO, verbose: bool = False) -> None:
    """``::error file=...,line=...::message`` for what does not hold; a ``notice`` for the rest if verbose."""
    for r in results:
        if r.good and not verbose:
            continue
        level = "notice" if r.good else "error"
        place = [("file", r.file), ("line", r.line), ("title", f"{r.verdict}: {r.name}")]
        properties = ",".join(f"{key}={_property(str(value))}" for key, value in place if value is not None)
        out.write(f"::{level} {properties}::{_data(r.message or r.verdict)}\n")
    counts = ", ".join(f"{n} {verdict}" for verdict, n in summary(results).items() if n)
    out.write(f"::notice title=hasderiv::{_data(counts)}\n")
