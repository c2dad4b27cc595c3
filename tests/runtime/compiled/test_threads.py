"""Large arrays: shared among threads, with the bits of a small one, whatever overlaps, forks or comes at once."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hasderiv.runtime import kernels
from hasderiv.runtime.compiled import loops, machine, threads
from hasderiv.runtime.compiled.pool import OPERANDS, pool

import hasderiv as hd

pytestmark = [
    pytest.mark.skipif(machine.missing() is not None, reason=f"no compiled path: {machine.missing()}"),
    pytest.mark.skipif(machine.missing() is None and pool() is None, reason="no POSIX threads"),
]
SIZE = 200_003


@pytest.fixture(autouse=True)
def three() -> Iterator[None]:
    """Two threads beside the caller, however many processors there are."""
    here = pool()
    assert here is not None
    here.start(2)
    yield


def tickets() -> int:
    """How many calls were shared so far."""
    here = pool()
    assert here is not None
    return ctypes.c_int64.from_address(here.address + 384).value


def shared(call: Any) -> bool:
    before = tickets()
    call()
    return tickets() > before


def numbers(size: int = SIZE, dtype: Any = np.float32) -> np.ndarray[Any, Any]:
    return np.random.default_rng(size).normal(size=size).astype(dtype) * 3


def alone(ufunc: np.ufunc, *arrays: Any) -> np.ndarray[Any, Any]:
    """The result in parts that are too small to be shared."""
    parts = [[a[i : i + 1000] if np.ndim(a) else a for a in arrays] for i in range(0, len(arrays[0]), 1000)]
    return np.concatenate([ufunc(*part) for part in parts])


def ufunc(name: str, key: str, count: int) -> np.ufunc:
    made = kernels.load(name).ufunc(key, count)
    assert made is not None
    return made


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [SIZE, SIZE - 1, 1 << 17, threads.LARGE * 20 + 15])
def test_a_large_array_is_shared_and_nothing_is_left_out(dtype: Any, size: int) -> None:
    gelu, x, out = ufunc("gelu", "forward", 1), numbers(size, dtype), np.full(size, np.nan, dtype)
    assert shared(lambda: gelu(x, out))
    assert np.array_equal(out, alone(gelu, x))


def test_strides_scalars_and_broadcasting_are_shared_too() -> None:
    mul, x = ufunc("pow", "forward", 2), np.abs(numbers(2 * SIZE))
    wanted = alone(mul, x[::2].copy(), np.float32(1.5))
    out = np.empty(2 * SIZE, np.float32)[1::2]
    assert shared(lambda: mul(x[::2], np.float32(1.5), out)) and np.array_equal(out, wanted)
    assert shared(lambda: mul(x[::2], np.float32(1.5))) and np.array_equal(mul(x[::2], np.float32(1.5)), wanted)


def test_what_overlaps_is_not_cut_into_chunks_unless_it_is_the_same_place() -> None:
    gelu, x = ufunc("gelu", "forward", 1), numbers()
    wanted, here = alone(gelu, x), x.copy()
    assert shared(lambda: gelu(here, here)) and np.array_equal(here, wanted)
    ahead = np.concatenate([x[:1], x])
    assert not shared(lambda: gelu(ahead[1:], ahead[:-1])), "an operand of one chunk would be a result of another"
    assert np.array_equal(ahead[:-1], wanted)
    behind = np.concatenate([x, x[:1]])
    gelu(behind[:-1], behind[1:])
    assert np.array_equal(behind[1:], wanted)
    backward = x.copy()
    gelu(backward[::-1], backward[::-1])
    assert np.array_equal(backward, wanted)


def test_results_beyond_the_caches_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    absolute, size = ufunc("abs", "forward", 1), (1 << 22) + 37
    x = numbers(size)
    out = np.full(size + 16, np.nan, np.float32)
    for first in (0, 1, 4, 5):  # aligned to 16 bytes and not
        target = out[first : first + size]
        absolute(x, target)
        assert np.array_equal(target, np.abs(x)) and np.isnan(out[first + size])
        out[:] = np.nan


def test_several_threads_of_the_program_call_at_once() -> None:
    gelu, x = ufunc("gelu", "forward", 1), numbers()
    wanted, wrong = alone(gelu, x), []

    def often() -> None:
        out = np.empty_like(x)
        for _ in range(50):
            out[:] = np.nan
            gelu(x, out)
            if not np.array_equal(out, wanted):
                wrong.append(out)

    callers = [threading.Thread(target=often) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert not wrong


def test_many_short_calls_wake_and_sleep_without_being_lost() -> None:
    gelu, x = ufunc("gelu", "forward", 1), numbers(20_000)
    wanted, out = alone(gelu, x), np.empty_like(x)
    for _ in range(2000):
        gelu(x, out)
    assert np.array_equal(out, wanted)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_has_threads_of_its_own() -> None:
    gelu, x = ufunc("gelu", "forward", 1), numbers()
    wanted, here = gelu(x), pool()
    assert here is not None
    child = os.fork()
    if child == 0:
        fresh = here.workers.value == 0 and np.array_equal(gelu(x), wanted)
        here.start(1)
        os._exit(0 if fresh and shared(lambda: gelu(x)) and np.array_equal(gelu(x), wanted) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


PROGRAM = """
import sys, threading, numpy as np, hasderiv as hd
from hasderiv.runtime.compiled import threads
x = np.linspace(-9, 9, 100_000, dtype=np.float32)
y = hd.gelu(x)
print(threads.workers(), sum(t.name == "hasderiv" for t in threading.enumerate()), hash(y.tobytes()) != 0)
"""


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_number_of_threads_can_be_given_and_they_do_not_keep_the_process_alive(count: int) -> None:
    environment = {**os.environ, "HASDERIV_NUM_THREADS": str(count)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == [str(count), str(count - 1), "True"]


@pytest.mark.parametrize("given", ["0", "-1", "two", "1.5"])
def test_a_number_of_threads_that_is_none_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HASDERIV_NUM_THREADS", given)
    with pytest.raises(hd.DomainError, match=re.escape(f"an integer from 1, and not {given!r}")):
        threads.workers.__wrapped__()


def test_a_number_of_threads_beyond_reason_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HASDERIV_NUM_THREADS", "9" * 5000)
    assert threads.workers.__wrapped__() == threads.MOST


def test_a_thread_that_cannot_start_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    here = pool()
    assert here is not None
    before = here.workers.value

    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    here.start(before + 1)
    assert here.workers.value == before


def test_every_op_fits_in_what_a_call_hands_over() -> None:
    for name in kernels.names():
        op = kernels.load(name)
        assert 2 * len(op.inputs) + len(op.params) + 1 <= OPERANDS, f"jvp of {name}"
    assert loops.PIECE % 16 == 0
