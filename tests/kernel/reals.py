"""The value of a term at a point: exact as long as it is rational, else of 60 digits; and whether it has one.

A point gives a number to every symbol, and to every family a function of numbers: ``x``, ``d x``, ``x/2``, ``d x/2``.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hasderiv.proofs.kernel.terms import Literal, Term

from .indexed import TRUE
from .test_ledgers import CONTEXT, operation, true

DOMAIN = {"inv": "!=", "log": ">", "sqrt": ">="}
EXACT = ("rat", "add", "mul", "pow", "inv", "floor")
sys.setrecursionlimit(max(sys.getrecursionlimit(), 50_000))


class NoValueError(Exception):
    """An operation that counts is applied outside its domain."""


class Family:
    """A function of any numbers, whose values are drawn from a few when they are asked for, so that some are equal."""

    def __init__(self, rng: random.Random, values: tuple[Fraction, ...]) -> None:
        self.rng, self.values, self.known = rng, values, dict[tuple[Any, ...], Fraction]()

    def __call__(self, *index: Any) -> Fraction:
        return self.known.setdefault(index, self.rng.choice(self.values))


def holds(relation: str, v: Any) -> bool:
    """Whether ``v relation 0``; for what is not exact, rounding errors of equations aside."""
    return TRUE[relation](v) if isinstance(v, Fraction) else true(relation, v)


def real(v: Any) -> Any:
    """A number of 60 digits."""
    return CONTEXT.mpf(v.numerator) / v.denominator if isinstance(v, Fraction) else CONTEXT.mpf(v)


class At:
    """Terms at one point, each subterm once for the indices that it depends on; ``strict`` where only values count."""

    def __init__(self, point: Mapping[str, Any], strict: bool = False) -> None:
        self.point, self.strict, self.known = point, strict, dict[tuple[Any, ...], Any]()

    def __call__(self, t: Term, around: tuple[Fraction, ...] = ()) -> Any:
        key = (t, *around[len(around) - t.loose :])
        if key not in self.known:
            self.known[key] = self._value(t, around)
        return self.known[key]

    def holds(self, literal: Literal) -> bool:
        """Whether a literal is true."""
        return holds(literal.relation, self(literal.term))

    def _value(self, t: Term, around: tuple[Fraction, ...]) -> Any:
        a = t.terms
        match t.op:
            case "idx":
                return around[-t.loose]
            case "var" | "d":
                known = self.point[t.symbol]
                return known(*(self(i, around) for i in a)) if a else known
            case "cond":
                return self(a[1 if holds(str(t.args[0]), self(a[0], around)) else 2], around)
            case "sum" | "max":
                below = range(max(0, math.ceil(self(a[0], around))))
                parts = [self(a[1], (*around, Fraction(k))) for k in below]
                if t.op == "max" and not parts and self.strict:
                    raise NoValueError
                if not all(isinstance(v, Fraction) for v in parts):
                    parts = [real(v) for v in parts]
                return sum(parts, Fraction(0)) if t.op == "sum" else max(parts, default=Fraction(0))
        u = [self(s, around) for s in a]
        if self.strict and t.op in DOMAIN and not holds(DOMAIN[t.op], u[0]):
            raise NoValueError
        if t.op in EXACT and all(isinstance(v, Fraction) for v in u):
            return _exact(t, u)
        return operation(t, [real(v) for v in u])


def _exact(t: Term, u: list[Fraction]) -> Fraction:
    match t.op:
        case "rat":
            return Fraction(str(t.args[0]))
        case "add":
            return u[0] + u[1]
        case "mul":
            return u[0] * u[1]
        case "pow":
            return u[0] ** int(str(t.args[1]))
        case "inv":
            return 1 / u[0] if u[0] else u[0]
    return Fraction(math.floor(u[0]))
