"""Reading certificates: one byte form, every line replayed, nothing left over."""

import ast
import functools
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from .notation import UNARY, Theorem, rules
from .rules import Rules
from .table import Refused, Term, Word, need

MAX_BYTES, MAX_LINE, MAX_TEXT = 10**8, 10**6, 4000
HEADER = re.compile(rb'\{"format":1,"spec":"([0-9a-f]{64})"\}')
RANGES = {"int": range(-(10**6), 10**6 + 1), "side": (-1, 1), "exponent": range(2, 4097), "order": range(1, 61)}
PATTERNS = {
    "name": re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}"),
    "key": re.compile(r"[a-z0-9_]+"),
    "relation": re.compile(r">=?|!?="),
    "rational": re.compile(r"(-[0-9]{1,1999}|[0-9]{1,2000})(/[1-9][0-9]{0,1999})?"),
}
TERMS = {"rat": "rational", "pi": "", "var": "name", "d": "name", **dict.fromkeys(UNARY, "term")}
TERMS |= {"add": "term term", "mul": "term term", "pow": "term exponent", "cond": "relation term term term"}
LITERAL = ast.Tuple([ast.Name("relation"), ast.Name("term")])
ABOUT = {"Local": 3, "Side": 4}  # how many parts of a conclusion tell what it is about; of others, all do
RULES = rules()
DECODER = json.JSONDecoder(object_pairs_hook=list)
CANONICAL = re.compile(rb'\{(?:[][,:]|null|0|-?[1-9][0-9]*+|"[A-Za-z0-9_/<>=!+-]*+")++\}')


class Certificate(NamedTuple):
    """What a certificate proves, and the fingerprint in its header."""

    spec: str
    claims: list[Theorem]
    steps: int


class Checker(Rules):
    """Reads one certificate; its terms are the rows of this table."""

    def __init__(self) -> None:
        super().__init__()
        self.items: list[Term | Theorem] = []
        self.used: set[int] = set()
        self.fingerprint = functools.cache(self.fingerprint)  # type: ignore[method-assign]

    def at(self, value: Any, kind: type) -> Any:
        """The earlier line with this number, a term or a theorem."""
        earlier = type(value) is int and 0 <= value < len(self.items)
        need(earlier and type(self.items[value]) is kind, f"no earlier {kind.__name__}")
        self.used.add(value)
        return self.items[value]

    def leaf(self, kind: str, value: Any) -> Any:
        """An argument that is no array."""
        if kind in RANGES:
            need(type(value) is int and value in RANGES[kind], f"not of the kind {kind}")
            return value
        if kind in PATTERNS:
            fits = type(value) is str and len(value) <= MAX_TEXT and PATTERNS[kind].fullmatch(value)
            found = value if not fits or kind != "rational" else Fraction(value) if "/" in value else int(value)
            need(fits and str(found) == value, f"not of the kind {kind}, or not in lowest terms")
            return found
        if kind == "slope" and value in ("+oo", "-oo"):
            return Word(value)
        found = self.at(value, Term if kind in ("term", "slope") else Theorem)
        if kind == "theorem":
            self.given.append(found)
        if kind == "supporting":
            self.support[found.says[: ABOUT.get(found.says[0], len(found.says))]] = found
        return found

    def read(self, kind: Any, value: Any) -> Any:
        """An argument of a kind as it stands in the rules."""
        match kind:
            case ast.Name(id=leaf) if leaf != "literal":
                return self.leaf(leaf, value)
            case ast.BinOp(left=some):  # ``some | None``
                return None if value is None else self.read(some, value)
        need(type(value) is list, "not an array")
        match kind:
            case ast.Name():
                return self.read(LITERAL, value)
            case ast.Tuple(elts=kinds):
                need(len(value) == len(kinds), "not an array of the right length")
                return tuple(map(self.read, kinds, value))
            case ast.List(elts=[each]):
                return tuple([self.read(each, v) for v in value])
            case ast.Set(elts=[name]):
                return frozenset(ordered([self.read(name, v) for v in value]))
        pairs = [self.read(ast.Tuple(kind.keys + kind.values), v) for v in value]
        return dict(zip(map(self.term, ordered([name for name, _ in pairs])), [part for _, part in pairs], strict=True))

    def step(self, rule: str, args: list[Any]) -> Theorem:
        """The theorem that a rule makes of its arguments."""
        need(rule in RULES, "no such rule")
        self.given, self.support, self.spent = [], {}, 0
        names, kinds, forms = RULES[rule]
        return self.conclude(forms, dict(zip(names, self.read(kinds, args), strict=True)))

    def made(self, op: str, args: list[Any]) -> Term:
        """The term on a line."""
        kinds = ["name", *["term"] * (len(args) - 1)] if op == "app" else TERMS.get(op, "-").split()
        need(len(args) == len(kinds) and (op != "app" or len(args) > 1), "no such operation")
        return self.make(op, *map(self.leaf, kinds, args))

    def fingerprint(self, root: Term) -> str:
        """The sha256 of the lines of a term, as it would be written alone."""
        lines: list[str] = []

        def number(t: Term, parts: list[int]) -> int:
            row = map(str, self.rows[t]) if self.rows[t][0] == "rat" else self.row(t, parts)
            lines.append(json.dumps([*row], separators=(",", ":")) + "\n")
            return len(lines) - 1

        self.fold(root, self.below.__getitem__, number)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def text(self, root: Term) -> str:
        """A term as ``(operation operand ...)``; what is longer than a line ends in dots."""

        def show(t: Term, parts: list[str]) -> str:
            whole = " ".join(map(str, self.row(t, parts)))
            return f"({whole if len(whole) < 200 else whole[:200] + '...'})"

        return self.fold(root, self.below.__getitem__, show)

    def plain(self, thing: Any, show: Callable[[Term], str] | None = None) -> Any:
        """What a theorem or a part of it says, in lists and texts: a term by its fingerprint, a set in order."""
        if type(thing) is Term:
            return (show or self.fingerprint)(thing)
        if isinstance(thing, tuple | frozenset):
            parts = [self.plain(part, show) for part in thing]
            return sorted(parts) if isinstance(thing, frozenset) else parts
        return thing


