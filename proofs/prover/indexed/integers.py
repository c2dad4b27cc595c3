"""Integers: ``floor(t) = t`` for integer polynomials, and the floor of a quotient."""

from __future__ import annotations

from ...kernel.algebra import Polynomial, difference
from ...kernel.terms import MINUS_ONE, ONE, KernelError, Literal, Term, add, equal, neg, sub, substitute, unary
from ...kernel.theorems import Theorem, held
from . import inequalities
from .context import Context
from .equations import HOLE
from .forms import Stuck, atoms, guard, polynomial, replaced, written


def whole(t: Term, ctx: Context) -> Theorem:
    """``floor(t) = t``."""
    return ctx.remembered(equal(unary("floor", t), t), lambda: _whole(t, ctx))


def _whole(t: Term, ctx: Context) -> Theorem:
    R, known = ctx.recorder, _whole_symbols(ctx)
    if t in known:
        return known[t]
    p, holes = polynomial(t), dict[Term, Term]()
    for a in atoms(p):
        if a.op == "cond" and a not in known:
            known[a] = _whole_conditional(a, ctx)
        if a.op != "floor":
            if a not in known:
                raise Stuck("not known to be an integer")
            holes[a] = unary("floor", a)
    form, equation = written(p), R.ring(t, written(p))
    for a, floor in holes.items():
        template = _outside_floors(form, {a: HOLE})
        equation = R.joined(equation, R.inside(template, R.turned(known[a])))
        form = substitute(template, {"hole": floor})
    # now the form is an integer by its form, and floor(t) is less than 1 away from it
    d = sub(form, unary("floor", t))
    low, high = R.fact("floor_low", t), R.fact("floor_high", t)
    lower = R.arith(Literal(">=", d), [(1, [low], [])], [(MINUS_ONE, equation)])
    up = R.rule("gap", R.arith(Literal(">", sub(ONE, d)), [(1, [high], [])], [(ONE, equation)]))
    zero = R.between(lower, R.arith(Literal(">=", neg(d)), [(1, [up], [])]))
    return R.ring(unary("floor", t), t, (MINUS_ONE, zero), (MINUS_ONE, equation))


def _whole_symbols(ctx: Context) -> dict[Term, Theorem]:
    """The terms of which a fact says that they are integers."""
    known = dict[Term, Theorem]()
    for th in ctx.facts:
        try:
            a, b = difference(held(th))
        except KernelError:
            continue
        if a.op == "floor" and a.terms[0] is b:
            known[b] = th
    return known


def _whole_conditional(t: Term, ctx: Context) -> Theorem:
    """``floor(t) = t`` for a conditional of integers, by cases."""
    R, parts = ctx.recorder, list[Theorem]()
    for literal, arm in zip((guard(t), guard(t).negation), t.terms[1:], strict=True):
        taken = R.taken(t, R.assume(literal))
        below = R.inside(unary("floor", HOLE), taken)
        parts.append(R.ring(unary("floor", t), t, (1, below), (1, whole(arm, ctx)), (-1, taken)))
    return R.rule("cases", guard(t), *parts)


def _outside_floors(t: Term, table: dict[Term, Term]) -> Term:
    """``t`` with subterms replaced that no floor is around."""
    floors = {s: s for s in _floors(t)}
    return replaced(t, floors | table)


def _floors(t: Term) -> list[Term]:
    return [t] if t.op == "floor" else [f for s in t.terms for f in _floors(s)]


def floor_of_quotient(u: Term, ctx: Context) -> Theorem:
    """``floor(u) = a`` where ``u = a + r`` with an integer ``a`` and ``0 <= r < 1``, by ``n inv(n) = 1``."""
    R, equations, cancelled = ctx.recorder, list[tuple[Term, Theorem]](), Polynomial()
    for m, c in polynomial(u).items():
        powers = dict(m)
        for a in [a for a in atoms({m: c}) if a.op == "inv" and a.terms[0] in powers]:
            n = a.terms[0]
            m = tuple((x, e - (x in (a, n))) for x, e in m if e > 1 or x not in (a, n))
            equations.append((written({m: c}), inequalities.inverse(n, ctx)))
            break
        cancelled[m] = cancelled.get(m, 0) + c
    a = written({m: c for m, c in cancelled.items() if all(x.op != "inv" for x, _ in m)})
    rest = {m: c for m, c in cancelled.items() if any(x.op == "inv" for x, _ in m)}
    if not rest or not equations:
        raise Stuck("not the quotient of a sum whose one part is divisible")
    r = written(rest)
    split = R.ring(u, add(a, r), *equations)
    divisor = next(x for x in atoms(rest) if x.op == "inv")
    n = divisor.terms[0]
    top = written({tuple((x, e) for x, e in m if x is not divisor): c for m, c in rest.items()})
    positive = inequalities.prove(Literal(">", divisor), ctx)
    one = inequalities.inverse(n, ctx)
    low = R.arith(Literal(">=", r), [(1, [inequalities.prove(Literal(">=", top), ctx), positive], [])])
    less = inequalities.prove(Literal(">", sub(n, top)), ctx)
    high = R.arith(Literal(">", sub(ONE, r)), [(1, [less, positive], [])], [(MINUS_ONE, one)])
    integer = whole(a, ctx)
    d = sub(unary("floor", u), unary("floor", a))
    above = R.arith(Literal(">", sub(ONE, d)), [(1, [R.fact("floor_low", u)], []), (1, [high], [])],
                    [(MINUS_ONE, split), (ONE, integer)])  # fmt: skip
    below = R.arith(Literal(">", add(ONE, d)), [(1, [R.fact("floor_high", u)], []), (1, [low], [])],
                    [(ONE, split), (MINUS_ONE, integer)])  # fmt: skip
    return R.ring(unary("floor", u), a, (1, R.vanishing(d, above, below)), (1, integer))
