"""Text to terms: a tokenizer and a Pratt parser of our own for SymPy's syntax over the reals.

Text from a command line, a table or a file is only ever read here; nothing is evaluated as Python and
nothing is simplified on the way.  ``parse("x/x")`` is ``x * (1/x)`` and has no value at 0.

Precedence is Python's: ``-x**2`` is ``-(x**2)`` and ``**`` associates to the right.  ``&`` and ``|`` bind less
tightly than comparisons.  Everything that is not understood is a :class:`ParseError` of one line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection
from fractions import Fraction
from typing import Final, NamedTuple, NoReturn

from ..kernel import terms as T
from ..kernel.terms import Literal, Term
from . import build, catalogue
from .build import BuildError, Condition
from .table import ALIASES, CITED, DEFINED, DIFFERENT, KINDS, PRIMITIVE, TEXTS

MAX_TEXT: Final = 200_000
MAX_DEPTH: Final = 200
MAX_EXPONENT: Final = 400
_TOKEN: Final = re.compile(
    r"(?P<space>[ \t\r\n]+)|(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<op>\*\*|<=|>=|==|!=|[-+*/(),<>=&|~])",
    re.ASCII,
)
_HINTS: Final = {
    "^": "a power is written **", "%": "write remainder(a, b)", "//": "write floor(a/b)",
    "\u2212": "use the minus sign -",
    "[": "use round brackets", "{": "use round brackets", "_": "a name begins with a letter",
}  # fmt: skip
_BINARY: Final = {"or": 1, "|": 1, "and": 2, "&": 2, "<": 5, "<=": 5, ">": 5, ">=": 5, "==": 5, "=": 5, "!=": 5,
                  "+": 10, "-": 10, "*": 20, "/": 20, "**": 40}  # fmt: skip
_COMPARISONS: Final = {"Eq": "==", "Ne": "!=", "Gt": ">", "Ge": ">=", "Lt": "<", "Le": "<="}
_NOT_REAL: Final = {
    "oo": "infinity",
    "zoo": "complex infinity",
    "nan": "not a number",
    "inf": "infinity",
    "I": "imaginary",
}


class ParseError(ValueError):
    """Text that is not an expression of the language: one line with the reason, the column and the text."""

    def __init__(self, reason: str, text: str, column: int) -> None:
        self.reason, self.text, self.column = reason, text, column
        start = max(0, column - 40)
        shown = text[start : start + 80].replace("\n", " ").replace("\t", " ").replace("\r", " ")
        shown = ("..." if start else "") + shown + ("..." if start + 80 < len(text) else "")
        super().__init__(f"{reason} (column {column + 1} of {ascii(shown)[1:-1]!s})")


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


def _tokens(text: str) -> list[_Token]:
    if len(text) > MAX_TEXT:
        raise ParseError(f"the text is longer than {MAX_TEXT} characters", text[:80], 0)
    result, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or text.startswith("//", at):
            bad = "//" if text.startswith("//", at) else text[at]
            hint = f"; {_HINTS[bad]}" if bad in _HINTS else ""
            raise ParseError(f"unexpected character {bad!a}{hint}", text, at)
        if match.lastgroup != "space":
            result.append(_Token(str(match.lastgroup), match.group(), at))
        at = match.end()
    result.append(_Token("end", "", len(text)))
    return result


class _Parser:
    def __init__(self, text: str, names: Collection[str] | None, decimals: bool, sympy: bool) -> None:
        self.text, self.names, self.decimals, self.sympy = text, names, decimals, sympy
        self.tokens, self.at, self.depth = _tokens(text), 0, 0

    # --- the token stream -------------------------------------------------------------------------
    def fail(self, reason: str, column: int) -> NoReturn:
        raise ParseError(reason, self.text, column)

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, symbol: str, where: str = "") -> None:
        token = self.take()
        if token.kind != "op" or token.text != symbol:
            self.fail(f"expected {symbol!r}{where}, found {self.name_of(token)}", token.column)

    @staticmethod
    def name_of(token: _Token) -> str:
        return "the end" if token.kind == "end" else repr(token.text[:40])

    def term(self, value: Term | Condition, column: int) -> Term:
        if isinstance(value, Condition):
            self.fail("a condition stands where a number is needed", column)
        return value

    def condition(self, value: Term | Condition, column: int) -> Condition:
        if not isinstance(value, Condition):
            self.fail("a number stands where a condition is needed", column)
        return value

    # --- expressions ------------------------------------------------------------------------------
    def expression(self, level: int = 0) -> Term | Condition:
        """The longest expression whose operators bind at least as tightly as ``level``."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"nested more than {MAX_DEPTH} deep", self.next.column)
        start = token = self.take()
        value: Term | Condition
        if token.kind == "number":
            value = self.number(token)
        elif token.kind == "name" and token.text == "not":
            value = build.negation(self.condition(self.expression(4), token.column + 4))
        elif token.kind == "name":
            value = self.call(token) if self.next.text == "(" else self.symbol(token)
        elif token.text == "(":
            value = self.expression()
            self.expect(")")
        elif token.text == "-":
            value = build.neg(self.term(self.expression(30), token.column + 1))
        elif token.text == "+":
            value = self.term(self.expression(30), token.column + 1)
        elif token.text == "~":
            value = build.negation(self.condition(self.expression(50), token.column + 1))
        else:
            self.fail(f"expected an expression, found {self.name_of(token)}", token.column)
        while (bound := _BINARY.get(self.next.text, -1)) >= level and self.next.kind != "end":
            value = self.binary(value, bound, start.column)
        self.depth -= 1
        return value

    def binary(self, left: Term | Condition, bound: int, column: int) -> Term | Condition:
        """The operator that comes next, applied to ``left`` and what follows it."""
        if bound == 5:
            return self.comparison(left, column)
        token = self.take()
        right_column = self.next.column
        right = self.expression(30 if bound == 40 else bound + 1)
        if bound <= 2:
            parts = [self.condition(left, column), self.condition(right, right_column)]
            return self.joined("or" if bound == 1 else "and", parts, token.column)
        a, b = self.term(left, column), self.term(right, right_column)
        operation = {"+": build.add, "-": build.sub, "*": build.mul, "/": build.div, "**": build.power}[token.text]
        return self.built(lambda: operation(a, b), token.column)

    def comparison(self, left: Term | Condition, column: int) -> Condition:
        """``a < b`` or a chain ``a < b <= c``."""
        parts = []
        while _BINARY.get(self.next.text) == 5:
            a = self.term(left, column)
            token = self.take()
            column = self.next.column
            left = self.expression(6)
            b = self.term(left, column)
            relation = "==" if token.text == "=" else token.text
            parts.append(self.made(build.compare, a, relation, b, token.column))
        return self.joined("and", parts, column)

    def joined(self, kind: str, parts: list[Condition], column: int) -> Condition:
        try:
            return build.conjunction(parts) if kind == "and" else build.disjunction(parts)
        except BuildError as error:
            self.fail(str(error), column)

    def made(
        self, make: Callable[[Term, str, Term], Condition], a: Term, relation: str, b: Term, column: int
    ) -> Condition:
        try:
            return make(a, relation, b)
        except BuildError as error:
            self.fail(str(error), column)

    def built(self, make: Callable[[], Term], column: int) -> Term:
        try:
            return make()
        except (BuildError, T.KernelError) as error:
            self.fail(str(error), column)

    def number(self, token: _Token) -> Term:
        if len(token.text) > T.MAX_DIGITS:
            self.fail(f"a number of more than {T.MAX_DIGITS} digits", token.column)
        if token.text.isdecimal():
            return self.built(lambda: build.number(int(token.text)), token.column)
        if not self.decimals:
            self.fail("decimals are not allowed here; write a ratio of integers", token.column)
        _, _, exponent = token.text.lower().partition("e")
        if exponent and abs(int(exponent)) > MAX_EXPONENT:
            self.fail(f"a decimal exponent beyond {MAX_EXPONENT}", token.column)
        return self.built(lambda: build.number(Fraction(token.text)), token.column)

    def symbol(self, token: _Token) -> Term | Condition:
        name = token.text
        if self.names is not None and name in self.names:
            return self.built(lambda: T.var(name), token.column)
        if name in ("True", "true", "False", "false"):
            return build.TRUE if name in ("True", "true") else build.FALSE
        if name == "pi":
            return T.pi()
        if name == "E":
            return T.unary("exp", T.ONE)
        if name in _NOT_REAL:
            self.fail(f"{name} ({_NOT_REAL[name]}) is not a real number", token.column)
        if name in ("and", "or", "not", "if", "else", "lambda", "for", "None"):
            self.fail(f"{name!r} cannot stand here", token.column)
        if self.names is not None:
            known = ", ".join(sorted(self.names)) or "none"
            self.fail(f"the symbol {name} is not declared (declared: {known[:80]})", token.column)
        return self.built(lambda: T.var(name), token.column)

    # --- calls ------------------------------------------------------------------------------------
    def call(self, token: _Token) -> Term | Condition:
        """``name(...)``: a function, a relation such as ``Eq``, or ``Piecewise``."""
        self.take()
        name = ALIASES.get(token.text, token.text)
        if name == "Piecewise":
            return self.piecewise(token)
        if self.sympy and name in DIFFERENT:
            self.fail(DIFFERENT[name], token.column)
        known = name in PRIMITIVE or name in DEFINED or name in CITED or name in KINDS or catalogue.has(name)
        if not known:
            everything = [*PRIMITIVE, *DEFINED, *CITED, *KINDS, *ALIASES, *catalogue.names()]
            near = difflib.get_close_matches(token.text, everything, 1, 0.6)
            self.fail(f"unknown function {token.text}" + (f"; did you mean {near[0]}?" if near else ""), token.column)
        args: list[tuple[Term | Condition, int]] = []
        keywords: dict[str, Term] = {}
        while self.next.text != ")":
            column = self.next.column
            if self.next.kind == "name" and self.tokens[self.at + 1].text == "=":
                key = self.take().text
                self.take()
                if key in keywords:
                    self.fail(f"{key} is given twice", column)
                keywords[key] = self.term(self.expression(), column)
            elif keywords:
                self.fail("an argument without a name after one with a name", column)
            else:
                args.append((self.expression(), column))
            if self.next.text != ")":
                self.expect(",", f" in the arguments of {token.text}")
        self.take()
        if keywords and not catalogue.has(name):
            self.fail(f"{token.text} takes no named arguments", token.column)
        if name in KINDS or name == "select":
            return self.special(name, token, args)
        values = [self.term(a, c) for a, c in args]
        if self.sympy and name == "cbrt" and len(values) == 1:
            # SymPy's cbrt is x**(1/3), which is not real below 0; ours is the odd root.
            return self.built(lambda: build.power(values[0], T.rat(Fraction(1, 3))), token.column)
        return self.apply(name, token, values, keywords)

    def count(self, token: _Token, args: Collection[object], low: int, high: int) -> None:
        if not low <= len(args) <= high:
            many = str(low) if low == high else f"{low} or more" if high > 99 else f"{low} to {high}"
            self.fail(f"{token.text} takes {many} argument{'s' * (many != '1')}, not {len(args)}", token.column)

    def special(self, name: str, token: _Token, args: list[tuple[Term | Condition, int]]) -> Term | Condition:
        if name in _COMPARISONS:
            self.count(token, args, 2, 2)
            a, b = (self.term(v, c) for v, c in args)
            return self.made(build.compare, a, _COMPARISONS[name], b, token.column)
        if name == "select":
            self.count(token, args, 3, 3)
            first = args[0][0]
            test = first if isinstance(first, Condition) else build.compare(first, "!=", T.ZERO)
            a, b = (self.term(v, c) for v, c in args[1:])
            return build.choose(test, a, b)
        if name == "Rational":
            self.count(token, args, 1, 2)
            numbers = [self.term(v, c) for v, c in args]
            if any(n.op != "rat" for n in numbers) or (len(numbers) == 2 and numbers[1] is T.ZERO):
                self.fail("Rational takes integers", token.column)
            return numbers[0] if len(numbers) == 1 else self.built(lambda: build.div(*numbers), token.column)
        conditions = [self.condition(v, c) for v, c in args]
        if name == "Not":
            self.count(token, args, 1, 1)
            return build.negation(conditions[0])
        self.count(token, args, 1, 100)
        return self.joined("and" if name == "And" else "or", conditions, token.column)

    def piecewise(self, token: _Token) -> Term:
        cases: list[tuple[Term, Condition]] = []
        while self.next.text != ")":
            self.expect("(", " before a case of Piecewise")
            column = self.next.column
            value = self.term(self.expression(), column)
            self.expect(",", " between value and condition")
            column = self.next.column
            cases.append((value, self.condition(self.expression(), column)))
            self.expect(")", " after a case of Piecewise")
            if self.next.text != ")":
                self.expect(",", " between the cases of Piecewise")
        self.take()
        self.count(token, cases, 1, 200)
        return build.piecewise(cases)

    def apply(self, name: str, token: _Token, args: list[Term], keywords: dict[str, Term]) -> Term:
        if name == "log":
            self.count(token, args, 1, 2)
            logs = [T.unary("log", a) for a in args]
            return logs[0] if len(logs) == 1 else build.div(*logs)
        if name in PRIMITIVE:
            self.count(token, args, 1, 1)
            return T.unary(name, args[0])
        if name in ("max", "min"):
            self.count(token, args, 1, 100)
            return build.nary(name, args)
        if name == "pow":
            self.count(token, args, 2, 2)
            return self.built(lambda: build.power(*args), token.column)
        if name == "heaviside" and len(args) == 1:  # as in SymPy
            args = [*args, T.rat(Fraction(1, 2))]
        if name == "zeta" and len(args) == 1:  # Riemann's zeta is Hurwitz's at 1
            args = [*args, T.ONE]
        if name in CITED:
            self.count(token, args, CITED[name], CITED[name])
            return build.cited(name, args)
        if name in DEFINED:
            self.count(token, args, len(TEXTS[name][0]), len(TEXTS[name][0]))
        else:
            try:
                args = catalogue.arguments(name, args, keywords)
            except BuildError as error:
                self.fail(str(error), token.column)
        return self.built(lambda: T.app(name, *args), token.column)

    def whole(self) -> Term | Condition:
        if self.next.kind == "end":
            self.fail("the text is empty", 0)
        value = self.expression()
        token = self.next
        if token.kind != "end":
            previous = self.tokens[self.at - 1]
            hint = "; write * between factors" if token.kind in ("name", "number") or token.text == "(" else ""
            if previous.kind == "name" and token.text == "(":
                hint = ""
            self.fail(f"unexpected {self.name_of(token)}{hint}", token.column)
        return value


def parse(text: str, names: Collection[str] | None = None, *, decimals: bool = False, sympy: bool = False) -> Term:
    """The surface term that ``text`` writes.

    ``names`` are the declared symbols; with None every name is taken as a symbol.  ``decimals``
    admits decimal numbers, read exactly; ``sympy`` refuses the functions that mean something else in SymPy, for
    tables that are written in its syntax.  Raises :class:`ParseError`.
    """
    parser = _Parser(text, names, decimals, sympy)
    return parser.term(parser.whole(), 0)


def parse_formula(
    text: str, names: Collection[str] | None = None, *, decimals: bool = False, sympy: bool = False
) -> Condition:
    """The condition that ``text`` writes, as it was written."""
    parser = _Parser(text, names, decimals, sympy)
    return parser.condition(parser.whole(), 0)


def parse_condition(
    text: str, names: Collection[str] | None = None, *, decimals: bool = False, sympy: bool = False
) -> list[list[Literal]]:
    """The condition that ``text`` writes, as a disjunction of conjunctions: ``[]`` never holds, ``[[]]`` always."""
    try:
        return build.dnf(parse_formula(text, names, decimals=decimals, sympy=sympy))
    except BuildError as error:
        raise ParseError(str(error), text, 0) from None
