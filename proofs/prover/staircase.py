"""The map of a step function ``G(floor(w))``: cells where nothing moves, and the points at which ``w`` is an integer.

What happens at an integer and beside it is a question about ``G`` alone (:mod:`.cells`), and about the side to which
``w`` moves.  Where the integers are endless, the value of ``w`` at the point gets a name of its own (``freeze``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from ..kernel.conclusions import Side
from ..kernel.local import slope
from ..kernel.terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    KernelError,
    Literal,
    Term,
    add,
    neg,
    rat,
    sub,
    substitute,
    unary,
    var,
)
from ..kernel.theorems import Local, Theorem, held
from .cells import Cell, Cells
from .context import Context
from .cuts import Cut, Leaf, Tree, literal_of
from .derive import NotShown, around, defined, local, needed, promised, undefined
from .lemmas import strict
from .monotone import compare
from .normal import HOLE, TooLarge, equation
from .onesided import Beside, simplified
from .scan import extent
from .steps import ROUNDED, Boundary, Step, boundaries

if TYPE_CHECKING:
    from .mapping import Mapper

POINT = "m"
"""The name for the value of ``w`` at the point."""
MAX_TURNS = 3
"""How often a piece is cut again by the direction in which ``w`` moves."""


@dataclass(frozen=True)
class Region:
    """An interval of ``y``: its ends (``None``: endless), and whether they belong to it."""

    low: int | None = None
    high: int | None = None
    low_closed: bool = False
    high_closed: bool = False

    def first(self) -> int | None:
        """The least integer in it."""
        return None if self.low is None else self.low + (not self.low_closed)

    def last(self) -> int | None:
        """The greatest integer in it."""
        return None if self.high is None else self.high - (not self.high_closed)


@dataclass(frozen=True)
class Place:
    """An integer ``n`` that ``w`` equals at the point: the proof, and what is known about ``n`` and ties."""

    n: Term
    equal: Theorem
    fixed: tuple[Literal, ...] = ()
    ties: tuple[Literal, ...] = ()


class Staircase:
    """Pieces and verdicts for ``step`` on behalf of a mapper."""

    def __init__(self, mapper: Mapper, step: Step) -> None:
        self.mapper, self.step, self.R, self.x = mapper, step, mapper.R, mapper.x
        self.w, self.vary = step.inner, mapper.vary
        self.cells = Cells(mapper.R, step.outer, step.tie)
        self.floor = unary("floor", self.w)

    # --- cutting ----------------------------------------------------------------------------------------------

    def tree(self, ctx: Context, path: tuple[Literal, ...]) -> Tree:
        """The pieces of a part of the line on which ``w`` is defined and its guards are decided."""
        (low, low_closed), (high, high_closed) = extent(ctx, self.w)
        region = Region(low, high, low_closed, high_closed)
        return self._cut(ctx, path, boundaries(self.step.values, region.first(), region.last()), region)

    def _cut(self, ctx: Context, path: tuple[Literal, ...], bounds: Sequence[Boundary], region: Region) -> Tree:
        while bounds:
            middle = len(bounds) // 2
            at, kinds = bounds[middle].at, bounds[middle].kinds
            g = self._distance(at)
            below, above = bounds[:middle], bounds[middle + 1 :]
            parts = {
                "<": (below, Region(region.low, at, region.low_closed, False)),
                "<=": (below, Region(region.low, at, region.low_closed, True)),
                ">": (above, Region(at, region.high, False, region.high_closed)),
                ">=": (above, Region(at, region.high, True, region.high_closed)),
            }
            sure = next((k for k in kinds if k != "=" and ctx.prove(*literal_of(k, g)) is not None), None)
            if sure is not None:
                bounds, region = parts[sure]
                continue
            return self._parted(
                ctx,
                path,
                g,
                kinds,
                lambda inner, way, kind: (
                    self._single(inner, way, at) if kind == "=" else self._cut(inner, way, *parts[kind])
                ),
            )
        return self._stretch(ctx, path, region)

    def _distance(self, n: int) -> Term:
        """``w - n``, in short."""
        w = self.w
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
            gone = inner.absurd()
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
            return self._leaf(ctx, path, lambda c: self.between(c, region.low, region.high))
        kind = self.step.values.kind(some)
        if kind in ("flat", "none"):
            low = region.low if region.low is None or not region.low_closed else region.low - 1
            high = region.high if region.high is None or not region.high_closed else region.high + 1
            return self._leaf(ctx, path, lambda c: self.between(c, low, high))
        gap = sub(self.w, self.floor)

        def part(inner: Context, way: tuple[Literal, ...], kind: str) -> Tree:
            if kind == "!=":
                return self._leaf(inner, way, lambda c: self.inside(c, region))
            return self._ties(inner, way, region)

        return self._parted(ctx, path, gap, ("!=", "="), part)

    def _ties(self, ctx: Context, path: tuple[Literal, ...], region: Region) -> Tree:
        """The points at which ``w`` is an integer, cut by what else the value there depends on."""
        if self.step.tie is None:
            return self._leaf(ctx, path, lambda c: self.at_any(c, region, ()))
        q = self.step.tie
        inner = sub(q, unary("floor", q))

        def part(c: Context, way: tuple[Literal, ...], kind: str) -> Tree:
            return self._leaf(c, way, lambda d: self.at_any(d, region, (Literal(kind, inner),)))

        return self._parted(ctx, path, substitute(inner, {ROUNDED: self.w}), ("!=", "="), part)

    def _single(self, ctx: Context, path: tuple[Literal, ...], n: int) -> Tree:
        return self._leaf(ctx, path, lambda c: self.at_number(c, n))

    def _leaf(
        self,
        ctx: Context,
        path: tuple[Literal, ...],
        verdict: Callable[[Context], Theorem],
        turns: int = 0,
    ) -> Tree:
        """The piece with its verdict; cut by the sign of a term that stands in the way."""
        self.R.searches = 0
        try:
            self.mapper.leaves += 1
            return Leaf(path, verdict(ctx))
        except NotShown as failure:
            guard, reason = failure.guard, str(failure)
        except (TooLarge, KernelError, RecursionError) as failure:
            guard, reason = None, str(failure)
        g = self.mapper._unknown(ctx, guard, ">") if guard is not None and turns < MAX_TURNS else None
        if g is None or any(k.term in (g, neg(g)) for k in path):
            return Leaf(path, None, reason)
        return self._parted(
            ctx, path, g, ("<", "=", ">"), lambda inner, way, kind: self._leaf(inner, way, verdict, turns + 1)
        )

    # --- between integers -------------------------------------------------------------------------------------

    def between(self, ctx: Context, low: int | None, high: int | None) -> Theorem:
        """The verdict where ``low < w < high`` and nothing changes in between."""
        y, hyps = var(ROUNDED), list[Literal]()
        if low is not None:
            hyps.append(Literal(">", sub(y, rat(low))))
        if high is not None:
            hyps.append(Literal(">", sub(rat(high), y)))
        cell = self.cells.cell(hyps, rat(low) if low is not None and high == low + 1 else None)
        shown = [needed(ctx, k.relation, k.term, "a step", self.w) for k in self._put(hyps)]
        return self._constant(ctx, cell, shown)

    def inside(self, ctx: Context, region: Region) -> Theorem:
        """The verdict where ``w`` is no integer: ``floor(w)`` keeps its value, which gets a name."""
        m, given, whole = self._named(ctx)
        R, M = self.R, unary("floor", m)
        gap = sub(self.w, self.floor)
        above = strict(ctx, gap, R.fact("floor_low", self.w), needed(ctx, "!=", gap, "floor", self.w))
        assert above is not None
        over = R.arith(Literal(">", sub(self.w, M)), [(1, [above], [])], [(MINUS_ONE, whole)])
        under = R.arith(
            Literal(">", sub(add(M, ONE), self.w)), [(1, [R.fact("floor_high", self.w)], [])], [(ONE, whole)]
        )
        low = (
            None
            if region.low is None
            else (region.low, needed(ctx, ">=", sub(self.w, rat(region.low)), "a step", self.w))
        )
        bounds: list[Theorem] = []
        if low is not None:
            up = R.arith(Literal(">", add(sub(M, rat(low[0])), ONE)), [(1, [under], []), (1, [low[1]], [])])
            bounds.append(R.arith(Literal(">=", sub(M, rat(low[0]))), [(1, [R.rule("gap", up)], [])]))
        if region.high is not None:
            top = needed(ctx, ">=", sub(rat(region.high), self.w), "a step", self.w)
            down = R.arith(Literal(">", sub(rat(region.high), M)), [(1, [over], []), (1, [top], [])])
            bounds.append(R.arith(Literal(">=", sub(rat(region.high - 1), M)), [(1, [R.rule("gap", down)], [])]))
        y = var(ROUNDED)
        hyps = [Literal(">", sub(y, M)), Literal(">", sub(add(M, ONE), y)), *(held(b) for b in bounds)]
        cell = self.cells.cell(hyps, M)
        th = self._constant(ctx, cell, [over, under])
        return self._freed(th, bounds, given)

    def _constant(self, ctx: Context, cell: Cell, shown: Sequence[Theorem]) -> Theorem:
        """The derivative is 0, or there is no value, because ``shown`` puts ``w`` strictly into ``cell``."""
        if cell.gone is not None:
            return self._discharged(self.cells.at(cell.gone, self.w), shown)
        assert cell.is_defined is not None and cell.form_defined is not None
        near, support = around(ctx, self.vary)
        exists = self.cells.at(cell.is_defined, self.w, [defined(near, self.w)])
        for th in shown:
            support += [th, local(ctx, self.vary, held(th).term, smooth=False)]
        inner = self.R.rule("local", self.vary, cell.form, [cell.form_defined])
        th = self.R.rule("replace", inner, self.cells.at(cell.same, self.w), exists, support)
        return self._promised(ctx, th)

    def _promised(self, ctx: Context, th: Theorem) -> Theorem:
        th = simplified(ctx, th, self.x)
        c = th.conclusion
        assert isinstance(c, Local) and c.derivative is not None
        return promised(ctx, th, c.derivative)

    # --- at an integer ----------------------------------------------------------------------------------------

    def at_number(self, ctx: Context, n: int) -> Theorem:
        """The verdict where ``w = n``."""
        return self._at(ctx, Place(rat(n), needed(ctx, "=", sub(self.w, rat(n)), "a step", self.w)))

    def at_any(self, ctx: Context, region: Region, ties: tuple[Literal, ...]) -> Theorem:
        """The verdict where ``w`` is an integer of the region, which gets a name."""
        m, given, whole = self._named(ctx)
        R, M = self.R, unary("floor", m)
        gap = needed(ctx, "=", sub(self.w, self.floor), "a step", self.w)
        equal = R.arith(equation(self.w, M), (), [(ONE, gap), (MINUS_ONE, whole)])
        bounds: list[Theorem] = []
        ends = ((region.low, region.low_closed, 1), (region.high, region.high_closed, -1))
        for end, closed, sign in ends:
            if end is None:
                continue
            side, own = (
                (sub(self.w, rat(end)), sub(M, rat(end))) if sign > 0 else (sub(rat(end), self.w), sub(rat(end), M))
            )
            relation = ">=" if closed else ">"
            th = needed(ctx, relation, side, "a step", self.w)
            th = R.arith(Literal(relation, own), [(1, [th], [])], [(rat(-sign), equal)])
            if not closed:
                th = R.rule("gap", th)
            bounds.append(th)
        th = self._at(ctx, Place(M, equal, tuple(held(b) for b in bounds), ties))
        return self._freed(th, bounds, given)

    def _at(self, ctx: Context, place: Place) -> Theorem:
        y, n, R = var(ROUNDED), place.n, self.R
        point = self.cells.cell([Literal("=", sub(y, n)), *place.fixed, *place.ties], n)
        if point.gone is not None:
            return self._discharged(self.cells.at(point.gone, self.w), [place.equal])
        assert point.is_defined is not None
        here = self._discharged(self.cells.at(point.is_defined, self.w, [defined(ctx, self.w)]), [place.equal])
        same = self._discharged(self.cells.at(point.same, self.w), [place.equal])
        sides, gone = dict[int, Theorem](), dict[int, tuple[Theorem, list[Theorem]]]()
        for sign in (-1, 1):
            found = self._beside(ctx, place, point, sign, here, same)
            if isinstance(found, Theorem):
                sides[sign] = found
            else:
                gone[sign] = found
        for sign, (th, support) in gone.items():
            return R.rule("boundary", self.x, sign, th, here, sides.get(-sign), support)
        slopes = {c.slope for th in sides.values() for c in (th.conclusion,) if isinstance(c, Side)}
        if slopes == {ZERO}:
            return self._promised(ctx, R.rule("from_sides", sides[-1], sides[1], None))
        return R.rule("no_derivative", [sides[-1], sides[1]], None)

    def _beside(
        self, ctx: Context, place: Place, point: Cell, sign: int, here: Theorem, same: Theorem
    ) -> Theorem | tuple[Theorem, list[Theorem]]:
        """The one-sided derivative; or that there is no value on that side, and why that is that side."""
        way, inside, support, lemmas = self._departure(ctx, place, sign)
        y, n, R = var(ROUNDED), place.n, self.R
        if way == 0:
            cell = point
        elif way > 0:
            cell = self.cells.cell([Literal(">", sub(y, n)), Literal(">", sub(add(n, ONE), y)), *place.fixed], n)
        else:
            below = rat(int(str(n.args[0])) - 1) if n.op == "rat" else sub(n, ONE)
            cell = self.cells.cell([Literal(">", sub(n, y)), Literal(">", sub(y, sub(n, ONE))), *place.fixed], below)
        if cell.gone is not None:
            return self._discharged(self.cells.at(cell.gone, self.w), lemmas), support
        assert cell.is_defined is not None and cell.form_defined is not None
        inner = R.rule("local", self.vary, cell.form, [cell.form_defined])
        beside = self._discharged(self.cells.at(cell.same, self.w), lemmas)
        exists = self._discharged(self.cells.at(cell.is_defined, self.w, [inside]), lemmas)
        order = compare(Context(R, place.fixed, [POINT]), cell.form, point.form)
        if order is None:
            raise NotShown("could not compare the values on both sides of a step", self.mapper.t)
        s, th = order
        t = self.mapper.t
        if s == 0:
            agree = R.arith(equation(t, cell.form), (), [(ONE, same), (MINUS_ONE, th)])
            return R.rule("side_replace", inner, self.x, sign, beside, exists, agree, here, support)
        up = sub(cell.form, t) if s > 0 else sub(t, cell.form)
        apart = R.arith(Literal(">", up), [(1, [th], [])], [(rat(-s), same)])
        return R.rule("side_jump", inner, self.x, sign, beside, exists, apart, here, support)

    def _departure(self, ctx: Context, place: Place, sign: int) -> tuple[int, Theorem, list[Theorem], list[Theorem]]:
        """To which side of ``n`` ``w`` moves; that it is defined there; the support; and lemmas under its hypotheses."""
        n, R = place.n, self.R
        try:
            th = local(ctx, self.vary, self.w)
        except NotShown:
            return self._by_sides(ctx, place, sign)
        assert isinstance(th.conclusion, Local) and th.conclusion.derivative is not None
        rate = slope(th.conclusion.derivative, self.x)
        rises = 1 if ctx.prove(">", rate) is not None else -1 if ctx.prove(">", neg(rate)) is not None else 0
        if rises == 0:
            if n.op == "rat":
                return self._by_sides(ctx, place, sign, rate)
            raise NotShown("could not tell to which side of an integer a term moves", self.w, rate)
        way = sign * rises
        near, support = around(ctx, self.vary)
        u = sub(self.w, n) if way > 0 else sub(n, self.w)
        leaving = local(ctx, self.vary, u)
        assert isinstance(leaving.conclusion, Local) and leaving.conclusion.derivative is not None
        pace = slope(leaving.conclusion.derivative, self.x)
        moves = needed(ctx, ">", pace if sign > 0 else neg(pace), "a step", self.w)
        v = sub(add(n, ONE), self.w) if way > 0 else sub(self.w, sub(n, ONE))
        zero = R.arith(Literal("=", u), (), [(rat(way), place.equal)])
        room = R.arith(Literal(">", v), [(1, [], [])], [(rat(-way), place.equal)])
        support += [zero, leaving, moves, room, local(ctx, self.vary, v, smooth=False)]
        return way, defined(near, self.w), support, []

    def _by_sides(
        self, ctx: Context, place: Place, sign: int, rate: Term | None = None
    ) -> tuple[int, Theorem, list[Theorem], list[Theorem]]:
        """The same where ``w`` has a kink or stands still: from what holds on that side."""
        n, beside = place.n, Beside(ctx, self.x, sign)
        g = sub(self.w, n)
        lemmas: list[Theorem] = []
        if beside.carry(g):
            way = 1 if beside.kept[-1].term is g else -1
        else:
            way = next((s for s, k in _ways(self.w, n) if (th := beside.context.prove(*k)) is not None), 2)
            if way == 2:
                open_rate = rate if rate is not None else beside.open_rates[-1] if beside.open_rates else None
                raise NotShown("could not tell to which side of an integer a term moves", self.w, open_rate)
            lemmas.append(th)
        if way and not beside.carry(sub(add(n, ONE), self.w) if way > 0 else sub(self.w, sub(n, ONE))):
            raise NotShown("what is rounded is not shown to be continuous from one side", self.w)
        beside.context = beside._context()
        return way, defined(beside.context, self.w), beside.support, lemmas

    # --- names and hypotheses ---------------------------------------------------------------------------------

    def _named(self, ctx: Context) -> tuple[Term, Literal, Theorem]:
        """The name ``m`` of the value of ``w``, the equation that gives it, and ``floor(m) - floor(w) = 0``."""
        m = var(POINT)
        given = equation(m, self.w)
        step = self.R.rule("congruence", unary("floor", var(HOLE)), HOLE, self.R.assume(given))
        return m, given, step

    def _freed(self, th: Theorem, bounds: Sequence[Theorem], given: Literal) -> Theorem:
        """Without what was said about the name, and then without the name."""
        th = self._discharged(th, bounds)
        return self.R.rule("freeze", POINT, self.w, th) if given in th.hyps else th

    def _discharged(self, th: Theorem, lemmas: Sequence[Theorem]) -> Theorem:
        for lemma in lemmas:
            if held(lemma) in th.hyps and held(lemma) not in lemma.hyps:
                th = self.R.rule("cut", lemma, th)
        return th

    def _put(self, literals: Sequence[Literal]) -> list[Literal]:
        return [Literal(k.relation, substitute(k.term, {ROUNDED: self.w})) for k in literals]




def _ways(w: Term, n: Term) -> tuple[tuple[int, Literal], ...]:
    """The sides of ``n`` on which ``w`` may lie."""
    return (1, Literal(">", sub(w, n))), (-1, Literal(">", sub(n, w))), (0, Literal("=", sub(w, n)))
