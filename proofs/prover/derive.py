"""Derivatives at a point: the side conditions of the kernel's walk are found, and what it concludes is simplified."""

from __future__ import annotations

from collections.abc import Callable

from ..kernel.cited import domain
from ..kernel.logic import OBLIGATION
from ..kernel.terms import ONE, ZERO, KernelError, Literal, Term, mul, neg, postorder, rebuild, sub, substitute, tangent
from ..kernel.theorems import Local, Theorem
from .context import Context
from .lemmas import strict
from .normal import equation
from .signs import undecided


class NotShown(Exception):
    """Something that a proof needs could not be shown; the message says what, at which subterm."""

    def __init__(self, what: str, at: Term, guard: Term | None = None) -> None:
        super().__init__(what)
        self.what, self.at = what, at
        self.guard = guard
        """A term whose sign would settle the matter, where there is one."""


def strict_sides(ctx: Context, guard: Literal, fixed: bool) -> tuple[list[Theorem], bool] | None:
    """Theorems that decide a guard near the point, and whether its first branch is taken."""
    g = guard.term
    if fixed:
        for literal, first in ((guard, True), (guard.negation, False)):
            th = ctx.prove(*literal)
            if th is not None:
                return [th], first
        return None
    up = ctx.prove(">", g)
    if up is not None:
        return [up], guard.relation != "="
    down = ctx.prove(">", neg(g))
    if down is not None:
        return [down], guard.relation == "!="
    if guard.relation in ("=", "!="):
        apart = ctx.prove("!=", g)
        if apart is not None:
            return [apart], guard.relation == "!="
    return None


def obligations(ctx: Context, t: Term) -> list[tuple[str, Term, str]]:
    """What the operation at ``t`` asks of its operand: relation, term and the name of the operation."""
    if t.op in OBLIGATION:
        return [(OBLIGATION[t.op], t.terms[0], t.op)]
    if t.op == "app":
        try:
            name, literals = domain(t)
        except KernelError as error:
            raise NotShown(str(error), t) from None
        return [(k.relation, k.term, name) for k in literals]
    return []


def needed(ctx: Context, relation: str, u: Term, what: str, at: Term) -> Theorem:
    """``u relation 0``, or ``NotShown``."""
    th = ctx.prove(relation, u)
    zero = ctx.prove("=", u) if th is None and relation == ">=" else None
    if zero is not None:
        th = ctx.R.arith(Literal(">=", u), (), [(ONE, zero)])
    if th is None:
        from ..language.printer import show_literal

        open_guard = undecided(ctx, u)
        message = f"could not show {show_literal(Literal(relation, u))}, which {what} needs"
        raise NotShown(message, at, None if open_guard is None else open_guard.term)
    return th


def defined(ctx: Context, t: Term) -> Theorem:
    """``t`` is defined.  Raises ``NotShown``."""
    sides: list[Theorem] = []
    stack, seen = [t], set[Term]()
    while stack:
        s = stack.pop()
        if s in seen:
            continue
        seen.add(s)
        if s.op == "cond":
            guard = Literal(str(s.args[0]), s.terms[0])
            decided = strict_sides(ctx, guard, True)
            if decided is None:
                return _defined_by_cases(ctx, t, guard)
            sides += decided[0]
            stack += [s.terms[0], s.terms[1 if decided[1] else 2]]
            continue
        stack += s.terms
        for relation, u, what in obligations(ctx, s):
            sides.append(needed(ctx, relation, u, what, s))
    return ctx.R.rule("defined", t, sides)


def _defined_by_cases(ctx: Context, t: Term, guard: Literal) -> Theorem:
    if ctx.depth > 6:
        raise NotShown("could not decide a guard", t)
    yes, no = defined(ctx.with_(guard), t), defined(ctx.with_(guard.negation), t)
    return ctx.R.rule("cases", guard, yes, no)


def undefined(ctx: Context, t: Term) -> Theorem | None:
    """``t`` has no value, where that can be shown: by the ranges of the operands, else by a longer search."""
    return _undefined(ctx, t, ctx.ranges.shows) or _undefined(ctx, t, ctx.prove)


def _undefined(ctx: Context, t: Term, shows: Callable[[str, Term], Theorem | None]) -> Theorem | None:
    sides: list[Theorem] = []
    stack, seen = [t], set[Term]()
    while stack:
        s = stack.pop()
        if s in seen:
            continue
        seen.add(s)
        if s.op == "cond":
            stack.append(s.terms[0])
            guard = Literal(str(s.args[0]), s.terms[0])
            for fact, arm in ((guard, s.terms[1]), (guard.negation, s.terms[2])):
                th = shows(*fact)
                if th is not None:
                    sides.append(th)
                    stack.append(arm)
                    break
            continue
        stack += s.terms
        if s.op in OBLIGATION:
            th = shows(*Literal(OBLIGATION[s.op], s.terms[0]).negation)
            if th is not None:
                return ctx.R.rule("undefined", t, [*sides, th])
    return None


