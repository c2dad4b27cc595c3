"""A theorem about numbers carried over to the entries of tensors, by the chain rule: ``f(x)`` to ``f(x[i])``."""

from __future__ import annotations

from collections.abc import Sequence

from ...kernel.conclusions import Defined, Holds, Vary
from ...kernel.terms import Literal, Term, substitute, tangent, var
from ...kernel.theorems import Theorem, expect
from ..recorder import Recorder
from .forms import Stuck


def halves(R: Recorder, th: Theorem) -> tuple[Theorem, Theorem]:
    """From the proof of ``f(x) has derivative d``: that ``f(x) ~> d``, and that ``d`` is defined."""
    name, args = R.how(th)
    if type(th.conclusion) is Holds:  # false, and stands for anything
        return th, th
    if name == "has_deriv":
        return args[0], args[1]
    if name == "cases":
        (a, c), (b, d) = (halves(R, p) for p in args[1:])
        return R.rule("cases", args[0], a, b), R.rule("cases", args[0], c, d)
    if name == "cut":
        a, b = halves(R, args[1])
        return R.discharged(a, args[:1]), R.discharged(b, args[:1])
    raise Stuck(f"a derivative by the rule {name}")


class Entries:
    """Numbers ``x``, ``y``, ... that vary together, and the entries ``x[i, j]``, ``y[i, j]``, ... in their place."""

    def __init__(self, recorder: Recorder, names: Sequence[str], index: Sequence[Term]) -> None:
        self.R = recorder
        self.values = {x: var(x, *index) for x in names}
        self.tangents = {f"d {x}": tangent(x, *index) for x in names}
        self.vary: Vary = frozenset(t.symbol for t in self.values.values())
        self.inner = [(x, recorder.rule("local", self.vary, t, [])) for x, t in self.values.items()]

    def term(self, t: Term) -> Term:
        """A term with the entries in it, tangents too."""
        return substitute(t, {**self.values, **self.tangents})

    def literal(self, literal: Literal) -> Literal:
        """A literal with the entries in it."""
        return Literal(literal.relation, self.term(literal.term))

    def carried(self, th: Theorem) -> Theorem:
        """The same of the entries, for a literal or a derivative."""
        if type(th.conclusion) is Holds:
            return self.R.rule("instantiate", th, self.values)
        return self.R.rule("chain", th, self.inner)

    def defined(self, th: Theorem, t: Term, known: Sequence[Theorem]) -> Theorem:
        """That ``t`` is defined, by what is known and the steps by which a term was shown to be for numbers."""
        R, (name, args) = self.R, self.R.how(th)
        if type(th.conclusion) is Holds:
            return self.carried(th)
        if name == "cut":
            return R.discharged(self.defined(args[1], t, known), [self.carried(args[0])])
        if name == "cases":
            return R.rule("cases", self.literal(args[0]), *(self.defined(p, t, known) for p in args[1:]))
        if name == "defined":
            sides = [self.carried(p) for p in args[1] if type(p.conclusion) is Holds]
            inner = [self.defined(p, self.term(_term(p)), ()) for p in args[1] if type(p.conclusion) is Defined]
            return R.rule("defined", t, [*sides, *inner, *known])
        raise Stuck(f"definedness by the rule {name}")


def _term(th: Theorem) -> Term:
    return expect(Defined, th).term
