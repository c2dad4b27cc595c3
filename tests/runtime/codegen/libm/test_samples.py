"""The samples of float64 and the pairs find what is wrong: a unit, a sign, a NaN, an infinity, a flushed number."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hasderiv.runtime.codegen.libm import catalogue, pairs, samples
from hasderiv.runtime.codegen.libm.oplist import Value

from .patterns import needs_quadmath

pytestmark = needs_quadmath
tanh, hypot = catalogue.CORES["tanh"], catalogue.BINARY["hypot"]


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, object], str, object], None]]:
    """``replaced(table, name, core)``: another core in the place of that one."""

    def forget() -> None:
        catalogue.core.cache_clear()
        samples.shared_library.cache_clear()
        pairs.shared_library.cache_clear()

    def replace(table: dict[str, object], name: str, core: object) -> None:
        monkeypatch.setitem(table, name, core)
        forget()

    yield replace
    monkeypatch.undo()
    forget()


def test_samples_find_what_is_wrong(replaced: Callable[..., None]) -> None:
    def found(core: object) -> samples.Result:
        replaced(catalogue.CORES, "tanh", core)
        return samples.at_inputs("tanh", np.array([0.75, -0.5, 0.0, -0.0, 1e-310, np.inf, np.nan]))

    assert found(tanh).failures == 0 and found(tanh).worst < 1
    assert 1 <= found(lambda x: (tanh(x).bits() + 1).as_float()).worst < 2
    assert found(lambda x: abs(tanh(x))).failures == 2
    assert found(lambda x: x.is_nan().select(0.0, tanh(x))).failures == 1
    assert found(lambda x: (abs(x) > 0.7).select(float("inf"), tanh(x))).failures == 2
    assert found(lambda x: (abs(x) < 2.0**-1022).select(0.0, tanh(x))).worst > 1e6


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pairs_find_what_is_wrong(replaced: Callable[..., None], dtype: str) -> None:
    small = float(np.finfo(dtype).tiny)
    x = np.array([3.0, 0.0, small / 8, np.inf, 1.0, np.finfo(dtype).max], dtype)
    y = np.array([4.0, 0.0, small / 16, np.nan, np.nan, np.finfo(dtype).max], dtype)

    def found(core: Callable[[Value, Value], Value]) -> pairs.Result:
        replaced(catalogue.BINARY, "hypot", core)
        return pairs.at_inputs("hypot", x, y)

    assert found(hypot).failures == 0 and found(hypot).worst <= 0.75
    off = found(lambda x, y: x.equals(3.0).select((hypot(x, y).bits() + 1).as_float(), hypot(x, y)))
    assert off.worst == 1.0 and tuple(off.worst_at) == (3.0, 4.0)
    assert found(lambda x, y: -hypot(x, y)).failures == 5  # NaN has no sign
    assert found(lambda x, y: (x.is_nan() | y.is_nan()).select(float("nan"), hypot(x, y))).failures == 1
    assert found(lambda x, y: y.is_nan().select(float("inf"), hypot(x, y))).failures == 1
    flushed = found(lambda x, y: (x < small).select(0.0, hypot(x, y)))
    assert flushed.failures == 0 and flushed.worst > 1e5
    assert found(lambda x, y: (x > 2.0).select(0.0, hypot(x, y))).failures == 3
    assert found(lambda x, y: x.equals(3.0).select(float("inf"), hypot(x, y))).failures == 1


def test_hashes_of_pairs_add_up_and_see_one_bit(replaced: Callable[..., None]) -> None:
    whole = pairs.at_random("hypot", "float32", 3000, 11)
    parts = pairs.Found()
    for first, count in ((1011, 2000), (11, 1), (12, 999)):
        parts = parts.plus(pairs.at_random("hypot", "float32", count, first))
    assert parts.hash == whole.hash and parts.worst == whole.worst and parts.worst_at == tuple(whole.worst_at)
    x, y = pairs.inputs("hypot", "float32", 3000, 11)
    assert pairs.at_inputs("hypot", x, y).hash == whole.hash
    at = float(x[500])

    def altered(x: Value, y: Value) -> Value:
        return x.equals(at).select((hypot(x, y).bits() ^ 1).as_float(), hypot(x, y))

    replaced(catalogue.BINARY, "hypot", altered)
    assert pairs.at_random("hypot", "float32", 3000, 11).hash != whole.hash


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_random_pairs_reach_what_matters(dtype: str) -> None:
    """Powers that overflow, underflow and do neither; bases next to 1; odd, even and half exponents; negative bases."""
    with np.errstate(all="ignore"):
        x, y = (a.astype(np.longdouble) for a in pairs.inputs("pow", dtype, 100_000))
        power = np.abs(x) ** y
    info = np.finfo(dtype)
    for kind in (power > info.max, (power > 1e-30) & (power < 1e30), (power > 0) & (power < info.tiny), power == 1):
        assert np.count_nonzero(kind & np.isfinite(x)) > 300
    assert np.count_nonzero((np.abs(np.abs(x) - 1) < 1e-3) & (power != 1)) > 1000
    assert np.count_nonzero((x < 0) & (np.fmod(y, 2) == 1)) > 300 and np.count_nonzero(np.fmod(y, 1) == 0.5) > 300
    with np.errstate(all="ignore"):
        assert np.count_nonzero((y / x < 1024) & (x / y < 1024) & (np.abs(x) < 1e-30)) > 1000
