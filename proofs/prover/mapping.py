"""Maps: the line is cut where something changes, every piece gets a verdict, equal neighbours are joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations

from ..kernel.cited import domain
from ..kernel.logic import OBLIGATION
from ..kernel.terms import (
    KernelError,
    Literal,
    Term,
    mul,
    neg,
    rat,
    sub,
    tangent,
    unary,
    var,
)
from ..kernel.theorems import HasDeriv, Local, Theorem
from .bisection import refuted
from .context import Context
from .cuts import Cut, Leaf, Tree, collect, is_floor_gap, joined_around, literal_of
from .derive import NotShown, differentiable, promised, resolved, strict_sides, three_ways, undefined, with_derivative
from .factors import split_polynomial
from .inner_terms import refuted_inside
from .lemmas import join_strict, strict
from .normal import TooLarge
from .onesided import not_differentiable, shorter, simplified
from .polynomial import UNIT, content, poly, term
from .questions import reduced
from .recorder import Recorder
from .sampling import value
from .staircase import Staircase
from .step_witness import crossing_witness, open_witness
from .steps import step_of
from .witnesses import witness

MAX_LEAVES = 40


class Mapper:
    """Builds the map of ``t`` in ``x`` under ``assume``; ``derivative`` is what the author claims, if anything."""

    def __init__(self, R: Recorder, x: str, t: Term, assume: Sequence[Literal], derivative: Term | None = None) -> None:
        self.R, self.x, self.t, self.assume, self.derivative = R, x, t, tuple(assume), derivative
        self.vary = frozenset({x})
        names = {n for n in t.free | (derivative.free if derivative is not None else frozenset())} | {x}
        self.root = Context(R, assume, names)
        self.leaves = 0
        self.empty: dict[frozenset[Literal], Theorem] = {}
        """Proofs that no point satisfies the hypotheses, for the parts that were left out."""
        step = step_of(t, x) if derivative is None and not assume else None
        self.staircase = None if step is None else Staircase(self, step)

    # --- cutting ----------------------------------------------------------------------------------------------

    def tree(self, ctx: Context, path: tuple[Literal, ...] = ()) -> Tree:
        """Cut until the sign of everything that matters is known, then judge."""
        self.R.searches = 0
        outside = self._undefined(ctx) if path else None
        if outside is not None:
            self.leaves += 1
            return Leaf(path, outside)
        g = self.open_question(ctx) if self.leaves < MAX_LEAVES else None
        if g is not None and any(k.term in (g, neg(g)) for k in path):
            g = None
        if g is None and self.staircase is not None:
            return self.staircase.tree(ctx, path)
        if g is None:
            self.leaves += 1
            leaf, guard = self.judge(ctx, path)
            g = self._unknown(ctx, guard, ">") if guard is not None and len(path) < 8 else None
            if g is None:
                return leaf
        kinds = ("!=", "=") if is_floor_gap(g) else ("<", "=", ">")
        parts: list[Tree] = []
        kept: list[str] = []
        for kind in kinds:
            part = literal_of(kind, g)
            inner = ctx.with_(part)
            inner.depth = ctx.depth
            gone = inner.absurd() or refuted(inner) or refuted_inside(inner)
            if gone is None:
                kept.append(kind)
                parts.append(self.tree(inner, (*path, part)))
            else:
                self.empty[frozenset(inner.hyps)] = gone
        return self.joined(ctx, Cut(g, tuple(kept), parts, ctx.hyps), path)

    def open_question(self, ctx: Context) -> Term | None:
        """The next term whose sign is not known here and matters: a guard, or an operand with a domain."""
        for root in (self.t, self.derivative) if self.staircase is None else (self.staircase.w,):
            if root is None:
                continue
            g = self._question(ctx, root)
            if g is not None:
                return g
        return None

    def _question(self, ctx: Context, root: Term) -> Term | None:
        stack, seen = [root], set[Term]()
        while stack:
            s = stack.pop()
            if s in seen or not s.terms:
                continue
            seen.add(s)
            if s.op == "cond":
                inner = self._question(ctx, s.terms[0])
                if inner is not None:
                    return inner
                g = self._unknown(ctx, s.terms[0], str(s.args[0]))
                if g is not None:
                    return g
                decided = strict_sides(ctx, Literal(str(s.args[0]), s.terms[0]), True)
                stack += [s.terms[0]] if decided is None else [s.terms[1 if decided[1] else 2]]
                continue
            stack += reversed(s.terms)
            wanted: list[Term] = []
            if s.op in OBLIGATION:
                wanted = [s.terms[0]]
            elif s.op == "floor":
                gap = sub(s.terms[0], s)
                if ctx.prove("=", gap) is None and ctx.prove("!=", gap) is None:
                    inner = self._question(ctx, s.terms[0])
                    return gap if inner is None else inner
            elif s.op == "app":
                try:
                    wanted = [k.term for k in domain(s)[1]]
                except KernelError:
                    wanted = []
            for u in wanted:
                inner = self._question(ctx, u)
                if inner is not None:
                    return inner
                g = self._unknown(ctx, u, ">")
                if g is not None:
                    return g
        return None

    def _unknown(self, ctx: Context, u: Term, relation: str) -> Term | None:
        """A factor of ``u`` whose sign is not known, or ``None`` where the sign of ``u`` is."""
        if sign_known(ctx, u, ctx.ranges.shows):
            return None
        shorter_question = reduced(ctx, self.x, u)
        if shorter_question is not None:
            g = self._unknown(ctx, shorter_question, ">")
            if g is None:
                ctx.forget_failures()
            return g
        if relation in ("=", "!=") and ctx.prove("!=", u) is not None:
            return None
        if sign_known(ctx, u, ctx.prove):
            return None
        if is_shifted(u, self.x) and all(h.relation != "=" for h in ctx.hyps):
            return u
        try:
            f = ctx.frac(u)
        except TooLarge:
            return u
        if not f.numerator:
            return None
        _, shared, rest = content(f.numerator)
        pieces = [a for a, _ in shared]
        if rest != {UNIT: 1}:
            pieces += split_polynomial(rest)
        pieces += [d for d in f.denominator]
        for p in pieces:
            if sign_known(ctx, p, ctx.prove):
                continue
            return self._as_bound(ctx, p)
        return u if not pieces else None

    def _as_bound(self, ctx: Context, p: Term) -> Term:
        """``x - r`` where ``p`` is linear in ``x`` with a coefficient of known sign; for sums of squares a variable."""
        q = poly(p)
        x = var(self.x)
        linear = {m: c for m, c in q.items() if any(a is x for a, _ in m)}
        if linear and all(dict(m)[x] == 1 for m in linear):
            slope_, constant = {}, {m: c for m, c in q.items() if m not in linear}
            for m, c in linear.items():
                slope_[tuple((a, k) for a, k in m if a is not x)] = c
            free = all(self.x not in a.free for m in (*slope_, *constant) for a, _ in m)
            k = term(slope_)
            if free and (ctx.prove(">", k) is not None or ctx.prove(">", neg(k)) is not None):
                root = shorter(
                    ctx,
                    mul(neg(term(constant)), unary("inv", k))
                    if k.op != "rat"
                    else neg(mul(term(constant), rat(1 / Fraction(str(k.args[0]))))),
                )
                return x if root is rat(0) else sub(x, root)
        if all(k % 2 == 0 for m in q for _, k in m) and len({a for m in q for a, _ in m}) > 1:
            for m in sorted(q, key=len):
                for a, _ in m:
                    if a.op == "var" and ctx.prove("!=", a) is None and ctx.prove("=", a) is None:
                        return a
        return p

    # --- judging ----------------------------------------------------------------------------------------------

    def judge(self, ctx: Context, path: tuple[Literal, ...]) -> tuple[Leaf, Term | None]:
        """The verdict of one piece, and a term whose sign may settle it where there is none."""
        guards: list[Term | None] = []
        reasons: list[str] = []
        for attempt in (self._undefined, self.positive, self._negative):
            try:
                th = attempt(ctx)
                if th is not None:
                    return Leaf(path, th), None
            except NotShown as failure:
                guards.append(failure.guard)
                reasons.append(str(failure))
            except (TooLarge, KernelError, RecursionError) as failure:
                reasons.append(str(failure))
        return Leaf(path, None, "; ".join(dict.fromkeys(reasons))), next(
            (g for g in reversed(guards) if g is not None), None
        )

    def _undefined(self, ctx: Context) -> Theorem | None:
        if self.staircase is None:
            return undefined(ctx, self.t)
        inner = undefined(ctx, self.staircase.w)
        return None if inner is None else self.R.rule("undefined", self.t, [inner])

    def _negative(self, ctx: Context) -> Theorem | None:
        return not_differentiable(ctx, self.x, self.t)

    def positive(self, ctx: Context, wanted: Sequence[Term] = ()) -> Theorem:
        """``HasDeriv`` here: with the claimed derivative if there is one, else with one in simple form."""
        th = differentiable(ctx, self.x, self.t)
        candidates = list(wanted)
        if self.derivative is not None:
            candidates.append(resolved(ctx, self.derivative))
        for d in candidates:
            try:
                rate = mul(d, tangent(self.x))
                return promised(ctx, with_derivative(ctx, th, rate), rate)
            except NotShown:
                continue
        th = simplified(ctx, th, self.x)
        c = th.conclusion
        assert isinstance(c, Local)
        if c.derivative is None:
            raise NotShown("the term is continuous, but not shown to be differentiable", self.t)
        return promised(ctx, th, c.derivative)

    # --- joining ----------------------------------------------------------------------------------------------

    def joined(self, ctx: Context, cut: Cut, path: tuple[Literal, ...]) -> Tree:
        """Parts of a cut that say the same become one piece."""
        if not all(isinstance(p, Leaf) and p.verdict is not None for p in cut.parts):
            return cut
        found = dict(zip(cut.kinds, (p for p in cut.parts if isinstance(p, Leaf)), strict=True))
        if "=" in found and len(found) > 1:
            self._adapt(ctx, cut.term, found, path)
        g = cut.term
        verdicts = {k: leaf.verdict for k, leaf in found.items()}
        same = {k: v.conclusion for k, v in verdicts.items() if v is not None and not _is_negative(v)}
        if len(same) == len(verdicts) and len(set(same.values())) == 1:
            return Leaf(path, self._combine(ctx, g, found))
        if set(found) == {"<", "=", ">"}:
            for side, relation in ((">", ">="), ("<", "<=")):
                if "=" in same and side in same and same["="] == same[side]:
                    h = g if side == ">" else neg(g)
                    a, b = verdicts[side], verdicts["="]
                    assert a is not None and b is not None
                    whole = Literal(">=", h)
                    th = self._weak(ctx, h, literal_of(side, g), a, b)
                    other = "<" if side == ">" else ">"
                    rest = found[other]
                    order = [Leaf((*path, whole), th), rest]
                    kinds = (relation, other)
                    return Cut(g, kinds, order, ctx.hyps)
            if "<" in same and ">" in same and same["<"] == same[">"]:
                a, b = verdicts[">"], verdicts["<"]
                assert a is not None and b is not None
                apart = Literal("!=", g)
                th = join_strict(ctx, apart, a, b)
                return Cut(g, ("!=", "="), [Leaf((*path, apart), th), found["="]], ctx.hyps)
        return Cut(g, tuple(found), list(found.values()), ctx.hyps)

    def _adapt(self, ctx: Context, g: Term, found: dict[str, Leaf], path: tuple[Literal, ...]) -> None:
        """At the seam, prefer the derivative of a neighbour, in its very form."""
        here = found["="]
        assert here.verdict is not None
        if not isinstance(here.verdict.conclusion, HasDeriv):
            return
        for side in (">", "<", "!="):
            leaf = found.get(side)
            if leaf is None or leaf.verdict is None or not isinstance(leaf.verdict.conclusion, HasDeriv):
                continue
            rate = leaf.verdict.conclusion.derivative
            if rate is here.verdict.conclusion.derivative:
                return
            if rate.op == "mul":
                try:
                    th = self.positive(ctx.with_(Literal("=", g)), [rate.terms[0]])
                except (NotShown, TooLarge, KernelError):
                    continue
                if th.conclusion == leaf.verdict.conclusion:
                    found["="] = Leaf(here.literals, th)
                    return

    def _weak(self, ctx: Context, h: Term, strictly: Literal, a: Theorem, b: Theorem) -> Theorem:
        """From the theorems under ``h > 0`` and ``h = 0`` the one under ``h >= 0``."""
        zero = Literal("=", h)
        if zero not in b.hyps:
            minus = next(
                (k for k in b.hyps if k.relation == "=" and k.term is (h.terms[1] if h.op == "mul" else neg(h))), None
            )
            if minus is not None:
                b = self.R.rule("cut", self.R.arith(minus, (), [(rat(-1), self.R.assume(zero))]), b)
        lemma = strict(ctx, h, self.R.assume(Literal(">=", h)), self.R.assume(zero.negation))
        assert lemma is not None
        first = self.R.rule("cut", lemma, a) if strictly in a.hyps else a
        return self.R.rule("cases", zero, b, first)

    def _combine(self, ctx: Context, g: Term, found: dict[str, Leaf]) -> Theorem:
        """One theorem from those of all parts; parts that were left out are contradictory."""
        th = {k: leaf.verdict for k, leaf in found.items()}
        if "!=" in found or is_floor_gap(g):
            equal = Literal("=", g)
            return self.R.rule(
                "cases",
                equal,
                th.get("=") or self._nothing(ctx.hyps, equal),
                th.get("!=") or self._nothing(ctx.hyps, equal.negation),
            )
        parts = [th.get(k) or self._nothing(ctx.hyps, literal_of(k, g)) for k in (">", "=", "<")]
        return three_ways(ctx, g, *parts)

    def _nothing(self, hyps: tuple[Literal, ...], literal: Literal) -> Theorem:
        return self.empty[frozenset((*hyps, literal))]

    # --- the theorem ------------------------------------------------------------------------------------------

    def build(self) -> tuple[Theorem | None, list[Leaf]]:
        """The theorem ``Map`` (``None`` where the line has no piece with a witness) and the pieces."""
        tree, witnesses = self._inhabited(self.tree(self.root))
        leaves = collect(tree)
        if witnesses is None:
            return None, leaves
        pieces = [leaf.literals for leaf in leaves]
        covered = self.covered(self.root, tree, pieces)
        apart = [self.disjoint(p, q) for p, q in combinations(pieces, 2)]
        verdicts = [leaf.verdict for leaf in leaves]
        th = self.R.rule("map", self.vary, self.t, self.assume, covered, verdicts, apart, witnesses)
        return th, leaves

    def _inhabited(self, tree: Tree) -> tuple[Tree, list[Theorem] | None]:
        """The tree with a witness for each leaf; one that is neither shown empty nor inhabited is joined with those
        beside it to a piece without a verdict."""
        found: dict[tuple[Literal, ...], Theorem] = {}
        while True:
            for leaf in collect(tree):
                th = found.get(leaf.literals) or self._witness([*self.assume, *leaf.literals])
                if th is None:
                    leaf.reason = leaf.reason or "no witness point was found"
                    if leaf is tree:
                        return tree, None
                    tree = joined_around(tree, leaf)
                    break
                found[leaf.literals] = th
            else:
                return tree, [found[leaf.literals] for leaf in collect(tree)]

    def _witness(self, literals: Sequence[Literal]) -> Theorem | None:
        """``Somewhere(literals)``."""
        found = None
        if self.staircase is not None:
            found = crossing_witness(self.R, self.x, self.staircase.w, literals)
            found = found or open_witness(self.R, self.x, literals)
        return found or witness(self.R, self.root.names, literals)

    def covered(self, ctx: Context, tree: Tree, pieces: list[tuple[Literal, ...]]) -> Theorem:
        """The pieces exhaust the points."""
        if isinstance(tree, Leaf):
            index = pieces.index(tree.literals)
            return self.R.rule("within", pieces, index, [self.R.assume(k) for k in tree.literals])
        parts = dict(zip(tree.kinds, tree.parts, strict=True))
        among, g = tree.among or tree.kinds, tree.term
        proofs = {k: self.covered(ctx, part, pieces) for k, part in parts.items()}

        def part(kind: str) -> Theorem:
            if kind in proofs:
                return proofs[kind]
            return self._nothing(tree.hyps, literal_of(kind, g))

        if "!=" in parts or is_floor_gap(g):
            return self.R.rule("cases", Literal("=", g), part("="), part("!="))
        if ">=" in among or "<=" in among:
            up = ">=" in among
            h = g if up else neg(g)
            whole = Literal(">=", h)
            other = part("<" if up else ">")
            strictly = whole.negation
            needed = literal_of("<" if up else ">", g)
            if needed in other.hyps and needed != strictly:
                other = self.R.rule("cut", self.R.arith(needed, [(1, [self.R.assume(strictly)], [])]), other)
            return self.R.rule("cases", whole, part(">=" if up else "<="), other)
        return three_ways(ctx, g, part(">"), part("="), part("<"))

    def disjoint(self, p: tuple[Literal, ...], q: tuple[Literal, ...]) -> Theorem:
        """``P, Q |- false``: the two pieces disagree where they were cut apart."""
        for a in p:
            for b in q:
                same, opposite = a.term is b.term, a.term is neg(b.term) or b.term is neg(a.term)
                if not (same or opposite):
                    continue
                relations = {a.relation, b.relation}
                th = self._clash(a, b, same, relations)
                if th is not None:
                    return th
        th = Context(self.R, (*self.assume, *p, *q), self.root.names).absurd()
        if th is None:
            raise NotShown("two pieces are not shown to be disjoint", self.t)
        return th

    def _clash(self, a: Literal, b: Literal, same: bool, relations: set[str]) -> Theorem | None:
        one, other = self.R.assume(a), self.R.assume(b)
        zero, false = rat(0), Literal(">", rat(0))
        try:
            if "=" in relations:
                if a.relation != "=":
                    one, other, a, b = other, one, b, a
                sign = rat(-1) if same else rat(1)
                if b.relation == "!=":
                    return self.R.arith(Literal("!=", zero), [(1, [other], [])], [(sign, one)])
                return self.R.arith(false, [(1, [other], [])], [(sign, one)]) if b.relation == ">" else None
            if not same and "!=" not in relations:
                return self.R.arith(false, [(1, [one], []), (1, [other], [])])
        except KernelError:
            return None
        return None


def is_shifted(u: Term, x: str) -> bool:
    """Whether ``u`` is ``s - r`` for a number ``r`` other than 0 and a product ``s`` of which nothing is a factor."""
    if u.op != "add" or u.terms[1].free or x not in u.terms[0].free:
        return False
    moving = [a for m in poly(u.terms[0]) for a, _ in m if x in a.free]
    return all(a.op != "cond" for a in moving) and any(a.op != "var" for a in moving)


def sign_known(ctx: Context, u: Term, shows: Callable[[str, Term], Theorem | None]) -> bool:
    """Whether ``u`` is shown to be positive, negative or 0; what the sample points suggest is tried first."""
    signs = [(">", u), (">", neg(u)), ("=", u)]
    if all(abs(value(u, p)) <= 1e-9 for p in ctx.samples):
        signs.reverse()
    return any(shows(relation, v) is not None for relation, v in signs)


def _is_negative(th: Theorem) -> bool:
    from ..kernel.theorems import NotDifferentiable

    return isinstance(th.conclusion, NotDifferentiable)
