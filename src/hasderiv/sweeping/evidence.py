"""What sweeps found, as it is checked in: one file an op, bound to the text of the kernels.

A routine's text is what is compiled for it, cores included; its sha256 changes with any operation.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import numpy as np

GOALS: Final = {"forward": 2.0, "derivative": 2.5}
ELEMENTARY: Final = 1.5
"""The goal for the value of an elementary function."""
ELEMENTARY_OPS: Final = frozenset(
    [
        "exp",
        "exp2",
        "expm1",
        "log",
        "log2",
        "log10",
        "log1p",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "tanh",
        "asinh",
        "acosh",
        "atanh",
        "erf",
        "erfc",
        "sqrt",
        "cbrt",
        "sigmoid",
    ]
)
PARAMETERS: Final = {"c": 2.5, "lo": -0.5, "hi": 1.25, "eps": 0.125}
"""Values for parameters that have no default."""


def folder() -> Path:
    """Where the files lie."""
    import hasderiv.proofs

    return Path(next(iter(hasderiv.proofs.__path__))) / "evidence" / "kernels"


def unary() -> list[str]:
    """The ops that can be swept: those of one input."""
    from hasderiv.runtime import kernels

    return [name for name in kernels.names() if len(kernels.load(name).inputs) == 1]


def keys(name: str) -> dict[str, str]:
    """The routines that are swept, by what they are."""
    from hasderiv.runtime import kernels

    return {"forward": "forward", "derivative": f"partial_{kernels.load(name).inputs[0]}"}


def parameters(name: str) -> dict[str, float]:
    """The parameters of the sweep: the defaults, each a float32 number."""
    from hasderiv.runtime import kernels

    found = kernels.load(name).params
    return {n: float(np.float32(PARAMETERS[n] if v is None else v)) for n, v in found.items()}


def kernel_hash(name: str, key: str) -> str:
    """The sha256 of the routine's text for float32 and float64, with all that it calls."""
    from hasderiv.runtime import kernels
    from hasderiv.runtime.compiled import library

    op = kernels.load(name)
    return hashlib.sha256(library.parts(op.symbols(key), op.llvm()).encode()).hexdigest()


def goal(name: str, what: str) -> float:
    """The largest error allowed, in ULP."""
    return ELEMENTARY if what == "forward" and name in ELEMENTARY_OPS else GOALS[what]


def read(name: str) -> dict[str, Any] | None:
    """The evidence of an op; None where there is none."""
    path = folder() / f"{name}.json"
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return found


def write(name: str, found: dict[str, Any]) -> None:
    """Check in what was found."""
    folder().mkdir(parents=True, exist_ok=True)
    (folder() / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def stale(name: str) -> list[str]:
    """The routines whose evidence is missing, belongs to another kernel, or leaves out inputs."""
    found = read(name) or {"routines": {}}
    return [
        what
        for what, key in keys(name).items()
        if (r := found["routines"].get(what)) is None or r["kernel"] != kernel_hash(name, key) or r["stride"] != 1
    ]
