"""LLVM's language to machine code for this processor, kept on disk under the hash of all that it depends on."""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import hashlib
import os
import platform
import stat
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from . import exact_products

_FLAGS: Final = {"x86_64": 0x3D, "AMD64": 0x3D, "arm64": 0x1F, "aarch64": 0x1F}
"""The IEEE 754 exceptions as ``fenv.h`` numbers them."""
QUIET: Final = "feclearexcept"
_DIGEST: Final = 32
_BUILD: Final = 2
"""To be raised when the passes of :func:`compile_module` change."""


class Machine(NamedTuple):
    """LLVM, a target machine, what machine code depends on besides the text, and the number of vector registers.

    ``fuses``: whether it multiplies and adds in one instruction (see :mod:`.exact_products`).
    """

    llvm: Any
    target: Any
    version: str
    cpu: str
    label: str
    flags: int
    registers: int
    fuses: bool


@cache
def machine() -> Machine | None:
    """This processor as LLVM sees it; None where the compiled path is not to be had (see :func:`missing`)."""
    if missing() is not None:
        return None
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    triple, cpu, features = llvm.get_process_triple(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    target = llvm.Target.from_triple(triple).create_target_machine(cpu=cpu, features=features, opt=3, reloc="pic")
    llvm.add_symbol(QUIET, ctypes.cast(getattr(_mathematics(), QUIET), ctypes.c_void_p).value)
    version = "LLVM " + ".".join(map(str, llvm.llvm_version_info))
    label = f"{_BUILD} {version} {triple} {cpu} {features}"
    intel = platform.machine() in ("x86_64", "AMD64")
    registers = 16 if intel and "+avx512vl" not in features else 32
    fuses = not intel or "+fma," in f"{features},"
    return Machine(llvm, target, version, cpu, label, _FLAGS[platform.machine()], registers, fuses)


@cache
def missing() -> str | None:
    """Why there is no compiled path here, in one line; None where there is one."""
    if os.environ.get("HASDERIV_BACKEND", "llvm") == "numpy":
        return "HASDERIV_BACKEND=numpy"
    if platform.machine() not in _FLAGS or sys.maxsize < 2**62:
        return f"no compiled path for {platform.machine()}"
    try:
        import llvmlite.binding as llvm
    except ImportError:
        return "llvmlite is not installed: pip install llvmlite"
    if llvm.llvm_version_info < (15,):
        return f"llvmlite brings LLVM {llvm.llvm_version_info[0]}; 15 or later is needed"
    if not hasattr(_mathematics(), QUIET):
        return f"the C library has no {QUIET}"
    return None


@cache
def _mathematics() -> ctypes.CDLL:
    return ctypes.CDLL(ctypes.util.find_library("ucrtbase" if sys.platform == "win32" else "m"))


def folder() -> Path:
    """Where machine code is kept: ``$HASDERIV_CACHE``, else the user's own folder for such things."""
    if given := os.environ.get("HASDERIV_CACHE"):
        return Path(given)
    base = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base, "hasderiv")


def refusal() -> str | None:
    """Why nothing is kept in :func:`folder`, in one line: whoever may write there could put in code of his own."""
    try:
        status = folder().stat()
    except OSError:
        return None  # it is made when it is needed
    return None if _is_ours(status) else f"{folder()} belongs to someone else, or others may write to it"


def _is_ours(status: os.stat_result) -> bool:
    if sys.platform == "win32":  # an access list says it there, and the default is the user alone
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


_kept: list[Any] = []


def addresses(text: str, names: tuple[str, ...], fused: bool = True) -> tuple[int, ...]:
    """The addresses of the functions ``names`` of a module in LLVM's language, compiled now or at an earlier time.

    Unless ``fused``, operations stay as they are written also where :mod:`.exact_products` knows a quicker way.
    """
    here = machine()
    assert here is not None
    fused = fused and here.fuses
    key = hashlib.sha256(f"{here.label} {fused}\n{text}".encode()).hexdigest()
    path = folder() / f"{key}.o"
    code = _stored(path)
    if code is None:
        code = compile_module(here, exact_products.fused(text) if fused else text)
        _store(path, code)
    llvm = here.llvm
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), here.target)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _kept.append(engine)
    return tuple(engine.get_function_address(name) for name in names)


def compile_module(here: Machine, text: str) -> bytes:
    """The object file of a module, optimised as C is by ``-O3`` and without any change of a value."""
    llvm = here.llvm
    module = llvm.parse_assembly(text)
    module.triple, module.data_layout = here.target.triple, str(here.target.target_data)
    module.verify()
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    tuning.loop_vectorization, tuning.loop_interleaving = True, False
    builder = llvm.create_pass_builder(here.target, tuning)
    builder.getModulePassManager().run(module, builder)
    code: bytes = here.target.emit_object(module)
    return code


def _stored(path: Path) -> bytes | None:
    """The object file kept there; None where there is none, or a damaged one, or where others may have written it."""
    if refusal() is not None:
        return None
    try:
        with path.open("rb") as file:
            data = file.read() if _is_ours(os.fstat(file.fileno())) else b""
    except OSError:
        return None
    code = data[_DIGEST:]
    return code if hashlib.sha256(code).digest() == data[:_DIGEST] else None


def _store(path: Path, code: bytes) -> None:
    """Write the file whole or not at all; a folder that cannot be written to costs time at the next start, no more."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if refusal() is not None:
            return
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(code).digest() + code)
        os.replace(name, path)
