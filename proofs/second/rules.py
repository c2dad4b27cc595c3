"""The rules of ``rules.txt``: the words in them, and how a step follows from them."""

import ast
import contextlib
import functools
import itertools
import math
from fractions import Fraction
from typing import Any

from .notation import INFINITE, Form, Letters, Theorem
from .search import Rate, Search
from .table import Literal, Polynomial, Refused, Term, Word, need, true


class Words(Search):
    """Words about terms for their form, and about many theorems at once; a condition returns whether it holds."""

    def cond(self, literal: Literal, a: Term, b: Term) -> Term:
        return self.make("cond", *literal, a, b)

    def oo(self, sign: int) -> Word:
        need(sign, "nothing shows the sign of an infinite slope")
        return Word("+oo" if sign > 0 else "-oo")

    def infinite(self, *slopes: Term | Word | None) -> bool:
        return any(slope in INFINITE for slope in slopes)

    def slope(self, rate: Rate, x: str) -> Term:
        """``s`` of a derivative ``s dx``; of another form, the derivative at ``dx = 1``."""
        t, dx = self.term(rate), self.make("d", x)
        op, *args = self.rows[t]
        return args[0] if op == "mul" and args[1] == dx and self.still(args[0]) else self.put(t, {dx: self.one})

    def fresh(self, names: str | frozenset[str], *things: Any) -> bool:
        """Whether no symbol of these names, and no tangent of one, is in the things."""
        listed = [names] if isinstance(names, str) else names
        return not self.names(tuple((x, self.make("d", x)) for x in listed)) & self.names(things)

    def still(self, *terms: Term) -> bool:
        """Whether no tangent is in the terms."""
        return not self.names(terms) & self.tangents

    def closed(self, values: dict[Term, Term], *terms: Term) -> bool:
        """Whether no symbol is in the values and terms."""
        return not self.names((*values.values(), *terms))

    def each(self, literals: tuple[Literal, ...]) -> frozenset[Literal]:
        return frozenset(literals)

    def assumes(self, th: Theorem, literal: Literal) -> bool:
        return literal in th.hyps

    def equations(self, values: dict[Term, Term]) -> frozenset[Literal]:
        """That the symbols have these values."""
        return frozenset(("=", self.sub(x, t)) for x, t in values.items())

    def item(self, pieces: tuple[Any, ...], i: int) -> Any:
        need(0 <= i < len(pieces), "no such piece")
        return pieces[i]

    def shown(self, literals: Any, said: tuple[Any, ...]) -> bool:
        """Whether literals are said, and nothing else than literals is."""
        return all(says[0] == "Holds" for says in said) and {("Holds", lit) for lit in literals} <= set(said)

    def integer(self, root: Term) -> bool:
        """Whether the term is an integer for its form."""

        def whole(t: Term, parts: list[bool]) -> bool:
            op, *args = self.rows[t]
            return all(parts) if parts else op == "floor" or (op == "rat" and args[0].denominator == 1)

        return self.fold(root, lambda t: self.below[t] if self.rows[t][0] in ("add", "mul", "pow") else (), whole)

    def linear(self, rate: Rate, vary: frozenset[str]) -> bool:
        """Whether a derivative is 0, or linear in the tangents of ``vary`` and free of others, for its form."""

        def degree(t: Term, parts: list[int]) -> int:
            op, *args = self.rows[t]
            if op == "d":
                return 1 if args[0] in vary else 2
            if op == "mul" or self.still(t):
                return sum(parts)
            arms = list(zip(self.below[t], parts, strict=True))[-2:]
            flat = op == "add" or (op == "cond" and not parts[0])
            return 1 if flat and all(n == 1 or u == self.zero for u, n in arms) else 2

        root = self.term(rate)
        return root == self.zero or self.fold(root, lambda t: () if self.still(t) else self.below[t], degree) == 1

    def absurd(self, says: tuple[Any, ...]) -> bool:
        """Whether a false comparison of a number with 0 is said: then no point satisfies the hypotheses."""
        if says[0] != "Holds" or not self.closed({}, says[1][1]):
            return False
        number = self.polynomial(says[1][1])
        return not set(number) - {1} and not true(says[1][0], number.get(1, 0))

    def combination(self, goal: Literal, products: Any, equations: Any) -> bool:
        """Whether the goal is a sum of products of what is shown, and of multiples of what is 0."""
        relation, t = goal
        positive, terms = list[bool](), [[self.negated(t)]]
        need(all(th.says[0] == "Holds" for th in self.given), "not a literal")
        for q, theorems, squares in products:
            factors = [th.says[1] for th in theorems]
            relations = {r for r, _ in factors} | {">=" for _ in squares}
            need("=" not in relations and (q > 0 or (q and relation == "!=")), "an equation, or a coefficient <= 0")
            positive.append(">=" not in relations)
            again = [u for r, u in factors if r == "!=" and relation != "!="]
            terms.append([self.term(q), *(u for _, u in factors), *again, *squares, *squares])
        enough = {"=": not products, "!=": positive == [True], ">": any(positive), ">=": True}
        zeros = [(c, *th.says[1]) for c, th in equations]
        need(enough[relation] and all(r == "=" for _, r, _ in zeros), "the signs do not show that of the goal")
        total, times = Polynomial(), functools.partial(self.combined, "mul")
        for factors in [*terms, *([c, u] for c, _, u in zeros)]:
            total = self.combined("add", total, functools.reduce(times, map(self.polynomial, factors)))
        return not total

    def instance(self, book: str, name: str, terms: tuple[Term, ...]) -> tuple[Any, Literal]:
        """The premises and the conclusion of an entry of a ledger, for these terms."""
        values, needs, says = self.entry(book, name, terms)
        return tuple(("Holds", literal) for literal in needs), self.value(says, values)

    def series(self, u: Term, first: int, step: int, sign: int, count: int) -> Term:
        """The sum of ``count`` terms ``sign**k u**m / m!`` for ``m = first + step k``, from 0 on."""
        total = self.zero
        for k, m in zip(range(count), itertools.count(first, step), strict=False):
            q = self.term(Fraction(sign**k, math.factorial(m)))
            total = self.make("add", total, self.make("mul", q, self.joined(ast.Pow, u, m)))
        return total

    def signed(self, n: int, t: Term) -> Term:
        """``t``, or ``-t`` for an odd ``n``."""
        return self.negated(t) if n % 2 else t

    def together(self, inner: tuple[tuple[str, Theorem], ...]) -> tuple[Any, ...]:
        """Of the theorems for the chain rule: hypotheses, the symbols replaced, those that vary, terms, derivatives."""
        names, varying = frozenset(w for w, _ in inner), {th.says[:2] for _, th in inner}
        need(len(names) == len(inner) and len(varying) == 1, "a symbol stands twice, or different ones vary")
        ((kind, vary),) = varying
        need(kind == "Local", "not about derivatives")
        hyps = frozenset[Literal]().union(*(th.hyps for _, th in inner))
        terms = {self.term(w): th.says[2] for w, th in inner}
        return hyps, names, vary, terms, {self.make("d", w): th.says[3] for w, th in inner}

    def ray(self, line: dict[Term, Fraction]) -> tuple[frozenset[str], dict[Term, Term]]:
        """The symbols of a line, and where they are on it at the distance ``h``."""
        steps = {v: self.make("mul", self.term(q), self.term("h")) for v, q in line.items()}
        return frozenset(self.rows[v][1] for v in line), {v: self.make("add", v, step) for v, step in steps.items()}

    def both(self, sides: tuple[Any, ...]) -> tuple[Any, ...]:
        """Of the sides of a term: symbol, term, left and right slope, and what is known of its continuity."""
        slopes, about = {s[2]: s[4] for s in sides if s[0] == "Side"}, {(s[1], s[3]) for s in sides if s[0] == "Side"}
        need(len(slopes) == len(sides) and len(about) == 1, "not the sides of one term")
        return *about.pop(), slopes.get(-1), slopes.get(1), frozenset(s[5] for s in sides)

    def cells(self, about: Any, given: Any, pieces: Any, verdicts: Any, apart: Any, witnesses: Any) -> tuple[Any, ...]:
        """The pieces of a map with what is said of each: they do not overlap, and each holds somewhere."""
        under = [{*given, *piece} for piece in pieces]
        overlaps = [one | other for one, other in itertools.combinations(under, 2)]
        numbers = len(overlaps) - len(apart), len(pieces) - len(verdicts), len(pieces) - len(witnesses)
        need(not any(numbers), "a proof is missing or left over")
        for hyps, th in zip(overlaps, apart, strict=True):
            need(self.absurd(th.says) and th.hyps <= hyps, "two pieces may overlap")
        for hyps, th, witness in zip(under, verdicts, witnesses, strict=True):
            need(witness.says[0] == "Somewhere" and hyps <= {*witness.says[1]}, "a piece may be empty")
            need(th is None or (th.says[:3] in about and th.hyps <= hyps), "a verdict is for another case")
        return tuple((p, th and th.says) for p, th in zip(pieces, verdicts, strict=True))


