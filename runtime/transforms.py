"""``grad``, ``value_and_grad``, ``jvp`` and ``vjp``: functions from functions to their derivatives.

They take and return pytrees, nest in every order (``grad`` of ``grad``, ``jvp`` of ``grad``, ...), and
do not touch any tensor's ``.grad``.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

from .devices import is_float
from .errors import DTypeError, GradientError, ShapeError
from .primitive import is_symbolic, trace_of
from .pytree import describe, flatten, unflatten
from .tape import Leaf, Node, enable_grad, no_grad, pull_back, reachable
from .tensor import Dual, Tensor, as_tensor, seed_for, tensor
from .tensor_ops.shapes import IDENTITY

_levels = itertools.count(1)


def _as_input(name: str, x: Any) -> Tensor:
    """A leaf of an argument as a tensor of floats."""
    if x is None or isinstance(x, str):
        raise DTypeError(f"{name}: cannot differentiate by {x!r}")
    t = as_tensor(x)
    if not is_float(t.dtype):
        raise DTypeError(f"{name}: cannot differentiate by a {t.dtype.name} value; pass floats (1.0, not 1)")
    return t


def _alias(x: Tensor) -> Tensor:
    """The same tensor with a node of its own, at which the walk back can stop."""
    return x._at(Leaf() if x._node is None else Node(IDENTITY, (x._node,), (), None))


class _Trace:
    """Arguments replaced by aliases, and what is needed to find the cotangents of these aliases."""

    def __init__(self, name: str, args: Sequence[Any], chosen: tuple[int, ...]) -> None:
        self.args = list(args)
        self.structures: list[Any] = []
        self.inputs: list[Tensor] = []
        self.aliases: list[Tensor] = []
        self.name = name
        for i in chosen:
            leaves, structure = flatten(args[i])
            tensors = [_as_input(name, x) for x in leaves]
            aliases = [_alias(x) for x in tensors]
            self.structures.append((structure, len(leaves)))
            self.inputs += tensors
            self.aliases += aliases
            self.args[i] = unflatten(structure, aliases)
        self.stop = frozenset(a._node for a in self.aliases)

    def open(self, outputs: list[Tensor]) -> bool:
        """Whether the result is itself to be differentiated: something outside the arguments is being traced."""
        if any(x._node is not None or type(x) is Dual for x in self.inputs) or any(type(y) is Dual for y in outputs):
            return True
        _, leaves = reachable([y._node for y in outputs if y._node is not None], self.stop)
        return any(leaf not in self.stop for leaf in leaves)

    def cotangents(self, outputs: list[Tensor], seeds: list[Tensor], recorded: bool, retain: bool) -> list[Any]:
        """The cotangent of each chosen argument, as a list of pytrees."""
        pairs = [(y._node, g) for y, g in zip(outputs, seeds, strict=True) if y._node is not None]
        if not recorded and is_symbolic(*outputs, *seeds):  # no values: the plain rules are traced as they are
            trace, recorded = trace_of((*outputs, *seeds)), True
            with no_grad():
                given = [(node, trace.lift(g)) for node, g in pairs]
                found = pull_back(given, self.stop, recorded=True, retain=retain)
        else:
            given = [(node, g if recorded else g._data) for node, g in pairs]
            found = pull_back(given, self.stop, recorded=recorded, retain=retain)
        flat = iter([found.get(a._node) for a in self.aliases])
        trees = []
        for structure, count in self.structures:
            leaves = [next(flat) for _ in range(count)]
            trees.append(unflatten(structure, [g if g is None or recorded else Tensor(g) for g in leaves]))
        return trees


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """Return a function that computes ``f`` and its gradient by the arguments ``argnums`` in one go.

    ``f`` returns a scalar (shape ``()``), or with ``has_aux`` a pair of a scalar and anything else.  The
    arguments named by ``argnums`` are pytrees of floating tensors, arrays or floats; the gradient has the same
    structure, made of tensors, with ``None`` where ``f`` does not depend on a leaf at all.  With a
    sequence of ``argnums`` it is a tuple.

    Raises :class:`ShapeError` when ``f`` does not return a scalar, :class:`DTypeError` for integer arguments.

    >>> value_and_grad(lambda x: x * x)(3.0)
    (tensor(9.), tensor(6.))
    """
    single = isinstance(argnums, int)

    @functools.wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        chosen = tuple([argnum(i, len(args)) for i in ((argnums,) if isinstance(argnums, int) else argnums)])
        with enable_grad():
            trace = _Trace("grad", args, chosen)
            result = f(*trace.args, **kwargs)
            value, aux = _split_aux(result) if has_aux else (result, None)
            if not isinstance(value, Tensor):
                value = tensor(value)
            if value.shape != ():
                raise ShapeError(f"grad: the function returned shape {value.shape}; it must return a scalar, shape ()")
            recorded = trace.open([value])
            if value._node is None:
                trees = [unflatten(s, [None] * n) for s, n in trace.structures]
            else:
                trees = trace.cotangents([value], [seed_for(value, None)], recorded, retain=recorded or has_aux)
        if not recorded:
            value = value.detach()
        gradient = trees[0] if single else tuple(trees)
        return ((value, aux), gradient) if has_aux else (value, gradient)

    return run


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return the gradient of ``f`` as a function; see :func:`value_and_grad`.  With ``has_aux`` also the second result.

    >>> grad(lambda x: x * x * x)(2.0)
    tensor(12.)
    >>> grad(grad(lambda x: x * x * x))(2.0)
    tensor(12.)
    >>> grad(lambda p, x: (p["w"] * x + p["b"]).sum())({"w": 2.0, "b": 1.0}, 5.0)
    {'w': tensor(5.), 'b': tensor(1.)}
    """
    both = value_and_grad(f, argnums, has_aux)

    @functools.wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return run


