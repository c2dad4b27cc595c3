"""One-sided derivatives, and the theorems that say there is no derivative.

One-sided derivatives have no chain rule of their own: ``relu(-x)`` swaps the sides, ``sign(x**3)`` hides a
jump behind a zero tangent.  A side comes from a term that is the same function on that side, from an
inner function that moves strictly to one side, or from an explicit epsilon-delta argument.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from .local import slope
from .logic import difference
from .terms import ONE, ZERO, KernelError, Literal, Term, add, mul, neg, rat, sub, substitute, tangent, var
from .theorems import (
    INFINITE,
    Defined,
    Holds,
    Local,
    NotDifferentiable,
    Premises,
    Side,
    Slope,
    Theorem,
    Undefined,
    conclude,
    held,
    refuse,
)


def beside(literals: frozenset[Literal], x: str, sign: int, support: Sequence[Theorem]) -> Theorem:
    """Show that ``literals`` hold for all ``x`` near the point on one side of it (the point itself left out)::

            u > 0 (or != 0) at the point, u continuous              u = 0 at the point, sign * (slope of u) > 0
           -----------------------------------------------         ---------------------------------------------
              u > 0 (or != 0) on that side                            u > 0, so u >= 0 and u != 0, on that side

    A literal without ``x`` is its own hypothesis.  Returns the theorem whose hypotheses suffice.
    """
    premises = Premises(support)
    vary = frozenset({x})
    local_terms = {c.term: th for c, th in premises.by.items() if type(c) is Local and c.vary == vary}
    side_terms = {c.term: th for c, th in premises.by.items() if type(c) is Side and (c.x, c.sign) == (x, sign)}
    fixed = set[Literal]()
    for fact in literals:
        u = fact.term
        if x not in u.free:
            fixed.add(fact)
            continue
        around = local_terms.get(u)
        if around is not None and fact.relation != "=" and premises.find(fact.strictly, u) is not None:
            premises.used.append(around)
            continue
        refuse(fact.relation != "=", "beside: an equation on the moving symbol cannot hold on a whole side")
        refuse(premises.find("=", u) is not None, "beside: a hypothesis is not shown to hold on that side")
        leaving = side_terms.get(u, around)
        if leaving is None:
            raise KernelError("beside: nothing says how the term of a hypothesis leaves 0")
        premises.used.append(leaving)
        refuse(_rises(leaving, x, sign, premises), "beside: the term of a hypothesis is not shown to rise on that side")
    hyps = frozenset(fixed).union(*(p.hyps for p in premises.used))
    return conclude(Holds(Literal("=", ZERO)), premises.used, hyps)


def _rises(leaving: Theorem, x: str, sign: int, premises: Premises) -> bool:
    """Whether a term that is 0 at the point is positive next to it on the side ``sign``."""
    c = leaving.conclusion
    if type(c) is Side:
        rate = c.slope
    elif type(c) is Local and c.derivative is not None:
        rate = slope(c.derivative, x)
    else:
        return False
    if type(rate) is str:
        return rate == ("+oo" if sign > 0 else "-oo")
    assert type(rate) is Term
    return premises.find(">", rate if sign > 0 else neg(rate)) is not None


def _same_beside(
    inner: Theorem, x: str, sign: int, same: Theorem, is_defined: Theorem, support: Sequence[Theorem]
) -> tuple[Term, Local, Theorem]:
    """The terms ``e`` and ``e'`` that ``same`` shows equal on that side, where ``e`` is defined."""
    c = inner.conclusion
    if type(c) is not Local or type(is_defined.conclusion) is not Defined:
        raise KernelError("side: the premises are not Local and Defined")
    e, other = difference(held(same, "side"), "side")
    refuse(
        c.vary == {x} and c.term is other and is_defined.conclusion.term is e, "side: the premises speak of other terms"
    )
    refuse(sign in (1, -1), "side: the sign must be 1 or -1")
    return e, c, beside(same.hyps | is_defined.hyps, x, sign, support)


