"""Nonnegative solutions of linear equations: floating-point simplex for the basis, exact arithmetic for the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

Column = Mapping[Any, Fraction | int]
"""A sparse column: entries by the names of their rows."""

_TINY = 1e-9
_MOST_PIVOTS = 300
_PATIENCE = 12
"""Steps without progress after which Bland's rule, which cannot cycle, takes over."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Exact weights, one for each column, or else a functional that tells the target from the columns.

    ``separator`` is nonnegative on all columns and negative on the target, up to rounding; it is empty where the
    search just gave up.
    """

    weights: list[Fraction] | None
    separator: dict[object, float]


def combine(columns: Sequence[Column], target: Column) -> Answer:
    """Weights ``w >= 0`` with ``sum_j w_j columns[j] = target``.

    The order of the columns and of the keys in them decides between solutions, and nothing else does: the
    arithmetic is elementwise, so that every machine takes the same steps.
    """
    rows: dict[Any, int] = {}
    for column in (target, *columns):
        for key in column:
            rows.setdefault(key, len(rows))
    m, n = len(rows), len(columns)
    table = np.zeros((m + 1, n + m + 1))
    widths = [max((abs(float(c)) for c in column.values()), default=1.0) or 1.0 for column in columns]
    for j, column in enumerate(columns):
        for key, c in column.items():
            table[rows[key], j] = float(c) / widths[j]
    for key, c in target.items():
        table[rows[key], -1] = float(c)
    scale = np.ones(m)
    for i in range(m):
        scale[i] = float(np.max(np.abs(table[i]))) or 1.0
        if table[i, -1] < 0:
            scale[i] = -scale[i]
        table[i] /= scale[i]
        table[i, n + i] = 1.0
        table[m] -= table[i]
        table[m, n + i] = 0.0
    basis = _phase_one(table, n)
    if basis is None:
        return Answer(None, {})
    if table[m, -1] < -1e-6:
        dual = {key: (table[m, n + i] - 1.0) / scale[i] for key, i in rows.items()}
        return Answer(None, {key: float(v) for key, v in dual.items()})
    active = [j for i, j in enumerate(basis) if j < n and table[i, -1] > _TINY]
    for chosen in (sorted(active), sorted(j for j in basis if j < n)):
        exact = solve([columns[j] for j in chosen], target)
        if exact is not None and all(w >= 0 for w in exact):
            weights = [Fraction(0)] * n
            for j, w in zip(chosen, exact, strict=True):
                weights[j] = w
            return Answer(weights, {})
    return Answer(None, {})


def _phase_one(table: np.ndarray, n: int) -> list[int] | None:
    """Drive the artificial variables, columns ``n`` and up, towards 0; the basis, or ``None`` after too many steps."""
    m = len(table) - 1
    basis = [n + i for i in range(m)]
    stalled, best = 0, table[m, -1]
    for _ in range(_MOST_PIVOTS):
        costs = table[m, :n]
        if table[m, -1] > -_TINY or n == 0:
            return basis
        j = int(np.argmin(costs)) if stalled <= _PATIENCE else int(np.argmax(costs < -_TINY))
        if costs[j] >= -_TINY:
            return basis
        column = table[:m, j]
        eligible = [i for i in range(m) if column[i] > _TINY]
        if not eligible:
            return None
        ratios = {i: table[i, -1] / column[i] for i in eligible}
        least = min(ratios.values())
        near = [i for i in eligible if ratios[i] <= least + 1e-12]
        pivot = min(near, key=lambda i: (basis[i] < n, basis[i]))
        table[pivot] /= table[pivot, j]
        factors = table[:, j].copy()
        factors[pivot] = 0.0
        touched = np.nonzero(factors)[0]
        table[touched] -= factors[touched, None] * table[pivot]
        table[:m, -1] = np.maximum(table[:m, -1], 0.0)
        basis[pivot] = j
        stalled = 0 if table[m, -1] > best + 1e-12 else stalled + 1
        best = max(best, table[m, -1])
    return None


def solve(columns: Sequence[Column], target: Column) -> list[Fraction] | None:
    """The exact ``w`` with ``sum_j w_j columns[j] = target``, 0 where it may be chosen, or ``None``."""
    n = len(columns)
    lines: dict[Any, dict[int, Fraction]] = {key: {n: Fraction(c)} for key, c in target.items() if c}
    for j, column in enumerate(columns):
        for key, c in column.items():
            if c:
                lines.setdefault(key, {})[j] = Fraction(c)
    pending, pivots = list(lines.values()), dict[int, dict[int, Fraction]]()
    for line in sorted(pending, key=len):
        for j in sorted(pivots):
            if j in line:
                _subtract(line, line[j], pivots[j])
        lead = min(line, default=None)
        if lead is None:
            continue
        if lead == n:
            return None
        scale = line[lead]
        line = {j: c / scale for j, c in line.items()}
        for other in pivots.values():
            if lead in other:
                _subtract(other, other[lead], line)
        pivots[lead] = line
    return [pivots[j].get(n, Fraction(0)) if j in pivots else Fraction(0) for j in range(n)]


def _subtract(line: dict[int, Fraction], factor: Fraction, other: Mapping[int, Fraction]) -> None:
    for j, c in other.items():
        value = line.get(j, Fraction(0)) - factor * c
        if value:
            line[j] = value
        else:
            line.pop(j, None)
