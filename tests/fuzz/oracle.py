"""What must come of any bytes: an acceptance, or a refusal with line, rule and reason; soon, and in little memory."""

from __future__ import annotations

import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from hasderiv.proofs.agreement import difference
from hasderiv.proofs.kernel import certificate
from hasderiv.proofs.kernel.certificate import RULES, Certificate, CertificateError
from hasderiv.proofs.second import TooCostly

SECONDS = 10
"""How much processor time one checker may take for an input of at most :data:`SIZE` bytes."""
SIZE = 20_000
MEGABYTES = 1024
"""How much more memory a process may take than it has when the first input comes."""


Found = TypeVar("Found")
Allowed = TypeVar("Allowed", bound=Exception)


class Broken(Exception):
    """A checker did something else than it may."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise :class:`Broken` where the block takes more processor time."""

    def late(*_: object) -> None:
        raise Broken(f"took more than {seconds} seconds")

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def limit_memory(megabytes: int = MEGABYTES) -> None:
    """From now on this process gets a ``MemoryError`` for more than this on top of what it has."""
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[0])
    limit = pages * resource.getpagesize() + megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def kernel(data: bytes, seconds: float = SECONDS) -> Certificate | CertificateError:
    """What the kernel says of the bytes.

    Raises:
        Broken: neither an acceptance nor a refusal that names an existing line, a rule that is there, and a reason.
    """
    found = _outcome(lambda: certificate.replay(data), CertificateError, seconds)
    if isinstance(found, CertificateError):
        lines = data.count(b"\n") + 1
        if not (0 < found.line <= lines and found.rule in ("", *RULES) and found.why.isprintable() and found.why):
            raise Broken(f"an incomplete refusal: line {found.line} of {lines}, rule {found.rule!r}, {found.why!r}")
        if len(found.why) > 500:
            raise Broken(f"a reason of {len(found.why)} characters")
    elif type(found) is not Certificate or not found.claims:
        raise Broken("accepted without a claim")
    return found


def second(data: bytes, found: Certificate | CertificateError, seconds: float = SECONDS) -> None:
    """Hold the second checker against what the kernel said.

    Raises:
        Broken: it says otherwise, or fails in another way than by refusing or giving up.
    """
    why = _outcome(lambda: difference(data, found), TooCostly, seconds)
    if isinstance(why, str):
        raise Broken(why)


def _outcome(call: Callable[[], Found], allowed: type[Allowed], seconds: float) -> Found | Allowed:
    try:
        with limited(seconds):
            return call()
    except allowed as error:
        return error
    except Broken:
        raise
    except BaseException as error:
        raise Broken(f"{type(error).__name__}: {error}") from error
