"""What is searched for among the theorems that support a step: definedness, derivatives, what holds nearby."""

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from .notation import INFINITE, LEDGERS, Letters, Notation, Theorem
from .table import Literal, Term, Word, need, true

DOMAIN = {"inv": "!=", "log": ">", "sqrt": ">="}
Rate = Term | None
"""A derivative; None where only continuity is known."""


class Search(Notation):
    """A step may pick theorems from its ``support``, by what they are about, and then rests on them."""

    support: dict[tuple[Any, ...], Theorem]
    picked: list[Theorem]
    cited: set[str]

    def pick(self, *says: Any) -> Theorem | None:
        """The supporting theorem that begins so."""
        th = self.support.get(says)
        self.picked += [th] if th else []
        return th

    def shows(self, relation: str, t: Term) -> Theorem | None:
        """A supporting theorem for ``t relation 0``; ``t > 0`` will do for ``t >= 0`` and ``t != 0``."""
        th = self.pick("Holds", (relation, t))
        return th or (self.shows(">", t) if relation in (">=", "!=") else None)

    def counted(self, t: Term, over: int = 0) -> tuple[Term, ...]:
        """The operands that count: of a conditional its guard, and the arms that may be taken where ``over`` move."""
        if self.rows[t][0] != "cond":
            return self.below[t]
        _, relation, guard, *arms = self.rows[t]
        moves = self.marks[guard] & over
        tests = [(relation, guard), self.negation((relation, guard))]
        if moves:  # a continuous guard that is not 0 keeps its sign nearby
            tests = [(">", guard), (">", self.negated(guard)), ("!=", guard)][: 3 if relation in ("=", "!=") else 2]
            arms = [arms[not true(relation, sign)] for sign in (1, -1, 1)]
        taken = ((arm,) for literal, arm in zip(tests, arms, strict=False) if self.shows(*literal))
        return guard, *next(taken, self.below[t][1:] if moves else ())

    def entry(self, book: str, name: str, terms: Sequence[Any]) -> tuple[Letters, list[Literal], Any]:
        """An entry of a ledger for these terms: its letters, its conditions, what it says; it is cited from now on."""
        letters, source, needs, says = LEDGERS[book].get(name, ([], "", [], None))
        need(says and len(letters) == len(terms), f"no {name} of {len(terms)} terms is in the ledger of {book}")
        self.cited |= {f"{name}: {source}"} if source else set()
        values = dict(zip(letters, terms, strict=True))
        return values, [self.value(condition, values) for condition in needs], says

    def known(self, t: Term) -> tuple[Letters, Any, bool]:
        """The operands of a term by their letters in the ledger, its derivative there, and whether that holds here."""
        op, *args = self.rows[t]
        operands, needs, says = (
            self.entry("functions", *args[:1], args[1:]) if op == "app" else self.entry("derivatives", op, args)
        )
        return operands, says, all(self.shows(*literal) for literal in needs)

    def walk(self, roots: Sequence[Term], given: str) -> Iterator[Term]:
        """What counts in the terms, each subterm once, down to those that are ``given`` so."""
        stack, seen = [*roots], set[Term]()
        while stack:
            t = stack.pop()
            if t not in seen and not self.pick(given, t):
                seen.add(t)
                yield t
                stack += self.counted(t)

    def defined(self, *roots: Term) -> bool:
        """Whether the terms have a value; refused where nothing shows it."""
        for t in self.walk(roots, "Defined"):
            op, parts = self.rows[t][0], self.counted(t)
            need(op != "cond" or len(parts) == 2, "nothing decides a conditional")
            need(op not in DOMAIN or self.shows(DOMAIN[op], parts[0]), f"nothing shows that {op} has a value")
            need(op != "app" or self.known(t)[2], "nothing shows that the operands are in the cited domain")
        return True

    def undefined(self, root: Term) -> bool:
        """Whether an operand that counts has no value."""
        for t in self.walk([root], ""):
            relation, u = DOMAIN.get(self.rows[t][0]), self.below[t][:1]
            if self.pick("Undefined", t) or (relation and self.shows(*self.negation((relation, *u)))):
                return True
        return False

    def derivative(self, vary: frozenset[str], root: Term) -> Rate:
        """The derivative in the symbols ``vary``; None where only continuity is shown, refused where not even that."""
        over, still = self.names(vary), list[Term]()

        def below(t: Term) -> Sequence[Term]:
            leaf = ("Local", vary, t) in self.support or not self.marks[t] & over
            return () if leaf else self.counted(t, over)

        def rate(t: Term, du: list[Rate]) -> Rate:
            if given := self.pick("Local", vary, t):
                return given.says[3]
            if self.marks[t] & over:
                return self.rate(over, t, du)
            still.append(t)
            return self.zero

        found = self.fold(root, below, rate)
        self.defined(*still)
        return found

    def rate(self, over: int, t: Term, du: list[Rate]) -> Rate:
        """The derivative of a term that moves, from those of the operands that count."""
        op, *args = self.rows[t]
        if op == "var":
            return self.make("d", *args)
        if op == "cond":
            need(len(du) > 1, "nothing decides a conditional")
            (a, b), (_, da, *_, db) = args[2:], (*du, du[-1])
            need(len(du) == 2 or a == b or self.shows("=", self.sub(a, b)), "the arms are not shown to meet")
            return da if da == db or (None not in (da, db) and self.shows("=", self.sub(da, db))) else None
        operands, total, smooth = self.known(t)
        if not smooth:
            shown = self.shows(">=", args[0]) if op == "sqrt" else None
            need(shown and not any(self.marks[u] & over for _, u in shown.hyps), f"nothing shows that {op} is smooth")
            return None
        rates = {f"d{letter}": rate for letter, rate in zip(operands, du, strict=False)}
        needed = {f"d{letter}" for letter, u in operands.items() if self.names(u) & over}
        need(needed <= {getattr(n, "id", "") for n in ast.walk(total)}, "no derivative is cited in a place that moves")
        return self.total(total, operands, rates)

    def total(self, node: ast.AST, operands: Letters, rates: dict[str, Rate]) -> Rate:
        """The value of a total derivative, whose sums and products leave out a needless 0 or 1."""
        match node:
            case ast.Name(id=name) if name in rates:
                return rates[name]
            case ast.BinOp(left=left, op=ast.Add() | ast.Mult() as op, right=right):
                a, b = self.total(left, operands, rates), self.total(right, operands, rates)
                if a is None or b is None:
                    return None
                if isinstance(op, ast.Add):
                    return b if a == self.zero else a if b == self.zero else self.make("add", a, b)
                if self.zero in (a, b):
                    return self.zero
                return b if a == self.one else a if b == self.one else self.make("mul", a, b)
        return self.term(self.value(node, operands))

    def sign(self, slope: Term | Word) -> int:
        """The sign of a slope, 0 where none is shown."""
        if slope in INFINITE:
            return INFINITE[slope]
        return 1 if self.shows(">", slope) else -1 if self.shows(">", self.negated(slope)) else 0

    def nearby(self, hyps: frozenset[Literal], vary: frozenset[str], side: int) -> frozenset[Literal]:
        """Hypotheses, beside those picked, under which ``hyps`` hold near the point, or next to it on a side."""
        over = self.names(vary)
        fixed = frozenset((relation, u) for relation, u in hyps if not self.marks[u] & over)
        for relation, u in hyps - fixed:
            need(relation != "=", "an equation does not hold nearby")
            if self.shows(">" if relation == ">=" else relation, u):
                need(self.pick("Local", vary, u), "a hypothesis is not shown to be continuous")
            else:
                need(side and self.shows("=", u), "a hypothesis is not shown to hold strictly")
                rate = self.zero
                if th := self.pick("Side", *vary, side, u):
                    rate = th.says[4]
                elif (th := self.pick("Local", vary, u)) and th.says[3] is not None:
                    rate = self.slope(th.says[3], *vary)
                need(self.sign(rate) == side, "a hypothesis is not shown to begin to hold")
        return fixed
