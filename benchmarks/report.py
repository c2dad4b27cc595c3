"""Writing results: one JSON file for machines and one Markdown table for people, from the same data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from machine import table

RESULTS = Path(__file__).resolve().parent / "results"


def save(
    name: str, title: str, data: dict[str, Any], head: Sequence[str], rows: Sequence[Sequence[str]], write: bool
) -> None:
    """Print the table; with ``write`` also store ``results/NAME.json`` and ``results/NAME.md``."""
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join("---" for _ in head) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    text = "\n".join([f"# {title}", "", table(data["machine"]), *_notes(data), "", *lines, ""])
    print(text)
    if write:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")


def _notes(data: dict[str, Any]) -> list[str]:
    return ["", *data["notes"]] if "notes" in data else []
