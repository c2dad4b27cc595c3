"""The ledger of primitive facts: everything the kernel takes from analysis about values.

Each entry is an instance scheme ``premises |- conclusion`` over the real numbers; :data:`LEDGER` is the whole of
it.  Beside it stand what an operation needs to have a value, and the derivatives of the primitive functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import factorial
from typing import Final, NamedTuple

from .conclusions import Holds
from .sums import SUMS
from .terms import ONE, ZERO, KernelError, Literal, Term, add, cond, equal, mul, neg, pi, power, rat, refuse, sub, unary
from .theorems import Theorem, Theorems, conclude, held

HALF_PI: Final = mul(rat(Fraction(1, 2)), pi())
MAX_ORDER: Final = 60

Instance = tuple[list[Literal], Literal]


def _taylor(u: Term, first: int, step: int, count: int, alternate: bool) -> Term:
    """``sum_{k < count} (+-1)^k u^(first + step k) / (first + step k)!``"""
    total = ZERO
    for k in range(count):
        n = first + step * k
        monomial = ONE if n == 0 else u if n == 1 else power(u, n)
        total = add(total, mul(rat(Fraction(-1 if alternate and k % 2 else 1, factorial(n))), monomial))
    return total


def _order(n: int) -> int:
    refuse(1 <= n <= MAX_ORDER, f"the order must be from 1 to {MAX_ORDER}")
    return n


def _exp_taylor(n: int, u: Term) -> Instance:
    """``exp(u) >= 1 + u + ... + u^n/n!`` for odd ``n``: Lagrange's remainder has an even power."""
    refuse(_order(n) % 2 == 1, "exp_taylor: the order must be odd")
    return [], Literal(">=", sub(unary("exp", u), _taylor(u, 0, 1, n + 1, False)))


def _sin_taylor(n: int, u: Term) -> Instance:
    """``u >= 0 |- (-1)^n (sin u - sum of the first n terms) >= 0``."""
    gap = sub(unary("sin", u), _taylor(u, 1, 2, _order(n), True))
    return [Literal(">=", u)], Literal(">=", gap if n % 2 == 0 else neg(gap))


def _cos_taylor(n: int, u: Term) -> Instance:
    """``(-1)^n (cos u - sum of the first n terms) >= 0``."""
    gap = sub(unary("cos", u), _taylor(u, 0, 2, _order(n), True))
    return [], Literal(">=", gap if n % 2 == 0 else neg(gap))


class Fact(NamedTuple):
    """A scheme: how many terms it takes, whether an integer comes first, and what it then says."""

    arity: int
    order: bool
    instance: Callable[..., Instance]
    statement: str


def _one(statement: str, make: Callable[[Term], Instance]) -> Fact:
    return Fact(1, False, make, statement)


def _two(statement: str, make: Callable[[Term, Term], Instance]) -> Fact:
    return Fact(2, False, make, statement)


def _exp(u: Term) -> Term:
    return unary("exp", u)


def _log(u: Term) -> Term:
    return unary("log", u)


def _sin(u: Term) -> Term:
    return unary("sin", u)


def _cos(u: Term) -> Term:
    return unary("cos", u)


def _atan(u: Term) -> Term:
    return unary("atan", u)


def _erf(u: Term) -> Term:
    return unary("erf", u)


_PI_LOW: Final = rat(Fraction(314159265358979323846264338327, 10**29))
_PI_HIGH: Final = rat(Fraction(314159265358979323846264338328, 10**29))

