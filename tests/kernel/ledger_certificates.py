"""A certificate for each entry of the ledgers, and for the derivative of each primitive and each cited function."""

from __future__ import annotations

from collections.abc import Iterator

from hasderiv.proofs.kernel import cited, facts
from hasderiv.proofs.kernel.terms import UNARY, app, var
from hasderiv.proofs.kernel.theorems import Theorem

from .kit import RECORDER, given, local, rule, sub, unary, x

LETTERS = [var(name) for name in "pqrst"]
ORDERS = ([1], [7], [59])


def theorems() -> Iterator[tuple[str, Theorem]]:
    """Each entry used once, by name; of a series, the first, a middle and the last order."""
    for name, entry in facts.LEDGER.items():
        for order in ORDERS if entry.order else ([],):
            terms = LETTERS[: entry.arity]
            needs, _ = entry.instance(*order, *terms)
            yield name, rule("fact", name, order, terms, [rule("assume", need) for need in needs])
    for name, identity in cited.IDENTITIES.items():
        terms = LETTERS[: identity.arity]
        needs, _ = identity.instance(*terms)
        yield name, rule("cite", name, terms, [rule("assume", need) for need in needs])
    for name, function in cited.FUNCTIONS.items():
        t = app(name, *LETTERS[: function.arity])
        sides = [rule("assume", need) for need in cited.domain(t)[1]]
        places = [p.free for p, partial in zip(t.terms, function.partials, strict=True) if partial is not None]
        for vary in sorted({frozenset[str]().union(*places), *places}, key=sorted):
            yield name, rule("local", vary, t, sides)
    for op in sorted(UNARY):
        t = unary(op, x)
        relation = facts.DERIVATIVES[op][0]
        sides = [] if relation is None else [given(relation, sub(x, t) if op == "floor" else x)]
        yield op, local(t, *sides)


def certificates() -> list[bytes]:
    """Their certificates."""
    return [RECORDER.write([th], x) for _, th in theorems()]
