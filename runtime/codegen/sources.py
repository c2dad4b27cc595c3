"""Op declarations of the spec to :class:`~.functions.Source`.

The only module here that touches SymPy, through the strict walk.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hasderiv.proofs.kernel.terms import Literal, Term, postorder
from hasderiv.proofs.language.definitions import unfold_ops
from hasderiv.proofs.language.from_sympy import surface
from hasderiv.proofs.language.parser import parse, parse_condition

from .evaluate import constant
from .functions import Source

INFINITIES = {"oo": float("inf"), "-oo": float("-inf")}


def serialise(t: Term) -> str:
    """A Term as text that depends on its structure alone: one node a line, operands by line number."""
    number: dict[Term, int] = {}
    lines: list[str] = []
    for s in postorder(t):
        words = [str(number[a]) if type(a) is Term else f"'{a}'" for a in s.args]
        number[s] = len(lines)
        lines.append(" ".join([s.op, *words]))
    return "\n".join(lines) + "\n"


def _limit(text: str | None) -> float | None:
    if text is None or not text.strip():
        return None
    if text.strip() in INFINITIES:
        return INFINITIES[text.strip()]
    t = parse(text)
    value = None if t.free else constant(t)
    return None if value is None else float(value)


def _value(text: str, names: tuple[str, ...]) -> Term | float:
    return INFINITIES[text] if text in INFINITIES else parse(text, names)


def _default(value: Any) -> Fraction | None:
    return Fraction(value) if isinstance(value, int | Fraction) else None


def from_spec(op: Any) -> Source:
    """The source of an ``OpSpec``."""
    symbols = (*op.inputs, *op.params)
    formula = unfold_ops(surface(op, "formula"))
    derivative: dict[str, Term] = {}
    stable_derivative: dict[str, Term] = {}
    conventions: dict[str, tuple[tuple[tuple[Literal, ...], Term | float], ...]] = {}
    for name in symbols:
        if op.derivative.get(name) is not None:
            derivative[name] = unfold_ops(surface(op, ("derivative", name)))
        if name in op.stable_derivative:
            stable_derivative[name] = unfold_ops(surface(op, ("stable_derivative", name)))
        cases: list[tuple[tuple[Literal, ...], Term | float]] = []
        for where, value in op.convention_cases(name):
            cases.extend((tuple(conjunct), _value(value, symbols)) for conjunct in parse_condition(where, symbols))
        if cases:
            conventions[name] = tuple(cases)
    assume = [literal for text in op.assume for conjunct in parse_condition(text, symbols) for literal in conjunct]
    limits = {key: (_limit(pair[0]), _limit(pair[1])) for key, pair in op.at_infinity.items()}
    return Source(
        op.name,
        op.inputs,
        {name: _default(value) for name, value in op.params.items()},
        formula,
        formula if op.stable is None else unfold_ops(surface(op, "stable")),
        derivative,
        stable_derivative,
        tuple(assume),
        conventions,
        limits,
        op.smooth,
        op.meaning,
    )


__all__ = ["from_spec", "serialise"]
