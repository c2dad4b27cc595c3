"""Learning rates that change: a schedule is a function from the number of steps taken so far to a rate.

Any such function will do; these are the common ones.  Hand one to an optimizer as ``lr``.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from ..errors import DomainError

Schedule = Callable[[int], float]


def constant(rate: float) -> Schedule:
    """The same rate at every step.

    >>> constant(0.1)(1000)
    0.1
    """
    return lambda step: rate


def step_decay(rate: float, every: int, factor: float = 0.1) -> Schedule:
    """``rate`` times ``factor`` to the number of whole stretches of ``every`` steps so far.

    >>> [step_decay(1.0, every=2, factor=0.5)(step) for step in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    _positive("step_decay: every", every)
    return lambda step: rate * factor ** (step // every)


def linear(rate: float, steps: int, final: float = 0.0) -> Schedule:
    """A straight line from ``rate`` at the first step to ``final`` after ``steps`` steps, and ``final`` from then on.

    >>> [linear(1.0, steps=4)(step) for step in range(6)]
    [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """
    _positive("linear: steps", steps)
    return lambda step: final if step >= steps else rate + (final - rate) * (step / steps)


def cosine(rate: float, steps: int, final: float = 0.0) -> Schedule:
    """Half a cosine from ``rate`` at the first step to ``final`` after ``steps`` steps, and ``final`` from then on.

    >>> [round(cosine(1.0, steps=4)(step), 3) for step in range(6)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    _positive("cosine: steps", steps)
    half = (rate - final) / 2
    return lambda step: final if step >= steps else final + half * (1 + math.cos(math.pi * (step / steps)))


def warmup(steps: int, then: float | Schedule) -> Schedule:
    """A linear rise over ``steps`` steps to the first rate of ``then``, which takes over from there.

    >>> [warmup(4, then=1.0)(step) for step in range(6)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    >>> [warmup(2, then=linear(1.0, steps=2))(step) for step in range(5)]
    [0.5, 1.0, 1.0, 0.5, 0.0]
    """
    _positive("warmup: steps", steps)
    after = then if callable(then) else constant(then)
    return lambda step: after(step - steps) if step >= steps else after(0) * ((step + 1) / steps)


def _positive(what: str, count: int) -> None:
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise DomainError(f"{what} is a positive integer, not {count!r}")


__all__ = ["Schedule", "constant", "cosine", "linear", "step_decay", "warmup"]
