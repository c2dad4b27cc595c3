"""Sessions, gradients by every tensor, and the trainer of a scalar loss."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import sympy
from hasderiv.runtime import kernels, random

import hasderiv as hd

from .. import fake_cupy


@pytest.fixture
def cupy(monkeypatch: pytest.MonkeyPatch):
    """A stand-in for CuPy, and the ops of the catalogue on it."""
    fake = fake_cupy.module()
    monkeypatch.setitem(sys.modules, "cupy", fake)
    import hasderiv.cuda_kernels

    monkeypatch.setattr(hasderiv.cuda_kernels, "load", lambda name: fake_cupy.Kernels(kernels.load(name)))
    monkeypatch.setattr(hd.ops, "_loaded", {})
    monkeypatch.setattr(hd.optim.device_code, "compiled", fake_cupy.update)
    return fake


def test_gradients_of_leaves_and_results_in_the_middle() -> None:
    x, unused = hd.tensor([1.0, 2.0], requires_grad=True), hd.tensor([5.0], requires_grad=True)
    c = hd.tensor([3.0, 3.0])
    y = x * c
    cut = y.detach()
    z = hd.exp(x) + y * cut
    sparse = hd.gradients(z, seed=[1.0, 10.0], retain_graph=True)
    dense = hd.gradients(z, seed=[1.0, 10.0], dense=True)
    np.testing.assert_allclose(sparse[x], [np.e + 9, 10 * (np.e**2 + 18)])
    assert sparse[y].tolist() == [3.0, 60.0] and sparse[z].tolist() == [1.0, 10.0]
    assert x in sparse and unused not in sparse and unused not in dense
    assert sparse[unused] is None and dense[unused].tolist() == [0.0]
    assert sparse[c] is sparse[cut] is dense[c] is dense[cut] is None, "a constant has no gradient, not a zero one"
    assert dense.of({"x": x, "none": [unused, c]})["none"][0].tolist() == [0.0]
    assert sparse.operations()[0][0] == "add" and len(sparse.operations()) == 4
    assert x.grad is None
    with pytest.raises(hd.GradientError, match="freed"):
        hd.gradients(z, seed=[1.0, 1.0])


def test_gradients_of_a_random_graph() -> None:
    """By leaves they are what ``backward`` gives; by a result, what a leaf in its place would get."""
    rng = np.random.default_rng(0)
    program = [(*rng.integers(4 + k, size=2), rng.random() < 0.5) for k in range(60)]
    starts = [rng.normal(size=3) for _ in range(4)]

    def run(replaced: int | None = None):
        leaves = [hd.tensor(v, requires_grad=True) for v in starts]
        values = list(leaves)
        for i, j, bent in program:
            a, b = values[i], values[j]
            values.append(hd.tanh(a * b + a) if bent else a - 0.5 * b)
            if len(values) - 1 == replaced:
                values[-1] = hd.tensor(values[-1].numpy(), requires_grad=True)
        return leaves, values, sum(v.sum() for v in values[-5:])

    leaves, values, total = run()
    g = hd.gradients(total, retain_graph=True)
    total.backward()
    for leaf in leaves:
        assert (leaf.grad is None and g[leaf] is None) or np.array_equal(leaf.grad, g[leaf])
    reached = [k for k in range(4, len(values)) if values[k] in g]
    assert len(reached) > 10
    for k in reached:
        _, other, again = run(replaced=k)
        np.testing.assert_allclose(g[values[k]], hd.gradients(again)[other[k]], rtol=1e-12)


def test_gradients_refuse_what_has_none() -> None:
    for bad in (hd.tensor([1.0]), 3.0):
        with pytest.raises(hd.GradientError):
            hd.gradients(bad)
    x = hd.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(hd.ShapeError):
        hd.gradients(x * x)
    with pytest.raises(hd.GradientError, match="jvp"):
        hd.jvp(lambda t: hd.gradients((t * x).sum())[x], x, hd.tensor([1.0, 1.0]))


def test_a_session_keeps_parameters_dtype_and_device() -> None:
    s = hd.Session(seed=3)
    w, frozen = s.parameter("w", [[1.0, 2.0]]), s.parameter("mean", 0.5, requires_grad=False)
    assert w.dtype == frozen.dtype == np.float32 and list(s.parameters) == ["w", "mean"] and list(s.trainable) == ["w"]
    with pytest.raises(hd.DomainError, match="'w'"):
        s.parameter("w", 0.0)
    x, c, i = s.input([3.0], requires_grad=True), s.constant([1, 2]), s.index([0, 2])
    assert x.requires_grad and not c.requires_grad and c.dtype == np.float32 and i.dtype == np.int64
    with pytest.raises(hd.DTypeError, match="integer"):
        s.index([0.5])
    y = (w * x).sum()
    s.assign("w", [[10.0, 20.0]])
    assert s.read(w).tolist() == [[10.0, 20.0]] and not s.read(w).flags.writeable
    assert s.gradients(y)[x].tolist() == [3.0], "the graph keeps the value that it saved"
    with pytest.raises(hd.ShapeError):
        s.assign("w", [1.0])
    assert s.detach(y).requires_grad is False
    (w * x).sum().backward()
    s.reset()
    assert w.grad is None and s.read(w).tolist() == [[10.0, 20.0]]
    for wrong in ({"device": "cuda"}, {"device": "tpu"}, {"dtype": "int64"}):
        with pytest.raises(hd.Error):
            hd.Session(**wrong)


def test_random_numbers_of_a_session() -> None:
    one, two = hd.Session(seed=3), hd.Session(seed=3)
    first = [one.uniform(3), one.normal((2, 2), 0.1), one.mask(5, 0.5), one.dropout(hd.tensor(np.ones(9)), 0.5)]
    again = [two.uniform(3), two.normal((2, 2), 0.1), two.mask(5, 0.5), two.dropout(hd.tensor(np.ones(9)), 0.5)]
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(one.uniform(3), first[0])
    one.reset(seed=3)
    assert np.array_equal(one.uniform(3), first[0])
    assert first[1].dtype == np.float32 and one.key() != one.key()


def test_random_numbers_are_the_same_on_every_device(cupy) -> None:
    key = random.torchlean_key(0, 0)
    for draw in (random.rand_uniform, random.normal, lambda *a, **k: random.bernoulli_mask(*a, 0.3, **k)):
        for dtype in ("float32", "float64"):
            here, there = draw(key, (4, 5), dtype=dtype), draw(key, (4, 5), dtype=dtype, device="cuda")
            assert there.device == "cuda" and here.dtype == there.dtype == dtype
            assert np.array_equal(here, there.cpu())


def test_an_op_without_a_cuda_version_raises(cupy) -> None:
    x = sympy.Symbol("x")
    cubed = hd.define("cubed_on_no_gpu(x)", x**3)
    there = hd.Session("cuda").input([1.0, 2.0], requires_grad=True)
    for call in (lambda: cubed(there), lambda: hd.grad(lambda t: cubed(t).sum())(there)):
        with pytest.raises(hd.DeviceError, match="no CUDA version"):
            call()
    assert cubed(there.cpu()).tolist() == [1.0, 8.0]


def loss(p, x, y):
    return hd.mse_loss(hd.tanh(x @ p["w"] + p["b"]), y)


def test_training_on_a_device_moves_nothing(cupy) -> None:
    found = []
    for device in ("cpu", "cuda"):
        s = hd.Session(device, dtype="float64", seed=1)
        s.parameter("w", s.normal((3, 2)))
        s.parameter("b", np.zeros(2))
        trainer = hd.ScalarTrainer(loss, hd.optim.AdamW(s.trainable, 0.1, clip=0.5))
        x = np.linspace(-1, 1, 12).reshape(4, 3)
        for _ in range(3):
            value = trainer.step(x, np.ones((4, 2)))
        assert value.device == s.parameters["w"].device == device
        assert all(type(a) is type(s.parameters["w"]._data) for a in trainer.optimizer.state[0].values())
        found.append([value.item(), *trainer.values().values()])
        assert trainer.backward(x, np.ones((4, 2)))["w"].device == device
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-14)
    for a, b in zip(found[0][1:], found[1][1:], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)


@pytest.mark.parametrize("name", ["SGD", "Momentum", "Adam", "AdamW"])
def test_trainer_is_the_loop_written_out(name: str) -> None:
    make = getattr(hd.optim, name)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 3)), rng.normal(size=(8, 2))
    start = {"w": rng.normal(size=(3, 2)), "b": np.zeros(2), "unused": np.ones(1)}
    one, two = ({k: hd.tensor(v, requires_grad=True) for k, v in start.items()} for _ in range(2))
    trainer, opt = hd.ScalarTrainer(loss, make(one, lr=0.05)), make(two, lr=0.05)
    for _ in range(5):
        gradient = trainer.backward(x, y)
        assert gradient["unused"] is None
        before = trainer.forward(x, y)
        assert before.requires_grad is False and trainer.step(x, y).item() == before.item()
        opt.zero_grad()
        value = loss(two, hd.tensor(x), hd.tensor(y))
        value.backward()
        assert np.array_equal(gradient["w"], two["w"].grad)
        opt.step()
    for k, v in trainer.values().items():
        assert np.array_equal(v, two[k].numpy()) and not v.flags.writeable
    assert trainer.params is not one and trainer.params["w"] is one["w"]
    assert trainer.forward(x, y).item() < loss({k: hd.tensor(v) for k, v in start.items()}, x, y).item()


def test_a_compiled_trainer_gives_the_same_bits() -> None:
    rng = np.random.default_rng(0)
    start = {"w": rng.normal(size=(3, 2)), "b": np.zeros(2)}
    one, two = ({k: hd.tensor(v, requires_grad=True) for k, v in start.items()} for _ in range(2))
    eager = hd.ScalarTrainer(loss, hd.optim.AdamW(one, 0.05))
    compiled = hd.ScalarTrainer(loss, hd.optim.AdamW(two, 0.05), compiled=True)
    for n in (8, 8, 5, 8):
        x, y = rng.normal(size=(n, 3)), rng.normal(size=(n, 2))
        assert eager.forward(x, y).item() == compiled.forward(x, y).item()
        assert eager.step(x, y).item() == compiled.step(x, y).item()
        assert all(np.array_equal(one[k].detach(), two[k].detach()) for k in one)
    assert len(compiled._graphs) == 2
    unused = {**two, "unused": hd.tensor([1.0], requires_grad=True)}
    assert hd.ScalarTrainer(loss, hd.optim.SGD(unused, 0.1), compiled=True).backward(x, y)["unused"] is None
    with pytest.raises(hd.ShapeError, match="scalar"):
        hd.ScalarTrainer(lambda p, x: p["b"] * x, hd.optim.SGD(two, 0.1), compiled=True).step([1.0, 2.0])


def test_trainer_says_what_is_wrong() -> None:
    p = {"w": hd.tensor([1.0, 2.0], requires_grad=True)}
    trainer = hd.ScalarTrainer(lambda p, x: p["w"] * x, hd.optim.SGD(p, 0.1))
    with pytest.raises(hd.ShapeError, match="scalar"):
        trainer.forward([1.0, 2.0])
    with pytest.raises(hd.GradientError):
        hd.ScalarTrainer(lambda p, x: (p["w"].detach() * x).sum(), hd.optim.SGD(p, 0.1)).backward([1.0, 2.0])


def test_session_says_what_is_wrong() -> None:
    s = hd.Session()
    with pytest.raises(hd.DTypeError, match="seed"):
        hd.Session(seed=1.5)
    assert hd.Session(seed=np.int64(7)).key() == hd.Session(seed=7).key()
    with pytest.raises(hd.DomainError, match="'w'"):
        s.assign("w", [1.0])


def test_an_index_does_not_wrap() -> None:
    x, far = hd.tensor([1.0, 2.0]), np.array([2**64 - 1], np.uint64)
    for take in (hd.Session().index, lambda i: hd.gather_vec(x, i), lambda i: x[i]):
        with pytest.raises(IndexError, match=str(2**64 - 1)) as raised:
            take(far)
        assert isinstance(raised.value, hd.ShapeError)
    assert hd.gather_vec_nat(x, far).tolist() == [0.0]
    near = np.array([1], np.uint64)
    assert hd.Session().index(near).tolist() == [1] and hd.gather_vec(x, near).tolist() == x[near].tolist() == [2.0]


def test_values_that_an_integer_dtype_cannot_hold() -> None:
    for make in (hd.const, lambda v, dtype: hd.tensor(v, dtype=dtype)):
        for value, dtype in (
            ([300], "uint8"),
            ([-1], "uint8"),
            ([np.nan], "int64"),
            ([1.0, np.inf], "int32"),
            ([2.0**63], "int64"),
            ([2**70], "int64"),
            (np.array([2**63], np.uint64), "int64"),
            (np.float32([np.nan]), "int8"),
        ):
            with pytest.raises(hd.DomainError, match="does not fit"):
                make(value, dtype=dtype)
        assert make([255, 0], dtype="uint8").tolist() == [255, 0]
        assert make([-128.5, 127.9], dtype="int8").tolist() == [-128, 127]
        assert make([-(2.0**63)], dtype="int64").tolist() == [-(2**63)]
        assert make(np.zeros((0, 2)), dtype="int64").shape == (0, 2)
