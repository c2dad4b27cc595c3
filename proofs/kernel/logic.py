"""Rules about literals: assumption, ordered-field arithmetic, cases, cut, congruence, definedness."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .algebra import Algebra, adds_up, compare, constant, integral
from .cited import cited_domain
from .conclusions import Defined, Holds, Undefined
from .facts import OBLIGATION
from .terms import ONE, KernelError, Literal, Term, add, neg, refuse, sub, substitute, var
from .theorems import Premises, Theorem, Theorems, conclude, held

Product = tuple[Fraction, Theorems, Sequence[Term]]
"""``q``, proved factors, and terms to be squared: the product ``q * f1 * f2 ... * s1**2 * s2**2 ...``."""


def assume(literal: Literal) -> Theorem:
    """::

           --------
            l |- l

    A point that satisfies ``l`` satisfies ``l``.  No tangent may occur in it (see :func:`.theorems.conclude`).
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
    nonzero, strict = goal.relation == "!=", False
    refuse(goal.relation != "=" or not products, "arith: products cannot prove an equation")
    refuse(not nonzero or len(products) == 1, "arith: t != 0 needs exactly one product")
    rows: list[tuple[Fraction, list[tuple[Term, int]]]] = []
    for q, factors, squares in products:
        refuse(type(q) is Fraction and (q > 0 or (nonzero and q < 0)), "arith: a coefficient is not positive")
        facts = [held(th, "arith") for th in factors]
        refuse(all(f.relation != "=" for f in facts), "arith: an equation stands as a factor")
        positive = not squares and all(f.relation != ">=" for f in facts)
        refuse(positive or not nonzero, "arith: a factor is not known to be nonzero")
        strict = strict or positive
        powers = [(f.term, 2 if f.relation == "!=" and not nonzero else 1) for f in facts]
        rows.append((q, powers + [(s, 2) for s in squares]))
    refuse(goal.relation != ">" or strict, "arith: no product is known to be positive")
    zeros = [held(th, "arith") for _, th in equations]
    refuse(all(f.relation == "=" for f in zeros), "arith: a cofactor stands before what is not an equation")
    rows += [(Fraction(1), [(c, 1), (f.term, 1)]) for (c, _), f in zip(equations, zeros, strict=True)]
    refuse(adds_up(goal.term, rows), "arith: the combination does not add up to the goal")
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
    if type(th.conclusion) is not Holds or th.conclusion.literal.term.free:
        return False
    value = constant(Algebra().normal(th.conclusion.literal.term))
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


def plugged(th: Theorem, values: dict[str, Term]) -> frozenset[Literal]:
    """The hypotheses of ``th`` at ``x = t`` for the given values, without those that say ``t - t = 0``."""
    hyps = frozenset(Literal(h.relation, substitute(h.term, values)) for h in th.hyps)
    return hyps - {Literal("=", sub(t, t)) for t in values.values()}


def instantiate(th: Theorem, values: dict[str, Term]) -> Theorem:
    """::

                 H |- l
           -------------------
            H[x:=t] |- l[x:=t]

    A literal is a statement about values alone, and ``H |- l`` was shown for all of them.
    """
    relation, term = held(th, "instantiate")
    return conclude(Holds(Literal(relation, substitute(term, values))), (th,), plugged(th, values))


def congruence(template: Term, hole: str, th: Theorem) -> Theorem:
    """::

                    H |- a = b
           -----------------------------
            H |- C[hole:=a] = C[hole:=b]

    Terms are total functions of their symbols.  The premise must be an equation written ``a - b = 0``.
    """
    left, right = (substitute(template, {hole: side}) for side in difference(held(th, "congruence"), "congruence"))
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
    rest = th.hyps - {Literal("=", sub(var(name), term))}
    refuse(name not in names_in((term, *rest)), "freeze: the name is not fresh")
    refuse(name not in names_in(th.conclusion), "freeze: the name occurs in the conclusion")
    return conclude(th.conclusion, (th,), rest)


def names_in(thing: object) -> frozenset[str]:
    """The names of symbols in a conclusion, tangents counted as their symbols (and some words that are none)."""
    if isinstance(thing, str):
        return frozenset({thing.removeprefix("d ")})
    if type(thing) is Term:
        thing = thing.free
    elif not isinstance(thing, (tuple, frozenset)):
        thing = tuple(getattr(thing, slot) for slot in getattr(type(thing), "__dataclass_fields__", ()))
    return frozenset[str]().union(*map(names_in, thing))


def counted(t: Term, premises: Premises) -> tuple[Term, ...]:
    """The operands of ``t`` that count: of a conditional its guard, and the branch that a premise decides."""
    if t.op != "cond":
        return t.terms
    guard = Literal(str(t.args[0]), t.terms[0])
    for fact, arm in ((guard, t.terms[1]), (guard.negation, t.terms[2])):
        if premises.find(*fact) is not None:
            return guard.term, arm
    return (guard.term,)


def defined(term: Term, sides: Theorems) -> Theorem:
    """::

            H |- u != 0  for each inv(u)     H |- u > 0  for each log(u)     H |- u >= 0  for each sqrt(u)
           ------------------------------------------------------------------------------------------------
                                                H |- term defined

    Only what counts must be shown: of a conditional its guard (``a`` of ``t R 0``), a premise that decides it,
    and the branch taken.  A function of the second ledger needs the domain that is cited for it.
    """
    premises = Premises(sides)
    cites = define(term, premises, set())
    return conclude(Defined(term), premises.used, cites=cites)


def define(term: Term, premises: Premises, seen: set[Term]) -> frozenset[str]:
    """The walk of :func:`defined`: uses up premises, leaves out what was ``seen``, returns what must be cited."""
    stack, cites = [term], set[str]()
    while stack:
        t = stack.pop()
        if t in seen or premises.get(Defined(t)) is not None:
            continue
        seen.add(t)
        operands = counted(t, premises)
        stack += operands
        refuse(t.op != "cond" or len(operands) == 2, "defined: nothing decides the guard of a conditional")
        if t.op in OBLIGATION:
            shown = premises.find(OBLIGATION[t.op], t.terms[0]) is not None
            refuse(shown, f"defined: nothing shows the operand of {t.op} to be {OBLIGATION[t.op]} 0")
        elif t.op == "app":
            cites.add(cited_domain(t, premises, "defined"))
    return frozenset(cites)


def undefined(term: Term, sides: Theorems) -> Theorem:
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
        broken = Literal(OBLIGATION[t.op], t.terms[0]).negation if t.op in OBLIGATION else None
        if premises.get(Undefined(t)) is not None or (broken is not None and premises.find(*broken) is not None):
            return conclude(Undefined(term), premises.used)
        stack += counted(t, premises)
    raise KernelError("undefined: no premise names an operand without a value")
