"""The judgement on tangents: ``H; V |- e ~> de``, with one rule for each way to build a term.

``V`` names the symbols that vary.  A rule whose premise is only continuous concludes only continuity:
every rule below gives both judgements (``de`` is then ``None``).
"""

from __future__ import annotations

from collections.abc import Sequence

from .algebra import Rate, linear, plus, times
from .cited import cited_domain, cited_function
from .conclusions import Defined, HasDeriv, Holds, Local, NthDerivative, Side, Slope, Vary
from .facts import DERIVATIVES
from .logic import counted, define, difference, plugged
from .terms import ONE, ZERO, Literal, Term, mul, neg, power, rat, refuse, sub, substitute, tangent
from .theorems import Premises, Theorem, Theorems, conclude, expect, held


def local(vary: Vary, term: Term, sides: Theorems) -> Theorem:
    """::

            H |- e defined                               H; V |- a ~> da    H; V |- b ~> db
           ----------------   no V in e    ------------    --------------------------------
            H; V |- e ~> 0                 V |- x ~> dx      H; V |- a + b ~> da + db

            H; V |- a ~> da    H; V |- b ~> db        H; V |- a ~> da
           ------------------------------------    -----------------------------
              H; V |- a b ~> da b + a db            H; V |- a^n ~> n a^(n-1) da

    From the symbols up to ``term``, with :func:`function`, :func:`conditional` and :func:`.cited.cited_function` for
    the other operations, and with the side conditions found among ``sides``; a side that is ``Local`` itself is taken
    as it stands.  What does not move is constant, and its definedness at the point is all there is to show.
    """
    refuse(not term.moves, "local: a tangent occurs in the term")
    premises, seen, cites = Premises(sides), set[Term](), set[str]()
    rates: dict[Term, Rate] = {}
    stack = [term]
    while stack:
        t = stack[-1]
        if t in rates:
            stack.pop()
        elif (given := premises.get((vary, t))) is not None:
            rates[t] = expect(Local, given, "local").derivative
        elif vary.isdisjoint(t.free):
            cites |= define(t, premises, seen)
            rates[t] = ZERO
        else:
            operands = near(vary, t, premises)
            waiting = [s for s in operands if s not in rates]
            stack += waiting
            if not waiting:
                rates[t] = _rate(vary, t, operands, [rates[s] for s in operands], premises, cites)
    return conclude(Local(vary, term, rates[term]), premises.used, cites=frozenset(cites))


def _rate(vary: Vary, t: Term, operands: Sequence[Term], du: list[Rate], premises: Premises, cites: set[str]) -> Rate:
    """The derivative of ``t`` by the rule for its operation, ``du`` being those of its operands."""
    match t.op:
        case "var":
            return tangent(str(t.args[0]))
        case "add":
            return plus(*du)
        case "mul":
            a, b = operands
            return plus(times(du[0], b), times(a, du[1]))
        case "pow":
            n = t.args[1]
            assert type(n) is int
            return times(mul(rat(n), operands[0] if n == 2 else power(operands[0], n - 1)), du[0])
        case "cond":
            return conditional(operands, du, premises)
        case "app":
            cites.add(cited_domain(t, premises, "local"))
            return cited_function(vary, t, du)
    return function(vary, t, du[0], premises)


def function(vary: Vary, t: Term, du: Rate, premises: Premises) -> Rate:
    """::

            H; V |- u ~> du    H |- u R 0
           -------------------------------   (f, R, f') in DERIVATIVES
               H; V |- f(u) ~> f'(u) du

    The chain rule for the primitive functions, each on the open set where it is differentiable.  For ``sqrt``
    there is also::

            H; V |- u ~> du    H' |- u >= 0
           ---------------------------------   no symbol of V in H'
                 H, H'; V |- sqrt(u) ~> ?

    because then ``u >= 0`` on the whole space of the symbols of ``V``, where ``sqrt`` is continuous.
    """
    (u,) = t.terms
    relation, derivative = DERIVATIVES[t.op]
    if relation is None or premises.find(relation, sub(u, t) if t.op == "floor" else u) is not None:
        return times(derivative(u), du)
    anywhere = premises.find(">=", u) if t.op == "sqrt" else None
    shown = anywhere is not None and all(vary.isdisjoint(h.term.free) for h in anywhere.hyps)
    refuse(shown, f"local: nothing shows that {t.op} is differentiable at its operand ({relation} 0)")
    return None


def near(vary: Vary, t: Term, premises: Premises) -> tuple[Term, ...]:
    """The operands of ``t`` that count near the point: of a conditional its guard, and one branch or both."""
    if t.op != "cond" or vary.isdisjoint(t.terms[0].free):
        return counted(t, premises)
    guard, a, b = t.terms
    relation = str(t.args[0])
    if premises.find(">", guard) is not None:
        return guard, b if relation == "=" else a
    if premises.find(">", neg(guard)) is not None:
        return guard, a if relation == "!=" else b
    if relation in ("=", "!=") and premises.find("!=", guard) is not None:
        return guard, b if relation == "=" else a
    return guard, a, b


