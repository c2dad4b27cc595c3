"""Where is it differentiable?  The questions that people ask of a map, for ops of the catalogue and for expressions.

``where("relu").at(0)``, ``where("elu", alpha=1)``, ``where("x*Abs(x)")``, ``where(sympy_expression)``,
``list_at(0)``, ``list_on("x > 0")``.  The map of an op is read from its certificate, which is replayed; that of
an expression is proved on the fly.  A float as a point or parameter means its exact binary value; a decimal
in *text* means what is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .kernel import terms as T
from .kernel.terms import KernelError, Literal, Term
from .language.definitions import unfold
from .language.parser import parse, parse_condition
from .language.printer import show
from .pieces import (
    DerivativeMap,
    NotDecided,
    Piece,
    Slope,
    folded,
    locate,
    slope_text,
    tidy,
    with_names,
    with_parameters,
    written,
)

if TYPE_CHECKING:
    from .tensor.query import TensorWhere

Loader = Callable[[str], "list[DerivativeMap]"]
Number = Any  # int, Fraction, float, str, or a SymPy number


class QueryError(ValueError):
    """A question that cannot be answered as it was put: one line that says why."""


@dataclass(frozen=True)
class Answer:
    """What is known at one point or on one piece.  Attributes that do not apply are None."""

    status: str
    derivative: str | None = None
    left: str | None = None
    right: str | None = None
    reason: str | None = None
    convention: str | None = None
    where: str | None = None

    def json(self) -> dict[str, str | None]:
        """The keys of a piece in the JSON form of ``where``."""
        keys = ("where", "status", "derivative", "left", "right", "reason", "convention")
        return {k: getattr(self, k) for k in keys}

    def __str__(self) -> str:
        parts = [self.status.replace("_", " ")]
        parts += [f"{k} {v}" for k, v in self.json().items() if v is not None and k not in ("status",)]
        return "; ".join(parts)


@dataclass(frozen=True)
class Where:
    """The answer to ``where``: the map in one variable, and for several inputs the others and the joint one."""

    op: str
    map: DerivativeMap
    arguments: tuple[DerivativeMap, ...] = ()
    """The maps in each argument alone, if there are several; ``map`` is then the joint one."""

    @property
    def variable(self) -> str:
        """The variable, or the variables with commas between them."""
        return ", ".join(self.map.variables)

    @property
    def pieces(self) -> tuple[Answer, ...]:
        """The pieces in order."""
        return _answers(self.map)

    def at(self, point: Number | Mapping[str, Number]) -> Answer:
        """What is known at a point: a number, or a mapping from names to numbers for several symbols."""
        return _at(self.map, coordinates(self.map, point))

    def argument(self, name: str) -> Where:
        """The map in one argument, the others held fixed."""
        for found in self.arguments or (self.map,):
            if found.variables == (name,):
                return Where(self.op, found)
        raise QueryError(f"{self.op} has no argument {name}")

    def json(self) -> dict[str, Any]:
        """One variable with its pieces; for several inputs the joint ones, and each argument under ``arguments``."""
        out: dict[str, Any] = {"op": self.op, "variable": self.variable, "pieces": [p.json() for p in self.pieces]}
        if self.arguments:
            out["arguments"] = [
                {"variable": m.variables[0], "pieces": [a.json() for a in _answers(m)]} for m in self.arguments
            ]
        return out

    def __str__(self) -> str:
        lines = [f"{self.op} in {self.variable}"]
        for p in self.pieces:
            lines.append("  " + str(p))
        return "\n".join(lines)


# --- asking -----------------------------------------------------------------------------------------


def where(
    target: Any, /, *, assume: Iterable[str] = (), wrt: str | None = None, **params: Number
) -> Where | TensorWhere:
    """The map of the derivative of an op (by name), of an expression in text, or of a SymPy expression.

    Args:
        assume: conditions on the symbols of an expression, such as ``"a > 0"``.
        wrt: the variable of an expression, if it has several symbols; the rest are parameters.
        params: values for parameters, taken exactly.

    Raises:
        QueryError: an unknown op, text that cannot be read, or a parameter that is not there.
    """
    values = {name: constant(value) for name, value in params.items()}
    if isinstance(target, str) and target.strip() in op_names():
        if tuple(assume) or wrt is not None:
            raise QueryError("assume and wrt are for expressions; an op brings its own")
        return of_op(target.strip(), values)
    if isinstance(target, str) and is_tensor_op(target.strip()):
        from .tensor.query import of_tensor_op

        if tuple(assume) or wrt is not None:
            raise QueryError("assume and wrt are for expressions; an op brings its own")
        return of_tensor_op(target.strip(), values)
    if isinstance(target, str):
        return _of_text(target, list(assume), wrt, values)
    name = getattr(target, "name", None)
    if isinstance(name, str) and name in op_names() and not hasattr(target, "free_symbols"):
        return of_op(name, values)
    if hasattr(target, "free_symbols"):
        return _of_sympy(target, list(assume), wrt, values)
    raise QueryError(f"where takes the name of an op or an expression, not {type(target).__name__}")


def op_names() -> list[str]:
    """The ops of the catalogue."""
    from .language import catalogue

    return catalogue.names()


def tensor_op_names() -> tuple[str, ...]:
    """The ops over axes and shapes."""
    from .tensor.catalogue import names

    return names()


def is_tensor_op(name: str) -> bool:
    """Whether the name is that of an op over axes and shapes, or of several such ops (``conv``)."""
    from .tensor.catalogue import members

    return bool(members(name))


def load_maps(name: str) -> list[DerivativeMap]:
    """The maps of an op, replayed from its certificate: in each input, and jointly if there are several."""
    from .catalogue import load_map
    from .kernel.certificate import CertificateError

    try:
        return load_map(name)
    except FileNotFoundError:
        raise QueryError(f"{name} has no certificate; hasderiv build makes it") from None
    except CertificateError as error:
        raise QueryError(f"the certificate of {name} is refused: {error}") from None


def of_op(name: str, values: Mapping[str, Term], load: Loader | None = None) -> Where:
    """The map of an op with some parameters fixed; the conventions of its spec are written into it."""
    maps = (load or load_maps)(name)
    symbols = set[str]().union(*(m.term.free | {s for a in m.assume for s in a.term.free} for m in maps))
    inputs = {v for m in maps for v in m.variables}
    for p in values:
        if p not in symbols - inputs:
            known = ", ".join(sorted(symbols - inputs)) or "none"
            raise QueryError(f"{name} has no parameter {p} (it has: {known})")
    _check_assumptions(name, maps[0].assume, values)
    maps = [with_parameters(m, values) for m in maps]
    return joined(name, maps, tuple(dict.fromkeys(v for m in maps for v in m.variables)))


def joined(name: str, maps: list[DerivativeMap], inputs: tuple[str, ...]) -> Where:
    """One answer from the maps of an op; where a joint map is missing, that is what the answer says."""
    if len(inputs) == 1:
        return Where(name, maps[0])
    single = tuple(m for m in maps if len(m.variables) == 1)
    joint = next((m for m in maps if len(m.variables) > 1), None)
    if joint is None:
        gap = Piece((), "not_covered", reason="the certificate has no joint map")
        joint = replace(single[0], variables=inputs, pieces=(gap,))
    return Where(name, joint, single)


def _check_assumptions(name: str, assume: Iterable[Literal], values: Mapping[str, Term]) -> None:
    from .language.printer import show_literal
    from .pieces import fixed

    for a in assume:
        if fixed(a, values) is False:
            raise QueryError(f"{name} is declared for {show_literal(a)} only")


def _of_text(text: str, assume: list[str], wrt: str | None, values: Mapping[str, Term]) -> Where:
    try:
        term = parse(text, decimals=True)
        literals = _conditions(assume)
    except (ValueError, KernelError) as error:
        raise QueryError(str(error)) from None
    if term.op == "var" and not values and not assume and text.strip() not in ("x", "y", "t", "z"):
        raise QueryError(f"unknown op {text.strip()} (an expression would have an operation in it)")
    return prove(text.strip(), term, literals, wrt, values)


def _conditions(assume: Iterable[str]) -> list[Literal]:
    literals: list[Literal] = []
    for condition in assume:
        cases = parse_condition(condition, decimals=True)
        if len(cases) != 1:
            raise QueryError(f"an assumption has to be a conjunction, which {condition!r} is not")
        literals += cases[0]
    return literals


def _of_sympy(expression: Any, assume: list[str], wrt: str | None, values: Mapping[str, Term]) -> Where:
    from .language.from_sympy import from_sympy

    literals: list[Literal] = []
    try:
        term = from_sympy(expression, hypotheses=literals)
        literals += _conditions(assume)
    except (ValueError, KernelError) as error:
        raise QueryError(str(error)) from None
    return prove(str(expression), term, literals, wrt, values)


def prove(name: str, surface: Term, assume: list[Literal], wrt: str | None, values: Mapping[str, Term]) -> Where:
    """The map of a surface term, proved now."""
    from .certify import NotCertified, prove_map
    from .kernel.certificate import replay
    from .kernel.conclusions import Map
    from .pieces import fixed, from_theorem

    unknown = set(values) - surface.free - {s for a in assume for s in a.term.free}
    if unknown:
        raise QueryError(f"the expression has no symbol {min(unknown)}")
    term = unfold(T.substitute(surface, dict(values)))
    variable = wrt or _variable(surface, values)
    if variable in values:
        raise QueryError(f"{variable} is the variable and cannot be fixed as a parameter")
    literals: list[Literal] = []
    for a in assume:
        put = fixed(Literal(a.relation, unfold(a.term)), values)
        if put is False:
            raise QueryError("the assumptions do not hold for these parameters")
        if isinstance(put, Literal):
            literals.append(put)
    try:
        data, reasons = prove_map(term, variable, literals)
    except NotCertified as error:
        piece = Piece((), "not_covered", reason=str(error))
        return Where(name, DerivativeMap(name, (variable,), term, tuple(literals), (piece,)))
    (theorem,) = replay(data).claims
    conclusion = theorem.conclusion
    assert type(conclusion) is Map
    found = from_theorem(name, conclusion, [variable], sorted(theorem.cites))
    pieces = [
        replace(p, reason=reasons.get(p.conditions, p.reason)) if p.status == "not_covered" else p for p in found.pieces
    ]
    found = replace(found, pieces=tuple(pieces))
    return Where(name, with_names(found, written(T.substitute(surface, dict(values)))))


def _variable(term: Term, values: Mapping[str, Term]) -> str:
    free = sorted(term.free - set(values))
    if not free:
        return "x"
    return next((v for v in ("x", "t", "y", "z") if v in free), free[0])


# --- points -----------------------------------------------------------------------------------------


def constant(value: Number) -> Term:
    """A number as a term without symbols: floats by their exact binary value, text as it is written."""
    if isinstance(value, bool):
        raise QueryError("a truth value is not a number")
    if isinstance(value, int | Fraction):
        return _rational(Fraction(value))
    if isinstance(value, str):
        try:
            term = unfold(parse(value, (), decimals=True))
        except (ValueError, KernelError) as error:
            raise QueryError(f"not a number: {error}") from None
        return tidy(term)
    if hasattr(value, "is_number") and hasattr(value, "free_symbols") and value.is_number:
        from .language.from_sympy import from_sympy

        try:
            return tidy(unfold(from_sympy(value)))
        except (ValueError, KernelError) as error:
            raise QueryError(str(error)) from None
    try:
        ratio = Fraction(*value.as_integer_ratio())
    except AttributeError:
        raise QueryError(f"not a number: {value!r}") from None
    except (OverflowError, ValueError):
        raise QueryError(f"{value!r} is not a real number") from None
    return _rational(ratio)


def _rational(value: Fraction) -> Term:
    try:
        return T.rat(value)
    except KernelError as error:
        raise QueryError(str(error)) from None


def coordinates(found: DerivativeMap, point: Number | Mapping[str, Number]) -> dict[str, Term]:
    """A point as terms; a single number is the variable, or every one of several variables."""
    given = point if isinstance(point, Mapping) else dict.fromkeys(found.variables, point)
    out = {str(name): constant(value) for name, value in given.items()}
    symbols = found.term.free | set(found.variables)
    unknown = sorted(set(out) - symbols)
    if unknown:
        raise QueryError(f"{found.name} has no symbol {unknown[0]}")
    missing = [v for v in found.variables if v not in out]
    if missing:
        raise QueryError(f"the point gives no value for {missing[0]}")
    return out


def _at(found: DerivativeMap, point: Mapping[str, Term]) -> Answer:
    from .numeric.evaluate import Undefined, Unsure, evaluate

    needed = {s for p in found.pieces for c in p.conditions for s in c.term.free} | {
        s for a in found.assume for s in a.term.free
    }
    text = ", ".join(f"{name} = {show(value)}" for name, value in point.items())
    open_symbols = needed - set(point)
    if open_symbols:
        return _parametric(found, point, text)

    def numbers(field: Any) -> dict[str, Any]:
        try:
            return {name: evaluate(field, value, {}).value for name, value in point.items()}
        except Undefined as error:
            raise QueryError(f"the point has no value: {error}") from None

    try:
        piece = locate(found, numbers)
    except (NotDecided, Unsure) as error:
        return Answer("not_covered", reason=str(error), where=text)
    if piece is None:
        return Answer("outside_domain", reason="the assumptions do not hold there", where=text)
    return _fixed_answer(piece, found, point, text)


def _parametric(found: DerivativeMap, point: Mapping[str, Term], text: str) -> Answer:
    """The point is given but parameters are not: what holds for all values of them, if it is one piece."""
    left = with_parameters(found, point)
    statuses = {p.status for p in left.pieces}
    if len(left.pieces) == 1:
        return _fixed_answer(left.pieces[0], left, {}, text)  # the point is among the values put in
    if len(statuses) == 1 and statuses == {"not_differentiable"}:
        p = left.pieces[0]
        return Answer("not_differentiable", reason=p.reason, where=text)
    if len(statuses) == 1 and statuses == {"differentiable"}:
        values = {_joined([show(tidy(d), 2000) for d in p.derivative or ()]) for p in left.pieces}
        return Answer("differentiable", derivative=values.pop() if len(values) == 1 else None, where=text)
    names = ", ".join(sorted({s for p in left.pieces for c in p.conditions for s in c.term.free}))
    return Answer("not_covered", reason=f"it depends on {names}: give a value", where=text)


def _fixed_answer(piece: Piece, found: DerivativeMap, point: Mapping[str, Term], text: str) -> Answer:
    def put(s: Slope) -> Slope:
        return folded(T.substitute(s, dict(point))) if isinstance(s, Term) else s

    from .conventions import at_point

    derivative = piece.derivative and tuple(folded(T.substitute(d, dict(point))) for d in piece.derivative)
    convention = None
    if piece.status == "not_differentiable":
        convention = at_point(found, point) or (piece.convention and tuple(map(put, piece.convention)))
    moved = replace(piece, derivative=derivative, left=put(piece.left), right=put(piece.right), convention=convention)
    return replace(answer_of(moved, found), where=text)


def _answers(found: DerivativeMap) -> tuple[Answer, ...]:
    """All pieces, with the conventions of the spec written in."""
    from .conventions import conventions

    filled = conventions(found)
    return tuple(answer_of(p, filled) for p in filled.pieces)


def answer_of(piece: Piece, found: DerivativeMap) -> Answer:
    """What is known on one piece, in words."""
    derivative = None if piece.derivative is None else _joined([show(tidy(d), 4000) for d in piece.derivative])
    convention = None
    if piece.convention is not None and piece.status == "not_differentiable":
        convention = _joined([slope_text(c) or "unknown" for c in piece.convention])
    return Answer(piece.status, derivative, slope_text(piece.left), slope_text(piece.right), piece.reason, convention,
                  piece.shown(found))  # fmt: skip


def _joined(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else "(" + ", ".join(texts) + ")"
