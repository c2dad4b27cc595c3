"""Memory of large results: used again when the last view is gone, and never more of it kept than is meant."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import numpy as np
import pytest
from hasderiv.runtime.compiled import memory

FLOAT32 = np.dtype(np.float32)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    memory.forget()
    yield
    memory.forget()


def kept() -> list[int]:
    """The sizes of what is kept."""
    return [size for size, blocks in memory._free.items() for _ in blocks]


def test_memory_is_used_again_when_the_last_view_is_gone() -> None:
    first = memory.empty((1000, 7), FLOAT32)
    assert first.shape == (1000, 7) and first.dtype == FLOAT32 and first.flags.c_contiguous and first.flags.writeable
    assert first.ctypes.data % 64 == 0
    address, view = first.ctypes.data, first[3:, 2]
    first[:] = 5
    del first
    gc.collect()
    other = memory.empty((1000, 7), FLOAT32)
    assert other.ctypes.data != address and (view == 5).all()
    del view
    gc.collect()
    assert memory.empty((7, 500), np.dtype(np.float64)).ctypes.data == address


def test_no_more_is_kept_than_the_limit_and_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LIMIT", 800)
    arrays = [memory.empty((size,), FLOAT32) for size in (50, 60, 70, 80, 50)]
    for size in (200, 240, 280, 320, 200):
        del arrays[0]
        gc.collect()
        assert size in kept()
        assert memory._held == sum(kept()) <= 800
    assert sorted(kept()) == [200, 280, 320]
    memory.empty((1000,), FLOAT32)
    assert kept() == [], "too large by itself, after all others"


def test_what_nobody_takes_for_a_while_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(memory.time, "monotonic", lambda: now[0])
    memory.empty((50,), FLOAT32)
    now[0] += memory.AGE / 2
    memory.empty((60,), FLOAT32)
    assert sorted(kept()) == [200, 240]
    now[0] += memory.AGE * 0.75
    memory.empty((70,), FLOAT32)
    assert sorted(kept()) == [240, 280]


def test_such_an_array_is_not_its_memory() -> None:
    array = memory.empty((50,), FLOAT32)
    with pytest.raises(ValueError, match="own"):
        array.resize(100)
    array.flags.writeable = False
    with pytest.raises(ValueError, match="WRITEABLE"):
        array.flags.writeable = True
    copy = array.copy()
    copy.resize(100)
    assert copy.size == 100
