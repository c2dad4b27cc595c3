"""Optimizers against their formulas, and on a real fit."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hasderiv.runtime import optim

import hasderiv as hd

GRADS = [np.array([1.0, -2.0]), np.array([0.5, 0.25]), np.array([-3.0, 0.0])]


def run(make, dtype="float64"):
    p = hd.tensor([1.0, 2.0], dtype=dtype, requires_grad=True)
    opt = make({"w": p})
    for g in GRADS:
        p.grad = hd.tensor(g, dtype=dtype)
        opt.step()
    return p.numpy()


def test_sgd_and_momentum() -> None:
    np.testing.assert_allclose(run(lambda p: optim.SGD(p, 0.1)), np.array([1.0, 2.0]) - 0.1 * sum(GRADS))
    p, b = np.array([1.0, 2.0]), 0
    for g in GRADS:
        b = 0.9 * b + g
        p = p - 0.1 * b
    np.testing.assert_allclose(run(lambda q: optim.Momentum(q, 0.1)), p)


@pytest.mark.parametrize("decay", [0.0, 0.01])
def test_adam_and_adamw(decay: float) -> None:
    p, m, v = np.array([1.0, 2.0]), 0, 0
    for t, g in enumerate(GRADS, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        p = p - 0.1 * decay * p
        p = p - 0.1 / (np.sqrt(v / (1 - 0.999**t)) + 1e-8) * (m / (1 - 0.9**t))
    make = (lambda q: optim.AdamW(q, 0.1)) if decay else (lambda q: optim.Adam(q, 0.1))
    np.testing.assert_allclose(run(make), p, rtol=1e-14)
    half = run(make, "float16")
    assert half.dtype == np.float16
    np.testing.assert_allclose(half, p, rtol=2e-3)


def test_a_graph_recorded_before_the_step_stays_valid() -> None:
    p = hd.tensor([3.0], requires_grad=True)
    y = p * p
    opt = optim.SGD([p], 1.0)
    opt.step([hd.tensor([1.0])])
    assert p.tolist() == [2.0]
    y.backward()
    assert p.grad.tolist() == [6.0]
    opt.zero_grad()
    assert p.grad is None
    opt.step()
    assert p.tolist() == [2.0]


def test_errors() -> None:
    p = hd.tensor([1.0], requires_grad=True)
    for bad in (hd.tensor([1.0]), p * 2, np.ones(1)):
        with pytest.raises(hd.GradientError):
            optim.SGD([bad], 0.1)
    for lr in (-1.0, np.nan, np.inf):
        with pytest.raises(hd.DomainError):
            optim.SGD([p], lr)
    with pytest.raises(hd.DomainError):
        optim.Adam([p], betas=(0.9, 1.0))
    with pytest.raises(hd.ShapeError):
        optim.SGD([p], 0.1).step({"p": p})
    with pytest.raises(hd.ShapeError):
        optim.SGD([p], 0.1).step([hd.tensor([1.0, 2.0])])


def test_a_small_network_learns_xor() -> None:
    from hasderiv.runtime import random

    x, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]])
    keys = random.split(random.key(1), 2)
    p = {
        "w1": hd.tensor(random.normal(keys[0], (2, 8)), requires_grad=True),
        "b1": hd.tensor(np.zeros(8), requires_grad=True),
        "w2": hd.tensor(random.normal(keys[1], (8, 1)), requires_grad=True),
    }

    def loss(p):
        return hd.bce_with_logits(hd.tanh(x @ p["w1"] + p["b1"]) @ p["w2"], y).mean()

    opt = optim.Adam(p, 0.05)
    step = hd.value_and_grad(loss)
    for _ in range(200):
        value, g = step({k: v.detach() for k, v in p.items()})
        opt.step(g)
    assert value.item() < 0.05


def test_random_numbers() -> None:
    from hasderiv.runtime import random

    u = random.rand_uniform(random.key(0), (100, 100), "float32").numpy()
    assert u.dtype == np.float32 and u.min() >= 0 and u.max() < 1 and abs(u.mean() - 0.5) < 0.01
    assert random.torchlean_key(0, 0) == 0xE220A8397B1DCDAF
    assert random.torchlean_key(1, 0) == random.torchlean_key(0, 1)
    assert len({random.key(s) for s in range(-50, 50)}) == 100
    z = random.normal(random.key(5), 20_000).numpy()
    assert abs(z.mean()) < 0.03 and abs(z.std() - 1) < 0.03 and np.isfinite(z).all()
    t = hd.tensor(np.ones(1000), requires_grad=True)
    y = random.dropout(t, random.key(2), 0.25)
    y.sum().backward()
    assert set(t.grad.tolist()) == {0.0, 1 / 0.75} and abs(y.mean().item() - 1) < 0.1
    with pytest.raises(hd.DomainError):
        random.dropout(t, 0, 1.0)
    with pytest.raises(hd.DTypeError):
        random.rand_uniform(0, 3, "int64")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_no_uniform_number_rounds_up_to_one(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from hasderiv.runtime import random

    monkeypatch.setattr(random, "_bits", lambda key, n, device: np.full(n, 2**32 - 1, np.uint64))
    assert 0.99 < random.rand_uniform(0, 1, dtype).item() < 1


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {}),
        ("SGD", {"momentum": 0.9}),
        ("Adam", {}),
        ("Adam", {"eps": 1e-3, "betas": (0.5, 0.9)}),
        ("AdamW", {"weight_decay": 0.05}),
    ],
)
def test_torch_agrees(name: str, options: dict) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    start = rng.normal(size=(5, 4))
    p, q = hd.tensor(start, requires_grad=True), torch.nn.Parameter(torch.from_numpy(start.copy()))
    ours, theirs = getattr(optim, name)([p], lr=0.01, **options), getattr(torch.optim, name)([q], lr=0.01, **options)
    for _ in range(30):
        g = rng.normal(size=(5, 4))
        ours.step([hd.tensor(g)])
        q.grad = torch.from_numpy(g)
        theirs.step()
    np.testing.assert_allclose(p.numpy(), q.detach().numpy(), rtol=1e-12, atol=1e-14)


def stepped(values, make=optim.Adam, dtype="float64"):
    p = hd.tensor(values, dtype=dtype, requires_grad=True)
    opt = make({"w": p})
    opt.step({"w": hd.tensor(np.ones(p.shape), dtype=dtype)})
    return opt


@pytest.mark.parametrize(
    ("other", "error"),
    [
        (lambda: stepped(np.zeros(10)), hd.ShapeError),
        (lambda: stepped(np.zeros((3, 1))), hd.ShapeError),
        (lambda: stepped(np.zeros(3), dtype="float32"), hd.DTypeError),
        (lambda: stepped(np.zeros(3), lambda p: optim.SGD(p, 0.1)), hd.ShapeError),
        (lambda: optim.Adam([hd.tensor(np.zeros(3), requires_grad=True)]), hd.ShapeError),
    ],
)
def test_the_state_of_another_optimizer_is_refused(other, error: type) -> None:
    opt = stepped(np.zeros(3))
    before = opt.state_tree()
    with pytest.raises(error, match=r"w|adam"):
        opt.restore(other().state_tree())
    np.testing.assert_equal(opt.state_tree(), before)


@pytest.mark.parametrize("count", [-1, 1.0, True])
def test_a_count_of_steps_is_an_integer(count) -> None:
    opt = stepped(np.zeros(3))
    with pytest.raises(hd.DTypeError, match="steps"):
        opt.restore({"adam": {**opt.state_tree()["adam"], "counts": {"w": count}}})
    assert opt.counts == [1]


def read_only(n: int) -> np.ndarray:
    a = np.zeros(n)
    a.flags.writeable = False
    return a


@pytest.mark.parametrize(
    ("array", "error"),
    [
        (np.zeros(2), hd.ShapeError),
        (np.zeros(3, "float32"), hd.DTypeError),
        (np.zeros(6)[::2], hd.DTypeError),
        (read_only(3), hd.DTypeError),
        (np.zeros(3, ">f8"), hd.DTypeError),
        ([0.0, 0.0, 0.0], hd.DTypeError),
    ],
)
def test_a_step_refuses_state_that_it_cannot_write(array, error: type) -> None:
    opt = stepped(np.zeros(3))
    before, value = opt.state_tree(), opt.params[0].numpy().copy()
    opt.state[0]["v"] = array
    with pytest.raises(error):
        opt.step({"w": hd.tensor(np.ones(3))})
    opt.state[0]["v"] = before["adam"]["state"]["w"]["v"]
    np.testing.assert_equal(opt.state_tree(), before)
    assert np.array_equal(opt.params[0].numpy(), value)


def test_state_is_copied_in_and_out() -> None:
    opt, g = stepped([1.0, 1.0], lambda p: optim.Momentum(p, 1.0)), {"w": hd.tensor([1.0, 1.0])}
    kept = opt.state_tree()
    opt.step(g)
    opt.restore(kept)
    assert opt.state[0]["b"].tolist() == [1.0, 1.0] and opt.counts == [1] and opt.steps == 1
    for other in (optim.Momentum({"w": hd.tensor([1.0, 1.0], requires_grad=True)}, 1.0), copy.copy(opt)):
        other.restore(kept)
        other.step(g)
        assert other.state[0]["b"].tolist() == [1.9, 1.9]
        assert opt.state[0]["b"].tolist() == kept["momentum"]["state"]["w"]["b"].tolist() == [1.0, 1.0]
    other = copy.copy(opt)
    other.step(g)
    assert opt.state[0]["b"].tolist() == [1.0, 1.0] and opt.counts == [1]
    strided = np.arange(4.0)[::2]
    opt.restore({"momentum": {"steps": 1, "counts": {"w": 1}, "state": {"w": {"b": strided}}}})
    opt.step(g)
    assert opt.state[0]["b"].tolist() == [1.0, 2.8] and strided.tolist() == [0.0, 2.0]


def test_numbers_that_are_none() -> None:
    p = hd.tensor([1.0], requires_grad=True)
    for given in ({"lr": "a"}, {"lr": True}, {"betas": 0.9}, {"betas": (0.9, "b")}, {"eps": None}, {"clip": 10**400}):
        with pytest.raises(hd.DomainError):
            optim.Adam([p], **given)
    with pytest.raises(hd.GradientError, match="'w'"):
        optim.global_norm({"w": np.ones(2)})


def test_what_is_dropped_is_an_exact_zero() -> None:
    from hasderiv.runtime import random

    mask = random.bernoulli_mask(random.key(2), 64, 0.5).numpy().astype(bool)
    start = np.where(mask, 1.0, [np.inf, -np.inf, np.nan, -1.0] * 16)
    t = hd.tensor(start, requires_grad=True)
    y = random.dropout(t, random.key(2), 0.5)
    (y * y).sum().backward()
    assert y.tolist() == np.where(mask, 2.0, 0.0).tolist() and t.grad.tolist() == np.where(mask, 8.0, 0.0).tolist()
    f = lambda x: random.dropout(x, random.key(2), 0.5)  # noqa: E731
    assert hd.jvp(f, (t,), (t,))[1].tolist() == y.tolist()
    assert hd.compile(f, t).forward((t,)).tolist() == y.tolist()


def test_shapes_of_random_numbers() -> None:
    from hasderiv.runtime import random

    wanted = random.normal(3, (2, 3)).tolist()
    assert random.normal(np.int64(3), (np.int64(2), np.int32(3))).tolist() == wanted
    for make in (random.rand_uniform, random.normal, lambda k, n: random.bernoulli_mask(k, n, 0.5)):
        assert make(1, np.int64(3)).shape == (3,)
        for bad in (-1, (2, -3), np.int64(-1), (-2, -2), 1.5, "ab"):
            with pytest.raises(hd.ShapeError):
                make(1, bad)
    with pytest.raises(hd.DTypeError, match="key"):
        random.rand_uniform(1.5, 3)