def side_replace(
    inner: Theorem,
    x: str,
    sign: int,
    same: Theorem,
    is_defined: Theorem,
    here: Theorem,
    is_defined_here: Theorem,
    support: Sequence[Theorem],
) -> Theorem:
    """::

            H; x |- e' ~> de'    K |- e - e' = 0, e defined    H |- K holds on the side    H |- e - e' = 0, e defined
           -----------------------------------------------------------------------------------------------------------
                                      H |- e has the one-sided derivative de'(dx := 1)

    ``e`` and ``e'`` agree on that side and at the point, so they have the same difference quotients there.
    """
    e, c, near = _same_beside(inner, x, sign, same, is_defined, support)
    refuse(
        here.conclusion == same.conclusion and is_defined_here.conclusion == Defined(e),
        "side_replace: nothing shows that the terms agree at the point",
    )
    refuse(c.derivative is not None, "side_replace: the other term is not shown to be differentiable")
    assert c.derivative is not None
    hyps = inner.hyps | near.hyps | here.hyps | is_defined_here.hyps
    return conclude(
        Side(x, sign, e, slope(c.derivative, x), True), (inner, same, is_defined, near, here, is_defined_here), hyps
    )


def side_jump(
    inner: Theorem,
    x: str,
    sign: int,
    same: Theorem,
    is_defined: Theorem,
    apart: Theorem,
    is_defined_here: Theorem,
    support: Sequence[Theorem],
) -> Theorem:
    """::

            H; x |- e' ~> ?    K |- e - e' = 0, e defined    H |- K holds on the side    H |- e' - e > 0, e defined
           ---------------------------------------------------------------------------------------------------------
                    H |- e has the one-sided derivative sign * oo, and jumps    (-sign * oo for e - e' > 0)

    On that side ``e`` tends to ``e'``, which at the point differs from ``e``: the quotient ``(e' - e) / (sign h)``.
    """
    e, c, near = _same_beside(inner, x, sign, same, is_defined, support)
    refuse(is_defined_here.conclusion == Defined(e), "side_jump: nothing shows that the term is defined at the point")
    fact = held(apart, "side_jump")
    up, down = Literal(">", sub(c.term, e)), Literal(">", sub(e, c.term))
    refuse(fact in (up, down), "side_jump: nothing says which way the term jumps")
    hyps = inner.hyps | near.hyps | apart.hyps | is_defined_here.hyps
    return conclude(
        Side(x, sign, e, _infinite(sign if fact == up else -sign), False),
        (inner, same, is_defined, near, apart, is_defined_here),
        hyps,
    )


def _infinite(sign: int) -> Slope:
    return "+oo" if sign > 0 else "-oo"


def _sign_of(rate: Slope, premises: Premises) -> int:
    """1 or -1 for a slope that is infinite or shown to be positive or negative, else 0."""
    if type(rate) is str:
        return 1 if rate == "+oo" else -1
    assert type(rate) is Term
    return 1 if premises.find(">", rate) is not None else -1 if premises.find(">", neg(rate)) is not None else 0


def side_compose(outer: Theorem, w: str, inner: Theorem, support: Sequence[Theorem]) -> Theorem:
    """::

            G; w, x |- e ~> p dx + q dw    H |- u has the one-sided derivative m in x, and is continuous from that side
           --------------------------------------------------------------------------------------------------------------
                    G[w:=u], H |- e[w:=u] has the one-sided derivative p + q m    (q m, q != 0, when m is infinite)

    ``e`` is differentiable in both symbols, so ``e[w:=u]`` changes by ``p h + q (change of u) + o(|h| + |change of u|)``.
    The literal ``w - u = 0`` may stand in ``G``.
    """
    g, u = outer.conclusion, inner.conclusion
    if type(g) is not Local or g.derivative is None or type(u) is not Side:
        raise KernelError("side_compose: the premises are not Local with a derivative, and Side")
    refuse(
        g.vary - {u.x} == {w} and w != u.x and w not in u.term.free,
        "side_compose: the outer term must vary in the new symbol",
    )
    refuse(
        u.x in g.vary or u.x not in g.term.free,
        "side_compose: the moving symbol occurs in the outer term as a constant",
    )
    refuse(u.continuous, "side_compose: the inner term may jump")
    values = {w: u.term}
    premises = Premises(support)
    if type(u.slope) is Term:
        answer: Slope = substitute(g.derivative, {**values, "d " + w: u.slope, "d " + u.x: ONE})
    else:
        sign = _sign_of(substitute(g.derivative, {**values, "d " + w: ONE, "d " + u.x: ZERO}), premises)
        refuse(sign != 0, "side_compose: the outer derivative is not shown to be positive or negative")
        answer = _infinite(sign if u.slope == "+oo" else -sign)
    return conclude(
        Side(u.x, u.sign, substitute(g.term, values), answer, True),
        (outer, inner, *premises.used),
        _plugged(outer, w, u.term, inner, premises),
    )


