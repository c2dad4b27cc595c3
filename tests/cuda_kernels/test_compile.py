"""Every generated .cu file compiles without a GPU, without contraction and without flushing of subnormals."""

from __future__ import annotations

import re

import pytest
from hasderiv.cuda_kernels import compile as cuda
from hasderiv.cuda_kernels.launch import GENERATED, source_of
from hasderiv.runtime import kernels

pytestmark = pytest.mark.skipif(not cuda.available(), reason="needs NVRTC (pip install nvidia-cuda-nvrtc) or nvcc")
# ops that call no function of CUDA's own: every instruction in them is ours
BASIC = ("relu", "clamp", "div", "huber", "sqrt", "max", "hardswish")


@pytest.mark.parametrize("name", kernels.names())
def test_compiles(name: str) -> None:
    ptx = cuda.compile_source(source_of(name), "compute_80", f"{name}.cu")
    entries = set(re.findall(r"\.entry (\w+)", ptx.decode(errors="replace")))
    for key, entry in kernels.load(name)._routines.items():
        for kind in ("f32", "f64", "f16", "strided_f32", "strided_f64", "strided_f16"):
            assert f"hd_{name}_{entry[0].__name__}_{kind}" in entries, key


@pytest.mark.parametrize("name", BASIC)
def test_basic_operations_are_ieee(name: str) -> None:
    ptx = cuda.compile_source(source_of(name), "compute_80").decode(errors="replace")
    assert not re.search(r"\bfma\.|\.ftz|\.approx|\bmin\.f|\bmax\.f", ptx)


def test_cubin_of_one_routine() -> None:
    cubin = cuda.compile_source(source_of("relu"), "sm_80", "relu.cu", only=1)
    assert cubin.startswith(b"\x7fELF")
    assert b"hd_relu_partial_x_f32" in cubin and b"hd_relu_forward_f32" not in cubin


def test_vector_loads() -> None:
    ptx = cuda.compile_source(source_of("square"), "compute_80", only=0).decode(errors="replace")
    contiguous = ptx.split(".entry hd_square_forward_f32", 1)[1].split(".entry", 1)[0]
    assert re.search(r"ld\.(global\.)?(nc\.)?v4", contiguous) and re.search(r"st\.(global\.)?v4", contiguous)


def test_complaints_are_handed_on() -> None:
    with pytest.raises(cuda.CompileError, match="nonsense"):
        cuda.compile_source("nonsense", "compute_80")


def test_every_op_has_a_file_and_every_file_an_op() -> None:
    assert sorted(p.stem for p in GENERATED.glob("*.cu")) == kernels.names()
