"""The map of a derivative as a reader sees it: pieces with conditions and statuses, and where a point falls.

A map comes from a replayed certificate (:func:`from_theorem`) or fresh from the prover (:func:`from_built`).
Four statuses are kept apart: ``differentiable``, ``not_differentiable``, ``outside_domain``, ``not_covered``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from .kernel import terms as T
from .kernel.conclusions import HasDeriv, NotDifferentiable, Undefined
from .kernel.conclusions import Map as MapTheorem
from .kernel.local import slope
from .kernel.terms import Literal, Term
from .language.definitions import unfold
from .language.printer import show, show_conditions
from .linear import reduced

STATUSES = ("differentiable", "not_differentiable", "outside_domain", "not_covered")
Slope = Term | str | None


@dataclass(frozen=True)
class Piece:
    """A set of points and what is known on it.  ``derivative`` has one term for each variable of the map."""

    conditions: tuple[Literal, ...]
    status: str
    derivative: tuple[Term, ...] | None = None
    left: Slope = None
    right: Slope = None
    reason: str | None = None
    convention: tuple[Slope, ...] | None = None

    @property
    def where(self) -> str:
        """The conditions for people."""
        return show_conditions(self.conditions, 400)

    def shown(self, found: DerivativeMap) -> str:
        """The conditions for people, without what the others and the assumptions imply, in familiar names."""
        short = reduced(self.conditions, found.assume)
        return show_conditions([Literal(c.relation, refold(c.term, found.names)) for c in short], 400)


@dataclass(frozen=True)
class DerivativeMap:
    """The pieces of one term in some variables, in order; all other symbols are parameters."""

    name: str
    variables: tuple[str, ...]
    term: Term
    assume: tuple[Literal, ...]
    pieces: tuple[Piece, ...]
    cites: tuple[str, ...] = ()
    fixed: tuple[tuple[str, Term], ...] = ()
    """The values of parameters that were put in."""
    names: Mapping[Term, Term] = field(default_factory=dict, compare=False)
    """Unfolded terms and what the author wrote for them: ``1 - 2/(exp(2*x) + 1)`` is ``tanh(x)``."""


def from_theorem(name: str, conclusion: MapTheorem, order: Sequence[str], cites: Sequence[str] = ()) -> DerivativeMap:
    """The map that a kernel theorem states; ``order`` is the order of the inputs."""
    variables = tuple(v for v in order if v in conclusion.vary) or tuple(sorted(conclusion.vary))
    pieces = []
    for literals, verdict in conclusion.pieces:
        if type(verdict) is HasDeriv:
            pieces.append(Piece(literals, "differentiable", partials(verdict.derivative, variables)))
        elif type(verdict) is NotDifferentiable:
            pieces.append(Piece(literals, "not_differentiable", None, verdict.left, verdict.right, verdict.reason))
        elif type(verdict) is Undefined:
            pieces.append(Piece(literals, "outside_domain"))
        else:
            pieces.append(Piece(literals, "not_covered", reason="nothing was proved here"))
    return DerivativeMap(name, variables, conclusion.term, conclusion.assume, tuple(pieces), tuple(sorted(cites)))


def partials(derivative: Term, variables: Sequence[str]) -> tuple[Term, ...]:
    """The partial derivatives that a derivative in these variables has."""
    if len(variables) == 1:
        return (slope(derivative, variables[0]),)
    plain = _coefficients(derivative)
    if plain is not None and set(plain) <= set(variables):
        return tuple(plain.get(v, T.ZERO) for v in variables)
    out = []
    for v in variables:
        others = {f"d {w}": T.ONE if w == v else T.ZERO for w in variables}
        out.append(_set_tangents(derivative, others))
    return tuple(out)


def _coefficients(derivative: Term) -> dict[str, Term] | None:
    """``{"x": p, "y": q}`` for a derivative that is written ``p*dx + q*dy``; ``None`` for any other form."""
    found: dict[str, Term] = {}
    stack = [derivative]
    while stack:
        t = stack.pop()
        if t.op == "add":
            stack += t.terms
            continue
        if t.op != "mul" or t.terms[1].op != "d" or t.terms[0].moves:
            return None
        name = str(t.terms[1].args[0])
        if name in found:
            return None
        found[name] = t.terms[0]
    return found


def _set_tangents(term: Term, values: Mapping[str, Term]) -> Term:
    done: dict[Term, Term] = {}
    for t in T.postorder(term):
        done[t] = values[f"d {t.args[0]}"] if t.op == "d" else T.rebuild(t, done)
    return done[term]


def from_built(name: str, variables: Sequence[str], term: Term, assume: Sequence[Literal], built: Any) -> DerivativeMap:
    """The map that the prover returned: pieces with conditions, status, derivative, left, right, reason."""
    pieces = []
    for p in built.pieces:
        derivative = p.derivative
        if isinstance(derivative, Term):
            derivative = (derivative,)
        elif isinstance(derivative, Mapping):
            derivative = tuple(derivative[v] for v in variables)
        pieces.append(
            Piece(tuple(p.conditions), p.status, derivative and tuple(derivative), p.left, p.right, p.reason or None)
        )
    cites = tuple(getattr(built, "cites", ()))
    return DerivativeMap(name, tuple(variables), term, tuple(assume), tuple(pieces), cites)


def written(*surfaces: Term | None) -> dict[Term, Term]:
    """What the author wrote for each unfolded term: a table for :func:`refold`."""
    out: dict[Term, Term] = {}
    for t in T.postorder(*(s for s in surfaces if s is not None)):
        if t.op == "app":
            plain = unfold(t)
            if plain is not t and plain.free:
                out.setdefault(plain, t)
    return out


def refold(term: Term, names: Mapping[Term, Term]) -> Term:
    """The term with definitions folded again where the author used them; it unfolds to the same term."""
    if not names:
        return term
    done: dict[Term, Term] = {}
    for t in T.postorder(term):
        done[t] = names[t] if t in names else T.rebuild(t, done)
    return done[term]


def with_names(found: DerivativeMap, names: Mapping[Term, Term]) -> DerivativeMap:
    """The map with derivatives in the author's words."""

    def put(s: Slope) -> Slope:
        return refold(s, names) if isinstance(s, Term) else s

    pieces = []
    for p in found.pieces:
        derivative = p.derivative and tuple(refold(d, names) for d in p.derivative)
        pieces.append(replace(p, derivative=derivative, left=put(p.left), right=put(p.right)))
    return replace(found, pieces=tuple(pieces), names=names)


