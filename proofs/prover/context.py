"""A context: hypotheses, the facts shown under them so far, and the search for more."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from ..kernel.algebra import Polynomial
from ..kernel.facts import HALF_PI
from ..kernel.terms import MINUS_ONE, ONE, ZERO, Literal, Term, add, mul, neg, power, rat, sub, unary
from ..kernel.theorems import Theorem, held
from . import normal, rewriting, signs
from .linear_search import contradiction
from .normal import Fraction_, TooLarge, UnitsChanged, equation, fraction
from .polynomial import content, poly, term
from .ranges import Ranges
from .recorder import Recorder, digest
from .relations import reduce
from .sampling import Point, noise, sample, satisfied, truth, value

MAX_REFUTING = 2
"""How many searches for a contradiction may stand within each other."""


class Context:
    """Proves literals under ``hyps``; what a wider context has shown is used as it stands."""

    def __init__(self, R: Recorder, hyps: Iterable[Literal] = (), names: Iterable[str] = (), depth: int = 0) -> None:
        self.R = R
        self.hyps = tuple(dict.fromkeys(hyps))
        self.names = tuple(sorted({*names, *(n for h in self.hyps for n in h.term.free if not n.startswith("d "))}))
        self.depth = depth
        self.fractions: dict[Term, Fraction_] = {}
        self.most_monomials = normal.MAX_MONOMIALS
        self.memo: dict[Literal, Theorem | None] = {}
        self.units: dict[Term, Fraction] = {}
        self.nonzero: dict[Term, Theorem] = {}
        self._solved: dict[Term, tuple[Term, Theorem]] = {}
        self._relations: list[Theorem] = []
        self._unsolved = [h for h in self.hyps if h.relation == "="]
        self._solving = False
        self.open_rates: list[Term] = []
        """Slopes of terms that are 0 at the point whose sign was wanted and not known."""
        self._ranges: Ranges | None = None
        self._samples: list[Point] | None = None
        self._busy: set[Literal] = set()
        self._circles = 0
        self._tentative: set[Literal] = set()
        self._absurd: Theorem | None = None
        self._absurd_tried = False
        self._facts: list[Theorem] | None = None

    # --- hypotheses -------------------------------------------------------------------------------------------

    def with_(self, *literals: Literal) -> Context:
        """The context with further hypotheses."""
        inner = Context(self.R, (*self.hyps, *literals), self.names, self.depth + 1)
        if self._samples is not None and set(inner.names) == set(self.names):
            kept = [p for p in self._samples if all(satisfied(k, p, inner.names) for k in literals)]
            if kept:
                inner._samples = kept
        return inner

    @property
    def solved(self) -> dict[Term, tuple[Term, Theorem]]:
        """Values of atoms, with their equations: what the hypotheses say, used from left to right."""
        self._use_equations()
        return self._solved

    @property
    def relations(self) -> list[Theorem]:
        """Equations between atoms that give no atom a value."""
        self._use_equations()
        return self._relations

    def _use_equations(self) -> None:
        """Solve the equations among the hypotheses, once a fraction is asked for: many contexts never come to that."""
        if not self._unsolved:
            return
        waiting, self._unsolved = self._unsolved, []
        self._solving = True
        for h in waiting:
            self._solve(h)
        for u in {a.terms[0]: None for a in self._solved if a.op in ("sin", "cos")}:
            self._on_circle(u)
        self._solving = False

    def _solve(self, h: Literal) -> None:
        """Use the equation ``h`` from left to right, as the value of an atom, where it is linear in one."""
        theorem = self.R.assume(h)
        try:
            f = self.frac(h.term)
        except TooLarge:
            return
        if not f.numerator:
            return
        top = self.numerator_zero(h.term, f, theorem)
        scale, shared, rest = content(f.numerator)
        root = rewriting.polynomial_root(rest) if len(rest) > 1 and not shared else None
        if root is not None:
            square = self.R.arith(Literal("=", power(term(root), 2)), (), [(rat(1 / Fraction(scale)), top)])
            top = self.R.arith(Literal("=", term(root)), (), [(ONE, self.root_zero(term(root), square))])
            f = Fraction_(root, f.denominator, f.link)
        linear = [a for m in f.numerator if len(m) == 1 and m[0][1] == 1 for a in (m[0][0],)]
        usable = [a for a in linear if sum(any(x is a or not _free_of(x, a) for x, _ in m) for m in f.numerator) == 1]
        usable = [a for a in usable if a.op not in ("pi",)]
        if not usable:
            vanishing = self._vanishing_power(f, top)
            if vanishing is None:
                self._relations.append(top)
            else:
                atom, zero = vanishing
                self._solved[atom] = ZERO, zero
                self.fractions.clear()
            return
        # Moving symbols are named x, y, t, u, ...; parameters stay where they are if there is a choice.
        chosen = min(usable, key=lambda a: (a.op != "floor", a.op != "var", not a.free & {"x"}, digest(a)))
        c = Fraction(f.numerator[((chosen, 1),)])
        rest: Polynomial = {m: -Fraction(k) / c for m, k in f.numerator.items() if m != ((chosen, 1),)}
        target = term(
            {m: k.numerator if isinstance(k, Fraction) and k.denominator == 1 else k for m, k in rest.items()}
        )
        self._solved[chosen] = target, self.R.arith(equation(chosen, target), (), [(rat(1 / c), top)])
        self.fractions.clear()

    def _on_circle(self, u: Term) -> None:
        """Keep what ``sin(u)^2 + cos(u)^2 = 1`` says where the value of one of the two is known."""
        pythagoras = self.R.fact("sin_cos", u)
        for op, other in (("sin", "cos"), ("cos", "sin")):
            extreme, b = self._solved.get(unary(op, u)), unary(other, u)
            if extreme is not None and extreme[0] in (ONE, MINUS_ONE) and b not in self._solved:
                equations = [(ONE, pythagoras), (neg(add(unary(op, u), extreme[0])), extreme[1])]
                square = self.R.arith(Literal("=", power(b, 2)), (), equations)
                self._solved[b] = ZERO, self.root_zero(b, square)
                self.fractions.clear()
                return
        f = self.frac(held(pythagoras).term)
        if f.numerator:
            th = self.numerator_zero(held(pythagoras).term, f, pythagoras)
            self._relations.append(th)
            if set(f.numerator) == {()}:  # a number that is not 0, shown to be 0
                self._absurd, self._absurd_tried = th, True

    def _vanishing_power(self, f: Fraction_, top: Theorem) -> tuple[Term, Theorem] | None:
        """``a`` and ``a - 0 = 0`` where the numerator is ``c a^k``."""
        if len(f.numerator) != 1:
            return None
        ((m, c),) = f.numerator.items()
        if len(m) != 1:
            return None
        ((atom, k),) = m
        zero = Literal("=", atom)
        apart = self.R.assume(zero.negation)
        clash = self.R.arith(Literal("!=", ZERO), [(Fraction(c), [apart] * k, [])], [(MINUS_ONE, top)])
        yes = self.R.arith(equation(atom, ZERO), (), [(ONE, self.R.assume(zero))])
        return atom, self.R.rule("cases", zero, yes, clash)

    @property
    def ranges(self) -> Ranges:
        """The ranges of terms under the hypotheses."""
        if self._ranges is None:
            self._ranges = Ranges(self)
        return self._ranges

    @property
    def samples(self) -> list[Point]:
        """Points that satisfy the hypotheses, as far as floating point can tell."""
        if self._samples is None:
            self._samples = sample(self.hyps, self.names)
        return self._samples

    def plausible(self, goal: Literal) -> bool:
        """Whether no sample point contradicts ``goal``."""
        return all(truth(goal.relation, value(goal.term, p), noise(goal.term, p)) is not False for p in self.samples)

    def absurd(self) -> Theorem | None:
        """A proof that no point satisfies the hypotheses, where one is found."""
        if not self._absurd_tried and not self._solving:
            self._absurd_tried = True
            found = None if self.samples else self.ranges.contradiction()
            if not self.samples and found is None:
                self._use_equations()
                found = self._absurd
            if not self.samples and found is None and self.R.refuting < MAX_REFUTING:
                self.R.refuting += 1
                try:
                    found = contradiction(self)
                except TooLarge:
                    found = None
                finally:
                    self.R.refuting -= 1
            self._absurd = found or self._absurd  # a false literal may have been proved on the way
        return self._absurd

    # --- proving ----------------------------------------------------------------------------------------------

    def prove(self, relation: str, t: Term) -> Theorem | None:
        """A theorem ``t relation 0`` from the hypotheses, or ``None``."""
        goal = Literal(relation, t)
        if goal in self.memo:
            return self.memo[goal]
        if goal in self._busy or goal in self._tentative or len(self._busy) > 40:
            self._circles += 1
            return None
        circles = self._circles
        self._busy.add(goal)
        try:
            found = signs.prove(self, goal) if self.plausible(goal) else None
        except TooLarge:
            found = None
        finally:
            self._busy.discard(goal)
        if found is not None and held(found, "prove") != goal:
            # A false literal about a number: the hypotheses contradict each other.
            self._absurd, self._absurd_tried, found = found, True, None
        if found is not None or not self._busy or self._circles == circles:
            self.memo[goal] = found
        else:
            # It failed for want of a goal that is still being proved: it is tried again, but not before that is done.
            self._tentative.add(goal)
        if not self._busy:
            self._tentative.clear()
        return found

    def forget_failures(self) -> None:
        """What was not shown may be shown now."""
        self.memo = {goal: th for goal, th in self.memo.items() if th is not None}

    def prove_equal(self, a: Term, b: Term) -> Theorem | None:
        """A theorem ``a - b = 0``, or ``None``."""
        if a is b:
            return self.R.arith(equation(a, b))
        return self.prove("=", sub(a, b))

    def frac(self, t: Term) -> Fraction_:
        """The fraction of ``t``, after as many rounds as the units of exponents need."""
        self._use_equations()
        for _ in range(12):
            try:
                return fraction(self, t)
            except UnitsChanged:
                self.fractions.clear()
        raise TooLarge("exponents without a common unit")

    def zero_by_fraction(self, t: Term) -> Theorem | None:
        """``t = 0`` because the numerator of ``t`` vanishes modulo the relations of its atoms."""
        f = self.frac(t)
        equations = reduce(self, f.numerator)
        if equations is None:
            return None
        whole = normal.denominator_term(f.denominator)
        link = [(ONE, f.link)] if f.link is not None else []
        if not f.denominator:
            return self.R.arith(Literal("=", t), (), [*link, *equations])
        i = unary("inv", whole)
        scaled = [(mul(i, c), th) for c, th in (*link, *equations)]
        return self.R.arith(Literal("=", t), (), [*scaled, (neg(t), self.inverse_fact(whole))])

    def simpler(self, t: Term) -> tuple[Term, Theorem] | None:
        """A simpler form of a function of canonical operands, and the proof that they are equal."""
        rule = rewriting.SIMPLER.get(t.op)
        return None if rule is None else rule(self, t)

    def decide(self, t: Term) -> tuple[Term, Theorem] | None:
        """The branch of the conditional ``t`` that holds here, and a proof that ``t`` equals it."""
        guard = Literal(str(t.args[0]), t.terms[0])
        for fact, arm in ((guard, t.terms[1]), (guard.negation, t.terms[2])):
            th = self.prove(*fact)
            if th is not None:
                return arm, self.R.rule("conditional", guard, t.terms[1], t.terms[2], th)
        return None

    # --- bookkeeping for fractions ----------------------------------------------------------------------------

    def exponent_unit(self, base: Term, c: Fraction) -> Fraction:
        """The unit of which all multiples of ``base`` in exponents are integer multiples."""
        old = self.units.get(base)
        if old is None:
            self.units[base] = abs(c)
            return abs(c)
        new = normal.unit_of(old, abs(c))
        if new != old:
            self.units[base] = new
            raise UnitsChanged
        return old

    def inverse_fact(self, t: Term) -> Theorem:
        """``t inv(t) - 1 = 0``."""
        return self.R.fact("inv", t, premises=[self.must_be_nonzero(t)])

    def must_be_nonzero(self, t: Term) -> Theorem:
        """``t != 0`` for a denominator: a product of factors that were shown to be nonzero."""
        found = self.nonzero.get(t) or self.memo.get(Literal("!=", t))
        if found is None:
            p = poly(t)
            if len(p) == 1:
                ((m, c),) = p.items()
                factors = [self.must_be_nonzero(a) for a, k in m for _ in range(k)] if m != ((t, 1),) else None
            else:
                factors, c = None, 1
            if factors is None and t.op == "mul":
                found = self.R.arith(Literal("!=", t), [(1, [self.must_be_nonzero(s) for s in t.terms], [])])
            elif factors is None and t.op == "pow":
                n = t.args[1]
                assert type(n) is int
                found = self.R.arith(Literal("!=", t), [(1, [self.must_be_nonzero(t.terms[0])] * n, [])])
            elif factors is not None:
                found = self.R.arith(Literal("!=", t), [(Fraction(c), factors, [])])
            else:
                found = self.prove("!=", t)
            if found is None:
                raise TooLarge("a denominator that could not be shown to be nonzero")
            self.nonzero[t] = found
        return found

    def numerator_nonzero(self, u: Term, f: Fraction_, nonzero: Theorem) -> Theorem:
        """From ``u != 0`` and ``u D = N``: ``N != 0``."""
        n = term(f.numerator)
        factors = [nonzero]
        if f.denominator:
            factors.append(self.must_be_nonzero(normal.denominator_term(f.denominator)))
        link = [(MINUS_ONE, f.link)] if f.link is not None else []
        return self.R.arith(Literal("!=", n), [(1, factors, [])], link)

    def numerator_zero(self, u: Term, f: Fraction_, zero: Theorem) -> Theorem:
        """From ``u = 0`` and ``u D = N``: ``N = 0``."""
        whole = normal.denominator_term(f.denominator)
        link = [(MINUS_ONE, f.link)] if f.link is not None else []
        return self.R.arith(Literal("=", term(f.numerator)), (), [(whole, zero), *link])

    def remember_nonzero(self, factor: Term, whole: Term, nonzero: Theorem) -> None:
        """A factor of what is not 0 is not 0."""
        if factor in self.nonzero:
            return
        if poly(factor) == poly(whole):
            self.nonzero[factor] = self.R.arith(Literal("!=", factor), [(1, [nonzero], [])])
            return
        from .polynomial import quotient

        rest = quotient(poly(whole), poly(factor))
        assert rest is not None
        zero = Literal("=", factor)
        clash = self.R.arith(Literal("!=", ZERO), [(1, [nonzero], [])], [(neg(term(rest)), self.R.assume(zero))])
        self.nonzero[factor] = self.R.rule("cases", zero, clash, self.R.assume(zero.negation))

    def equal_arguments(self, a: Term, b: Term) -> Theorem | None:
        """``a - b = 0`` for two forms of one operand; ``None`` where they are the same term."""
        if a is b:
            return None
        if poly(a) == poly(b):
            return self.R.arith(equation(a, b))
        found = self.zero_by_fraction(sub(a, b))
        if found is None:
            raise TooLarge("two forms of one operand that could not be shown equal")
        return found

    # --- small lemmas about functions -------------------------------------------------------------------------

    def zero_root(self, u: Term) -> Theorem:
        """``sqrt(u) = 0`` from ``u = 0``."""
        zero = self.prove("=", u)
        if zero is None:
            raise TooLarge("an operand of sqrt that could not be shown to be 0")
        nonneg = self.R.arith(Literal(">=", u), (), []) if u is ZERO else self._nonneg_of_zero(u, zero)
        square = self.R.fact("sqrt_square", u, premises=[nonneg])
        root = unary("sqrt", u)
        return self.root_zero(root, self.R.arith(Literal("=", power(root, 2)), (), [(ONE, square), (ONE, zero)]))

    def _nonneg_of_zero(self, u: Term, zero: Theorem) -> Theorem:
        return self.R.arith(Literal(">=", u), [(1, [], [ZERO])], [(ONE, zero)])

    def root_zero(self, root: Term, squared: Theorem) -> Theorem:
        """``r - 0 = 0`` from ``r^2 = 0``."""
        zero = Literal("=", root)
        yes = self.R.arith(equation(root, ZERO), (), [(ONE, self.R.assume(zero))])
        apart = self.R.assume(zero.negation)
        no = self.R.arith(Literal(">", ZERO), [(1, [apart], [])], [(MINUS_ONE, squared)])
        return self.R.rule("cases", zero, yes, no)

    def root_is(self, u: Term, p: Term, nonneg: Theorem) -> Theorem | None:
        """``sqrt(u) - p = 0`` from ``p >= 0`` and ``p^2 = u``."""
        p_nonneg = self.prove(">=", p)
        squared = self.prove_equal(power(p, 2), u)
        if p_nonneg is None or squared is None:
            return None
        s = unary("sqrt", u)
        s_nonneg = self.R.fact("sqrt_nonneg", u)
        square = self.R.fact("sqrt_square", u, premises=[nonneg])
        halves = []
        for a, b, b_nonneg in ((s, p, p_nonneg), (p, s, s_nonneg)):
            # Suppose a - b > 0: then a^2 - b^2 = (a - b)^2 + 2 b (a - b) > 0, but it is 0.
            above = Literal(">", sub(a, b))
            th = self.R.assume(above)
            sign = ONE if a is s else MINUS_ONE
            clash = self.R.arith(
                Literal(">", ZERO),
                [(1, [th, th], []), (2, [b_nonneg, th], [])],
                [(neg(sign), square), (sign, squared)],
            )
            halves.append(self.R.rule("cases", above, clash, self.R.assume(above.negation)))
        lower = self.R.arith(Literal(">=", sub(s, p)), [(1, [halves[1]], [])])
        upper = self.R.arith(Literal(">=", sub(p, s)), [(1, [halves[0]], [])])
        return self.R.between(lower, upper)

    def floor_is(self, u: Term, n: Term, lower: Theorem | None = None, upper: Theorem | None = None) -> Theorem:
        """``floor(u) - n = 0`` for ``n`` that is an integer for its form, from ``u - n >= 0`` and ``n + 1 - u > 0``."""
        R, floor = self.R, unary("floor", u)
        lower = lower or self.R.arith(Literal(">=", sub(u, n)), self._margin(sub(u, n)))
        upper = upper or self.R.arith(Literal(">", sub(add(n, ONE), u)), self._margin(sub(add(n, ONE), u)))
        above = R.arith(Literal(">", add(sub(floor, n), ONE)), [(1, [R.fact("floor_high", u)], []), (1, [lower], [])])
        below = R.arith(Literal(">", sub(add(n, ONE), floor)), [(1, [R.fact("floor_low", u)], []), (1, [upper], [])])
        ge = R.arith(Literal(">=", sub(floor, n)), [(1, [R.rule("gap", above)], [])])
        le = R.arith(Literal(">=", sub(n, floor)), [(1, [R.rule("gap", below)], [])])
        return R.between(ge, le)

    def _margin(self, t: Term) -> list[tuple[Fraction, list[Theorem], list[Term]]]:
        c = Fraction(poly(t).get((), 0))
        return [(c, [], [])] if c else []

    def quarter(self, step: int) -> tuple[Theorem, Theorem]:
        """``sin(step pi/2) - step = 0`` and ``cos(step pi/2) = 0``."""
        R = self.R
        sine = R.fact("sin_half_pi")
        pythagoras = R.fact("sin_cos", HALF_PI)
        s, c = unary("sin", HALF_PI), unary("cos", HALF_PI)
        square = R.arith(Literal("=", power(c, 2)), (), [(ONE, pythagoras), (neg(add(s, ONE)), sine)])
        cosine = R.arith(Literal("=", c), (), [(ONE, self.root_zero(c, square))])
        if step > 0:
            return sine, cosine
        s_odd, c_even = R.fact("sin_odd", HALF_PI), R.fact("cos_even", HALF_PI)
        minus = neg(HALF_PI)
        return (
            R.arith(Literal("=", add(unary("sin", minus), ONE)), (), [(ONE, s_odd), (MINUS_ONE, sine)]),
            R.arith(Literal("=", unary("cos", minus)), (), [(ONE, c_even), (ONE, cosine)]),
        )

    def atan_zero(self) -> Theorem:
        """``atan(0) - 0 = 0``."""
        return self._atan_is(ZERO, ZERO)

    def atan_odd(self, u: Term) -> Theorem:
        """``atan(-u) - (-atan(u)) = 0``."""
        return self._atan_is(neg(unary("atan", u)), neg(u))

    def _atan_is(self, angle: Term, v: Term) -> Theorem:
        """``atan(v) - angle = 0`` through ``tan``, for ``angle`` 0 or ``-atan(u)``."""
        R = self.R
        if angle is ZERO:
            cos_zero = R.fact("cos_zero")
            cosine = R.arith(Literal(">", unary("cos", ZERO)), [(1, [], [])], [(ONE, cos_zero)])
            low = R.fact("pi_low")
            bound = [(Fraction(1, 2), [low], []), (Fraction(314159265358979323846264338327, 2 * 10**29), [], [])]
            lower = R.arith(Literal(">", add(ZERO, HALF_PI)), bound)
            upper = R.arith(Literal(">", sub(HALF_PI, ZERO)), bound)
            sine = rewriting.at_zero(self, unary("sin", ZERO))
            assert sine is not None
            goal = equation(mul(ZERO, unary("cos", ZERO)), unary("sin", ZERO))
            meets = R.arith(goal, (), [(MINUS_ONE, sine[1])])
            return R.fact("tan_atan", ZERO, ZERO, premises=[cosine, lower, upper, meets])
        u = v.terms[1]
        a = unary("atan", u)
        even, odd = R.fact("cos_even", a), R.fact("sin_odd", a)
        cosine = R.arith(Literal(">", unary("cos", angle)), [(1, [R.fact("atan_cos", u)], [])], [(ONE, even)])
        lower = R.arith(Literal(">", add(angle, HALF_PI)), [(1, [R.fact("atan_high", u)], [])])
        upper = R.arith(Literal(">", sub(HALF_PI, angle)), [(1, [R.fact("atan_low", u)], [])])
        goal = equation(mul(v, unary("cos", angle)), unary("sin", angle))
        meets = R.arith(goal, (), [(v, even), (MINUS_ONE, odd), (ONE, R.fact("atan_tan", u))])
        return R.fact("tan_atan", angle, v, premises=[cosine, lower, upper, meets])


def _free_of(t: Term, atom: Term) -> bool:
    """Whether ``atom`` does not occur in ``t``."""
    if atom.op == "var":
        return atom.free.isdisjoint(t.free)
    from ..kernel.terms import postorder

    return atom not in postorder(t)
