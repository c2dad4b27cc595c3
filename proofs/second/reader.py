"""Reading certificates: one byte form, every line replayed, nothing left over."""

import hashlib
import json
import re
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple, get_args, get_origin

from .ledger import PRIMITIVES, ledger
from .reasoning import Local, Side, Theorem
from .rules import Name, Rules, Slope, Support, Vary
from .table import NEGATION, Literal, Refused, Term, need

HEADER = re.compile(rb'\{"format":1,"spec":"([0-9a-f]{64})"\}')
LINE = re.compile(rb'\{"n":(0|[1-9][0-9]*+),(?:"term":(\[.*\])|"rule":"([a-z_]+)","args":(\[.*\]))\}')
TRAILER = re.compile(rb'\{"claims":(\[.*\]),"lines":(0|[1-9][0-9]*+)\}')
TOKENS = re.compile(rb'(?:[][,]|null|0|-?[1-9][0-9]*+|"[A-Za-z0-9_/<>=!+-]*+")++')
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)
RATIO = re.compile(r"0|-?[1-9][0-9]*+(?:/[1-9][0-9]*+)?", re.ASCII)
MAX_BYTES, MAX_LINE, MAX_DIGITS, MAX_POWER, MAX_INT = 10**8, 10**6, 2000, 4096, 10**6
ARITY = {
    "rat": 1,
    "pi": 0,
    "var": 1,
    "d": 1,
    "add": 2,
    "mul": 2,
    "pow": 2,
    "cond": 4,
    **dict.fromkeys(ledger(PRIMITIVES), 1),
}
RULES = {name: rule for name, rule in vars(Rules).items() if not name.startswith("_")}


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
        self.prints: dict[Term, str] = {}

    def at(self, value: Any, kind: type) -> Any:
        """The earlier line with this number, a term or a theorem."""
        need(
            type(value) is int and 0 <= value < len(self.items) and type(self.items[value]) is kind,
            f"no earlier {kind.__name__}",
        )
        self.used.add(value)
        return self.items[value]

    def theorem(self, value: Any, kind: Any = Theorem) -> Theorem:
        """An earlier theorem of this kind, on which the step then rests."""
        th: Theorem = self.at(value, Theorem)
        need(kind in (Theorem, th.says[0]), f"not a theorem of the kind {kind.__name__}")
        self.given.append(th)
        return th

    def leaf(self, form: Any, value: Any) -> Any:
        """An argument that is no collection."""
        if form is Term:
            return self.at(value, Term)
        if form is int:
            need(type(value) is int and abs(value) <= MAX_INT, "not a small integer")
            return value
        if form is Slope and value not in ("+oo", "-oo"):
            return self.at(value, Term)
        if form is Fraction:
            need(
                type(value) is str and RATIO.fullmatch(value) and len(value) <= 2 * MAX_DIGITS, "not a rational number"
            )
            need(all(len(part) <= MAX_DIGITS for part in value.split("/")), "too many digits")
            q = Fraction(*map(int, value.split("/")))
            need(str(q) == value, "not in lowest terms")
            return q
        if form is Name:
            need(type(value) is str and NAME.fullmatch(value), "not a name")
        need(type(value) is str, "not a text")
        return value

    def step(self, name: str, args: Any) -> Theorem:
        """The theorem that a rule makes of its arguments."""
        self.given, self.picked, self.support, self.cited, self.spent = [], [], {}, set(), 0
        need(name in RULES, "no such rule")
        result = RULES[name](self, *reader(signature(name))(self, args))
        says, hyps = result if type(result[0]) is tuple else (result, None)
        premises = [*self.given, *self.picked]
        hyps = frozenset().union(*(th.hyps for th in premises)) if hyps is None else frozenset(hyps)
        need(not any(self.moving[t] for _, t in hyps), "a tangent occurs in a hypothesis")
        return Theorem(hyps, says, frozenset(self.cited).union(*(th.cites for th in premises)))

    def term(self, op: Any, *args: Any) -> Term:
        """The term on a line."""
        need(type(op) is str and (op == "app" or ARITY.get(op) == len(args)), "no such operation")
        if op == "app":
            need(len(args) > 1, "no operands")
            return self.make(op, self.leaf(Name, args[0]), *(self.at(a, Term) for a in args[1:]))
        if op == "cond":
            return self.make(op, *reader(Literal)(self, list(args[:2])), *(self.at(a, Term) for a in args[2:]))
        if op == "pow":
            need(2 <= self.leaf(int, args[1]) <= MAX_POWER, "the exponent is out of range")
            return self.make(op, self.at(args[0], Term), args[1])
        form = {"rat": Fraction, "var": Name, "d": Name}.get(op, Term)
        return self.make(op, *(self.leaf(form, a) for a in args))

    def fingerprint(self, root: Term) -> str:
        """The sha256 of the lines of a term, as it would be written alone."""
        lines: list[str] = []

        def line(t: Term, parts: list[int]) -> int:
            numbers = iter(parts)
            row = [next(numbers) if type(a) is Term else str(a) if type(a) is Fraction else a for a in self.rows[t]]
            lines.append(json.dumps(row, separators=(",", ":")) + "\n")
            return len(lines) - 1

        self.fold(root, lambda t: self.below[t], line)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def subjects(self, th: Theorem) -> list[Term]:
        """The term that a theorem is about, if it is about one."""
        return [part for part in th.says if type(part) is Term][:1]

    def plain(self, thing: Any) -> Any:
        """What a theorem or a part of it says, in lists and texts: a term is its fingerprint, a set is in order."""
        if type(thing) is Term:
            if thing not in self.prints:
                self.prints[thing] = self.fingerprint(thing)
            return self.prints[thing]
        if isinstance(thing, tuple | frozenset):
            parts = [self.plain(part) for part in thing]
            return sorted(parts) if isinstance(thing, frozenset) else parts
        return getattr(thing, "__name__", thing)


