"""Equations between indexed terms, and between finite sums: a recorder with the steps that all strategies share."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction
from itertools import count

from ...kernel.terms import ONE, ZERO, Literal, Term, add, bind, equal, mul, neg, rat, sub, unary, var
from ...kernel.theorems import Theorem
from ..recorder import Recorder
from .forms import Binder, canonical, guard, indicator, sides, summed

HOLE = var("hole")
Cofactor = Term | Fraction | int


class Equations(Recorder):
    """A recorder that gives fresh names, and proves equations by ring arithmetic, congruence and linearity of sums."""

    def __init__(self) -> None:
        super().__init__()
        self._names = count()
        self.lemmas: dict[Hashable, Theorem | None] = {}
        """What was proved of sums of any families (see :mod:`.lemmas`)."""

    def fresh(self) -> Term:
        """A variable that occurs nowhere yet."""
        return var(f"k_{next(self._names)}")

    # --- equations ---------------------------------------------------------------------------------

    def ring(self, a: Term, b: Term, *given: tuple[Cofactor, Theorem]) -> Theorem:
        """``a = b`` by ring arithmetic and equations with their cofactors."""
        return self.arith(equal(a, b), (), [(c if isinstance(c, Term) else rat(c), th) for c, th in given])

    def joined(self, *steps: Theorem | None) -> Theorem:
        """``a = z`` from ``a = b``, ``b = c``, ...; steps that are ``None`` are left out."""
        links = [th for th in steps if th is not None]
        if len(links) == 1:
            return links[0]
        return self.ring(sides(links[0])[0], sides(links[-1])[1], *((1, th) for th in links))

    def turned(self, th: Theorem) -> Theorem:
        """``b = a`` from ``a = b``."""
        a, b = sides(th)
        return self.ring(b, a, (-1, th))

    def inside(self, template: Term, th: Theorem) -> Theorem:
        """``C[a] = C[b]`` from ``a = b``, for a template with a :data:`HOLE`."""
        return self.rule("congruence", template, str(HOLE.args[0]), th)

    def canonically(self, t: Term) -> Theorem:
        """``t = its canonical form``."""
        return self.ring(t, canonical(t))

    # --- conditionals ------------------------------------------------------------------------------

    def taken(self, t: Term, known: Theorem) -> Theorem:
        """``(a if l else b) = a``, or ``= b``, from ``l`` or its negation."""
        return self.rule("conditional", guard(t), t.terms[1], t.terms[2], known)

    def indicated(self, literal: Literal, known: Theorem) -> Theorem:
        """``[l] = 1``, or ``= 0``, from ``l`` or its negation."""
        return self.taken(indicator(literal), known)

    # --- finite sums -------------------------------------------------------------------------------

    def each(self, binders: Sequence[Binder], th: Theorem) -> Theorem:
        """``sum_ks a = sum_ks b`` from ``a = b``."""
        for k, n in reversed(binders):
            th = self.rule("generalize", "sum", k, n, th, [])
        return th

    def sum_zero(self, k: Term, n: Term) -> Theorem:
        """``sum_k 0 = 0``: by linearity it is twice itself."""
        zero = bind("sum", k, n, ZERO)
        twice = self.fact("sum_linear", k, n, ONE, ZERO, ZERO)
        return self.ring(zero, ZERO, (-1, twice), (1, self.each([(k, n)], self.ring(add(mul(ONE, ZERO), ZERO), ZERO))))

    def distributed(self, c: Term, binders: tuple[Binder, ...], body: Term, product: Theorem) -> Theorem:
        """``c sum_ks body = sum_ks e``, from the product ``c body = e``, for a ``c`` without the bound variables."""
        if not binders:
            return product
        (k, n), rest = binders[0], binders[1:]
        a, inner = summed(rest, body), self.distributed(c, rest, body, product)
        made = sides(inner)[1]
        linear = self.fact("sum_linear", k, n, c, a, ZERO)
        each = self.each([(k, n)], self.ring(add(mul(c, a), ZERO), made, (1, inner)))
        return self.ring(mul(c, bind("sum", k, n, a)), bind("sum", k, n, made),
                         (-1, linear), (1, each), (-1, self.sum_zero(k, n)))  # fmt: skip

    # --- integers ----------------------------------------------------------------------------------

    def vanishing(self, d: Term, above: Theorem, below: Theorem) -> Theorem:
        """``d = 0`` for an integer (by its form) ``d``, from ``1 - d > 0`` and ``1 + d > 0``."""
        upper = self.arith(Literal(">=", neg(d)), [(1, [self.rule("gap", above)], [])])
        lower = self.arith(Literal(">=", d), [(1, [self.rule("gap", below)], [])])
        return self.between(lower, upper)

    def floor_of_floor(self, f: Term) -> Theorem:
        """``floor(f) = f`` for a floor ``f``: an integer less than 1 below ``f``."""
        d = sub(f, unary("floor", f))
        lower = self.arith(Literal(">=", d), [(1, [self.fact("floor_low", f)], [])])
        up = self.rule("gap", self.arith(Literal(">", sub(ONE, d)), [(1, [self.fact("floor_high", f)], [])]))
        zero = self.between(lower, self.arith(Literal(">=", neg(d)), [(1, [up], [])]))
        return self.ring(unary("floor", f), f, (-1, zero))
