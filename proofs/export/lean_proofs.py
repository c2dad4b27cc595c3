"""Proof scripts for derivatives in Lean 4 with mathlib: one ``have`` for each operation, after the rules of calculus.

The raw derivative that these rules give and the one that is stated are compared as rational functions of the other
functions in them; where they differ as such, or a side condition has no evident proof, there is no script.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from ..kernel import terms as T
from ..kernel.terms import Literal, Term
from ..linear import contradictory
from .statements import Export, Statement
from .text import LEAN, REALS, Printer, negated, sides, subtracted

SORRY: Final = ["sorry"]
_PRIME: Final = 2**61 - 1


class _NoScript(Exception):
    """No plain script suggests itself."""


def script(export: Export, s: Statement, function: str) -> list[str]:
    """The lines of a proof of a ``derive`` statement, or ``sorry``."""
    (stated,) = s.derivative
    assert isinstance(stated, Term)
    try:
        writer = _Script(s.variables[0], s.hyps)
        plain = writer.resolved(export.term)
        name, raw = writer.derive(plain)
        closing = _closing(raw, stated)
        says = f"have h : HasDerivAt {function} {writer.print.expression(raw, True)} {writer.x} :="
        if plain is export.term:
            last = [f"{says} {name}"]
        else:
            last = [*writer.near(export.name, function, plain), f"{says} {name}.congr_of_eventuallyEq near"]
    except _NoScript:
        return SORRY
    return [*writer.lines, *last, *(["exact h"] if raw is stated else ["convert h using 1", *closing])]


def _closing(raw: Term, stated: Term) -> list[str]:
    """What shows that the two are equal."""
    if not equal_as_fractions(raw, stated):
        raise _NoScript
    nodes = T.postorder(raw, stated)
    lines = []
    if any(t.op == "exp" and negated(t.terms[0]) is not None for t in nodes):
        lines.append("simp only [Real.exp_neg]")
    if any(t.op == "inv" for t in nodes):
        lines.append("field_simp")
    return [*lines, "ring"]


def equal_as_fractions(a: Term, b: Term) -> bool:
    """Whether two terms are one rational function of the symbols and functions in them, by three random points."""
    return all(_value(a, seed) == _value(b, seed) for seed in (1, 2, 3))


def _value(term: Term, seed: int) -> int:
    done: dict[Term, int] = {}
    for t in T.postorder(term):
        below = [done[s] for s in t.terms]
        if t.op == "add":
            value = below[0] + below[1]
        elif t.op == "mul":
            value = below[0] * below[1]
        elif t.op == "pow":
            value = pow(below[0], int(str(t.args[1])), _PRIME)
        elif t.op == "inv":
            value = pow(below[0], -1, _PRIME) if below[0] else 0
        elif t.op == "rat":
            q = t.args[0]
            value = q.numerator * pow(q.denominator, -1, _PRIME)  # type: ignore[attr-defined]
        elif t.op == "exp" and (u := negated(t.terms[0])) is not None:
            value = pow(_atom(T.unary("exp", u), seed), -1, _PRIME)
        else:
            value = _atom(t, seed)
        done[t] = value % _PRIME
    return done[term]


def _atom(t: Term, seed: int) -> int:
    """A number that looks random."""
    return pow(t.serial + 10**9 * seed, 1_000_003, _PRIME) or 1


class _Script:
    """The steps of one proof, for the derivative in ``x`` under the hypotheses ``h1``, ``h2``, ..."""

    def __init__(self, x: str, hyps: Sequence[Literal]) -> None:
        self.x, self.hyps = x, hyps
        self.lines: list[str] = []
        self.print = Printer(LEAN)
        self._inside = Printer(LEAN, {x: "z"})
        self._known: dict[Term, tuple[str, Term]] = {}

    def derive(self, t: Term) -> tuple[str, Term]:
        """The name of the step that shows the derivative of the term, and that derivative."""
        for s in _needed(t, self.x):
            if s not in self._known:
                self._known[s] = self._step(s)
        return self._known[t]

    def _have(self, t: Term, d: Term, proof: str) -> tuple[str, Term]:
        name = f"d{len(self.lines)}"
        function = f"(fun z : {REALS} => {self._inside.expression(t)})"
        says = f"HasDerivAt {function} {self.print.expression(d, True)} {self.x}"
        if t.op in ("add", "mul", "inv", "exp", "log", "sqrt", "sin", "cos", "atan"):
            proof = f"({proof}).congr_deriv (by ring)"
        self.lines.append(f"have {name} : {says} :=\n    {proof}")
        return name, d

    def _step(self, t: Term) -> tuple[str, Term]:
        x = self.x
        if x not in t.free:
            return self._have(t, T.ZERO, f"hasDerivAt_const {x} _")
        if t.op == "var":
            return self._have(t, T.ONE, f"hasDerivAt_id' {x}")
        u = t.terms[0]
        a, da = self._known.get(u, ("", T.ZERO))
        match t.op:
            case "add":
                if (v := subtracted(t.terms[1])) is not None:
                    b, db = self._known[v]
                    return self._have(t, T.sub(da, db), f"{a}.sub {b}")
                b, db = self._known[t.terms[1]]
                return self._have(t, T.add(da, db), f"{a}.add {b}")
            case "mul":
                return self._product(t)
            case "pow":
                n = int(str(t.args[1]))
                rest = u if n == 2 else T.power(u, n - 1)
                return self._have(
                    t, T.mul(T.mul(T.rat(n), rest), da), f"({a}.pow {n}).congr_deriv (by norm_num <;> ring)"
                )
            case "inv":
                one, _ = self.derive(T.ONE)
                d = _quotient(T.ZERO, T.ONE, da, u)
                return self._have(t, d, f"{one}.div {a} {self.nonzero(u)}")
            case "exp":
                return self._have(t, T.mul(t, da), f"{a}.exp")
            case "log":
                return self._have(t, T.mul(da, T.unary("inv", u)), f"{a}.log {self.nonzero(u)}")
            case "sqrt":
                d = T.mul(da, T.unary("inv", T.mul(T.rat(2), t)))
                return self._have(t, d, f"{a}.sqrt {self.nonzero(u)}")
            case "sin":
                return self._have(t, T.mul(T.unary("cos", u), da), f"{a}.sin")
            case "cos":
                return self._have(t, T.mul(T.neg(T.unary("sin", u)), da), f"{a}.cos")
            case "atan":
                d = T.mul(T.unary("inv", T.add(T.ONE, T.power(u, 2))), da)
                return self._have(t, d, f"{a}.arctan")
        raise _NoScript

    def _product(self, t: Term) -> tuple[str, Term]:
        u, v = t.terms
        if (w := negated(t)) is not None:
            a, da = self._known[w]
            return self._have(t, T.neg(da), f"{a}.neg")
        a, da = self._known[u]
        if v.op == "inv":
            b, db = self._known[v.terms[0]]
            return self._have(t, _quotient(da, u, db, v.terms[0]), f"{a}.div {b} {self.nonzero(v.terms[0])}")
        b, db = self._known[v]
        return self._have(t, T.add(T.mul(da, v), T.mul(u, db)), f"{a}.mul {b}")

    def _moving(self, h: Literal) -> bool:
        return self.x in h.term.free

    def resolved(self, t: Term) -> Term:
        """The term with each conditional replaced by the branch that is taken at the point and next to it."""
        lasting = [h for h in self.hyps if not self._moving(h) or h.relation in (">", "!=")]
        done: dict[Term, Term] = {}
        for s in T.postorder(t):
            done[s] = T.rebuild(s, done)
            if s.op == "cond":
                guard = Literal(str(s.args[0]), done[s.terms[0]])
                if contradictory([*lasting, guard.negation]):
                    done[s] = done[s.terms[1]]
                elif contradictory([*lasting, guard]):
                    done[s] = done[s.terms[2]]
        if any(s.op == "cond" and self.x in s.free for s in T.postorder(done[t])):
            raise _NoScript
        return done[t]

    def near(self, name: str, function: str, plain: Term) -> list[str]:
        """The lines that show that the function is ``plain`` next to the point."""
        lines, used, given = [], [], []
        for k, h in enumerate(self.hyps, 1):
            if not self._moving(h) or h.relation not in (">", "!="):
                continue
            u, v = sides(h.term)
            if h.relation == "!=" and self.x in v.free:
                raise _NoScript
            du, dv = (f"{self.derive(s)[0]}.continuousAt" for s in (u, v))
            proof = f"{dv}.eventually_lt {du} h{k}" if h.relation == ">" else f"{du}.eventually_ne h{k}"
            lines.append(f"have e{k} : ∀ᶠ z in nhds {self.x}, {self._inside.proposition(h)} :=\n    {proof}")
            used.append(f"e{k}")
            given.append(f"z{k}")
        facts = f" [{', '.join(used)}]" if used else ""
        return [
            *lines,
            f"have near : {function} =ᶠ[nhds {self.x}] fun z : {REALS} => {self._inside.expression(plain)} := by",
            f"  filter_upwards{facts} with {' '.join(['z', *given])}",
            f"  simp only [{name}]",
            "  split_ifs <;> first | rfl | contradiction | (exfalso; linarith)",
        ]

    def follows(self, literal: Literal) -> bool:
        """Whether linear arithmetic gives the literal from the hypotheses."""
        return contradictory([*self.hyps, literal.negation])

    def nonzero(self, u: Term) -> str:
        """A proof that the term is not 0 at the point."""
        says = f"show {self.print.expression(u)} ≠ 0"
        if self.positive(u):
            return f"({says} by positivity)"
        for sign, lemma in ((u, "ne_of_gt"), (T.neg(u), "ne_of_lt")):
            if self.follows(Literal(">", sign)):
                return f"({says} from {lemma} (by linarith))"
        if Literal("!=", u) in self.hyps:
            a, b = sides(u)
            name = f"h{list(self.hyps).index(Literal('!=', u)) + 1}"
            return name if b is T.ZERO else f"(sub_ne_zero.mpr {name})"
        match u.op, u.terms:
            case "mul", (a, b) if b.op == "inv":
                return f"({says} from div_ne_zero {self.nonzero(a)} {self.nonzero(b.terms[0])})"
            case "mul", (a, b):
                return f"({says} from mul_ne_zero {self.nonzero(a)} {self.nonzero(b)})"
            case "pow", (a,):
                return f"({says} from pow_ne_zero _ {self.nonzero(a)})"
        raise _NoScript

    def positive(self, u: Term, strictly: bool = True) -> bool:
        """Whether ``positivity`` should find it positive."""
        below = u.terms
        match u.op:
            case "rat":
                return bool(u.args[0] > 0 or (not strictly and u.args[0] == 0))  # type: ignore[operator]
            case "exp" | "pi":
                return True
            case "log":
                q = below[0].args[0]
                return isinstance(q, Fraction) and q.denominator == 1 and q >= 2
            case "add":
                one, two = (self.positive(s, False) for s in below)
                return one and two and (not strictly or any(self.positive(s) for s in below))
            case "mul":
                return all(self.positive(s, strictly) for s in below)
            case "inv" | "sqrt":
                return (u.op == "sqrt" and not strictly) or self.positive(below[0], strictly)
            case "pow":
                even = int(str(u.args[1])) % 2 == 0
                if even and (not strictly or Literal("!=", below[0]) in self.hyps):
                    return True
                return self.positive(below[0], strictly)
            case "var":
                return Literal(">", u) in self.hyps or (not strictly and Literal(">=", u) in self.hyps)
        return False


def _quotient(da: Term, a: Term, db: Term, b: Term) -> Term:
    """``(da b - a db) / b^2``"""
    return T.mul(T.sub(T.mul(da, b), T.mul(a, db)), T.unary("inv", T.power(b, 2)))


def _needed(t: Term, x: str) -> list[Term]:
    """The subterms whose derivatives are needed, operands first."""
    order: list[Term] = []

    def visit(s: Term) -> None:
        if s not in order:
            if x in s.free:
                for below in _operands(s):
                    visit(below)
            order.append(s)

    visit(t)
    return order


def _operands(s: Term) -> list[Term]:
    match s.op:
        case "add" if (v := subtracted(s.terms[1])) is not None:
            return [s.terms[0], v]
        case "mul" if (w := negated(s)) is not None:
            return [w]
        case "mul" if s.terms[1].op == "inv":
            return [s.terms[0], s.terms[1].terms[0]]
    return list(s.terms)
