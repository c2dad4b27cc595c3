"""The op list: straight-line code in single static assignment, printed to NumPy, C and CUDA alike.

An :class:`OpList` holds interned operations, so equal subexpressions are computed once.  A *value* is
the index of its operation.  There are two sorts of values: floats, and the truth values that
comparisons give and ``select`` takes.  Nothing branches: both operands of a ``select`` are computed,
and the one not taken is dropped, whatever it is (NaN and infinity included).

Constants are exact rationals.  They are rounded once, to the nearest number of the dtype (:func:`nearest`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, NamedTuple

COMPARISONS: Final = frozenset({"gt", "ge", "eq", "ne"})
LOGICAL: Final = frozenset({"and", "or", "not"})
ARITHMETIC: Final = frozenset({"add", "sub", "mul", "div", "neg", "sqrt"})
COMMUTATIVE: Final = frozenset({"add", "mul", "eq", "ne", "and", "or"})
MANTISSA: Final = {"float32": 24, "float64": 53}
SMALLEST: Final = {"float32": -149, "float64": -1074}


class Op(NamedTuple):
    """One operation.  ``args`` are values; ``data`` is the constant, the name of the input or of the function."""

    name: str
    args: tuple[int, ...]
    data: Fraction | str | None = None

    @property
    def is_truth(self) -> bool:
        """Whether the value is a truth value."""
        return self.name in COMPARISONS or self.name in LOGICAL or self.name == "truth"


def nearest(value: Fraction, dtype: str) -> float:
    """The number of ``dtype`` nearest to ``value``, ties to even; beyond the largest, infinity."""
    if value == 0:
        return 0.0
    bits, smallest = MANTISSA[dtype], SMALLEST[dtype]
    size = abs(value)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    if Fraction(2) ** exponent > size:
        exponent -= 1
    unit = max(exponent - bits + 1, smallest)
    scaled = round(size / Fraction(2) ** unit)
    top = 128 if dtype == "float32" else 1024
    if scaled * Fraction(2) ** unit >= Fraction(2) ** top:
        return float("-inf") if value < 0 else float("inf")
    rounded = float(scaled * Fraction(2) ** unit)
    return -rounded if value < 0 else rounded


def literal_for_both(value: Fraction) -> float:
    """One float64 that is right for float64 and rounds to the right float32 as well.

    Rounding twice goes wrong only next to the middle between two float32 numbers; there the float64
    neighbour on the true side stands in.
    """
    double = nearest(value, "float64")
    wanted = nearest(value, "float32")
    if nearest(Fraction(double), "float32") == wanted if abs(double) != float("inf") else True:
        return double
    raise ValueError(f"the constant {value} lies too close to the middle between two float32 numbers")


@dataclass
class OpList:
    """Operations in an order in which they can be run, with the peephole rewrites that cost no accuracy."""

    ops: list[Op] = field(default_factory=list)
    interned: dict[Op, int] = field(default_factory=dict)

    def emit(self, name: str, *args: int, data: Fraction | str | None = None) -> int:
        """The value of the operation, an old one if it was emitted before."""
        if name in COMMUTATIVE:
            args = tuple(sorted(args))
        op = Op(name, args, data)
        found = self.interned.get(op)
        if found is None:
            found = self.interned[op] = len(self.ops)
            self.ops.append(op)
        return found

    # leaves
    def const(self, value: Fraction | int) -> int:
        """An exact rational."""
        return self.emit("const", data=Fraction(value))

    def special(self, name: str) -> int:
        """``"nan"``, ``"inf"`` or ``"-inf"``."""
        return self.emit("special", data=name)

    def truth(self, value: bool) -> int:
        """The constant true or false."""
        return self.emit("truth", data="true" if value else "false")

    def input(self, name: str) -> int:
        """An argument of the function."""
        return self.emit("input", data=name)

    def value_of(self, v: int) -> Fraction | None:
        """The exact constant that ``v`` is, if it is one."""
        op = self.ops[v]
        return op.data if op.name == "const" and isinstance(op.data, Fraction) else None

    # arithmetic
    def neg(self, a: int) -> int:
        """``-a``."""
        op = self.ops[a]
        if op.name == "const" and isinstance(op.data, Fraction):
            return self.const(-op.data)
        if op.name == "special":
            return self.special({"nan": "nan", "inf": "-inf", "-inf": "inf"}[str(op.data)])
        if op.name == "neg":
            return op.args[0]
        if op.name == "sub":
            return self.sub(op.args[1], op.args[0])
        return self.emit("neg", a)

    def add(self, a: int, b: int) -> int:
        """``a + b``."""
        ca, cb = self.value_of(a), self.value_of(b)
        if ca is not None and cb is not None:
            return self.const(ca + cb)
        if ca == 0:
            return b
        if cb == 0:
            return a
        if self.ops[b].name == "neg":
            return self.sub(a, self.ops[b].args[0])
        if self.ops[a].name == "neg":
            return self.sub(b, self.ops[a].args[0])
        return self.emit("add", a, b)

    def sub(self, a: int, b: int) -> int:
        """``a - b``."""
        ca, cb = self.value_of(a), self.value_of(b)
        if ca is not None and cb is not None:
            return self.const(ca - cb)
        if cb == 0:
            return a
        if ca == 0:
            return self.neg(b)
        if cb is not None and cb < 0:
            return self.add(a, self.const(-cb))
        if self.ops[b].name == "neg":
            return self.add(a, self.ops[b].args[0])
        return self.emit("sub", a, b)

    def mul(self, a: int, b: int) -> int:
        """``a * b``; times 0 is 0 (NaN of an operand is looked after at the end, see :mod:`.functions`)."""
        ca, cb = self.value_of(a), self.value_of(b)
        if ca is not None and cb is not None:
            return self.const(ca * cb)
        if ca is not None:
            a, b, ca, cb = b, a, cb, ca
        if cb == 0:
            return self.const(0)
        if cb == 1:
            return a
        if cb == -1:
            return self.neg(a)
        if self.ops[a].name == "neg":
            return (
                self.neg(self.mul(self.ops[a].args[0], b))
                if cb is None
                else self.mul(self.ops[a].args[0], self.const(-cb))
            )
        if self.ops[b].name == "neg":
            return self.neg(self.mul(a, self.ops[b].args[0]))
        for one, other in ((a, b), (b, a)):
            op = self.ops[one]
            if op.name == "div" and self.value_of(op.args[0]) in (1, -1):
                quotient = self.div(other, op.args[1])
                return quotient if self.value_of(op.args[0]) == 1 else self.neg(quotient)
        return self.emit("mul", a, b)

    def div(self, a: int, b: int) -> int:
        """``a / b``, a product where ``b`` is a power of two."""
        ca, cb = self.value_of(a), self.value_of(b)
        if cb is not None and cb != 0:
            if ca is not None:
                return self.const(ca / cb)
            if cb in (1, -1) or (
                abs(cb.numerator) & (abs(cb.numerator) - 1) == 0 and cb.denominator & (cb.denominator - 1) == 0
            ):
                return self.mul(a, self.const(1 / cb))
            if cb < 0:
                return self.neg(self.div(a, self.const(-cb)))
        if self.ops[a].name == "neg":
            return self.neg(self.div(self.ops[a].args[0], b))
        if self.ops[b].name == "neg":
            return self.neg(self.div(a, self.ops[b].args[0]))
        return self.emit("div", a, b)

    def sqrt(self, a: int) -> int:
        """The correctly rounded square root."""
        return self.emit("sqrt", a)

    def call(self, name: str, *args: int) -> int:
        """A function of :mod:`.elementary`."""
        if name == "abs" and self.ops[args[0]].name == "neg":
            args = self.ops[args[0]].args
        return self.emit("call", *args, data=name)

    # comparisons, truth values
    def compare(self, name: str, a: int, b: int) -> int:
        """``gt``, ``ge``, ``eq`` or ``ne``.  As in IEEE 754 a NaN makes all but ``ne`` false."""
        ca, cb = self.value_of(a), self.value_of(b)
        if ca is not None and cb is not None:
            return self.truth({"gt": ca > cb, "ge": ca >= cb, "eq": ca == cb, "ne": ca != cb}[name])
        return self.emit(name, a, b)

    def both(self, a: int, b: int) -> int:
        """Logical and."""
        for one, other in ((a, b), (b, a)):
            if self.ops[one].name == "truth":
                return other if self.ops[one].data == "true" else one
        return a if a == b else self.emit("and", a, b)

    def either(self, a: int, b: int) -> int:
        """Logical or."""
        for one, other in ((a, b), (b, a)):
            if self.ops[one].name == "truth":
                return one if self.ops[one].data == "true" else other
        return a if a == b else self.emit("or", a, b)

    def negate(self, a: int) -> int:
        """Logical not."""
        op = self.ops[a]
        if op.name == "truth":
            return self.truth(op.data == "false")
        if op.name == "not":
            return op.args[0]
        if op.name in ("eq", "ne"):
            return self.emit("ne" if op.name == "eq" else "eq", *op.args)
        return self.emit("not", a)

    def is_nan(self, a: int) -> int:
        """``a != a``."""
        return self.emit("ne", a, a)

    def select(self, condition: int, a: int, b: int) -> int:
        """``a`` where the condition holds, else ``b``."""
        op = self.ops[condition]
        if op.name == "truth":
            return a if op.data == "true" else b
        if a == b:
            return a
        if op.name == "not":
            return self.select(op.args[0], b, a)
        inner = self.ops[a]
        if inner.name == "select" and inner.args[2] == b:
            return self.select(self.both(condition, inner.args[0]), inner.args[1], b)
        return self.emit("select", condition, a, b)

    def sum(self, values: list[int]) -> int:
        """The values added up from the left."""
        total = values[0]
        for v in values[1:]:
            total = self.add(total, v)
        return total

    def polynomial(self, x: int, coefficients: list[Fraction]) -> int:
        """Horner's scheme, the highest coefficient first."""
        total = self.const(coefficients[0])
        for c in coefficients[1:]:
            total = self.add(self.mul(total, x), self.const(c))
        return total

    def power(self, a: int, n: int) -> int:
        """``a**n`` by repeated squaring, from the left."""
        total = a
        for bit in bin(n)[3:]:
            total = self.mul(total, total)
            if bit == "1":
                total = self.mul(total, a)
        return total


