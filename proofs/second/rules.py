"""The rules of ``rules.txt``: the words in them, and how a step follows from them."""

import functools
import itertools
import math
from fractions import Fraction
from typing import Any

from .notation import Theorem
from .search import DOMAIN, Search
from .table import HOLDS, TANGENT, Literal, Refused, Term, TooCostly, Word, fold, need, ring, symbols

NONE: frozenset[Any] = frozenset()


class Words(Search):
    """Words about terms for their form, and about many theorems at once; a condition returns whether it holds."""

    def d(self, x: str) -> Term:
        return self.make("d", x)

    def cond(self, literal: Literal, a: Term, b: Term) -> Term:
        return self.make("cond", *literal, *map(self.term, (a, b)))

    def slope(self, rate: Term | None, x: str) -> Term:
        """``s`` of a derivative ``s dx``; of another form, the derivative at ``dx = 1``."""
        need("/" not in x, "a family has a slope for each entry")
        t, dx = self.term(rate), self.make("d", x)
        simple = t[0] == "mul" and t[2] == dx and self.still(t[1])
        return t[1] if simple else self.put(t, {dx: self.one})

    def fresh(self, names: Any, *things: Any) -> bool:
        """Whether no symbol of these names, and no tangent of one, is in the things."""
        return symbols(names).isdisjoint(symbols(things))

    def still(self, *things: Any) -> bool:
        """Whether no tangent is in the things."""
        return TANGENT not in symbols(things)

    def closed(self, *things: Any) -> bool:
        """Whether no symbol is in the things."""
        return not symbols(things)

    def each(self, literals: tuple[Literal, ...]) -> frozenset[Literal]:
        return frozenset(literals)

    def equations(self, values: dict[str, Term]) -> frozenset[Literal]:
        """That the symbols have these values."""
        return frozenset(("=", self.sub(x, t)) for x, t in values.items())

    def counts(self, k: Term, n: Term) -> frozenset[Literal]:
        """That ``k`` is a natural number less than ``n``."""
        return frozenset({(">=", k), (">", self.sub(n, k)), ("=", self.sub(self.make("floor", k), k))})

    def item(self, pieces: tuple[Any, ...], i: int) -> Any:
        need(i < len(pieces), "no such piece")
        return pieces[i]

    def shown(self, literals: Any, said: tuple[Any, ...]) -> bool:
        """Whether literals are said, and nothing else than literals is."""
        return all(says[0] == "Holds" for says in said) and {("Holds", lit) for lit in literals} <= set(said)

    def integer(self, root: Term) -> bool:
        """Whether the term is an integer for its form."""

        def whole(t: Term, parts: list[bool]) -> bool:
            return all(parts) if parts else t[0] == "floor" or (t[0] == "rat" and t[1].denominator == 1)

        return fold(root, ring, whole)

    def linear(self, rate: Term | None, vary: frozenset[str]) -> bool:
        """Whether a derivative is 0, or linear in the tangents of ``vary`` and free of others, for its form."""

        def degree(t: Term, parts: list[int]) -> int:
            if t[0] == "d":
                return 1 if t.head[1] in vary and not any(parts) else 2
            if t[0] == "mul" or not parts:
                return sum(parts)
            flat = t[0] == "add" or (t[0] in ("cond", "sum") and parts[0] == 0)
            arms = itertools.islice(zip(t.below, parts, strict=True), t[0] != "add", None)
            return 1 if flat and all(n == 1 or u == self.zero for u, n in arms) else 2

        root = self.term(rate)
        return root == self.zero or fold(root, lambda t: () if self.still(t) else t.below, degree) == 1

    def absurd(self, says: tuple[Any, ...]) -> bool:
        """Whether a false comparison of a number with 0 is said: then no point satisfies the hypotheses."""
        if says[0] != "Holds" or symbols(says[1][1]):
            return False
        number = self.polynomial(says[1][1])
        return number.keys() <= {1} and not HOLDS[says[1][0]](number.get(1, 0), 0)

    def combination(self, goal: Literal, products: Any, equations: Any) -> bool:
        """Whether the goal is a sum of products of what is shown, and of multiples of what is 0."""
        relation, t = goal
        positive, rows = list[bool](), [[self.minus, t]]
        need(all(th.says[0] == "Holds" for th in self.given), "not a literal")
        for q, theorems, squares in products:
            factors = [th.says[1] for th in theorems] + [(">=", u) for u in (*squares, *squares)]
            relations = {r for r, _ in factors}
            need("=" not in relations and (q > 0 or (q and relation == "!=")), "an equation, or a coefficient <= 0")
            positive.append(">=" not in relations)
            again = [(r, u) for r, u in factors if r == "!=" and relation != "!="]
            rows.append([self.term(q), *(u for _, u in factors + again)])
        enough = {"=": not products, "!=": positive == [True], ">": any(positive), ">=": True}
        zeros = all(th.says[1][0] == "=" for _, th in equations)
        need(enough[relation] and zeros, "the signs do not show that of the goal")
        rows += [[c, th.says[1][1]] for c, th in equations]
        times, plus = (functools.partial(self.combined, op) for op in ("mul", "add"))
        return not functools.reduce(plus, [functools.reduce(times, map(self.polynomial, row)) for row in rows])

    def local(self, says: tuple[Any, ...]) -> bool:
        """Whether it is about one point, and not about a graph."""
        return says[0] not in ("Operator", "Step", "Program")

    def series(self, u: Term, first: int, step: int, sign: int, count: int) -> Term:
        """The sum of ``count`` terms ``sign**k u**m / m!`` for ``m = first + step k``, from 0 on."""
        powers = list(itertools.islice(itertools.count(first, step), count))
        factors = [self.term(Fraction(sign**k, math.factorial(m))) for k, m in enumerate(powers)]
        terms = [self.make("mul", q, self.power(u, m)) for q, m in zip(factors, powers, strict=True)]
        return functools.reduce(functools.partial(self.make, "add"), terms, self.zero)

    def signed(self, n: int, t: Term) -> Term:
        """``t``, or ``-t`` for an odd ``n``."""
        return self.negated(t) if n % 2 else t

    def together(self, inner: tuple[tuple[str, Theorem], ...]) -> tuple[Any, ...]:
        """Of the theorems for the chain rule: hypotheses, the symbols replaced, those that vary, terms, derivatives."""
        names, varying = frozenset(w for w, _ in inner), {th.says[:2] for _, th in inner}
        need(len(names) == len(inner) and len(varying) == 1, "a symbol stands twice, or different ones vary")
        ((kind, vary),) = varying
        need(kind == "Local", "not about derivatives")
        hyps = NONE.union(*(th.hyps for _, th in inner))
        terms = {w: th.says[2] for w, th in inner}
        return hyps, names, vary, terms, {self.make("d", w): th.says[3] for w, th in inner}

    def ray(self, line: dict[str, Any]) -> tuple[frozenset[str], dict[str, Term]]:
        """The symbols of a line, and where they are on it at the distance ``h``; of families, each entry."""
        kinds = {"/" in v for v in line} | {type(q) is Term for q in line.values()}
        need(len(kinds) < 2, "a line in symbols and families, or with other directions than these have")
        need(all(map(self.sure, line.values())), "a direction may have no value")
        steps = {v: self.make("mul", self.term(q), self.term("h")) for v, q in line.items()}
        return frozenset(line), {v: self.make("add", self.whole(v), step) for v, step in steps.items()}

    def sure(self, root: Any) -> bool:
        """Whether the term has a value whatever its symbols are, for its form; so have numbers."""

        def plain(t: Term, parts: list[bool]) -> bool:
            return all(parts) and t[0] not in (*DOMAIN, "app", "max")

        return type(root) is not Term or fold(root, lambda t: t.below, plain)

    def whole(self, x: str) -> Term:
        """A symbol, or the entry of a family at loose indices."""
        name, _, rank = x.partition("/")
        return self.make("var", name, *[self.make("idx", k) for k in reversed(range(int(rank or 0)))])

    def both(self, sides: tuple[Any, ...]) -> tuple[Any, ...]:
        """Of the sides of a term: symbol, term, left and right slope, and what is known of its continuity."""
        slopes, about = {s[2]: s[4] for s in sides if s[0] == "Side"}, {(s[1], s[3]) for s in sides if s[0] == "Side"}
        need(len(slopes) == len(sides) and len(about) == 1, "not the sides of one term")
        return *about.pop(), slopes.get(-1), slopes.get(1), frozenset(s[5] for s in sides)

    def infinite(self, *slopes: Any) -> bool:
        return any(slope and slope[0] == "Infinity" for slope in slopes)

    def cells(self, about: Any, given: Any, pieces: Any, verdicts: Any, apart: Any, witnesses: Any) -> tuple[Any, ...]:
        """The pieces of a map with what is said of each: they do not overlap, and each holds somewhere."""
        under = [{*given, *piece} for piece in pieces]
        overlaps = (one | other for one, other in itertools.combinations(under, 2))
        enough = len(under) * (len(under) - 1) // 2 == len(apart) and len(pieces) == len(verdicts) == len(witnesses)
        need(enough, "a proof is missing or left over")
        disjoint = all(self.absurd(th.says) and th.hyps <= hyps for hyps, th in zip(overlaps, apart, strict=True))
        need(disjoint, "two pieces may overlap")
        for hyps, th, witness in zip(under, verdicts, witnesses, strict=True):
            need(witness.says[0] == "Somewhere" and hyps <= {*witness.says[1]}, "a piece may be empty")
            need(th is None or (th.says[:3] in about and th.hyps <= hyps), "a verdict is for another case")
        return tuple((p, th and th.says) for p, th in zip(pieces, verdicts, strict=True))

    def column(self, rows: Any, k: int) -> tuple[Any, ...]:
        """What stands at a place of each row."""
        return tuple([row[k] for row in rows])

    def ranges(self, index: Any) -> frozenset[Literal]:
        """That each variable of an index counts below its size."""
        return NONE.union(*[self.counts(k, n) for k, n in index])

    def symbol(self, name: str, index: Any) -> str:
        return f"{name}/{len(index)}"

    def summed(self, index: Any, t: Any, op: str, x: str) -> Term:
        """The sum over all values of an index of ``t`` times the entry, or tangent, of a family."""
        entry = self.make(op, x.partition("/")[0], *self.column(index, 0))
        need(index and entry.head == (op, x), "a family has other indices, or none")
        product = (entry, t) if op == "var" else (t, entry)
        return functools.reduce(lambda s, row: self.over("sum", *row, s), index[::-1], self.make("mul", *product))

    def paired(self, pulls: Any) -> Term:
        """The pullbacks times the tangents of their operands, summed."""
        need(pulls, "no pullback")
        parts = [self.summed(index, v, "d", x) for x, index, v in pulls]
        return functools.reduce(functools.partial(self.make, "add"), parts)

    def fixed(self, outs: Any, pulls: Any, g: str) -> bool:
        """Whether no index stands twice, and no size depends on one, on an operand, the cotangent or a tangent."""
        indices = [outs, *self.column(pulls, 1)]
        names, sizes = (tuple([self.column(index, k) for index in indices]) for k in (0, 1))
        once = all(len({*row}) == len(row) for row in (*names, self.column(pulls, 0)))
        return once and self.still(sizes) and self.fresh((g, self.column(pulls, 0), names), sizes)

    def pairs(self, values: dict[str, Term]) -> tuple[Any, ...]:
        return tuple(sorted(values.items()))

    def about(self, names: Any, literals: Any) -> frozenset[Literal]:
        """The literals in which one of the names stands."""
        return frozenset(lit for lit in literals if not self.fresh(names, lit))

    def closing(self, literals: Any, names: Any) -> frozenset[Literal]:
        """Literals with loose indices in the place of variables."""
        return frozenset((relation, self.bound(t, names)) for relation, t in literals)

    def pullbacks(self, pulls: Any) -> tuple[Any, ...]:
        rows = [(x, *(self.column(index, k) for k in (1, 0)), v) for x, index, v in pulls]
        return tuple([(Word("Pullback"), x, sizes, self.bound(v, names)) for x, sizes, names, v in rows])

    def renamed(self, values: dict[str, Term], pulls: Any) -> tuple[Any, ...]:
        """The operands with the families that they become and their sizes, and the values of other symbols."""
        operands = self.column(pulls, 1)
        need({*operands} <= {*values}, "an operand is missing")
        need(all(t.loose <= int(x.partition("/")[2] or 0) for x, t in values.items()), "a value has more indices")
        others = {x: t for x, t in values.items() if x not in operands}
        families = all(values[x].head and values[x] == self.whole(values[x].head[1]) for x in operands)
        need(families, "an operand is no family")
        return tuple([(x, values[x].head[1], self.put(n, others)) for _, x, n, _ in pulls]), others

    def linked(self, inputs: Any, made: Any) -> bool:
        """Whether names are new, operands known with their sizes, and nothing else depends on a name."""
        need(all(says[0] == "Step" for says in made), "not a step")
        known, nodes = dict(inputs), {*self.column(inputs, 0), *self.column(made, 1)}
        need(len(nodes) == len(inputs) + len(made), "a name stands twice")
        need(all(x.partition("/")[2] == str(len(sizes)) for x, sizes in inputs), "no family")
        need(self.fresh(frozenset(nodes), tuple(known.values())), "a size depends on a name")
        for _, x, sizes, op, hyps, operands, others in made:
            own = symbols((op, hyps)) - {*self.column(operands, 0), *self.column(others, 0)}
            need(nodes.isdisjoint(own | symbols(self.column(others, 1))), "a value depends on a name")
            need(all(known.get(y) == n for _, y, n in operands), "no such operand")
            known[x] = sizes
        return True


