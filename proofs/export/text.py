"""Terms as real expressions in the text of a proof assistant.

For Coq the text mirrors ``read`` in ``proofs/coq/Readable.v`` shape by shape: there a term is turned into the same
expression inside Coq, with a proof that it has the term's value, so that the two have to be equal by mere computation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from ..kernel import terms as T
from ..kernel.terms import Literal, Term

_ALL, _SUM, _PRODUCT, _NEGATIVE, _POWER, _CALL, _OPERAND, _ATOM = 200, 50, 40, 34, 30, 10, 9, 0
Shown = tuple[str, int]

REALS: Final = "\N{DOUBLE-STRUCK CAPITAL R}"
INTEGERS: Final = "\N{DOUBLE-STRUCK CAPITAL Z}"
"""The real numbers and the integers in Lean."""


@dataclass(frozen=True)
class Style:
    """How a language writes what languages write in different ways; ``erf`` and ``floor`` wrap their operand."""

    pi: str
    functions: Mapping[str, str]
    erf: str
    floor: str
    less: Callable[[str, str], str]
    at_most: Callable[[str, str], str]
    same: Callable[[str, str], str]
    compared: Mapping[str, str]


COQ: Final = Style(
    "PI",
    {"exp": "exp", "log": "ln", "sin": "sin", "cos": "cos", "atan": "atan", "sqrt": "sqrt"},
    "2 / sqrt PI * RInt (fun t => exp (- t ^ 2)) 0 {}",
    "IZR (Int_part {})",
    lambda a, b: f"Rlt_dec {a} {b}",
    lambda a, b: f"Rle_dec {a} {b}",
    lambda a, b: f"Req_EM_T {a} {b}",
    {">": "<", ">=": "<=", "=": "=", "!=": "<>"},
)

LEAN: Final = Style(
    "Real.pi",
    {name: f"Real.{name}" for name in ("exp", "log", "sin", "cos", "sqrt")} | {"atan": "Real.arctan"},
    f"2 / Real.sqrt Real.pi * (∫ t in (0 : {REALS})..{{}}, Real.exp (-t ^ 2))",
    f"((⌊{{}}⌋ : {INTEGERS}) : {REALS})",
    lambda a, b: f"{a} < {b}",
    lambda a, b: f"{a} ≤ {b}",
    lambda a, b: f"{a} = {b}",
    {">": "<", ">=": "≤", "=": "=", "!=": "≠"},
)


def _at(shown: Shown, level: int) -> str:
    text, own = shown
    return text if own <= level else f"({text})"


def negated(t: Term) -> Term | None:
    """``u`` where the term is ``-1 * u``."""
    return t.terms[1] if t.op == "mul" and t.args[0] is T.MINUS_ONE else None


def subtracted(t: Term) -> Term | None:
    """``v`` where adding the term is read as taking ``v`` away: of ``-1 * v`` and of a negative number."""
    if t.op == "rat" and isinstance(q := t.args[0], Fraction) and q < 0:
        return T.rat(-q)
    return negated(t)


def _number(q: Fraction) -> Shown:
    above = str(q.numerator) if q >= 0 else f"({q.numerator})"
    return (above, _ATOM) if q.denominator == 1 else (f"{above} / {q.denominator}", _PRODUCT)


def sides(t: Term) -> tuple[Term, Term]:
    """``a, b`` such that a hypothesis compares the term with 0 as ``a`` with ``b``."""
    u = negated(t)
    if u is not None and u.op == "add" and (b := subtracted(u.terms[1])) is not None:
        return b, u.terms[0]
    return guard_sides(t)


def guard_sides(t: Term) -> tuple[Term, Term]:
    """The same for the guard of a conditional."""
    if t.op == "add" and (b := subtracted(t.terms[1])) is not None:
        return t.terms[0], b
    u = negated(t)
    return (t, T.ZERO) if u is None else (T.ZERO, u)


class Printer:
    """The text of terms in a style; ``names`` are the names of symbols, if they are not their own."""

    def __init__(self, style: Style, names: Mapping[str, str] | None = None) -> None:
        self.style, self.names = style, names or {}
        self._done: dict[Term, Shown] = {}

    def expression(self, term: Term, operand: bool = False) -> str:
        """The term as a real expression, in brackets where it has to be the operand of a function."""
        return self._text(term, _OPERAND if operand else _ALL)

    def proposition(self, literal: Literal) -> str:
        """``0 < x``: the literal as a proposition, as ``read_literal`` reads it."""
        u, v = (self._text(s, _SUM) for s in sides(literal.term))
        first, second = (v, u) if literal.relation in (">", ">=") else (u, v)
        return f"{first} {self.style.compared[literal.relation]} {second}"

    def _text(self, term: Term, level: int) -> str:
        for t in T.postorder(term):
            if t not in self._done:
                self._done[t] = self._node(t)
        return _at(self._done[term], level)

    def _node(self, t: Term) -> Shown:
        done, below = self._done, t.terms
        match t.op, t.args:
            case "rat", (Fraction() as q,):
                return _number(q)
            case "pi", _:
                return self.style.pi, _ATOM
            case "var", (str() as name,):
                return self.names.get(name, name), _ATOM
            case "add", _:
                minus = subtracted(below[1])
                sign, right = ("+", below[1]) if minus is None else ("-", minus)
                return f"{_at(done[below[0]], _SUM)} {sign} {self._text(right, _SUM - 1)}", _SUM
            case "mul", _:
                if (u := negated(t)) is not None:
                    return f"- {_at(done[u], _NEGATIVE - 1)}", _NEGATIVE
                sign, right = ("/", below[1].terms[0]) if below[1].op == "inv" else ("*", below[1])
                return f"{_at(done[below[0]], _PRODUCT)} {sign} {_at(done[right], _PRODUCT - 1)}", _PRODUCT
            case "pow", _:
                return f"{_at(done[below[0]], _POWER - 1)} ^ {t.args[1]}", _POWER
            case "inv", _:
                return f"1 / {_at(done[below[0]], _PRODUCT - 1)}", _PRODUCT
            case "cond", (str() as relation, *_):
                return self._choice(relation, *below), _ALL
            case "erf", _:
                return self.style.erf.format(_at(done[below[0]], _OPERAND)), _PRODUCT
            case "floor", _:
                return self.style.floor.format(_at(done[below[0]], _OPERAND)), _CALL
            case op, _ if op in self.style.functions:
                return f"{self.style.functions[op]} {_at(done[below[0]], _OPERAND)}", _CALL
        raise ValueError(f"{t.op} has no counterpart")

    def _choice(self, relation: str, test: Term, a: Term, b: Term) -> str:
        u, v = (self._text(s, _OPERAND) for s in guard_sides(test))
        if relation == "!=":
            a, b = b, a
        style = self.style
        guard = style.less(v, u) if relation == ">" else style.at_most(v, u) if relation == ">=" else style.same(u, v)
        return f"if {guard} then {self._done[a][0]} else {self._done[b][0]}"
