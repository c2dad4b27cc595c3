"""Where is a tensor op differentiable, with which JVP, and what is the adjoint of that?  Read from its certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ..identity import StatementError
from ..kernel.certificate import CertificateError
from ..kernel.terms import Literal
from ..query import Answer, QueryError
from . import catalogue


@dataclass(frozen=True)
class TensorWhere:
    """The answer for a tensor op: its pieces, each with the JVP there, and the VJP, which is the adjoint of that.

    The formulas are those of the spec, with which the certificate was compared.  A name such as ``conv`` means several
    ops, whose answers are ``members``.
    """

    op: str
    spec: Any
    pieces: tuple[Answer, ...]
    members: tuple[TensorWhere, ...] = ()

    @property
    def variable(self) -> str:
        """The inputs, with commas between them."""
        return ", ".join(self.spec.inputs)

    @property
    def sizes(self) -> str:
        """What the sizes and parameters have to be."""
        from ..language.printer import show_conditions

        return show_conditions([h for h in catalogue.statement_of(self.spec.name).hypotheses if not _is_integer(h)])

    @property
    def vjp(self) -> Mapping[str, str]:
        """The entries of the cotangents of the inputs, for a cotangent ``g`` of the result."""
        return dict(self.spec.vjp)

    def at(self, point: object) -> NoReturn:
        """There is no answer at a point: the sizes are open."""
        raise QueryError(f"{self.op} is a tensor op: its answer holds for all sizes and all points")

    def json(self) -> dict[str, Any]:
        """As for scalar ops, with the formulas that the pieces refer to."""
        out = {"op": self.op, "variable": self.variable, "pieces": [p.json() for p in self.pieces]}
        if self.members:
            return {**out, "members": [m.json() for m in self.members]}
        return {
            **out,
            "signature": self.spec.head,
            "sizes": self.sizes,
            "value": self.spec.value,
            "vjp": dict(self.spec.vjp),
            "abbreviations": dict(self.spec.let),
        }

    def __str__(self) -> str:
        if self.members:
            return "\n".join(map(str, self.members))
        return "\n  ".join([self.title, *map(str, self.pieces), *self.formulas()])

    @property
    def title(self) -> str:
        """The signature, and for which sizes everything holds."""
        return f"{self.spec.head}, for all {self.sizes}"

    def formulas(self) -> list[str]:
        """The value and the adjoint, and what the abbreviations mean."""
        index = ", ".join(i for i, _ in self.spec.out)
        lines = [f"value[{index}] = {self.spec.value}"]
        lines += [f"VJP {key} = {text}" for key, text in self.spec.vjp.items()]
        return lines + [f"where {head} = {text}" for head, text in self.spec.let.items()]


def _is_integer(h: Literal) -> bool:
    """Whether the hypothesis says that a symbol is an integer."""
    return h.relation == "=" and any(s.op == "floor" for s in h.term.terms)


def of_tensor_op(name: str, values: Mapping[str, object]) -> TensorWhere:
    """The answer for a tensor op.

    Raises:
        QueryError: it has no certificate, or its certificate is refused, or a parameter is given.
    """
    if values:
        raise QueryError(f"{name} is a tensor op: its answer holds for all parameters")
    found = tuple(_answer(member) for member in catalogue.members(name))
    if len(found) == 1:
        return found[0]
    return TensorWhere(name, found[0].spec, tuple(p for m in found for p in m.pieces), found)


def _answer(name: str) -> TensorWhere:
    try:
        catalogue.check(name)
    except FileNotFoundError:
        raise QueryError(f"{name} has no certificate; hasderiv build makes it") from None
    except (CertificateError, StatementError) as error:
        raise QueryError(f"the certificate of {name} is refused: {error}") from None
    spec = catalogue.spec_of(name)
    pieces = [Answer("differentiable", spec.jvp, where=" and ".join(spec.where) or "always")]
    if spec.tie:
        pieces.append(
            Answer("not_differentiable", reason="corner", convention=spec.elsewhere, where=" and ".join(spec.tie))
        )
    elif spec.where:
        pieces.append(Answer("not_covered", convention=spec.elsewhere, where="elsewhere"))
    return TensorWhere(name, spec, tuple(pieces))
