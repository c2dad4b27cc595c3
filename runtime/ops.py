"""``hd.ops``: every elementwise op of the catalogue, callable on arrays and on tensors.

An op loads its generated kernels when it is first looked up, so importing this module costs nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .devices import array_module, device_of, is_cupy, is_float
from .elementwise import DEFAULTS, Factor, Settings, Value, remember
from .errors import DeviceError, DTypeError, GradientError, ShapeError
from .primitive import Primitive, apply, check_operands, coerce, masked_zero
from .tape import Node, recording
from .tensor import Tensor, tensor
from .tensor_ops import select as selection
from .tensor_ops.sums import unbroadcast

REMEMBERED = 1 << 14
"""The number of elements from which a value and its derivative are computed in one pass, where they have much in common
and are needed both: backward is a product then, for the memory of one more array between the passes."""


class Op:
    """An elementwise op: call it on arrays, which gives arrays, or on tensors, which records it.

    ``op(*inputs, **params)``.  Inputs broadcast; they are NumPy arrays, CuPy arrays or tensors of one
    floating dtype, and Python scalars adapt to them.  Parameters are Python scalars, arrays that broadcast
    with the inputs, or tensors (which get a gradient); they may also follow the inputs by position.  Where
    the op has no derivative, the declared convention is used, and ``hd.conventions_used`` tells.  A large result
    lies in memory that is used again when it is gone: ``resize`` refuses such an array, a copy of it is ordinary.

    Raises :class:`DTypeError` for integers, complex or mixed dtypes, :class:`ShapeError` where shapes do not
    broadcast, :class:`DeviceError` where devices differ, ``TypeError`` for a parameter the op does not have,
    :class:`DomainError` for one that is NaN, outside what the op assumes, or too large for the dtype of the inputs.

    >>> import numpy as np
    >>> import hasderiv as hd
    >>> hd.ops["relu"](np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    def __init__(self, kernels: Any) -> None:
        self.kernels = kernels
        self._value = Value(Factor(kernels))
        self._forward = self._value.factor.value
        self._unary = len(kernels.inputs) == 1
        self._cuda: Any = None
        self.__name__ = kernels.name
        self.__doc__ = self._describe()
        self.__signature__ = self._signature()

    def __call__(self, x: Any, /, *rest: Any, **params: Any) -> Any:
        if type(x) is Tensor and self._unary and not rest and (not params or _plain(params)):
            data = x._data
            if type(data) is np.ndarray or isinstance(data, np.generic):
                node = x._node
                if node is None or not recording.get():
                    return Tensor(self._forward(data, **params))
                if data.size >= REMEMBERED and self.kernels.remembers(data.dtype):
                    out, derivative = self.kernels.value_and_derivative(data, **params)
                    saved: tuple[Any, ...] = remember(data, derivative)
                else:
                    out, saved = self._forward(data, **params), (data,)
                return Tensor(out, Node(self._value, (node,), saved, Settings(params) if params else DEFAULTS))
        value = self._value_for(x, *rest)
        return self._call(value, value.factor.value, (x, *rest), params)

    # ---- what it is

    @property
    def name(self) -> str:
        """Its name in the catalogue."""
        return self.kernels.name  # type: ignore[no-any-return]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of its inputs, in order."""
        return tuple(self.kernels.inputs)

    @property
    def params(self) -> dict[str, Any]:
        """Its parameters with their defaults; ``None`` stands where a value must be given."""
        return dict(self.kernels.params)

    @property
    def meaning(self) -> str:
        """One line that says what it computes."""
        return str(getattr(self.kernels, "meaning", ""))

    def __repr__(self) -> str:
        return f"<op {self.name}{self.__signature__}>"

    def __reduce__(self) -> Any:
        return _find, (self.name,)

    # ---- derivatives

    def derivative(self, x: Any, *rest: Any, order: int = 1, **params: Any) -> Any:
        """The derivative of a unary op, of order 1, 2 or 3, at ``x``; an array, or a recorded tensor for a tensor.

        At a point with no derivative this is the declared convention.  Raises :class:`GradientError` for an
        order that was not generated, ``TypeError`` for an op with several inputs (see :meth:`partials`).

        >>> import hasderiv as hd
        >>> hd.ops["square"].derivative(3.0), hd.ops["square"].derivative(3.0, order=2)
        (np.float64(6.0), np.float64(2.0))
        """
        if not self._unary:
            raise TypeError(f"{self.name} has the inputs {', '.join(self.inputs)}; use .partials")
        if isinstance(order, bool) or not isinstance(order, int) or order < 1:
            raise ValueError(f"{self.name}: the order of a derivative is 1, 2 or 3, not {order!r}")
        value = self._value_for(x)
        for _ in range(order):
            value = value.factor.by(self.inputs[0])[0]
        return self._call(value, value.factor.value, (x, *rest), params)

    def value_and_derivative(self, x: Any, /, *, out: Any = None, **params: Any) -> tuple[Any, Any]:
        """Value and derivative of a unary op at ``x`` in one pass: what both need is computed once.

        The bits are those of ``op(x)`` and ``op.derivative(x)``, and so are errors and conventions.  For arrays
        ``out`` may be a pair of arrays; for a tensor both results are recorded.

        >>> import hasderiv as hd
        >>> hd.ops["square"].value_and_derivative(3.0)
        (np.float64(9.0), np.float64(6.0))
        """
        if not self._unary:
            raise TypeError(f"{self.name} has the inputs {', '.join(self.inputs)}; use .partials")
        if out is None and (isinstance(x, Tensor) or is_cupy(x) or any(isinstance(v, Tensor) for v in params.values())):
            return self(x, **params), self.derivative(x, **params)
        if isinstance(x, Tensor) or is_cupy(x):
            raise TypeError(f"{self.name}: out= is for NumPy arrays here")
        pair = type(out) is tuple and len(out) == 2 and all(isinstance(a, np.ndarray) for a in out)
        if pair and np.shares_memory(*out):
            raise ValueError(f"{self.name}: out= is a pair of arrays that share memory, and one result would be lost")
        (array,) = _arrays(self.name, (x,))
        value, derivative = self.kernels.value_and_derivative(array, out=out, **params)
        return (value, derivative) if np.ndim(value) else (value[()], derivative[()])

    def partials(self, *inputs: Any, **params: Any) -> tuple[Any, ...]:
        """The partial derivative by each input, as arrays (or recorded tensors), conventions included.

        >>> import hasderiv as hd
        >>> hd.ops["mul"].partials(2.0, 5.0)
        (np.float64(5.0), np.float64(2.0))
        """
        value = self._value_for(*inputs)
        found = [value.factor.by(name)[0] for name in self.inputs]
        return tuple([self._call(v, v.factor.value, inputs, params) for v in found])

    def vjp(self, g: Any, *inputs: Any, **params: Any) -> tuple[Any, ...]:
        """The cotangent of each input for the cotangent ``g`` of the result, in the shape of that input.

        >>> import hasderiv as hd
        >>> hd.ops["mul"].vjp(10.0, 2.0, 5.0)
        (np.float64(50.0), np.float64(20.0))
        """
        value, parts = self._value_for(*inputs), []
        for i in range(len(self.inputs)):
            times = value.factor.by(self.inputs[i])[1]
            out = self._call(times, times.factor.times, (g, *inputs), params)
            parts.append(unbroadcast(out, getattr(inputs[i], "shape", np.shape(inputs[i]))))
        return tuple(parts)

    def jvp(self, inputs: Any, tangents: Any, **params: Any) -> tuple[Any, Any]:
        """The value at ``inputs``, and its tangent for the ``tangents`` of the inputs (``None``: constant).

        >>> import hasderiv as hd
        >>> hd.ops["mul"].jvp((2.0, 5.0), (1.0, 0.0))
        (np.float64(10.0), np.float64(5.0))
        """
        if len(inputs) != len(self.inputs) or len(tangents) != len(self.inputs):
            raise TypeError(f"{self.name} takes {len(self.inputs)} inputs and as many tangents")
        value, total = self._value_for(*inputs), None
        for i, tangent in enumerate(tangents):
            if tangent is not None:
                times = value.factor.by(self.inputs[i])[1]
                part = self._call(times, times.factor.times, (tangent, *inputs), params)
                total = part if total is None else total + part
        return self(*inputs, **params), total

    # ---- how a call is made

    def _call(self, primitive: Any, plain: Any, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        extra = len(operands) - self._arity(primitive)
        if extra:
            operands, params = self._positional(operands, extra, params)
        unknown = params.keys() - self.kernels.params.keys() - {"out"}
        if unknown:
            raise TypeError(f"{self.name} has no parameter {', '.join(sorted(unknown))}; it has {self._list_params()}")
        if not any(isinstance(v, Tensor) for v in (*operands, *params.values())):
            out = params.pop("out", None)
            arrays = _arrays(self.name, operands)
            if out is not None:
                return self._long_way(primitive)(*arrays, out=out, **params)
            result = plain(*arrays, **params)
            return result if result.shape else result[()]
        if params.get("out") is not None:
            raise TypeError(f"{self.name}: out= is for arrays; a tensor's result is a new tensor")
        params.pop("out", None)
        tensors = _tensors(self.name, operands, params)
        named = tuple([k for k, v in params.items() if isinstance(v, Tensor)])
        values = {k: _constant(v) for k, v in params.items() if k not in named}
        extras = [params[k] for k in named]
        if named:
            check_operands(self.name, (*tensors, *extras))
        return apply(primitive, (*tensors, *extras), Settings(values, named) if params else DEFAULTS)

    def _long_way(self, primitive: Any) -> Any:
        """The kernel that takes ``out=``."""
        order = primitive.factor.order
        if not isinstance(primitive, Value):
            return self.kernels.vjp(*order)
        return primitive.factor.value if order else self.kernels.forward

    def _arity(self, primitive: Any) -> int:
        return len(self.inputs) + (0 if isinstance(primitive, Value) else 1)

    def _positional(self, operands: Any, extra: int, params: dict[str, Any]) -> Any:
        names = list(self.kernels.params)
        if extra < 0 or extra > len(names):
            raise TypeError(f"{self.name} takes {', '.join(self.inputs)}{' and ' if names else ''}{', '.join(names)}")
        named = dict(zip(names, operands[len(operands) - extra :], strict=False))
        for twice in named.keys() & params.keys():
            raise TypeError(f"{self.name}: parameter {twice!r} is given twice")
        return operands[: len(operands) - extra], {**named, **params}

    def _value_for(self, *operands: Any) -> Value:
        return self._cuda_value() if _on_cuda(operands) else self._value

    def _cuda_value(self) -> Value:
        if self._cuda is None:
            from hasderiv.cuda_kernels import load  # type: ignore[import-untyped,unused-ignore]

            if self.name not in kernel_names():
                raise DeviceError(f"{self.name} has no CUDA version, and nothing runs on the CPU instead; use .cpu()")
            self._cuda = Value(Factor(load(self.name)))
        return self._cuda  # type: ignore[no-any-return]

    def _list_params(self) -> str:
        return ", ".join(self.kernels.params) or "none"

    def _signature(self) -> inspect.Signature:
        kinds = inspect.Parameter
        names = [kinds(n, kinds.POSITIONAL_ONLY) for n in self.kernels.inputs]
        for n, default in self.kernels.params.items():
            shown = kinds.empty if default is None else default
            names.append(kinds(n, kinds.KEYWORD_ONLY, default=shown))
        return inspect.Signature(names)

    def _describe(self) -> str:
        first = f"{self.name}{self._signature()}: {self.meaning}"
        return f"{first}\n\nSee :class:`hasderiv.runtime.ops.Op` for what a call takes and returns."


class _Select(Op):
    """``ops["select"]``: the condition is boolean, or a float array that holds where it is not 0."""

    def __call__(self, c: Any, a: Any, b: Any) -> Any:
        mask = c if isinstance(c, Tensor) or is_cupy(c) else np.asarray(c)
        return selection.select(mask if mask.dtype == bool else mask != 0, a, b)


def _plain(params: dict[str, Any]) -> bool:
    """Whether all parameters are Python numbers."""
    return {float, int}.issuperset(map(type, params.values()))


def _on_cuda(operands: Any) -> bool:
    return any(is_cupy(v._data if isinstance(v, Tensor) else v) for v in operands)


def _arrays(name: str, operands: tuple[Any, ...]) -> list[Any]:
    """Arrays of one floating dtype from arrays, lists and Python scalars (which adapt to the arrays)."""
    given = [v if hasattr(v, "dtype") else None for v in operands]
    first = next((v for v in given if v is not None), None)
    if first is None:
        lists = [np.asarray(v) for v in operands]
        return [v.astype(np.float64) if v.dtype.kind in "iu" else v for v in lists]
    for v in given:
        if v is not None and v.dtype != first.dtype:
            raise DTypeError(f"{name}: {first.dtype} and {v.dtype} are not mixed in silence; convert one with .astype")
    xp = array_module(first)
    return [v if g is not None else xp.asarray(v, dtype=first.dtype) for v, g in zip(operands, given, strict=True)]


def _tensors(name: str, operands: tuple[Any, ...], params: dict[str, Any]) -> list[Tensor]:
    """Tensors of one dtype from tensors, arrays and Python scalars (which adapt to the tensors)."""
    values = [coerce(np.array(v) if isinstance(v, list | tuple) else v) for v in operands]
    like = next((v for v in (*values, *params.values()) if isinstance(v, Tensor)), None)
    assert like is not None
    found = []
    for v in values:
        if v is None:
            raise DTypeError(f"{name}: an operand is neither a tensor, an array nor a number")
        found.append(v if isinstance(v, Tensor) else tensor(v, device=device_of(like._data), dtype=like.dtype))
    check_operands(name, tuple(found))
    if not is_float(like.dtype):
        raise DTypeError(f"{name} of a {like.dtype.name} tensor; convert it with .astype('float32') or another float")
    return found


def _constant(v: Any) -> Any:
    """A parameter that the tape may keep: arrays are copied."""
    return v.copy() if isinstance(v, np.ndarray) or is_cupy(v) else v


class Ops(Mapping[str, Op]):
    """The catalogue, by name.  Looking an op up loads its kernels; ``hd.gelu`` is ``hd.ops["gelu"]``.

    >>> import hasderiv as hd
    >>> hd.ops["hypot"].inputs
    ('x', 'y')
    >>> "no_such_op" in hd.ops
    False
    """

    def __init__(self) -> None:
        self._loaded: dict[str, Op] = {}

    def __getitem__(self, name: str) -> Op:
        found = self._loaded.get(name)
        if found is None:
            if name not in self:
                raise KeyError(f"no op is called {name!r}; list(hd.ops) names them all")
            kind: type[Op] = _Select if name == "select" else Op
            found = self._loaded[name] = kind(load_kernels(name))
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._loaded or name in kernel_names()

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*kernel_names(), *self._loaded)))

    def __len__(self) -> int:
        return len({*kernel_names(), *self._loaded})

    def add(self, op: Op) -> None:
        """Add an op that a user defined; an op of that name from the catalogue is not replaced."""
        if op.name in kernel_names():
            raise ValueError(f"the catalogue has an op called {op.name!r} already")
        self._loaded[op.name] = op


