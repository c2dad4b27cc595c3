"""How an op is declared: one call of :func:`op` with its meaning, claims, stable forms and conventions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

import sympy


class Required(Enum):
    """The default of a parameter that has none."""

    REQUIRED = "required"


REQUIRED = Required.REQUIRED
OPS: dict[str, OpSpec] = {}
_SIGNATURE = re.compile(r"([A-Za-z][A-Za-z0-9_]*)\(([^()]*)\)", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True)
class OpSpec:
    """What an op means and what is claimed about it.

    ``derivative`` maps an input or parameter to its partial derivative, total on the domain: at a kink
    it states the convention.  ``conventions`` covers the points of the domain where that formula has no
    value, as condition -> value (``oo``, ``-oo`` or an expression); with several inputs the key begins with
    ``"x: "``, the input meant.  ``stable`` and ``stable_derivative`` are equal to formula and derivative over
    the reals and good in floating point.  ``at_infinity`` gives limits at -oo and +oo that the stable form
    would turn into NaN, for the function (key ``""``) and for the derivative (key the input).
    """

    name: str
    inputs: tuple[str, ...]
    params: Mapping[str, Fraction | Required]
    formula: sympy.Expr
    derivative: Mapping[str, sympy.Expr | None]
    assume: tuple[str, ...] = ()
    stable: sympy.Expr | None = None
    stable_derivative: Mapping[str, sympy.Expr] = field(default_factory=dict)
    conventions: Mapping[str, str] = field(default_factory=dict)
    at_infinity: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    smooth: bool = False
    meaning: str = ""
    source: str = ""

    def convention_cases(self, wrt: str) -> list[tuple[str, str]]:
        """The conventions that concern the derivative with respect to ``wrt``: (condition, value)."""
        cases = []
        for key, value in self.conventions.items():
            prefix, found, condition = key.partition(":")
            if not found:
                prefix, condition = self.inputs[0], key
            if prefix.strip() == wrt:
                cases.append((condition.strip(), value))
        return cases


def signature(text: str) -> tuple[str, tuple[str, ...], dict[str, Fraction | Required]]:
    """Name, inputs and parameters of ``"elu(x, *, alpha=1)"``."""
    match = _SIGNATURE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a signature such as 'elu(x, *, alpha=1)': {text!r}")
    inputs: list[str] = []
    params: dict[str, Fraction | Required] = {}
    keyword = False
    for part in (p.strip() for p in match[2].split(",")):
        name, given, default = (s.strip() for s in part.partition("="))
        if part == "*" and not keyword:
            keyword = True
        elif _NAME.fullmatch(name) is None or name in inputs or name in params:
            raise ValueError(f"{text!r}: {part!r} is not a new name")
        elif keyword:
            params[name] = Fraction(default) if given else REQUIRED
        elif given:
            raise ValueError(f"{text!r}: a parameter with a default stands after *")
        else:
            inputs.append(name)
    if not inputs:
        raise ValueError(f"{text!r}: an op has at least one input")
    return match[1], tuple(inputs), params


def make(
    head: str,
    formula: sympy.Expr,
    derivative: sympy.Expr | Mapping[str, sympy.Expr] | None = None,
    *,
    assume: tuple[str, ...] | list[str] = (),
    stable: sympy.Expr | None = None,
    stable_derivative: sympy.Expr | Mapping[str, sympy.Expr] | None = None,
    conventions: Mapping[str, str] | None = None,
    at_infinity: Mapping[str, tuple[str, str]] | None = None,
    smooth: bool = False,
    meaning: str = "",
    source: str = "",
) -> OpSpec:
    """An op that is not registered.  A bare derivative is that of the first input."""
    name, inputs, params = signature(head)

    def by_name(given: sympy.Expr | Mapping[str, sympy.Expr] | None) -> dict[str, sympy.Expr]:
        mapping = {} if given is None else dict(given) if isinstance(given, Mapping) else {inputs[0]: given}
        unknown = set(mapping) - set(inputs) - set(params)
        if unknown:
            raise ValueError(f"{name}: no input or parameter {sorted(unknown)}")
        return {key: sympy.sympify(value, strict=True) for key, value in mapping.items()}

    derivatives: dict[str, sympy.Expr | None] = dict(by_name(derivative))
    for key in inputs:
        derivatives.setdefault(key, None)
    return OpSpec(
        name=name,
        inputs=inputs,
        params=params,
        formula=sympy.sympify(formula, strict=True),
        derivative=derivatives,
        assume=tuple(assume),
        stable=stable,
        stable_derivative=by_name(stable_derivative),
        conventions=dict(conventions or {}),
        at_infinity=dict(at_infinity or {}),
        smooth=smooth,
        meaning=meaning,
        source=source,
    )


def op(
    head: str, formula: sympy.Expr, derivative: sympy.Expr | Mapping[str, sympy.Expr] | None = None, **more: object
) -> OpSpec:
    """Declare an op of the catalogue; arguments as for :func:`make`."""
    made = make(head, formula, derivative, **more)  # type: ignore[arg-type]
    if made.name in OPS:
        raise ValueError(f"the op {made.name} is declared twice")
    OPS[made.name] = made
    return made
