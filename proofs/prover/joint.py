"""Joint maps: where a term of several inputs is differentiable in all of them together (Frechet)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import isfinite

from ..kernel.terms import (
    ONE,
    ZERO,
    KernelError,
    Literal,
    Term,
    add,
    mul,
    postorder,
    rat,
    rebuild,
    sub,
    substitute,
    tangent,
    var,
)
from ..kernel.theorems import HasDeriv, Local, Theorem
from .context import Context
from .derive import NotShown, around, by_cases, defined, local, promised, resolved, strict_sides, with_derivative
from .mapping import Leaf, Mapper
from .normal import TooLarge
from .onesided import not_differentiable, shorter
from .recorder import Recorder
from .sampling import value
from .signs import undecided

STEP = "h"
"""The symbol that moves along a line; the kernel's rule ``along`` fixes its name."""


class JointMapper(Mapper):
    """Builds the map of ``t`` in all of ``inputs`` together; ``claimed`` are the partial derivatives, by input."""

    def __init__(
        self, R: Recorder, inputs: Sequence[str], t: Term, assume: Sequence[Literal], claimed: Mapping[str, Term]
    ) -> None:
        super().__init__(R, inputs[0], t, assume)
        self.inputs, self.claimed = tuple(inputs), dict(claimed)
        self.vary = frozenset(inputs)
        names = set(t.free).union(inputs, *(d.free for d in claimed.values()))
        self.root = Context(R, assume, names)

    def open_question(self, ctx: Context) -> Term | None:
        """As for one input, with every partial derivative that is claimed."""
        for root in (self.t, *self.claimed.values()):
            g = self._question(ctx, root)
            if g is not None:
                return g
        return None

    def positive(self, ctx: Context, wanted: Sequence[Term] = ()) -> Theorem:
        """``HasDeriv`` in all inputs: ``wanted`` may name whole derivatives, linear in the tangents."""
        th = self._moving(ctx)
        c = th.conclusion
        assert isinstance(c, Local) and c.derivative is not None
        for rate in wanted:
            try:
                return promised(ctx, with_derivative(ctx, th, rate), rate)
            except NotShown:
                continue
        partials = [self._partial(ctx, c.derivative, v) for v in self.inputs]
        rate = mul(partials[0], tangent(self.inputs[0]))
        for v, p in zip(self.inputs[1:], partials[1:], strict=True):
            rate = add(rate, mul(p, tangent(v)))
        return promised(ctx, with_derivative(ctx, th, rate), rate)

    def _moving(self, ctx: Context) -> Theorem:
        """``t ~> dt``: node by node, else through a simpler term that is the same function near the point."""
        try:
            th = local(ctx, self.vary, self.t)
            assert isinstance(th.conclusion, Local)
            if th.conclusion.derivative is not None:
                return th
            raise NotShown("the term is continuous, but not shown to be differentiable", self.t)
        except NotShown:
            other = self._same_near(ctx)
            if other is None:
                raise
            return other

    def _same_near(self, ctx: Context) -> Theorem | None:
        """``t ~> dt`` through what is left of ``t`` near the point when guards and floors are settled there."""
        near, support = around(ctx, self.vary)
        floors: dict[Term, Term] = {}
        bounds: list[Literal] = []
        for f in postorder(self.t):
            n = shorter(ctx, f) if f.op == "floor" and not self.vary.isdisjoint(f.free) else f
            if n.op != "rat" or f.op != "floor":
                continue
            for g in (add(sub(f.terms[0], n), ONE), sub(add(n, ONE), f.terms[0])):
                positive = ctx.prove(">", g)
                if positive is None:
                    return None
                support += [positive, local(ctx, self.vary, g)]
                bounds.append(Literal(">", g))
            floors[f] = n
        near = Context(ctx.R, [*near.hyps, *bounds], ctx.names, ctx.depth + 1)
        form = _settled(near, self.t, floors)
        if form is self.t:
            return None

        def same(c: Context) -> Theorem:
            _solve_floors(c, floors)
            th = c.prove_equal(self.t, form)
            if th is None:
                guard = undecided(c, self.t)
                raise NotShown("not the same function near the point", self.t, None if guard is None else guard.term)
            return th

        return ctx.R.rule(
            "replace",
            local(ctx, self.vary, form),
            by_cases(near, same),
            defined(near, self.t),
            list(dict.fromkeys(support)),
        )

    def _adapt(self, ctx: Context, g: Term, found: dict[str, Leaf], path: tuple[Literal, ...]) -> None:
        """At the seam, prefer the derivative of a neighbour, in its very form."""
        here = found["="]
        rates = [
            leaf.verdict.conclusion.derivative
            for side, leaf in found.items()
            if side != "=" and leaf.verdict is not None and isinstance(leaf.verdict.conclusion, HasDeriv)
        ]
        said = None if here.verdict is None else here.verdict.conclusion
        if not isinstance(said, HasDeriv) or said.derivative in rates:
            return
        try:
            found["="] = Leaf(here.literals, self.positive(ctx.with_(Literal("=", g)), rates))
        except (NotShown, TooLarge, KernelError):
            return

    def _partial(self, ctx: Context, rate: Term, v: str) -> Term:
        """The coefficient of the tangent of ``v``: what is claimed, if that is shown, else a short form."""
        found = substitute(rate, {"d " + w: ONE if w == v else ZERO for w in self.inputs})
        if v in self.claimed:
            d = resolved(ctx, self.claimed[v])
            if ctx.prove_equal(found, d) is not None:
                return d
        return shorter(ctx, found)

    def judge(self, ctx: Context, path: tuple[Literal, ...]) -> tuple[Leaf, Term | None]:
        """As for one input; where nothing is shown, it may depend on whether the branches meet at their seam."""
        _find_floors(ctx, self.t)
        leaf, guard = super().judge(ctx, path)
        if leaf.verdict is None and (guard is None or self._unknown(ctx, guard, ">") is None):
            return leaf, self._beside(ctx)
        return leaf, guard

    def _beside(self, ctx: Context) -> Term | None:
        """What may matter next to the point: whether branches meet at their seam, guards that do not count at it."""
        for s in postorder(self.t):
            if s.op != "cond":
                continue
            try:
                if ctx.prove("=", s.terms[0]) is not None:
                    _, _ = defined(ctx, s.terms[1]), defined(ctx, s.terms[2])
                    g = self._unknown(ctx, sub(s.terms[1], s.terms[2]), ">")
                else:
                    g = self._unknown(ctx, s.terms[0], str(s.args[0]))
            except (NotShown, TooLarge):
                continue
            if g is not None:
                return g
        return None

    def _negative(self, ctx: Context) -> Theorem | None:
        """Not differentiable along some line, hence not jointly."""
        if any(STEP in k.term.free for k in ctx.hyps) or STEP in self.t.free:
            return None
        failure: NotShown | None = None
        for direction in directions(len(self.inputs)):
            line = {v: Fraction(q) for v, q in zip(self.inputs, direction, strict=True)}
            moved = substitute(self.t, {v: add(var(v), mul(rat(q), var(STEP))) for v, q in line.items()})
            here = ctx.with_(Literal("=", var(STEP)))
            here.solved.update({f: known for f, known in ctx.solved.items() if f.op == "floor"})
            try:
                th = not_differentiable(here, STEP, moved)
            except NotShown as error:
                if error.guard is not None:
                    error.guard = substitute(error.guard, {STEP: ZERO})  # a cut is made in the inputs
                    if self._unknown(ctx, error.guard, ">") is None:
                        error.guard = None
                if failure is None or failure.guard is None:
                    failure = error
                continue
            except (TooLarge, KernelError):
                continue
            if th is not None:
                return self.R.rule("along", line, self.t, th)
        if failure is not None:
            raise failure
        return None