def local(ctx: Context, vary: frozenset[str], t: Term, smooth: bool = True) -> Theorem:
    """``t ~> dt`` at the point; with ``smooth`` false, continuity is enough.

    Raises ``NotShown`` with the operation that stands in the way.
    """
    sides: list[Theorem] = []
    ready: set[Term] = set()
    kinks: list[Term] = []
    stack = [t]
    while stack:
        s = stack[-1]
        if s in ready:
            stack.pop()
            continue
        if vary.isdisjoint(s.free):
            if s.terms:
                sides.append(defined(ctx, s))
            ready.add(s)
            continue
        arms: tuple[Term, ...] = s.terms
        decided: tuple[list[Theorem], bool] | None = None
        if s.op == "cond":
            guard = Literal(str(s.args[0]), s.terms[0])
            decided = strict_sides(ctx, guard, vary.isdisjoint(guard.term.free))
            if decided is not None:
                arms = (s.terms[0], s.terms[1 if decided[1] else 2])
            else:
                whole = _same_as_branch(ctx, vary, s)
                if whole is not None:
                    sides.append(whole)
                    ready.add(s)
                    continue
        waiting = [a for a in arms if a not in ready]
        if waiting:
            stack += waiting
            continue
        if s.op == "cond" and decided is None:
            sides += _glue(ctx, vary, s, sides, kinks)
        elif decided is not None:
            sides += decided[0]
        else:
            found = _node(ctx, vary, s)
            if s.op == "sqrt" and ctx.prove(">", s.terms[0]) is None:
                kinks.append(s)
            sides += found
        ready.add(s)
    try:
        th = ctx.R.rule("local", vary, t, list(dict.fromkeys(sides)))
    except KernelError as error:
        raise NotShown(str(error), t, kinks[0].terms[0] if kinks else None) from None
    assert isinstance(th.conclusion, Local)
    if th.conclusion.derivative is None and kinks and smooth:
        raise NotShown("the derivatives of the branches differ at the seam", kinks[0], kinks[0].terms[0])
    return th


def around(ctx: Context, vary: frozenset[str]) -> tuple[Context, list[Theorem]]:
    """The hypotheses that hold on a neighbourhood, as a context, and the theorems that say so (for ``nearby``)."""
    kept, support = [], list[Theorem]()
    for h in ctx.hyps:
        if vary.isdisjoint(h.term.free):
            kept.append(h)
        elif h.relation in (">", "!="):
            try:
                support += [ctx.R.assume(h), local(ctx, vary, h.term, smooth=False)]
            except NotShown:
                continue
            kept.append(h)
    return Context(ctx.R, kept, ctx.names, ctx.depth + 1), support


def _same_as_branch(ctx: Context, vary: frozenset[str], s: Term) -> Theorem | None:
    """A conditional on an equation that only mends a point: near the point it is its other branch."""
    if s.args[0] not in ("=", "!="):
        return None
    arm = s.terms[2 if s.args[0] == "=" else 1]
    near, support = around(ctx, vary)
    try:
        inner = local(ctx, vary, arm)
        is_defined = defined(near, s)
    except NotShown:
        return None
    same = near.prove_equal(s, arm)
    return None if same is None else ctx.R.rule("replace", inner, same, is_defined, support)


def _node(ctx: Context, vary: frozenset[str], s: Term) -> list[Theorem]:
    if s.op == "floor":
        return [needed(ctx, "!=", sub(s.terms[0], s), "floor", s)]
    if s.op == "sqrt":
        u = s.terms[0]
        positive = ctx.prove(">", u)
        if positive is not None:
            return [positive]
        # Continuous all the same where the operand is nowhere negative.
        fixed = Context(ctx.R, [h for h in ctx.hyps if vary.isdisjoint(h.term.free)], ctx.names, ctx.depth)
        return [needed(fixed, ">=", u, "sqrt", s)]
    return [needed(ctx, relation, u, what, s) for relation, u, what in obligations(ctx, s)]


def _glue(ctx: Context, vary: frozenset[str], s: Term, sides: list[Theorem], kinks: list[Term]) -> list[Theorem]:
    """A seam: equal branches, and equal tangents where that can be shown; else the seam is noted as a kink."""
    guard, a, b = s.terms
    same = ctx.prove_equal(a, b)
    if same is None:
        raise NotShown("the branches of a conditional are not shown to agree at its seam", s, guard)
    rates = []
    for arm in (a, b):
        try:
            th = ctx.R.rule("local", vary, arm, list(dict.fromkeys(sides)))
        except KernelError as error:
            raise NotShown(str(error), s, guard) from None
        assert isinstance(th.conclusion, Local)
        rates.append(th.conclusion.derivative)
    da, db = rates
    if da is not None and da is db:
        return [same]
    equal = equal_rates(ctx, vary, da, db) if da is not None and db is not None else None
    if equal is None:
        kinks.append(s)
        return [same]
    return [same, equal]


def equal_rates(ctx: Context, vary: frozenset[str], a: Term, b: Term) -> Theorem | None:
    """``a - b = 0`` for two terms linear in tangents, place by place: tangents occur in no hypothesis."""
    equations: list[tuple[Term, Theorem]] = []
    for name in sorted(vary):
        unit = {"d " + v: ONE if v == name else ZERO for v in vary}
        same = ctx.prove_equal(substitute(a, unit), substitute(b, unit))
        if same is None:
            return None
        equations.append((tangent(name), same))
    try:
        return ctx.R.arith(equation(a, b), (), equations)
    except KernelError:
        return None


