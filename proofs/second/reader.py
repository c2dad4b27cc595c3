"""Reading certificates: one byte form, every line replayed, nothing left over."""

import hashlib
import json
import re
from fractions import Fraction
from typing import Any

from .notation import UNARY, Theorem, rules
from .rules import Rules
from .search import ABOUT
from .table import BINDERS, Refused, Term, Word, fold, need, remade

# MAX_KEPT: what a step cost at most whose polynomials are kept for those that follow
MAX_BYTES, MAX_LINES, MAX_LINE, MAX_HYPS, MAX_TEXT, MAX_KEPT = 10**8, 5 * 10**6, 10**6, 5 * 10**6, 4000, 1000
RANGES = {"int": range(10**6), "depth": range(64), "side": (-1, 1), "exponent": range(2, 4097), "order": range(1, 61)}
PATTERNS = {"name": "[A-Za-z][A-Za-z0-9_]{0,63}", "key": "[a-z0-9_]+", "relation": ">=?|!?=", "hash": "[0-9a-f]{64}"}
PATTERNS |= {"rational": "(-[0-9]{1,1999}|[0-9]{1,2000})(/[1-9][0-9]{0,1999})?"}
PATTERNS |= {"symbol": PATTERNS["name"] + "(/[1-9])?"}
TERMS = {"rat": "rational", "pi": "", "idx": "depth", **dict.fromkeys(UNARY, "open")}
TERMS |= dict.fromkeys(("add", "mul", *BINDERS), "open open")
TERMS |= {"pow": "open exponent", "cond": "relation open open open"}
NAMED = {"var": range(1, 11), "d": range(1, 11), "app": range(2, 10**6)}  # how many operands, the name being the first
INFINITE = {"+oo": (Word("Infinity"), 1), "-oo": (Word("Infinity"), -1)}
RULES = rules()
ENCODE = json.JSONEncoder(separators=(",", ":")).encode


def ordered(names: list[Any]) -> list[Any]:
    """Names in order, none of them twice."""
    need(names == sorted(set(names)), "not in order, or twice")
    return names


class Checker(Rules):
    """Reads one certificate: terms and theorems by number, in the end the ``claims`` and the ``spec`` of the header."""

    def __init__(self) -> None:
        super().__init__()
        self.items: list[Term | Theorem] = []
        self.used: set[int] = set()

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
            fits = type(value) is str and len(value) <= MAX_TEXT and re.fullmatch(PATTERNS[kind], value)
            found = value if not fits or kind != "rational" else Fraction(value) if "/" in value else int(value)
            need(fits and str(found) == value, f"not of the kind {kind}, or not in lowest terms")
            return found
        if kind == "slope" and type(value) is str and value in INFINITE:
            return INFINITE[value]
        if kind == "direction":
            return self.leaf("rational" if type(value) is str else "open", value)
        found = self.at(value, Term if kind in ("term", "slope", "open") else Theorem)
        need(kind not in ("term", "slope") or not found.loose, "a loose index")
        if kind == "theorem":
            self.given.append(found)
        if kind == "supporting":
            self.support[found.says[: ABOUT.get(found.says[0])]] = found
        return found

    def read(self, kind: Any, value: Any) -> Any:
        """An argument of a kind as it stands in the rules."""
        match kind:
            case "literal":
                return self.read(("Tuple", "relation", "term"), value)
            case str():
                return self.leaf(kind, value)
            case "BitOr", some, None:
                return None if value is None else self.read(some, value)
        need(type(value) is list, "not an array")
        match kind:
            case "Tuple", *kinds:
                need(len(value) == len(kinds), "not an array of the right length")
                return tuple([self.read(*pair) for pair in zip(kinds, value, strict=True)])
            case "List", each:
                return tuple([self.read(each, v) for v in value])
            case "Set", name:
                return frozenset(ordered([self.read(name, v) for v in value]))
        pairs = [self.read(("Tuple", *kind[1:]), v) for v in value]
        return dict(zip(ordered([name for name, _ in pairs]), [part for _, part in pairs], strict=True))

    def step(self, rule: str, args: list[Any]) -> Theorem:
        """The theorem that a rule makes of its arguments."""
        need(rule in RULES, "no such rule")
        self.normals = self.normals if self.spent < MAX_KEPT else {}
        self.given, self.support, self.spent = [], {}, 0
        kinds, forms = RULES[rule]
        return self.conclude(forms, dict(zip(kinds, self.read(("Tuple", *kinds.values()), args), strict=True)))

    def made(self, op: str, args: list[Any]) -> Term:
        """The term on a line."""
        need(op in TERMS or len(args) in NAMED.get(op, ()), "no such operation")
        kinds = TERMS.get(op, "name" + " open" * (len(args) - 1)).split()
        return self.make(op, *self.read(("Tuple", *kinds), args))

    def fingerprint(self, root: Term) -> str:
        """The sha256 of the lines of a term, as it would be written alone."""
        lines: list[str] = []

        def number(t: Term, parts: list[int]) -> int:
            lines.append(ENCODE([str(a) if t[0] == "rat" else a for a in remade(t, parts)]) + "\n")
            return len(lines) - 1

        fold(root, lambda t: t.below, number)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def plain(self, thing: Any) -> Any:
        """What a theorem or a part of it says, in lists and texts: a term by its fingerprint, a set in order."""
        if type(thing) is Term:
            return self.fingerprint(thing)
        if isinstance(thing, frozenset):
            return sorted(map(self.plain, thing))
        if thing in INFINITE.values():
            return "+oo" if thing[1] > 0 else "-oo"
        return [self.plain(part) for part in thing] if isinstance(thing, tuple) else thing


