"""One line of the outcome of a check, the same for ops, claims and certificates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

VERDICTS = ("proved", "accepted", "refuted", "rejected", "undecided")
GOOD = frozenset({"proved", "accepted"})


@dataclass(frozen=True)
class Result:
    """What was found out about one op, claim or certificate.  Keys without a value are None.

    ``point`` maps symbols to the coordinates of a refuting point; ``hypotheses`` lists what a proof needed,
    cited facts included.
    """

    name: str
    verdict: str
    file: str | None = None
    line: int | None = None
    message: str | None = None
    point: dict[str, str] | None = None
    hypotheses: tuple[str, ...] | None = None

    @property
    def good(self) -> bool:
        """Whether it holds."""
        return self.verdict in GOOD

    @property
    def place(self) -> str | None:
        """``FILE:LINE``, ``FILE`` or None."""
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def json(self) -> dict[str, Any]:
        """The keys of DESIGN, with null where there is no value."""
        return {
            "name": self.name,
            "verdict": self.verdict,
            "file": self.file,
            "line": self.line,
            "message": self.message,
            "point": self.point,
            "hypotheses": None if self.hypotheses is None else list(self.hypotheses),
        }


def summary(results: Iterable[Result]) -> dict[str, int]:
    """How many results there are of each verdict; all verdicts are listed."""
    counts = dict.fromkeys(VERDICTS, 0)
    for r in results:
        counts[r.verdict] += 1
    return counts
