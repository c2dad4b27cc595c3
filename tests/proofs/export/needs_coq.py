"""The mark of tests that compile exported files."""

from __future__ import annotations

import pytest
from hasderiv.proofs.export.compile import NotCompiled, ready


def _ready() -> bool:
    try:
        ready()
    except NotCompiled:
        return False
    return True


NEEDS_COQ = pytest.mark.skipif(not _ready(), reason="Coq, or the compiled library in proofs/coq, is not there")
