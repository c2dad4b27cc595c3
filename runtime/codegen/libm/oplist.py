"""Typed straight-line code: floats of one format, unsigned words and truth values, nothing that branches.

A core is written as ordinary arithmetic on :class:`Value`; each operation is interned, so a repeated one is computed
once.  Nothing else is rewritten: what is written is what every printer prints, operation by operation.  All
operations are exact or correctly rounded (``+ - * / sqrt``), which is why all backends give the same bits.

Constants must be numbers of the format already: a Python number that would be rounded is refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from .formats import OF_TYPE, SINGLE, Format

FLOAT: Final = "f32"
DOUBLE: Final = "f64"
WORD: Final = "u32"
LONG: Final = "u64"
TRUTH: Final = "bool"
FLOATS: Final = (FLOAT, DOUBLE)
WORD_BITS: Final = {WORD: 32, LONG: 64}
ARGUMENTS: Final = ("x", "y")  # what printed code calls them


class Op(NamedTuple):
    """One operation: its name, the type of its value, its operands, and a number.

    ``data`` is the number of a constant; of an input it is which argument it is, from 0 on.
    """

    name: str
    type: str
    args: tuple[int, ...] = ()
    data: float | int | None = None


@dataclass
class OpList:
    """Interned operations in an order in which they can be run."""

    ops: list[Op] = field(default_factory=list)
    interned: dict[tuple[Op, str], int] = field(default_factory=dict)

    def emit(self, name: str, type: str, *args: Value, data: float | int | None = None) -> Value:
        """The value of the operation, an old one if it was emitted before."""
        if any(a.code is not self for a in args):
            raise ValueError(f"{name}: operands of another op list")
        op = Op(name, type, tuple(a.index for a in args), data)
        key = (op, data.hex() if isinstance(data, float) else "")  # 0.0 and -0.0 are equal, their bits are not
        if key not in self.interned:
            self.interned[key] = len(self.ops)
            self.ops.append(op)
        return Value(self, self.interned[key])

    def argument(self, format: Format = SINGLE, place: int = 0) -> Value:
        """An argument of the function, the first or the second."""
        return self.emit("input", format.kind, data=place)

    def number(self, value: float, type: str) -> Value:
        """A float constant, which must be one of the format (or an infinity or NaN)."""
        with np.errstate(over="ignore"):
            rounded = float(np.float32(value)) if type == FLOAT else float(value)
        if rounded != value and not math.isnan(value):
            raise ValueError(f"{value!r} is not a float32 number")
        return self.emit("const", type, data=float(value))

    def word(self, value: int, type: str = WORD) -> Value:
        """An unsigned constant."""
        if not 0 <= value < 1 << WORD_BITS[type]:
            raise ValueError(f"{value} does not fit {type}")
        return self.emit("const", type, data=value)


@dataclass(frozen=True, eq=False)
class Value:
    """The result of an operation; Python's operators emit further ones."""

    code: OpList
    index: int

    @property
    def type(self) -> str:
        """``f32``, ``f64``, ``u32``, ``u64`` or ``bool``."""
        return self.code.ops[self.index].type

    @property
    def format(self) -> Format:
        """The format of this float, or of the floats with words of this size."""
        return OF_TYPE[self.type]

    def like(self, other: Value | float) -> Value:
        """``other`` as a value of this type."""
        if isinstance(other, Value):
            if other.type != self.type:
                raise TypeError(f"{self.type} and {other.type} do not mix")
            return other
        if self.type in FLOATS:
            return self.code.number(other, self.type)
        return self.code.word(int(other), self.type)

    def _two(self, name: str, other: Value | float, swap: bool = False) -> Value:
        if self.type == TRUTH:
            raise TypeError(f"{name} of a truth value")
        a, b = (self.like(other), self) if swap else (self, self.like(other))
        return self.code.emit(name, self.type, a, b)

    def __add__(self, other: Value | float) -> Value:
        return self._two("add", other)

    def __radd__(self, other: float) -> Value:
        return self._two("add", other, True)

    def __sub__(self, other: Value | float) -> Value:
        return self._two("sub", other)

    def __rsub__(self, other: float) -> Value:
        return self._two("sub", other, True)

    def __mul__(self, other: Value | float) -> Value:
        return self._two("mul", other)

    def __rmul__(self, other: float) -> Value:
        return self._two("mul", other, True)

    def __truediv__(self, other: Value | float) -> Value:
        self._float("div")
        return self._two("div", other)

    def __rtruediv__(self, other: float) -> Value:
        self._float("div")
        return self._two("div", other, True)

    def _float(self, name: str) -> None:
        if self.type not in FLOATS:
            raise TypeError(f"{name} of {self.type}")

    def __neg__(self) -> Value:
        self._float("neg")
        return self.code.emit("neg", self.type, self)

    def __abs__(self) -> Value:
        self._float("abs")
        return self.code.emit("abs", self.type, self)

    def sqrt(self) -> Value:
        """The correctly rounded square root."""
        self._float("sqrt")
        return self.code.emit("sqrt", self.type, self)

    # comparisons; as in IEEE 754 a NaN makes all but ``differs`` false
    def __gt__(self, other: Value | float) -> Value:
        return self.code.emit("gt", TRUTH, self, self.like(other))

    def __lt__(self, other: Value | float) -> Value:
        return self.code.emit("gt", TRUTH, self.like(other), self)

    def __ge__(self, other: Value | float) -> Value:
        return self.code.emit("ge", TRUTH, self, self.like(other))

    def __le__(self, other: Value | float) -> Value:
        return self.code.emit("ge", TRUTH, self.like(other), self)

    def equals(self, other: Value | float) -> Value:
        """``==``."""
        return self.code.emit("eq", TRUTH, self, self.like(other))

    def differs(self, other: Value | float) -> Value:
        """``!=``."""
        return self.code.emit("ne", TRUTH, self, self.like(other))

    def is_nan(self) -> Value:
        """``x != x``."""
        return self.differs(self)

    def select(self, a: Value | float, b: Value | float) -> Value:
        """``a`` where this truth value holds, else ``b``; both are computed."""
        if self.type != TRUTH:
            raise TypeError(f"select by {self.type}")
        if isinstance(b, Value):
            a = b.like(a)
        elif isinstance(a, Value):
            b = a.like(b)
        else:
            raise TypeError("select between two constants of no type")
        return a if a.index == b.index else self.code.emit("select", a.type, self, a, b)

    # words
    def _word(self, name: str, other: Value | int) -> Value:
        if self.type not in WORD_BITS:
            raise TypeError(f"{name} of {self.type}")
        return self._two(name, other)

    def __and__(self, other: Value | int) -> Value:
        if self.type == TRUTH and isinstance(other, Value) and other.type == TRUTH:
            return self.code.emit("and", TRUTH, self, other)
        return self._word("and", other)

    def __or__(self, other: Value | int) -> Value:
        if self.type == TRUTH and isinstance(other, Value) and other.type == TRUTH:
            return self.code.emit("or", TRUTH, self, other)
        return self._word("or", other)

    def __xor__(self, other: Value | int) -> Value:
        return self._word("xor", other)

    def __lshift__(self, other: Value | int) -> Value:
        """Bits moved up; a count of the width or more is not allowed."""
        return self._word("shl", other)

    def __rshift__(self, other: Value | int) -> Value:
        """Bits moved down, zeros coming in; a count of the width or more is not allowed."""
        return self._word("shr", other)

    # from one type to another
    def bits(self) -> Value:
        """The bits of a float as a word."""
        self._float("bits")
        return self.code.emit("bits", self.format.word, self)

    def as_float(self) -> Value:
        """The float that has these bits."""
        if self.type not in WORD_BITS:
            raise TypeError(f"as_float of {self.type}")
        return self.code.emit("float", self.format.kind, self)

    def widen(self) -> Value:
        """A word of 32 bits as one of 64."""
        if self.type != WORD:
            raise TypeError(f"widen of {self.type}")
        return self.code.emit("widen", LONG, self)

    def narrow(self) -> Value:
        """The lower 32 bits of a word of 64."""
        if self.type != LONG:
            raise TypeError(f"narrow of {self.type}")
        return self.code.emit("narrow", WORD, self)


class Function(NamedTuple):
    """A finished function of one or two arguments: live operations only, the last one its result."""

    name: str
    ops: tuple[Op, ...]

    @property
    def format(self) -> Format:
        """The format of the argument and of the result."""
        return OF_TYPE[self.ops[-1].type]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the arguments."""
        return ARGUMENTS[: 1 + max(int(op.data or 0) for op in self.ops if op.name == "input")]

    @property
    def length(self) -> int:
        """The number of operations, leaves apart."""
        return sum(op.name not in ("input", "const") for op in self.ops)


def finish(name: str, result: Value) -> Function:
    """The operations that ``result`` needs, numbered densely in the order of their first use."""
    ops = result.code.ops
    order: list[int] = []
    seen: set[int] = set()
    stack: list[tuple[int, bool]] = [(result.index, False)]
    while stack:
        v, done = stack.pop()
        if done:
            order.append(v)
        elif v not in seen:
            seen.add(v)
            stack.append((v, True))
            stack.extend((a, False) for a in reversed(ops[v].args) if a not in seen)
    new = {v: i for i, v in enumerate(order)}
    return Function(name, tuple(ops[v]._replace(args=tuple(new[a] for a in ops[v].args)) for v in order))