class Rules(Words):
    """A step rests on the theorems ``given`` as its arguments, and on those that it picks."""

    def conclude(self, forms: list[Any], args: dict[str, Any]) -> Theorem:
        """What a rule makes of its arguments: by the first of its forms that fits them."""
        for form in forms[:-1]:
            try:
                return self.follow(form, args)
            except Refused as error:
                if type(error) is TooCostly:
                    raise
        return self.follow(forms[-1], args)

    def follow(self, form: Any, args: dict[str, Any]) -> Theorem:
        """What a form of a rule makes of the arguments."""
        self.picked, self.cited = [], set()
        assumed = NONE.union(*(th.hyps for th in self.given))
        letters = {"G": NONE, "H": NONE, "K": NONE, "ALL": assumed, "eps": "eps", "h": "h", **args}
        for label, context, goal in form[:-1]:
            if label:
                self.premise(letters[label], context, goal, letters)
            elif goal[0] == "Is":
                self.fit(goal[2], self.value(goal[1], letters), letters)
            else:
                need(self.value(goal, letters), "a condition does not hold")
        _, context, goal = form[-1]
        hyps, says = self.context(context, letters), self.value(goal, letters)
        hyps = hyps.union(*(th.hyps for th in self.picked))
        need(self.still(hyps), "a tangent occurs in a hypothesis")
        return Theorem(hyps, says, frozenset(self.cited).union(*(th.cites for th in (*self.given, *self.picked))))

    def premise(self, given: Any, context: Any, goal: Any, letters: dict[str, Any]) -> None:
        """Read a premise, a theorem or several, and keep what it assumes beside what stands in the context."""
        theorems = given if type(given) is tuple else (given,)
        need(None not in theorems, "a premise is missing")
        rest = NONE.union(*(th.hyps for th in theorems)) - self.context(context, letters)
        if context and context[0] in ("G", "H", "K"):
            letters[context[0]] |= rest
        else:
            need(not rest, "more is assumed than there may be")
        self.fit(goal, given.says if type(given) is Theorem else tuple([th.says for th in given]), letters)

    def context(self, formulas: Any, letters: dict[str, Any]) -> frozenset[Literal]:
        """The hypotheses left of ``|-``."""
        values = [self.value(form, letters) for form in formulas]
        return NONE.union(*[v if isinstance(v, frozenset) else {v} for v in values])
