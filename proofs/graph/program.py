"""A graph as steps: operators, each proved once whatever the number of nodes, chained to one theorem.

The theorem says that forward accumulation gives the derivative and reverse accumulation its adjoint, where the
conditions of the steps hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ..kernel.conclusions import HasDeriv, Holds, Step
from ..kernel.terms import Term, entry
from ..kernel.theorems import Theorem, expect
from ..prover.reading import read
from ..prover.recorder import Recorder
from ..tensor import catalogue, elementwise
from ..tensor.certify import certify
from ..tensor.elementwise import Proof
from ..tensor.statement import Statement, statement
from .pieces import Piece, declared

Sizes = tuple[Term, ...]
Op = str | Piece | Proof
"""An op of the catalogue by its name, a piece, or an elementwise op that somebody declared."""


class Program:
    """A graph as it grows: inputs, then steps, each of which gives a name to an op applied to earlier names."""

    def __init__(self, recorder: Recorder) -> None:
        self.R = recorder
        self.inputs: list[tuple[str, Sizes]] = []
        self.steps: list[Theorem] = []
        self.sizes: dict[str, Sizes] = {}
        self._operators: dict[tuple[Op, int], tuple[Statement, Theorem]] = {}

    def add_input(self, name: str, sizes: Sequence[Term]) -> str:
        """A tensor that is given; every one has an axis."""
        self.inputs.append((f"{name}/{len(sizes)}", tuple(sizes)))
        self.sizes[name] = tuple(sizes)
        return name

    def add(self, name: str, op: Op, operands: Sequence[str], **values: Term) -> str:
        """``name := op(operands)`` for an op of the catalogue, or for a piece.

        An elementwise op takes tensors of any rank.  Sizes are found from the operands.  ``values`` are for what cannot
        be: strides, parameters, and given tensors, whose values have loose indices.

        Raises:
            KernelError: sizes do not fit, or a name stands twice.
        """
        claimed, operator = self.operator(op, len(self.sizes[operands[0]]))
        known: dict[str, Term] = {}
        for pull, source in zip(claimed.vjps, operands, strict=True):
            known[pull.symbol] = entry(f"{source}/{len(self.sizes[source])}")
            for (_, n), size in zip(pull.index, self.sizes[source], strict=True):
                if n.op == "var":
                    known.setdefault(n.symbol, size)
        symbols = {s.partition("/")[0]: s for s in claimed.given}
        step = self.R.rule("step", name, operator, known | {symbols.get(x, x): t for x, t in values.items()})
        self.steps.append(step)
        self.sizes[name] = expect(Step, step).sizes
        return name

    def operator(self, op: Op, rank: int) -> tuple[Statement, Theorem]:
        """The operator of an op, made once; the rank is that of the operands of an elementwise op."""
        shaped = type(op) is Proof or (type(op) is str and op not in catalogue.names())
        key = op, rank if shaped else 0
        if key not in self._operators:
            claimed, data = _proved(*key)
            claims = read(self.R, data)
            (deriv,) = (th for th in claims if type(th.conclusion) is HasDeriv)
            (adjoint,) = (th for th in claims if type(th.conclusion) is Holds)
            self._operators[key] = claimed, self.R.rule("operator", claimed.out, deriv, adjoint, claimed.pulls)
        return self._operators[key]

    def theorem(self) -> Theorem:
        """That the steps compute what they say, with its derivative and the adjoint of that."""
        return self.R.rule("program", self.inputs, self.steps)


@cache
def _proved(op: Op, rank: int) -> tuple[Statement, bytes]:
    """What is claimed of an op, and its certificate; the rank is that of the operands of an elementwise op."""
    if isinstance(op, Proof):
        return elementwise.certify(op, rank)
    if not isinstance(op, str):
        return statement(declared(op)), certify(declared(op))
    if op in catalogue.names():
        return catalogue.statement_of(op), catalogue.path_of(op).read_bytes()
    return elementwise.certify(elementwise.of_catalogue(op), rank)
