"""Empty pieces refuted through an inner term: ``cos(s) = 1`` for ``s = exp(x)/(exp(x) + 1)``, between 0 and 1.

First the hypotheses are left out that are not needed, as far as sample points can tell.  Where what is left is about
one inner term ``s``, that term gets a name with the range that it has on the whole line, and it is the question about
the name that is refuted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import reduce

from ..kernel.terms import KernelError, Literal, Term, add, neg
from ..kernel.theorems import Theorem
from .bisection import refuted
from .chains import links
from .context import Context
from .limits_values import replaced
from .named import Named
from .normal import TooLarge

MOST_NAMES = 3
"""How many inner terms are tried."""


def refuted_inside(ctx: Context) -> Theorem | None:
    """A false literal about a number from hypotheses in one symbol that no sample point satisfies, or ``None``."""
    if ctx.samples or len(ctx.names) != 1:
        return None
    needed = _needed(ctx)
    found = None
    if len(needed) < len(ctx.hyps):
        alone = Context(ctx.R, needed, ctx.names, ctx.depth)
        found = alone.absurd() or refuted(alone)
    for s in _inner_terms(needed, ctx.names[0]) if found is None else ():
        found = _through(ctx, needed, s)
        if found is not None:
            break
    return found


def _needed(ctx: Context) -> list[Literal]:
    """Hypotheses of which none can be left out without a sample point that satisfies the others."""
    needed = list(ctx.hyps)
    for h in ctx.hyps:
        rest = [k for k in needed if k is not h]
        if rest and not Context(ctx.R, rest, ctx.names).samples:
            needed = rest
    return needed


def _inner_terms(literals: Sequence[Literal], x: str) -> Iterator[Term]:
    """The terms through which every path from the literals to the symbol passes, the outermost first."""
    root = reduce(add, (h.term for h in literals))
    for s in reversed(links(root, x)[-MOST_NAMES:]):
        if s.op != "cond" and all(s is not h.term for h in literals):
            yield s


def _through(ctx: Context, literals: Sequence[Literal], s: Term) -> Theorem | None:
    """The literals contradict each other for every value that ``s`` can have."""
    with suppress(TooLarge, KernelError):
        named = Named(Context(ctx.R, (), ctx.names), s)
        about = [Literal(h.relation, replaced(h.term, s, named.y)) for h in literals]
        if any(not h.term.free <= {named.name} for h in about):
            return None
        th = _nowhere(Context(ctx.R, (*about, *named.ranges), {named.name}, ctx.depth))
        return None if th is None else named.back(th)
    return None


def _nowhere(ctx: Context) -> Theorem | None:
    """A contradiction; where a bound of the symbol may be reached, there and beyond it."""
    if ctx.samples:
        return None
    end = next((h for h in ctx.hyps if h.relation == ">=" and ctx.names == tuple(h.term.free)), None)
    found = ctx.absurd() or refuted(ctx)
    if found is not None or end is None:
        return found
    rest = [h for h in ctx.hyps if h is not end]
    beyond, level = Literal(">", end.term), Literal("=", end.term)
    above = _nowhere(Context(ctx.R, (*rest, beyond), ctx.names, ctx.depth))
    there = None if above is None else Context(ctx.R, (*rest, level), ctx.names, ctx.depth).absurd()
    if above is None or there is None:
        return None
    below = ctx.R.arith(Literal(">=", neg(end.term)), [(1, [ctx.R.assume(beyond.negation)], [])])
    return ctx.R.rule("cases", beyond, above, ctx.R.rule("cut", ctx.R.between(ctx.R.assume(end), below), there))
