"""Certified index formulas as Python functions: each entry by plain loops over numbers, floats or exact fractions.

An entry that is read outside its tensor is an error here: the formulas must not need one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from hasderiv.proofs.kernel.terms import Literal, Term, postorder

_RELATIONS = {">": ">", ">=": ">=", "=": "==", "!=": "!="}


def inverse(u: Any) -> Any:
    """``1 / u``; the formulas are evaluated where they have a value."""
    return Fraction(1) / u if isinstance(u, int | Fraction) else 1.0 / u


FUNCTIONS: dict[str, Any] = {
    "inv": inverse,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "floor": math.floor,
}


def code(t: Term, depth: int = 0) -> str:
    """The Python expression for a term; what a binder counts is ``k0``, ``k1``, ... from the outermost one inward."""
    a = [code(s, depth + (t.op in ("sum", "max") and i == 1)) for i, s in enumerate(t.terms)]
    match t.op:
        case "rat":
            q = Fraction(str(t.args[0]))
            return str(q.numerator) if q.denominator == 1 else f"Fraction({q.numerator}, {q.denominator})"
        case "idx":
            return f"k{depth - t.loose}"
        case "var" | "d":
            name = ("d" if t.op == "d" else "") + str(t.args[0])
            return f"{name}[{', '.join(a)}]" if a else name
        case "add":
            return f"({a[0]} + {a[1]})"
        case "mul":
            return f"({a[0]} * {a[1]})"
        case "pow":
            return f"({a[0]} ** {t.args[1]})"
        case "cond":
            return f"({a[1]} if {a[0]} {_RELATIONS[str(t.args[0])]} 0 else {a[2]})"
        case "sum" | "max":
            return f"{t.op}({a[1]} for k{depth} in range({a[0]}))"
    return f"{t.op}({a[0]})"


def entry(t: Term, indices: Sequence[Term]) -> Callable[..., Any]:
    """A function of the indices, and of the values of all other symbols by keyword."""
    names = [str(k.args[0]) for k in indices]
    symbols = {"d" * (s.op == "d") + str(s.args[0]) for s in postorder(t) if s.op in ("var", "d")}
    others = sorted(symbols - set(names))
    parameters = ", ".join([*names, *(["*", *others] if others else []), "**_"])
    found: Callable[..., Any] = eval(f"lambda {parameters}: {code(t)}", {**FUNCTIONS, "Fraction": Fraction})
    return found


def tensor(t: Term, index: Sequence[tuple[Term, Term]], values: Mapping[str, Any]) -> Any:
    """The array of all entries, of Python numbers."""
    shape = tuple(int(entry(n, [])(**values)) for _, n in index)
    of = entry(t, [k for k, _ in index])
    out = np.empty(shape, dtype=object)
    for place in np.ndindex(*shape):
        out[place] = of(*place, **values)
    return out


def holds(literal: Literal, indices: Sequence[Term], place: Sequence[int], values: Mapping[str, Any]) -> bool:
    """Whether a literal is true at a place."""
    u = entry(literal.term, indices)(*place, **values)
    return {">": u > 0, ">=": u >= 0, "=": u == 0, "!=": u != 0}[literal.relation]


class Entries:
    """A tensor for the formulas: its entries by their indices, and nothing outside."""

    def __init__(self, array: Any, exact: bool) -> None:
        self.shape = array.shape
        number = Fraction if exact else lambda v: v
        self.entries = {i: number(array[i].item()) for i in np.ndindex(*array.shape)}

    def __getitem__(self, index: Any) -> Any:
        return self.entries[index if isinstance(index, tuple) else (index,)]
