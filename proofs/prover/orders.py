"""Derivatives of higher order in one symbol, on a set that is open in it."""

from __future__ import annotations

from ..kernel.local import slope
from ..kernel.terms import Term, mul, tangent
from ..kernel.theorems import HasDeriv, Local, Theorem
from .context import Context
from .derive import NotShown, by_cases, differentiable, has_deriv, local, promised, with_derivative
from .onesided import simplified


def higher_orders(ctx: Context, x: str, t: Term, first: Term, upto: int) -> list[Theorem]:
    """The derivatives of ``t`` of orders 2 to ``upto``, ``first`` being that of order 1.  Raises ``NotShown``.

    The hypotheses of ``ctx`` that speak of ``x`` have to be strict: they then hold on a neighbourhood.
    """
    found: list[Theorem] = []
    low, d = has_deriv(ctx, x, t, first), first
    for _ in range(2, upto + 1):
        top = differentiated(ctx, x, d)
        assert isinstance(top.conclusion, HasDeriv)
        support: list[Theorem] = []
        for h in ctx.hyps:
            if x in h.term.free and h in low.hyps:
                support += [ctx.R.assume(h), local(ctx, frozenset({x}), h.term)]
        low = ctx.R.rule("higher", low, top, support)
        found.append(low)
        d = slope(top.conclusion.derivative, x)
    return found


def differentiated(ctx: Context, x: str, t: Term) -> Theorem:
    """``HasDeriv`` of ``t`` with a derivative of the prover's own choice, ``d * dx`` for a short ``d``."""

    def show(c: Context) -> Theorem:
        th = simplified(c, differentiable(c, x, t), x)
        assert isinstance(th.conclusion, Local)
        if th.conclusion.derivative is None:
            raise NotShown("the term is continuous, but not shown to be differentiable", t)
        rate = mul(slope(th.conclusion.derivative, x), tangent(x))
        return promised(c, with_derivative(c, th, rate), rate)

    found = by_cases(ctx, show)
    if not isinstance(found.conclusion, HasDeriv):
        raise NotShown("the piece holds nowhere", t)
    return found
