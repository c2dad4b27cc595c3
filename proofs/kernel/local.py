"""The judgement on tangents: ``H; V |- e ~> de``, with one rule for each way to build a term.

``V`` names the symbols that vary.  A rule whose premise is only continuous concludes only continuity:
every rule below gives both judgements (``de`` is then ``None``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from .cited import domain, partial
from .logic import branch, defined, difference
from .terms import (
    MINUS_ONE,
    ONE,
    ZERO,
    KernelError,
    Literal,
    Term,
    add,
    mul,
    pi,
    postorder,
    power,
    rat,
    sub,
    substitute,
    tangent,
    unary,
)
from .theorems import Defined, HasDeriv, Holds, Local, NthDerivative, Premises, Theorem, conclude, held, refuse


def plus(a: Term, b: Term) -> Term:
    """``a + b`` without a needless 0.  Values are total, so no domain is lost."""
    return b if a is ZERO else a if b is ZERO else add(a, b)


def times(a: Term, b: Term) -> Term:
    """``a * b`` without a needless 0 or 1."""
    if a is ZERO or b is ZERO:
        return ZERO
    return b if a is ONE else a if b is ONE else mul(a, b)


def _inverse(u: Term) -> Term:
    return unary("inv", u)


DERIVATIVES: Final[dict[str, tuple[str | None, Callable[[Term], Term]]]] = {
    "inv": ("!=", lambda u: times(MINUS_ONE, power(_inverse(u), 2))),
    "exp": (None, lambda u: unary("exp", u)),
    "log": (">", _inverse),
    "sin": (None, lambda u: unary("cos", u)),
    "cos": (None, lambda u: times(MINUS_ONE, unary("sin", u))),
    "atan": (None, lambda u: _inverse(add(ONE, power(u, 2)))),
    "erf": (
        None,
        lambda u: mul(rat(2), mul(_inverse(unary("sqrt", pi())), unary("exp", times(MINUS_ONE, power(u, 2))))),
    ),
    "sqrt": (">", lambda u: _inverse(mul(rat(2), unary("sqrt", u)))),
    "floor": ("!= floor", lambda u: ZERO),
}
"""The derivative of each primitive function, and what its operand must satisfy for it to exist there."""


def local_of(th: Theorem | None, vary: frozenset[str], rule: str) -> Local:
    """The conclusion of ``th``, which must be ``Local`` in the symbols ``vary``."""
    if th is None or type(th.conclusion) is not Local or th.conclusion.vary != vary:
        raise KernelError(f"{rule}: a premise is not Local in the same varying symbols")
    return th.conclusion


def constant(vary: frozenset[str], premise: Theorem) -> Theorem:
    """::

            H |- e defined
           ----------------   no symbol of V in e
            H; V |- e ~> 0

    Moving the symbols of ``V`` does not change ``e``.
    """
    if type(premise.conclusion) is not Defined:
        raise KernelError("constant: the premise is not Defined")
    refuse(vary.isdisjoint(premise.conclusion.term.free), "constant: a varying symbol occurs in the term")
    return conclude(Local(vary, premise.conclusion.term, ZERO), (premise,))


def variable(vary: frozenset[str], name: str, term: Term) -> Theorem:
    """::

    -----------------   x in V
     ; V |- x ~> dx
    """
    refuse(name in vary and term.op == "var" and term.args[0] == name, "variable: not a varying symbol")
    return conclude(Local(vary, term, tangent(name)))


def total(vary: frozenset[str], term: Term, a: Theorem, b: Theorem) -> Theorem:
    """::

     H; V |- a ~> da    H; V |- b ~> db
    ------------------------------------
          H; V |- a + b ~> da + db
    """
    da, db = (local_of(p, vary, "total").derivative for p in (a, b))
    return conclude(Local(vary, term, None if da is None or db is None else plus(da, db)), (a, b))


def product(vary: frozenset[str], term: Term, a: Theorem, b: Theorem) -> Theorem:
    """::

     H; V |- a ~> da    H; V |- b ~> db
    ------------------------------------
       H; V |- a b ~> da b + a db
    """
    u, v = (local_of(p, vary, "product") for p in (a, b))
    if u.derivative is None or v.derivative is None:
        return conclude(Local(vary, term, None), (a, b))
    return conclude(Local(vary, term, plus(times(u.derivative, v.term), times(u.term, v.derivative))), (a, b))


def integer_power(vary: frozenset[str], term: Term, n: int, a: Theorem) -> Theorem:
    """::

        H; V |- a ~> da
    -------------------------------   n >= 2
     H; V |- a^n ~> n a^(n-1) da
    """
    u = local_of(a, vary, "integer_power")
    if u.derivative is None:
        return conclude(Local(vary, term, None), (a,))
    lower = u.term if n == 2 else power(u.term, n - 1)
    return conclude(Local(vary, term, times(mul(rat(n), lower), u.derivative)), (a,))


def function(vary: frozenset[str], term: Term, a: Theorem, premises: Premises) -> Theorem:
    """::

            H; V |- u ~> du    H |- u R 0
           -------------------------------   (f, R, f') in DERIVATIVES
               H; V |- f(u) ~> f'(u) du

    The chain rule for the primitive functions.  Each is differentiable on the open set that ``R`` describes:
    ``inv`` on ``u != 0``, ``log`` and ``sqrt`` on ``u > 0``, ``floor`` where ``u - floor(u) != 0``, the others
    everywhere.  For ``sqrt`` there is also::

            H; V |- u ~> du    H' |- u >= 0
           ---------------------------------   no symbol of V in H'
                 H, H'; V |- sqrt(u) ~> ?

    because then ``u >= 0`` on the whole space of the symbols of ``V``, where ``sqrt`` is continuous.
    """
    u = local_of(a, vary, "function")
    relation, derivative = DERIVATIVES[term.op]
    if relation is not None:
        operand = sub(u.term, term) if relation == "!= floor" else u.term
        if premises.find(relation[:2], operand) is None and (relation != "!=" or premises.find(">", operand) is None):
            nonneg = premises.by.get(Holds(Literal(">=", u.term)))
            open_everywhere = nonneg is not None and all(vary.isdisjoint(h.term.free) for h in nonneg.hyps)
            refuse(
                term.op == "sqrt" and open_everywhere,
                f"local: nothing shows the operand of {term.op} to be {relation} 0",
            )
            assert nonneg is not None
            premises.used.append(nonneg)
            return conclude(Local(vary, term, None), (a,))
    return conclude(Local(vary, term, None if u.derivative is None else times(derivative(u.term), u.derivative)), (a,))


def cited_function(vary: frozenset[str], term: Term, operands: Sequence[Theorem], premises: Premises) -> Theorem:
    """::

            H; V |- u_i ~> du_i    H |- the cited domain
           ----------------------------------------------   (facts of the second ledger)
              H; V |- f(u) ~> sum_i d_i f(u) du_i

    The cited facts say that ``f`` is continuously differentiable on its open domain in the places for which
    they give a derivative; in all others the operand must not vary.  The theorem names them as assumptions.
    """
    name, literals = domain(term)
    for need in literals:
        refuse(premises.find(*need) is not None, f"local: nothing shows the domain cited for {name}")
    whole: Term | None = ZERO
    for i, th in enumerate(operands):
        u = local_of(th, vary, "cited_function")
        if not vary.isdisjoint(u.term.free):
            rate = partial(term, i)
            if rate is None:
                raise KernelError(f"local: no derivative of {name} is cited in place {i + 1}")
            whole = None if whole is None or u.derivative is None else plus(whole, times(rate, u.derivative))
    return conclude(Local(vary, term, whole), operands, cites=frozenset({name}))


def guarded(vary: frozenset[str], term: Term, guard: Theorem, arm: Theorem, premises: Premises) -> Theorem:
    """::

            H; V |- t ~> ?    H |- t != 0  (or > 0, < 0)    H; V |- a ~> da
           -----------------------------------------------------------------   the branch on that side
                           H; V |- (a if t R 0 else b) ~> da

    ``t`` is continuous and not 0, so it keeps its sign near the point, and there the conditional *is* its branch.
    Without a symbol of ``V`` in it, ``t`` does not move at all, and ``H |- t R 0`` or its negation is enough.
    """
    local_of(guard, vary, "guarded")
    taken = local_of(arm, vary, "guarded")
    refuse(_arms(vary, term, premises)[1:] == (taken.term,), "guarded: no premise decides for this branch")
    return conclude(Local(vary, term, taken.derivative), (guard, arm))


def glue(vary: frozenset[str], term: Term, guard: Theorem, a: Theorem, b: Theorem, premises: Premises) -> Theorem:
    """::

            H; V |- t ~> ?    H; V |- a ~> da    H; V |- b ~> db    H |- a - b = 0    H |- da - db = 0
           --------------------------------------------------------------------------------------------
                                      H; V |- (a if t R 0 else b) ~> da

    Near the point the conditional takes one of two values, ``a`` or ``b``; both equal its value at the point and
    both have the tangent ``da``.  Without the last premise it is continuous.
    """
    local_of(guard, vary, "glue")
    u, v = local_of(a, vary, "glue"), local_of(b, vary, "glue")
    refuse(
        u.term is v.term or premises.find("=", sub(u.term, v.term)) is not None,
        "local: no side decides a guard, and its branches are not shown equal",
    )
    da, db = u.derivative, v.derivative
    agree = da is not None and db is not None and (da is db or premises.find("=", sub(da, db)) is not None)
    return conclude(Local(vary, term, da if agree else None), (guard, a, b))


def local(vary: frozenset[str], term: Term, sides: Sequence[Theorem]) -> Theorem:
    """Apply the rules above from the symbols up to ``term``, with the side conditions found among ``sides``.

    A side that is itself ``Local`` is taken as it stands.  This is no rule: it only calls rules, so that a
    certificate need not name them node by node.

    Raises ``KernelError`` naming the operation for which no side condition was given.
    """
    premises = Premises(sides)
    done: dict[Term, Theorem] = {}
    given = {c.term: th for c, th in premises.by.items() if type(c) is Local and c.vary == vary}
    stack = [term]
    while stack:
        t = stack[-1]
        if t in done:
            stack.pop()
        elif t in given:
            premises.used.append(given[t])
            done[t] = given[t]
        elif vary.isdisjoint(t.free):
            done[t] = constant(vary, defined(t, sides))
        else:
            arms = t.terms if t.op != "cond" else _arms(vary, t, premises)
            waiting = [s for s in arms if s not in done]
            if waiting:
                stack += waiting
            else:
                done[t] = _node(vary, t, [done[s] for s in arms], premises)
    result = done[term]
    assert type(result.conclusion) is Local
    return conclude(result.conclusion, [result, *premises.used])


def _arms(vary: frozenset[str], t: Term, premises: Premises) -> tuple[Term, ...]:
    """The guard and the branches of the conditional ``t`` that count near the point."""
    guard, a, b = t.terms
    relation = str(t.args[0])
    if vary.isdisjoint(guard.free):
        return guard, branch(t, premises, "local")
    if premises.find(">", guard) is not None:
        return guard, b if relation == "=" else a
    if premises.find(">", mul(MINUS_ONE, guard)) is not None:
        return guard, a if relation == "!=" else b
    if relation in ("=", "!=") and premises.find("!=", guard) is not None:
        return guard, b if relation == "=" else a
    return guard, a, b


def _node(vary: frozenset[str], t: Term, below: list[Theorem], premises: Premises) -> Theorem:
    match t.op:
        case "var":
            return variable(vary, str(t.args[0]), t)
        case "add":
            return total(vary, t, *below)
        case "mul":
            return product(vary, t, *below)
        case "pow":
            n = t.args[1]
            assert type(n) is int
            return integer_power(vary, t, n, below[0])
        case "app":
            return cited_function(vary, t, below, premises)
        case "cond" if len(below) == 2:
            return guarded(vary, t, below[0], below[1], premises)
        case "cond":
            return glue(vary, t, below[0], below[1], below[2], premises)
    return function(vary, t, below[0], premises)


def linear(t: Term, vary: frozenset[str]) -> bool:
    """Whether ``t`` is, for its form, linear in the tangents of ``vary`` and free of other tangents."""
    degree: dict[Term, int] = {}
    for s in postorder(t):
        if not any(n.startswith("d ") for n in s.free):
            degree[s] = 0
        elif s.op == "d":
            degree[s] = 1 if s.args[0] in vary else 2
        elif s.op == "mul":
            degree[s] = sum(degree[a] for a in s.terms)
        elif s.op == "add" or (s.op == "cond" and degree[s.terms[0]] == 0):
            arms = s.terms[-2:]
            degree[s] = 1 if all(degree[a] == 1 or a is ZERO for a in arms) else 2
        else:
            degree[s] = 2
    return t is ZERO or degree[t] == 1


def rewrite(th: Theorem, equation: Theorem) -> Theorem:
    """::

            H; V |- e ~> de    H |- de - d = 0
           ------------------------------------   d linear in the tangents
                     H; V |- e ~> d

    Only the *derivative* is rewritten: it is a value at the point, where ``H`` holds.
    """
    if type(th.conclusion) is not Local:
        raise KernelError("rewrite: the premise is not Local")
    old, new = difference(held(equation, "rewrite"), "rewrite")
    refuse(th.conclusion.derivative is old, "rewrite: the equation is about another derivative")
    refuse(linear(new, th.conclusion.vary), "rewrite: the new derivative is not linear in the tangents")
    return conclude(Local(th.conclusion.vary, th.conclusion.term, new), (th, equation))


def nearby(literals: frozenset[Literal], vary: frozenset[str], support: Sequence[Theorem]) -> Theorem:
    """Show that ``literals`` hold on a whole neighbourhood; returns the theorem whose hypotheses suffice.

    A literal without a varying symbol is its own hypothesis.  Any other must hold strictly at the point, and its
    term be ``Local``: a continuous function keeps its sign nearby.  ``x >= 0`` and ``x = 0`` alone never qualify.
    """
    premises = Premises(support)
    local_terms = {c.term: th for c, th in premises.by.items() if type(c) is Local and c.vary == vary}
    fixed = set[Literal]()
    for fact in literals:
        if vary.isdisjoint(fact.term.free):
            fixed.add(fact)
            continue
        refuse(fact.relation != "=", "nearby: an equation on a varying symbol does not hold nearby")
        refuse(
            premises.find(fact.strictly, fact.term) is not None,
            "nearby: a hypothesis is not shown to hold strictly at the point",
        )
        around = local_terms.get(fact.term)
        if around is None:
            raise KernelError("nearby: the term of a hypothesis is not shown to be continuous")
        premises.used.append(around)
    hyps = frozenset(fixed).union(*(p.hyps for p in premises.used))
    return conclude(Holds(Literal("=", ZERO)), premises.used, hyps)


def replace(inner: Theorem, same: Theorem, is_defined: Theorem, support: Sequence[Theorem]) -> Theorem:
    """::

            H; V |- e' ~> de    K |- e - e' = 0    K |- e defined    H |- K holds nearby
           ------------------------------------------------------------------------------
                                        H; V |- e ~> de

    The two terms are the same function near the point, and ``e`` is defined there.
    """
    if type(inner.conclusion) is not Local or type(is_defined.conclusion) is not Defined:
        raise KernelError("replace: the premises are not Local and Defined")
    e, other = difference(held(same, "replace"), "replace")
    refuse(
        inner.conclusion.term is other and is_defined.conclusion.term is e, "replace: the premises speak of other terms"
    )
    near = nearby(same.hyps | is_defined.hyps, inner.conclusion.vary, support)
    hyps = inner.hyps | near.hyps
    return conclude(Local(inner.conclusion.vary, e, inner.conclusion.derivative), (inner, same, is_defined, near), hyps)


def chain(outer: Theorem, inner: Sequence[tuple[str, Theorem]]) -> Theorem:
    """::

            G; W |- e ~> de    H; V |- u_w ~> du_w  for each w in W
           ----------------------------------------------------------   V meets e only inside W
               G[w:=u], H; V |- e[w:=u] ~> de[w:=u, dw:=du]

    The chain rule: the symbols ``W`` of a theorem proved once may be any terms.
    """
    if type(outer.conclusion) is not Local:
        raise KernelError("chain: the premise is not Local")
    goal = outer.conclusion
    values: dict[str, Term] = {}
    tangents: dict[str, Term] = {}
    vary: frozenset[str] | None = None
    for name, th in inner:
        c = th.conclusion
        refuse(
            type(c) is Local and vary in (None, c.vary) and name not in values,
            "chain: the inner theorems do not fit together",
        )
        assert type(c) is Local
        vary, values[name] = c.vary, c.term
        if c.derivative is not None:
            tangents["d " + name] = c.derivative
    refuse(
        vary is not None and goal.vary == frozenset(values),
        "chain: one inner theorem is needed for each varying symbol",
    )
    assert vary is not None
    refuse(
        vary.isdisjoint(goal.term.free - goal.vary), "chain: a varying symbol occurs in the term beside those replaced"
    )
    differentiable = goal.derivative is not None and len(tangents) == len(values)
    assert goal.derivative is not None or not differentiable
    derivative = substitute(goal.derivative, {**values, **tangents}) if differentiable and goal.derivative else None
    hyps = frozenset(Literal(h.relation, substitute(h.term, values)) for h in outer.hyps)
    theorems = [outer, *(th for _, th in inner)]
    return conclude(
        Local(vary, substitute(goal.term, values), derivative), theorems, hyps.union(*(th.hyps for _, th in inner))
    )


def has_deriv(th: Theorem, is_defined: Theorem) -> Theorem:
    """::

            H; V |- e ~> d    H |- d defined
           ----------------------------------   d linear in the tangents
                 H; V |- e has derivative d

    What a reader is promised: the derivative exists, and the term that is printed for it has a value.
    """
    c, d = th.conclusion, is_defined.conclusion
    if type(c) is not Local or c.derivative is None or type(d) is not Defined:
        raise KernelError("has_deriv: the premises are not a derivative and its definedness")
    refuse(d.term is c.derivative, "has_deriv: the premise shows another term to be defined")
    refuse(linear(c.derivative, c.vary), "has_deriv: the derivative is not linear in the tangents")
    return conclude(HasDeriv(c.vary, c.term, c.derivative), (th, is_defined))


def higher(lower: Theorem, next_: Theorem, support: Sequence[Theorem]) -> Theorem:
    """::

            K |- (d/dx)^n e = d    H; x |- d has derivative d' dx    H |- K holds nearby
           ------------------------------------------------------------------------------
                                   H |- (d/dx)^(n+1) e = d'

    The derivative of order ``n`` is ``d`` on a neighbourhood, not only at the point, so it can be differentiated.
    """
    low, top = lower.conclusion, next_.conclusion
    if type(low) is HasDeriv and low.vary == {x := min(low.vary, default="")}:
        low = NthDerivative(x, 1, low.term, slope(low.derivative, x))
    if type(low) is not NthDerivative or type(top) is not HasDeriv:
        raise KernelError("higher: the premises are not derivatives in one symbol")
    refuse(top.vary == {low.x} and top.term is low.derivative, "higher: the second premise differentiates another term")
    near = nearby(lower.hyps, top.vary, support)
    hyps = next_.hyps | near.hyps
    conclusion = NthDerivative(low.x, low.order + 1, low.term, slope(top.derivative, low.x))
    return conclude(conclusion, (lower, next_, near), hyps)


def slope(derivative: Term, x: str) -> Term:
    """The number by which ``derivative`` multiplies ``dx``: ``d`` of ``d dx``, else ``derivative`` at ``dx = 1``."""
    if derivative.op == "mul" and derivative.terms[1] is tangent(x) and "d " + x not in derivative.terms[0].free:
        return derivative.terms[0]
    return substitute(derivative, {"d " + x: ONE})
