"""Signs that were reduced to those of shorter terms, remembered for whoever asks again.

Where ``F`` changes its sign once, at ``r``, the sign of ``t = F(s)`` is that of ``s - r`` (see :mod:`.questions`).  The
three lemmas that say so are kept with the certificate, under the polynomial of ``t`` up to a factor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ..kernel.algebra import Monomial, Polynomial
from ..kernel.terms import ONE, ZERO, Literal, Term, mul, neg, rat, sub
from ..kernel.theorems import Theorem, held
from .lemmas import join_strict, under
from .normal import TooLarge
from .polynomial import poly
from .recorder import Recorder

if TYPE_CHECKING:
    from .context import Context

Key = frozenset[tuple[Monomial, Fraction]]


@dataclass(frozen=True, slots=True)
class Reduction:
    """``t`` has the sign of ``root``, or of ``-root``: a lemma for each sign of the root."""

    t: Term
    root: Term
    lemmas: dict[str, Theorem]
    """By the relation of ``t`` to 0, ``>``, ``=`` or ``<``."""


_known: WeakKeyDictionary[Recorder, dict[Key, list[tuple[Fraction, Reduction]]]] = WeakKeyDictionary()


def _key(p: Polynomial) -> tuple[Key, Fraction]:
    """The polynomial scaled so that those of one direction are equal, and the scale."""
    scale = Fraction(p[min(p, key=lambda m: [(a.serial, k) for a, k in m])])
    return frozenset((m, Fraction(c) / scale) for m, c in p.items()), scale


def remember(ctx: Context, reduction: Reduction) -> None:
    """Send those who ask about the term, as it is written or in canonical form, to what it was reduced to."""
    forms = [poly(reduction.t)]
    try:
        f = ctx.frac(reduction.t)
        if not f.denominator:
            forms.append(f.numerator)
    except TooLarge:
        pass
    known = _known.setdefault(ctx.R, {})
    for p in forms:
        if p:
            key, scale = _key(p)
            entry = scale, reduction
            if entry not in known.setdefault(key, []):
                known[key].append(entry)


def by_reduction(ctx: Context, goal: Literal) -> Theorem | None:
    """The goal from the sign of the term that its term was reduced to."""
    for factor, reduction in reductions(ctx, goal.term):
        t = reduction.t if factor > 0 else neg(reduction.t)
        th = _sign(ctx, goal.relation, factor > 0, reduction)
        if th is not None:
            return _as_asked(ctx, goal, abs(factor), t, th)
    return None


def reductions(ctx: Context, t: Term) -> Iterator[tuple[Fraction, Reduction]]:
    """The reductions that hold under the hypotheses, each with the factor by which ``t`` is what was reduced."""
    known = _known.get(ctx.R)
    p = poly(t) if known else None
    if known and p:
        key, scale = _key(p)
        for theirs, reduction in known.get(key, ()):
            root = reduction.root
            if _key(poly(root))[0] == key:
                continue  # asked about the root itself
            given = {*ctx.hyps, Literal(">", root), Literal("=", root), Literal(">", neg(root))}
            if all(th.hyps <= given for th in reduction.lemmas.values()):
                yield scale / theirs, reduction


def _as_asked(ctx: Context, goal: Literal, factor: Fraction, t: Term, th: Theorem) -> Theorem | None:
    """The goal about ``factor t``, or about a form of it that is shown to be equal."""
    scaled = mul(rat(factor), t)
    link: list[tuple[Term, Theorem]] = []
    if poly(scaled) != poly(goal.term):
        same = ctx.prove_equal(goal.term, scaled)
        if same is None:
            return None
        link = [(ONE, same)]
    if goal.relation == "=":
        return ctx.R.arith(goal, (), [(rat(factor), th), *link])
    return ctx.R.arith(goal, [(factor, [th], [])], link)


def _sign(ctx: Context, relation: str, plain: bool, reduction: Reduction) -> Theorem | None:
    """``t relation 0``, or where not ``plain`` ``-t relation 0``."""
    R, lemmas = ctx.R, reduction.lemmas
    up, down = (">", "<") if plain else ("<", ">")
    t = reduction.t if plain else neg(reduction.t)
    goal, unit = Literal(relation, t), rat(1 if plain else -1)
    strictly = under(ctx, lemmas[up]) if relation != "=" else None
    if strictly is not None:
        return R.arith(goal, [(1, [strictly], [])])
    zero = under(ctx, lemmas["="]) if relation in ("=", ">=") else None
    if zero is not None:
        return R.arith(goal, [] if relation == "=" else [(1, [], [ZERO])], [(unit, zero)])
    if relation == ">=":
        return _weakly(ctx, goal, unit, lemmas[up], lemmas["="])
    if relation != "!=":
        return None
    strictly = under(ctx, lemmas[down])
    if strictly is not None:
        return R.arith(goal, [(-1, [strictly], [])])
    apart = ctx.prove("!=", reduction.root)
    if apart is None:
        return None
    both = [R.arith(goal, [(sign, [lemmas[kind]], [])]) for kind, sign in ((up, 1), (down, -1))]
    if Literal(">", reduction.root) not in both[0].hyps:
        both.reverse()
    th = join_strict(ctx, held(apart), *both)
    return R.rule("cut", apart, th)


def _weakly(ctx: Context, goal: Literal, unit: Term, strictly: Theorem, zero: Theorem) -> Theorem | None:
    """``>=`` from the condition of ``>`` made weak."""
    conditions = [h for h in strictly.hyps - set(ctx.hyps) if h.relation == ">"]
    equations = [h for h in zero.hyps - set(ctx.hyps) if h.relation == "="]
    if len(conditions) != 1 or len(equations) != 1:
        return None
    (above,), (same,), R = conditions, equations, ctx.R
    weak = ctx.prove(">=", above.term)
    if weak is None:
        return None
    level = R.between(weak, R.arith(Literal(">=", neg(above.term)), [(1, [R.assume(above.negation)], [])]))
    equal = R.arith(same, (), [(rat(1 if same.term is above.term else -1), level)])
    no = R.arith(goal, [(1, [], [ZERO])], [(unit, R.rule("cut", equal, zero))])
    return R.rule("cases", above, R.arith(goal, [(1, [strictly], [])]), no)


def root_term(s: Term, r: Term) -> Term:
    """``s - r``."""
    return s if r is ZERO else sub(s, r)
