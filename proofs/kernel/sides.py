"""One-sided derivatives, and the theorems that say there is no derivative.

One-sided derivatives have no chain rule of their own: ``relu(-x)`` swaps the sides, ``sign(x**3)`` hides a
jump behind a zero tangent.  A side comes from a term that is the same function on that side, from an
inner function that moves strictly to one side, or from an explicit epsilon-delta argument.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from .algebra import slope
from .conclusions import INFINITE, Defined, Local, NotDifferentiable, Side, Slope, Undefined
from .local import nearby, same_nearby, sign_of
from .logic import everywhere, names_in, plugged
from .terms import ONE, ZERO, Literal, Term, add, entry, equal, mul, rat, refuse, sub, substitute, tangent, var
from .theorems import Premises, Theorem, Theorems, conclude, expect, held, term_of

EPS, H = var("eps"), var("h")


def _infinite(sign: int) -> Slope:
    return "+oo" if sign > 0 else "-oo"


def _side_of(e: Term, sign: int, value: Theorem) -> None:
    """Refuse a side that is none, and a term with a tangent or that is not defined at the point."""
    refuse(sign in (1, -1), "the sign must be 1 or -1")
    refuse(not e.moves, "a tangent occurs in the term")
    refuse(expect(Defined, value).term is e, "the term is not shown to be defined at the point")


def side_replace(
    inner: Theorem, x: str, sign: int, same: Theorem, exists: Theorem, here: Theorem, value: Theorem, support: Theorems
) -> Theorem:
    """::

            H; x |- e' ~> de'    K |- e - e' = 0, e defined    H |- K holds on the side    H |- e - e' = 0, e defined
           -----------------------------------------------------------------------------------------------------------
                                      H |- e has the one-sided derivative de'(dx := 1)

    ``e`` and ``e'`` agree on that side and at the point, so they have the same difference quotients there.
    """
    e, c, there = same_nearby(inner, same, exists, frozenset({x}), sign, support)
    _side_of(e, sign, value)
    refuse(held(here) == equal(e, c.term), "the terms are not shown to agree at the point")
    rate = slope(term_of(c.derivative, "the other term is not shown to be differentiable"), x)
    return conclude(Side(x, sign, e, rate, True), (inner, there, here, value))


def side_jump(
    inner: Theorem, x: str, sign: int, same: Theorem, exists: Theorem, apart: Theorem, value: Theorem, support: Theorems
) -> Theorem:
    """::

            H; x |- e' ~> ?    K |- e - e' = 0, e defined    H |- K holds on the side    H |- e' - e > 0, e defined
           ---------------------------------------------------------------------------------------------------------
                    H |- e has the one-sided derivative sign * oo, and jumps    (-sign * oo for e - e' > 0)

    On that side ``e`` tends to ``e'``, which at the point differs from ``e``: the quotient ``(e' - e) / (sign h)``.
    """
    e, c, there = same_nearby(inner, same, exists, frozenset({x}), sign, support)
    _side_of(e, sign, value)
    up, down = (held(apart) == Literal(">", step) for step in (sub(c.term, e), sub(e, c.term)))
    refuse(up or down, "nothing says which way the term jumps")
    return conclude(Side(x, sign, e, _infinite(sign if up else -sign), False), (inner, there, apart, value))


def side_compose(outer: Theorem, w: str, inner: Theorem, support: Theorems) -> Theorem:
    """::

            G; w, x |- e ~> p dx + q dw    H |- u has the one-sided derivative m in x, and is continuous from that side
           --------------------------------------------------------------------------------------------------------------
                    G[w:=u], H |- e[w:=u] has the one-sided derivative p + q m    (q m, q != 0, when m is infinite)

    ``e`` is differentiable in both symbols, so it changes by ``p h + q (change of u) + o(|h| + |change of u|)``.
    The literal ``w - u = 0`` may stand in ``G``.
    """
    g, u = expect(Local, outer), expect(Side, inner)
    rate = term_of(g.derivative, "the outer term is not shown to be differentiable")
    refuse(g.vary - {u.x} == {w} and w not in u.term.free, "the outer term must vary in the new symbol")
    refuse(u.x in g.vary or u.x not in g.term.free, "the moving symbol is a constant of the outer term")
    refuse(u.continuous is True, "the inner term may jump")
    values, premises = {w: u.term}, Premises(support)
    if type(u.slope) is Term:
        answer: Slope = substitute(rate, {**values, "d " + w: u.slope, "d " + u.x: ONE})
    else:
        sign = sign_of(substitute(rate, {**values, "d " + w: ONE, "d " + u.x: ZERO}), premises)
        refuse(sign != 0, "the outer derivative is not shown to be positive or negative")
        answer = _infinite(sign * sign_of(u.slope, premises))
    side = Side(u.x, u.sign, substitute(g.term, values), answer, True)
    return plugged(side, outer, values, (inner, *premises.used))


def side_chain(outer: Theorem, inner: Theorem, support: Theorems) -> Theorem:
    """::

            G |- e has the derivative l in w on the side s    H |- u has the one-sided derivative m in x    H |- m != 0
           --------------------------------------------------------------------------------------------------------------
                    G[w:=u], H |- e[w:=u] has the one-sided derivative l m    (s is the side to which u moves)

    ``u`` is continuous from its side and moves strictly to one side of its value, because ``m != 0``: there the
    one-sided derivative of ``e`` applies.  The literal ``w - u = 0`` may stand in ``G``.
    """
    g, u = expect(Side, outer), expect(Side, inner)
    refuse(u.x not in g.term.free and g.x not in u.term.free, "the outer term may move with its own symbol only")
    refuse(u.continuous is True, "the inner term may jump")
    values, premises = {g.x: u.term}, Premises(support)
    sign = sign_of(u.slope, premises)
    toward = sign != 0 and g.sign == u.sign * sign
    refuse(toward, "the inner term is not shown to move to the side of the outer derivative")
    if type(g.slope) is not Term:
        answer: Slope = _infinite(sign * sign_of(g.slope, premises))
    else:
        answer = mul(substitute(g.slope, values), term_of(u.slope, "an infinite slope needs side_compose"))
    side = Side(u.x, u.sign, substitute(g.term, values), answer, g.continuous)
    return plugged(side, outer, values, (inner, *premises.used))


def _moved(e: Term, x: str, sign: int) -> Term:
    return substitute(e, {x: add(var(x), mul(rat(sign), H))})


def _approach(e: Term, x: str, sign: int, delta: Term, goals: Sequence[Term], theorems: Theorems) -> frozenset[Literal]:
    """Check ``H, eps > 0, h > 0, delta - h > 0 |- e(x + sign h) defined, goals >= 0`` and ``H, eps > 0 |- delta > 0``.

    The symbols ``eps`` and ``h`` are fresh, so ``H``, which is returned, is about the point alone.
    """
    *bounds, room, exists = theorems
    refuse(sign in (1, -1) and x not in ("eps", "h"), "the moving symbol or the sign is wrong")
    refuse(names_in((e, delta)).isdisjoint({"h"}) and "eps" not in e.free, "eps and h must be fresh")
    refuse([held(th) for th in bounds] == [Literal(">=", g) for g in goals], "the bounds are not those asked for")
    refuse(held(room) == Literal(">", delta), "delta is not shown to be positive")
    refuse(expect(Defined, exists).term is _moved(e, x, sign), "the term is not shown to be defined on that side")
    small = {Literal(">", EPS)}
    near = small | {Literal(">", H), Literal(">", sub(delta, H))}
    hyps = (room.hyps - small).union(*(th.hyps - near for th in (*bounds, exists)))
    refuse(names_in(hyps).isdisjoint({"eps", "h"}), "a hypothesis restricts eps or h")
    return hyps


def side_limit(
    e: Term, x: str, sign: int, rate: Slope, delta: Term, bounds: Theorems, room: Theorem, there: Theorem, here: Theorem
) -> Theorem:
    """The definition of a one-sided derivative, with an explicit delta (``h`` and ``eps`` are fresh symbols)::

            H, eps > 0, h > 0, delta - h > 0 |- e(x + sign h) defined, |e(x + sign h) - e - sign rate h| <= eps h
                                       H, eps > 0 |- delta > 0        H |- e defined
           -------------------------------------------------------------------------------------------------------
                                      H |- e has the one-sided derivative ``rate``

    The bounds are two theorems, ``eps h - r >= 0`` and ``eps h + r >= 0`` for the remainder ``r``.  For an infinite
    rate there is one, ``+- sign (e(x + sign h) - e) - eps h >= 0``: the quotient exceeds every ``eps``.
    """
    _side_of(e, sign, here)
    change = sub(_moved(e, x, sign), e)
    if type(rate) is Term:
        fresh = names_in(rate).isdisjoint({"eps", "h"}) and not rate.moves
        refuse(fresh, "eps, h or a tangent occurs in the slope")
        r = sub(change, mul(mul(rat(sign), rate), H))
        goals = [sub(mul(EPS, H), r), add(mul(EPS, H), r)]
    else:
        refuse(rate in INFINITE, "not a slope")
        goals = [sub(mul(rat(sign if rate == "+oo" else -sign), change), mul(EPS, H))]
    theorems = [*bounds, room, there]
    hyps = _approach(e, x, sign, delta, goals, theorems) | here.hyps
    return conclude(Side(x, sign, e, rate, True if type(rate) is Term else None), [*theorems, here], hyps)


def side_continuous(side: Theorem, delta: Term, bounds: Theorems, room: Theorem, exists: Theorem) -> Theorem:
    """::

            H |- a one-sided derivative of e    H, eps > 0, h > 0, delta - h > 0 |- |e(x + sign h) - e| <= eps
           ----------------------------------------------------------------------------------------------------
                        H |- the same, and e is continuous from that side

    A finite slope implies it; an infinite one does not (a jump has it too).
    """
    c = expect(Side, side)
    change = sub(_moved(c.term, c.x, c.sign), c.term)
    theorems = [*bounds, room, exists]
    hyps = _approach(c.term, c.x, c.sign, delta, [sub(EPS, change), add(EPS, change)], theorems)
    return conclude(Side(c.x, c.sign, c.term, c.slope, True), [side, *theorems], side.hyps | hyps)


def from_sides(left: Theorem, right: Theorem, same: Theorem | None) -> Theorem:
    """::

            H |- left derivative l    H |- right derivative r    H |- l - r = 0
           ---------------------------------------------------------------------
                                 H; x |- e ~> l dx

    In one symbol the two one-sided derivatives are all the difference quotients there are.
    """
    a, b = expect(Side, left), expect(Side, right)
    refuse((a.x, a.sign, b.sign) == (b.x, -1, 1) and a.term is b.term, "not the two sides of one term")
    one, other = (term_of(c.slope, "a one-sided derivative is infinite") for c in (a, b))
    agree = one is other if same is None else held(same) == equal(one, other)
    refuse(agree, "the one-sided derivatives are not shown to be equal")
    premises = [th for th in (left, right, same) if th is not None]
    return conclude(Local(frozenset({a.x}), a.term, mul(one, tangent(a.x))), premises)


def no_derivative(sides: Theorems, apart: Theorem | None) -> Theorem:
    """::

            H |- left derivative l    H |- right derivative r    H |- l - r != 0        H |- a side is infinite
           ----------------------------------------------------------------------      -------------------------
                       H |- e is not differentiable: corner                             : vertical tangent or jump

    A derivative is finite, and equals both one-sided derivatives.
    """
    found = [expect(Side, th) for th in sides]
    slopes = {c.sign: c.slope for c in found}
    two = len({(c.x, c.term) for c in found}) == 1 and len(slopes) == len(found)
    refuse(two, "not the sides of one term")
    left, right, known = slopes.get(-1), slopes.get(1), {c.continuous for c in found}
    finite = [rate for rate in (left, right) if type(rate) is Term]
    if len(finite) < len(found):
        refuse(None not in known, "nothing shows whether the term jumps")
        reason = "jump" if False in known else "vertical tangent"
    else:
        differ = len(finite) == 2 and apart is not None and held(apart) == Literal("!=", sub(*finite))
        refuse(differ, "the sides are not shown to differ")
        reason = "corner"
    premises = [*sides, apart] if apart is not None else sides
    return conclude(NotDifferentiable(frozenset({found[0].x}), found[0].term, reason, left, right), premises)


def boundary(x: str, sign: int, gone: Theorem, here: Theorem, other: Theorem | None, support: Theorems) -> Theorem:
    """::

            K |- e undefined    H |- K holds on one side    H |- e defined
           ----------------------------------------------------------------
                        H |- e is not differentiable: boundary

    The point lies in the domain, and no neighbourhood of it does.  ``other`` may give the one-sided derivative.
    """
    e = expect(Undefined, gone).term
    _side_of(e, sign, here)
    theorems = [here, nearby((gone,), frozenset({x}), sign, support)]
    slopes = dict[int, Slope]()
    if other is not None:
        c = expect(Side, other)
        refuse((c.x, c.sign, c.term) == (x, -sign, e), "the last premise is not about the other side")
        slopes[c.sign] = c.slope
        theorems.append(other)
    return conclude(NotDifferentiable(frozenset({x}), e, "boundary", slopes.get(-1), slopes.get(1)), theorems)


def along(line: Mapping[str, Fraction | Term], e: Term, th: Theorem) -> Theorem:
    """::

            H, h = 0 |- e[v := v + c_v h] is not differentiable in h
           ----------------------------------------------------------   h fresh
                H |- e is not differentiable in the symbols v

    A term that is differentiable in several symbols together is so along every line.  The direction ``c_v`` of a
    family is a term with loose indices, as its entries have, and has a value for all of them: along a line that has
    none somewhere, a term may end that does not end in ``v``.
    """
    kinds = {"/" in v for v in line} | {type(c) is Term for c in line.values()}
    refuse(len(kinds) < 2, "a line is in families, with terms as direction, or in symbols, with numbers")
    refuse(all(type(c) is not Term or everywhere(c) for c in line.values()), "a direction may have no value")
    goal = expect(NotDifferentiable, th)
    moved = substitute(e, {v: add(entry(v), mul(c if type(c) is Term else rat(c), H)) for v, c in line.items()})
    rest = th.hyps - {Literal("=", H)}
    refuse("h" not in names_in((e, *line, *line.values(), *rest)), "the symbol h must be fresh")
    refuse(goal.vary == {"h"} and goal.term is moved, "the premise speaks of another line")
    return conclude(NotDifferentiable(frozenset(line), e, goal.reason, None, None), (th,), rest)
