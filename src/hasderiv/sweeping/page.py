"""``docs/samples.md``, made of the evidence: ``python -m hasderiv.sweeping.page > docs/samples.md``."""

from __future__ import annotations

import sys
from typing import Any, Final

from . import samples, samples_evidence

HEAD: Final = """\
# Errors at samples

Written by `python -m hasderiv.sweeping.page` from `proofs/evidence/samples`, which `hasderiv sweep OP --write` makes
with `--samples N`: ops of two inputs, float64, derivatives of order 2 and 3 and in parameters.  Values and first
derivatives of ops of one input in float32 are not here: `hasderiv sweep` runs those over every float32 number.

Each routine ran at random inputs (all bit patterns, usual sizes, nearly equal and opposite pairs, one large and one
small, multiples of 1/2) and at hard ones (special values and their neighbours; both sides of every place where a result
changes its sign or class: roots, ends of the domain, overflow, underflow).  The truth is the routine's own op list in
`__float128`.  In float32 the float64 kernel takes its place beyond the first 2^20 random inputs, but only where it is
sure: where both results are finite and not 0, the error is clear of the goal, and the value hardly changes when an
input is nudged, so not next to a root; below is how far it was off at inputs where both were asked.  The formula itself
is held against Arb at about two thousand inputs, and where errors are largest.  *Wrong* are false NaN, infinities and
zeros, and numbers where there is none, at all of these inputs.

A goal is a number of ULP; `2.5 + 1e-9` says that errors beyond 2.5 ULP, next to a root, were at most 2.5 ULP and 1e-9
of what the value changes when an input goes to the next number: that is the largest found at these inputs, no bound
(pairs that are solved for the root reach some four times as much).  Orders 2 and 3 have no goal.
"""


def _size(ulp: float) -> str:
    return f"{ulp:.2f}" if ulp < 1000 else f"{ulp:.1e}"


def _row(dtype: str, name: str, key: str, r: dict[str, Any]) -> str:
    at = ", ".join(f"{float.fromhex(v):.4g}" for v in r["at"])
    cells = (
        name,
        key.replace("_", " "),
        f"{r['random_inputs']:,}",
        f"{r['hard_inputs']:,}",
        _size(r["largest_ulp"]),
        at if r["largest_ulp"] else "",
        f"{r['failures']:,}" if r["failures"] else "",
        samples_evidence.verdict(name, key, dtype, r),
    )
    return f"| {' | '.join(cells)} |"


def _summary(dtype: str, found: list[tuple[str, str, dict[str, Any]]]) -> str:
    missed = sum(samples.order(key) < 2 and not samples_evidence.meets(name, key, dtype, r) for name, key, r in found)
    decided = sum(samples_evidence.decided(r) for *_, r in found)
    text = f"{len(found)} routines; {missed} values or first derivatives miss their goal."
    if decided:
        inputs = sum(r["random_inputs"] + r["hard_inputs"] for *_, r in found)
        off = max(r["float64"]["off_ulp"] for *_, r in found if samples_evidence.decided(r))
        text += f"  The float64 kernel decided {decided:,} of {inputs:,} inputs; it was off by at most {off:.1g} ULP."
    return text


def page() -> str:
    """The page for people: a table for each dtype, and a line that counts."""
    lines = [HEAD]
    for dtype in ("float32", "float64"):
        found = [
            (name, key, r)
            for name in samples.names()
            for key, r in (samples_evidence.read(name, dtype) or {"routines": {}})["routines"].items()
        ]
        lines += [
            f"## {dtype}",
            "",
            _summary(dtype, found),
            "",
            "| op | routine | random | hard | largest error, ULP | at | wrong | goal |",
            "|---|---|---|---|---|---|---|---|",
            *(_row(dtype, *one) for one in found),
            "",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
