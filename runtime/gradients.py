"""``gradients``: the gradient by every tensor that a backward pass meets, results in the middle included."""

from __future__ import annotations

from typing import Any

from .devices import array_module
from .errors import GradientError
from .pytree import tree_map
from .tape import Leaf, pull_back
from .tensor import Dual, Tensor, seed_for


class Gradients:
    """Gradients by tensor.  ``g[t]`` is the gradient by ``t``, for a leaf or for a result in the middle.

    A constant and a detached tensor have *no gradient*, ``None``, which is not a zero gradient.  A tensor that requires
    a gradient and was not reached has ``None`` too, or zeros where they were asked for (``dense``).  ``t in g`` says
    whether the pass reached ``t``.
    """

    def __init__(self, by_node: dict[Any, Any], dense: bool) -> None:
        self._by_node = by_node
        self._dense = dense

    def __getitem__(self, t: Tensor) -> Tensor | None:
        if t in self:
            return Tensor(self._by_node[t._node])
        if self._dense and t._node is not None:
            return Tensor(array_module(t._data).zeros(t.shape, t.dtype))
        return None

    def __contains__(self, t: object) -> bool:
        return isinstance(t, Tensor) and t._node in self._by_node

    def of(self, tree: Any) -> Any:
        """The gradients by the tensors of a pytree, as a pytree: what an optimizer's ``step`` takes.

        >>> import hasderiv as hd
        >>> p = {"w": hd.tensor(2.0, requires_grad=True), "unused": hd.tensor(1.0, requires_grad=True)}
        >>> gradients(p["w"] * 3.0).of(p)
        {'w': tensor(3.), 'unused': None}
        """
        return tree_map(self.__getitem__, tree)

    def operations(self) -> list[tuple[str, Tensor]]:
        """The name of each operation that was reached and the gradient by its result, from the end to the beginning.

        >>> import hasderiv as hd
        >>> [name for name, _ in gradients(hd.exp(hd.tensor(1.0, requires_grad=True)) * 2.0).operations()]
        ['mul', 'exp']
        """
        return [(node.op.name, Tensor(g)) for node, g in self._by_node.items() if type(node) is not Leaf]


def gradients(y: Tensor, seed: Any = None, *, dense: bool = False, retain_graph: bool = False) -> Gradients:
    """The gradients of ``y``, or of ``sum(seed * y)``, by every tensor that it was computed from.

    Unlike ``y.backward(seed)`` it leaves every ``.grad`` alone, and it answers for results in the middle as well.
    Saved arrays are freed unless ``retain_graph``.  Raises what :meth:`.Tensor.backward` raises.

    >>> import hasderiv as hd
    >>> x, c = hd.tensor([1.0, 2.0], requires_grad=True), hd.tensor([1.0, 1.0], requires_grad=True)
    >>> y = x * x
    >>> g = gradients((y * 3.0).sum())
    >>> g[x], g[y], g[c]
    (tensor([ 6., 12.]), tensor([3., 3.]), None)
    >>> gradients(x * x, seed=[1.0, 10.0], dense=True)[c]
    tensor([0., 0.])
    """
    if not isinstance(y, Tensor) or y._node is None:
        raise GradientError("gradients: this value does not depend on any tensor with requires_grad=True")
    if type(y) is Dual:
        raise GradientError("gradients: not inside hd.jvp; use hd.grad there, which can be differentiated")
    met: dict[Any, Any] = {}
    found = pull_back([(y._node, seed_for(y, seed)._data)], retain=retain_graph, met=met)
    return Gradients({**met, **found}, dense)
