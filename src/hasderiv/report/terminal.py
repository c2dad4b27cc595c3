"""What kind of thing we print to.  Colours, tables and progress bars are for terminals only; NO_COLOR is honoured."""

from __future__ import annotations

import os
from typing import Any, TextIO


def is_terminal(out: TextIO) -> bool:
    """Whether the stream is a terminal that can do more than lines."""
    try:
        return out.isatty() and os.environ.get("TERM") != "dumb"
    except (AttributeError, ValueError):
        return False


def console(out: TextIO) -> Any:
    """A rich console on the stream; without colour under NO_COLOR."""
    from rich.console import Console

    return Console(file=out, highlight=False, markup=False, emoji=False, no_color="NO_COLOR" in os.environ or None)
