"""The second ledger: facts about special functions that are cited, not proved.

Each function has an open domain, on which it is continuously differentiable in the places that have a
derivative here, and identities that hold there.  Every theorem that uses an entry names it in ``cites``; the
numbers are those of the NIST Digital Library of Mathematical Functions (DLMF).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from .algebra import Rate, plus, times
from .conclusions import Holds, Vary
from .terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    KernelError,
    Literal,
    Term,
    add,
    app,
    mul,
    neg,
    pi,
    power,
    rat,
    refuse,
    sub,
    unary,
)
from .theorems import Premises, Theorem, Theorems, conclude, held

HALF: Final = rat(Fraction(1, 2))


class Cited(NamedTuple):
    """A function: its arity, its domain, its derivative in each place (or ``None``), and where they are stated."""

    arity: int
    domain: Callable[..., list[Literal]]
    partials: tuple[Callable[..., Term] | None, ...]
    source: str


class Identity(NamedTuple):
    """``premises |- conclusion``, with the functions whose entries it belongs to and its source."""

    arity: int
    instance: Callable[..., tuple[list[Literal], Literal]]
    source: str


def _positive(*terms: Term) -> list[Literal]:
    return [Literal(">", t) for t in terms]


def _everywhere(*_: Term) -> list[Literal]:
    return []


def _over(a: Term, b: Term) -> Term:
    return mul(a, unary("inv", b))


def _inside(u: Term) -> list[Literal]:
    return [Literal(">", add(ONE, u)), Literal(">", sub(ONE, u))]


def _half_difference(name: str, n: Term, x: Term) -> Term:
    return mul(HALF, sub(app(name, sub(n, ONE), x), app(name, add(n, ONE), x)))


def _integer_order(n: Term) -> list[Literal]:
    return [Literal("=", sub(unary("floor", n), n))]


def _incomplete(a: Term, x: Term) -> Term:
    return mul(unary("exp", mul(sub(a, ONE), unary("log", x))), unary("exp", neg(x)))


FUNCTIONS: Final[dict[str, Cited]] = {
    "gamma": Cited(1, _positive, (lambda x: mul(app("gamma", x), app("digamma", x)),), "DLMF 5.2.2"),
    "loggamma": Cited(1, _positive, (lambda x: app("digamma", x),), "DLMF 5.2.2"),
    "digamma": Cited(1, _positive, (lambda x: app("polygamma", ONE, x),), "DLMF 5.15"),
    "polygamma": Cited(
        2,
        lambda n, x: [Literal(">", x), Literal(">=", n), *_integer_order(n)],
        (None, lambda n, x: app("polygamma", add(n, ONE), x)),
        "DLMF 5.15",
    ),
    "beta": Cited(
        2,
        _positive,
        (
            lambda a, b: mul(app("beta", a, b), sub(app("digamma", a), app("digamma", add(a, b)))),
            lambda a, b: mul(app("beta", a, b), sub(app("digamma", b), app("digamma", add(a, b)))),
        ),
        "DLMF 5.12.1, 5.2.2",
    ),
    "lowergamma": Cited(2, _positive, (None, _incomplete), "DLMF 8.8.13"),
    "uppergamma": Cited(2, _positive, (None, lambda a, x: neg(_incomplete(a, x))), "DLMF 8.8.13"),
    "zeta": Cited(
        2,
        lambda s, x: [Literal(">", sub(s, ONE)), Literal(">", x)],
        (None, lambda s, x: neg(mul(s, app("zeta", add(s, ONE), x)))),
        "DLMF 25.11.17",
    ),
    "besselj": Cited(
        2, lambda n, x: _integer_order(n), (None, lambda n, x: _half_difference("besselj", n, x)), "DLMF 10.6.1"
    ),
    "bessely": Cited(
        2, lambda n, x: _positive(x), (None, lambda n, x: _half_difference("bessely", n, x)), "DLMF 10.6.1"
    ),
    "besseli": Cited(
        2,
        lambda n, x: _integer_order(n),
        (None, lambda n, x: mul(HALF, add(app("besseli", sub(n, ONE), x), app("besseli", add(n, ONE), x)))),
        "DLMF 10.29.1",
    ),
    "besselk": Cited(
        2,
        lambda n, x: _positive(x),
        (None, lambda n, x: neg(mul(HALF, add(app("besselk", sub(n, ONE), x), app("besselk", add(n, ONE), x))))),
        "DLMF 10.29.1",
    ),
    "erfinv": Cited(
        1,
        _inside,
        (lambda x: mul(mul(HALF, unary("sqrt", pi())), unary("exp", power(app("erfinv", x), 2))),),
        "DLMF 7.17.1",
    ),
    "erfcinv": Cited(
        1,
        lambda x: [Literal(">", x), Literal(">", sub(rat(2), x))],
        (lambda x: neg(mul(mul(HALF, unary("sqrt", pi())), unary("exp", power(app("erfcinv", x), 2)))),),
        "DLMF 7.17.1",
    ),
}


def _recurrence(name: str, sign: Term) -> Identity:
    """``C(n-1, x) + sign C(n+1, x) = 2 n/x C(n, x)`` for an integer ``n`` and ``x != 0``."""

    def instance(n: Term, x: Term) -> tuple[list[Literal], Literal]:
        left = add(app(name, sub(n, ONE), x), mul(sign, app(name, add(n, ONE), x)))
        right = mul(_over(mul(rat(2), n), x), app(name, n, x))
        return [Literal("!=", x), *_integer_order(n)], Literal("=", sub(left, right))

    return Identity(2, instance, "DLMF 10.6.1" if sign is ONE else "DLMF 10.29.1")


def _reflection(name: str, sign: Term, source: str) -> Identity:
    """``C(-n, x) = sign^n C(n, x)`` for an integer ``n``, here for ``n = 1``."""
    return Identity(
        1,
        lambda x: ([], Literal("=", sub(app(name, MINUS_ONE, x), mul(sign, app(name, ONE, x))))),
        source,
    )


def _value(name: str, order: int, value: Term, source: str) -> Identity:
    return Identity(0, lambda: ([], Literal("=", sub(app(name, rat(order), ZERO), value))), source)


IDENTITIES: Final[dict[str, Identity]] = {
    "gamma_pos": Identity(1, lambda x: (_positive(x), Literal(">", app("gamma", x))), "DLMF 5.2.1"),
    "beta_pos": Identity(2, lambda a, b: (_positive(a, b), Literal(">", app("beta", a, b))), "DLMF 5.12.1"),
    "gamma_exp": Identity(
        1,
        lambda x: (_positive(x), Literal("=", sub(app("gamma", x), unary("exp", app("loggamma", x))))),
        "DLMF 5.2.1",
    ),
    "beta_gamma": Identity(
        2,
        lambda a, b: (
            _positive(a, b),
            Literal("=", sub(mul(app("beta", a, b), app("gamma", add(a, b))), mul(app("gamma", a), app("gamma", b)))),
        ),
        "DLMF 5.12.1",
    ),
    "digamma_step": Identity(
        1,
        lambda x: (
            _positive(x),
            Literal("=", sub(app("digamma", add(x, ONE)), add(app("digamma", x), unary("inv", x)))),
        ),
        "DLMF 5.5.2",
    ),
    "besselj_step": _recurrence("besselj", ONE),
    "bessely_step": _recurrence("bessely", ONE),
    "besseli_step": _recurrence("besseli", MINUS_ONE),
    "besselj_minus": _reflection("besselj", MINUS_ONE, "DLMF 10.4.1"),
    "bessely_minus": _reflection("bessely", MINUS_ONE, "DLMF 10.4.1"),
    "besseli_minus": _reflection("besseli", ONE, "DLMF 10.27.1"),
    "besselk_minus": _reflection("besselk", ONE, "DLMF 10.27.3"),
    "besseli_zero_0": _value("besseli", 0, ONE, "DLMF 10.25.2"),
    "besseli_zero_1": _value("besseli", 1, ZERO, "DLMF 10.25.2"),
    "besseli_zero_2": _value("besseli", 2, ZERO, "DLMF 10.25.2"),
    "besselj_zero_0": _value("besselj", 0, ONE, "DLMF 10.2.2"),
    "besselj_zero_1": _value("besselj", 1, ZERO, "DLMF 10.2.2"),
    "besselj_zero_2": _value("besselj", 2, ZERO, "DLMF 10.2.2"),
}


def _entry(t: Term) -> Cited:
    entry = FUNCTIONS.get(str(t.args[0]))
    if entry is None or entry.arity != len(t.terms):
        raise KernelError(f"cited: no function {t.args[0]} of {len(t.terms)} arguments in the ledger of cited facts")
    return entry


def domain(t: Term) -> tuple[str, list[Literal]]:
    """What a theorem cites for ``t = f(u, ...)``, and the literals that put ``u`` in the domain of ``f``."""
    entry = _entry(t)
    return f"{t.args[0]}: {entry.source}", entry.domain(*t.terms)


def partial(t: Term, i: int) -> Term | None:
    """The cited derivative of ``t = f(u, ...)`` in place ``i``, where there is one."""
    rule = _entry(t).partials[i]
    return None if rule is None else rule(*t.terms)


def cited_domain(t: Term, premises: Premises) -> None:
    """Refuse a cited function ``t`` unless its operands are shown to lie in its domain; what says so is cited."""
    source, literals = domain(t)
    refuse(all(premises.shows(*need) for need in literals), f"not shown: the domain of {source}")
    premises.cites.add(source)


def cited_function(vary: Vary, t: Term, du: Sequence[Rate]) -> Rate:
    """::

            H; V |- u_i ~> du_i    H |- the cited domain
           ----------------------------------------------   (facts of the second ledger)
              H; V |- f(u) ~> sum_i d_i f(u) du_i

    The cited facts say that ``f`` is continuously differentiable on its open domain in the places for which
    they give a derivative; in all others the operand must not vary.  The theorem names them as assumptions.
    """
    whole: Rate = ZERO
    for i, u in enumerate(t.terms):
        if not vary.isdisjoint(u.free):
            rate = partial(t, i)
            refuse(rate is not None, f"no derivative of {t.args[0]} is cited in place {i + 1}")
            whole = plus(whole, times(rate, du[i]))
    return whole


def cite(name: str, terms: Sequence[Term], premises: Theorems) -> Theorem:
    """::

     H |- premises of the identity
    --------------------------------   (an entry of this ledger)
       H |- its conclusion
    """
    entry = IDENTITIES.get(name)
    if entry is None:
        raise KernelError(f"no identity named {name[:40]!r} in the ledger of cited facts")
    refuse(len(terms) == entry.arity, f"{name}: wrong number of arguments")
    needs, conclusion = entry.instance(*terms)
    refuse([held(th) for th in premises] == needs, f"{name}: the premises are not those asked for")
    return conclude(Holds(conclusion), premises, cites=frozenset({f"{name}: {entry.source}"}))
