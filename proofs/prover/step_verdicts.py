"""What a step function does at a point: between integers, at one, and on either side of it.

What happens there is a question about ``G`` alone (:mod:`.cells`), and about the side to which ``w`` moves.  Where the
integers are endless, the value of ``w`` at the point gets a name of its own (``freeze``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
    postorder,
    rat,
    sub,
    substitute,
    unary,
    var,
)
from ..kernel.theorems import Local, Theorem, held
from .cells import Cell, Cells
from .congruence import settled
from .context import Context
from .derive import NotShown, around, defined, local, needed, promised, undefined
from .lemmas import strict
from .monotone import compare
from .normal import HOLE, TooLarge, equation
from .onesided import Beside, simplified
from .pinned import pinned
from .rates import away, moving
from .recorder import Recorder
from .sampling import value
from .steps import ROUNDED, Step

POINT = "m"
"""The name for the value of ``w`` at the point."""


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


Departure = tuple[Cell, Theorem, list[Theorem], list[Theorem]]
"""The cell that ``w`` enters on a side; that ``w`` is defined there; why it is that side; lemmas that the cell asks."""
Gone = tuple[Theorem, list[Theorem]]
"""There is no value on that side, and why it is that side."""


class Verdicts:
    """Theorems about the step function ``t = G(w)`` in ``x``."""

    def __init__(self, R: Recorder, x: str, t: Term, step: Step) -> None:
        self.R, self.x, self.t, self.w = R, x, t, step.inner
        self.vary = frozenset({x})
        self.cells = Cells(R, step.outer, step.tie)
        self.floor = unary("floor", self.w)
        self._plain: dict[Context, Context] = {}

    def plain(self, ctx: Context) -> Context:
        """The context without the hypotheses that speak of floors: they do not say how ``w`` moves."""
        if ctx not in self._plain:
            kept = [h for h in ctx.hyps if not any(s.op == "floor" and self.x in s.free for s in postorder(h.term))]
            self._plain[ctx] = ctx if len(kept) == len(ctx.hyps) else Context(self.R, kept, ctx.names, ctx.depth)
        return self._plain[ctx]

    # --- between integers -------------------------------------------------------------------------------------

    def between(self, ctx: Context, low: int | None, high: int | None) -> Theorem:
        """The verdict where ``low < w < high`` and nothing changes in between."""
        y, hyps = var(ROUNDED), list[Literal]()
        if low is not None:
            hyps.append(Literal(">", sub(y, rat(low))))
        if high is not None:
            hyps.append(Literal(">", sub(rat(high), y)))
        cell = self.cells.cell(hyps, rat(low) if low is not None and high == low + 1 else None)
        shown = [self._shown(ctx, k) for k in hyps]
        return self._constant(ctx, cell, shown)

    def inside(self, ctx: Context, region: Region) -> Theorem:
        """The verdict where ``w`` is no integer: ``floor(w)`` keeps its value, which gets a name."""
        m, given, whole = self._named(ctx)
        R, M, y = self.R, unary("floor", m), var(ROUNDED)
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
            top = self._shown(ctx, Literal(">=", sub(rat(region.high), y)))
            down = R.arith(Literal(">", sub(rat(region.high), M)), [(1, [over], []), (1, [top], [])])
            bounds.append(R.arith(Literal(">=", sub(rat(region.high - 1), M)), [(1, [R.rule("gap", down)], [])]))
        hyps = [Literal(">", sub(y, M)), Literal(">", sub(add(M, ONE), y)), *(held(b) for b in bounds)]
        cell = self.cells.cell(hyps, M)
        th = self._constant(ctx, cell, [over, under])
        return self._freed(th, bounds, given)

    def _constant(self, ctx: Context, cell: Cell, shown: Sequence[Theorem]) -> Theorem:
        """The derivative is 0, or there is no value, because ``shown`` puts ``w`` strictly into ``cell``."""
        if cell.gone is not None:
            return self.R.discharged(self.cells.at(cell.gone, self.w), shown)
        assert cell.is_defined is not None and cell.form_defined is not None
        ctx = self.plain(ctx)
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

    def edge(self, ctx: Context) -> Theorem | None:
        """``w`` has a value at the point, and none beside it."""
        ctx = self.plain(ctx)
        if not any(h.relation == "=" for h in ctx.hyps):
            return None
        for sign in (-1, 1):
            try:
                beside = Beside(ctx, self.x, sign)
                outside = undefined(beside.context, self.w)
                if outside is not None:
                    gone = self.R.rule("undefined", self.t, [outside])
                    here = defined(ctx, self.t)
                    return self.R.rule("boundary", self.x, sign, gone, here, None, beside.support)
            except (NotShown, TooLarge, KernelError):
                continue
        return None

    # --- at an integer ----------------------------------------------------------------------------------------

    def at_number(self, ctx: Context, n: int) -> Theorem:
        """The verdict where ``w = n``."""
        return self._at(ctx, Place(rat(n), self._shown(ctx, equation(var(ROUNDED), rat(n)))))

    def at_any(self, ctx: Context, region: Region, ties: tuple[Literal, ...]) -> Theorem:
        """The verdict where ``w`` is an integer of the region, which gets a name where it is not known."""
        values = {value(self.w, point) for point in ctx.samples}
        n = next(iter(values)) if len(values) == 1 else math.nan
        if n.is_integer() and ctx.prove("=", sub(self.w, rat(int(n)))) is not None:
            return self.at_number(ctx, int(n))
        m, given, whole = self._named(ctx)
        R, M = self.R, unary("floor", m)
        gap = needed(ctx, "=", sub(self.w, self.floor), "a step", self.w)
        equal = R.arith(equation(self.w, M), (), [(ONE, gap), (MINUS_ONE, whole)])
        bounds: list[Theorem] = []
        y = var(ROUNDED)
        for end, closed, sign in ((region.low, region.low_closed, 1), (region.high, region.high_closed, -1)):
            if end is None:
                continue
            distance = sub(y, rat(end)) if sign > 0 else sub(rat(end), y)
            relation = ">=" if closed else ">"
            th = self._shown(ctx, Literal(relation, distance))
            own = Literal(relation, substitute(distance, {ROUNDED: M}))
            th = R.arith(own, [(1, [th], [])], [(rat(-sign), equal)])
            bounds.append(th if closed else R.rule("gap", th))
        th = self._at(ctx, Place(M, equal, tuple(held(b) for b in bounds), ties))
        return self._freed(th, bounds, given)

    def _at(self, ctx: Context, place: Place) -> Theorem:
        y, n, R = var(ROUNDED), place.n, self.R
        point = self.cells.cell([Literal("=", sub(y, n)), *place.fixed, *place.ties], n)
        if point.gone is not None:
            return self.R.discharged(self.cells.at(point.gone, self.w), [place.equal])
        assert point.is_defined is not None
        here = self.R.discharged(self.cells.at(point.is_defined, self.w, [defined(ctx, self.w)]), [place.equal])
        same = self.R.discharged(self.cells.at(point.same, self.w), [place.equal])
        sides, gone = dict[int, Theorem](), dict[int, Gone]()
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
    ) -> Theorem | Gone:
        """The one-sided derivative; or that there is no value on that side, and why that is that side."""
        departure = self._departure(ctx, place, sign)
        if len(departure) == 2:  # no value
            return departure
        cell, inside, support, lemmas = departure
        R = self.R
        if cell.gone is not None:
            return self.R.discharged(self.cells.at(cell.gone, self.w), lemmas), support
        assert cell.is_defined is not None and cell.form_defined is not None
        inner = R.rule("local", self.vary, cell.form, [cell.form_defined])
        beside = self.R.discharged(self.cells.at(cell.same, self.w), lemmas)
        exists = self.R.discharged(self.cells.at(cell.is_defined, self.w, [inside]), lemmas)
        order = compare(Context(R, place.fixed, [POINT]), cell.form, point.form)
        if order is None:
            raise NotShown("could not compare the values on both sides of a step", self.t)
        s, th = order
        t = self.t
        if s == 0:
            agree = R.arith(equation(t, cell.form), (), [(ONE, same), (MINUS_ONE, th)])
            return R.rule("side_replace", inner, self.x, sign, beside, exists, agree, here, support)
        up = sub(cell.form, t) if s > 0 else sub(t, cell.form)
        apart = R.arith(Literal(">", up), [(1, [th], [])], [(rat(-s), same)])
        return R.rule("side_jump", inner, self.x, sign, beside, exists, apart, here, support)

    def _departure(self, ctx: Context, place: Place, sign: int) -> Departure | Gone:
        """How ``w`` leaves ``n``, by its derivative where it has one that is not 0."""
        n, R = place.n, self.R
        ctx = self.plain(ctx)
        found = moving(ctx, self.x, self.w)
        if found is None:
            if n.op == "rat":
                return self._by_sides(ctx, place, sign)
            raise NotShown("could not tell to which side of an integer a term moves", self.w, self.rate(ctx))
        way = sign * found[0]
        near, support = around(ctx, self.vary)
        below = n if way > 0 else rat(int(str(n.args[0])) - 1) if n.op == "rat" else sub(n, ONE)
        up, down = (k.term for k in self._put(_strictly(below)))
        u, v = (up, down) if way > 0 else (down, up)
        leaving, moves = away(ctx, self.x, u, found, way > 0)
        zero = R.arith(Literal("=", u), (), [(rat(way), place.equal)])
        room = R.arith(Literal(">", v), [(1, [], [])], [(rat(-way), place.equal)])
        support += [zero, leaving, moves, room, local(ctx, self.vary, v, smooth=False)]
        return self._entered(place, below), defined(near, self.w), support, []

    def rate(self, ctx: Context) -> Term | None:
        """The derivative of ``w``, where it has one."""
        try:
            c = local(ctx, self.vary, self.w).conclusion
        except NotShown:
            return None
        return slope(c.derivative, self.x) if isinstance(c, Local) and c.derivative is not None else None

    def _entered(self, place: Place, below: Term) -> Cell:
        return self.cells.cell([*_strictly(below), *place.fixed], below)

    def _by_sides(self, ctx: Context, place: Place, sign: int) -> Departure | Gone:
        """The same where ``w`` has a kink, stands still or jumps: from what it is on that side."""
        beside, R = Beside(ctx, self.x, sign), self.R
        point = pinned(ctx, self.x)
        if point is not None:
            at, zero = point
            for h, factor in ((at, 1), (neg(at), -1)):
                ctx.memo[Literal("=", h)] = R.arith(Literal("=", h), (), [(rat(factor), zero)])
            beside.carry(at)
            beside.context = beside._context()
        outside = undefined(beside.context, self.w)
        if outside is not None:
            return R.rule("undefined", self.t, [outside]), beside.support
        form, same = settled(beside.context, beside.resolve(self.w), {})
        same = needed(beside.context, "=", sub(self.w, form), "a step", self.w) if form is not self.w else same
        n, exact = self._landing(ctx, form)
        g, below = sub(form, rat(n)), n
        hyps = _strictly(rat(n))
        if exact:
            if beside.carry(g):
                below = n if beside.kept[-1].term is g else n - 1
                hyps = _strictly(rat(below))
            else:
                way = next((s for s, k in _ways(form, rat(n)) if beside.context.prove(*k) is not None), 2)
                if way == 2:
                    open_rate = self.rate(ctx) or (beside.open_rates[-1] if beside.open_rates else None)
                    raise NotShown("could not tell to which side of an integer a term moves", self.w, open_rate)
                below = n - (way < 0)
                hyps = _strictly(rat(below)) if way else [equation(var(ROUNDED), rat(n))]
        if not all([beside.carry(substitute(k.term, {ROUNDED: form})) for k in hyps]):
            beside.stay_close()
        beside.context = beside._context()
        lemmas = [self._about(beside.context, k, form, same) for k in hyps]
        return self.cells.cell(hyps, rat(below)), defined(beside.context, self.w), beside.support, lemmas

    def _about(self, there: Context, k: Literal, form: Term, same: Theorem) -> Theorem:
        """What the cell asks, for ``w``: from what is shown for its form on that side."""
        th = needed(there, k.relation, substitute(k.term, {ROUNDED: form}), "a step", self.w)
        if form is self.w:
            return th
        return self._carried(Literal(k.relation, substitute(k.term, {ROUNDED: self.w})), k, th, same)

    def _landing(self, ctx: Context, form: Term) -> tuple[int, bool]:
        """The integer at or below the value of a form of ``w`` at the point, and whether it is that value."""
        for point in ctx.samples:
            v = value(form, point)
            if v == v:
                exact = abs(v - round(v)) < 1e-9
                return (round(v) if exact else math.floor(v)), exact
        raise NotShown("no point was found at which to look", self.w)

    # --- names and hypotheses ---------------------------------------------------------------------------------

    def _named(self, ctx: Context) -> tuple[Term, Literal, Theorem]:
        """The name ``m`` of the value of ``w``, the equation that gives it, and ``floor(m) - floor(w) = 0``."""
        m = var(POINT)
        given = equation(m, self.w)
        step = self.R.rule("congruence", unary("floor", var(HOLE)), HOLE, self.R.assume(given))
        return m, given, step

    def _freed(self, th: Theorem, bounds: Sequence[Theorem], given: Literal) -> Theorem:
        """Without what was said about the name, and then without the name."""
        th = self.R.discharged(th, bounds)
        return self.R.rule("freeze", POINT, self.w, th) if given in th.hyps else th

    def _shown(self, ctx: Context, k: Literal) -> Theorem:
        """The literal about ``y`` for ``w``: as it stands, or for the branches of ``w`` that are taken."""
        goal = Literal(k.relation, substitute(k.term, {ROUNDED: self.w}))
        form, same = settled(ctx, self.w, {})
        if form is self.w:
            return needed(ctx, k.relation, goal.term, "a step", self.w)
        th = needed(ctx, k.relation, substitute(k.term, {ROUNDED: form}), "a step", self.w)
        return self._carried(goal, k, th, same)

    def _carried(self, goal: Literal, k: Literal, th: Theorem, same: Theorem) -> Theorem:
        """From a literal about a form of ``w``, and ``w - form = 0``, the literal about ``w``."""
        rate = ONE if k.term.terms[0].op == "var" else MINUS_ONE
        if k.relation == "=":
            return self.R.arith(goal, (), [(ONE, th), (rate, same)])
        return self.R.arith(goal, [(1, [th], [])], [(rate, same)])

    def _put(self, literals: Sequence[Literal]) -> list[Literal]:
        return [Literal(k.relation, substitute(k.term, {ROUNDED: self.w})) for k in literals]


def _strictly(n: Term) -> list[Literal]:
    """``n < y < n + 1``."""
    y, above = var(ROUNDED), rat(int(str(n.args[0])) + 1) if n.op == "rat" else add(n, ONE)
    return [Literal(">", sub(y, n)), Literal(">", sub(above, y))]


def _ways(w: Term, n: Term) -> tuple[tuple[int, Literal], ...]:
    """The sides of ``n`` on which ``w`` may lie."""
    return (1, Literal(">", sub(w, n))), (-1, Literal(">", sub(n, w))), (0, Literal("=", sub(w, n)))
