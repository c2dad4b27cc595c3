"""Certificates: the one byte form of a proof, read strictly and replayed rule by rule.

A certificate is JSON Lines.  A header gives the format and the fingerprint of the term it is about; each further line
is a term or a step, numbered densely, referring only backwards; the trailer lists the claims and counts the lines::

    {"format":1,"spec":"9f86d0..."}
    {"n":0,"term":["var","x"]}
    {"n":1,"rule":"local","args":[["x"],0,[]]}
    {"claims":[1],"lines":2}

Where there are families, sums and maxima the format is 2: an entry is ``["var","x",i]``, its tangent ``["d","x",i]``,
a sum ``["sum",n,body]``, and ``["idx",k]`` is what the binder ``k`` levels up counts with.  A term that is given to a
rule stands for itself: it has no such index without its binder, unless it is the value of a family.

A line must be the exact bytes that :func:`encode` makes of what was read, no line is written twice, and
each is used.  Nothing in a certificate says what it is *for*: that comes from the statement it is compared with.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any, Final, NamedTuple

from . import arithmetic, cited, facts, graphs, intervals, local, logic, maps, sides, terms
from .algebra import forget
from .conclusions import INFINITE
from .terms import BINDERS, UNARY, KernelError, Term
from .theorems import Theorem

FORMAT: Final = 1
INDEXED: Final = 2
"""The format in which there are indices; what needs none is written in the first."""
MAX_LINE: Final = 1_000_000
MAX_BYTES: Final = 100_000_000
MAX_LINES: Final = 5_000_000
MAX_HYPS: Final = 5_000_000
"""The most hypotheses that the theorems of a certificate have, one by one: they are what its memory goes to."""
_RATIONAL: Final = re.compile(r"-?(0|[1-9][0-9]*)(/[1-9][0-9]*)?", re.ASCII)
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, allow_nan=False)
_DECODER: Final = json.JSONDecoder()
_SYMBOL: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}(/[1-9])?", re.ASCII)
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class CertificateError(KernelError):
    """A certificate was refused; says in which line, by which rule, and why."""

    def __init__(self, line: int, rule: str, why: str) -> None:
        super().__init__(f"line {line}: " + (f"{rule}: {why}" if rule else why))
        self.line, self.rule, self.why = line, rule, why


class Certificate(NamedTuple):
    """What a certificate proves."""

    spec: str
    claims: tuple[Theorem, ...]
    steps: int


def encode(value: object) -> bytes:
    """The canonical bytes of one line, without the line feed."""
    return _ENCODER.encode(value).encode("ascii")


def fingerprint(term: Term) -> str:
    """The sha256 of a term, written as the lines of a certificate: its identity across processes."""
    number: dict[Term, int] = {}
    digest = hashlib.sha256()
    for i, t in enumerate(terms.postorder(term)):
        number[t] = i
        digest.update(encode(term_line(t, number)) + b"\n")
    return digest.hexdigest()


def term_line(t: Term, number: dict[Term, int]) -> list[object]:
    """How a term is written: its operation, then its operands by number."""
    return [t.op, *(number[a] if type(a) is Term else str(a) if type(a) is Fraction else a for a in t.args)]


Decoder = Callable[["_Reader", Any], Any]


class _Reader:
    """The lines read so far."""

    def __init__(self) -> None:
        self.items: list[Term | Theorem] = []
        self.used = set[int]()

    def at(self, ref: Any, kind: type) -> Any:
        if type(ref) is not int or not 0 <= ref < len(self.items):
            raise KernelError(f"{json.dumps(ref)[:40]} is not the number of an earlier line")
        found = self.items[ref]
        if type(found) is not kind:
            raise KernelError(f"number {ref} is not a {kind.__name__.lower()}")
        self.used.add(ref)
        return found


def _term(reader: _Reader, value: Any) -> Any:
    t = _open_term(reader, value)
    terms.refuse(t.loose == 0, f"number {value} has a loose index")
    return t


def _open_term(reader: _Reader, value: Any) -> Any:
    return reader.at(value, Term)


def _symbol(_: _Reader, value: Any) -> Any:
    if type(value) is not str or not _SYMBOL.fullmatch(value):
        raise KernelError("not a symbol")
    return value


def _theorem(reader: _Reader, value: Any) -> Any:
    return reader.at(value, Theorem)


def _literal(reader: _Reader, value: Any) -> Any:
    relation, t = _array(value, 2)
    return terms.literal(relation, _term(reader, t))


def _rational(_: _Reader, value: Any) -> Any:
    if type(value) is not str or len(value) > 2 * terms.MAX_DIGITS or not _RATIONAL.fullmatch(value):
        raise KernelError("not a rational number in the form p or p/q")
    numerator, denominator = [*value.split("/"), "1"][:2]
    if max(len(numerator), len(denominator)) > terms.MAX_DIGITS:
        raise KernelError(f"a rational number has more than {terms.MAX_DIGITS} digits")
    q = Fraction(int(numerator), int(denominator))
    if str(q) != value:
        raise KernelError("a rational number is not in lowest terms")
    return q


def _direction(reader: _Reader, value: Any) -> Any:
    return _rational(reader, value) if type(value) is str else _open_term(reader, value)


def _name(_: _Reader, value: Any) -> Any:
    terms.var(value)
    return value


def _key(_: _Reader, value: Any) -> Any:
    if type(value) is not str:
        raise KernelError("not a name")
    return value


def _int(_: _Reader, value: Any) -> Any:
    if type(value) is not int or abs(value) > 10**6:
        raise KernelError("not an integer of reasonable size")
    return value


def _slope(reader: _Reader, value: Any) -> Any:
    return value if type(value) is str and value in INFINITE else _term(reader, value)


def _array(value: Any, size: int | None = None) -> list[Any]:
    if type(value) is not list or size not in (None, len(value)):
        raise KernelError(f"not an array of {size} items" if size is not None else "not an array")
    return value


def _many(decode: Decoder) -> Decoder:
    return lambda reader, value: [decode(reader, v) for v in _array(value)]


def _optional(decode: Decoder) -> Decoder:
    return lambda reader, value: None if value is None else decode(reader, value)


def _tuple(*decoders: Decoder) -> Decoder:
    return lambda reader, value: tuple(
        d(reader, v) for d, v in zip(decoders, _array(value, len(decoders)), strict=True)
    )


def _sorted_names(reader: _Reader, value: Any, decode: Decoder = _name) -> list[Any]:
    names = [decode(reader, v) for v in _array(value)]
    if names != sorted(set(names)):
        raise KernelError("names are not in order, or stand twice")
    return names


def _vary(reader: _Reader, value: Any) -> Any:
    return frozenset(_sorted_names(reader, value, _symbol))


def _mapping(decode: Decoder, key: Decoder = _name) -> Decoder:
    def decoder(reader: _Reader, value: Any) -> Any:
        pairs = [_array(v, 2) for v in _array(value)]
        names = _sorted_names(reader, [k for k, _ in pairs], key)
        return {k: decode(reader, v) for k, (_, v) in zip(names, pairs, strict=True)}

    return decoder


_theorems = _many(_theorem)
_piece: Decoder = lambda reader, value: tuple(_many(_literal)(reader, value))  # noqa: E731
_bounds = _tuple(_term, _term)
_index = _many(_tuple(_term, _term))
_product = _tuple(_rational, _theorems, _many(_term))

RULES: Final[dict[str, tuple[Callable[..., Theorem], tuple[Decoder, ...]]]] = {
    "assume": (logic.assume, (_literal,)),
    "arith": (arithmetic.arith, (_literal, _many(_product), _many(_tuple(_term, _theorem)))),
    "gap": (logic.gap, (_theorem,)),
    "cases": (logic.cases, (_literal, _theorem, _theorem)),
    "cut": (logic.cut, (_theorem, _theorem)),
    "instantiate": (logic.instantiate, (_theorem, _mapping(_open_term, _symbol))),
    "congruence": (logic.congruence, (_term, _name, _theorem)),
    "freeze": (logic.freeze, (_name, _term, _theorem)),
    "defined": (logic.defined, (_term, _theorems)),
    "undefined": (logic.undefined, (_term, _theorems)),
    "fact": (facts.fact, (_key, _many(_int), _many(_term), _theorems)),
    "conditional": (facts.conditional, (_literal, _term, _term, _theorem)),
    "cite": (cited.cite, (_key, _many(_term), _theorems)),
    "local": (local.local, (_vary, _term, _theorems)),
    "generalize": (logic.generalize, (_key, _term, _term, _theorem, _theorems)),
    "rewrite": (local.rewrite, (_theorem, _theorem)),
    "replace": (local.replace, (_theorem, _theorem, _theorem, _theorems)),
    "chain": (local.chain, (_theorem, _many(_tuple(_name, _theorem)))),
    "has_deriv": (local.has_deriv, (_theorem, _theorem)),
    "higher": (local.higher, (_theorem, _theorem, _theorems)),
    "side_replace": (
        sides.side_replace,
        (_theorem, _name, _int, _theorem, _theorem, _theorem, _theorem, _theorems),
    ),
    "side_jump": (sides.side_jump, (_theorem, _name, _int, _theorem, _theorem, _theorem, _theorem, _theorems)),
    "side_compose": (sides.side_compose, (_theorem, _name, _theorem, _theorems)),
    "side_chain": (sides.side_chain, (_theorem, _theorem, _theorems)),
    "side_limit": (
        sides.side_limit,
        (_term, _name, _int, _slope, _term, _theorems, _theorem, _theorem, _theorem),
    ),
    "side_continuous": (sides.side_continuous, (_theorem, _term, _theorems, _theorem, _theorem)),
    "from_sides": (sides.from_sides, (_theorem, _theorem, _optional(_theorem))),
    "no_derivative": (sides.no_derivative, (_theorems, _optional(_theorem))),
    "boundary": (sides.boundary, (_name, _int, _theorem, _theorem, _optional(_theorem), _theorems)),
    "increases": (intervals.increases, (_name, _bounds, _theorem, _theorem)),
    "along": (sides.along, (_mapping(_direction, _symbol), _term, _theorem)),
    "within": (maps.within, (_many(_piece), _int, _theorems)),
    "point": (maps.point, (_piece, _mapping(_open_term, _symbol), _theorems)),
    "root": (intervals.root, (_piece, _name, _bounds, _mapping(_term), _theorem, _theorems, _theorems)),
    "map": (maps.map_of, (_vary, _term, _piece, _theorem, _many(_optional(_theorem)), _theorems, _theorems)),
    "operator": (graphs.operator, (_index, _theorem, _theorem, _many(_tuple(_symbol, _index, _term)))),
    "step": (graphs.step, (_name, _theorem, _mapping(_open_term, _symbol))),
    "program": (graphs.program, (_many(_tuple(_symbol, _many(_term))), _theorems)),
}
"""Every rule by which a certificate can make a theorem, and how its arguments are read."""


_MAKE: Final[dict[str, tuple[Callable[..., Term], tuple[Decoder, ...]]]] = {
    "rat": (terms.rat, (_rational,)),
    "pi": (terms.pi, ()),
    "idx": (terms.idx, (_int,)),
    "add": (terms.add, (_open_term, _open_term)),
    "mul": (terms.mul, (_open_term, _open_term)),
    "pow": (terms.power, (_open_term, _int)),
    "cond": (terms.cond, (_key, _open_term, _open_term, _open_term)),
    **{op: (partial(terms.unary, op), (_open_term,)) for op in UNARY},
    **{op: (partial(terms.over, op), (_open_term, _open_term)) for op in BINDERS},
}
_NAMED: Final[dict[str, Callable[..., Term]]] = {"var": terms.var, "d": terms.tangent, "app": terms.app}


def _read_term(reader: _Reader, value: Any) -> Term:
    op, *args = _array(value)
    if type(op) is str and op in _MAKE:
        make, decoders = _MAKE[op]
        return make(*_tuple(*decoders)(reader, args))
    if type(op) is str and op in _NAMED and args:
        return _NAMED[op](args[0], *(_open_term(reader, v) for v in args[1:]))
    raise KernelError("no such operation")


def _object(raw: bytes, keys: tuple[str, ...]) -> dict[str, Any]:
    """The object on a line, which must have exactly these keys and be written canonically."""
    if len(raw) > MAX_LINE:
        raise KernelError(f"longer than {MAX_LINE} bytes")
    try:
        value = _DECODER.decode(raw.decode("ascii"))
    except (ValueError, RecursionError):
        raise KernelError("not JSON") from None
    if type(value) is not dict or tuple(value) != keys:
        raise KernelError(f"not an object with the fields {', '.join(keys)}")
    if encode(value) != raw:
        raise KernelError("not in canonical form")
    return value


def replay(data: bytes) -> Certificate:
    """Check a certificate and return what it proves.

    Raises:
        CertificateError: the bytes are not a certificate, or a rule refuses; names the line (from 1) and the rule.
    """
    if len(data) > MAX_BYTES:
        raise CertificateError(0, "", f"a certificate has at most {MAX_BYTES} bytes")
    if data.count(b"\n") > MAX_LINES:
        raise CertificateError(0, "", f"a certificate has at most {MAX_LINES} lines")
    lines = data.split(b"\n")
    if len(lines) < 3 or lines.pop() != b"":
        raise CertificateError(len(lines), "", "cut short: a certificate ends with a trailer and a line feed")
    forget()
    reader, at, rule, assumed = _Reader(), 1, "", 0
    known = set[bytes]()
    try:
        header = _object(lines[0], ("format", "spec"))
        if type(header["format"]) is not int or header["format"] not in (FORMAT, INDEXED):
            raise KernelError(f"format {json.dumps(header['format'])[:20]} is unknown")
        if type(header["spec"]) is not str or not _HASH.fullmatch(header["spec"]):
            raise KernelError("the fingerprint is not a sha256")
        for at, raw in enumerate(lines[1:-1], 2):
            rule = ""
            is_term = b'"term":' in raw[:30]
            line = _object(raw, ("n", "term") if is_term else ("n", "rule", "args"))
            if type(line["n"]) is not int or line["n"] != at - 2:
                raise KernelError(f"numbered {json.dumps(line['n'])[:20]}, not {at - 2}")
            _, _, body = raw.partition(b",")
            if body in known:
                raise KernelError("this line has been written before")
            known.add(body)
            if is_term:
                reader.items.append(_read_term(reader, line["term"]))
                continue
            if type(line["rule"]) is not str or line["rule"] not in RULES:
                raise KernelError(f"no rule named {json.dumps(line['rule'])[:40]}")
            rule = line["rule"]
            function, decoders = RULES[rule]
            reader.items.append(th := function(*_tuple(*decoders)(reader, line["args"])))
            assumed += len(th.hyps)
            terms.refuse(assumed <= MAX_HYPS, f"the theorems have more than {MAX_HYPS} hypotheses in all")
        at, rule = len(lines), ""
        trailer = _object(lines[-1], ("claims", "lines"))
        if type(trailer["lines"]) is not int or trailer["lines"] != len(reader.items):
            raise KernelError(f"cut short or altered: the trailer counts other than {len(reader.items)} lines")
        claims = tuple(_theorems(reader, trailer["claims"]))
        if not claims or trailer["claims"] != sorted(set(trailer["claims"])):
            raise KernelError("the claims are missing, not in order, or stand twice")
        if len(reader.used) != len(reader.items):
            raise KernelError(f"number {min(set(range(len(reader.items))) - reader.used)} is never used")
    except (KernelError, ValueError, RecursionError, MemoryError) as error:
        raise CertificateError(at, rule, str(error) or type(error).__name__) from None
    return Certificate(header["spec"], claims, len(reader.items))
