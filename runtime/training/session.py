"""A session: one place that says on which device, in which dtype and from which seed a computation runs.

It is no second tape.  What it makes are plain tensors; graphs are held by their outputs, as everywhere.  It keeps the
named parameters, which is what optimizers and checkpoints take, and the state of the random numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import random
from ..devices import as_dtype, is_float, move
from ..errors import DomainError, DTypeError, ShapeError
from ..gradients import Gradients, gradients
from ..tensor import Tensor, tensor
from ..tensor_ops.indexing import check_range


class Session:
    """Parameters by name, inputs and random numbers, all on one device and in one dtype.

    On ``cuda`` everything that the session makes lives there and stays there: a parameter keeps its array on the
    device between steps, and what has no CUDA version raises :class:`DeviceError`; nothing is moved in silence.  The
    same seed gives the same random numbers on every device.

    >>> s = Session(seed=1)
    >>> w = s.parameter("w", [1.0, 2.0])
    >>> x = s.input([3.0, 4.0])
    >>> s.gradients((w * x).sum())[w]
    tensor([3., 4.], dtype=float32)
    """

    def __init__(self, device: str = "cpu", dtype: Any = "float32", seed: int = 0) -> None:
        self.dtype = as_dtype(dtype)
        if not is_float(self.dtype):
            raise DTypeError(f"a session computes in floats, not in {self.dtype.name}")
        move(np.zeros(1, np.float32), device)  # a device that is not there is an error now, not later
        self.device = device
        self.parameters: dict[str, Tensor] = {}
        self._key = random.key(seed)

    # ---- tensors

    def parameter(self, name: str, value: Any, requires_grad: bool = True) -> Tensor:
        """A parameter with this first value, kept under its name in ``parameters``.

        Without ``requires_grad`` it is frozen: saved with the others, and no optimizer takes it.  Raises
        :class:`DomainError` for a name that is taken.
        """
        if name in self.parameters:
            raise DomainError(f"the session has a parameter {name!r} already; .assign() gives it a new value")
        made = self.parameters[name] = tensor(value, requires_grad, self.device, self.dtype)
        return made

    @property
    def trainable(self) -> dict[str, Tensor]:
        """The parameters that require a gradient: what an optimizer takes."""
        return {name: p for name, p in self.parameters.items() if p.requires_grad}

    def assign(self, name: str, value: Any) -> None:
        """Give a parameter a new value of the same shape; graphs that saved the old one keep it."""
        if name not in self.parameters:
            raise DomainError(f"assign: the session has no parameter {name!r}")
        p = self.parameters[name]
        new = tensor(value, device=self.device, dtype=self.dtype)
        if new.shape != p.shape:
            raise ShapeError(f"assign: a value of shape {new.shape} for parameter {name!r} of shape {p.shape}")
        p._data = new._data

    def input(self, value: Any, requires_grad: bool = False) -> Tensor:
        """Outside data as a tensor; with ``requires_grad`` the gradient by it can be asked for."""
        return tensor(value, requires_grad, self.device, self.dtype)

    def constant(self, value: Any) -> Tensor:
        """A tensor that has no gradient, which is not a zero gradient."""
        return tensor(value, False, self.device, self.dtype)

    def index(self, values: Any) -> Tensor:
        """Integers (labels, positions, rows to gather) as an int64 tensor.

        Raises :class:`DTypeError` for others, :class:`ShapeError` (an ``IndexError`` too) for one of 2^63 or more.
        """
        made = tensor(values, device=self.device)
        if made.dtype.kind not in "iu":
            raise DTypeError(f"an index is an integer, not {made.dtype.name}")
        check_range("Session.index", made)
        return made.astype("int64")

    def detach(self, t: Tensor) -> Tensor:
        """The same values, cut off from the graph: no gradient flows back."""
        return t.detach()

    def read(self, t: Tensor) -> np.ndarray[Any, Any]:
        """The values as a read-only NumPy array.  From ``cuda`` they are copied, here and nowhere else."""
        return t.detach().cpu().numpy()

    # ---- gradients

    def gradients(self, y: Tensor, seed: Any = None, *, dense: bool = False, retain_graph: bool = False) -> Gradients:
        """See :func:`.gradients.gradients`; a seed that is no tensor is taken to the session's device and dtype."""
        if seed is not None and not isinstance(seed, Tensor):
            seed = tensor(seed, device=self.device, dtype=y.dtype)
        return gradients(y, seed, dense=dense, retain_graph=retain_graph)

    def reset(self, seed: int | None = None) -> None:
        """Drop the parameters' gathered ``.grad``; with a seed, begin its random numbers from the start.

        Graphs need no reset: each goes with its last tensor.
        """
        for p in self.trainable.values():
            p.grad = None
        if seed is not None:
            self._key = random.key(seed)

    # ---- random numbers

    def key(self) -> int:
        """A key that the session gives out once, for the functions of ``hd.random``."""
        self._key, given = random.split(self._key)
        return given

    def uniform(self, shape: Any) -> Tensor:
        """Uniform numbers in [0, 1)."""
        return random.rand_uniform(self.key(), shape, self.dtype, self.device)

    def normal(self, shape: Any, scale: float = 1.0) -> Tensor:
        """Normal numbers with this standard deviation: the usual first value of a parameter."""
        made: Tensor = random.normal(self.key(), shape, self.dtype, self.device) * scale
        return made

    def mask(self, shape: Any, keep: float) -> Tensor:
        """Numbers that are 1 with probability ``keep``, else 0."""
        return random.bernoulli_mask(self.key(), shape, keep, self.dtype, self.device)

    def dropout(self, t: Tensor, rate: float) -> Tensor:
        """Each element 0 with probability ``rate``, the others divided by ``1 - rate``; another mask at each call."""
        return random.dropout(t, self.key(), rate)

    # ---- checkpoints

    def state_tree(self) -> dict[str, Any]:
        """What a checkpoint keeps of a session."""
        return {"parameters": dict(self.parameters), "key": self._key}

    def restore(self, tree: dict[str, Any]) -> None:
        """Take the state back; the parameters have their values already."""
        self._key = tree["key"]
