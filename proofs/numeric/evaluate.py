"""The value of a term at a point, whether it has one, and its slope along one variable.

Unlike the kernel's total semantics this is the mathematics that a claim speaks of: ``inv(0)`` has no value,
the branch of a conditional that is not taken counts for nothing, and everything else is strict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..kernel.terms import Literal, Term
from . import exact as ex
from .ball import Field, Real, Undefined, Unsure
from .special import apply

__all__ = ["Field", "Kink", "Real", "Undefined", "Unsure", "Valued", "evaluate", "holds", "relation_holds"]


class Kink(Exception):
    """The value is there, but a guard, a floor or a root changes just at the point: no slope by rules."""


class Valued(NamedTuple):
    """A value and, where asked for, the slope along the variable; ``slope`` None stands for an exact 0."""

    value: Real
    slope: Real | None


def relation_holds(relation: str, sign: int | None) -> bool:
    """Whether a number of this sign stands in the relation to 0.

    Raises:
        Unsure: where the sign is not known and matters.
    """
    if sign is None:
        raise Unsure("a comparison that the digits do not decide")
    if relation == ">":
        return sign > 0
    if relation == ">=":
        return sign >= 0
    return (sign == 0) == (relation == "=")


def holds(field: Field, literal: Literal, point: Mapping[str, Real], total: bool = False) -> bool:
    """Whether the literal holds at the point.  A literal without a value raises :class:`Undefined`."""
    return relation_holds(literal.relation, evaluate(field, literal.term, point, total=total).value.sign)


def evaluate(
    field: Field, term: Term, point: Mapping[str, Real], along: str | None = None, total: bool = False
) -> Valued:
    """The value of ``term``, and its slope along the variable ``along`` if one is named.

    With ``total`` the kernel's stand-in 0 takes the place of a value that is missing.

    Raises:
        Undefined: the term has no value at the point.
        Unsure: the digits of ``field`` do not decide.
        Kink: ``along`` is named, and the rules of differentiation do not apply just there.
    """
    done: dict[Term, Valued] = {}
    stack = [term]
    while stack:
        t = stack[-1]
        if t in done:
            stack.pop()
            continue
        if t.op == "cond":
            relation, guard, yes, no = t.args
            assert isinstance(relation, str) and isinstance(guard, Term)
            if guard not in done:
                stack.append(guard)
                continue
            sign = done[guard].value.sign
            branch = yes if relation_holds(relation, sign) else no
            assert isinstance(branch, Term)
            if along is not None and along in guard.free and sign == 0:
                raise Kink("a guard is 0 at the point")
            if branch not in done:
                stack.append(branch)
                continue
            done[t] = done[branch]
            continue
        waiting = [a for a in t.terms if a not in done]
        if waiting:
            stack.extend(reversed(waiting))
            continue
        try:
            done[t] = _node(field, t, [done[a] for a in t.terms], point, along)
        except Undefined:
            if not total:
                raise
            if t.op == "app":
                raise Unsure("a cited function outside its domain") from None
            done[t] = Valued(field.zero, None)
    return done[term]


def _node(field: Field, t: Term, args: list[Valued], point: Mapping[str, Real], along: str | None) -> Valued:
    if t.op == "rat":
        return Valued(field.rational(t.args[0]), None)  # type: ignore[arg-type]
    if t.op == "pi":
        return Valued(field.exactly(ex.PI), None)
    if t.op == "var":
        name = str(t.args[0])
        if name not in point:
            raise Unsure(f"no value for {name}")
        return Valued(point[name], field.one if name == along else None)
    if t.op == "app":
        return _application(field, str(t.args[0]), args)
    if t.op == "pow":
        n = int(t.args[1])  # type: ignore[call-overload]
        value = field.power(args[0].value, n)
        return Valued(value, _times(field, args[0].slope, lambda: _scaled(field, n, field.power(args[0].value, n - 1))))
    if t.op == "add":
        a, b = args
        slope = b.slope if a.slope is None else a.slope if b.slope is None else field.add(a.slope, b.slope)
        return Valued(field.add(a.value, b.value), slope)
    if t.op == "mul":
        a, b = args
        left = _times(field, a.slope, lambda: b.value)
        right = _times(field, b.slope, lambda: a.value)
        slope = right if left is None else left if right is None else field.add(left, right)
        return Valued(field.mul(a.value, b.value), slope)
    if t.op == "d":
        raise Unsure("a tangent has no value at a point")
    return _primitive(field, t.op, args[0])


def _primitive(field: Field, op: str, arg: Valued) -> Valued:
    u = arg.value
    value = field.unary(op, u)
    if arg.slope is None:
        return Valued(value, None)
    if op == "floor":
        if u.exact is not None and field.sub(u, value).sign == 0:
            raise Kink("floor of an integer")
        return Valued(value, None)
    if op == "sqrt" and u.sign == 0:
        raise Kink("sqrt of 0")
    return Valued(value, _times(field, arg.slope, lambda: _outer_slope(field, op, u, value)))


def _outer_slope(field: Field, op: str, u: Real, value: Real) -> Real:
    if op == "inv":
        return _scaled(field, -1, field.mul(value, value))
    if op == "exp":
        return value
    if op == "log":
        return field.inv(u)
    if op == "sin":
        return field.unary("cos", u)
    if op == "cos":
        return _scaled(field, -1, field.unary("sin", u))
    if op == "atan":
        return field.inv(field.add(field.one, field.mul(u, u)))
    if op == "sqrt":
        return field.inv(_scaled(field, 2, value))
    assert op == "erf"
    root = field.inv(field.unary("sqrt", field.exactly(ex.PI)))
    return _scaled(field, 2, field.mul(root, field.unary("exp", _scaled(field, -1, field.mul(u, u)))))


def _application(field: Field, name: str, args: list[Valued]) -> Valued:
    value, partials = apply(field, name, [a.value for a in args])
    slope: Real | None = None
    for a, partial in zip(args, partials, strict=True):
        part = _times(field, a.slope, partial)
        slope = part if slope is None else slope if part is None else field.add(slope, part)
    return Valued(value, slope)


def _scaled(field: Field, n: int, a: Real) -> Real:
    return field.mul(field.rational(n), a)


def _times(field: Field, slope: Real | None, factor: Callable[[], Real]) -> Real | None:
    return None if slope is None else field.mul(slope, factor())
