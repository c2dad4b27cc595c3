"""The kernel in several threads at once: each gets the verdict that it would get alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hasderiv.proofs.kernel import certificate, terms

from ..house.house import ROOT

CERTIFICATES = ROOT / "proofs" / "certificates"
NAMES = ("cbrt", "softplus", "tanhshrink", "celu", "hypot")


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads that take turns a hundred times more often than usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 100)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hurried")
def test_certificates_replayed_side_by_side_are_all_accepted() -> None:
    texts = [(CERTIFICATES / f"{name}.jsonl").read_bytes() for name in NAMES]
    alone = [len(certificate.replay(text).claims) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: len(certificate.replay(text).claims), texts * 4))
    assert together == alone * 4


@pytest.mark.usefixtures("hurried")
def test_threads_that_make_the_same_term_get_the_same_one() -> None:
    def sums(_: int) -> list[terms.Term]:
        x = terms.var("x")
        return [terms.add(x, terms.rat(10**9 + k)) for k in range(2000)]

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(sums, range(4)))
    assert all(a is b for others in made[1:] for a, b in zip(made[0], others, strict=True))
    assert len({t.serial for t in made[0]}) == 2000
