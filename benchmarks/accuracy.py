"""Errors in float32, ours and our peers', value and derivative: ``docs/accuracy.md`` is written by this.

    python benchmarks/accuracy.py [--stride 4099] [--write] [OP ...]

Every library is asked at the same inputs, every ``stride``-th float32 number, and held against the same reference, our
kernel for float64 (its own distance from the truth is in ``proofs/evidence/kernels``).  NaN and points where an op has
no derivative are left out: a convention is no error.  A number where the function has no value is counted apart: one
may want it (a gradient that goes on outside the domain), and it says nothing about the others.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from machine import describe, table
from peers import ROWS, Row, compile_autograd, compile_jax, compile_torch

from hasderiv.sweeping.measure import TOTAL, measure, widened

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = ("hasderiv", "torch", "jax", "autograd")
PLOTTED = {"tanh": 1.0, "gelu": -1.0}
"""The ops in the pictures, and the sign of x there."""
Routine = Callable[[Any], Any]


def ours(name: str, row: Row) -> dict[str, Routine]:
    """The kernels."""
    from hasderiv.runtime import kernels

    from hasderiv.sweeping import evidence

    op = kernels.load(name)
    given = {n: float(np.float32(v)) for n, v in {**evidence.parameters(name), **row.params}.items()}
    return {what: partial(op.routine(key), **given) for what, key in evidence.keys(name).items()}


def of_torch(row: Row) -> dict[str, Routine] | None:
    """Eager mode."""
    import torch

    f = compile_torch(row)
    if f is None:
        return None

    def derivative(x: Any) -> Any:
        leaf = torch.from_numpy(x.copy()).requires_grad_()
        out = f(leaf)
        if not out.requires_grad:
            return np.zeros_like(x)
        out.backward(torch.ones_like(leaf))
        return leaf.grad.numpy()

    return {"forward": lambda x: f(torch.from_numpy(x.copy())).numpy(), "derivative": derivative}


def of_jax(row: Row) -> dict[str, Routine] | None:
    """Compiled."""
    import jax

    f = compile_jax(row)
    if f is None:
        return None
    forward = jax.jit(f)
    derivative = jax.jit(lambda x: jax.vjp(f, x)[1](jax.numpy.ones_like(x))[0])
    return {"forward": lambda x: np.asarray(forward(x)), "derivative": lambda x: np.asarray(derivative(x))}


def of_autograd(row: Row) -> dict[str, Routine] | None:
    """HIPS autograd on NumPy."""
    from autograd import elementwise_grad

    f = compile_autograd(row)
    return None if f is None else {"forward": f, "derivative": elementwise_grad(f)}


def compared(name: str, row: Row, stride: int) -> dict[str, Any]:
    """The errors of one op in all libraries."""
    from hasderiv.runtime import kernels

    mine = ours(name, row)
    given = dict(row.params)
    found: dict[str, Any] = {}
    makers: dict[str, Any] = {"torch": of_torch, "jax": of_jax, "autograd": of_autograd}
    for library in LIBRARIES:
        routines = mine if library == "hasderiv" else makers[library](row)
        found[library] = {}
        for what in mine if routines is not None else ():
            outside = [0]

            def single(x: Any, what: str = what, routines: Any = routines, outside: list[int] = outside) -> Any:
                with np.errstate(all="ignore"):
                    y = np.asarray(routines[what](x), np.float32)
                    y = np.broadcast_to(y, x.shape).copy()
                    nothing = np.isnan(mine[what](widened(x)))
                outside[0] += int(np.count_nonzero(nothing & ~np.isnan(y) & ~np.isnan(x)))
                y[nothing] = np.nan
                if what == "derivative":
                    for mask, _ in kernels.load(name).conventions(x, **given):
                        y[mask] = mine[what](x)[mask]
                return y

            try:
                s = measure(single, mine[what], 0, TOTAL, stride)
            except (TypeError, NotImplementedError, ValueError) as error:
                found[library][what] = {"error": f"{type(error).__name__}: {error}"[:120]}
                continue
            found[library][what] = {
                "largest_ulp": s.worst,
                "at": float(np.uint32(s.at).view(np.float32)),
                "failures": s.failures,
                "outside": outside[0],
                "inputs": s.inputs,
            }
    return found


def everywhere(name: str, row: Row) -> dict[str, Any]:
    """What a sweep of all float32 numbers found for our kernels, where it was with the same parameters."""
    from hasderiv.sweeping import evidence

    found, given = evidence.read(name), evidence.parameters(name)
    if found is None or evidence.stale(name) or any(given[n] != float(np.float32(v)) for n, v in row.params.items()):
        return {}
    return {what: r for what, r in found["routines"].items() if r["stride"] == 1}


def cell(r: dict[str, Any] | None) -> str:
    """``1.2``, or ``1.2, 35 wrong``: the largest error, and how many false NaN, infinities, zeros or numbers."""
    if r is None or "error" in r:
        return ""
    size = f"{r['largest_ulp']:.2f}" if r["largest_ulp"] < 1000 else f"{r['largest_ulp']:.1e}"
    return size + (f", **{r['failures']:,} wrong**" if r["failures"] else "")


def page(data: dict[str, Any]) -> str:
    """The page for people."""
    heads = [f"{what}, {who}" for what in ("value", "derivative") for who in ("all 2^32", *LIBRARIES)]
    lines = [
        "# Errors in float32",
        "",
        "The largest error in ULP, and how many results are wrong altogether: NaN, infinite or 0 where the true",
        "value is a normal number, or infinite where it is finite. The columns *all 2^32* are what `hasderiv sweep`",
        "found for our kernels over every float32 number (`proofs/evidence/kernels`; empty where the sweep has other",
        "parameters than this table). In the others every library was asked at the same",
        f"{data['inputs']:,} inputs, every {data['stride']}th float32 number, and held against the same reference.",
        "NaN and points without a derivative are left out; numbers that a library gives where the function has no",
        "value are counted in the table at the end and not as wrong. An error of millions of ULP is mostly a subnormal",
        "number that was flushed to 0.",
        "",
        *(f"![{what}]({plot})" for plot, what in data.get("plots", {}).items()),
        "",
        "Written by `benchmarks/accuracy.py`.",
        "",
        table(data["machine"]),
        "",
        "| op | " + " | ".join(heads) + " |",
        "|" + "---|" * (len(heads) + 1),
    ]
    for name, found in data["ops"].items():
        cells = []
        for what in ("forward", "derivative"):
            cells.append(cell(data["everywhere"][name].get(what)))
            cells.extend(cell(found[library].get(what)) for library in LIBRARIES)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "| library | ops | value beyond 4 ULP or wrong | derivative beyond 4 ULP or wrong | number outside domain |",
        "|---|---|---|---|---|",
    ]
    for library in LIBRARIES:
        has = [f[library] for f in data["ops"].values() if "forward" in f[library]]
        counts = [sum(_bad(f.get(what)) for f in has) for what in ("forward", "derivative")]
        outside = sum(any(r.get("outside", 0) for r in f.values()) for f in has)
        lines.append(f"| {library} | {len(has)} | {counts[0]} | {counts[1]} | {outside} |")
    return "\n".join([*lines, ""])


def draw(name: str, folder: Path) -> str:
    """A picture of the derivative's error against x of one sign, for three libraries; the name of its file."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    from hasderiv.sweeping.comparing import WRONG, compare

    size = np.geomspace(1e-3, 120, 4000).astype(np.float32)
    x = size * np.float32(PLOTTED[name])
    row = ROWS[name]
    mine = ours(name, row)["derivative"]
    figure, axes = pyplot.subplots(figsize=(9, 3.6), layout="constrained")
    for library, make in {"torch": of_torch, "jax": of_jax, "hasderiv": lambda _: {"derivative": mine}}.items():
        errors = compare(np.array(make(row)["derivative"](x)), mine(widened(x)))
        found = errors != WRONG
        (dots,) = axes.plot(size[found], np.maximum(errors[found], 1e-2), ".", markersize=2, label=library)
        lost = size[~found]
        axes.plot(lost, np.full(lost.shape, 3e8), "x", markersize=4, color=dots.get_color())
    axes.set(
        xscale="log", yscale="log", ylim=(1e-2, 1e9), xlabel="x" if PLOTTED[name] > 0 else "-x", ylabel="error in ULP"
    )
    axes.set_title(f"derivative of {name} in float32 (crosses: NaN or 0 where the true value is a normal number)")
    axes.legend(markerscale=6, loc="center left")
    figure.savefig(folder / f"accuracy_{name}.png", dpi=110)
    return f"accuracy_{name}.png"


