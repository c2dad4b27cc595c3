"""What a plan does with instructions and memory: kernels, buffers, threads, size."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime.compiled import machine
from hasderiv.runtime.graph.execute import Plan
from hasderiv.runtime.graph.ssa import Graph

import hasderiv as hd

from .comparing import assert_same, numbers

X = hd.tensor_spec((64, 8), "float32")
compiled_path = pytest.mark.skipif(machine.missing() is not None, reason="nothing can be compiled here")


def graph_of(compiled: Any, which: Any = "forward") -> Graph:
    return compiled._get(which).program.graph  # type: ignore[no-any-return]


def plan_of(compiled: Any, which: Any = "forward") -> Plan:
    (plan,) = compiled._get(which).program._plans.values()
    return plan  # type: ignore[no-any-return]


def members(plan: Plan) -> list[list[str]]:
    return [[m.primitive.name for m in unit.members] for unit in plan.units]


@compiled_path
def test_a_chain_is_one_kernel_with_two_results() -> None:
    compiled = hd.compile(lambda x, b: (hd.relu(x * 2 + b), hd.exp(x * 2 + b) - 1), X, hd.tensor_spec(8, "float32"))
    compiled.forward((numbers(1, (64, 8)), numbers(2, (8,))))
    (unit,) = plan_of(compiled).units
    assert len(unit.members) == 5 and len(unit.results) == 2


@compiled_path
def test_kernels_do_not_close_a_circle() -> None:
    compiled = hd.compile(lambda x: hd.exp(x) * hd.softmax(hd.exp(x)) + hd.exp(x), X)
    compiled.forward(numbers(1, (64, 8)))
    assert members(plan_of(compiled)) == [["exp"], ["softmax"], ["mul", "add"]]


@compiled_path
def test_masks_stay_inside_or_become_results() -> None:
    def f(x: Any, y: Any) -> Any:
        return hd.select(x > y, x * y, y).sum() + hd.select(x > y, x, hd.softmax(y) * y).sum()

    compiled = hd.compile(f, X, X)
    x, y = numbers(1, (64, 8)), numbers(2, (64, 8))
    for _ in range(2):
        assert_same(compiled.forward((x, y)), f(hd.tensor(x), hd.tensor(y)))
    assert ["greater", "mul", "select"] in members(plan_of(compiled))


@compiled_path
def test_a_long_derivative_is_computed_with_the_value() -> None:
    def f(x: Any, w: Any) -> Any:
        return (hd.gelu(x @ w + 1) @ w).sum()

    x, w = numbers(1, (256, 128)), numbers(2, (128, 128))
    compiled = hd.compile(f, x, w)
    for _ in range(2):
        assert_same(compiled.backward((x, w)), hd.value_and_grad(f, (0, 1))(hd.tensor(x), hd.tensor(w)))
    found = members(plan_of(compiled, "vjp"))
    assert ["add", "gelu", "gelu'"] in found and ["mul'x"] in found


def test_nothing_is_computed_twice_or_in_vain() -> None:
    def f(x: Any) -> Any:
        hd.log(x)
        return hd.sin(x) * hd.sin(x) + x * 2.0 + x * 2.0

    names = [i.primitive.name for i in graph_of(hd.compile(f, X)).instructions]
    assert sorted(names) == ["add", "add", "mul", "mul", "sin"]
    signs = hd.compile(lambda x: (x * 0.0, x * -0.0), X).forward(np.ones((64, 8), "float32"))
    assert [bool(np.signbit(t.numpy()).any()) for t in signs] == [False, True]


def test_the_text_of_a_graph() -> None:
    graph = graph_of(hd.compile(lambda x: (x * 2).sum(), X))
    assert str(graph).splitlines() == [
        "%0 = input : float32[64,8]",
        "%2 = mul(%0, 2) : float32[64,8]",
        "%3 = sum(%2) : float32[]",
        "return %3",
    ]


def test_a_value_that_nobody_saves_is_not_kept() -> None:
    gamma = hd.tensor(numbers(1, (8,)), requires_grad=True)
    compiled = hd.compile(lambda x: hd.layer_norm(x, gamma), X)
    assert [i.primitive.name for i in graph_of(compiled).instructions] == ["normalize"]
    compiled.vjp(numbers(1, (64, 8)), numbers(2, (64, 8)))
    assert "keep" in [i.primitive.name for i in graph_of(compiled, "vjp").instructions]
    names = [i.primitive.name for i in graph_of(hd.compile(lambda x: hd.layer_norm(x), X)).instructions]
    assert names == ["normalize"]


def test_buffers_are_used_again() -> None:
    def f(x: Any) -> Any:
        for _ in range(50):
            x = hd.tanh(x @ x.T) @ x / 64
        return x

    compiled = hd.compile(f, X)
    x = numbers(1, (64, 8)) / 8
    for _ in range(3):
        assert_same(compiled.forward(x), f(hd.tensor(x)))
    assert plan_of(compiled).places.size <= 4 * 64 * 64 * 4, "not one for each of the hundred products"


def test_results_are_their_owners() -> None:
    def f(x: Any, y: Any) -> Any:
        z = x * 2
        return x, x.T, z, z[::2], z.T @ y, y[3]

    compiled = hd.compile(f, X, X)
    a, b = numbers(1, (64, 8)), numbers(2, (64, 8))
    kept = []
    for run in range(4):
        x, y = a + run, b - run
        found = compiled.forward((x, y))
        kept.append((found, [np.array(t.numpy()) for t in found]))
        x[:] = 99
        y[:] = 99
    for found, copies in kept:
        assert_same(found, tuple(map(hd.tensor, copies)))


def test_threads_do_not_meet() -> None:
    def f(x: Any, y: Any) -> Any:
        return (hd.tanh(x @ y.T) @ hd.sigmoid(y) + x).sum()

    compiled = hd.compile(f, X, X)
    inputs = [(numbers(i, (64, 8)), numbers(i + 50, (64, 8))) for i in range(8)]
    expected = [hd.value_and_grad(f, (0, 1))(*map(hd.tensor, pair)) for pair in inputs]
    wrong = []

    def work(i: int) -> None:
        for _ in range(40):
            try:
                assert_same(compiled.backward(inputs[i]), expected[i])
            except AssertionError as error:
                wrong.append(error)

    workers = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong


def chain(nodes: int) -> Any:
    def f(x: Any) -> Any:
        first = x
        for _ in range(nodes):
            x = (x + first) * 0.5
        return (x * x).sum()

    return f


def test_large_graphs_need_no_recursion_and_linear_time() -> None:
    x, seconds = numbers(1, (4,)), []
    for nodes in (1000, 10000):
        f = chain(nodes)
        start = time.process_time()
        compiled = hd.compile(f, x)
        value = compiled.backward(x)
        assert_same(compiled.backward(x), value)
        seconds.append(time.process_time() - start)
        assert_same(value, hd.value_and_grad(f)(hd.tensor(x)))
    assert seconds[1] < 40 * max(seconds[0], 0.05)


def test_without_machine_code() -> None:
    code = (
        "import numpy as np, hasderiv as hd\n"
        "f = lambda x: (hd.tanh(x * 2 + 1) * hd.select(x > 0, x, hd.exp(x)) @ x.T).sum()\n"
        "x = np.linspace(-1, 1, 12, dtype='float32').reshape(3, 4)\n"
        "c = hd.compile(f, x)\n"
        "a, b = [c.backward(x) for _ in range(2)], hd.value_and_grad(f)(hd.tensor(x))\n"
        "print(*[v.numpy().tobytes().hex() for pair in (*a, b) for v in pair])\n"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, **more}, capture_output=True, text=True, check=True
        ).stdout.split()
        for more in ({"HASDERIV_BACKEND": "numpy"}, {})
    ]
    assert found[0] == found[1] and found[0][:2] == found[0][2:4] == found[0][4:]


def test_gradients_by_some_arguments() -> None:
    def f(p: Any, x: Any) -> Any:
        return hd.tanh(x @ p["w"] + p["b"]).sum()

    p, x = {"w": numbers(1, (8, 3)), "b": numbers(2, (3,))}, numbers(3, (64, 8))
    q = hd.tree_map(hd.tensor, p)
    for argnums in (0, 1, (1, 0), [-1]):
        compiled = hd.compile(f, p, x, argnums=argnums)
        for _ in range(2):
            assert_same(compiled.backward((p, x)), hd.value_and_grad(f, argnums)(q, hd.tensor(x)), str(argnums))
    assert len(graph_of(hd.compile(f, p, x, argnums=0), "vjp").outputs) == 3
    with pytest.raises(hd.GradientError):
        hd.compile(f, p, x, argnums=2)
