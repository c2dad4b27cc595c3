"""Unfolding: a surface term over the base language.

The definitions themselves are the readable table in :mod:`.table`, and for the ops of the catalogue the
formulas of ``spec``.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from ..kernel import terms as T
from ..kernel.terms import Term
from . import build, catalogue
from .parser import parse
from .table import DEFINED, TEXTS

__all__ = ["DEFINED", "body", "constant", "is_defined", "unfold", "unfold_ops"]


def is_defined(name: str) -> bool:
    """Whether ``name`` is an abbreviation: a function of the table or an op of the catalogue."""
    return name in DEFINED or catalogue.has(name)


@cache
def body(name: str) -> tuple[tuple[str, ...], Term]:
    """The argument names of a defined function and its definition, a surface term."""
    if name in TEXTS:
        arguments, text = TEXTS[name]
        return arguments, parse(text, arguments)
    return catalogue.body(name)


def constant(t: Term) -> Fraction | None:
    """The rational value of a term without symbols that is made of rational operations, else None."""
    if t.free:
        return None
    values: dict[Term, Fraction | None] = {}
    for s in T.postorder(t):
        values[s] = _constant_node(s, [values[a] for a in s.terms])
    return values[t]


def _constant_node(s: Term, below: list[Fraction | None]) -> Fraction | None:
    if s.op == "rat":
        value = s.args[0]
        return value if isinstance(value, Fraction) else None
    operands = [v for v in below if v is not None]
    if len(operands) != len(below) or not below:
        return None
    a = operands[0]
    if s.op == "floor":
        return Fraction(a.numerator // a.denominator)
    if s.op == "inv":
        return 1 / a if a else None
    if s.op == "add":
        result = a + operands[1]
    elif s.op == "mul":
        result = a * operands[1]
    elif s.op == "pow":
        n = s.args[1]
        if not isinstance(n, int) or max(a.numerator.bit_length(), a.denominator.bit_length()) * n > 4 * T.MAX_DIGITS:
            return None
        result = a**n
    else:
        return None
    return result if max(abs(result.numerator), result.denominator) < 10**T.MAX_DIGITS else None


def holds(relation: str, value: Fraction) -> bool:
    """Whether ``value relation 0``."""
    return {">": value > 0, ">=": value >= 0, "=": value == 0, "!=": value != 0}[relation]


def _rebuild(t: Term, below: dict[Term, Term]) -> Term:
    """``t`` with new operands; a case distinction between two rational constants is decided."""
    if t.op == "cond":
        relation, test, a, b = t.args
        value = constant(below[test])  # type: ignore[index]
        if value is not None:
            return below[a] if holds(str(relation), value) else below[b]  # type: ignore[index]
    return T.rebuild(t, below)


def _fixed_power(a: Term, q: Fraction) -> Term:
    """``a**q`` for a literal ``q``: what the definition of ``pow`` says when its comparisons of ``q`` are decided."""
    value = constant(a)
    if q.denominator <= 2 or (value is not None and value > 0):
        return build.power(a, T.rat(q))
    at_zero = T.ZERO if q > 0 else build.UNDEFINED
    if value is not None:
        return at_zero if value == 0 else build.UNDEFINED
    below = T.cond("=", a, at_zero, build.UNDEFINED) if q > 0 else build.UNDEFINED
    return T.cond(">", a, T.unary("exp", T.mul(T.rat(q), T.unary("log", a))), below)


def _instance(name: str, args: list[Term], unfolded: bool) -> Term:
    exponent = build.rational(args[1]) if name == "pow" else None
    if exponent is not None:
        return _fixed_power(args[0], exponent)
    names, term = _unfolded_body(name) if unfolded else body(name)
    values = dict(zip(names, args, strict=True))
    done: dict[Term, Term] = {}
    for s in T.postorder(term):
        done[s] = values[str(s.args[0])] if s.op == "var" else _rebuild(s, done)
    return done[term]


@cache
def _unfolded_body(name: str) -> tuple[tuple[str, ...], Term]:
    names, term = body(name)
    return names, unfold(term)


def unfold(term: Term) -> Term:
    """``term`` with every defined function replaced by its definition; cited functions stay."""
    done: dict[Term, Term] = {}
    for s in T.postorder(term):
        if s.op == "app" and is_defined(str(s.args[0])):
            done[s] = _instance(str(s.args[0]), [done[a] for a in s.terms], True)
        else:
            done[s] = _rebuild(s, done)
    return done[term]


def unfold_ops(term: Term) -> Term:
    """``term`` with the ops of the catalogue replaced by their formulas; ``tanh``, ``log1p`` and the like stay."""
    done: dict[Term, Term] = {}
    for s in T.postorder(term):
        name = str(s.args[0]) if s.op == "app" else ""
        if name and name not in DEFINED and catalogue.has(name):
            done[s] = unfold_ops(_instance(name, [done[a] for a in s.terms], False))
        else:
            done[s] = T.rebuild(s, done)
    return done[term]
