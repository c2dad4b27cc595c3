"""JSON: ``{"results": [...], "summary": {...}}``; keys without a value are null."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TextIO

from hasderiv.proofs.results import Result, summary


def write(results: Sequence[Result], out: TextIO, verbose: bool = False) -> None:
    """All results; ``verbose`` makes no difference."""
    content = {"results": [r.json() for r in results], "summary": summary(results)}
    json.dump(content, out, indent=2, ensure_ascii=False)
    out.write("\n")
