"""A term at a float, by Arb: a ball that contains the true value, as small as is asked for.

Needs python-flint.  The term is the one whose derivative was proved, unfolded to the base language.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from hasderiv.proofs.kernel.terms import Term

PRECISIONS: Final = (128, 512, 4096, 32768)
ACCURACY: Final = 90
"""Bits that a ball must have."""


class Undecided(Exception):
    """No precision decided a comparison or gave enough bits."""


def value(term: Term, values: dict[str, float | Fraction]) -> Any:
    """The ball of a term at exact numbers; None where it has no value.  Raises :class:`Undecided`."""
    import flint

    for precision in PRECISIONS:
        with flint.ctx.workprec(precision):
            try:
                ball = _value(term, {name: _number(v) for name, v in values.items()})
            except Undecided:
                continue
            if ball is None or ball.is_exact() or ball.rel_accuracy_bits() >= ACCURACY:
                return ball
            if ball.contains(0) and abs(ball) < flint.arb(2) ** -2000:
                return flint.arb(0)
    raise Undecided


def _number(v: float | Fraction) -> Any:
    import flint

    if isinstance(v, Fraction):
        return flint.arb(flint.fmpq(v.numerator, v.denominator))
    return flint.arb(v)


def _value(term: Term, values: dict[str, Any]) -> Any:
    done: dict[Term, Any] = {}
    stack = [term]
    while stack:
        t = stack[-1]
        if t in done:
            stack.pop()
            continue
        if t.op == "cond":
            test = t.terms[0]
            if test not in done:
                stack.append(test)
                continue
            if done[test] is None:
                done[t] = None
                continue
            needed = (t.terms[1 if _holds(str(t.args[0]), done[test]) else 2],)
        else:
            needed = t.terms
        missing = [a for a in needed if a not in done]
        if missing:
            stack.extend(missing)
            continue
        below = [done[a] for a in needed]
        done[t] = None if any(b is None for b in below) else below[0] if t.op == "cond" else _node(t, below, values)
    return done[term]


def _holds(relation: str, ball: Any) -> bool:
    if relation in (">", ">="):
        if ball > 0 or (relation == ">=" and ball >= 0):
            return True
        if ball < 0 or (relation == ">" and ball <= 0):
            return False
    elif ball.is_zero() or not ball.contains(0):
        return bool(ball.is_zero() == (relation == "="))
    raise Undecided


def _node(t: Term, below: list[Any], values: dict[str, Any]) -> Any:
    import flint

    if t.op == "rat":
        q = t.args[0]
        assert isinstance(q, Fraction)
        return flint.arb(flint.fmpq(q.numerator, q.denominator))
    if t.op == "var":
        return values[str(t.args[0])]
    if t.op == "pi":
        return flint.arb.pi()
    if t.op == "add":
        return below[0] + below[1]
    if t.op == "mul":
        return below[0] * below[1]
    a = below[0]
    if t.op == "pow":
        return a ** int(str(t.args[1]))
    if t.op == "inv":
        return None if _holds("=", a) else 1 / a
    if t.op == "log":
        return a.log() if _holds(">", a) else None
    if t.op == "sqrt":
        return a.sqrt() if _holds(">=", a) else None
    if t.op == "floor":
        whole = a.floor()
        if not whole.is_exact():
            raise Undecided
        return whole
    return getattr(a, t.op)()
