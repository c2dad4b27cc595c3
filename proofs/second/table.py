"""Terms, each made once, and the polynomials that they are."""

import functools
import itertools
import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

NEGATION = {">": ">=", ">=": ">", "=": "!=", "!=": "="}
HOLDS = {">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne}
BUDGET = 10**6  # what one step may cost: products of monomials, large numbers counting more; parts put under binders
BINDERS = ("sum", "max")
TANGENT = "d "  # stands among the symbols of a term in which there is a tangent
Polynomial = dict[int, int | Fraction]
"""Coefficients by monomial; a monomial is a number, each unknown being a prime."""


class Refused(Exception):
    """Why something was refused."""


class TooCostly(Refused):
    """A step would cost more than the budget."""


class Term(tuple[Any, ...]):
    """An operation and its operands.  Of equal terms there is only one in a table: that is what ``==`` asks."""

    __hash__, __eq__, __ne__ = object.__hash__, object.__eq__, object.__ne__
    below: tuple["Term", ...]
    symbols: frozenset[str]
    head: tuple[str, str] | None  # of a variable or tangent: which, and the symbol, with the number of indices: x/2
    loose: int  # the binders around it that it needs


class Word(str):
    """A word of a statement, such as ``Local``, which is no name of a symbol."""


Literal = tuple[str, Term]


def need(holds: object, why: str) -> None:
    """Refuse unless it holds."""
    if not holds:
        raise Refused(why)


def symbols(thing: Any) -> frozenset[str]:
    """The names of symbols in terms, in the values of a substitution, and in collections of them."""
    if type(thing) is Term:
        return thing.symbols
    parts = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, tuple | frozenset) else ()
    return frozenset({thing} if type(thing) is str else ()).union(*map(symbols, parts))


def ring(t: Term) -> tuple[Term, ...]:
    """The operands of a sum, a product or a power."""
    return t.below if t[0] in ("add", "mul", "pow") else ()


def fold(root: Any, below: Callable[[Any], Any], value: Callable[[Any, list[Any]], Any], done: Any = None) -> Any:
    """``value`` of the root, from the values of what stands ``below`` each term: operands first, left to right."""
    done, stack = {} if done is None else done, [root]
    while stack:
        t = stack.pop()
        parts = () if t in done else below(t)
        if waiting := [s for s in parts if s not in done]:
            stack += [t, *reversed(waiting)]
        elif t not in done:
            done[t] = value(t, [done[s] for s in parts])
    return done[root]


def remade(t: Term, operands: list[Any]) -> list[Any]:
    """A term with other operands."""
    new = iter(operands)
    return [next(new) if type(a) is Term else a for a in t]


def size(p: Polynomial) -> int:
    """The number of monomials, those with large numbers counted more."""
    bits = sum(m.bit_length() + c.numerator.bit_length() + c.denominator.bit_length() for m, c in p.items())
    return len(p) + bits // 512