def _settled(near: Context, t: Term, floors: Mapping[Term, Term]) -> Term:
    """``t`` with the floors given their values, and conditionals whose branches agree then replaced by a branch."""
    done: dict[Term, Term] = {}
    for s in postorder(t):
        made = floors[s] if s in floors else rebuild(s, done)
        if made.op == "cond":
            decided = strict_sides(near, Literal(str(made.args[0]), made.terms[0]), True)
            if decided is not None:
                made = made.terms[1 if decided[1] else 2]
            elif shorter(near, made.terms[1]) is shorter(near, made.terms[2]):
                made = shorter(near, made.terms[1])
        done[s] = made
    return done[t]


def _find_floors(ctx: Context, t: Term) -> None:
    """Where the sample points agree on the value of a floor in ``t``, and it is shown, the context knows it."""
    for f in (s for s in postorder(t) if s.op == "floor" and s not in ctx.solved):
        values = {value(f, p) for p in ctx.samples}
        if len(values) == 1 and isfinite(n := values.pop()):
            _solve_floors(ctx, {f: rat(int(n))})
            if f in ctx.solved:
                for goal in [k for k, th in ctx.memo.items() if th is None]:
                    del ctx.memo[goal]


def _solve_floors(ctx: Context, floors: Mapping[Term, Term]) -> None:
    """Let the context know those of the floors that have their value in it."""
    for f, n in floors.items():
        u = f.terms[0]
        lower, upper = ctx.prove(">=", sub(u, n)), ctx.prove(">", sub(add(n, ONE), u))
        if lower is not None and upper is not None:
            ctx.solved[f] = n, ctx.floor_is(u, n, lower, upper)
            ctx.fractions.clear()


def directions(n: int) -> list[tuple[int, ...]]:
    """Lines through a point, the axes first: no line twice."""
    found = [d for d in product((0, 1, -1), repeat=n) if any(d) and next(k for k in d if k) == 1]
    return sorted(found, key=lambda d: (sum(map(abs, d)), [-k for k in d]))
