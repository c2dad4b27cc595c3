"""Tensors: arrays on the tape.

A tensor is a value.  Its array is private and never changes; what leaves it is a read-only view (a
copy on CUDA), what comes in is copied.  So arrays saved for the backward pass cannot be altered, and
no check is needed on the hot path.  In-place operators raise.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import tape
from .devices import array_module, as_dtype, check_dtype, converted, device_of, is_cupy, is_float, is_numpy, move
from .errors import DeviceError, DTypeError, GradientError, InPlaceError, ShapeError
from .tape import Leaf

_gathering = threading.Lock()  # several threads may add to the .grad of one leaf


class Tensor:
    """An n-dimensional array that remembers how it was computed.  Make one with :func:`tensor`.

    Operators, indexing and most of NumPy's functions work on it, are recorded where a gradient is
    wanted, and broadcast as NumPy does.  Operands must agree in dtype and device; Python scalars adapt, NumPy's
    scalars count as arrays.
    Comparisons give plain boolean arrays.

    >>> t = tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> (t * t).sum().backward()
    >>> t.grad
    tensor([2., 4., 6.])
    """

    __slots__ = ("__weakref__", "_data", "_node")
    __hash__ = object.__hash__
    _symbolic = False  # whether it has no values, because a function is traced

    def __init__(self, data: Any, node: Any = None) -> None:
        # for the tape's own use: takes the array as it is, without a copy or a check
        self._data = data
        self._node = node

    # ---- what it is

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape, a tuple."""
        return self._data.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._data.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(self._data.size)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype."""
        return self._data.dtype  # type: ignore[no-any-return]

    @property
    def device(self) -> str:
        """``cpu``, ``cuda`` or ``cuda:1``."""
        return device_of(self._data)

    @property
    def is_leaf(self) -> bool:
        """Whether it was created by the user, not computed from a tensor that requires a gradient."""
        return self._node is None or type(self._node) is Leaf

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient flows through this tensor.  Can be set on leaves."""
        return self._node is not None

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if not self.is_leaf:
            raise GradientError("requires_grad can be set on leaves only; use detach() to cut a tensor off")
        if wanted and self._node is None:
            if not is_float(self.dtype):
                raise DTypeError(f"a {self.dtype.name} tensor has no gradient; convert it with .astype('float32')")
            self._node = Leaf()
        elif not wanted:
            self._node = None

    @property
    def grad(self) -> Tensor | None:
        """The gradient gathered by ``backward``: ``None`` if none reached this leaf, which is not a zero gradient."""
        node = self._node
        return node.grad if type(node) is Leaf else None

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if type(self._node) is not Leaf:
            raise GradientError("only leaves with requires_grad=True have a .grad")
        if value is not None:
            value = tensor(value) if not isinstance(value, Tensor) else value
            if value.shape != self.shape or value.dtype != self.dtype:
                raise ShapeError(f"grad: {value.shape} {value.dtype} for a tensor {self.shape} {self.dtype}")
        self._node.grad = value

    # ---- leaving the tape

    @property
    def data(self) -> Any:
        """The values as a read-only NumPy view, or as a CuPy copy."""
        if not is_numpy(self._data):
            return self._data.copy()
        view = np.asarray(self._data).view()
        view.flags.writeable = False
        # the owner too: a view can be made writeable again as long as its base is
        if isinstance(self._data, np.ndarray):
            base: Any = self._data
            while isinstance(base, np.ndarray):
                base.flags.writeable = False
                base = base.base
        return view

    def numpy(self) -> np.ndarray[Any, Any]:
        """The values as a read-only NumPy array, without a copy.  On CUDA :class:`DeviceError`: use ``cpu()``."""
        if not is_numpy(self._data):
            raise DeviceError("this tensor is on cuda; write t.cpu().numpy()")
        return self.data  # type: ignore[no-any-return]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        values = self.numpy()
        if dtype is not None and np.dtype(dtype) != values.dtype:
            if copy is False:
                raise ValueError("cannot convert the dtype without a copy")
            return values.astype(dtype)
        return values.copy() if copy else values

    def detach(self) -> Tensor:
        """The same values, cut off from the graph: no gradient (not a zero gradient) flows back."""
        return Tensor(self._data)

    def _at(self, node: Any) -> Tensor:
        """The same values at another place of the graph."""
        return Tensor(self._data, node)

    def item(self) -> Any:
        """The single element as a Python scalar; raises :class:`ShapeError` for any other size."""
        if self.size != 1:
            raise ShapeError(f"item: a tensor of shape {self.shape} has {self.size} elements, not one")
        return self._data.item()

    def tolist(self) -> Any:
        """The values as nested lists of Python scalars."""
        return self._data.tolist()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ShapeError(f"the truth of a tensor of shape {self.shape} is not one value; use .numpy().all()")
        return bool(self._data)

    def __index__(self) -> int:
        if self.dtype.kind not in "iu" or self.ndim:
            raise DTypeError("only an integer tensor without axes can be an index")
        return int(self._data)

    def __len__(self) -> int:
        if not self.ndim:
            raise ShapeError("len() of a tensor without axes")
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        return iter([self[i] for i in range(len(self))])

    def __repr__(self) -> str:
        text = np.array2string(np.asarray(self.cpu()._data), separator=", ", prefix="tensor(")
        extra = "" if self.dtype in (np.float64, np.int64, np.bool_) else f", dtype={self.dtype.name}"
        if self.device != "cpu":
            extra += f", device={self.device!r}"
        return f"tensor({text}{extra}{', requires_grad=True' if self.requires_grad else ''})"

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    def __reduce__(self) -> Any:
        node = self._node
        values = np.asarray(self.cpu()._data).copy()
        return _restore, (values, self.device, node is not None)

    def __copy__(self) -> Tensor:
        return Tensor(self._data, None if self._node is None else Leaf())

    def __deepcopy__(self, memo: Any) -> Tensor:
        copied = memo[id(self)] = self.__copy__()
        return copied

    # ---- devices and dtypes

    def to(self, device: str) -> Tensor:
        """The tensor on ``device``; the move is recorded.  Raises :class:`DeviceError` when there is no such device."""
        if self.device == device:
            return self
        return shapes.to_device(self, device)

    def cpu(self) -> Tensor:
        """The tensor on the CPU."""
        return self.to("cpu")

    def cuda(self) -> Tensor:
        """The tensor on the first CUDA device."""
        return self.to("cuda")

    def astype(self, dtype: Any) -> Tensor:
        """The tensor in another dtype; between floats this is recorded and the gradient is cast back."""
        return shapes.astype(self, dtype)

    # ---- gradients

    def backward(self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False) -> None:
        """Add the gradient of this tensor to ``.grad`` of every leaf it was computed from.

        ``gradient`` is the cotangent to start with, of this tensor's shape and dtype; a tensor with one
        element may leave it out (it is 1 then).  With ``create_graph`` the gradients are recorded, so that
        they can be differentiated.  Saved arrays are freed unless ``retain_graph`` (default: ``create_graph``).

        Raises :class:`GradientError` when nothing was recorded or the saved arrays were freed already, and
        :class:`ShapeError` or :class:`DTypeError` when the seed does not fit.

        >>> t = tensor([1.0, 2.0], requires_grad=True)
        >>> (t * t).backward([1.0, 10.0])
        >>> t.grad
        tensor([ 2., 40.])
        """
        node = self._node
        if node is None:
            raise GradientError("backward: this tensor does not depend on any tensor with requires_grad=True")
        recorded = create_graph or type(self) is Dual
        seed = seed_for(self, gradient)
        keep = create_graph if retain_graph is None else retain_graph
        if recorded:
            with tape.enable_grad():
                found = tape.pull_back([(node, seed)], recorded=True, retain=keep)
                with _gathering:
                    for leaf, g in found.items():
                        leaf.grad = g if leaf.grad is None else leaf.grad + g
            return
        found = tape.pull_back([(node, seed._data)], retain=keep)
        with _gathering:
            for leaf, g in found.items():
                leaf.grad = Tensor(g) if leaf.grad is None else Tensor(leaf.grad._data + g)

    # ---- operators

    def __add__(self, other: Any) -> Any:
        return arithmetic.binary(arithmetic.ADD, self, other)

    def __radd__(self, other: Any) -> Any:
        return arithmetic.binary(arithmetic.ADD, other, self)

    def __sub__(self, other: Any) -> Any:
        return arithmetic.binary(arithmetic.SUB, self, other)

    def __rsub__(self, other: Any) -> Any:
        return arithmetic.binary(arithmetic.SUB, other, self)

    def __mul__(self, other: Any) -> Any:
        return arithmetic.binary(arithmetic.MUL, self, other)

    def __rmul__(self, other: Any) -> Any:
        return arithmetic.binary(arithmetic.MUL, other, self)

    def __truediv__(self, other: Any) -> Any:
        return arithmetic.binary(arithmetic.DIV, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return arithmetic.binary(arithmetic.DIV, other, self)

    def __matmul__(self, other: Any) -> Any:
        return products.matmul(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return products.matmul(other, self)

    def __pow__(self, other: Any) -> Any:
        return arithmetic.power(self, other)

    def __rpow__(self, other: Any) -> Any:
        return arithmetic.power(other, self)

    def __mod__(self, other: Any) -> Any:
        return arithmetic.named("remainder", self, other)

    def __rmod__(self, other: Any) -> Any:
        return arithmetic.named("remainder", other, self)

    def __neg__(self) -> Any:
        return arithmetic.negative(self)

    def __pos__(self) -> Tensor:
        return self

    def __abs__(self) -> Any:
        return arithmetic.named("abs", self)

    def __eq__(self, other: object) -> Any:
        return arithmetic.compare("equal", self, other)

    def __ne__(self, other: object) -> Any:
        return arithmetic.compare("not_equal", self, other)

    def __lt__(self, other: Any) -> Any:
        return arithmetic.compare("less", self, other)

    def __le__(self, other: Any) -> Any:
        return arithmetic.compare("less_equal", self, other)

    def __gt__(self, other: Any) -> Any:
        return arithmetic.compare("greater", self, other)

    def __ge__(self, other: Any) -> Any:
        return arithmetic.compare("greater_equal", self, other)

    def __getitem__(self, key: Any) -> Tensor:
        return indexing.getitem(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        raise InPlaceError("tensors are not changed in place; build a new one with hd.select or hd.concatenate")

    def _in_place(self, other: Any) -> Any:
        raise InPlaceError("in-place operators are not supported on tensors; write t = t + x instead of t += x")

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __imatmul__ = __ipow__ = __imod__ = __ifloordiv__ = _in_place

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        from . import interop

        return interop.array_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        from . import interop

        return interop.array_function(func, args, kwargs)

    # ---- shapes and reductions, each documented at the function of the same name

    @property
    def T(self) -> Tensor:
        """All axes in reverse order."""
        return shapes.transpose(self)

    def reshape(self, *shape: Any) -> Tensor:
        """See :func:`~.shapes.reshape`; the shape may be given as one tuple or as several integers."""
        return shapes.reshape(self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Tensor:
        """See :func:`~.shapes.transpose`; the axes may be given as one tuple or as several integers."""
        return shapes.transpose(self, (axes[0] if len(axes) == 1 else axes) if axes else None)

    def flatten(self) -> Tensor:
        """One axis, in row-major order."""
        return shapes.reshape(self, -1)

    ravel = flatten

    def squeeze(self, axis: Any = None) -> Tensor:
        """See :func:`~.shapes.squeeze`."""
        return shapes.squeeze(self, axis)

    def swapaxes(self, a: int, b: int) -> Tensor:
        """See :func:`~.shapes.swapaxes`."""
        return shapes.swapaxes(self, a, b)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """See :func:`~.reductions.sum`."""
        return reductions.sum(self, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """See :func:`~.reductions.mean`."""
        return reductions.mean(self, axis, keepdims)


class Dual(Tensor):
    """A tensor with a tangent, inside :func:`~.transforms.jvp`.  Users never make one."""

    __slots__ = ("_level", "_primal", "_tangent")

    def __init__(self, primal: Tensor, tangent: Any, level: int, node: Any = None) -> None:
        self._data = primal._data
        self._node = node
        self._primal = primal
        self._tangent = tangent
        self._level = level

    @property
    def _symbolic(self) -> bool:  # type: ignore[override]
        return self._primal._symbolic

    def detach(self) -> Tensor:
        return self._primal.detach()

    def _at(self, node: Any) -> Tensor:
        return Dual(self._primal, self._tangent, self._level, node)

    def __reduce__(self) -> Any:
        raise GradientError("a tensor cannot be pickled inside hd.jvp")

    def __deepcopy__(self, memo: Any) -> Tensor:
        raise GradientError("a tensor cannot be copied inside hd.jvp")

    __copy__ = None  # type: ignore[assignment]


def tensor(array: Any, requires_grad: bool = False, device: str | None = None, dtype: Any = None) -> Tensor:
    """Make a tensor from an array, a number, nested lists, or another tensor; the values are copied.

    ``device`` is where it shall live: by default ``cpu``, and for a CuPy array the device it is on.
    ``dtype`` converts explicitly; without it the dtype is kept (lists of Python floats are float64).

    Raises :class:`DTypeError` for complex, object and text, and for ``requires_grad`` on integers and
    booleans; :class:`DomainError` for values that do not fit ``dtype``; :class:`DeviceError` for no such device.

    >>> tensor([1, 2, 3], dtype="float32")
    tensor([1., 2., 3.], dtype=float32)
    >>> tensor(2.5, requires_grad=True)
    tensor(2.5, requires_grad=True)
    """
    if isinstance(array, Tensor):
        if array._symbolic:
            return array.detach()._again(requires_grad, dtype)  # type: ignore[attr-defined,no-any-return]
        data = array._data
    elif is_cupy(array):
        data = array.copy()
    else:
        if isinstance(array, list | tuple) and any(isinstance(x, Tensor) for x in array):
            raise DTypeError("tensor: a list of tensors would lose their graph; use hd.stack")
        try:
            data = np.array(array)
        except ValueError as error:
            raise ShapeError(f"tensor: {error}") from None
        if isinstance(array, np.ma.MaskedArray):
            raise DTypeError("tensor: masked arrays are not supported; fill them first")
    if dtype is not None:
        data = converted(data, as_dtype(dtype))
    check_dtype(data.dtype)
    if not data.dtype.isnative:
        data = data.astype(data.dtype.newbyteorder("="))
    if device is not None:
        data = move(data, device)
    result = Tensor(data)
    if requires_grad:
        result.requires_grad = True
    return result


def as_tensor(x: Any) -> Tensor:
    """Return a tensor as it is; make a constant one of anything else."""
    return x if isinstance(x, Tensor) else tensor(x)


def _restore(values: np.ndarray[Any, Any], device: str, requires_grad: bool) -> Tensor:
    return tensor(values, requires_grad, device)


def seed_for(t: Tensor, gradient: Any) -> Tensor:
    """The cotangent that a backward pass from ``t`` starts with; see :meth:`Tensor.backward`."""
    data = t._data
    if type(gradient) is Tensor and gradient._data.dtype is data.dtype and gradient._data.shape == data.shape:
        if type(gradient._data) is type(data) is np.ndarray:
            return gradient
    elif gradient is None:
        if data.size != 1:
            raise ShapeError(f"backward: a tensor of shape {t.shape} needs a gradient of that shape to start with")
        if data.shape == () and is_numpy(data):
            return Tensor(data.dtype.type(1))
        return Tensor(array_module(data).ones(data.shape, data.dtype))
    if type(gradient) in (list, tuple, float, int):
        gradient = tensor(gradient, device=t.device, dtype=t.dtype)
    elif not isinstance(gradient, Tensor):
        gradient = tensor(gradient)
    if gradient.shape != data.shape:
        raise ShapeError(f"backward: gradient of shape {gradient.shape} for a tensor of shape {t.shape}")
    if gradient.dtype != data.dtype:
        raise DTypeError(f"backward: gradient of dtype {gradient.dtype} for a tensor of dtype {data.dtype}")
    if gradient.device != t.device:
        raise DeviceError(f"backward: gradient on {gradient.device} for a tensor on {t.device}")
    seed: Tensor = gradient
    return seed


# last, because these modules use the class above
from .tensor_ops import arithmetic, indexing, products, reductions, shapes  # noqa: E402