def vjp(f: Callable[..., Any], xs: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Return ``f(*xs)``, and the function that carries a cotangent of the result back to ``xs``.

    ``xs`` is a tuple of arguments (pytrees), or one argument.  The cotangent has the structure, shapes and
    dtypes of the result.  The function may be called any number of times; it returns a tuple like ``xs`` (or
    one pytree), with ``None`` where nothing depends on a leaf.

    >>> import hasderiv as hd
    >>> y, back = vjp(lambda a, b: a * b, (hd.tensor([2.0, 3.0]), hd.tensor([5.0, 7.0])))
    >>> back([1.0, 10.0])
    (tensor([ 5., 70.]), tensor([ 2., 30.]))
    """
    several = isinstance(xs, tuple)
    args = xs if several else (xs,)
    with enable_grad():
        trace = _Trace("vjp", args, tuple(range(len(args))))
        result = f(*trace.args)
        leaves, structure = flatten(result)
        outputs = [y if isinstance(y, Tensor) else tensor(y) for y in leaves]
        recorded = trace.open(outputs)

    def back(cotangent: Any) -> Any:
        if structure is None:
            given = [cotangent]
        else:
            given, same = flatten(cotangent)
            if same != structure:
                raise ShapeError(f"vjp: cotangent {describe(same)} for a result {describe(structure)}")
        seeds = [seed_for(y, g) for y, g in zip(outputs, given, strict=True)]
        again = recorded or any(g._node is not None or type(g) is Dual for g in seeds)
        with enable_grad():
            trees = trace.cotangents(outputs, seeds, again, retain=True)
        return tuple(trees) if several else trees[0]

    shown = outputs if recorded else [y.detach() for y in outputs]
    return unflatten(structure, shown), back


def jvp(f: Callable[..., Any], xs: Any, dxs: Any) -> tuple[Any, Any]:
    """Return ``f(*xs)`` and its derivative in the direction ``dxs``, in one forward pass.

    ``xs`` is a tuple of arguments (pytrees), or one argument, and ``dxs`` has the same structure, shapes and
    dtypes; a ``None`` in it is a constant.  The tangent has the structure of the result, with ``None``
    where the result does not depend on ``xs``.

    >>> jvp(lambda x: x * x, 3.0, 1.0)
    (tensor(9.), tensor(6.))
    """
    several = isinstance(xs, tuple)
    args, directions = (xs, dxs) if several else ((xs,), (dxs,))
    if several and (not isinstance(dxs, tuple | list) or len(dxs) != len(xs)):
        raise ShapeError(f"jvp: {len(xs)} arguments need as many tangents")
    level = next(_levels)
    duals = []
    for x, dx in zip(args, directions, strict=True):
        leaves, structure = flatten(x)
        tangents, same = ([dx], None) if structure is None else flatten(dx)
        if same != structure:
            raise ShapeError(f"jvp: tangent {describe(same)} for an argument {describe(structure)}")
        duals.append(unflatten(structure, [_dual(p, t, level) for p, t in zip(leaves, tangents, strict=True)]))
    leaves, structure = flatten(f(*duals))
    values, slopes = [], []
    for y in leaves:
        mine = type(y) is Dual and y._level == level
        values.append(y._primal if mine else y if isinstance(y, Tensor) else tensor(y))
        slopes.append(y._tangent if mine else None)
    return unflatten(structure, values), unflatten(structure, slopes)


def _dual(x: Any, dx: Any, level: int) -> Any:
    if dx is None:
        return x
    x = _as_input("jvp", x)
    try:
        return Dual(x, seed_for(x, dx), level)
    except (ShapeError, DTypeError) as error:
        raise type(error)(f"jvp: {str(error).removeprefix('backward: ').replace('gradient', 'tangent')}") from None


def argnum(i: Any, count: int) -> int:
    """The number of an argument, counted from the front.  Raises :class:`GradientError` where there is none."""
    if isinstance(i, bool) or not isinstance(i, int):
        raise TypeError(f"grad: argnums are integers, not {i!r}")
    if not -count <= i < count:
        raise GradientError(f"grad: argnums has {i}, and the function was called with {count} positional arguments")
    return i % count


def _split_aux(result: Any) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise ShapeError("grad: with has_aux=True the function returns a pair of a scalar and anything else")
    return result