def with_derivative(ctx: Context, th: Theorem, rate: Term) -> Theorem:
    """``Local`` with the derivative rewritten to ``rate``, linear in the tangents.  Raises ``NotShown``."""
    c = th.conclusion
    assert isinstance(c, Local)
    if c.derivative is None:
        raise NotShown("the term is continuous, but not shown to be differentiable", c.term)
    if c.derivative is rate:
        return th
    same = equal_rates(ctx, c.vary, c.derivative, rate)
    if same is None:
        raise NotShown("the derivative is not shown to equal the one that is claimed", c.term)
    return ctx.R.rule("rewrite", th, same)


def has_deriv(ctx: Context, x: str, t: Term, derivative: Term) -> Theorem:
    """``t`` has the derivative ``derivative`` in ``x``.  Raises ``NotShown``."""
    rate = mul(derivative, tangent(x))
    return by_cases(ctx, lambda c: promised(c, with_derivative(c, differentiable(c, x, t), rate), rate))


def resolved(ctx: Context, t: Term) -> Term:
    """``t`` with the conditionals that are decided here replaced by their branches."""
    done: dict[Term, Term] = {}
    for s in postorder(t):
        decided = strict_sides(ctx, Literal(str(s.args[0]), s.terms[0]), True) if s.op == "cond" else None
        done[s] = rebuild(s, done) if decided is None else done[s.terms[1 if decided[1] else 2]]
    return done[t]


def near_replacement(ctx: Context, x: str, t: Term) -> Theorem | None:
    """``t ~> dt`` through a simpler term that is the same function near the point."""
    vary = frozenset({x})
    near, support = around(ctx, vary)
    form = resolved(near, t)
    if form is t:
        return None
    try:
        inner, is_defined = local(ctx, vary, form), defined(near, t)
    except NotShown:
        return None
    same = near.prove_equal(t, form)
    return None if same is None else ctx.R.rule("replace", inner, same, is_defined, support)


def open_guard(ctx: Context, vary: frozenset[str], t: Term) -> Term | None:
    """The innermost guard in ``t`` that is not known to keep its side near the point."""
    for s in postorder(t):
        if s.op == "cond":
            guard = Literal(str(s.args[0]), s.terms[0])
            if strict_sides(ctx, guard, vary.isdisjoint(guard.term.free)) is None:
                return guard.term
    return None


def differentiable(ctx: Context, x: str, t: Term) -> Theorem:
    """``t ~> dt`` in one symbol: node by node, else from its two sides.  Raises ``NotShown``."""
    from .onesided import from_both_sides

    try:
        th = local(ctx, frozenset({x}), t)
        if isinstance(th.conclusion, Local) and th.conclusion.derivative is None:
            raise NotShown("the term is continuous, but not shown to be differentiable", t)
        return th
    except NotShown as failure:
        other = near_replacement(ctx, x, t)
        if other is None and any(h.relation == "=" for h in ctx.hyps):
            other = from_both_sides(ctx, x, t)
        if other is not None:
            return other
        if failure.guard is None:
            failure.guard = open_guard(ctx, frozenset({x}), t)
        raise


def promised(ctx: Context, th: Theorem, rate: Term) -> Theorem:
    """``HasDeriv`` from ``Local``: the derivative is defined."""
    return ctx.R.rule("has_deriv", th, defined(ctx, rate))


def by_cases(ctx: Context, show: Callable[[Context], Theorem]) -> Theorem:
    """``show(ctx)``; where it fails for want of the sign of a guard, once for each sign of it."""
    ctx.R.searches = 0
    absurd = ctx.absurd()
    if absurd is not None:
        return absurd
    try:
        return show(ctx)
    except NotShown as failure:
        g = failure.guard
        if g is None or ctx.depth > 5 or any(h.term in (g, neg(g)) and h.relation in (">", "=") for h in ctx.hyps):
            raise
        up, zero, down = (
            by_cases(ctx.with_(k), show) for k in (Literal(">", g), Literal("=", g), Literal(">", neg(g)))
        )
        return three_ways(ctx, g, up, zero, down)


def three_ways(ctx: Context, g: Term, up: Theorem, zero: Theorem, down: Theorem) -> Theorem:
    """One conclusion from its proofs under ``g > 0``, ``g = 0`` and ``-g > 0``."""
    R = ctx.R
    first, equal, below = Literal(">", g), Literal("=", g), Literal(">", neg(g))
    if below in down.hyps:
        nonneg = R.assume(first.negation)
        apart = R.arith(Literal("!=", neg(g)), [(-1, [R.assume(equal.negation)], [])])
        lemma = strict(ctx, neg(g), nonneg, apart)
        assert lemma is not None
        down = R.rule("cut", lemma, down)
    return R.rule("cases", first, up, R.rule("cases", equal, zero, down))
