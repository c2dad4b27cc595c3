"""Terms as rows of a table, and the polynomials that they are."""

import ast
import functools
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from operator import or_
from typing import Any

from .ledger import PRIMITIVES, ledger, syntax

NEGATION = {">": ">=", ">=": ">", "=": "!=", "!=": "="}
BUDGET = 10**6  # what the polynomials of one step may cost: products of monomials, large numbers counting more


class Refused(Exception):
    """Why something was refused, with the line and the rule."""

    line, rule = 0, ""

    def __str__(self) -> str:
        return ": ".join(filter(None, (f"line {self.line}", self.rule, str(self.args[0]))))


class TooCostly(Refused):
    """A polynomial would cost more than the budget."""


class Term(int):
    """The number of a row of the table of terms."""


Literal = tuple[str, Term]
Polynomial = tuple[dict[int, int], int]
"""Coefficients by monomial, and the denominator of them all; a monomial is a number, each unknown being a prime."""


def need(holds: object, why: str) -> None:
    """Refuse unless it holds."""
    if not holds:
        raise Refused(why)


def true(relation: str, value: Fraction | int) -> bool:
    """``value relation 0``"""
    return (
        (value > 0 and ">" in relation) or (value == 0 and relation in ("=", ">=")) or (value != 0 and relation == "!=")
    )