class Routine(NamedTuple):
    """A finished function: its arguments in order, the live operations and the value that it returns.

    A ``wide`` one computes float32 in float64 and rounds its result once (see :mod:`.precision`), by the op list
    ``single`` where it has one: for numbers that are float32 it need not be as careful.
    """

    arguments: tuple[str, ...]
    ops: tuple[Op, ...]
    result: int
    wide: bool = False
    single: Routine | None = None


def finish(code: OpList, arguments: tuple[str, ...], result: int) -> Routine:
    """The operations that ``result`` needs, numbered densely in the order of their first use."""
    order: list[int] = []
    seen: set[int] = set()
    stack: list[tuple[int, bool]] = [(result, False)]
    while stack:
        v, done = stack.pop()
        if done:
            order.append(v)
        elif v not in seen:
            seen.add(v)
            stack.append((v, True))
            stack.extend((a, False) for a in reversed(code.ops[v].args) if a not in seen)
    new = {v: i for i, v in enumerate(dict.fromkeys(order))}
    ops = tuple(Op(code.ops[v].name, tuple(new[a] for a in code.ops[v].args), code.ops[v].data) for v in new)
    return Routine(arguments, ops, new[result])


def _form(routine: Routine) -> tuple[object, ...]:
    """The routine up to the names of its arguments."""
    place = {name: i for i, name in enumerate(routine.arguments)}
    ops = tuple((o.name, o.args, place[str(o.data)] if o.name == "input" else o.data) for o in routine.ops)
    single = None if routine.single is None else _form(routine.single)
    return (len(place), ops, routine.result, routine.wide, single)


def canonical(made: Mapping[str, Routine]) -> dict[str, str]:
    """For each key the first key that has the same routine, so that each is printed once."""
    first: dict[tuple[object, ...], str] = {}
    return {key: first.setdefault(_form(routine), key) for key, routine in made.items()}
