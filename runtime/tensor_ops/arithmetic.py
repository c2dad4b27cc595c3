"""Operators: ``+ - * /``, negation, powers and comparisons.

``t + u`` is the same operation as ``hd.ops["add"]``; it is written out here, with NumPy's ufuncs
called directly, because it is the hot path.  ``/`` has the cotangents ``g / b`` and ``-g (a/b) / b``:
the textbook ``-g a / (b b)`` overflows where the derivative is an ordinary number.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..devices import is_float
from ..errors import DTypeError
from ..primitive import Predicate, Primitive, apply, check_operands, coerce, evaluate, explain, masked_zero
from ..tape import Node, recording
from ..tensor import Tensor
from .sums import unbroadcast


class Binary(Primitive):
    """A binary operator that broadcasts; ``compute`` takes the two arrays."""

    __slots__ = ("compute",)

    def __init__(self, name: str, compute: Any) -> None:
        super().__init__(name)
        self.compute = compute

    def forward(self, static: Any, x: Any, y: Any) -> Any:
        return self.compute(x, y)


class Linear(Binary):
    """``a + b`` and ``a - b``: the cotangents are ``g`` and ``g`` or ``-g``; only the shapes are saved."""

    __slots__ = ()

    def save(self, x: Any, y: Any) -> Any:
        return getattr(x, "shape", None), getattr(y, "shape", None)

    def rebuild(self, saved: Any, parents: tuple[Any, ...]) -> Any:
        return saved

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        shape = g.shape
        left, right = saved
        gy = None
        if parents[1] is not None:
            gy = g if self is ADD else -g
            if right != shape:
                gy = unbroadcast(gy, right)
        if parents[0] is not None and left != shape:
            g = unbroadcast(g, left)
        return g, gy

    def jvp(self, primals: list[Any], tangents: list[Any], static: Any, out: Tensor) -> Any:
        dx, dy = tangents
        if dy is None:
            return shapes.broadcast_to(dx, out.shape)
        if dx is None:
            return shapes.broadcast_to(dy if self is ADD else -dy, out.shape)
        return dx + dy if self is ADD else dx - dy


class Product(Binary):
    """``a b``: the cotangents are ``g b`` and ``g a``."""

    __slots__ = ()

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...], mask: bool = False) -> Any:
        x, y = saved
        gx = gy = None
        if parents[0] is not None:
            gx = g * y
            if mask:
                gx = masked_zero(gx, g)
            if gx.shape != x.shape:
                gx = unbroadcast(gx, x.shape)
        if parents[1] is not None:
            gy = g * x
            if mask:
                gy = masked_zero(gy, g)
            if gy.shape != y.shape:
                gy = unbroadcast(gy, y.shape)
        return gx, gy

    def masked_vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        return self.vjp(g, saved, static, parents, True)

    def jvp(self, primals: list[Any], tangents: list[Any], static: Any, out: Tensor) -> Any:
        (x, y), (dx, dy) = primals, tangents
        if dy is None:
            return dx * y
        return x * dy if dx is None else dx * y + x * dy


class Quotient(Binary):
    """``a / b``: the cotangents are ``g / b`` and ``-g (a/b) / b``."""

    __slots__ = ()

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...], mask: bool = False) -> Any:
        x, y = saved
        gx = gy = None
        if parents[0] is not None:
            gx = g / y
            if mask:
                gx = masked_zero(gx, g)
            gx = unbroadcast(gx, x.shape)
        if parents[1] is not None:
            gy = -g * (x / y) / y
            if mask:
                gy = masked_zero(gy, g)
            gy = unbroadcast(gy, y.shape)
        return gx, gy

    def masked_vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        return self.vjp(g, saved, static, parents, True)

    def jvp(self, primals: list[Any], tangents: list[Any], static: Any, out: Tensor) -> Any:
        (_, y), (dx, dy) = primals, tangents
        if dy is None:
            return shapes.broadcast_to(dx / y, out.shape)
        turned = -(out * dy / y)
        return turned if dx is None else dx / y + turned


class Negation(Primitive):
    """``-a``."""

    __slots__ = ()

    def forward(self, static: Any, x: Any) -> Any:
        return -x

    def save(self, x: Any) -> Any:
        return ()

    def vjp(self, g: Any, saved: Any, static: Any, parents: tuple[Any, ...]) -> Any:
        return (-g,)

    def jvp(self, primals: list[Any], tangents: list[Any], static: Any, out: Tensor) -> Any:
        return -tangents[0]


ADD = Linear("add", operator.add)
SUB = Linear("sub", operator.sub)
MUL = Product("mul", operator.mul)
DIV = Quotient("div", operator.truediv)
NEG = Negation("neg")
_COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
_TESTS = ("isnan", "isfinite", "isinf", "signbit", "logical_and", "logical_or", "logical_not", "logical_xor")
PREDICATES = {name: Predicate(name, getattr(np, name)) for name in (*_COMPARISONS, *_TESTS)}


def binary(primitive: Binary, a: Any, b: Any) -> Any:
    """Apply a binary operator to a tensor and a tensor, array or Python scalar, in either order."""
    if type(a) is Tensor and type(b) is Tensor:
        x, y = a._data, b._data
        if x.dtype is y.dtype:
            try:
                data = primitive.compute(x, y)
            except (ValueError, TypeError) as error:
                raise explain(primitive.name, error, (a, b)) from error
            n, m = a._node, b._node
            if (n is None and m is None) or not recording.get():
                return Tensor(data)
            return Tensor(data, Node(primitive, (n, m), primitive.save(x, y), None))
    elif type(a) is Tensor and (type(b) is float or type(b) is int) and a._data.dtype.kind == "f":
        x, n = a._data, a._node
        data = primitive.compute(x, b)
        if n is None or not recording.get():
            return Tensor(data)
        return Tensor(data, Node(primitive, (n, None), primitive.save(x, b), None))
    a, b = coerce(a), coerce(b)
    if a is None or b is None:
        return NotImplemented
    check_operands(primitive.name, (a, b) if isinstance(a, Tensor) else (b, a))
    if not isinstance(a, Tensor):
        a = _weak(a, b)
    elif not isinstance(b, Tensor):
        b = _weak(b, a)
    return apply(primitive, (a, b))


def _weak(scalar: Any, like: Tensor) -> Any:
    """A Python scalar as it is, since NumPy lets it adapt; but ml_dtypes would widen bfloat16."""
    dtype = like._data.dtype
    return Tensor(dtype.type(scalar)) if dtype.kind == "V" else scalar


def negative(a: Tensor) -> Tensor:
    """``-a``; raises :class:`DTypeError` for bools."""
    if a._data.dtype == bool:
        raise DTypeError("the negative of a bool tensor; use ~t.numpy() for logical not")
    return apply(NEG, (a,))


def named(name: str, *operands: Any) -> Any:
    """An operator that is an op of the catalogue, such as ``abs(t)`` and ``t % u``."""
    from ..ops import ops

    if any(coerce(x) is None for x in operands):
        return NotImplemented
    return ops[name](*operands)


_POWERS = {2: "square", 3: "cube", -1: "reciprocal", 0.5: "sqrt", -0.5: "rsqrt"}


def power(a: Any, b: Any) -> Any:
    """``a ** b``; the exponents 1, 2, 3, -1, 1/2 and -1/2 given as Python numbers use the exact ops for them."""
    if isinstance(a, Tensor) and type(b) in (int, float):
        if not is_float(a.dtype):
            return tensor(a._data**b)
        if b == 1:
            return a
        if b in _POWERS:
            return named(_POWERS[b], a)
    return named("pow", a, b)


def compare(name: str, a: Any, b: Any) -> Any:
    """Compare values; a plain boolean array, never recorded.  Raises :class:`DeviceError` across devices."""
    if b is None or isinstance(b, str | list | tuple | dict):
        return NotImplemented
    try:
        return evaluate(PREDICATES[name], a, b)
    except (ValueError, TypeError) as error:
        raise explain(name, error, tuple(v for v in (a, coerce(b)) if isinstance(v, Tensor))) from error


__all__ = ["ADD", "DIV", "MUL", "NEG", "PREDICATES", "SUB", "binary", "compare", "named", "negative", "power"]

from ..tensor import tensor  # noqa: E402
from . import shapes  # noqa: E402
