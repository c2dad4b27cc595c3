"""Launching compiled kernels through CuPy, with the checks that a raw kernel does not make.

CuPy is imported on first use only.  ``load(name)`` offers what :func:`hasderiv.runtime.kernels.load` offers, on
arrays of a GPU.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..runtime import kernels
from ..runtime.assumptions import require
from ..runtime.errors import DeviceError, DTypeError, ShapeError
from .compile import compile_source

GENERATED: Final = Path(__file__).parent / "generated"
THREADS: Final = 256
BLOCKS_PER_MULTIPROCESSOR: Final = 32
MAX_AXES: Final = 32
SUFFIX: Final = {"float32": "f32", "float64": "f64", "float16": "f16"}


def source_of(name: str) -> str:
    """The checked text of the .cu file of an op: refused when edited or stale."""
    path = GENERATED / f"{name}.cu"
    if not path.exists():
        raise KeyError(f"there is no CUDA kernel of {name}; {kernels.MENDING}")
    text = path.read_text(encoding="utf-8")
    kernels.check_text(name, text, kernels.certificate_bytes(name))
    return text


class Launcher:
    """The compiled module of one op on each device, and the argument checks."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.source = source
        self.numbers = {key: int(n) for n, key in re.findall(r"#if HD_WANTED\((\d+)\)  // (\w+)", source)}
        self.modules: dict[tuple[int, str], Any] = {}

    def function(self, cupy: Any, key: str, kind: str) -> Any:
        """An entry point of the routine ``key`` on the current device, compiled for it on first use."""
        device = cupy.cuda.Device()
        module = self.modules.get((device.id, key))
        entry = f"hd_{self.name}_{key}_{kind}"
        if module is None:
            cubin = compile_source(self.source, f"sm_{device.compute_capability}", f"{self.name}.cu", self.numbers[key])
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, f"{self.name}.cubin")
                path.write_bytes(cubin)
                module = cupy.RawModule(path=str(path))
                module.get_function(entry)  # loads the file before the folder goes
            self.modules[device.id, key] = module
        return module.get_function(entry)

    def run(self, key: str, operands: Sequence[Any], strong: int, out: Any = None) -> Any:
        """Evaluate the routine on CuPy arrays and numbers that broadcast together.

        Raises :class:`DeviceError` where arrays lie on different devices, :class:`DTypeError`, :class:`ShapeError`.
        """
        import cupy

        label = f"{self.name}.{key}"
        arrays = self._check(cupy, label, operands, strong, out)
        dtype = arrays[0].dtype
        try:
            shape = np.broadcast_shapes(*(a.shape for a in arrays))
        except ValueError:
            raise ShapeError(
                f"{label}: shapes {', '.join(str(a.shape) for a in arrays)} do not broadcast together"
            ) from None
        if out is not None and (out.shape != shape or out.dtype != dtype):
            raise ShapeError(f"{label}: out= is {out.dtype} of shape {out.shape}, the result {dtype} of shape {shape}")
        with arrays[0].device:
            overlaps = out is not None and any(cupy.may_share_memory(a, out) and a is not out for a in arrays)
            result = cupy.empty(shape, dtype) if out is None or overlaps else out
            if result.size:
                self._launch(cupy, key, operands, result)
            if overlaps:
                out[...] = result
        return result if out is None else out

    def _check(self, cupy: Any, label: str, operands: Sequence[Any], strong: int, out: Any) -> list[Any]:
        arrays = [a for a in operands if isinstance(a, cupy.ndarray)]
        if not arrays:
            raise DeviceError(f"{label}: no operand is an array on a GPU")
        for i, a in enumerate([*operands, *([] if out is None else [out])]):
            if isinstance(a, cupy.ndarray):
                if a.device != arrays[0].device:
                    raise DeviceError(f"{label}: arrays on GPU {arrays[0].device.id} and GPU {a.device.id}")
                if a.dtype.name not in SUFFIX:
                    raise DTypeError(f"{label}: an operand of dtype {a.dtype}; float16, float32 and float64 are taken")
                if a.dtype != arrays[0].dtype:
                    raise DTypeError(
                        f"{label}: operands of dtype {arrays[0].dtype} and {a.dtype}; nothing is cast in silence"
                    )
            elif isinstance(a, np.ndarray) and (a.ndim or i < strong):
                raise DeviceError(f"{label}: a NumPy array among arrays on a GPU; move it first")
            elif isinstance(a, bool | np.bool_) or not isinstance(a, int | float | np.number | np.ndarray):
                raise DTypeError(f"{label}: an operand of type {type(a).__name__}")
        return arrays

    def _launch(self, cupy: Any, key: str, operands: Sequence[Any], result: Any) -> None:
        suffix = SUFFIX[result.dtype.name]
        number = np.float64 if suffix == "f64" else np.float32
        wide = [cupy.broadcast_to(a, result.shape) if isinstance(a, cupy.ndarray) else a for a in operands]
        plain = all(
            a.flags.c_contiguous and a.data.ptr % 16 == 0 for a in [*wide, result] if isinstance(a, cupy.ndarray)
        ) and all(a.shape == result.shape for a in operands if isinstance(a, cupy.ndarray))
        arguments: list[Any] = []
        for a in wide:
            array = isinstance(a, cupy.ndarray)
            arguments.extend((a if array else np.uintp(0), number(0) if array else number(a)))
        arguments.extend((result, np.int64(result.size)))
        if not plain:
            arguments.append(_layout(cupy, wide, result))
        function = self.function(cupy, key, f"{'' if plain else 'strided_'}{suffix}")
        per_thread = 16 // result.dtype.itemsize if plain else 1
        limit = cupy.cuda.Device().attributes["MultiProcessorCount"] * BLOCKS_PER_MULTIPROCESSOR
        blocks = min(limit, max(1, -(-result.size // (THREADS * per_thread))))
        function((blocks,), (THREADS,), tuple(arguments))


def _layout(cupy: Any, wide: Sequence[Any], result: Any) -> Any:
    """Number of axes, shape, strides of each operand and of the result in elements, as an array on the device."""
    axes = result.ndim
    if axes > MAX_AXES:
        raise ShapeError(f"more than {MAX_AXES} axes")
    numbers = [axes, *result.shape]
    for a in [*wide, result]:
        numbers.extend(s // a.itemsize for s in a.strides) if isinstance(a, cupy.ndarray) else numbers.extend(
            [0] * axes
        )
    return cupy.asarray(np.array(numbers, np.int64))


class CudaKernels(kernels.OpKernels):
    """The routines of one op on a GPU; see :class:`hasderiv.runtime.kernels.OpKernels`."""

    __slots__ = ("_launcher",)

    def __init__(self, host: kernels.OpKernels, source: str) -> None:
        self.name, self.inputs, self.params, self.meaning = host.name, host.inputs, host.params, host.meaning
        self.assume = host.assume
        self._routines, self._masks, self._bound = host._routines, host._masks, {}
        self._launcher = Launcher(self.name, source)

    def _bind(self, key: str, count: int) -> Callable[..., Any]:
        name, defaults, launcher, assume = self.name, self.params, self._launcher, self.assume
        key = self._routines[key][0].__name__  # routines that are the same are printed once

        def call(*arrays: Any, out: Any = None, **params: Any) -> Any:
            if len(arrays) != count:
                raise TypeError(f"{name} takes {count} arrays here, not {len(arrays)}")
            given = kernels.arguments(name, defaults, params)
            if assume:
                number = np.float64 if any(getattr(a, "dtype", None) == np.float64 for a in arrays) else np.float32
                require(name, assume, tuple(defaults), [number(v) if np.isscalar(v) else v for v in given])
            return launcher.run(key, (*arrays, *given), count, out)

        return call

    def conventions(self, *arrays: Any, **params: Any) -> list[tuple[Any, dict[str, Any]]]:
        """As on the host; the masks lie on the GPU."""
        import cupy

        given = (*arrays, *kernels.arguments(self.name, self.params, params))
        shape = np.broadcast_shapes(*(np.shape(a) for a in given))
        found = []
        for function, record in self._masks:
            mask = cupy.broadcast_to(cupy.asarray(function(*given)), shape)
            for a in given:
                mask = mask & np.isfinite(a)  # of a CuPy array this is CuPy's
            if bool(mask.any()):
                found.append((mask, record))
        return found


def from_source(host: kernels.OpKernels, source: str) -> CudaKernels:
    """The kernels of an op that was declared at run time, from its host kernels and its .cu text."""
    return CudaKernels(host, source)


@cache
def load(name: str) -> CudaKernels:
    """The kernels of a catalogue op for arrays on a GPU; compiled on the first call of each device."""
    return CudaKernels(kernels.load(name), source_of(name))