class Table:
    """The terms of one certificate, and the polynomials that they are."""

    def __init__(self) -> None:
        self.index: dict[tuple[Any, ...], Term] = {}
        self.normals: dict[Term, Polynomial] = {}
        self.primes = (n for n in itertools.count(2) if all(n % d for d in range(2, math.isqrt(n) + 1)))
        self.spent = 0
        self.zero, self.one, self.minus = (self.make("rat", n) for n in (0, 1, -1))

    def make(self, *row: Any) -> Term:
        """The term of an operation and its operands."""
        found = self.index.get(row)
        if found is None:
            found = self.index[row] = Term(row)
            found.below = tuple([a for a in row if type(a) is Term])
            rank = f"/{len(found.below)}" if found.below else ""
            found.head = (row[0], row[1] + rank) if row[0] in ("var", "d") else None
            own = [*found.head[1:], *[TANGENT][: row[0] == "d"]] if found.head else []
            found.symbols = frozenset(own).union(*[a.symbols for a in found.below])
            inner = [a.loose - (i == 1 and row[0] in BINDERS) for i, a in enumerate(found.below)]
            found.loose = row[1] + 1 if row[0] == "idx" else max([0, *inner])
            need(found.loose <= 64, "more binders than allowed")
        return found

    def term(self, value: Any) -> Term:
        """A term, the variable of a name, or a number."""
        if type(value) is Term:
            return value
        need(type(value) in (str, int, Fraction), "not a term")
        return self.make("var" if type(value) is str else "rat", value)

    def negated(self, a: Any) -> Term:
        """``-a``"""
        return self.make("mul", self.minus, self.term(a))

    def sub(self, a: Any, b: Any) -> Term:
        """``a - b``"""
        return self.make("add", self.term(a), self.negated(b))

    def power(self, a: Term, n: int) -> Term:
        """``a**n``"""
        return self.one if n == 0 else a if n == 1 else self.make("pow", a, n)

    def negation(self, literal: Literal) -> Literal:
        """What holds just where the literal does not."""
        relation, t = literal
        return NEGATION[relation], t if relation in ("=", "!=") else self.negated(t)

    def put(self, thing: Any, *substitutions: dict[Any, Any]) -> Any:
        """Terms, and collections of them, with values in the place of variables and tangents, all at once."""
        values = {self.term(x).head: self.term(t) for part in substitutions for x, t in part.items()}
        moved = symbols(tuple(values))
        ranks = {head: int(head[1].partition("/")[2] or 0) for head in values}
        need(all(t.loose <= ranks[head] for head, t in values.items()), "an index has no value")

        def value(t: Term, parts: list[Term]) -> Term:
            if t.head in values:
                return self.opened(values[t.head], parts)
            return self.make(*remade(t, parts)) if parts else t

        if type(thing) is Term:
            return fold(thing, lambda t: () if moved.isdisjoint(t.symbols) else t.below, value)
        need(isinstance(thing, tuple | frozenset | str), "not a term")
        if isinstance(thing, frozenset):  # hypotheses: what then says t - t = 0 is left out
            return frozenset(self.put(tuple(thing), *substitutions)) - {("=", self.sub(t, t)) for t in values.values()}
        return thing if isinstance(thing, str) else tuple([self.put(part, *substitutions) for part in thing])

    def deep(self, root: Term, ends: Callable[[Term, int], bool], end: Callable[[Term, int], Term]) -> Term:
        """The term with others for the parts in which it ``ends``; these are told how many binders are around them."""

        def below(place: tuple[Term, int]) -> list[tuple[Term, int]]:
            t, depth = place
            inner = t[0] in BINDERS
            return [] if ends(*place) else [(a, depth + (inner and k > 0)) for k, a in enumerate(t.below)]

        def value(place: tuple[Term, int], parts: list[Term]) -> Term:
            self.spend(1)
            return self.make(*remade(place[0], parts)) if parts else end(*place)

        return fold((root, 0), below, value)

    def opened(self, body: Term, indices: list[Term]) -> Term:
        """What a family with this body is at the indices."""
        need(body.loose <= len(indices), "an index has no value")

        def lifted(t: Term, depth: int) -> Term:
            if t[0] == "idx":
                return self.make("idx", t[1] + depth)
            above = [self.make("idx", depth + k) for k in reversed(range(t.loose))] if depth else []
            return self.opened(t, above) if above else t

        def end(t: Term, depth: int) -> Term:
            return t if t.loose <= depth else lifted(indices[depth - t.loose], depth)

        return self.deep(body, lambda t, depth: t.loose <= depth, end)

    def bound(self, t: Term, names: Any) -> Term:
        """A term with loose indices in the place of variables, the last of which is the innermost."""
        need(not t.loose and all(k.head and k[0] == "var" and not k.below for k in names), "not a variable")
        indices = {k: number for number, k in enumerate(names[::-1])}

        def end(s: Term, depth: int) -> Term:
            return self.make("idx", depth + indices[s]) if s in indices else s

        return self.deep(t, lambda s, _: symbols(names).isdisjoint(s.symbols), end)

    def over(self, op: str, k: Term, n: Term, a: Any) -> Term:
        """The sum or maximum of ``a`` over the natural numbers ``k`` less than ``n``."""
        need(op in BINDERS, "neither a sum nor a maximum")
        return self.make(op, n, self.bound(self.term(a), (k,)))

    def spend(self, cost: int) -> None:
        """Refuse what is beyond the budget of the step."""
        self.spent += cost
        if self.spent > BUDGET:
            raise TooCostly(f"more than {BUDGET} in one step")

    def combined(self, op: str, p: Polynomial, q: Polynomial) -> Polynomial:
        """The sum or product of two polynomials, within the budget of the step."""
        self.spend(size(p) * size(q) if op == "mul" else size(p) + size(q))
        total = dict(p) if op == "add" else {}
        for m, c in q.items() if op == "add" else ((m * n, c * d) for m, c in p.items() for n, d in q.items()):
            total[m] = total.get(m, 0) + c
        return {m: c for m, c in total.items() if c}

    def polynomial(self, root: Term) -> Polynomial:
        """The polynomial that a term is; what is no sum, product, power or number is an unknown."""

        def value(t: Term, parts: list[Polynomial]) -> Polynomial:
            match t:
                case "rat", q:
                    return {1: q} if q else {}
                case "pow", _, n:
                    return functools.reduce(functools.partial(self.combined, "mul"), parts * n)
                case "add" | "mul" as op, *_:
                    return self.combined(op, *parts)
            return {next(self.primes): 1}

        return fold(root, ring, value, self.normals)
