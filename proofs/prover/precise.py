"""Values to many digits, where floating point cannot tell a number from 0.  Never a proof."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any

from mpmath.ctx_mp import MPContext  # type: ignore[import-untyped]

from ..kernel.terms import Term, postorder

DIGITS = 1000
LARGEST = 1000
"""Operands of ``exp`` beyond this, and angles, are given up."""


@cache
def _context() -> Any:
    context = MPContext()
    context.dps = DIGITS
    return context


def precise(t: Term, values: Mapping[str, float]) -> Any:
    """The value of ``t``, a NaN where it has none or is out of reach."""
    mp = _context()
    done: dict[Term, Any] = {}
    for s in postorder(t):
        done[s] = _node(mp, s, [done[a] for a in s.terms], values)
    return done[t]


def _node(mp: Any, s: Term, below: list[Any], values: Mapping[str, float]) -> Any:
    match s.op:
        case "rat":
            q = s.args[0]
            assert type(q) is Fraction
            return mp.mpf(q.numerator) / q.denominator
        case "pi":
            return +mp.pi
        case "var":
            return mp.mpf(values.get(str(s.args[0]), mp.nan))
        case "add":
            return below[0] + below[1]
        case "mul":
            return below[0] * below[1]
        case "cond":
            g = below[0]
            holds = {">": g > 0, ">=": g >= 0, "=": g == 0, "!=": g != 0}[str(s.args[0])]
            return mp.nan if mp.isnan(g) else below[1] if holds else below[2]
        case "pow":
            n = s.args[1]
            assert type(n) is int
            return below[0] ** n if below[0] or n > 0 else mp.nan
        case "d" | "app":
            return mp.nan
    u = below[0]
    if mp.isnan(u) or (abs(u) > LARGEST and s.op in ("exp", "sin", "cos")):
        return mp.nan
    if (s.op == "inv" and u == 0) or (s.op == "log" and u <= 0) or (s.op == "sqrt" and u < 0):
        return mp.zero  # as the total functions of :mod:`.sampling`
    return 1 / u if s.op == "inv" else getattr(mp, s.op)(u)
