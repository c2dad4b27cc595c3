"""Equality of a term and a simpler form of it, part by part: nothing but the parts that change is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from ..kernel.algebra import integral
from ..kernel.terms import ONE, ZERO, Literal, Term, postorder, rat, rebuild, var
from ..kernel.theorems import Holds, Theorem
from .context import Context
from .normal import HOLE, equation
from .polynomial import UNIT, poly, term


def with_node(t: Term, node: Term, new: Term) -> Term:
    """``t`` with ``new`` in every place of the subterm ``node``."""
    done: dict[Term, Term] = {}
    for s in postorder(t):
        done[s] = new if s is node else rebuild(s, done)
    return done[t]


def in_place(ctx: Context, t: Term, node: Term, same: Theorem) -> tuple[Term, Theorem]:
    """From ``node - new = 0``: ``t`` with ``new`` in its place, and the proof that it equals ``t``."""
    c = same.conclusion
    assert isinstance(c, Holds)
    new = c.literal.term.terms[1].terms[1]
    return with_node(t, node, new), ctx.R.rule("congruence", with_node(t, node, var(HOLE)), HOLE, same)


def settled(ctx: Context, t: Term, known: Mapping[Term, Theorem]) -> tuple[Term, Theorem]:
    """``t`` with the ``known`` subterms replaced and the conditionals decided that can be; and ``t - t' = 0``.

    ``known`` maps a subterm ``s`` to a theorem ``s - s' = 0``.
    """
    form, steps = t, list[Theorem]()
    while True:
        found = _decided(ctx, form)
        if found is None:
            node = next((s for s in postorder(form) if s in known), None)
            found = _number(ctx, form) if node is None else (node, known[node])
            if found is None:
                break
        form, step = in_place(ctx, form, *found)
        steps.append(step)
    return form, ctx.R.arith(equation(t, form), (), [(ONE, s) for s in steps])


def _number(ctx: Context, t: Term) -> tuple[Term, Theorem] | None:
    """A rational number in ``t`` that is not written as one, or the floor of an integer and a fraction."""
    for s in postorder(t):
        plain = s.op in ("add", "mul", "pow") and all(a.op == "rat" for a in s.terms)
        if plain or (s.op == "mul" and ZERO in s.terms):
            value = poly(s)
            return s, ctx.R.arith(equation(s, rat(Fraction(value.get(UNIT, 0)))))
        if s.op == "floor":
            p = poly(s.terms[0])
            c = Fraction(p.get(UNIT, 0))
            n = term({**p, UNIT: c.__floor__()}) if c else s.terms[0]
            if s.terms[0].op != "var" and integral(n):
                return s, ctx.floor_is(s.terms[0], n)
    return None


def _decided(ctx: Context, t: Term) -> tuple[Term, Theorem] | None:
    """A conditional that counts in ``t`` and whose guard is decided, and the proof that it is its branch."""
    stack, seen = [t], set[Term]()
    while stack:
        s = stack.pop()
        if s in seen:
            continue
        seen.add(s)
        if s.op == "cond":
            inner = _decided(ctx, s.terms[0])
            if inner is not None:
                return inner
            guard = Literal(str(s.args[0]), s.terms[0])
            for literal in (guard, guard.negation):
                th = ctx.prove(*literal)
                if th is not None:
                    return s, ctx.R.rule("conditional", guard, s.terms[1], s.terms[2], th)
        stack += s.terms
    return None
