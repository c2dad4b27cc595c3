"""A graph of concrete shapes, wired from certified steps: what a compiled function is translated to.

A tensor is a family with a size for each axis; a number is a tensor of one entry.  ``Wiring`` adds steps to a
:class:`~.program.Program`, says at once where a step's hypotheses fail, and remembers which node each step is for, and
its conditions in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..certify import NotCertified
from ..kernel.conclusions import Step
from ..kernel.terms import KernelError, Literal, Term, closed, rat, substitute
from ..kernel.theorems import expect
from ..language.printer import show_literal
from ..prover.recorder import Recorder
from ..tensor import catalogue
from .evaluate import Cannot, Formulas
from .places import Dims, broadcast, outputs
from .program import Op, Program

Source = tuple[str, str]
"""For which node of a graph a step is made, and what people call its operation."""


class Wiring:
    """A program as it grows, with the sizes of its tensors as integers."""

    def __init__(self) -> None:
        self.program = Program(Recorder())
        self.dims: dict[str, Dims] = {}
        self.sources: dict[str, Source] = {}
        self.words: dict[str, str] = {}

    def input(self, name: str, dims: Dims) -> str:
        """A tensor that is given, and that may move."""
        self.program.add_input(name, [rat(n) for n in dims])
        self.dims[name] = dims
        return name

    def step(self, source: Source, name: str, op: Op, operands: Sequence[str], values: Mapping[str, Term]) -> str:
        """``name := op(operands)``; raises :class:`NotCertified` where it does not fit or its hypotheses fail."""
        try:
            self.program.add(name, op, operands, **values)
        except (KernelError, LookupError) as error:
            raise NotCertified(f"{source[0]} = {source[1]}: {error}") from None
        made = expect(Step, self.program.steps[-1])
        self.dims[name] = tuple([_integer(n) for n in made.sizes])
        fixed = dict(made.fixed)
        failed = [h for h in made.hyps if not _true(h, fixed)]
        if failed:
            h = min(failed, key=show_literal)
            stated = show_literal(Literal(h.relation, substitute(h.term, fixed)))
            raise NotCertified(f"{source[0]} = {source[1]}: its certificate assumes {show_literal(h)}: {stated}")
        self.sources[made.symbol] = source
        if isinstance(op, str) and op in catalogue.names():
            self.words[made.symbol] = catalogue.spec_of(op).words
        return name

    def take(self, source: Source, name: str, x: str, dims: Dims, places: Sequence[Term], anew: bool) -> str:
        """Entries of ``x`` at places that are formulas of the indices ``o0``, ``o1``, ...: a tensor with these sizes.

        Nothing is added, and ``x`` returned, where that is ``x`` itself, unless ``anew``.
        """
        indices = outputs(len(dims))
        if not anew and dims == self.dims[x] and list(places) == broadcast(dims, dims):
            return x
        values = {f"at{a}": closed(p, indices) for a, p in enumerate(places)}
        sizes = {f"m{a}": rat(n) for a, n in enumerate(dims)}
        return self.step(source, name, ("take", len(places), len(dims)), [x], values | sizes)


def _integer(n: Term) -> int:
    return int(Formulas(_nothing, {}).at(n, ()).value)


def _true(h: Literal, fixed: Mapping[str, Term]) -> bool:
    """Whether a hypothesis about numbers holds; of given tensors none speaks."""
    try:
        return bool(Formulas(_nothing, fixed).holds(h, ()))
    except Cannot:
        return False


def _nothing(symbol: str) -> object:
    raise Cannot(f"{symbol} has no value")
