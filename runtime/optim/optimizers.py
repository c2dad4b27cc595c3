"""The optimizers: which numbers a rule gets at each step, and where its arrays lie.

Parameters are updated in place where nobody can see it.  A parameter's array belongs to the tape and is never changed
while anyone else holds it: a graph that saved it, a detached tensor, a NumPy view.  CPython counts the references to
an array, so a step asks; an array that is shared stays as it is, and the new value goes into a new one.
"""

from __future__ import annotations

import contextlib
import math
import platform
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ..devices import array_module, device_of, is_half, require_cupy, split_device
from ..errors import DeviceError, DomainError, DTypeError, GradientError, ShapeError
from ..pytree import flatten, paths, unflatten
from ..tensor import Tensor
from . import device_code, machine_code
from .clipping import norm_of
from .program import Blocks, Row, program
from .rules import ARRAYS

Rate = float | Callable[[int], float]


class Optimizer(ABC):
    """What all optimizers share: the parameters, the learning rate, ``step`` and ``zero_grad``.

    ``params`` is a pytree of leaf tensors with ``requires_grad=True``.  ``lr`` is a number or a schedule: a function
    from the number of steps taken so far to a number (see :mod:`.schedules`).  With ``clip`` the gradients are
    multiplied by ``clip / norm`` in each step where their norm, over all parameters together, is larger than ``clip``.

    ``state`` holds, for each parameter, the arrays of the rule, which ``step`` changes in place, and ``counts`` how
    many steps each has taken: one without a gradient is skipped.  float16 and bfloat16 parameters have their state in
    float32, are updated in float32 and rounded once.

    Raises :class:`GradientError` for anything but distinct leaves that require gradients, :class:`DomainError` for a
    number outside its range.
    """

    rule = ""

    def __init__(self, params: Any, lr: Rate, clip: float | None = None) -> None:
        leaves, self._structure = flatten(params)
        self.params: list[Tensor] = list(leaves)
        self.names = paths(self._structure)
        if len({*self.names}) < len(self.names):
            raise GradientError("an optimizer takes parameters of distinct names; two keys read the same")
        for name, p in zip(self.names, self.params, strict=True):
            if not isinstance(p, Tensor) or not p.is_leaf or not p.requires_grad:
                raise GradientError(f"an optimizer takes leaf tensors with requires_grad=True, and {name!r} is none")
        if len({id(p) for p in self.params}) < len(self.params):
            raise GradientError("an optimizer takes each tensor once; one stands at two places of params")
        self.lr = lr
        self.clip = None if clip is None else _at_least(0.0, "clip", clip)
        self.steps = 0
        self.counts = [0] * len(self.params)
        self.state: list[dict[str, Any]] = []
        self._groups: dict[tuple[str, Any], list[int]] = {}  # parameters that are updated by one call
        for i, p in enumerate(self.params):
            self._groups.setdefault((p.device, _wide(p.dtype)), []).append(i)
            with _current(p.device):
                zeros = array_module(p._data).zeros
                self.state.append({name: zeros(p.shape, _wide(p.dtype)) for name in ARRAYS[self.rule]})
        self._runners: dict[tuple[str, Any], Callable[[list[Row]], None]] = {}
        self._copies: dict[tuple[int, str], Any] = {}

    @property
    def lr(self) -> float:
        """The learning rate of the next step.  Can be set, to a number or to a schedule."""
        return _at_least(0.0, "lr", self._rate(self.steps) if callable(self._rate) else self._rate)

    @lr.setter
    def lr(self, rate: Rate) -> None:
        self._rate = rate if callable(rate) else _at_least(0.0, "lr", rate)

    @property
    def tree(self) -> Any:
        """The parameters as the pytree in which they were given."""
        return unflatten(self._structure, self.params)

    def zero_grad(self) -> None:
        """Set every parameter's ``.grad`` to ``None``."""
        for p in self.params:
            p.grad = None

    def step(self, grads: Any = None) -> None:
        """Update the parameters from their ``.grad``, or from ``grads``, a pytree like the parameters.

        Gradients and state are checked before anything changes: :class:`ShapeError`, :class:`DTypeError`,
        :class:`DeviceError` where one does not fit, and with ``clip`` :class:`GradientError` where
        their norm is not finite.

        One thread at a time may step or compute with the parameters.
        """
        found, names = self._gradients(grads), ARRAYS[self.rule]
        for i, (arrays, g) in enumerate(zip(self.state, found, strict=True)):
            if g is not None and not _can_write(arrays, names, g):
                self._check_state("step", i, arrays, True)
        scale = () if self.clip is None else (self._scale(found),)
        lr = self.lr
        self.steps += 1
        for key, members in self._groups.items():
            with _current(key[0]):
                self._step_group(key, members, found, lr, scale)

    def _step_group(
        self, key: tuple[str, Any], members: list[int], found: list[Any], lr: float, scale: tuple[float, ...]
    ) -> None:
        """Update the parameters of one device and dtype."""
        rows, stepped = list[Row](), list[int]()
        numbers, of = tuple[float, ...](), -1
        for i in members:
            g = found[i]
            if g is None:
                continue
            count = self.counts[i] = self.counts[i] + 1
            if count != of:
                numbers, of = (*scale, *self._numbers(lr, count)), count
            rows.append(self._row(i, g, numbers))
            stepped.append(i)
        if rows:
            self._runner(key)(rows)
            for i, row in zip(stepped, rows, strict=True):
                self._store(i, row.out)

    def state_tree(self) -> dict[str, Any]:
        """What a checkpoint keeps of an optimizer: its counts and arrays, under the name of its rule.

        Rates, betas and the like belong to the program that makes the optimizer; a schedule goes on from ``steps``.
        The arrays are copies, so that a later step leaves them as they are.
        """
        state = dict(zip(self.names, self._copied(self.state), strict=True))
        counts = dict(zip(self.names, self.counts, strict=True))
        return {self.rule: {"steps": self.steps, "counts": counts, "state": state}}

    def restore(self, tree: dict[str, Any]) -> None:
        """Take the state back; its arrays are copied.

        Raises :class:`ShapeError`, :class:`DTypeError`, :class:`DeviceError` where it is the state of another rule or
        of other parameters; nothing has changed then.
        """
        try:
            found = tree[self.rule]
            steps, counts, state = found["steps"], found["counts"], found["state"]
            numbers, named = [steps, *counts.values()], counts.keys() == state.keys() == {*self.names}
        except (KeyError, TypeError, AttributeError):
            raise ShapeError(f"restore: this is no state of the rule {self.rule!r}") from None
        if not named:
            raise ShapeError(f"restore: the state is of parameters {list(state)}, and these are {self.names}")
        for count in numbers:
            if type(count) is not int or count < 0:
                raise DTypeError(f"restore: a number of steps is an integer >= 0, not {count!r}")
        ordered = [state[name] for name in self.names]
        for i, arrays in enumerate(ordered):
            self._check_state("restore", i, arrays, False)
        self.state = self._copied(ordered)
        self.counts = [counts[name] for name in self.names]
        self.steps = steps

    def _check_state(self, doing: str, i: int, arrays: dict[str, Any], in_place: bool) -> None:
        """Raise unless these are the arrays of parameter ``i``: machine code writes to their addresses."""
        p, name = self.params[i], self.names[i]
        if not isinstance(arrays, dict) or tuple(arrays) != ARRAYS[self.rule]:
            raise ShapeError(f"{doing}: the state of {name!r} is one array for each of {ARRAYS[self.rule]}, in order")
        for which, a in arrays.items():
            array_module(a)  # raises for what is no array
            if a.shape != p.shape:
                raise ShapeError(f"{doing}: {which!r} of {name!r} has shape {a.shape}, and the parameter {p.shape}")
            if a.dtype != _wide(p.dtype):
                raise DTypeError(f"{doing}: {which!r} of {name!r} is {a.dtype}, and has to be {_wide(p.dtype)}")
            if device_of(a) != p.device:
                raise DeviceError(f"{doing}: {which!r} of {name!r} is on {device_of(a)}, the parameter on {p.device}")
            if in_place and not (_plain(a) and getattr(a.flags, "writeable", True)):
                raise DTypeError(f"{doing}: {which!r} of {name!r} has to be a contiguous array that can be written")

    def _copied(self, state: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The state in contiguous arrays of its own."""
        copies = []
        for p, arrays in zip(self.params, state, strict=True):
            with _current(p.device):
                copies.append({name: array_module(a).array(a, order="C") for name, a in arrays.items()})
        return copies

    @abstractmethod
    def _numbers(self, lr: float, count: int) -> tuple[float, ...]:
        """The numbers of the rule at the ``count``-th step of a parameter, in the order of ``rules.NUMBERS``."""

    def _gradients(self, grads: Any) -> list[Any]:
        if grads is None:
            found = [p.grad for p in self.params]
        else:
            found, structure = flatten(grads)
            if structure != self._structure:
                raise ShapeError("step: the gradients differ in structure from the parameters")
        for name, p, g in zip(self.names, self.params, found, strict=True):
            if g is None:
                continue
            here, there = p._data, getattr(g, "_data", None)
            if type(here) is type(there) is np.ndarray and here.dtype is there.dtype and here.shape == there.shape:
                continue  # the plain case needs no more looking at
            if not isinstance(g, Tensor):
                raise GradientError(f"step: the gradient of {name!r} is no tensor")
            if g.shape != p.shape:
                raise ShapeError(f"step: gradient of shape {g.shape} for parameter {name!r} of shape {p.shape}")
            if g.dtype != p.dtype:
                raise DTypeError(f"step: gradient of dtype {g.dtype} for parameter {name!r} of dtype {p.dtype}")
            if g.device != p.device:
                raise DeviceError(f"step: gradient on {g.device} for parameter {name!r} on {p.device}")
        return [None if g is None else g._data for g in found]

    def _scale(self, found: list[Any]) -> float:
        norm = norm_of([g for g in found if g is not None])
        if not math.isfinite(norm):
            raise GradientError(f"step: the norm of the gradient is {norm}, and nothing can be clipped to {self.clip}")
        assert self.clip is not None
        return self.clip / norm if norm > self.clip else 1.0

    def _row(self, i: int, g: Any, numbers: tuple[float, ...]) -> Row:
        """What parameter ``i`` brings to this step."""
        p = self.params[i]
        state = self.state[i].values()
        if is_half(p.dtype):
            wide = self._copy(i, "p", p._data)
            return Row(wide, (wide, self._copy(i, "g", g), *state), numbers)
        if not _plain(g):
            g = self._copy(i, "g", g)
        own = _may_change(p)
        data = p._data if _plain(p._data) else self._copy(i, "p", p._data)
        new = data if own else array_module(data).empty(p.shape, p.dtype)
        return Row(new, (data, g, *state), numbers)

    def _copy(self, i: int, what: str, values: Any) -> Any:
        """The values in a contiguous array of the dtype of the state, which is kept for the next step."""
        kept = self._copies.get((i, what))
        if kept is None:
            kept = self._copies[i, what] = array_module(values).empty(values.shape, _wide(values.dtype))
        kept[...] = values
        return kept

    def _store(self, i: int, value: Any) -> None:
        p = self.params[i]
        if not is_half(p.dtype):
            p._data = value
        elif _may_change(p):
            p._data[...] = value
        else:
            p._data = value.astype(p.dtype)

    def _runner(self, key: tuple[str, Any]) -> Callable[[list[Row]], None]:
        runner = self._runners.get(key)
        if runner is None:
            device, dtype = key
            update = program(self.rule, self.clip is not None)
            if device == "cpu":
                runner = machine_code.compiled(update, dtype) or Blocks(update, dtype).run
            else:
                runner = device_code.compiled(update, dtype)
            self._runners[key] = runner
        return runner

    def __getstate__(self) -> dict[str, Any]:
        own = {"state": self._copied(self.state), "counts": [*self.counts], "params": [*self.params]}
        return {**self.__dict__, **own, "_runners": {}, "_copies": {}}


class SGD(Optimizer):
    """``p - lr g``; with ``momentum`` mu: ``b = mu b + g`` (b starts at 0), ``p - lr b``.

    >>> import hasderiv as hd
    >>> p = hd.tensor([1.0], requires_grad=True)
    >>> SGD([p], lr=0.5).step([hd.tensor([1.0])])
    >>> p
    tensor([0.5], requires_grad=True)
    """

    def __init__(self, params: Any, lr: Rate, momentum: float = 0.0, *, clip: float | None = None) -> None:
        self.momentum = _at_least(0.0, "momentum", momentum)
        self.rule = "momentum" if self.momentum else "sgd"
        super().__init__(params, lr, clip)

    def _numbers(self, lr: float, count: int) -> tuple[float, ...]:
        return (lr, self.momentum) if self.momentum else (lr,)


class Momentum(SGD):
    """:class:`SGD` with a momentum of 0.9 unless told otherwise."""

    def __init__(self, params: Any, lr: Rate, momentum: float = 0.9, *, clip: float | None = None) -> None:
        super().__init__(params, lr, momentum, clip=clip)


class Adam(Optimizer):
    """``m = b1 m + (1-b1) g``, ``v = b2 v + (1-b2) g^2``, ``p -= lr mh / (sqrt(vh) + eps)``.

    Here ``mh = m/(1-b1^t)`` and ``vh = v/(1-b2^t)`` at step t, which starts at 1 (Kingma and Ba, 2015).

    >>> import hasderiv as hd
    >>> p = hd.tensor([1.0], requires_grad=True)
    >>> Adam([p], lr=0.25, eps=0.0).step([hd.tensor([4.0])])
    >>> p
    tensor([0.75], requires_grad=True)
    """

    rule = "adam"

    def __init__(
        self,
        params: Any,
        lr: Rate = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        clip: float | None = None,
    ) -> None:
        super().__init__(params, lr, clip)
        self.betas = tuple(_at_least(0.0, "beta", b) for b in betas) if isinstance(betas, list | tuple) else ()
        if any(b >= 1 for b in self.betas) or len(self.betas) != 2:
            raise DomainError(f"Adam: betas are two numbers in [0, 1), not {betas!r}")
        self.eps = _at_least(0.0, "eps", eps)

    def _numbers(self, lr: float, count: int) -> tuple[float, ...]:
        b1, b2 = self.betas
        return (lr, b1, 1 - b1, 1 - b1**count, b2, 1 - b2, 1 - b2**count, self.eps)


class AdamW(Adam):
    """:class:`Adam` with decoupled weight decay: ``p -= lr wd p`` first, moments from the raw gradient.

    >>> import hasderiv as hd
    >>> p = hd.tensor([1.0], requires_grad=True)
    >>> AdamW([p], lr=0.25, eps=0.0, weight_decay=0.5).step([hd.tensor([4.0])])
    >>> p
    tensor([0.625], requires_grad=True)
    """

    rule = "adamw"

    def __init__(
        self,
        params: Any,
        lr: Rate = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        *,
        clip: float | None = None,
    ) -> None:
        super().__init__(params, lr, betas, eps, clip=clip)
        self.weight_decay = _at_least(0.0, "weight_decay", weight_decay)

    def _numbers(self, lr: float, count: int) -> tuple[float, ...]:
        return (lr * self.weight_decay, *super()._numbers(lr, count))


def _references(p: Tensor) -> int:
    return sys.getrefcount(p._data)


_COUNTED: Final = platform.python_implementation() == "CPython" and getattr(sys, "_is_gil_enabled", lambda: True)()
_ALONE: Final = _references(Tensor(np.empty(1)))


def _may_change(p: Tensor) -> bool:
    """Whether the parameter's array belongs to it alone, so that a change of it is seen through the parameter only."""
    if not _COUNTED or _references(p) != _ALONE:
        return False
    flags = p._data.flags
    return bool(flags.owndata and flags.c_contiguous and getattr(flags, "writeable", True))  # CuPy's always are


def _plain(a: Any) -> bool:
    """Whether the numbers lie one behind the other (a NumPy scalar has no place in memory)."""
    flags = a.flags
    return flags.c_contiguous and getattr(flags, "aligned", True) and not isinstance(a, np.generic)


def _can_write(arrays: dict[str, Any], names: tuple[str, ...], like: Any) -> bool:
    """Whether this is plainly the state of a parameter on the cpu: what fails here needs a closer look."""
    dtype, shape = like.dtype, like.shape
    for a in arrays.values():
        if type(a) is not np.ndarray or a.dtype is not dtype or a.shape != shape or not a.flags.carray:
            return False
    return tuple(arrays) == names


def _current(device: str) -> Any:
    """A block in which arrays are made on this device."""
    kind, index = split_device(device)
    return contextlib.nullcontext() if kind == "cpu" else require_cupy().cuda.Device(index)


def _wide(dtype: Any) -> np.dtype[Any]:
    return np.dtype(np.float32) if is_half(dtype) else dtype


def _at_least(low: float, name: str, value: float) -> float:
    try:
        number = math.nan if isinstance(value, bool) else value
        fits = math.isfinite(number) and number >= low
    except (TypeError, OverflowError):
        fits = False
    if not fits:
        raise DomainError(f"{name} is a finite number >= {low:g}, not {value!r}")
    return float(value)
