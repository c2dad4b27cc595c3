"""Routines of generated .ll files as ufuncs: a routine, the cores that it calls, the loop around it, compiled."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from ..integrity import check_body
from . import loops, machine, pool, products, remainder, ufuncs

CORES: Final = Path(__file__).resolve().parent.parent / "generated" / "_cores.ll"
SUFFIXES: Final = {"float32": "f", "float64": "d"}
SHARED: Final = 3_000_000
"""Threads share an array whose elements times instructions are that many."""
CHEAP: Final = 48
"""With fewer instructions a routine waits for memory, not for arithmetic: its large results are streamed."""
STREAMED: Final = 1 << 24
"""The size in bytes of a large result."""
NEVER: Final = 1 << 62
MANY: Final = 18
"""A routine that keeps more numbers than that at once fills the registers with two vectors of each, not with four."""
COTANGENT: Final = "v_g_"
_FUNCTION: Final = re.compile(r"^define internal [^@]*@(\w+)\(.*?^}\n", re.M | re.S)
_CALL: Final = re.compile(r"call \w+ @(hd_\w+)\(")
_TRUTH: Final = re.compile(r"[fi]cmp |(?:and|or|xor) i1 ")
_VALUE: Final = re.compile(r"%[\w.]+")
_DECLARATION: Final = re.compile(r"^declare .*\n", re.M)


def functions(text: str) -> dict[str, str]:
    """The functions of a file in LLVM's language by name."""
    return {found[1]: found[0] for found in _FUNCTION.finditer(text)}


@cache
def _cores() -> tuple[str, dict[str, str]]:
    """The declarations of the intrinsics, and the cores."""
    text = CORES.read_text(encoding="utf-8")
    check_body(CORES.stem, text)
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


def with_cores(names: tuple[str, ...], text: str) -> str:
    """A text that calls the cores ``names``, with these and with all that they call."""
    return "\n".join([_cores()[0], parts(names, ""), text])


def module(
    names: tuple[str, ...], text: str, inputs: int, dtype: str, masks: Collection[int] = (), members: int = 0
) -> str:
    """All that is compiled for routines of ``text``: with what they call, and their loop, called ``loop``.

    See :func:`.loops.loop` for ``masks`` and ``members``.
    """
    here = machine.machine()
    assert here is not None
    needed = parts(names, text)
    cost = needed.count("\n")
    tuning = loops.Tuning(
        shared=SHARED // max(cost, CHEAP),
        streamed=STREAMED if cost < CHEAP else NEVER,
        interleaved=4 if here.registers == 32 and kept(needed) <= MANY else 2,
    )
    twin = None if members else remainder.twin(names, needed)
    around = loops.loop("loop", names, inputs, dtype, machine.QUIET, here.flags, tuning, masks, twin, members)
    return "\n".join([_cores()[0], needed, around])


def kept(text: str) -> int:
    """The largest number of values that a function of the text keeps at once, if it computes them as written.

    Truth values are left out: they have registers of their own.
    """
    most = 0
    for function in functions(text).values():
        lines = [line.split(" = ", 1) for line in function.split("\n") if " = " in line]
        last = {value: i for i, (_, made) in enumerate(lines) for value in _VALUE.findall(made)}
        ends = [0] * (len(lines) + 1)
        alive = 0
        for i, (value, made) in enumerate(lines):
            if not _TRUTH.match(made):
                ends[last.get(value.strip(), i)] += 1
                alive += 1
            most = max(most, alive)
            alive -= ends[i]
    return most


def symbol(op: str, key: str, dtype: str) -> str:
    """The name of a routine in its file."""
    return f"hd_{op}_{key}_{SUFFIXES[dtype]}"


def routine(op: str, keys: tuple[str, ...], source: Callable[[], str], inputs: int) -> np.ufunc | None:
    """Routines of an op for float32 and float64 in one ufunc, from its .ll file; None where nothing can be compiled."""
    if machine.missing() is not None:
        return None
    text, addresses = source(), {}
    for dtype in SUFFIXES:
        whole = module(tuple(symbol(op, key, dtype) for key in keys), text, inputs, dtype)
        (addresses[np.dtype(dtype).type],) = machine.addresses(whole, ("loop",))
    return ufuncs.ufunc(f"{op}.{'.'.join(keys)}", addresses, inputs, len(keys), pool.data())


def remembers(op: str, vjp: str, partial: str, dtype: str, text: str) -> bool:
    """Whether the routine ``vjp`` multiplies by ``partial``, which is long; False where nothing can be compiled."""
    if machine.missing() is not None:
        return False
    known = functions(text)
    product, factor = symbol(op, vjp, dtype), symbol(op, partial, dtype)
    if parts((factor,), text).count("\n") < CHEAP:
        return False
    wide = symbol(op, f"{vjp}_wide", "float64")
    if dtype == "float32" and wide in known:
        own = symbol(op, f"{partial}_wide", "float64")
        found = known.get(own, known[symbol(op, partial, "float64")])
        return products.is_product(known[wide], found, COTANGENT, rounded=True)
    return products.is_product(known[product], known[factor], COTANGENT)