def conditional(operands: Sequence[Term], du: Sequence[Rate], premises: Premises) -> Rate:
    """::

            H; V |- t ~> ?    H |- t != 0  (or > 0, < 0)    H; V |- a ~> da
           -----------------------------------------------------------------   the branch on that side
                           H; V |- (a if t R 0 else b) ~> da

    ``t`` is continuous and not 0, so it keeps its sign near the point, and there the conditional *is* its branch.
    Without a symbol of ``V`` in it, ``t`` does not move at all, and ``H |- t R 0`` or its negation is enough::

            H; V |- t ~> ?    H; V |- a ~> da    H; V |- b ~> db    H |- a - b = 0    H |- da - db = 0
           --------------------------------------------------------------------------------------------
                                      H; V |- (a if t R 0 else b) ~> da

    Glue: near the point the conditional takes one of two values, ``a`` or ``b``; both equal its value at the point
    and both have the tangent ``da``.  Without the last premise it is continuous.
    """
    refuse(len(operands) > 1, "local: nothing decides the guard of a conditional")
    if len(operands) == 2:
        return du[1]
    (_, a, b), (_, da, db) = operands, du
    met = a is b or premises.find("=", sub(a, b)) is not None
    refuse(met, "local: no side decides a guard, and its branches are not shown equal")
    smooth = da is not None and db is not None and (da is db or premises.find("=", sub(da, db)) is not None)
    return da if smooth else None


def rewrite(th: Theorem, equation: Theorem) -> Theorem:
    """::

            H; V |- e ~> de    H |- de - d = 0
           ------------------------------------   d linear in the tangents
                     H; V |- e ~> d

    Only the *derivative* is rewritten: it is a value at the point, where ``H`` holds.
    """
    c = expect(Local, th, "rewrite")
    old, new = difference(held(equation, "rewrite"), "rewrite")
    refuse(c.derivative is old, "rewrite: the equation is about another derivative")
    refuse(linear(new, c.vary), "rewrite: the new derivative is not linear in the tangents")
    return conclude(Local(c.vary, c.term, new), (th, equation))


def slope(derivative: Term, x: str) -> Term:
    """The number by which ``derivative`` multiplies ``dx``: ``d`` of ``d dx``, else ``derivative`` at ``dx = 1``."""
    if derivative.op == "mul" and derivative.terms[1] is tangent(x) and not derivative.terms[0].moves:
        return derivative.terms[0]
    return substitute(derivative, {"d " + x: ONE})


def sign_of(rate: Slope, premises: Premises) -> int:
    """1 or -1 for a slope that is infinite or shown to be positive or negative, else 0."""
    if type(rate) is not Term:
        return 1 if rate == "+oo" else -1
    return 1 if premises.find(">", rate) is not None else -1 if premises.find(">", neg(rate)) is not None else 0


def nearby(known: Theorems, vary: Vary, sign: int, support: Theorems) -> Theorem:
    """Show that the hypotheses of ``known`` hold near the point; returns a theorem with the hypotheses that suffice.

    For ``sign`` 0 on a whole neighbourhood in the symbols ``vary``; for 1 or -1 for all values of the one symbol
    next to the point on that side (the point itself left out).  A literal without a varying symbol is its own
    hypothesis.  Any other is one of::

            H |- u > 0 (or != 0)    H; V |- u ~> ?          H |- u = 0    H |- sign * (slope of u on that side) > 0
           ----------------------------------------        --------------------------------------------------------
                 u > 0 (or != 0) nearby                          u > 0, so u >= 0 and u != 0, on that side

    A continuous function keeps its sign; one that leaves 0 upwards is positive.  ``u = 0`` alone never qualifies.
    """
    premises = Premises(support)
    fixed = set[Literal]()
    for fact in sorted(frozenset[Literal]().union(*(th.hyps for th in known)), key=lambda f: f.term.serial):
        u = fact.term
        if vary.isdisjoint(u.free):
            fixed.add(fact)
            continue
        refuse(fact.relation != "=", "nearby: an equation on a varying symbol does not hold nearby")
        if premises.find(fact.strictly, u) is not None:
            around = premises.get((vary, u))
            refuse(around is not None, "nearby: the term of a hypothesis is not shown to be continuous")
            continue
        at_zero = sign != 0 and premises.find("=", u) is not None
        refuse(at_zero, "nearby: a hypothesis is not shown to hold strictly at the point")
        rises = sign_of(_departure(u, vary, sign, premises), premises) == sign
        refuse(rises, "nearby: the term of a hypothesis is not shown to rise from 0 on that side")
    hyps = frozenset(fixed).union(*(th.hyps for th in premises.used))
    return conclude(Holds(Literal("=", ZERO)), [*known, *premises.used], hyps)


