"""The certificates of the tensor ops: where they lie, and whether they prove what the spec states.

As for the scalar ops a certificate does not say what it is about: its claims are compared with the statement of the
declaration, theorem by theorem, under no more than the hypotheses stated there.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from ..identity import FOLDER, StatementError, require_identity
from ..kernel.certificate import Certificate, fingerprint, replay
from ..kernel.conclusions import Conclusion
from ..kernel.terms import Literal
from ..kernel.theorems import Theorem
from .statement import Statement, statement

PLACE = "tensor"
"""The folder of these certificates among those of the catalogue."""


@cache
def names() -> tuple[str, ...]:
    """The tensor ops that are declared."""
    from hasderiv.spec.tensor import TENSOR_OPS

    return tuple(TENSOR_OPS)


def members(name: str) -> tuple[str, ...]:
    """The ops that a name means: itself, or for ``conv`` those along one, two and three axes; none for another name."""
    every = names()
    return (name,) if name in every else tuple(f"{name}{d}" for d in ("1d", "2d", "3d") if f"{name}{d}" in every)


def spec_of(name: str) -> Any:
    """The declaration of a tensor op."""
    from hasderiv.spec.tensor import TENSOR_OPS

    return TENSOR_OPS[name]


@cache
def statement_of(name: str) -> Statement:
    """What the certificate of a tensor op has to prove."""
    return statement(spec_of(name))


def file_of(name: str) -> str:
    """The certificate of a tensor op, by its path among those of the catalogue."""
    return f"{PLACE}/{name}.jsonl"


def path_of(name: str) -> Path:
    """Where the certificate of a tensor op lies."""
    return FOLDER / file_of(name)


@cache
def replayed(name: str) -> Certificate:
    """The certificate of a tensor op, replayed once in this process.

    Raises:
        FileNotFoundError: there is none.
        CertificateError: the kernel refuses it.
        StatementError: it is not the one that was built.
    """
    data = path_of(name).read_bytes()
    found = replay(data)
    require_identity(file_of(name), data)
    return found


def check(name: str) -> tuple[Theorem, ...]:
    """The theorems of a tensor op, after its certificate was replayed and compared with the spec.

    Raises what :func:`replayed` raises, and ``StatementError`` where it proves something else than the spec states.
    """
    found = replayed(name)
    compare(statement_of(name), found)
    return found.claims


def compare(claimed: Statement, found: Certificate) -> None:
    """Compare what a certificate proves with a statement; raises :class:`StatementError`."""
    if found.spec != fingerprint(claimed.value):
        raise StatementError("the certificate was made for another formula; hasderiv build makes it anew")
    wanted: list[tuple[str, tuple[frozenset[Literal], Conclusion]]] = [
        ("derivative", claimed.derivative),
        ("adjoint", claimed.adjoint),
        *([("corner", claimed.corner)] if claimed.tie else []),
    ]
    for what, (given, said) in wanted:
        if not _stated(given, said, found.claims):
            raise StatementError(f"the {what} that the spec states is not proved")


def _stated(given: frozenset[Literal], said: Conclusion, claims: Iterable[Theorem]) -> bool:
    """Whether a claim says this under no more than what is given, and rests on no cited fact."""
    return any(th.conclusion == said and th.hyps <= given and not th.cites for th in claims)
