"""The second checker, and the one that is proved sound where it is built, prove the same of every tensor op."""

from __future__ import annotations

import pytest
from hasderiv.proofs.agreement import agreed
from hasderiv.proofs.checker import Target, run
from hasderiv.proofs.coq.verified import NotBuilt, agreed_with, program
from hasderiv.proofs.tensor import catalogue


@pytest.mark.parametrize("name", catalogue.names())
def test_the_second_checker_agrees(name: str) -> None:
    (result,) = run([Target("op", name)], beside=agreed)
    assert result.verdict == "proved" and str(result.message).endswith("the second checker agrees")


@pytest.mark.parametrize("name", catalogue.names())
def test_the_verified_checker_agrees(name: str) -> None:
    try:
        program()
    except NotBuilt:
        pytest.skip("make -C proofs/coq builds the verified checker")
    (result,) = run([Target("op", name)], beside=agreed_with)
    assert result.verdict == "proved" and str(result.message).endswith("the verified checker agrees")