def _departure(u: Term, vary: Vary, sign: int, premises: Premises) -> Slope:
    """The one-sided derivative of ``u`` that the premises show, or else 0, which says nothing."""
    (x,) = vary
    side, whole = premises.get((x, sign, u)), premises.get((vary, u))
    if side is not None:
        return expect(Side, side, "nearby").slope
    rate = expect(Local, whole, "nearby").derivative if whole is not None else None
    return ZERO if rate is None else slope(rate, x)


def same_nearby(
    inner: Theorem, same: Theorem, is_defined: Theorem, vary: Vary, sign: int, support: Theorems
) -> tuple[Term, Local, Theorem]:
    """::

        H; V |- e' ~> de'    K |- e - e' = 0    K |- e defined    H |- K holds nearby

    Returns ``e``, what is known of ``e'``, and the theorem of :func:`nearby`: the two are the same function there.
    """
    c, e = expect(Local, inner, "same"), expect(Defined, is_defined, "same").term
    spoken = c.vary == vary and held(same, "same") == Literal("=", sub(e, c.term))
    refuse(spoken, "same: the premises speak of other terms")
    return e, c, nearby((same, is_defined), vary, sign, support)


def replace(inner: Theorem, same: Theorem, is_defined: Theorem, support: Theorems) -> Theorem:
    """::

            H; V |- e' ~> de    K |- e - e' = 0    K |- e defined    H |- K holds nearby
           ------------------------------------------------------------------------------
                                        H; V |- e ~> de

    The two terms are the same function near the point, and ``e`` is defined there.
    """
    vary = expect(Local, inner, "replace").vary
    e, c, there = same_nearby(inner, same, is_defined, vary, 0, support)
    return conclude(Local(vary, e, c.derivative), (inner, there))


def chain(outer: Theorem, inner: Sequence[tuple[str, Theorem]]) -> Theorem:
    """::

            G; W |- e ~> de    H; V |- u_w ~> du_w  for each w in W
           ----------------------------------------------------------   V meets e only inside W
               G[w:=u], H; V |- e[w:=u] ~> de[w:=u, dw:=du]

    The chain rule: the symbols ``W`` of a theorem proved once may be any terms.
    """
    goal, parts = expect(Local, outer, "chain"), {w: expect(Local, th, "chain") for w, th in inner}
    each = goal.vary == frozenset(parts) and len(parts) == len(inner)
    refuse(each, "chain: one inner theorem is needed for each varying symbol")
    refuse(len({u.vary for u in parts.values()}) == 1, "chain: the inner theorems do not vary the same symbols")
    (vary,) = {u.vary for u in parts.values()}
    captured = vary & (goal.term.free - goal.vary)
    refuse(not captured, "chain: a varying symbol occurs in the term beside those replaced")
    values = {w: u.term for w, u in parts.items()}
    moved = {"d " + w: u.derivative for w, u in parts.items() if u.derivative is not None}
    smooth = goal.derivative is not None and len(moved) == len(parts)
    derivative = substitute(goal.derivative, {**values, **moved}) if smooth and goal.derivative else None
    theorems = [th for _, th in inner]
    hyps = plugged(outer, values).union(*(th.hyps for th in theorems))
    return conclude(Local(vary, substitute(goal.term, values), derivative), [outer, *theorems], hyps)


def has_deriv(th: Theorem, is_defined: Theorem) -> Theorem:
    """::

            H; V |- e ~> d    H |- d defined
           ----------------------------------   d linear in the tangents
                 H; V |- e has derivative d

    What a reader is promised: the derivative exists, and the term that is printed for it has a value.
    """
    c, d = expect(Local, th, "has_deriv"), expect(Defined, is_defined, "has_deriv").term
    refuse(c.derivative is d, "has_deriv: another term than the derivative is shown to be defined")
    refuse(linear(d, c.vary), "has_deriv: the derivative is not linear in the tangents")
    return conclude(HasDeriv(c.vary, c.term, d), (th, is_defined))


def higher(lower: Theorem, next_: Theorem, support: Theorems) -> Theorem:
    """::

            K |- (d/dx)^n e = d    H; x |- d has derivative d' dx    H |- K holds nearby
           ------------------------------------------------------------------------------
                                   H |- (d/dx)^(n+1) e = d'

    The derivative of order ``n`` is ``d`` on a neighbourhood, not only at the point, so it can be differentiated.
    """
    low, top = lower.conclusion, expect(HasDeriv, next_, "higher")
    refuse(len(top.vary) == 1, "higher: the derivatives are not in one symbol")
    (x,) = top.vary
    if type(low) is HasDeriv and low.vary == top.vary:
        low = NthDerivative(x, 1, low.term, slope(low.derivative, x))
    follows = type(low) is NthDerivative and low.x == x and low.derivative is top.term
    refuse(follows, "higher: the second premise does not differentiate the derivative of the first")
    assert type(low) is NthDerivative
    there = nearby((lower,), top.vary, 0, support)
    return conclude(NthDerivative(x, low.order + 1, low.term, slope(top.derivative, x)), (next_, there))
