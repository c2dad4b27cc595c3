"""Tables of maps and lists: aligned columns in a pipe, rich tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TextIO

from .terminal import console, is_terminal

_STATUS = {
    "differentiable": ("differentiable", "green"),
    "not_differentiable": ("not differentiable", "red"),
    "outside_domain": ("outside the domain", "dim"),
    "not_covered": ("not covered", "yellow"),
    "partly": ("not everywhere", "yellow"),
}


def table(out: TextIO, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table; columns that are empty throughout are left out."""
    keep = [k for k in range(len(heads)) if k == 0 or any(row[k] for row in rows)]
    heads = [heads[k] for k in keep]
    body = [[row[k] for k in keep] for row in rows]
    if is_terminal(out):
        from rich.table import Table
        from rich.text import Text

        grid = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold")
        for head in heads:
            grid.add_column(head, overflow="fold")
        colours = dict(_STATUS.values())
        for row in body:
            grid.add_row(*(Text(cell, style=colours.get(cell, "")) for cell in row))
        console(out).print(grid)
        return
    widths = [max(len(r[k]) for r in [heads, *body]) for k in range(len(heads))]
    if title:
        out.write(title + "\n")
    for row in [heads, *body]:
        out.write("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() + "\n")


def _cells(a: Any) -> list[str]:
    sides = "" if a.left is None and a.right is None else f"{a.left or '?'} | {a.right or '?'}"
    return [_STATUS[a.status][0], a.derivative or "", sides, a.reason or "", a.convention or ""]


_HEADS = ["status", "derivative", "left | right", "reason", "kernels return"]


def print_map(out: TextIO, title: str, answers: Sequence[Any]) -> None:
    """The pieces of a map."""
    table(out, title, ["where", *_HEADS], [[a.where or "", *_cells(a)] for a in answers])


def print_tensor_op(out: TextIO, found: Any) -> None:
    """The pieces of a tensor op with their JVP, its VJP, and what the abbreviations mean."""
    for one in found.members or (found,):
        print_map(out, one.title, one.pieces)
        out.write("".join(line + "\n" for line in one.formulas()))


def print_list(out: TextIO, rows: Sequence[Any]) -> None:
    """The rows of ``hasderiv list``."""
    body = [[r.op, *_cells(r.answer), r.answer.where or "", r.meaning or ""] for r in rows]
    table(out, "", ["op", *_HEADS, "where", "meaning"], body)
