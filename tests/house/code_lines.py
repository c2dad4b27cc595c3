"""Counting lines of code as TRUST.md does: without blank lines, comments and docstrings."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

DEFINES: Final = re.compile(r"(?:Definition|Fixpoint|Inductive|Record|Class|let(?: rec)?) +([A-Za-z_]\w*)")


def code_lines(path: Path) -> int:
    """Lines of a Python file that hold code."""
    source = path.read_text(encoding="utf-8")
    documentation: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and body:
            first = body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and type(first.value.value) is str:
                documentation.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return sum(
        1
        for number, line in enumerate(source.splitlines(), 1)
        if line.strip() and not line.strip().startswith("#") and number not in documentation
    )


def commented_lines(path: Path) -> list[str]:
    """Lines of a file of Coq or OCaml that hold code, without their comments, which nest."""
    kept, depth = [], 0
    for part in re.split(r"(\(\*|\*\))", path.read_text(encoding="utf-8")):
        depth += {"(*": 1, "*)": -1}.get(part, 0)
        if not depth and part != "*)":
            kept.append(part)
    return [line for line in "".join(kept).splitlines() if line.strip()]


def definitions(path: Path) -> dict[str, int]:
    """What a file of Coq or OCaml defines at its top, with the lines of code that each definition has."""
    found: dict[str, int] = {}
    open_ = None
    for line in commented_lines(path):
        if begun := DEFINES.match(line):
            open_ = begun[1]
            found[open_] = 0
        elif path.suffix == ".ml" and not line[0].isspace() and line[0] not in "])}":
            open_ = None
        if open_ is not None:
            found[open_] += 1
            if path.suffix == ".v" and line.rstrip().endswith("."):
                open_ = None
    return found