def side_chain(outer: Theorem, inner: Theorem, support: Sequence[Theorem]) -> Theorem:
    """::

            G |- e has the one-sided derivative l in w, on the side s    H |- u has the one-sided derivative m in x, m != 0
           ------------------------------------------------------------------------------------------------------------------
                    G[w:=u], H |- e[w:=u] has the one-sided derivative l m    (s is the side to which u moves)

    ``u`` is continuous from its side and moves strictly to one side of its value, because ``m != 0``: there the
    one-sided derivative of ``e`` applies.  The literal ``w - u = 0`` may stand in ``G``.
    """
    g, u = outer.conclusion, inner.conclusion
    if type(g) is not Side or type(u) is not Side:
        raise KernelError("side_chain: the premises are not one-sided derivatives")
    refuse(
        u.x not in g.term.free and g.x not in u.term.free,
        "side_chain: the outer term may move with its own symbol only",
    )
    refuse(u.continuous, "side_chain: the inner term may jump")
    premises = Premises(support)
    sign = _sign_of(u.slope, premises)
    refuse(
        sign != 0 and g.sign == u.sign * sign,
        "side_chain: the inner term is not shown to move to the side of the outer derivative",
    )
    values = {g.x: u.term}
    if type(g.slope) is str:
        answer: Slope = _infinite(sign if g.slope == "+oo" else -sign)
    elif type(u.slope) is Term:
        answer = mul(substitute(g.slope, values), u.slope) if type(g.slope) is Term else g.slope
    else:
        raise KernelError("side_chain: an infinite slope needs side_compose")
    return conclude(
        Side(u.x, u.sign, substitute(g.term, values), answer, g.continuous),
        (outer, inner, *premises.used),
        _plugged(outer, g.x, u.term, inner, premises),
    )


def _plugged(outer: Theorem, w: str, u: Term, inner: Theorem, premises: Premises) -> frozenset[Literal]:
    """Hypotheses of a composition: those of the outer theorem at ``w = u``, and the inner ones."""
    rest = outer.hyps - {Literal("=", sub(var(w), u))}
    plugged = frozenset(Literal(h.relation, substitute(h.term, {w: u})) for h in rest)
    return plugged.union(inner.hyps, *(p.hyps for p in premises.used))


def _approach(
    e: Term,
    x: str,
    sign: int,
    radius: Term,
    goals: Sequence[Term],
    bounds: Sequence[Theorem],
    positive: Theorem,
    is_defined: Theorem,
) -> frozenset[Literal]:
    """Check ``H, eps > 0, h > 0, radius - h > 0 |- goals >= 0, e(x + sign h) defined`` and ``H, eps > 0 |- radius > 0``.

    The symbols ``eps`` and ``h`` are fresh, so ``H``, which is returned, is about the point alone.
    """
    eps, h, names = var("eps"), var("h"), {"eps", "h"}
    refuse(x not in names and sign in (1, -1), "side_limit: the moving symbol or the sign is wrong")
    refuse(names.isdisjoint(e.free | (radius.free - {"eps"})), "side_limit: the symbols eps and h must be fresh")
    given = {Literal(">", eps), Literal(">", h), Literal(">", sub(radius, h))}
    refuse(
        [held(th, "side_limit") for th in bounds] == [Literal(">=", g) for g in goals],
        "side_limit: the bounds are not those of the definition",
    )
    refuse(held(positive, "side_limit") == Literal(">", radius), "side_limit: the radius is not shown to be positive")
    refuse(
        is_defined.conclusion == Defined(_moved(e, x, sign)),
        "side_limit: the term is not shown to be defined on that side",
    )
    hyps = frozenset[Literal]().union(
        *(th.hyps - given for th in (*bounds, is_defined)), positive.hyps - {Literal(">", eps)}
    )
    refuse(all(names.isdisjoint(k.term.free) for k in hyps), "side_limit: a hypothesis restricts eps or h")
    return hyps