def folded(term: Term) -> Term:
    """The term with each part without symbols that is a rational number written as one."""
    from .numeric import exact
    from .numeric.evaluate import Field, Undefined, Unsure, evaluate

    field_ = Field(30)
    done: dict[Term, Term] = {}
    for t in T.postorder(term):
        made = T.rebuild(t, done)
        if not made.free and made.op not in ("rat", "pi"):
            try:
                value = evaluate(field_, unfold(made), {}).value.exact
            except (Undefined, Unsure):
                value = None
            q = None if value is None else exact.rational(value)
            made = made if q is None else _safe(q) or made
        done[t] = made
    return tidy(done[term])


# --- small simplifications, for reading only --------------------------------------------------------


def tidy(term: Term) -> Term:
    """The term with rational arithmetic carried out and 0 and 1 dropped; the same number wherever it has a value."""
    done: dict[Term, Term] = {}
    for t in T.postorder(term):
        done[t] = _tidy(T.rebuild(t, done))
    return done[term]


def _number(t: Term) -> Fraction | None:
    return t.args[0] if t.op == "rat" and isinstance(t.args[0], Fraction) else None


def _safe(value: Fraction) -> Term | None:
    return T.rat(value) if max(abs(value.numerator), value.denominator) < 10**60 else None


_AT_ZERO = {"exp": T.ONE, "sin": T.ZERO, "cos": T.ONE, "atan": T.ZERO, "erf": T.ZERO, "sqrt": T.ZERO}


