"""The program of a certificate run by its own formulas: values, forward and reverse accumulation, in float64.

:func:`assert_tied` compares that with what a compiled function computes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from hasderiv.proofs.graph.evaluate import Formulas
from hasderiv.proofs.kernel.conclusions import Program, Step
from hasderiv.proofs.kernel.terms import Term, entry, substitute, tangent
from hasderiv.runtime.pytree import flatten, unflatten

import hasderiv as hd


def _ranked(symbol: str) -> Term:
    """``x/2`` as the entry of the tangent of ``x``."""
    e = entry(symbol)
    return tangent(str(e.args[0]), *e.terms)


class Run:
    """The steps one after the other, at values of the inputs and of what is given."""

    def __init__(self, program: Program, values: Mapping[str, Any]) -> None:
        self.program = program
        self.values = {k: np.asarray(v) for k, v in values.items()}
        for s in program.steps:
            self.values[s.symbol] = self.formula(s, s.operator.term, self.dims(s.sizes), {})

    def dims(self, sizes: Any) -> tuple[int, ...]:
        return tuple([int(Formulas(self.values.__getitem__, {}).at(n, ()).value) for n in sizes])

    def formula(self, s: Step, t: Term, dims: tuple[int, ...], more: Mapping[str, Any]) -> Any:
        """A formula of a step at all indices; tangents and the cotangent are families of ``more``."""
        names = {own: entry(there) for own, there, _ in s.operands} | dict(s.fixed)
        moving = {_ranked(own).symbol: entry("moved_" + there) for own, there, _ in s.operands}
        moving[f"g/{len(s.sizes)}"] = entry(f"pulled/{len(s.sizes)}")
        families = {**self.values, **more}
        return Formulas(families.__getitem__, names).at(substitute(t, moving), dims).value.astype(float)

    def forward(self, tangents: Mapping[str, Any]) -> dict[str, Any]:
        """The tangent of every tensor."""
        moved = {f"moved_{x}": np.asarray(tangents.get(x, np.zeros(self.dims(n)))) for x, n in self.program.inputs}
        for s in self.program.steps:
            moved[f"moved_{s.symbol}"] = self.formula(s, s.operator.derivative, self.dims(s.sizes), moved)
        return {x.removeprefix("moved_"): v for x, v in moved.items()}

    def reverse(self, seeds: Mapping[str, Any]) -> dict[str, Any]:
        """The cotangent of every tensor."""
        pulled: dict[str, Any] = defaultdict(float, {k: np.asarray(v) for k, v in seeds.items()})
        for s in reversed(self.program.steps):
            g = np.broadcast_to(pulled[s.symbol], self.dims(s.sizes))
            for p, (_, there, sizes) in zip(s.operator.pullbacks, s.operands, strict=True):
                found = self.formula(s, p.term, self.dims(sizes), {f"pulled/{len(s.sizes)}": g})
                pulled[there] = pulled[there] + found
        return pulled


def assert_tied(f: Callable[..., Any], *args: Any) -> hd.Compiled:
    """Value, JVP and VJP of a compiled function are what its certificate says, at these arguments.

    The arguments are float64.  Returns the compiled function.
    """
    compiled = hd.compile(f, *args)
    certified, rng = compiled._certified, np.random.default_rng(0)
    low, graph = certified._lowering, certified._graph
    arrays = compiled._signature.arrays(args)
    values = certified._values(arrays)
    families = certified.families(values)
    steps = {s.symbol for s in certified.certificate.program.steps}
    run = Run(certified.certificate.program, {k: x() for k, x in families.items() if k not in steps})

    def symbol(v: int) -> str:
        name = low.names[v]
        return f"{name}/{len(low.wiring.dims[name])}"

    def compare(found: Mapping[str, Any], v: int | None, expected: Any, what: str) -> None:
        if v in low.names and expected is not None:
            shape = np.shape(expected.data)
            ours = np.broadcast_to(found[symbol(v)], shape or (1,)).reshape(shape)
            np.testing.assert_allclose(ours, expected.data, rtol=1e-12, atol=1e-13, err_msg=what)

    def row(x: Any) -> Any:
        return np.reshape(x, np.shape(x) or (1,))

    results, structure = flatten(compiled.forward(args))
    for v, y in zip(graph.outputs, results, strict=True):
        compare(run.values, v, y, "value")
    tangents = [rng.standard_normal(a.shape) for a in arrays]
    moved = run.forward({symbol(v): row(t) for v, t in zip(graph.inputs, tangents, strict=True)})
    slopes = flatten(compiled.jvp(args, unflatten(compiled._signature.structure, tangents))[1])[0]
    for v, y in zip(graph.outputs, slopes, strict=True):
        compare(moved, v, y, "JVP")
    seeds = [rng.standard_normal(y.shape) for y in results]
    given: dict[str, Any] = defaultdict(float)
    for v, g in zip(graph.outputs, seeds, strict=True):
        if v in low.names:
            given[symbol(v)] = given[symbol(v)] + row(g)
    pulled = run.reverse(given)
    for v, g in zip(graph.inputs, flatten(compiled.vjp(args, unflatten(structure, seeds))[1])[0], strict=True):
        compare(pulled, v, g, "VJP")
    return compiled
