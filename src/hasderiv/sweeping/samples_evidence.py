"""What was found at samples, as it is checked in: one file an op and dtype, bound to the text of the kernels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from . import evidence, samples

FEWEST: Final = 100_000_000
"""Fewer random inputs are no evidence, where as many are asked for."""
ROOTS: Final = {"bce_with_logits": ("forward", "partial_x"), "gelu": ("partial_x",), "logaddexp": ("forward",)}
"""Routines with a root beside which the goal is missed."""
NEAR_ROOT: Final = 2.0**-10
"""Next to a root an error may be this share of what the value changes when an input goes to the next number."""


def path(name: str, dtype: str) -> Path:
    """Where the evidence of an op lies."""
    return evidence.folder().parent / "samples" / f"{name}.{dtype}.json"


def read(name: str, dtype: str) -> dict[str, Any] | None:
    """The evidence of an op; None where there is none."""
    file = path(name, dtype)
    found: dict[str, Any] | None = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    return found


def write(name: str, dtype: str, routines: dict[str, Any]) -> None:
    """Check in what was found."""
    found = {"op": name, "dtype": dtype, "parameters": evidence.parameters(name), "routines": routines}
    path(name, dtype).parent.mkdir(parents=True, exist_ok=True)
    path(name, dtype).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def stale(name: str, dtype: str) -> list[str]:
    """The routines whose evidence is missing, too thin or that of another kernel."""
    found = (read(name, dtype) or {"routines": {}})["routines"]
    return [
        key
        for key in samples.keys(name, dtype)
        if (r := found.get(key)) is None
        or r["kernel"] != evidence.kernel_hash(name, key)
        or r["random_inputs"] < samples.count(key, dtype, FEWEST)
    ]


def decided(r: dict[str, Any]) -> int:
    """At how many inputs the float64 kernel was the truth; at all others it was ``__float128``."""
    return int(r["float64"]["decided"]) if "float64" in r else 0


def meets(name: str, key: str, dtype: str, r: dict[str, Any]) -> bool:
    """Whether a value or first derivative is as good as asked: within the goal, next to a root within that and more.

    Where the float64 kernel decided it must have been as good a truth as was taken for granted.
    """
    known = not decided(r) or r["float64"]["off_ulp"] <= samples.SLACK
    near = key in ROOTS.get(name, ()) and r["input_ulp"] <= NEAR_ROOT
    return known and r["failures"] == 0 and (near or r["largest_ulp"] <= samples.goal(name, key, dtype))


def verdict(name: str, key: str, dtype: str, r: dict[str, Any]) -> str:
    """The goal, and how it was met; derivatives of order 2 and 3 have none."""
    if samples.order(key) > 1:
        return ""
    goal = f"{samples.goal(name, key, dtype):g}"
    beyond = f" + {r['input_ulp']:.1e}" if r["beyond_goal"] else ""
    return f"{goal}{beyond} {'met' if meets(name, key, dtype, r) else 'MISSED'}"
