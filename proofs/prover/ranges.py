"""Ranges: rational bounds, proved, of terms with symbols, from the hypotheses about them.

What :mod:`.bounds` does for numbers is done here for terms that move: bottom up, each operation from the bounds of its
operands, where now a bound may be missing (the term is unbounded on that side) and a bound that is not reached is
strict.  A term that a hypothesis bounds, up to a factor and a number, takes that bound where it is the better one.  A
conditional has the range of the branch that is decided, else the hull of both, each under its guard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from ..kernel.algebra import Algebra, Monomial, Polynomial, constant
from ..kernel.terms import MINUS_ONE, ZERO, KernelError, Literal, Term, add, mul, neg, pi, power, rat, sub
from ..kernel.theorems import Theorem, held
from .bounds import Bound, Bounds, Equation, Row, Undecided, round_outward
from .constants import closed_bounds
from .lemmas import strict
from .polynomial import UNIT, poly
from .quotients import sine_quotient
from .range_rules import RULES
from .tails import tail_bound

if TYPE_CHECKING:
    from .context import Context

DIGITS = 6
EXACT = 10**24
"""Rationals with no larger parts are kept as they are: an end that is reached must not be lost by rounding."""
EFFORT = 4000
"""How many bounds may be made for one context."""
NESTED = 4
"""How many cases may be nested."""

Part = tuple[Fraction, Literal]


class Ranges(Bounds):
    """Bounds under the hypotheses of ``ctx`` and further ones, each derived once."""

    def __init__(self, ctx: Context, further: tuple[Literal, ...] = (), effort: list[int] | None = None) -> None:
        super().__init__(ctx.R, DIGITS, RULES)
        self.ctx, self.further = ctx, further
        self.effort = [0] if effort is None else effort
        self.exact: dict[Theorem, Theorem] = {}
        """For a bound that rounds a multiple of pi, the one with it."""
        self.known: dict[frozenset[tuple[Monomial, Fraction]], list[Part]] = {}
        """The hypotheses by their polynomial without its constant part, scaled; with the scale."""
        self.inner: dict[Literal, Ranges] = {}
        for h in dict.fromkeys((*ctx.hyps, *further)):
            key, scale = _direction(poly(h.term))
            if key:
                self.known.setdefault(key, []).append((scale, h))

    def with_(self, literal: Literal) -> Ranges:
        """The ranges under one more hypothesis."""
        if len(self.further) >= NESTED:
            raise Undecided("too many nested cases")
        if literal not in self.inner:
            self.inner[literal] = Ranges(self.ctx, (*self.further, literal), self.effort)
        return self.inner[literal]

    # --- one bound --------------------------------------------------------------------------------------------

    def bound(self, t: Term, sense: int) -> Bound:
        """The better of the bound that the form of ``t`` gives and the ones that hypotheses state."""
        if (t, sense) not in self.made:
            self.made[t, sense] = None
            self.effort[0] += 1
            if self.effort[0] > EFFORT:
                raise Undecided("too many bounds")
            self.made[t, sense] = self._best(t, sense, (self._known, self.by_form))
        found = self.made[t, sense]
        if found is None:
            raise Undecided("not bounded on this side")
        return found

    def maybe(self, t: Term, sense: int) -> Bound | None:
        """The bound, or ``None`` where the term is unbounded on that side, as far as is known."""
        try:
            return self.bound(t, sense)
        except (Undecided, KernelError):
            return None

    def end(self, t: Term, sense: int) -> Theorem | None:
        """The theorem about an end of the range, with its multiple of pi where there is one."""
        return None if self.maybe(t, sense) is None else self.rows_of(t, sense)

    def _best(self, t: Term, sense: int, ways: Iterable[Callable[[Term, int], Bound]]) -> Bound | None:
        best: Bound | None = None
        for way in ways:
            try:
                found = way(t, sense)
            except (Undecided, KernelError):
                continue
            if best is None or (sense * found.value, _strict(found)) > (sense * best.value, _strict(best)):
                best = found
        return best if best is None or _strict(best) else self._apart(t, sense, best)

    def by_form(self, t: Term, sense: int) -> Bound:
        """The bound from those of the operands, whatever hypotheses say about ``t`` itself."""
        if not t.free and t.op not in ("add", "mul", "pow", "rat", "pi", "cond", "atan", "erf"):
            try:
                return self.settle(t, sense, [(1, [self.closed(t, sense).theorem], [])])
            except (Undecided, KernelError):
                pass  # next to an end of a domain
        if t.op == "pi":
            return self.settle(t, sense, [])
        if t.op != "mul":
            return self._bound(t, sense)
        found = self._best(t, sense, (self._bound, self._quotient)) or tail_bound(self, t, sense)
        if found is None:
            raise Undecided("the product is unbounded")
        return found

    def _quotient(self, t: Term, sense: int) -> Bound:
        found = sine_quotient(self, t, sense)
        if found is None:
            raise Undecided("no sine over its angle")
        return found

    def _known(self, t: Term, sense: int) -> Bound:
        """The best bound that a hypothesis states about a multiple of ``t``, but for a number."""
        key, scale = _direction(poly(t))
        found: list[Bound] = []
        for theirs, h in self.known.get(key, ()) if key else ():
            factor = sense * scale / theirs
            th = self.r.assume(h)
            if h.relation == "=":
                found.append(self.settle(t, sense, [], [(rat(factor), th)]))
            elif h.relation != "!=" and factor > 0:
                found.append(self.settle(t, sense, [(factor, [th], [])]))
        if not found:
            raise Undecided("no hypothesis is about the term")
        return max(found, key=lambda b: (sense * b.value, _strict(b)))

    def _apart(self, t: Term, sense: int, weak: Bound) -> Bound:
        """A weak bound made strict by a hypothesis that excludes it."""
        key, scale = _direction(poly(t))
        for theirs, h in self.known.get(key, ()) if key else ():
            factor = scale / theirs
            difference = held(weak.theorem, "bounds").term
            apart = Literal("!=", difference)
            rest = poly(sub(difference, mul(rat(sense * factor), h.term)))
            if h.relation == "!=" and not rest:
                th = strict(
                    self.ctx, difference, weak.theorem, self.r.arith(apart, [(sense * factor, [self.r.assume(h)], [])])
                )
                assert th is not None
                return Bound(weak.value, th)
        return weak

    def settle(self, t: Term, sense: int, rows: Iterable[Row], equations: Iterable[Equation] = ()) -> Bound:
        """The bound that products with sum ``sense t - c`` give, for a *term* ``c`` without symbols."""
        rows, equations = [row for row in rows if row[0]], list(equations)
        signed = t if sense == 1 else neg(t)
        rest = self.remainder(signed, rows, equations)
        turns, exact = Fraction(rest.pop(((pi(), 1),), 0)), None
        for m, c in sorted(rest.items(), key=lambda item: [(a.serial, k) for a, k in item[0]]):
            if m:
                rows.append((abs(Fraction(c)), [self._constant(m, 1 if c > 0 else -1).theorem], []))
        if turns:
            plain = sense * Fraction(rest.get(UNIT, 0)) if set(rest) <= {UNIT} else None
            if plain is not None:
                end = add(mul(rat(sense * turns), pi()), rat(plain))
                goal = sub(t, end) if sense == 1 else sub(end, t)
                exact = self.r.arith(Literal(">" if _reached(rows) else ">=", goal), rows, equations)
            rows.append((abs(turns), [self.r.fact("pi_low" if turns > 0 else "pi_high")], []))
        found = super().settle(t, sense, rows, equations)
        if exact is not None:
            self.exact[found.theorem] = exact
        return found

    def rounded(self, value: Fraction, sense: int) -> Fraction:
        """``value``, unless it is too long."""
        if max(abs(value.numerator), value.denominator) < EXACT:
            return value
        return round_outward(value, sense, 2 * self.digits)

    def closed(self, t: Term, sense: int) -> Bound:
        """The bound of a term without symbols."""
        return closed_bounds(self.r, 9).bound(t, sense)

    def _constant(self, m: Monomial, sense: int) -> Bound:
        product: Term | None = None
        for a, k in m:
            if a.free:
                raise Undecided("the products leave a symbol over")
            factor = a if k == 1 else power(a, k)
            product = factor if product is None else mul(product, factor)
        assert product is not None
        return self.bound(product, sense)

    # --- signs ------------------------------------------------------------------------------------------------

    def sign(self, goal: Literal) -> Theorem:
        """The goal, from bounds of its term."""
        value = constant(Algebra().normal(goal.term))
        if value is not None:
            return super().sign(goal)
        t = goal.term
        if goal.relation == "=":
            low, high = self.bound(t, 1), self.bound(t, -1)
            if low.value or high.value:
                raise Undecided("not shown by bounds")
            lower = self.r.arith(Literal(">=", t), [(1, [low.theorem], [])])
            return self.r.between(lower, self.r.arith(Literal(">=", neg(t)), [(1, [high.theorem], [])]))
        if goal.relation == "!=":
            for sense in (1, -1):
                end = self.maybe(t, sense)
                if end is not None and (end.value * sense > 0 or (end.value == 0 and _strict(end))):
                    return self.prove(goal, [(sense, [self.sign(Literal(">", t if sense == 1 else neg(t)))], [])])
            for theirs, h in self.known.get(_direction(poly(t))[0], ()):
                if h.relation == "!=" and not poly(sub(t, mul(rat(_direction(poly(t))[1] / theirs), h.term))):
                    return self.r.arith(goal, [(_direction(poly(t))[1] / theirs, [self.r.assume(h)], [])])
            raise Undecided("not shown by bounds")
        low = self.bound(t, 1)
        if low.value < 0 or (low.value == 0 and goal.relation == ">" and not _strict(low)):
            raise Undecided("not shown by bounds")
        return self.prove(goal, [(1, [low.theorem], [])])

    def shows(self, relation: str, t: Term) -> Theorem | None:
        """The theorem ``t relation 0``, or ``None``."""
        try:
            return self.sign(Literal(relation, t))
        except (Undecided, KernelError):
            return None

    # --- sums, products, powers, conditionals -----------------------------------------------------------------

    def rows_of(self, t: Term, sense: int) -> Theorem:
        """The theorem about a bound of ``t``, with its multiple of pi where there is one."""
        plain = self.bound(t, sense)
        return self.exact.get(plain.theorem, plain.theorem)

    def _ring(self, t: Term, sense: int) -> list[Row]:
        p = Algebra().normal(t)
        moving = [(m, Fraction(c)) for m, c in p.items() if any(a.free or a.op == "atan" for a, _ in m)]
        if all(len(m) == 1 and m[0][1] == 1 for m, _ in moving):
            atoms = sorted(((m[0][0], c) for m, c in moving), key=lambda item: item[0].serial)
            if len(atoms) > 1 or t.op in ("add", "rat"):
                return [(abs(c), [self.rows_of(a, sense if c > 0 else -sense)], []) for a, c in atoms]
        if t.op == "add":
            return [(1, [self.rows_of(part, sense)], []) for part in t.terms]
        if t.op == "mul":
            u, v = t.terms
            for scale, other in ((u, v), (v, u)):
                if scale.op == "rat":
                    c = scale.args[0]
                    assert type(c) is Fraction
                    return [(abs(c), [self.rows_of(other, sense if c > 0 else -sense)], [])] if c else []
            if u is v:
                return self.square(u, sense)
            return self.product(u, v, sense)
        if t.op == "pow":
            base, n = t.terms[0], t.args[1]
            assert type(n) is int
            if n == 2:
                return self.square(base, sense)
            return self.product(base if n % 2 else power(base, 2), power(base, n - 1 if n % 2 else n - 2), sense)
        return []

    def square(self, u: Term, sense: int) -> list[Row]:
        """Rows that bound ``u^2``."""
        if sense == 1:
            low, high = self.maybe(u, 1), self.maybe(u, -1)
            if not (low is not None and low.value >= 0) and not (high is not None and high.value <= 0):
                return [(1, [], [u])]
        return self.product(u, u, sense)

    def product(self, x: Term, y: Term, sense: int) -> list[Row]:
        """Rows that bound ``x y``, from ``(x - a) (y - b) >= 0`` at the corner of the box that serves best."""
        best: tuple[Fraction, bool, list[Row]] | None = None
        for side in (1, -1):
            left, right = self.maybe(x, side), self.maybe(y, side * sense)
            if left is None or right is None:
                continue
            rows: list[Row] = [(1, [left.theorem, right.theorem], [])]
            value = -sense * left.value * right.value
            for weight, term in ((sense * left.value, y), (sense * right.value, x)):
                if weight:
                    other = self.maybe(term, 1 if weight > 0 else -1)
                    if other is None:
                        break
                    rows.append((abs(weight), [other.theorem], []))
                    value += weight * other.value
            else:
                found = value, _reached(rows), rows
                if best is None or found[:2] > best[:2]:
                    best = found
        if best is None:
            raise Undecided("the product is unbounded")
        return best[2]

    def _bound(self, t: Term, sense: int) -> Bound:
        if t.op == "mul" or (t.op == "pow" and t.args[1] != 2):
            u, v = t.terms if t.op == "mul" else (t.terms[0], t.terms[0])
            if u.op != "rat" and v.op != "rat":
                mixed = [s for s in dict.fromkeys((u, v)) if s.free and self._mixed(s)]
                if mixed and (t.op == "pow" or len(mixed) == 2) and len(self.further) < NESTED:
                    plain = self._best(t, sense, (super()._bound,))
                    return self.by_sign(t, sense, mixed[0]) if plain is None or u.free else plain
        return super()._bound(t, sense)

    def _mixed(self, u: Term) -> bool:
        """Whether nothing says of which sign ``u`` is."""
        low, high = self.maybe(u, 1), self.maybe(u, -1)
        return not (low is not None and low.value >= 0) and not (high is not None and high.value <= 0)

    def by_sign(self, t: Term, sense: int, u: Term) -> Bound:
        """The weaker of the bounds for each sign of ``u``."""
        whole = Literal(">=", u)
        yes, no = (self.with_(k).bound(t, sense) for k in (whole, whole.negation))
        return self.hull(t, sense, whole, yes, no)

    def _cond(self, t: Term, sense: int) -> Bound:
        guard = Literal(str(t.args[0]), t.terms[0])
        arms = ((guard, t.terms[1]), (guard.negation, t.terms[2]))
        for fact, taken in arms:
            decided = self.shows(*fact)
            if decided is not None:
                meaning = self.r.rule("conditional", guard, t.terms[1], t.terms[2], decided)
                return self.settle(t, sense, [(1, [self.rows_of(taken, sense)], [])], [(rat(sense), meaning)])
        ends = []
        for fact, taken in arms:
            case = self.with_(fact)
            meaning = self.r.rule("conditional", guard, t.terms[1], t.terms[2], self.r.assume(fact))
            ends.append(case.settle(t, sense, [(1, [case.bound(taken, sense).theorem], [])], [(rat(sense), meaning)]))
        return self.hull(t, sense, guard, *ends)

    def hull(self, t: Term, sense: int, guard: Literal, yes: Bound, no: Bound) -> Bound:
        """The weaker of two bounds of ``t``, one where ``guard`` holds and one where it does not."""
        value = sense * min(sense * yes.value, sense * no.value)
        reached = any(b.value == value and not _strict(b) for b in (yes, no))
        difference = sub(t, rat(value)) if sense == 1 else sub(rat(value), t)
        goal = Literal(">=" if reached else ">", difference)
        both = [self.prove(goal, [(1, [b.theorem], [])]) for b in (yes, no)]
        return Bound(value, self.r.rule("cases", guard, *both))

    # --- contradictions ---------------------------------------------------------------------------------------

    def contradiction(self) -> Theorem | None:
        """``0 > 0`` or the like, where the range of the term of a hypothesis does not allow what it says."""
        for h in self.ctx.hyps:
            try:
                th = self._against(h)
            except (Undecided, KernelError):
                continue
            if th is not None:
                return th
        return None

    def _against(self, h: Literal) -> Theorem | None:
        relation, t = h.negation
        if not t.free:
            return None
        claim = self.r.assume(h)
        if relation == "!=":
            for sense in (1, -1):
                end = self._best(t, sense, (self.by_form,))
                if end is not None and (end.value * sense > 0 or (end.value == 0 and _strict(end))):
                    return self.prove(Literal(">", ZERO), [(1, [end.theorem], [])], [(rat(-sense), claim)])
            return None
        if relation == "=":
            low, high = self._best(t, 1, (self.by_form,)), self._best(t, -1, (self.by_form,))
            if low is None or high is None or low.value or high.value:
                return None
            lower = self.r.arith(Literal(">=", t), [(1, [low.theorem], [])])
            same = self.r.between(lower, self.r.arith(Literal(">=", neg(t)), [(1, [high.theorem], [])]))
            return self.r.arith(Literal("!=", ZERO), [(1, [claim], [])], [(MINUS_ONE, same)])
        low = self._best(t, 1, (self._known_otherwise(h), self.by_form))
        if low is None or low.value < 0:
            return None
        if low.value == 0 and not _strict(low) and h.relation != ">":
            return None
        return self.prove(Literal(">", ZERO), [(1, [low.theorem], []), (1, [claim], [])])

    def _known_otherwise(self, h: Literal) -> Callable[[Term, int], Bound]:
        def stated(t: Term, sense: int) -> Bound:
            key, _ = _direction(poly(h.term))
            mine = self.known.get(key, [])
            self.known[key] = [part for part in mine if part[1] != h]
            try:
                return self._known(t, sense)
            finally:
                self.known[key] = mine

        return stated


def _strict(bound: Bound) -> bool:
    return held(bound.theorem, "ranges").relation == ">"


def _reached(rows: Iterable[Row]) -> bool:
    """Whether one of the products is positive, so that the bound they give is not reached."""
    return any(not squares and all(held(f, "ranges").relation == ">" for f in fs) for _, fs, squares in rows)


def _direction(p: Polynomial) -> tuple[frozenset[tuple[Monomial, Fraction]], Fraction]:
    """The part of ``p`` with symbols, scaled so that equal directions are equal, and the scale."""
    moving = {m: Fraction(c) for m, c in p.items() if any(a.free for a, _ in m)}
    if not moving:
        return frozenset(), Fraction(1)
    lead = moving[min(moving, key=lambda m: [(a.serial, k) for a, k in m])]
    return frozenset((m, c / lead) for m, c in moving.items()), lead
