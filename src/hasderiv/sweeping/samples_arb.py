"""The formula of a routine against Arb, at random inputs and where the errors are largest."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

from . import evidence, inputs
from .measure import widened
from .reference import Undecided, value

CHECKED: Final = 1000
"""At how many random and at about how many hard inputs Arb is asked."""
SKIPPED: Final = 1 << 40
"""The random ones begin at this number of the sequence, so that they are others than those of the samples."""


@cache
def term(name: str, key: str) -> Any:
    """What a routine is to compute, unfolded to the base language."""
    from hasderiv.proofs.language.definitions import unfold, unfold_ops
    from hasderiv.runtime.codegen.calculus import differentiate
    from hasderiv.runtime.codegen.evaluate import expand
    from hasderiv.runtime.codegen.sources import from_spec
    from hasderiv.spec import OPS

    source = from_spec(OPS[name])
    if key == "forward":
        return unfold(unfold_ops(source.formula))
    _, *symbols = key.split("_")
    symbols = symbols or [source.inputs[0]] * 3
    found = source.derivative[symbols[0]]
    for symbol in symbols[1:]:
        found = differentiate(found, symbol, expand)
    return unfold(unfold_ops(found))


def points(name: str, key: str, dtype: str, parts: list[dict[str, Any]]) -> tuple[Any, ...]:
    """Where Arb is asked: where the errors are largest, at hard inputs, and at random."""
    from hasderiv.runtime import kernels

    from .samples import hard

    arity = len(kernels.load(name).inputs)
    worst = [[float.fromhex(v) for v in p["worst_at"]] for p in parts]
    special = hard(name, key, dtype)
    stride = max(1, special[0].size // CHECKED)
    random = inputs.sequence(arity, dtype, SKIPPED, CHECKED)
    return tuple(
        np.concatenate([np.array([w[i] for w in worst], dtype), special[i][::stride], random[i]]) for i in range(arity)
    )


def against_arb(name: str, key: str, dtype: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The largest error by Arb, how far the errors by ``__float128`` are from those by Arb, in ULP, and what is false.

    Left out are -0, which may stand for what lies to its left, points where the formula has no value, and for orders 2
    and 3 zeros: a branch for one point says nothing of the derivatives there.
    """
    import flint

    from hasderiv.runtime import kernels

    from .samples import Result, compare, goal, order

    columns = points(name, key, dtype, parts)
    got, errors = compare(name, key, columns, Result())
    given, wanted, symbols = evidence.parameters(name), term(name, key), kernels.load(name).inputs
    found = {"points": 0, "undecided": 0, "failures": 0, "largest_ulp": 0.0, "deviation_ulp": 0.0}
    smallest, digits = (-126, 23) if dtype == "float32" else (-1022, 52)
    info = np.finfo(dtype)
    overflow = float(info.max) - goal(name, key, dtype) * 2.0 ** (
        info.maxexp - 1 - info.nmant
    )  # the goal allows as much
    for *point, y, error in zip(*(widened(c).tolist() for c in columns), got.tolist(), errors.tolist(), strict=True):
        if not np.all(np.isfinite(point)) or any(v == 0 and (np.signbit(v) or order(key) > 1) for v in point):
            continue
        at = {**dict(zip(symbols, point, strict=True)), **given}
        try:
            true = value(wanted, at)
            if true is None or (np.isnan(y) and value(term(name, "forward"), at) is None):
                continue  # a convention, or outside the domain
        except Undecided:
            found["undecided"] += 1
            continue
        found["points"] += 1
        mantissa, exponent = map(int, true.mid().man_exp())
        place = abs(mantissa).bit_length() + exponent - 1
        with flint.ctx.workprec(200):
            overflows = bool(abs(true) > overflow)
        if (np.isnan(y) and mantissa) or (np.isinf(y) and not overflows) or (y == 0 and mantissa and smallest <= place):
            found["failures"] += 1
        elif np.isfinite(y) and error >= 0:
            with flint.ctx.workprec(200):
                unit = flint.arb(2) ** (max(place, smallest) - digits)
                by_arb = float((abs(true - flint.arb(y)) / unit).upper())
            found["largest_ulp"] = max(found["largest_ulp"], by_arb)
            found["deviation_ulp"] = max(found["deviation_ulp"], abs(by_arb - error))
    return {k: float(f"{v:.4g}") if k.endswith("_ulp") else v for k, v in found.items()}
