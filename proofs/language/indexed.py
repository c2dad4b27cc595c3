"""Index formulas to terms: a strict walk over Python's syntax.  What it does not know it refuses; nothing is evaluated.

Abbreviations may use their parameters and declared names only, so that no index of theirs is captured where they stand.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import Final

from ..kernel import terms as T
from ..kernel.terms import KernelError, Literal, Term

FUNCTIONS: Final = ("exp", "log", "sqrt")
_RELATIONS: Final = {ast.Eq: "=", ast.NotEq: "!=", ast.Gt: ">", ast.GtE: ">=", ast.Lt: ">", ast.LtE: ">="}
_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Term, Term], Term]]] = {
    ast.Add: T.add,
    ast.Sub: T.sub,
    ast.Mult: T.mul,
    ast.Div: lambda a, b: _quotient(a, b),
    ast.FloorDiv: lambda a, b: T.unary("floor", _quotient(a, b)),
    ast.Mod: lambda a, b: T.sub(a, T.mul(b, T.unary("floor", _quotient(a, b)))),
}
COTANGENT: Final = "g"


class FormulaError(ValueError):
    """Text that is no index formula: one line with the reason and the part that is meant."""


def _quotient(a: Term, b: Term) -> Term:
    inverse = T.rat(1 / Fraction(str(b.args[0]))) if b.op == "rat" and b is not T.ZERO else T.unary("inv", b)
    return inverse if a is T.ONE else T.mul(a, inverse)


@dataclass
class Names:
    """What the names in formulas mean.  ``tensors`` have a rank; in those of ``index`` there are integers."""

    tensors: Mapping[str, int]
    index: frozenset[str]
    numbers: frozenset[str]
    moving: frozenset[str]
    let: dict[str, tuple[tuple[str, ...], Term]] = field(default_factory=dict)

    def define(self, head: str, text: str) -> None:
        """An abbreviation ``p(i, j)``."""
        node = _parsed(head)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.keywords:
            raise FormulaError(f"{head}: an abbreviation is written name(index, ...)")
        params = tuple(_index_name(a) for a in node.args)
        name = node.func.id
        if len(set(params)) != len(params) or self.known(name) or any(map(self.known, params)):
            raise FormulaError(f"{head}: a name that is there already")
        self.let[name] = (params, formula(text, self, params))

    def known(self, name: str) -> bool:
        """Whether the name has a meaning already."""
        words = {*FUNCTIONS, COTANGENT, "sum", "max", "min", "range", *(f"d{x}" for x in self.moving)}
        return name in {*self.tensors, *self.numbers, *self.let, *words}


def formula(text: str, names: Names, indices: tuple[str, ...] = ()) -> Term:
    """The term that a formula writes, its free indices as variables.

    Raises:
        FormulaError: the text is none, or uses a name that is not declared.
    """
    return _Walk(names, set(indices), text).term(_parsed(text))


def conditions(text: str, names: Names, indices: tuple[str, ...] = ()) -> list[Literal]:
    """The literals of a comparison, a chain of them, or several joined by ``and``."""
    return _Walk(names, set(indices), text).literals(_parsed(text))


def entry(text: str) -> tuple[str, tuple[str, ...]]:
    """``"x[i, j]"``: a name and its indices."""
    node = _parsed(text)
    if isinstance(node, ast.Name):
        return node.id, ()
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return node.value.id, tuple(_index_name(a) for a in _operands(node.slice))
    raise FormulaError(f"{text}: not an entry such as x[i, j]")


def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise FormulaError(f"{text}: {error}") from None


def _index_name(node: ast.expr) -> str:
    if not isinstance(node, ast.Name):
        raise FormulaError(f"{ast.unparse(node)}: not the name of an index")
    return node.id


def _operands(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


class _Walk:
    """One formula: the names, and the indices that are bound or free where the walk is."""

    def __init__(self, names: Names, indices: set[str], text: str) -> None:
        self.names, self.indices, self.text = names, indices, text
        for name in indices:
            self.fresh(name)

    def refuse(self, node: ast.expr, why: str) -> FormulaError:
        return FormulaError(f"{ast.unparse(node)}: {why} (in {self.text})")

    def fresh(self, name: str) -> None:
        if self.names.known(name):
            raise FormulaError(f"{name}: an index with the name of something else (in {self.text})")

    def term(self, node: ast.expr) -> Term:
        try:
            return self.made(node)
        except KernelError as error:
            raise self.refuse(node, str(error)) from None

    def made(self, node: ast.expr) -> Term:
        match node:
            case ast.Constant(value=int(value)) if type(value) is int:
                return T.rat(value)
            case ast.Name(id=name):
                return self.entry(node, name, [])
            case ast.Subscript(value=ast.Name(id=name)):
                return self.entry(node, name, [self.term(a) for a in _operands(node.slice)])
            case ast.UnaryOp(op=ast.USub()):
                return T.neg(self.term(node.operand))
            case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=int(n))):
                return T.power(self.term(node.left), n)
            case ast.BinOp() if type(node.op) in _ARITHMETIC:
                return _ARITHMETIC[type(node.op)](self.term(node.left), self.term(node.right))
            case ast.Compare() | ast.BoolOp():
                return _chosen(self.literals(node), T.ONE, T.ZERO)
            case ast.IfExp():
                return _chosen(self.literals(node.test), self.term(node.body), self.term(node.orelse))
            case ast.Call(func=ast.Name(id=name), keywords=[]):
                return self.call(node, name)
        raise self.refuse(node, "not part of a formula")

    def entry(self, node: ast.expr, name: str, at: list[Term]) -> Term:
        names = self.names
        if name in self.indices or name in names.numbers:
            if at:
                raise self.refuse(node, "a number has no entries")
            return T.var(name)
        moving = name.removeprefix("d") if name not in names.tensors and name[1:] in names.moving else None
        rank = names.tensors.get(moving or name)
        if rank is None:
            raise self.refuse(node, "not declared")
        if rank != len(at):
            raise self.refuse(node, f"has {rank} indices")
        if moving is not None:
            return T.tangent(moving, *at)
        return T.unary("floor", T.var(name, *at)) if name in names.index else T.var(name, *at)

    def call(self, node: ast.Call, name: str) -> Term:
        if name == "min":
            return T.neg(self.call(ast.Call(node.func, [_negated(a) for a in node.args], []), "max"))
        if name in ("sum", "max") and len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
            return self.over(name, node.args[0])
        args = [self.term(a) for a in node.args]
        if name in FUNCTIONS and len(args) == 1:
            return T.unary(name, args[0])
        if name in self.names.let:
            params, body = self.names.let[name]
            if len(params) == len(args):
                return T.substitute(body, dict(zip(params, args, strict=True)))
        raise self.refuse(node, "no such function of so many operands")

    def over(self, op: str, node: ast.GeneratorExp) -> Term:
        """A sum or maximum; each range may depend on the indices before it."""
        binders: list[tuple[str, Term]] = []
        before = set(self.indices)
        for part in node.generators:
            match part:
                case ast.comprehension(
                    target=ast.Name(id=k), iter=ast.Call(func=ast.Name(id="range"), args=[n], keywords=[]), ifs=[]
                ) if not part.is_async:
                    if k in self.indices:
                        raise self.refuse(node, f"the index {k} is in use already")
                    self.fresh(k)
                    binders.append((k, self.term(n)))
                    self.indices = self.indices | {k}
                case _:
                    raise self.refuse(node, "an index runs over range(size)")
        body = self.term(node.elt)
        self.indices = before
        return reduce(lambda t, binder: T.bind(op, T.var(binder[0]), binder[1], t), reversed(binders), body)

    def literals(self, node: ast.expr) -> list[Literal]:
        match node:
            case ast.BoolOp(op=ast.And()):
                return [literal for value in node.values for literal in self.literals(value)]
            case ast.Compare():
                sides = [self.term(s) for s in (node.left, *node.comparators)]
                return [self.literal(node, *pair) for pair in zip(sides, node.ops, sides[1:], strict=False)]
        raise self.refuse(node, "not a comparison")

    def literal(self, node: ast.expr, a: Term, op: ast.cmpop, b: Term) -> Literal:
        if type(op) not in _RELATIONS:
            raise self.refuse(node, "not a comparison of numbers")
        if type(op) in (ast.Lt, ast.LtE):
            a, b = b, a
        return Literal(_RELATIONS[type(op)], a if b is T.ZERO else T.sub(a, b))


def _negated(node: ast.expr) -> ast.expr:
    """``-a for k in ...`` of ``a for k in ...``."""
    if isinstance(node, ast.GeneratorExp):
        return ast.GeneratorExp(ast.UnaryOp(ast.USub(), node.elt), node.generators)
    return node


def _chosen(literals: list[Literal], a: Term, b: Term) -> Term:
    """``a`` where all literals hold, else ``b``."""
    return reduce(lambda t, literal: T.cond(literal.relation, literal.term, t, b), reversed(literals), a)
