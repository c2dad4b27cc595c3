"""Certificates altered by one step: another number, relation, operator, premise, piece, witness, rule, claim.

:func:`mutations` lists every alteration of a certificate; each is made only when asked for.  What an alteration leaves
unused is taken out and the lines are numbered anew, so that a mutant is refused for what it says and not for its
book-keeping; alterations of the book-keeping itself are listed too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple, get_args, get_origin

from hasderiv.proofs.second.ledger import FACTS, IDENTITIES, TAYLOR, ledger
from hasderiv.proofs.second.reader import ARITY, RULES, check, signature
from hasderiv.proofs.second.reasoning import Theorem
from hasderiv.proofs.second.rules import Key, Name, Slope, Support, Vary
from hasderiv.proofs.second.table import NEGATION, Literal, Term

SUPPORT = list[Theorem]
Row = tuple[str, ...]  # pieces of the text of a line; between them stand the numbers of ``refs``


class Ref(int):
    """The number of a line that another line refers to."""


class Mutation(NamedTuple):
    """What is altered in which line (from 1), and the certificate that comes of it."""

    line: int
    what: str
    make: Callable[[], bytes]


class Proof:
    """A certificate in parts: ``rows`` by number, ``["term", ...]`` or ``[rule, arguments]``, with ``Ref`` inside."""

    def __init__(self, data: bytes) -> None:
        first, *lines, last = map(json.loads, data.splitlines())
        self.spec, self.claims, self.count = first["spec"], [Ref(c) for c in last["claims"]], last["lines"]
        self.rows: list[list[Any]] = [
            ["term", _refs(("term", *line["term"]))[1:]]
            if "term" in line
            else [line["rule"], _typed(signature(line["rule"]), line["args"])]
            for line in lines
        ]
        self.kinds = [item.says[0] if type(item) is Theorem else Term for item in check(data)[0].items]

    def with_row(self, at: int, row: list[Any], before: list[list[Any]] | None = None) -> bytes:
        """The certificate with another line ``at`` that number, and new ones before it, numbered from ``len(rows)``."""
        rows = {n: r for n, r in enumerate(self.rows)} | {at: row}
        new = range(len(self.rows), len(self.rows) + len(before or []))
        rows |= dict(zip(new, before or [], strict=True))
        return self.write(rows, [*range(at), *new, *range(at, len(self.rows))], self.claims)

    def write(self, rows: dict[int, list[Any]], order: list[int], needs: list[Ref], **other: Any) -> bytes:
        """The bytes of what the claims need, of two lines that say the same the first."""
        needed, stack = set[int](), [int(c) for c in needs]
        while stack:
            n = stack.pop()
            if n not in needed:
                needed.add(n)
                stack += _inside(rows[n]) if n in rows else []
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
        listed = sorted({merged.get(int(c), int(c)) for c in needs})
        head = {"format": 1, "spec": self.spec} | {k: v for k, v in other.items() if k in ("format", "spec")}
        tail = {"claims": other.get("claims", listed), "lines": other.get("lines", len(texts))}
        lines = [_text(head), *(f'{{"n":{n},{text}}}' for n, text in enumerate(texts)), _text(tail)]
        return "".join(line + "\n" for line in lines).encode("ascii")


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _refs(term: tuple[Any, ...]) -> list[Any]:
    """The row of a term, with its operands marked as such."""
    op, *args = term[1:]
    plain = {"rat": 1, "var": 1, "d": 1, "app": 1, "cond": 1}.get(op, 0)
    marked = [a if i < plain or (op == "pow" and i == 1) else Ref(a) for i, a in enumerate(args)]
    return [term[0], op, *marked]


def _typed(form: Any, value: Any) -> Any:
    """Arguments with the numbers of lines marked as such."""
    inner = get_args(form)
    if form == Literal:
        return [value[0], Ref(value[1])]
    if form is Support:
        return [Ref(v) for v in value]
    if get_origin(form) is tuple:
        return [_typed(f, v) for f, v in zip(inner, value, strict=True)]
    if get_origin(form) is list:
        return [_typed(inner[0], v) for v in value]
    if get_origin(form) is dict:
        return [[k, _typed(inner[1], v)] for k, v in value]
    if type(None) in inner:
        return None if value is None else _typed(inner[0], value)
    return Ref(value) if type(value) is int and form is not int else value


def _inside(value: Any) -> list[int]:
    if type(value) is Ref:
        return [int(value)]
    return [n for v in value for n in _inside(v)] if isinstance(value, list) else []


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
        for n in _inside(self.proof.rows[ref][1])[:1]:
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

    def changes(self, form: Any, value: Any) -> Iterator[Change]:
        """Every alteration of an argument of this form."""
        inner, origin = get_args(form), get_origin(form)
        if form == Literal:
            yield from self._part(value, 0, ((f"{value[0]} -> {r}", r, []) for r in NEGATION if r != value[0]))
            yield from self._part(value, 1, self.term(value[1]))
        elif form is Support:
            yield from self.changes(SUPPORT, value)
        elif origin is tuple:
            for i, part in enumerate(inner):
                yield from self._part(value, i, self.changes(part, value[i]))
        elif origin is list:
            yield from self._order(value)
            for i, v in enumerate(value):
                yield from self._part(value, i, self.changes(inner[0], v))
        elif origin is dict:
            yield from self._order(value)
            for i, pair in enumerate(value):
                for what, new, rows in (
                    *self._part(pair, 0, self.name(pair[0])),
                    *self._part(pair, 1, self.changes(inner[1], pair[1])),
                ):
                    yield what, sorted([*value[:i], new, *value[i + 1 :]], key=lambda p: p[0]), rows
        elif type(None) in inner:
            if value is not None:
                yield "left out", None, []
            yield from self.theorem(value)
        elif form is Vary:
            for name in value:
                yield f"{name} does not vary", [v for v in value if v != name], []
            yield "z varies", sorted({*value, "z"}), []
        elif form is Term:
            yield from self.term(value)
        elif form is Slope:
            yield from ((f"slope {value} -> {s}", s, []) for s in ("+oo", "-oo") if s != value)
            yield from self.term(value) if type(value) is Ref else ()
        elif form is int:
            yield from ((f"{value} -> {n}", n, []) for n in {value + 1, value - 1, -value, 0} - {value})
        elif form is Fraction:
            yield from self.number(value)
        elif form is Name:
            yield from self.name(value)
        elif form is Key:
            known = sorted([*ledger(FACTS), *TAYLOR, *ledger(IDENTITIES)])
            at = known.index(value)
            yield from ((f"{value} -> {k}", k, []) for k in {known[at - 1], known[(at + 1) % len(known)]})
        else:
            yield from self.theorem(value)

    def name(self, name: str) -> Iterator[Change]:
        """Another name."""
        return ((f"{name} -> {n}", n, []) for n in ("x", "y", "z") if n != name)

    def number(self, text: str) -> Iterator[Change]:
        """Another number."""
        q = Fraction(text)
        for new in dict.fromkeys((-q, q + 1, 2 * q, q / 3, Fraction(0))):
            if new != q:
                yield f"{text} -> {new}", str(new), []

    def _part(self, value: list[Any], i: int, changes: Iterator[Change]) -> Iterator[Change]:
        for what, new, rows in changes:
            yield what, [*value[:i], new, *value[i + 1 :]], rows

    def _order(self, value: list[Any]) -> Iterator[Change]:
        for i, v in enumerate(value):
            yield f"item {i} dropped", [*value[:i], *value[i + 1 :]], []
            if i and value[i - 1] != v:
                yield f"items {i - 1} and {i} swapped", [*value[: i - 1], v, value[i - 1], *value[i + 1 :]], []
        if value:
            yield "item 0 twice", [value[0], *value], []

    def operation(self, row: list[Any]) -> Iterator[Change]:
        """Alterations of the row of a term."""
        op, *args = row
        for other in ARITY:
            if (
                other != op
                and ARITY.get(op) == ARITY[other]
                and (op in ("add", "mul") or op in _PRIMITIVE)
                and other in (("add", "mul") if op in ("add", "mul") else _PRIMITIVE)
            ):
                yield f"{op} -> {other}", [other, *args], []
        if len(args) > 1 and all(type(a) is Ref for a in args[-2:]) and args[-1] != args[-2]:
            yield "operands swapped", [op, *args[:-2], args[-1], args[-2]], []
        for i, a in enumerate(args, 1):
            if type(a) is Ref:
                changes = self.term(a)
            elif op == "rat":
                changes = self.number(a)
            elif op == "cond":
                changes = ((f"{a} -> {r}", r, []) for r in NEGATION if r != a)
            elif op == "pow":
                changes = ((f"{a} -> {n}", n, []) for n in (a - 1, a + 1, 2 * a))
            else:
                changes = self.name(a)
            yield from self._part(row, i, changes)


_PRIMITIVE = ("inv", "exp", "log", "sin", "cos", "atan", "erf", "sqrt", "floor")


def mutations(data: bytes) -> Iterator[Mutation]:
    """Every alteration of a certificate, from its first line to its last."""
    proof = Proof(data)
    rows = dict(enumerate(proof.rows))
    order = list(rows)

    def whole(line: int, what: str, needs: list[Ref], **other: Any) -> Mutation:
        return Mutation(line, what, lambda: proof.write(rows, order, needs, **other))

    yield whole(1, "another fingerprint", proof.claims, spec=proof.spec[::-1])
    yield whole(1, "another format", proof.claims, format=2)
    for at, (name, body) in rows.items():
        mutator = Mutator(proof, at)
        changes = mutator.operation(body) if name == "term" else mutator.changes(signature(name), body)
        for what, new, before in changes:
            yield Mutation(
                at + 2, f"{name}: {what}", lambda at=at, new=[name, new], before=before: proof.with_row(at, new, before)
            )  # type: ignore[misc]
        if name != "term":
            for other in RULES:
                if other != name and len(signature(other).__args__) == len(signature(name).__args__):
                    yield Mutation(
                        at + 2, f"{name} -> {other}", lambda at=at, new=[other, body]: proof.with_row(at, new)
                    )  # type: ignore[misc]
            yield Mutation(at + 2, f"{name}: no arguments", lambda at=at, new=[name, []]: proof.with_row(at, new))  # type: ignore[misc]
    last = len(rows) + 2
    for i, claim in enumerate(proof.claims):
        if len(proof.claims) > 1:
            yield whole(last, f"claim {claim} dropped", [*proof.claims[:i], *proof.claims[i + 1 :]])
        yield whole(last, f"claim {claim} twice", proof.claims, claims=sorted([*map(int, proof.claims), int(claim)]))
    for n, kind in enumerate(proof.kinds):
        if kind is not Term and n not in proof.claims:
            yield whole(last, f"claim {n} added", [*proof.claims, Ref(n)])
    yield whole(last, "a line less counted", proof.claims, lines=len(rows) - 1)
