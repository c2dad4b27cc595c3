"""A core as NumPy code: one ufunc an operation, each with a buffer to write to, for blocks of a contiguous array.

A buffer serves floats and words of its size alike, by two views of it, so ``bits`` and ``as_float`` cost nothing.
Buffers are handed out by linear scan: one is free again after the last use of its value under any view.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from .oplist import ARGUMENTS, DOUBLE, FLOAT, FLOATS, LONG, TRUTH, WORD, Function, Op

UFUNCS: Final = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "neg": "negative",
    "abs": "absolute",
    "sqrt": "sqrt",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "shl": "left_shift",
    "shr": "right_shift",
}
VIEWS: Final = frozenset({"bits", "float"})
POOL: Final = {FLOAT: "single", WORD: "single", DOUBLE: "double", LONG: "double", TRUTH: "truth"}
PREFIX: Final = {FLOAT: "f", WORD: "u", DOUBLE: "d", LONG: "q", TRUTH: "m"}


class Printed(NamedTuple):
    """The text of ``def NAME(x, out, f, u, d, q, m)``, ``y`` behind ``x`` where there are two arguments, and how many
    buffers of each kind it needs.

    ``f`` and ``u`` are views of the same ``single`` buffers as float32 and uint32, ``d`` and ``q`` of the ``double``
    ones as float64 and uint64; ``m`` are bool.
    """

    text: str
    single: int
    double: int
    truth: int


class _Buffers:
    """The buffers of one kind: numbers, the freed ones first."""

    def __init__(self) -> None:
        self.made = 0
        self.free: list[int] = []

    def take(self) -> int:
        if self.free:
            return self.free.pop()
        self.made += 1
        return self.made - 1


def _roots(ops: tuple[Op, ...]) -> list[int]:
    """For each value the one whose buffer it views."""
    roots: list[int] = []
    for i, op in enumerate(ops):
        roots.append(roots[op.args[0]] if op.name in VIEWS else i)
    return roots


def _leaf(op: Op) -> str | None:
    if op.name != "const":
        return None
    return repr(op.data) if op.type in FLOATS else hex(int(op.data or 0))


def print_function(function: Function) -> Printed:
    """The core as a Python function of its own name."""
    ops = function.ops
    roots = _roots(ops)
    last = {roots[a]: i for i, op in enumerate(ops) for a in op.args}
    pools = {kind: _Buffers() for kind in POOL.values()}
    place: dict[int, int] = {}
    lines: list[str] = []

    def text(v: int) -> str:
        op, root = ops[v], roots[v]
        if ops[root].name == "input":
            name = ARGUMENTS[int(ops[root].data or 0)]
            return name if op.type in FLOATS else f"{name}u"
        return _leaf(op) or f"{PREFIX[op.type]}{place[root]}"

    for i, op in enumerate(ops):
        if op.name in VIEWS or op.name in ("input", "const"):
            continue
        if all(ops[a].name == "const" for a in op.args):
            raise ValueError(f"{function.name}: an operation on constants only; write its result")
        operands = [text(a) for a in op.args]
        dying = [r for r in dict.fromkeys(roots[a] for a in op.args) if last[r] == i and r in place]
        pool = pools[POOL[op.type]]
        fallback = roots[op.args[-1]]
        if op.name == "select":  # written over the arm that is not taken, never over the other
            keep = fallback in dying and fallback != roots[op.args[1]]
            if keep:
                dying.remove(fallback)
            place[i] = place[fallback] if keep else pool.take()
            where = text(i)
            if not keep:
                lines.append(f"np.copyto({where}, {operands[2]})")
            lines.append(f"np.copyto({where}, {operands[1]}, where={operands[0]})")
        else:
            for r in dying:  # an operation reads each element before it writes it: its operand's buffer will do
                if POOL[ops[r].type] == POOL[op.type]:
                    pool.free.append(place[r])
            place[i] = pool.take()
            where = text(i)
            if op.name in ("widen", "narrow"):
                lines.append(f"np.copyto({where}, {operands[0]}, casting='unsafe')")
            else:
                lines.append(f"np.{UFUNCS[op.name]}({', '.join(operands)}, {where})")
        for r in dying:
            if op.name == "select" or POOL[ops[r].type] != POOL[op.type]:
                pools[POOL[ops[r].type]].free.append(place[r])
    lines.append(f"np.copyto(out, {text(len(ops) - 1)})")
    counts = [pools[kind].made for kind in ("single", "double", "truth")]
    kinds = zip("fudqm", (counts[0], counts[0], counts[1], counts[1], counts[2]), strict=True)
    head = [f"{', '.join(f'{p}{n}' for n in range(count))}, = {p}" for p, count in kinds if count]
    words = [f"{name}u = {name}.view(np.uint{function.format.width})" for name in function.arguments]
    body = "".join(f"    {line}\n" for line in [*words, *head, *lines])
    return Printed(f"def {function.name}({', '.join(function.arguments)}, out, f, u, d, q, m):\n{body}", *counts)
