"""Terms as rows of a table, and the polynomials that they are."""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

NEGATION = {">": ">=", ">=": ">", "=": "!=", "!=": "="}
BUDGET = 10**6  # what the polynomials of one step may cost: products of monomials, large numbers counting more
Polynomial = dict[int, int | Fraction]
"""Coefficients by monomial; a monomial is a number, each unknown being a prime."""


class Refused(Exception):
    """Why something was refused."""


class TooCostly(Refused):
    """A polynomial would cost more than the budget."""


class Term(int):
    """The number of a row of the table of terms."""


class Word(str):
    """A word of a statement, such as ``Local`` or ``+oo``, which is no name of a symbol."""


Literal = tuple[str, Term]


def need(holds: object, why: str) -> None:
    """Refuse unless it holds."""
    if not holds:
        raise Refused(why)


def true(relation: str, value: Fraction | int) -> bool:
    """``value relation 0``"""
    return relation in ((">", ">=", "!=") if value > 0 else ("!=",) if value else ("=", ">="))


def size(p: Polynomial) -> int:
    """The number of monomials, those with large numbers counted more."""
    bits = sum(m.bit_length() + c.numerator.bit_length() + c.denominator.bit_length() for m, c in p.items())
    return len(p) + bits // 512


def primes() -> Iterator[int]:
    """2, 3, 5, ..."""
    yield from (n for n in itertools.count(2) if all(n % d for d in range(2, math.isqrt(n) + 1)))


class Table:
    """Terms as rows ``(operation, operand, ...)``, equal terms being one row; and the polynomials that they are."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.index: dict[tuple[Any, ...], Term] = {}
        self.below: list[tuple[Term, ...]] = []
        self.marks: list[int] = []  # the variables and tangents in a term, a bit for each
        self.leaves = self.tangents = self.spent = 0
        self.normals: dict[Term, Polynomial] = {}
        self.primes = primes()
        self.zero, self.one, self.minus = (self.make("rat", n) for n in (0, 1, -1))

    def make(self, op: str, *args: Any) -> Term:
        """The row of an operation and its operands."""
        found = self.index.get((op, *args))
        if found is None:
            found = self.index[op, *args] = Term(len(self.rows))
            below = tuple(a for a in args if type(a) is Term)
            mark = 1 << self.leaves if op in ("var", "d") else self.names(below)
            self.leaves += op in ("var", "d")
            self.tangents |= mark if op == "d" else 0
            self.rows.append((op, *args))
            self.below.append(below)
            self.marks.append(mark)
        return found

    def names(self, thing: Any) -> int:
        """The variables and tangents in terms and names, and in collections of them, a bit for each."""
        if type(thing) is Term:
            return self.marks[thing]
        if type(thing) is str:
            return self.marks[self.make("var", thing)]
        found = 0
        for part in thing if isinstance(thing, tuple | frozenset | dict) else ():
            found |= self.names(part)
        return found

    def negated(self, a: Term) -> Term:
        """``-a``"""
        return self.make("mul", self.minus, a)

    def row(self, t: Term, operands: Sequence[Any]) -> list[Any]:
        """The row of a term with other operands."""
        new = iter(operands)
        return [next(new) if type(a) is Term else a for a in self.rows[t]]

    def sub(self, a: Term, b: Term) -> Term:
        """``a - b``"""
        return self.make("add", a, self.negated(b))

    def negation(self, literal: Literal) -> Literal:
        """What holds just where the literal does not."""
        relation, t = literal
        return NEGATION[relation], t if relation in ("=", "!=") else self.negated(t)

    def fold(self, root: Term, below: Callable[[Term], Sequence[Term]], value: Callable[[Term, list[Any]], Any]) -> Any:
        """``value`` of the root, from the values of what stands ``below`` each term: operands first, left to right."""
        done: dict[Term, Any] = {}
        stack = [root]
        while stack:
            t = stack.pop()
            parts = () if t in done else below(t)
            if waiting := [s for s in parts if s not in done]:
                stack += [t, *reversed(waiting)]
            elif t not in done:
                done[t] = value(t, [done[s] for s in parts])
        return done[root]

    def put(self, thing: Any, values: Mapping[Term, Term]) -> Any:
        """Terms, and collections of them, with values in the place of variables and tangents, all at once."""
        if isinstance(thing, frozenset):  # hypotheses: what then says t - t = 0 is left out
            return frozenset(self.put(tuple(thing), values)) - {("=", self.sub(t, t)) for t in values.values()}
        if isinstance(thing, tuple):
            return tuple(self.put(part, values) for part in thing)
        if type(thing) is not Term:
            need(isinstance(thing, str), "not a term")
            return thing
        moved = self.names(tuple(values))

        def value(t: Term, parts: list[Term]) -> Term:
            return self.make(*self.row(t, parts)) if parts else values.get(t, t)

        return self.fold(thing, lambda t: self.below[t] if self.marks[t] & moved else (), value)

    def combined(self, op: str, p: Polynomial, q: Polynomial) -> Polynomial:
        """The sum or product of two polynomials, within the budget of the step."""
        self.spent += size(p) * size(q) if op == "mul" else size(p) + size(q)
        if self.spent > BUDGET:
            raise TooCostly(f"polynomials cost more than {BUDGET} in one step")
        total = {} if op == "mul" else dict(p)
        pairs = itertools.product(p.items(), q.items())
        for m, c in ((m * n, c * d) for (m, c), (n, d) in pairs) if op == "mul" else q.items():
            total[m] = total.get(m, 0) + c
        return {m: c for m, c in total.items() if c}

    def raised(self, p: Polynomial, n: int) -> Polynomial:
        """``p**n``"""
        half = self.raised(self.combined("mul", p, p), n // 2) if n > 1 else {1: 1}
        return self.combined("mul", half, p) if n % 2 else half

    def polynomial(self, root: Term) -> Polynomial:
        """The polynomial that a term is; what is no sum, product, power or number is an unknown."""

        def below(t: Term) -> Sequence[Term]:
            return self.below[t] if t not in self.normals and self.rows[t][0] in ("add", "mul", "pow") else ()

        def value(t: Term, parts: list[Polynomial]) -> Polynomial:
            op, *args = self.rows[t]
            if t in self.normals:
                return self.normals[t]
            if parts:
                found = self.raised(*parts, args[1]) if op == "pow" else self.combined(op, *parts)
            else:
                found = {next(self.primes): 1} if op != "rat" else {1: args[0]} if args[0] else {}
            if len(found) <= 64:
                self.normals[t] = found
            return found

        return self.normals[root] if root in self.normals else self.fold(root, below, value)
