"""Smart constructors of surface terms: literal arithmetic, powers, comparisons, case distinctions.

The parser and the walk over SymPy trees both build their terms here, so that ``x**(1/2)`` means the
same in both.  Arithmetic on *literal* rationals is carried out; nothing else is ever simplified:
``x/x`` stays ``x * (1/x)`` and keeps its domain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..kernel import terms as T
from ..kernel.terms import Literal, Term

UNDEFINED = T.unary("inv", T.ZERO)  # the value of a Piecewise that has no branch left
MAX_DISJUNCTS = 256


class BuildError(ValueError):
    """A term or condition that is too large, or a power outside the language."""


def rational(t: Term) -> Fraction | None:
    """The value of a literal rational number, else None."""
    value = t.args[0] if t.op == "rat" else None
    return value if isinstance(value, Fraction) else None


def number(value: int | Fraction) -> Term:
    """The literal ``value``; too many digits are a :class:`BuildError`."""
    try:
        return T.rat(value)
    except T.KernelError as error:
        raise BuildError(str(error)) from None


def add(a: Term, b: Term) -> Term:
    """``a + b``; two literals are added."""
    p, q = rational(a), rational(b)
    return number(p + q) if p is not None and q is not None else T.add(a, b)


def mul(a: Term, b: Term) -> Term:
    """``a * b``; two literals are multiplied."""
    p, q = rational(a), rational(b)
    return number(p * q) if p is not None and q is not None else T.mul(a, b)


def neg(a: Term) -> Term:
    """``-a``."""
    p = rational(a)
    return number(-p) if p is not None else T.neg(a)


def sub(a: Term, b: Term) -> Term:
    """``a - b``."""
    return add(a, neg(b))


def inv(a: Term) -> Term:
    """``1/a``; ``1/0`` stays and is undefined."""
    p = rational(a)
    return number(1 / p) if p else T.unary("inv", a)


def div(a: Term, b: Term) -> Term:
    """``a / b``; ``1/b`` is ``inv(b)`` itself."""
    return inv(b) if a is T.ONE else mul(a, inv(b))


def _integer_power(a: Term, n: int) -> Term:
    if n == 0:  # 1, but defined only where a is
        return T.ONE if rational(a) is not None else T.add(T.mul(T.ZERO, a), T.ONE)
    if n < 0:
        return inv(_integer_power(a, -n))
    if n == 1:
        return a
    p = rational(a)
    if n > T.MAX_POWER and (p is None or abs(p) != 1):
        raise BuildError(f"a power beyond {T.MAX_POWER} is too large")
    if p is not None:
        if max(p.numerator.bit_length(), p.denominator.bit_length()) * n > 4 * T.MAX_DIGITS:
            raise BuildError("the power has too many digits")
        return number(p**n if n <= T.MAX_POWER else p ** (n % 2))
    return T.power(a, n)


def power(a: Term, b: Term) -> Term:
    """``a**b`` over the reals.

    A literal integer exponent gives a power or its inverse (``a**0`` is ``0*a + 1``, which keeps the
    domain of ``a``); a literal half-integer a power of ``sqrt(a)``; a positive literal base ``c``
    or pi gives ``exp(b*log(c))``; ``e**b`` is ``exp(b)``; everything else is the defined function ``pow``.
    """
    q = rational(b)
    if q is not None and q.denominator == 1:
        return _integer_power(a, q.numerator)
    if q is not None and q.denominator == 2:
        return _integer_power(T.unary("sqrt", a), q.numerator)
    p = rational(a)
    if a.op == "exp" and a.args[0] is T.ONE:
        return T.unary("exp", b)
    if a.op == "pi" or (p is not None and p > 0):
        return T.unary("exp", T.mul(b, T.unary("log", a)))
    return T.app("pow", a, b)


@dataclass(frozen=True)
class Condition:
    """A condition: ``kind`` is lit, and, or, not, true or false."""

    kind: str
    literal: Literal | None = None
    parts: tuple[Condition, ...] = ()


TRUE = Condition("true")
FALSE = Condition("false")


def compare(a: Term, relation: str, b: Term) -> Condition:
    """``a relation b`` with a relation of ``< <= > >= == !=``."""
    if relation in ("<", "<="):
        a, relation, b = b, {"<": ">", "<=": ">="}[relation], a
    difference = a if b is T.ZERO else neg(b) if a is T.ZERO else sub(a, b)
    return Condition("lit", Literal("=" if relation == "==" else relation, difference))


def _joined(kind: str, parts: Sequence[Condition]) -> Condition:
    flat = tuple(q for p in parts for q in (p.parts if p.kind == kind else (p,)))
    if len(flat) > MAX_DISJUNCTS:
        raise BuildError(f"the condition has more than {MAX_DISJUNCTS} parts")
    return flat[0] if len(flat) == 1 else Condition(kind, None, flat)


def conjunction(parts: Sequence[Condition]) -> Condition:
    """All of the parts."""
    return _joined("and", parts)


def disjunction(parts: Sequence[Condition]) -> Condition:
    """At least one of the parts."""
    return _joined("or", parts)


def negation(part: Condition) -> Condition:
    """Not the part."""
    return Condition("not", None, (part,))


def choose(c: Condition, a: Term, b: Term) -> Term:
    """``a`` where ``c`` holds, else ``b``, as nested ``cond``."""
    if c.literal is not None:
        return T.cond(c.literal.relation, c.literal.term, a, b)
    if c.kind == "not":
        return choose(c.parts[0], b, a)
    if c.kind == "and":
        for part in reversed(c.parts):
            a = choose(part, a, b)
        return a
    if c.kind == "or":
        for part in reversed(c.parts):
            b = choose(part, a, b)
        return b
    return a if c.kind == "true" else b


def piecewise(cases: Sequence[tuple[Term, Condition]]) -> Term:
    """The value of the first case whose condition holds, undefined where none does."""
    result = UNDEFINED
    for value, condition in reversed(cases):
        result = choose(condition, value, result)
    return result


def dnf(c: Condition, positive: bool = True) -> list[list[Literal]]:
    """The condition as a disjunction of conjunctions of literals: ``[]`` never holds, ``[[]]`` always."""
    if c.literal is not None:
        return [[c.literal if positive else c.literal.negation]]
    if c.kind == "not":
        return dnf(c.parts[0], not positive)
    if c.kind in ("true", "false"):
        return [[]] if (c.kind == "true") == positive else []
    parts = [dnf(p, positive) for p in c.parts]
    if (c.kind == "or") == positive:
        return [conjunct for part in parts for conjunct in part]
    result: list[list[Literal]] = [[]]
    for part in parts:
        result = [left + [x for x in right if x not in left] for left in result for right in part]
        if len(result) > MAX_DISJUNCTS:
            raise BuildError(f"the condition has more than {MAX_DISJUNCTS} cases")
    return result


def cited(name: str, args: Sequence[Term]) -> Term:
    """A special function; the digamma and trigamma functions have one spelling each."""
    if name == "polygamma" and args[0] is T.ZERO:
        return T.app("digamma", args[1])
    if name == "trigamma":
        return T.app("polygamma", T.ONE, args[0])
    return T.app(name, *args)


def nary(name: str, args: Sequence[Term]) -> Term:
    """``max`` or ``min`` of one or more terms, from the left."""
    result = args[0]
    for a in args[1:]:
        result = T.app(name, result, a)
    return result
