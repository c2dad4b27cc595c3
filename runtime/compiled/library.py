"""Routines of generated .ll files as ufuncs: a routine, the cores that it calls, the loop around it, compiled."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from . import loops, machine, ufuncs

CORES: Final = Path(__file__).resolve().parent.parent / "generated" / "_cores.ll"
SUFFIXES: Final = {"float32": "f", "float64": "d"}
_FUNCTION: Final = re.compile(r"^define internal [^@]*@(\w+)\(.*?^}\n", re.M | re.S)
_CALL: Final = re.compile(r"call \w+ @(hd_\w+)\(")
_DECLARATION: Final = re.compile(r"^declare .*\n", re.M)


def functions(text: str) -> dict[str, str]:
    """The functions of a file in LLVM's language by name."""
    return {found[1]: found[0] for found in _FUNCTION.finditer(text)}


@cache
def _cores() -> tuple[str, dict[str, str]]:
    """The declarations of the intrinsics, and the cores."""
    text = CORES.read_text(encoding="utf-8")
    return "".join(_DECLARATION.findall(text)), functions(text)


def parts(names: tuple[str, ...], text: str) -> str:
    """The functions ``names`` of ``text`` with all that they call."""
    known = {**_cores()[1], **functions(text)}
    wanted, found = list(names), dict[str, str]()
    while wanted:
        symbol = wanted.pop()
        if symbol not in found:
            found[symbol] = known[symbol]
            wanted.extend(_CALL.findall(known[symbol]))
    return "\n".join(found.values())


def module(name: str, text: str, inputs: int, dtype: str) -> str:
    """All that is compiled for the routine ``name`` of ``text``: with what it calls, and its loop, called ``loop``."""
    here = machine.machine()
    assert here is not None
    around = loops.loop("loop", name, inputs, dtype, machine.QUIET, here.flags)
    return "\n".join([_cores()[0], parts((name,), text), around])


def symbol(op: str, key: str, dtype: str) -> str:
    """The name of a routine in its file."""
    return f"hd_{op}_{key}_{SUFFIXES[dtype]}"


def routine(op: str, key: str, source: Callable[[], str], inputs: int) -> np.ufunc | None:
    """The routine ``key`` of an op for float32 and float64, from its .ll file; None where nothing can be compiled."""
    if machine.missing() is not None:
        return None
    text, addresses = source(), {}
    for dtype in SUFFIXES:
        whole = module(symbol(op, key, dtype), text, inputs, dtype)
        (addresses[np.dtype(dtype).type],) = machine.addresses(whole, ("loop",))
    return ufuncs.ufunc(f"{op}.{key}", addresses, inputs)
