"""Op lists as NumPy code: one Python function a routine, each operation a ufunc with a buffer to write to.

A generated function ``f(b, m, c, *arguments, out)`` computes one block.  ``b`` and ``m`` are its scratch buffers
(floats and truth values), or Nones, in which case NumPy allocates: quicker for small arrays.  ``c`` holds its
constants.  ``out`` is never one of the arguments, so it serves as a buffer too.
"""

from __future__ import annotations

import keyword
from fractions import Fraction
from textwrap import wrap
from typing import Final, NamedTuple

from .elementary import TABLE
from .ssa import Op, Routine, literal_for_both

UFUNCS: Final = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "neg": "negative",
    "sqrt": "sqrt",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
    "and": "logical_and",
    "or": "logical_or",
    "not": "logical_not",
}
INFIX: Final = {"add": "+", "sub": "-", "mul": "*", "div": "/", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_TAKEN: Final = frozenset({"np", "cores", "lanes", "choose", "b", "m", "c", "out", "inf", "nan"})


class Function(NamedTuple):
    """The text of a function, the number of buffers of floats and of truth values that it needs, its constants."""

    text: str
    floats: int
    truths: int
    constants: tuple[str, ...]


def identifier(name: str) -> str:
    """``name`` as a Python identifier that collides with nothing else in the function."""
    return name + "_" if keyword.iskeyword(name) or name in _TAKEN else name


def number(value: Fraction) -> str:
    """A Python float that rounds to the nearest number in float32 and in float64."""
    return repr(literal_for_both(value))


def _operand(op: Op) -> str | None:
    """The text of a leaf, None for an operation."""
    if op.name == "const" and isinstance(op.data, Fraction):
        return number(op.data)
    if op.name == "special":
        return str(op.data)
    if op.name == "truth":
        return str(op.data).capitalize()
    if op.name == "input":
        return identifier(str(op.data))
    return None


class _Registers:
    """Buffers handed out by linear scan: a buffer is free again after the last use of its value."""

    def __init__(self, prefix: str, first: str | None = None) -> None:
        self.prefix = prefix
        self.made = 0
        self.free = [first] if first else []

    def take(self, avoid: set[str | None], wanted: str | None = None) -> str:
        for candidate in sorted(self.free, key=lambda name: name != wanted):
            if candidate not in avoid:
                self.free.remove(candidate)
                return candidate
        self.made += 1
        return f"{self.prefix}{self.made - 1}"


def print_function(name: str, routine: Routine) -> Function:
    """The routine as a Python function called ``name``."""
    last = {a: i for i, op in enumerate(routine.ops) for a in op.args}
    floats, truths = _Registers("b", "out"), _Registers("m")
    place: dict[int, str] = {}
    text: dict[int, str] = {}
    lines: list[str] = []
    constants: dict[str, str] = {}
    result = routine.result
    elsewhere = routine.ops[result].args[1] if routine.ops[result].name == "select" else None
    for i, op in enumerate(routine.ops):
        leaf = _operand(op)
        if leaf is not None:
            text[i] = constants.setdefault(leaf, f"c{len(constants)}") if op.name in ("const", "special") else leaf
            continue
        pool = truths if op.is_truth else floats
        # the arm that select writes over the other must not live where it writes
        avoid = {place.get(op.args[1])} if op.name == "select" else set()
        if i == elsewhere:
            avoid.add("out")
        for a in dict.fromkeys(op.args):
            if last[a] == i and a in place:
                (truths if routine.ops[a].is_truth else floats).free.insert(0, place[a])
        where = pool.take(avoid, "out" if i == result else None)
        place[i] = where
        if i not in last and i != routine.result:
            pool.free.append(where)
        text[i] = f"_{i}"
        lines.append(f"    _{i} = {_call(op, [text[a] for a in op.args], where)}")
    if place.get(routine.result) != "out":
        lines.append(f"    np.copyto(out, {text[routine.result]})")
    arguments = ", ".join(identifier(a) for a in routine.arguments)
    head = [f"def {name}(b, m, c, {arguments}, out):"]
    if constants:
        head.append(f"    {_unpack('c', len(constants))} = c")
        values = ", ".join(f"c{i} = {value}" for i, value in enumerate(constants))
        head.extend(f"    # {line}" for line in wrap(values, 110))
    if floats.made:
        head.append(f"    {_unpack('b', floats.made)} = b")
    if truths.made:
        head.append(f"    {_unpack('m', truths.made)} = m")
    return Function("\n".join(head + lines) + "\n", floats.made, truths.made, tuple(constants))


def _unpack(prefix: str, count: int) -> str:
    return f"{prefix}0," if count == 1 else ", ".join(f"{prefix}{i}" for i in range(count))


def _call(op: Op, operands: list[str], where: str) -> str:
    if op.name == "select":
        return f"choose({', '.join(operands)}, {where})"
    name = _function(op)
    if name in ("np.maximum", "np.minimum"):  # a third operand by position is deprecated for these two
        where = f"out={where}"
    return f"{name}({', '.join(operands)}, {where})"


def _function(op: Op) -> str:
    return TABLE[str(op.data)].numpy if op.name == "call" else f"np.{UFUNCS[op.name]}"


def print_mask(name: str, routine: Routine) -> str:
    """A routine whose result is a truth value, as a function ``f(*arguments)`` that allocates."""
    lines = [f"def {name}({', '.join(identifier(a) for a in routine.arguments)}):"]
    text: dict[int, str] = {}
    for i, op in enumerate(routine.ops):
        leaf = _operand(op)
        if leaf is not None:
            text[i] = leaf
            continue
        text[i] = f"_{i}"
        operands = ", ".join(text[a] for a in op.args)
        if op.name == "select":
            lines.append(f"    _{i} = np.where({operands})")
        else:
            lines.append(f"    _{i} = {_function(op)}({operands})")
    lines.append(f"    return {text[routine.result]}")
    return "\n".join(lines) + "\n"


def print_predicate(routine: Routine) -> str:
    """A routine whose result is a truth value, as a Python expression for numbers and arrays alike."""
    text: list[str] = []
    for op in routine.ops:
        leaf = _operand(op)
        operands = [text[a] for a in op.args]
        if leaf is not None:
            text.append(leaf)
        elif op.name in INFIX:
            text.append(f"({f' {INFIX[op.name]} '.join(operands)})")
        else:
            text.append(f"{_function(op)}({', '.join(operands)})")
    result = text[routine.result]
    return result[1:-1] if result.startswith("(") else result
