"""Questions about ``F(s)`` asked about ``F(y)``: a subterm through which every path to the symbol passes gets a name.

The name has the range of the subterm, and the hypotheses that are about the subterm alone.  What is shown for all such
``y`` holds at ``y = s``.  And where ``F`` changes its sign once, at ``r``, the sign of ``F(s)`` is that of ``s - r``: a
shorter question, remembered with the proof, so that whoever asks about ``F(s)`` later is sent to ``s - r``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ..kernel.terms import MINUS_ONE, ONE, ZERO, KernelError, Literal, Term, neg, postorder, rat, rebuild, sub, var
from ..kernel.theorems import Theorem, held
from .lemmas import join_strict
from .normal import TooLarge
from .recorder import Recorder

if TYPE_CHECKING:
    from .context import Context


def replaced(t: Term, old: Term, new: Term) -> Term:
    """``t`` with the subterm ``old`` replaced by ``new`` everywhere."""
    done: dict[Term, Term] = {old: new}
    for s in postorder(t):
        if s not in done:
            done[s] = rebuild(s, done)
    return done[t]


class Named:
    """``y`` for ``s`` under the hypotheses of ``ctx``."""

    def __init__(self, ctx: Context, s: Term) -> None:
        self.R, self.s, self.ranges = ctx.R, s, dict[Literal, Theorem]()
        self.name = "y"
        while self.name in ctx.names:
            self.name += "_1"
        self.y = var(self.name)
        kept = [Literal(h.relation, replaced(h.term, s, self.y)) for h in ctx.hyps]
        kept = [h for h in kept if h.term.free.isdisjoint(s.free)]
        for sense in (1, -1):
            end = ctx.ranges.end(s, sense)
            if end is not None:
                relation, difference = held(end, "named")
                literal = Literal(relation, replaced(difference, s, self.y))
                if literal not in kept:
                    self.ranges[literal] = end
        shared = _named.setdefault(ctx.R, {})
        hyps = (*kept, *self.ranges)
        if hyps not in shared:
            shared[hyps] = type(ctx)(ctx.R, hyps, {self.name}, ctx.depth + 1)
        self.inner = shared[hyps]

    def back(self, th: Theorem) -> Theorem:
        """What was shown about ``y``, about ``s``."""
        th = self.R.rule("instantiate", th, {self.name: self.s})
        for literal, end in self.ranges.items():
            meant = Literal(literal.relation, replaced(literal.term, self.y, self.s))
            if meant in th.hyps:
                th = self.R.rule("cut", end, th)
        return th


_named: WeakKeyDictionary[Recorder, dict[tuple[Literal, ...], Context]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Reduction:
    """``t`` has the sign of ``root`` (or of ``-root``): lemmas for ``root > 0``, ``= 0`` and ``< 0``."""

    root: Term
    lemmas: dict[str, Theorem]
    """By the relation of ``t`` to 0, ``>``, ``=`` or ``<``."""


_reductions: WeakKeyDictionary[Recorder, dict[Term, list[Reduction]]] = WeakKeyDictionary()


def remember(R: Recorder, t: Term, reduction: Reduction) -> None:
    """Send those who ask about ``t`` to what it was reduced to."""
    _reductions.setdefault(R, {}).setdefault(t, []).append(reduction)


def by_reduction(ctx: Context, goal: Literal) -> Theorem | None:
    """The goal from the sign of the term that its term was reduced to."""
    known = _reductions.get(ctx.R)
    if not known:
        return None
    for t, sign in ((goal.term, 1), (_minus(goal.term), -1)):
        for reduction in known.get(t, ()) if t is not None else ():
            if all(th.hyps <= {*ctx.hyps, lemma} for lemma, th in _conditions(reduction)):
                th = _lifted(ctx, goal, sign, reduction)
                if th is not None:
                    return th
    return None


def _minus(t: Term) -> Term | None:
    return t.terms[1] if t.op == "mul" and t is neg(t.terms[1]) else None


def _conditions(reduction: Reduction) -> Iterator[tuple[Literal, Theorem]]:
    root = reduction.root
    for th in reduction.lemmas.values():
        for literal in (Literal(">", root), Literal("=", root), Literal(">", neg(root))):
            if literal in th.hyps:
                yield literal, th


def _lifted(ctx: Context, goal: Literal, sign: int, reduction: Reduction) -> Theorem | None:
    """``sign t R 0``, with ``t`` as it was reduced."""
    relation, R = goal.relation, ctx.R
    up, down = (">", "<") if sign == 1 else ("<", ">")
    if relation in (">", ">="):
        th = _discharged(ctx, reduction.lemmas[up])
        if th is not None:
            return R.arith(goal, [(1, [th], [])])
        if relation == ">":
            return None
    if relation == "=" or relation == ">=":
        th = _discharged(ctx, reduction.lemmas["="])
        if th is not None:
            return R.arith(goal, [] if relation == "=" else [(1, [], [ZERO])], [(_unit(sign), th)])
        if relation == "=":
            return None
    if relation == "!=":
        for kind in (up, down):
            th = _discharged(ctx, reduction.lemmas[kind])
            if th is not None:
                return R.arith(goal, [(1 if kind == up else -1, [th], [])])
        apart = ctx.prove("!=", reduction.root)
        if apart is None:
            return None
        both = [R.arith(goal, [(1 if kind == up else -1, [reduction.lemmas[kind]], [])]) for kind in (up, down)]
        if Literal(">", reduction.root) not in both[0].hyps:
            both.reverse()
        th = join_strict(ctx, Literal("!=", reduction.root), *both)
        return R.rule("cut", apart, th) if held(apart, "named") in th.hyps else th
    return _weakly(ctx, goal, sign, reduction.lemmas[up], reduction.lemmas["="])


def _unit(sign: int) -> Term:
    return ONE if sign == 1 else MINUS_ONE


def _discharged(ctx: Context, th: Theorem) -> Theorem | None:
    """A lemma without the condition on the root, where that can be shown."""
    for h in sorted(th.hyps - set(ctx.hyps), key=lambda k: k.relation):
        shown = ctx.prove(*h)
        if shown is None:
            return None
        th = ctx.R.rule("cut", shown, th)
    return th


def _weakly(ctx: Context, goal: Literal, sign: int, strictly: Theorem, zero: Theorem) -> Theorem | None:
    """``>=`` from the condition of ``>`` made weak."""
    conditions = [h for h in strictly.hyps - set(ctx.hyps) if h.relation == ">"]
    equations = [h for h in zero.hyps - set(ctx.hyps) if h.relation == "="]
    if len(conditions) != 1 or len(equations) != 1:
        return None
    (above,), (same,), R = conditions, equations, ctx.R
    weak = ctx.prove(">=", above.term)
    if weak is None:
        return None
    below = R.assume(above.negation)
    level = R.rule("between", weak, R.arith(Literal(">=", neg(above.term)), [(1, [below], [])]))
    factor = 1 if same.term is above.term else -1
    equal = R.arith(same, (), [(rat(factor), level)])
    no = R.arith(goal, [(1, [], [ZERO])], [(_unit(sign), R.rule("cut", equal, zero))])
    return R.rule("cases", above, R.arith(goal, [(1, [strictly], [])]), no)


def by_name(ctx: Context, goal: Literal) -> Theorem | None:
    """The goal for all values that a subterm can take."""
    from .chains import links

    if len(ctx.names) != 1 or len(ctx._busy) > 2 or ctx.depth > 4:
        return None
    (x,) = ctx.names
    for s in reversed(links(goal.term, x)):
        if s.op == "rat":
            continue
        named = Named(ctx, s)
        about = Literal(goal.relation, replaced(goal.term, s, named.y))
        if x in about.term.free or not named.inner.plausible(about):
            continue
        try:
            th = named.inner.prove(*about)
            if th is not None:
                return named.back(th)
        except (TooLarge, KernelError):
            continue
    return None


def root_term(s: Term, r: Term) -> Term:
    """``s - r``."""
    return s if r is ZERO else sub(s, r)