def ordered(names: Sequence[str]) -> Sequence[str]:
    """Names in order, none of them twice."""
    need(names == sorted(set(names)), "names are not in order")
    return names


def fields(line: bytes) -> list[tuple[str, Any]]:
    """The fields of the object on a line, which must be written canonically."""
    need(len(line) <= MAX_LINE and CANONICAL.fullmatch(line), f"longer than {MAX_LINE} bytes, or not canonical")
    try:
        return DECODER.decode(line.decode("ascii"))
    except (ValueError, RecursionError):
        raise Refused("not an object") from None


def check(data: bytes) -> tuple[Checker, Certificate]:
    """Replay a certificate; raises :class:`Refused` with the line and the rule."""
    k, at, rule, known = Checker(), 1, "", set[bytes]()
    try:
        need(len(data) <= MAX_BYTES and data.count(b"\n") > 1 and data.endswith(b"\n"), "too long, or cut short")
        first, *lines, last = data[:-1].split(b"\n")
        header = HEADER.fullmatch(first)
        need(header, "not a header of format 1")
        for at, line in enumerate(lines, 2):
            rule, body = "", line.removeprefix(b'{"n":%d,' % (at - 2))
            need(body not in known and len(body) < len(line), "written before, or not numbered as it should be")
            known.add(body)
            match fields(line):
                case [_, ("term", [str(op), *args])]:
                    k.items.append(k.made(op, args))
                case [_, ("rule", str(rule)), ("args", args)]:
                    k.items.append(k.step(rule, args))
                case _:
                    raise Refused("neither a term nor a step")
        at, rule = len(lines) + 2, ""
        counted = last.endswith(b',"lines":%d}' % len(lines))
        match fields(last):
            case [("claims", [*numbers]), ("lines", _)] if counted and numbers:
                claims = [k.at(n, Theorem) for n in numbers]
            case _:
                raise Refused("not a trailer, or another number of lines is counted")
        need(numbers == sorted(set(numbers)), "claims are not in order, or stand twice")
        need(len(k.used) == len(k.items), "a line is never used")
    except Refused as error:
        raise type(error)(": ".join(filter(None, [f"line {at}", rule, str(error)]))) from None
    return k, Certificate(header[1].decode(), claims, len(lines))
