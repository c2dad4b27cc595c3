"""Operations that graphs need beside the ops of the catalogue, for tensors of any rank.

Moving entries (reshape, transpose, broadcast, slice, gather) is one operation, ``take``, whose places are given as
formulas of the indices; ``put`` is its adjoint.  Each is proved when a graph first asks for it, once for its rank.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hasderiv.spec.tensor.declare import declaration

Piece = tuple[Any, ...]
"""The name of an operation with the ranks and axes that it is asked for: ``("take", 1, 2)``."""


def declared(piece: Piece) -> Any:
    """What it means, as index formulas.

    >>> declared(("take", 1, 2)).head
    'take(x[n0]) -> [o0 < m0, o1 < m1]'
    """
    kind, *pattern = piece
    return _KINDS[kind](*pattern)


def _names(letter: str, rank: int) -> list[str]:
    return [f"{letter}{a}" for a in range(rank)]


def _joined(names: list[str]) -> str:
    return ", ".join(names)


def _below(indices: list[str], sizes: list[str]) -> str:
    return _joined([f"{i} < {n}" for i, n in zip(indices, sizes, strict=True)])


def _loops(indices: list[str], sizes: list[str]) -> str:
    return " ".join(f"for {i} in range({n})" for i, n in zip(indices, sizes, strict=True))


def _take(rank: int, result: int) -> Any:
    """``y[o] = x[at(o)]``, and 0 where a place is outside; ``at0``, ``at1``, ... are given."""
    return _moved("take", rank, result)


def _put(rank: int, result: int) -> Any:
    """``y[i] = `` the sum of all ``x[o]`` with ``at(o) = i``: the adjoint of ``take``."""
    return _moved("put", rank, result)


def _moved(name: str, rank: int, result: int) -> Any:
    """``take`` from a tensor to another; ``put`` goes back, so ``rank`` and ``result`` change places."""
    few, many = (rank, result) if name == "take" else (result, rank)
    i, n, o, m = _names("i", few), _names("n", few), _names("o", many), _names("m", many)
    at = [f"at{a}[{_joined(o)}]" for a in range(few)]
    inside = " and ".join(f"0 <= {place} < {size}" for place, size in zip(at, n, strict=True))
    hits = " * ".join(f"({index} == {place})" for index, place in zip(i, at, strict=True))

    def there(x: str) -> str:
        return f"{x}[{_joined(at)}] if {inside} else 0"

    def back(x: str) -> str:
        return f"sum({x}[{_joined(o)}] * {hits} {_loops(o, m)})"

    index = _joined([f"at{a}[{_joined(m)}]" for a in range(few)])
    if name == "take":
        head = f"take(x[{_joined(n)}]) -> [{_below(o, m)}]"
        return declaration(head, there("x"), jvp=there("dx"), vjp={f"x[{_joined(i)}]": back("g")}, index=index)
    head = f"put(x[{_joined(m)}]) -> [{_below(i, n)}]"
    return declaration(head, back("x"), jvp=back("dx"), vjp={f"x[{_joined(o)}]": there("g")}, index=index)


def _affine(rank: int) -> Any:
    """``slope * x + shift``; with ``slope`` 0, a constant."""
    i, n = _names("i", rank), _names("n", rank)
    here = _joined(i)
    return declaration(
        f"affine(x[{_joined(n)}]) -> [{_below(i, n)}]",
        f"slope * x[{here}] + shift",
        jvp=f"slope * dx[{here}]",
        vjp={f"x[{here}]": f"slope * g[{here}]"},
        params="slope shift",
    )


def _chosen(rank: int) -> Any:
    """``x`` where a given mask is not 0, else ``y``."""
    i, n = _names("i", rank), _names("n", rank)
    here, sizes = _joined(i), _joined(n)
    return declaration(
        f"chosen(x[{sizes}], y[{sizes}]) -> [{_below(i, n)}]",
        f"x[{here}] if mask[{here}] != 0 else y[{here}]",
        jvp=f"dx[{here}] if mask[{here}] != 0 else dy[{here}]",
        vjp={
            f"x[{here}]": f"g[{here}] if mask[{here}] != 0 else 0",
            f"y[{here}]": f"0 if mask[{here}] != 0 else g[{here}]",
        },
        given=f"mask[{sizes}]",
    )


def _mixed(rank: int) -> Any:
    """``x`` where a tensor of signs is 1, and ``y`` where it is -1."""
    i, n = _names("i", rank), _names("n", rank)
    here, sizes = _joined(i), _joined(n)

    def of(s: str, x: str, y: str) -> str:
        return f"(1 + {s}[{here}]) / 2 * {x}[{here}] + (1 - {s}[{here}]) / 2 * {y}[{here}]"

    return declaration(
        f"mixed(s[{sizes}], x[{sizes}], y[{sizes}]) -> [{_below(i, n)}]",
        of("s", "x", "y"),
        jvp=f"{of('s', 'dx', 'dy')} + ds[{here}] * (x[{here}] - y[{here}]) / 2",
        vjp={
            f"s[{here}]": f"g[{here}] * (x[{here}] - y[{here}]) / 2",
            f"x[{here}]": f"g[{here}] * (1 + s[{here}]) / 2",
            f"y[{here}]": f"g[{here}] * (1 - s[{here}]) / 2",
        },
    )


def _summed(rank: int, axes: tuple[int, ...]) -> Any:
    """The sum over some axes, but not over all."""
    i, n = _names("i", rank), _names("n", rank)
    kept = [a for a in range(rank) if a not in axes]
    loops = _loops([i[a] for a in axes], [n[a] for a in axes])
    left = [i[a] for a in kept]
    return declaration(
        f"summed(x[{_joined(n)}]) -> [{_below(left, [n[a] for a in kept])}]",
        f"sum(x[{_joined(i)}] {loops})",
        jvp=f"sum(dx[{_joined(i)}] {loops})",
        vjp={f"x[{_joined(i)}]": f"g[{_joined(left)}]"},
    )


def _appended(rank: int, axis: int) -> Any:
    """``y`` after ``x`` along an axis."""
    i, n = _names("i", rank), _names("n", rank)
    k = i[axis]
    after = [f"{j} - {size}" if j == k else j for j, size in zip(i, n, strict=True)]
    before = [f"{size} + {j}" if j == k else j for j, size in zip(i, n, strict=True)]
    others = ["m" if a == axis else size for a, size in enumerate(n)]
    whole = [f"{n[axis]} + m" if a == axis else size for a, size in enumerate(n)]
    here, there = _joined(i), _joined(after)
    return declaration(
        f"appended(x[{_joined(n)}], y[{_joined(others)}]) -> [{_below(i, whole)}]",
        f"x[{here}] if {k} < {n[axis]} else y[{there}]",
        jvp=f"dx[{here}] if {k} < {n[axis]} else dy[{there}]",
        vjp={f"x[{here}]": f"g[{here}]", f"y[{here}]": f"g[{_joined(before)}]"},
    )


_KINDS: Final[dict[str, Callable[..., Any]]] = {
    "take": _take,
    "put": _put,
    "affine": _affine,
    "chosen": _chosen,
    "mixed": _mixed,
    "summed": _summed,
    "appended": _appended,
}
