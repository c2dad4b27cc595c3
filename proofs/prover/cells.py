"""What a step function is between two integers and at one: proved once, for a symbol ``y`` for what is rounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..kernel.conclusions import Defined, Holds, Undefined
from ..kernel.logic import OBLIGATION
from ..kernel.terms import MINUS_ONE, ONE, Literal, Term, add, neg, rat, sub, substitute, unary, var
from ..kernel.theorems import Theorem, held
from .congruence import settled
from .context import Context
from .derive import NotShown, defined, undefined
from .normal import equation
from .recorder import Recorder
from .steps import ROUNDED


@dataclass(frozen=True)
class Cell:
    """Where ``hyps`` hold, ``G(y)`` is ``form``, which does not move with ``y``; or it has no value there."""

    hyps: tuple[Literal, ...]
    form: Term
    same: Theorem
    is_defined: Theorem | None
    form_defined: Theorem | None
    gone: Theorem | None


class Cells:
    """The cells of one function ``G`` of ``y``."""

    def __init__(self, R: Recorder, outer: Term, tie: Term | None) -> None:
        self.R, self.outer, self.tie = R, outer, tie
        self._known: dict[tuple[tuple[Literal, ...], Term | None], Cell] = {}

    def cell(self, hyps: Sequence[Literal], floor: Term | None) -> Cell:
        """The cell where ``hyps`` hold and, if it is given, ``floor(y) = floor``.  Raises ``NotShown``."""
        key = tuple(hyps), floor
        if key not in self._known:
            self._known[key] = self._cell(*key) if floor is not None or self.tie is None else self._by_ties(key[0])
        return self._known[key]

    def _by_ties(self, hyps: tuple[Literal, ...]) -> Cell:
        """The cell of a stretch with integers in it, where ``G`` asks whether ``y`` is one, and of which parity."""
        assert self.tie is not None
        whole, even = (Literal("=", sub(u, unary("floor", u))) for u in (var(ROUNDED), self.tie))
        ways = (whole.negation,), (whole, even.negation), (whole, even)
        apart, odd, tied = (self._cell((*hyps, *way), None) for way in ways)
        if not apart.form is odd.form is tied.form and apart.gone is None:
            raise NotShown("the values at the integers of a stretch were not shown to agree", self.outer)

        def joined(a: Theorem | None, b: Theorem | None, c: Theorem | None) -> Theorem | None:
            if a is None or b is None or c is None:
                return None
            return self.R.rule("cases", whole, self.R.rule("cases", even, c, b), a)

        same = joined(apart.same, odd.same, tied.same) if apart.gone is None else apart.same
        assert same is not None
        defined_ = joined(apart.is_defined, odd.is_defined, tied.is_defined)
        return Cell(hyps, apart.form, same, defined_, apart.form_defined, joined(apart.gone, odd.gone, tied.gone))

    def _cell(self, hyps: tuple[Literal, ...], floor: Term | None) -> Cell:
        lemmas = [] if floor is not None else self._bounds(hyps)
        ctx = Context(self.R, [*hyps, *map(held, lemmas)], [ROUNDED])
        y, known = var(ROUNDED), dict[Term, Theorem]()
        if floor is not None:
            lower, upper = ctx.prove(">=", sub(y, floor)), ctx.prove(">", sub(add(floor, ONE), y))
            if lower is None or upper is None:
                raise NotShown("the cell of a floor was not shown", y)
            f = unary("floor", y)
            known[f] = ctx.floor_is(y, floor, lower, upper)
            ctx.solved[f] = floor, known[f]
            ctx.fractions.clear()
        form, same = settled(ctx, self.outer, known)
        broken = self._operands(ctx, known)
        fixed = Context(self.R, [h for h in hyps if ROUNDED not in h.term.free], ctx.names)
        try:
            is_defined = None if broken else defined(ctx, self.outer)
        except NotShown:
            is_defined = None
            if undefined(ctx, self.outer) is None:
                raise
        if is_defined is None:
            gone = undefined(ctx, self.outer)
            if gone is None:
                raise NotShown("an operand outside its domain was not found again", self.outer)
            return Cell(hyps, form, self.R.discharged(same, lemmas), None, None, self.R.discharged(gone, lemmas))
        if ROUNDED in form.free:
            raise NotShown("the value between two integers was not found", self.outer)
        same, is_defined = self.R.discharged(same, lemmas), self.R.discharged(is_defined, lemmas)
        return Cell(hyps, form, same, is_defined, defined(fixed, form), None)

    def _bounds(self, hyps: Sequence[Literal]) -> list[Theorem]:
        """What bounds of ``y`` by integers say about ``floor(y)``."""
        y, R, found = var(ROUNDED), self.R, list[Theorem]()
        f = unary("floor", y)
        whole = equation(y, f)
        for h in hyps:
            if h.relation != ">" or ROUNDED not in h.term.free:
                continue
            (u, v), given = h.term.terms, R.assume(h)
            if u is y and whole in hyps:  # y - k > 0, y = floor(y)
                above = R.arith(Literal(">", sub(f, v.terms[1])), [(1, [given], [])], [(MINUS_ONE, R.assume(whole))])
                found.append(R.rule("gap", above))
            elif u is y:  # y - k > 0
                goal = add(sub(f, v.terms[1]), ONE)
                above = R.arith(Literal(">", goal), [(1, [given], []), (1, [R.fact("floor_high", y)], [])])
                found.append(R.arith(Literal(">=", sub(f, v.terms[1])), [(1, [R.rule("gap", above)], [])]))
            else:  # k - y > 0
                below = R.arith(Literal(">", sub(u, f)), [(1, [given], []), (1, [R.fact("floor_low", y)], [])])
                found.append(R.rule("gap", below))
        return found

    def _operands(self, ctx: Context, known: dict[Term, Theorem]) -> bool:
        """Let the context know the signs that operations need, from the settled forms of their operands.

        Returns whether an operand is outside the domain of its operation.  Raises ``NotShown`` where none is and
        a sign is not known of a form that does not move.
        """
        stack, seen, unknown = [self.outer], set[Term](), list[Term]()
        while stack:
            s = stack.pop()
            if s in seen or ROUNDED not in s.free:
                continue
            seen.add(s)
            if s.op == "cond":
                guard = Literal(str(s.args[0]), s.terms[0])
                first = self._sign(ctx, known, guard, unknown)
                stack += [s.terms[0], *(s.terms[1:] if first is None else [s.terms[1 if first else 2]])]
                continue
            stack += s.terms
            if s.op in OBLIGATION:
                holds = self._sign(ctx, known, Literal(OBLIGATION[s.op], s.terms[0]), unknown)
                if holds is False:
                    return True
        if unknown:
            raise NotShown("could not tell the sign of a term between two integers", unknown[0])
        return False

    def _sign(self, ctx: Context, known: dict[Term, Theorem], wanted: Literal, unknown: list[Term]) -> bool | None:
        """Whether the literal holds, from the settled form of its term, or ``None``.

        Forms that do not move with ``y`` and whose sign is not known are added to ``unknown``.
        """
        u, same = settled(ctx, wanted.term, known)
        for k, sign, found in ((wanted, 1, True), (wanted.negation, -1, False)):
            turned = k.term is not wanted.term
            th = ctx.prove(k.relation, neg(u) if turned else u)
            if th is not None:
                link = [(rat(sign) if turned else ONE, same)]
                ctx.memo[k] = (
                    self.R.arith(k, (), [*link, (ONE, th)])
                    if k.relation == "="
                    else self.R.arith(k, [(1, [th], [])], link)
                )
                return found
        if ROUNDED not in u.free:
            unknown.append(u)
        return None

    def at(self, th: Theorem, inner: Term, extra: Sequence[Theorem] = ()) -> Theorem:
        """A theorem about ``y`` for ``y = inner``; ``extra`` says that ``inner`` is defined."""
        values, c, R = {ROUNDED: inner}, th.conclusion, self.R
        if isinstance(c, Holds):
            return R.rule("instantiate", th, values)
        assert isinstance(c, (Defined, Undefined))
        name, args = R.how(th)
        if name == "cases":
            literal, yes, no = args
            put = Literal(literal.relation, substitute(literal.term, values))
            return R.rule("cases", put, self.at(yes, inner, extra), self.at(no, inner, extra))
        if name == "cut":
            lemma, rest = args
            return R.rule("cut", self.at(lemma, inner), self.at(rest, inner, extra))
        _, sides = args
        return R.rule(name, substitute(c.term, values), [*(self.at(s, inner) for s in sides), *extra])
