"""Which certificate is which: the sha256 of its bytes is the identity of a certificate of the catalogue."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "certificates"
SUMS = "SHA256SUMS"


class StatementError(ValueError):
    """A certificate that is a proof, but not of what the spec states."""


@cache
def identities() -> dict[str, str]:
    """The sha256 of every certificate of the catalogue, by file name, as ``hasderiv build`` wrote them."""
    try:
        lines = (FOLDER / SUMS).read_text("ascii").splitlines()
    except FileNotFoundError:
        return {}
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


@cache
def built_for(spec: str) -> tuple[str, ...]:
    """The certificates of the catalogue whose header gives the fingerprint ``spec``, by file name."""
    found = []
    for name in identities():
        with (FOLDER / name).open("rb") as file:
            if spec.encode("ascii") in file.readline():
                found.append(name)
    return tuple(found)


def require_identity(file: str | tuple[str, ...], data: bytes) -> None:
    """The bytes are those of a certificate of the catalogue (one of several names); raises :class:`StatementError`."""
    names = (file,) if isinstance(file, str) else file
    expected = {identities().get(name) for name in names}
    if hashlib.sha256(data).hexdigest() not in expected:
        why = f"{names[0]} is not listed in {SUMS}" if expected == {None} else f"its sha256 is not in {SUMS}"
        raise StatementError(f"not the certificate of {names[0].partition('.')[0]} that was built: {why}")
