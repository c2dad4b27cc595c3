"""Compiling generated CUDA files without a GPU: NVRTC through ctypes, else ``nvcc``.

NVRTC comes from the PyPI wheel ``nvidia-cuda-nvrtc`` (``nvidia-cuda-nvrtc-cu12`` for CUDA 12), from CuPy's ``[ctk]``
extra, or from a CUDA toolkit.  The options are fixed: no contraction to FMA and no flushing of subnormals, IEEE
division and square root.  CuPy's own compiler is not used: it appends ``-ftz=true``.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import glob
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
HEADERS: Final = ("hasderiv.cuh", "generated/cores.cuh")
OPTIONS: Final = ("--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true", "-std=c++17")
DEFAULT_ARCHITECTURE: Final = "sm_80"


class CompileError(RuntimeError):
    """The compiler's complaint, or the lack of a compiler."""


def _candidates() -> list[str]:
    """Where an NVRTC library may lie, the likeliest first."""
    windows = sys.platform == "win32"
    pattern = "nvrtc64_*_0.dll" if windows else "libnvrtc.so*"
    found: list[str] = []
    spec = importlib.util.find_spec("nvidia")
    for root in list(spec.submodule_search_locations or []) if spec else []:
        for folder in ("cu13/lib", "cu13/bin", "cu13/bin/x86_64", "cuda_nvrtc/lib", "cuda_nvrtc/bin"):
            found.extend(sorted(glob.glob(str(Path(root, folder, pattern)))))
    found = [f for f in found if "alt" not in Path(f).name and "builtins" not in Path(f).name]
    system = ctypes.util.find_library("nvrtc")
    found.extend([system] if system else [])
    if not windows:
        found.extend(sorted(glob.glob("/usr/local/cuda*/lib64/libnvrtc.so*")))
    return found


@cache
def nvrtc() -> Any:
    """The NVRTC library, None where there is none."""
    for path in _candidates():
        try:
            return ctypes.CDLL(path)
        except OSError:
            continue
    return None


@cache
def nvcc() -> str | None:
    """The path of ``nvcc``, None where there is none."""
    return shutil.which("nvcc")


def available() -> bool:
    """Whether there is a compiler."""
    return nvrtc() is not None or nvcc() is not None


def compile_source(
    source: str, architecture: str = DEFAULT_ARCHITECTURE, name: str = "kernel.cu", only: int | None = None
) -> bytes:
    """Compile a generated file, or only its routine number ``only``.

    The architecture ``sm_80`` and the like gives a cubin, ``compute_80`` PTX.
    Raises :class:`CompileError` with the compiler's log.
    """
    if only is not None:
        source = f"#define HD_ONLY {only}\n{source}"
    if nvrtc() is not None:
        return _with_nvrtc(nvrtc(), source, architecture, name)
    if nvcc() is not None:
        return _with_nvcc(str(nvcc()), source, architecture, name)
    raise CompileError("no CUDA compiler: pip install nvidia-cuda-nvrtc, or put nvcc on the PATH")


def _with_nvrtc(library: Any, source: str, architecture: str, name: str) -> bytes:
    def text(code: int) -> str:
        library.nvrtcGetErrorString.restype = ctypes.c_char_p
        return library.nvrtcGetErrorString(code).decode()

    program = ctypes.c_void_p()
    texts = [(FOLDER / name).read_bytes() for name in HEADERS]
    code = library.nvrtcCreateProgram(
        ctypes.byref(program),
        source.encode(),
        name.encode(),
        len(texts),
        (ctypes.c_char_p * len(texts))(*texts),
        (ctypes.c_char_p * len(texts))(*(name.encode() for name in HEADERS)),
    )
    if code:
        raise CompileError(f"{name}: NVRTC cannot begin: {text(code)}")
    try:
        options = [o.encode() for o in (f"--gpu-architecture={architecture}", *OPTIONS)]
        code = library.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
        if code:
            log = _fetch(library, program, "ProgramLog").rstrip(b"\0").decode(errors="replace")
            raise CompileError(f"{name}: {text(code)}\n{log}")
        return _fetch(library, program, "CUBIN" if architecture.startswith("sm_") else "PTX")
    finally:
        library.nvrtcDestroyProgram(ctypes.byref(program))


def _fetch(library: Any, program: ctypes.c_void_p, what: str) -> bytes:
    size = ctypes.c_size_t()
    if getattr(library, f"nvrtcGet{what}Size")(program, ctypes.byref(size)):
        raise CompileError(f"NVRTC gives no {what}")
    buffer = ctypes.create_string_buffer(size.value)
    if getattr(library, f"nvrtcGet{what}")(program, buffer):
        raise CompileError(f"NVRTC gives no {what}")
    return buffer.raw


def _with_nvcc(compiler: str, source: str, architecture: str, name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, Path(name).name)
        path.write_text(source, encoding="utf-8")
        binary = architecture.startswith("sm_")
        target = Path(folder, "out")
        command = [compiler, "-cubin" if binary else "-ptx", f"-arch={architecture}", *OPTIONS, "-I", str(FOLDER)]
        done = subprocess.run([*command, str(path), "-o", str(target)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise CompileError(f"{name}: nvcc failed\n{done.stderr}")
        return target.read_bytes()
