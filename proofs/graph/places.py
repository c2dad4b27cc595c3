"""Where the entries of a result come from, as formulas of its indices ``o0``, ``o1``, ...: one place for each axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from ..kernel.terms import ZERO, Term, add, cond, mul, neg, rat, unary, var

Dims = tuple[int, ...]


def dims_of(shape: Sequence[int]) -> Dims:
    """The sizes of a tensor in a certificate: a number has one entry."""
    return tuple(shape) or (1,)


def outputs(rank: int) -> list[Term]:
    """The indices of the result."""
    return [var(f"o{a}") for a in range(rank)]


def shifted(start: int, step: int, k: Term) -> Term:
    """``start + step k``."""
    along = k if step == 1 else mul(rat(step), k)
    return along if start == 0 else add(rat(start), along)


def quotient(t: Term, n: int) -> Term:
    """The integer quotient ``t // n``."""
    return t if n == 1 else unary("floor", mul(rat(Fraction(1, n)), t))


def broadcast(old: Dims, new: Dims) -> list[Term]:
    """From a tensor that is repeated along axes of length 1 and along new leading axes."""
    indices = outputs(len(new))[len(new) - len(old) :]
    return [ZERO if n == 1 else k for n, k in zip(old, indices, strict=True)]


def transposed(axes: Sequence[int]) -> list[Term]:
    """From a tensor whose axis ``axes[k]`` is axis ``k`` of the result."""
    indices = outputs(len(axes))
    return [indices[list(axes).index(a)] for a in range(len(axes))]


def reshaped(old: Dims, new: Dims) -> list[Term]:
    """From a tensor with the same entries in row-major order; axes that stay as they are keep their index.

    >>> from hasderiv.proofs.language.printer import show
    >>> [show(t) for t in reshaped((2, 3, 4), (6, 4))]
    ['floor(o0/3)', 'o0 - 3*floor(o0/3)', 'o1']
    """
    if 0 in old:  # no entries: any place is one of them
        return [ZERO] * len(old)
    indices, places = outputs(len(new)), list[Term]()
    i = j = 0
    while i < len(old):
        first, last = i + 1, j + 1 if j < len(new) else j
        while math.prod(old[i:first]) != math.prod(new[j:last]):
            if last < len(new) and math.prod(new[j:last]) < math.prod(old[i:first]):
                last += 1
            else:
                first += 1
        places += _group(old[i:first], new[j:last], indices[j:last])
        i, j = first, last
    return places


def _group(old: Dims, new: Dims, indices: Sequence[Term]) -> list[Term]:
    """The axes ``old`` from the axes ``new``, which have as many entries."""
    flat, stride = ZERO, 1
    for n, k in zip(reversed(new), reversed(indices), strict=True):
        if n != 1:
            along = k if stride == 1 else mul(rat(stride), k)
            flat = along if flat is ZERO else add(along, flat)
        stride *= n
    places, inner = list[Term](), 1
    for n in reversed(old):
        place = ZERO if n == 1 else quotient(flat, inner)
        if n != 1 and inner * n < stride:
            place = add(place, neg(mul(rat(n), quotient(flat, inner * n))))
        places.append(place)
        inner *= n
    return places[::-1]


def wrapped(at: Term, n: int) -> Term:
    """A place counted from the end where it is negative, as NumPy does."""
    return cond(">", neg(at), add(at, rat(n)), at)
