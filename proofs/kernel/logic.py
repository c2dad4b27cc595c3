"""Rules about literals: assumption, integers, cases, cut, congruence, names; and definedness."""

from __future__ import annotations

from .algebra import difference, false, integral
from .cited import cited_domain
from .conclusions import GRAPHS, Conclusion, Defined, Holds, Local, Undefined
from .facts import OBLIGATION
from .sums import counts
from .terms import BINDERS, ONE, ZERO, KernelError, Literal, Term, bind, equal, postorder, refuse, sub, substitute, var
from .theorems import Hyps, Premises, Theorem, Theorems, conclude, expect, held, hyps_of


def assume(literal: Literal) -> Theorem:
    """::

           --------
            l |- l

    A point that satisfies ``l`` satisfies ``l``.  No tangent may occur in it (see :func:`.theorems.conclude`).
    """
    return conclude(Holds(literal), hyps=frozenset({literal}))


def gap(th: Theorem) -> Theorem:
    """::

            H |- t > 0
           ----------------   t is an integer for its form
            H |- t - 1 >= 0

    No integer lies strictly between 0 and 1.
    """
    fact = held(th)
    refuse(fact.relation == ">", "the premise is not t > 0")
    refuse(integral(fact.term), "the term is not an integer for its form")
    return conclude(Holds(Literal(">=", sub(fact.term, ONE))), (th,))


def absurd(th: Theorem) -> bool:
    """Whether ``th`` proves a literal about a rational number that is false, so that no point satisfies ``hyps``."""
    return type(th.conclusion) is Holds and false(th.conclusion.literal)


def cases(literal: Literal, yes: Theorem, no: Theorem) -> Theorem:
    """::

            H, l |- C    H, not l |- C
           ----------------------------
                     H |- C

    At each point ``l`` or its negation holds, and ``C`` speaks of that point.  A premise that proves a false
    literal about a number (``0 > 0``) stands for any ``C``: no point satisfies its hypotheses.
    """
    same = yes.conclusion == no.conclusion and not isinstance(yes.conclusion, GRAPHS)
    refuse(same or absurd(yes) or absurd(no), "the two conclusions differ")
    conclusion = no.conclusion if absurd(yes) else yes.conclusion
    return conclude(conclusion, (yes, no), (yes.hyps - {literal}) | (no.hyps - {literal.negation}))


def cut(lemma: Theorem, th: Theorem) -> Theorem:
    """::

     H |- l    H', l |- C
    ----------------------
         H, H' |- C
    """
    fact = held(lemma)
    refuse(fact in th.hyps, "the lemma is no hypothesis of the theorem")
    return conclude(th.conclusion, (lemma, th), lemma.hyps | (th.hyps - {fact}))


def plugged(conclusion: Conclusion, th: Theorem, values: dict[str, Term], others: Theorems = ()) -> Theorem:
    """The conclusion, under the hypotheses of ``others``, and those of ``th`` at ``x = t`` for the given values.

    Those that then say ``t - t = 0`` are left out.
    """
    hyps = Hyps(Literal(h.relation, substitute(h.term, values)) for h in th.hyps)
    return conclude(conclusion, (th, *others), hyps - {equal(t, t) for t in values.values()} | hyps_of(others))


def instantiate(th: Theorem, values: dict[str, Term]) -> Theorem:
    """::

                 H |- l
           -------------------
            H[x:=t] |- l[x:=t]

    A literal is a statement about values alone, and ``H |- l`` was shown for all of them.
    """
    relation, term = held(th)
    return plugged(Holds(Literal(relation, substitute(term, values))), th, values)


def congruence(template: Term, hole: str, th: Theorem) -> Theorem:
    """::

                    H |- a = b
           -----------------------------
            H |- C[hole:=a] = C[hole:=b]

    Terms are total functions of their symbols.  The premise must be an equation written ``a - b = 0``.
    """
    left, right = (substitute(template, {hole: side}) for side in difference(held(th)))
    return conclude(Holds(equal(left, right)), (th,))


def freeze(name: str, term: Term, th: Theorem) -> Theorem:
    """::

            H, n = t |- C
           ---------------   n in none of H, t, C
               H |- C

    At a point that satisfies ``H``, give ``n`` the value of ``t`` there: a name for the value of ``t`` at the
    point, which stays put when the symbols move.
    """
    rest = th.hyps - {equal(var(name), term)}
    refuse(name not in names_in((term, *rest)), "the name is not fresh")
    refuse(name not in names_in(th.conclusion), "the name occurs in the conclusion")
    refuse(not isinstance(th.conclusion, GRAPHS), "the conclusion is about a graph")
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
    """The operands of ``t`` that count: of a conditional its guard, and the branch that a premise decides.

    Of a sum or maximum it is the range: whether what is under it has a value is another question for each index.
    """
    if t.op in BINDERS:
        return t.terms[:1]
    if t.op != "cond":
        return t.terms
    guard = Literal(str(t.args[0]), t.terms[0])
    for fact, arm in ((guard, t.terms[1]), (guard.negation, t.terms[2])):
        if premises.shows(*fact):
            return guard.term, arm
    return (guard.term,)


