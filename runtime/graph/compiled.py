"""``hd.compile``: a function traced once, its value and derivatives on new inputs of the same shapes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import transforms
from ..devices import is_float
from ..errors import DTypeError, ShapeError
from ..pytree import Structure, flatten, unflatten
from ..tape import Leaf, enable_grad, no_grad, pull_back, recording
from ..tensor import Tensor
from .arguments import Signature
from .certified import Certified
from .execute import Program
from .trace import Trace, Traced

if TYPE_CHECKING:
    from ...proofs.graph.certificate import Condition, GraphCertificate, Held


class _Traced(NamedTuple):
    """A program, the structure of the function's result, and the types of its leaves."""

    program: Program
    structure: Structure
    result: Signature


class Compiled:
    """A function as graphs of its value and its derivatives; see :func:`compile`.

    ``xs`` is a tuple of the function's arguments (pytrees of arrays, tensors and numbers) or, for one argument, that
    argument.  Results have the structure that :func:`hasderiv.vjp` and :func:`hasderiv.jvp` give them and are
    constants: of tensors among the arguments the values are taken.  Only where ``forward`` is given tensors that are
    being differentiated or traced does the function itself run, so that a gradient flows through it.

    A graph is traced when it is first asked for.  All methods may be called from several threads at once.

    Raises :class:`ShapeError` and :class:`DTypeError` for arguments of another structure, shape or dtype.
    """

    def __init__(self, f: Callable[..., Any], specs: tuple[Any, ...], argnums: int | Sequence[int] | None) -> None:
        self.name: str = getattr(f, "__name__", type(f).__name__)
        self._f = f
        self._count = len(specs)
        self._signature = Signature(self.name, specs)
        self._argnums = argnums
        chosen = range(len(specs)) if argnums is None else [argnums] if isinstance(argnums, int) else argnums
        self._chosen = [transforms.argnum(i, len(specs)) for i in chosen]
        self._traced: dict[Any, _Traced] = {}
        self._lock = threading.RLock()
        self._get("forward")

    def __repr__(self) -> str:
        return f"<compiled {self.name}({', '.join(map(repr, self._signature.types))})>"

    def forward(self, xs: Any) -> Any:
        """The value of the function.

        >>> import hasderiv as hd
        >>> hd.compile(lambda x: x * x, hd.tensor_spec(2)).forward([1.0, 3.0])
        tensor([1., 9.])
        """
        args, _ = self._arguments(xs)
        if any(isinstance(x, Tensor) and _followed(x) for x in self._signature.leaves(args)):
            return self._f(*args)
        traced = self._get("forward")
        return unflatten(traced.structure, traced.program.run(self._signature.arrays(args)))

    def jvp(self, xs: Any, dxs: Any) -> tuple[Any, Any]:
        """The value, and its derivative in the direction ``dxs``, in which ``None`` is a constant.

        >>> import hasderiv as hd
        >>> hd.compile(lambda x: x * x, hd.tensor_spec(2)).jvp([1.0, 3.0], [1.0, 1.0])
        (tensor([1., 9.]), tensor([2., 6.]))
        """
        args, several = self._arguments(xs)
        arrays = self._signature.arrays(args)
        tangents = self._signature.arrays(dxs if several else (dxs,), optional=True)
        traced = self._get(("jvp", tuple([t is not None for t in tangents])))
        return self._pair(traced, [*arrays, *(t for t in tangents if t is not None)], traced.structure)

    def vjp(self, xs: Any, seed: Any) -> tuple[Any, Any]:
        """The value, and the cotangents of the arguments for the cotangent ``seed`` of the value.

        The cotangents are those of ``argnums`` where these were given.  One is ``None`` where the value does not depend
        on a leaf, and for integers.

        >>> import hasderiv as hd
        >>> hd.compile(lambda x: x * x, hd.tensor_spec(2)).vjp([1.0, 3.0], [1.0, 10.0])
        (tensor([1., 9.]), tensor([ 2., 60.]))
        """
        traced = self._get("vjp")
        args, several = self._arguments(xs)
        arrays = [*self._signature.arrays(args), *traced.result.arrays(seed)]
        parts = tuple([self._signature.structure[2][i] for i in self._chosen])
        one = isinstance(self._argnums, int) or (self._argnums is None and not several)
        return self._pair(traced, arrays, parts[0] if one else (tuple, None, parts))

    def backward(self, xs: Any) -> tuple[Any, Any]:
        """The value, which is a scalar, and its gradient.  Raises :class:`ShapeError` for any other value.

        >>> import hasderiv as hd
        >>> hd.compile(lambda x: (x * x).sum(), hd.tensor_spec(2)).backward([1.0, 3.0])
        (tensor(10.), tensor([2., 6.]))
        """
        result = self._get("forward").result
        if result.structure is not None or result.types[0].size != 1:
            raise ShapeError(f"{self.name}: backward is for a result with one element, not {result.types}; use vjp")
        return self.vjp(xs, np.ones(result.types[0].shape, result.types[0].dtype))

    def certificate(self) -> GraphCertificate:
        """The certificate that ``jvp`` computes the derivative of this function and ``vjp`` its adjoint.

        It holds over the real numbers, where the :meth:`conditions` hold, and for every value of what the function
        takes from elsewhere.  ``save(path)`` writes it; ``hasderiv check PATH`` checks it.  Each op is proved once, so
        making it takes time in proportion to the size of the graph; it is made when first asked for.

        Raises :class:`CertificateError` where a node has none: a custom op, an op with a tensor as its parameter, a
        derivative inside the function, a mask or integer that is computed from a floating input and used otherwise than
        in :func:`hasderiv.select`.

        >>> import hasderiv as hd
        >>> hd.compile(lambda x: hd.relu(x).sum(), hd.tensor_spec(3)).certificate()
        <certificate of a graph of 2 steps, 1 with conditions>
        """
        return self._certified.certificate

    def conditions(self) -> tuple[Condition, ...]:
        """What has to hold so that ``jvp`` and ``vjp`` are certified to be the derivative and its adjoint.

        >>> import hasderiv as hd
        >>> [str(c) for c in hd.compile(lambda x: hd.relu(x).sum(), hd.tensor_spec(3)).conditions()]
        ['%1 = relu: v0[o0] != 0']
        """
        return self._certified.certificate.conditions

    def conditions_hold(self, xs: Any) -> Held:
        """Whether all conditions hold for these arguments, at the values that the graph computes.

        The values are those that the graph computes, with its rounding: where a kink is met but for rounding, as in
        ``relu(x - x.mean())`` at equal numbers, this is not seen, and neither is a derivative that overflows.

        It is true in a test where they do.  Otherwise ``uncertified`` lists each node with the coordinates of its
        result where it uses a convention, or where it is not certain that it does not.

        >>> import hasderiv as hd
        >>> f = hd.compile(lambda x: hd.relu(x).sum(), hd.tensor_spec(3))
        >>> bool(f.conditions_hold([1.0, 2.0, -1.0]))
        True
        >>> print(f.conditions_hold([1.0, 0.0, -1.0]))
        %1 = relu at [1]: not certain that v0[o0] != 0
        """
        args, _ = self._arguments(xs)
        return self._certified.held(self._signature.arrays(args))

    @cached_property
    def _certified(self) -> Certified:
        trace = Trace(self.name, marking=True)
        inputs = [trace.input(kind) for kind in self._signature.types]
        try:
            with np.errstate(all="ignore"), enable_grad():
                outputs, _ = flatten(self._f(*self._tree([x._at(Leaf()) if is_float(x.dtype) else x for x in inputs])))
            return Certified(trace.close([trace.lift(y) for y in outputs]))
        finally:
            trace.open = False

    # ---- arguments and results

    def _arguments(self, xs: Any) -> tuple[tuple[Any, ...], bool]:
        """The arguments as a tuple, and whether they were given as one."""
        if self._count != 1:
            return xs, True
        structure = self._signature.structure[2][0]
        one = structure is not None and structure[0] is tuple and isinstance(xs, tuple) and len(xs) == len(structure[2])
        return (xs, True) if isinstance(xs, tuple) and not one else ((xs,), False)

    def _pair(self, traced: _Traced, arrays: list[Any], structure: Structure) -> tuple[Any, Any]:
        found = traced.program.run(arrays)
        count = len(traced.result.types)
        return unflatten(traced.structure, found[:count]), unflatten(structure, found[count:])

    # ---- tracing

    def _get(self, which: Any) -> _Traced:
        found = self._traced.get(which)
        if found is None:
            with self._lock:
                found = self._traced.get(which)
                if found is None:
                    found = self._traced[which] = self._trace(which)
        return found

    def _trace(self, which: Any) -> _Traced:
        trace = Trace(self.name)
        inputs = [trace.input(kind) for kind in self._signature.types]
        try:
            with np.errstate(all="ignore"):  # the primitives are tried on stand-ins
                return self._write(trace, inputs, which)
        finally:
            trace.open = False

    def _write(self, trace: Trace, inputs: list[Traced], which: Any) -> _Traced:
        if which == "forward":
            outputs, structure = flatten(self._f(*self._tree(inputs)))
            extra: list[Any] = []
        elif which == "vjp":
            outputs, structure, extra = self._reverse(trace, inputs)
        else:
            outputs, structure, extra = self._tangents(trace, inputs, which[1])
        outputs = [trace.lift(y) for y in outputs]
        result = Signature(self.name, unflatten(structure, [y._data for y in outputs]))
        return _Traced(Program(trace.close([*outputs, *extra])), structure, result)

    def _reverse(self, trace: Trace, inputs: list[Traced]) -> tuple[list[Any], Structure, list[Any]]:
        """The outputs and the cotangents of the inputs."""
        with enable_grad():
            args = list(self._tree(inputs))
            leaves: list[Leaf | None] = []
            for i in self._chosen:
                parts, structure = flatten(args[i])
                mine = [Leaf() if is_float(x.dtype) else None for x in parts]
                args[i] = unflatten(structure, [x._at(leaf) for x, leaf in zip(parts, mine, strict=True)])
                leaves += mine
            outputs, structure = flatten(self._f(*args))
        outputs = [trace.lift(y) for y in outputs]
        seeds = [trace.input(y._data) for y in outputs]
        pairs = [(y._node, g) for y, g in zip(outputs, seeds, strict=True) if y._node is not None]
        with no_grad():
            found = pull_back(pairs, frozenset(leaf for leaf in leaves if leaf is not None), recorded=True)
        return outputs, structure, [found.get(leaf) for leaf in leaves]

    def _tangents(self, trace: Trace, inputs: list[Traced], given: Any) -> tuple[list[Any], Structure, list[Any]]:
        """The outputs and their tangents."""
        tangents = [trace.input(x._data) if wanted else None for x, wanted in zip(inputs, given, strict=True)]
        for x, tangent, path in zip(inputs, tangents, self._signature.paths, strict=True):
            if tangent is not None and not is_float(x.dtype):
                raise DTypeError(f"{self.name}: a tangent of a {x.dtype.name} argument at {path}; pass None")
        values, slopes = transforms.jvp(self._f, self._tree(inputs), self._tree(tangents))
        outputs, structure = flatten(values)
        return outputs, structure, flatten(slopes)[0]

    def _tree(self, leaves: list[Any]) -> tuple[Any, ...]:
        return unflatten(self._signature.structure, leaves)  # type: ignore[no-any-return]


