"""SymPy trees to surface terms: a strict walk with a whitelist of node classes.

The term speaks of the tree *after* SymPy's automatic evaluation, exactly as it is; any node that is
not in the whitelist is a :class:`SpecError` that names the class and the subexpression.  Assumptions on
symbols (``positive=True``) make SymPy rewrite formulas before they are seen, so they are handed back as
hypotheses, or are an error.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy
from hasderiv.spec import functions
from sympy.core.relational import Equality, GreaterThan, LessThan, StrictGreaterThan, StrictLessThan, Unequality
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from ..kernel import terms as T
from ..kernel.terms import Literal, Term
from . import build
from .build import BuildError, Condition

MAX_DEPTH = 150
_RELATIONS = {
    Equality: "==", Unequality: "!=", StrictGreaterThan: ">", GreaterThan: ">=", StrictLessThan: "<", LessThan: "<=",
}  # fmt: skip
_PRIMITIVE = {
    sympy.exp: "exp", sympy.sin: "sin", sympy.cos: "cos", sympy.atan: "atan", sympy.erf: "erf", sympy.floor: "floor",
    functions.exp_: "exp", functions.floor_: "floor", functions.sqrt_: "sqrt",
}  # fmt: skip
_DEFINED = {
    sympy.Abs: "abs", sympy.sign: "sign", sympy.Heaviside: "heaviside",
    sympy.ceiling: "ceil", sympy.frac: "frac", sympy.sinh: "sinh",
    sympy.cosh: "cosh", sympy.tanh: "tanh", sympy.coth: "coth", sympy.sech: "sech", sympy.csch: "csch",
    sympy.tan: "tan", sympy.cot: "cot", sympy.sec: "sec", sympy.csc: "csc", sympy.asin: "asin", sympy.acos: "acos",
    sympy.asinh: "asinh", sympy.acosh: "acosh", sympy.atanh: "atanh", sympy.atan2: "atan2", sympy.erfc: "erfc",
    sympy.Mod: "remainder", sympy.gamma: "gamma", sympy.loggamma: "loggamma", sympy.digamma: "digamma",
    sympy.polygamma: "polygamma", sympy.beta: "beta", sympy.lowergamma: "lowergamma", sympy.uppergamma: "uppergamma",
    sympy.besselj: "besselj", sympy.bessely: "bessely", sympy.besseli: "besseli", sympy.besselk: "besselk",
    sympy.erfinv: "erfinv", sympy.erfcinv: "erfcinv", sympy.erfi: "erfi", sympy.Si: "Si", sympy.Ci: "Ci",
    sympy.Shi: "Shi", sympy.Chi: "Chi", sympy.Ei: "Ei", sympy.li: "li", sympy.expint: "expint",
    sympy.fresnels: "fresnels", sympy.fresnelc: "fresnelc", sympy.airyai: "airyai", sympy.airybi: "airybi",
    sympy.airyaiprime: "airyaiprime", sympy.airybiprime: "airybiprime",
}  # fmt: skip
_HYPOTHESES: tuple[tuple[str, str, bool], ...] = (
    ("positive", ">", False), ("negative", ">", True), ("zero", "=", False), ("nonnegative", ">=", False),
    ("nonpositive", ">=", True), ("nonzero", "!=", False),
)  # fmt: skip
_UNKNOWN = ("even", "odd", "prime", "composite", "irrational", "transcendental", "imaginary", "infinite", "noninteger")


class SpecError(ValueError):
    """A formula with a part that the language has not: the message names the SymPy class and the part."""


def _bad(node: object, why: str) -> SpecError:
    text = str(node)
    return SpecError(f"{why} ({type(node).__name__}): {text[:120]}{'...' if len(text) > 120 else ''}")


def hypotheses_of(symbol: sympy.Symbol) -> list[Literal]:
    """What the assumptions of a symbol say, as literals; an assumption without one is a :class:`SpecError`."""
    known = symbol.assumptions0
    for name in _UNKNOWN:
        if known.get(name):
            raise _bad(symbol, f"the assumption {name}=True cannot be stated here")
    if known.get("real") is False or known.get("extended_real") is False or known.get("commutative") is False:
        raise _bad(symbol, "the symbol is not a real number")
    if known.get("rational") and not known.get("integer"):
        raise _bad(symbol, "the assumption rational=True cannot be stated here")
    x = T.var(symbol.name)
    result = []
    for name, relation, flip in _HYPOTHESES:
        if known.get(name):
            result.append(Literal(relation, T.neg(x) if flip else x))
            break
    if known.get("integer"):
        result.append(Literal("=", T.sub(T.unary("floor", x), x)))
    return result


class _Walk:
    def __init__(self, decimals: bool) -> None:
        self.decimals = decimals
        self.done: dict[Any, Term] = {}
        self.hypotheses: list[Literal] = []

    def term(self, node: Any) -> Term:
        """The term of a SymPy expression."""
        if type(node) in (int, Fraction):
            node = sympy.Rational(node)
        if not isinstance(node, sympy.Basic):
            raise _bad(node, "not a SymPy expression")
        key = (type(node), node)
        if key not in self.done:
            try:
                self.done[key] = self.node(node)
            except (BuildError, T.KernelError) as error:
                raise _bad(node, str(error)) from None
        return self.done[key]

    def node(self, node: Any) -> Term:
        kind = type(node)
        if isinstance(node, sympy.Rational):
            return build.number(Fraction(int(node.p), int(node.q)))
        if kind is sympy.Symbol:
            for literal in hypotheses_of(node):
                if literal not in self.hypotheses:
                    self.hypotheses.append(literal)
            return T.var(node.name)
        if kind is sympy.Float:
            if not self.decimals:
                raise _bad(node, "a floating-point number; write sympy.Rational('0.1') for the exact value")
            return build.number(Fraction(*(int(v) for v in sympy.Rational(node).as_numer_denom())))
        if node is sympy.pi:
            return T.pi()
        if node is sympy.E:
            return T.unary("exp", T.ONE)
        if kind in (sympy.Add, sympy.Mul):
            # SymPy keeps the operands in an order of its own; the printing order is as stable and reads better
            parts = node.as_ordered_terms() if kind is sympy.Add else node.args
            if kind is sympy.Add:  # x - t, not -t + x
                parts = sorted(parts, key=lambda p: bool(p.as_coeff_Mul()[0] < 0))
            operands = [self.term(a) for a in parts]
            return self.fold(build.add if kind is sympy.Add else build.mul, operands)
        if kind is sympy.Pow:
            return build.power(self.term(node.base), self.term(node.exp))
        if kind is sympy.log:
            logs = [T.unary("log", self.term(a)) for a in node.args]
            return logs[0] if len(logs) == 1 else build.div(*logs)
        if kind is sympy.Piecewise:
            return self.piecewise(node)
        if kind in (sympy.Max, sympy.Min):
            operands = [self.term(a) for a in sorted(node.args, key=sympy.default_sort_key)]
            return build.nary("max" if kind is sympy.Max else "min", operands)
        return self.function(node)

    def function(self, node: Any) -> Term:
        kind = type(node)
        if kind is functions.group:
            return self.term(node.args[0])
        if kind is sympy.LambertW and len(node.args) == 1:
            return T.app("LambertW", self.term(node.args[0]))
        if kind is sympy.zeta:
            return T.app("zeta", self.term(node.args[0]), self.term(node.args[1]) if len(node.args) == 2 else T.ONE)
        if kind in _PRIMITIVE:
            return T.unary(_PRIMITIVE[kind], self.term(node.args[0]))
        name = _DEFINED.get(kind)
        if name is None and functions.CLASSES.get(kind.__name__.rstrip("_")) is kind:
            name = kind.__name__.rstrip("_")
        if name is None:
            raise _bad(node, "the language has no such node")
        operands = [self.term(a) for a in node.args]
        return build.power(*operands) if name == "pow" else build.cited(name, operands)

    @staticmethod
    def fold(operation: Callable[[Term, Term], Term], operands: list[Term]) -> Term:
        result = operands[0]
        for a in operands[1:]:
            result = operation(result, a)
        return result

    def piecewise(self, node: Any) -> Term:
        cases = []
        for pair in node.args:
            if type(pair) is not ExprCondPair:
                raise _bad(pair, "not a case of a Piecewise")
            cases.append((self.term(pair.args[0]), self.condition(pair.args[1])))
        return build.piecewise(cases)

    def condition(self, node: Any) -> Condition:
        """The condition of a case, or of a hypothesis."""
        kind = type(node)
        if kind in _RELATIONS:
            return build.compare(self.term(node.lhs), _RELATIONS[kind], self.term(node.rhs))
        if kind in (BooleanTrue, BooleanFalse):
            return build.TRUE if kind is BooleanTrue else build.FALSE
        if kind in (And, Or):
            # SymPy keeps And and Or as sets: their order says nothing, so it is made the same in every run
            parts = [self.condition(a) for a in sorted(node.args, key=sympy.default_sort_key)]
            return build.conjunction(parts) if kind is And else build.disjunction(parts)
        if kind is Not:
            return build.negation(self.condition(node.args[0]))
        raise _bad(node, "not a condition of the language")


def _check_depth(expr: Any) -> None:
    """SymPy's own functions recurse: a tree too deep for them is refused before they see it."""
    level = {id(expr): expr}
    for _ in range(MAX_DEPTH):
        level = {id(a): a for node in level.values() for a in getattr(node, "args", ())}
        if not level:
            return
    raise SpecError(f"the formula is nested more than {MAX_DEPTH} deep")


