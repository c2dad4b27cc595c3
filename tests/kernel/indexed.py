"""The value of a term with indices at a point, by brute force and in exact arithmetic, and random such terms."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from hasderiv.proofs.kernel.terms import Literal, Term, add, bind, cond, mul, rat, var

TRUE: dict[str, Callable[[Fraction], bool]] = {
    ">": lambda u: u > 0,
    ">=": lambda u: u >= 0,
    "=": lambda u: u == 0,
    "!=": lambda u: u != 0,
}


class Family:
    """A function of any numbers, whose values are drawn when they are asked for."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.known = rng, dict[tuple[Fraction, ...], Fraction]()

    def __call__(self, *index: Fraction) -> Fraction:
        return self.known.setdefault(index, Fraction(self.rng.randint(-6, 6), self.rng.choice((1, 2))))


class Dual:
    """A number that moves, and its rate: ``a + b e`` with ``e^2 = 0``."""

    def __init__(self, number: Fraction, rate: Fraction) -> None:
        self.number, self.rate = number, rate

    def __add__(self, other: Dual | Fraction) -> Dual:
        number, rate = (other.number, other.rate) if isinstance(other, Dual) else (other, Fraction(0))
        return Dual(self.number + number, self.rate + rate)

    def __mul__(self, other: Dual | Fraction) -> Dual:
        number, rate = (other.number, other.rate) if isinstance(other, Dual) else (other, Fraction(0))
        return Dual(self.number * number, self.rate * number + self.number * rate)

    __radd__, __rmul__ = __add__, __mul__


def value(t: Term, at: Mapping[str, Any], around: tuple[Fraction, ...] = ()) -> Fraction:
    """What a term without functions but ``floor`` is, ``at`` giving numbers to symbols and functions to families."""
    a = t.terms
    match t.op:
        case "rat":
            return Fraction(str(t.args[0]))
        case "idx":
            return around[-t.loose]
        case "var" | "d":
            return at[t.symbol](*(value(i, at, around) for i in a)) if a else at[t.symbol]
        case "cond":
            return value(a[1 if TRUE[str(t.args[0])](value(a[0], at, around)) else 2], at, around)
        case "sum" | "max":
            below = range(max(0, math.ceil(value(a[0], at, around))))
            parts = [value(a[1], at, (*around, Fraction(k))) for k in below]
            return sum(parts, Fraction(0)) if t.op == "sum" else max(parts, default=Fraction(0))
        case "floor":
            return Fraction(math.floor(value(a[0], at, around)))
    u, v = (value(s, at, around) for s in a)
    return u + v if t.op == "add" else u * v


def point(rng: random.Random) -> dict[str, Any]:
    """Small numbers for the names of :func:`tree`, some of them no integers, and families."""
    numbers = {name: Fraction(rng.choice((-1, 0, 1, 1, 2, 2, 3))) for name in "ijnm"}
    if rng.random() < 0.3:
        numbers[rng.choice("ijnm")] += Fraction(1, 2)
    return {**numbers, "x/1": Family(rng), "y/2": Family(rng), "z/1": Family(rng)}


def holds(literal: Literal, at: Mapping[str, Any]) -> bool:
    """Whether a literal is true at a point."""
    return TRUE[literal.relation](value(literal.term, at))


def tree(rng: random.Random, depth: int) -> Term:
    """A random term of families, sums and maxima, whose few names meet in ranges, indices and below binders."""
    name, other = (var(rng.choice("ijnm")) for _ in range(2))
    kind = rng.random()
    if depth == 0 or kind < 0.25:
        return rng.choice([name, rat(rng.randint(-1, 3)), var("x", name), var("y", name, other)])
    u, v = (tree(rng, depth - 1) for _ in range(2))
    if kind < 0.7:
        return add(u, v) if kind < 0.5 else mul(u, v)
    if kind < 0.8:
        return bind(rng.choice(["sum", "max"]), name, tree(rng, 0), u)
    return cond(rng.choice([*TRUE]), u, v, tree(rng, depth - 1))
