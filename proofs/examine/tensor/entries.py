"""Index formulas as functions: an entry by plain loops, in exact numbers for indices and in mpmath's for the rest."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from mpmath import mp

from ...kernel.terms import Literal, Term, closed

Function = Callable[[tuple[int, ...]], Any]
"""Of the indices that are bound, outermost first."""

_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}


class NoValue(Exception):
    """Why a formula has no value: an operation has none there, or an entry is read that does not exist."""


class Entries:
    """Formulas at one point: ``values`` are the numbers and the tensors, nested lists, by symbol (``x/2``, ``d x/2``).

    An operation that has no value raises :class:`NoValue`, or counts as 0, as in the kernel, where ``total``.
    """

    def __init__(self, values: Mapping[str, Any], total: bool = False) -> None:
        self.values, self.total = values, total
        self._functions: dict[Term, Function] = {}
        self._loose: dict[Term, frozenset[int]] = {}

    def function(self, t: Term, indices: Sequence[Term] = ()) -> Function:
        """The term as a function of its indices."""
        return self._compiled(closed(t, indices))

    def number(self, t: Term) -> Any:
        """The value of a term without indices."""
        return self.function(t)(())

    def holds(self, literal: Literal, indices: Sequence[Term], place: tuple[int, ...]) -> bool:
        """Whether a literal is true at a place."""
        return _RELATIONS[literal.relation](self.function(literal.term, indices)(place), 0)

    def _compiled(self, t: Term) -> Function:
        if t not in self._functions:
            self._functions[t] = self._remembered(t, self._made(t)) if t.op in _COSTLY else self._made(t)
        return self._functions[t]

    def _remembered(self, t: Term, f: Function) -> Function:
        """``f`` with its values kept, by the indices that occur in the term."""
        needed, known = sorted(self._occurring(t)), dict[tuple[int, ...], Any]()

        def at(ks: tuple[int, ...]) -> Any:
            key = tuple(ks[-j] for j in needed)
            if key not in known:
                known[key] = f(ks)
            return known[key]

        return at

    def _occurring(self, t: Term) -> frozenset[int]:
        """The loose indices of a term, 1 for the innermost."""
        if t not in self._loose:
            found = {t.loose} if t.op == "idx" else set[int]()
            for i, s in enumerate(t.terms):
                under = int(t.op in ("sum", "max") and i == 1)
                found |= {j - under for j in self._occurring(s) if j > under}
            self._loose[t] = frozenset(found)
        return self._loose[t]

    def _made(self, t: Term) -> Function:
        parts = [self._compiled(s) for s in t.terms]
        match t.op:
            case "rat":
                q = Fraction(str(t.args[0]))
                constant = q.numerator if q.denominator == 1 else q
                return lambda ks: constant
            case "idx":
                place = -t.loose
                return lambda ks: ks[place]
            case "var" | "d":
                value = self.values[t.symbol]
                return _reader(t.symbol, value, parts) if parts else lambda ks: value
            case "add" | "mul":
                return _joined(operator.add if t.op == "add" else operator.mul, *parts)
            case "pow":
                base, n = parts[0], int(str(t.args[1]))
                return lambda ks: base(ks) ** n
            case "cond":
                return _chosen(_RELATIONS[str(t.args[0])], *parts)
            case "sum":
                return _summed(*parts)
            case "max":
                return self._greatest(*parts)
        return self._unary(t.op, parts[0])

    def _missing(self, why: str) -> int:
        if self.total:
            return 0
        raise NoValue(why)

    def _unary(self, op: str, inner: Function) -> Function:
        def inverse(u: Any) -> Any:
            return self._missing("1/0") if u == 0 else Fraction(1) / u if isinstance(u, int | Fraction) else 1 / u

        def log(u: Any) -> Any:
            return mp.log(number(u)) if u > 0 else self._missing("the logarithm of a number that is not positive")

        def sqrt(u: Any) -> Any:
            return mp.sqrt(number(u)) if u >= 0 else self._missing("the root of a negative number")

        known: dict[str, Callable[[Any], Any]] = {
            "inv": inverse,
            "exp": lambda u: mp.exp(number(u)),
            "log": log,
            "sqrt": sqrt,
            "floor": math.floor,
        }
        f = known[op]
        return lambda ks: f(inner(ks))

    def _greatest(self, size: Function, body: Function) -> Function:
        def at(ks: tuple[int, ...]) -> Any:
            values = [number(body((*ks, k))) for k in range(size(ks))]
            return max(values) if values else self._missing("the maximum of nothing")

        return at


_COSTLY = frozenset({"sum", "max", "inv", "exp", "log", "sqrt"})


def number(u: Any) -> Any:
    """An exact number as one of mpmath's."""
    return mp.mpf(u.numerator) / u.denominator if isinstance(u, int | Fraction) else u


def _joined(op: Callable[[Any, Any], Any], left: Function, right: Function) -> Function:
    def at(ks: tuple[int, ...]) -> Any:
        a, b = left(ks), right(ks)
        if type(a) is Fraction or type(b) is Fraction:
            exact = isinstance(a, int | Fraction) and isinstance(b, int | Fraction)
            return op(a, b) if exact else op(number(a), number(b))
        return op(a, b)

    return at


def _chosen(relation: Callable[[Any, Any], bool], guard: Function, yes: Function, no: Function) -> Function:
    return lambda ks: yes(ks) if relation(guard(ks), 0) else no(ks)


def _summed(size: Function, body: Function) -> Function:
    def at(ks: tuple[int, ...]) -> Any:
        total: Any = 0
        for k in range(size(ks)):
            v = body((*ks, k))
            total = number(total) + number(v) if type(v) is Fraction or type(total) is Fraction else total + v
        return total

    return at


def _reader(symbol: str, value: Any, parts: Sequence[Function]) -> Function:
    """An entry; one that does not exist is told apart from a number."""
    name = symbol.partition("/")[0].replace(" ", "")

    def at(ks: tuple[int, ...]) -> Any:
        place, found = [f(ks) for f in parts], value
        for i in place:
            if i != math.floor(i) or not 0 <= i < len(found):
                raise NoValue(f"{name}[{', '.join(map(str, place))}] is read, which is no entry")
            found = found[int(i)]
        return found

    return at
