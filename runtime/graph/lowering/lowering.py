"""A traced graph as certified steps, node by node.

What depends on no floating input does not move: integers, masks, random numbers.  It is given to the certificate, as
the families that it speaks of; and where a step needs such a tensor as an operand, the tensor is one more input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ....proofs.graph.places import Dims, broadcast, dims_of, outputs, reshaped
from ....proofs.kernel.terms import Term, closed, rat, var
from ...devices import is_float
from ...errors import CertificateError
from ..ssa import Graph, Instruction

if TYPE_CHECKING:
    from ....proofs.graph.wiring import Op, Wiring

Rule = Callable[["Lowering", Instruction], None]


class Lowering:
    """The state of a translation.

    ``names`` has the tensor of the certificate that a value is; ``moving`` are the values that depend on the floating
    inputs, ``steps`` the masks and integers among what does.  ``held`` are values that are cut off from what they
    depend on, with what they were before, as far as that is known; ``cut`` are the places where that is not for a
    comparison.  ``computed`` has, for each tensor that only the certificate knows, how it is found from the values of
    the graph.
    """

    def __init__(self, graph: Graph, wiring: Wiring) -> None:
        self.graph = graph
        self.wiring = wiring
        self.names: dict[int, str] = {}
        self.computed: dict[str, Callable[[Mapping[int, Any]], Any]] = {}
        self.producers = {i.result: i for i in graph.instructions}
        self.steps: set[int] = set()
        self.held: dict[int, int] = {}
        self.cut: set[int] = set()
        self._auxiliary = 0
        self.moving = {v for v in graph.inputs if is_float(graph.types[v].dtype)}
        for v in sorted(self.moving):
            self._input(v)

    def unsupported(self, node: Instruction, why: str) -> CertificateError:
        """The error for a node that no certificate covers."""
        return CertificateError(f"{self.graph.name}: no certificate for %{node.result} = {node.primitive.name}: {why}")

    # ---- values

    def shape(self, v: int) -> tuple[int, ...]:
        """The shape of a value; that of a Python number is ``()``."""
        kind = self.graph.types[v]
        return () if kind is None else kind.shape  # type: ignore[no-any-return]

    def name_of(self, v: int) -> str:
        """The name of the operation that a value is the result of."""
        if v in self.producers:
            return self.producers[v].primitive.name
        return "constant" if v in self.graph.constants else "input"

    def dtype(self, node: Instruction) -> Any:
        """The dtype of the result of a node."""
        return self.graph.types[node.result].dtype

    def scalar(self, v: int, kind: Any = None) -> Any:
        """The value of an operand that is a Python number, as an operation on tensors of a dtype takes it."""
        return typed(self.graph.constants[v], kind) if self.graph.types[v] is None else None

    def operand(self, v: int) -> str:
        """The tensor that a value is; it becomes an input where it does not move."""
        return self.names[v] if v in self.names else self._input(v)

    def _input(self, v: int) -> str:
        self.names[v] = self.wiring.input(f"v{v}", dims_of(self.shape(v)))
        return self.names[v]

    def moves(self, v: int) -> bool:
        """Whether a value depends on a floating input."""
        return v in self.moving

    def depends(self, v: int) -> bool:
        """Whether a value changes with the floating inputs."""
        return v in self.moving or v in self.steps or v in self.held

    def origin(self, v: int) -> int:
        """What a value was before it was cut off, or the value."""
        return self.held.get(v, v)

    def mover_of(self, node: Instruction) -> str:
        """Some operand that moves."""
        return self.operand(next(v for v in node.operands if self.moves(v)))

    def mover(self, v: int) -> int:
        """Some moving value that a mask depends on."""
        waiting = [v]
        while True:
            v = self.origin(waiting.pop())
            if self.moves(v):
                return v
            waiting += [w for w in self.producers[v].operands if self.depends(w)]

    def signed(self, v: int) -> str:
        """A mask that is given as a tensor of 1 and -1."""
        name = f"v{v}_sign"
        if name not in self.wiring.dims:
            dims = dims_of(self.shape(v))
            self.computed[f"{name}/{len(dims)}"] = lambda values: np.where(values[v], 1, -1).reshape(dims)
            self.wiring.input(name, dims)
        return name

    def given(self, v: int, shape: Sequence[int]) -> Term:
        """A tensor that does not move, broadcast to a shape: a term of its loose indices."""
        dims = dims_of(shape)
        return closed(var(f"v{v}", *broadcast(dims_of(self.shape(v)), dims)), outputs(len(dims)))

    def closed(self, place: Term, rank: int) -> Term:
        """A formula of ``o0``, ``o1``, ... as the value of a given tensor."""
        return closed(place, outputs(rank))

    # ---- steps

    def step(
        self, node: Instruction, op: Op, operands: Sequence[str], values: Mapping[str, Term], *, last: bool = True
    ) -> str:
        """Add a step for a node; the last one is the node itself."""
        if last:
            self.names[node.result] = name = f"v{node.result}"
        else:
            name = self._fresh(node)
        return self.wiring.step(_of(node), name, op, operands, values)

    def most(self, node: Instruction, op: Op, operands: Sequence[str], values: Mapping[str, Term], dims: Dims) -> str:
        """The step of a node whose result has these sizes and is then reshaped, unless it is the node as it is."""
        made = self.step(node, op, operands, values, last=dims == dims_of(self.shape(node.result)))
        return self.shaped(node, made, dims_of(self.shape(node.result)), last=True)

    def take(
        self,
        node: Instruction,
        x: str,
        dims: Dims,
        places: Sequence[Term],
        *,
        last: bool = False,
        anew: bool = False,
    ) -> str:
        """Move entries; nothing is added where they stay where they are, unless ``anew``."""
        made = self.wiring.take(_of(node), self._fresh(node), x, dims, places, anew)
        if last:
            self.names[node.result] = made
        return made

    def shaped(self, node: Instruction, x: str, dims: Dims, *, last: bool = False) -> str:
        """The entries of ``x`` in row-major order with other sizes."""
        return self.take(node, x, dims, reshaped(self.wiring.dims[x], dims), last=last)

    def spread(self, node: Instruction, x: str, shape: Sequence[int]) -> str:
        """``x`` broadcast to a shape."""
        dims = dims_of(shape)
        return self.take(node, x, dims, broadcast(self.wiring.dims[x], dims))

    def filled(self, node: Instruction, like: str, value: int | float | Fraction, dims: Dims) -> str:
        """A tensor of one number: 0 times some entry of ``like``, plus the number."""
        part = self.take(node, like, dims, [rat(0)] * len(self.wiring.dims[like]))
        return self.affine(node, part, 0, value, last=False)

    def affine(self, node: Instruction, x: str, slope: Any, shift: Any, *, last: bool = True) -> str:
        """``slope x + shift`` for two numbers."""
        values = {"slope": self.number(node, slope), "shift": self.number(node, shift)}
        return self.step(node, ("affine", len(self.wiring.dims[x])), [x], values, last=last)

    def rational(self, node: Instruction, x: Any) -> Fraction:
        """The rational number that a Python or NumPy number is."""
        if not np.isfinite(float(x)):
            raise self.unsupported(node, f"{x} is no real number")
        return Fraction(x) if isinstance(x, int | Fraction) else Fraction(float(x))

    def number(self, node: Instruction, x: Any) -> Term:
        """As :meth:`rational`, as a term."""
        return rat(self.rational(node, x))

    def _fresh(self, node: Instruction) -> str:
        self._auxiliary += 1
        return f"v{node.result}_{self._auxiliary}"


def typed(x: Any, kind: Any) -> Any:
    """A Python number rounded to a floating dtype, so that a certificate has the kinks where the kernels have them."""
    if kind is None or not is_float(kind):
        return x
    with np.errstate(over="ignore"):
        return kind.type(x)


def _of(node: Instruction) -> tuple[str, str]:
    """The node by its place in the printed graph, and the name of its operation."""
    return f"%{node.result}", node.primitive.name
