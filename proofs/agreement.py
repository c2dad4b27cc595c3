"""Two checkers side by side: the kernel, and the second checker, which shares no line with it.

They must give the same verdict and state the same theorems.  What is compared is free of the objects of either: a term
is the fingerprint that each computes for itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

from .kernel.certificate import Certificate, CertificateError, fingerprint, replay
from .kernel.terms import Term
from .results import Result
from .second import Refused, TooCostly, check

_BUDGET = ("algebra: ", "substitution: ")
"""How the kernel's refusals begin that are about the cost of a step: there, too, the checkers may part."""


def outcome(data: bytes) -> Certificate | CertificateError:
    """What the kernel says of a certificate."""
    try:
        return replay(data)
    except CertificateError as error:
        return error


def difference(data: bytes, found: Certificate | CertificateError) -> str | None:
    """What the second checker says otherwise than the kernel, whose :func:`outcome` is given; None where they agree.

    Raises:
        TooCostly: the second checker gives up.
    """
    refused = isinstance(found, CertificateError)
    try:
        other = check(data)
    except TooCostly:
        raise
    except Refused as error:
        return None if refused else f"the second checker refuses what the kernel accepts: {error}"
    if isinstance(found, CertificateError):
        return None if found.why.startswith(_BUDGET) else f"the second checker accepts what the kernel refuses: {found}"
    if (found.spec, found.steps, len(found.claims)) != (other.spec, other.steps, len(other.claims)):
        return "the second checker reads another header or trailer"
    for k, (ours, theirs) in enumerate(zip(found.claims, other.claims, strict=True), 1):
        if plain((ours.hyps, ours.conclusion, ours.cites)) != other.plain(tuple(theirs)):
            return f"claim {k} of {len(found.claims)}: the second checker reads another statement"
    return None


def agreed(result: Result, certificates: Iterable[bytes]) -> Result:
    """The result, if the second checker agrees about the certificates on which it rests."""
    count, replays = 0, True
    for count, data in enumerate(certificates, 1):  # noqa: B007 (used after the loop)
        try:
            found = outcome(data)
            why = difference(data, found)
        except TooCostly as error:
            return replace(result, verdict="undecided", message=f"the second checker gives up: {error}")
        if why is not None:
            return replace(result, verdict="rejected", message=why)
        replays = replays and not isinstance(found, CertificateError)
    if result.good and not count:
        return replace(result, verdict="undecided", message="there is no certificate for the second checker")
    return replace(result, message=agreement(result, "the second checker", replays)) if count else result


def agreement(result: Result, other: str, replays: bool) -> str:
    """The message of a result with which another checker agrees: about the proof, where it replays."""
    if replays and not result.good:
        return f"{result.message}; the proof as such is accepted by {other} too"
    return f"{result.message}; {other} agrees"


def plain(thing: Any) -> Any:
    """What a theorem or a part of it says, in lists and texts alone: a term is its fingerprint, a set is in order."""
    if type(thing) is Term:
        return _fingerprint(thing)
    if isinstance(thing, tuple | frozenset):
        parts = [plain(part) for part in thing]
        return sorted(parts) if isinstance(thing, frozenset) else parts
    if is_dataclass(thing):
        return [type(thing).__name__, *(plain(getattr(thing, field.name)) for field in fields(thing))]
    return thing


_fingerprint = cache(fingerprint)
