"""Elementwise ops on the tape, from the generated kernels: any op, its derivatives, and products with them.

A :class:`Factor` is an op or one of its partial derivatives, of order 0 to 3, as a function of the
inputs.  Two primitives are made of it: :class:`Value` computes it, and :class:`Times` multiplies it by
a cotangent, with the kernel that does this without overflow.  ``Times`` is linear in the cotangent, so
forward and reverse mode run the same kernel; differentiated again it becomes ``Times`` of the next order.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from .devices import array_module
from .errors import GradientError
from .primitive import Primitive, apply, masked_zero
from .tensor import Tensor
from .tensor_ops.sums import unbroadcast


class Settings(NamedTuple):
    """The parameters of a call.  ``tensors`` names those that came as tensors and stand after the inputs."""

    values: dict[str, Any]
    tensors: tuple[str, ...] = ()
    masked: bool = False

    def split(self, operands: Any, inputs: int) -> tuple[Any, dict[str, Any]]:
        """Separate the inputs from the parameters among the operands."""
        if not self.tensors:
            return operands, self.values
        return operands[:inputs], {**self.values, **dict(zip(self.tensors, operands[inputs:], strict=True))}


DEFAULTS = Settings({})


class Remembered(tuple[Any, ...]):
    """Saved operands, with the derivative that was computed along with the value."""

    derivative: Any


def remember(x: Any, derivative: Any) -> Remembered:
    """What the backward rule of a unary op needs where its derivative is known."""
    saved = Remembered((x,))
    saved.derivative = derivative
    return saved


@cache
def _product() -> Any:
    """``f(g, d, d)`` is ``g * d``, and 0 where ``g`` is 0: the VJP of ``x * y`` by ``x``."""
    from .kernels import load

    return load("mul").vjp("x")


class Factor:
    """A partial derivative of an op as a function of its inputs; ``order`` lists the inputs and parameters taken.

    ``value(*arrays, **params)`` computes it, ``times(g, *arrays, **params)`` its product with ``g``.
    """

    __slots__ = ("_next", "kernels", "label", "order", "times", "value")

    def __init__(self, kernels: Any, order: tuple[str, ...] = ()) -> None:
        self.kernels = kernels
        self.order = order
        several = len(kernels.inputs) > 1
        self.label = kernels.name + "".join(f"'{n}" if several or n in kernels.params else "'" for n in order)
        self._next: dict[str, tuple[Value, Times]] = {}
        self.times: Any = None
        try:
            if not order:
                self.value = kernels.forward
            elif len(order) == 1:
                self.value = kernels.partial(*order)
                self.times = kernels.vjp(*order)
            elif len(order) == 2:
                self.value = kernels.second(*order)
            elif len(order) == 3 and order == kernels.inputs * 3:
                self.value = kernels.third
            else:
                raise KeyError(order)
        except (KeyError, NotImplementedError):
            raise GradientError(
                f"the derivative of order {len(order)} of {kernels.name!r} by {', '.join(order)} was not generated"
            ) from None
        if self.times is None:
            self.times = _multiply_by(self.value)

    def by(self, symbol: str) -> tuple[Value, Times]:
        """The primitives for the partial derivative of this factor by an input or a parameter."""
        found = self._next.get(symbol)
        if found is None:
            symbols = (*self.kernels.inputs, *self.kernels.params)
            factor = Factor(self.kernels, tuple(sorted((*self.order, symbol), key=symbols.index)))
            found = self._next[symbol] = (Value(factor), Times(factor))
        return found


def _multiply_by(value: Any) -> Any:
    """``g * value(...)`` where 0 times infinity is 0, as in the generated VJPs of first order."""

    def times(g: Any, *arrays: Any, **params: Any) -> Any:
        factor = value(*arrays, **params)
        with np.errstate(all="ignore"):
            product = g * factor
            infinite = (factor == factor) & (factor - factor != 0) & (g == 0)
        if infinite.any():
            xp = array_module(product)
            product = xp.where(infinite, product.dtype.type(0), product)
        return product

    return times


def _run(primitive: Primitive, arrays: tuple[Any, ...], static: Settings) -> Any:
    """As ``apply``, on arrays."""
    return primitive.forward(static, *arrays)


class _OfFactor(Primitive):
    """A primitive made of a factor; ``inputs`` names the inputs of the op."""

    __slots__ = ("factor", "inputs")

    def __init__(self, factor: Factor) -> None:
        super().__init__(factor.label)
        self.factor = factor
        self.inputs: tuple[str, ...] = tuple(factor.kernels.inputs)

    def symbol(self, i: int, static: Settings) -> str:
        """The name of operand ``i``: an input, or a parameter that came as a tensor."""
        n = len(self.inputs)
        return self.inputs[i] if i < n else static.tensors[i - n]


class Value(_OfFactor):
    """The factor itself.  Operands: the inputs, then the parameters that are tensors."""

    __slots__ = ("first",)

    def __init__(self, factor: Factor) -> None:
        super().__init__(factor)
        self.first: Any = None  # times(g, x, **params) of the first input, once it was needed

    def _fill(self) -> Any:
        self.first = self.factor.by(self.inputs[0])[1].factor.times
        return self.first

    def forward(self, static: Settings, *operands: Any) -> Any:
        if static is DEFAULTS:
            return self.factor.value(*operands)
        arrays, params = static.split(operands, len(self.inputs))
        return self.factor.value(*arrays, **params)

    def vjp(self, g: Any, saved: Any, static: Settings, parents: tuple[Any, ...]) -> Any:
        # the hot path: one input, plain arrays
        if len(parents) == 1 and not static.masked and not isinstance(g, Tensor):
            x = saved[0]
            if type(saved) is Remembered:
                return (_product()(g, saved.derivative, saved.derivative),)
            first = self.first or self._fill()
            result = first(g, x) if static is DEFAULTS else first(g, x, **static.values)
            return (result if result.shape == x.shape else unbroadcast(result, x.shape),)
        results: list[Any] = []
        for i, parent in enumerate(parents):
            if parent is None:
                results.append(None)
                continue
            times = self.factor.by(self.symbol(i, static))[1]
            run = apply if isinstance(g, Tensor) else _run
            product = run(times, (g, *saved), static)
            if static.masked:
                product = masked_zero(product, g)
            results.append(unbroadcast(product, saved[i].shape))
        return results

    def masked_vjp(self, g: Any, saved: Any, static: Settings, parents: tuple[Any, ...]) -> Any:
        return self.vjp(g, saved, static._replace(masked=True), parents)

    def jvp(self, primals: list[Any], tangents: list[Any], static: Settings, out: Tensor) -> Any:
        total: Any = None
        for i, tangent in enumerate(tangents):
            if tangent is None:
                continue
            times = self.factor.by(self.symbol(i, static))[1]
            part = apply(times, (tangent, *primals), static)
            total = part if total is None else total + part
        return total if total is None else shapes.broadcast_to(total, out.shape)


class Times(_OfFactor):
    """A cotangent times the factor.  Operands: the cotangent, the inputs, the parameters that are tensors.

    With ``static.masked`` it was made below a ``select``: where the cotangent is an exact zero, so is all
    that follows from it.
    """

    __slots__ = ()

    def forward(self, static: Settings, g: Any, *operands: Any) -> Any:
        arrays, params = static.split(operands, len(self.inputs))
        return self.factor.times(g, *arrays, **params)

    def vjp(self, h: Any, saved: Any, static: Settings, parents: tuple[Any, ...]) -> Any:
        g, *operands = saved
        results: list[Any] = []
        for i, parent in enumerate(parents):
            if parent is None:
                results.append(None)
                continue
            results.append(unbroadcast(self._along(i, h, g, operands, static), saved[i].shape))
        return results

    def _along(self, i: int, h: Any, g: Any, operands: list[Any], static: Settings) -> Any:
        """``h`` times the derivative by operand ``i``, where operand 0 is the cotangent."""
        if i == 0:
            times, seed = self, h
        else:
            times = self.factor.by(self.symbol(i - 1, static))[1]
            seed = h * g
        run = apply if isinstance(seed, Tensor) else _run
        product = run(times, (seed, *operands), static)
        return masked_zero(product, seed) if static.masked else product

    def masked_vjp(self, h: Any, saved: Any, static: Settings, parents: tuple[Any, ...]) -> Any:
        return self.vjp(h, saved, static._replace(masked=True), parents)

    def jvp(self, primals: list[Any], tangents: list[Any], static: Settings, out: Tensor) -> Any:
        g, *operands = primals
        total: Any = None
        for i, tangent in enumerate(tangents):
            if tangent is not None:
                part = self._along(i, tangent, g, operands, static)
                total = part if total is None else total + part
        return total if total is None else shapes.broadcast_to(total, out.shape)


from .tensor_ops import shapes  # noqa: E402
