"""One-sided derivatives: what the term is next to the point on one side, and how it leaves its value there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from math import floor, isfinite

from ..kernel.local import slope
from ..kernel.logic import OBLIGATION
from ..kernel.terms import (
    MINUS_ONE,
    ONE,
    KernelError,
    Literal,
    Term,
    add,
    mul,
    neg,
    postorder,
    rat,
    rebuild,
    sub,
    tangent,
    unary,
    var,
)
from ..kernel.theorems import Local, Side, Theorem
from .angles import flipped_forms
from .context import Context
from .derive import NotShown, defined, equal_rates, local, strict_sides, undefined
from .factors import split_polynomial
from .normal import TooLarge, canonical_term, equation
from .polynomial import UNIT, atoms, content
from .rewriting import square_root_of
from .sampling import value

FROZEN = "n"
MAX_READABLE = 16
"""Sums of more terms are not looked for when a form is wanted for people."""
MAX_NESTING = 2
"""How deep the question how one term leaves 0 may lead to the same question about another."""


CLOSE = rat(Fraction(1, 64))
"""How far from the point its side reaches, where that must be said."""


class Beside:
    """The points next to the point of ``here`` on one side: hypotheses ``K`` and the theorems that carry them there."""

    def __init__(self, here: Context, x: str, sign: int) -> None:
        self.here, self.x, self.sign = here, x, sign
        self.vary = frozenset({x})
        self.kept: list[Literal] = []
        self.support: list[Theorem] = []
        self.frozen: list[tuple[str, Term]] = []
        self.replaced: dict[Term, Term] = {}
        self.open_rates = here.open_rates
        for h in here.hyps:
            if x not in h.term.free:
                self.kept.append(h)
            elif h.relation == "=" or not self.carry(h.term):
                self.carry(h.term)
        self.context = self._context()

    def _context(self) -> Context:
        names = {*self.here.names, *(n for n, _ in self.frozen)}
        return Context(self.here.R, self.kept, names, self.here.depth + 1)

    def carry(self, g: Term) -> bool:
        """Add the sign that ``g`` has on this side to ``K``; whether there was one to be shown."""
        if self.x not in g.free:
            return False
        for h in (g, neg(g)):
            th = self.here.prove(">", h)
            if th is not None:
                return self._keep(Literal(">", h), [th], h)
        apart = self.here.prove("!=", g)
        if apart is not None:
            return self._keep(Literal("!=", g), [apart], g)
        if self.here.prove("=", g) is None:
            return False
        for h in (g, neg(g)):
            zero = self.here.prove("=", h)
            leaving = self._leaving(h)
            if leaving is None or zero is None:
                continue
            c = leaving.conclusion
            if isinstance(c, Local):
                assert c.derivative is not None
                rate: Term | str = slope(c.derivative, self.x)
            else:
                assert isinstance(c, Side)
                rate = c.slope
            if isinstance(rate, str):
                if rate == ("+oo" if self.sign > 0 else "-oo"):
                    self._add(Literal(">", h), [zero, leaving])
                    return True
                continue
            rises = self.here.prove(">", rate if self.sign > 0 else neg(rate))
            if rises is not None:
                self._add(Literal(">", h), [zero, leaving, rises])
                return True
            self.open_rates.append(rate)
        return False

    def _carry_parts(self, g: Term) -> bool:
        """Add the sign of what ``g`` is on this side, else those of its factors and sines.

        A factor or a sine may leave 0 where ``g`` does so too slowly.
        """
        if self.x not in g.free:
            return False
        there = self._resolved(g)
        if there is not g and self.carry(there):
            return True
        if self.here.prove("=", g) is None:
            inside = self._obstacle(g)
            if inside in (None, g) or self.here.prove("=", inside) is None:
                return False
            return self.carry(inside) or self._carry_parts(inside)
        with suppress(TooLarge):
            numerator = self.context.frac(g).numerator
            if not numerator:
                return False
            _, shared, rest = content(numerator)
            parts = [a for a, _ in shared] + ([] if rest == {UNIT: 1} else split_polynomial(rest))
            parts += [unary("sin", a.terms[0]) for a in atoms(numerator) if a.op == "cos"]
            fresh = [u for u in parts if u is not g and all(k.term not in (u, neg(u)) for k in self.kept)]
            return any([self.carry(u) for u in fresh])
        return False

    def stay_close(self) -> bool:
        """Add that the symbol is close to the point, where its value there is known; whether that is new.

        A term that is continuous from this side alone keeps its sign there too, but not by a rule of its own.
        """
        known = self.here.solved.get(var(self.x))
        if known is None or known[0].free:
            return False
        room = sub(add(known[0], CLOSE), var(self.x)) if self.sign > 0 else sub(var(self.x), sub(known[0], CLOSE))
        return all(k.term is not room for k in self.kept) and self.carry(room)

    def _leaving(self, g: Term) -> Theorem | None:
        try:
            th = local(self.here, self.vary, g)
            assert isinstance(th.conclusion, Local)
            if th.conclusion.derivative is not None:
                return th
        except NotShown:
            pass
        return one_side(self.here, self.x, g, self.sign) if self.here.depth < 4 else None

    def _keep(self, literal: Literal, shown: list[Theorem], g: Term) -> bool:
        try:
            self._add(literal, [*shown, local(self.here, self.vary, g, smooth=False)])
        except NotShown:
            return False
        return True

    def _add(self, literal: Literal, support: list[Theorem]) -> None:
        self.kept.append(literal)
        self.support += support

    def resolve(self, t: Term) -> Term:
        """``t`` with every conditional and floor replaced by what it is on this side, as far as that can be shown."""
        for _ in range(40):
            obstacle = self._obstacle(t)
            if obstacle is None:
                break
            if obstacle.op == "floor":
                before = self.here, self.frozen[:], self.kept[:], self.support[:]
                if not self._floor(obstacle):
                    self.here, self.frozen, self.kept, self.support = before
                    if not self._floor_there(obstacle):
                        break
            elif not self.carry(obstacle) and not self._carry_parts(obstacle):
                if self.x not in obstacle.free:
                    self.open_rates.insert(0, obstacle)
                break
            else:
                self.context = self._context()
                for f, n in self.replaced.items():
                    self._solve_floor(f, n)
        return self._resolved(t)

    def _obstacle(self, t: Term) -> Term | None:
        """The first guard, operand or floor in ``t`` that the hypotheses on this side do not settle."""
        stack, seen = [t], set[Term]()
        while stack:
            s = stack.pop()
            if s in seen or self.x not in s.free:
                continue
            seen.add(s)
            if s.op == "cond":
                guard = Literal(str(s.args[0]), s.terms[0])
                decided = strict_sides(self.context, guard, True)
                inner = self._obstacle(guard.term)
                if inner is not None:
                    return inner
                if decided is None:
                    return guard.term if not self._tried(guard.term) else None
                stack.append(s.terms[1 if decided[1] else 2])
                continue
            if s.op == "floor" and s not in self.replaced and self._obstacle(s.terms[0]) is None:
                return s
            stack += s.terms
            root = self._square_root(s.terms[0]) if s.op == "sqrt" else None
            if root is not None and not self._tried(root):
                return root
            wanted = s.terms[0] if s.op in OBLIGATION and not self._tried(s.terms[0]) else None
            if wanted is not None and self.context.prove(OBLIGATION[s.op], wanted) is None:
                return wanted
            stack += s.terms
        return None

    def _square_root(self, u: Term) -> Term | None:
        """A term of unknown sign on this side whose square ``u`` is a multiple of, where that is 0 at the point."""
        if self.here.prove("=", u) is None:
            return None
        with suppress(TooLarge):
            f = self.context.frac(u)
            root = square_root_of(f.numerator) if f.numerator else None
            if root is not None and all(self.context.prove(">", r) is None for r in (root, neg(root))):
                return root
        return None

    def _tried(self, g: Term) -> bool:
        """Whether the sign of ``g``, or of what it is on this side, is known there or was asked for."""
        asked = {k.term for k in self.kept}
        return g in asked or neg(g) in asked or not asked.isdisjoint({there := self._resolved(g), neg(there)})

    def _resolved(self, t: Term) -> Term:
        done: dict[Term, Term] = {}
        for s in postorder(t):
            if s in self.replaced:
                done[s] = self.replaced[s]
            elif s.op == "cond":
                decided = strict_sides(self.context, Literal(str(s.args[0]), s.terms[0]), True)
                done[s] = rebuild(s, done) if decided is None else done[s.terms[1 if decided[1] else 2]]
            else:
                done[s] = rebuild(s, done)
        return done[t]

    def _floor(self, f: Term) -> bool:
        """Name the value of ``f = floor(u)`` at the point and say what ``f`` is on this side."""
        u, R = f.terms[0], self.here.R
        whole = self.here.prove("=", sub(u, f))
        if whole is None:
            between = self.here.prove(">", sub(u, f)) or self.here.prove("!=", sub(u, f))
            if between is None:
                return False
        name = f"{FROZEN}{len(self.frozen)}" if self.frozen else FROZEN
        if name in self.here.names:
            name += "_"
        n = var(name)
        given = Literal("=", sub(n, f))
        named = R.assume(given)
        integer = unary("floor", n)
        # floor(n) = floor(floor(u)) = floor(u)
        step = R.rule("congruence", unary("floor", var("hole")), "hole", named)
        value = R.arith(equation(integer, f), (), [(ONE, step), (ONE, self.here.floor_is(f, f))])
        old = self.here
        self.frozen.append((name, f))
        self.here = Context(R, (*old.hyps, given), (*old.names, name), old.depth)
        self.here.memo.update({k: th for k, th in old.memo.items() if th is not None})
        self.here.solved[integer] = n, R.arith(equation(integer, n), (), [(ONE, value), (MINUS_ONE, named)])
        self.here.fractions.clear()
        low, high = sub(u, integer), sub(add(integer, ONE), u)
        if whole is not None:
            zero = R.arith(Literal("=", low), (), [(ONE, whole), (MINUS_ONE, value)])
            self.here.memo[Literal("=", low)] = zero
            self.here.memo[Literal("=", neg(low))] = R.arith(Literal("=", neg(low)), (), [(MINUS_ONE, zero)])
            top = R.arith(Literal(">", high), [(1, [], [])], [(MINUS_ONE, zero)])
        else:
            apart = self.here.prove("!=", sub(u, f))
            assert apart is not None
            from .lemmas import strict

            up = strict(self.here, sub(u, f), R.fact("floor_low", u), apart)
            assert up is not None
            self.here.memo[Literal(">", low)] = R.arith(Literal(">", low), [(1, [up], [])], [(MINUS_ONE, value)])
            top = R.arith(Literal(">", high), [(1, [R.fact("floor_high", u)], [])], [(ONE, value)])
        self.here.memo[Literal(">", high)] = top
        self.here.memo[Literal(">", add(sub(u, integer), ONE))] = R.arith(
            Literal(">", add(sub(u, integer), ONE)),
            [(1, [], []), *([] if whole is not None else [(1, [self.here.memo[Literal(">", low)]], [])])],
            [(ONE, self.here.memo[Literal("=", low)])] if whole is not None else [],
        )
        if not self.carry(low):
            return False
        rising = self.kept[-1].term is low
        other = high if rising else add(sub(u, integer), ONE)
        if not self.carry(other):
            return False
        self.context = self._context()
        self.replaced[f] = integer if rising else sub(integer, ONE)
        for g, value_ in self.replaced.items():
            self._solve_floor(g, value_)
        return True

    def _floor_there(self, f: Term) -> bool:
        """Say what a floor is on this side where its operand jumps: from what the operand is there."""
        there = self._resolved(f)
        values = [value(there.terms[0], p) for p in self.here.samples[:1]]
        if there is f or there.op != "floor" or not values or not isfinite(values[0]):
            return False
        u, n = there.terms[0], floor(values[0] + 1e-9)
        if self.here.prove("=", sub(u, rat(n))) is not None:
            n -= not (self.carry(sub(u, rat(n))) and self.kept[-1].term is sub(u, rat(n)))
        for room in (sub(u, rat(n)), sub(rat(n + 1), u)):
            if all(k.term not in (room, neg(room)) for k in self.kept) and not self.carry(room):
                return False
        self.context = self._context()
        for g in (there, f):
            self.replaced[g] = rat(n)
        for g, known in self.replaced.items():
            self._solve_floor(g, known)
        return True

    def _solve_floor(self, f: Term, n: Term) -> None:
        """Let the context on this side know what ``f`` is there."""
        u = f.terms[0]
        lower, upper = self.context.prove(">=", sub(u, n)), self.context.prove(">", sub(add(n, ONE), u))
        if lower is not None and upper is not None:
            self.context.solved[f] = n, self.context.floor_is(u, n, lower, upper)
            self.context.fractions.clear()

    def finish(self, th: Theorem) -> Theorem:
        """Let go of the names given to floors."""
        for name, f in reversed(self.frozen):
            th = self.here.R.rule("freeze", name, f, th)
        return th


def simplified(ctx: Context, th: Theorem, x: str) -> Theorem:
    """``Local`` with its derivative in canonical form, where that is shorter."""
    c = th.conclusion
    assert isinstance(c, Local)
    if c.derivative is None:
        return th
    rate = slope(c.derivative, x)
    target = shorter(ctx, rate)
    if target is rate and c.derivative is mul(rate, tangent(x)):
        return th
    same = equal_rates(ctx, c.vary, c.derivative, mul(target, tangent(x)))
    return th if same is None else ctx.R.rule("rewrite", th, same)


def shorter(ctx: Context, t: Term) -> Term:
    """A form of ``t`` for people: the canonical one where that is smaller, and not long to find."""
    most, ctx.most_monomials = ctx.most_monomials, MAX_READABLE
    try:
        candidate = canonical_term(ctx.frac(t))
    except TooLarge:
        return t
    finally:
        ctx.most_monomials = most
    return candidate if len(postorder(candidate)) <= len(postorder(t)) else t


def one_side(ctx: Context, x: str, t: Term, sign: int) -> Theorem | None:
    """The one-sided derivative of ``t`` in ``x`` (``sign`` 1: from the right), or ``None``."""
    key = (x, t, sign)
    known: dict[tuple[str, Term, int], Theorem | None] = ctx.__dict__.setdefault("sides", {})
    if key not in known and ctx.R.nesting < MAX_NESTING:
        known[key] = None
        ctx.R.nesting += 1
        try:
            with suppress(NotShown, TooLarge, KernelError):
                known[key] = _by_replacement(ctx, x, t, sign)
            if known[key] is None:
                known[key] = _by_limit(ctx, x, t, sign)
        finally:
            ctx.R.nesting -= 1
        if known[key] is None:
            from .chains import chained_side

            known[key] = chained_side(ctx, x, t, sign)
    return known.get(key)


def _by_replacement(ctx: Context, x: str, t: Term, sign: int) -> Theorem | None:
    beside = Beside(ctx, x, sign)
    resolved = beside.resolve(t)
    here, there, R = beside.here, beside.context, ctx.R
    is_defined, is_defined_here = defined(there, t), defined(here, t)
    for form, same in _forms(beside, t, resolved):
        try:
            inner = local(here, frozenset({x}), form)
        except NotShown:
            continue
        agree = here.prove_equal(t, form)
        if agree is not None:
            inner = simplified(here, inner, x)
            assert isinstance(inner.conclusion, Local)
            if inner.conclusion.derivative is None:
                continue
            return beside.finish(
                R.rule("side_replace", inner, x, sign, same, is_defined, agree, is_defined_here, beside.support)
            )
        for apart in (here.prove(">", sub(form, t)), here.prove(">", sub(t, form))):
            if apart is not None:
                return beside.finish(
                    R.rule("side_jump", inner, x, sign, same, is_defined, apart, is_defined_here, beside.support)
                )
        ctx.open_rates.append(sub(form, t))
    return None


def _forms(beside: Beside, t: Term, resolved: Term) -> Iterator[tuple[Term, Theorem]]:
    """Forms of ``t`` on that side, each with a proof that it equals ``t`` there, to be tried in turn."""
    there, R = beside.context, beside.here.R
    forms = [resolved]
    with suppress(TooLarge):
        forms.append(canonical_term(there.frac(resolved)))
    for form in dict.fromkeys(forms):
        same = there.prove_equal(t, form)
        if same is not None:
            yield form, same
    first = there.prove_equal(t, resolved)
    if first is not None:
        for form, same in flipped_forms(there, resolved, beside.here):
            yield form, R.arith(equation(t, form), (), [(ONE, first), (ONE, same)])


def _by_limit(ctx: Context, x: str, t: Term, sign: int) -> Theorem | None:
    """By an explicit epsilon and delta, where a known pattern fits."""
    from .limits import singular_side

    return singular_side(ctx, x, t, sign)


def from_both_sides(ctx: Context, x: str, t: Term) -> Theorem | None:
    """``Local`` from equal one-sided derivatives."""
    left, right = one_side(ctx, x, t, -1), one_side(ctx, x, t, 1)
    if left is None or right is None:
        return None
    a, b = left.conclusion, right.conclusion
    assert isinstance(a, Side) and isinstance(b, Side)
    if not isinstance(a.slope, Term) or not isinstance(b.slope, Term):
        return None
    same = None if a.slope is b.slope else ctx.prove_equal(a.slope, b.slope)
    if a.slope is not b.slope and same is None:
        return None
    return ctx.R.rule("from_sides", left, right, same)


def not_differentiable(ctx: Context, x: str, t: Term) -> Theorem | None:
    """A theorem that ``t`` has no derivative in ``x`` at the point, or ``None``."""
    sides = {s: th for s in (-1, 1) if (th := one_side(ctx, x, t, s)) is not None}
    found = {s: th.conclusion for s, th in sides.items()}
    infinite = any(isinstance(c, Side) and isinstance(c.slope, str) for c in found.values())
    if len(sides) == 2:
        a, b = found[-1], found[1]
        assert isinstance(a, Side) and isinstance(b, Side)
        if infinite:
            return ctx.R.rule("no_derivative", [sides[-1], sides[1]], None)
        assert isinstance(a.slope, Term) and isinstance(b.slope, Term)
        apart = ctx.prove("!=", sub(a.slope, b.slope))
        if apart is None:
            raise NotShown("could not show whether the one-sided derivatives differ", t, sub(a.slope, b.slope))
        return ctx.R.rule("no_derivative", [sides[-1], sides[1]], apart)
    edge = _boundary(ctx, x, t, sides)
    if edge is not None:
        return edge
    if infinite:
        return ctx.R.rule("no_derivative", list(sides.values()), None)
    for g in ctx.open_rates:
        if not any(ctx.prove(r, h) is not None for r, h in ((">", g), (">", neg(g)), ("=", g))):
            raise NotShown("could not tell to which side a term moves", t, g)
    return None


def _boundary(ctx: Context, x: str, t: Term, sides: dict[int, Theorem]) -> Theorem | None:
    """The term is defined at the point and undefined next to it."""
    try:
        here = defined(ctx, t)
    except NotShown:
        return None
    for sign in (-1, 1):
        if sign in sides:
            continue
        try:
            beside = Beside(ctx, x, sign)
            beside.resolve(t)
            gone = undefined(beside.context, t)
            if gone is not None:
                other = sides.get(-sign)
                return beside.finish(ctx.R.rule("boundary", x, sign, gone, here, other, beside.support))
        except (NotShown, TooLarge, KernelError):
            continue
    return None
