"""Index formulas as text for Coq: sizes and indices are integers, families functions of them.

The text mirrors ``read`` in ``proofs/coq/exports/Reading.v`` shape by shape, as :mod:`.text` does for numbers: there a
term is turned into the same expression inside Coq, with a proof that it has the term's value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, count
from typing import Final

from ..kernel import terms as T
from ..kernel.terms import Literal, Term
from .text import COQ, guard_sides, negated, sides, subtracted

_ALL, _AND, _SUM, _PRODUCT, _NEGATIVE, _POWER, _CALL, _ATOM = 200, 60, 50, 40, 34, 30, 10, 0
_ARGUMENT: Final = _CALL - 1
Shown = tuple[str, int]

KEYWORDS: Final = frozenset(
    {
        "as", "at", "cofix", "do", "else", "end", "exists", "fix", "for", "forall", "fun", "if", "in", "let", "match",
        "mod", "return", "then", "using", "where", "with",
    }
)  # fmt: skip
_COMPARED: Final = {">": "<?", ">=": "<=?", "=": "=?", "!=": "=?"}
_RELATED: Final = {">": "<", ">=": "<=", "=": "=", "!=": "<>"}


def identifier(name: str) -> str:
    """The name as Coq can have it."""
    return f"{name}_" if name in KEYWORDS else name


def _at(shown: Shown, level: int) -> str:
    text, own = shown
    return text if own <= level else f"({text})"


@dataclass(frozen=True)
class Abbreviation:
    """A definition: ``name`` of ``symbols`` (sizes, numbers, families) and then of the indices ``params`` is ``body``.

    ``formula`` is the text that it comes from, whose names for bound indices are kept.
    """

    name: str
    symbols: tuple[str, ...]
    params: tuple[str, ...]
    body: Term
    formula: str


@dataclass
class Kinds:
    """Which symbols, and which families (``at/2``), are of integers."""

    symbols: frozenset[str]
    families: frozenset[str]

    def integral(self, t: Term) -> bool:
        """Whether the term is one of integers, for its form: ``integral`` in Coq."""
        match t.op, t.terms:
            case "rat", _:
                return isinstance(q := t.args[0], Fraction) and q.denominator == 1
            case "var", ():
                return t.symbol in self.symbols
            case "idx", _:
                return True
            case ("add" | "mul", (a, b)):
                return self.integral(a) and self.integral(b)
            case "floor", (a,) if a.op == "var" and a.terms:
                return a.symbol in self.families and all(map(self.integral, a.terms))
            case "floor", (a,) if a.op == "mul" and a.terms[1].op == "inv":
                return self.integral(a.terms[0]) and self.integral(a.terms[1].terms[0])
            case "cond", _:
                return all(map(self.integral, t.terms))
        return False


@dataclass
class TensorPrinter:
    """The text of terms.

    Abbreviations are used where a term is one; ``use`` is told of each.  ``heads`` are families that are written in
    another way (``x t`` at a time), ``names`` are proposed for bound indices, in their order.
    """

    kinds: Kinds
    abbreviations: Sequence[Abbreviation] = ()
    use: Callable[[Abbreviation], None] = lambda _: None
    heads: Mapping[str, str] = field(default_factory=dict)
    names: Iterator[str] = field(default_factory=lambda: iter(()))
    taken: frozenset[str] = frozenset()

    # ---- what is asked for

    def expression(self, t: Term, operand: bool = False) -> str:
        """The term as a real expression, in brackets where it has to be the operand of a function."""
        return _at(self.real(t), _ARGUMENT if operand else _ALL)

    def proposition(self, literal: Literal) -> str:
        """The literal as a proposition, as ``read_proposition`` reads it."""
        write = self.integer if (whole := self.kinds.integral(literal.term)) else self.real
        u, v = (_at(write(s), _SUM) for s in sides(literal.term))
        first, second = (v, u) if literal.relation in (">", ">=") else (u, v)
        text = f"{first} {_RELATED[literal.relation]} {second}"
        return f"({text})%Z" if whole else text

    def index(self, t: Term) -> str:
        """The term as an operand of type ``Z``."""
        text, level = self.integer(t)
        if text.isdigit():
            return f"{text}%Z"
        return text if level == _ATOM else f"({text})" if level == _CALL else f"({text})%Z"

    def call(self, a: Abbreviation, indices: Sequence[str]) -> str:
        """The abbreviation of what it stands for, at these indices."""
        self.use(a)
        return " ".join([a.name, *map(self._symbol, a.symbols), *indices])

    def _symbol(self, symbol: str) -> str:
        head = self._head(symbol)
        return f"({head})" if " " in head else head

    def _head(self, symbol: str) -> str:
        return self.heads.get(symbol) or plain(symbol)

    # ---- integers

    def integer(self, t: Term) -> Shown:
        """The term as an integer expression: ``read_integer`` in Coq."""
        if (found := self._abbreviated(t)) is not None:
            return found
        match t.op, t.terms:
            case "rat", _:
                q = t.args[0]
                assert isinstance(q, Fraction)
                return str(q.numerator), _ATOM if q >= 0 else _NEGATIVE
            case "var", ():
                return identifier(t.symbol), _ATOM
            case "add", (a, b):
                minus = subtracted(b)
                right = b if minus is None else minus
                sign = "+" if minus is None else "-"
                return f"{_at(self.integer(a), _SUM)} {sign} {_at(self.integer(right), _SUM - 1)}", _SUM
            case "mul", (a, b):
                if (u := negated(t)) is not None:
                    return f"- {_at(self.integer(u), _NEGATIVE - 1)}", _NEGATIVE
                return f"{_at(self.integer(a), _PRODUCT)} * {_at(self.integer(b), _PRODUCT - 1)}", _PRODUCT
            case "floor", (a,) if a.op == "var":
                return self._entry(a)
            case "floor", (a,):
                u, v = a.terms[0], a.terms[1].terms[0]
                return f"{_at(self.integer(u), _PRODUCT)} / {_at(self.integer(v), _PRODUCT - 1)}", _PRODUCT
            case "cond", (u, a, b):
                # only a difference is read as a comparison of two sides there
                split = guard_sides(u) if u.op == "add" and negated(u.terms[1]) is not None else (u, T.ZERO)
                return self._choice(self._compared(str(t.args[0]), *split), self.integer(a), self.integer(b))
        raise ValueError(f"{t.op} is no integer")

    def _compared(self, relation: str, u: Term, v: Term) -> str:
        one, two = (v, u) if relation in (">", ">=") else (u, v)
        text = f"({_at(self.integer(one), _SUM)} {_COMPARED[relation]} {_at(self.integer(two), _SUM)})%Z"
        return f"negb {text}" if relation == "!=" else text

    @staticmethod
    def _choice(guard: str, a: Shown, b: Shown) -> Shown:
        return f"if {guard} then {_at(a, _ALL)} else {_at(b, _ALL)}", _ALL

    def _entry(self, t: Term) -> Shown:
        symbol = t.symbol if t.op == "var" else "d" + t.symbol.removeprefix("d ")
        return " ".join([self._head(symbol), *map(self.index, t.terms)]), _CALL

    # ---- real numbers

    def real(self, t: Term) -> Shown:
        """The term as a real expression: ``read`` in Coq."""
        if (found := self._abbreviated(t)) is not None:
            return found
        match t.op, t.terms:
            case "rat", _:
                q = t.args[0]
                assert isinstance(q, Fraction)
                above = str(q.numerator) if q >= 0 else f"({q.numerator})"
                return (above, _ATOM) if q.denominator == 1 else (f"{above} / {q.denominator}", _PRODUCT)
            case "pi", _:
                return "PI", _ATOM
            case "var", ():
                name = identifier(t.symbol)
                return (f"IZR {name}", _CALL) if t.symbol in self.kinds.symbols else (name, _ATOM)
            case "var" | "d", _:
                return self._entry(t)
            case "add", (a, b):
                minus = subtracted(b)
                right = b if minus is None else minus
                sign = "+" if minus is None else "-"
                return f"{_at(self.real(a), _SUM)} {sign} {_at(self.real(right), _SUM - 1)}", _SUM
            case "mul", (a, b):
                if (u := negated(t)) is not None:
                    return f"- {_at(self.real(u), _NEGATIVE - 1)}", _NEGATIVE
                sign, right = ("/", b.terms[0]) if b.op == "inv" else ("*", b)
                return f"{_at(self.real(a), _PRODUCT)} {sign} {_at(self.real(right), _PRODUCT - 1)}", _PRODUCT
            case "pow", (a,):
                return f"{_at(self.real(a), _POWER - 1)} ^ {t.args[1]}", _POWER
            case "inv", (a,):
                return f"1 / {_at(self.real(a), _PRODUCT - 1)}", _PRODUCT
            case "floor", _ if self.kinds.integral(t):
                return f"IZR {self.index(t)}", _CALL
            case "floor", (a,):
                return f"IZR (Int_part {_at(self.real(a), _ARGUMENT)})", _CALL
            case "cond", _:
                return self._case(t)
            case "sum" | "max", (n, body):
                return self._over(t.op, n, body)
            case op, (a,) if op in COQ.functions:
                return f"{COQ.functions[op]} {_at(self.real(a), _ARGUMENT)}", _CALL
        raise ValueError(f"{t.op} has no counterpart")

    def _case(self, t: Term) -> Shown:
        guard, a, b = t.terms
        if not self.kinds.integral(guard):
            relation, u = str(t.args[0]), _at(self.real(guard), _ARGUMENT)
            if relation == "!=":
                a, b = b, a
            decided = {">": COQ.less("0", u), ">=": COQ.at_most("0", u)}.get(relation, COQ.same(u, "0"))
            return self._choice(decided, self.real(a), self.real(b))
        guards = [self._compared(str(t.args[0]), *guard_sides(guard))]
        while a.op == "cond" and a.terms[2] is b and self.kinds.integral(a.terms[0]):
            guards.append(self._compared(str(a.args[0]), *guard_sides(a.terms[0])))
            a = a.terms[1]
        return self._choice(" && ".join(guards), self.real(a), self.real(b))

    def _over(self, op: str, n: Term, body: Term) -> Shown:
        k = self._fresh({*body.free, *n.free})
        opened = T.opened(body, [T.var(k)], iter(range(T.MAX_OPENED)))
        inner = self._under(k)
        word = "sum" if op == "sum" else "maximum"
        return f"{word} {self.index(n)} (fun {k} => {_at(inner.real(opened), _ALL)})", _CALL

    def _under(self, *names: str) -> TensorPrinter:
        kinds = Kinds(self.kinds.symbols | {*names}, self.kinds.families)
        return TensorPrinter(kinds, self.abbreviations, self.use, self.heads, self.names, self.taken | {*names})

    def _fresh(self, free: set[str]) -> str:
        """A name for an index that stands for nothing else here."""
        used = {identifier(plain(s)) for s in free} | self.taken
        proposed = next(self.names, None)
        others = chain("kljimabc", (f"k{i}" for i in count(1)))
        if proposed is not None and proposed not in used and proposed not in KEYWORDS:
            return proposed
        return next(name for name in others if name not in used)

    # ---- abbreviations

    def _abbreviated(self, t: Term) -> Shown | None:
        for a in self.abbreviations:
            found = matched(a.body, t, a.params)
            if found is not None:
                text = self.call(a, [self.index(found[p]) for p in a.params])
                return text, _CALL if " " in text else _ATOM
        return None


def plain(symbol: str) -> str:
    """``x`` of ``x/2``, and ``dx`` of ``d x/2``, as Coq has them."""
    name = symbol.partition("/")[0]
    return identifier("d" + name[2:] if name.startswith("d ") else name)


def matched(pattern: Term, t: Term, params: Sequence[str]) -> dict[str, Term] | None:
    """What the parameters stand for where ``t`` is the pattern; each stands for something."""
    found: dict[str, Term] = {}
    bound = (f"bound_{i}" for i in count())

    def same(p: Term, s: Term) -> bool:
        if p.op == "var" and not p.terms and p.symbol in params:
            return found.setdefault(p.symbol, s) is s and not any(n.startswith("bound_") for n in s.free)
        if p.op != s.op or len(p.args) != len(s.args):
            return False
        if p.op in T.BINDERS:
            k = T.var(next(bound))
            body, other = (T.opened(u.terms[1], [k], iter(range(T.MAX_OPENED))) for u in (p, s))
            return same(p.terms[0], s.terms[0]) and same(body, other)
        return all(
            same(a, b) if isinstance(a, Term) and isinstance(b, Term) else a == b
            for a, b in zip(p.args, s.args, strict=True)
        )

    return found if same(pattern, t) and set(found) == set(params) else None
