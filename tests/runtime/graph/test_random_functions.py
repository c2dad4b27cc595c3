"""Random functions give the same bits eagerly and compiled.

Kernels are run by their instructions here, so that nothing has to be compiled: what is tested is the order of the
units, the memory of their results and the recording of the rules.  That the test can fail is tested too.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime.graph import execute, plan

import hasderiv as hd

from .comparing import assert_same

OPERATIONS: list[Callable[[Any, Any], Any]] = [
    lambda a, c: a + c,
    lambda a, c: a * c,
    lambda a, c: a - c,
    lambda a, c: a / (c * c + 1),
    lambda a, c: a * 0.5,
    lambda a, c: -a,
    lambda a, c: hd.tanh(a),
    lambda a, c: hd.relu(a),
    lambda a, c: hd.max(a, c),
    lambda a, c: hd.elu(a, alpha=0.5),
    lambda a, c: hd.select(a > 0, a, c),
    lambda a, c: hd.select((a > c) & (c < 1), c, a),
    lambda a, c: hd.select(a > 0, hd.log(a) * c, 0.0),
    lambda a, c: hd.select(a > 0, hd.log(a) @ c, 0.0) if a.shape == c.shape == (4, 4) else a,
    lambda a, c: a.sum(),
    lambda a, c: a.sum(axis=0) if a.ndim else a,
    lambda a, c: a.T,
    lambda a, c: a[::-1] if a.ndim else a,
    lambda a, c: a[[0, 0, -1]] if a.ndim else a,
    lambda a, c: a.reshape(-1),
    lambda a, c: a @ c.T * 0.1 if a.ndim == c.ndim == 2 else a,
    lambda a, c: hd.softmax(a),
    lambda a, c: hd.layer_norm(a) if a.ndim else a,
    lambda a, c: hd.concatenate([a, c]) if a.ndim and a.ndim == c.ndim else a,
    lambda a, c: hd.broadcast_to(a.sum(), (4, 4)),
    lambda a, c: hd.grad(lambda t: (hd.sin(t) * t).sum())(a),
    lambda a, c: hd.jvp(lambda t: hd.tanh(t) * t, a, a)[1],
    lambda a, c: a.detach() + c,
]


def program(seed: int) -> Callable[..., Any]:
    """A function of three arrays made of random operations on what came before."""
    rng = random.Random(seed)
    lines = [(rng.choice(OPERATIONS), rng.random(), rng.random()) for _ in range(rng.randint(4, 40))]
    returned = [rng.random() for _ in range(rng.randint(1, 4))]

    def f(*given: Any) -> list[Any]:
        values = list(given)
        for operation, i, j in lines:
            a, c = (values[int(k * len(values))] if k < 0.6 else values[-1 - int(k * 3) % len(values)] for k in (i, j))
            try:
                made = operation(a, c)
            except hd.ShapeError:
                continue
            if made.size <= 2048:
                values.append(made)
        return [values[-1 - int(k * min(len(values), 8))] for k in returned]

    return f


def run_by_instructions(self: Any, unit: Any, made: Any, writes: bool) -> Any:
    """A step in place of a kernel: its instructions one by one, and then its results where it would put them."""
    if made is None:
        return _step(self, unit, made, writes)
    allocate = self._writing(lambda *_: None, [*unit.results, 0], unit.results)

    def step(values: list[Any]) -> None:
        allocate(values)
        inner: dict[int, Any] = {}
        for result, primitive, operands, static in unit.members:
            inner[result] = np.array(primitive.forward(static, *[inner.get(v, values[v]) for v in operands]))
        for v in unit.results:
            np.copyto(values[v], inner[v])

    return step


_step = execute.Plan._step


@np.errstate(all="ignore")
def compare(seed: int) -> None:
    """Three runs on new inputs; results of earlier runs must stay as they are."""
    f, rng = program(seed), np.random.default_rng(seed)

    def arrays() -> tuple[Any, ...]:
        return tuple([np.round(rng.standard_normal(shape), 1).astype("float32") for shape in ((4, 4), (4, 4), (4,))])

    compiled, kept = hd.compile(f, *arrays()), []
    for _ in range(3):
        xs, dxs = arrays(), arrays()
        tensors = tuple(map(hd.tensor, xs))
        value, back = hd.vjp(f, tensors)
        seeds = [np.round(rng.standard_normal(y.shape)).astype("float32") for y in value]
        found = compiled.vjp(xs, seeds)
        assert_same(found, (value, back([hd.tensor(g) for g in seeds])), f"vjp of {seed}")
        assert_same(compiled.forward(xs), value, f"value of {seed}")
        assert_same(compiled.jvp(xs, dxs), hd.jvp(f, tensors, dxs), f"jvp of {seed}")
        kept.append((found[0], [np.array(t.numpy()) for t in found[0]]))
    for results, copies in kept:
        assert_same(results, [hd.tensor(x) for x in copies], f"results of {seed}")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_random_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute.Plan, "_step", run_by_instructions)
    for seed in range(120):
        compare(seed)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_wrong_lives_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute.Plan, "_step", run_by_instructions)
    monkeypatch.setattr(plan, "is_fresh", lambda graph, instruction: True)  # views that nobody knows of
    with pytest.raises((AssertionError, hd.Error, ValueError)):
        for seed in range(120):
            compare(seed)
