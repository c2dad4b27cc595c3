"""Derivatives that are computed along with the value, as the tape does: backward is a product then.

Where an op has a derivative that is long to compute and shares much with the value, the instruction ``g times the
derivative at x`` becomes two: the derivative, next to the value and so in its kernel, and the product.  The bits are
the same, since this is done only for ops whose VJP is that product.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from ..elementwise import DEFAULTS, Factor, Times, Value
from ..kernels import load
from ..ops import REMEMBERED
from .ssa import Graph, Instruction, freeze


@cache
def _product() -> Times:
    """``f(g, d, d)`` is ``g * d``, and 0 where ``g`` is 0."""
    return Value(Factor(load("mul"))).factor.by("x")[1]


def remembered(graph: Graph) -> tuple[Graph, dict[int, int]]:
    """The graph with the derivatives of long ops computed next to their values, and which value has which."""
    values = {_place(i): i.result for i in graph.instructions if isinstance(i.primitive, Value)}
    values.pop(None, None)
    types, products, beside = list(graph.types), dict[int, Instruction](), dict[int, list[Instruction]]()
    made: dict[int, int] = {}
    for instruction in graph.instructions:
        result, primitive, operands, static = instruction
        if not isinstance(primitive, Times) or len(operands) != 2 or static.tensors:
            continue
        kernels, kind = primitive.factor.kernels, graph.types[result]
        near = values.get((kernels, operands[1:], freeze(static.values)))
        if near is None or len(primitive.factor.order) != 1 or kind.size < REMEMBERED:
            continue
        if kind.shape != graph.types[operands[1]].shape or not kernels.remembers(kind.dtype):
            continue
        derivative = made.get(near)
        if derivative is None:
            derivative = made[near] = len(types)
            types.append(kind)
            static = static._replace(masked=False)
            beside[near] = [Instruction(derivative, Value(primitive.factor), operands[1:], static)]
        products[result] = Instruction(result, _product(), (operands[0], derivative, derivative), DEFAULTS)
    instructions = []
    for instruction in graph.instructions:
        instructions.append(products.get(instruction.result, instruction))
        instructions += beside.get(instruction.result, [])
    return replace(graph, types=types, instructions=instructions), made


def _place(instruction: Instruction) -> object:
    """What says that two instructions are an op and its derivative at one place."""
    _, primitive, operands, static = instruction
    assert isinstance(primitive, Value)
    return None if primitive.factor.order else (primitive.factor.kernels, operands, freeze(static.values))
