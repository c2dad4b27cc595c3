"""The update rules, each written once, as formulas over one parameter's arrays.

A rule takes the parameter ``p``, its gradient ``g`` and its state by position and numbers by keyword, and returns the
new arrays by name.  It runs on arrays as it stands; :mod:`.program` traces it into the op list that is run in place,
in one pass.  The order of the operations is part of the rule: it fixes the bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..devices import array_module


def sgd(p: Any, g: Any, *, lr: Any) -> dict[str, Any]:
    """``p - lr g``."""
    return {"p": p - lr * g}


def momentum(p: Any, g: Any, b: Any, *, lr: Any, mu: Any) -> dict[str, Any]:
    """``b = mu b + g``; ``p - lr b``."""
    b = mu * b + g
    return {"b": b, "p": p - lr * b}


def adam(p: Any, g: Any, m: Any, v: Any, **numbers: Any) -> dict[str, Any]:
    """The step of :func:`adam_term`."""
    m, v, term = adam_term(g, m, v, **numbers)
    return {"m": m, "v": v, "p": p - term}


def adamw(p: Any, g: Any, m: Any, v: Any, *, decay: Any, **numbers: Any) -> dict[str, Any]:
    """``p - decay p``, with decay = lr wd, and then the step of :func:`adam_term`: moments from the raw gradient."""
    m, v, term = adam_term(g, m, v, **numbers)
    return {"m": m, "v": v, "p": p - decay * p - term}


def adam_term(
    g: Any, m: Any, v: Any, *, lr: Any, b1: Any, a1: Any, c1: Any, b2: Any, a2: Any, c2: Any, eps: Any
) -> tuple[Any, Any, Any]:
    """``m = b1 m + a1 g``, ``v = b2 v + a2 g^2``, ``lr / (sqrt(v / c2) + eps) * (m / c1)``.

    Here a = 1 - b, and c = 1 - b^t at step t.  Where ``sqrt(v / c2) + eps`` is 0, the gradient was always 0 and so is
    the step.
    """
    m = b1 * m + a1 * g
    v = b2 * v + a2 * (g * g)
    return m, v, quotient(lr, root(v / c2) + eps) * (m / c1)


_ADAM = ("lr", "b1", "a1", "c1", "b2", "a2", "c2", "eps")
RULES: dict[str, Callable[..., dict[str, Any]]] = {"sgd": sgd, "momentum": momentum, "adam": adam, "adamw": adamw}
ARRAYS: dict[str, tuple[str, ...]] = {"sgd": (), "momentum": ("b",), "adam": ("m", "v"), "adamw": ("m", "v")}
"""The arrays of the state of each rule."""
NUMBERS: dict[str, tuple[str, ...]] = {
    "sgd": ("lr",),
    "momentum": ("lr", "mu"),
    "adam": _ADAM,
    "adamw": ("decay", *_ADAM),
}
"""The numbers that each rule is given, in the order of the op list."""


def root(x: Any) -> Any:
    """The square root of an array, or of a value that is being traced."""
    return x.root() if hasattr(x, "root") else array_module(x).sqrt(x)


def quotient(x: Any, y: Any) -> Any:
    """``x / y``, and 0 where y is 0."""
    if hasattr(y, "quotient"):
        return y.quotient(x)
    xp = array_module(y)
    return xp.where(y == 0, y.dtype.type(0), x / xp.where(y == 0, y.dtype.type(1), y))
