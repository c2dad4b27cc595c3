"""What an op assumes of its parameters, checked at every call of an op that has parameters.

The derivative of ``celu`` is proved for ``alpha > 0`` and nothing is known of it elsewhere, so a value outside is an
error and not a result.  A parameter is a number: NaN is refused everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .devices import is_cupy
from .errors import DomainError


class Assumption(NamedTuple):
    """``text`` for people, the parameters that it is about, and the same as a function of all parameters in order."""

    text: str
    about: tuple[str, ...]
    holds: Callable[..., Any]


def require(name: str, assume: Sequence[Assumption], params: Sequence[str], values: Sequence[Any]) -> None:
    """Raise :class:`DomainError` unless the values of the parameters (numbers or arrays) are as the op assumes.

    >>> require("celu", [Assumption("alpha > 0", ("alpha",), lambda alpha: alpha > 0)], ["alpha"], [-1.0])
    Traceback (most recent call last):
    ...
    hasderiv.runtime.errors.DomainError: celu assumes alpha > 0, but alpha = -1.0
    """
    for assumption in assume:
        verdict = assumption.holds(*values)
        if not (verdict if type(verdict) is bool else verdict.all()):
            raise _violated(name, assumption, dict(zip(params, values, strict=True)), verdict)


def _violated(name: str, assumption: Assumption, given: dict[str, Any], verdict: Any) -> DomainError:
    """The error, with the values at the first place where the assumption fails."""
    bad = ~np.asarray(_on_host(verdict), bool)
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    found = []
    for symbol in assumption.about:
        value = _on_host(given[symbol])
        place = f" at {list(index)}" if np.ndim(value) else ""
        found.append(f"{symbol} = {np.broadcast_to(value, bad.shape)[index]!s}{place}")
    return DomainError(f"{name} assumes {assumption.text}, but {' and '.join(found)}")


def _on_host(value: Any) -> Any:
    return value.get() if is_cupy(value) else value
