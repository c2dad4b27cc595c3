"""Large arrays: shared among threads, in memory that was used before, with the bits of a small one."""

from __future__ import annotations

import gc
import os
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime.compiled import memory, threads


class Recorded:
    """Something that is called as a ufunc is, and remembers how many elements each call had."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, *arrays: Any, out: Any = None) -> Any:
        self.sizes.append(arrays[0].size)
        return np.add(*arrays, out=out)


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "workers", lambda: 3)
    threads._pool.cache_clear()
    yield
    threads._pool.cache_clear()


@pytest.mark.usefixtures("three")
def test_a_large_array_is_shared_and_nothing_is_left_out() -> None:
    add: Any = Recorded()
    x = np.arange(threads.LARGE + 5.0)
    got = threads.call(add, (x, np.float64(1)))
    assert np.array_equal(got, x + 1) and len(add.sizes) == 3 and sum(add.sizes) == x.size
    threads.call(add, (x[:100], x[:100]))
    assert add.sizes[3:] == [100]


@pytest.mark.usefixtures("three")
def test_what_cannot_be_cut_into_stretches_stays_whole() -> None:
    def calls(arrays: Any, out: Any = None) -> int:
        add: Any = Recorded()
        wanted = arrays[0] + arrays[1]
        assert np.array_equal(threads.call(add, arrays, out), wanted)
        return len(add.sizes)

    x = np.arange(2.0 * threads.LARGE)
    assert calls((x[::2], x[::2])) == 1
    assert calls((x.reshape(2, -1), x[: threads.LARGE])) == 1
    assert calls((x, x), np.empty((x.size, 2))[:, 0]) == 1
    assert calls((x[:-1], x[:-1]), x.copy()[1:]) == 3, "another array is no hindrance"
    assert calls((x, x), x) == 3, "nor is the result in the operand's own place"
    assert calls((x[:-1], x[:-1]), x[1:]) == 1, "the result of one stretch would be an operand of the next"


@pytest.mark.usefixtures("three")
def test_an_error_in_a_thread_comes_out() -> None:
    def fail(*arrays: Any, out: Any = None) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        threads.call(fail, (np.zeros(threads.LARGE),))  # type: ignore[arg-type]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.usefixtures("three")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_has_threads_of_its_own() -> None:
    x = np.ones(threads.LARGE)
    threads.call(np.add, (x, x))
    child = os.fork()
    if child == 0:
        os._exit(0 if threads.call(np.add, (x, x)).sum() == 2 * x.size else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_memory_is_used_again_when_the_last_view_is_gone() -> None:
    memory.forget()
    dtype = np.dtype(np.float32)
    first = memory.empty((1000, 7), dtype)
    assert first.shape == (1000, 7) and first.dtype == dtype and first.flags.c_contiguous and first.flags.writeable
    address, view = first.ctypes.data, first[3:, 2]
    first[:] = 5
    del first
    gc.collect()
    other = memory.empty((1000, 7), dtype)
    assert other.ctypes.data != address and (view == 5).all()
    del view
    gc.collect()
    assert memory.empty((7, 500), np.dtype(np.float64)).ctypes.data == address
    memory.forget()


def test_no_more_is_kept_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    memory.forget()
    monkeypatch.setattr(memory, "LIMIT", 1000)
    for _ in range(5):
        arrays = [memory.empty((100,), np.dtype(np.float32)) for _ in range(5)]
        del arrays
    assert memory._held == 800 and sum(len(kept) for kept in memory._free.values()) == 2
    memory.forget()
