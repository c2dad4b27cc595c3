"""Joint maps: where a term of several inputs is differentiable in all of them together (Frechet)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product

from ..kernel.terms import ONE, ZERO, KernelError, Literal, Term, add, mul, rat, substitute, tangent, var
from ..kernel.theorems import HasDeriv, Local, Theorem
from .context import Context
from .derive import NotShown, around, defined, local, promised, resolved, with_derivative
from .mapping import Leaf, Mapper
from .normal import TooLarge
from .onesided import not_differentiable, shorter
from .recorder import Recorder

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
            near, support = around(ctx, self.vary)
            form = resolved(near, self.t)
            same = None if form is self.t else near.prove_equal(self.t, form)
            if same is None:
                raise
            return ctx.R.rule("replace", local(ctx, self.vary, form), same, defined(near, self.t), support)

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

    def _negative(self, ctx: Context) -> Theorem | None:
        """Not differentiable along some line, hence not jointly."""
        if any(STEP in k.term.free for k in ctx.hyps) or STEP in self.t.free:
            return None
        failure: NotShown | None = None
        for direction in directions(len(self.inputs)):
            line = {v: Fraction(q) for v, q in zip(self.inputs, direction, strict=True)}
            moved = substitute(self.t, {v: add(var(v), mul(rat(q), var(STEP))) for v, q in line.items()})
            here = ctx.with_(Literal("=", var(STEP)))
            try:
                th = not_differentiable(here, STEP, moved)
            except NotShown as error:
                failure = failure or error
                continue
            except (TooLarge, KernelError):
                continue
            if th is not None:
                return self.R.rule("along", line, self.t, th)
        if failure is not None and failure.guard is not None and STEP in failure.guard.free:
            failure.guard = None  # a cut has to be made in the inputs
        if failure is not None:
            raise failure
        return None


def directions(n: int) -> list[tuple[int, ...]]:
    """Lines through a point, the axes first: no line twice."""
    found = [d for d in product((0, 1, -1), repeat=n) if any(d) and next(k for k in d if k) == 1]
    return sorted(found, key=lambda d: (sum(map(abs, d)), [-k for k in d]))
