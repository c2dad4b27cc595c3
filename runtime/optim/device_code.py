"""Update rules as CUDA kernels: one launch updates all parameters of a device.

The source is printed from the op list of the rule and compiled as every kernel of the project is, without contraction
and without flushing of subnormals, so the bits are those of the CPU.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from .program import Op, Program, Row

_SIGNS: Final = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
_THREADS: Final = 256
_BLOCKS_PER_MULTIPROCESSOR: Final = 32
_MOST_ROWS: Final = 65535
"""The most blocks along the second axis of a grid."""
_TEXT: Final = """
extern "C" __global__ void hd_step(const long long *table, long long rows) {{
  for (long long r = blockIdx.y; r < rows; r += gridDim.y) {{
    const long long *row = table + r * {width};
    {kind} *out = ({kind} *)row[0];
{loads}
    const long long first = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    for (long long i = first; i < n; i += (long long)gridDim.x * blockDim.x) {{
{body}
    }}
  }}
}}
"""


def text(program: Program, dtype: str) -> str:
    """The kernel ``hd_step(table, rows)``.  A row of the table holds, in 8 bytes each, the address of the parameter's
    new value, the addresses of its arrays, the number of elements, and its numbers as doubles.
    """
    kind = {"float32": "float", "float64": "double"}[dtype]
    arrays, numbers = len(program.arrays), len(program.numbers)
    loads = [f"    {kind} *a{k} = ({kind} *)row[{k + 1}];" for k in range(arrays)]
    loads.append(f"    const long long n = row[{arrays + 1}];")
    loads += [
        f"    const {kind} v{arrays + k} = ({kind})__longlong_as_double(row[{arrays + 2 + k}]);" for k in range(numbers)
    ]
    body = [f"      const {kind} v{k} = a{k}[i];" for k in range(arrays)]
    body += [f"      const {kind} v{op.result} = {_expression(op, kind)};" for op in program.ops]
    for name, place in program.outputs.items():
        where = "out" if name == "p" else f"a{program.arrays.index(name)}"
        body.append(f"      {where}[i] = v{place};")
    return _TEXT.format(width=arrays + 2 + numbers, kind=kind, loads="\n".join(loads), body="\n".join(body))


def _expression(op: Op, kind: str) -> str:
    operands = [f"v{k}" for k in op.operands]
    if op.name == "sqrt":
        return f"{'sqrtf' if kind == 'float' else 'sqrt'}({operands[0]})"
    if op.name == "quotient":
        return f"{operands[1]} == 0 ? 0 : {operands[0]} / {operands[1]}"
    return f" {_SIGNS[op.name]} ".join(operands)


@cache
def _function(program_text: str, device: int, architecture: str) -> Any:
    """The kernel, compiled for a device and loaded there."""
    import cupy  # type: ignore[import-not-found,unused-ignore]

    from ...cuda_kernels.compile import compile_source

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "step.cubin")
        path.write_bytes(compile_source(program_text, architecture, "step.cu"))
        return cupy.RawModule(path=str(path)).get_function("hd_step")  # loads the file before the folder goes


def compiled(program: Program, dtype: Any) -> Callable[[list[Row]], None]:
    """As :meth:`.program.Blocks.run`, for arrays on one CUDA device."""
    source = text(program, dtype.name)

    def run(rows: list[Row]) -> None:
        import cupy

        table = np.empty((len(rows), len(program.arrays) + 2 + len(program.numbers)), np.int64)
        words = len(program.arrays) + 2
        table[:, :words] = [(row.out.data.ptr, *(a.data.ptr for a in row.arrays), row.out.size) for row in rows]
        table[:, words:].view(np.float64)[...] = [row.numbers for row in rows]
        device = rows[0].out.device
        with device:
            function = _function(source, device.id, f"sm_{device.compute_capability}")
            most = device.attributes["MultiProcessorCount"] * _BLOCKS_PER_MULTIPROCESSOR
            wide = -(-max(row.out.size for row in rows) // _THREADS)
            grid = (min(most, max(1, wide)), min(len(rows), _MOST_ROWS))
            function(grid, (_THREADS,), (cupy.asarray(table), np.int64(len(rows))))

    return run
