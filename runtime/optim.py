"""Optimizers: SGD, momentum, Adam and AdamW, with the update rules written out in each class.

An optimizer holds the leaves of a pytree of parameters.  ``step()`` gives each parameter a new array (none
is changed in place, so a graph recorded before the step stays valid) and skips those without a gradient.
float16 and bfloat16 parameters are updated in float32 and rounded once.
"""

from __future__ import annotations

import math
from typing import Any

from .devices import array_module, is_half
from .errors import DomainError, GradientError, ShapeError
from .pytree import flatten
from .tensor import Tensor


class Optimizer:
    """What all optimizers share: the parameters, ``step``, ``zero_grad`` and the learning rate ``lr``.

    ``params`` is a pytree of leaf tensors with ``requires_grad=True``.  Raises :class:`GradientError` for
    anything else, :class:`DomainError` for a learning rate that is negative or not finite.
    """

    def __init__(self, params: Any, lr: float) -> None:
        leaves, self._structure = flatten(params)
        self.params: list[Tensor] = list(leaves)
        for p in self.params:
            if not isinstance(p, Tensor) or not p.is_leaf or not p.requires_grad:
                raise GradientError("an optimizer takes leaf tensors with requires_grad=True")
        self.lr = _at_least(0.0, "lr", lr)
        self.steps = 0
        self.state: list[dict[str, Any]] = [{} for _ in self.params]

    def zero_grad(self) -> None:
        """Set every parameter's ``.grad`` to ``None``."""
        for p in self.params:
            p.grad = None

    def step(self, grads: Any = None) -> None:
        """Update the parameters from their ``.grad``, or from ``grads``, a pytree like the parameters."""
        if grads is None:
            found = [p.grad for p in self.params]
        else:
            found, structure = flatten(grads)
            if structure != self._structure:
                raise ShapeError("step: the gradients differ in structure from the parameters")
        self.steps += 1
        for p, g, state in zip(self.params, found, self.state, strict=True):
            if g is None:
                continue
            if g.shape != p.shape:
                raise ShapeError(f"step: gradient of shape {g.shape} for a parameter of shape {p.shape}")
            wide = is_half(p.dtype)
            value, slope = (x._data.astype("float32") if wide else x._data for x in (p, g))
            new = self._update(value, slope, state)
            p._data = new.astype(p.dtype, copy=False)

    def _update(self, p: Any, g: Any, state: dict[str, Any]) -> Any:
        raise NotImplementedError


class SGD(Optimizer):
    """``p - lr g``; with ``momentum`` mu: ``b = mu b + g`` (b starts at 0), ``p - lr b``.

    >>> import hasderiv as hd
    >>> p = hd.tensor([1.0], requires_grad=True)
    >>> SGD([p], lr=0.5).step([hd.tensor([1.0])])
    >>> p
    tensor([0.5], requires_grad=True)
    """

    def __init__(self, params: Any, lr: float, momentum: float = 0.0) -> None:
        super().__init__(params, lr)
        self.momentum = _at_least(0.0, "momentum", momentum)

    def _update(self, p: Any, g: Any, state: dict[str, Any]) -> Any:
        if self.momentum:
            before = state.get("b")
            g = state["b"] = g if before is None else self.momentum * before + g
        return p - self.lr * g


class Momentum(SGD):
    """:class:`SGD` with a momentum of 0.9 unless told otherwise."""

    def __init__(self, params: Any, lr: float, momentum: float = 0.9) -> None:
        super().__init__(params, lr, momentum)


class Adam(Optimizer):
    """``m = b1 m + (1-b1) g``, ``v = b2 v + (1-b2) g^2``, ``p -= lr mh / (sqrt(vh) + eps)``.

    Here ``mh = m/(1-b1^t)`` and ``vh = v/(1-b2^t)`` at step t, which starts at 1 (Kingma and Ba, 2015).

    >>> import hasderiv as hd
    >>> p = hd.tensor([1.0], requires_grad=True)
    >>> Adam([p], lr=0.25, eps=0.0).step([hd.tensor([4.0])])
    >>> p
    tensor([0.75], requires_grad=True)
    """

    def __init__(
        self, params: Any, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8
    ) -> None:
        super().__init__(params, lr)
        self.betas = tuple(_at_least(0.0, "beta", b) for b in betas)
        if any(b >= 1 for b in self.betas) or len(self.betas) != 2:
            raise DomainError(f"Adam: betas are two numbers in [0, 1), not {betas!r}")
        self.eps = _at_least(0.0, "eps", eps)

    def _update(self, p: Any, g: Any, state: dict[str, Any]) -> Any:
        return p - self._term(g, state)

    def _term(self, g: Any, state: dict[str, Any]) -> Any:
        b1, b2 = self.betas
        t = state["t"] = state.get("t", 0) + 1
        m = state["m"] = b1 * state.get("m", 0.0) + (1 - b1) * g
        v = state["v"] = b2 * state.get("v", 0.0) + (1 - b2) * (g * g)
        root = array_module(g).sqrt(v / (1 - b2**t))
        return (self.lr / (root + self.eps)) * (m / (1 - b1**t)) if self.eps else self._exact(m / (1 - b1**t), root)

    def _exact(self, m: Any, root: Any) -> Any:
        # without eps a gradient that was always 0 would give 0/0; its step is 0
        xp = array_module(root)
        return xp.where(root == 0, 0, self.lr * m / xp.where(root == 0, 1, root)).astype(root.dtype, copy=False)


class AdamW(Adam):
    """:class:`Adam` with decoupled weight decay: ``p -= lr wd p`` first, moments from the raw gradient.

    >>> import hasderiv as hd
    >>> p = hd.tensor([1.0], requires_grad=True)
    >>> AdamW([p], lr=0.25, eps=0.0, weight_decay=0.5).step([hd.tensor([4.0])])
    >>> p
    tensor([0.625], requires_grad=True)
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps)
        self.weight_decay = _at_least(0.0, "weight_decay", weight_decay)

    def _update(self, p: Any, g: Any, state: dict[str, Any]) -> Any:
        return p - self.lr * self.weight_decay * p - self._term(g, state)


def _at_least(low: float, name: str, value: float) -> float:
    if not (math.isfinite(value) and value >= low):
        raise DomainError(f"{name} is a finite number >= {low:g}, not {value!r}")
    return float(value)


__all__ = ["SGD", "Adam", "AdamW", "Momentum", "Optimizer"]
