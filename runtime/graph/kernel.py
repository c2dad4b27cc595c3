"""A cluster of elementwise instructions as one ufunc: its operands are read once, and only its results are written."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np

from ..compiled import library, machine, pool, ufuncs
from ..kernels import OpKernels
from .fuse import Unit
from .lanes import Kind, Writer, numbers, scalar
from .ssa import Graph, Instruction

_ROUTINE: Final = """define internal {struct} @hd_fused({operands}) alwaysinline {{
{body}
  ret {struct} {made}
}}
"""


class Code(NamedTuple):
    """What a kernel computes, independent of where: its routine, the ops whose routines that calls, the dtypes."""

    routine: str
    ops: tuple[OpKernels, ...]
    operands: int
    results: int
    dtype: str
    masks: frozenset[int]


class Kernel(NamedTuple):
    """``ufunc(*operands, out=results)`` by its code.  An operand is a value of the graph, or a number of the dtype."""

    code: Code
    operands: list[Any]
    results: list[int]


def kernel(graph: Graph, unit: Unit, kind: Kind) -> Kernel:
    """The kernel of a unit."""
    results, operands = unit.results, dict[Any, int]()
    inner = {instruction.result for instruction in unit.members}
    given = [(instruction, _keys(graph, instruction, kind)) for instruction in unit.members]
    for _, keys in given:
        for key in keys:
            if key not in inner:
                operands.setdefault(key, len(operands))
    every = [*operands, *results]
    masks = frozenset(i for i, v in enumerate(every) if type(v) is int and graph.types[v].dtype == bool)
    writer = Writer(kind.dtype)
    types = ["i1" if i in masks else writer.type for i in range(len(every))]
    names = {key: f"%a{i}" for key, i in operands.items()}
    for instruction, keys in given:
        names[instruction.result] = writer.write(instruction, [names[key] for key in keys])
    struct, lines, made = f"{{{', '.join(types[len(operands) :])}}}", writer.lines, "undef"
    for j, result in enumerate(results):
        lines.append(f"  %s{j} = insertvalue {struct} {made}, {types[len(operands) + j]} {names[result]}, {j}")
        made = f"%s{j}"
    parameters = ", ".join(f"{types[i]} %a{i}" for i in range(len(operands)))
    routine = _ROUTINE.format(struct=struct, operands=parameters, body="\n".join(lines), made=made)
    code = Code(routine, tuple(writer.ops), len(operands), len(results), kind.dtype, masks)
    number = np.dtype(kind.dtype)
    return Kernel(code, [key if type(key) is int else np.frombuffer(key, number)[0] for key in operands], results)


def _keys(graph: Graph, instruction: Instruction, kind: Kind) -> list[Any]:
    """The operands of an instruction: values by number, and numbers by their bytes."""
    keys: list[Any] = []
    for v in instruction.operands:
        keys.append(v if graph.types[v] is not None else scalar(graph.constants[v], kind.dtype).tobytes())
    return keys + [scalar(x, kind.dtype).tobytes() for x in numbers(instruction.primitive, instruction.static)]


@lru_cache(maxsize=1024)
def compiled(code: Code) -> np.ufunc:
    """The ufunc of a kernel."""
    text = "\n".join([*(op.llvm() for op in code.ops), code.routine])
    whole = library.module(("hd_fused",), text, code.operands, code.dtype, code.masks, code.results)
    (address,) = machine.addresses(whole, ("loop",))
    kinds = {np.dtype(code.dtype).type: address}
    return ufuncs.ufunc("fused", kinds, code.operands, code.results, pool.data(), code.masks)