def from_sympy(expr: Any, *, hypotheses: list[Literal] | None = None, decimals: bool = False) -> Term:
    """The surface term of a SymPy expression.

    Assumptions on symbols are appended to ``hypotheses``; without such a list they are a :class:`SpecError`.
    ``decimals`` admits floating-point numbers, read as their exact binary value.
    """
    _check_depth(expr)
    walk = _Walk(decimals)
    try:
        term = walk.term(expr)
    except RecursionError:
        raise SpecError("the formula is nested too deep for SymPy") from None
    if walk.hypotheses and hypotheses is None:
        raise SpecError("the symbols carry assumptions; state them as conditions instead (assume=...)")
    if hypotheses is not None:
        hypotheses.extend(walk.hypotheses)
    return term


def condition_from_sympy(condition: Any) -> list[list[Literal]]:
    """A SymPy condition as a disjunction of conjunctions of literals."""
    _check_depth(condition)
    walk = _Walk(False)
    result = build.dnf(walk.condition(condition))
    if walk.hypotheses:
        raise SpecError("the symbols of a condition may not carry assumptions")
    return result


def surface(op: Any, what: str | tuple[str, str] = "formula", name: str = "") -> Term | None:
    """A part of an :class:`OpSpec` as a surface term; None where the op does not give it.

    ``what`` is ``"formula"``, ``"stable"``, or ``"derivative"`` or ``"stable_derivative"`` with the ``name`` of an
    input or parameter, given as a second argument or as a pair.
    """
    part, name = (what, name) if isinstance(what, str) else what
    if part in ("formula", "stable") and not name:
        expr = getattr(op, part)
    elif part in ("derivative", "stable_derivative"):
        expr = getattr(op, part).get(name)
    else:
        raise ValueError(f"surface: no part {what!r}")
    if expr is None:
        return None
    try:
        term = from_sympy(expr)
    except SpecError as error:
        raise SpecError(f"{op.name}, {part}{' ' + name if name else ''}: {error}") from None
    unknown = sorted(term.free - set(op.inputs) - set(op.params))
    if unknown:
        raise SpecError(f"{op.name}, {part}: the symbol {unknown[0]} is neither an input nor a parameter")
    return term
