"""``hd.where`` and ``hd.check``: the questions of :mod:`hasderiv.proofs`, also for ops that a user defined."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from hasderiv.proofs.query import Where
from hasderiv.proofs.results import Result
from hasderiv.runtime.errors import CertificateError, ClaimError

if TYPE_CHECKING:
    from hasderiv.proofs.tensor.query import TensorWhere


class ClaimRefused(ClaimError, CertificateError):
    """A claim of a table that was refuted or not decided."""


def where(target: Any, /, *, assume: Iterable[str] = (), wrt: str | None = None, **params: Any) -> Where | TensorWhere:
    """Say where ``target`` is differentiable: an op (or its name), an expression in text, or a SymPy expression.

    The answer has ``.pieces`` in order, each with ``.where``, ``.status`` and what goes with it, and ``.at(point)``.
    Parameters are fixed by keyword, exactly: a float means its binary value.  ``assume`` gives conditions on
    the symbols of an expression, ``wrt`` its variable.

    Of an op over axes and shapes the answer holds for all sizes: each piece has the JVP as its derivative, and ``.vjp``
    has the entries of the cotangents.

    Raises ``ValueError`` for an unknown op or parameter, and for text that cannot be read.
    """
    from hasderiv.proofs import query

    name = target if isinstance(target, str) else getattr(target, "__name__", None)
    user_ops = sys.modules.get("hasderiv.user_ops")  # never loaded: nothing was defined
    known = user_ops.DEFINITIONS.get(name) if user_ops is not None else None
    if known is not None and not tuple(assume) and wrt is None:
        values = {key: query.constant(value) for key, value in params.items()}
        return query.of_op(name, values, lambda _: list(known.maps))  # type: ignore[arg-type]
    return query.where(name if callable(target) and name else target, assume=assume, wrt=wrt, **params)


def check(target: str | PathLike[str], seconds: float = 5.0) -> list[Result]:
    """Check an op of the catalogue, a certificate, a claims table, a Python file or a folder, and return what holds.

    Each result has a name, a verdict (``proved`` or ``accepted``) and the hypotheses that the proof needed.
    ``seconds`` is the time for one claim.

    Raises :class:`hasderiv.CertificateError` when something does not hold, or there is nothing to check; the
    message names file, line and rule.  For a claim it is a :class:`hasderiv.ClaimError` as well.
    """
    from hasderiv.proofs import checker

    try:
        results = checker.check(fspath(target), seconds)
    except checker.Usage as error:
        raise CertificateError(str(error)) from None
    for result in results:
        if not result.good:
            kind = ClaimRefused if str(result.file).endswith(".toml") else CertificateError
            place = f"{result.place}: " if result.place else ""
            raise kind(f"{place}{result.name}: {result.verdict}: {result.message}")
    return results
