"""The map of a step function: stretches on which nothing moves, and the points where what is rounded is an integer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from ..kernel.terms import KernelError, Literal, Term, add, neg, rat, sub, substitute, unary
from ..kernel.theorems import Theorem
from .bisection import refuted
from .congruence import settled
from .context import Context
from .cuts import Cut, Leaf, Tree, collect, literal_of
from .derive import NotShown
from .normal import TooLarge
from .pinned import pinned
from .scan import extent
from .step_verdicts import Region, Verdicts
from .steps import ROUNDED, Boundary, Step, Values, boundaries

if TYPE_CHECKING:
    from .mapping import Mapper

MAX_TURNS = 3
"""How often a piece is cut again by the direction in which ``w`` moves."""


def _by_shapes(values: Values, first: int | None, last: int | None) -> list[Boundary]:
    return boundaries(values, first, last, shapes=True)


def _by_ends(_: Values, first: int | None, last: int | None) -> list[Boundary]:
    ends = dict.fromkeys(n for n in (first, last) if n is not None)
    return [Boundary(n, ("<", "=", ">")) for n in ends]


_AGAIN = (_by_shapes, _by_ends)
"""Where nothing was shown: further cuts by the branches that are taken, and then at the last integers."""


class Staircase:
    """Pieces and verdicts for ``step`` on behalf of a mapper."""

    def __init__(self, mapper: Mapper, step: Step) -> None:
        self.mapper, self.step, self.w = mapper, step, step.inner
        self.verdicts = Verdicts(mapper.R, mapper.x, mapper.t, step)

    # --- cutting ----------------------------------------------------------------------------------------------

    def tree(self, ctx: Context, path: tuple[Literal, ...]) -> Tree:
        """The pieces of a part of the line on which ``w`` is defined and its guards are decided."""
        (low, low_closed), (high, high_closed) = extent(ctx, self.w)
        region = Region(low, high, low_closed, high_closed)
        return self._cut(ctx, path, boundaries(self.step.values, region.first(), region.last()), region)

    def _cut(
        self,
        ctx: Context,
        path: tuple[Literal, ...],
        bounds: Sequence[Boundary],
        region: Region,
        again: int = 0,
    ) -> Tree:
        while bounds:
            middle = len(bounds) // 2
            at, kinds = bounds[middle].at, bounds[middle].kinds
            g = self._distance(ctx, at)
            below, above = bounds[:middle], bounds[middle + 1 :]
            parts = {
                "<": (below, Region(region.low, at, region.low_closed, False)),
                "<=": (below, Region(region.low, at, region.low_closed, True)),
                ">": (above, Region(at, region.high, False, region.high_closed)),
                ">=": (above, Region(at, region.high, True, region.high_closed)),
            }
            if ctx.prove("=", g) is not None:
                return self._single(ctx, path, at)
            sure = next((k for k in kinds if k != "=" and ctx.prove(*literal_of(k, g)) is not None), None)
            if sure is not None:
                bounds, region = parts[sure]
                continue
            return self._parted(ctx, path, g, kinds, partial(self._part, at, parts, again))
        tree = self._stretch(ctx, path, region)
        if again < len(_AGAIN) and any(leaf.verdict is None for leaf in collect(tree)):
            for again_, more in enumerate(_AGAIN[again:], again + 1):
                bounds = more(self.step.values, region.first(), region.last())
                if bounds:
                    return self._cut(ctx, path, bounds, region, again_)
        return tree

    def _part(
        self,
        at: int,
        parts: Mapping[str, tuple[Sequence[Boundary], Region]],
        again: int,
        ctx: Context,
        path: tuple[Literal, ...],
        kind: str,
    ) -> Tree:
        return self._single(ctx, path, at) if kind == "=" else self._cut(ctx, path, *parts[kind], again)

    def _distance(self, ctx: Context, n: int) -> Term:
        """``w - n``, in short."""
        w, _ = settled(ctx, self.w, {})
        u, q = w, Fraction(n)
        if w.op == "add" and w.terms[1].op == "rat":
            u, q = w.terms[0], q - Fraction(str(w.terms[1].args[0]))
        return u if q == 0 else sub(u, rat(q)) if q > 0 else add(u, rat(-q))

    def _parted(
        self,
        ctx: Context,
        path: tuple[Literal, ...],
        g: Term,
        kinds: Sequence[str],
        part: Callable[[Context, tuple[Literal, ...], str], Tree],
    ) -> Tree:
        """A cut whose parts are made by ``part``; those where nothing lies are left out."""
        trees: dict[str, Tree] = {}
        for kind in kinds:
            literal = literal_of(kind, g)
            inner = ctx.with_(literal)
            inner.depth = ctx.depth
            gone = inner.absurd() or refuted(inner)
            if gone is None:
                trees[kind] = part(inner, (*path, literal), kind)
            else:
                self.mapper.empty[frozenset(inner.hyps)] = gone
        cut = Cut(g, tuple(trees), list(trees.values()), ctx.hyps, tuple(kinds))
        return self.mapper.joined(ctx, cut, path) if tuple(kinds) == ("<", "=", ">") else cut

    def _stretch(self, ctx: Context, path: tuple[Literal, ...], region: Region) -> Tree:
        """A part of the line in which the same happens at every integer."""
        first, last = region.first(), region.last()
        some = first if first is not None else last if last is not None else 0
        if first is not None and last is not None and first > last:
            return self._leaf(ctx, path, lambda c: self.verdicts.between(c, region.low, region.high))
        kind = self.step.values.kind(some)
        if kind in ("flat", "none"):
            low = region.low if region.low is None or not region.low_closed else region.low - 1
            high = region.high if region.high is None or not region.high_closed else region.high + 1
            return self._leaf(ctx, path, lambda c: self.verdicts.between(c, low, high))
        gap = sub(self.w, unary("floor", self.w))

        def part(inner: Context, way: tuple[Literal, ...], kind: str) -> Tree:
            if kind == "!=":
                return self._leaf(inner, way, lambda c: self.verdicts.inside(c, region))
            return self._ties(inner, way, region)

        return self._parted(ctx, path, gap, ("!=", "="), part)

    def _ties(self, ctx: Context, path: tuple[Literal, ...], region: Region) -> Tree:
        """The points at which ``w`` is an integer, cut by what else the value there depends on."""
        if self.step.tie is None:
            return self._leaf(ctx, path, lambda c: self.verdicts.at_any(c, region, ()))
        q = self.step.tie
        inner = sub(q, unary("floor", q))

        def part(c: Context, way: tuple[Literal, ...], kind: str) -> Tree:
            return self._leaf(c, way, lambda d: self.verdicts.at_any(d, region, (Literal(kind, inner),)))

        return self._parted(ctx, path, substitute(inner, {ROUNDED: self.w}), ("!=", "="), part)

    def _single(self, ctx: Context, path: tuple[Literal, ...], n: int) -> Tree:
        return self._leaf(ctx, path, lambda c: self.verdicts.at_number(c, n))

    def _leaf(
        self,
        ctx: Context,
        path: tuple[Literal, ...],
        verdict: Callable[[Context], Theorem],
        turns: int = 0,
    ) -> Tree:
        """The piece with its verdict; cut by the sign of a term that stands in the way."""
        self.mapper.R.searches = 0
        try:
            self.mapper.leaves += 1
            return Leaf(path, verdict(ctx))
        except NotShown as failure:
            edge = self.verdicts.edge(ctx)
            if edge is not None:
                return Leaf(path, edge)
            if pinned(ctx, self.mapper.x) is not None:  # w may jump here: as for any other term
                leaf, _ = self.mapper.judge(ctx, path)
                if leaf.verdict is not None:
                    return leaf
            guard, reason = failure.guard, str(failure)
            if guard is not None and not guard.free <= {self.mapper.x}:
                guard = None
        except (TooLarge, KernelError, RecursionError) as failure:
            guard, reason = None, str(failure)
        g = (
            self.mapper._unknown(self.verdicts.plain(ctx), guard, ">")
            if guard is not None and turns < MAX_TURNS
            else None
        )
        if g is None or any(k.term in (g, neg(g)) for k in path):
            return Leaf(path, None, reason)
        return self._parted(
            ctx, path, g, ("<", "=", ">"), lambda inner, way, kind: self._leaf(inner, way, verdict, turns + 1)
        )
