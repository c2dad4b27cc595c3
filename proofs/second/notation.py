"""The notation of the ledgers and rules: Python's grammar reads their formulas, and nothing of them is run."""

import ast
import operator
import re
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from .table import NEGATION, Literal, Table, Term, Word, need

WORDS = {"Add": "add", "Sub": "sub", "Mult": "mul", "Pow": "power", "USub": "negated", "Not": "negation"}
WORDS |= {"Gt": ">", "GtE": ">=", "Eq": "=", "NotEq": "!=", "Subscript": "put"}
PLAIN = {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "negated": operator.neg}
PLAIN |= {"Div": Fraction, "Mod": operator.mod, "In": lambda a, b: a in b}
COLLECTIONS = {"List": tuple, "Tuple": tuple, "Set": frozenset, "Slice": lambda pair: dict([pair])}


class Letter(str):
    """A letter in a formula."""


def formula(node: ast.AST) -> Any:
    """A formula as nested tuples ``(word, part, ...)`` of letters and constants; ``a R b`` is ``a - b R 0`` there."""
    parts = [formula(part) for part in ast.iter_child_nodes(node) if not isinstance(part, ast.expr_context)]
    match node:
        case ast.Constant(constant):
            return constant
        case ast.Name(name):
            return Letter(name) if name != "pi" else (name,)
        case ast.UnaryOp():
            return tuple(parts)
        case ast.Subscript(_, ast.Tuple()):
            return "put", parts[0], *parts[1][1:]
        case ast.Call(ast.Name(name)):
            return Word(name), *parts[1:]
        case ast.BinOp() | ast.Compare():
            a, word, b = parts
            return (word, a, b) if word not in NEGATION else (word, a if b == 0 else ("sub", a, b))
    word = WORDS.get(type(node).__name__, type(node).__name__)
    return (word, *parts) if isinstance(node, ast.expr) else word


def sequent(line: str) -> tuple[Any, Any]:
    """``a, b |- c`` as ``(a, b)`` and ``c``."""
    context, _, goal = line.replace(" = ", " == ").replace(":=", ":").rpartition("|-")
    return formula(ast.parse(f"[{context}]", mode="eval").body)[1:], formula(ast.parse(goal.strip(), mode="eval").body)


def data(name: str) -> str:
    """The text of a file without its remarks."""
    return re.sub("#.*\n", "", Path(__file__).with_name(f"{name}.txt").read_text("ascii"))


def ledger(name: str) -> dict[str, tuple[list[str], str, Any, Any]]:
    """The entries of a ledger, ``name(letters) [source]: needs |- says``, by their names."""
    entries = re.findall(r"(\w+)\((.*?)\)(?: \[(.*)\])?: (.*)", data(name))
    return {key: (re.findall(r"\w+", letters), source, *sequent(line)) for key, letters, source, line in entries}


def rules() -> dict[str, tuple[dict[str, Any], list[Any]]]:
    """The arguments of each rule with their kinds, and its forms: rows ``label: needs |- says``."""
    found = {}
    for head, body in re.findall(r"(\w.*)\n((?: .*\n)+)", data("rules")):
        signature: Any = ast.parse(f"def {head}: ...").body[0]
        args = {arg.arg: formula(arg.annotation) if arg.annotation else "theorem" for arg in signature.args.args}
        *shared, forms = body.split("  either\n")
        rows = [re.findall(r" +(?:(\w+): )?(.*)", "".join(shared) + form) for form in forms.split("  or\n")]
        found[signature.name] = args, [[(label, *sequent(line)) for label, line in form] for form in rows]
    return found


LEDGERS = {name: ledger(name) for name in ("facts", "identities", "derivatives", "functions")}
UNARY = [name for name, entry in LEDGERS["derivatives"].items() if len(entry[0]) == 1]


class Theorem(NamedTuple):
    """At every point that satisfies ``hyps`` holds what it ``says``; ``cites`` are the cited facts it rests on."""

    hyps: frozenset[Literal]
    says: tuple[Any, ...]
    cites: frozenset[str]


class Notation(Table):
    """Formulas, whose letters stand for terms, names, numbers, and what theorems are made of."""

    def value(self, form: Any, letters: dict[str, Any]) -> Any:
        """What a formula means."""
        if type(form) is Letter:
            return letters[form]
        if type(form) is not tuple:
            return form
        word, args = form[0], [self.value(part, letters) for part in form[1:]]
        if word in COLLECTIONS:
            return COLLECTIONS[word](args)
        if word in PLAIN and not any(isinstance(a, Term | str) for a in args):
            return PLAIN[word](*args)
        if word in NEGATION:
            return word, self.term(*args)
        if word[0].isupper():
            return word, *args
        if method := getattr(self, word, None):
            return method(*args)
        return self.make(*([word] if word in ("add", "mul", "pi", *UNARY) else ["app", word]), *map(self.term, args))

    def fit(self, pattern: Any, value: Any, letters: dict[str, Any]) -> None:
        """Let the new letters of a pattern stand for what makes it ``value``; refuse where nothing does."""
        match pattern:
            case Letter() if pattern == "_" or pattern not in letters:
                letters[pattern] = value
            case (("List" | "Tuple" | "Set"), *parts):
                self.fit_all(parts, value, letters)
            case "sub", a, b if type(value) is Term:
                need(value[0] == "add" and value[2][:2] == ("mul", self.minus), "no difference")
                self.fit_all([a, b], (value[1], value[2][2]), letters)
            case word, *_ if word[0].isupper() or word in NEGATION:
                self.fit_all(pattern, value, letters)
            case _:
                found = self.value(pattern, letters)
                need(value == (self.term(found) if type(value) is Term else found), "something else is said")

    def fit_all(self, patterns: Any, values: Any, letters: dict[str, Any]) -> None:
        """Fit several patterns to as many values, in order."""
        need(isinstance(values, tuple | frozenset) and len(values) == len(patterns), "too few or too many")
        for pattern, value in zip(patterns, values, strict=True):
            self.fit(pattern, value, letters)