@cache
def signature(name: str) -> Any:
    """The forms of the arguments of a rule."""
    return tuple[tuple(form for name, form in RULES[name].__annotations__.items() if name != "return")]  # type: ignore[misc]


@cache
def reader(form: Any) -> Callable[[Checker, Any], Any]:
    """How an argument of this form is read."""
    inner, origin = get_args(form), get_origin(form)
    if form == Literal:
        return lambda k, v: (relation(array(v, 2)[0]), k.at(v[1], Term))
    if origin is tuple:
        parts = [reader(f) for f in inner]
        return lambda k, v: tuple(part(k, a) for part, a in zip(parts, array(v, len(parts)), strict=True))
    if origin is list:
        each = reader(inner[0])
        return lambda k, v: [each(k, a) for a in array(v)]
    if origin is dict:
        each = reader(inner[1])
        return lambda k, v: dict(
            zip(names(k, [array(a, 2)[0] for a in array(v)]), [each(k, a[1]) for a in v], strict=True)
        )
    if type(None) in inner:
        some = reader(inner[0])
        return lambda k, v: None if v is None else some(k, v)
    if form is Vary:
        return lambda k, v: frozenset(names(k, array(v)))
    if form is Support:
        return support
    if form is Theorem or getattr(form, "__supertype__", None) is Theorem:
        return lambda k, v: k.theorem(v, form)
    return lambda k, v: k.leaf(form, v)


def relation(value: Any) -> str:
    need(type(value) is str and value in NEGATION, "not a comparison with 0")
    return str(value)


def array(value: Any, length: int | None = None) -> list[Any]:
    need(type(value) is list and length in (None, len(value)), "not an array of the right length")
    return list(value)


def names(k: Checker, values: list[Any]) -> list[str]:
    found = [k.leaf(Name, v) for v in values]
    need(found == sorted(set(found)), "names are not in order")
    return found


def support(k: Checker, value: Any) -> None:
    """The theorems that a rule may pick from: a later one with the same conclusion counts."""
    for th in [k.at(v, Theorem) for v in array(value)]:
        k.support[th.says[: {Local: 3, Side: 4}.get(th.says[0], len(th.says))]] = th


def parse(data: bytes) -> list[Any]:
    """The array on a line; only what is written canonically is read."""
    need(TOKENS.fullmatch(data), "not canonical")
    try:
        found = array(json.loads(data.decode("ascii")))
    except (ValueError, RecursionError):
        raise Refused("not an array") from None
    need(found, "an empty array")
    return found


def match(pattern: re.Pattern[bytes], line: bytes, what: str) -> re.Match[bytes]:
    """The match of a whole line."""
    found = pattern.fullmatch(line) if len(line) <= MAX_LINE else None
    if found is None:
        raise Refused(f"not {what}, or too long")
    return found


def check(data: bytes) -> tuple[Checker, Certificate]:
    """Replay a certificate; raises :class:`Refused` with the line and the rule."""
    k, at, rule, known = Checker(), 1, "", set[bytes]()
    try:
        need(len(data) <= MAX_BYTES and data.count(b"\n") > 1 and data.endswith(b"\n"), "too long, or cut short")
        header, *lines, trailer = data[:-1].split(b"\n")
        spec = match(HEADER, header, "a header of format 1")[1].decode()
        for at, line in enumerate(lines, 2):
            rule = ""
            number, term, name, args = match(LINE, line, "a line").groups()
            need(number == b"%d" % (at - 2), "not numbered as it should be")
            body = line.partition(b",")[2]
            need(body not in known, "written before")
            known.add(body)
            rule = "" if name is None else name.decode()
            k.items.append(k.term(*parse(term)) if name is None else k.step(rule, parse(args)))
        at, rule = len(lines) + 2, ""
        listed, counted = match(TRAILER, trailer, "a trailer").groups()
        need(counted == b"%d" % len(lines), "another number of lines is counted")
        numbers = parse(listed)
        claims = [k.theorem(n) for n in numbers]
        need(numbers == sorted(set(numbers)), "claims are not in order, or stand twice")
        need(len(k.used) == len(k.items), "a line is never used")
    except Refused as error:
        error.line, error.rule = at, rule
        raise
    return k, Certificate(spec, claims, len(lines))
