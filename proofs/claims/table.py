"""Reading a claims table: TOML in, claims with file and line out, or one clear line that says what is wrong.

A table is a list of ``[[claim]]`` entries with ``name``, ``expr``, ``wrt``, ``derivative``, ``assume`` (a list of
conditions), ``params`` (a table from symbol to condition, ``""`` for any real) and ``source``.  Whatever else an
entry has, such as the answer (``truth``, ``why``) in a table made for testing, is not looked at.

A symbol is declared if it is ``wrt``, a key of ``params``, or occurs in ``expr``.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..kernel.terms import KernelError, Literal, Term
from ..language.parser import ParseError, parse, parse_condition

MAX_BYTES = 16 * 2**20
MAX_DISJUNCTS = 64
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)
_ENTRY = re.compile(r"\[\[\s*(?:claim|\"claim\"|'claim')\s*\]\]")
_KEY = re.compile(r"([A-Za-z0-9_-]+)\s*=")


class ClaimError(ValueError):
    """A claims table that cannot be read, in one line: ``FILE:LINE: claim NAME: message``."""

    def __init__(self, file: str, line: int | None, message: str, claim: str | None = None) -> None:
        self.file, self.line, self.claim, self.message = file, line, claim, message
        where = file if line is None else f"{file}:{line}"
        super().__init__(f"{where}: {f'claim {claim}: ' if claim else ''}{message}")


@dataclass(frozen=True)
class Claim:
    """One claim, parsed into surface terms.  ``cases`` is the disjunction of all its assumptions."""

    name: str
    file: str
    line: int | None
    expr: Term
    wrt: str
    derivative: Term
    cases: tuple[tuple[Literal, ...], ...]
    source: str = ""
    text: tuple[tuple[str, object], ...] = ()
    """The entry as it was written, without what is not read."""


@dataclass
class _Lines:
    """Where an entry and its keys stand in the file."""

    start: int
    keys: dict[str, int]


def load(path: str | Path, shown: str | None = None) -> list[Claim | ClaimError]:
    """The claims of a table in their order; an entry that is not well formed is a :class:`ClaimError` in its place.

    Raises:
        ClaimError: the file as a whole cannot be read, or makes no claim.
    """
    file = shown or str(path)
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise ClaimError(file, None, f"cannot be read: {error.strerror or error}") from None
    return loads(raw, file)


def loads(raw: bytes, file: str) -> list[Claim | ClaimError]:
    """The same from the bytes of a file; ``file`` is its name in messages."""
    if len(raw) > MAX_BYTES:
        raise ClaimError(file, None, f"longer than {MAX_BYTES >> 20} MiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ClaimError(file, raw[: error.start].count(b"\n") + 1, "not UTF-8 text") from None
    try:
        content = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = re.search(r" \(at line (\d+), column (\d+)\)$", message)
        line = int(found[1]) if found else text.count("\n") + 1
        message = message[: found.start()] if found else message.removesuffix(" (at end of document)")
        raise ClaimError(file, line, f"not TOML: {message}") from None
    except RecursionError:
        raise ClaimError(file, None, "not TOML: nested too deeply") from None
    entries = content.get("claim")
    if entries is None:
        raise ClaimError(file, None, "makes no claim (there is no [[claim]] in it)")
    if not isinstance(entries, list) or not entries:
        raise ClaimError(file, None, "makes no claim (claim has to be a list of tables, written [[claim]])")
    places = positions(text)
    if len(places) != len(entries):
        places = [_Lines(0, {}) for _ in entries]
    return list(_entries(file, entries, places))


def _entries(file: str, entries: list[object], places: list[_Lines]) -> Iterator[Claim | ClaimError]:
    first: dict[str, int] = {}
    for number, (entry, place) in enumerate(zip(entries, places, strict=True), 1):
        try:
            claim = _entry(file, entry, place, number)
            if claim.name in first:
                at = f" (first in line {first[claim.name]})" if first[claim.name] else ""
                line = place.keys.get("name", place.start) or None
                yield ClaimError(file, line, f"the name is used twice{at}", claim.name)
                continue
            first[claim.name] = place.start
            yield claim
        except ClaimError as error:
            yield error


def _entry(file: str, entry: object, place: _Lines, number: int) -> Claim:
    name: str | None = None

    def wrong(message: str, key: str | None = None) -> ClaimError:
        line = place.keys.get(key, place.start) if key else place.start
        return ClaimError(file, line or None, message, name or f"number {number}")

    if not isinstance(entry, dict):
        raise wrong("is not a table")
    texts: dict[str, str] = {}
    for key in ("name", "expr", "wrt", "derivative"):
        if key not in entry:
            raise wrong(f"{key} is missing")
        value = entry[key]
        if not isinstance(value, str):
            raise wrong(f"{key} has to be a string, not {_kind(value)}", key)
        if not value.strip():
            raise wrong(f"{key} is empty", key)
        texts[key] = value
        if key == "name":
            name = " ".join(value.split())
            if not name.isprintable() or len(name) > 200:
                name = None
                raise wrong("name has to be one printable line of at most 200 characters", key)
    assume, params = entry.get("assume", []), entry.get("params", {})
    if not isinstance(assume, list) or not all(isinstance(a, str) for a in assume):
        raise wrong("assume has to be a list of strings", "assume")
    if not isinstance(params, dict) or not all(isinstance(v, str) for v in params.values()):
        raise wrong("params has to be a table from symbols to conditions, written as strings", "params")
    if not isinstance(entry.get("source", ""), str):
        raise wrong("source has to be a string", "source")
    wrt = texts["wrt"].strip()
    for symbol, key in [(wrt, "wrt"), *((p, "params") for p in params)]:
        if not _NAME.fullmatch(symbol):
            raise wrong(f"{symbol!r} is not a symbol (letters, digits and _ after a letter)", key)

    def read(what: str, text: str, names: set[str] | None) -> Term:
        try:
            return parse(text, names)
        except (ParseError, KernelError) as error:
            raise wrong(f"{what}: {error}", what) from None

    expr = read("expr", texts["expr"], _as_symbols(texts["expr"], wrt, set(params)))
    declared = {wrt, *params, *expr.free}
    derivative = read("derivative", texts["derivative"], declared)
    cases: list[list[list[Literal]]] = []
    for key, text in [*(("assume", a) for a in assume), *(("params", v) for v in params.values() if v.strip())]:
        try:
            cases.append(parse_condition(text, declared))
        except (ParseError, KernelError) as error:
            raise wrong(f"{key}: {error}", key) from None
    product = 1
    for c in cases:
        product *= max(1, len(c))
    if product > MAX_DISJUNCTS:
        raise wrong(f"the assumptions fall into more than {MAX_DISJUNCTS} cases", "assume")
    disjuncts = []
    for combination in itertools.product(*cases):
        literals = dict.fromkeys(literal for conjunct in combination for literal in conjunct)
        disjuncts.append(tuple(literals))
    name = " ".join(texts["name"].split())
    text = tuple({**texts, "assume": assume, "params": params}.items())
    return Claim(name, file, place.start or None, expr, wrt, derivative, tuple(dict.fromkeys(disjuncts)),
                 entry.get("source", ""), text)  # fmt: skip


def from_text(entry: dict[str, object]) -> Claim:
    """A claim from the fields of one entry, as :attr:`Claim.text` has them."""
    return _entry("claim", entry, _Lines(0, {}), 1)


def _as_symbols(text: str, wrt: str, params: set[str]) -> set[str] | None:
    """The symbols of ``expr``: None lets every name be one; names that also mean a number need to be declared."""
    special = {"E", "pi", "I"} & {wrt, *params}
    if not special:
        return None
    return {wrt, *params, *re.findall(r"[A-Za-z][A-Za-z0-9_]*", text, re.ASCII)} - ({"E", "pi", "I"} - special)


def _kind(value: object) -> str:
    kinds = {bool: "true or false", int: "an integer", float: "a number", list: "a list", dict: "a table"}
    return kinds.get(type(value), "a date")


def positions(text: str) -> list[_Lines]:
    """The line of each ``[[claim]]`` and of the keys that follow it.

    ``tomllib`` forgets lines, so this is a scan of its own: it follows the four kinds of strings and the
    comments, and looks at a line only where it begins outside of a string and of brackets.
    """
    out: list[_Lines] = []
    inside = False
    for line, start in _line_starts(text):
        body = text[start : (text.find("\n", start) + 1 or len(text) + 1) - 1].strip()
        if _ENTRY.match(body):
            out.append(_Lines(line, {}))
            inside = True
        elif body.startswith("["):
            header = re.match(r"\[\s*claim\s*\.\s*([A-Za-z0-9_-]+)\s*\]", body)
            if header and out:
                out[-1].keys.setdefault(header[1], line)
            inside = False
        elif inside:
            key = _KEY.match(body)
            if key:
                out[-1].keys.setdefault(key[1], line)
    return out


def _line_starts(text: str) -> Iterator[tuple[int, int]]:
    """``(line number, offset)`` of the lines that begin outside of strings and brackets."""
    line, depth, at, size = 1, 0, 0, len(text)
    yield 1, 0
    while at < size:
        c = text[at]
        if c == "\n":
            line += 1
            at += 1
            if depth <= 0:
                depth = 0
                yield line, at
        elif c == "#":
            at = text.find("\n", at)
            if at < 0:
                return
        elif c in "\"'":
            end = _string_end(text, at)
            line += text.count("\n", at, end)
            at = end
        else:
            depth += (c in "[{") - (c in "]}")
            at += 1


def _string_end(text: str, at: int) -> int:
    """The offset after the string that begins at ``at``."""
    quote = text[at]
    closing = quote * 3 if text.startswith(quote * 3, at) else quote
    at += len(closing)
    while at < len(text):
        if text[at] == "\\" and quote == '"':
            at += 2
        elif text.startswith(closing, at):
            at += len(closing)
            while len(closing) == 3 and at < len(text) and text[at] == quote:
                at += 1
            return at
        else:
            at += 1
    return at