LEDGER: Final[dict[str, Fact]] = {
    "inv": _one("u != 0 |- u inv(u) = 1", lambda u: ([Literal("!=", u)], equal(mul(u, unary("inv", u)), ONE))),
    "exp_pos": _one("exp(u) > 0", lambda u: ([], Literal(">", _exp(u)))),
    "exp_zero": Fact(0, False, lambda: ([], equal(_exp(ZERO), ONE)), "exp(0) = 1"),
    "exp_add": _two("exp(u + v) = exp(u) exp(v)", lambda u, v: ([], equal(_exp(add(u, v)), mul(_exp(u), _exp(v))))),
    "exp_taylor": Fact(1, True, _exp_taylor, "exp(u) >= 1 + u + ... + u^n/n!, n odd"),
    "exp_log": _one("u > 0 |- exp(log(u)) = u", lambda u: ([Literal(">", u)], equal(_exp(_log(u)), u))),
    "log_exp": _one("log(exp(u)) = u", lambda u: ([], equal(_log(_exp(u)), u))),
    "sqrt_square": _one(
        "u >= 0 |- sqrt(u)^2 = u", lambda u: ([Literal(">=", u)], equal(power(unary("sqrt", u), 2), u))
    ),
    "sqrt_nonneg": _one("sqrt(u) >= 0", lambda u: ([], Literal(">=", unary("sqrt", u)))),
    "sin_cos": _one("sin(u)^2 + cos(u)^2 = 1", lambda u: ([], equal(add(power(_sin(u), 2), power(_cos(u), 2)), ONE))),
    "sin_add": _two(
        "sin(u + v) = sin(u) cos(v) + cos(u) sin(v)",
        lambda u, v: ([], equal(_sin(add(u, v)), add(mul(_sin(u), _cos(v)), mul(_cos(u), _sin(v))))),
    ),
    "cos_add": _two(
        "cos(u + v) = cos(u) cos(v) - sin(u) sin(v)",
        lambda u, v: ([], equal(_cos(add(u, v)), sub(mul(_cos(u), _cos(v)), mul(_sin(u), _sin(v))))),
    ),
    "sin_odd": _one("sin(-u) = -sin(u)", lambda u: ([], equal(_sin(neg(u)), neg(_sin(u))))),
    "cos_even": _one("cos(-u) = cos(u)", lambda u: ([], equal(_cos(neg(u)), _cos(u)))),
    "cos_zero": Fact(0, False, lambda: ([], equal(_cos(ZERO), ONE)), "cos(0) = 1"),
    "sin_half_pi": Fact(0, False, lambda: ([], equal(_sin(HALF_PI), ONE)), "sin(pi/2) = 1"),
    "sin_pos": _one(
        "u > 0, pi - u > 0 |- sin(u) > 0",
        lambda u: ([Literal(">", u), Literal(">", sub(pi(), u))], Literal(">", _sin(u))),
    ),
    "sin_taylor": Fact(1, True, _sin_taylor, "u >= 0 |- (-1)^n (sin(u) - n terms of its series) >= 0"),
    "cos_taylor": Fact(1, True, _cos_taylor, "(-1)^n (cos(u) - n terms of its series) >= 0"),
    "pi_low": Fact(0, False, lambda: ([], Literal(">", sub(pi(), _PI_LOW))), "pi > 3.14159265358979323846264338327"),
    "pi_high": Fact(0, False, lambda: ([], Literal(">", sub(_PI_HIGH, pi()))), "pi < 3.14159265358979323846264338328"),
    "atan_tan": _one("sin(atan(u)) = u cos(atan(u))", lambda u: ([], equal(_sin(_atan(u)), mul(u, _cos(_atan(u)))))),
    "atan_cos": _one("cos(atan(u)) > 0", lambda u: ([], Literal(">", _cos(_atan(u))))),
    "atan_low": _one("atan(u) > -pi/2", lambda u: ([], Literal(">", add(_atan(u), HALF_PI)))),
    "atan_high": _one("atan(u) < pi/2", lambda u: ([], Literal(">", sub(HALF_PI, _atan(u))))),
    "tan_atan": _two(
        "cos(u) > 0, u > -pi/2, u < pi/2, v cos(u) = sin(u) |- atan(v) = u",
        lambda u, v: (
            [
                Literal(">", _cos(u)),
                Literal(">", add(u, HALF_PI)),
                Literal(">", sub(HALF_PI, u)),
                equal(mul(v, _cos(u)), _sin(u)),
            ],
            equal(_atan(v), u),
        ),
    ),
    "erf_odd": _one("erf(-u) = -erf(u)", lambda u: ([], equal(_erf(neg(u)), neg(_erf(u))))),
    "erf_pos": _one("u > 0 |- erf(u) > 0", lambda u: ([Literal(">", u)], Literal(">", _erf(u)))),
    "erf_high": _one("erf(u) < 1", lambda u: ([], Literal(">", sub(ONE, _erf(u))))),
    "floor_low": _one("floor(u) <= u", lambda u: ([], Literal(">=", sub(u, unary("floor", u))))),
    "floor_high": _one("u < floor(u) + 1", lambda u: ([], Literal(">", sub(add(unary("floor", u), ONE), u)))),
    **{name: Fact(arity, False, instance, statement) for name, (arity, instance, statement) in SUMS.items()},
}


OBLIGATION: Final = {"inv": "!=", "log": ">", "sqrt": ">="}
"""The relation to 0 of the operand without which an operation has no value."""


def _inverse(u: Term) -> Term:
    return unary("inv", u)


def _bell(u: Term) -> Term:
    return mul(rat(2), mul(_inverse(unary("sqrt", pi())), unary("exp", neg(power(u, 2)))))


DERIVATIVES: Final[dict[str, tuple[str | None, Callable[[Term], Term]]]] = {
    "inv": ("!=", lambda u: neg(power(_inverse(u), 2))),
    "exp": (None, lambda u: unary("exp", u)),
    "log": (">", _inverse),
    "sin": (None, lambda u: unary("cos", u)),
    "cos": (None, lambda u: neg(unary("sin", u))),
    "atan": (None, lambda u: _inverse(add(ONE, power(u, 2)))),
    "erf": (None, _bell),
    "sqrt": (">", lambda u: _inverse(mul(rat(2), unary("sqrt", u)))),
    "floor": ("!=", lambda u: ZERO),
}
"""The derivative of each primitive function, and the relation to 0 of its operand ``u`` (for ``floor``, of
``u - floor(u)``) that describes the open set on which it is differentiable."""


def fact(name: str, orders: Sequence[int], terms: Sequence[Term], premises: Theorems) -> Theorem:
    """::

     H |- premises of the scheme
    -----------------------------   (an entry of the ledger)
      H |- its conclusion
    """
    entry = LEDGER.get(name)
    if entry is None:
        raise KernelError(f"no entry named {name[:40]!r} in the ledger")
    refuse(len(terms) == entry.arity and len(orders) == int(entry.order), f"{name}: wrong number of arguments")
    needs, conclusion = entry.instance(*orders, *terms)
    shown = [held(th) for th in premises]
    refuse(shown == needs, f"{name}: the premises are not those that the scheme asks for")
    return conclude(Holds(conclusion), premises)


def conditional(guard: Literal, a: Term, b: Term, premise: Theorem) -> Theorem:
    """::

                 H |- l                            H |- not l
           --------------------------        --------------------------
            H |- (a if l else b) = a          H |- (a if l else b) = b

    The meaning of a conditional.
    """
    fact_ = held(premise)
    refuse(fact_ in (guard, guard.negation), "the premise does not decide the guard")
    taken = a if fact_ == guard else b
    return conclude(Holds(equal(cond(guard.relation, guard.term, a, b), taken)), (premise,))