def check(data: bytes) -> Checker:
    """Replay a certificate; raises :class:`Refused` with the line and the rule."""
    k, at, rule, known, assumed = Checker(), 0, "", set[bytes](), 0
    try:
        need(len(data) <= MAX_BYTES and data.endswith(b"\n"), "too long, or cut short")
        need(1 < data.count(b"\n") <= MAX_LINES, "too many lines, or too few")
        *lines, last = data[:-1].split(b"\n")
        for at, line in enumerate([*lines, last], 1):
            rule, body = "", line.partition(b",")[2]
            need(len(line) <= MAX_LINE and body not in known, f"longer than {MAX_LINE} bytes, or written before")
            known.add(body)
            match json.loads(line.decode("ascii")):
                case {"spec": spec} if at == 1:
                    k.spec = k.leaf("hash", spec)
                    form = {"format": 2 if line.startswith(b'{"format":2') else 1, "spec": k.spec}
                case {"term": [str(op), *args]} if 1 < at <= len(lines):
                    form = {"n": at - 2, "term": [op, *args]}
                    k.items.append(k.made(op, args))
                case {"rule": str(rule), "args": [*args]} if 1 < at <= len(lines):
                    form = {"n": at - 2, "rule": rule, "args": args}
                    k.items.append(th := k.step(rule, args))
                    assumed += len(th.hyps)
                    need(assumed <= MAX_HYPS, f"more than {MAX_HYPS} hypotheses in all")
                case {"claims": [_, *_] as numbers} if at > len(lines):
                    form = {"claims": numbers, "lines": len(k.items)}
                    k.claims, k.steps = [k.at(n, Theorem) for n in numbers], len(k.items)
                    need(ordered(numbers) and len(k.used) == len(k.items), "a line is never used")
                case _:
                    raise Refused("neither a term nor a step, or not in its place")
            need(ENCODE(form).encode() == line, "not in canonical form, or numbered otherwise")
    except (Refused, ValueError, RecursionError, MemoryError) as error:
        kind = type(error) if isinstance(error, Refused) else Refused
        raise kind(": ".join(filter(None, [f"line {at}", rule, str(error)]))) from None
    return k
