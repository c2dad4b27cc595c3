"""Fixtures: a small catalogue of maps written by hand."""

from __future__ import annotations

import pytest
from hasderiv.proofs import query
from hasderiv.proofs.language import catalogue

from .maps import MAPS


@pytest.fixture
def maps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queries see six ops, with maps that no certificate is needed for."""
    monkeypatch.setattr(query, "load_maps", lambda name: MAPS[name])
    monkeypatch.setattr(catalogue, "names", lambda: list(MAPS))
