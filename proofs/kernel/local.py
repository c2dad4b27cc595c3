"""The judgement on tangents: ``H; V |- e ~> de``, with one rule for each way to build a term.

``V`` names the symbols that vary.  A rule whose premise is only continuous concludes only continuity:
every rule below gives both judgements (``de`` is then ``None``).
"""

from __future__ import annotations

from collections.abc import Sequence

from .algebra import Rate, compare, derivation, difference, linear, slope, times
from .cited import cited_domain, cited_function
from .conclusions import Defined, HasDeriv, Holds, Local, NthDerivative, Side, Slope, Vary
from .facts import DERIVATIVES
from .logic import counted, define, plugged
from .terms import BINDERS, ZERO, KernelError, Literal, Term, equal, neg, refuse, sub, substitute, tangent
from .theorems import Premises, Theorem, Theorems, conclude, expect, held, hyps_of


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
    An entry ``x[i]`` of a family of ``V`` has the tangent ``dx[i]``; the index must not move.  ``V`` is of symbols
    without indices or of families alone.
    """
    refuse(not term.moves, "a tangent occurs in the term")
    refuse(len({"/" in v for v in vary}) < 2, "symbols and families vary together")
    premises, seen, stack = Premises(sides), set[Term](), [term]
    rates: dict[Term, Rate] = {}
    while stack:
        t = stack[-1]
        if t in rates:
            stack.pop()
        elif (given := premises.get((vary, t))) is not None:
            rates[t] = expect(Local, given).derivative
        elif vary.isdisjoint(t.free):
            define(t, premises, seen)
            rates[t] = ZERO
        else:
            refuse(t.op not in BINDERS, "nothing shows a sum or maximum to be continuous")
            operands = near(vary, t, premises)
            waiting = [s for s in operands if s not in rates]
            stack += waiting
            if not waiting:
                rates[t] = _rate(vary, t, operands, [rates[s] for s in operands], premises)
    return premises.conclude(Local(vary, term, rates[term]))


def _rate(vary: Vary, t: Term, operands: Sequence[Term], du: list[Rate], premises: Premises) -> Rate:
    """The derivative of ``t`` by the rule for its operation, ``du`` being those of its operands."""
    match t.op:
        case "var":
            refuse(all(vary.isdisjoint(a.free) for a in t.terms), "an index varies")
            return tangent(str(t.args[0]), *t.terms)
        case "add" | "mul" | "pow":
            return derivation(t, du)
        case "cond":
            return conditional(operands, du, premises)
        case "app":
            refuse(_numbers(vary), "a cited function of families")
            cited_domain(t, premises)
            return cited_function(vary, t, du)
    return function(vary, t, du[0], premises)


def _numbers(vary: Vary) -> bool:
    """Whether symbols without indices vary: of these alone some forms of the rule are, which families need not."""
    return not any("/" in v for v in vary)


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

    because then ``u >= 0`` on the whole space of the symbols of ``V``, where ``sqrt`` is continuous (not for families).
    """
    (u,) = t.terms
    relation, derivative = DERIVATIVES[t.op]
    if relation is None or premises.shows(relation, sub(u, t) if t.op == "floor" else u):
        return times(derivative(u), du)
    anywhere = premises.find(">=", u) if t.op == "sqrt" and _numbers(vary) else None
    shown = anywhere is not None and all(vary.isdisjoint(h.term.free) for h in anywhere.hyps)
    refuse(shown, f"nothing shows that {t.op} is differentiable at its operand ({relation} 0)")
    return None