class Rules(Words):
    """A step rests on the theorems ``given`` as its arguments, and on those that it picks."""

    given: list[Theorem]

    def conclude(self, forms: list[Form], args: Letters) -> Theorem:
        """What a rule makes of its arguments: by the first of its forms that fits them."""
        for form in forms[:-1]:
            with contextlib.suppress(Refused):
                return self.follow(form, args)
        return self.follow(forms[-1], args)

    def follow(self, form: Form, args: Letters) -> Theorem:
        """What a form of a rule makes of the arguments."""
        self.picked, self.cited, none = [], set(), frozenset[Literal]()
        assumed = none.union(*(th.hyps for th in self.given))
        letters = {"G": none, "H": none, "K": none, "ALL": assumed, "eps": "eps", "h": "h", **args}
        for label, context, goal in form[:-1]:
            if label:
                self.premise(letters[label], context, goal, letters)
            elif isinstance(goal, ast.Compare):  # ``left is right``
                self.fit(goal.comparators[0], self.value(goal.left, letters), letters)
            else:
                need(self.value(goal, letters), "a condition does not hold")
        _, context, goal = form[-1]
        hyps, says = self.context(context, letters), self.value(goal, letters)
        hyps = hyps.union(*(th.hyps for th in self.picked))
        need(self.still(*(t for _, t in hyps)), "a tangent occurs in a hypothesis")
        return Theorem(hyps, says, frozenset(self.cited).union(*(th.cites for th in (*self.given, *self.picked))))

    def premise(self, given: Any, context: list[ast.expr], goal: Any, letters: Letters) -> None:
        """Read a premise, a theorem or several, and keep what it assumes beside what stands in the context."""
        theorems = given if type(given) is tuple else (given,)
        need(all(type(th) is Theorem for th in theorems), "a premise is missing")
        rest = frozenset[Literal]().union(*(th.hyps for th in theorems)) - self.context(context, letters)
        match context:
            case [ast.Name(id="G" | "H" | "K" as letter), *_]:
                letters[letter] |= rest
            case _:
                need(not rest, "more is assumed than there may be")
        self.fit(goal, given.says if type(given) is Theorem else tuple(th.says for th in given), letters)

    def context(self, nodes: list[ast.expr], letters: Letters) -> frozenset[Literal]:
        """The hypotheses left of ``|-``."""
        values = (self.value(node, letters) for node in nodes)
        return frozenset[Literal]().union(*(v if isinstance(v, frozenset) else {v} for v in values))