def _bad(r: dict[str, Any] | None) -> bool:
    return r is not None and ("error" in r or r["failures"] > 0 or r["largest_ulp"] > 4)


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ops", nargs="*")
    parser.add_argument("--stride", type=int, default=4099)
    parser.add_argument("--write", action="store_true", help="write results/accuracy.json and docs/accuracy.md")
    args = parser.parse_args()
    names = args.ops or [n for n, row in ROWS.items() if len(row.domain) == 1]
    data: dict[str, Any] = {
        "machine": describe(),
        "stride": args.stride,
        "inputs": -(-(1 << 32) // args.stride),
        "ops": {},
        "everywhere": {},
    }
    for name in names:
        data["ops"][name] = compared(name, ROWS[name], args.stride)
        data["everywhere"][name] = everywhere(name, ROWS[name])
        print(
            name, {library: {w: cell(r) for w, r in f.items()} for library, f in data["ops"][name].items()}, flush=True
        )
    if args.write:
        data["plots"] = {draw(name, ROOT / "docs"): f"error of {name}' against x" for name in PLOTTED}
        (ROOT / "benchmarks" / "results" / "accuracy.json").write_text(
            json.dumps(data, indent=1) + "\n", encoding="utf-8"
        )
        (ROOT / "docs" / "accuracy.md").write_text(page(data), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
