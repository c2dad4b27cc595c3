"""Launching: what is refused before anything runs (on any machine), and the kernels on a GPU where there is one."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hasderiv.cuda_kernels import launch
from hasderiv.runtime import kernels
from hasderiv.runtime.errors import CertificateError, DeviceError, DomainError, DTypeError, ShapeError

from hasderiv import cuda_kernels


class FakeArray:
    """As much of a CuPy array as the argument checks look at."""

    __cuda_array_interface__ = ()

    def __init__(self, shape: tuple[int, ...], dtype: Any = np.float32, device: int = 0) -> None:
        self.shape, self.dtype = shape, np.dtype(dtype)
        self.device = types.SimpleNamespace(id=device)
        self.size = int(np.prod(shape))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", types.SimpleNamespace(ndarray=FakeArray))  # type: ignore[arg-type]


@pytest.mark.usefixtures("fake")
def test_arguments_are_checked_before_the_launch() -> None:
    tanh, hypot = cuda_kernels.load("tanh"), cuda_kernels.load("hypot")
    with pytest.raises(DTypeError, match="int32"):
        tanh.forward(FakeArray((3,), np.int32))
    with pytest.raises(DTypeError, match="float32 and float64"):
        hypot.forward(FakeArray((3,)), FakeArray((3,), np.float64))
    with pytest.raises(DeviceError, match="GPU 0 and GPU 1"):
        hypot.forward(FakeArray((3,)), FakeArray((3,), device=1))
    with pytest.raises(DeviceError, match="NumPy array"):
        hypot.forward(FakeArray((3,)), np.zeros(3, np.float32))
    with pytest.raises(DeviceError, match="no operand"):
        tanh.forward(1.0)
    with pytest.raises(ShapeError, match="broadcast"):
        hypot.forward(FakeArray((3,)), FakeArray((4,)))
    with pytest.raises(ShapeError, match="out="):
        tanh.forward(FakeArray((3,)), out=FakeArray((4,)))
    with pytest.raises(DTypeError, match="bool"):
        hypot.forward(FakeArray((3,)), True)
    with pytest.raises(TypeError, match="takes 2 arrays"):
        hypot.forward(FakeArray((3,)))
    with pytest.raises(TypeError, match="no parameter"):
        tanh.forward(FakeArray((3,)), alpha=2)


@pytest.mark.usefixtures("fake")
def test_assumptions_are_checked_before_the_launch() -> None:
    x = FakeArray((3,))
    for name, params, message in (
        ("celu", {"alpha": -1}, "celu assumes alpha > 0, but alpha = -1.0"),
        ("clamp", {"lo": 2.0, "hi": float("nan")}, "clamp assumes lo < hi, but lo = 2.0 and hi = nan"),
        ("smooth_abs", {"eps": 1e-60}, "smooth_abs assumes eps > 0, but eps = 0.0"),
    ):
        for routine in (cuda_kernels.load(name).forward, cuda_kernels.load(name).partial("x")):
            with pytest.raises(DomainError) as caught:
                routine(x, **params)
            assert str(caught.value) == message


def test_host_kernels_refuse_arrays_of_a_gpu() -> None:
    with pytest.raises(DeviceError, match="GPU"):
        kernels.load("tanh").forward(FakeArray((3,)))


def test_edited_and_missing_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = launch.source_of("tanh")
    monkeypatch.setattr(launch, "GENERATED", tmp_path)
    (tmp_path / "tanh.cu").write_text(good.replace("return", "return ", 1))
    with pytest.raises(CertificateError, match=r"edited.*hasderiv build"):
        launch.source_of("tanh")
    with pytest.raises(KeyError, match="hasderiv build"):
        launch.source_of("cosh")


def _gpu() -> Any:
    cupy = pytest.importorskip("cupy")
    if not cupy.cuda.is_available():
        pytest.skip("needs a GPU")
    return cupy


@pytest.mark.parametrize("name", kernels.names())
def test_gpu_agrees_with_numpy(name: str) -> None:
    cupy = _gpu()
    host, device = kernels.load(name), cuda_kernels.load(name)
    rng = np.random.default_rng(0)
    given = {n: 0.25 * (i + 1) for i, (n, v) in enumerate(host.params.items()) if v is None}
    for dtype, tolerance in (("float32", 2e-5), ("float64", 1e-12), ("float16", 2e-3)):
        arrays = [rng.uniform(0.1, 0.9, 1003).astype(dtype) for _ in host.inputs]
        for key in ("forward", f"partial_{host.inputs[0]}"):
            wanted = host.routine(key)(*arrays, **given)
            got = cupy.asnumpy(device.routine(key)(*map(cupy.asarray, arrays), **given))
            np.testing.assert_allclose(got.astype(float), wanted.astype(float), rtol=tolerance, atol=tolerance)


def test_gpu_strides_broadcasting_and_empty_arrays() -> None:
    cupy = _gpu()
    hypot = cuda_kernels.load("hypot")
    a = cupy.arange(60, dtype=cupy.float32).reshape(3, 4, 5)
    b = cupy.arange(5, dtype=cupy.float32)
    cupy.testing.assert_allclose(hypot.forward(a, b), cupy.hypot(a, b), rtol=1e-6)
    cupy.testing.assert_allclose(hypot.forward(a.T[::2], 2.0), cupy.hypot(a.T[::2], 2), rtol=1e-6)
    flat = cupy.arange(1001, dtype=cupy.float32)
    cupy.testing.assert_allclose(hypot.forward(flat[1:], flat[1:]), cupy.hypot(flat[1:], flat[1:]), rtol=1e-6)
    assert hypot.forward(a[:0], b).shape == (0, 4, 5)
    assert hypot.forward(cupy.float32(3) * cupy.ones(()), 4.0).shape == ()
    out = cupy.empty((3, 4, 5), cupy.float32)
    assert hypot.forward(a, b, out=out) is out


def test_gpu_keeps_subnormals_and_nan() -> None:
    cupy = _gpu()
    tiny = cupy.asarray(np.array([1e-40, np.nan, -0.0, np.inf], np.float32))
    got = cupy.asnumpy(cuda_kernels.load("relu").forward(tiny))
    np.testing.assert_array_equal(got, np.array([1e-40, np.nan, 0, np.inf], np.float32))
