"""The printed cores compile as CUDA, to IEEE instructions only: no contraction, no flushing, nothing approximate."""

from __future__ import annotations

import re

import pytest
from hasderiv.cuda_kernels import compile as cuda
from hasderiv.runtime.codegen.libm.catalogue import ALL, core
from hasderiv.runtime.codegen.libm.formats import FORMATS
from hasderiv.runtime.codegen.libm.oplist import Function
from hasderiv.runtime.codegen.libm.print_c import TYPES, print_library, symbol

pytestmark = pytest.mark.skipif(not cuda.available(), reason="needs NVRTC (pip install nvidia-cuda-nvrtc) or nvcc")


def ptx_of(function: Function) -> str:
    name, kind = symbol(function), TYPES[function.format.kind]
    pointers = "".join(f"const {kind} *{a}, " for a in function.arguments)
    call = f"{name}({', '.join(f'*{a}' for a in function.arguments)})"
    kernel = f'extern "C" __global__ void run({pointers}{kind} *out) {{ *out = {call}; }}\n'
    source = f"{print_library([function])}\n{kernel}"
    return cuda.compile_source(source, "compute_80", f"{function.name}.cu").decode(errors="replace")


@pytest.mark.parametrize(("name", "dtype"), [(name, dtype) for name in ALL for dtype in FORMATS])
def test_instructions_are_those_of_the_op_list(name: str, dtype: str) -> None:
    function = core(name, dtype)
    ptx = ptx_of(function)
    kind, other = ("f32", "f64") if dtype == "float32" else ("f64", "f32")
    assert not re.search(rf"\bfma\.|\bmad\.\w*\.?f|\.ftz|\.approx|\.{other}|\bcall\b", ptx)
    for op in ("mul", "div", "sqrt"):  # counts differ a little: constants are folded, selects moved past operations
        written = any(o.name == op and o.type == kind for o in function.ops)
        assert bool(re.search(rf"\b{op}\.rn\.{kind}\b", ptx)) == written, op
