"""The corpus before every checker, within the limits: ``python -m tests.fuzz.replay [FILE...]`` from the root."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hasderiv.proofs.coq.verified import NotBuilt, Verdict, disagreement, verify
from hasderiv.proofs.kernel.certificate import CertificateError

from . import oracle
from .reader import CORPUS


def broken(data: bytes) -> str | None:
    """What the kernel or the second checker does with an input that it may not do."""
    try:
        oracle.second(data, oracle.kernel(data))
    except oracle.Broken as error:
        return str(error)
    return None


def verified(inputs: Sequence[bytes]) -> list[str | None]:
    """Where the verified checker says otherwise than the kernel about each input, or stops.

    Raises:
        NotBuilt: there is no such program.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / str(k) for k in range(len(inputs))]
        for path, data in zip(paths, inputs, strict=True):
            path.write_bytes(data)
        verdicts = verify(paths)
    return [differs(data, verdict) for data, verdict in zip(inputs, verdicts, strict=True)]


def differs(data: bytes, verdict: Verdict) -> str | None:
    """A difference that counts; for what polynomials or trees cost a checker may give up where another need not."""
    refusal = verdict.refusal or ""
    if refusal.startswith("stopped"):
        return f"the verified checker {refusal}"
    found = oracle.kernel(data)
    costly = isinstance(found, CertificateError) and found.why.startswith("algebra: ")
    return None if costly or verdict.gives_up is not None else disagreement(data, verdict)


def main(names: Sequence[str]) -> int:
    """The command: 0 where each input is accepted or refused as it should be."""
    paths = sorted(map(Path, names) if names else CORPUS.iterdir())
    inputs = [path.read_bytes() for path in paths]
    oracle.limit_memory()
    found = [*zip(paths, map(broken, inputs), strict=True)]
    try:
        found += zip(paths, verified(inputs), strict=True)
    except NotBuilt as error:
        print(f"without the third checker: {error}")
    wrong = [f"{path.name}: {why}" for path, why in found if why is not None]
    print("\n".join([*wrong, f"{len(paths)} inputs, {len(wrong)} findings"]))
    return 1 if wrong or not inputs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