def _moved(e: Term, x: str, sign: int) -> Term:
    return substitute(e, {x: add(var(x), mul(rat(sign), var("h")))})


def side_limit(
    e: Term,
    x: str,
    sign: int,
    rate: Slope,
    radius: Term,
    bounds: Sequence[Theorem],
    positive: Theorem,
    is_defined: Theorem,
    is_defined_here: Theorem,
) -> Theorem:
    """The definition of a one-sided derivative, with an explicit delta (``h`` and ``eps`` are fresh symbols)::

            H, eps > 0, h > 0, delta - h > 0 |- e(x + sign h) defined, |e(x + sign h) - e - sign rate h| <= eps h
                                       H, eps > 0 |- delta > 0        H |- e defined
           -------------------------------------------------------------------------------------------------------
                                      H |- e has the one-sided derivative ``rate``

    The bounds are two theorems, ``eps h - r >= 0`` and ``eps h + r >= 0`` for the remainder ``r``.  For an infinite
    rate there is one, ``+- sign (e(x + sign h) - e) - eps h >= 0``: the quotient exceeds every ``eps``.
    """
    eps, h = var("eps"), var("h")
    change = sub(_moved(e, x, sign), e)
    if type(rate) is Term:
        refuse({"eps", "h"}.isdisjoint(rate.free), "side_limit: the symbols eps and h must be fresh")
        r = sub(change, mul(mul(rat(sign), rate), h))
        goals = [sub(mul(eps, h), r), add(mul(eps, h), r)]
    else:
        refuse(rate in INFINITE, "side_limit: not a slope")
        goals = [sub(mul(rat(sign if rate == "+oo" else -sign), change), mul(eps, h))]
    refuse(is_defined_here.conclusion == Defined(e), "side_limit: the term is not shown to be defined at the point")
    hyps = _approach(e, x, sign, radius, goals, bounds, positive, is_defined) | is_defined_here.hyps
    return conclude(Side(x, sign, e, rate, type(rate) is Term), [*bounds, positive, is_defined, is_defined_here], hyps)


def side_continuous(
    side: Theorem, radius: Term, bounds: Sequence[Theorem], positive: Theorem, is_defined: Theorem
) -> Theorem:
    """::

            H |- a one-sided derivative of e    H, eps > 0, h > 0, delta - h > 0 |- |e(x + sign h) - e| <= eps
           ----------------------------------------------------------------------------------------------------
                        H |- the same, and e is continuous from that side

    A finite slope implies it; an infinite one does not (a jump has it too).
    """
    c = side.conclusion
    if type(c) is not Side:
        raise KernelError("side_continuous: the premise is not a one-sided derivative")
    change = sub(_moved(c.term, c.x, c.sign), c.term)
    goals = [sub(var("eps"), change), add(var("eps"), change)]
    hyps = side.hyps | _approach(c.term, c.x, c.sign, radius, goals, bounds, positive, is_defined)
    return conclude(Side(c.x, c.sign, c.term, c.slope, True), [side, *bounds, positive, is_defined], hyps)


def from_sides(left: Theorem, right: Theorem, same: Theorem | None) -> Theorem:
    """::

            H |- left derivative l    H |- right derivative r    H |- l - r = 0
           ---------------------------------------------------------------------
                                 H; x |- e ~> l dx

    In one symbol the two one-sided derivatives are all the difference quotients there are.
    """
    l, r = left.conclusion, right.conclusion
    if type(l) is not Side or type(r) is not Side:
        raise KernelError("from_sides: the premises are not one-sided derivatives")
    refuse((l.x, l.sign, r.sign) == (r.x, -1, 1) and l.term is r.term, "from_sides: not the two sides of one term")
    if type(l.slope) is not Term or type(r.slope) is not Term:
        raise KernelError("from_sides: a one-sided derivative is infinite")
    agree = l.slope is r.slope or (same is not None and held(same, "from_sides") == Literal("=", sub(l.slope, r.slope)))
    refuse(agree, "from_sides: the one-sided derivatives are not shown to be equal")
    return conclude(
        Local(frozenset({l.x}), l.term, mul(l.slope, tangent(l.x))), [left, right, *([same] if same else [])]
    )


