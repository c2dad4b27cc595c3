"""Generated files are refused when they were edited, or when their certificate is no longer the one on disk.

No generator is needed to notice: the header of a file states the hash of its body and that of its certificate.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from .errors import CertificateError

CERTIFICATES: Final = Path(__file__).parent.parent / "proofs" / "certificates"
MARK: Final = "---- body ----\n"
MENDING: Final = "run `hasderiv build`"


def check_body(name: str, text: str) -> dict[str, str]:
    """What the header of a generated file states; refuse the file where its body is not the one that it states."""
    head, mark, body = text.partition(MARK)
    lines = [line.partition(" ")[2] for line in head.splitlines()]
    stated = dict(line.split(": ", 1) for line in lines if ": " in line)
    if not mark or stated.get("body") != hashlib.sha256(body.encode()).hexdigest():
        raise CertificateError(f"the kernel of {name} was edited after it was generated; {MENDING}")
    return stated


def check_text(name: str, text: str, certificate: bytes | None) -> None:
    """Refuse a generated file, of whatever language, that was edited or that belongs to another certificate."""
    stated = check_body(name, text)
    now = "none" if certificate is None else hashlib.sha256(certificate).hexdigest()
    if stated.get("certificate") != now:
        raise CertificateError(f"the kernel of {name} is stale: its certificate has changed; {MENDING}")


def certificate_bytes(name: str, folder: Path = CERTIFICATES) -> bytes | None:
    """The certificate of an op as it lies on disk, None where there is none."""
    path = folder / f"{name}.jsonl"
    return path.read_bytes() if path.exists() else None
