"""Elementwise operations, and the choice by a mask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ....proofs.graph.places import dims_of
from ....proofs.kernel.terms import Term
from ...elementwise import Value
from ...kernels import arguments
from ...tensor_ops.arithmetic import ADD, DIV, MUL, NEG, PREDICATES, SUB
from ..ssa import Instruction
from .lowering import Lowering, typed


def binary(low: Lowering, node: Instruction) -> None:
    """``+ - * /``; with a Python number it is an affine map, or one of the reciprocal."""
    a, b = node.operands
    left, right = (low.scalar(v, low.dtype(node)) for v in (a, b))
    if right is not None:
        low.affine(node, low.operand(a), *_RIGHT[node.primitive](low, node, right))
    elif left is not None and node.primitive is DIV:
        inverse = low.step(node, "reciprocal", [low.operand(b)], {}, last=False)
        low.affine(node, inverse, left, 0)
    elif left is not None:
        low.affine(node, low.operand(b), *_LEFT[node.primitive](left))
    else:
        shape = low.shape(node.result)
        low.step(node, node.primitive.name, [low.spread(node, low.operand(v), shape) for v in (a, b)], {})


def _over(low: Lowering, node: Instruction, c: Any) -> tuple[Any, Any]:
    q = low.rational(node, c)
    if q == 0:
        raise low.unsupported(node, "a division by zero")
    return 1 / q, 0


_RIGHT: Final[dict[Any, Callable[[Lowering, Instruction, Any], tuple[Any, Any]]]] = {
    ADD: lambda low, node, c: (1, c),
    SUB: lambda low, node, c: (1, -low.rational(node, c)),
    MUL: lambda low, node, c: (c, 0),
    DIV: _over,
}
_LEFT: Final[dict[Any, Callable[[Any], tuple[Any, Any]]]] = {
    ADD: lambda c: (1, c),
    SUB: lambda c: (-1, c),
    MUL: lambda c: (c, 0),
}


def negation(low: Lowering, node: Instruction) -> None:
    """``-a``."""
    low.affine(node, low.operand(node.operands[0]), -1, 0)


def value(low: Lowering, node: Instruction) -> None:
    """An op of the catalogue; its parameters are numbers."""
    primitive, settings = node.primitive, node.static
    assert isinstance(primitive, Value)
    kernels = primitive.factor.kernels
    if primitive.factor.order:
        raise low.unsupported(node, "a derivative inside the function")
    if settings.tensors:
        raise low.unsupported(node, f"the parameter {settings.tensors[0]} is a tensor, not a number")
    given = arguments(kernels.name, kernels.params, settings.values)
    kind = np.dtype("float64" if low.dtype(node) == np.float64 else "float32")  # in which the kernels compute
    rounded = [typed(x, kind) for x in given]
    params: dict[str, Term] = {name: low.number(node, x) for name, x in zip(kernels.params, rounded, strict=True)}
    shape = low.shape(node.result)
    operands = []
    for v in node.operands:
        c = low.scalar(v, low.dtype(node))
        operands.append(
            low.spread(node, low.operand(v), shape)
            if c is None
            else low.filled(node, low.mover_of(node), c, dims_of(shape))
        )
    low.step(node, kernels.proof or kernels.name, operands, params)


def select(low: Lowering, node: Instruction) -> None:
    """The branches by a mask that is given, or by a number that is positive where the condition holds."""
    mask, *branches = node.operands
    shape = low.shape(node.result)
    moving = [v for v in branches if low.moves(v)]
    operands = []
    for v in branches:
        c = low.scalar(v, low.dtype(node))
        if c is None:
            operands.append(low.spread(node, low.operand(v), shape))
        else:
            like = low.operand((moving or [low.mover(mask)])[0])
            operands.append(low.filled(node, like, c, dims_of(shape)))
    if mask in low.steps:
        test = low.spread(node, _positive(low, node, mask), shape)
        sign = low.step(node, "sign", [test], {}, last=False)
        low.step(node, ("mixed", len(dims_of(shape))), [sign, *operands], {})
    else:
        low.step(node, ("chosen", len(dims_of(shape))), operands, {"mask": low.given(mask, shape)})


def _positive(low: Lowering, node: Instruction, mask: int) -> str:
    """A tensor that is positive where the mask is true, and negative where it is false, but at ties."""
    if mask not in low.steps:
        if low.depends(mask):
            raise low.unsupported(node, f"it depends on the truth of the numbers %{mask}")
        return low.signed(mask)
    made = low.producers[mask]
    name = made.primitive.name
    if name not in _TESTS or made.primitive is not PREDICATES.get(name):
        raise low.unsupported(node, f"it depends on %{mask} = {name}, which has no derivative")
    shape = low.shape(mask)
    if name.startswith("logical"):
        parts = [low.spread(node, _positive(low, node, v), shape) for v in made.operands]
    else:
        parts = [low.spread(node, _compared(low, node, v, made), shape) for v in made.operands]
    return _TESTS[name](low, node, parts)


def _compared(low: Lowering, node: Instruction, v: int, made: Instruction) -> str:
    if v in low.steps:
        raise low.unsupported(node, f"%{made.result} = {made.primitive.name} compares %{v}, which is a mask")
    kinds = [low.graph.types[w].dtype for w in made.operands if low.scalar(w) is None]
    c = low.scalar(v, kinds[0])  # which the other operand has
    if c is None:
        return low.operand(low.origin(v))
    return low.filled(node, low.operand(low.mover(made.result)), c, dims_of(low.shape(made.result)))


def _apart(low: Lowering, node: Instruction, parts: list[str]) -> str:
    difference = low.step(node, "sub", parts, {}, last=False)
    return low.step(node, "square", [difference], {}, last=False)


def _negated(low: Lowering, node: Instruction, x: str) -> str:
    return low.affine(node, x, -1, 0, last=False)


_TESTS: Final[dict[str, Callable[[Lowering, Instruction, list[str]], str]]] = {
    "greater": lambda low, node, parts: low.step(node, "sub", parts, {}, last=False),
    "greater_equal": lambda low, node, parts: low.step(node, "sub", parts, {}, last=False),
    "less": lambda low, node, parts: low.step(node, "sub", parts[::-1], {}, last=False),
    "less_equal": lambda low, node, parts: low.step(node, "sub", parts[::-1], {}, last=False),
    "not_equal": _apart,
    "equal": lambda low, node, parts: _negated(low, node, _apart(low, node, parts)),
    "signbit": lambda low, node, parts: _negated(low, node, parts[0]),
    "logical_not": lambda low, node, parts: _negated(low, node, parts[0]),
    "logical_and": lambda low, node, parts: low.step(node, "min", parts, {}, last=False),
    "logical_or": lambda low, node, parts: low.step(node, "max", parts, {}, last=False),
    "logical_xor": lambda low, node, parts: _negated(low, node, low.step(node, "mul", parts, {}, last=False)),
    "isnan": lambda low, node, parts: low.affine(node, parts[0], 0, -1, last=False),
    "isinf": lambda low, node, parts: low.affine(node, parts[0], 0, -1, last=False),
    "isfinite": lambda low, node, parts: low.affine(node, parts[0], 0, 1, last=False),
}
"""Comparisons and logic by the sign of a number.  What a certificate speaks of is real, so nothing is NaN."""

RULES: Final = {ADD: binary, SUB: binary, MUL: binary, DIV: binary, NEG: negation}
