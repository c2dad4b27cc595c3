"""Facts about finite sums and maxima, part of the ledger of :mod:`.facts`: linearity, exchange, deltas, counting.

``k`` is the variable that counts, a name for the reader: it is bound in the conclusion.  Where it must not occur, the
scheme refuses, since the binder would capture it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .terms import ONE, ZERO, Literal, Term, add, bind, cond, equal, mul, refuse, sub, substitute, unary

Instance = tuple[list[Literal], Literal]


def counts(u: Term, n: Term) -> list[Literal]:
    """``u`` is a natural number less than ``n``."""
    return [Literal(">=", u), Literal(">", sub(n, u)), equal(unary("floor", u), u)]


def _apart(k: Term, *terms: Term) -> None:
    refuse(all(k.free.isdisjoint(t.free) for t in terms), "a bound variable occurs where it must not")


def _sum(k: Term, n: Term, a: Term) -> Term:
    return bind("sum", k, n, a)


def _linear(k: Term, n: Term, c: Term, a: Term, b: Term) -> Instance:
    _apart(k, c)
    return [], equal(_sum(k, n, add(mul(c, a), b)), add(mul(c, _sum(k, n, a)), _sum(k, n, b)))


def _swap(j: Term, m: Term, k: Term, n: Term, a: Term) -> Instance:
    _apart(j, k, n)
    _apart(k, m)
    return [], equal(_sum(j, m, _sum(k, n, a)), _sum(k, n, _sum(j, m, a)))


def _delta(k: Term, n: Term, u: Term, a: Term) -> Instance:
    _apart(k, u)
    single = _sum(k, n, cond("=", sub(k, u), a, ZERO))
    return counts(u, n), equal(single, substitute(a, {k.symbol: u}))


def _count(k: Term, n: Term) -> Instance:
    return [Literal(">=", n), equal(unary("floor", n), n)], equal(_sum(k, n, ONE), n)


def _upper(k: Term, n: Term, u: Term, a: Term) -> Instance:
    greatest = bind("max", k, n, a)
    return counts(u, n), Literal(">=", sub(greatest, substitute(a, {k.symbol: u})))


SUMS: Final[dict[str, tuple[int, Callable[..., Instance], str]]] = {
    "sum_linear": (5, _linear, "sum_(k < n) (c a + b) = c sum_(k < n) a + sum_(k < n) b, no k in c"),
    "sum_swap": (5, _swap, "sum_(j < m) sum_(k < n) a = sum_(k < n) sum_(j < m) a, no j in n, no k in m"),
    "sum_delta": (4, _delta, "u natural, u < n |- sum_(k < n) (a if k = u else 0) = a[k := u], no k in u"),
    "sum_count": (2, _count, "n natural |- sum_(k < n) 1 = n"),
    "max_upper": (4, _upper, "u natural, u < n |- max_(k < n) a >= a[k := u]"),
}