def load_kernels(name: str) -> Any:
    """The generated kernels of an op."""
    from .kernels import load

    return load(name)


def kernel_names() -> Any:
    """The names of all ops that have generated kernels."""
    from .kernels import names

    return names()


ops = Ops()


def _find(name: str) -> Op:
    return ops[name]


def _locked(x: Any) -> Any:
    """What a user's function gets to see of an array that the tape keeps: a read-only view."""
    if type(x) is not np.ndarray:
        return x.copy() if is_cupy(x) else x
    view = x.view()
    view.flags.writeable = False
    return view


class Custom(Primitive):
    """A user's own forward and VJP.  Static: the parameters."""

    __slots__ = ("functions",)
    covered = False

    def __init__(self, name: str, forward: Any, vjp: Any, jvp: Any) -> None:
        super().__init__(name)
        self.functions = (forward, vjp, jvp)

    def forward(self, static: dict[str, Any], *arrays: Any) -> Any:
        out = self.functions[0](*map(_locked, arrays), **static)
        if not hasattr(out, "dtype") or not hasattr(out, "shape"):
            raise DTypeError(f"{self.name}: forward returned {type(out).__name__}, not an array")
        return out.copy()  # the user may keep a buffer

    def vjp(self, g: Any, saved: Any, static: dict[str, Any], parents: tuple[Any, ...]) -> Any:
        found = self.functions[1](*map(_locked, (g, *saved)), **static)
        found = tuple(found) if isinstance(found, tuple | list) else (found,)
        if len(found) != len(parents):
            raise GradientError(f"{self.name}: the vjp returned {len(found)} cotangents for {len(parents)} inputs")
        for i, (x, h) in enumerate(zip(saved, found, strict=True)):
            if h is not None and parents[i] is not None and (h.shape != x.shape or h.dtype != x.dtype):
                raise ShapeError(f"{self.name}: cotangent {i} is {h.shape} {h.dtype}, its input {x.shape} {x.dtype}")
        return tuple([h if h is None or isinstance(h, Tensor) else h.copy() for h in found])

    def masked_vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        found = self.vjp(g, saved, static, parents)
        return tuple([masked_zero(h, g) if h is not None and h.shape == g.shape else h for h in found])

    def jvp(self, primals: list[Any], tangents: list[Any], static: dict[str, Any], out: Tensor) -> Any:
        rule = self.functions[2]
        if rule is None:
            raise GradientError(f"{self.name}: no jvp was given to custom_op, so forward mode is not covered")
        return rule(tuple(primals), tuple(tangents), **static)


