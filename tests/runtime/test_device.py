"""The tape on device arrays, with a stand-in for CuPy: the same code, nothing moved or mixed in silence."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hasderiv.runtime import kernels, optim

import hasderiv as hd

from . import fake_cupy


@pytest.fixture(autouse=True)
def cupy(monkeypatch: pytest.MonkeyPatch):
    fake = fake_cupy.module()
    monkeypatch.setitem(sys.modules, "cupy", fake)
    import hasderiv.cuda_kernels

    monkeypatch.setattr(hasderiv.cuda_kernels, "load", lambda name: fake_cupy.Kernels(kernels.load(name)))
    monkeypatch.setattr(hd.ops, "_loaded", {})
    monkeypatch.setattr(optim.device_code, "compiled", fake_cupy.update)
    for name in ("tanh", "hypot", "elu", "gelu", "log", "relu"):
        monkeypatch.setattr(hd, name, hd.ops[name], raising=False)
    return fake


A = np.arange(6.0).reshape(2, 3) / 3 - 0.7


def test_tensors_live_where_they_are_put(cupy) -> None:
    t = hd.tensor(A, device="cuda", requires_grad=True)
    assert t.device == "cuda" and t.shape == (2, 3) and t.cpu().device == "cpu" and "device='cuda'" in repr(t)
    assert hd.tensor(cupy.asarray(A)).device == "cuda"
    assert hd.tensor(cupy.asarray(A), device="cpu").device == "cpu"
    with pytest.raises(hd.DeviceError, match="cpu"):
        t.numpy()
    with pytest.raises(hd.DeviceError):
        np.asarray(t)
    with pytest.raises(hd.DeviceError, match="does not exist"):
        hd.tensor(A, device="cuda:1")


PROGRAMS = {
    "arithmetic": lambda x: ((2.0 * x - 1.0) / (x * x + 1.5)) ** 2 - x**3,
    "ops": lambda x: hd.tanh(x) + hd.gelu(x) * hd.hypot(x, x[:1] + 2.0) + hd.elu(x, alpha=1.3),
    "shapes": lambda x: hd.concatenate([x.T.reshape(2, 3), hd.broadcast_to(x[0], (2, 3))], 1)[:, ::2] * 3.0,
    "products": lambda x: (x @ x.T) @ x + x.sum(0) + x.mean(1, keepdims=True),
    "softmax": lambda x: hd.softmax(x) * hd.log_softmax(x, 0),
    "select": lambda x: hd.select(x > 0.0, hd.log(x), x * 2.0),
    "indexing": lambda x: (
        x[:, [0, 0, 2]] + x[..., None, 1] + x[np.array([1, 1])] + x[1, np.array([True, False, True])][1]
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_same_program_on_both_devices(name: str) -> None:
    f = PROGRAMS[name]
    here, there = hd.tensor(A, requires_grad=True), hd.tensor(A, device="cuda", requires_grad=True)
    y, z = f(here), f(there)
    assert z.device == "cuda"
    np.testing.assert_array_equal(y, z.cpu())
    g = np.linspace(0.5, 2.0, y.size).reshape(y.shape)
    y.backward(g)
    z.backward(hd.tensor(g, device="cuda"))
    assert there.grad.device == "cuda"
    np.testing.assert_allclose(there.grad.cpu(), here.grad, rtol=1e-14)
    loss = lambda x: (f(x) * f(x)).sum()  # noqa: E731
    v = np.ones_like(A)
    ours = hd.jvp(hd.grad(loss), hd.tensor(A), hd.tensor(v))[1]
    theirs = hd.jvp(hd.grad(loss), hd.tensor(A, device="cuda"), hd.tensor(v, device="cuda"))[1]
    np.testing.assert_allclose(theirs.cpu(), ours, rtol=1e-13)


def test_devices_are_not_mixed() -> None:
    here, there = hd.tensor(A), hd.tensor(A, device="cuda")
    for f in (
        lambda a, b: a + b, lambda a, b: a / b, lambda a, b: a @ b.T, hd.hypot, lambda a, b: hd.concatenate([a, b]),
        lambda a, b: hd.select(True, a, b), lambda a, b: a + np.asarray(A) if a is there else b - np.asarray(A),
        lambda a, b: hd.mse_loss(a, b), lambda a, b: a > b,
    ):  # fmt: skip
        for pair in ((here, there), (there, here)):
            with pytest.raises(hd.DeviceError, match="cpu"):
                f(*pair)
    with pytest.raises(hd.DeviceError, match="cpu"):
        hd.tensor(A, device="cuda", requires_grad=True).backward(A)


def test_moves_are_recorded_and_the_gradient_comes_home() -> None:
    t = hd.tensor(A, requires_grad=True)
    hd.tanh(t.cuda()).sum().backward()
    assert t.grad.device == "cpu"
    np.testing.assert_allclose(t.grad, 1 - np.tanh(A) ** 2, rtol=1e-12)


def test_arrays_in_arrays_out(cupy) -> None:
    y = hd.tanh(cupy.asarray(A))
    assert isinstance(y, cupy.ndarray)
    np.testing.assert_array_equal(y.get(), hd.tanh(A))
    assert isinstance(hd.ops["tanh"].derivative(cupy.asarray(A)), cupy.ndarray)


def test_an_optimizer_steps_on_the_device() -> None:
    p = hd.tensor(A, device="cuda", requires_grad=True)
    for make in (optim.SGD, optim.Momentum, optim.AdamW):
        opt = make([p], lr=0.1)
        (p * p).sum().backward()
        opt.step()
        opt.zero_grad()
    assert p.device == "cuda" and float(abs(p.cpu().numpy()).sum()) < abs(A).sum()