def size(p: Polynomial) -> int:
    """The number of monomials, those with large numbers counted more."""
    monomials = sum(1 + (m.bit_length() + c.bit_length()) // 512 for m, c in p[0].items())
    return monomials + (p[1].bit_length() // 512) ** 2


def primes() -> Iterator[int]:
    """2, 3, 5, ..."""
    yield from (n for n in itertools.count(2) if all(n % d for d in range(2, math.isqrt(n) + 1)))


class Table:
    """Terms as rows ``(operation, operand, ...)``, equal terms one row; and the polynomials that they are."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.index: dict[tuple[Any, ...], Term] = {}
        self.below: list[tuple[Term, ...]] = []
        self.free: list[int] = []  # the names of variables in a term, and those of tangents, as sets of bits
        self.moving: list[int] = []
        self.bits: dict[str, int] = {}
        self.normals: dict[Term, Polynomial] = {}
        self.primes, self.spent = primes(), 0
        self.zero, self.one, self.minus = (self.make("rat", Fraction(n)) for n in (0, 1, -1))

    def make(self, op: str, *args: Any) -> Term:
        """The row of an operation and its operands."""
        found = self.index.get((op, *args))
        if found is None:
            found = self.index[op, *args] = Term(len(self.rows))
            below = tuple(a for a in args if type(a) is Term)
            self.rows.append((op, *args))
            self.below.append(below)
            for sets, leaf in ((self.free, "var"), (self.moving, "d")):
                sets.append(functools.reduce(or_, (sets[a] for a in below), self.names(args) if op == leaf else 0))
        return found

    def names(self, thing: Any) -> int:
        """The names in a term, a word, or a collection of such; a tangent counts as its symbol."""
        if type(thing) is Term:
            return self.free[thing] | self.moving[thing]
        if isinstance(thing, str):
            return 1 << self.bits.setdefault(thing, len(self.bits))
        return functools.reduce(or_, map(self.names, thing), 0) if isinstance(thing, Iterable) else 0

    def neg(self, a: Term) -> Term:
        return self.make("mul", self.minus, a)

    def sub(self, a: Term, b: Term) -> Term:
        return self.make("add", a, self.neg(b))

    def equal(self, a: Term, b: Term) -> Literal:
        return "=", self.sub(a, b)

    def negation(self, literal: Literal) -> Literal:
        relation, t = literal
        return NEGATION[relation], t if relation in ("=", "!=") else self.neg(t)

    def fold(self, root: Term, below: Callable[[Term], Sequence[Term]], value: Callable[[Term, list[Any]], Any]) -> Any:
        """``value`` of the root, from the values of what stands ``below`` each term: operands first, left to right."""
        done: dict[Term, Any] = {}
        stack = [root]
        while stack:
            t = stack[-1]
            parts = () if t in done else below(t)
            if waiting := [s for s in parts if s not in done]:
                stack += reversed(waiting)
                continue
            if t not in done:
                done[t] = value(t, [done[s] for s in parts])
            stack.pop()
        return done[root]

    def put(self, root: Term, values: Mapping[Any, Term], tangents: Mapping[Any, Term] | None = None) -> Term:
        """The term with variables, and tangents, replaced all at once."""
        leaves = {("var", x): t for x, t in values.items()} | {("d", x): t for x, t in (tangents or {}).items()}
        free, moving = self.names(values), self.names(tangents)

        def below(t: Term) -> Sequence[Term]:
            return self.below[t] if self.free[t] & free or self.moving[t] & moving else ()

        def value(t: Term, parts: list[Term]) -> Term:
            new = iter(parts)
            return (
                self.make(*(next(new) if type(a) is Term else a for a in self.rows[t]))
                if parts
                else leaves.get(self.rows[t], t)
            )

        result: Term = self.fold(root, below, value)
        return result

    def formula(self, node: Any, env: dict[str, Term]) -> Term:
        """The term that a formula of a ledger means, its letters standing for the terms of ``env``."""
        match node:
            case ast.Constant(value=n):
                return self.make("rat", Fraction(n))
            case ast.UnaryOp(operand=ast.Constant(value=n)):
                return self.make("rat", Fraction(-n))
            case ast.UnaryOp(operand=a):
                return self.neg(self.formula(a, env))
            case ast.Name(id=name):
                return env[name] if name in env else self.make(name)
            case ast.Call(func=ast.Name(id=f), args=args):
                head = [f] if f in ledger(PRIMITIVES) else ["app", f]
                return self.make(*head, *(self.formula(a, env) for a in args))
            case ast.BinOp(left=a, op=ast.Pow(), right=b):
                return self.make("pow", self.formula(a, env), b.value)
            case ast.BinOp(left=a, op=ast.Div(), right=b):
                return self.make("rat", Fraction(a.value, b.value))
        left, right = self.formula(node.left, env), self.formula(node.right, env)
        if type(node.op) is ast.Sub:
            return self.sub(left, right)
        return self.make("add" if type(node.op) is ast.Add else "mul", left, right)

    def comparisons(self, text: str, env: dict[str, Term]) -> list[Literal]:
        """``a R b; ...`` of a ledger as literals ``a - b R 0``; ``a R 0`` is about ``a``, unless ``R`` is ``=``."""
        found = []
        for node in map(syntax, filter(None, text.split(";"))):
            a, b = self.formula(node.left, env), self.formula(node.comparators[0], env)
            relation = {ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=", ast.NotEq: "!="}[type(node.ops[0])]
            found.append((relation, a if relation != "=" and b == self.zero else self.sub(a, b)))
        return found

    def spend(self, cost: int) -> None:
        """Count what polynomials cost in this step."""
        self.spent += cost
        if self.spent > BUDGET:
            raise TooCostly(f"polynomials cost more than {BUDGET} in one step")

    def plus(self, p: Polynomial, q: Polynomial, sign: int = 1) -> Polynomial:
        """``p + sign q``"""
        self.spend(size(p) + size(q))
        over = math.lcm(p[1], q[1])
        total, factor = {m: c * (over // p[1]) for m, c in p[0].items()}, sign * (over // q[1])
        for m, c in q[0].items():
            total[m] = total.get(m, 0) + c * factor
        return {m: c for m, c in total.items() if c}, over

    def times(self, p: Polynomial, q: Polynomial) -> Polynomial:
        """``p q``"""
        self.spend(size(p) * size(q))
        total: dict[int, int] = {}
        for (m, c), (n, d) in itertools.product(p[0].items(), q[0].items()):
            total[m * n] = total.get(m * n, 0) + c * d
        return {m: c for m, c in total.items() if c}, p[1] * q[1]

    def raised(self, p: Polynomial, n: int) -> Polynomial:
        """``p**n``"""
        if len(p[0]) == 1:
            self.spend(n * sum(k.bit_length() for k in (*p[0], *p[0].values(), p[1])) // 16)
            return {m**n: c**n for m, c in p[0].items()}, p[1] ** n
        half = self.raised(p, n // 2) if n > 1 else ({1: 1}, 1)
        return self.times(self.times(half, half), p if n % 2 else ({1: 1}, 1))

    def polynomial(self, root: Term) -> Polynomial:
        """The polynomial that a term is; what is no sum, product, power or number is an unknown."""

        def below(t: Term) -> Sequence[Term]:
            return self.below[t] if t not in self.normals and self.rows[t][0] in ("add", "mul", "pow") else ()

        def value(t: Term, parts: list[Polynomial]) -> Polynomial:
            op, *args = self.rows[t]
            if t in self.normals:
                return self.normals[t]
            if parts:
                ring = {"add": self.plus, "mul": self.times}
                found = self.raised(parts[0], args[1]) if op == "pow" else ring[op](*parts)
            elif op == "rat":
                found = {1: args[0].numerator} if args[0] else {}, args[0].denominator
            else:
                found = {next(self.primes): 1}, 1
            if len(found[0]) <= 64:
                self.normals[t] = found
            return found

        result: Polynomial = self.fold(root, below, value)
        return result
