"""What depends on the inputs is never baked into a graph: it is recorded, or tracing stops and names the line."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hasderiv as hd

from .comparing import assert_same, check, numbers

X = hd.tensor_spec((3, 4), "float32")


def branches(x: Any) -> Any:
    return x * 2 if x.sum() > 0 else x


READERS: dict[str, Any] = {
    "bool": branches,
    "while": lambda x: [x for _ in iter(lambda: bool(x[0, 0] > 3), True)],
    "and": lambda x: (x > 0) and x,
    "float": lambda x: x * float(x[0, 0]),
    "int": lambda x: x * int(x[0, 0]),
    "item": lambda x: x * x.sum().item(),
    "tolist": lambda x: x * x.tolist()[0][0],
    "numpy": lambda x: x * x.numpy(),
    "data": lambda x: x * x.data,
    "asarray": lambda x: x * np.asarray(x),
    "np.array": lambda x: hd.tensor(np.array([x, x])),
    "np function": lambda x: x * np.argmax(x),
    "format": lambda x: x * float(f"{x[0, 0]:.3f}"),
    "in": lambda x: x if 3.0 in [x[0, 0]] else -x,
    "index": lambda x: [x, x * 2][x.sum().astype("int64")],
    "range": lambda x: x * len(range(x.sum().astype("int64"))),
    "a mask as an index": lambda x: x[x > 0],
    "any": lambda x: x if (x > 0).any() else -x,
    "conventions": hd.grad(lambda x: (hd.conventions_used(hd.relu(x)), x.sum())[1]),
    "private array": lambda x: x * (x._data + 1),
    "private comparison": lambda x: x if x._data[0, 0] == 3 else -x,
    "private method": lambda x: x * x._data.sum(),
}


@pytest.mark.parametrize("name", READERS)
def test_reading_a_value_stops_the_trace(name: str) -> None:
    compiled = None
    with pytest.raises((hd.TraceError, AttributeError)) as caught:
        compiled = hd.compile(READERS[name], X)
        compiled.vjp(np.ones((3, 4), "float32"), np.ones((3, 4), "float32"))
    if name != "any":  # tensors have no such method, eagerly neither
        assert isinstance(caught.value, hd.TraceError)
        assert Path(__file__).name in str(caught.value)


def test_the_line_is_the_users() -> None:
    line = branches.__code__.co_firstlineno + 1
    with pytest.raises(hd.TraceError, match=rf"test_trace\.py:{line}: .*needs values"):
        hd.compile(branches, X)


def test_text_of_a_tensor_needs_no_values() -> None:
    seen = []
    hd.compile(lambda x: (seen.append(f"{x!r} {x}"), x)[1], X)
    assert seen == ["traced(float32[3,4]) traced(float32[3,4])"]


def test_indices_are_inputs() -> None:
    def rows(table: Any, index: Any) -> Any:
        return (table[index] * table[:, 0][index + 1].reshape(3, 1)).sum(axis=0)

    compiled = check(rows, numbers(1, (5, 4)), np.array([0, 2, 2]))
    table = numbers(2, (5, 4))
    for index in ([1, 1, 3], [0, 0, 0], [3, 2, 1]):
        expected, back = hd.vjp(lambda t, i=index: rows(t, hd.tensor(i)), hd.tensor(table))
        value, (gradient, none) = compiled.vjp((table, np.array(index)), np.ones(4, "float32"))
        assert_same((value, gradient), (expected, back(np.ones(4, "float32"))))
        assert none is None
    with pytest.raises(hd.ShapeError):
        compiled.forward((table, np.array([0, 0, 5])))


def test_indices_and_masks_of_other_operations_are_inputs() -> None:
    def gather(x: Any, index: Any) -> Any:
        return hd.gather_rows(x, index) * hd.gather_rows_nat(x, index) + hd.scatter_add_row(x, index[0], x[0])[1]

    def attend(x: Any, w: Any, mask: Any) -> Any:
        return hd.multi_head_attention(x, w, w * 2, w.T, w, 2, mask)

    x, w = numbers(1, (5, 4)), numbers(2, (4, 4))
    rows = hd.compile(gather, x, hd.tensor_spec(3, "int64"), argnums=0)
    attention = hd.compile(attend, x[None], w, hd.tensor_spec((5, 5), "bool"), argnums=(0, 1))
    for run in range(3):
        index, mask = np.array([run, 4 - run, 2]), np.tri(5, k=run, dtype=bool)
        value, back = hd.vjp(lambda t, i=index: gather(t, hd.tensor(i)), hd.tensor(x))
        assert_same(rows.vjp((x, index), x[:3]), (value, back(x[:3])))
        value, back = hd.vjp(lambda t, u, m=mask: attend(t, u, m), (hd.tensor(x[None]), hd.tensor(w)))
        assert_same(attention.vjp((x[None], w, mask), x[None]), (value, back(x[None])))
    with pytest.raises(hd.ShapeError, match="out of bounds"):
        rows.forward((x, np.array([0, 0, 5])))


def test_masks_and_thresholds_are_inputs() -> None:
    def f(x: Any, keep: Any, limit: Any) -> Any:
        return hd.select(keep | (x > limit), hd.exp(x), limit * x)

    compiled = hd.compile(f, X, hd.tensor_spec((3, 4), "bool"), hd.tensor_spec((), "float32"))
    rng = np.random.default_rng(3)
    for run in range(4):
        x, keep, limit = numbers(run, (3, 4)), rng.random((3, 4)) > 0.5, np.float32(run / 2 - 1)
        found = compiled.forward((x, keep, limit))
        assert_same(found, f(hd.tensor(x), hd.tensor(keep).numpy(), hd.tensor(limit)))
        value, (gx, none, glimit) = compiled.vjp((x, keep, limit), np.ones((3, 4), "float32"))
        want, back = hd.vjp(lambda a, c, k=keep: f(a, k, c), (hd.tensor(x), hd.tensor(limit)))
        assert none is None
        assert_same((value, (gx, glimit)), (want, back(np.ones((3, 4), "float32"))))


def test_a_condition_between_constants() -> None:
    compiled = hd.compile(lambda x: x * hd.select(x > 1, 2.0, np.full((3, 4), 3.0, "float32")), X)
    for run in range(3):
        x = numbers(run, (3, 4))
        assert_same(compiled.forward(x), x * np.where(x > 1, np.float32(2), np.float32(3)))


def test_casts_to_integers_are_recorded() -> None:
    compiled = hd.compile(lambda x: x[abs(x[:, 0]).astype("int64")], X)
    for run in range(3):
        x = numbers(run, (3, 4))
        x[:, 0] = np.roll([0, 1, 2], run)
        assert_same(compiled.forward(x), x[x[:, 0].astype(int)])


def test_keys_of_random_numbers_are_inputs() -> None:
    def f(x: Any, key: Any) -> Any:
        return hd.dropout(x, key, 0.4) + hd.rand_uniform(key, (3, 4), "float32")

    compiled, x = hd.compile(f, X, hd.tensor_spec((), "uint64"), argnums=0), numbers(1, (3, 4))
    for key in (3, 2**64 - 1, 3, 2**63):
        expected, back = hd.vjp(lambda t, k=key: f(t, k), hd.tensor(x))
        assert_same(compiled.vjp((x, key), x), (expected, back(x)))


def test_a_traced_value_does_not_outlive_its_trace() -> None:
    leaked = []
    hd.compile(lambda x: (leaked.append(x), x)[1], X)
    with pytest.raises(hd.TraceError, match="ended"):
        leaked[0] + 1
    with pytest.raises(hd.TraceError):
        hd.compile(lambda x: x + leaked[0], X)


def test_what_is_captured_is_a_constant() -> None:
    captured = np.ones(4, "float32")
    compiled = hd.compile(lambda x: x + captured, X)
    captured[:] = 7
    for _ in range(2):
        assert_same(compiled.forward(np.zeros((3, 4), "float32")), np.ones((3, 4), "float32"))
    parameter = hd.tensor(np.full(4, 2.0, "float32"), requires_grad=True)
    product = hd.compile(lambda x: (x * parameter).sum(), X)
    assert product.backward(np.ones((3, 4), "float32"))[1].tolist() == [[2.0] * 4] * 3
    assert parameter.grad is None


def test_backward_and_grad_inside() -> None:
    def f(x: Any) -> Any:
        t = x.detach()
        t.requires_grad = True
        (hd.sin(t) * t).sum().backward()
        return t.grad * x

    check(f, numbers(1, (3, 4)))


def test_a_compiled_function_inside_another_and_below_grad() -> None:
    inner = hd.compile(lambda x: hd.tanh(x) * x, X)
    check(lambda x: inner.forward(x).sum(), numbers(1, (3, 4)))
    x = hd.tensor(numbers(2, (3, 4)))
    assert_same(hd.grad(lambda t: inner.forward(t).sum())(x), hd.grad(lambda t: (hd.tanh(t) * t).sum())(x))
    assert_same(hd.jvp(inner.forward, x, x), hd.jvp(lambda t: hd.tanh(t) * t, x, x))


def test_copies_of_a_tensor() -> None:
    def f(x: Any) -> Any:
        t = hd.tensor(x, requires_grad=True)
        (t * x).sum().backward()
        return t.grad + hd.tensor(x, dtype="float64").astype("float32") + hd.select(True, x, 0)

    check(f, numbers(1, (3, 4)))
    check(lambda x: copy.copy(x) * x, numbers(1, (3, 4)), derivatives=False)
    x = hd.tensor(numbers(2, (3, 4)))
    with pytest.raises(hd.TraceError, match="inside it"):
        hd.jvp(lambda t: hd.compile(lambda u: u * t, X).forward(x), x, x)


def test_user_functions() -> None:
    calls = []

    def forward(x: Any) -> Any:
        calls.append(x)
        return x * 3

    triple = hd.custom_op(forward, lambda g, x: g * 3, jvp=lambda xs, dxs: dxs[0] * 3)
    compiled = check(lambda x: triple(x) + triple(x), numbers(1, (3, 4)))
    calls.clear()
    compiled.forward(numbers(1, (3, 4)))
    assert len(calls) == 2, "nobody knows whether a user's function gives the same twice"


def test_domains_are_checked() -> None:
    with pytest.raises(hd.DomainError):
        hd.compile(lambda x: hd.elu(x, alpha=float("nan")), X)
    compiled = hd.compile(lambda x, a: hd.celu(x, alpha=a), X, hd.tensor_spec((), "float32"))
    for _ in range(2):
        compiled.forward((numbers(1, (3, 4)), np.float32(1)))
        with pytest.raises(hd.DomainError):
            compiled.forward((numbers(1, (3, 4)), np.float32(-1)))


def test_errors_of_arguments() -> None:
    def model(p: Any, x: Any) -> Any:
        return x @ p["w"]

    compiled = hd.compile(model, {"w": hd.tensor_spec((4, 2), "float32")}, X)
    w, x = np.ones((4, 2), "float32"), np.ones((3, 4), "float32")
    with pytest.raises(hd.ShapeError, match=r"model: float32\[2,4\] at 0\.w, where float32\[4,2\] was compiled"):
        compiled.forward(({"w": w.T}, x))
    with pytest.raises(hd.DTypeError, match=r"float64\[4,2\] at 0\.w"):
        compiled.forward(({"w": w.astype("float64")}, x))
    with pytest.raises(hd.ShapeError, match="was compiled as"):
        compiled.forward(({"v": w}, x))
    with pytest.raises(hd.ShapeError, match="was compiled as"):
        compiled.forward((w, x))
    with pytest.raises(hd.ShapeError, match="one element"):
        compiled.backward(({"w": w}, x))
    with pytest.raises(hd.ShapeError):
        compiled.vjp(({"w": w}, x), np.ones((2, 3), "float32"))
    with pytest.raises(hd.ShapeError, match="shapes"):
        hd.compile(model, {"w": hd.tensor_spec((3, 2), "float32")}, X)
    with pytest.raises(hd.DTypeError):
        hd.compile(model, {"w": None}, X)
    with pytest.raises(hd.DTypeError):
        hd.compile(lambda x: "text", X)


@pytest.mark.parametrize("method", ["vjp", "jvp"])
def test_a_derivative_of_a_compiled_function_in_a_traced_one(method: str) -> None:
    inner = hd.compile(lambda x: x * x, hd.tensor_spec(2))
    with pytest.raises(hd.TraceError, match=r"while tracing; use hd\.vjp or hd\.jvp"):
        hd.compile(lambda x: getattr(inner, method)(x, x)[1], hd.tensor_spec(2))
