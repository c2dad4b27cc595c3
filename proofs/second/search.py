"""What is searched for among the theorems that support a step: definedness, derivatives, what holds nearby."""

import functools
from collections.abc import Iterator
from typing import Any

from .notation import LEDGERS, Notation, Theorem
from .table import BINDERS, HOLDS, Literal, Term, fold, need, symbols

DOMAIN = {"inv": "!=", "log": ">", "sqrt": ">="}
ABOUT = {"Local": 3, "Side": 4}  # how many parts of a conclusion tell what it is about; of others, all do


def numbers(vary: frozenset[str]) -> bool:
    """Whether symbols without indices vary: families have fewer rules."""
    return not any("/" in x for x in vary)


class Search(Notation):
    """A step may pick theorems from its ``support``, by what they are about, and then rests on them."""

    def pick(self, *says: Any) -> Theorem | None:
        """The supporting theorem that begins so."""
        th = self.support.get(says)
        self.picked += [th] if th else []
        return th

    def shows(self, relation: str, t: Term) -> Theorem | None:
        """A supporting theorem for ``t relation 0``; ``t > 0`` will do for ``t >= 0`` and ``t != 0``."""
        th = self.pick("Holds", (relation, t))
        return th or (self.shows(">", t) if relation in (">=", "!=") else None)

    def counted(self, t: Term, vary: frozenset[str] = frozenset()) -> tuple[Term, ...]:
        """The operands that count: of a conditional its guard, and the arms that may be taken while ``vary`` vary.

        Of a sum or maximum it is the range: what is under it is another question for each index.
        """
        if t[0] != "cond":
            return t.below[:1] if t[0] in BINDERS else t.below
        _, relation, guard, *arms = t
        tests = [(relation, guard), self.negation((relation, guard))]
        moves = vary & guard.symbols
        if moves:  # a continuous guard that is not 0 keeps its sign nearby
            tests = [(">", guard), (">", self.negated(guard)), ("!=", guard)][: 3 if relation in ("=", "!=") else 2]
            arms = [arms[not HOLDS[relation](sign, 0)] for sign in (1, -1, 1)]
        taken = ((arm,) for literal, arm in zip(tests, arms, strict=False) if self.shows(*literal))
        return guard, *next(taken, t.below[1:] if moves and numbers(vary) else ())

    def entry(self, book: str, name: str, terms: tuple[Any, ...]) -> tuple[tuple[Any, ...], Any]:
        """What an entry of a ledger asks for and says, for these terms; it is cited from now on."""
        letters, source, needs, says = LEDGERS[book].get(name, ([], "", [], None))
        need(says and len(letters) == len(terms), f"no {name} of {len(terms)} terms is in the ledger of {book}")
        self.cited |= {f"{name}: {source}"} if source else set()
        values = dict(zip(letters, terms, strict=True))
        asked = [self.value(form, values) for form in needs]
        need(False not in asked, f"{name}: a condition does not hold")
        return tuple([("Holds", literal) for literal in asked if literal is not True]), self.value(says, values)

    def partials(self, t: Term) -> Any:
        """The partial derivatives of a function; None where nothing shows that they are continuous here."""
        needs, says = self.entry(*(("functions", t[1], t[2:]) if t[0] == "app" else ("derivatives", t[0], t[1:])))
        return says if all(self.shows(*literal) for _, literal in needs) else None

    def walk(self, root: Term, given: str, seen: set[Term]) -> Iterator[Term]:
        """What counts in a term and was not seen, each subterm once, down to those that are ``given`` so."""
        stack = [root]
        while stack:
            t = stack.pop()
            if t not in seen and not self.pick(given, t):
                seen.add(t)
                yield t
                stack += self.counted(t)

    def defined(self, root: Term, seen: set[Term] | None = None) -> bool:
        """Whether the term has a value; refused where nothing shows it."""
        for t in self.walk(root, "Defined", set() if seen is None else seen):
            op, operands = t[0], self.counted(t)
            need(op != "cond" or len(operands) == 2, "nothing decides a conditional")
            need(op not in BINDERS, "nothing shows that a sum or maximum has a value")
            need(op not in DOMAIN or self.shows(DOMAIN[op], t[1]), f"nothing shows that {op} has a value")
            need(op != "app" or self.partials(t), "nothing shows that the operands are in the cited domain")
        return True

    def undefined(self, root: Term) -> bool:
        """Whether an operand that counts has no value."""
        for t in self.walk(root, "", set()):
            if self.pick("Undefined", t) or (t[0] in DOMAIN and self.shows(*self.negation((DOMAIN[t[0]], t[1])))):
                return True
        return False

    def derivative(self, vary: frozenset[str], root: Term) -> Term | None:
        """The derivative in the symbols ``vary``; None where only continuity is shown, refused where not even that."""
        need(len({"/" in x for x in vary}) < 2, "symbols and families vary together")
        seen = set[Term]()

        def below(t: Term) -> tuple[Term, ...]:
            return () if vary.isdisjoint(t.symbols) or self.pick("Local", vary, t) else self.counted(t, vary)

        def rate(t: Term, du: list[Term | None]) -> Term | None:
            if given := self.pick("Local", vary, t):
                return given.says[3]
            return self.rate(vary, t, du) if vary & t.symbols else self.defined(t, seen) and self.zero

        return fold(root, below, rate)

    def rate(self, vary: frozenset[str], t: Term, du: list[Term | None]) -> Term | None:
        """The derivative of a term that moves, from those of the operands that count."""
        match t:
            case "var", *entry:
                need(all(vary.isdisjoint(a.symbols) for a in t.below), "an index varies")
                return self.make("d", *entry)
            case (("sum" | "max"), *_):
                need(False, "nothing shows that a sum or maximum is continuous")
            case "mul", a, b:
                return self.plus(self.times(du[0], b), self.times(a, du[1]))
            case "cond", _, _, a, b:
                need(len(du) > 1, "nothing decides a conditional")
                need(len(du) == 2 or a == b or self.shows("=", self.sub(a, b)), "the arms are not shown to meet")
                da, db = du[1], du[-1]
                return da if da == db or (None not in (da, db) and self.shows("=", self.sub(da, db))) else None
        need(t[0] != "app" or numbers(vary), "a cited function of families")
        partials = self.partials(t)
        if partials is None:
            shown = self.shows(">=", t[1]) if t[0] == "sqrt" and numbers(vary) else None
            need(shown and vary.isdisjoint(symbols(shown.hyps)), f"nothing shows that {t[0]} is smooth")
            return None
        moving = [(p, rate) for u, p, rate in zip(t.below, partials, du, strict=True) if vary & u.symbols]
        return functools.reduce(self.plus, [self.times(self.term(p), rate) for p, rate in moving], self.zero)

    def plus(self, a: Term | None, b: Term | None) -> Term | None:
        """The sum, a summand 0 being left out."""
        return None if None in (a, b) else b if a == self.zero else a if b == self.zero else self.make("add", a, b)

    def times(self, a: Term | None, b: Term | None) -> Term | None:
        """The product, a factor 0 or 1 being left out."""
        if None in (a, b) or self.zero in (a, b):
            return None if None in (a, b) else self.zero
        return b if a == self.one else a if b == self.one else self.make("mul", a, b)

    def sign(self, slope: Any) -> int:
        """The sign of a slope, refused where none is shown."""
        if slope[0] == "Infinity":
            return slope[1]
        positive = self.shows(">", slope)
        need(positive or self.shows(">", self.negated(slope)), "nothing shows the sign of a slope")
        return 1 if positive else -1

    def nearby(self, hyps: frozenset[Literal], vary: frozenset[str], side: int) -> frozenset[Literal]:
        """Hypotheses, beside those picked, under which ``hyps`` hold near the point, or next to it on a side."""
        moving = {(relation, u) for relation, u in hyps if vary & u.symbols}
        for relation, u in moving:
            need(relation != "=", "an equation does not hold nearby")
            if self.shows(">" if relation == ">=" else relation, u):
                need(self.pick("Local", vary, u), "a hypothesis is not shown to be continuous")
            else:
                need(side and self.shows("=", u), "a hypothesis is not shown to hold strictly")
                th = self.pick("Side", *vary, side, u) or self.pick("Local", vary, u)
                rate = th and th.says[ABOUT[th.says[0]]]
                need(rate, "a hypothesis is not shown to rise from 0 on that side")
                slope = rate if rate[0] == "Infinity" else self.slope(rate, *vary)
                need(self.sign(slope) == side, "a hypothesis is not shown to begin to hold")
        return hyps - moving
