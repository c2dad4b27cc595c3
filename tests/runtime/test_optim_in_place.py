"""Optimizers in place: the bits of the rule as it is written, no array made, and nothing changed that others hold."""

from __future__ import annotations

import copy
import pickle
import tracemalloc

import numpy as np
import pytest
from hasderiv.runtime.compiled import machine
from hasderiv.runtime.optim import machine_code, optimizers, rules
from hasderiv.runtime.optim.program import BLOCK, Blocks, Row, program

import hasderiv as hd

SHAPES = [(), (1,), (7,), (3, 5), (0, 4), (33, 17), (BLOCK + 5,)]
NUMBERS = {
    "sgd": (0.1,),
    "momentum": (0.1, 0.9),
    "adam": (0.1, 0.9, 0.1, 0.19, 0.999, 0.001, 0.001999, 1e-8),
    "adamw": (0.01, 0.1, 0.9, 0.1, 0.19, 0.999, 0.001, 0.001999, 1e-8),
}
EDGES = [0.0, -0.0, 1e-38, 1e-45, 1e30, -3e38, np.inf, -np.inf, np.nan, 1.0]


def drawn(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Normal numbers with the special values among them."""
    values = rng.normal(size=shape).astype(dtype)
    flat = values.reshape(-1)
    some = rng.random(flat.size) < 0.05
    flat[some] = rng.choice(EDGES, some.sum())
    return values


def runners(rule: str, clipped: bool, dtype: str):
    update = program(rule, clipped)
    yield Blocks(update, np.dtype(dtype)).run
    if machine.missing() is None:
        yield machine_code.compiled(update, np.dtype(dtype))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("clipped", [False, True])
@pytest.mark.parametrize("rule", sorted(rules.RULES))
def test_every_path_gives_the_bits_of_the_rule(rule: str, clipped: bool, dtype: str) -> None:
    rng = np.random.default_rng(1)
    numbers = NUMBERS[rule] if rule not in ("adam", "adamw") else (*NUMBERS[rule][:-1], 0.0 if clipped else 1e-8)
    names = ("p", "g", *rules.ARRAYS[rule])
    starts = [[drawn(rng, shape, dtype) for _ in names] for shape in SHAPES]
    for arrays in starts:
        if "v" in names:
            arrays[-1][...] = np.abs(arrays[-1])
    scale = np.dtype(dtype).type(0.37)
    wanted = []
    for arrays in starts:
        given = [scale * a if clipped and name == "g" else a for name, a in zip(names, arrays, strict=True)]
        scalars = {k: np.dtype(dtype).type(x) for k, x in zip(rules.NUMBERS[rule], numbers, strict=True)}
        wanted.append(rules.RULES[rule](*given, **scalars))
    for run in runners(rule, clipped, dtype):
        rows = []
        for k, arrays in enumerate(starts):
            own = [a.copy() for a in arrays]
            out = own[0] if k % 2 else np.empty_like(own[0])
            rows.append(Row(out, tuple(own), (0.37, *numbers) if clipped else numbers))
        run(rows)
        for row, new in zip(rows, wanted, strict=True):
            for name, array in zip(names, row.arrays, strict=True):
                found = row.out if name == "p" else array
                if name in new:
                    np.testing.assert_array_equal(found, new[name], strict=True)
                    signs = np.signbit(found) == np.signbit(new[name])
                    assert (signs | np.isnan(found)).all()


def made(dtype: str = "float32", shape: tuple[int, ...] = (64, 32)):
    rng = np.random.default_rng(0)
    p = hd.tensor(rng.normal(size=shape).astype(dtype), requires_grad=True)
    g = hd.tensor(rng.normal(size=shape).astype(dtype))
    return p, g


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_step_makes_no_array(dtype: str) -> None:
    p, g = made(dtype, (256, 256))
    for opt in (hd.optim.SGD([p], 0.1), hd.optim.Momentum([p], 0.1), hd.optim.AdamW([p], 0.1, clip=1.0)):
        opt.step([g])
        before = p._data
        address = before.ctypes.data
        del before
        tracemalloc.start()
        opt.step([g])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert p._data.ctypes.data == address
        assert peak < (200_000 if opt.clip else 20_000), f"{peak} bytes"  # clipping squares a block at a time


def test_a_trainer_runs_in_place() -> None:
    for compiled in (False, True):
        w = made()[0]
        trainer = hd.ScalarTrainer(lambda w, x: hd.tanh(x @ w).sum(), hd.optim.Adam(w), compiled=compiled)
        places = []
        for _ in range(4):
            trainer.step(np.ones((4, 64), np.float32))
            places.append(w._data.ctypes.data)
        assert len({*places[1:]}) == 1


def test_training_runs_in_place() -> None:
    w, b = made()[0], hd.tensor(np.zeros(32, np.float32), requires_grad=True)
    opt = hd.optim.Adam([w, b])
    places = []
    for _ in range(3):
        opt.zero_grad()
        loss = (hd.tanh(hd.tensor(np.ones((4, 64), np.float32)) @ w + b) * 0.5).sum()
        loss.backward()
        opt.step()
        places.append([p._data.ctypes.data for p in (w, b)])
    assert places[0] == places[1] == places[2]


HOLDERS = {
    "a graph": lambda p: (p * p).sum(),
    "a detached tensor": lambda p: p.detach(),
    "a NumPy view": lambda p: p.numpy(),
    "a view of a view": lambda p: p.numpy()[3:].T,
    "a memory view": lambda p: memoryview(p.numpy()),
    "a copy of the tensor": copy.copy,
    "a reshaped tensor": lambda p: p.detach().reshape(-1),
    "a transposed tensor": lambda p: p.detach().T,
    "an index": lambda p: p.detach()[1:],
    "another array": lambda p: np.asarray(p)[::2],
}


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_what_others_hold_is_not_changed(holder: str, dtype: str) -> None:
    p, g = made(dtype)
    opt = hd.optim.AdamW([p], 0.1)
    opt.step([g])
    opt.step([g])
    kept, before = p._data, p._data.copy()
    del kept
    held = HOLDERS[holder](p)
    shared = np.array(held) if not isinstance(held, hd.Tensor) else np.array(held.detach())
    opt.step([g])
    opt.step([g])
    assert not np.array_equal(p.numpy(), before)
    if holder == "a graph":
        assert np.array_equal(hd.gradients(held)[p].numpy(), before + before)
    else:
        assert np.array_equal(np.array(held), shared)


def test_where_references_are_not_counted_every_step_makes_an_array(monkeypatch: pytest.MonkeyPatch) -> None:
    p, g = made()
    monkeypatch.setattr(optimizers, "_COUNTED", False)
    opt, address = hd.optim.SGD([p], 0.1), p._data.ctypes.data
    kept = p._data
    opt.step([g])
    assert p._data is not kept and kept.ctypes.data == address


@pytest.mark.parametrize("layout", ["transposed", "strided", "broadcast", "scalar"])
def test_gradients_of_any_layout(layout: str) -> None:
    rng = np.random.default_rng(2)
    a = rng.normal(size=(6, 6))
    views = {"transposed": a.T, "strided": a[::2, ::3], "broadcast": np.broadcast_to(a[0], (3, 6)), "scalar": a[0, 0]}
    g = views[layout]
    start = np.array(rng.normal(size=g.shape), order="F")
    p = hd.tensor(start, requires_grad=True)
    opt = hd.optim.Momentum([p], 0.5)
    for _ in range(2):
        opt.step([type(p)(g)])
    np.testing.assert_allclose(p.numpy(), start - 0.5 * g - 0.5 * 1.9 * g, rtol=1e-14)


def test_nothing_changes_when_one_gradient_does_not_fit() -> None:
    p, q = made()[0], made("float64")[0]
    good = [hd.tensor(np.ones(p.shape, np.float32)), hd.tensor(np.ones(q.shape))]
    opt = hd.optim.Adam([p, q], clip=1.0)
    before = p.numpy().copy()
    for bad, error in (
        (good[1][:3], hd.ShapeError), (good[0], hd.DTypeError), (np.ones(q.shape), hd.GradientError),
        (good[1] * np.nan, hd.GradientError),
    ):  # fmt: skip
        with pytest.raises(error):
            opt.step([good[0], bad])
    assert opt.steps == 0 and opt.counts == [0, 0] and np.array_equal(p.numpy(), before)
    assert not opt.state[0]["m"].any()
    with pytest.raises(hd.GradientError, match="once"):
        hd.optim.SGD({"a": p, "b": p}, 0.1)


def test_a_parameter_without_a_gradient_waits() -> None:
    p, q = made()[0], made()[0]
    opt = hd.optim.Adam({"p": p, "q": q})
    g = hd.tensor(np.ones(p.shape, np.float32))
    opt.step({"p": g, "q": None})
    opt.step({"p": g, "q": g})
    assert opt.counts == [2, 1] and opt.steps == 2
    alone = made()[0]
    hd.optim.Adam([alone]).step([g])
    assert np.array_equal(q.numpy(), alone.numpy())


def test_without_eps_a_gradient_that_was_always_zero_moves_nothing() -> None:
    p = hd.tensor([1.0, 1.0], requires_grad=True)
    hd.optim.Adam([p], 0.25, eps=0.0).step([hd.tensor([0.0, -3.0])])
    assert p.tolist() == [1.0, 1.25]


def test_clipping() -> None:
    g = [hd.tensor([3.0, 0.0]), None, hd.tensor([[4.0]])]
    assert hd.optim.global_norm(g) == 5.0
    assert [x if x is None else x.tolist() for x in hd.optim.clip_by_norm(g, 2.5)] == [[1.5, 0.0], None, [[2.0]]]
    assert hd.optim.clip_by_norm(g, 5.0) is g
    for size in (1e-200, 1e200, 1e308):
        assert hd.optim.global_norm([hd.tensor(np.full(4, size / 2))]) == pytest.approx(size, rel=1e-14)
    for bad in (np.inf, np.nan):
        with pytest.raises(hd.GradientError):
            hd.optim.clip_by_norm([hd.tensor([1.0, bad])], 1.0)
    p = [hd.tensor(x.detach().numpy() * 0, requires_grad=True) for x in (g[0], g[2])]
    hd.optim.SGD(p, 1.0, clip=2.5).step([g[0], g[2]])
    assert [x.tolist() for x in p] == [[-1.5, 0.0], [[-2.0]]]


def test_a_copy_goes_its_own_way() -> None:
    p, g = made()
    opt = hd.optim.AdamW({"p": p}, 0.1)
    opt.step({"p": g})
    for twin in (copy.deepcopy(opt), pickle.loads(pickle.dumps(opt))):
        before = p.numpy().copy()
        twin.step({"p": g})
        assert np.array_equal(p.numpy(), before) and opt.counts == [1] and twin.counts == [2]
        assert not np.array_equal(twin.params[0].numpy(), before)
        assert not np.array_equal(twin.state[0]["m"], opt.state[0]["m"])
    opt.step({"p": g})
    assert np.array_equal(twin.params[0].numpy(), p.numpy())


def test_schedules() -> None:
    p = hd.tensor([0.0], requires_grad=True)
    opt = hd.optim.SGD([p], lr=hd.optim.warmup(2, then=hd.optim.step_decay(1.0, every=2, factor=0.5)))
    seen = []
    for _ in range(6):
        seen.append(opt.lr)
        opt.step([hd.tensor([1.0])])
    assert seen == [0.5, 1.0, 1.0, 1.0, 0.5, 0.5] and p.tolist() == [-sum(seen)]
    opt.lr = 0.25
    assert opt.lr == 0.25
    for bad in (lambda step: -1.0, lambda step: np.nan):
        opt.lr = bad
        with pytest.raises(hd.DomainError):
            opt.step([hd.tensor([1.0])])
    for make in (hd.optim.cosine, hd.optim.linear):
        assert make(2.0, 10, 1.0)(0) == 2.0 and make(2.0, 10, 1.0)(10) == make(2.0, 10, 1.0)(11) == 1.0
        with pytest.raises(hd.DomainError):
            make(1.0, 0)
