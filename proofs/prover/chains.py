"""One-sided derivatives of compositions, link by link: ``f(g(h(x)))`` from the sides of ``h``, then ``g``, then ``f``.

A term is taken apart where every path to the symbol passes through one subterm.  That subterm gets a name ``w``; what
is around it is a term in ``w`` alone, which is asked for its own one-sided derivative on the side to which the
subterm moves (rule ``side_chain``), or for its derivative where it is smooth (rule ``side_compose``).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from ..kernel.logic import OBLIGATION
from ..kernel.terms import ONE, KernelError, Literal, Term, equal, neg, postorder, sub, substitute, var
from ..kernel.theorems import Local, Side, Theorem
from .context import Context
from .derive import NotShown, local
from .lemmas import under
from .limits_values import fresh, replaced
from .normal import TooLarge
from .onesided import from_both_sides, one_side, shorter

MAX_LINKS = 12


def links(t: Term, x: str) -> list[Term]:
    """The proper subterms of ``t`` through which every path from ``t`` to ``x`` passes, innermost first."""
    nodes = [s for s in postorder(t) if x in s.free]
    down: dict[Term, int] = {}
    for s in nodes:
        down[s] = 1 if s.op == "var" else sum(down.get(a, 0) for a in s.terms)
    up = dict.fromkeys(nodes, 0)
    up[t] = 1
    for s in reversed(nodes):
        for a in s.terms:
            if a in up:
                up[a] += up[s]
    return [s for s in nodes if up[s] * down[s] == down[t] and s.op != "var" and s is not t]


def chained_side(ctx: Context, x: str, t: Term, sign: int) -> Theorem | None:
    """The one-sided derivative of ``t`` in ``x`` from those of its links, or ``None``."""
    inside = links(t, x)
    if not inside or len(inside) > MAX_LINKS:
        return None
    for i in range(len(inside)):
        side = one_side(ctx, x, inside[i], sign)
        if side is None:
            return None
        for outer in (*inside[i + 1 :], t):
            following = _linked(ctx, side, outer)
            if following is not None:
                side = following
        c = side.conclusion
        if isinstance(c, Side) and c.term is t:
            return side
    return None


def _linked(ctx: Context, inner: Theorem, t: Term) -> Theorem | None:
    """The side of ``t`` from that of its subterm ``u``."""
    c = inner.conclusion
    assert isinstance(c, Side)
    if c.continuous is not True:
        return None
    u, R = c.term, ctx.R
    w = fresh("w", t, *(var(n) for n in ctx.names))
    block = replaced(t, u, var(w))
    if c.x in block.free:
        return None
    named = _named(ctx, c.x, u, w, block)
    with suppress(NotShown, TooLarge, KernelError):
        outer = _smooth(named, w, block, isinstance(c.slope, str))
        d = outer.conclusion
        if isinstance(d, Local) and d.derivative is not None:
            support = []
            if isinstance(c.slope, str):
                rate = substitute(d.derivative, {w: u, "d " + w: ONE})
                moves = [ctx.prove(">", rate), ctx.prove(">", neg(rate))]
                support = [th for th in moves if th is not None]
            composed = under(ctx, R.rule("side_compose", outer, w, inner, support))
            if composed is not None:
                return composed
    support, direction = [], 0
    if isinstance(c.slope, str):
        direction = 1 if c.slope == "+oo" else -1
    else:
        for s, rate in ((1, c.slope), (-1, neg(c.slope))):
            th = ctx.prove(">", rate)
            if th is not None:
                support, direction = [th], s
                break
    if direction == 0:
        return None
    outer_side = one_side(named, w, block, c.sign * direction)
    if outer_side is None:
        return None
    try:
        return under(ctx, R.rule("side_chain", outer_side, inner, support))
    except (TooLarge, KernelError):
        return None


def _smooth(named: Context, w: str, block: Term, both_sides: bool) -> Theorem:
    """``Local`` of what is around a link, node by node, or from equal one-sided derivatives: ``w/(1 + |w|)`` at 0."""
    try:
        return local(named, frozenset({w}), block)
    except NotShown:
        found = from_both_sides(named, w, block) if both_sides else None
        if found is None:
            raise
        return found


def _named(ctx: Context, x: str, u: Term, w: str, block: Term) -> Context:
    """What is known where ``u`` is called ``w``: a value without ``x``, else the signs that ``block`` asks for."""
    fixed = [h for h in ctx.hyps if x not in h.term.free]
    value = shorter(ctx, u)
    if x not in value.free and ctx.prove_equal(u, value) is not None:
        known = [equal(var(w), value)]
    else:
        known = []
        for g in _questions(block, w):
            there = substitute(g, {w: u})
            for literal in (Literal(">", g), Literal(">", neg(g)), Literal("=", g), Literal("!=", g)):
                if ctx.prove(literal.relation, neg(there) if literal.term is not g else there) is not None:
                    known.append(literal)
                    break
    return Context(ctx.R, [*fixed, *known], {w, *ctx.names} - {x}, ctx.depth + 1)


def _questions(block: Term, w: str) -> Iterable[Term]:
    """The guards in ``block`` and the operands that need a sign, as far as they depend on ``w``."""
    found: dict[Term, None] = {}
    for s in postorder(block):
        if w in s.free and s.op == "floor":
            found[sub(s.terms[0], s)] = None
        elif w in s.free and (s.op == "cond" or s.op in OBLIGATION) and w in s.terms[0].free:
            found[s.terms[0]] = None
    return found
