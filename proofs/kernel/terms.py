"""Terms: the real-valued expressions that theorems speak about.

Every term denotes a *total* function of its symbols: where an operation has no value it is given
the value 0 (``inv(0) = 0``, ``log(u) = sqrt(u) = 0`` for ``u < 0``, ``log(0) = 0``), as in Coq and
Lean.  Whether a value is a real one and not such a stand-in is a judgement of its own,
``Defined`` (see :mod:`.theorems`), so that algebra needs no side conditions and no domain is lost.

Terms are interned: two equal terms are one object, and ``is`` compares them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import count
from typing import Final, NamedTuple, final

UNARY: Final = frozenset({"inv", "exp", "log", "sin", "cos", "atan", "erf", "sqrt", "floor"})
BINDERS: Final = frozenset({"sum", "max"})
_NEGATION: Final = {">": ">=", ">=": ">", "=": "!=", "!=": "="}
RELATIONS: Final = tuple(_NEGATION)
MAX_POWER: Final = 4096
MAX_DIGITS: Final = 2000
MAX_OPENED: Final = 100_000
"""The most subterms that one substitution may make of the values of families."""
MAX_SYMBOLS: Final = 2000
_LARGE: Final = 10**MAX_DIGITS
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)


class KernelError(Exception):
    """A rule refused its premises; the message says why.  Who applied it knows its name (see :mod:`.certificate`)."""


@final
class Term:
    """One node: an operation and its operands.  Make terms only with the functions below.

    ``args`` holds subterms, except for ``rat`` (a ``Fraction``), ``var`` and ``d`` (a name and indices),
    ``pow`` (a term and an ``int``), ``cond`` (a relation and three terms), ``app`` (a name and
    terms) and ``idx`` (an ``int``).  ``free`` is the set of symbols in it (see :attr:`symbol`).  ``loose`` counts the
    binders around it that it needs: 0 for a term that stands for itself, as all do that a theorem speaks of.
    """

    __slots__ = ("args", "free", "loose", "op", "serial")
    op: str
    args: tuple[object, ...]
    free: frozenset[str]
    loose: int
    serial: int

    def __repr__(self) -> str:
        return f"<term {self.serial}: {self.op}>"

    def __reduce__(self) -> str:
        raise TypeError("terms are written as certificates, not pickled")

    @property
    def terms(self) -> tuple[Term, ...]:
        """The subterms directly below this node."""
        return tuple(a for a in self.args if type(a) is Term)

    @property
    def symbol(self) -> str:
        """Of a ``var`` or ``d``: ``x``, ``x/2`` for an entry of a family with two indices, ``d x`` for a tangent."""
        return "d " * (self.op == "d") + str(self.args[0]) + f"/{len(self.terms)}" * bool(self.terms)

    @property
    def moves(self) -> bool:
        """Whether a tangent occurs in it."""
        return any(name.startswith("d ") for name in self.free)


_interned: dict[tuple[object, ...], Term] = {}
_serials = count()


def _make(op: str, *args: object, free: frozenset[str] = frozenset(), loose: int = 0) -> Term:
    found = _interned.get((op, *args))
    if found is None:
        made = object.__new__(Term)
        made.op, made.args, made.serial = op, args, next(_serials)
        union = free.union(*(a.free for a in made.terms))
        refuse(len(union) <= MAX_SYMBOLS, f"a term has at most {MAX_SYMBOLS} symbols")
        made.free = next((a.free for a in made.terms if a.free == union), union)  # one object for equal sets
        made.loose = max([loose, *(a.loose - (i == 1 and op in BINDERS) for i, a in enumerate(made.terms))])
        # Where two threads make the same term at once, both get the one that came first.
        found = _interned.setdefault((op, *args), made)
    return found


def refuse(condition: bool, why: str) -> None:
    """Raise ``KernelError(why)`` unless ``condition``."""
    if not condition:
        raise KernelError(why)


def _node(op: str, *args: Term) -> Term:
    refuse(all(type(a) is Term for a in args), f"{op}: not terms")
    return _make(op, *args)


def rat(value: int | Fraction) -> Term:
    """The rational number ``value``."""
    refuse(type(value) is int or type(value) is Fraction, "rat: not a rational number")
    value = Fraction(value)
    refuse(max(abs(value.numerator), value.denominator) < _LARGE, f"rat: more than {MAX_DIGITS} digits")
    return _make("rat", value)


def var(name: str, *index: Term) -> Term:
    """The variable or parameter ``name``: ASCII letters, digits and ``_``, at most 64 of them.

    With indices, an entry of the family ``name``: any function of as many real numbers.  A tensor is what such a
    function is at the integers of a range.  A family of another rank is another symbol.
    """
    refuse(type(name) is str and _NAME.fullmatch(name) is not None, "var: not a name")
    refuse(len(index) < 10 and all(type(a) is Term for a in index), "var: not at most 9 indices that are terms")
    return _make("var", name, *index, free=frozenset({name + f"/{len(index)}" * bool(index)}))


def tangent(name: str, *index: Term) -> Term:
    """``d name``, the tangent of the variable ``name``, or of an entry of the family."""
    return _make("d", name, *index, free=frozenset({"d " + var(name, *index).symbol}))


def entry(name: str) -> Term:
    """The symbol ``x``, or for ``x/2`` the entry ``x[i, j]`` with loose indices."""
    name, _, rank = name.partition("/")
    return var(name, *(idx(i) for i in reversed(range(int(rank or 0)))))


def pi() -> Term:
    """The number pi."""
    return _make("pi")


def add(a: Term, b: Term) -> Term:
    """``a + b``."""
    return _node("add", a, b)


def mul(a: Term, b: Term) -> Term:
    """``a * b``."""
    return _node("mul", a, b)


def power(a: Term, n: int) -> Term:
    """``a**n`` for an integer ``n >= 2``."""
    refuse(type(a) is Term and type(n) is int and 2 <= n <= MAX_POWER, f"pow: exponent not in 2..{MAX_POWER}")
    return _make("pow", a, n)


def unary(op: str, a: Term) -> Term:
    """``op(a)`` for an ``op`` of :data:`UNARY`."""
    refuse(type(op) is str and op in UNARY, "unary: not one of the primitive functions")
    return _node(op, a)


def cond(relation: str, t: Term, a: Term, b: Term) -> Term:
    """``a`` where ``t relation 0`` holds, else ``b``; the branch not taken counts for nothing."""
    refuse(all(type(s) is Term for s in (t, a, b)), "cond: not terms")
    return _make("cond", literal(relation, t).relation, t, a, b)


def app(name: str, *args: Term) -> Term:
    """A function outside this language, known only by the facts of the second ledger (:mod:`.cited`)."""
    var(name)
    refuse(len(args) >= 1 and all(type(a) is Term for a in args), "app: not terms")
    return _make("app", name, *args)


def idx(k: int) -> Term:
    """The number that the binder ``k`` levels up counts with (0: the innermost one).  Only below binders."""
    refuse(type(k) is int and 0 <= k < 64, "idx: not the number of a binder")
    return _make("idx", k, loose=k + 1)


def over(op: str, n: Term, body: Term) -> Term:
    """The sum or maximum of ``body`` over the natural numbers less than ``n``, for which ``idx(0)`` stands there.

    A sum over nothing is 0; a maximum over nothing has no value, and is given the value 0.
    """
    refuse(type(op) is str and op in BINDERS, "over: not a binder")
    return _node(op, n, body)


def closed(t: Term, names: Sequence[Term]) -> Term:
    """``t`` with loose indices in place of the variables ``names`` (``idx(0)`` for the last one)."""
    refuse(t.loose == 0 and all(k.op == "var" and not k.terms for k in names), "closed: not variables")
    place = {k: i for i, k in enumerate(reversed(names))}

    def leaf(s: Term, depth: int) -> Term | None:
        return idx(depth + place[s]) if s in place else s if all(k.free.isdisjoint(s.free) for k in names) else None

    return _leaves(t, leaf)


def bind(op: str, k: Term, n: Term, t: Term) -> Term:
    """:func:`over` all values of the variable ``k`` in ``t``."""
    return over(op, n, closed(t, (k,)))


def opened(body: Term, args: Sequence[Term], room: Iterator[int]) -> Term:
    """``body`` with ``args`` in place of its loose indices (the last one for ``idx(0)``), as far as ``room`` goes."""
    refuse(body.loose <= len(args), "a loose index has no value")

    def leaf(t: Term, depth: int) -> Term | None:
        if t.op != "idx" or t.loose <= depth:
            return t if t.loose <= depth else None
        return _leaves(args[depth - t.loose], lambda s, inner: _raised(s, inner, depth), room)

    return _leaves(body, leaf, room)


def _raised(t: Term, inner: int, by: int) -> Term | None:
    return t if t.loose <= inner else idx(t.loose - 1 + by) if t.op == "idx" else None


def _leaves(root: Term, leaf: Callable[[Term, int], Term | None], room: Iterator[int] | None = None) -> Term:
    """``root`` with each subterm replaced by what ``leaf`` makes of it and of the binders around it, if anything."""
    done: dict[tuple[Term, int], Term] = {}
    stack = [(root, 0)]
    while stack:
        t, depth = stack[-1]
        refuse(room is None or next(room, None) is not None, f"substitution: more than {MAX_OPENED} subterms")
        found = leaf(t, depth)
        below = [(a, depth + (i == 1 and t.op in BINDERS)) for i, a in enumerate(t.terms if found is None else ())]
        waiting = [key for key in below if key not in done]
        stack += waiting
        if not waiting:
            done[stack.pop()] = _rebuilt(t, [done[key] for key in below]) if found is None else found
    return done[root, 0]


ZERO: Final = rat(0)
ONE: Final = rat(1)
MINUS_ONE: Final = rat(-1)


def neg(a: Term) -> Term:
    """``-a``, written ``-1 * a``."""
    return mul(MINUS_ONE, a)


def sub(a: Term, b: Term) -> Term:
    """``a - b``, written ``a + -1 * b``."""
    return add(a, neg(b))


def equal(a: Term, b: Term) -> Literal:
    """The literal ``a - b = 0``."""
    return Literal("=", sub(a, b))


def rebuild(t: Term, below: Mapping[Term, Term]) -> Term:
    """``t`` with each direct subterm ``s`` replaced by ``below[s]``."""
    return _rebuilt(t, [below[a] for a in t.terms])


def _rebuilt(t: Term, below: Sequence[Term]) -> Term:
    """``t`` with its direct subterms replaced, by place: a range and what is under it may be one term in two roles."""
    new = iter(below)
    args = [next(new) if type(a) is Term else a for a in t.args]
    if all(a is b for a, b in zip(args, t.args, strict=True)):
        return t
    return _make(t.op, *args, free=frozenset({t.symbol} if t.op in ("var", "d") else ()))


def postorder(*roots: Term) -> list[Term]:
    """Every distinct subterm of the roots, operands before the nodes that use them.  No recursion."""
    seen, order = set[Term](), list[Term]()
    stack: list[tuple[Term, bool]] = [(r, False) for r in reversed(roots)]
    while stack:
        t, done = stack.pop()
        if done:
            order.append(t)
        elif t not in seen:
            seen.add(t)
            stack.append((t, True))
            stack.extend((a, False) for a in reversed(t.terms) if a not in seen)
    return order


def substitute(t: Term, values: dict[str, Term]) -> Term:
    """``t`` with variables replaced, all at once.  Bound variables have no names, so nothing is captured.

    The key ``"d x"`` replaces the tangent of ``x``, which otherwise stays.  The value of a family ``x/2`` has loose
    indices, for which the indices of the entry are put.
    """
    ranks = {s: int(s.partition("/")[2] or 0) for s in values}
    refuse(all(v.loose <= ranks[s] for s, v in values.items()), "a loose index has no value")
    done: dict[Term, Term] = {}
    room = iter(range(MAX_OPENED))
    for s in postorder(t):
        if s.free.isdisjoint(values):
            done[s] = s
        else:
            known = s.op in ("var", "d") and s.symbol in values
            done[s] = opened(values[s.symbol], [done[a] for a in s.terms], room) if known else rebuild(s, done)
    return done[t]


class Literal(NamedTuple):
    """``term relation 0``: the one form of every hypothesis, guard and side condition."""

    relation: str
    term: Term

    @property
    def negation(self) -> Literal:
        """The literal that holds exactly where this one does not."""
        return Literal(_NEGATION[self.relation], self.term if self.relation in ("=", "!=") else neg(self.term))

    @property
    def strictly(self) -> str:
        """The relation that, holding at a point, keeps this literal true near it: ``>`` for ``>=``."""
        return ">" if self.relation == ">=" else self.relation


def literal(relation: str, term: Term) -> Literal:
    """``term relation 0``, checked."""
    refuse(type(relation) is str and relation in RELATIONS and type(term) is Term, "literal: not a comparison with 0")
    return Literal(relation, term)