def _tidy(t: Term) -> Term:
    below = t.terms
    numbers = [_number(a) for a in below]
    if t.op == "add":
        (a, b), (p, q) = below, numbers
        if p is not None and q is not None:
            return _safe(p + q) or t
        return b if p == 0 else a if q == 0 else T.ZERO if a is T.neg(b) or b is T.neg(a) else t
    if t.op == "mul":
        (a, b), (p, q) = below, numbers
        if p is not None and q is not None:
            return _safe(p * q) or t
        if p == 1 or q == 1:
            return b if p == 1 else a
        if (p == 0 and total(b)) or (q == 0 and total(a)):
            return T.ZERO
        if p is not None and b.op == "mul" and _number(b.terms[0]) is not None:
            return _tidy(T.mul(_tidy(T.mul(a, b.terms[0])), b.terms[1]))
        return T.mul(b, a) if q is not None else t
    if t.op == "pow" and numbers[0] is not None and abs(numbers[0]) <= 10**6:
        return _safe(numbers[0] ** int(t.args[1])) or t  # type: ignore[call-overload]
    if t.op == "inv" and numbers[0]:
        return _safe(1 / numbers[0]) or t
    if t.op == "floor" and numbers[0] is not None:
        return T.rat(numbers[0].numerator // numbers[0].denominator)
    if t.op in _AT_ZERO and numbers[0] == 0:
        return _AT_ZERO[t.op]
    if t.op == "log" and numbers[0] == 1:
        return T.ZERO
    if t.op == "sqrt" and numbers[0] == 1:
        return T.ONE
    if t.op == "exp" and below[0].op == "log" and (_number(below[0].terms[0]) or 0) > 0:
        return below[0].terms[0]
    if t.op == "cond" and numbers[0] is not None:
        value, relation = numbers[0], t.args[0]
        holds = {">": value > 0, ">=": value >= 0, "=": value == 0, "!=": value != 0}[str(relation)]
        return t.terms[1] if holds else t.terms[2]
    return t


def total(t: Term) -> bool:
    """Whether the term has a value everywhere, by its form."""
    return all(
        s.op in ("rat", "pi", "var", "add", "mul", "pow", "exp", "sin", "cos", "atan", "erf", "floor")
        for s in T.postorder(t)
    )


def fixed(literal: Literal, values: Mapping[str, Term]) -> Literal | bool:
    """The literal with symbols replaced; True or False where it is then about rational numbers."""
    term = tidy(T.substitute(literal.term, dict(values)))
    number = _number(term)
    if number is not None:
        return {">": number > 0, ">=": number >= 0, "=": number == 0, "!=": number != 0}[literal.relation]
    sign = constant_sign(term)
    if sign is not None:
        return {">": sign > 0, ">=": sign >= 0, "=": sign == 0, "!=": sign != 0}[literal.relation]
    return Literal(literal.relation, term)


def constant_sign(term: Term) -> int | None:
    """The sign of a term without symbols, where the exact constants or 60 digits decide it."""
    if term.free:
        return None
    from .numeric.evaluate import Field, Unsure, evaluate

    try:
        return evaluate(Field(60), term, {}, total=True).value.sign
    except Unsure:
        return None


def with_parameters(found: DerivativeMap, values: Mapping[str, Term]) -> DerivativeMap:
    """The map with parameters fixed; a piece whose conditions no longer hold anywhere is dropped."""
    if not values:
        return found

    def put(s: Slope) -> Slope:
        return tidy(T.substitute(s, dict(values))) if isinstance(s, Term) else s

    pieces = []
    for p in found.pieces:
        literals = [fixed(c, values) for c in p.conditions]
        if any(c is False for c in literals):
            continue
        kept = tuple(dict.fromkeys(c for c in literals if isinstance(c, Literal)))
        pieces.append(replace(
            p, conditions=kept, left=put(p.left), right=put(p.right),
            derivative=p.derivative and tuple(tidy(T.substitute(d, dict(values))) for d in p.derivative),
            convention=p.convention and tuple(put(c) for c in p.convention),
        ))  # fmt: skip
    assume = tuple(c for c in (fixed(a, values) for a in found.assume) if isinstance(c, Literal))
    term = tidy(T.substitute(found.term, dict(values)))
    return replace(found, term=term, assume=assume, pieces=tuple(pieces), fixed=(*found.fixed, *values.items()))


def affine(term: Term, name: str) -> tuple[Fraction, Term] | None:
    """``(c, r)`` with ``term = c*name + r`` and c rational, by the form of the term; None if it is not."""
    if name not in term.free:
        return Fraction(0), term
    if term.op == "var":
        return Fraction(1), T.ZERO
    if term.op == "add":
        parts = [affine(a, name) for a in term.terms]
        if parts[0] is None or parts[1] is None:
            return None
        return parts[0][0] + parts[1][0], tidy(T.add(parts[0][1], parts[1][1]))
    if term.op == "mul":
        for k, other in (term.terms, term.terms[::-1]):
            q = _number(tidy(k))
            inner = affine(other, name) if q is not None else None
            if q is not None and inner is not None:
                return q * inner[0], tidy(T.mul(T.rat(q), inner[1]))
    return None


def solved(conditions: Sequence[Literal], name: str) -> Term | None:
    """The value that an equation among the conditions gives to the symbol, if one does so plainly."""
    for c in conditions:
        if c.relation == "=" and name in c.term.free:
            found = affine(c.term, name)
            if found is not None and found[0] != 0:
                return tidy(T.mul(T.rat(-1 / found[0]), found[1]))
    return None


# --- where a point falls ----------------------------------------------------------------------------


class NotDecided(Exception):
    """The digits do not decide in which piece the point lies."""


def locate(found: DerivativeMap, point: Callable[[Any], Mapping[str, Any]]) -> Piece | None:
    """The piece that holds at the point, or None if the assumptions fail there.

    ``point`` makes the coordinates as numbers of a given field.  Conditions are read with the kernel's total
    semantics, in which they were proved.

    Raises:
        NotDecided: 300 digits do not decide.
    """
    from .numeric.evaluate import Field, Unsure, holds

    for digits in (60, 300):
        field = Field(digits)
        numbers = point(field)
        unsure = False
        try:
            if not all(holds(field, a, numbers, total=True) for a in found.assume):
                return None
        except Unsure:
            unsure = True
        for p in found.pieces:
            try:
                if all(holds(field, c, numbers, total=True) for c in p.conditions):
                    if not unsure:
                        return p
                    break
            except Unsure:
                unsure = True
    raise NotDecided("which piece the point lies in is not decided by 300 digits")


def slope_text(s: Slope) -> str | None:
    """A one-sided derivative or a convention for people."""
    return s if isinstance(s, str) or s is None else show(tidy(s), 2000)
