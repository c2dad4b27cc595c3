"""Equations with families in the place of their larger parts: what holds whatever these are is shorter to prove.

``sum_i g[i] f(x, i) dx[i] = sum_i f(x, i) g[i] dx[i]`` comes from ``sum_i g[i] p[i] dx[i] = sum_i p[i] g[i] dx[i]``: in
the proof stand entries ``p[i]``, and at its end the parts are put in, once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ...kernel.terms import (
    BINDERS,
    MAX_OPENED,
    UNARY,
    ZERO,
    Literal,
    Term,
    add,
    closed,
    cond,
    idx,
    mul,
    opened,
    over,
    postorder,
    power,
    unary,
    var,
)
from ...kernel.theorems import Theorem, held
from .context import UNPROVED, Context
from .equations import Equations
from .forms import MAX_RANK, exponent, guard, is_indicator
from .inequalities import prove

Equality = Callable[[Term, Term, Context], Theorem]
"""A proof of ``a = b``."""

_OPAQUE: Final = UNARY - {"inv", "floor"}
LEVELS: Final = (_OPAQUE | BINDERS | {"inv", "cond"}, _OPAQUE | BINDERS | {"inv"}, _OPAQUE)
"""Which operations make a part that may be anything; the boldest choice is tried first."""


def abstractly(a: Term, b: Term, ctx: Context, cotangent: str, prove_equal: Equality) -> Theorem:
    """``a = b``: for any families in the place of parts, at the first level where that holds, else as it stands."""
    tried = set[frozenset[Term]]()
    for operations in LEVELS:
        parts = _Parts(ctx.recorder, operations, cotangent)
        shorter = parts.of(a), parts.of(b)
        values = frozenset(parts.values.values())
        if values and values not in tried:
            tried.add(values)
            try:
                return parts.put_in(prove_equal(*shorter, parts.context(ctx)))
            except UNPROVED:
                continue
    return prove_equal(a, b, ctx)


class _Parts:
    """The largest parts of terms that stand still and depend on data, as families of the indices that occur in them."""

    def __init__(self, R: Equations, operations: frozenset[str], cotangent: str) -> None:
        self.R, self.operations, self.cotangent = R, operations, cotangent
        self.values: dict[str, Term] = {}
        """What each family is, its indices loose."""
        self.lemmas: list[Theorem] = []
        self._names: dict[Term, str] = {}
        self._done: dict[Term, Term] = {}

    def of(self, t: Term) -> Term:
        """The term with entries of families for its parts; indices and guards are left as they are."""
        if t not in self._done:
            self._done[t] = self._family(t) if self._is_part(t) else self._rebuilt(t)
        return self._done[t]

    def _is_part(self, t: Term) -> bool:
        if t.op not in self.operations or t.moves or is_indicator(t):
            return False
        families = [s for s in t.free if "/" in s]
        return bool(families) and all(s.partition("/")[0] != self.cotangent for s in families)

    def _rebuilt(self, t: Term) -> Term:
        if t.op == "add":
            return add(*map(self.of, t.terms))
        if t.op == "mul":
            return mul(*map(self.of, t.terms))
        if t.op == "pow":
            return power(self.of(t.terms[0]), exponent(t))
        if t.op == "cond":
            return cond(*guard(t), *map(self.of, t.terms[1:]))
        if t.op in BINDERS:
            return over(t.op, t.terms[0], self.of(t.terms[1]))
        return unary(t.op, self.of(t.terms[0])) if t.op in UNARY and t.op != "floor" else t

    def _family(self, t: Term) -> Term:
        """An entry in the place of a part: its indices in the order in which they occur, so that parts are alike."""
        names = [self.R.fresh() for _ in range(t.loose)]
        plain = opened(t, names, iter(range(MAX_OPENED)))
        used = [s for s in postorder(plain) if s in names]
        if len(used) > MAX_RANK:
            return self._rebuilt(t)
        value = closed(plain, used)
        if value not in self._names:
            entry = var(str(self.R.fresh().args[0]), *(ZERO for _ in used))
            self._names[value] = str(entry.args[0])
            self.values[entry.symbol] = value
        return var(self._names[value], *(idx(t.loose - 1 - names.index(k)) for k in used))

    def context(self, ctx: Context) -> Context:
        """What is known of terms with parts, said of families; and that a part is positive, or not negative."""
        facts = list[Theorem]()
        for th in ctx.facts:
            literal = held(th)
            new = Literal(literal.relation, self.of(literal.term))
            if new == literal:
                facts.append(th)
            elif th.hyps == {literal}:
                facts.append(self.R.assume(new))
        for symbol, value in self.values.items():
            relation = self._sign(value, ctx) if value.loose == 0 else None
            if relation is not None:
                facts.append(self.R.assume(Literal(relation, var(symbol))))
        return Context(self.R, facts)

    def _sign(self, value: Term, ctx: Context) -> str | None:
        for relation in (">", ">="):
            try:
                self.lemmas.append(prove(Literal(relation, value), ctx))
            except UNPROVED:
                continue
            return relation
        return None

    def put_in(self, th: Theorem) -> Theorem:
        """A theorem about families, of the parts that they stand for."""
        return self.R.discharged(self.R.rule("instantiate", th, self.values), self.lemmas)
