"""Text for people: what does not hold, one line each with file and line, then the counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from hasderiv.proofs.results import Result, summary

from .terminal import console, is_terminal

FEW = 12
_COLOURS = {"proved": "green", "accepted": "green", "refuted": "red", "rejected": "red", "undecided": "yellow"}


def line(r: Result) -> str:
    """``FILE:LINE: claim NAME: verdict: message``."""
    head = f"{r.place}: " if r.place else ""
    message = f": {r.message}" if r.message else ""
    return f"{head}{r.name}: {r.verdict}{message}"


def write(results: Sequence[Result], out: TextIO, verbose: bool = False) -> None:
    """Everything if there is little of it or ``verbose``; else what does not hold."""
    shown = [r for r in results if verbose or not r.good or len(results) <= FEW]
    counts = [(verdict, n) for verdict, n in summary(results).items() if n]
    if not is_terminal(out):
        for r in shown:
            out.write(line(r) + "\n")
            for h in r.hypotheses or () if verbose else ():
                out.write(f"    needs {h}\n")
        out.write(", ".join(f"{n} {verdict}" for verdict, n in counts) + "\n")
        return
    from rich.text import Text

    screen = console(out)
    for r in shown:
        text = Text()
        if r.place:
            text.append(f"{r.place}: ", style="dim")
        text.append(r.name, style="bold")
        text.append(f": {r.verdict}", style=_COLOURS[r.verdict])
        if r.message:
            text.append(f": {r.message}")
        screen.print(text, soft_wrap=True)
        for h in r.hypotheses or () if verbose else ():
            screen.print(Text(f"    needs {h}", style="dim"), soft_wrap=True)
    text = Text()
    for k, (verdict, n) in enumerate(counts):
        text.append(", " if k else "")
        text.append(f"{n} {verdict}", style=_COLOURS[verdict])
    screen.print(text)
