"""The cores of one float32 with and without fused multiply-adds, at all inputs: ``python -m hasderiv.sweeping.fused``.

What :mod:`hasderiv.runtime.compiled.exact_products` puts in the place of an exact product changes no bit; this tries it
and writes ``proofs/evidence/exact_products.json``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from hasderiv.runtime.codegen.libm.catalogue import CORES
from hasderiv.runtime.codegen.libm.sweep import digest
from hasderiv.runtime.compiled import exact_products, library, machine, ufuncs

from . import evidence

EVIDENCE: Final = evidence.folder().parent / "exact_products.json"

Array = np.ndarray[Any, Any]


def differing(one: Callable[[Array], Array], other: Callable[[Array], Array], stride: int = 1) -> int:
    """At how many float32 inputs, ``stride`` apart, two functions differ in a bit; NaN counts as one value."""
    size, total = 1 << 16, 0
    grid = np.arange(size, dtype=np.uint32) * np.uint32(stride)
    for start in range(0, 1 << 32, size * stride):
        x = (grid[: -(-((1 << 32) - start) // stride)] + np.uint32(start)).view(np.float32)
        a, b = one(x), other(x)
        unlike = a.view(np.uint32) != b.view(np.uint32)
        if unlike.any():
            total += int(np.count_nonzero(unlike & ~(np.isnan(a) & np.isnan(b))))
    return total


def both_ways(name: str) -> tuple[np.ufunc, np.ufunc] | None:
    """A core of one float32 as written, and with fused steps; None where it has no exact product."""
    symbol = f"hd_{name}f"
    whole = library.module((symbol,), "", 1, "float32")
    if exact_products.fused(whole) == whole:
        return None
    made = []
    for is_fused in (False, True):
        (address,) = machine.addresses(whole, ("loop",), is_fused)
        made.append(ufuncs.ufunc(name, {np.float32: address}, 1))
    return made[0], made[1]


def main(names: list[str]) -> int:
    """Try all inputs of the cores, all of them by default, and write what was found."""
    found = json.loads(EVIDENCE.read_text(encoding="utf-8")) if EVIDENCE.exists() else {}
    for name in names or CORES:
        pair = both_ways(name)
        if pair is None:
            found.pop(name, None)
            continue
        found[name] = {"core": digest(name), "inputs": 1 << 32, "differing": differing(*pair)}
        print(f"{name}: {found[name]['differing']} of 2^32 inputs differ", flush=True)
        EVIDENCE.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n", encoding="utf-8")
    return int(any(row["differing"] for row in found.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