def no_derivative(sides: Sequence[Theorem], apart: Theorem | None) -> Theorem:
    """::

            H |- left derivative l    H |- right derivative r    H |- l - r != 0        H |- a one-sided derivative is infinite
           ----------------------------------------------------------------------      -----------------------------------------
                       H |- e is not differentiable: corner                             H |- ... : vertical tangent, or jump

    A derivative is finite, and equals both one-sided derivatives.
    """
    found = [th.conclusion for th in sides]
    shown = [c for c in found if type(c) is Side]
    refuse(0 < len(shown) == len(found) <= 2, "no_derivative: the premises are not one-sided derivatives")
    refuse(
        len({(c.x, c.term) for c in shown}) == 1 and len({c.sign for c in shown}) == len(shown),
        "no_derivative: not two sides of one term",
    )
    slopes = {c.sign: c.slope for c in shown}
    left, right = slopes.get(-1), slopes.get(1)
    infinite = any(type(s) is str for s in slopes.values())
    if not infinite:
        refuse(
            type(left) is Term and type(right) is Term and apart is not None,
            "no_derivative: finite sides must be shown to differ",
        )
        assert apart is not None and type(left) is Term and type(right) is Term
        refuse(
            held(apart, "no_derivative") == Literal("!=", sub(left, right)),
            "no_derivative: the sides are not shown to differ",
        )
    reason = "corner" if not infinite else "vertical tangent" if all(c.continuous for c in shown) else "jump"
    return conclude(
        NotDifferentiable(frozenset({shown[0].x}), shown[0].term, reason, left, right),
        [*sides, *([apart] if apart else [])],
    )


def boundary(
    x: str, sign: int, gone: Theorem, here: Theorem, other: Theorem | None, support: Sequence[Theorem]
) -> Theorem:
    """::

            K |- e undefined    H |- K holds on one side    H |- e defined
           ----------------------------------------------------------------
                        H |- e is not differentiable: boundary

    The point lies in the domain, and no neighbourhood of it does.  ``other`` may give the one-sided derivative.
    """
    if type(gone.conclusion) is not Undefined or type(here.conclusion) is not Defined:
        raise KernelError("boundary: the premises are not Undefined and Defined")
    e = here.conclusion.term
    refuse(gone.conclusion.term is e and sign in (1, -1), "boundary: the premises speak of other terms")
    near = beside(gone.hyps, x, sign, support)
    hyps, slopes, theorems = near.hyps | here.hyps, dict[int, Slope](), [gone, here, near]
    if other is not None:
        c = other.conclusion
        if type(c) is not Side or c.x != x or c.term is not e or c.sign != -sign:
            raise KernelError("boundary: the last premise is not the derivative from the other side")
        slopes[c.sign] = c.slope
        hyps, theorems = hyps | other.hyps, [*theorems, other]
    return conclude(NotDifferentiable(frozenset({x}), e, "boundary", slopes.get(-1), slopes.get(1)), theorems, hyps)


def along(line: Mapping[str, Fraction], e: Term, th: Theorem) -> Theorem:
    """::

            H, h = 0 |- e[v := v + c_v h] is not differentiable in h
           ----------------------------------------------------------   h fresh
                H |- e is not differentiable in the symbols v

    A term that is differentiable in several symbols together is so along every line.
    """
    c, h = th.conclusion, var("h")
    if type(c) is not NotDifferentiable:
        raise KernelError("along: the premise is not NotDifferentiable")
    moved = substitute(e, {v: add(var(v), mul(rat(q), h)) for v, q in line.items()})
    rest = th.hyps - {Literal("=", h)}
    refuse(
        "h" not in e.free and "h" not in line and all("h" not in k.term.free for k in rest),
        "along: the symbol h must be fresh",
    )
    refuse(c.vary == {"h"} and c.term is moved, "along: the premise speaks of another line")
    return conclude(NotDifferentiable(frozenset(line), e, c.reason, None, None), (th,), rest)
