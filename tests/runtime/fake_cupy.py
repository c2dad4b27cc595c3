"""A stand-in for CuPy on machines without a GPU: arrays that refuse to meet NumPy, as CuPy's do.

It holds NumPy arrays inside, so it says nothing about kernels; it shows that no step of the tape
mixes devices, converts in silence, or calls a NumPy function on a device array.
"""

from __future__ import annotations

import contextlib
import types
from typing import Any

import numpy as np


def unwrap(x: Any) -> Any:
    """The NumPy value inside; NumPy arrays themselves are refused."""
    if isinstance(x, ndarray):
        return x._a
    if isinstance(x, np.ndarray):
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    if isinstance(x, tuple | list):
        return type(x)(unwrap(v) for v in x)
    return x


def wrap(x: Any) -> Any:
    """Arrays and NumPy scalars become device arrays, also those of a pair."""
    if isinstance(x, tuple):
        return tuple([wrap(v) for v in x])
    return ndarray(x) if isinstance(x, np.ndarray | np.generic) else x


class ndarray(np.lib.mixins.NDArrayOperatorsMixin):
    """A device array."""

    def __init__(self, a: Any) -> None:
        self._a = np.asarray(a)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("Implicit conversion to a NumPy array is not allowed.")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return wrap(getattr(ufunc, method)(*unwrap(inputs), **{k: unwrap(v) for k, v in kwargs.items()}))

    @property
    def device(self) -> Any:
        return types.SimpleNamespace(id=0)

    @property
    def T(self) -> Any:
        return ndarray(self._a.T)

    def get(self) -> Any:
        return self._a.copy()

    def __getitem__(self, key: Any) -> Any:
        return wrap(self._a[_key(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self._a[_key(key)] = unwrap(value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self._a, name)
        if callable(found) and name not in ("item", "tolist"):
            return lambda *args, **kwargs: wrap(found(*unwrap(args), **{k: unwrap(v) for k, v in kwargs.items()}))
        return found

    def __bool__(self) -> bool:
        return bool(self._a)

    def __float__(self) -> float:
        return float(self._a)

    def __int__(self) -> int:
        return int(self._a)

    def __len__(self) -> int:
        return len(self._a)


def _key(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(_key(k) for k in key)
    return key._a if isinstance(key, ndarray) else key


def module() -> types.ModuleType:
    """The module to put into ``sys.modules`` as ``cupy``."""
    fake = types.ModuleType("cupy")
    fake.ndarray = ndarray  # type: ignore[attr-defined]
    runtime = types.SimpleNamespace(getDeviceCount=lambda: 1)
    device = lambda index: contextlib.nullcontext()  # noqa: E731
    fake.cuda = types.SimpleNamespace(is_available=lambda: True, runtime=runtime, Device=device)  # type: ignore[attr-defined]
    fake.asarray = lambda a, dtype=None: a if isinstance(a, ndarray) else ndarray(np.array(a, dtype))  # type: ignore[attr-defined]

    def any_function(name: str) -> Any:
        found = getattr(np, name)
        return lambda *args, **kwargs: wrap(found(*unwrap(args), **{k: unwrap(v) for k, v in kwargs.items()}))

    fake.__getattr__ = any_function  # type: ignore[method-assign]
    return fake


class Kernels:
    """The NumPy kernels of an op behind the interface of the CUDA ones."""

    def __init__(self, host: Any) -> None:
        self.name, self.inputs, self.params, self._host = host.name, host.inputs, host.params, host
        self.forward = self._on_device(host.forward)

    def _on_device(self, f: Any) -> Any:
        def call(*arrays: Any, **params: Any) -> Any:
            if not all(isinstance(a, ndarray) for a in arrays):
                raise TypeError("a CUDA kernel was handed something that is not on the device")
            return wrap(f(*unwrap(arrays), **{k: unwrap(v) for k, v in params.items()}))

        return call

    def partial(self, i: Any = 0) -> Any:
        return self._on_device(self._host.partial(i))

    def vjp(self, i: Any = 0) -> Any:
        return self._on_device(self._host.vjp(i))

    def second(self, i: Any = 0, j: Any = 0) -> Any:
        return self._on_device(self._host.second(i, j))

    def third(self, *arrays: Any, **params: Any) -> Any:
        return self._on_device(self._host.third)(*arrays, **params)

    def param_partial(self, name: str) -> Any:
        return self._on_device(self._host.param_partial(name))

    def conventions(self, *arrays: Any, **params: Any) -> Any:
        return [(wrap(m), r) for m, r in self._host.conventions(*unwrap(arrays), **params)]


def update(program: Any, dtype: Any) -> Any:
    """An optimizer's step over device arrays, by NumPy."""
    from hasderiv.runtime.optim.program import Blocks, Row

    blocks = Blocks(program, dtype)
    return lambda rows: blocks.run([Row(row.out._a, unwrap(row.arrays), row.numbers) for row in rows])
