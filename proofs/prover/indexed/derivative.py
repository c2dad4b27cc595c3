"""The derivative of an indexed term: side conditions of the rules, and the result brought into the form claimed."""

from __future__ import annotations

from collections.abc import Sequence

from ...kernel.conclusions import Local, Vary
from ...kernel.facts import DERIVATIVES, OBLIGATION
from ...kernel.terms import BINDERS, KernelError, Literal, Term, cond
from ...kernel.theorems import Theorem, expect, held
from .context import UNPROVED, Context
from .equality import equal_terms
from .forms import entry_of, guard
from .inequalities import prove


def derivative(vary: Vary, t: Term, wanted: Term, ctx: Context) -> Theorem:
    """``t has the derivative wanted``."""
    R, th = ctx.recorder, local(vary, t, ctx)
    found = rate(th)
    if found is not wanted:
        th = R.rule("rewrite", th, equal_terms(found, wanted, ctx))
    return R.rule("has_deriv", th, defined(wanted, ctx))


def local(vary: Vary, t: Term, ctx: Context) -> Theorem:
    """``t ~> dt``, as the rules give it."""
    return ctx.recorder.rule("local", vary, t, _Conditions(vary, ctx).of(t, moving=True))


def defined(t: Term, ctx: Context) -> Theorem:
    """``t`` has a value."""
    return ctx.recorder.rule("defined", t, _Conditions(frozenset(), ctx).of(t, moving=False))


def rate(th: Theorem) -> Term:
    """The derivative that a theorem states."""
    found = expect(Local, th).derivative
    if found is None:
        raise KernelError("continuous only")
    return found


class _Conditions:
    """What the rules ``local`` and ``defined`` need to know of a term, proved as far as its parts count."""

    def __init__(self, vary: Vary, ctx: Context) -> None:
        self.vary, self.ctx = vary, ctx
        self.found: dict[Theorem, None] = {}
        self.seen = set[tuple[Term, bool]]()

    def of(self, t: Term, moving: bool) -> list[Theorem]:
        self.visit(t, moving)
        return list(self.found)

    def visit(self, t: Term, moving: bool) -> None:
        """``moving`` says whether the derivative of the part is asked for, or only its value."""
        if (t, moving) in self.seen or not t.terms:
            return
        self.seen.add((t, moving))
        moves = moving and not self.vary.isdisjoint(t.free)
        if t.op in BINDERS:
            self.found[_over(self.vary if moves else frozenset(), t, self.ctx, moves)] = None
        elif t.op == "cond":
            self.conditional(t, moving)
        else:
            for a in t.terms:
                self.visit(a, moving and t.op not in ("var", "d"))
            if t.op in OBLIGATION:
                need = (DERIVATIVES[t.op][0] if moves else None) or OBLIGATION[t.op]
                self.found[prove(Literal(need, t.terms[0]), self.ctx)] = None

    def conditional(self, t: Term, moving: bool) -> None:
        """One branch where the guard is decided, else both."""
        for case, arm in zip((guard(t), guard(t).negation), t.terms[1:], strict=True):
            try:
                self.found[prove(case, self.ctx)] = None
            except UNPROVED:
                continue
            self.visit(t.terms[0], False)
            self.visit(arm, moving)
            return
        self.found[_by_cases(self.vary, t, self.ctx, moving)] = None


def _over(vary: Vary, t: Term, ctx: Context, moves: bool) -> Theorem:
    """``sum_k a ~> sum_k da``, or ``sum_k a`` is defined; a maximum is continuous."""
    R, k, n = ctx.recorder, ctx.recorder.fresh(), t.terms[0]
    entry, inner = entry_of(t, k), ctx.under([(k, n)])
    th = local(vary, entry, inner) if moves else defined(entry, inner)
    th = R.rule("generalize", t.op, k, n, th, _Conditions(frozenset(), ctx).of(n, moving=False))
    some = Literal(">", n)
    if some in th.hyps and all(held(fact) != some for fact in ctx.facts):
        th = R.rule("cut", prove(some, ctx), th)
    return th


def _by_cases(vary: Vary, t: Term, ctx: Context, moving: bool) -> Theorem:
    """A conditional whose guard stands still, in both cases; the derivative decides by the same guard."""
    R, literal = ctx.recorder, guard(t)
    cases = (literal, literal.negation)
    if not moving or vary.isdisjoint(t.free):
        return R.rule("cases", literal, *(defined(t, ctx.assuming(case)) for case in cases))
    parts = [local(vary, t, ctx.assuming(case)) for case in cases]
    rates = [rate(th) for th in parts]
    if rates[0] is rates[1]:
        return R.rule("cases", literal, *parts)
    both = cond(literal.relation, literal.term, *rates)
    return R.rule("cases", literal, *_as_one(both, parts, cases, ctx))


def _as_one(both: Term, parts: Sequence[Theorem], cases: Sequence[Literal], ctx: Context) -> list[Theorem]:
    R = ctx.recorder
    return [
        R.rule("rewrite", th, R.ring(rate(th), both, (-1, R.taken(both, R.assume(case)))))
        for th, case in zip(parts, cases, strict=True)
    ]
