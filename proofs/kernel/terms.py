"""Terms: the real-valued expressions that theorems speak about.

Every term denotes a *total* function of its symbols: where an operation has no value it is given
the value 0 (``inv(0) = 0``, ``log(u) = sqrt(u) = 0`` for ``u < 0``, ``log(0) = 0``), as in Coq and
Lean.  Whether a value is a real one and not such a stand-in is a judgement of its own,
``Defined`` (see :mod:`.theorems`), so that algebra needs no side conditions and no domain is lost.

Terms are interned: two equal terms are one object, and ``is`` compares them.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import count
from typing import Final, NamedTuple, final

UNARY: Final = frozenset({"inv", "exp", "log", "sin", "cos", "atan", "erf", "sqrt", "floor"})
_NEGATION: Final = {">": ">=", ">=": ">", "=": "!=", "!=": "="}
RELATIONS: Final = tuple(_NEGATION)
MAX_POWER: Final = 4096
MAX_DIGITS: Final = 2000
MAX_SYMBOLS: Final = 1000
_LARGE: Final = 10**MAX_DIGITS
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)


class KernelError(Exception):
    """A rule refused its premises; the message says why.  Who applied it knows its name (see :mod:`.certificate`)."""


@final
class Term:
    """One node: an operation and its operands.  Make terms only with the functions below.

    ``args`` holds subterms, except for ``rat`` (a ``Fraction``), ``var`` and ``d`` (a name),
    ``pow`` (a term and an ``int``), ``cond`` (a relation and three terms) and ``app`` (a name and
    terms).  ``free`` is the set of names of variables in it; the tangent of ``x`` counts as ``d x``.
    """

    __slots__ = ("args", "free", "op", "serial")
    op: str
    args: tuple[object, ...]
    free: frozenset[str]
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
    def moves(self) -> bool:
        """Whether a tangent occurs in it."""
        return any(name.startswith("d ") for name in self.free)


_interned: dict[tuple[object, ...], Term] = {}
_serials = count()


def _make(op: str, *args: object, free: frozenset[str] = frozenset()) -> Term:
    found = _interned.get((op, *args))
    if found is None:
        made = object.__new__(Term)
        made.op, made.args, made.serial = op, args, next(_serials)
        sets = [free, *(a.free for a in made.terms)]
        union = free.union(*sets)
        refuse(len(union) <= MAX_SYMBOLS, f"a term has at most {MAX_SYMBOLS} symbols")
        made.free = next((s for s in sets if len(s) == len(union)), union)  # one object where it is the same set
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


def var(name: str) -> Term:
    """The variable or parameter ``name``: ASCII letters, digits and ``_``, at most 64 of them."""
    refuse(type(name) is str and _NAME.fullmatch(name) is not None, "var: not a name")
    return _make("var", name, free=frozenset({name}))


def tangent(name: str) -> Term:
    """``d name``, the tangent of the variable ``name``."""
    var(name)
    return _make("d", name, free=frozenset({"d " + name}))


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


def rebuild(t: Term, below: dict[Term, Term]) -> Term:
    """``t`` with each direct subterm ``s`` replaced by ``below[s]``."""
    args = [below[a] if type(a) is Term else a for a in t.args]
    return t if all(a is b for a, b in zip(args, t.args, strict=True)) else _make(t.op, *args)


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
    """``t`` with variables replaced, all at once.  There are no binders, so nothing is captured.

    The key ``"d x"`` replaces the tangent of ``x``, which otherwise stays.
    """
    done: dict[Term, Term] = {}
    for s in postorder(t):
        if s.free.isdisjoint(values):
            done[s] = s
        elif s.op in ("var", "d"):
            (name,) = s.free
            done[s] = values[name]
        else:
            done[s] = rebuild(s, done)
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