def custom_op(
    forward: Callable[..., Any], vjp: Callable[..., Any], name: str | None = None, jvp: Callable[..., Any] | None = None
) -> Callable[..., Any]:
    """Make a function on the tape from your own forward and VJP.  Nothing about it is proved: it is *not covered*.

    ``forward(*arrays, **params)`` returns an array; ``vjp(g, *arrays, **params)`` one cotangent for each
    input (``None`` for no gradient), of the input's shape and dtype.  When a derivative is recorded
    (``create_graph``, nested ``grad``), ``vjp`` is called with tensors, so write it with operators and
    NumPy functions.  ``jvp(inputs, tangents, **params)`` is called with tensors too; without it forward
    mode raises :class:`GradientError`.

    >>> import hasderiv as hd
    >>> double = custom_op(lambda x: x + x, lambda g, x: g + g, name="double")
    >>> t = hd.tensor([1.0, 2.0], requires_grad=True)
    >>> double(t).sum().backward()
    >>> t.grad
    tensor([2., 2.])
    """
    primitive = Custom(str(name or getattr(forward, "__name__", "custom")), forward, vjp, jvp)

    def call(*inputs: Any, **params: Any) -> Any:
        if not any(isinstance(x, Tensor) for x in inputs):
            return forward(*inputs, **params)
        if any(isinstance(v, Tensor) for v in params.values()):
            raise DTypeError(f"{primitive.name}: tensors are inputs of a custom op, not parameters")
        return apply(primitive, tuple(_tensors(primitive.name, inputs, {})), params)

    call.__name__ = call.__qualname__ = primitive.name
    call.__doc__ = f"{primitive.name}: a user's own forward and VJP; its derivative is not covered by a proof."
    call.status = "not_covered"  # type: ignore[attr-defined]
    return call
