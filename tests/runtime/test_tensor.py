"""Tensors as values: what they take, what they refuse, how they leave the tape."""

from __future__ import annotations

import copy
import operator
import pickle
import subprocess
import sys
from pathlib import Path

import hasderiv.runtime
import numpy as np
import pytest

import hasderiv as hd


def test_the_array_is_copied_on_the_way_in() -> None:
    a = np.array([1.0, 2.0])
    t = hd.tensor(a, requires_grad=True)
    y = (t * t).sum()
    a[0] = 100.0
    y.backward()
    np.testing.assert_array_equal(t.grad, [2.0, 4.0])


def test_an_array_operand_may_change_after_the_forward_pass() -> None:
    a = np.array([1.0, 2.0])
    t = hd.tensor([3.0, 4.0], requires_grad=True)
    y = (t * a + hd.hypot(t, a)).sum()
    expected = a + np.array([3.0, 4.0]) / np.hypot([3.0, 4.0], a)
    a[:] = np.nan
    y.backward()
    np.testing.assert_allclose(t.grad, expected)


def test_a_parameter_array_and_a_seed_may_change_later() -> None:
    alpha, seed = np.array([1.0, 2.0]), np.array([1.0, 1.0])
    t = hd.tensor([-1.0, -2.0], requires_grad=True)
    y = hd.elu(t, alpha=alpha)
    alpha[:] = np.nan
    (y + 0.0).backward(seed)
    u = hd.tensor([1.0, 1.0], requires_grad=True)
    (u + 0.0).backward(seed)
    seed[:] = np.nan
    np.testing.assert_allclose(t.grad, [1.0, 2.0] * np.exp([-1.0, -2.0]))
    np.testing.assert_array_equal(u.grad, [1.0, 1.0])


@pytest.mark.parametrize(
    "leave", [lambda t: t.numpy(), np.asarray, lambda t: t.data, lambda t: t.reshape(2, 1).numpy()]
)
def test_what_leaves_a_tensor_is_read_only_for_good(leave) -> None:
    t = hd.tensor([1.0, 2.0], requires_grad=True)
    y = t * t
    for x in (t, y, y[:]):
        out = leave(x)
        with pytest.raises(ValueError, match="read-only"):
            out[...] = 0.0
        with pytest.raises(ValueError, match="WRITEABLE"):
            out.flags.writeable = True
    assert np.array(t).flags.writeable


def test_in_place_operators_raise() -> None:
    for op in ("iadd", "isub", "imul", "itruediv", "imatmul", "ipow", "imod"):
        with pytest.raises(hd.InPlaceError, match="t = t"):
            getattr(operator, op)(hd.tensor([1.0]), 1.0)
    with pytest.raises(hd.InPlaceError):
        hd.tensor([1.0])[0] = 2.0
    a = np.ones(1)
    with pytest.raises(hd.InPlaceError):
        a += hd.tensor([1.0])


@pytest.mark.parametrize("array", [[1j], np.array(["a"]), np.array([None]), np.ones(2, np.longdouble)])
def test_dtypes_that_tensors_do_not_hold(array) -> None:
    if getattr(array, "dtype", None) == np.float64:
        pytest.skip("longdouble is float64 here")
    with pytest.raises(hd.DTypeError, match="tensors do not hold"):
        hd.tensor(array)


@pytest.mark.parametrize("array", [[1, 2], [True, False]])
def test_integers_and_bools_exist_and_have_no_gradient(array) -> None:
    t = hd.tensor(array)
    assert not t.requires_grad and t.tolist() == array
    with pytest.raises(hd.DTypeError, match="no gradient"):
        hd.tensor(array, requires_grad=True)
    with pytest.raises(hd.DTypeError, match="no gradient"):
        t.requires_grad = True
    with pytest.raises(hd.DTypeError, match="not mixed"):
        hd.tensor([1.0, 2.0]) * t


