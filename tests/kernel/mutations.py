"""Certificates altered by one step: another number, relation, operator, premise, piece, witness, rule, claim.

:func:`mutations` lists every alteration of a certificate; each is made only when asked for.  What an alteration leaves
unused is taken out and the lines are numbered anew, so that a mutant is refused for what it says and not for its
book-keeping; alterations of the book-keeping itself are listed too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from hasderiv.proofs.kernel.certificate import replay
from hasderiv.proofs.kernel.cited import IDENTITIES
from hasderiv.proofs.kernel.facts import LEDGER
from hasderiv.proofs.kernel.terms import Term

from .forms import ARGUMENTS, OPERANDS, PRIMITIVES, RELATIONS, Form, Many, Maybe, Named, Row

KEYS = sorted({*LEDGER, *IDENTITIES})


class Ref(int):
    """The number of a line that another line refers to."""


class Mutation(NamedTuple):
    """What is altered in which line (from 1), and the certificate that comes of it.

    Where one row is altered, ``row`` is what it becomes, and ``before`` the new rows that it needs.
    """

    line: int
    what: str
    make: Callable[[], bytes]
    row: list[Any] | None = None
    before: list[list[Any]] = []  # noqa: RUF012 (never changed)

    @property
    def at(self) -> int:
        """The number of the altered row."""
        return self.line - 2


class Proof:
    """A certificate in parts: ``rows`` by number, ``["term", ...]`` or ``[rule, arguments]``, with ``Ref`` inside."""

    def __init__(self, data: bytes) -> None:
        first, *lines, last = map(json.loads, data.splitlines())
        self.format = first["format"]
        self.spec, self.claims, self.count = first["spec"], [Ref(c) for c in last["claims"]], last["lines"]
        self.rows: list[list[Any]] = [
            ["term", _operands(line["term"])]
            if "term" in line
            else [line["rule"], marked(Row(ARGUMENTS[line["rule"]]), line["args"])]
            for line in lines
        ]
        steps = [n for n, row in enumerate(self.rows) if row[0] != "term"]
        proved = replay(self.write(dict(enumerate(self.rows)), range(len(self.rows)), map(Ref, steps))).claims
        self.theorems = dict(zip(steps, proved, strict=True))
        self.kinds = [type(self.theorems[n].conclusion) if n in self.theorems else Term for n in range(len(self.rows))]

    def with_row(self, at: int, row: list[Any], before: list[list[Any]], claims: Iterable[int] | None = None) -> bytes:
        """The certificate with another line ``at`` that number, and new ones before it, numbered from ``len(rows)``."""
        rows = {n: r for n, r in enumerate(self.rows)} | {at: row}
        new = range(len(self.rows), len(self.rows) + len(before))
        rows |= dict(zip(new, before, strict=True))
        return self.write(
            rows, [*range(at), *new, *range(at, len(self.rows))], self.claims if claims is None else claims
        )

    def write(self, rows: dict[int, list[Any]], order: Iterable[int], needs: Iterable[int], **other: Any) -> bytes:
        """The bytes of what the claims need, of two lines that say the same the first."""
        needs = [int(c) for c in needs]
        needed, stack = set[int](), list(needs)
        while stack:
            n = stack.pop()
            if n not in needed:
                needed.add(n)
                stack += refs(rows[n]) if n in rows else []
        number: dict[int, int] = {n: i for i, n in enumerate(n for n in order if n in needed)}
        known: dict[str, int] = {}
        texts: list[str] = []
        merged: dict[int, int] = {}
        for n in number:
            name, body = rows[n]
            body = _numbered(body, merged, number)
            text = f'"term":{_text(body)}' if name == "term" else f'"rule":"{name}","args":{_text(body)}'
            merged[n] = known.setdefault(text, len(texts))
            if merged[n] == len(texts):
                texts.append(text)
        listed = sorted({merged.get(c, c) for c in needs})
        head = {"format": self.format, "spec": self.spec} | {k: v for k, v in other.items() if k in ("format", "spec")}
        tail = {"claims": other.get("claims", listed), "lines": other.get("lines", len(texts))}
        lines = [_text(head), *(f'{{"n":{n},{text}}}' for n, text in enumerate(texts)), _text(tail)]
        return "".join(line + "\n" for line in lines).encode("ascii")


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _operands(row: list[Any]) -> list[Any]:
    """The row of a term, with its operands marked as such."""
    op, *args = row
    forms = OPERANDS.get(op, ())
    if len(forms) != len(args):
        forms = ("name", *["term"] * (len(args) - 1))
    return [op, *(Ref(a) if form == "term" else a for form, a in zip(forms, args, strict=True))]


def marked(form: Form, value: Any) -> Any:
    """Arguments with the numbers of lines marked as such."""
    match form:
        case "term" | "theorem":
            return Ref(value)
        case "slope" | "direction":
            return Ref(value) if type(value) is int else value
        case "literal":
            return [value[0], Ref(value[1])]
        case Row(parts):
            return [marked(f, v) for f, v in zip(parts, value, strict=True)]
        case Many(inner):
            return [marked(inner, v) for v in value]
        case Named(inner):
            return [[k, marked(inner, v)] for k, v in value]
        case Maybe(inner):
            return None if value is None else marked(inner, value)
    return value


def refs(value: Any) -> list[int]:
    """The numbers of lines in a row."""
    if type(value) is Ref:
        return [int(value)]
    return [n for v in value for n in refs(v)] if isinstance(value, list) else []


def _numbered(value: Any, merged: dict[int, int], number: dict[int, int]) -> Any:
    if type(value) is Ref:
        return merged.get(value, number.get(value, int(value)))
    return [_numbered(v, merged, number) for v in value] if isinstance(value, list) else value


Change = tuple[str, Any, list[list[Any]]]
"""What is altered, the new value, and the rows that have to be written before it."""


class Mutator:
    """Alterations of what stands in one line."""

    def __init__(self, proof: Proof, at: int) -> None:
        self.proof, self.at, self.fresh = proof, at, len(proof.rows)

    def earlier(self, fits: Callable[[Any], bool], but: int | None) -> list[int]:
        """The nearest earlier line of a kind."""
        found = (n for n in range(self.at - 1, -1, -1) if n != but and fits(self.proof.kinds[n]))
        return [n for n, _ in zip(found, range(1), strict=False)]

    def term(self, ref: Ref) -> Iterator[Change]:
        """Another term: the nearest earlier one, an operand, the negative, one more."""
        for n in self.earlier(lambda kind: kind is Term, ref):
            yield f"term {ref} -> {n}", Ref(n), []
        for n in refs(self.proof.rows[ref][1])[:1]:
            yield f"term {ref} -> its operand {n}", Ref(n), []
        for what, op, q in (("negated", "mul", "-1"), ("and 1", "add", "1")):
            number = ["term", ["rat", q]]
            yield f"term {ref} {what}", Ref(self.fresh + 1), [number, ["term", [op, Ref(self.fresh), ref]]]

    def theorem(self, ref: Ref | None) -> Iterator[Change]:
        """Another theorem: the nearest earlier one, that of the same kind, the line itself."""
        kind = None if ref is None else self.proof.kinds[ref]
        same, other = self.earlier(lambda k: k is kind, ref), self.earlier(lambda k: k is not Term, ref)
        for n in dict.fromkeys([*same, *other]):
            yield f"premise {ref} -> {n}", Ref(n), []
        yield f"premise {ref} -> the line itself", Ref(self.at), []

    def changes(self, form: Form, value: Any) -> Iterator[Change]:
        """Every alteration of an argument of this form."""
        match form:
            case "literal":
                yield from _part(value, 0, ((f"{value[0]} -> {r}", r, []) for r in RELATIONS if r != value[0]))
                yield from _part(value, 1, self.term(value[1]))
            case Row(parts):
                for i, part in enumerate(parts):
                    yield from _part(value, i, self.changes(part, value[i]))
            case Many(inner):
                yield from _order(value)
                for i, v in enumerate(value):
                    yield from _part(value, i, self.changes(inner, v))
            case Named(inner):
                yield from _order(value)
                for i, pair in enumerate(value):
                    renamed = _part(pair, 0, _names(pair[0]))
                    for what, new, rows in (*renamed, *_part(pair, 1, self.changes(inner, pair[1]))):
                        yield what, sorted([*value[:i], new, *value[i + 1 :]], key=lambda p: p[0]), rows
            case Maybe():
                if value is not None:
                    yield "left out", None, []
                yield from self.theorem(value)
            case "vary":
                for name in value:
                    yield f"{name} does not vary", [v for v in value if v != name], []
                yield "z varies", sorted({*value, "z"}), []
                yield "z/1 varies", sorted({*value, "z/1"}), []
            case "term":
                yield from self.term(value)
            case "slope":
                yield from ((f"slope {value} -> {s}", s, []) for s in ("+oo", "-oo") if s != value)
                yield from self.term(value) if type(value) is Ref else ()
            case "direction":
                yield from self.term(value) if type(value) is Ref else _numbers(value)
            case "binder":
                yield from ((f"{value} -> {op}", op, []) for op in ("sum", "max") if op != value)
            case "int":
                yield from ((f"{value} -> {n}", n, []) for n in {value + 1, value - 1, -value, 0} - {value})
            case "ratio":
                yield from _numbers(value)
            case "name":
                yield from _names(value)
            case "key":
                at = KEYS.index(value)
                yield from ((f"{value} -> {k}", k, []) for k in {KEYS[at - 1], KEYS[(at + 1) % len(KEYS)]})
            case _:
                yield from self.theorem(value)

    def operation(self, row: list[Any]) -> Iterator[Change]:
        """Alterations of the row of a term."""
        op, *args = row
        pairs = next((pair for pair in (("add", "mul"), ("sum", "max")) if op in pair), ())
        for other in pairs or PRIMITIVES if op in PRIMITIVES else ():
            if other != op:
                yield f"{op} -> {other}", [other, *args], []
        if len(args) > 1 and all(type(a) is Ref for a in args[-2:]) and args[-1] != args[-2]:
            yield "operands swapped", [op, *args[:-2], args[-1], args[-2]], []
        for i, a in enumerate(args, 1):
            if type(a) is Ref:
                changes = self.term(a)
            elif op == "rat":
                changes = _numbers(a)
            elif op == "cond":
                changes = iter([(f"{a} -> {r}", r, []) for r in RELATIONS if r != a])
            elif op in ("pow", "idx"):
                changes = iter([(f"{a} -> {n}", n, []) for n in (a - 1, a + 1, 2 * a)])
            else:
                changes = _names(a)
            yield from _part(row, i, changes)


def _names(name: str) -> Iterator[Change]:
    """Other names; of a family those of other families and another rank, and of a number."""
    _, slash, rank = name.partition("/")
    other = ["x", f"x/{rank}", f"y/{rank}", f"z/{int(rank) % 9 + 1}"] if slash else ["x", "y", "z"]
    return ((f"{name} -> {n}", n, []) for n in other if n != name)


def _numbers(text: str) -> Iterator[Change]:
    q = Fraction(text)
    for new in dict.fromkeys((-q, q + 1, 2 * q, q / 3, Fraction(0))):
        if new != q:
            yield f"{text} -> {new}", str(new), []


def _part(value: list[Any], i: int, changes: Iterator[Change]) -> Iterator[Change]:
    for what, new, rows in changes:
        yield what, [*value[:i], new, *value[i + 1 :]], rows


def _order(value: list[Any]) -> Iterator[Change]:
    for i, v in enumerate(value):
        yield f"item {i} dropped", [*value[:i], *value[i + 1 :]], []
        if i and value[i - 1] != v:
            yield f"items {i - 1} and {i} swapped", [*value[: i - 1], v, value[i - 1], *value[i + 1 :]], []
    if value:
        yield "item 0 twice", [value[0], *value], []


def mutations(data: bytes, proof: Proof | None = None) -> Iterator[Mutation]:
    """Every alteration of a certificate, from its first line to its last."""
    proof = proof or Proof(data)
    rows = dict(enumerate(proof.rows))

    def whole(line: int, what: str, needs: list[Ref], **other: Any) -> Mutation:
        return Mutation(line, what, partial(proof.write, rows, list(rows), needs, **other))

    def altered(at: int, what: str, row: list[Any], before: list[list[Any]]) -> Mutation:
        return Mutation(at + 2, what, partial(proof.with_row, at, row, before), row, before)

    yield whole(1, "another fingerprint", proof.claims, spec=proof.spec[::-1])
    yield whole(1, "another format", proof.claims, format=3)
    for at, (name, body) in rows.items():
        mutator = Mutator(proof, at)
        changes = mutator.operation(body) if name == "term" else mutator.changes(Row(ARGUMENTS[name]), body)
        for what, new, before in changes:
            yield altered(at, f"{name}: {what}", [name, new], before)
        if name != "term":
            for other in ARGUMENTS:
                if other != name and len(ARGUMENTS[other]) == len(ARGUMENTS[name]):
                    yield altered(at, f"{name} -> {other}", [other, body], [])
            yield altered(at, f"{name}: no arguments", [name, []], [])
    last = len(rows) + 2
    for i, claim in enumerate(proof.claims):
        if len(proof.claims) > 1:
            yield whole(last, f"claim {claim} dropped", [*proof.claims[:i], *proof.claims[i + 1 :]])
        yield whole(last, f"claim {claim} twice", proof.claims, claims=sorted([*map(int, proof.claims), int(claim)]))
    for n, kind in enumerate(proof.kinds):
        if kind is not Term and n not in proof.claims:
            yield whole(last, f"claim {n} in place of the claims", [Ref(n)])
    yield whole(last, "a line less counted", proof.claims, lines=len(rows) - 1)
