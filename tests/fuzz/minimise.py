"""Make the corpus anew: ``python -m tests.fuzz.minimise FOLDER...`` from the root.

Of the files in the folders and those of the corpus it keeps, smallest first, each that takes the kernel along a step
from one line of its code to another that no smaller one took, or that is refused in a new way.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Hashable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any

from hasderiv.proofs.agreement import outcome
from hasderiv.proofs.kernel import certificate

from .oracle import SIZE
from .reader import CORPUS

KERNEL = str(Path(certificate.__file__).parent)


def features(data: bytes) -> set[Hashable]:
    """The steps between lines of the kernel's code that the bytes cause, and how they are refused."""
    found: set[Hashable] = set()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(KERNEL):
            return None
        last = 0

        def line(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal last
            if event == "line":
                found.add((code.co_filename, last, frame.f_lineno))
                last = frame.f_lineno
            return line

        return line

    outcome(data)  # so that no step is new for making a term that no input before had made
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        result = outcome(data)
    finally:
        sys.settrace(before)
    if isinstance(result, certificate.CertificateError):
        found.add((result.rule, re.sub(r"[0-9]+|'.*'", "", result.why)))
    return found


def chosen(inputs: Iterable[bytes]) -> list[bytes]:
    """The inputs to keep."""
    known: set[Hashable] = set()
    kept = []
    for data in sorted(set(inputs), key=lambda data: (len(data), data)):
        new = features(data) - known
        if new:
            known |= new
            kept.append(data)
    return kept


def name(data: bytes) -> str:
    """The name of an input in the corpus."""
    return hashlib.sha256(data).hexdigest()[:12]


def main(folders: list[str]) -> int:
    """The command."""
    paths = [path for folder in [CORPUS, *map(Path, folders)] for path in folder.iterdir()]
    kept = chosen(path.read_bytes() for path in paths if path.stat().st_size <= SIZE)
    for path in CORPUS.iterdir():
        path.unlink()
    for data in kept:
        (CORPUS / name(data)).write_bytes(data)
    print(f"{len(kept)} of {len(paths)} inputs, {sum(map(len, kept))} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