def test_integer_tensors_compute_as_numpy() -> None:
    t = hd.tensor([1, 2, 3])
    assert (t + t).tolist() == [2, 4, 6] and (t * 2).dtype == np.int64
    assert (t / 2).tolist() == [0.5, 1.0, 1.5] and (t**2).tolist() == [1, 4, 9]
    assert t.sum().item() == 6
    with pytest.raises(hd.DTypeError, match="mean of a int64"):
        t.mean()
    with pytest.raises(hd.DTypeError, match="bool"):
        hd.tensor([True]).sum()
    with pytest.raises(hd.DTypeError, match="bool"):
        -hd.tensor([True])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_python_scalars_are_weak_and_dtypes_stay(dtype: str) -> None:
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    t = hd.tensor([1.0, 2.0, 3.0], dtype=dtype, requires_grad=True)
    y = ((2 * t + 1.5) / 3 - t * True) ** 2
    loss = (hd.tanh(y) + abs(-y) + y.mean()).sum() + y @ y
    assert y.dtype == loss.dtype == t.dtype
    loss.backward()
    assert t.grad.dtype == t.dtype and t.dtype.name == dtype
    assert np.isfinite(t.grad.numpy().astype(float)).all()


def test_arrays_of_another_dtype_raise() -> None:
    t = hd.tensor([1.0], dtype="float32")
    for other in (np.ones(1), np.float64(1.0), hd.tensor([1.0]), np.arange(1), np.array([True])):
        for f in (lambda a, b: a + b, lambda a, b: b * a, lambda a, b: a @ b if np.ndim(b) else a - b):
            with pytest.raises(hd.DTypeError, match=r"astype\('float"):
                f(t, other)
    assert (t.astype("float64") + np.ones(1)).dtype == np.float64


def test_shapes_that_do_not_fit() -> None:
    a, b = hd.tensor(np.ones((2, 3))), hd.tensor(np.ones((2, 2)))
    for f in (operator.add, operator.mul, operator.truediv, operator.matmul, hd.hypot):
        with pytest.raises(hd.ShapeError, match=r"\(2, 3\)"):
            f(a, b)
    with pytest.raises(hd.ShapeError):
        bool(a)
    with pytest.raises(hd.ShapeError):
        a.item()
    with pytest.raises(hd.ShapeError):
        hd.tensor([[1.0], [1.0, 2.0]])
    with pytest.raises(IndexError):
        a[2]


def test_other_operands_are_a_type_error() -> None:
    for other in ("x", None, [1.0], object()):
        with pytest.raises(TypeError):
            hd.tensor([1.0]) + other
        with pytest.raises(TypeError):
            other * hd.tensor([1.0])
    with pytest.raises(TypeError):
        hd.tensor([1.0]) + 1j


def test_comparisons_are_plain_boolean_arrays() -> None:
    t = hd.tensor([1.0, 2.0, np.nan], requires_grad=True)
    for op in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        for other in (1.5, np.array([2.0, 2.0, 2.0]), t):
            found = op(t, other)
            assert type(found) is np.ndarray
            np.testing.assert_array_equal(found, op(t.numpy(), np.asarray(other)))
    assert (np.array([0.0, 3.0, 0.0]) < t).tolist() == [True, False, False]
    assert {t: 1}[t] == 1


def test_leaves_and_flags() -> None:
    t = hd.tensor([1.0])
    assert t.is_leaf and not t.requires_grad and t.grad is None
    t.requires_grad = True
    y = t * 2
    assert not y.is_leaf and y.requires_grad and y.grad is None
    with pytest.raises(hd.GradientError, match="leaves only"):
        y.requires_grad = False
    with pytest.raises(hd.GradientError, match="only leaves"):
        y.grad = None
    with pytest.raises(hd.ShapeError):
        t.grad = np.ones(3)
    t.grad = np.ones(1)
    assert t.grad.tolist() == [1.0]
    t.requires_grad = False
    assert not t.requires_grad


def test_repr_and_conversions() -> None:
    t = hd.tensor([[1.0, 2.0]], dtype="float32", requires_grad=True)
    assert repr(t) == "tensor([[1., 2.]], dtype=float32, requires_grad=True)"
    assert repr(hd.tensor(3)) == "tensor(3)" and f"{t[0, 1]:.2f} {hd.tensor(3)}" == "2.00 tensor(3)"
    assert float(t[0, 1]) == 2.0 and int(t[0, 1]) == 2 and len(t) == 1 and [x.tolist() for x in t] == [[1.0, 2.0]]
    assert ["a", "b"][hd.tensor(1)] == "b"
    assert np.asarray(t, dtype="float64").dtype == np.float64
    with pytest.raises(hd.DTypeError):
        ["a"][hd.tensor(0.0)]
    with pytest.raises(hd.ShapeError):
        len(hd.tensor(1.0))


