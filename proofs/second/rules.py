"""The rules of certificates, each by its name; the annotations say how its arguments are read."""

import itertools
import math
from fractions import Fraction
from typing import Any, NewType

from .ledger import FACTS, IDENTITIES, TAYLOR, ledger
from .reasoning import (
    DOMAIN,
    Defined,
    HasDeriv,
    Holds,
    Local,
    Map,
    NotDifferentiable,
    NthDerivative,
    Reasoning,
    Side,
    Somewhere,
    Theorem,
    Undefined,
    Within,
)
from .table import Literal, Refused, Term, need

MAX_ORDER = 60
Name = NewType("Name", str)
Key = NewType("Key", str)
Vary = NewType("Vary", frozenset[str])
Slope = NewType("Slope", Term)
Support = NewType("Support", object)
Result = tuple[Any, ...]


def infinite(sign: int) -> str:
    return {1: "+oo", -1: "-oo"}[sign]


class Rules(Reasoning):
    """Each rule by its name in certificates; the annotations say how its arguments are read.

    A rule returns what it concludes; the hypotheses are those of all theorems that it rests on, unless it says which.
    """

    def assume(self, lit: Literal) -> Result:
        return (Holds, lit), {lit}

    def arith(
        self,
        goal: Literal,
        products: list[tuple[Fraction, list[Holds], list[Term]]],
        equations: list[tuple[Term, Holds]],
    ) -> Result:
        relation, strict = goal[0], False
        need(relation != "=" or not products, "products cannot prove an equation")
        need(relation != "!=" or len(products) == 1, "t != 0 needs one product")
        total = self.plus(({}, 1), self.polynomial(goal[1]), -1)
        for coefficient, factors, squares in products:
            facts = [th.says[1] for th in factors]
            need(coefficient > 0 or (coefficient and relation == "!="), "a coefficient is not positive")
            need(all(r != "=" for r, _ in facts), "an equation as a factor")
            positive = not squares and all(r != ">=" for r, _ in facts)
            need(positive or relation != "!=", "a factor may be 0")
            strict |= positive
            part = {1: coefficient.numerator}, coefficient.denominator
            for t in (
                [t for _, t in facts] + squares + [t for r, t in facts if r == "!=" and relation != "!="] + squares
            ):
                part = self.times(part, self.polynomial(t))
            total = self.plus(total, part)
        need(relation != ">" or strict, "no product is positive")
        for c, th in equations:
            need(th.says[1][0] == "=", "a cofactor before what is no equation")
            total = self.plus(total, self.times(self.polynomial(c), self.polynomial(th.says[1][1])))
        need(not total[0], "the combination is not the goal")
        return Holds, goal

    def gap(self, th: Holds) -> Result:
        relation, t = th.says[1]
        need(relation == ">", "not t > 0")
        stack, seen = [t], set[Term]()
        while stack:
            op, *args = self.rows[s := stack.pop()]
            need(op in ("add", "mul", "pow", "floor") or (op == "rat" and args[0].denominator == 1), "not an integer")
            stack += [a for a in self.below[s] if op != "floor" and a not in seen]
            seen.add(s)
        return Holds, (">=", self.sub(t, self.one))

    def cases(self, lit: Literal, yes: Theorem, no: Theorem) -> Result:
        need(yes.says == no.says or self.false(yes) or self.false(no), "the conclusions differ")
        return no.says if self.false(yes) else yes.says, (yes.hyps - {lit}) | (no.hyps - {self.negation(lit)})

    def cut(self, lemma: Holds, th: Theorem) -> Result:
        need(lemma.says[1] in th.hyps, "the lemma is no hypothesis")
        return th.says, lemma.hyps | (th.hyps - {lemma.says[1]})

    def instantiate(self, th: Holds, values: dict[Name, Term]) -> Result:
        relation, t = th.says[1]
        return (Holds, (relation, self.put(t, values))), self.plug(th, values)

    def congruence(self, template: Term, hole: Name, th: Holds) -> Result:
        return Holds, self.equal(*(self.put(template, {hole: side}) for side in self.difference(th)))

    def freeze(self, name: Name, term: Term, th: Theorem) -> Result:
        rest = th.hyps - {self.equal(self.make("var", name), term)}
        need(not self.names(name) & self.names((term, rest, th.says)), "the name is not fresh")
        return th.says, rest

    def defined(self, term: Term, support: Support) -> Result:
        self.define(term, set())
        return Defined, term

    def undefined(self, term: Term, support: Support) -> Result:
        stack, seen = [term], set[Term]()
        while stack:
            t = stack.pop()
            op = self.rows[t][0]
            if self.pick(Undefined, t) or (op in DOMAIN and self.shows(*self.negation((DOMAIN[op], self.below[t][0])))):
                return Undefined, term
            if t not in seen:
                seen.add(t)
                stack += self.decided(t)
        raise Refused("no operand is shown to have no value")

    def fact(self, name: Key, orders: list[int], terms: list[Term], premises: list[Holds]) -> Result:
        if name in TAYLOR:
            need(len(orders) == len(terms) == 1 and 1 <= orders[0] <= MAX_ORDER, "wrong arguments")
            needs, literal = self.taylor(*TAYLOR[name], orders[0], terms[0])
        else:
            statement, letters = ledger(FACTS).get(name, ["", ""])
            need(statement and len(letters) == len(terms) and not orders, "no such fact of so many arguments")
            needs, literal = self.sequent(statement, letters, terms)
        need([th.says[1] for th in premises] == needs, "the premises are not those of the fact")
        return Holds, literal

    def conditional(self, guard: Literal, a: Term, b: Term, premise: Holds) -> Result:
        need(premise.says[1] in (guard, self.negation(guard)), "the guard is not decided")
        whole = self.make("cond", *guard, a, b)
        return Holds, self.equal(whole, a if premise.says[1] == guard else b)

    def cite(self, name: Key, terms: list[Term], premises: list[Holds]) -> Result:
        statement, source, letters = ledger(IDENTITIES).get(name, ["", "", ""])
        need(statement and len(letters) == len(terms), "no such identity of so many arguments")
        needs, literal = self.sequent(statement, letters, terms)
        need([th.says[1] for th in premises] == needs, "the premises are not those of the identity")
        self.cited.add(f"{name}: {source}")
        return Holds, literal

    def local(self, vary: Vary, term: Term, support: Support) -> Result:
        need(not self.moving[term], "a tangent occurs in the term")
        over, seen = self.names(vary), set[Term]()

        def still(t: Term) -> bool:
            return (Local, vary, t) in self.support or not self.free[t] & over

        def rate(t: Term, du: list[Term | None]) -> Term | None:
            given = self.pick(Local, vary, t)
            if given is None and still(t):
                self.define(t, seen)
            return given.says[3] if given else self.zero if still(t) else self.rate(over, t, du)

        return Local, vary, term, self.fold(term, lambda t: () if still(t) else self.nearby_operands(over, t), rate)

    def rewrite(self, th: Local, equation: Holds) -> Result:
        (_, vary, e, rate), (old, new) = th.says, self.difference(equation)
        need(rate == old and self.linear(new, vary), "another derivative, or the new one is not linear")
        return Local, vary, e, new

    def replace(self, inner: Local, same: Holds, exists: Defined, support: Support) -> Result:
        e, _, rate, there = self.same(inner, same, exists, inner.says[1], 0)
        return (Local, inner.says[1], e, rate), inner.hyps | there

    def chain(self, outer: Local, inner: list[tuple[Name, Local]]) -> Result:
        (_, vary, e, rate), parts = outer.says, {w: th.says for w, th in inner}
        need(vary == set(parts) and len(parts) == len(inner), "one inner theorem for each varying symbol")
        need(len({u[1] for u in parts.values()}) == 1, "the inner theorems do not vary the same symbols")
        moving = inner[0][1].says[1]
        need(not self.names(moving) & self.free[e] & ~self.names(vary), "a varying symbol occurs beside those replaced")
        values, rates = {w: u[2] for w, u in parts.items()}, {w: u[3] for w, u in parts.items()}
        smooth = rate is not None and None not in rates.values()
        hyps = self.plug(outer, values).union(*(th.hyps for _, th in inner))
        return (Local, moving, self.put(e, values), self.put(rate, values, rates) if smooth else None), hyps

    def has_deriv(self, th: Local, exists: Defined) -> Result:
        _, vary, e, rate = th.says
        need(
            rate == exists.says[1] and self.linear(rate, vary),
            "the derivative is not linear, or not shown to be defined",
        )
        return HasDeriv, vary, e, rate

    def higher(self, lower: Theorem, upper: HasDeriv, support: Support) -> Result:
        low, (_, vary, e, rate) = lower.says, upper.says
        need(len(vary) == 1, "not in one symbol")
        (x,) = vary
        if low[:2] == (HasDeriv, vary):
            low = NthDerivative, x, 1, low[2], self.slope(low[3], x)
        need(low[:2] == (NthDerivative, x) and low[4] == e, "the second does not differentiate the first")
        return (NthDerivative, x, low[2] + 1, low[3], self.slope(rate, x)), upper.hyps | self.nearby([lower], vary, 0)

    def side_replace(
        self,
        inner: Local,
        x: Name,
        sign: int,
        same: Holds,
        exists: Defined,
        here: Holds,
        value: Defined,
        support: Support,
    ) -> Result:
        e, other, rate, there = self.same(inner, same, exists, frozenset([x]), sign)
        self.at_side(sign, e, value)
        need(
            here.says[1] == self.equal(e, other) and rate is not None,
            "they do not agree at the point, or no derivative",
        )
        return (Side, x, sign, e, self.slope(rate, x), True), there | inner.hyps | here.hyps | value.hyps

    def side_jump(
        self,
        inner: Local,
        x: Name,
        sign: int,
        same: Holds,
        exists: Defined,
        apart: Holds,
        value: Defined,
        support: Support,
    ) -> Result:
        e, other, _, there = self.same(inner, same, exists, frozenset([x]), sign)
        self.at_side(sign, e, value)
        up = apart.says[1] == (">", self.sub(other, e))
        need(up or apart.says[1] == (">", self.sub(e, other)), "nothing says which way the term jumps")
        return (Side, x, sign, e, infinite(sign if up else -sign), False), there | inner.hyps | apart.hyps | value.hyps

    def side_compose(self, outer: Local, w: Name, inner: Side, support: Support) -> Result:
        (_, vary, e, rate), (_, x, sign, u, slope, continuous) = outer.says, inner.says
        need(rate is not None and continuous is True, "the outer term has no derivative, or the inner may jump")
        need(vary - {x} == {w} and not self.names(w) & self.free[u], "the outer term must vary in the new symbol")
        need(x in vary or not self.names(x) & self.free[e], "the moving symbol is a constant of the outer term")
        if isinstance(slope, str):
            leading = self.sign(self.put(rate, {w: u}, {w: self.one, x: self.zero}))
            need(leading, "the outer derivative has no sign")
            slope = infinite(leading * self.sign(slope))
        else:
            slope = self.put(rate, {w: u}, {w: slope, x: self.one})
        return (Side, x, sign, self.put(e, {w: u}), slope, True), self.plug(outer, {w: u}).union(
            inner.hyps, *(th.hyps for th in self.picked)
        )

    def side_chain(self, outer: Side, inner: Side, support: Support) -> Result:
        (_, w, side, e, rate, known), (_, x, sign, u, slope, continuous) = outer.says, inner.says
        need(not self.names(x) & self.free[e] and not self.names(w) & self.free[u], "the outer term moves otherwise")
        toward = self.sign(slope)
        need(
            continuous is True and toward and side == sign * toward, "the inner term is not shown to move to that side"
        )
        if isinstance(rate, str):
            rate = infinite(toward * self.sign(rate))
        else:
            need(not isinstance(slope, str), "an infinite slope needs side_compose")
            rate = self.make("mul", self.put(rate, {w: u}), slope)
        return (Side, x, sign, self.put(e, {w: u}), rate, known), self.plug(outer, {w: u}).union(
            inner.hyps, *(th.hyps for th in self.picked)
        )

    def side_limit(
        self,
        e: Term,
        x: Name,
        sign: int,
        rate: Slope,
        delta: Term,
        bounds: list[Holds],
        room: Holds,
        exists: Defined,
        here: Defined,
    ) -> Result:
        self.at_side(sign, e, here)
        change, small = self.sub(self.moved(e, x, sign), e), self.make("mul", self.eps, self.h)
        if isinstance(rate, str):
            up = self.make("rat", Fraction(sign if rate == "+oo" else -sign))
            goals = [self.sub(self.make("mul", up, change), small)]
        else:
            need(
                not self.names(rate) & self.names(("eps", "h")) and not self.moving[rate],
                "eps, h or a tangent in the slope",
            )
            signed = self.make("mul", self.make("rat", Fraction(sign)), rate)
            rest = self.sub(change, self.make("mul", signed, self.h))
            goals = [self.sub(small, rest), self.make("add", small, rest)]
        hyps = self.limit(e, x, sign, delta, goals, bounds, room, exists)
        return (Side, x, sign, e, rate, None if isinstance(rate, str) else True), hyps | here.hyps

    def side_continuous(self, side: Side, delta: Term, bounds: list[Holds], room: Holds, exists: Defined) -> Result:
        _, x, sign, e, slope, _ = side.says
        change = self.sub(self.moved(e, x, sign), e)
        goals = [self.sub(self.eps, change), self.make("add", self.eps, change)]
        hyps = self.limit(e, x, sign, delta, goals, bounds, room, exists)
        return (Side, x, sign, e, slope, True), hyps | side.hyps

    def from_sides(self, left: Side, right: Side, same: Theorem | None) -> Result:
        (_, x, low, e, a, _), (_, y, high, f, b, _) = left.says, right.says
        need((x, e, low, high) == (y, f, -1, 1), "not the two sides of one term")
        need(not isinstance(a, str) and not isinstance(b, str), "a side is infinite")
        agree = same.says == (Holds, self.equal(a, b)) if same else a == b
        need(agree, "the sides are not shown to be equal")
        return Local, frozenset([x]), e, self.make("mul", a, self.make("d", x))

    def no_derivative(self, sides: list[Side], apart: Theorem | None) -> Result:
        need(len({(th.says[1], th.says[3]) for th in sides}) == 1, "not the sides of one term")
        slopes = {th.says[2]: th.says[4] for th in sides}
        need(len(slopes) == len(sides), "a side stands twice")
        left, right, known = slopes.get(-1), slopes.get(1), {th.says[5] for th in sides}
        if any(isinstance(s, str) for s in slopes.values()):
            need(None not in known, "nothing shows whether the term jumps")
            reason = "vertical tangent" if known == {True} else "jump"
        else:
            two = left is not None and right is not None and apart is not None
            need(two and apart.says == (Holds, ("!=", self.sub(left, right))), "the sides are not shown to differ")
            reason = "corner"
        return NotDifferentiable, frozenset([sides[0].says[1]]), sides[0].says[3], reason, left, right

    def boundary(
        self, x: Name, sign: int, gone: Undefined, here: Defined, other: Side | None, support: Support
    ) -> Result:
        e = gone.says[1]
        self.at_side(sign, e, here)
        need(not other or other.says[1:4] == (x, -sign, e), "not the other side")
        slopes = {-sign: other.says[4]} if other else {}
        hyps = self.nearby([gone], frozenset([x]), sign).union(here.hyps, other.hyps if other else ())
        return (NotDifferentiable, frozenset([x]), e, "boundary", slopes.get(-1), slopes.get(1)), hyps

    def along(self, line: dict[Name, Fraction], e: Term, th: NotDifferentiable) -> Result:
        _, vary, on, reason, *_ = th.says
        steps = {v: self.make("mul", self.make("rat", q), self.h) for v, q in line.items()}
        rest = th.hyps - {("=", self.h)}
        need(not self.names("h") & self.names((e, tuple(line), rest)), "the symbol h must be fresh")
        moved = self.put(e, {v: self.make("add", self.make("var", v), step) for v, step in steps.items()})
        need(vary == {"h"} and on == moved, "the premise speaks of another line")
        return (NotDifferentiable, frozenset(line), e, reason, None, None), rest

    def within(self, pieces: list[list[Literal]], index: int, facts: list[Theorem]) -> Result:
        need(0 <= index < len(pieces), "no such piece")
        need(
            {(Holds, lit) for lit in pieces[index]} <= {th.says for th in facts}, "a literal of the piece is not shown"
        )
        return Within, tuple(map(tuple, pieces))

    def point(self, piece: list[Literal], values: dict[Name, Term], facts: list[Holds]) -> Result:
        need(not any(map(self.names, values.values())), "a symbol in a point")
        self.shown({(relation, self.put(t, values)) for relation, t in piece}, facts, frozenset())
        return (Somewhere, tuple(piece)), ()

    def root(
        self,
        piece: list[Literal],
        x: Name,
        bounds: tuple[Term, Term],
        values: dict[Name, Term],
        continuous: Local,
        ends: list[Holds],
        facts: list[Holds],
    ) -> Result:
        (_, vary, e, _), (a, b) = continuous.says, bounds
        need(vary == {x} and x not in values, "not continuous in the symbol alone")
        need(not any(map(self.names, (a, b, *values.values()))), "a symbol in a point")
        weak, strict = self.inside(x, a, b)
        given = weak | {self.equal(self.make("var", v), t) for v, t in values.items()}
        need(continuous.hyps <= given, "not shown to be continuous on the interval")
        low, high = (self.put(e, {**values, x: end}) for end in bounds)
        self.shown({(">", self.sub(b, a)), (">", self.neg(low)), (">", high)}, ends, frozenset())
        self.shown(set(piece), facts, given | strict | {("=", e)})
        return (Somewhere, tuple(piece)), ()

    def increases(self, x: Name, bounds: tuple[Term, Term], moving: Local, rising: Holds) -> Result:
        (_, vary, e, rate), (relation, slope), (a, b) = moving.says, rising.says[1], bounds
        weak, strict = self.inside(x, a, b)
        need(vary == {x} and rate is not None, "no derivative in the symbol alone")
        need(slope == self.slope(rate, x) and relation in (">", ">="), "the derivative is not shown to be positive")
        rest = moving.hyps.difference(weak) | rising.hyps.difference(weak, strict)
        fixed = not any(self.free[t] & self.names(x) for t in (a, b, *(t for _, t in rest)))
        need(fixed, "a hypothesis or an end of the interval moves")
        return (Holds, (relation, self.sub(self.put(e, {x: b}), self.put(e, {x: a})))), rest | {(">", self.sub(b, a))}

    def map(
        self,
        vary: Vary,
        term: Term,
        assume: list[Literal],
        covered: Within,
        verdicts: list[Theorem | None],
        apart: list[Theorem],
        witnesses: list[Somewhere],
    ) -> Result:
        pieces, given = covered.says[1], frozenset(assume)
        need(covered.hyps <= given, "the pieces exhaust less")
        need(
            len(apart) == math.comb(len(pieces), 2) and len(pieces) == len(verdicts) == len(witnesses),
            "a proof is missing or left over",
        )
        for (p, q), th in zip(itertools.combinations(pieces, 2), apart, strict=True):
            need(th.hyps <= given.union(p, q) and self.false(th), "two pieces may overlap")
        for p, th, witness in zip(pieces, verdicts, witnesses, strict=True):
            need(given.union(p) <= set(witness.says[1]), "a piece may be empty")
            if th is not None:
                about = th.says == (Undefined, term) or (
                    th.says[0] in (HasDeriv, NotDifferentiable) and th.says[1:3] == (vary, term)
                )
                need(about and th.hyps <= given.union(p), "a verdict is about something else, or needs more")
        rows = tuple((p, th and th.says) for p, th in zip(pieces, verdicts, strict=True))
        return (Map, vary, term, tuple(assume), rows), ()
