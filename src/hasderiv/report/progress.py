"""A progress bar on stderr, only if stderr is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .terminal import console, is_terminal


@contextmanager
def progress(what: str, total: Callable[[], int]) -> Iterator[Callable[[], None]]:
    """Yields a function to call after each step; ``total`` is asked only if the bar is shown."""
    if not is_terminal(sys.stderr):
        yield lambda: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task(what, total=total())
        yield lambda: bar.advance(task)
