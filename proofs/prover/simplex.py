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
    search just gave up.  ``work`` counts the numbers touched.
    """

    weights: list[Fraction] | None
    separator: dict[object, float]
    work: int = 0


def combine(columns: Sequence[Column], target: Column) -> Answer:
    """Weights ``w >= 0`` with ``sum_j w_j columns[j] = target``.

    The order of the columns and of the keys in them decides between solutions, and nothing else does: the
    arithmetic is elementwise, so that every machine takes the same steps.
    """
    kept, dropped = _useful(columns, target)
    rows: dict[Any, int] = {}
    for column in (target, *(columns[j] for j in kept)):
        for key in column:
            rows.setdefault(key, len(rows))
    m, n = len(rows), len(kept)
    table = np.zeros((m + 1, n + m + 1))
    for k, j in enumerate(kept):
        width = max((abs(float(c)) for c in columns[j].values()), default=1.0) or 1.0
        for key, c in columns[j].items():
            table[rows[key], k] = float(c) / width
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
    basis, pivots = _phase_one(table, n)
    work = table.size * (pivots + 1)
    if basis is None:
        return Answer(None, {}, work)
    if table[m, -1] < -1e-6:
        separator = {key: float((table[m, n + i] - 1.0) / scale[i]) for key, i in rows.items()}
        return Answer(None, _extended(separator, columns, dropped), work)
    active = [j for i, j in enumerate(basis) if j < n and table[i, -1] > _TINY]
    for chosen in (sorted(active), sorted(j for j in basis if j < n)):
        exact = solve([columns[kept[j]] for j in chosen], target)
        if exact is not None and all(w >= 0 for w in exact):
            weights = [Fraction(0)] * len(columns)
            for j, w in zip(chosen, exact, strict=True):
                weights[kept[j]] = w
            return Answer(weights, {}, work)
    return Answer(None, {}, work)


def _useful(columns: Sequence[Column], target: Column) -> tuple[list[int], list[tuple[Any, list[int]]]]:
    """The columns that may have weight, and for each row that told so those that it rules out.

    In a row where the target is 0 and no two entries have opposite signs, no entry may have weight.
    """
    entries: dict[Any, dict[int, bool]] = {}
    for j, column in enumerate(columns):
        for key, c in column.items():
            entries.setdefault(key, {})[j] = c > 0
    alive, dropped = set(range(len(columns))), list[tuple[Any, list[int]]]()
    changed = True
    while changed:
        changed = False
        for key in [k for k, signs in entries.items() if k not in target and len(set(signs.values())) == 1]:
            out = sorted(entries[key])
            if not out or len(set(entries[key].values())) != 1:
                continue
            dropped.append((key, out))
            alive -= set(out)
            changed = True
            for j in out:
                for other in columns[j]:
                    del entries[other][j]
    return sorted(alive), dropped


def _extended(
    separator: dict[Any, float], columns: Sequence[Column], dropped: Sequence[tuple[Any, list[int]]]
) -> dict[Any, float]:
    """The functional with values for the rows that ruled columns out, so large that it is positive on these."""
    for key, out in reversed(dropped):
        size, sign = 1.0, 1
        for j in out:
            sign = 1 if columns[j][key] > 0 else -1
            rest = sum(float(c) * separator.get(k, 0.0) for k, c in columns[j].items() if k != key)
            size = max(size, (1.0 - rest) / abs(float(columns[j][key])))
        separator[key] = sign * size
    return separator


def _phase_one(table: np.ndarray, n: int) -> tuple[list[int] | None, int]:
    """Drive the artificial variables, columns ``n`` and up, towards 0.

    The basis, or ``None`` where that takes too many steps, and the number of steps.
    """
    m = len(table) - 1
    basis = [n + i for i in range(m)]
    stalled, best = 0, table[m, -1]
    for step in range(_MOST_PIVOTS):
        costs = table[m, :n]
        if table[m, -1] > -_TINY or n == 0:
            return basis, step
        j = int(np.argmin(costs)) if stalled <= _PATIENCE else int(np.argmax(costs < -_TINY))
        if costs[j] >= -_TINY:
            return basis, step
        column = table[:m, j]
        eligible = np.nonzero(column > _TINY)[0]
        if not len(eligible):
            return None, step
        ratios = table[eligible, -1] / column[eligible]
        near = eligible[ratios <= ratios.min() + 1e-12]
        pivot = min((int(i) for i in near), key=lambda i: (basis[i] < n, basis[i]))
        table[pivot] /= table[pivot, j]
        factors = table[:, j].copy()
        factors[pivot] = 0.0
        touched = np.nonzero(factors)[0]
        table[touched] -= factors[touched, None] * table[pivot]
        np.maximum(table[:m, -1], 0.0, out=table[:m, -1])
        basis[pivot] = j
        stalled = 0 if table[m, -1] > best + 1e-12 else stalled + 1
        best = max(best, table[m, -1])
    return None, _MOST_PIVOTS


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