def near(vary: Vary, t: Term, premises: Premises) -> tuple[Term, ...]:
    """The operands of ``t`` that count near the point: of a conditional its guard, and one branch or both."""
    if t.op != "cond" or vary.isdisjoint(t.terms[0].free):
        return counted(t, premises)
    (relation, *_), (guard, a, b) = t.args, t.terms
    for shown, u, sign in ((">", guard, 1), (">", neg(guard), -1), ("!=", guard, 1)):
        if (shown == ">" or relation in ("=", "!=")) and premises.shows(shown, u):
            return guard, a if compare(str(relation), sign) else b
    return (guard, a, b) if _numbers(vary) else (guard,)


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
    and both have the tangent ``da``.  Without the last premise it is continuous.  (Not for families.)
    """
    refuse(len(operands) > 1, "nothing decides the guard of a conditional")
    if len(operands) == 2:
        return du[1]
    (_, a, b), (_, da, db) = operands, du
    met = a is b or premises.shows("=", sub(a, b))
    refuse(met, "no side decides a guard, and its branches are not shown equal")
    return da if da is not None and db is not None and (da is db or premises.shows("=", sub(da, db))) else None


def rewrite(th: Theorem, equation: Theorem) -> Theorem:
    """::

            H; V |- e ~> de    H |- de - d = 0
           ------------------------------------   d linear in the tangents
                     H; V |- e ~> d

    Only the *derivative* is rewritten: it is a value at the point, where ``H`` holds.
    """
    c = expect(Local, th)
    old, new = difference(held(equation))
    refuse(c.derivative is old, "the equation is about another derivative")
    refuse(linear(new, c.vary), "the new derivative is not linear in the tangents")
    return conclude(Local(c.vary, c.term, new), (th, equation))


def sign_of(rate: Slope | None, premises: Premises) -> int:
    """1 or -1 for a slope that is infinite or shown to be positive or negative, else 0."""
    if type(rate) is not Term:
        return 1 if rate == "+oo" else -1 if rate == "-oo" else 0
    return 1 if premises.shows(">", rate) else -1 if premises.shows(">", neg(rate)) else 0


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
    fixed = {fact for fact in hyps_of(known) if vary.isdisjoint(fact.term.free)}
    for fact in sorted(hyps_of(known) - fixed, key=lambda f: f.term.serial):
        u = fact.term
        refuse(fact.relation != "=", "an equation on a varying symbol does not hold nearby")
        if premises.shows(fact.strictly, u):
            refuse(premises.get((vary, u)) is not None, "the term of a hypothesis is not shown to be continuous")
            continue
        strict = sign != 0 and premises.shows("=", u)
        refuse(strict, "a hypothesis is not shown to hold strictly at the point")
        rises = sign_of(_departure(u, vary, sign, premises), premises) == sign
        refuse(rises, "the term of a hypothesis is not shown to rise from 0 on that side")
    return conclude(Holds(Literal("=", ZERO)), [*known, *premises.used], hyps_of(premises.used) | fixed)


def _departure(u: Term, vary: Vary, sign: int, premises: Premises) -> Slope | None:
    """The one-sided derivative of ``u`` that the premises show, if they show one."""
    (x,) = vary
    th = premises.get((x, sign, u)) or premises.get((vary, u))
    c = None if th is None else th.conclusion
    if type(c) is Side:
        return c.slope
    return slope(c.derivative, x) if type(c) is Local and c.derivative is not None else None


def same_nearby(
    inner: Theorem, same: Theorem, is_defined: Theorem, vary: Vary, sign: int, support: Theorems
) -> tuple[Term, Local, Theorem]:
    """::

        H; V |- e' ~> de'    K |- e - e' = 0    K |- e defined    H |- K holds nearby

    Returns ``e``, what is known of ``e'``, and the theorem of :func:`nearby`: the two are the same function there.
    """
    c, e = expect(Local, inner), expect(Defined, is_defined).term
    refuse(c.vary == vary and held(same) == equal(e, c.term) and not e.moves, "premises of other terms or of tangents")
    return e, c, nearby((same, is_defined), vary, sign, support)


def replace(inner: Theorem, same: Theorem, is_defined: Theorem, support: Theorems) -> Theorem:
    """::

            H; V |- e' ~> de    K |- e - e' = 0    K |- e defined    H |- K holds nearby
           ------------------------------------------------------------------------------
                                        H; V |- e ~> de

    The two terms are the same function near the point, and ``e`` is defined there.
    """
    vary = expect(Local, inner).vary
    e, c, there = same_nearby(inner, same, is_defined, vary, 0, support)
    return conclude(Local(vary, e, c.derivative), (inner, there))


def chain(outer: Theorem, inner: Sequence[tuple[str, Theorem]]) -> Theorem:
    """::

            G; W |- e ~> de    H; V |- u_w ~> du_w  for each w in W
           ----------------------------------------------------------   V meets e only inside W
               G[w:=u], H; V |- e[w:=u] ~> de[w:=u, dw:=du]

    The chain rule: the symbols ``W`` of a theorem proved once may be any terms.
    """
    goal, parts = expect(Local, outer), {w: expect(Local, th) for w, th in inner}
    each = goal.vary == frozenset(parts) and len(parts) == len(inner)
    refuse(each, "one inner theorem is needed for each varying symbol")
    refuse(len({u.vary for u in parts.values()}) == 1, "the inner theorems do not vary the same symbols")
    (vary,) = {u.vary for u in parts.values()}
    captured = vary & (goal.term.free - goal.vary)
    refuse(not captured, "a varying symbol occurs in the term beside those replaced")
    values = {w: u.term for w, u in parts.items()}
    moved = {"d " + w: u.derivative for w, u in parts.items() if u.derivative is not None}
    smooth = goal.derivative is not None and len(moved) == len(parts)
    derivative = substitute(goal.derivative, {**values, **moved}) if smooth and goal.derivative else None
    conclusion = Local(vary, substitute(goal.term, values), derivative)
    return plugged(conclusion, outer, values, [th for _, th in inner])


def has_deriv(th: Theorem, is_defined: Theorem) -> Theorem:
    """::

            H; V |- e ~> d    H |- d defined
           ----------------------------------   d linear in the tangents
                 H; V |- e has derivative d

    What a reader is promised: the derivative exists, and the term that is printed for it has a value.
    """
    c, d = expect(Local, th), expect(Defined, is_defined).term
    refuse(c.derivative is d, "another term than the derivative is shown to be defined")
    refuse(linear(d, c.vary), "the derivative is not linear in the tangents")
    return conclude(HasDeriv(c.vary, c.term, d), (th, is_defined))


def higher(lower: Theorem, next_: Theorem, support: Theorems) -> Theorem:
    """::

            K |- (d/dx)^n e = d    H; x |- d has derivative d' dx    H |- K holds nearby
           ------------------------------------------------------------------------------
                                   H |- (d/dx)^(n+1) e = d'

    The derivative of order ``n`` is ``d`` on a neighbourhood, not only at the point, so it can be differentiated.
    """
    low, top = lower.conclusion, expect(HasDeriv, next_)
    refuse(len(top.vary) == 1, "the derivatives are not in one symbol")
    (x,) = top.vary
    if type(low) is HasDeriv and low.vary == top.vary:
        low = NthDerivative(x, 1, low.term, slope(low.derivative, x))
    if type(low) is not NthDerivative or low.x != x or low.derivative is not top.term:
        raise KernelError("the second premise does not differentiate the derivative of the first")
    there = nearby((lower,), top.vary, 0, support)
    return conclude(NthDerivative(x, low.order + 1, low.term, slope(top.derivative, x)), (next_, there))
