"""Index formulas on arrays, in float64 with bounds of the error: what is decided by such a number is certain.

Integers are exact.  Of each number the error is at most ``error``, so a sign is known where the value is farther from
0; and a sum of exponentials is known to be positive where it is too small for float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np

from ..kernel.terms import Literal, Term

_UNIT: Final = 2.0**-52
_TINY: Final = 5e-324
_erf: Final = np.vectorize(math.erf, otypes=[np.float64])


class Number(NamedTuple):
    """Values, the largest error of each, and whether it is positive, or at least 0, whatever the value says."""

    value: Any
    error: Any
    positive: Any = False
    nonnegative: Any = False


class Cannot(Exception):
    """A formula with something that is not computed here; the message says what."""


class Formulas:
    """Terms at all indices at once.  ``families`` has an array for each symbol, ``fixed`` the terms of parameters.

    The terms of ``fixed`` are over families alone: what stands in them is not replaced again.
    """

    def __init__(self, families: Callable[[str], Any], fixed: Mapping[str, Term]) -> None:
        self.families = families
        self.fixed = fixed

    def at(self, term: Term, sizes: Sequence[int]) -> Number:
        """An array of the value at each index, of the shape ``sizes``, for a term with as many loose indices."""
        found = _Walk(self, _grid(sizes), self.fixed).number(term)
        return Number(*[np.broadcast_to(part, tuple(sizes)) for part in found])

    def holds(self, literal: Literal, sizes: Sequence[int]) -> Any:
        """Where the literal certainly holds."""
        return _holds(literal.relation, self.at(literal.term, sizes))


def _grid(sizes: Sequence[int]) -> list[Any]:
    """The indices along each axis, to be broadcast against each other."""
    rank = len(sizes)
    return [np.arange(n).reshape([-1 if k == a else 1 for k in range(rank)]) for a, n in enumerate(sizes)]


def _holds(relation: str, u: Number) -> Any:
    above = (u.value > u.error) | u.positive
    if relation == ">":
        return above
    if relation == ">=":
        return above | (u.value >= u.error) | u.nonnegative
    if relation == "=":
        return (u.value == 0) & (u.error == 0) & ~np.asarray(u.positive)
    return above | (u.value < -np.asarray(u.error))


class _Walk:
    """Terms below the same binders: ``indices`` has the values of the loose indices, the outermost first."""

    def __init__(self, formulas: Formulas, indices: list[Any], fixed: Mapping[str, Term]) -> None:
        self.formulas, self.indices, self.fixed = formulas, indices, fixed
        self.done: dict[Term, Number] = {}

    def number(self, t: Term) -> Number:
        found = self.done.get(t)
        if found is None:
            with np.errstate(all="ignore"):
                found = self.done[t] = self.made(t)
        return found

    def made(self, t: Term) -> Number:
        match t.op:
            case "rat":
                return _rational(Fraction(str(t.args[0])))
            case "pi":
                return Number(np.asarray(math.pi), _UNIT, True, True)
            case "idx":
                i = self.indices[-t.loose]
                return Number(i, 0, i > 0, True)
            case "var":
                return self.entry(t)
            case "sum" | "max":
                return self.over(t)
            case "cond":
                return self.chosen(t)
            case "floor":
                return self.floor(t.terms[0])
        arguments = [self.number(a) for a in t.terms]
        match t.op:
            case "add":
                return _add(*arguments)
            case "mul":
                return _mul(*arguments)
            case "pow":
                return _power(arguments[0], int(str(t.args[1])))
        if t.op not in _FUNCTIONS:
            raise Cannot(f"{t.op} is not computed")
        return _FUNCTIONS[t.op](arguments[0])

    def entry(self, t: Term) -> Number:
        """A parameter, or an entry of a family; what lies outside counts for nothing, and is some other entry."""
        indices = [self.number(a) for a in t.terms]
        if t.symbol in self.fixed:
            return _Walk(self.formulas, [k.value for k in indices], {}).number(self.fixed[t.symbol])
        array = self.formulas.families(t.symbol)
        if any(k.value.dtype.kind not in "iu" for k in map(_whole, indices)):
            raise Cannot(f"an index of {t.symbol} is no integer")
        if not array.size:  # all lies outside
            return Number(np.zeros(np.broadcast_shapes(*(np.shape(k.value) for k in indices)), int), 0)
        places = [np.clip(_whole(k).value, 0, n - 1) for k, n in zip(indices, array.shape, strict=True)]
        found = np.asarray(array[tuple(places)] if places else array)
        # in the dtype of a small array sums would be rounded more than they are taken to be, or wrap around
        found = found.astype(np.int64 if found.dtype.kind in "biu" and found.dtype != np.uint64 else np.float64)
        error: Any = np.abs(found) * _UNIT if array.dtype == np.uint64 else 0
        return Number(found, error, found > 0, found >= 0)

    def over(self, t: Term) -> Number:
        """A sum or maximum, along a new last axis that is as long as the longest range."""
        range_, body = t.terms
        n = _whole(self.number(range_)).value
        if n.dtype.kind not in "iu":
            raise Cannot("a range is no integer")
        k = np.arange(max(int(np.max(n, initial=0)), 0))
        if not len(k):
            return _rational(Fraction(0))
        inner = _Walk(self.formulas, [*(np.expand_dims(i, -1) for i in self.indices), k], self.fixed).number(body)
        inside = k < np.expand_dims(n, -1)
        shape = np.broadcast_shapes(inside.shape, *(np.shape(part) for part in inner))
        value, error, positive, nonnegative = (np.broadcast_to(part, shape) for part in inner)
        if t.op == "max":
            low = np.where(inside, value.astype(float), -math.inf).max(-1)
            some = inside.any(-1)
            return Number(np.where(some, low, 0.0), np.where(inside, error, 0.0).max(-1), False, False)
        terms, errors = np.where(inside, value, 0), np.where(inside, error, 0.0)
        total = terms.sum(-1)
        rounding = 0.0 if value.dtype.kind in "iu" else np.abs(terms).sum(-1) * (_UNIT * len(k))
        positive = ((inside & positive).any(-1)) & (~inside | nonnegative).all(-1)
        return Number(
            total, _up(errors.sum(-1) * (1 + _UNIT * len(k)) + rounding), positive, (~inside | nonnegative).all(-1)
        )

    def chosen(self, t: Term) -> Number:
        """A case distinction; where the case is not certain, nothing is."""
        relation = str(t.args[0])
        test, a, b = (self.number(s) for s in t.terms)
        yes = _holds(relation, test)
        no = _fails(relation, test)
        value = np.where(yes, a.value, b.value)
        error = np.where(yes, a.error, np.where(no, b.error, math.inf))
        return Number(
            value,
            error,
            (yes & np.asarray(a.positive)) | (no & np.asarray(b.positive)),
            (yes & np.asarray(a.nonnegative)) | (no & np.asarray(b.nonnegative)),
        )

    def floor(self, t: Term) -> Number:
        """Of a fraction of integers exactly: the places of a reshape."""
        if t.op == "mul" and t.terms[0].op == "rat":
            q, a = Fraction(str(t.terms[0].args[0])), self.number(t.terms[1])
            if _is_whole(a):
                found = a.value * q.numerator // q.denominator
                return Number(found, 0, found > 0, found >= 0)
        a = self.number(t)
        if _is_whole(a):
            return a
        found = np.floor(a.value)
        certain = (np.floor(a.value - a.error) == found) & (np.floor(a.value + a.error) == found)
        return Number(found, np.where(certain, 0.0, 1.0 + np.asarray(a.error)), False, found >= 0)


def _up(error: Any) -> Any:
    """A bound that was itself rounded, a little larger."""
    return np.where(np.asarray(error) > 0, np.asarray(error, float) * (1 + 16 * _UNIT) + _TINY, 0.0)


def _is_whole(a: Number) -> bool:
    return bool(np.asarray(a.value).dtype.kind in "iu")


def _whole(a: Number) -> Number:
    """The number as integers, where all of it are."""
    value = np.asarray(a.value)
    if value.dtype.kind in "iu" or np.any(a.error) or not np.all(value == np.floor(value)):
        return Number(value, a.error)
    return Number(value.astype(np.int64), 0)


def _fails(relation: str, u: Number) -> Any:
    """Where the literal certainly does not hold."""
    minus = Number(-np.asarray(u.value), u.error)
    if relation == ">":
        return _holds(">=", minus) & ~np.asarray(u.positive)
    if relation == ">=":
        return _holds(">", minus) & ~np.asarray(u.nonnegative)
    return _holds("!=" if relation == "=" else "=", u)


def _rational(q: Fraction) -> Number:
    value: Any = np.asarray(int(q)) if q.denominator == 1 and abs(q) < 1 << 53 else np.asarray(float(q))
    exact = not math.isinf(value) and Fraction(value.item()) == q
    return Number(value, 0.0 if exact else abs(float(q)) * _UNIT, q > 0, q >= 0)


def _add(a: Number, b: Number) -> Number:
    value = a.value + b.value
    rounding = 0 if np.asarray(value).dtype.kind in "iu" else np.abs(value) * _UNIT
    nonnegative = np.asarray(a.nonnegative) & b.nonnegative
    return Number(
        value, _up(a.error + b.error + rounding), nonnegative & (np.asarray(a.positive) | b.positive), nonnegative
    )


def _mul(a: Number, b: Number) -> Number:
    value = a.value * b.value
    if np.asarray(value).dtype.kind in "iu":
        error: Any = 0
    else:
        # 0 times what is not known is 0 all the same
        error = _times(np.abs(a.value), b.error) + _times(np.abs(b.value), a.error) + _times(a.error, b.error)
        plain = _is_exactly(0, a) | _is_exactly(0, b) | _is_exactly(1, a) | _is_exactly(1, b)
        rounding = np.where(plain, 0.0, np.abs(value) * _UNIT + _TINY)
        error = np.where(_is_exactly(0, a) | _is_exactly(0, b), 0.0, _up(error + rounding))
    both = np.asarray(a.positive) & b.positive
    return Number(value, error, both, np.asarray(a.nonnegative) & b.nonnegative)


def _is_exactly(size: int, a: Number) -> Any:
    """Whether it is a number of this size, without error: a product with it is not rounded."""
    return (np.abs(a.value) == size) & (np.asarray(a.error) == 0)


def _times(a: Any, b: Any) -> Any:
    return np.where((np.asarray(a) == 0) | (np.asarray(b) == 0), 0.0, a * np.asarray(b, float))


def _power(a: Number, n: int) -> Number:
    found = a
    for _ in range(n - 1):
        found = _mul(found, a)
    return found._replace(nonnegative=True) if n % 2 == 0 else found


def _inverse(a: Number) -> Number:
    value = np.where(a.value == 0, 0.0, 1.0 / np.where(a.value == 0, 1.0, a.value))
    room = np.abs(a.value) - a.error
    known = room > 0
    error = np.where(
        known, np.abs(value) * (np.asarray(a.error) / np.where(known, room, 1.0) + 2 * _UNIT) + _TINY, math.inf
    )
    exact = (a.value == 0) & (np.asarray(a.error) == 0)
    return Number(value, np.where(exact, 0.0, _up(error)), a.positive, a.nonnegative)


def _exp(a: Number) -> Number:
    value = np.exp(a.value)
    return Number(value, value * (np.expm1(a.error) + 4 * _UNIT) + _TINY, True, True)


def _log(a: Number) -> Number:
    value = np.where(a.value > 0, np.log(np.where(a.value > 0, a.value, 1.0)), 0.0)
    room = a.value * (1 - _UNIT) - a.error
    error = np.where(room > 0, _up(a.error / np.where(room > 0, room, 1.0) + 4 * _UNIT * np.abs(value)), math.inf)
    return Number(value, np.where((np.asarray(a.error) == 0) & (a.value <= 0), 0.0, error))


def _sqrt(a: Number) -> Number:
    value = np.sqrt(np.maximum(a.value, 0.0))
    error = np.where(
        np.asarray(a.error) == 0, 0.0, np.minimum(np.sqrt(a.error), a.error / np.where(value > 0, value, math.inf))
    )
    error = np.where((value == 0) & (np.asarray(a.error) > 0), np.sqrt(a.error), error)
    return Number(value, error + value * _UNIT, a.positive, True)


def _smooth(f: Callable[[Any], Any], slope: float) -> Callable[[Number], Number]:
    """A function whose derivative is at most ``slope``."""

    def made(a: Number) -> Number:
        value = f(np.asarray(a.value, float))
        return Number(value, slope * np.asarray(a.error) + 4 * _UNIT * np.abs(value) + _TINY)

    return made


_FUNCTIONS: Final[dict[str, Callable[[Number], Number]]] = {
    "inv": _inverse,
    "exp": _exp,
    "log": _log,
    "sqrt": _sqrt,
    "sin": _smooth(np.sin, 1.0),
    "cos": _smooth(np.cos, 1.0),
    "atan": _smooth(np.arctan, 1.0),
    "erf": _smooth(_erf, 1.2),
}
