"""Theorems, and what several rules need to make them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, NewType

from .ledger import CITED, PRIMITIVES, ledger, syntax
from .table import Literal, Table, Term, need, true

DOMAIN = {"inv": "!=", "log": ">", "sqrt": ">="}


class Theorem(NamedTuple):
    """At every point that satisfies ``hyps`` holds what it ``says``; ``cites`` are the cited facts it rests on."""

    hyps: frozenset[Literal]
    says: tuple[Any, ...]
    cites: frozenset[str]


# What a theorem can say; the word stands first in ``says``, before the parts in the order of the kernel's class.
Holds = NewType("Holds", Theorem)
Defined = NewType("Defined", Theorem)
Undefined = NewType("Undefined", Theorem)
Local = NewType("Local", Theorem)
HasDeriv = NewType("HasDeriv", Theorem)
NthDerivative = NewType("NthDerivative", Theorem)
Side = NewType("Side", Theorem)
NotDifferentiable = NewType("NotDifferentiable", Theorem)
Within = NewType("Within", Theorem)
Somewhere = NewType("Somewhere", Theorem)
Map = NewType("Map", Theorem)


class Reasoning(Table):
    """What several rules need.  A step rests on the theorems ``given``, and may pick from the ``support``."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[Theorem] = []
        self.support: dict[tuple[Any, ...], Theorem] = {}
        self.picked: list[Theorem] = []
        self.cited: set[str] = set()
        self.eps, self.h = self.make("var", "eps"), self.make("var", "h")

    def pick(self, *says: Any) -> Theorem | None:
        """The supporting theorem that begins so."""
        th = self.support.get(says)
        self.picked += [th] if th else []
        return th

    def shows(self, relation: str, t: Term) -> Theorem | None:
        """A supporting theorem for ``t relation 0``; ``t > 0`` will do for ``t >= 0`` and ``t != 0``."""
        th = self.pick(Holds, (relation, t))
        return th or (self.shows(">", t) if relation in (">=", "!=") else None)

    def decided(self, t: Term) -> tuple[Term, ...]:
        """The operands that count: of a conditional its guard, and the arm that is shown to be taken."""
        if self.rows[t][0] != "cond":
            return self.below[t]
        guard, yes, no = self.below[t]
        literal = self.rows[t][1], guard
        return (
            (guard, yes) if self.shows(*literal) else (guard, no) if self.shows(*self.negation(literal)) else (guard,)
        )

    def nearby_operands(self, over: int, t: Term) -> tuple[Term, ...]:
        """The operands that count near the point when the symbols ``over`` move."""
        if self.rows[t][0] != "cond" or not self.free[self.below[t][0]] & over:
            return self.decided(t)
        relation, (guard, yes, no) = self.rows[t][1], self.below[t]
        for sign, literal in ((1, (">", guard)), (-1, (">", self.neg(guard))), (1, ("!=", guard))):
            if (literal[0] == ">" or relation in ("=", "!=")) and self.shows(*literal):
                return guard, yes if true(relation, sign) else no
        return guard, yes, no

    def function(self, t: Term) -> tuple[dict[str, Term], list[str]]:
        """A function of the ledger at ``t``, shown to be in its domain: its operands by letter, its derivatives."""
        domain, partials, source, letters = ledger(CITED).get(self.rows[t][1], ["", "", "", ""])
        env = dict(zip(letters, self.below[t], strict=False))
        fits = source and len(letters) == len(self.below[t])
        need(fits and all(self.shows(*lit) for lit in self.comparisons(domain, env)), "not in a cited domain")
        self.cited.add(f"{self.rows[t][1]}: {source}")
        return env, [p.strip() for p in partials.split(";")]

    def define(self, root: Term, seen: set[Term]) -> None:
        """Refuse unless the supporting theorems show that the term is defined."""
        stack = [root]
        while stack:
            t = stack.pop()
            if t in seen or self.pick(Defined, t):
                continue
            seen.add(t)
            op, parts = self.rows[t][0], self.decided(t)
            need(op != "cond" or len(parts) == 2, "nothing decides a conditional")
            need(
                op not in DOMAIN or self.shows(DOMAIN[op], parts[0]),
                f"nothing shows the operand of {op} to be {DOMAIN.get(op)} 0",
            )
            if op == "app":
                self.function(t)
            stack += parts

    def sum(self, a: Term | None, b: Term | None) -> Term | None:
        """``a + b`` without a needless 0."""
        return (
            None if a is None or b is None else b if a == self.zero else a if b == self.zero else self.make("add", a, b)
        )

    def product(self, a: Term | None, b: Term | None) -> Term | None:
        """``a b`` without a needless 0 or 1."""
        if a is None or b is None:
            return None
        return (
            self.zero if self.zero in (a, b) else b if a == self.one else a if b == self.one else self.make("mul", a, b)
        )

    def rate(self, over: int, t: Term, du: list[Term | None]) -> Term | None:
        """The derivative of ``t``, which moves, from those of the operands that count."""
        op, *args = self.rows[t]
        if op == "var":
            return self.make("d", *args)
        if op == "add":
            return self.sum(*du)
        if op == "mul":
            return self.sum(self.product(du[0], args[1]), self.product(args[0], du[1]))
        if op == "pow":
            a, n = args
            lower = a if n == 2 else self.make("pow", a, n - 1)
            return self.product(self.make("mul", self.make("rat", Fraction(n)), lower), du[0])
        if op == "app":
            env, partials = self.function(t)
            total: Term | None = self.zero
            for u, d, partial in zip(self.below[t], du, partials, strict=True):
                if self.free[u] & over:
                    need(partial, "no derivative is cited in this place")
                    total = self.sum(total, self.product(self.formula(syntax(partial), env), d))
            return total
        if op == "cond":
            need(len(du) > 1, "nothing decides a conditional")
            if len(du) == 2:
                return du[1]
            (_, a, b), (_, da, db) = self.below[t], du
            need(a == b or self.shows("=", self.sub(a, b)), "the arms are not shown to meet")
            smooth = da is not None and db is not None and (da == db or self.shows("=", self.sub(da, db)))
            return da if smooth else None
        where, derivative, _ = ledger(PRIMITIVES)[op]
        env = {"u": args[0]}
        if all(self.shows(*lit) for lit in self.comparisons(where, env)):
            return self.product(self.formula(syntax(derivative), env), du[0])
        root = self.shows(">=", args[0]) if op == "sqrt" else None
        need(
            root and not any(self.free[t] & over for _, t in root.hyps), f"{op} is not shown to be differentiable here"
        )
        return None

    def linear(self, root: Term, vary: frozenset[str]) -> bool:
        """Whether the term is 0, or linear in the tangents of ``vary`` for its form."""

        def degree(t: Term, parts: list[int]) -> int:
            op, *args = self.rows[t]
            if not self.moving[t]:
                return 0
            if op == "d":
                return 1 if args[0] in vary else 2
            if op == "mul":
                return parts[0] + parts[1]
            flat = op == "add" or (op == "cond" and not parts[0])
            arms = list(zip(self.below[t], parts, strict=True))[-2:]
            return 1 if flat and all(n == 1 or s == self.zero for s, n in arms) else 2

        return root == self.zero or self.fold(root, lambda t: self.below[t] if self.moving[t] else (), degree) == 1

    def slope(self, rate: Term, x: str) -> Term:
        """``s`` of a rate ``s dx``; of another form, the rate at ``dx = 1``."""
        op, *args = self.rows[rate]
        plain = op == "mul" and self.rows[args[1]] == ("d", x) and not self.moving[args[0]]
        return args[0] if plain else self.put(rate, {}, {x: self.one})

    def sign(self, slope: Term | str) -> int:
        """The sign of a slope, 0 where none is shown."""
        if isinstance(slope, str):
            return 1 if slope == "+oo" else -1
        return 1 if self.shows(">", slope) else -1 if self.shows(">", self.neg(slope)) else 0

    def nearby(self, known: Sequence[Theorem], x: frozenset[str], sign: int) -> frozenset[Literal]:
        """Hypotheses under which those of ``known`` hold near the point (``sign`` 0), or on one side of it in ``x``."""
        hyps, over = frozenset().union(*(th.hyps for th in known)), self.names(x)
        fixed = {lit for lit in hyps if not self.free[lit[1]] & over}
        for relation, u in hyps - fixed:
            need(relation != "=", "an equation does not hold nearby")
            if self.shows(">" if relation == ">=" else relation, u):
                need(self.pick(Local, x, u), "a hypothesis is not shown to be continuous")
                continue
            need(sign and self.shows("=", u), "a hypothesis is not shown to hold strictly")
            th = self.pick(Side, *x, sign, u) or self.pick(Local, x, u)
            rate = self.zero if th is None else th.says[4] if th.says[0] is Side else th.says[3]
            if th and th.says[0] is Local:
                rate = self.zero if rate is None else self.slope(rate, *x)
            need(self.sign(rate) == sign, "a hypothesis is not shown to begin to hold")
        return frozenset(fixed).union(*(th.hyps for th in self.picked))

    def same(self, inner: Theorem, same: Theorem, exists: Theorem, x: frozenset[str], sign: int) -> tuple[Any, ...]:
        """``e``, ``e'``, the rate of ``e'``, and hypotheses under which both are one function nearby."""
        (_, vary, other, rate), (_, e) = inner.says, exists.says
        need(vary == x and same.says[1] == self.equal(e, other), "the premises speak of other terms")
        return e, other, rate, self.nearby([same, exists], x, sign)

    def plug(self, th: Theorem, values: Mapping[Any, Term]) -> frozenset[Literal]:
        """The hypotheses with values put in; what then says ``t - t = 0`` is left out."""
        new = {(relation, self.put(t, values)) for relation, t in th.hyps}
        return frozenset(new - {self.equal(t, t) for t in values.values()})

    def at_side(self, sign: int, e: Term, here: Theorem) -> None:
        need(sign in (1, -1) and here.says[1] == e, "no side, or the term is not shown to be defined at the point")

    def moved(self, e: Term, x: str, sign: int) -> Term:
        step = self.make("mul", self.make("rat", Fraction(sign)), self.h)
        return self.put(e, {x: self.make("add", self.make("var", x), step)})

    def limit(
        self,
        e: Term,
        x: str,
        sign: int,
        delta: Term,
        goals: list[Term],
        bounds: Sequence[Theorem],
        room: Theorem,
        exists: Theorem,
    ) -> frozenset[Literal]:
        """Check ``H, eps > 0, h > 0, delta - h > 0 |- goals >= 0`` and the rest; returns ``H``."""
        eps, h = self.names("eps"), self.names("h")
        need(sign in (1, -1) and not self.names(x) & (eps | h), "the moving symbol or the sign is wrong")
        fresh = not (self.names(e) | self.names(delta)) & h and not self.free[e] & eps and not self.moving[e]
        need(fresh, "eps and h must be fresh, and no tangent in the term")
        need([th.says[1] for th in bounds] == [(">=", g) for g in goals], "the bounds are not those asked for")
        need(
            room.says[1] == (">", delta) and exists.says[1] == self.moved(e, x, sign),
            "delta or definedness is not shown",
        )
        small = {(">", self.eps)}
        near = small | {(">", self.h), (">", self.sub(delta, self.h))}
        hyps = room.hyps.difference(small).union(*(th.hyps.difference(near) for th in [exists, *bounds]))
        need(not self.names(hyps) & (eps | h), "a hypothesis restricts eps or h")
        return hyps

    def taylor(self, f: str, first: int, step: int, n: int, u: Term) -> tuple[list[Literal], Literal]:
        """The bound of a function by ``n`` terms of its series (``n + 1`` for exp, and ``n`` odd)."""
        need(f != "exp" or n % 2, "the order must be odd")
        total = self.zero
        for k in range(n + 1 if f == "exp" else n):
            m = first + step * k
            monomial = self.one if m == 0 else u if m == 1 else self.make("pow", u, m)
            q = Fraction(-1 if f != "exp" and k % 2 else 1, math.factorial(m))
            total = self.make("add", total, self.make("mul", self.make("rat", q), monomial))
        gap = self.sub(self.make(f, u), total)
        return [(">=", u)] if f == "sin" else [], (">=", self.neg(gap) if f != "exp" and n % 2 else gap)

    def sequent(self, text: str, letters: str, terms: list[Term]) -> tuple[list[Literal], Literal]:
        """The premises and the conclusion of an entry of a ledger, for these terms."""
        *needs, conclusion = text.split(" |- ")
        env = dict(zip(letters, terms, strict=True))
        return self.comparisons("".join(needs), env), self.comparisons(conclusion, env)[0]

    def difference(self, th: Theorem) -> tuple[Term, Term]:
        """``a, b`` of a theorem ``a - b = 0``."""
        relation, t = th.says[1]
        a, minus_b = self.below[t] if relation == "=" and self.rows[t][0] == "add" else (t, t)
        need(a != t and self.rows[minus_b][:2] == ("mul", self.minus), "not an equation a - b = 0")
        return a, self.below[minus_b][1]

    def shown(self, goals: set[Literal], facts: Sequence[Theorem], given: Iterable[Literal]) -> None:
        """Refuse unless the facts state all the goals under these hypotheses."""
        need(all(th.hyps <= set(given) for th in facts), "a fact needs further hypotheses")
        need(goals <= {th.says[1] for th in facts}, "a literal is not shown")

    def inside(self, x: str, a: Term, b: Term) -> tuple[set[Literal], set[Literal]]:
        """``x`` is in the interval from ``a`` to ``b``, its ends included or not."""
        rooms = self.sub(self.make("var", x), a), self.sub(b, self.make("var", x))
        return {(">=", room) for room in rooms}, {(">", room) for room in rooms}

    def false(self, th: Theorem) -> bool:
        """Whether a false comparison of a number with 0 is stated: then no point satisfies the hypotheses."""
        if th.says[0] is not Holds or self.names(th.says[1][1]):
            return False
        numbers, over = self.polynomial(th.says[1][1])
        return not set(numbers) - {1} and not true(th.says[1][0], Fraction(numbers.get(1, 0), over))
