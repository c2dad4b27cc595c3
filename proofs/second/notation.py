"""The notation of the ledgers and rules: Python's grammar reads their formulas, and nothing of them is run."""

import ast
import operator
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from .table import Literal, Table, Term, Word, need

INFINITE = {Word("+oo"): 1, Word("-oo"): -1}
RELATIONS = {ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=", ast.NotEq: "!="}
PLAIN = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: Fraction, ast.Mod: operator.mod}
Letters = dict[str, Any]
Form = list[tuple[str, list[ast.expr], Any]]
"""Rows ``label: needs |- says``."""


def text(name: str) -> str:
    """A data file without its remarks."""
    return re.sub("#.*\n", "", Path(__file__).with_name(f"{name}.txt").read_text("ascii"))


def sequent(line: str) -> tuple[list[ast.expr], Any]:
    """``a, b |- c`` as ``[a, b]`` and ``c``."""
    context, _, goal = line.replace(" = ", " == ").replace(":=", ":").rpartition("|-")
    return ast.parse(f"[{context}]", mode="eval").body.elts, ast.parse(goal.strip(), mode="eval").body


def ledger(name: str) -> dict[str, tuple[list[str], str, list[ast.expr], Any]]:
    """The entries of a ledger, ``name(letters) [source]: needs |- says``, by their names."""
    entries = re.findall(r"(\w+)\((.*?)\)(?: \[(.*)\])?: (.*)", text(name))
    return {key: (re.findall(r"\w+", letters), source, *sequent(line)) for key, letters, source, line in entries}


def rules() -> dict[str, tuple[list[str], ast.Tuple, list[Form]]]:
    """The names and the kinds of the arguments of each rule, and its forms."""
    found = {}
    for head, body in re.findall(r"(\w.*)\n((?: .*\n)+)", text("rules")):
        signature: Any = ast.parse(f"def {head}: ...").body[0]
        args = signature.args.args
        kinds = ast.Tuple([arg.annotation or ast.Name("theorem") for arg in args])
        *shared, forms = body.split("  either\n")
        rows = [re.findall(r" +(?:(\w+): )?(.*)", "".join(shared) + form) for form in forms.split("  or\n")]
        forms = [[(label, *sequent(line)) for label, line in form] for form in rows]
        found[signature.name] = [arg.arg for arg in args], kinds, forms
    return found


LEDGERS = {name: ledger(name) for name in ("facts", "identities", "derivatives", "functions")}
UNARY = [name for name, entry in LEDGERS["derivatives"].items() if len(entry[0]) == 1]


class Theorem(NamedTuple):
    """At every point that satisfies ``hyps`` holds what it ``says``; ``cites`` are the cited facts it rests on."""

    hyps: frozenset[Literal]
    says: tuple[Any, ...]
    cites: frozenset[str]


def compared(node: ast.Compare) -> ast.expr:
    """The expression ``a - b`` of ``a R b``, which for ``a R 0`` is ``a``."""
    (b,) = node.comparators
    return node.left if isinstance(b, ast.Constant) and b.value == 0 else ast.BinOp(node.left, ast.Sub(), b)


class Notation(Table):
    """Expressions, whose letters stand for terms, names, numbers, and what theorems are made of."""

    def term(self, value: Any) -> Term:
        """A term, the variable of a name, or a number."""
        if type(value) is Term:
            return value
        need(type(value) in (str, int, Fraction), "not a term")
        return self.make("var" if type(value) is str else "rat", value)

    def value(self, node: Any, letters: Letters) -> Any:
        """What an expression means."""
        match node:
            case ast.BinOp(left=a, op=op, right=b):
                return self.joined(type(op), self.value(a, letters), self.value(b, letters))
            case ast.Name(id=name):
                return self.make(name) if name == "pi" else letters[name]
            case ast.Constant(value=constant):
                return constant
            case ast.Call(func=ast.Name(id=word), args=args):
                return self.applied(word, [self.value(a, letters) for a in args])
            case ast.Compare(ops=[op]):
                return RELATIONS[type(op)], self.term(self.value(compared(node), letters))
            case ast.UnaryOp(op=op, operand=a):
                part = self.value(a, letters)
                return self.negation(part) if isinstance(op, ast.Not) else self.joined(ast.Mult, -1, part)
            case ast.Set(elts=parts):
                return frozenset(self.value(part, letters) for part in parts)
            case ast.Subscript(value=whole, slice=given):
                parts = [self.value(p, letters) for p in (given.elts if isinstance(given, ast.Tuple) else [given])]
                return self.put(self.value(whole, letters), {x: self.term(t) for v in parts for x, t in v.items()})
            case ast.Slice(lower=x, upper=t):
                return {self.term(self.value(x, letters)): self.term(self.value(t, letters))}
        raise AssertionError(ast.dump(node))

    def joined(self, op: type[ast.operator], a: Any, b: Any) -> Any:
        """A sum, difference, product or power of terms, or of plain numbers; the difference of two sets."""
        if not (isinstance(a, Term | str) or isinstance(b, Term | str)):
            return PLAIN[op](a, b)
        if op is ast.Pow:
            return self.one if b == 0 else a if b == 1 else self.make("pow", a, b)
        if op is ast.Sub:
            return self.sub(self.term(a), self.term(b))
        return self.make("add" if op is ast.Add else "mul", self.term(a), self.term(b))

    def applied(self, word: str, args: list[Any]) -> Any:
        """A conclusion, a word of the rules, or a function of terms."""
        if word[0].isupper():
            return Word(word), *args
        if method := getattr(self, word, None):
            return method(*args)
        head = [word] if word in UNARY else ["app", word]
        return self.make(*head, *map(self.term, args)) if word != "d" else self.make(word, *args)

    def fit(self, pattern: Any, value: Any, letters: Letters) -> None:
        """Let the new letters of a pattern stand for what makes it ``value``; refuse where nothing does."""
        match pattern:
            case ast.Name(id="_"):
                pass
            case ast.Name(id=name) if name not in letters:
                letters[name] = value
            case ast.Call(func=ast.Name(id="oo"), args=[part]):
                need(value in INFINITE, "no infinite slope")
                self.fit(part, INFINITE[value], letters)
            case ast.Call(func=ast.Name(id=kind), args=parts) if kind[0].isupper():
                self.fit_all(parts, value[1:] if value[0] == kind else (), letters)
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
                self.fit_all(parts, value, letters)
            case ast.Compare(ops=[op]):
                need(value[0] == RELATIONS[type(op)], "another relation")
                self.fit(compared(pattern), value[1], letters)
            case ast.BinOp(left=a, op=ast.Sub(), right=b) if type(value) is Term:
                op, *parts = self.rows[value]
                need(op == "add" and self.rows[parts[1]][:2] == ("mul", self.minus), "no difference")
                self.fit_all([a, b], [parts[0], self.rows[parts[1]][2]], letters)
            case _:
                found = self.value(pattern, letters)
                found = self.term(found) if type(value) is Term else found
                need(type(found) is type(value) and found == value, "something else is said")

    def fit_all(self, patterns: Sequence[ast.expr], values: Any, letters: Letters) -> None:
        """Fit several patterns to as many values, in order."""
        need(len(values) == len(patterns), "another form, or too few or too many")
        for pattern, value in zip(patterns, values, strict=True):
            self.fit(pattern, value, letters)