@pytest.mark.parametrize("clone", [lambda t: pickle.loads(pickle.dumps(t)), copy.deepcopy, copy.copy])
def test_pickle_and_deepcopy_make_leaves(clone) -> None:
    t = hd.tensor([1.0, 2.0], requires_grad=True)
    y = t * 3
    for x in (t, y, y.detach(), hd.tensor([1, 2]), hd.tensor(2.0, dtype="float16")):
        c = clone(x)
        assert c.is_leaf and c.requires_grad == x.requires_grad and c.dtype == x.dtype
        np.testing.assert_array_equal(c, x)
    c = clone(y)
    (c * c).sum().backward()
    assert t.grad is None and c.grad.tolist() == [6.0, 12.0]


def test_deepcopy_of_a_model_keeps_shared_parameters_shared() -> None:
    t = hd.tensor([1.0], requires_grad=True)
    a, b = copy.deepcopy([t, t])
    assert a is b and a is not t


def test_tensors_of_tensors() -> None:
    t = hd.tensor([1.0], requires_grad=True)
    with pytest.raises(hd.DTypeError, match=r"hd\.stack"):
        hd.tensor([t, t])
    assert not hd.tensor(t).requires_grad
    assert hd.tensor(np.ones(2, ">f8")).dtype.isnative
    with pytest.raises(hd.DTypeError, match="masked"):
        hd.tensor(np.ma.masked_array([1.0], [True]))


def test_powers() -> None:
    x = np.array([0.5, 2.0, 3.0])
    for p in (1, 2, 3, -1, 0.5, -0.5, 2.5, 4, 0):
        t = hd.tensor(x, requires_grad=True)
        y = t**p
        np.testing.assert_allclose(y, x**p, rtol=1e-15)
        y.sum().backward()
        np.testing.assert_allclose(t.grad, p * x ** (p - 1.0), rtol=1e-14)
    t = hd.tensor(x, requires_grad=True)
    (2.0**t).sum().backward()
    np.testing.assert_allclose(t.grad, np.log(2) * 2.0**x, rtol=1e-14)


def test_cuda_without_cupy_is_one_clear_line() -> None:
    pytest.importorskip("numpy")
    try:
        import cupy  # noqa: F401
    except ImportError:
        with pytest.raises(hd.DeviceError, match=r"needs CuPy: pip install 'hasderiv\[cuda13\]'") as caught:
            hd.tensor([1.0], device="cuda")
        assert "\n" not in str(caught.value)
        with pytest.raises(hd.DeviceError, match="needs CuPy"):
            hd.tensor([1.0]).cuda()
    for name in ("gpu", "cuda:x", "cpu:0", ""):
        with pytest.raises(hd.DeviceError, match="unknown device"):
            hd.tensor([1.0], device=name)
    assert hd.tensor([1.0], device="cpu").device == "cpu"


def test_the_runtime_imports_numpy_only() -> None:
    code = (
        "import sys, hasderiv as hd; t = hd.tensor([1.0], requires_grad=True); hd.gelu(t).backward(); hd.grad;"
        "hd.optim;"
        "bad = {'sympy', 'mpmath', 'cupy', 'scipy', 'rich'} & set(sys.modules); assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


RUNTIME = Path(hasderiv.runtime.__path__[0])
FILES = [path for folder in (".", "tensor_ops", "training") for path in (RUNTIME / folder).glob("*.py")]
MODULES = sorted(".".join(path.relative_to(RUNTIME).with_suffix("").parts) for path in FILES)


@pytest.mark.parametrize("first", MODULES)
def test_any_module_may_be_imported_first(first: str) -> None:
    subprocess.run([sys.executable, "-c", f"import hasderiv.runtime.{first}"], check=True)
