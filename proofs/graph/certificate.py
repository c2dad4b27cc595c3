"""The certificate of a graph: one theorem about all its steps, its conditions, and whether they hold somewhere."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..kernel.conclusions import Program, Step
from ..kernel.terms import ZERO, entry
from ..kernel.theorems import expect
from .evaluate import Cannot, Formulas
from .stating import stated
from .wiring import Wiring


@dataclass(frozen=True)
class Condition:
    """Under which an operation of a graph has the derivative that its certificate states.

    ``node`` is its place in the graph, ``op`` its name, ``text`` the condition on each entry of its result, in which
    ``v3[o0]`` is an entry of node ``%3``; a long one is in words.
    """

    node: str
    op: str
    text: str

    def __str__(self) -> str:
        return f"{self.node} = {self.op}: {self.text}"


@dataclass(frozen=True)
class Uncertified:
    """An operation at some of whose entries the condition does not hold, or is not certain to hold.

    ``coordinates`` are indices into its result (a list of tuples; empty for all of it).  There what is returned is by a
    convention, or not known to be the derivative.
    """

    node: str
    op: str
    text: str
    coordinates: list[tuple[int, ...]]

    def __str__(self) -> str:
        shown = ", ".join(str(c[0] if len(c) == 1 else c) for c in self.coordinates[:8])
        if len(self.coordinates) > 8:
            shown += f", ... ({len(self.coordinates)} in all)"
        at = f" at [{shown}]" if self.coordinates else ""
        return f"{self.node} = {self.op}{at}: not certain that {self.text}"


def coordinates(mask: Any) -> list[tuple[int, ...]]:
    """The indices at which a mask is true."""
    return [tuple(map(int, place)) for place in np.argwhere(mask)]


@dataclass(frozen=True)
class Held:
    """Whether all conditions hold: true or false in a test, with the operations where they do not."""

    uncertified: tuple[Uncertified, ...]

    def __bool__(self) -> bool:
        return not self.uncertified

    def __str__(self) -> str:
        good = "certified: at these values each operation has the derivative that is used"
        return "\n".join(map(str, self.uncertified)) or good


class GraphCertificate:
    """That forward mode computes the derivative of a graph and reverse mode its adjoint, where the conditions hold.

    ``data`` are the lines of the certificate, which ``hasderiv check FILE`` checks in a fresh process.
    """

    def __init__(self, wiring: Wiring) -> None:
        recorder = wiring.program.R
        theorem = wiring.program.theorem()
        self.program = expect(Program, theorem)
        self.data: bytes = recorder.write([theorem], ZERO)
        self._wiring = wiring
        self._steps = {s.symbol: s for s in self.program.steps}

    def __repr__(self) -> str:
        return f"<certificate of a graph of {len(self.program.steps)} steps, {len(self.conditions)} with conditions>"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file."""
        Path(path).write_bytes(self.data)

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """What has to hold at each entry, for the operations that have conditions."""
        sources = self._wiring.sources
        return tuple(
            [Condition(*sources[s.symbol], self._text(s)) for s in self.program.steps if s.operator.conditions]
        )

    def _text(self, step: Step) -> str:
        """The condition of a step, in words where there are some."""
        return self._wiring.words.get(step.symbol) or stated(step, self._steps)

    def uncertified(
        self, families: Mapping[str, Callable[[], Any]], shape: Callable[[str], tuple[int, ...]]
    ) -> list[Uncertified]:
        """Where a condition does not certainly hold, for values of the inputs, of what is given, and of the nodes.

        ``families`` has a function for each symbol, such as ``v3/2``; tensors that exist in the certificate alone are
        computed from these.  ``shape`` is that of a node, in which the coordinates are given.
        """
        values = _Values(self._steps, families)
        found = []
        for s in self.program.steps:
            if s.operator.conditions and not (good := values.certain(s)).all():
                node, op = self._wiring.sources[s.symbol]
                same = good.size == math.prod(shape(node))
                bad = ~(good.reshape(shape(node)) if same else good)
                found.append(Uncertified(node, op, self._text(s), coordinates(bad)))
        return found


class _Values:
    """Arrays for the symbols of a program, made when asked for."""

    def __init__(self, steps: Mapping[str, Step], families: Mapping[str, Callable[[], Any]]) -> None:
        self.steps, self.families = steps, families
        self.made: dict[str, Any] = {}

    def array(self, symbol: str) -> Any:
        """The entries of a family; of one that is no node of the graph by the formula of its step."""
        if symbol not in self.made:
            if symbol in self.families:
                self.made[symbol] = np.asarray(self.families[symbol]())
            elif symbol in self.steps:
                step = self.steps[symbol]
                self.made[symbol] = self.formulas(step).at(step.operator.term, self.dims(step)).value
            else:
                raise Cannot(f"{symbol} has no value")
        return self.made[symbol]

    def certain(self, step: Step) -> Any:
        """Where all conditions of a step certainly hold."""
        dims, formulas = self.dims(step), self.formulas(step)
        good: Any = np.ones(dims, bool)
        for literal in step.operator.conditions:
            good &= formulas.holds(literal, dims)
        return good

    def dims(self, step: Step) -> tuple[int, ...]:
        return tuple([int(Formulas(self.array, {}).at(n, ()).value) for n in step.sizes])

    def formulas(self, step: Step) -> Formulas:
        """The formulas of a step: its own names for operands stand for their families."""
        renamed = {own: entry(there) for own, there, _ in step.operands}
        return Formulas(self.array, renamed | dict(step.fixed))