def _followed(x: Tensor) -> bool:
    """Whether what is computed from a tensor has to be recorded or traced."""
    return type(x) is not Tensor or (x._node is not None and recording.get())


def compile(f: Callable[..., Any], *specs: Any, argnums: int | Sequence[int] | None = None) -> Compiled:
    """Trace ``f`` on arguments of these shapes and dtypes, and compile its value and derivatives.

    Each of ``specs`` stands for one argument of ``f``: a pytree of :func:`tensor_spec`, or of arrays, tensors or
    numbers whose shape and dtype are taken.  ``f`` is a function of tensors, and what it takes from elsewhere is a
    constant, which must not change: the derivatives are traced when they are first asked for.  ``argnums`` says by
    which arguments ``vjp`` and ``backward`` differentiate, as in :func:`hasderiv.grad`; without it, by all.
    Elementwise operations that follow one another become one kernel, and results live in memory that is used again.
    The same function gives the same bits eagerly and compiled.

    Raises :class:`TraceError`, with the line of ``f``, where ``f`` makes a Python value of a tensor that has none yet.

    >>> import hasderiv as hd
    >>> energy = hd.compile(lambda p, x: (p["k"] * x * x / 2).sum(), {"k": hd.tensor_spec(())}, hd.tensor_spec(3))
    >>> energy.backward(({"k": 2.0}, [0.0, 1.0, 2.0]))
    (tensor(5.), ({'k': tensor(2.5)}, tensor([0., 2., 4.])))
    """
    return Compiled(f, specs, argnums)