def everywhere(t: Term) -> bool:
    """Whether ``t`` has a value whatever the values of its symbols and indices are, for its form."""
    return all(s.op not in (*OBLIGATION, "app", "max") for s in postorder(t))


def defined(term: Term, sides: Theorems) -> Theorem:
    """::

            H |- u != 0  for each inv(u)     H |- u > 0  for each log(u)     H |- u >= 0  for each sqrt(u)
           ------------------------------------------------------------------------------------------------
                                                H |- term defined

    Only what counts must be shown: of a conditional its guard (``a`` of ``t R 0``), a premise that decides it,
    and the branch taken.  A function of the second ledger needs the domain that is cited for it.
    """
    premises = Premises(sides)
    define(term, premises, set())
    return premises.conclude(Defined(term))


def define(term: Term, premises: Premises, seen: set[Term]) -> None:
    """The walk of :func:`defined`: uses up premises, and leaves out what was ``seen``."""
    stack = [term]
    while stack:
        t = stack.pop()
        if t in seen or premises.get(Defined(t)) is not None:
            continue
        seen.add(t)
        operands = counted(t, premises)
        stack += operands
        refuse(t.op != "cond" or len(operands) == 2, "nothing decides the guard of a conditional")
        refuse(t.op not in BINDERS, "nothing shows a sum or maximum to be defined")
        if t.op in OBLIGATION:
            need = OBLIGATION[t.op]
            refuse(premises.shows(need, t.terms[0]), f"nothing shows the operand of {t.op} to be {need} 0")
        elif t.op == "app":
            cited_domain(t, premises)


def undefined(term: Term, sides: Theorems) -> Theorem:
    """::

            H |- u = 0  for inv(u)    H |- -u >= 0  for log(u)    H |- -u > 0  for sqrt(u)
           --------------------------------------------------------------------------------
                                           H |- term undefined

    One operand without a value is enough, where it counts: of a conditional, its guard or the branch that a
    premise decides.  The premises name such an operand, or are ``Undefined`` themselves.
    """
    premises, stack, seen = Premises(sides), [term], set[Term]()
    while stack:
        t = stack.pop()
        broken = Literal(OBLIGATION[t.op], t.terms[0]).negation if t.op in OBLIGATION else None
        if premises.get(Undefined(t)) is not None or (broken is not None and premises.shows(*broken)):
            return premises.conclude(Undefined(term))
        if t not in seen:
            seen.add(t)
            stack += counted(t, premises)
    raise KernelError("no premise names an operand without a value")


def generalize(op: str, k: Term, n: Term, th: Theorem, sides: Theorems) -> Theorem:
    """::

            H, k natural, k < n |- a = b       H, k natural, k < n |- a R 0       H, k natural, k < n |- b - a R 0
           ------------------------------     ------------------------------     ---------------------------------
            H |- sum_k a = sum_k b              H, n > 0 |- sum_k a R 0            H, n > 0 |- b - max_k a R 0

            H, k natural, k < n |- a defined    H |- n defined    H, k natural, k < n; V |- a ~> da    H |- n defined
           ---------------------------------------------------    ------------------------------------------------------
                    H |- sum_k a defined                               H; V |- sum_k a ~> sum_k da

    with no ``k`` in ``H``, ``n`` and ``V`` (and ``b``), and neither a symbol of ``V`` nor a tangent in ``n``; ``R`` is
    ``>`` or ``>=``.  There are finitely many indices, so one neighbourhood serves them all.  A maximum of at least one
    entry is defined, or continuous, where all of them are: for maxima too, with ``n > 0`` and without a derivative.
    (``n > 0`` is asked for ``>``, and for maxima but in equations: those hold of maxima too, of none as well.)
    """
    rest, premises, c = th.hyps - {*counts(k, n)}, Premises(sides), th.conclusion
    refuse(names_in((n, *rest)).isdisjoint(k.free), "a hypothesis or the range depends on the index")
    refuse(not n.moves, "a tangent occurs in the range")
    some = op == "max" and not (type(c) is Holds and c.literal.relation == "=")
    made: Conclusion
    if type(c) is Holds:
        relation, t = c.literal
        refuse(relation != "!=", "a sum may be 0 where no summand is")
        if some or relation == "=":
            b, a = difference(Literal("=", t))
            refuse(not some or k.free.isdisjoint(b.free), "a bound depends on the index")
            made = Holds(Literal(relation, sub(b if some else bind(op, k, n, b), bind(op, k, n, a))))
        else:
            made, some = Holds(Literal(relation, bind(op, k, n, t))), relation == ">"
    else:
        define(n, premises, set())
        if type(c) is Defined:
            made = Defined(bind(op, k, n, c.term))
        else:
            local = expect(Local, th)
            refuse(local.vary.isdisjoint(n.free | k.free), "the range or the index varies")
            da = None if some else local.derivative
            made = Local(local.vary, bind(op, k, n, local.term), da if da in (None, ZERO) else bind(op, k, n, da))
    given = Hyps({Literal(">", n)} if some else ())
    return conclude(made, [th, *premises.used], rest | given | hyps_of(premises.used), premises.cites)
