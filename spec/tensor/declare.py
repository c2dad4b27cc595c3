"""How an op over axes and shapes is declared: the entry of its result, its JVP and its VJP, as index formulas.

The formulas are Python expressions, read and never run: ``x[i, k]`` is an entry of an input, ``dx[i, k]`` of its
tangent, ``g[i]`` of the cotangent of the result; ``sum(... for k in range(n))`` is a sum, and so for ``max`` and
``min``, ``a if 0 <= u < n else b`` a case distinction, a comparison used as a number is 1 or 0, and ``//``
and ``%`` are the quotient and the remainder of integers.  Abbreviations are called: ``p(i)``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TENSOR_OPS: dict[str, TensorSpec] = {}
_HEAD = re.compile(r"\s*(\w+)\((.*)\)\s*->\s*\[(.*)\]\s*", re.ASCII | re.DOTALL)
_OPERAND = re.compile(r"\s*(\w+)\s*(?:\[([^\[\]]*)\])?\s*(?:,|$)", re.ASCII)


@dataclass(frozen=True)
class TensorSpec:
    """What a tensor op means and what is claimed about it, for all sizes.

    ``inputs`` and ``given`` map names to the sizes of their axes, as text; nothing moves in ``given``.  ``index`` are
    given tensors of integers.  ``out`` are the indices of the result with their sizes.  The names in sizes, and
    ``counts``, are integers that are at least 1; ``integers`` are any integers, ``params`` any numbers.  ``assume``
    holds throughout, ``where`` are conditions on one entry of the result, for the JVP there, and ``words`` says them
    for people; ``elsewhere`` says what the runtime does where they fail, and ``tie`` are conditions under which there
    is no derivative.  ``vjp`` has an entry of each input as its key.
    """

    name: str
    inputs: Mapping[str, tuple[str, ...]]
    out: tuple[tuple[str, str], ...]
    value: str
    jvp: str
    vjp: Mapping[str, str]
    let: Mapping[str, str]
    given: Mapping[str, tuple[str, ...]]
    index: Mapping[str, tuple[str, ...]]
    counts: tuple[str, ...]
    integers: tuple[str, ...]
    params: tuple[str, ...]
    assume: tuple[str, ...]
    where: tuple[str, ...]
    words: str
    tie: tuple[str, ...]
    elsewhere: str
    meaning: str
    source: str

    @property
    def head(self) -> str:
        """``softmax(x[b, n]) -> [r < b, i < n]``."""
        operands = ", ".join(name + (f"[{', '.join(sizes)}]" if sizes else "") for name, sizes in self.inputs.items())
        return f"{self.name}({operands}) -> [{', '.join(f'{i} < {n}' for i, n in self.out)}]"


def operands(text: str) -> dict[str, tuple[str, ...]]:
    """``"x[n, m], y"`` by name, each with its sizes."""
    found: dict[str, tuple[str, ...]] = {}
    at = 0
    while text[at:].strip():
        match = _OPERAND.match(text, at)
        if match is None or match[1] in found:
            raise ValueError(f"not a list of operands: {text!r}")
        found[match[1]] = tuple(s.strip() for s in match[2].split(",")) if match[2] else ()
        at = match.end()
    return found


def _indices(text: str) -> tuple[tuple[str, str], ...]:
    """``"i < n, j < m"``."""
    pairs = [tuple(s.strip() for s in part.split("<")) for part in text.split(",") if part.strip()]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"not a list of indices with their sizes: {text!r}")
    return tuple((i, n) for i, n in pairs)


def declaration(
    head: str,
    value: str,
    *,
    jvp: str,
    vjp: Mapping[str, str],
    let: Mapping[str, str] | None = None,
    given: str = "",
    index: str = "",
    counts: str = "",
    integers: str = "",
    params: str = "",
    assume: tuple[str, ...] = (),
    where: tuple[str, ...] = (),
    words: str = "",
    tie: tuple[str, ...] = (),
    elsewhere: str = "",
    meaning: str = "",
    source: str = "",
) -> TensorSpec:
    """A tensor op in words; see :class:`TensorSpec`.

    >>> declaration("twice(x[n]) -> [i < n]", "2 * x[i]", jvp="2 * dx[i]", vjp={"x[i]": "2 * g[i]"}).head
    'twice(x[n]) -> [i < n]'
    """
    match = _HEAD.fullmatch(head)
    if match is None:
        raise ValueError(f"not a head such as 'softmax(x[b, n]) -> [r < b, i < n]': {head!r}")
    return TensorSpec(
        name=match[1],
        inputs=operands(match[2]),
        out=_indices(match[3]),
        value=value,
        jvp=jvp,
        vjp=dict(vjp),
        let=dict(let or {}),
        given=operands(given),
        index=operands(index),
        counts=tuple(counts.split()),
        integers=tuple(integers.split()),
        params=tuple(params.split()),
        assume=assume,
        where=where,
        words=words,
        tie=tie,
        elsewhere=elsewhere,
        meaning=meaning,
        source=source,
    )


def tensor_op(head: str, value: str, **rest: Any) -> TensorSpec:
    """Declare a tensor op of the catalogue: a :func:`declaration` that is entered there."""
    made = declaration(head, value, **rest)
    if made.name in TENSOR_OPS:
        raise ValueError(f"the op {made.name} is declared twice")
    TENSOR_OPS[made.name] = made
    return made
