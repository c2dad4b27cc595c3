"""Rules about literals: assumption, ordered-field arithmetic, cases, cut, congruence, definedness."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .algebra import Algebra, Polynomial, accumulate, compare, constant
from .cited import domain
from .terms import ONE, KernelError, Literal, Term, add, neg, sub, substitute, var
from .theorems import Defined, Holds, Premises, Theorem, Undefined, conclude, held, refuse

Product = tuple[Fraction, Sequence[Theorem], Sequence[Term]]
"""``q``, proved factors, and terms to be squared: the product ``q * f1 * f2 ... * s1**2 * s2**2 ...``."""


def assume(literal: Literal) -> Theorem:
    """::

           -------
            l |- l

    A point that satisfies ``l`` satisfies ``l``.
    """
    return conclude(Holds(literal), hyps=frozenset({literal}))


def arith(goal: Literal, products: Sequence[Product], equations: Sequence[tuple[Term, Theorem]]) -> Theorem:
    """Ordered-field arithmetic: every inference that adds and multiplies facts::

            H |- f_1 R 0  ...   H |- e_1 = 0  ...
           ---------------------------------------   t  ==  sum_k q_k prod_j f_kj prod_i s_ki^2  +  sum_m c_m e_m
                      H |- t R 0                            (as polynomials over the rationals)

    - ``t = 0``: there are no products, so ``t`` is a combination of terms that are 0.
    - ``t > 0``, ``t >= 0``: every ``q_k > 0`` and every factor is ``> 0`` or ``>= 0`` (a factor ``!= 0``
      enters squared); for ``> 0`` one product at least has only factors ``> 0`` and ``!= 0`` and no ``s_ki``.
    - ``t != 0``: one product with ``q != 0``, all its factors ``> 0`` or ``!= 0``, and no ``s_ki``.

    The cofactors ``c_m`` are any terms: the identity holds for polynomials, hence for all values of the atoms.
    """
    ring = Algebra()
    total: Polynomial = {}
    strict = False
    for q, factors, squares in products:
        refuse(
            type(q) is Fraction and (q > 0 or (q < 0 and goal.relation == "!=")), "arith: a coefficient is not positive"
        )
        p: Polynomial = {(): q.numerator if q.denominator == 1 else q}
        positive = True
        for th in factors:
            fact = held(th, "arith")
            refuse(fact.relation != "=", "arith: an equation stands as a factor")
            refuse(goal.relation != "!=" or fact.relation != ">=", "arith: a factor is not known to be nonzero")
            positive = positive and fact.relation != ">="
            f = ring.normal(fact.term)
            p = ring.product(p, f)
            if fact.relation == "!=" and goal.relation != "!=":
                p = ring.product(p, f)
        for s in squares:
            refuse(goal.relation != "!=", "arith: a square need not be nonzero")
            positive = False
            p = ring.product(p, ring.power(ring.normal(s), 2))
        strict = strict or positive
        accumulate(total, p)
    count = len(products)
    refuse(goal.relation != "=" or count == 0, "arith: products cannot prove an equation")
    refuse(goal.relation != "!=" or count == 1, "arith: t != 0 needs exactly one product")
    refuse(goal.relation != ">" or strict, "arith: no product is known to be positive")
    for cofactor, th in equations:
        fact = held(th, "arith")
        refuse(fact.relation == "=", "arith: a cofactor stands before what is not an equation")
        accumulate(total, ring.product(ring.normal(cofactor), ring.normal(fact.term)))
    refuse(total == ring.normal(goal.term), "arith: the combination does not add up to the goal")
    premises = [th for _, factors, _ in products for th in factors] + [th for _, th in equations]
    return conclude(Holds(goal), premises)


def between(lower: Theorem, upper: Theorem) -> Theorem:
    """::

            H |- t >= 0    H |- u >= 0
           ----------------------------   u == -t
                    H |- t = 0

    A number that is neither negative nor positive is 0.
    """
    t, u = held(lower, "between"), held(upper, "between")
    refuse(t.relation == u.relation == ">=", "between: the premises are not inequalities")
    refuse(not Algebra().normal(add(t.term, u.term)), "between: the terms are not opposite")
    return conclude(Holds(Literal("=", t.term)), (lower, upper))


def integral(t: Term) -> bool:
    """Whether ``t`` is an integer for its form: integers and floors under ``+``, ``*`` and powers."""
    if t.op == "rat":
        value = t.args[0]
        return isinstance(value, Fraction) and value.denominator == 1
    return t.op == "floor" or (t.op in ("add", "mul", "pow") and all(integral(s) for s in t.terms))


def gap(th: Theorem) -> Theorem:
    """::

            H |- t > 0
           ----------------   t is an integer for its form
            H |- t - 1 >= 0

    No integer lies strictly between 0 and 1.
    """
    fact = held(th, "gap")
    refuse(fact.relation == ">", "gap: the premise is not t > 0")
    refuse(integral(fact.term), "gap: the term is not an integer for its form")
    return conclude(Holds(Literal(">=", sub(fact.term, ONE))), (th,))


def absurd(th: Theorem) -> bool:
    """Whether ``th`` proves a literal about a rational number that is false, so that no point satisfies ``hyps``."""
    if type(th.conclusion) is not Holds:
        return False
    value = constant(Algebra().normal(th.conclusion.literal.term)) if not th.conclusion.literal.term.free else None
    return value is not None and not compare(th.conclusion.literal.relation, value)


def cases(literal: Literal, yes: Theorem, no: Theorem) -> Theorem:
    """::

            H, l |- C    H, not l |- C
           ----------------------------
                     H |- C

    At each point ``l`` or its negation holds, and ``C`` speaks of that point.  A premise that proves a false
    literal about a number (``0 > 0``) stands for any ``C``: no point satisfies its hypotheses.
    """
    refuse(yes.conclusion == no.conclusion or absurd(yes) or absurd(no), "cases: the two conclusions differ")
    conclusion = no.conclusion if absurd(yes) else yes.conclusion
    return conclude(conclusion, (yes, no), (yes.hyps - {literal}) | (no.hyps - {literal.negation}))


def cut(lemma: Theorem, th: Theorem) -> Theorem:
    """::

     H |- l    H', l |- C
    ----------------------
         H, H' |- C
    """
    fact = held(lemma, "cut")
    refuse(fact in th.hyps, "cut: the lemma is no hypothesis of the theorem")
    return conclude(th.conclusion, (lemma, th), lemma.hyps | (th.hyps - {fact}))


def instantiate(th: Theorem, values: dict[str, Term]) -> Theorem:
    """::

                 H |- l
           -------------------
            H[x:=t] |- l[x:=t]

    A literal is a statement about values alone, and ``H |- l`` was shown for all of them.
    """
    fact = held(th, "instantiate")
    hyps = frozenset(Literal(h.relation, substitute(h.term, values)) for h in th.hyps)
    return conclude(Holds(Literal(fact.relation, substitute(fact.term, values))), (th,), hyps)


def congruence(template: Term, hole: str, th: Theorem) -> Theorem:
    """::

                    H |- a = b
           -----------------------------
            H |- C[hole:=a] = C[hole:=b]

    Terms are total functions of their symbols.  The premise must be an equation written ``a - b = 0``.
    """
    fact = held(th, "congruence")
    a, b = difference(fact, "congruence")
    left, right = substitute(template, {hole: a}), substitute(template, {hole: b})
    return conclude(Holds(Literal("=", sub(left, right))), (th,))


def difference(fact: Literal, rule: str) -> tuple[Term, Term]:
    """``a, b`` where the literal is ``a - b = 0``, written as :func:`sub` writes it."""
    if fact.relation == "=" and fact.term.op == "add":
        a, minus_b = fact.term.terms
        if minus_b.op == "mul" and neg(minus_b.terms[1]) is minus_b:
            return a, minus_b.terms[1]
    raise KernelError(f"{rule}: the premise is not an equation a - b = 0")


def freeze(name: str, term: Term, th: Theorem) -> Theorem:
    """::

            H, n = t |- C
           ---------------   n in none of H, t, C
               H |- C

    At a point that satisfies ``H``, give ``n`` the value of ``t`` there: a name for the value of ``t`` at the
    point, which stays put when the symbols move.
    """
    equation = Literal("=", sub(var(name), term))
    rest = th.hyps - {equation}
    refuse(name not in term.free and all(name not in h.term.free for h in rest), "freeze: the name is not fresh")
    refuse(name not in names_in(th.conclusion), "freeze: the name occurs in the conclusion")
    return conclude(th.conclusion, (th,), rest)


def names_in(thing: object) -> frozenset[str]:
    """The names of symbols in a conclusion, tangents counted as their symbols."""
    if type(thing) is Term:
        return frozenset(n.removeprefix("d ") for n in thing.free)
    if isinstance(thing, str):
        return frozenset({thing})
    if isinstance(thing, (tuple, frozenset)):
        return frozenset[str]().union(*map(names_in, thing))
    slots = getattr(type(thing), "__dataclass_fields__", ())
    return frozenset[str]().union(*(names_in(getattr(thing, s)) for s in slots))


OBLIGATION = {"inv": "!=", "log": ">", "sqrt": ">="}
"""The relation to 0 of the operand without which an operation has no value."""


def defined(term: Term, sides: Sequence[Theorem]) -> Theorem:
    """::

            H |- u != 0  for each inv(u)     H |- u > 0  for each log(u)     H |- u >= 0  for each sqrt(u)
           ------------------------------------------------------------------------------------------------
                                                H |- term defined

    Only what counts must be shown: of a conditional its guard (``a`` of ``t R 0``), a premise that decides it,
    and the branch taken.  A function of the second ledger needs the domain that is cited for it.
    """
    premises = Premises(sides)
    cites: frozenset[str] = frozenset()
    stack, seen = [term], set[Term]()
    while stack:
        t = stack.pop()
        if t in seen:
            continue
        seen.add(t)
        known = premises.by.get(Defined(t))
        if known is not None:
            premises.used.append(known)
        elif t.op == "cond":
            stack += [t.terms[0], branch(t, premises, "defined")]
        else:
            stack += t.terms
            if t.op in OBLIGATION:
                _side(premises, OBLIGATION[t.op], t.terms[0], "defined", t.op)
            elif t.op == "app":
                name, literals = domain(t)
                cites |= {name}
                for need in literals:
                    _side(premises, need.relation, need.term, "defined", name)
    return conclude(Defined(term), premises.used, cites=cites)


def _side(premises: Premises, relation: str, u: Term, rule: str, what: str) -> None:
    """Find ``u relation 0`` among the premises; ``u > 0`` serves for ``u >= 0`` and ``u != 0``."""
    found = premises.find(relation, u) or (premises.find(">", u) if relation != "=" else None)
    refuse(found is not None, f"{rule}: nothing shows the operand of {what} to be {relation} 0")


def branch(t: Term, premises: Premises, rule: str) -> Term:
    """The branch of the conditional ``t`` that a premise decides."""
    guard = Literal(str(t.args[0]), t.terms[0])
    if premises.find(guard.relation, guard.term) is not None:
        return t.terms[1]
    refuse(premises.find(*guard.negation) is not None, f"{rule}: nothing decides the guard of a conditional")
    return t.terms[2]


def undefined(term: Term, sides: Sequence[Theorem]) -> Theorem:
    """::

            H |- u = 0  for inv(u)    H |- -u >= 0  for log(u)    H |- -u > 0  for sqrt(u)
           --------------------------------------------------------------------------------
                                           H |- term undefined

    One operand without a value is enough, where it counts: of a conditional, its guard or the branch that a
    premise decides.  The premises name such an operand, or are ``Undefined`` themselves.
    """
    premises = Premises(sides)
    stack, seen = [term], set[Term]()
    while stack:
        t = stack.pop()
        if t in seen:
            continue
        seen.add(t)
        known = premises.by.get(Undefined(t))
        if known is not None:
            return conclude(Undefined(term), [*premises.used, known])
        if t.op in OBLIGATION:
            violated = Literal(OBLIGATION[t.op], t.terms[0]).negation
            if premises.find(*violated) is not None:
                return conclude(Undefined(term), premises.used)
        if t.op == "cond":
            guard = Literal(str(t.args[0]), t.terms[0])
            stack.append(t.terms[0])
            for fact, arm in ((guard, t.terms[1]), (guard.negation, t.terms[2])):
                if premises.find(*fact) is not None:
                    stack.append(arm)
        else:
            stack += t.terms
    raise KernelError("undefined: no premise names an operand without a value")
