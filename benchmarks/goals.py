"""Which goals of speed a run reaches: ratios of times in that run, below 1 where hasderiv is quicker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

FUSED = ("gelu", "silu", "softplus", "tanh", "mish")
Results = Sequence[dict[str, Any]]


def ratios(results: Results, size: int, kind: str, library: str, own: str = "") -> dict[str, float]:
    """Our time over that of a library, op by op; ``own`` is what we do in our turn where that is another kind."""
    found = {}
    for result in results:
        ours = result["seconds"].get(own or kind, {}).get("hasderiv")
        theirs = result["seconds"].get(kind, {}).get(library)
        if result["size"] == size and ours and theirs:
            found[result["op"]] = ours / theirs
    return found


def goals(results: Results) -> list[str]:
    """A line for each goal: whether it is reached, and by which ops it is missed."""
    sizes = sorted({result["size"] for result in results})
    lines = []
    for kind in ("forward", "vjp"):
        for size in (size for size in sizes if size >= 100_000):
            found = ratios(results, size, kind, "torch")
            label = f"{kind} with out= at {size:,}, over torch's out="
            lines.append(_line(f"{label}: at most 1", found, lambda r: r <= 1))
            lines.append(_line(f"{label}: at most 2", found, lambda r: r <= 2))
    for size in (size for size in sizes if size >= 10_000_000):
        parts = [(kind, ratios(results, size, "forward", "copies", kind)) for kind in ("forward", "vjp")]
        shown = "; ".join(f"{kind} {median(found.values()):.2f}" for kind, found in parts if found)
        both = [parts[0][1][op] + parts[1][1][op] for op in parts[0][1]]
        reached = all(median(found.values()) <= 1.3 for _, found in parts)
        lines.append(
            f"{'Reached' if reached else 'Missed'}: median over two plain copies at {size:,} at most 1.3: {shown}; "
            f"both kernels together {median(both):.2f}."
        )
    for size in (size for size in sizes if size >= 100_000):
        found = {op: r for op, r in ratios(results, size, "step", "torch", "fused").items() if op in FUSED}
        lines.append(
            _line(f"value and derivative at {size:,} over torch eager's step: at most 1/4", found, lambda r: r <= 0.25)
        )
    for size in (size for size in sizes if size >= 1_000_000):
        found = ratios(results, size, "step", "torch")
        lines.append(_line(f"step through the tape at {size:,} over torch eager's: below 1", found, lambda r: r < 1))
    return lines


def means(results: Results, libraries: Iterable[str]) -> list[str]:
    """The geometric mean of the time of a library over ours, for each kind and size."""
    lines = []
    for kind in ("forward", "vjp", "step"):
        for size in sorted({result["size"] for result in results}):
            parts = []
            for library in libraries:
                found = list(ratios(results, size, kind, library).values())
                if found:
                    product = 1.0
                    for ratio in found:
                        product *= ratio ** (-1 / len(found))
                    parts.append(f"{library} {product:.2f} ({len(found)})")
            if parts:
                lines.append(f"{kind} at {size:,}: {', '.join(parts)}.")
    return lines


def _line(goal: str, found: dict[str, float], holds: Any) -> str:
    if not found:
        return f"Not measured: {goal}."
    worst = sorted(((ratio, op) for op, ratio in found.items() if not holds(ratio)), reverse=True)
    missed = ", ".join(f"{op} {ratio:.2f}" for ratio, op in worst)
    state = f"Missed by {len(worst)} of {len(found)}" if worst else f"Reached by all {len(found)}"
    return f"{state}: {goal} (median {median(found.values()):.2f}){': ' + missed if missed else ''}."
