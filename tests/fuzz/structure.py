"""Random changes of a certificate that follow its structure: rows, references, rules and their arguments.

Bytes changed at random hardly get past the reader.  Here a certificate is read as rows, some are changed, made up from
the grammar or taken from another certificate, and what comes out is numbered, counted and claimed as it should be.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from ..kernel.forms import ARGUMENTS, OPERANDS, PRIMITIVES, RELATIONS, Form, Many, Maybe, Named, Row
from ..kernel.mutations import KEYS, Ref, marked, refs

FUNCTIONS = ("gamma", "digamma", "polygamma", "beta", "besselj", "erfinv", "nothing")
NAMES = ("x", "y", "z", "h", "eps", "n", "alpha")
RATIOS = ("0", "1", "-1", "2", "1/2", "-3/7", "9" * 40, "1/" + "9" * 40, "9" * 2000)
STRANGE: tuple[Any, ...] = (None, True, -1, 0, 10**6, 10**30, 1.5, "", "x", "-0", "1/0", "2/4", "\u00b2", [], {}, [[]])
HEADER = {"format": 1, "spec": "0" * 64}

Rows = list[list[Any]]


def read(data: bytes) -> tuple[dict[str, Any], Rows, list[int]] | None:
    """The header, the rows with their references marked, and the claims; None for what has no such form."""
    try:
        header, *lines, trailer = map(json.loads, data.splitlines())
        rows = [["term", line["term"]] if "term" in line else [line["rule"], line["args"]] for line in lines]
        return header, [_marked(row) for row in rows], [c for c in trailer["claims"] if type(c) is int]
    except (ValueError, TypeError, KeyError, RecursionError, IndexError, AttributeError):
        return None


def _marked(row: list[Any]) -> list[Any]:
    name, body = row
    try:
        if name == "term":
            forms = OPERANDS.get(body[0], ())
            if len(forms) != len(body) - 1:
                forms = ("name", *["term"] * (len(body) - 2))
            return [name, [body[0], *(marked(f, v) for f, v in zip(forms, body[1:], strict=True))]]
        return [name, marked(Row(ARGUMENTS[name]), body)]
    except (ValueError, TypeError, KeyError, IndexError):
        return row


def write(header: dict[str, Any], rows: Rows, claims: list[int]) -> bytes:
    """The certificate of the rows that the claims need, numbered and counted; of equal rows only the first stands."""
    needed, stack = set[int](), [c for c in claims if 0 <= c < len(rows)]
    while stack:
        n = stack.pop()
        if n not in needed:
            needed.add(n)
            stack += [r for r in refs(rows[n]) if 0 <= r < len(rows)]
    number: dict[int, int] = {}
    texts: dict[str, int] = {}
    for n in sorted(needed):
        name, body = rows[n]
        text = _text(_renumbered(body, number))
        text = f'"term":{text}' if name == "term" else f'"rule":{_text(name)},"args":{text}'
        number[n] = texts.setdefault(text, len(texts))
    listed = sorted({number[c] for c in claims if c in number})
    lines = [_text(header), *(f'{{"n":{n},{text}}}' for text, n in texts.items())]
    return "\n".join([*lines, _text({"claims": listed, "lines": len(texts)}), ""]).encode("ascii")


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _renumbered(value: Any, number: dict[int, int]) -> Any:
    if type(value) is Ref:
        return number.get(value, int(value))
    return [_renumbered(v, number) for v in value] if isinstance(value, list) else value


class Mutator:
    """One random change after another, all of one seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def certificate(self, data: bytes, other: bytes | None = None) -> bytes | None:
        """A changed certificate, with rows of another one where it is given; None where that cannot be."""
        try:
            return self._certificate(data, other)
        except RecursionError:  # nested too deep to be taken apart
            return None

    def _certificate(self, data: bytes, other: bytes | None) -> bytes | None:
        found, more = read(data), None if other is None else read(other)
        if found is None:
            return None
        header, rows, claims = found
        if more is not None:
            claims = [*claims, *(c + len(rows) for c in more[2])]
            rows = [*rows, *([row[0], self._moved(row[1], len(rows))] for row in more[1])]
        for _ in range(self.rng.choice((1, 1, 1, 2, 4))):
            change = self.rng.choice(
                (self.alter, self.alter, self.alter, self.add, self.drop, self.strange, self.claim)
            )
            change(rows, claims)
        return write(header, rows, claims)

    def _moved(self, value: Any, by: int) -> Any:
        if type(value) is Ref:
            return Ref(value + by)
        return [self._moved(v, by) for v in value] if isinstance(value, list) else value

    def ref(self, rows: Rows, at: int, theorem: bool) -> Ref:
        """An earlier row of the kind, most often one of the nearest; rarely any number."""
        fits = [n for n in range(at) if (rows[n][0] != "term") == theorem]
        if not fits or self.rng.random() < 0.02:
            return Ref(self.rng.randint(-1, at + 1))
        return Ref(self.rng.choice(fits[-8:] if self.rng.random() < 0.6 else fits))

    def value(self, form: Form, rows: Rows, at: int) -> Any:
        """Anything of a form."""
        rng = self.rng
        several = range(rng.choice((0, 1, 1, 2, 3)))
        leaf: dict[str, Callable[[], Any]] = {
            "term": lambda: self.ref(rows, at, False),
            "theorem": lambda: self.ref(rows, at, True),
            "literal": lambda: [rng.choice(RELATIONS), self.ref(rows, at, False)],
            "relation": lambda: rng.choice(RELATIONS),
            "name": lambda: rng.choice(NAMES),
            "key": lambda: rng.choice(KEYS),
            "int": lambda: rng.choice((-1, 0, 1, 2, 3, 60, 4096, 10**6)),
            "ratio": lambda: rng.choice(RATIOS),
            "slope": lambda: rng.choice(("+oo", "-oo", self.ref(rows, at, False))),
            "direction": lambda: rng.choice((rng.choice(RATIOS), self.ref(rows, at, False))),
            "binder": lambda: rng.choice(("sum", "max")),
            "vary": lambda: sorted(rng.sample(NAMES[:3], rng.randint(0, 2))),
        }
        match form:
            case Row(parts):
                return [self.value(f, rows, at) for f in parts]
            case Many(inner):
                return [self.value(inner, rows, at) for _ in several]
            case Named(inner):
                return [[name, self.value(inner, rows, at)] for name in sorted(rng.sample(NAMES, len(several)))]
            case Maybe(inner):
                return None if rng.random() < 0.3 else self.value(inner, rows, at)
        return leaf[form]()

    def row(self, rows: Rows, at: int) -> list[Any]:
        """A row made up from the grammar."""
        if self.rng.random() < 0.5:
            name = self.rng.choice(tuple(ARGUMENTS))
            return [name, self.value(Row(ARGUMENTS[name]), rows, at)]
        op = self.rng.choice(("add", "mul", "cond", "pow", "rat", *PRIMITIVES, *OPERANDS, "app"))
        if op == "app":
            operands = self.value(Many("term"), rows, at)
            return ["term", [op, self.rng.choice(FUNCTIONS), *operands]]
        return ["term", [op, *self.value(Row(OPERANDS[op]), rows, at)]]

    def alter(self, rows: Rows, claims: list[int]) -> None:
        """Another value in one place of a row, or another rule with the arguments."""
        if not rows:
            return
        at = self.rng.randrange(len(rows))
        name, body = rows[at]
        if type(name) is not str:
            rows[at] = self.row(rows, at)
        elif name in ARGUMENTS and self.rng.random() < 0.15:
            rows[at] = [self.rng.choice(tuple(ARGUMENTS)), body]
        elif name in ARGUMENTS:
            rows[at] = [name, self._altered(Row(ARGUMENTS[name]), body, rows, at)]
        elif name == "term" and isinstance(body, list) and body and body[0] in tuple(OPERANDS):
            rows[at] = [name, [body[0], *self._altered(Row(OPERANDS[body[0]]), body[1:], rows, at)]]
        else:
            rows[at] = self.row(rows, at)

    def _altered(self, form: Form, value: Any, rows: Rows, at: int) -> Any:
        rng = self.rng
        if isinstance(form, Row) and isinstance(value, list) and len(value) == len(form.parts) and value:
            i = rng.randrange(len(value))
            return [*value[:i], self._altered(form.parts[i], value[i], rows, at), *value[i + 1 :]]
        if isinstance(form, Many) and isinstance(value, list) and value:
            i, kind = rng.randrange(len(value)), rng.randrange(5)
            if kind == 0:
                return [*value[:i], *value[i + 1 :]]
            if kind == 1:
                return [*value, self.value(form.of, rows, at)]
            return [*value[:i], self._altered(form.of, value[i], rows, at), *value[i + 1 :]]
        return self.value(form, rows, at)

    def add(self, rows: Rows, claims: list[int]) -> None:
        """A made-up row at the end; a step is claimed, and a term most often used in another row."""
        rows.append(self.row(rows, len(rows)))
        if rows[-1][0] == "term":
            rows.append(["defined", [Ref(len(rows) - 1), []]])
        claims.append(len(rows) - 1)

    def drop(self, rows: Rows, claims: list[int]) -> None:
        """A row gives way to another: what referred to it refers to an earlier one."""
        if rows:
            at = self.rng.randrange(len(rows))
            rows[at] = rows[self.rng.randrange(at + 1)]

    def strange(self, rows: Rows, claims: list[int]) -> None:
        """A value of a wrong kind somewhere."""
        if rows:
            at = self.rng.randrange(len(rows))
            rows[at] = [rows[at][0], self._strange(rows[at][1])]

    def _strange(self, value: Any) -> Any:
        if isinstance(value, list) and value and self.rng.random() < 0.8:
            i = self.rng.randrange(len(value))
            return [*value[:i], self._strange(value[i]), *value[i + 1 :]]
        return self.rng.choice(STRANGE)

    def claim(self, rows: Rows, claims: list[int]) -> None:
        """Another set of claims: one theorem alone, or one more."""
        steps = [n for n, row in enumerate(rows) if row[0] != "term"]
        if steps:
            claims[:] = [*(claims if self.rng.random() < 0.5 else []), self.rng.choice(steps)]
