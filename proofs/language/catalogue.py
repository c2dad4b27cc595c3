"""The ops of the catalogue as functions of the language: ``gelu(x)``, ``elu(x, alpha=2)``.

Their meaning is the formula of ``spec``; SymPy is imported only when a name that is not otherwise known
is met.  An op with parameters becomes ``app(name, *inputs, *parameters)``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache

from ..kernel.terms import Term, rat
from .build import BuildError
from .table import CITED, DEFINED, PRIMITIVE


@cache
def _ops() -> Mapping[str, object]:
    from hasderiv.spec import OPS

    ops: Mapping[str, object] = OPS
    return ops


def names() -> list[str]:
    """The names of all ops of the catalogue."""
    return list(_ops())


def has(name: str) -> bool:
    """Whether the catalogue has an op of this name."""
    return not (name in PRIMITIVE or name in DEFINED or name in CITED) and name in _ops()


def signature(name: str) -> tuple[tuple[str, ...], dict[str, object]]:
    """The inputs of an op, and its parameters with their defaults."""
    op = _ops()[name]
    return op.inputs, dict(op.params)  # type: ignore[attr-defined]


def arguments(name: str, args: Sequence[Term], keywords: Mapping[str, Term]) -> list[Term]:
    """All arguments of a call, parameters filled in from keywords and defaults."""
    inputs, params = signature(name)
    if len(args) < len(inputs) or len(args) > len(inputs) + len(params):
        expected = ", ".join([*inputs, *(f"{p}=..." for p in params)])
        raise BuildError(f"{name} takes ({expected}), not {len(args)} arguments")
    given = dict(zip(params, args[len(inputs) :], strict=False))
    for key, value in keywords.items():
        key = "lambd" if key == "lambda" else key  # Python's keyword
        if key not in params:
            raise BuildError(f"{name} has no parameter {key}" + (f" (it has {', '.join(params)})" if params else ""))
        if key in given:
            raise BuildError(f"{key} is given twice")
        given[key] = value
    result = list(args[: len(inputs)])
    for key, default in params.items():
        if key in given:
            result.append(given[key])
        elif isinstance(default, int | Fraction):
            result.append(rat(default))
        else:
            raise BuildError(f"{name} needs the parameter {key}")
    return result


@cache
def body(name: str) -> tuple[tuple[str, ...], Term]:
    """The names of all arguments of an op and its formula as a surface term."""
    from .from_sympy import surface

    inputs, params = signature(name)
    term = surface(_ops()[name], "formula")
    if term is None:
        raise BuildError(f"{name} has no formula")
    return (*inputs, *params), term
